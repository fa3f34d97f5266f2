//! One rule of a table: its matchers and its action.
//!
//! Source: MikroTik, "Filter", "NAT" and "RAW" of the RouterOS documentation (properties and actions).

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::matchers::{OPAQUE, PLAIN};
use super::names::Members;
use super::words::Word;
use super::{Reader, RemarkKind, Statement};
use crate::model::upstream::{Action, Interfaces, Line, Match, States, Target, ToPort, Translation};
use crate::model::{Field, Opaque};
use crate::net::{Addrs, Ports, Protocol, Protocols};
use crate::source::{Span, Spanned};

/// One way in which a rule may match: beside the others, of which any will do.
type Either = Vec<Box<dyn Fn(&mut Match)>>;

impl Reader {
    /// Reads `add …` of a table.
    pub(super) fn rule(&mut self, table: &'static str, s: &Statement) {
        if s.args.iter().any(|arg| matches!(arg.name(), "place-before" | "copy-from")) {
            self.is_changed(s.span);
            return;
        }
        let Some(chain) = s.get("chain") else {
            self.remark(s.span, "a rule without a chain", RemarkKind::Syntax);
            self.doubt.get_or_insert((s.span, "the export is not whole"));
            return;
        };
        let id = self.chain(table, chain, s.span);
        let action = self.action(table, s);
        let mut matches = Match::default();
        let mut either: Vec<Either> = Vec::new();
        let mut seen = BTreeSet::new();
        for arg in &s.args {
            let name = if arg.name() == "any-port" { "port" } else { arg.name() };
            if seen.insert(name) {
                self.argument(arg, s, &mut matches, &mut either);
            } else {
                matches.other.push(self.not_known(arg.span));
            }
        }
        if let Some(why) = s.remark.as_deref().and_then(not_active) {
            matches.other.push(opaque(s.span, why));
        }
        if s.get("action") == Some("fasttrack-connection") {
            // Packets of such a connection pass the filter, once the fast path has it; the others go on below.
            matches.other.push(opaque(s.span, "which packets take the fast path is not known"));
        }
        let mut all = vec![matches];
        for ways in either {
            let with = |way: &dyn Fn(&mut Match), m: &Match| {
                let mut m = m.clone();
                way(&mut m);
                m
            };
            all = all.iter().flat_map(|m| ways.iter().map(|way| with(way.as_ref(), m)).collect::<Vec<_>>()).collect();
        }
        for matches in all {
            if let (Action::Jump(target), Some(word)) = (&action, s.args.iter().find(|arg| arg.name() == "jump-target")) {
                let line = self.device.chains[id.0 as usize].lines.len();
                self.jumps.push((id, line, *target, word.span));
            }
            let action = mapped(&action, &matches, s);
            let line = Line { enabled: s.is_on(), ..Line::new(s.span, matches, action) };
            self.device.chains[id.0 as usize].lines.push(line);
        }
    }

