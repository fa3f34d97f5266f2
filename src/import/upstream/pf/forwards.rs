//! Port forwards: pf's `rdr`, in the order of the file, and in OPNsense by sequence.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use super::filter::{INTERFACE, Ranked, opaque};
use super::names::Stands;
use super::rule::{About, Side};
use super::{Flavour, Reader, RemarkKind, xml};
use crate::model::Field;
use crate::model::upstream::{Action, Chain, End, Line, Match, Target, ToPort, Translation};
use crate::net::{Addrs, Ports, Protocol};
use crate::source::Spanned;
use crate::tree::xml::Element;

/// Parts of a forward that are read, or that change nothing about where a packet from outside goes.
const PLAIN: &[&str] = &[
    "sequence",
    "disabled",
    "nordr",
    "interface",
    "ipprotocol",
    "protocol",
    "source",
    "destination",
    "target",
    "local-port",
    "poolopts",
    "log",
    "category",
    "categories",
    "descr",
    "tag",
    "nosync",
    "natreflection",
    "pass",
    "associated-rule-id",
    "created",
    "updated",
    "id",
    "uuid",
    "nobinat",
    "enablenatreflectionpurenat",
    "source_hash_key",
    "label",
];

impl<'e> Reader<'e> {
    /// The list of forwards.
    pub(super) fn forwards(&mut self, root: &'e Element<'e>) -> Chain {
        let head = root.child("nat").unwrap_or(root).head();
        let mut chain = Chain::new("rdr", head, Some(End::implicit(true, head)));
        let rules = xml::all(root, &["filter", "rule"]);
        let links = rules.into_iter().filter_map(|rule| xml::text(rule, "associated-rule-id")).map(|id| id.value).collect();
        for element in self.sorted(root) {
            if xml::text(element, "ipprotocol").is_none_or(|family| family.value != "inet6") {
                chain.lines.push(self.forward(&links, element));
            }
        }
        chain
    }

    /// Forwards in the order in which they are asked.
    fn sorted(&self, root: &'e Element<'e>) -> Vec<&'e Element<'e>> {
        let mut rules = xml::all(root, &["nat", "rule"]);
        if self.flavour == Flavour::Opnsense {
            // Those of a file from before there were sequences stay as they stand.
            let sequence = |rule: &Element<'_>| xml::text(rule, "sequence").and_then(|n| n.value.parse::<u32>().ok());
            if rules.iter().all(|rule| sequence(rule).is_some()) {
                rules.sort_by_key(|rule| sequence(rule));
            }
        }
        rules
    }

