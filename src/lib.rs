//! vpnlint: cross-checks Meraki MX client VPN settings, the firewall in front, and the clients' profiles.
#![cfg_attr(test, allow(clippy::disallowed_methods, clippy::format_collect, reason = "tests make and read files of their own"))]

pub mod check;
pub mod cli;
pub mod diff;
pub mod exit;
pub mod import;
pub mod init;
pub mod model;
pub mod net;
pub mod policy;
pub mod report;
pub mod rules;
pub mod secret;
pub mod source;
pub mod tree;