    fn argument(&mut self, arg: &Word, s: &Statement, m: &mut Match, either: &mut Vec<Either>) {
        let (name, place) = (arg.name(), arg.span);
        // `!in-interface` in a verbose export: nothing is set.
        let Some(text) = arg.value().filter(|value| !value.is_empty()) else {
            if !name.starts_with('!') && arg.equals.is_none() {
                m.other.push(self.not_known(place));
            }
            return;
        };
        let not = text.starts_with('!');
        let text = text.strip_prefix('!').unwrap_or(text);
        let known = |set: Option<Addrs>| set.map(|set| if not { set.complement() } else { set });
        match name {
            "src-address" => m.source = self.known(known(Addrs::parse(text)), place, "the address is not an address"),
            "dst-address" => m.destination = self.known(known(Addrs::parse(text)), place, "the address is not an address"),
            "src-port" => m.source_ports = self.ports(text, not, place),
            "dst-port" => m.destination_ports = self.ports(text, not, place),
            "port" | "any-port" => {
                let ports = self.ports(text, not, place);
                let twin = ports.clone();
                let mut ways: Either = vec![Box::new(move |m| narrow(&mut m.destination_ports, &ports, Ports::intersection, &mut m.other))];
                let source = move |m: &mut Match| narrow(&mut m.source_ports, &twin, Ports::intersection, &mut m.other);
                if not {
                    // Neither port is in the list.
                    let destination = ways.remove(0);
                    ways.push(Box::new(move |m| {
                        destination(m);
                        source(m);
                    }));
                } else {
                    ways.push(Box::new(source));
                }
                either.push(ways);
            }
            "protocol" => {
                let set = match text {
                    "all" => Some(Protocols::any()),
                    "udp-lite" => Some(Protocols::of(&[Protocol::from_number(136)])),
                    "ip-encap" | "ipencap" => Some(Protocols::of(&[Protocol::from_number(4)])),
                    _ => Protocol::parse(text).map(|p| Protocols::of(&[p])),
                };
                let set = set.map(|set| if not { set.complement() } else { set });
                m.protocol = self.known(set, place, "the protocol's name is not known");
            }
            "in-interface" => m.in_interface = interface(text, not, place),
            "out-interface" => m.out_interface = interface(text, not, place),
            "in-interface-list" => self.interfaces(text, not, place, true, m),
            "out-interface-list" => self.interfaces(text, not, place, false, m),
            "src-address-list" | "dst-address-list" => either.push(self.address_list(name == "src-address-list", text, not, place, s)),
            "connection-state" => m.state = states(text, not, place),
            "connection-nat-state" => match text {
                "dstnat" => m.translated = Field::known_at(!not, place),
                "srcnat" => m.other.push(opaque(place, "whether the source is translated is not followed")),
                "srcnat,dstnat" | "dstnat,srcnat" if !not => m.translated = Field::known_at(true, place),
                _ => m.other.push(opaque(place, "whether the source is translated is not followed")),
            },
            "dst-address-type" if text == "local" => m.to_itself = Field::known_at(!not, place),
            "dst-address-type" => m.other.push(opaque(place, "the rule looks at the kind of the destination")),
            "ipsec-policy" => match text {
                "in,ipsec" | "in,none" if !not => m.decrypted = Field::known_at(text == "in,ipsec", place),
                "out,ipsec" if !not => either.push(self.encrypted(place)),
                "out,none" if !not && self.names.policies.is_empty() && !self.names.unknown_policy => {}
                _ => m.other.push(opaque(place, "the rule depends on an IPsec policy")),
            },
            // The first packet of a TCP flow has SYN alone; what is not TCP has no flags.
            "tcp-flags" => m.other.push(opaque(place, "the rule looks at TCP's flags")),
            "fragment" if text == "yes" => m.protocol = Field::known_at(Protocols::default(), place),
            "fragment" => {}
            // No helper knows IPsec's flows.
            "connection-type" if !not => m.protocol = Field::known_at(Protocols::default(), place),
            "connection-type" => {}
            "icmp-options" | "tcp-mss" => {
                let of = if name == "tcp-mss" { Protocol::Tcp } else { Protocol::Icmp };
                narrow(
                    &mut m.protocol,
                    &Field::known_at(Protocols::of(&[of]), place),
                    |a, b| if a.contains(of) { *b } else { Protocols::default() },
                    &mut m.other,
                );
                m.other.push(opaque(place, "the rule looks into the packet"));
            }
            "connection-mark" | "packet-mark" | "routing-mark" => {
                let set = self.names.marks.contains(name);
                match (text == "no-mark", set) {
                    (true, false) if !not => {}
                    (false, false) if !not && name != "routing-mark" => m.protocol = Field::known_at(Protocols::default(), place),
                    _ => m.other.push(opaque(place, "the rule depends on a mark that another one sets")),
                }
            }
            _ if PLAIN.contains(&name) => {}
            _ => match OPAQUE.iter().find(|(matcher, _)| *matcher == name) {
                Some((_, why)) => m.other.push(opaque(place, why)),
                None => m.other.push(self.not_known(place)),
            },
        }
    }

    fn not_known(&mut self, place: Span) -> Opaque {
        self.remark(place, "a part of a rule that is not known", RemarkKind::Unknown);
        opaque(place, "the rule has a part that is not followed")
    }

    fn known<T>(&mut self, set: Option<T>, place: Span, why: &str) -> Field<T> {
        if let Some(set) = set {
            return Field::known_at(set, place);
        }
        self.remark(place, why, RemarkKind::Unknown);
        Field::opaque_at(place, why)
    }

    fn ports(&mut self, text: &str, not: bool, place: Span) -> Field<Ports> {
        let set = Ports::parse(text).map(|set| if not { set.complement() } else { set });
        self.known(set, place, "the port is not a port")
    }

    fn interfaces(&self, list: &str, not: bool, place: Span, inward: bool, m: &mut Match) {
        let set = match self.names.interfaces(list) {
            Some(names) => Field::known_at(Interfaces { names, negated: not }, place),
            // Every packet comes by some interface.
            None if list == "all" => Field::known_at(Interfaces { names: Vec::new(), negated: !not }, place),
            None => Field::opaque_at(place, "the members of the interface list are not in the file"),
        };
        let field = if inward { &mut m.in_interface } else { &mut m.out_interface };
        match (field.known().cloned(), set) {
            // A rule may name an interface and a list: both must hold.
            (Some(_), Field::Opaque(why)) => m.other.push(why),
            (Some(one), Field::Known(set)) => {
                let both = one.value.names.iter().filter(|name| set.value.hold([&***name])).cloned().collect();
                if one.value.negated {
                    m.other.push(opaque(place, "the rule names an interface and a list"));
                } else {
                    *field = Field::known_at(Interfaces { names: both, negated: false }, one.span.to(place));
                }
            }
            (None, set) => *field = set,
            (Some(_), Field::Absent) => {}
        }
    }

