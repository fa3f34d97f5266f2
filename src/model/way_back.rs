//! The way of a resource's answers to client VPN users, by its routing table.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::{Field, Interface, Mx, Resource, Route, Site};
use crate::net::Addrs;
use crate::source::Spanned;

/// Where a resource's answers to client VPN users go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WayBack {
    /// Through its LAN gateway.
    Lan,
    /// Another way: the gateway, where the route stands, and whether all of the subnet goes there.
    Elsewhere(Spanned<Ipv4Addr>, bool),
    /// No route leads to the subnet; whether that is so for all of it.
    Nowhere(bool),
    /// Not to be decided, for want of this.
    Unknown(String),
}

/// Where a route leads: to the MX through the LAN, or to this gateway instead; or what is not known.
type Way = Result<Option<Spanned<Ipv4Addr>>, String>;

/// Where routes to one and the same destination lead, when they agree; their metrics are not known.
fn agreed(ways: impl Iterator<Item = Way>) -> Way {
    let ways = ways.collect::<Result<Vec<_>, _>>()?;
    let other = ways.iter().flatten().next().copied();
    if other.is_some() && ways.contains(&None) {
        return Err("which of several routes to the same destination counts is not known".to_owned());
    }
    Ok(other)
}

/// A resource's side towards the MX.
struct LanSide {
    /// The gateway that the interface states.
    gateway: Option<Ipv4Addr>,
    /// The MX's address in the same VLAN or LAN.
    appliance: Option<Ipv4Addr>,
    /// The network of the MX that the interface is in.
    net: Option<Ipv4Net>,
}

impl Mx {
    /// The MX's own addresses in its VLANs and its LAN, with their subnets.
    fn appliance_ips(&self) -> impl Iterator<Item = (Option<Ipv4Net>, Ipv4Addr)> {
        let vlans = self.vlans.items().iter().map(|v| (&v.value.subnet, &v.value.appliance_ip));
        let lan = self.single_lan.value().map(|lan| (&lan.subnet, &lan.appliance_ip));
        vlans.chain(lan).filter_map(|(net, ip)| Some((net.value().copied(), *ip.value()?)))
    }
}

impl Resource {
    /// The interface towards the MX: the one with the resource's address, else the one in a network of the MX.
    pub fn lan_interface(&self, site: &Site) -> Option<&Interface> {
        let all = || self.interfaces.items().iter().map(|i| &i.value);
        let is = |i: &&Interface| self.ip.value().is_some_and(|ip| i.ip.value() == Some(ip));
        all().find(is).or_else(|| all().find(|i| i.ip.value().is_some_and(|ip| lan_network(site, *ip).is_some())))
    }

    /// Where answers to the client VPN subnet go, by longest prefix.
    pub fn way_back(&self, site: &Site, pool: Ipv4Net) -> WayBack {
        let routes = match &self.routes {
            Field::Known(routes) => &routes.value,
            Field::Opaque(o) => return WayBack::Unknown(o.reason.to_string()),
            Field::Absent => return WayBack::Unknown("the resource states no `routes`".to_owned()),
        };
        let Some(interface) = self.lan_interface(site) else {
            let reason = site
                .networks_unknown()
                .map_or_else(|| "no interface of the resource is in a network of the MX".into(), std::borrow::Cow::into_owned);
            return WayBack::Unknown(reason);
        };
        let mut known = Vec::new();
        for route in routes {
            match &route.value.destination {
                Field::Known(net) => known.push((net.value.trunc(), &route.value)),
                Field::Opaque(o) => return WayBack::Unknown(o.reason.to_string()),
                Field::Absent => return WayBack::Unknown("a route of the resource states no `destination`".to_owned()),
            }
        }
        known.sort_by_key(|(net, _)| (std::cmp::Reverse(net.prefix_len()), *net));
        let lan = LanSide::of(site, interface);
        let whole = Addrs::net(pool);
        let mut left = whole.clone();
        let (mut elsewhere, mut doubt) = (None, None);
        for equal in known.chunk_by(|a, b| a.0 == b.0) {
            let part = left.intersection(&Addrs::net(equal[0].0));
            if part.is_empty() {
                continue;
            }
            left = left.minus(&part);
            match agreed(equal.iter().map(|(_, route)| self.leads(site, &lan, route))) {
                Ok(None) => {}
                Ok(Some(gateway)) => {
                    elsewhere.get_or_insert((gateway, part == whole));
                }
                Err(why) => doubt = doubt.or(Some(why)),
            }
        }
        match (elsewhere, doubt) {
            (Some((gateway, all)), _) => WayBack::Elsewhere(gateway, all),
            _ if !left.is_empty() => WayBack::Nowhere(left == whole),
            (None, Some(doubt)) => WayBack::Unknown(doubt),
            (None, None) => WayBack::Lan,
        }
    }

