//! Zones: which pairs of them packets pass, as lists that name zones as groups of interfaces.
//!
//! What goes from one zone to another is denied unless the pair's policy passes or inspects it; so is what goes between a zone and an interface without one. What stays in
//! a zone passes, and so does what is for the router itself, unless a pair with `self` says otherwise (Cisco document 98628, "Zone-Based Policy Firewall Design
//! and Application Guide"). The policy sees the inner address of the MX: outside addresses are translated before, inside ones after.

use std::collections::BTreeMap;

use super::Reader;
use super::interfaces::Port;
use super::policies::ZonePair;
use crate::import::upstream::cisco::entry::established;
use crate::import::upstream::cisco::{by, list, not_by, opaque};
use crate::model::Field;
use crate::model::upstream::{Action, ChainId, Device, End, Interfaces, Line, Match};
use crate::source::Span;

/// The lists of the zones.
#[derive(Default)]
pub(super) struct Zones {
    pub(super) through: Vec<ChainId>,
    pub(super) input: Vec<ChainId>,
}

/// The name of a zone among an interface's groups.
pub(super) fn group(zone: &str) -> String {
    ["zone ", zone].concat()
}

impl<'t> Reader<'t> {
    /// The zone of an interface. IOS-XE puts those without one into the zone `default`, where that is defined.
    pub(super) fn zone_of(&self, port: &Port<'t>) -> Option<&'t str> {
        let default = || self.zones.get("default").copied();
        port.zone.map(|zone| zone.value).or_else(default)
    }

    pub(super) fn zones(&mut self, device: &mut Device) -> Zones {
        let members: Vec<(String, Span)> = self
            .ports
            .iter()
            .filter(|p| self.zone_of(p).is_some())
            .map(|p| (p.name.clone(), p.zone.map_or(p.span, |zone| zone.span)))
            .collect();
        let Some((_, head)) = members.first().cloned() else { return Zones::default() };
        let mut zones = Zones::default();
        let pairs: BTreeMap<_, _> = self.pairs.values().map(|pair| ((pair.from, pair.to), pair.clone())).collect();
        for pair in pairs.values() {
            let mut lines = Vec::new();
            // What lets answers pass is that the pair the other way has inspected the flow.
            lines.extend(pairs.get(&(pair.to, pair.from)).and_then(|other| self.answer(other)));
            let mut end = End::implicit(false, pair.span);
            let called = pair.policy.map(|policy| {
                let (id, stated) = self.policy(device, policy);
                end = stated;
                Line::new(policy.span, Match::default(), Action::Jump(id))
            });
            lines.push(not_by(pair.span, &group(pair.from), true));
            if pair.to != "self" {
                lines.push(not_by(pair.span, &group(pair.to), false));
            }
            lines.extend(called);
            let name = ["zone-pair ", pair.name].concat();
            if pair.from == "self" {
                continue;
            }
            let id = device.add(list(&name, pair.span, lines, Some(end)));
            if pair.to == "self" { zones.input.push(id) } else { zones.through.push(id) }
        }
        let rest = self.without_pair(&members, head);
        zones.through.push(device.add(list("zones", head, rest, Some(End::implicit(false, head)))));
        zones
    }

    /// A line for answers to what a pair has let through.
    fn answer(&self, pair: &ZonePair<'t>) -> Option<Line> {
        let action = match self.treatments(pair.policy) {
            (false, _) => return None,
            (true, false) => Action::Permit,
            (true, true) => Action::Opaque(opaque(pair.span, "whether the flow was inspected, or only passed, is not followed")),
        };
        let mut line = between(pair.span, pair.to, pair.from, action);
        line.matches.state = established(pair.span);
        Some(line)
    }

    /// What no pair speaks of.
    fn without_pair(&self, members: &[(String, Span)], head: Span) -> Vec<Line> {
        let mut lines: Vec<Line> = self.pairs.values().map(|pair| between(pair.span, pair.from, pair.to, Action::Permit)).collect();
        lines.extend(self.pairs.values().filter_map(|pair| self.answer(pair)));
        let mut all: Vec<&str> = self.ports.iter().filter_map(|port| self.zone_of(port)).collect();
        all.sort_unstable();
        all.dedup();
        lines.extend(all.into_iter().map(|zone| between(head, zone, zone, Action::Permit)));
        let set = Interfaces { names: members.iter().map(|(name, _)| name.as_str().into()).collect(), negated: true };
        let neither = Field::known_at(set, head);
        let plain = Match { in_interface: neither.clone(), out_interface: neither, ..Match::default() };
        lines.push(Line::new(head, plain, Action::Permit));
        lines
    }
}

/// A line for packets from one zone to another.
fn between(span: Span, from: &str, to: &str, action: Action) -> Line {
    let mut line = by(span, &group(from), true, action);
    line.matches.out_interface = Field::known_at(Interfaces::one(&group(to)), span);
    line
}
