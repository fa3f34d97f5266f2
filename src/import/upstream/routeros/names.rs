//! What names in rules stand for: interface lists, address lists, interfaces with their networks, marks.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::Statement;
use crate::model::Field;
use crate::model::upstream::{Device, Interface};
use crate::net::{Addrs, Protocol, Protocols};
use crate::source::{Span, Spanned};

/// Lists that include one another deeper than this are taken for a loop.
const DEPTH: usize = 32;
/// How many address ranges all rules together may hold; what asks for more is not followed.
const RANGES: usize = 2_000_000;

/// An interface list while it is read.
#[derive(Default)]
struct List {
    include: Vec<String>,
    exclude: Vec<String>,
    members: Vec<String>,
}

/// An address list.
#[derive(Default)]
struct Addresses {
    ranges: Vec<(u32, u32)>,
    known: Addrs,
    unknown: Option<&'static str>,
}

/// What the members of an address list are.
pub(super) enum Members<'n> {
    /// These, and perhaps others for the reason given.
    Some(&'n Addrs, Option<&'static str>),
    /// Nothing in the file says.
    Nothing,
}

/// A policy of IPsec: what it encrypts on its way out.
pub(super) struct Policy {
    pub(super) source: Addrs,
    pub(super) destination: Addrs,
    pub(super) protocol: Protocols,
}

/// All names.
#[derive(Default)]
pub(super) struct Names {
    lists: BTreeMap<String, List>,
    addresses: BTreeMap<String, Addresses>,
    nets: Vec<(String, Spanned<Ipv4Net>)>,
    /// Interfaces that get their address or default route from the provider.
    outer: BTreeMap<String, Span>,
    pub(super) policies: Vec<Policy>,
    /// A policy that is made while the router runs, or that is not understood.
    pub(super) unknown_policy: bool,
    /// Kinds of marks that some rule sets.
    pub(super) marks: BTreeSet<&'static str>,
    spent: Cell<usize>,
    /// What interface lists were found to hold: they may include one another many times over.
    known: RefCell<BTreeMap<String, Option<Vec<Box<str>>>>>,
}

impl Names {
    pub(super) fn read(statements: &[Statement]) -> Self {
        let mut names = Self::default();
        for statement in statements {
            names.statement(statement);
        }
        for list in names.addresses.values_mut() {
            list.known = Addrs::from_ranges(std::mem::take(&mut list.ranges));
        }
        let default = statements.iter().filter(|s| s.is("ip route", "add") && s.is_on());
        for route in default.filter(|s| s.get("dst-address").is_none_or(|net| net == "0.0.0.0/0")).take(64) {
            for gateway in route.get("gateway").into_iter().flat_map(|g| g.split(',')) {
                let gateway = gateway.split('@').next().unwrap_or(gateway);
                let (address, interface) = gateway.split_once('%').map_or((gateway, None), |(a, i)| (a, Some(i)));
                let of_address = address.parse::<Ipv4Addr>().ok().and_then(|ip| names.nets.iter().find(|(_, net)| net.value.contains(&ip)));
                let by_name = interface.or_else(|| address.parse::<Ipv4Addr>().is_err().then_some(address));
                if let Some(name) = by_name.map(str::to_owned).or_else(|| of_address.map(|(name, _)| name.clone())) {
                    names.outer.entry(name).or_insert(route.span);
                }
            }
        }
        names
    }

    fn statement(&mut self, s: &Statement) {
        if s.command != "add" {
            return;
        }
        match &*s.menu {
            "interface list" => {
                let list = self.lists.entry(s.get("name").unwrap_or_default().to_owned()).or_default();
                let split = |name: &str| s.get(name).into_iter().flat_map(|v| v.split(',')).map(str::to_owned).collect();
                (list.include, list.exclude) = (split("include"), split("exclude"));
            }
            "interface list member" if s.is_on() => {
                if let (Some(list), Some(member)) = (s.get("list"), s.get("interface")) {
                    self.lists.entry(list.to_owned()).or_default().members.push(member.to_owned());
                }
            }
            "ip firewall address-list" if s.is_on() => self.address(s),
            "ip address" if s.is_on() => {
                let address = s.args.iter().find(|arg| arg.name() == "address").zip(s.get("interface"));
                if let Some((word, interface)) = address
                    && let Some(net) = word.value().and_then(|text| net(text, s.get("netmask")))
                {
                    self.nets.push((interface.to_owned(), Spanned::new(net, word.span)));
                }
            }
            "ip dhcp-client" if s.is_on() && s.get("add-default-route") != Some("no") => {
                if let Some(name) = s.get("interface") {
                    self.outer.entry(name.to_owned()).or_insert(s.span);
                }
            }
            "interface pppoe-client" if s.is_on() && s.get("add-default-route") == Some("yes") => {
                self.outer.entry(s.get("name").unwrap_or("pppoe-out1").to_owned()).or_insert(s.span);
            }
            "ip ipsec policy" if s.is_on() => self.policy(s),
            "ip ipsec identity" | "ip ipsec peer" if s.is_on() && s.get("generate-policy").is_some_and(|v| v != "no") => {
                self.unknown_policy = true;
            }
            menu => {
                if let Some(action) = s.get("action").filter(|_| menu.starts_with("ip firewall ") && s.is_on()) {
                    self.marks.extend(MARKS.iter().filter(|(by, _)| *by == action).map(|(_, mark)| mark));
                }
                // Lists are filled by rules, by PPP, by DHCP.
                for name in ["address-list", "address-lists"].into_iter().filter_map(|key| s.get(key)).flat_map(|v| v.split(',')) {
                    self.unknown(name, "the members of the address list change while the router runs");
                }
            }
        }
    }

