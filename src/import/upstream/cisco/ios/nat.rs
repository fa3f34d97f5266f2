//! Static translations of IOS.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::Reader;
use super::interfaces::{INSIDE, Side};
use crate::import::upstream::cisco::entry::{NOT_UNDERSTOOD, Own};
use crate::import::upstream::cisco::opaque;
use crate::import::upstream::cisco::words::{Words, address, port, prefix, protocols};
use crate::model::upstream::{Action, Chain, ChainId, Device, End, Interfaces, Line, Match, Target, ToPort, Translation};
use crate::model::{Field, Opaque};
use crate::net::{Addrs, Ports};
use crate::source::{Span, Spanned};

/// Entries for ports are found before those for hosts, and those before networks.
type Rank = u8;

impl<'t> Reader<'t> {
    /// The list of static translations; dynamic ones are for what the inside begins, and take nothing that comes from outside.
    pub(super) fn translations(&mut self, device: &mut Device) -> ChainId {
        let all = std::mem::take(&mut self.nat);
        let head = all.first().map_or(Span::default(), |words| words.span);
        let mut lines: Vec<(Rank, Line)> = Vec::new();
        for words in &all {
            if self.nat_gone.holds(words) {
                continue;
            }
            let mut words = words.clone();
            let either = words.peek() == Some("source");
            if words.eat("inside source static") || words.eat("source static") {
                match self.fixed(&mut words, either) {
                    Some(ranked) => lines.push(ranked),
                    None => {
                        self.log.unknown(words.here(), "a translation that is not understood");
                        let doubt = Action::Opaque(opaque(words.here(), "a translation that is not understood may take the packet"));
                        lines.push((0, Line::new(words.span, Match::default(), doubt)));
                    }
                }
            } else if words.eat("inside destination") {
                let tcp = protocols("tcp").map_or(Field::Absent, |set| Field::known_at(set, words.span));
                let doubt = Action::Opaque(opaque(words.span, "which of several hosts the router chooses is not followed"));
                lines.push((0, Line::new(words.span, Match { protocol: tcp, ..Match::default() }, doubt)));
            }
            self.log.show(&words);
        }
        self.nat = all;
        lines.sort_by_key(|(rank, _)| *rank);
        let lines = self.unmarked(lines.into_iter().map(|(_, line)| line).collect());
        device.add(Chain { lines, ..Chain::new("ip nat inside source static", head, Some(End::implicit(true, head))) })
    }

    /// One static translation.
    fn fixed(&mut self, words: &mut Words<'t>, either: bool) -> Option<(Rank, Line)> {
        let span = words.span;
        let mut matches = Match { in_interface: self.outside(span, either), ..Match::default() };
        let network = words.eat("network");
        let protocol = words.peek().filter(|word| matches!(*word, "tcp" | "udp" | "esp")).and_then(protocols);
        if let Some(set) = protocol {
            matches.protocol = Field::known_at(set, words.take()?.span);
        }
        let ported = protocol.is_some() && protocol != protocols("esp");
        let inner = next_address(words)?;
        let inner_port = if ported { Some(next_port(words)?) } else { None };
        let (outer, of_interface) = self.outer(words, &mut matches)?;
        let mut to_port = ToPort::Same;
        if let Some(inner_port) = inner_port {
            let outer_port = next_port(words)?;
            matches.destination_ports = Field::known_at(Ports::one(outer_port.value), outer_port.span);
            if inner_port.value != outer_port.value {
                to_port = ToPort::Range(Spanned::new((inner_port.value, inner_port.value), inner_port.span));
            }
        }
        let mut to = Target::Host(inner);
        if network && of_interface {
            return None;
        }
        if network {
            let bits = match words.peek()?.strip_prefix('/') {
                Some(bits) => bits.parse().ok()?,
                None => words.peek().and_then(address).and_then(prefix)?,
            };
            words.take();
            let (from, new) = (Ipv4Net::new(outer.value, bits).ok()?.trunc(), Ipv4Net::new(inner.value, bits).ok()?.trunc());
            matches.destination = Field::known_at(Addrs::net(from), outer.span);
            to = Target::Net(Spanned::new((from, new), inner.span));
        }
        self.options(words, &mut matches.other);
        let rank = if ported { 0 } else { 1 + u8::from(network) };
        let line = Line::new(span, matches, Action::Translate(Translation { to, to_port, permits: false }));
        // Without an outside nothing is translated.
        let enabled = !line.matches.in_interface.is_absent() || self.ports.is_empty();
        Some((rank, Line { enabled, ..line }))
    }

