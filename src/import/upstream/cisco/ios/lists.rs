//! Access lists of IOS, and where they are bound.

use super::Reader;
use crate::import::upstream::cisco::entry::{Entries, established};
use crate::import::upstream::cisco::words::{Words, port, protocols};
use crate::import::upstream::cisco::{System, by, list, not_by, opaque};
use crate::model::Field;
use crate::model::upstream::{Action, Chain, ChainId, Device, End, Line, Match};
use crate::net::Ports;
use crate::source::{Span, Spanned};

/// Why a list that answers for something is not followed.
const MISSING: &str = "the list is not in the file";

impl<'t> Reader<'t> {
    /// Reads the entries of all lists, and gives each a chain. Their end is that of what calls them.
    pub(super) fn access_lists(&mut self, device: &mut Device) {
        let mut lists = std::mem::take(&mut self.lists);
        for (name, written) in &mut lists {
            if !written.sorted {
                written.entries.sort_by_key(|(number, _)| *number);
            }
            let (gone, numbers) = (&written.gone, &written.gone_numbers);
            let gone = |number: u32, words: &Words<'t>| gone.holds(words) || numbers.get(&number).is_some_and(|at| *at > words.span.start);
            written.entries.retain(|(number, words)| !gone(*number, words));
            let mut entries = Entries { system: System::Ios, names: &mut self.names, log: &mut self.log, own: &self.own };
            let lines: Vec<Line> = written.entries.iter().flat_map(|(_, words)| entries.lines(words.clone(), written.standard)).collect();
            let applied = self.used.contains(name);
            let chain = Chain { applied, lines: lines.clone(), ..Chain::new(name, written.span, None) };
            self.chains.insert(name, device.add(chain));
            self.lines.insert(name, lines);
        }
        self.lists = lists;
    }

    /// One base list for each list that is bound to an interface.
    pub(super) fn bindings(&mut self, device: &mut Device, inward: bool) -> Vec<ChainId> {
        let remembered = self.remembered(device);
        let hidden = self.nat.iter().find(|words| words.ahead(0) == Some("outside") && words.ahead(2) == Some("list")).map(|w| w.span);
        let bound: Vec<(String, Spanned<&'t str>)> =
            self.ports.iter().filter_map(|port| Some((port.name.clone(), port.lists[usize::from(!inward)]?))).collect();
        let mut hooks = Vec::new();
        for (interface, name) in bound {
            let mut lines = vec![not_by(name.span, &interface, inward)];
            lines.extend(remembered.map(|id| Line::new(name.span, Match::default(), Action::Jump(id))));
            let (span, called) = self.called(name);
            // An empty list permits everything (Cisco document 23602: the implicit end comes with the first entry).
            let end = End::implicit(called.is_none(), span);
            lines.extend(called.map(|action| {
                let action = match hidden.filter(|_| !inward) {
                    Some(place) => Action::Opaque(opaque(place, "the router changes the source before this list sees it")),
                    None => action,
                };
                Line::new(name.span, Match::default(), action)
            }));
            let way = if inward { "in" } else { "out" };
            hooks.push(device.add(list(&format!("{} {way} {interface}", name.value), span, lines, Some(end))));
        }
        hooks
    }

    /// What a binding to a list does, and the list's place; none: the list has no entry.
    fn called(&mut self, name: Spanned<&'t str>) -> (Span, Option<Action>) {
        match (self.lists.get(name.value), self.chains.get(name.value)) {
            (Some(written), Some(id)) => (written.span, (!written.entries.is_empty()).then_some(Action::Jump(*id))),
            _ if !self.ended => (name.span, Some(Action::Opaque(opaque(name.span, MISSING)))),
            _ => {
                self.log.dangling(name.span, MISSING);
                (name.span, None)
            }
        }
    }

    /// A list of answers to flows that `ip inspect` has seen: they pass every list ("Firewall ACL Bypass", 12.3(4)T).
    fn remembered(&self, device: &mut Device) -> Option<ChainId> {
        let mut lines = Vec::new();
        let watched: Vec<_> = self.ports.iter().flat_map(|port| port.inspect.iter().map(|one| (port.name.clone(), *one))).collect();
        for (interface, (name, inward)) in watched {
            for word in self.inspections.get(name.value).into_iter().flatten() {
                let (set, number) = match *word {
                    "isakmp" => ("udp", Some(500)),
                    "ipsec-msft" => ("udp", Some(4500)),
                    "udp" | "tcp" => (*word, None),
                    other => match port(other) {
                        Some(number) => ("tcp-udp", Some(number)),
                        None => continue,
                    },
                };
                // The answer leaves by the interface that the flow came in by.
                let mut line = by(name.span, &interface, !inward, Action::Permit);
                line.matches.state = established(name.span);
                line.matches.protocol = protocols(set).map_or(Field::Absent, |set| Field::known_at(set, name.span));
                if let Some(number) = number {
                    line.matches.source_ports = Field::known_at(Ports::one(number), name.span);
                }
                lines.push(line);
            }
        }
        let head = lines.first()?.span;
        Some(device.add(list("ip inspect", head, lines, None)))
    }
}
