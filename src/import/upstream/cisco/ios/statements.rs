//! The first pass over a text of IOS: each statement to where it belongs.

use std::collections::BTreeMap;

use super::known::KNOWN;
use super::policies::{ClassMap, PolicyMap, Treatment, ZonePair};
use super::{List, Reader};
use crate::import::upstream::cisco::names::Kind;
use crate::import::upstream::cisco::words::{Gone, Words, address, protocols};
use crate::import::upstream::rows::Row;
use crate::source::{Span, Spanned};

/// What the statements at hand belong to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Section<'t> {
    Interface(usize),
    List(&'t str),
    Group(&'t str),
    Class(&'t str),
    /// A policy, once a class of it is named.
    Policy(&'t str),
    Pair(&'t str),
    Other,
}

/// Words behind which a list is named by number.
const NAMING: &[&str] = &["access-group", "access-class", "list", "address", "acl", "distribute-list", "access-list", "name"];

/// Whether a statement may stand below an interface, and begins nothing of its own.
fn is_of_interface(head: &str) -> bool {
    const ALSO: &[&str] =
        &["ip", "ipv6", "ppp", "mpls", "bfd", "snmp", "ntp", "cdp", "lldp", "logging", "dialer", "isdn", "mac-address", "arp", "vrf"];
    ALSO.contains(&head) || !KNOWN.contains(&head.to_ascii_lowercase().as_str())
}

impl<'t> Reader<'t> {
    pub(super) fn statement(&mut self, row: &Row<'t>) {
        let mut words = Words::of(row);
        let no = words.eat("no");
        let anew = !no && words.eat("default");
        let Some(first) = words.peek() else { return };
        self.ended = first == "end" && words.ahead(1).is_none() && row.indent == 0;
        if self.ended {
            self.section = Section::Other;
            return;
        }
        let starts = (words.ahead(0), words.ahead(1));
        self.mention(&words);
        let nested = row.indent > 0 && !matches!(self.section, Section::Other);
        self.nested = nested || self.nested && !matches!(starts.0, Some("interface"));
        if self.of_section(&mut words, no || anew, row.indent > 0) {
            return;
        }
        match starts {
            (Some("interface"), Some("range")) => self.section = Section::Other,
            (Some("interface"), _) => {
                words.take();
                self.section = self.interface(&mut words).map_or(Section::Other, Section::Interface);
                self.log.show(&words);
                if let Section::Interface(n) = self.section
                    && (no || anew)
                {
                    let (name, key, span) = (self.ports[n].name.clone(), self.ports[n].key.clone(), self.ports[n].span);
                    // An interface that is taken away is described as one without anything.
                    self.ports[n] = super::Port { name, key, span, down: no, ..super::Port::default() };
                }
            }
            (Some("access-list"), _) => self.numbered(words, no),
            (Some("ip"), Some("access-list")) => self.named(words, no),
            (Some("ip"), Some("nat")) => self.nat_statement(words.without_front(2), no),
            (Some("ip"), Some("route")) => {
                let default = words.ahead(2) == Some("0.0.0.0") && words.ahead(3) == Some("0.0.0.0");
                if let Some(to) = words.ahead(4).filter(|_| default && !no) {
                    self.routes.push(to);
                }
                self.section = Section::Other;
            }
            (Some("ip"), Some("inspect")) if words.ahead(2) == Some("name") => {
                if let (Some(name), Some(protocol)) = (words.ahead(3), words.ahead(4)) {
                    self.inspections.entry(name).or_default().insert(protocol);
                }
                self.section = Section::Other;
            }
            (Some("object-group"), Some(kind)) => self.group(words.without_front(2), kind, no),
            (Some("class-map"), Some("type")) if words.ahead(2) == Some("inspect") => self.class_map(words.without_front(3)),
            (Some("policy-map"), Some("type")) if words.ahead(2) == Some("inspect") => self.policy_map(words.without_front(3)),
            (Some("zone-pair"), Some("security")) => self.zone_pair(words.without_front(2), no),
            (Some("zone"), Some("security")) => {
                self.zones.extend(words.ahead(2).filter(|_| !no));
                self.section = Section::Other;
            }
            (Some("crypto"), Some("map")) => {
                if let (Some(name), Some("local-address")) = (words.ahead(2), words.ahead(3)) {
                    self.local.insert(name, words.all()[4..].iter().map(|word| word.value.to_ascii_lowercase()).collect());
                }
                self.section = Section::Other;
            }
            _ if row.indent > 0 => self.nested = true,
            // Of an interface whose lines are pasted without blanks.
            (Some(head), _) if matches!(self.section, Section::Interface(_)) && !self.nested && is_of_interface(head) => {}
            (Some(head), _) => {
                self.section = Section::Other;
                if !no && !anew && !KNOWN.contains(&head.to_ascii_lowercase().as_str()) {
                    self.log.unknown(words.here(), "a statement that is not known");
                }
            }
            (None, _) => {}
        }
    }

    /// Names of lists that a statement may mean.
    fn mention(&mut self, words: &Words<'t>) {
        let all = words.all();
        let defines = matches!(words.peek(), Some("access-list" | "description" | "remark"))
            || words.peek() == Some("ip") && words.ahead(1) == Some("access-list");
        if defines || matches!(self.section, Section::List(_)) && matches!(words.peek(), Some("permit" | "deny")) {
            return;
        }
        for pair in all.windows(2) {
            let number = pair[1].value.bytes().all(|b| b.is_ascii_digit());
            if !number || NAMING.contains(&pair[0].value) {
                self.used.insert(pair[1].value);
            }
        }
    }

    /// Whether the statement belongs to the section at hand.
    fn of_section(&mut self, words: &mut Words<'t>, no: bool, indented: bool) -> bool {
        let first = words.peek().unwrap_or_default();
        match self.section {
            Section::Interface(n) => self.of_interface(n, words, no),
            Section::List(name) => self.entry(name, words.clone(), no, indented),
            Section::Group(name) => {
                let plain = matches!(first, "host" | "range" | "any" | "group-object");
                let service = protocols(first).is_some() && (first != "ip" || words.ahead(1).is_none());
                if first == "description" {
                    return true;
                }
                if !(indented || plain || service || address(first).is_some()) {
                    return false;
                }
                if let Some(def) = self.names.defs.get_mut(name) {
                    if no {
                        def.gone.note(words);
                    } else {
                        def.members.push(words.clone());
                    }
                }
                true
            }
            Section::Class(name) => self.of_class(name, words, no),
            Section::Policy(name) => self.of_policy(name, words, no),
            Section::Pair(name) => self.of_pair(name, words, no),
            Section::Other => false,
        }
    }

    /// `access-list 101 permit …`.
    fn numbered(&mut self, words: Words<'t>, no: bool) {
        self.section = Section::Other;
        let Some(name) = words.ahead(1) else { return };
        let Ok(number) = name.parse::<u32>() else {
            // `access-list compiled` and the like.
            return;
        };
        let standard = matches!(number, 1..=99 | 1300..=1999);
        if !standard && !matches!(number, 100..=199 | 2000..=2699) {
            return;
        }
        if no {
            // Whichever entry is named, the whole list goes.
            self.lists.remove(name);
        } else if words.ahead(2) != Some("remark") {
            let span = words.span;
            self.list(name, standard, span);
            self.add(name, None, words.without_front(2));
        }
    }

    fn list(&mut self, name: &'t str, standard: bool, span: Span) {
        self.lists.entry(name).or_insert(List {
            span,
            standard,
            last: 0,
            sorted: true,
            entries: Vec::new(),
            gone: Gone::default(),
            gone_numbers: BTreeMap::new(),
        });
    }

    fn add(&mut self, name: &'t str, number: Option<u32>, words: Words<'t>) {
        let Some(list) = self.lists.get_mut(name) else { return };
        let number = number.unwrap_or(list.last.saturating_add(10));
        list.sorted &= number >= list.last;
        list.last = list.last.max(number);
        list.entries.push((number, words));
    }

    /// `ip access-list extended OUTSIDE`.
    fn named(&mut self, mut words: Words<'t>, no: bool) {
        self.section = Section::Other;
        words.take();
        words.take();
        let standard = words.eat("standard");
        if !standard && !words.eat("extended") {
            return;
        }
        let Some(name) = words.take() else { return };
        if no {
            self.lists.remove(name.value);
            return;
        }
        self.list(name.value, standard, words.span);
        self.log.show(&words);
        self.section = Section::List(name.value);
    }

    /// An entry of the list at hand.
    fn entry(&mut self, name: &'t str, mut words: Words<'t>, no: bool, indented: bool) -> bool {
        let number = words.peek().and_then(|word| word.parse::<u32>().ok());
        if number.is_some() {
            words.take();
        }
        let known = matches!(words.peek(), Some("permit" | "deny" | "remark" | "evaluate" | "dynamic"));
        if no {
            let Some(list) = self.lists.get_mut(name).filter(|_| known || number.is_some()) else { return false };
            match number {
                Some(number) => {
                    list.gone_numbers.insert(number, words.span.start);
                }
                None => list.gone.note(&words),
            }
            return true;
        }
        if !(known || indented && number.is_none()) {
            return false;
        }
        if words.peek() != Some("remark") {
            self.add(name, number, words);
        }
        true
    }

    fn nat_statement(&mut self, words: Words<'t>, no: bool) {
        self.section = Section::Other;
        if no {
            self.nat_gone.note(&words);
        } else {
            self.nat.push(words);
        }
    }

    fn group(&mut self, mut words: Words<'t>, kind: &str, no: bool) {
        self.section = Section::Other;
        let kind = match kind {
            "network" => Kind::Network,
            "service" => Kind::Service,
            _ => Kind::Other,
        };
        let Some(name) = words.take() else { return };
        if no {
            self.names.defs.remove(name.value);
            return;
        }
        self.names.define(name.value, kind, None);
        self.log.show(&words);
        self.section = Section::Group(name.value);
    }

    fn class_map(&mut self, mut words: Words<'t>) {
        let any = words.eat("match-any");
        let _ = any || words.eat("match-all");
        let Some(name) = words.take() else { return };
        self.log.show(&words);
        self.classes.entry(name.value).or_insert(ClassMap { any, matches: Vec::new() });
        self.section = Section::Class(name.value);
    }

    fn policy_map(&mut self, mut words: Words<'t>) {
        let Some(name) = words.take() else { return };
        self.log.show(&words);
        self.policies.entry(name.value).or_insert(PolicyMap { span: words.span, classes: Vec::new() });
        self.section = Section::Policy(name.value);
    }

    fn zone_pair(&mut self, mut words: Words<'t>, no: bool) {
        self.section = Section::Other;
        let Some(name) = words.take() else { return };
        if no {
            self.pairs.remove(name.value);
            return;
        }
        let mut ends = [None, None];
        for (end, word) in ends.iter_mut().zip(["source", "destination"]) {
            *end = if words.eat(word) { words.take().map(|zone| zone.value) } else { None };
        }
        if let [Some(from), Some(to)] = ends {
            self.log.show(&words);
            self.section = Section::Pair(name.value);
            self.pairs.insert(name.value, ZonePair { name: name.value, span: words.span, from, to, policy: None });
        } else {
            self.log.unknown(words.here(), "a pair of zones that is not understood");
        }
    }

    /// `match access-group name X`.
    fn of_class(&mut self, name: &'t str, words: &mut Words<'t>, no: bool) -> bool {
        if words.peek() != Some("match") {
            return words.peek() == Some("description");
        }
        if let Some(class) = self.classes.get_mut(name).filter(|_| !no) {
            class.matches.push(words.clone());
        }
        true
    }

    /// `class type inspect X` and what is done with it.
    fn of_policy(&mut self, name: &'t str, words: &mut Words<'t>, no: bool) -> bool {
        let Some(policy) = self.policies.get_mut(name).filter(|_| !no) else { return false };
        if words.eat("class") {
            let _ = words.eat("type inspect");
            let Some(class) = words.take() else { return true };
            policy.classes.push((class, None));
        } else {
            let treatment = match words.peek() {
                Some("inspect") => Treatment::Inspect,
                Some("pass") => Treatment::Pass,
                Some("drop") => Treatment::Drop,
                Some("description" | "police" | "log" | "urlfilter" | "service-policy" | "exit") => return true,
                _ => return false,
            };
            words.take();
            let _ = words.eat("log");
            if let Some((_, last)) = policy.classes.last_mut() {
                *last = Some(Spanned::new(treatment, words.span));
            }
        }
        self.log.show(words);
        true
    }

    fn of_pair(&mut self, name: &'t str, words: &mut Words<'t>, no: bool) -> bool {
        if words.peek() == Some("description") {
            return true;
        }
        if !words.eat("service-policy type inspect") {
            return false;
        }
        let policy = words.take();
        if let Some(pair) = self.pairs.get_mut(name) {
            pair.policy = policy.filter(|_| !no);
        }
        self.log.show(words);
        true
    }
}
