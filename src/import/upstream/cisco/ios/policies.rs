//! Class maps and policy maps of the zone-based firewall, and what becomes of packets of a class.

use super::Reader;
use crate::import::upstream::cisco::entry::NOT_UNDERSTOOD;
use crate::import::upstream::cisco::words::{Words, port, protocols};
use crate::import::upstream::cisco::{list, opaque};
use crate::model::Field;
use crate::model::upstream::{Action, Chain, ChainId, Device, End, Line, Match};
use crate::net::{Ports, Protocol, Protocols};
use crate::source::{Span, Spanned};

/// `class-map type inspect`.
#[derive(Debug)]
pub(super) struct ClassMap<'t> {
    /// Any of its conditions is enough.
    pub(super) any: bool,
    pub(super) matches: Vec<Words<'t>>,
}

/// What is done with a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Treatment {
    Inspect,
    Pass,
    Drop,
}

/// `policy-map type inspect`.
#[derive(Debug)]
pub(super) struct PolicyMap<'t> {
    pub(super) span: Span,
    /// Classes in their order, with what is done.
    pub(super) classes: Vec<(Spanned<&'t str>, Option<Spanned<Treatment>>)>,
}

/// `zone-pair security`.
#[derive(Clone, Debug)]
pub(super) struct ZonePair<'t> {
    pub(super) name: &'t str,
    pub(super) span: Span,
    pub(super) from: &'t str,
    pub(super) to: &'t str,
    pub(super) policy: Option<Spanned<&'t str>>,
}

/// Class maps that hold each other deeper than this are not followed.
const DEPTH: u32 = 8;
/// A policy with more lines than this is not followed.
const LINES: usize = 20_000;

/// The ports that `match protocol` means, by the names that have no port in a list (IOS "Zone-Based Policy Firewall", "match protocol").
fn ports_of(name: &str) -> Option<(Protocols, Ports)> {
    let of = |all: &[Protocol], number| Some((Protocols::of(all), Ports::one(number)));
    match name {
        "tcp" | "udp" | "icmp" | "gre" | "esp" | "ah" => protocols(name).map(|set| (set, Ports::any())),
        "isakmp" | "ipsec-msft" | "l2tp" | "ntp" | "snmp" | "syslog" | "tftp" => of(&[Protocol::Udp], port(name)?),
        "http" | "https" | "ssh" | "telnet" | "smtp" | "ftp" | "pop3" | "imap" | "ldap" | "ldaps" | "pptp" => {
            of(&[Protocol::Tcp], port(name)?)
        }
        "dns" | "sip" | "kerberos" => of(&[Protocol::Tcp, Protocol::Udp], if name == "kerberos" { 88 } else { port(name)? }),
        _ => None,
    }
}

impl<'t> Reader<'t> {
    /// The list of a policy, which all its pairs call, and its end.
    pub(super) fn policy(&mut self, device: &mut Device, policy: Spanned<&'t str>) -> (ChainId, End) {
        if let Some(known) = self.followed.get(policy.value) {
            return *known;
        }
        let (lines, end) = self.policy_lines(device, policy);
        let id = device.add(list(policy.value, end.span, lines, None));
        self.followed.insert(policy.value, (id, end));
        (id, end)
    }

    fn policy_lines(&mut self, device: &mut Device, policy: Spanned<&'t str>) -> (Vec<Line>, End) {
        let Some(map) = self.policies.get(policy.value) else {
            if self.ended {
                self.log.dangling(policy.span, "the policy is not in the file");
            }
            let why = "the policy is not in the file";
            let doubt = Line::new(policy.span, Match::default(), Action::Opaque(opaque(policy.span, why)));
            return (vec![doubt], End::implicit(false, policy.span));
        };
        let (span, classes) = (map.span, map.classes.clone());
        let mut lines = Vec::new();
        if classes.iter().any(|(_, done)| done.is_some_and(|done| done.value == Treatment::Inspect)) {
            // Inspection follows TCP, UDP and ICMP; what it does with ESP differs between versions.
            let esp = Match { protocol: Field::known_at(Protocols::of(&[Protocol::Esp]), span), ..Match::default() };
            lines.push(Line::new(span, esp, Action::Opaque(opaque(span, "whether the firewall inspects ESP depends on its version"))));
        }
        let mut end = End::implicit(false, span);
        for (class, done) in classes {
            let Some(Spanned { value: treatment, span: place }) = done else { continue };
            if class.value == "class-default" {
                end = End::stated(treatment != Treatment::Drop, place);
            } else {
                let action = if treatment == Treatment::Drop { Action::Deny } else { Action::Permit };
                self.class(device, class, &action, 0, &mut lines);
            }
        }
        (lines, end)
    }

