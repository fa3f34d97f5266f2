//! Virtual IPs: `config firewall vip`, in the order of the list.
//!
//! Sources: Fortinet, "Virtual IP (VIP) port forwarding order of execution" (the list decides, and only those count that an enabled policy names), "Central DNAT"
//! (there all count), "Virtual IP with services", "External IP not allowed to be the same as mapped IP".

use std::net::Ipv4Addr;

use super::names::{Names, Stands};
use super::services::{Item, numbers};
use super::tree::{Block, Word};
use super::{Reader, opaque};
use crate::import::upstream::RemarkKind;
use crate::model::Field;
use crate::model::upstream::{Action, Interfaces, Line, Match, Target, ToPort, Translation};
use crate::net::{Addrs, Ports, Protocol, Protocols};
use crate::source::Spanned;

/// A wider range of addresses is not followed one by one.
const WIDE: u32 = 256;

/// Where packets are when a virtual IP has changed their destination.
#[derive(Clone, Debug)]
pub(super) struct Landing {
    pub(super) protocols: Protocols,
    pub(super) ports: Field<Ports>,
    pub(super) hosts: Field<Addrs>,
}

/// A virtual IP with its lines.
#[derive(Debug)]
pub(super) struct Vip<'t> {
    pub(super) lines: Vec<Line>,
    pub(super) landings: Vec<Landing>,
    /// The outer address; none: the interface's own, or not known.
    pub(super) outer: Option<Addrs>,
    /// The outer interface; none: any.
    pub(super) interface: Option<&'t str>,
    /// Others that lead to the same host by the same interface.
    pub(super) twins: Vec<usize>,
    /// Whether a policy names it.
    pub(super) used: bool,
}

/// Parts of a virtual IP that are read, or that change nothing about where a packet goes.
const PLAIN: &[&str] = &[
    "id",
    "uuid",
    "comment",
    "type",
    "server-type",
    "extip",
    "extaddr",
    "mappedip",
    "mapped-addr",
    "extintf",
    "arp-reply",
    "portforward",
    "status",
    "protocol",
    "extport",
    "mappedport",
    "portmapping-type",
    "src-filter",
    "srcintf-filter",
    "service",
    "color",
    "gratuitous-arp-interval",
    "nat-source-vip",
    "nat44",
    "add-nat46-route",
    "ldb-method",
    "persistence",
    "monitor",
    "max-embryonic-connections",
    "dns-mapping-ttl",
    "empty-cert-action",
    "user-agent-detect",
    "client-cert",
    "src-vip-filter",
];

