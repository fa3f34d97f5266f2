//! What names stand for: interfaces and zones, addresses and their groups, services, schedules, virtual IPs.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::Ipv4Addr;
use std::rc::Rc;

use ipnet::Ipv4Net;

use super::services::Service;
use super::tree::{Block, Tree, Word};
use crate::model::Field;
use crate::model::upstream::{Device, Interface};
use crate::net::Addrs;
use crate::source::Span;

/// Groups that hold groups deeper than this are taken for a loop.
pub(super) const DEPTH: usize = 32;
/// How many ranges of addresses and ports all names of a file may be copied for together.
const BUDGET: usize = 2_000_000;

/// What a name of an address stands for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Stands {
    For(Addrs),
    /// Not to be known from the file, and why.
    Opaque(&'static str),
    /// Nothing that the file defines.
    Nothing,
}

/// An interface of the device.
#[derive(Debug)]
pub(super) struct Port<'t> {
    pub(super) block: &'t Block<'t>,
    pub(super) net: Option<Ipv4Net>,
    /// Whether it gets its address from elsewhere.
    pub(super) dynamic: bool,
}

/// All names of one virtual domain.
pub(super) struct Names<'t> {
    pub(super) ports: BTreeMap<&'t str, Port<'t>>,
    /// Zones, of SD-WAN too, with their members.
    pub(super) zones: BTreeMap<&'t str, Vec<&'t str>>,
    addresses: HashMap<&'t str, &'t Block<'t>>,
    groups: HashMap<&'t str, &'t Block<'t>>,
    pub(super) services: HashMap<&'t str, &'t Block<'t>>,
    pub(super) service_groups: HashMap<&'t str, &'t Block<'t>>,
    /// The places of virtual IPs in their list.
    pub(super) vips: HashMap<&'t str, usize>,
    pub(super) vip_groups: HashMap<&'t str, &'t Block<'t>>,
    recurring: HashMap<&'t str, &'t Block<'t>>,
    tunnels: BTreeSet<&'t str>,
    default_routes: Vec<&'t str>,
    known: RefCell<HashMap<&'t str, Rc<Stands>>>,
    pub(super) known_services: RefCell<HashMap<String, Rc<Service>>>,
    spent: Cell<usize>,
}

impl<'t> Names<'t> {
    pub(super) fn read(tree: &'t Tree<'t>, domain: Option<&str>) -> Self {
        let all = |path: &str| tree.table(domain, path).into_iter().flat_map(|table| &table.blocks);
        let named = |path: &str| all(path).map(|block| (&*block.name, block)).collect();
        let in_domain = |block: &Block<'_>| domain.is_none_or(|domain| block.word("vdom").is_none_or(|w| w.value == domain));
        let mut names = Self {
            ports: all("system interface").filter(|block| in_domain(block)).map(|block| (&*block.name, port(block))).collect(),
            zones: BTreeMap::new(),
            addresses: named("firewall address"),
            groups: named("firewall addrgrp"),
            services: named("firewall service custom"),
            service_groups: named("firewall service group"),
            vips: all("firewall vip").enumerate().map(|(n, block)| (&*block.name, n)).collect(),
            vip_groups: named("firewall vipgrp"),
            recurring: named("firewall schedule recurring"),
            tunnels: ["vpn ipsec phase1-interface", "vpn ipsec phase1"].into_iter().flat_map(all).map(|block| &*block.name).collect(),
            default_routes: Vec::new(),
            known: RefCell::default(),
            known_services: RefCell::default(),
            spent: Cell::new(0),
        };
        for zone in all("system zone") {
            names.zones.insert(&zone.name, zone.words("interface").into_iter().map(|w| &*w.value).collect());
        }
        for path in ["system sdwan", "system virtual-wan-link"] {
            let Some(table) = tree.table(domain, path) else { continue };
            names.zones.entry("virtual-wan-link").or_default();
            for zone in table.table("zone").into_iter().flat_map(|zones| &zones.blocks) {
                names.zones.entry(&zone.name).or_default();
            }
            for member in table.table("members").into_iter().flat_map(|members| &members.blocks) {
                let zone = member.word("zone").map_or("virtual-wan-link", |w| &*w.value);
                names.zones.entry(zone).or_default().extend(member.word("interface").map(|w| &*w.value));
            }
        }
        names.default_routes = all("router static").filter(|route| is_default(route)).flat_map(|route| names.route_ends(route)).collect();
        names
    }

