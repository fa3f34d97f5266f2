//! The networks of an MX: which there are, which of them holds an address, and whether the input names them all.

use std::borrow::Cow;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::mx::{LocalSubnet, SiteToSiteVpn, VpnMode};
use super::{Field, List, Mx, Opaque, Part, Site};
use crate::source::{Span, Spanned};

/// What kind of network it is; decides which of the MX's firewalls a packet from the client VPN subnet meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkKind {
    /// A VLAN.
    Vlan,
    /// The one LAN of a network without VLANs.
    SingleLan,
    /// A static route that is switched on.
    StaticRoute,
    /// A local subnet of the site-to-site VPN that is neither of the above.
    LocalVpn,
    /// Another site's subnet, over Auto VPN.
    Remote,
    /// A third-party peer's subnet.
    Peer,
    /// The client VPN subnet itself.
    ClientVpn,
}

impl NetworkKind {
    /// Whether packets leave through the site-to-site VPN, whose firewall applies in place of the layer 3 rules.
    pub const fn is_behind_vpn(self) -> bool {
        matches!(self, Self::Remote | Self::Peer)
    }
}

/// A network of the MX.
#[derive(Clone, Copy, Debug)]
pub struct Network<'a> {
    /// What it is.
    pub kind: NetworkKind,
    /// Its name (a remote subnet's: the site's; a peer's subnet's: the peer's).
    pub name: Option<&'a str>,
    /// Its addresses.
    pub net: Ipv4Net,
    /// Where the subnet is written.
    pub span: Span,
    /// Group policy of its clients; for VLANs.
    pub group_policy: Option<&'a Field<String>>,
    /// Why it is not known whether it is in use; none: it is.
    pub doubt: Option<&'a Opaque>,
}

impl<'a> Network<'a> {
    fn new(kind: NetworkKind, name: Option<&'a String>, subnet: &Spanned<Ipv4Net>) -> Self {
        Self { kind, name: name.map(String::as_str), net: subnet.value, span: subnet.span, group_policy: None, doubt: None }
    }

    /// A network that holds everything is a default route, and no place of its own.
    pub const fn is_default_route(&self) -> bool {
        self.net.prefix_len() == 0
    }

    /// What it is called in a message.
    pub fn called(&self) -> String {
        let (word, named) = match self.kind {
            NetworkKind::Vlan => ("a VLAN", "VLAN"),
            NetworkKind::SingleLan => return "the LAN".to_owned(),
            NetworkKind::StaticRoute => ("a static route", "static route"),
            NetworkKind::LocalVpn => return "a local subnet of the site-to-site VPN".to_owned(),
            NetworkKind::Remote => ("a remote site's subnet", "a subnet of site"),
            NetworkKind::Peer => ("a third-party peer's subnet", "a subnet of peer"),
            NetworkKind::ClientVpn => return "the client VPN subnet".to_owned(),
        };
        self.name.map_or_else(|| word.to_owned(), |name| format!("{named} `{name}`"))
    }
}

/// Whether two networks share an address.
pub fn overlap(a: Ipv4Net, b: Ipv4Net) -> bool {
    a.contains(&b.network()) || b.contains(&a.network())
}

impl SiteToSiteVpn {
    /// Whether the site takes part; an absent mode is taken for taking part, for somebody listed subnets.
    pub fn is_on(&self) -> bool {
        self.mode.value() != Some(&VpnMode::None)
    }

    /// Local subnets that take part.
    pub fn used(&self) -> impl Iterator<Item = (&Spanned<Ipv4Net>, &LocalSubnet)> {
        let all = if self.is_on() { self.subnets.items() } else { &[] };
        let used = all.iter().filter(|s| s.value.use_vpn.value() != Some(&false));
        used.filter_map(|s| Some((s.value.local_subnet.known()?, &s.value)))
    }
}

