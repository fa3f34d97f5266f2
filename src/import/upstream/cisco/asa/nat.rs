//! The table of translations of an ASA: three sections, and what each rule does to packets that come in.
//!
//! A static rule works both ways: what comes in at the mapped interface for the mapped address goes to the real one, and what comes in at the real interface for the mapped
//! destination goes to the real destination (ASA "CLI Configuration Guide", "Twice NAT"). The first rule that takes the answers must be the rule that took the packet, else
//! the device drops it (message 305013, "Asymmetric NAT rules matched for forward and reverse flows").

use std::collections::BTreeSet;

use super::Reader;
use super::rules::{End, Rule};
use crate::import::upstream::cisco::opaque;
use crate::import::upstream::cisco::words::Words;
use crate::model::upstream::{self, Action, Chain, ChainId, Device, Interfaces, Line, Match, Target, ToPort, Translation};
use crate::model::{Field, Opaque};
use crate::net::{Addrs, Ports, Protocols};
use crate::source::{Span, Spanned};
use ipnet::Ipv4Net;

const ASYMMETRIC: &str = "an earlier translation takes the answers, and the device drops flows whose two ways match different rules";
/// Of more rules than this, all that come later are in doubt.
const MANY: usize = 64;

/// Earlier rules that take whatever their hosts send, wherever it goes.
#[derive(Default)]
struct Earlier<'t> {
    hosts: BTreeSet<(u32, Option<&'t str>)>,
    wide: Vec<Rule<'t>>,
}

impl<'t> Reader<'t> {
    /// All rules in the order in which they are asked.
    pub(super) fn translations(&mut self, device: &mut Device) -> ChainId {
        let (mut first, mut last) = (Vec::new(), Vec::new());
        let mut lines = Vec::new();
        for words in std::mem::take(&mut self.rules) {
            if self.rules_gone.holds(&words) {
                continue;
            }
            let Some(rule) = self.understood(words, None, &mut lines) else { continue };
            let section = if rule.after_auto { &mut last } else { &mut first };
            let place = rule.at.map_or(section.len(), |n| n.saturating_sub(1).min(section.len()));
            section.insert(place, rule);
        }
        let mut objects = Vec::new();
        for (name, words) in std::mem::take(&mut self.object_rules) {
            let Some(rule) = self.understood(words, Some(name), &mut lines) else { continue };
            objects.push((rank(&rule, name), rule));
        }
        objects.sort_by_key(|(rank, _)| *rank);
        let head = first.first().or(objects.first().map(|(_, rule)| rule)).or(last.first()).map_or(Span::default(), |rule| rule.span);
        let mut earlier = Earlier::default();
        for rule in first.into_iter().chain(objects.into_iter().map(|(_, rule)| rule)).chain(last) {
            lines.extend(self.lines(&rule, &earlier));
            earlier.add(rule);
        }
        device.add(Chain { lines, ..Chain::new("nat", head, Some(upstream::End::implicit(true, head))) })
    }