    /// The interfaces that a route leaves by.
    fn route_ends(&self, route: &'t Block<'t>) -> Vec<&'t str> {
        let zones = route.words("sdwan-zone").into_iter().map(|w| &*w.value).collect::<Vec<_>>();
        let whole = ["sdwan", "virtual-wan-link"].iter().any(|key| route.says(key, "enable"));
        let zones = if whole && zones.is_empty() { vec!["virtual-wan-link"] } else { zones };
        let members = zones.into_iter().filter_map(|zone| self.zones.get(zone)).flatten().copied();
        members.chain(route.word("device").map(|w| &*w.value)).collect()
    }

    /// Tells the device its interfaces, and which of them is the WAN where only one can be.
    pub(super) fn describe(&self, device: &mut Device) {
        let mut groups: BTreeMap<&str, Vec<Box<str>>> = BTreeMap::new();
        for (zone, members) in &self.zones {
            for member in members {
                groups.entry(member).or_default().push((*zone).into());
            }
        }
        for (name, port) in &self.ports {
            let mut groups = groups.remove(name).unwrap_or_default();
            // Whoever writes the site file may know the port by its alias.
            let alias = port.block.word("alias").map(|w| &*w.value);
            groups.extend(alias.filter(|a| !self.ports.contains_key(a) && !self.zones.contains_key(a)).map(Into::into));
            let place = port.block.word("ip").map_or(port.block.span, |w| w.span);
            let net = port.net.map_or(Field::Absent, |net| Field::known_at(net, place));
            device.interfaces.push(Interface { name: (*name).into(), groups, net });
        }
        let Some((name, port)) = self.wan() else { return };
        device.wan_interface = Field::known_at(name.into(), port.block.span);
        if let Some(net) = port.net {
            device.wan_ip = Field::known_at(net.addr(), port.block.word("ip").map_or(port.block.span, |w| w.span));
        }
    }

    /// The interface towards the internet: the one with the default route, with an address from the provider, or with that role.
    fn wan(&self) -> Option<(&'t str, &Port<'t>)> {
        let usable = |(name, port): &(&&'t str, &Port<'t>)| {
            !port.block.says("status", "down") && !self.tunnels.contains(**name) && !matches!(kind(port.block), "tunnel" | "loopback")
        };
        let ports = || self.ports.iter().filter(usable);
        let role = |port: &Port<'_>| port.block.says("role", "wan");
        let likely: Vec<_> = ports().filter(|(name, port)| port.dynamic || self.default_routes.contains(name)).collect();
        let chosen: Vec<_> = match likely.len() {
            0 => ports().filter(|(_, port)| role(port)).collect(),
            1 => likely,
            _ => likely.into_iter().filter(|(_, port)| role(port)).collect(),
        };
        match &chosen[..] {
            [(name, port)] => Some((name, port)),
            _ => None,
        }
    }

    /// Whether the file could define a name of an interface, and does not.
    pub(super) fn lacks_interface(&self, name: &str) -> bool {
        let known = self.ports.contains_key(name) || self.zones.contains_key(name) || self.tunnels.contains(name);
        !self.ports.is_empty() && !known && !matches!(name, "any" | "virtual-wan-link") && !name.contains('.')
    }

    /// Counts what is copied; false: too much.
    pub(super) fn afford(&self, ranges: usize) -> bool {
        self.spent.set(self.spent.get().saturating_add(ranges + 1));
        self.spent.get() < BUDGET
    }

    /// The addresses that a name stands for.
    pub(super) fn addrs(&self, name: &'t str) -> Rc<Stands> {
        self.addrs_at(name, 0)
    }

    fn addrs_at(&self, name: &'t str, depth: usize) -> Rc<Stands> {
        if let Some(known) = self.known.borrow().get(name) {
            return Rc::clone(known);
        }
        let stands = if let Some(block) = self.addresses.get(name) {
            address(block)
        } else if let Some(block) = self.groups.get(name) {
            if depth > DEPTH {
                return Rc::new(Stands::Opaque("the address groups name each other"));
            }
            self.group(block, depth)
        } else {
            match name {
                "all" => Stands::For(Addrs::any()),
                "none" => Stands::For(Addrs::none()),
                _ => Stands::Nothing,
            }
        };
        let stands = Rc::new(stands);
        self.known.borrow_mut().insert(name, Rc::clone(&stands));
        stands
    }

    fn group(&self, block: &'t Block<'t>, depth: usize) -> Stands {
        let held = match self.union(&block.words("member"), depth) {
            Ok(held) => held,
            Err(why) => return Stands::Opaque(why),
        };
        if !block.says("exclude", "enable") {
            return Stands::For(held);
        }
        match self.union(&block.words("exclude-member"), depth) {
            Ok(out) => Stands::For(held.minus(&out)),
            Err(why) => Stands::Opaque(why),
        }
    }

    fn union(&self, members: &[&'t Word<'t>], depth: usize) -> Result<Addrs, &'static str> {
        let mut ranges = Vec::new();
        for member in members {
            match &*self.addrs_at(&member.value, depth + 1) {
                Stands::For(set) if self.afford(set.ranges().len()) => ranges.extend_from_slice(set.ranges()),
                Stands::For(_) => return Err("the address groups are too large to follow"),
                Stands::Opaque(why) => return Err(why),
                Stands::Nothing => return Err("the address group names an address that is not in the file"),
            }
        }
        Ok(Addrs::from_ranges(ranges))
    }

    /// Members of groups that the file does not define.
    pub(super) fn missing_members(&self) -> Vec<Span> {
        let mut missing: Vec<Span> = Vec::new();
        let blocks: BTreeMap<u32, &&'t Block<'t>> = self.groups.values().map(|block| (block.span.start, block)).collect();
        for block in blocks.into_values() {
            let members = block.words("member").into_iter().chain(block.words("exclude-member"));
            missing.extend(members.filter(|member| *self.addrs(&member.value) == Stands::Nothing).map(|member| member.span));
        }
        let blocks: BTreeMap<u32, &&'t Block<'t>> = self.service_groups.values().map(|block| (block.span.start, block)).collect();
        for block in blocks.into_values() {
            let members = block.words("member").into_iter();
            missing.extend(members.filter(|member| self.service(&member.value, 0).missing).map(|member| member.span));
        }
        missing
    }

    /// Whether a schedule always holds, or never does; none: at times.
    pub(super) fn schedule(&self, name: &str) -> Option<bool> {
        const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        let Some(block) = self.recurring.get(name) else {
            return match name {
                "always" => Some(true),
                "none" => Some(false),
                _ => None,
            };
        };
        let midnight = |key: &str| block.word(key).is_none_or(|w| matches!(&*w.value, "00:00" | "0:00"));
        let days = block.words("day");
        match &days[..] {
            [one] if one.value == "none" => Some(false),
            [] if matches!(name, "always" | "none") => Some(name == "always"),
            _ if midnight("start") && midnight("end") && DAYS.iter().all(|day| days.iter().any(|w| w.value == *day)) => Some(true),
            _ => None,
        }
    }
}

