//! vpnlint: cross-checks Meraki MX client VPN settings, the firewall in front, and the clients' profiles.

pub mod import;
pub mod model;
pub mod net;
pub mod source;
pub mod tree;
