//! Filter rules: the list that both systems have, and the second one of OPNsense. They become two lists of pf, for what comes in and what goes out.

use super::names::private;
use super::rule::{About, Side};
use super::{Flavour, Reader, RemarkKind, opnsense, xml};
use crate::model::upstream::{Action, Chain, End, Interfaces, Line, Match};
use crate::model::{Field, Opaque};
use crate::source::{Span, Spanned};
use crate::tree::xml::Element;

/// Parts of a rule that are read elsewhere, that change nothing about who passes, or that are about TCP or ICMP alone.
const PLAIN: &[&str] = &[
    "type",
    "action",
    "interface",
    "interfacenot",
    "ipprotocol",
    "protocol",
    "source",
    "destination",
    "source_net",
    "source_not",
    "source_port",
    "destination_net",
    "destination_not",
    "destination_port",
    "disabled",
    "enabled",
    "floating",
    "direction",
    "quick",
    "statetype",
    "gateway",
    "associated-rule-id",
    "sequence",
    "sort_order",
    "prio_group",
    "id",
    "tracker",
    "descr",
    "description",
    "created",
    "updated",
    "log",
    "tag",
    "os",
    "icmptype",
    "icmp6type",
    "icmp6-type",
    "tcpflags",
    "tcpflags1",
    "tcpflags2",
    "tcpflags_any",
    "tcpflags1_any",
    "allowopts",
    "nopfsync",
    "nosync",
    "disablereplyto",
    "reply-to",
    "replyto",
    "statetimeout",
    "max-src-conn",
    "max-src-conn-rate",
    "max-src-conn-rates",
    "overload",
    "defaultqueue",
    "ackqueue",
    "dnpipe",
    "pdnpipe",
    "shaper1",
    "shaper2",
    "vlanprioset",
    "category",
    "categories",
    "set-prio",
    "set-prio-low",
    "state-policy",
    "udp-first",
    "udp-multiple",
    "udp-single",
    "adaptivestart",
    "adaptiveend",
    "label",
    "uuid",
    "username",
    "sloppy",
    "tcp-first",
    "tcp-opening",
    "tcp-established",
    "tcp-closing",
    "tcp-finwait",
    "tcp-closed",
];

/// One rule with its place in the order.
pub(super) struct Ranked {
    /// Floating, group or interface; the group's rank; the store; the place in it.
    pub(super) rank: (u8, u32, u8, u32),
    pub(super) quick: bool,
    pub(super) inward: bool,
    pub(super) outward: bool,
    pub(super) interfaces: Field<Interfaces>,
    pub(super) line: Line,
}

/// Behind interface groups.
pub(super) const INTERFACE: u8 = 2;

impl<'e> Reader<'e> {
    /// The rules for what comes in, and those for what goes out.
    pub(super) fn filter(&mut self, root: &'e Element<'e>) -> (Chain, Chain) {
        let head = root.child("filter").unwrap_or(root).head();
        let mut inward = Chain::new("in", head, Some(End::implicit(false, head)));
        let mut outward = Chain::new("out", head, Some(End::implicit(true, head)));
        inward.lines.extend(self.private_sources());
        let mut rules: Vec<Ranked> = Vec::new();
        for (n, element) in xml::all(root, &["filter", "rule"]).into_iter().enumerate() {
            rules.extend(self.legacy(element, n as u32));
        }
        if self.flavour == Flavour::Opnsense {
            opnsense::rules(self, root, &mut rules);
        }
        rules.sort_by_key(|rule| rule.rank);
        // Without `quick` the last rule counts, after all that have it.
        let (quick, mut last): (Vec<_>, Vec<_>) = rules.into_iter().partition(|rule| rule.quick);
        last.reverse();
        for rule in quick.into_iter().chain(last) {
            if rule.inward {
                let mut line = rule.line.clone();
                line.matches.in_interface = rule.interfaces.clone();
                inward.lines.push(line);
            }
            if rule.outward {
                let mut line = rule.line;
                line.matches.out_interface = rule.interfaces;
                outward.lines.push(line);
            }
        }
        self.unseen_sources(root, &mut outward);
        (inward, outward)
    }

