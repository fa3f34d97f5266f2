//! Ways of packets beside the firewalls: into a client's split tunnel, and to other sites. The way back stands next door.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::mx::SiteToSiteVpn;
use super::{AuthType, Client, ClientVpn, DnsMode, Field, Host, List, Mx, Resource, ResourceName, Site, overlap};
use crate::net::Addrs;
use crate::source::{Span, Spanned};

/// Whether packets for an address enter the tunnel of a split-tunnel profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carried {
    /// A route of the profile leads there.
    Yes,
    /// None does.
    No,
    /// Not to be decided, for want of this.
    Perhaps(String),
}

/// The network of an address by its class, as hosts derive it that know no prefix length (RFC 791): A /8, B /16, C /24.
fn class_of(ip: Ipv4Addr) -> Option<Ipv4Net> {
    let bits = match ip.octets()[0] {
        0..=127 => 8,
        128..=191 => 16,
        192..=223 => 24,
        _ => return None,
    };
    Ipv4Net::new(ip, bits).ok().map(|net| net.trunc())
}

/// Apple's configuration profiles: they hold no routes, and split unless they say otherwise.
const APPLE: Option<&str> = Some("mobileconfig");

impl Client {
    /// Whether only routes enter the tunnel. Where a profile of Apple's does not say, they do: `OverridePrimary` is 0 by default
    /// (apple/device-management, `com.apple.vpn.managed`); its place is then the profile's.
    pub fn splits(&self) -> Field<bool> {
        match (&self.split_tunnel, self.profile) {
            (Field::Absent, Some(profile)) if self.format == APPLE && self.may_use_l2tp() => Field::known_at(true, profile),
            (stated, _) => stated.clone(),
        }
    }

    /// Whether packets for `ip` enter the tunnel by a route of the profile.
    ///
    /// Beside its routes a split tunnel usually brings one for the class of the address that the client gets: Windows adds it unless the
    /// profile says `DisableClassBasedDefaultRoute` (MS-RRASM phone books, VPNv2), others do as they like.
    pub fn split_tunnel_carries(&self, site: &Site, ip: Ipv4Addr) -> Carried {
        if self.routes.items().iter().any(|r| r.value.contains(&ip)) {
            return Carried::Yes;
        }
        if let Some(o) = self.routes.opaque() {
            return Carried::Perhaps(o.reason.to_string());
        }
        match site.pool() {
            None => return Carried::Perhaps("the client VPN subnet, whose class may make a route, is not known".to_owned()),
            Some(pool) if class_of(ip).is_some_and(|class| overlap(class, pool.value)) => {
                return Carried::Perhaps(format!("whether the client makes a class-based route to {ip} is not stated in its `routes`"));
            }
            Some(_) => {}
        }
        if self.routes.is_absent() && self.format != APPLE {
            Carried::Perhaps("the profile states no `routes`".to_owned())
        } else {
            Carried::No
        }
    }

    /// Whether its server lies in the network that it sits in: then nothing of the internet is between the client and the MX.
    pub fn connects_from_inside(&self) -> bool {
        let server = self.server.value().and_then(Host::v4);
        server.is_some_and(|ip| self.lan_subnet.value().is_some_and(|lan| lan.contains(&ip)))
    }
}

impl Site {
    /// Whether an address is reached over the internet: public, and in no network of the MX.
    pub fn is_on_the_internet(&self, ip: Ipv4Addr) -> bool {
        Addrs::public().contains(ip) && self.network_of(ip).is_none_or(|n| n.is_default_route())
    }
}

impl Resource {
    /// Whether its name is one that only the site's own resolvers may know.
    pub fn asks_own_resolvers(&self) -> bool {
        matches!(self.name.value, ResourceName::Fqdn(_) | ResourceName::Short(_)) && self.public_dns.value() != Some(&true)
    }
}

impl Site {
    /// The resolvers that a client asks, but for those on the internet.
    pub fn own_resolvers(&self, client: &Client) -> Vec<Spanned<Ipv4Addr>> {
        let section = self.client_vpn.known().and_then(|s| s.value.resolvers(s.span).ok());
        let servers = client.resolvers().or(section).map_or(&[][..], |r| r.servers);
        servers.iter().filter(|s| !self.is_public_resolver(s.value)).copied().collect()
    }
}

