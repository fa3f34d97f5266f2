//! What users must reach through the tunnel.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::tables::Tables;
use super::{Field, List};
use crate::net::{self, Addrs};
use crate::source::Spanned;

/// A server, printer or the like.
#[derive(Default)]
pub struct Resource {
    /// As users type it.
    pub name: Spanned<ResourceName>,
    /// Its address.
    pub ip: Field<Ipv4Addr>,
    /// Public DNS knows the name.
    pub public_dns: Field<bool>,
    /// What it offers.
    pub services: List<Service>,
    /// Operating system.
    pub os: Field<super::Os>,
    /// Group policy applied to it.
    pub group_policy: Field<String>,
    /// Whom its own firewall admits; `LocalSubnet` is its own subnet.
    pub allow_from: List<AllowFrom>,
    /// Network cards.
    pub interfaces: List<Interface>,
    /// Routing table.
    pub routes: List<Route>,
}

/// One entry of a resource's own firewall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowFrom {
    /// Addresses.
    Addresses(Addrs),
    /// Windows' `LocalSubnet`.
    LocalSubnet,
    /// Addresses that an export of the firewall admits or not, depending on what it does not tell: why.
    Perhaps(Addrs, Box<str>),
}

/// A resource's name as users type it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceName {
    /// An address.
    Address(Ipv4Addr),
    /// A name with a dot.
    Fqdn(String),
    /// A single label.
    Short(String),
    /// `\\NAME`, with or without a share behind it; without the backslashes. `\\files.example.com` is a name with a dot.
    NetBios(String),
}

impl Default for ResourceName {
    fn default() -> Self {
        Self::Short(String::new())
    }
}

impl ResourceName {
    /// The name as it is shown.
    pub fn shown(&self) -> String {
        match self {
            Self::Address(ip) => ip.to_string(),
            Self::Fqdn(name) | Self::Short(name) => name.clone(),
            Self::NetBios(name) => format!(r"\\{name}"),
        }
    }
}

/// A service with the port that carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// As written: `smb`, `tcp/8443`.
    pub name: String,
    /// Protocol and port.
    pub port: net::Service,
}

impl Service {
    /// A service of the table `services`, or `tcp/PORT`, `udp/PORT`.
    pub fn parse(text: &str, tables: &Tables) -> Option<Self> {
        let name = text.to_ascii_lowercase();
        let port = Self::port(tables.service(&name).unwrap_or(&name))?;
        Some(Self { name, port })
    }

    /// `tcp/PORT` or `udp/PORT`.
    pub fn port(text: &str) -> Option<net::Service> {
        let (protocol, port) = text.split_once('/')?;
        let port = port.parse().ok().filter(|p| *p > 0)?;
        match protocol {
            "tcp" => Some(net::Service::tcp(port)),
            "udp" => Some(net::Service::udp(port)),
            _ => None,
        }
    }

    /// Whether it serves files, by any name: SMB (with and without NetBIOS), NFS, FTP, AFP.
    pub fn serves_files(&self) -> bool {
        [21, 139, 445, 548, 2049].into_iter().any(|port| self.port == net::Service::tcp(port))
    }
}

/// A network card of a resource.
#[derive(Default)]
pub struct Interface {
    /// Its name.
    pub name: Field<String>,
    /// Its address.
    pub ip: Field<Ipv4Addr>,
    /// Its gateway.
    pub gateway: Field<Ipv4Addr>,
}

/// A route of a resource.
#[derive(Default)]
pub struct Route {
    /// Destination.
    pub destination: Field<Ipv4Net>,
    /// Next hop.
    pub gateway: Field<Ipv4Addr>,
}
