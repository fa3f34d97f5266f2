//! The network as it is, whatever file described it: no serde, no formats; every leaf has its place, and is known or opaque with a reason.

pub mod addressing;
mod arrival;
mod auth;
mod client;
mod client_vpn;
mod day;
mod field;
pub mod firewall;
mod host;
pub mod mx;
mod names;
pub mod nat_rules;
mod networks;
mod resource;
pub mod server;
mod site;
pub mod tables;
pub mod upstream;

pub use auth::{Key, KeyOrigin};
pub use client::{Authentication, Client, IpsecAuthentication, Os, TunnelType};
pub use client_vpn::{ActiveDirectoryServer, AuthType, Certificate, ClientVpn, Crypto, DnsMode, RadiusServer, User, UsernameFormat};
pub use day::Day;
pub use field::{Field, List, Opaque};
pub use host::{Host, is_cgnat, is_private};
pub use mx::Mx;
pub use names::{Internal, Resolvers, is_below};
pub use networks::{Network, NetworkKind, overlap};
pub use resource::{AllowFrom, Interface, Resource, ResourceName, Route, Service};
pub use server::ServerIs;
pub use site::{Gap, Site, SiteInfo};
