//! The first pass over a text of an ASA: each statement to where it belongs.

use ipnet::Ipv4Net;

use super::known::KNOWN;
use super::{List, Port, Reader};
use crate::import::upstream::cisco::names::Kind;
use crate::import::upstream::cisco::words::{Gone, Words, address, prefix, protocols};
use crate::import::upstream::rows::Row;
use crate::source::Spanned;

/// What the statements at hand belong to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Section<'t> {
    Interface(usize),
    /// An object, which holds one thing.
    Object(&'t str),
    Group(&'t str),
    Other,
}

impl<'t> Reader<'t> {
    pub(super) fn statement(&mut self, row: &Row<'t>) {
        if let Some(said) = row.text.strip_prefix(':') {
            self.ended |= said.trim() == "end" || said.trim() == "[OK]";
            return;
        }
        if row.text.starts_with("Cryptochecksum:") {
            return;
        }
        let mut words = Words::of(row);
        let no = words.eat("no");
        let clear = !no && (words.eat("clear configure") || words.eat("default"));
        let Some(first) = words.peek() else { return };
        self.ended = false;
        if first != "access-list" {
            self.used.extend(words.all().iter().skip(1).map(|word| word.value));
        }
        if self.of_section(&mut words, no || clear, row.indent > 0) {
            return;
        }
        let indented = row.indent > 0;
        let second = words.ahead(1);
        match (first, second) {
            ("interface", _) => {
                words.take();
                self.section = Section::Other;
                if let Some(name) = words.take() {
                    let next = self.ports.len();
                    let index = *self.port_of.entry(name.value).or_insert(next);
                    if index == next {
                        self.ports.push(Port::default());
                    }
                    if no || clear {
                        self.ports[index] = Port::default();
                    }
                    self.section = Section::Interface(index);
                    self.log.show(&words);
                }
            }
            ("object", Some(kind @ ("network" | "service"))) => self.object(words.without_front(2), kind, no),
            ("object-group", Some(kind)) => self.group(words.without_front(2), kind, no),
            ("access-list", _) => self.entry(words, no),
            ("access-group", _) => self.bound(words, no),
            ("nat", Some(pair)) if pair.starts_with('(') => self.nat(words, no, None),
            ("static" | "global", Some(pair)) if pair.starts_with('(') => self.old = self.old.or((!no).then_some(words.span)),
            ("name", _) => {
                if let (Some(ip), Some(name)) = (words.ahead(1).and_then(address), words.ahead(2)) {
                    self.names.hosts.insert(name, ip);
                    self.log.show(&words.without_front(3));
                }
                self.section = Section::Other;
            }
            ("route", Some(interface)) => {
                // `0` stands for `0.0.0.0`.
                let dotted = |word: &str| if word == "0" { Some(std::net::Ipv4Addr::UNSPECIFIED) } else { self.names.host(word) };
                let net = words.ahead(2).and_then(dotted).zip(words.ahead(3).and_then(dotted).and_then(prefix));
                if let Some(net) = net.and_then(|(ip, bits)| Ipv4Net::new(ip, bits).ok()).filter(|_| !no) {
                    self.routes.push((interface, net));
                }
                self.section = Section::Other;
            }
            ("crypto", Some("ikev1" | "ikev2" | "isakmp")) if words.ahead(2) == Some("enable") => self.ike(words.without_front(3), no),
            ("isakmp", Some("enable")) => self.ike(words.without_front(2), no),
            ("same-security-traffic", Some("permit")) if words.ahead(2) == Some("inter-interface") => {
                self.same_level = !no;
                self.log.show(&words.without_front(3));
                self.section = Section::Other;
            }
            ("firewall", Some("transparent")) => {
                self.transparent = !no;
                self.log.show(&words.without_front(2));
            }
            ("ASA" | "PIX", Some("Version")) => {
                // 8.3 changed both translation and what lists see.
                let version = words.ahead(2).and_then(|v| v.split('(').next()).and_then(|v| v.split_once('.'));
                let version = version.and_then(|(a, b)| Some((a.parse::<u32>().ok()?, b.parse::<u32>().ok()?)));
                if version.is_some_and(|version| version < (8, 3)) {
                    self.old = Some(words.span);
                }
                self.log.show(&words.without_front(3));
            }
            ("inspect", Some("ipsec-pass-thru")) => {
                self.inspects_ipsec = (!no).then_some(words.span);
                self.log.show(&words.without_front(2));
            }
            _ if indented => {}
            _ => {
                self.section = Section::Other;
                if !no && !clear && !KNOWN.contains(&first.to_ascii_lowercase().as_str()) {
                    self.log.unknown(words.here(), "a statement that is not known");
                }
            }
        }
    }

    /// Whether the statement belongs to the section at hand.
    fn of_section(&mut self, words: &mut Words<'t>, no: bool, indented: bool) -> bool {
        let first = words.peek().unwrap_or_default();
        match self.section {
            Section::Interface(n) => self.of_interface(n, words, no),
            Section::Object(name) => {
                if first == "nat"
                    && words.ahead(1).is_some_and(|pair| pair.starts_with('('))
                    && !matches!(words.ahead(2), Some("source" | "after-auto"))
                {
                    let twice = words.ahead(2).is_some_and(|n| n.parse::<u32>().is_ok());
                    if !twice {
                        self.nat(words.clone(), no, Some(name));
                    }
                    return !twice;
                }
                if matches!(first, "host" | "subnet" | "range" | "fqdn")
                    || first == "service" && self.names.kind(name) == Some(Kind::Service)
                {
                    if let Some(def) = self.names.defs.get_mut(name) {
                        def.members.clear();
                        if !no {
                            def.members.push(words.clone());
                        }
                    }
                    return true;
                }
                first == "description"
            }
            Section::Group(name) => {
                let member =
                    ["network-object", "service-object", "port-object", "protocol-object", "group-object", "icmp-object"].contains(&first);
                let other = indented && !matches!(first, "description" | "user" | "user-group" | "security-group");
                if !(member || other) {
                    return indented || first == "description";
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
            Section::Other => false,
        }
    }

    fn of_interface(&mut self, n: usize, words: &mut Words<'t>, no: bool) -> bool {
        let Some(port) = self.ports.get_mut(n) else { return false };
        if words.eat("shutdown") {
            port.down = !no;
        } else if words.eat("management-only") {
            port.management = !no;
        } else if words.eat("nameif") {
            port.name = words.take().filter(|_| !no);
        } else if words.eat("security-level") {
            port.level = words.take().and_then(|level| level.value.parse().ok()).filter(|_| !no);
        } else if words.eat("ip address") {
            (port.net, port.dynamic) = (None, false);
            if no {
            } else if words.eat("dhcp") || words.eat("pppoe") {
                port.dynamic = true;
                let _ = words.eat("setroute");
            } else {
                let ip = words.peek().and_then(|word| self.names.host(word));
                let net = ip.zip(words.ahead(1).and_then(address).and_then(prefix)).and_then(|(ip, bits)| Ipv4Net::new(ip, bits).ok());
                match net {
                    Some(net) => {
                        let place = words.here();
                        words.take();
                        let place = place.to(words.here());
                        words.take();
                        port.net = Some(Spanned::new(net, place));
                        if words.eat("standby") {
                            words.take();
                        }
                    }
                    None => self.log.unknown(words.here(), "an address that is not understood"),
                }
            }
        } else {
            return false;
        }
        self.log.show(words);
        true
    }

    fn object(&mut self, mut words: Words<'t>, kind: &str, no: bool) {
        self.section = Section::Other;
        let Some(name) = words.take() else { return };
        if no {
            self.names.defs.remove(name.value);
            self.object_rules.remove(name.value);
            return;
        }
        self.names.define(name.value, if kind == "network" { Kind::Network } else { Kind::Service }, None);
        self.log.show(&words);
        self.section = Section::Object(name.value);
    }

    fn group(&mut self, mut words: Words<'t>, kind: &str, no: bool) {
        self.section = Section::Other;
        let kind = match kind {
            "network" => Kind::Network,
            "service" => Kind::Service,
            "protocol" => Kind::Protocol,
            _ => Kind::Other,
        };
        let Some(name) = words.take() else { return };
        if no {
            self.names.defs.remove(name.value);
            return;
        }
        let head = words.peek().filter(|word| matches!(*word, "tcp" | "udp" | "tcp-udp")).and_then(protocols);
        if head.is_some() {
            words.take();
        }
        self.names.define(name.value, kind, head);
        self.log.show(&words);
        self.section = Section::Group(name.value);
    }

    /// `access-list OUTSIDE [line 3] extended permit …`.
    fn entry(&mut self, mut words: Words<'t>, no: bool) {
        self.section = Section::Other;
        words.take();
        let Some(name) = words.take() else { return };
        let at = words.eat("line").then(|| words.take()).flatten().and_then(|n| n.value.parse::<usize>().ok());
        let remark = words.peek() == Some("remark");
        let extended = words.eat("extended") || matches!(words.peek(), Some("permit" | "deny"));
        if no {
            match self.lists.get_mut(name.value) {
                Some(_) if words.is_over() => {
                    self.lists.remove(name.value);
                }
                Some(list) => list.gone.note(&words),
                None => {}
            }
            return;
        }
        if !extended && !remark {
            return;
        }
        let list = self.lists.entry(name.value).or_insert_with(|| List {
            span: words.span,
            entries: Vec::new(),
            order: Vec::new(),
            gone: Gone::default(),
        });
        let place = at.map_or(list.order.len(), |n| n.saturating_sub(1).min(list.order.len()));
        list.order.insert(place, list.entries.len() as u32);
        list.entries.push(words);
    }

    /// `access-group OUTSIDE in interface outside`.
    fn bound(&mut self, mut words: Words<'t>, no: bool) {
        self.section = Section::Other;
        words.take();
        let Some(list) = words.take() else { return };
        let global = words.eat("global");
        let inward = global || words.eat("in");
        if !inward && !words.eat("out") {
            self.log.unknown(words.here(), "a list without its direction");
            return;
        }
        let interface = if words.eat("interface") { words.take().map(|name| name.value) } else { None };
        if !global && interface.is_none() {
            self.log.unknown(words.here(), "a list without its interface");
            return;
        }
        let control = words.eat("control-plane");
        let _ = words.eat("per-user-override");
        // The last list that is bound to a place is the one there.
        let place = (interface, inward, control);
        if no {
            self.groups.remove(&place);
        } else {
            self.groups.insert(place, list);
            self.log.show(&words);
        }
    }

    /// `crypto ikev1 enable outside`.
    fn ike(&mut self, mut words: Words<'t>, no: bool) {
        self.section = Section::Other;
        let Some(name) = words.take() else { return };
        if no {
            self.ike.remove(name.value);
        } else {
            self.ike.entry(name.value).or_insert(words.read());
            self.log.show(&words);
        }
    }

    /// A translation rule, of an object or by itself.
    fn nat(&mut self, words: Words<'t>, no: bool, object: Option<&'t str>) {
        if object.is_none() {
            self.section = Section::Other;
        }
        // `nat (inside) 1 0 0`.
        if words.ahead(1).is_some_and(|pair| !pair.contains(',')) {
            self.old = self.old.or((!no).then_some(words.span));
            return;
        }
        match (no, object) {
            // An object has one rule.
            (true, Some(object)) => drop(self.object_rules.remove(object)),
            (false, Some(object)) => drop(self.object_rules.insert(object, words)),
            (true, None) => self.rules_gone.note(&words),
            (false, None) => self.rules.push(words),
        }
    }
}
