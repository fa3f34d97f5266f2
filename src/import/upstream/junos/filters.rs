//! Firewall filters, which know no flows: terms in the order of the file, and what no term takes is discarded ("Understanding Stateless Firewall Filter
//! Terms"). They are applied to units of interfaces.

use super::books::prefix;
use super::interfaces::unit;
use super::nat::{ports, protocols};
use super::{Reader, RemarkKind, opaque};
use crate::import::upstream::config_tree::At;
use crate::model::upstream::{Action, Chain, ChainId, End, Interfaces, Line, Match};
use crate::model::{Field, Opaque};
use crate::net::Addrs;
use crate::source::Span;

impl<'a, 't> Reader<'a, 't> {
    /// Reads all filters for IPv4.
    pub(super) fn read_filters(&mut self) {
        let sections = [&["firewall", "family", "inet", "filter"][..], &["firewall", "filter"]];
        let root = self.root;
        for filter in sections.into_iter().filter_map(|path| root.at(path)).flat_map(At::children) {
            let mut chain = Chain::new(filter.word().value, filter.head(), None);
            for term in filter.child("term").into_iter().flat_map(At::all) {
                let line = self.term(term);
                chain.lines.push(Line { enabled: !term.is_off(), ..line });
            }
            chain.lines.push(Line::new(filter.head(), Match::default(), Action::Deny));
            let id = self.device.add(chain);
            self.filters.insert(filter.word().value, id);
        }
    }

    fn term(&mut self, term: At<'a, 't>) -> Line {
        let mut m = Match::default();
        let (mut sources, mut destinations) = (Vec::new(), Vec::new());
        for part in term.child("from").into_iter().flat_map(At::children) {
            let word = part.word();
            match word.value {
                "source-address" => prefixes(part, &mut sources, &mut m.other),
                "destination-address" => prefixes(part, &mut destinations, &mut m.other),
                "source-prefix-list" => self.lists(part, &mut sources, &mut m.other),
                "destination-prefix-list" => self.lists(part, &mut destinations, &mut m.other),
                "protocol" => m.protocol = protocols(part),
                "protocol-except" => m.protocol = protocols(part).map(|set| set.complement()),
                "source-port" => m.source_ports = ports(part),
                "destination-port" => m.destination_ports = ports(part),
                "source-port-except" => m.source_ports = ports(part).map(|set| set.complement()),
                "destination-port-except" => m.destination_ports = ports(part).map(|set| set.complement()),
                "address" | "prefix-list" | "port" => m.other.push(opaque(word.span, "the term looks at both ends at once")),
                "tcp-established" | "tcp-initial" | "tcp-flags" => m.other.push(opaque(word.span, "the term looks at flags of TCP")),
                "icmp-type" | "icmp-code" => m.other.push(opaque(word.span, "the term looks at the type of ICMP")),
                _ => m.other.push(opaque(word.span, "the term looks at other parts of the packet")),
            }
        }
        m.source = longest(sources, term.head());
        m.destination = longest(destinations, term.head());
        Line::new(term.head(), m, then(term))
    }

    fn lists(&mut self, part: At<'a, 't>, all: &mut Vec<(Addrs, bool, Span)>, other: &mut Vec<Opaque>) {
        for name in part.children() {
            let word = name.word();
            let Some(list) = self.root.at(&["policy-options", "prefix-list", word.value]) else {
                self.remark(word.span, "the prefix list is not in the file", RemarkKind::Dangling);
                other.push(opaque(word.span, "the prefix list is not in the file"));
                continue;
            };
            let except = name.has("except");
            for entry in list.children().map(At::word) {
                match prefix(entry.value) {
                    Some(set) => all.push((set, except, word.span)),
                    None => other.push(opaque(word.span, "the members of the prefix list are not in the file")),
                }
            }
        }
    }