    fn unknown(&mut self, list: &str, why: &'static str) {
        self.addresses.entry(list.to_owned()).or_default().unknown.get_or_insert(why);
    }

    fn address(&mut self, s: &Statement) {
        let Some(list) = s.get("list") else { return };
        match s.get("address").and_then(Addrs::parse) {
            _ if s.get("timeout").is_some() || s.get("dynamic") == Some("yes") => {
                self.unknown(list, "an entry of the address list expires");
            }
            Some(addresses) => {
                self.addresses.entry(list.to_owned()).or_default().ranges.extend_from_slice(addresses.ranges());
            }
            // A name, which the router looks up by itself.
            None => self.unknown(list, "an entry of the address list is a name, not an address"),
        }
    }

    fn policy(&mut self, s: &Statement) {
        if s.get("template") == Some("yes") || matches!(s.get("action"), Some("none" | "discard")) {
            return;
        }
        let set = |name: &str| {
            s.get(name).map_or_else(|| Some(Addrs::any()), |v| if v.contains(':') { Some(Addrs::none()) } else { Addrs::parse(v) })
        };
        let protocol = s.get("protocol").filter(|p| *p != "all");
        let protocol = protocol.map_or(Some(Protocols::any()), |p| Protocol::parse(p).map(|p| Protocols::of(&[p])));
        match (set("src-address"), set("dst-address"), protocol) {
            (Some(source), Some(destination), Some(protocol)) => self.policies.push(Policy { source, destination, protocol }),
            _ => self.unknown_policy = true,
        }
    }

    /// The interfaces in a list; none: it is not to be known from the file.
    pub(super) fn interfaces(&self, list: &str) -> Option<Vec<Box<str>>> {
        if let Some(known) = self.known.borrow().get(list) {
            self.spend(known.as_ref().map_or(1, Vec::len))?;
            return known.clone();
        }
        let mut all = BTreeSet::new();
        let found = self.gather(list, 0, &mut all).map(|()| all.into_iter().map(Into::into).collect::<Vec<Box<str>>>());
        self.known.borrow_mut().insert(list.to_owned(), found.clone());
        found
    }

    /// Counts what all rules together ask for; none: it is too much to follow.
    fn spend(&self, cost: usize) -> Option<()> {
        self.spent.set(self.spent.get() + cost);
        (self.spent.get() <= RANGES).then_some(())
    }

    fn gather(&self, name: &str, depth: usize, all: &mut BTreeSet<String>) -> Option<()> {
        if name == "none" {
            return Some(());
        }
        let list = self.lists.get(name).filter(|_| depth < DEPTH)?;
        self.spend(list.members.len() + all.len() + 1)?;
        // First the lists that are included, then what is left out, then its own members.
        for other in &list.include {
            self.gather(other, depth + 1, all)?;
        }
        for other in &list.exclude {
            let mut out = BTreeSet::new();
            self.gather(other, depth + 1, &mut out)?;
            all.retain(|member| !out.contains(member));
        }
        all.extend(list.members.iter().cloned());
        Some(())
    }

    /// The addresses in a list; a list that too many rules ask for is not known.
    pub(super) fn addresses(&self, list: &str) -> Members<'_> {
        let Some(list) = self.addresses.get(list) else { return Members::Nothing };
        if self.spend(list.known.ranges().len()).is_none() {
            const NONE: &Addrs = &Addrs::none();
            return Members::Some(NONE, Some("so many rules ask for so long an address list that it is not followed"));
        }
        Members::Some(&list.known, list.unknown)
    }

    /// Interfaces, and the one towards the internet where only one can be it.
    pub(super) fn describe(&self, device: &mut Device, whole: bool) {
        for (name, net) in &self.nets {
            let net = Field::Known(*net);
            device.interfaces.push(Interface { name: name.as_str().into(), groups: Vec::new(), net });
        }
        let mut named: BTreeSet<&str> = self.nets.iter().map(|(name, _)| name.as_str()).collect();
        for name in self.outer.keys().filter(|name| !named.contains(name.as_str())) {
            device.interfaces.push(Interface { name: name.as_str().into(), ..Interface::default() });
        }
        // The site file may name the list in place of its only member.
        named.extend(self.outer.keys().map(String::as_str));
        for name in self.lists.keys().filter(|name| !named.contains(name.as_str())) {
            if let Some([member]) = self.interfaces(name).as_deref() {
                device.interfaces.push(Interface { name: name.as_str().into(), groups: vec![member.clone()], net: Field::Absent });
            }
        }
        let mut outer = self.outer.iter();
        let (Some((name, span)), None, true) = (outer.next(), outer.next(), whole) else { return };
        device.wan_interface = Field::known_at(name.as_str().into(), *span);
        let mut own = self.nets.iter().filter(|(other, _)| other == name);
        if let (Some((_, net)), None) = (own.next(), own.next()) {
            device.wan_ip = Field::known_at(net.value.addr(), net.span);
        }
    }
}

/// What rules set, by their action.
const MARKS: &[(&str, &str)] = &[("mark-connection", "connection-mark"), ("mark-packet", "packet-mark"), ("mark-routing", "routing-mark")];

/// `192.168.88.1/24`, or an address and a mask.
fn net(text: &str, mask: Option<&str>) -> Option<Ipv4Net> {
    match (text.parse::<Ipv4Net>(), text.parse::<Ipv4Addr>()) {
        (Ok(net), _) => Some(net),
        (_, Ok(address)) => match mask {
            Some(mask) => Ipv4Net::with_netmask(address, mask.parse().ok()?).ok(),
            None => Ipv4Net::new(address, 32).ok(),
        },
        _ => None,
    }
}
