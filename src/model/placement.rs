//! Where a server stands, seen from the MX: in a network of its own, on the WAN side, or nowhere that it has a way to.

use std::net::Ipv4Addr;

use super::mx::DeploymentMode;
use super::{Host, Mx, ResourceName, Site};
use crate::net::Addrs;
use crate::source::Span;

/// Where a server stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerPlace<'a> {
    /// In a VLAN, the LAN, behind a static route or a VPN; for a bridge: in the network that it bridges.
    Inside,
    /// In the subnet of a WAN port.
    Wan,
    /// A public address.
    Internet,
    /// In a network of an upstream device, by its name.
    Upstream(&'a str),
    /// Somewhere around an MX that bridges and does not route.
    Bridge,
    /// In the client VPN subnet, where only clients are; its place.
    Pool(Span),
    /// In none of these.
    Nowhere,
}

impl Mx {
    /// The static route to an address that is switched off.
    pub fn route_switched_off(&self, ip: Ipv4Addr) -> Option<Span> {
        let off = self.static_routes.items().iter().filter(|r| r.value.enabled.value() == Some(&false));
        off.filter_map(|r| r.value.subnet.known()).find(|net| net.value.contains(&ip)).map(|net| net.span)
    }
}

impl Site {
    /// A host's IPv4 address: written, or that of the resource of this name.
    pub fn address_of(&self, host: &Host) -> Option<Ipv4Addr> {
        let Some(name) = host.name() else { return host.v4() };
        let resource = self.resources.iter().find(|r| match &r.name.value {
            ResourceName::Fqdn(n) | ResourceName::Short(n) => n.trim_end_matches('.').eq_ignore_ascii_case(name),
            _ => false,
        })?;
        resource.ip.value().copied()
    }

    /// Where a server with this address stands.
    pub fn server_place(&self, ip: Ipv4Addr) -> ServerPlace<'_> {
        let Some(mx) = self.mx.value() else {
            return if Addrs::public().contains(ip) { ServerPlace::Internet } else { ServerPlace::Nowhere };
        };
        let pool = self.pool();
        let is_pool = |net: ipnet::Ipv4Net| pool.is_some_and(|p| p.value.trunc() == net.trunc());
        if mx.networks().any(|n| n.net.contains(&ip) && !is_pool(n.net)) {
            return ServerPlace::Inside;
        }
        let bridge = mx.deployment_mode.value() == Some(&DeploymentMode::Passthrough);
        let upstream = self.upstream.iter().find(|d| d.lan_subnets.items().iter().any(|net| net.value.contains(&ip)));
        match pool.filter(|p| p.value.contains(&ip)) {
            Some(pool) => ServerPlace::Pool(pool.span),
            None if mx.uplinks.items().iter().any(|u| u.value.subnet.value().is_some_and(|net| net.contains(&ip))) => {
                if bridge {
                    ServerPlace::Inside
                } else {
                    ServerPlace::Wan
                }
            }
            None if Addrs::public().contains(ip) => ServerPlace::Internet,
            None if bridge => ServerPlace::Bridge,
            None => upstream.map_or(ServerPlace::Nowhere, |d| ServerPlace::Upstream(&d.name.value)),
        }
    }
}