/// Whether a local subnet takes part in the site-to-site VPN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TakesPart {
    /// It does.
    Yes,
    /// It is listed, and switched off here.
    SwitchedOff(Span),
    /// It is not listed here.
    NotListed(Span),
    /// Not to be decided, for want of this.
    Unknown(String),
}

impl SiteToSiteVpn {
    /// Whether every address of `net` takes part.
    pub fn takes_part(&self, net: Ipv4Net) -> TakesPart {
        let list = match (&self.mode, &self.subnets) {
            (Field::Opaque(o), _) | (_, Field::Opaque(o)) => return TakesPart::Unknown(o.reason.to_string()),
            (_, Field::Absent) => return TakesPart::Unknown("`mx.site_to_site_vpn` states no `subnets`".to_owned()),
            (_, Field::Known(list)) => list,
        };
        let holding: Vec<_> =
            list.value.iter().filter(|s| s.value.local_subnet.value().is_some_and(|local| local.contains(&net))).collect();
        if holding.iter().any(|s| matches!(s.value.use_vpn, Field::Absent | Field::Known(Spanned { value: true, .. }))) {
            return if self.is_on() { TakesPart::Yes } else { TakesPart::SwitchedOff(self.mode.span().unwrap_or(list.span)) };
        }
        let opaque = holding.iter().find_map(|s| s.value.use_vpn.opaque());
        let opaque = opaque.or_else(|| list.value.iter().find_map(|s| s.value.local_subnet.opaque()));
        match (opaque, holding.first()) {
            (Some(o), _) => TakesPart::Unknown(o.reason.to_string()),
            (None, Some(off)) => TakesPart::SwitchedOff(off.value.use_vpn.span().unwrap_or(off.span)),
            (None, None) => TakesPart::NotListed(list.span),
        }
    }
}

/// A server that users need: what it is called in a message, and its address.
pub type Server = (String, Field<Ipv4Addr>);

/// The servers of a list, called by `word`.
pub fn server_list(word: &str, list: &List<Ipv4Addr>) -> Vec<Server> {
    list.items().iter().map(|ip| (format!("the {word} {}", ip.value), Field::Known(*ip))).collect()
}

impl ClientVpn {
    /// The resolvers, WINS, RADIUS and Active Directory servers that the settings use. Hosts that are names are left out.
    pub fn servers_in_use(&self) -> Vec<Server> {
        let custom = self.dns_mode.value().is_none_or(|m| *m == DnsMode::Custom);
        let mut all = if custom { server_list("resolver", &self.dns_nameservers) } else { Vec::new() };
        all.extend(server_list("WINS server", &self.wins_servers));
        let mut add = |word: &str, host: &Field<Host>| match host {
            Field::Known(host) => all.extend(host.value.v4().map(|ip| (format!("the {word} server {ip}"), Field::known_at(ip, host.span)))),
            Field::Opaque(o) => all.push((format!("a {word} server"), Field::Opaque(o.clone()))),
            Field::Absent => {}
        };
        let asks = |kind| self.auth_type.value().is_none_or(|auth| *auth == kind);
        if asks(AuthType::Radius) {
            self.radius_servers.items().iter().for_each(|s| add("RADIUS", &s.value.host));
        }
        if asks(AuthType::ActiveDirectory) {
            self.active_directory_servers.items().iter().for_each(|s| add("Active Directory", &s.value.host));
        }
        all
    }
}

impl Mx {
    /// Why a subnet of another site may be missing from [`Mx::remote_networks`]; what is absent is not in use.
    pub fn remote_networks_unknown(&self) -> Option<String> {
        let vpn = match &self.site_to_site_vpn {
            Field::Opaque(o) => return Some(o.reason.to_string()),
            Field::Known(vpn) if vpn.value.is_on() => &vpn.value.remote_subnets,
            _ => return None,
        };
        vpn.opaque().or_else(|| vpn.items().iter().find_map(|r| r.value.subnet.opaque())).map(|o| o.reason.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::class_of;

    #[test]
    fn the_class_is_that_of_the_first_bits() {
        let class = |ip: &str| class_of(ip.parse().unwrap()).map(|n| n.to_string());
        assert_eq!(class("10.99.1.7").as_deref(), Some("10.0.0.0/8"));
        assert_eq!(class("172.16.5.9").as_deref(), Some("172.16.0.0/16"));
        assert_eq!(class("192.168.100.7").as_deref(), Some("192.168.100.0/24"));
        assert_eq!(class("224.0.0.1"), None);
    }
}