    /// What is in the list, and what may be. What is not in a list is in none of its parts.
    fn address_list(&mut self, source: bool, list: &str, not: bool, place: Span, s: &Statement) -> Either {
        let (known, unknown) = match self.names.addresses(list) {
            Members::Some(known, unknown) => (known.clone(), unknown),
            Members::Nothing => (Addrs::none(), Some("the members of the address list are not in the file")),
        };
        let defined = !matches!(self.names.addresses(list), Members::Nothing);
        // What is denied may be a list that other programs fill.
        let denies = matches!(s.get("action"), Some("drop" | "reject" | "tarpit"));
        if !defined && !denies && s.is_on() {
            self.remark(place, "the address list is not in the file", RemarkKind::Dangling);
        }
        let set = if not { known.complement() } else { known };
        let take = move |m: &mut Match, set: &Addrs| {
            let field = if source { &mut m.source } else { &mut m.destination };
            narrow(field, &Field::known_at(set.clone(), place), Addrs::intersection, &mut m.other);
        };
        let Some(why) = unknown else { return vec![Box::new(move |m| take(m, &set))] };
        let doubt = move |m: &mut Match| m.other.push(opaque(place, why));
        if not {
            return vec![Box::new(move |m| {
                take(m, &set);
                doubt(m);
            })];
        }
        let mut ways: Either = vec![Box::new(doubt)];
        if !set.is_empty() {
            ways.insert(0, Box::new(move |m| take(m, &set)));
        }
        ways
    }

    /// What policies encrypt on its way out.
    fn encrypted(&self, place: Span) -> Either {
        let mut ways: Either = Vec::new();
        if self.names.policies.len() > 2 || self.names.unknown_policy {
            ways.push(Box::new(move |m| m.other.push(opaque(place, "the rule depends on an IPsec policy"))));
        }
        for policy in self.names.policies.iter().take(2) {
            let (source, destination) = (policy.source.clone(), policy.destination.clone());
            let protocol = policy.protocol;
            ways.push(Box::new(move |m| {
                narrow(&mut m.source, &Field::known_at(source.clone(), place), Addrs::intersection, &mut m.other);
                narrow(&mut m.destination, &Field::known_at(destination.clone(), place), Addrs::intersection, &mut m.other);
                if m.protocol.is_absent() && !protocol.is_any() {
                    m.protocol = Field::known_at(protocol, place);
                }
            }));
        }
        if ways.is_empty() {
            ways.push(Box::new(move |m| m.protocol = Field::known_at(Protocols::default(), place)));
        }
        ways
    }

    fn action(&mut self, table: &'static str, s: &Statement) -> Action {
        let word = s.args.iter().find(|arg| arg.name() == "action");
        let place = word.map_or(s.span, |word| word.span);
        match (s.get("action").unwrap_or("accept"), table) {
            ("accept", _) | ("fasttrack-connection", "filter") => Action::Permit,
            ("drop", "filter" | "raw") | ("reject" | "tarpit", "filter") => Action::Deny,
            ("return", _) => Action::Return,
            ("jump", _) => match s.get("jump-target") {
                Some(target) => Action::Jump(self.chain(table, target, place)),
                None => self.unknown_action(place, "a jump without its target"),
            },
            ("passthrough" | "log" | "add-src-to-address-list" | "add-dst-to-address-list", _) => Action::Continue,
            // States of later rules then fit otherwise, and so does the way back.
            ("notrack", "raw") => Action::Opaque(opaque(place, "the rule takes packets out of connection tracking")),
            ("masquerade" | "src-nat" | "same", "nat") if s.get("chain") == Some("srcnat") => Action::Continue,
            ("masquerade" | "src-nat", "nat") => Action::Continue,
            ("netmap" | "endpoint-independent-nat", "nat") if s.get("chain") == Some("srcnat") => Action::Continue,
            ("dst-nat" | "netmap", "nat") => Action::Translate(Translation { to: target(s), to_port: to_port(s), permits: false }),
            ("redirect", "nat") => Action::Translate(Translation { to: Target::Device(place), to_port: to_port(s), permits: false }),
            _ => self.unknown_action(place, "what this action does is not followed"),
        }
    }

    fn unknown_action(&mut self, place: Span, why: &str) -> Action {
        self.remark(place, why, RemarkKind::Unknown);
        Action::Opaque(opaque(place, why))
    }
}

