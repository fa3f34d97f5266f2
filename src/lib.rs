//! vpnlint: cross-checks Meraki MX client VPN settings, the firewall in front, and the clients' profiles.

pub mod model;
pub mod secret;
pub mod source;
pub mod tree;