    /// Which treatments a policy has, drops left out.
    pub(super) fn treatments(&self, policy: Option<Spanned<&'t str>>) -> (bool, bool) {
        let classes = policy.and_then(|policy| self.policies.get(policy.value)).map_or(&[][..], |map| &map.classes);
        let any = |wanted| classes.iter().any(|(_, done)| done.is_some_and(|done| done.value == wanted));
        (any(Treatment::Inspect), any(Treatment::Pass))
    }

    /// Lines that do `action` to the packets of a class.
    fn class(&mut self, device: &mut Device, class: Spanned<&'t str>, action: &Action, depth: u32, lines: &mut Vec<Line>) {
        let doubt = |span, why: &str| Line::new(span, Match::default(), Action::Opaque(opaque(span, why)));
        let Some(map) = self.classes.get(class.value) else {
            if self.ended {
                self.log.dangling(class.span, "the class map is not in the file");
            }
            lines.push(doubt(class.span, "the class map is not in the file"));
            return;
        };
        if depth > DEPTH || lines.len() > LINES {
            lines.push(doubt(class.span, "the class maps hold too much to follow"));
            return;
        }
        let (any, matches) = (map.any, map.matches.clone());
        if any || matches.len() == 1 {
            for words in matches {
                self.condition(device, words, action, depth, lines);
            }
            return;
        }
        // All of them: of several protocols no packet has all, and two lists together are not followed.
        let mut narrow = Match::default();
        let mut called = None;
        let mut count = 0;
        for mut words in matches {
            let span = words.span;
            let whole = words.clone();
            if words.eat("match protocol") {
                count += 1;
                match words.take().and_then(|name| ports_of(name.value)) {
                    Some((set, ports)) if count == 1 && words.is_over() => {
                        narrow.protocol = Field::known_at(set, span);
                        narrow.destination_ports = if ports.is_any() { Field::Absent } else { Field::known_at(ports, span) };
                    }
                    _ => narrow.other.push(opaque(span, "several conditions of a class are not followed")),
                }
                self.log.show(&words);
            } else if whole.ahead(1) == Some("access-group") && called.is_none() {
                let mut inner = Vec::new();
                self.condition(device, whole, action, depth, &mut inner);
                called = inner.pop();
            } else {
                self.log.show(&words);
                narrow.other.push(opaque(span, "several conditions of a class are not followed"));
            }
        }
        match called {
            Some(line) => {
                narrow.other.extend(line.matches.other);
                lines.push(Line::new(line.span, narrow, line.action));
            }
            None => lines.push(Line::new(class.span, narrow, action.clone())),
        }
    }

    /// One condition of a class.
    fn condition(&mut self, device: &mut Device, mut words: Words<'t>, action: &Action, depth: u32, lines: &mut Vec<Line>) {
        let span = words.span;
        let doubt = |why: &str| Line::new(span, Match::default(), Action::Opaque(opaque(span, why)));
        let _ = words.eat("match");
        if words.eat("access-group") {
            let _ = words.eat("name");
            if let Some(name) = words.take() {
                lines.push(match self.variant(device, name.value, *action == Action::Permit) {
                    Some(id) => Line::new(span, Match::default(), Action::Jump(id)),
                    None => {
                        if self.ended {
                            self.log.dangling(name.span, "the list is not in the file");
                        }
                        doubt("the list is not in the file")
                    }
                });
            }
        } else if words.eat("protocol") {
            match words.take().and_then(|name| ports_of(name.value)).filter(|_| words.is_over()) {
                Some((set, ports)) => {
                    let mut matches = Match { protocol: Field::known_at(set, span), ..Match::default() };
                    if !ports.is_any() {
                        matches.destination_ports = Field::known_at(ports, span);
                    }
                    lines.push(Line::new(span, matches, action.clone()));
                }
                None => lines.push(doubt("which packets the protocol means is not known")),
            }
        } else if words.eat("class-map") {
            if let Some(name) = words.take() {
                self.log.show(&words);
                self.class(device, name, action, depth + 1, lines);
                return;
            }
        } else {
            self.log.unknown(words.here(), "a condition that is not understood");
            lines.push(doubt(NOT_UNDERSTOOD));
        }
        self.log.show(&words);
    }

    /// A list as the condition of a class: what it permits gets the action, what it denies is left to the next class.
    fn variant(&mut self, device: &mut Device, name: &'t str, permits: bool) -> Option<ChainId> {
        if let Some(id) = self.variants.get(&(name, permits)) {
            return Some(*id);
        }
        let written = self.lists.get(name)?;
        let lines = self.lines.get(name)?.iter().cloned().map(|line| {
            let action = match line.action {
                Action::Permit if permits => Action::Permit,
                Action::Permit => Action::Deny,
                Action::Deny => Action::Return,
                other => other,
            };
            Line { action, ..line }
        });
        let chain = Chain { lines: lines.collect(), ..Chain::new(name, written.span, None) };
        let id = device.add(chain);
        self.variants.insert((name, permits), id);
        Some(id)
    }
}
