//! What the MX's layer 7 rules deny of file sharing.

use std::borrow::Cow;

use super::mx::{L7Kind, L7Rule, L7Value};
use super::tables::Tables;
use super::{Field, Resource, ResourceName, is_below};
use crate::net::{Addrs, Ports, Service};

/// Ports of file sharing: FTP, NetBIOS session, SMB, AFP, NFS.
const PORTS: [u16; 5] = [21, 139, 445, 548, 2049];

/// What a layer 7 rule denies, as far as it matters here.
pub enum Denied<'a> {
    /// Nothing that carries files.
    Nothing,
    /// Whatever shares files.
    FileSharing,
    /// Ports, some of them of file sharing.
    Ports(Ports),
    /// Addresses, on these ports.
    Addresses(Addrs, Ports),
    /// A host by name, and what is below it.
    Host(&'a str),
    /// Not to be told, for want of this.
    Unknown(Cow<'a, str>),
}

impl Denied<'_> {
    /// What users lose, in a word for a message.
    pub const fn word(&self) -> &'static str {
        if matches!(self, Self::Addresses(..) | Self::Host(_)) { "access" } else { "file sharing" }
    }

    /// Whether it blocks this service.
    pub fn blocks(&self, service: Service) -> bool {
        match self {
            Self::FileSharing | Self::Host(_) => true,
            Self::Ports(ports) | Self::Addresses(_, ports) => service.port.is_some_and(|p| ports.contains(p)),
            Self::Nothing | Self::Unknown(_) => false,
        }
    }

    /// Whether it blocks something of `resource`.
    pub fn meets(&self, resource: &Resource) -> bool {
        let services = resource.services.items();
        match self {
            Self::FileSharing | Self::Ports(_) => services.iter().any(|s| s.value.serves_files() && self.blocks(s.value.port)),
            Self::Addresses(set, ports) => {
                let port = ports.is_any() || services.iter().any(|s| self.blocks(s.value.port));
                port && resource.ip.value().is_some_and(|ip| set.contains(*ip))
            }
            Self::Host(host) => match &resource.name.value {
                _ if host.parse().ok().is_some_and(|ip| resource.ip.value() == Some(&ip)) => true,
                ResourceName::Fqdn(name) | ResourceName::Short(name) => is_below(name, host),
                ResourceName::Address(_) | ResourceName::NetBios(_) => false,
            },
            Self::Nothing | Self::Unknown(_) => false,
        }
    }

    /// What would tell whether an address that it blocks is `resource`'s.
    pub fn may_meet<'r>(&self, resource: &'r Resource) -> Option<Cow<'r, str>> {
        let Self::Addresses(set, ports) = self else { return None };
        match &resource.ip {
            Field::Absent => Some(Cow::Borrowed("the resource states no `ip`")),
            Field::Opaque(o) => Some(Cow::Borrowed(&o.reason)),
            Field::Known(ip) => {
                let asked = set.contains(ip.value) && !ports.is_any() && resource.services.items().is_empty();
                asked.then_some(Cow::Borrowed("the resource states no `services`"))
            }
        }
    }
}

impl<'a> Denied<'a> {
    /// What a rule denies.
    pub fn by(rule: &'a L7Rule, tables: &Tables) -> Self {
        let (kind, value) = match (&rule.kind, &rule.value) {
            (Field::Known(kind), Field::Known(value)) => (kind.value, &value.value),
            (Field::Opaque(o), _) | (_, Field::Opaque(o)) => return Denied::Unknown(Cow::Borrowed(&o.reason)),
            (Field::Known(kind), _) if matches!(kind.value, L7Kind::AllowedCountries | L7Kind::BlockedCountries) => return Denied::Nothing,
            (Field::Absent, _) => return Denied::Unknown(Cow::Borrowed("a layer 7 rule states no `type`")),
            (_, Field::Absent) => return Denied::Unknown(Cow::Borrowed("a layer 7 rule states no `value`")),
        };
        match (kind, value) {
            (L7Kind::ApplicationCategory, value) => named(value, |name| tables.is_file_sharing_category(name)),
            (L7Kind::Application, value) => named(value, |name| tables.is_file_sharing_application(name)),
            (L7Kind::Port, L7Value::Text(text)) => match Ports::parse(text) {
                Some(ports) if PORTS.iter().any(|p| ports.contains(*p)) => Denied::Ports(ports),
                Some(_) => Denied::Nothing,
                None => Denied::Unknown(Cow::Borrowed("a layer 7 rule's port is not understood")),
            },
            (L7Kind::IpRange, L7Value::Text(text)) => {
                let (set, ports) =
                    text.split_once(':').map_or((text.as_str(), Some(Ports::any())), |(set, port)| (set, Ports::parse(port)));
                match (Addrs::parse(set), ports) {
                    (Some(set), Some(ports)) => Denied::Addresses(set, ports),
                    _ => Denied::Unknown(Cow::Borrowed("a layer 7 rule's range is not understood")),
                }
            }
            (L7Kind::Host, L7Value::Text(text)) => Denied::Host(text),
            _ => Denied::Nothing,
        }
    }
}

/// By name; ids are no stable knowledge.
fn named(value: &L7Value, shares: impl Fn(&str) -> bool) -> Denied<'_> {
    match value {
        L7Value::Named { name: Some(name), .. } | L7Value::Text(name) if shares(name) => Denied::FileSharing,
        L7Value::Named { id: None, name: None } => Denied::Unknown(Cow::Borrowed("a layer 7 rule's value gives no `name`")),
        L7Value::Named { id: Some(_), name: None } => Denied::Unknown(Cow::Borrowed("a layer 7 rule gives an id without its `name`")),
        _ => Denied::Nothing,
    }
}