impl<'t> Reader<'t> {
    /// Reads the list.
    pub(super) fn vips(&mut self) -> Vec<Vip<'t>> {
        let blocks = self.tree.table(self.domain, "firewall vip").map_or(&[][..], |table| &table.blocks);
        let mut vips: Vec<Vip<'t>> = blocks.iter().map(|block| self.vip(block)).collect();
        twins(&mut vips);
        vips
    }

    fn vip(&mut self, block: &'t Block<'t>) -> Vip<'t> {
        let mut other = Vec::new();
        for key in block.keys() {
            let web = key.value.starts_with("ssl-") || key.value.starts_with("http-") || key.value.starts_with("https-");
            let web = web || matches!(key.value, "websphere-server" | "weblogic-server" | "h2-support" | "h3-support");
            if !PLAIN.contains(&key.value) && !web {
                if key.value == "nat46" || key.value == "ipv6-mappedip" {
                    other.push(opaque(key.span, "the virtual IP leads to IPv6"));
                    continue;
                }
                self.remark(key.span, "a part of a virtual IP that is not known", RemarkKind::Unknown);
                other.push(opaque(key.span, "the virtual IP has a part that is not followed"));
            }
        }
        let interface = self.outer_interface(block);
        let mut matches = Match { other, source: sources(block), ..Match::default() };
        if let Some(interface) = &interface {
            matches.in_interface = Field::known_at(interface.value.clone(), interface.span);
        }
        let outer = self.outer(block, &mut matches);
        let mut vip = Vip {
            lines: Vec::new(),
            landings: Vec::new(),
            outer,
            interface: block.word("extintf").map(|w| &*w.value).filter(|name| *name != "any" && !name.is_empty()),
            twins: Vec::new(),
            used: false,
        };
        let enabled = !block.says("status", "disable");
        for (protocols, ports, landed, to_port) in self.ports(block) {
            for (destination, target) in self.targets(block, vip.outer.as_ref()) {
                let mut matches = matches.clone();
                if let Some(destination) = destination {
                    matches.destination = destination;
                }
                matches.protocol = if protocols.is_any() { Field::Absent } else { Field::known_at(protocols, block.span) };
                matches.destination_ports = ports.clone();
                let to = Translation { to: target, to_port: to_port.clone(), permits: false };
                vip.lines.push(Line { enabled, ..Line::new(block.span, matches, Action::Translate(to)) });
            }
            if enabled {
                vip.landings.push(Landing { protocols, ports: landed, hosts: hosts(block) });
            }
        }
        vip
    }

    fn outer_interface(&mut self, block: &'t Block<'t>) -> Option<Spanned<Interfaces>> {
        let filter = block.words("srcintf-filter");
        let words = if filter.is_empty() { block.words("extintf") } else { filter };
        let first = words.first().filter(|w| w.value != "any" && !w.value.is_empty())?;
        for word in &words {
            if self.names.lacks_interface(&word.value) {
                self.remark(word.span, "the interface is not in the file", RemarkKind::Dangling);
            }
        }
        let names = words.iter().map(|w| (&*w.value).into()).collect();
        Some(Spanned::new(Interfaces { names, negated: false }, first.span))
    }

    /// The outer address, as a condition too.
    fn outer(&mut self, block: &'t Block<'t>, matches: &mut Match) -> Option<Addrs> {
        if let Some(named) = block.word("extaddr") {
            let stands = self.names.addrs(&named.value);
            return match &*stands {
                Stands::For(set) => {
                    matches.destination = Field::known_at(set.clone(), named.span);
                    Some(set.clone())
                }
                Stands::Opaque(why) => {
                    matches.destination = Field::opaque_at(named.span, *why);
                    None
                }
                Stands::Nothing => {
                    self.remark(named.span, "the address is not in the file", RemarkKind::Dangling);
                    matches.destination = Field::opaque_at(named.span, "the address is not in the file");
                    None
                }
            };
        }
        let word = block.word("extip");
        let place = word.map_or(block.span, |w| w.span);
        match word.map_or(Some((Ipv4Addr::UNSPECIFIED, Ipv4Addr::UNSPECIFIED)), range) {
            // No address is that of the interface.
            Some((first, _)) if first.is_unspecified() => {
                let own = block.word("extintf").and_then(|w| self.names.ports.get(&*w.value)).and_then(|port| port.net);
                match own {
                    Some(net) => {
                        let set = Addrs::one(net.addr());
                        matches.destination = Field::known_at(set.clone(), place);
                        return Some(set);
                    }
                    None => matches.itself = Field::known_at(true, place),
                }
                None
            }
            Some((first, last)) => {
                let set = Addrs::range(first, last);
                matches.destination = Field::known_at(set.clone(), place);
                Some(set)
            }
            None => {
                matches.destination = Field::opaque_at(place, "the outer address is not valid");
                None
            }
        }
    }

    /// Protocols, outer ports, inner ports, and how one becomes the other.
    fn ports(&mut self, block: &'t Block<'t>) -> Vec<(Protocols, Field<Ports>, Field<Ports>, ToPort)> {
        let mapped = block.word("mappedport").filter(|w| !matches!(&*w.value, "0" | ""));
        let kind = block.word("type").map_or("static-nat", |w| &*w.value);
        let services = block.words("service");
        if !services.is_empty() {
            let service = self.names.service_of(&services);
            let place = services[0].span;
            if service.missing {
                self.remark(place, "the service is not in the file", RemarkKind::Dangling);
            }
            let mut all: Vec<_> = service.joined().into_iter().map(|item| by_service(item, mapped, place)).collect();
            if let Some(why) = service.opaque {
                all.push((Protocols::any(), Field::opaque_at(place, why), Field::Absent, ToPort::Same));
            }
            return all;
        }
        let balanced = kind == "server-load-balance";
        if !block.says("portforward", "enable") && !balanced && kind != "access-proxy" {
            return vec![(Protocols::any(), Field::Absent, Field::Absent, ToPort::Same)];
        }
        let protocol = match block.word(if balanced { "server-type" } else { "protocol" }).map_or("tcp", |w| &*w.value) {
            "udp" => Protocol::Udp,
            "sctp" => Protocol::from_number(132),
            "icmp" => Protocol::Icmp,
            "ip" => return vec![(Protocols::any(), Field::Absent, Field::Absent, ToPort::Same)],
            _ => Protocol::Tcp,
        };
        let protocols = Protocols::of(&[protocol]);
        let Some(outer) = block.word("extport") else {
            return vec![(protocols, Field::Absent, Field::Absent, ToPort::Same)];
        };
        let Some(ports) = numbers(&outer.value) else {
            let unknown = Field::opaque_at(outer.span, "the outer port is not valid");
            return vec![(protocols, unknown.clone(), unknown, ToPort::Same)];
        };
        let server = block.table("realservers").filter(|_| balanced).and_then(|table| table.blocks.first());
        let mapped = server.map_or(mapped, |server| server.word("port").filter(|w| w.value != "0"));
        let to_port = moved(&ports, mapped);
        let landed = match (&to_port, mapped.and_then(|w| numbers(&w.value))) {
            (ToPort::Same, _) | (_, None) => ports.clone(),
            (_, Some(inner)) => inner,
        };
        let place = mapped.map_or(outer.span, |w| w.span);
        vec![(protocols, known(ports, outer.span), known(landed, place), to_port)]
    }

    /// Outer addresses and where each goes; no outer address: that of the whole virtual IP.
    fn targets(&mut self, block: &'t Block<'t>, outer: Option<&Addrs>) -> Vec<(Option<Field<Addrs>>, Target)> {
        let one = |target| vec![(None, target)];
        match block.word("type").map_or("static-nat", |w| &*w.value) {
            "static-nat" => {}
            "load-balance" => {
                let inner = block.word("mappedip").and_then(|w| Some(Spanned::new(range(w)?, w.span)));
                let unknown = || Target::Opaque(opaque(block.span, "the virtual IP goes to one of several hosts"));
                return one(inner.map_or_else(unknown, Target::OneOf));
            }
            "server-load-balance" => {
                let servers = block.table("realservers").map_or(&[][..], |table| &table.blocks);
                let host =
                    |server: &'t Block<'t>| server.word("ip").and_then(|w| Some(Spanned::new(w.value.parse::<Ipv4Addr>().ok()?, w.span)));
                let only = if let [server] = servers { host(server) } else { None };
                let several = || Target::Opaque(opaque(block.span, "the virtual IP goes to one of several servers"));
                return one(only.map_or_else(several, Target::Host));
            }
            "fqdn" => return one(Target::Opaque(opaque(block.span, "a host name stands for addresses that only DNS knows"))),
            // Only answers of DNS are changed.
            "dns-translation" => return Vec::new(),
            "access-proxy" => return one(Target::Device(block.span)),
            _ => return one(Target::Opaque(opaque(block.span, "the type of the virtual IP is not known"))),
        }
        let Some(word) = block.word("mappedip") else {
            return one(Target::Opaque(opaque(block.span, "the virtual IP names no inner address")));
        };
        let Some((first, last)) = range(word) else {
            return one(Target::Opaque(opaque(word.span, "the inner address is not valid")));
        };
        let inner = u32::from(last) - u32::from(first);
        match outer.map(Addrs::ranges) {
            Some([(from, _)]) if *from == u32::from(first) => {
                one(Target::Opaque(opaque(word.span, "the virtual IP maps an address to itself, which FortiOS refuses since 6.0")))
            }
            Some([(from, to)]) if to - from == inner && inner > 0 => {
                if inner >= WIDE || !self.names.afford(inner as usize * 8) {
                    return one(Target::Opaque(opaque(word.span, "the range of the virtual IP is too wide to follow")));
                }
                let pair = |n| {
                    let host = Spanned::new(Ipv4Addr::from(u32::from(first) + n), word.span);
                    (Some(Field::known_at(Addrs::one(Ipv4Addr::from(from + n)), block.span)), Target::Host(host))
                };
                (0..=inner).map(pair).collect()
            }
            _ if inner == 0 => one(Target::Host(Spanned::new(first, word.span))),
            _ => one(Target::Opaque(opaque(word.span, "which inner address belongs to which outer one is not in the file"))),
        }
    }
}