/// `netmap` keeps the host's part of the address.
fn mapped(action: &Action, m: &Match, s: &Statement) -> Action {
    let (Action::Translate(to), Some("netmap")) = (action, s.get("action")) else { return action.clone() };
    let new = s.get("to-addresses").and_then(|text| text.parse::<Ipv4Net>().ok());
    let old = s.get("dst-address").and_then(|text| text.parse::<Ipv4Net>().ok());
    let to = match (&to.to, old, new) {
        (Target::Host(_), ..) => return action.clone(),
        (_, Some(old), Some(new)) if old.prefix_len() == new.prefix_len() => {
            let span = m.destination.span().unwrap_or(s.span);
            Translation { to: Target::Net(Spanned::new((old, new), span)), ..to.clone() }
        }
        _ => Translation { to: Target::Opaque(opaque(s.span, "the mapping between networks is not followed")), ..to.clone() },
    };
    Action::Translate(to)
}

/// What an export writes above a rule that is not at work.
fn not_active(remark: &str) -> Option<&'static str> {
    let said = ["not ready", "is slave", "inactive", "no interface", "unknown interface", "not possible"];
    said.iter().any(|words| remark.contains(words)).then_some("the export says that the rule is not at work")
}

fn opaque(span: Span, reason: &str) -> Opaque {
    Opaque { span, reason: reason.into() }
}

fn interface(text: &str, not: bool, place: Span) -> Field<Interfaces> {
    match text {
        "all" => Field::known_at(Interfaces { names: Vec::new(), negated: !not }, place),
        "all-ethernet" | "all-ppp" | "all-vlan" | "all-wireless" | "dynamic" => {
            Field::opaque_at(place, "which interfaces are of that kind is not followed")
        }
        _ => Field::known_at(Interfaces { names: vec![text.into()], negated: not }, place),
    }
}

/// `established,related,untracked`: the mark in front negates all of them.
fn states(text: &str, not: bool, place: Span) -> Field<States> {
    let mut set = States::default();
    for name in text.split(',') {
        match name {
            "new" => set.new = true,
            "established" => set.established = true,
            "related" => set.related = true,
            "invalid" | "untracked" => set.invalid = true,
            _ => return Field::opaque_at(place, "the rule has a connection state that is not followed"),
        }
    }
    if not {
        set = States { new: !set.new, established: !set.established, related: !set.related, invalid: !set.invalid };
    }
    Field::known_at(set, place)
}

/// A second condition on the same part narrows the first.
fn narrow<T: Clone>(to: &mut Field<T>, new: &Field<T>, both: impl Fn(&T, &T) -> T, other: &mut Vec<Opaque>) {
    *to = match (std::mem::take(to), new.clone()) {
        (Field::Absent, new) => new,
        (Field::Known(a), Field::Known(b)) => Field::known_at(both(&a.value, &b.value), a.span.to(b.span)),
        (Field::Opaque(o), known) | (known, Field::Opaque(o)) => {
            other.push(o);
            known
        }
        (known, Field::Absent) => known,
    };
}

fn target(s: &Statement) -> Target {
    let Some(word) = s.args.iter().find(|arg| arg.name() == "to-addresses" && arg.value().is_some_and(|v| !v.is_empty())) else {
        // Ports alone: the address stays.
        return match s.get("to-ports") {
            Some(_) => Target::Net(Spanned::new((Ipv4Net::default(), Ipv4Net::default()), s.span)),
            None => Target::Opaque(opaque(s.span, "the rule names no new address")),
        };
    };
    let text = word.value().unwrap_or_default();
    let host = text.strip_suffix("/32").unwrap_or(text).parse::<Ipv4Addr>();
    match (host, Addrs::parse(text)) {
        (Ok(host), _) if !host.is_unspecified() => Target::Host(Spanned::new(host, word.span)),
        (Err(_), Some(set)) if set.ranges().len() == 1 => {
            let (first, last) = set.ranges()[0];
            if first == last {
                Target::Host(Spanned::new(first.into(), word.span))
            } else {
                Target::OneOf(Spanned::new((first.into(), last.into()), word.span))
            }
        }
        _ => Target::Opaque(opaque(word.span, "the forward's address is not an address")),
    }
}

fn to_port(s: &Statement) -> ToPort {
    let Some(word) = s.args.iter().find(|arg| arg.name() == "to-ports" && arg.value().is_some_and(|v| !v.is_empty())) else {
        return ToPort::Same;
    };
    let text = word.value().unwrap_or_default();
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (Ports::number(first), Ports::number(last)) {
        (Some(first), Some(last)) if first <= last => ToPort::Range(Spanned::new((first, last), word.span)),
        _ => ToPort::Opaque(opaque(word.span, "the forward's port is not a port")),
    }
}
