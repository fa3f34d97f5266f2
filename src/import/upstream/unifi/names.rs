//! Groups, networks and zones that rules refer to by id.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::{Found, Sort, part, place, text};
use crate::model::Field;
use crate::model::upstream::{Device, Interface};
use crate::net::{Addrs, Ports};
use crate::source::{Span, Spanned};
use crate::tree::Node;

/// A group of addresses or of ports.
pub(super) enum Group {
    Addresses(Addrs),
    Ports(Ports),
    /// Something in it is not understood, or of another kind.
    Unknown,
    /// Addresses of IPv6: none of ours.
    Six,
}

/// How many ranges of groups all rules together may hold; what asks for more is not followed.
const RANGES: usize = 2_000_000;

/// A zone of Network 9.
pub(super) struct Zone {
    /// `external`, `internal`, `gateway`, …
    pub(super) key: String,
    networks: Vec<String>,
}

/// All names.
#[derive(Default)]
pub(super) struct Names<'n> {
    groups: BTreeMap<&'n str, Group>,
    spent: Cell<usize>,
    networks: BTreeMap<&'n str, &'n Node<'n>>,
    pub(super) zones: BTreeMap<&'n str, Zone>,
    pub(super) has_groups: bool,
    pub(super) has_networks: bool,
}

impl<'n> Names<'n> {
    pub(super) fn read(found: &Found<'n>) -> Self {
        let mut names = Self { has_groups: found.has(Sort::Group), has_networks: found.has(Sort::Network), ..Self::default() };
        for node in found.of(Sort::Group) {
            let Some(id) = id(node) else { continue };
            names.groups.insert(id, group(node));
        }
        for node in found.of(Sort::Network) {
            names.networks.extend(id(node).map(|id| (id, node)));
        }
        for node in found.of(Sort::Zone) {
            let Some(id) = id(node) else { continue };
            let key = text(node, "zone_key").or_else(|| text(node, "name")).unwrap_or_default().to_ascii_lowercase();
            let networks = node.get("network_ids").and_then(|e| e.value.items()).unwrap_or_default();
            let networks = networks.iter().filter_map(Node::text).map(str::to_owned).collect();
            names.zones.insert(id, Zone { key, networks });
        }
        names
    }

    /// The group of that id.
    pub(super) fn group(&self, id: &str) -> Option<&Group> {
        let group = self.groups.get(id)?;
        let cost = match group {
            Group::Addresses(set) => set.ranges().len(),
            Group::Ports(set) => set.ranges().count(),
            Group::Unknown | Group::Six => 1,
        };
        self.spent.set(self.spent.get() + cost);
        Some(if self.spent.get() > RANGES { &Group::Unknown } else { group })
    }

    /// The addresses of a network.
    pub(super) fn network(&self, id: &str) -> Option<Addrs> {
        Some(Addrs::net(text(self.networks.get(id)?, "ip_subnet")?.parse::<Ipv4Net>().ok()?))
    }

    pub(super) fn has_network(&self, id: &str) -> bool {
        self.networks.contains_key(id)
    }

    /// Networks as interfaces, in their zones; the WAN where there is one only.
    pub(super) fn describe(&self, device: &mut Device) {
        let mut zones_of: BTreeMap<&str, Vec<Box<str>>> = BTreeMap::new();
        for (id, zone) in &self.zones {
            for network in &zone.networks {
                zones_of.entry(network).or_default().push((*id).into());
            }
        }
        let mut wans: Vec<(&str, &Node<'_>)> = Vec::new();
        for (id, node) in &self.networks {
            if text(node, "purpose") == Some("wan") {
                wans.push((if text(node, "wan_networkgroup") == Some("WAN2") { "wan2" } else { "wan" }, node));
                continue;
            }
            let net = text(node, "ip_subnet").and_then(|net| net.parse::<Ipv4Net>().ok());
            let net = net.map_or(Field::Absent, |net| Field::known_at(net, part(node, "ip_subnet")));
            let groups = zones_of.get(id).cloned().unwrap_or_default();
            device.interfaces.push(Interface { name: (*id).into(), groups, net });
        }
        let external: Vec<Box<str>> = self.zones.iter().filter(|(_, zone)| zone.key == "external").map(|(id, _)| (*id).into()).collect();
        for (name, node) in &wans {
            let address =
                text(node, "wan_ip").filter(|_| text(node, "wan_type") == Some("static")).and_then(|ip| ip.parse::<Ipv4Addr>().ok());
            let mask = text(node, "wan_netmask").and_then(|mask| mask.parse().ok()).unwrap_or(Ipv4Addr::BROADCAST);
            let net = address.and_then(|ip| Ipv4Net::with_netmask(ip, mask).ok());
            let net = net.map_or(Field::Absent, |net| Field::known_at(net, part(node, "wan_ip")));
            device.interfaces.push(Interface { name: (*name).into(), groups: external.clone(), net });
        }
        if wans.is_empty() {
            device.interfaces.extend(["wan", "wan2"].map(|name| Interface {
                name: name.into(),
                groups: external.clone(),
                net: Field::Absent,
            }));
        }
        if let [(name, node)] = wans[..] {
            device.wan_interface = Field::known_at(name.into(), place(node));
            let own = device.interfaces.iter().find(|i| &*i.name == name).map(|i| i.net.clone());
            device.wan_ip = own.unwrap_or_default().map(|net| net.addr());
        }
    }

    /// A set that is named by `first-last` and the like, `!` in front.
    pub(super) fn addresses(said: &Spanned<&str>) -> Field<Addrs> {
        let (not, said_text) = said.value.strip_prefix('!').map_or((false, said.value), |rest| (true, rest));
        match Addrs::parse(said_text) {
            Some(set) => Field::known_at(if not { set.complement() } else { set }, said.span),
            None => Field::opaque_at(said.span, "the address is not an address"),
        }
    }

    pub(super) fn ports(said: &str, at: Span) -> Field<Ports> {
        let (not, said) = said.strip_prefix('!').map_or((false, said), |rest| (true, rest));
        match Ports::parse(said) {
            Some(set) => Field::known_at(if not { set.complement() } else { set }, at),
            None => Field::opaque_at(at, "the port is not a port"),
        }
    }
}

pub(super) fn id<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    text(node, "_id").or_else(|| text(node, "id"))
}

fn group(node: &Node<'_>) -> Group {
    let members = node.get("group_members").and_then(|e| e.value.items()).unwrap_or_default();
    let mut words = Vec::new();
    for member in members {
        match (&member.kind, member.text()) {
            (_, Some(text)) => words.push(text.trim().to_owned()),
            (crate::tree::Kind::Int(number), _) => words.push(number.to_string()),
            _ => return Group::Unknown,
        }
    }
    match text(node, "group_type") {
        Some("address-group") if words.is_empty() => Group::Addresses(Addrs::none()),
        Some("address-group") => Addrs::parse(&words.join(",")).map_or(Group::Unknown, Group::Addresses),
        Some("port-group") if words.is_empty() => Group::Ports(Ports::none()),
        Some("port-group") => Ports::parse(&words.join(",")).map_or(Group::Unknown, Group::Ports),
        Some("ipv6-address-group") => Group::Six,
        _ => Group::Unknown,
    }
}
