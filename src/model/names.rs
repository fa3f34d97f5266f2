//! Which names only the site's own resolvers know, and which resolvers clients ask.

use std::net::Ipv4Addr;

use super::{Client, ClientVpn, DnsMode, Field, Resource, ResourceName, Site, is_private};
use crate::net::Addrs;
use crate::source::{Span, Spanned};

/// Endings that public DNS does not serve (RFC 6762, RFC 8375, ICANN's reserved `internal`, and what companies use).
const INTERNAL: &[&str] = &["local", "lan", "internal", "intranet", "corp", "home", "home.arpa", "private"];

/// Why a name is internal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Internal {
    /// By the name itself.
    ByName,
    /// Only because its declared address is private.
    ByAddress,
}

/// Whether `name` is `domain` or ends in it.
pub fn is_below(name: &str, domain: &str) -> bool {
    let (name, domain) = (name.trim_end_matches('.'), domain.trim_matches('.'));
    let Some(at) = name.len().checked_sub(domain.len()) else { return false };
    !domain.is_empty()
        && name.is_char_boundary(at)
        && name[at..].eq_ignore_ascii_case(domain)
        && (at == 0 || name.as_bytes()[at - 1] == b'.')
}

impl Resource {
    /// Whether it is used by an internal name. Addresses are no names, and a single label behind backslashes is NetBIOS.
    pub fn internal(&self, site: &Site) -> Option<Internal> {
        let by_name = match &self.name.value {
            ResourceName::Address(_) | ResourceName::NetBios(_) => return None,
            ResourceName::Short(name) if name.is_empty() => return None, // the table's own name was not valid
            ResourceName::Short(_) => true,
            ResourceName::Fqdn(name) => {
                INTERNAL.iter().any(|end| is_below(name, end))
                    || site.info.internal_domains.items().iter().any(|d| d.value.name().is_some_and(|d| is_below(name, d)))
            }
        };
        if by_name {
            return Some(Internal::ByName);
        }
        self.ip.value().is_some_and(|ip| is_private(*ip)).then_some(Internal::ByAddress)
    }
}

/// The resolvers that a client asks.
#[derive(Clone, Copy)]
pub struct Resolvers<'a> {
    /// Where they are chosen; for a Dashboard default the section's header.
    pub at: Span,
    /// The choice is written rather than the Dashboard's default.
    pub stated: bool,
    /// Those of a public service, by the Dashboard's choice.
    pub service: &'static [Ipv4Addr],
    /// Those that are named.
    pub servers: &'a [Spanned<Ipv4Addr>],
}

/// Google Public DNS.
const GOOGLE: &[Ipv4Addr] = &[Ipv4Addr::new(8, 8, 8, 8), Ipv4Addr::new(8, 8, 4, 4)];
/// Cisco Umbrella (OpenDNS).
const OPENDNS: &[Ipv4Addr] = &[Ipv4Addr::new(208, 67, 222, 222), Ipv4Addr::new(208, 67, 220, 220)];

impl<'a> Resolvers<'a> {
    /// Their addresses.
    pub fn addresses(&self) -> impl Iterator<Item = Ipv4Addr> + use<'a> {
        self.service.iter().copied().chain(self.servers.iter().map(|s| s.value))
    }
}

impl ClientVpn {
    /// The resolvers that clients get; `header` is the section's. Else what the input does not tell.
    pub fn resolvers(&self, header: Span) -> Result<Resolvers<'_>, &str> {
        let service = |service, at, stated| Ok(Resolvers { at, stated, service, servers: &[] });
        match &self.dns_mode {
            Field::Known(m) if m.value == DnsMode::GoogleDns => return service(GOOGLE, m.span, true),
            Field::Known(m) if m.value == DnsMode::OpenDns => return service(OPENDNS, m.span, true),
            // Servers without a mode are meant to be used; an empty list names none.
            Field::Absent if self.dns_nameservers.value().map_or(self.dns_nameservers.is_absent(), Vec::is_empty) => {
                return service(GOOGLE, header, false);
            }
            Field::Opaque(o) => return Err(&o.reason),
            _ => {}
        }
        match &self.dns_nameservers {
            Field::Known(list) if !list.value.is_empty() => {
                Ok(Resolvers { at: list.span, stated: true, service: &[], servers: &list.value })
            }
            Field::Opaque(o) => Err(&o.reason),
            Field::Known(_) => Err("`dns_mode` is custom, and `dns_nameservers` is empty"),
            Field::Absent => Err("`dns_mode` is custom, and the site file states no `dns_nameservers`"),
        }
    }
}

impl Client {
    /// The profile's own resolvers, if it has any.
    pub fn resolvers(&self) -> Option<Resolvers<'_>> {
        let list = self.dns_nameservers.known().filter(|l| !l.value.is_empty())?;
        Some(Resolvers { at: list.span, stated: true, service: &[], servers: &list.value })
    }

    /// Whether the profile gives the connection a DNS suffix.
    pub fn has_suffix(&self) -> bool {
        self.dns_suffix.value().is_some_and(|s| !s.trim_matches('.').is_empty())
    }
}

impl Site {
    /// Whether a resolver is on the internet, and so knows no internal name; a public address in a network of the MX is the site's own.
    pub fn is_public_resolver(&self, ip: Ipv4Addr) -> bool {
        self.tables().is_public_resolver(ip) || (Addrs::public().contains(ip) && self.network_of(ip).is_none_or(|n| n.is_default_route()))
    }
}

#[cfg(test)]
mod tests {
    use super::is_below;

    #[test]
    fn a_domain_ends_at_a_label() {
        assert!(is_below("files.corp.example.com", "corp.example.com") && is_below("corp.example.com", "Corp.Example.com"));
        assert!(is_below("printer.local", "local") && is_below("printer.local.", "local"));
        assert!(!is_below("notcorp.example.com", "corp.example.com") && !is_below("com", "example.com") && !is_below("a.b", ""));
    }
}