/// Every port stays open.
fn known(ports: Ports, place: crate::source::Span) -> Field<Ports> {
    if ports.is_any() { Field::Absent } else { Field::known_at(ports, place) }
}

fn by_service(item: Item, mapped: Option<&Word<'_>>, place: crate::source::Span) -> (Protocols, Field<Ports>, Field<Ports>, ToPort) {
    let to_port = moved(&item.ports, mapped);
    let landed = match mapped.and_then(|w| numbers(&w.value)) {
        Some(inner) if to_port != ToPort::Same => inner,
        _ => item.ports.clone(),
    };
    (item.protocols, known(item.ports, place), known(landed, place), to_port)
}

/// How outer ports become inner ones.
fn moved(outer: &Ports, mapped: Option<&Word<'_>>) -> ToPort {
    let Some(word) = mapped else { return ToPort::Same };
    let Some(inner) = numbers(&word.value) else { return ToPort::Opaque(opaque(word.span, "the inner port is not valid")) };
    let first = inner.first().unwrap_or(0);
    match &outer.ranges().collect::<Vec<_>>()[..] {
        _ if *outer == inner => ToPort::Same,
        _ if inner.count() == 1 => ToPort::Range(Spanned::new((first, first), word.span)),
        [(from, to)] if u32::from(to - from) + 1 == inner.count() => ToPort::Shift(Spanned::new((*from, first), word.span)),
        _ => ToPort::Opaque(opaque(word.span, "which inner port belongs to which outer one is not in the file")),
    }
}