    fn understood(&mut self, mut words: Words<'t>, object: Option<&'t str>, lines: &mut Vec<Line>) -> Option<Rule<'t>> {
        let rule = self.rule(&mut words, object);
        if rule.is_none() {
            self.log.unknown(words.here(), "a translation that is not understood");
            let doubt = Action::Opaque(opaque(words.here(), "a translation that is not understood may take the packet"));
            lines.push(Line::new(words.span, Match::default(), doubt));
        }
        self.log.show(&words);
        rule
    }

    /// What a rule does to packets that come in.
    fn lines(&self, rule: &Rule<'t>, earlier: &Earlier<'t>) -> Vec<Line> {
        let mut lines = Vec::new();
        let ports = |side: usize, to: bool| -> Ports {
            let service = rule.service.as_ref().map(|service| &service[side].value);
            service.map_or(Ports::any(), |service| if to { service.destination.clone() } else { service.source.clone() })
        };
        if rule.is_static && !rule.unidirectional {
            let from = rule.destination.as_ref().map_or(&End::Any, |ends| &ends[1]);
            let turned = Turned {
                interface: rule.interfaces[1],
                from,
                to: [&rule.source[1], &rule.source[0]],
                source_ports: ports(1, true),
                ports: [ports(1, false), ports(0, false)],
                side: 1,
            };
            let line = turned.line(rule);
            if earlier.takes_answers_of(rule) {
                lines.push(Line { action: Action::Opaque(opaque(rule.span, ASYMMETRIC)), ..line.clone() });
            }
            lines.extend(self.of_other_interface(rule, &line));
            lines.push(line);
        }
        if let Some([mapped, real]) = &rule.destination {
            let turned = Turned {
                interface: rule.interfaces[0],
                from: &rule.source[0],
                to: [mapped, real],
                source_ports: ports(0, false),
                ports: [ports(0, true), ports(1, true)],
                side: 0,
            };
            lines.push(turned.line(rule));
        }
        lines.extend(self.untranslated(rule));
        lines.into_iter().map(|line| Line { enabled: !rule.off, ..line }).collect()
    }

    /// A host that stands behind another interface than the rule says cannot be reached by it.
    fn of_other_interface(&self, rule: &Rule<'t>, line: &Line) -> Option<Line> {
        let (Some(real), End::Set(set)) = (rule.interfaces[0], &rule.source[0]) else { return None };
        let host = set.value.first()?;
        let holds = |port: &super::Port<'_>| port.net.is_some_and(|net| net.value.contains(&host));
        let wrong = self.named().any(|(port, name)| name.value != real.value && holds(port));
        let right = self.named().any(|(port, name)| name.value == real.value && holds(port));
        let why = "the host stands behind another interface than the translation names";
        (wrong && !right).then(|| Line { action: Action::Opaque(opaque(real.span, why)), ..line.clone() })
    }

    /// What comes in for a real address, though its answers would be translated, is dropped.
    fn untranslated(&self, rule: &Rule<'t>) -> Option<Line> {
        if rule.destination.is_some() || rule.unidirectional && rule.is_static {
            return None;
        }
        let set = match &rule.source[0] {
            End::Any => self.behind_others(rule.interfaces[1]?.value),
            End::Set(set) => set.value.clone(),
            End::Itself(_) | End::Opaque(_) => return None,
        };
        let same = matches!((&rule.source[0], &rule.source[1]), (End::Set(a), End::Set(b)) if a.value == b.value)
            || rule.source[0] == rule.source[1];
        if same && rule.is_static || set.is_empty() || !self.names.afford(set.ranges().len()) {
            return None;
        }
        let mut matches =
            Match { destination: Field::known_at(set, rule.span), itself: Field::known_at(false, rule.span), ..Match::default() };
        if let Some(service) = &rule.service {
            narrow(&mut matches, &service[0].value, rule.span);
        }
        if let Some(name) = rule.interfaces[1] {
            matches.in_interface = Field::known_at(Interfaces::one(name.value), name.span);
        }
        let why = "the answers of this address are translated, and the device drops flows whose two ways match different rules";
        Some(Line::new(rule.span, matches, Action::Opaque(opaque(rule.span, why))))
    }
}

/// A rule as packets meet it that come in at one of its sides.
struct Turned<'r, 't> {
    interface: Option<Spanned<&'t str>>,
    from: &'r End,
    /// The address that packets are for, and the one that they go to.
    to: [&'r End; 2],
    source_ports: Ports,
    /// The same of ports.
    ports: [Ports; 2],
    side: usize,
}

impl Turned<'_, '_> {
    fn line(&self, rule: &Rule<'_>) -> Line {
        let span = rule.span;
        let mut matches = Match::default();
        if let Some(name) = self.interface {
            matches.in_interface = Field::known_at(Interfaces::one(name.value), name.span);
        }
        match self.from {
            End::Any => {}
            End::Set(set) => matches.source = Field::known_at(set.value.clone(), set.span),
            End::Itself(place) => matches.source = Field::opaque_at(*place, "the address of the interface is not in the file"),
            End::Opaque(why) => matches.source = Field::Opaque(why.clone()),
        }
        match self.to[0] {
            End::Any => {}
            End::Set(set) => matches.destination = Field::known_at(set.value.clone(), set.span),
            End::Itself(place) => matches.itself = Field::known_at(true, *place),
            End::Opaque(why) => matches.destination = Field::Opaque(why.clone()),
        }
        if let Some(service) = &rule.service {
            let protocols = service[self.side].value.protocols;
            if protocols != Protocols::any() {
                matches.protocol = Field::known_at(protocols, service[self.side].span);
            }
            let put = |set: &Ports| if set.is_any() { Field::Absent } else { Field::known_at(set.clone(), service[self.side].span) };
            matches.source_ports = put(&self.source_ports);
            matches.destination_ports = put(&self.ports[0]);
        }
        matches.other.extend(rule.doubt.clone());
        let to_port = self.to_port(rule);
        let to = match (self.to[0], self.to[1]) {
            (_, End::Any) => None,
            (from, to) if from == to => None,
            (End::Set(from), End::Set(to)) if from.value == to.value => None,
            (from, End::Set(to)) => Some(target(from, to)),
            (_, End::Itself(place)) => Some(Target::Device(*place)),
            (_, End::Opaque(why)) => Some(Target::Opaque(why.clone())),
        };
        let action = match to {
            Some(to) => Action::Translate(Translation { to, to_port, permits: false }),
            // It stays as it is, and no later rule is asked.
            None if to_port == ToPort::Same => Action::Permit,
            None => Action::Opaque(opaque(span, "a translation of ports alone is not followed")),
        };
        Line::new(span, matches, action)
    }