    /// "Block private networks" of an interface stands in front of all rules.
    fn private_sources(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for (name, port) in self.names.ports.iter().filter(|(_, port)| port.enabled) {
            let Some(switch) = port.element.child("blockpriv").filter(|e| self.on(e)) else { continue };
            let matches = Match {
                source: Field::known_at(private(), switch.span),
                in_interface: Field::known_at(Interfaces::one(name), switch.span),
                ..Match::default()
            };
            lines.push(Line::new(switch.span, matches, Action::Deny));
        }
        lines
    }

    /// A rule of `<filter>`; none: it is not about IPv4.
    fn legacy(&mut self, element: &'e Element<'e>, place: u32) -> Option<Ranked> {
        if xml::text(element, "ipprotocol").is_some_and(|family| family.value == "inet6") {
            return None;
        }
        let floating = self.has(element, "floating");
        let interfaces: Vec<_> = xml::text(element, "interface").into_iter().flat_map(xml::words).filter(|n| n.value != "any").collect();
        let pf = self.flavour == Flavour::Pfsense;
        let (source, destination) = (self.end(element, "source"), self.end(element, "destination"));
        let mut other = Vec::new();
        for (end, name) in [(&source, "source"), (&destination, "destination")] {
            if end.is_none() && pf {
                other.push(opaque(element.head(), &format!("the rule names no {name}")));
            }
        }
        let about = About {
            span: xml::place(element),
            protocol: xml::text(element, "protocol"),
            source: source.unwrap_or_default(),
            destination: destination.unwrap_or_default(),
            interfaces,
            other,
            ports_mean_tcp: pf,
            ..About::default()
        };
        let direction = xml::text(element, "direction").map_or(if floating && pf { "any" } else { "in" }, |d| d.value);
        let direction = if floating || !pf { direction } else { "in" };
        let quick = match element.child("quick") {
            Some(quick) if !pf => self.on(quick) && !quick.text.value.trim().is_empty(),
            Some(_) => true,
            None => !floating,
        };
        let section = match &about.interfaces[..] {
            _ if floating => (0, 0),
            [one] if self.names.is_group(one.value) => (1, self.names.groups.get(one.value).map_or(0, |group| group.0)),
            _ => (INTERFACE, 0),
        };
        let kind = xml::text(element, "type").map_or("pass", |kind| kind.value);
        let enabled = !self.has(element, "disabled");
        let rank = (section.0, section.1, 1, place);
        Some(self.ranked(element, about, &Spoken { kind, quick, direction, enabled, rank }))
    }