    fn leads(&self, site: &Site, lan: &LanSide, route: &Route) -> Way {
        let gateway = match &route.gateway {
            Field::Known(gateway) => *gateway,
            Field::Opaque(o) => return Err(o.reason.to_string()),
            Field::Absent => return Err("a route of the resource states no `gateway`".to_owned()),
        };
        let ip = gateway.value;
        if lan.appliance == Some(ip) || (lan.appliance.is_none() && lan.gateway == Some(ip)) {
            return Ok(None);
        }
        if site.mx.value().is_some_and(|mx| mx.appliance_ips().any(|(_, own)| own == ip)) {
            return Err("the answers go back to the MX through another of its VLANs".to_owned());
        }
        let beside = self.interfaces.items().iter().any(|i| i.value.gateway.value() == Some(&ip));
        if lan.gateway == Some(ip) || lan_network(site, ip).is_some() || (lan.net.is_none() && !beside) {
            return Err(format!("where the gateway {ip} sends packets for the client VPN subnet is not described"));
        }
        // A private one may be in a network of the MX that is not described.
        match site.networks_unknown().filter(|_| !Addrs::public().contains(ip)) {
            Some(reason) => Err(reason.into_owned()),
            None => Ok(Some(gateway)),
        }
    }
}

impl LanSide {
    fn of(site: &Site, interface: &Interface) -> Self {
        let net = interface.ip.value().and_then(|ip| lan_network(site, *ip));
        let beside = |(subnet, ip): (Option<Ipv4Net>, Ipv4Addr)| (subnet.is_some() && subnet == net).then_some(ip);
        Self {
            gateway: interface.gateway.value().copied(),
            appliance: site.mx.value().and_then(|mx| mx.appliance_ips().find_map(beside)),
            net,
        }
    }
}

/// The network of the MX that holds an address; a default route is none.
fn lan_network(site: &Site, ip: Ipv4Addr) -> Option<Ipv4Net> {
    site.mx.value()?.network_of(ip).filter(|n| !n.is_default_route()).map(|n| n.net)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ClientVpn;
    use crate::source::Span;

    const AT: Span = Span::new(0, 1);

    fn known<T>(value: T) -> Field<T> {
        Field::known_at(value, AT)
    }

    /// Every table of up to three routes, against a look-up for each address.
    #[test]
    fn the_way_back_is_that_of_every_single_address() {
        let (lan, wan) = (Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(203, 0, 113, 1));
        let pool: Ipv4Net = "10.9.0.8/29".parse().unwrap();
        let nets = ["0.0.0.0/0", "10.9.0.0/28", "10.9.0.8/29", "10.9.0.8/30", "10.9.0.14/31", "10.8.0.0/16"];
        let routes: Vec<(Ipv4Net, Ipv4Addr)> = nets.iter().map(|n| n.parse().unwrap()).flat_map(|net| [(net, lan), (net, wan)]).collect();
        let site = Site { client_vpn: known(ClientVpn { subnet: known(pool), ..ClientVpn::default() }), ..Site::default() };
        let card =
            |ip: [u8; 4], gateway| Spanned::new(Interface { ip: known(ip.into()), gateway: known(gateway), ..Interface::default() }, AT);
        let mut seen = [0; 4];
        for (a, b, c) in (0..routes.len()).flat_map(|a| (0..=a).flat_map(move |b| (0..=b).map(move |c| (a, b, c)))) {
            let table = [routes[a], routes[b], routes[c]];
            let resource = Resource {
                ip: known(Ipv4Addr::new(10, 0, 0, 3)),
                interfaces: known(vec![card([10, 0, 0, 3], lan), card([203, 0, 113, 3], wan)]),
                routes: known(table.iter().map(|r| Spanned::new(Route { destination: known(r.0), gateway: known(r.1) }, AT)).collect()),
                ..Resource::default()
            };
            // For each address: the gateways of the longest routes that hold it.
            let ways: Vec<Vec<Ipv4Addr>> = pool
                .hosts()
                .chain([pool.network(), pool.broadcast()])
                .map(|ip| {
                    let longest = table.iter().filter(|r| r.0.contains(&ip)).map(|r| r.0.prefix_len()).max();
                    table.iter().filter(|r| r.0.contains(&ip) && Some(r.0.prefix_len()) == longest).map(|r| r.1).collect()
                })
                .collect();
            let only = |gateway| move |way: &&Vec<Ipv4Addr>| !way.is_empty() && way.iter().all(|g| *g == gateway);
            let (to_wan, nowhere) = (ways.iter().filter(only(wan)).count(), ways.iter().filter(|w| w.is_empty()).count());
            let (kind, right) = match resource.way_back(&site, pool) {
                WayBack::Elsewhere(gateway, _) => (0, to_wan > 0 && gateway.value == wan),
                WayBack::Nowhere(all) => (1, to_wan == 0 && nowhere > 0 && all == (nowhere == ways.len())),
                WayBack::Unknown(_) => (2, to_wan == 0 && nowhere == 0 && !ways.iter().all(|w| only(lan)(&w))),
                WayBack::Lan => (3, ways.iter().all(|w| only(lan)(&w))),
            };
            seen[kind] += 1;
            assert!(right, "{table:?}");
        }
        assert!(seen.iter().all(|n| *n > 0), "{seen:?}");
    }
}
