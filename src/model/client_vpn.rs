//! Client VPN on the MX: what the Dashboard's page Security & SD-WAN > Configure > Client VPN holds. No public API has it.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::{Day, Field, Host, Key, List};
use crate::net::Addrs;

/// Client VPN settings.
#[derive(Default)]
pub struct ClientVpn {
    /// Switched on; absent in a section that is there: true.
    pub enabled: Field<bool>,
    /// The pool that clients get their addresses from.
    pub subnet: Field<Ipv4Net>,
    /// The pre-shared key.
    pub shared_secret: Field<Key>,
    /// Who checks users.
    pub auth_type: Field<AuthType>,
    /// Which resolvers clients get; absent: Google's, the Dashboard's default.
    pub dns_mode: Field<DnsMode>,
    /// Resolvers with `dns_mode = "custom"`.
    pub dns_nameservers: List<Ipv4Addr>,
    /// WINS servers.
    pub wins_servers: List<Ipv4Addr>,
    /// Group policy of client VPN users.
    pub group_policy: Field<String>,
    /// What the MX offers in IKE; absent: the default.
    pub crypto: Field<Crypto>,
    /// Absent: 5.
    pub max_sessions_per_user: Field<u32>,
    /// How the server wants user names.
    pub username_format: Field<UsernameFormat>,
    /// Users of Meraki authentication.
    pub users: List<User>,
    /// RADIUS servers.
    pub radius_servers: List<RadiusServer>,
    /// Domain controllers.
    pub active_directory_servers: List<ActiveDirectoryServer>,
}

/// Who checks users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthType {
    /// Meraki cloud.
    Meraki,
    /// RADIUS.
    Radius,
    /// Active Directory.
    ActiveDirectory,
    /// Systems Manager.
    SystemsManager,
}

/// Which resolvers clients get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DnsMode {
    /// Google's public resolvers.
    GoogleDns,
    /// Cisco Umbrella's public resolvers.
    OpenDns,
    /// Those named.
    Custom,
}

/// What the MX offers in IKE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Crypto {
    /// 3DES, SHA1, DH group 2.
    Default,
    /// AES128, SHA1, DH group 14, as Support sets it for PCI.
    Pci,
    /// Stated proposals, strongSwan notation.
    Explicit {
        /// Phase 1.
        ike: List<String>,
        /// Phase 2.
        esp: List<String>,
    },
}

/// How a user name is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsernameFormat {
    /// An e-mail address.
    Email,
    /// `DOMAIN\user`.
    DownLevel,
    /// `user@domain`.
    Upn,
    /// Any of these.
    Any,
}

/// A user of Meraki authentication.
#[derive(Default)]
pub struct User {
    /// Name and address in one.
    pub email: Field<String>,
    /// Authorised for client VPN.
    pub authorized: Field<bool>,
    /// Last day of the authorisation.
    pub expires_at: Field<Day>,
    /// Machines; absent: one.
    pub device_count: Field<u32>,
}

/// A RADIUS server.
#[derive(Default)]
pub struct RadiusServer {
    /// Name or address.
    pub host: Field<Host>,
    /// Port that the MX sends to; absent: 1812.
    pub port: Field<u32>,
    /// Shared secret on the MX.
    pub secret: Field<Key>,
    /// Port that the server listens on.
    pub listen_port: Field<u32>,
    /// The server's own client entries: who may ask it.
    pub clients: List<RadiusClient>,
}

impl RadiusServer {
    /// The secret on the MX, then those of the server's client entries.
    pub fn secrets(&self) -> impl Iterator<Item = &Field<Key>> {
        std::iter::once(&self.secret).chain(self.clients.items().iter().map(|c| &c.value.secret))
    }
}

/// A client entry of a RADIUS server, as FreeRADIUS and NPS use the word: an address that may ask, and its secret.
#[derive(Default)]
pub struct RadiusClient {
    /// Its name.
    pub name: Field<String>,
    /// The addresses that it is for.
    pub ip: Field<Addrs>,
    /// Shared secret on the server.
    pub secret: Field<Key>,
}

/// A domain controller.
#[derive(Default)]
pub struct ActiveDirectoryServer {
    /// Name or address.
    pub host: Field<Host>,
    /// Domain.
    pub domain: Field<String>,
    /// Its TLS certificate.
    pub certificate: Field<Certificate>,
}

impl ActiveDirectoryServer {
    /// What it is called in a message.
    pub fn called(&self) -> String {
        self.host.value().map_or_else(|| "a domain controller".to_owned(), |host| format!("domain controller `{host}`"))
    }
}

/// Facts of a certificate.
#[derive(Default)]
pub struct Certificate {
    /// Whether the server has one at all.
    pub installed: Field<bool>,
    /// First day.
    pub not_before: Field<Day>,
    /// Last day.
    pub not_after: Field<Day>,
    /// Made for servers.
    pub server_auth: Field<bool>,
}