impl Mx {
    /// The VLANs, the single LAN and the static routes that are switched on.
    pub fn local_networks(&self) -> impl Iterator<Item = Network<'_>> {
        let vlans = self.vlans.items().iter().filter_map(|v| {
            let network = Network::new(NetworkKind::Vlan, v.value.name.value(), v.value.subnet.known()?);
            Some(Network { group_policy: Some(&v.value.group_policy), ..network })
        });
        let single = self.single_lan.value().and_then(|lan| Some(Network::new(NetworkKind::SingleLan, None, lan.subnet.known()?)));
        let routes = self.static_routes.items().iter().filter(|r| r.value.enabled.value() != Some(&false));
        let routes = routes.filter_map(|r| {
            let network = Network::new(NetworkKind::StaticRoute, r.value.name.value(), r.value.subnet.known()?);
            Some(Network { doubt: r.value.enabled.opaque(), ..network })
        });
        vlans.chain(single).chain(routes)
    }

    /// Local subnets that take part in the site-to-site VPN and are no VLAN, LAN or static route, on or off.
    pub fn other_local_networks(&self) -> impl Iterator<Item = Network<'_>> {
        let vpn = self.site_to_site_vpn.value();
        let mode = vpn.and_then(|v| v.mode.opaque());
        let used = vpn.into_iter().flat_map(SiteToSiteVpn::used).map(move |(net, subnet)| {
            let doubt = mode.or_else(|| subnet.use_vpn.opaque());
            Network { doubt, ..Network::new(NetworkKind::LocalVpn, None, net) }
        });
        used.filter(|n| {
            let same = |field: &Field<Ipv4Net>| field.value().is_some_and(|net| net.trunc() == n.net.trunc());
            !(self.vlans.items().iter().any(|v| same(&v.value.subnet))
                || self.single_lan.value().is_some_and(|lan| same(&lan.subnet))
                || self.static_routes.items().iter().any(|r| same(&r.value.subnet)))
        })
    }

    /// Subnets of other sites that are in use, and of third-party peers.
    pub fn remote_networks(&self) -> impl Iterator<Item = Network<'_>> {
        let vpn = self.site_to_site_vpn.value().filter(|v| v.is_on());
        let remote = vpn.into_iter().flat_map(|v| v.remote_subnets.items()).filter_map(move |r| {
            let network = Network::new(NetworkKind::Remote, r.value.site.value(), r.value.subnet.known()?);
            Some(Network { doubt: vpn.and_then(|v| v.mode.opaque()), ..network })
        });
        let peers = self
            .third_party_vpn_peers
            .items()
            .iter()
            .flat_map(|p| p.value.private_subnets.items().iter().map(|net| Network::new(NetworkKind::Peer, p.value.name.value(), net)));
        remote.chain(peers)
    }

    /// Every network of the MX but the client VPN subnet.
    pub fn networks(&self) -> impl Iterator<Item = Network<'_>> {
        self.local_networks().chain(self.other_local_networks()).chain(self.remote_networks())
    }

    /// Why a network may be missing from [`Mx::networks`]; none when the input names them all.
    pub fn networks_unknown(&self) -> Option<Cow<'_, str>> {
        let opaque = first_opaque(&self.vlans, |v| v.subnet.opaque())
            .or_else(|| self.single_lan.opaque())
            .or_else(|| self.single_lan.value().and_then(|lan| lan.subnet.opaque()))
            .or_else(|| first_opaque(&self.static_routes, |r| r.subnet.opaque()))
            .or_else(|| self.site_to_site_vpn.opaque())
            .or_else(|| {
                let vpn = self.site_to_site_vpn.value()?;
                first_opaque(&vpn.subnets, |s| s.local_subnet.opaque()).or_else(|| first_opaque(&vpn.remote_subnets, |r| r.subnet.opaque()))
            })
            .or_else(|| first_opaque(&self.third_party_vpn_peers, |p| p.private_subnets.opaque()));
        if let Some(opaque) = opaque {
            return Some(Cow::Borrowed(&opaque.reason));
        }
        if self.vlans.is_absent() && self.single_lan.is_absent() {
            return Some(Cow::Borrowed("the site file states no `vlans` and no `single_lan`"));
        }
        let unsaid = self.vlans.items().iter().any(|v| v.value.subnet.is_absent());
        unsaid.then_some(Cow::Borrowed("a VLAN states no `subnet`"))
    }

    /// The smallest network that holds `ip`; the client VPN subnet is not asked.
    pub fn network_of(&self, ip: Ipv4Addr) -> Option<Network<'_>> {
        self.networks().filter(|n| n.net.contains(&ip)).max_by_key(|n| n.net.prefix_len())
    }
}

/// The first reason why a list, or a subnet in it, is not known.
fn first_opaque<T>(list: &List<T>, subnet: impl Fn(&T) -> Option<&Opaque>) -> Option<&Opaque> {
    list.opaque().or_else(|| list.items().iter().find_map(|item| subnet(&item.value)))
}

impl Site {
    /// The client VPN subnet.
    pub fn pool(&self) -> Option<&Spanned<Ipv4Net>> {
        self.client_vpn.value()?.subnet.known()
    }

    /// The smallest network that holds `ip`, the client VPN subnet included.
    pub fn network_of(&self, ip: Ipv4Addr) -> Option<Network<'_>> {
        let own = self.mx.value().and_then(|mx| mx.network_of(ip));
        let pool = self.pool().filter(|p| p.value.contains(&ip)).map(|p| Network::new(NetworkKind::ClientVpn, None, p));
        match (own, pool) {
            (Some(own), Some(pool)) if own.net.prefix_len() < pool.net.prefix_len() => Some(pool),
            (own, pool) => own.or(pool),
        }
    }

    /// Why a network of the MX may be missing: part of the input is broken, or does not speak of them.
    pub fn networks_unknown(&self) -> Option<Cow<'_, str>> {
        if let Some(gap) = self.gap(&[Part::Mx, Part::ClientVpn]) {
            return Some(Cow::Borrowed(&gap.reason));
        }
        match &self.mx {
            Field::Known(mx) => mx.value.networks_unknown(),
            Field::Opaque(o) => Some(Cow::Borrowed(&o.reason)),
            Field::Absent => Some(Cow::Borrowed("the site file has no `[mx]` section")),
        }
    }
}