    /// The list of filters for one direction.
    pub(super) fn applied(&mut self, direction: &str) -> Option<ChainId> {
        let mut lines = Vec::new();
        for interface in self.root.child("interfaces").into_iter().flat_map(At::children) {
            for part in interface.child("unit").into_iter().flat_map(At::children) {
                let name = unit(&format!("{}.{}", interface.word().value, part.word().value));
                let Some(filter) = part.at(&["family", "inet", "filter"]) else { continue };
                if *name != *"lo0.0" {
                    self.bind(filter, direction, Some(&name), &mut lines);
                }
            }
        }
        let span = lines.first().map(|line: &Line| line.span)?;
        let chain = Chain { lines, ..Chain::new(&format!("filter {direction}"), span, Some(End::implicit(true, span))) };
        Some(self.device.add(chain))
    }

    /// The filter of the loop-back, which stands in front of the device itself.
    pub(super) fn of_itself(&mut self) -> Option<ChainId> {
        let filter = self.root.at(&["interfaces", "lo0", "unit", "0", "family", "inet", "filter"])?;
        let mut lines = Vec::new();
        self.bind(filter, "input", None, &mut lines);
        let span = lines.first().map(|line: &Line| line.span)?;
        let chain = Chain { lines, ..Chain::new("filter of lo0", span, Some(End::implicit(true, span))) };
        Some(self.device.add(chain))
    }

    fn bind(&mut self, filter: At<'a, 't>, direction: &str, interface: Option<&str>, lines: &mut Vec<Line>) {
        let list = format!("{direction}-list");
        // Of several filters in a list, one takes on what another leaves, and only the last one discards.
        if let Some(list) = filter.child(&list) {
            let why = opaque(list.head(), "lists of filters are not followed");
            lines.push(Line::new(list.head(), Match::default(), Action::Opaque(why)));
        }
        let Some(name) = filter.value_of(direction) else { return };
        let mut m = Match::default();
        match interface {
            // Without the interface towards the internet, its name is not comparable.
            Some(_) if self.device.wan_interface.is_absent() => {
                m.other.push(opaque(name.span, "which interface the packet uses is not known (`wan_interface`)"));
            }
            Some(interface) if direction == "input" => m.in_interface = Field::known_at(Interfaces::one(interface), name.span),
            Some(interface) => m.out_interface = Field::known_at(Interfaces::one(interface), name.span),
            None => {}
        }
        let action = match self.filters.get(name.value) {
            Some(id) => Action::Jump(*id),
            None => {
                self.remark(name.span, "the filter is not in the file", RemarkKind::Dangling);
                Action::Opaque(opaque(name.span, "the filter is not in the file"))
            }
        };
        lines.push(Line::new(name.span, m, action));
    }
}

fn prefixes(part: At<'_, '_>, all: &mut Vec<(Addrs, bool, Span)>, other: &mut Vec<Opaque>) {
    for value in part.children() {
        let word = value.word();
        match prefix(word.value) {
            Some(set) => all.push((set, value.has("except"), word.span)),
            None => other.push(opaque(word.span, "the address is not understood")),
        }
    }
}

/// The longest prefix that holds an address decides whether it is meant.
fn longest(mut all: Vec<(Addrs, bool, Span)>, head: Span) -> Field<Addrs> {
    let Some(span) = all.first().map(|(_, _, span)| *span) else { return Field::Absent };
    if all.iter().all(|(_, except, _)| !except) {
        let ranges = all.iter().flat_map(|(set, ..)| set.ranges().iter().copied()).collect();
        return Field::known_at(Addrs::from_ranges(ranges), span);
    }
    if all.len() > 200 {
        return Field::opaque_at(head, "there are too many prefixes with exceptions to follow");
    }
    all.sort_by_key(|(set, ..)| std::cmp::Reverse(set.size()));
    let set = all.iter().fold(Addrs::none(), |all, (set, except, _)| if *except { all.minus(set) } else { all.union(set) });
    Field::known_at(set, span)
}

/// A term that does not say what becomes of its packets accepts them.
fn then(term: At<'_, '_>) -> Action {
    let Some(then) = term.child("then") else { return Action::Permit };
    if then.has("discard") || then.has("reject") {
        return Action::Deny;
    }
    if then.at(&["next", "term"]).is_some() || then.has("next-term") {
        return Action::Continue;
    }
    match then.child("routing-instance").or_else(|| then.child("filter")) {
        Some(part) => Action::Opaque(opaque(part.word().span, "where the term sends its packets is not followed")),
        None => Action::Permit,
    }
}