    fn to_port(&self, rule: &Rule<'_>) -> ToPort {
        let place = rule.service.as_ref().map_or(rule.span, |service| service[1 - self.side].span);
        let [from, to] = &self.ports;
        let ends = |set: &Ports| {
            let mut ranges = set.ranges();
            ranges.next().filter(|_| ranges.next().is_none())
        };
        match (ends(from), ends(to)) {
            _ if from == to => ToPort::Same,
            (_, Some((first, last))) if first == last => ToPort::Range(Spanned::new((first, last), place)),
            (Some((a, b)), Some((c, d))) if b - a == d - c => ToPort::Shift(Spanned::new((a, c), place)),
            _ => ToPort::Opaque(Opaque { span: place, reason: "which inner port belongs to which outer one is not followed".into() }),
        }
    }
}

/// The host that each address becomes.
fn target(from: &End, to: &Spanned<Addrs>) -> Target {
    let doubt = || Target::Opaque(opaque(to.span, "which inner address belongs to which outer one is not followed"));
    if to.value.size() == 1 {
        return to.value.first().map_or_else(doubt, |host| Target::Host(Spanned::new(host, to.span)));
    }
    let End::Set(from) = from else { return doubt() };
    match (as_net(&from.value), as_net(&to.value)) {
        (Some(a), Some(b)) if a.prefix_len() == b.prefix_len() => Target::Net(Spanned::new((a, b), to.span)),
        // `nat (inside,outside) static 203.0.113.0` of a network names its first address only.
        _ => doubt(),
    }
}

/// A set that is one network.
pub(super) fn as_net(set: &Addrs) -> Option<Ipv4Net> {
    let [(first, last)] = set.ranges() else { return None };
    let size = u64::from(last - first) + 1;
    let bits = 32 - u8::try_from(size.trailing_zeros()).ok()?;
    let net = Ipv4Net::new((*first).into(), bits).ok()?;
    (size.is_power_of_two() && net.network() == net.addr()).then_some(net)
}

/// The order of objects' rules: static ones first, then by how many real addresses there are, then by the lowest, then by name.
fn rank<'n>(rule: &Rule<'_>, name: &'n str) -> (bool, u64, u32, &'n str) {
    let (size, first) = match &rule.source[0] {
        End::Set(set) => (set.value.size(), set.value.first().map_or(0, u32::from)),
        _ => (u64::MAX, 0),
    };
    (!rule.is_static, size, first, name)
}

/// Only packets for what the service says at the real side.
fn narrow(matches: &mut Match, service: &crate::import::upstream::cisco::names::Service, place: Span) {
    if service.protocols != Protocols::any() {
        matches.protocol = Field::known_at(service.protocols, place);
    }
    if !service.source.is_any() {
        matches.destination_ports = Field::known_at(service.source.clone(), place);
    }
}

impl<'t> Earlier<'t> {
    fn add(&mut self, rule: Rule<'t>) {
        if rule.destination.is_some() || rule.service.is_some() || rule.off || rule.doubt.is_some() {
            return;
        }
        match &rule.source[0] {
            End::Set(set) if rule.is_static && set.value.size() == 1 => {
                self.hosts.extend(set.value.first().map(|host| (u32::from(host), rule.interfaces[1].map(|name| name.value))));
            }
            _ if self.wide.len() <= MANY => self.wide.push(rule),
            _ => {}
        }
    }

    /// Whether an earlier rule takes what the real side of this one answers.
    fn takes_answers_of(&self, rule: &Rule<'t>) -> bool {
        let overlap =
            |a: Option<Spanned<&str>>, b: Option<Spanned<&str>>| a.is_none() || b.is_none() || a.map(|n| n.value) == b.map(|n| n.value);
        let real = match &rule.source[0] {
            End::Set(set) => &set.value,
            _ => return false,
        };
        let mapped = rule.interfaces[1].map(|name| name.value);
        let host = real.first().filter(|_| real.size() == 1).map(u32::from);
        if host.is_some_and(|host| self.hosts.contains(&(host, mapped)) || self.hosts.contains(&(host, None))) {
            return true;
        }
        self.wide.len() > MANY
            || self.wide.iter().any(|other| {
                let meets = match &other.source[0] {
                    End::Any => true,
                    End::Set(set) => set.value.meets(real),
                    End::Itself(_) | End::Opaque(_) => false,
                };
                // A dynamic rule for the interface's own address takes what comes back to that address.
                let same = !other.is_static && other.source[1] != End::Any && matches_mapped(&other.source[1], &rule.source[1]);
                overlap(other.interfaces[1], rule.interfaces[1]) && (same || meets && overlap(other.interfaces[0], rule.interfaces[0]))
            })
    }
}

fn matches_mapped(a: &End, b: &End) -> bool {
    match (a, b) {
        (End::Set(a), End::Set(b)) => a.value.meets(&b.value),
        (End::Itself(_), End::Itself(_)) => true,
        _ => false,
    }
}