/// `a` or `a-b`.
fn range(word: &Word<'_>) -> Option<(Ipv4Addr, Ipv4Addr)> {
    let (first, last) = word.value.split_once('-').unwrap_or((&word.value, &word.value));
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last).then_some((first, last))
}

/// Whom `src-filter` lets in.
fn sources(block: &Block<'_>) -> Field<Addrs> {
    let words = block.words("src-filter");
    let Some(first) = words.first() else { return Field::Absent };
    let sets: Option<Vec<Addrs>> = words.iter().map(|w| Addrs::parse(&w.value)).collect();
    match sets {
        Some(sets) => Field::known_at(Addrs::from_ranges(sets.iter().flat_map(|set| set.ranges().iter().copied()).collect()), first.span),
        None => Field::opaque_at(first.span, "a source of the virtual IP is not valid"),
    }
}

/// Where packets of the virtual IP may land.
fn hosts(block: &Block<'_>) -> Field<Addrs> {
    let place = block.word("mappedip").map_or(block.span, |w| w.span);
    let servers = block.table("realservers").map_or(&[][..], |table| &table.blocks);
    let inner: Option<Vec<Addrs>> = match block.word("type").map_or("static-nat", |w| &*w.value) {
        "static-nat" | "load-balance" => block.word("mappedip").and_then(range).map(|(first, last)| vec![Addrs::range(first, last)]),
        "server-load-balance" => servers.iter().map(|s| s.word("ip").and_then(|w| Addrs::parse(&w.value))).collect(),
        _ => None,
    };
    match inner {
        Some(sets) => Field::known_at(Addrs::from_ranges(sets.iter().flat_map(|set| set.ranges().iter().copied()).collect()), place),
        None => Field::opaque_at(place, "the inner address is not in the file"),
    }
}

/// Finds virtual IPs that lead to the same host by the same interface.
fn twins(vips: &mut [Vip<'_>]) {
    const MANY: usize = 64;
    let mut by_host: std::collections::BTreeMap<u32, Vec<usize>> = std::collections::BTreeMap::new();
    for (n, vip) in vips.iter().enumerate() {
        for landing in &vip.landings {
            if let Some([(first, last)]) = landing.hosts.value().map(Addrs::ranges)
                && first == last
            {
                let all = by_host.entry(*first).or_default();
                if all.len() < MANY && !all.contains(&n) {
                    all.push(n);
                }
            }
        }
    }
    for all in by_host.into_values() {
        for &one in &all {
            let apart = |other: &usize| {
                vips[*other].interface.is_some() && vips[one].interface.is_some() && vips[*other].interface != vips[one].interface
            };
            let found: Vec<usize> = all.iter().copied().filter(|other| *other != one && !apart(other)).collect();
            let meets = |other: &usize| {
                let (a, b) = (&vips[one].landings, &vips[*other].landings);
                a.len() * b.len() > MANY || a.iter().any(|a| b.iter().any(|b| overlap(a, b)))
            };
            vips[one].twins = found.into_iter().filter(meets).collect();
        }
    }
}

fn overlap(a: &Landing, b: &Landing) -> bool {
    let ports = match (a.ports.value(), b.ports.value()) {
        (Some(a), Some(b)) => a.meets(b),
        _ => true,
    };
    ports && !a.protocols.intersection(&b.protocols).is_empty()
}

impl Names<'_> {
    /// The virtual IPs that a name in a policy stands for; none: it is none of them.
    pub(super) fn vips_of(&self, name: &str) -> Option<Vec<usize>> {
        if let Some(&one) = self.vips.get(name) {
            return Some(vec![one]);
        }
        let group = self.vip_groups.get(name)?;
        Some(group.words("member").into_iter().filter_map(|member| self.vips.get(&*member.value).copied()).collect())
    }
}