    fn about(&mut self, element: &'e Element<'e>) -> About<'e> {
        let mut interfaces: Vec<_> = xml::text(element, "interface").into_iter().flat_map(xml::words).collect();
        if interfaces.is_empty() {
            interfaces.push(Spanned::new("wan", element.head()));
        }
        // A forward that does not say its destination takes what is for the interface's own address.
        let own = |port| Side { own: Some(interfaces[0]), port, ..Side::default() };
        let destination = match self.end(element, "destination") {
            Some(side) if side.names.is_empty() && !names_any(element) => own(side.port),
            Some(side) => side,
            None => own(element.child("destination").and_then(|e| xml::text(e, "port")).or_else(|| xml::text(element, "external-port"))),
        };
        let mut about = About {
            span: xml::place(element),
            protocol: xml::text(element, "protocol"),
            source: self.end(element, "source").unwrap_or_default(),
            destination,
            interfaces,
            ..About::default()
        };
        for child in &element.children {
            let said = child.text.value.trim();
            if PLAIN.contains(&&*child.name) || (said.is_empty() && child.children.is_empty()) || said == "0" {
                continue;
            }
            let why = match &*child.name {
                "tagged" => "the forward depends on a tag that a rule sets",
                "external-port" | "external-address" => continue,
                _ => {
                    self.remark(child.head(), "a part of a forward that is not known", RemarkKind::Unknown);
                    "the forward has a part that is not followed"
                }
            };
            about.other.push(opaque(child.span, why));
        }
        about
    }

    fn forward(&mut self, links: &BTreeSet<&str>, element: &'e Element<'e>) -> Line {
        let about = self.about(element);
        let mut matches = self.matches(&about);
        matches.in_interface = self.interfaces(&about);
        let enabled = !self.has(element, "disabled");
        let line = |matches, action| Line { enabled, ..Line::new(xml::place(element), matches, action) };
        if self.has(element, "nordr") {
            return line(matches, Action::Permit);
        }
        let linked = xml::text(element, "associated-rule-id").or_else(|| xml::text(element, "pass"));
        let permits = linked.is_some_and(|id| id.value == "pass" || (id.value == "1" && self.flavour == Flavour::Opnsense));
        if let Some(id) = linked.filter(|id| id.value.starts_with("nat_") && enabled && !links.contains(id.value)) {
            self.remark(id.span, "the filter rule of the forward is not in the file", RemarkKind::Dangling);
        }
        let to = self.target(element);
        let ported = !matches.destination_ports.is_absent()
            || matches.protocol.value().is_some_and(|set| set.contains(Protocol::Udp) || set.contains(Protocol::Tcp));
        let local = xml::text(element, "local-port").filter(|_| ported);
        let outer = about.destination.port;
        let one = |matches, to_port| line(matches, Action::Translate(Translation { to: to.clone(), to_port, permits }));
        let Some(local) = local.filter(|local| outer.is_none_or(|outer| outer.value != local.value)) else {
            return one(matches, ToPort::Same);
        };
        match self.names.ports(local.value) {
            Stands::For(ports) => {
                let to_port = moved(&matches.destination_ports, &ports, local, outer.is_some_and(|o| self.names.is_alias(o.value)));
                one(matches, to_port)
            }
            Stands::Opaque(why) => one(matches, ToPort::Opaque(opaque(local.span, why))),
            Stands::Itself | Stands::Nothing => {
                self.remark(local.span, "the port alias is not in the file", RemarkKind::Dangling);
                one(matches, ToPort::Opaque(opaque(local.span, "the port alias is not in the file")))
            }
        }
    }

    /// Where a forward or a 1:1 mapping sends packets.
    fn target(&mut self, element: &'e Element<'e>) -> Target {
        let Some(name) = xml::text(element, "target") else {
            return Target::Opaque(opaque(element.head(), "the forward names no address"));
        };
        if let Ok(host) = name.value.parse::<Ipv4Addr>() {
            return if host.is_loopback() { Target::Device(name.span) } else { Target::Host(Spanned::new(host, name.span)) };
        }
        match self.names.addrs(name.value) {
            Stands::For(set) => match set.ranges() {
                [(first, last)] if first == last => Target::Host(Spanned::new((*first).into(), name.span)),
                [(first, last)] => Target::OneOf(Spanned::new(((*first).into(), (*last).into()), name.span)),
                [] => Target::Opaque(opaque(name.span, "the forward names no IPv4 address")),
                _ => Target::Opaque(opaque(name.span, "the forward goes to one of several hosts")),
            },
            Stands::Itself => Target::Device(name.span),
            Stands::Opaque(why) => Target::Opaque(opaque(name.span, why)),
            Stands::Nothing => {
                self.remark(name.span, "the alias is not in the file", RemarkKind::Dangling);
                Target::Opaque(opaque(name.span, "the alias is not in the file"))
            }
        }
    }

    /// Filter rules that OPNsense registers for its forwards (`<pass>rule</pass>`). They pass what the forward translates; where among the other
    /// rules they stand is not in the file, so that they count for sure only where no floating rule and no group comes first.
    pub(super) fn registered(&mut self, root: &'e Element<'e>, rules: &mut Vec<Ranked>) {
        let earlier = rules.iter().any(|rule| rule.rank.0 < INTERFACE && rule.line.enabled && rule.inward);
        for element in self.sorted(root) {
            let registers = xml::text(element, "pass").is_some_and(|pass| pass.value == "rule");
            let enabled = !self.has(element, "disabled") && !self.has(element, "nordr");
            if !registers || !enabled || xml::text(element, "ipprotocol").is_some_and(|family| family.value == "inet6") {
                continue;
            }
            let about = self.about(element);
            let mut matches = self.matches(&about);
            matches.itself = Field::Absent;
            matches.destination = match self.target(element) {
                Target::Host(host) => Field::known_at(Addrs::one(host.value), host.span),
                Target::OneOf(range) => Field::known_at(Addrs::range(range.value.0, range.value.1), range.span),
                _ => Field::opaque_at(element.head(), "the forward goes to one of several hosts"),
            };
            if let Some(local) = xml::text(element, "local-port") {
                matches.destination_ports = match self.names.ports(local.value) {
                    Stands::For(ports) if ports.count() == 1 && matches.destination_ports.value().is_some_and(|p| p.count() > 1) => {
                        let count = matches.destination_ports.value().map_or(1, Ports::count);
                        let first = ports.first().unwrap_or(0);
                        Field::known_at(Ports::range(first, first.saturating_add((count - 1) as u16)), local.span)
                    }
                    Stands::For(ports) => Field::known_at(ports, local.span),
                    _ => Field::opaque_at(local.span, "the port alias is not in the file"),
                };
            }
            let interfaces = self.interfaces(&about);
            let mut put = |rank, matches: Match| {
                let line = Line::new(xml::place(element), matches, Action::Permit);
                rules.push(Ranked { rank, quick: true, inward: true, outward: false, interfaces: interfaces.clone(), line });
            };
            if earlier {
                let mut first = matches.clone();
                first.other.push(opaque(element.head(), "where the registered rule stands among the others is not in the file"));
                put((0, 0, 0, 0), first);
            }
            put((INTERFACE, 0, 0, 0), matches);
        }
    }
}

/// Whether the forward's destination is `any` in so many words.
fn names_any(element: &Element<'_>) -> bool {
    element.child("destination").is_some_and(|end| {
        end.child("any").is_some() || ["network", "address"].iter().any(|n| xml::text(end, n).is_some_and(|t| t.value == "any"))
    })
}

/// What becomes of the port: a range moves as a whole, and an alias goes to the first port of the new one.
fn moved(outer: &Field<Ports>, inner: &Ports, place: Spanned<&str>, outer_is_alias: bool) -> ToPort {
    let Some(first) = inner.first() else { return ToPort::Opaque(opaque(place.span, "the forward names no port")) };
    let ranges: Vec<_> = outer.value().map(|ports| ports.ranges().collect()).unwrap_or_default();
    match &ranges[..] {
        _ if outer.opaque().is_some() && inner.count() > 1 => ToPort::Opaque(opaque(place.span, "the forward's outer ports are not known")),
        [(from, to)] if from < to && !outer_is_alias && *from == first => ToPort::Same,
        [(from, to)] if from < to && !outer_is_alias => ToPort::Shift(Spanned::new((*from, first), place.span)),
        _ if inner.count() == 1 => ToPort::Range(Spanned::new((first, first), place.span)),
        _ if outer.value() == Some(inner) => ToPort::Same,
        _ => ToPort::Opaque(opaque(place.span, "the forward does not say which inner port belongs to which outer one")),
    }
}
