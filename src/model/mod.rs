//! The network as it is, whatever file described it: no serde, no formats; every leaf has its place, and is known or opaque with a reason.

pub mod accounts;
pub mod addressing;
mod arrival;
mod auth;
mod certificate;
mod client;
mod client_vpn;
mod day;
mod field;
pub mod firewall;
mod gaps;
mod host;
pub mod layer7;
pub mod mx;
mod names;
pub mod nat_rules;
mod networks;
mod os;
pub mod placement;
pub mod proposal;
pub mod radius;
mod registry;
mod remark;
mod resource;
pub mod routing;
pub mod server;
mod site;
pub mod tables;
mod uplink_state;
pub mod upstream;
mod way_back;

pub use auth::{Key, KeyOrigin};
pub use certificate::CertificateFault;
pub use client::{Authentication, Client, IpsecAuthentication, Os, TunnelType};
pub use client_vpn::{
    ActiveDirectoryServer, AuthType, Certificate, ClientVpn, Crypto, DnsMode, RadiusClient, RadiusServer, User, UsernameFormat,
};
pub use day::Day;
pub use field::{Field, List, Opaque};
pub use gaps::{Gap, Part};
pub use host::{Host, is_cgnat, is_private};
pub use mx::Mx;
pub use names::{Internal, Resolvers, is_below};
pub use networks::{Network, NetworkKind, overlap};
pub use os::L2tpClient;
pub use registry::{Registry, RegistryValue};
pub use remark::{Remark, RemarkKind};
pub use resource::{AllowFrom, Interface, Resource, ResourceName, Route, Service};
pub use server::ServerIs;
pub use site::{Site, SiteInfo};
pub use uplink_state::UplinkState;
pub use way_back::WayBack;
