//! Zones: `firewall zone` (VyOS since 1.4) and `zone-policy zone` (before, and EdgeOS).

use super::Reader;
use crate::import::upstream::config_tree::At;
use crate::model::Field;
use crate::model::upstream::{Action, Chain, ChainId, End, Interface, Interfaces, Line, Match};
use crate::source::Span;

/// The name under which an interface's zone stands among its groups.
pub(super) fn group(zone: &str) -> Box<str> {
    zone.into()
}

impl<'a, 't> Reader<'a, 't> {
    fn zones(&self) -> Vec<At<'a, 't>> {
        let new = self.root.at(&["firewall", "zone"]).into_iter();
        let old = self.root.at(&["zone-policy", "zone"]).into_iter();
        new.chain(old).flat_map(At::children).collect()
    }

    /// Tells the interfaces which zones hold them. A zone may hold one that the file does not describe.
    pub(super) fn join_zones(&mut self) {
        for zone in self.zones() {
            let lists = [zone.child("interface"), zone.at(&["member", "interface"])];
            for member in lists.into_iter().flatten().flat_map(At::children).map(At::word) {
                match self.by_name.get(member.value) {
                    Some(port) => self.ports[*port].zones.push(zone.word().value),
                    None => {
                        let groups = vec![group(zone.word().value)];
                        self.device.interfaces.push(Interface { name: member.value.into(), groups, net: Field::Absent });
                    }
                }
            }
        }
    }

    /// The lists of zones for what goes through and for what ends at the device; none: there are no zones.
    pub(super) fn zone_lists(&mut self) -> Option<(ChainId, ChainId)> {
        let zones = self.zones();
        let span = zones.first()?.head();
        let mut through = Chain::new("zones", span, Some(End::implicit(true, span)));
        let mut local = Chain::new("local zone", span, Some(End::implicit(true, span)));
        through.lines = self.state_policy();
        local.lines = self.state_policy();
        for zone in zones {
            let called = self.zone(zone);
            let id = self.device.add(Chain { lines: called, ..Chain::new(&group(zone.word().value), zone.head(), None) });
            if zone.has("local-zone") {
                local.lines.push(Line::new(zone.head(), Match::default(), Action::Jump(id)));
            } else {
                let matches = Match { out_interface: members(zone, zone.head()), ..Match::default() };
                through.lines.push(Line::new(zone.head(), matches, Action::Jump(id)));
            }
        }
        Some((self.device.add(through), self.device.add(local)))
    }

    /// What goes to a zone, by the zone that it comes from. A rule set that does not decide lets its packets pass.
    fn zone(&mut self, zone: At<'a, 't>) -> Vec<Line> {
        let mut lines = Vec::new();
        if !zone.has("local-zone") {
            self.within(zone, &mut lines);
        }
        for from in zone.child("from").into_iter().flat_map(At::children) {
            let set = from.child("firewall").and_then(|firewall| firewall.value_of("name"));
            let Some(set) = set else { continue };
            let matches = || Match { in_interface: members(from, from.word().span), ..Match::default() };
            let action = self.jump(Some(set), set.span);
            lines.push(Line::new(set.span, matches(), action));
            lines.push(Line::new(from.head(), matches(), Action::Permit));
        }
        if let Some(set) = zone.child("default-firewall").and_then(|firewall| firewall.value_of("name")) {
            let action = self.jump(Some(set), set.span);
            lines.push(Line::new(set.span, Match::default(), action));
        }
        let default = zone.value_of("default-action");
        let span = default.map_or_else(|| zone.head(), |value| value.span);
        let action = if default.is_some_and(|value| value.value == "accept") { Action::Permit } else { Action::Deny };
        lines.push(Line::new(span, Match::default(), action));
        lines
    }

    /// What stays within a zone passes, unless `intra-zone-filtering` says otherwise.
    fn within(&mut self, zone: At<'a, 't>, lines: &mut Vec<Line>) {
        let matches = || Match { in_interface: members(zone, zone.head()), ..Match::default() };
        let filtering = zone.child("intra-zone-filtering");
        if let Some(action) = filtering.and_then(|within| within.value_of("action")).filter(|action| action.value != "accept") {
            lines.push(Line::new(action.span, matches(), Action::Deny));
        } else if let Some(set) = filtering.and_then(|within| within.child("firewall")).and_then(|firewall| firewall.value_of("name")) {
            let action = self.jump(Some(set), set.span);
            lines.push(Line::new(set.span, matches(), action));
        }
        lines.push(Line::new(zone.head(), matches(), Action::Permit));
    }
}

/// The interfaces of a zone, by the name under which they know it.
fn members(zone: At<'_, '_>, span: Span) -> Field<Interfaces> {
    Field::known_at(Interfaces::one(&group(zone.word().value)), span)
}
