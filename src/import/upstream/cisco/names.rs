//! Groups and objects: sets of addresses, and sets of services.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::rc::Rc;

use ipnet::Ipv4Net;

use super::words::{Gone, Words, address, port, prefix, protocols};
use super::{Log, System};
use crate::net::{Addrs, Ports, Protocols};

/// Groups that hold each other deeper than this are not followed.
const DEPTH: u32 = 32;
/// More kinds of services than this in one group are not followed.
const SERVICES: usize = 64;
/// All sets of addresses of a file's rules together may have as many ranges.
const RANGES: usize = 1_000_000;
/// A wildcard mask with gaps may stand for as many ranges.
const GAPS: u32 = 10;

/// What leaves a group in doubt that has a member in other words.
const ODD: &str = "the group has a member that is not understood";

/// What kind of things a group or an object holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Network,
    Service,
    Protocol,
    Other,
}

/// A group or an object.
#[derive(Debug)]
pub(super) struct Def<'t> {
    pub(super) kind: Kind,
    /// The protocol in the head of a group of an ASA's ports.
    pub(super) head: Option<Protocols>,
    pub(super) members: Vec<Words<'t>>,
    pub(super) gone: Gone<'t>,
}

impl<'t> Def<'t> {
    /// Members that were not taken back.
    fn left(&self) -> Vec<Words<'t>> {
        self.members.iter().filter(|member| !self.gone.holds(member)).cloned().collect()
    }
}

/// What a name stands for.
#[derive(Debug)]
pub(super) enum Stands<T> {
    For(Rc<T>),
    Opaque(&'static str),
    Nothing,
}

impl<T> Clone for Stands<T> {
    fn clone(&self) -> Self {
        match self {
            Self::For(what) => Self::For(Rc::clone(what)),
            Self::Opaque(why) => Self::Opaque(why),
            Self::Nothing => Self::Nothing,
        }
    }
}

/// Packets that a service is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Service {
    pub(super) protocols: Protocols,
    pub(super) source: Ports,
    pub(super) destination: Ports,
}

/// The groups and objects of a file.
#[derive(Debug)]
pub(super) struct Names<'t> {
    system: System,
    pub(super) defs: BTreeMap<&'t str, Def<'t>>,
    /// An ASA's `name 192.168.1.4 mx`.
    pub(super) hosts: BTreeMap<&'t str, Ipv4Addr>,
    networks: BTreeMap<&'t str, Stands<Addrs>>,
    services: BTreeMap<&'t str, Stands<Vec<Service>>>,
    left: Cell<usize>,
}

impl<'t> Names<'t> {
    pub(super) fn new(system: System) -> Self {
        Self {
            system,
            defs: BTreeMap::new(),
            hosts: BTreeMap::new(),
            networks: BTreeMap::new(),
            services: BTreeMap::new(),
            left: Cell::new(RANGES),
        }
    }

    pub(super) fn define(&mut self, name: &'t str, kind: Kind, head: Option<Protocols>) {
        self.defs.entry(name).or_insert(Def { kind, head, members: Vec::new(), gone: Gone::default() });
    }

    pub(super) fn kind(&self, name: &str) -> Option<Kind> {
        self.defs.get(name).map(|def| def.kind)
    }

    /// A dotted address, or a name for one.
    pub(super) fn host(&self, word: &str) -> Option<Ipv4Addr> {
        address(word).or_else(|| self.hosts.get(word).copied())
    }

