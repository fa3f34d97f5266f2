//! Access lists of an ASA, and where they are bound.

use super::{List, Place, Reader};
use crate::import::upstream::cisco::entry::Entries;
use crate::import::upstream::cisco::words::protocols;
use crate::import::upstream::cisco::{System, by, list, not_by, opaque};
use crate::model::Field;
use crate::model::upstream::{Action, Chain, ChainId, Device, End, Interfaces, Line, Match};
use crate::source::{Span, Spanned};

const MISSING: &str = "the list is not in the file";

impl<'t> Reader<'t> {
    /// Reads the entries of all lists, and gives each a chain. Their end is that of what calls them.
    pub(super) fn access_lists(&mut self, device: &mut Device) {
        for (name, written) in std::mem::take(&mut self.lists) {
            let List { span, entries: all, order, gone } = written;
            let mut entries = Entries { system: System::Asa, names: &mut self.names, log: &mut self.log, own: &self.own };
            let mut lines = Vec::new();
            for words in order.iter().filter_map(|n| all.get(*n as usize)) {
                if words.peek() != Some("remark") && !gone.holds(words) {
                    lines.extend(entries.lines(words.clone(), false));
                }
            }
            let chain = Chain { applied: self.used.contains(name), lines, ..Chain::new(name, span, None) };
            self.chains.insert(name, device.add(chain));
        }
    }

    /// Asks the list that is bound to a place.
    fn ask(&mut self, device: &Device, list: Spanned<&'t str>) -> (Span, Line) {
        let called = self.chains.get(list.value).and_then(|id| Some((*id, device.chain(*id)?.span)));
        let (span, action) = match called {
            Some((id, span)) => (span, Action::Jump(id)),
            None => {
                if self.ended {
                    self.log.dangling(list.span, MISSING);
                }
                (list.span, Action::Opaque(opaque(list.span, MISSING)))
            }
        };
        (span, Line::new(list.span, Match::default(), action))
    }

    fn list_at(&self, place: Place<'t>) -> Option<Spanned<&'t str>> {
        self.groups.get(&place).copied()
    }

    /// What comes in, for each interface: its own list, then the global one, then a denial; without either, what levels let through.
    pub(super) fn interface_lists(&mut self, device: &mut Device) -> Vec<ChainId> {
        let ports: Vec<(Spanned<&'t str>, u8)> = self.named().map(|(port, name)| (name, port.level())).collect();
        let mut levels: Vec<u8> = ports.iter().map(|(_, level)| *level).collect();
        levels.sort_unstable();
        let global = self.list_at((None, true, false));
        let mut hooks = Vec::new();
        for (name, level) in &ports {
            let own = self.list_at((Some(name.value), true, false));
            let mut lines = vec![not_by(name.span, name.value, true)];
            let mut end = End::implicit(false, name.span);
            if let Some(own) = own {
                let (span, line) = self.ask(device, own);
                lines.push(line);
                end = End::implicit(false, span);
            }
            if let Some(global) = global {
                let (span, line) = self.ask(device, global);
                lines.push(line);
                end = End::implicit(false, end_of(own, end.span, span));
            }
            if own.is_none() {
                lines.extend(self.by_level(*name, *level, &levels, global.is_some()));
            }
            if let (Some(place), Some(set)) = (self.inspects_ipsec, protocols("esp")) {
                let esp = Match { protocol: Field::known_at(set, place), ..Match::default() };
                lines.push(Line::new(place, esp, Action::Opaque(opaque(place, "inspection of IPsec lets ESP of known flows pass"))));
            }
            hooks.push(device.add(list(&["in ", name.value].concat(), end.span, lines, Some(end))));
        }
        hooks
    }

    /// What levels let through at an interface without a list.
    fn by_level(&self, name: Spanned<&'t str>, level: u8, levels: &[u8], global: bool) -> Option<Line> {
        let lower = levels.partition_point(|other| *other < level);
        let equal = levels.partition_point(|other| *other <= level) - lower - 1;
        let reached = |other: u8| other < level || other == level && self.same_level;
        let mut line = Line::new(name.span, Match::default(), Action::Permit);
        if lower + equal * usize::from(self.same_level) == 0 {
            return None;
        }
        if lower + equal * usize::from(self.same_level) + 1 < levels.len() {
            // As many as there are interfaces on a device; more than these are nobody's.
            let names = self.named().filter(|(port, other)| other.value != name.value && reached(port.level())).take(64);
            let names = names.map(|(_, name)| name.value.into()).collect();
            line.matches.out_interface = Field::known_at(Interfaces { names, negated: false }, name.span);
        }
        if global {
            line.action = Action::Opaque(opaque(name.span, "whether levels count beside a global list is not followed"));
        }
        Some(line)
    }

    /// What goes out, for each interface with a list for it.
    pub(super) fn outer_lists(&mut self, device: &mut Device) -> Vec<ChainId> {
        let bound: Vec<(&'t str, Spanned<&'t str>)> =
            self.groups.iter().filter(|((_, inward, _), _)| !inward).filter_map(|((port, ..), name)| Some(((*port)?, *name))).collect();
        let mut hooks = Vec::new();
        for (interface, name) in bound {
            let (span, line) = self.ask(device, name);
            let lines = vec![not_by(name.span, interface, false), line];
            hooks.push(device.add(list(&["out ", interface].concat(), span, lines, Some(End::implicit(false, span)))));
        }
        hooks
    }

    /// Lists for what ends at the device. Behind them comes no denial: what the device listens to is let in.
    pub(super) fn control_lists(&mut self, device: &mut Device) -> Vec<ChainId> {
        let bound: Vec<(&'t str, Spanned<&'t str>)> =
            self.groups.iter().filter(|((.., control), _)| *control).filter_map(|((port, ..), name)| Some(((*port)?, *name))).collect();
        let mut hooks = Vec::new();
        for (interface, name) in bound {
            let (span, line) = self.ask(device, name);
            let mut only = by(name.span, interface, true, line.action);
            only.matches.other = line.matches.other;
            hooks.push(device.add(list(&["control ", interface].concat(), span, vec![only], Some(End::implicit(true, span)))));
        }
        hooks
    }
}

/// Where an end that two lists share is labelled: at the interface's own list.
const fn end_of<T: Copy>(own: Option<T>, at_own: Span, global: Span) -> Span {
    if own.is_some() { at_own } else { global }
}