    /// The address that the internet sees, and whether it is that of an interface.
    fn outer(&mut self, words: &mut Words<'t>, matches: &mut Match) -> Option<(Spanned<Ipv4Addr>, bool)> {
        if !words.eat("interface") {
            let outer = next_address(words)?;
            matches.destination = Field::known_at(Addrs::one(outer.value), outer.span);
            return Some((outer, false));
        }
        let place = words.here();
        let name = Self::interface_name(words)?;
        let span = Span::new(place.start, words.read().end);
        let found = self.port(&name).map(|n| self.ports[n].key.clone());
        match found.and_then(|key| self.own.get(&key).copied()) {
            Some(Own::At(ip)) => matches.destination = Field::known_at(Addrs::one(ip), span),
            Some(Own::Itself) => matches.itself = Field::known_at(true, span),
            Some(Own::Unknown) => matches.destination = Field::opaque_at(span, "the address of the interface is not in the file"),
            None => {
                if self.ended {
                    self.log.dangling(span, "the interface is not in the file");
                }
                matches.destination = Field::opaque_at(span, "the interface is not in the file");
            }
        }
        Some((Spanned::new(Ipv4Addr::UNSPECIFIED, span), true))
    }

    /// What stands behind a translation.
    fn options(&mut self, words: &mut Words<'t>, other: &mut Vec<Opaque>) {
        while let Some(word) = words.peek() {
            let place = words.here();
            match word {
                "extendable" | "no-alias" | "no-payload" | "add-route" | "forced" | "reversible" | "overload" => {}
                "redundancy" | "mapping-id" => {
                    words.take();
                }
                "route-map" => {
                    words.take();
                    other.push(opaque(place, "the translation depends on a route map"));
                }
                "vrf" => {
                    words.take();
                    other.push(opaque(place, "the translation is for a routing table of its own"));
                }
                "match-in-vrf" => {}
                _ => {
                    self.log.unknown(place, "a part of a translation that is not understood");
                    other.push(opaque(place, NOT_UNDERSTOOD));
                    return;
                }
            }
            words.take();
        }
    }

    /// Interfaces that packets to be translated come in by.
    fn outside(&self, span: Span, either: bool) -> Field<Interfaces> {
        let wanted = if either { Side::Either } else { Side::Outside };
        // More than these are no router's.
        let names: Vec<Box<str>> = self.ports.iter().filter(|p| p.nat == Some(wanted)).take(64).map(|p| p.name.as_str().into()).collect();
        if names.is_empty() { Field::Absent } else { Field::known_at(Interfaces { names, negated: false }, span) }
    }

    /// Behind an interface that is not marked as the inside, answers are not translated.
    fn unmarked(&self, lines: Vec<Line>) -> Vec<Line> {
        let lacks = |port: &&super::Port<'_>| port.nat.is_none() && !port.down && port.is_plain() && (port.net.is_some() || port.dynamic);
        let first = self.ports.iter().find(lacks);
        let Some(first) = first.filter(|_| self.ports.iter().any(|port| port.nat.is_some())) else { return lines };
        let twin = |line: Line| {
            let mut doubt = line.clone();
            doubt.matches.out_interface = Field::known_at(Interfaces { names: vec![INSIDE.into()], negated: true }, first.span);
            let why = "the interface towards the MX has no `ip nat inside`, so that its answers are not translated";
            doubt.action = Action::Opaque(opaque(first.span, why));
            [doubt, line]
        };
        lines.into_iter().flat_map(twin).collect()
    }
}

fn next_address(words: &mut Words<'_>) -> Option<Spanned<Ipv4Addr>> {
    let ip = words.peek().and_then(address)?;
    Some(Spanned::new(ip, words.take()?.span))
}

fn next_port(words: &mut Words<'_>) -> Option<Spanned<u16>> {
    let number = words.peek().and_then(port)?;
    Some(Spanned::new(number, words.take()?.span))
}