    /// The end of a rule of `<filter>` or `<nat>`; none: the rule does not say it.
    pub(super) fn end(&self, element: &'e Element<'e>, which: &str) -> Option<Side<'e>> {
        let end = element.child(which)?;
        let port = xml::text(end, "port");
        let not = self.has(end, "not");
        if end.child("any").is_some() {
            return Some(Side { port, ..Side::default() });
        }
        let name = xml::text(end, "network").or_else(|| xml::text(end, "address"));
        // OPNsense writes several names in one element.
        let names: Vec<_> = name.into_iter().flat_map(xml::words).filter(|n| n.value != "any").collect();
        (name.is_some() || self.flavour == Flavour::Opnsense).then_some(Side { names, not, port, own: None })
    }

    /// A rule with everything resolved.
    pub(super) fn ranked(&mut self, element: &'e Element<'e>, mut about: About<'e>, spoken: &Spoken<'_>) -> Ranked {
        let pass = !matches!(spoken.kind, "block" | "reject" | "match");
        self.conditions(element, pass && spoken.enabled, &mut about);
        let interfaces = self.interfaces(&about);
        let action = match spoken.kind {
            "block" | "reject" => Action::Deny,
            "match" if !spoken.quick => Action::Continue,
            "match" => Action::Opaque(opaque(element.head(), "what a match rule with quick does is not followed")),
            _ => Action::Permit,
        };
        let line = Line { enabled: spoken.enabled, ..Line::new(about.span, self.matches(&about), action) };
        let (inward, outward) = (spoken.direction != "out", spoken.direction != "in");
        Ranked { rank: spoken.rank, quick: spoken.quick, inward, outward, interfaces, line }
    }

    /// Parts of a rule that cannot be decided from the file.
    fn conditions(&mut self, element: &'e Element<'e>, pass: bool, about: &mut About<'e>) {
        for child in &element.children {
            let said = child.text.value.trim();
            if (said.is_empty() && child.children.is_empty()) || said == "0" {
                continue;
            }
            let why = match &*child.name {
                "statetype" if pass && matches!(said, "none" | "no state") => {
                    "the rule keeps no state, so that answers need a rule of their own"
                }
                "gateway" if pass && said != "default" => {
                    let names = about.interfaces.iter().map(|name| name.value);
                    if !(about.interfaces.is_empty() || about.interfaces_not || self.names.is_outer(names)) {
                        continue;
                    }
                    "the rule sends its packets to a gateway of its own"
                }
                name if PLAIN.contains(&name) => continue,
                "sched" => {
                    if !self.names.schedules.contains(&said) {
                        self.remark(child.span, "the schedule is not in the file", RemarkKind::Dangling);
                    }
                    "the rule depends on the time of day"
                }
                "tagged" => "the rule depends on a tag that another one sets",
                "dscp" | "tos" | "vlanprio" | "prio" if said != "none" => "the rule looks at the packet's priority",
                "dscp" | "tos" | "vlanprio" | "prio" => continue,
                "max" | "max-src-nodes" | "max-src-states" if !pass => continue,
                "max" | "max-src-nodes" | "max-src-states" => "the rule depends on how many connections there are",
                "divert-to" => "the rule hands its packets to a program",
                _ => {
                    self.remark(child.head(), "a part of a rule that is not known", RemarkKind::Unknown);
                    "the rule has a part that is not followed"
                }
            };
            about.other.push(opaque(child.span, why));
        }
    }

    /// Outbound NAT on an inner interface hides the source from the rules for what goes out there.
    fn unseen_sources(&self, root: &'e Element<'e>, outward: &mut Chain) {
        let manual = xml::at(root, &["nat", "outbound"]).and_then(|e| xml::text(e, "mode"));
        let older = match manual {
            Some(mode) if matches!(mode.value, "advanced" | "hybrid") => xml::all(root, &["nat", "outbound", "rule"]),
            _ => Vec::new(),
        };
        let newer = xml::all(root, &["OPNsense", "Firewall", "Filter", "snatrules", "rule"]);
        let hides = older.into_iter().chain(newer).find(|rule| {
            let off = self.has(rule, "disabled") || rule.child("enabled").is_some_and(|e| !self.on(e)) || self.has(rule, "nonat");
            !off && xml::text(rule, "interface").is_some_and(|list| !self.names.is_outer(xml::words(list).map(|name| name.value)))
        });
        let Some(hides) = hides else { return };
        for line in outward.lines.iter_mut().filter(|line| !line.matches.source.is_absent()) {
            line.matches.other.push(opaque(hides.head(), "outbound NAT changes the source before this rule sees it"));
        }
    }
}

/// What a rule says in words, whichever store it is from.
pub(super) struct Spoken<'s> {
    pub(super) kind: &'s str,
    pub(super) quick: bool,
    pub(super) direction: &'s str,
    pub(super) enabled: bool,
    pub(super) rank: (u8, u32, u8, u32),
}

pub(super) fn opaque(span: Span, reason: &str) -> Opaque {
    Opaque { span, reason: reason.into() }
}

/// The words of a list-valued part.
pub(super) fn list<'e>(element: &'e Element<'e>, name: &str) -> Vec<Spanned<&'e str>> {
    xml::text(element, name).into_iter().flat_map(xml::words).filter(|word| word.value != "any").collect()
}
