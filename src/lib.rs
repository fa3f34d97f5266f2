//! vpnlint: cross-checks Meraki MX client VPN settings, the firewall in front, and the clients' profiles.

pub mod check;
pub mod cli;
pub mod exit;
pub mod import;
pub mod model;
pub mod net;
pub mod policy;
pub mod report;
pub mod rules;
pub mod secret;
pub mod source;
pub mod tree;