    /// Whether as many more ranges may be copied into rules.
    pub(super) fn afford(&self, ranges: usize) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(ranges));
        left >= ranges
    }

    /// The addresses of a group or an object.
    pub(super) fn addrs(&mut self, name: &'t str, log: &mut Log) -> Stands<Addrs> {
        self.addrs_in(name, 0, log)
    }

    fn addrs_in(&mut self, name: &'t str, depth: u32, log: &mut Log) -> Stands<Addrs> {
        if let Some(known) = self.networks.get(name) {
            return known.clone();
        }
        let Some(def) = self.defs.get(name) else { return Stands::Nothing };
        if def.kind != Kind::Network {
            return Stands::Opaque("the group holds no addresses");
        }
        if depth > DEPTH {
            return Stands::Opaque("groups hold each other too deeply");
        }
        let members = def.left();
        // A group that holds itself adds nothing.
        self.networks.insert(name, Stands::For(Rc::new(Addrs::none())));
        let mut ranges = Vec::new();
        let mut why = None;
        for mut member in members {
            let inner = ["group-object", "network-object object", "network-object object-group"].iter().any(|words| member.eat(words));
            let found = if inner {
                member.take().map_or(Err(ODD), |inner| match self.addrs_in(inner.value, depth + 1, log) {
                    Stands::For(set) => Ok((*set).clone()),
                    Stands::Opaque(why) => Err(why),
                    Stands::Nothing => {
                        log.dangling(inner.span, "the group is not in the file");
                        Err("a group of the group is not in the file")
                    }
                })
            } else {
                self.member(&mut member)
            };
            match found {
                Ok(set) if member.is_over() => ranges.extend_from_slice(set.ranges()),
                Err(reason) if reason != ODD => why = Some(reason),
                _ => {
                    log.unknown(member.span, "a member that is not understood");
                    why = Some(ODD);
                    continue;
                }
            }
            log.show(&member);
            if ranges.len() > RANGES {
                why = Some("the groups are too large to follow");
                break;
            }
        }
        let stands = match why {
            Some(why) => Stands::Opaque(why),
            None => Stands::For(Rc::new(Addrs::from_ranges(ranges))),
        };
        self.networks.insert(name, stands.clone());
        stands
    }

    /// A member of a group of addresses, or what an object stands for. Masks are those of networks in both systems.
    fn member(&self, words: &mut Words<'t>) -> Result<Addrs, &'static str> {
        if words.eat("fqdn") {
            while words.take().is_some() {}
            return Err("a host name stands for addresses that only DNS knows");
        }
        let _ = words.eat("network-object") || words.eat("subnet");
        if words.eat("any") || words.eat("any4") {
            return Ok(Addrs::any());
        }
        if words.eat("any6") {
            return Ok(Addrs::none());
        }
        let (host, range) = (words.eat("host"), words.eat("range"));
        let first = words.take().ok_or(ODD)?;
        if first.value.contains(':') {
            while words.take().is_some() {}
            return Ok(Addrs::none());
        }
        if let Ok(net) = first.value.parse::<Ipv4Net>() {
            return Ok(Addrs::net(net));
        }
        let ip = self.host(first.value).ok_or(ODD)?;
        if host {
            return Ok(Addrs::one(ip));
        }
        let second = words.take().ok_or(ODD)?.value;
        if range {
            return self.host(second).map(|last| Addrs::range(ip, last)).ok_or(ODD);
        }
        let bits = match second.strip_prefix('/') {
            Some(bits) => bits.parse().ok(),
            None => address(second).and_then(prefix),
        };
        bits.and_then(|bits| Ipv4Net::new(ip, bits).ok()).map(Addrs::net).ok_or(ODD)
    }

    /// The services of a group or an object.
    pub(super) fn services(&mut self, name: &'t str, log: &mut Log) -> Stands<Vec<Service>> {
        self.services_in(name, 0, log)
    }

    fn services_in(&mut self, name: &'t str, depth: u32, log: &mut Log) -> Stands<Vec<Service>> {
        if let Some(known) = self.services.get(name) {
            return known.clone();
        }
        let Some(def) = self.defs.get(name) else { return Stands::Nothing };
        if !matches!(def.kind, Kind::Service | Kind::Protocol) {
            return Stands::Opaque("the group holds no services");
        }
        if depth > DEPTH {
            return Stands::Opaque("groups hold each other too deeply");
        }
        let (members, head) = (def.left(), def.head);
        self.services.insert(name, Stands::For(Rc::new(Vec::new())));
        let mut all: Vec<Service> = Vec::new();
        let mut why = None;
        for mut member in members {
            if ["group-object", "service-object object", "service-object object-group"].iter().any(|words| member.eat(words)) {
                let Some(inner) = member.take() else { continue };
                match self.services_in(inner.value, depth + 1, log) {
                    Stands::For(set) => set.iter().for_each(|service| add(&mut all, service.clone())),
                    Stands::Opaque(reason) => why = Some(reason),
                    Stands::Nothing => {
                        log.dangling(inner.span, "the group is not in the file");
                        why = Some("a group of the group is not in the file");
                    }
                }
            } else {
                match service(&mut member, head) {
                    Some(service) => add(&mut all, service),
                    None => {
                        log.unknown(member.span, "a member that is not understood");
                        why = Some(ODD);
                        continue;
                    }
                }
            }
            log.show(&member);
            if all.len() > SERVICES {
                why = Some("the group has too many kinds of services to follow");
                break;
            }
        }
        let stands = match why {
            Some(why) => Stands::Opaque(why),
            None => Stands::For(Rc::new(all)),
        };
        self.services.insert(name, stands.clone());
        stands
    }

    /// The addresses that an address with a mask stands for in an access list.
    pub(super) fn masked(&self, ip: Ipv4Addr, mask: Ipv4Addr) -> Result<Addrs, &'static str> {
        let free = match self.system {
            System::Ios => u32::from(mask),
            System::Asa => !u32::from(mask),
        };
        let low = free.trailing_ones();
        let block = if low == 32 { u32::MAX } else { (1 << low) - 1 };
        let gaps = free & !block;
        if gaps.count_ones() > GAPS {
            return Err("the mask has too many gaps to follow");
        }
        let base = u32::from(ip) & !free;
        let mut ranges = Vec::with_capacity(1 << gaps.count_ones());
        // Every subset of the bits that do not matter.
        let mut some: u32 = 0;
        loop {
            ranges.push((base | some, base | some | block));
            some = some.wrapping_sub(gaps) & gaps;
            if some == 0 {
                return Ok(Addrs::from_ranges(ranges));
            }
        }
    }
}

