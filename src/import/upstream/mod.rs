//! Exports of upstream firewalls and routers.