fn kind<'b>(block: &'b Block<'_>) -> &'b str {
    block.word("type").map_or("physical", |w| &*w.value)
}

fn port<'t>(block: &'t Block<'t>) -> Port<'t> {
    let dynamic = block.word("mode").is_some_and(|w| matches!(&*w.value, "dhcp" | "pppoe"));
    let net = network(&block.words("ip")).filter(|net| !dynamic && !net.addr().is_unspecified());
    Port { block, net, dynamic }
}

/// Whether a static route leads everywhere.
fn is_default(route: &Block<'_>) -> bool {
    let dst = route.words("dst");
    let all = dst.is_empty() || network(&dst).is_some_and(|net| net.prefix_len() == 0);
    all && !["dstaddr", "internet-service", "internet-service-custom"].iter().any(|key| route.word(key).is_some())
        && !route.says("status", "disable")
        && !route.says("blackhole", "enable")
}

/// `10.0.0.1 255.255.255.0` or `10.0.0.1/24`.
pub(super) fn network(words: &[&Word<'_>]) -> Option<Ipv4Net> {
    match words {
        [one] => {
            let (address, bits) = one.value.split_once('/').unwrap_or((&one.value, "32"));
            Ipv4Net::new(address.parse().ok()?, bits.parse().ok()?).ok()
        }
        [address, mask] => Ipv4Net::with_netmask(address.value.parse().ok()?, mask.value.parse().ok()?).ok(),
        _ => None,
    }
}

fn address(block: &Block<'_>) -> Stands {
    const BROKEN: Stands = Stands::Opaque("the address is not valid");
    match block.word("type").map_or("ipmask", |w| &*w.value) {
        "ipmask" | "interface-subnet" => {
            let words = block.words("subnet");
            if words.is_empty() {
                return Stands::For(Addrs::any());
            }
            network(&words).map_or(BROKEN, |net| Stands::For(Addrs::net(net)))
        }
        "iprange" => {
            let end = |key: &str| block.word(key).and_then(|w| w.value.parse::<Ipv4Addr>().ok());
            match (end("start-ip"), end("end-ip")) {
                (Some(first), Some(last)) if first <= last => Stands::For(Addrs::range(first, last)),
                _ => BROKEN,
            }
        }
        "wildcard" => match network(&block.words("wildcard")) {
            Some(net) => Stands::For(Addrs::net(net)),
            None => Stands::Opaque("the address has a mask with gaps"),
        },
        "fqdn" | "wildcard-fqdn" => Stands::Opaque("a host name stands for addresses that only DNS knows"),
        "geography" => Stands::Opaque("which addresses a country has is not in the file"),
        "mac" => Stands::Opaque("the address is a MAC address"),
        "dynamic" => Stands::Opaque("what the dynamic address holds is not in the file"),
        _ => Stands::Opaque("what the address holds is not in the file"),
    }
}