/// Services of one protocol with the same source ports are one.
fn add(all: &mut Vec<Service>, new: Service) {
    match all.iter_mut().find(|one| one.protocols == new.protocols && one.source == new.source) {
        Some(one) => one.destination = one.destination.union(&new.destination),
        None => all.push(new),
    }
}

/// `tcp source range 1 2 eq 500` of IOS; `service-object udp destination eq 500`, `port-object eq 500`, `protocol-object udp` and an object's
/// `service udp destination eq 500` of an ASA.
fn service(words: &mut Words<'_>, head: Option<Protocols>) -> Option<Service> {
    let mut service = Service { protocols: head.unwrap_or(Protocols::any()), source: Ports::any(), destination: Ports::any() };
    if words.eat("port-object") {
        service.destination = ports(words)?;
        return words.is_over().then_some(service);
    }
    let _ = words.eat("service-object") || words.eat("protocol-object") || words.eat("service");
    service.protocols = protocols(words.take()?.value)?;
    if words.eat("source") {
        service.source = ports(words)?;
    }
    let _ = words.eat("destination");
    if !words.is_over() {
        let icmp = protocols("icmp");
        if Some(service.protocols) == icmp || Some(service.protocols) == protocols("icmp6") {
            while words.take().is_some() {}
            return Some(service);
        }
        service.destination = ports(words)?;
    }
    words.is_over().then_some(service)
}

/// `eq 500 4500`, `range 500 4500`, `lt`, `gt`, `neq`; IOS's groups leave `eq` out.
pub(super) fn ports(words: &mut Words<'_>) -> Option<Ports> {
    let next = |words: &mut Words<'_>| {
        let number = words.peek().and_then(port)?;
        words.take();
        Some(number)
    };
    if words.eat("range") {
        let (first, last) = (next(words)?, next(words)?);
        return Some(Ports::range(first.min(last), last.max(first)));
    }
    if words.eat("lt") {
        return Some(next(words)?.checked_sub(1).map_or(Ports::none(), |last| Ports::range(0, last)));
    }
    if words.eat("gt") {
        return Some(next(words)?.checked_add(1).map_or(Ports::none(), |first| Ports::range(first, u16::MAX)));
    }
    let not = words.eat("neq");
    let _ = not || words.eat("eq");
    let mut all = Ports::one(next(words)?);
    while let Some(another) = next(words) {
        all = all.union(&Ports::one(another));
    }
    Some(if not { all.complement() } else { all })
}
