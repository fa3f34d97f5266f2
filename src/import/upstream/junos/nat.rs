//! Static and destination NAT. Static rules come first; of rule sets, those for an interface come before those for a zone, and these before those for a routing
//! instance ("Understanding Destination NAT Rules", "Understanding Static NAT Rules").

use ipnet::Ipv4Net;

use super::applications::Kind;
use super::books::prefix;
use super::interfaces::unit;
use super::{Reader, RemarkKind, opaque, pairs};
use crate::import::upstream::config_tree::At;
use crate::model::Field;
use crate::model::upstream::{Action, Chain, ChainId, End, Interfaces, Line, Match, Target, ToPort, Translation};
use crate::net::{Addrs, Ports, Protocol, Protocols};
use crate::source::Spanned;

impl<'a, 't> Reader<'a, 't> {
    /// The lists of forwards in the order in which they are asked.
    pub(super) fn forwards(&mut self) -> Vec<ChainId> {
        let mut lists = Vec::new();
        for kind in ["static", "destination"] {
            let Some(section) = self.root.at(&["security", "nat", kind]) else { continue };
            let mut chain = Chain::new(&format!("{kind} nat"), section.head(), Some(End::implicit(true, section.head())));
            for from in ["interface", "zone", "routing-instance"] {
                for set in section.child("rule-set").into_iter().flat_map(At::all) {
                    let Some(context) = set.at(&["from", from]) else { continue };
                    let interfaces = self.context(from, context);
                    for rule in set.child("rule").into_iter().flat_map(At::all) {
                        let enabled = !rule.is_off() && !set.is_off();
                        for mut line in self.nat_rule(section, rule) {
                            line.matches.in_interface = interfaces.clone();
                            line.enabled = enabled;
                            chain.lines.push(line);
                        }
                    }
                }
            }
            lists.push(self.device.add(chain));
        }
        lists
    }

    fn context(&self, from: &str, context: At<'a, 't>) -> Field<Interfaces> {
        let span = context.children().next().map_or_else(|| context.head(), |name| name.word().span);
        let mut names = Vec::new();
        for name in context.children().map(At::word) {
            match from {
                "interface" => names.push(unit(name.value)),
                "routing-instance" if name.value == "default" => {
                    return if self.root.has("routing-instances") {
                        Field::opaque_at(name.span, "which interfaces are in the default instance is not followed")
                    } else {
                        Field::Absent
                    };
                }
                _ => names.push(name.value.into()),
            }
        }
        Field::known_at(Interfaces { names, negated: false }, span)
    }

    fn nat_rule(&mut self, section: At<'a, 't>, rule: At<'a, 't>) -> Vec<Line> {
        let mut matches = Match::default();
        let mut kinds = None;
        for part in rule.child("match").into_iter().flat_map(At::children) {
            let span = part.value().map_or_else(|| part.word().span, |value| value.span);
            match part.word().value {
                "source-address" | "destination-address" => {
                    let sets: Option<Vec<Addrs>> = part.children().map(|value| prefix(value.word().value)).collect();
                    let field = sets.map_or_else(
                        || Field::opaque_at(span, "the address is not understood"),
                        |sets| Field::known_at(union(&sets), span),
                    );
                    let is_source = part.word().value == "source-address";
                    *(if is_source { &mut matches.source } else { &mut matches.destination }) = field;
                }
                "source-address-name" => matches.source = self.named(part, ""),
                "destination-address-name" => matches.destination = self.named(part, ""),
                "source-port" => matches.source_ports = ports(part),
                "destination-port" => matches.destination_ports = ports(part),
                "protocol" => matches.protocol = protocols(part),
                "application" => kinds = self.kinds(part, &mut matches),
                _ => {
                    self.remark(part.word().span, "a part of a rule that is not known", RemarkKind::Unknown);
                    matches.other.push(opaque(part.word().span, "the rule has a part that is not followed"));
                }
            }
        }
        if matches.destination.is_absent() {
            matches.other.push(opaque(rule.head(), "the rule states no destination"));
        }
        let action = self.nat_action(section, rule, &matches);
        by_kind(rule, kinds, &matches, &action)
    }

    fn nat_action(&mut self, section: At<'a, 't>, rule: At<'a, 't>, matches: &Match) -> Action {
        let then = rule.child("then");
        if let Some(to) = then.and_then(|then| then.child("static-nat")) {
            return Action::Translate(static_nat(to, matches));
        }
        let Some(to) = then.and_then(|then| then.child("destination-nat")) else {
            return Action::Opaque(opaque(rule.head(), "the rule states no translation"));
        };
        if to.has("off") {
            return Action::Permit;
        }
        let Some(name) = to.value_of("pool") else { return Action::Opaque(opaque(to.word().span, "the rule names no pool")) };
        let Some(pool) = section.at(&["pool", name.value]) else {
            self.remark(name.span, "the pool is not in the file", RemarkKind::Dangling);
            return Action::Translate(Translation {
                to: Target::Opaque(opaque(name.span, "the pool is not in the file")),
                to_port: ToPort::Same,
                permits: false,
            });
        };
        Action::Translate(destination_nat(pool))
    }
}

/// One line for each kind of packet.
pub(super) fn by_kind(rule: At<'_, '_>, kinds: Option<Vec<Kind>>, matches: &Match, action: &Action) -> Vec<Line> {
    let Some(kinds) = kinds else { return vec![Line::new(rule.head(), matches.clone(), action.clone())] };
    let line = |kind: Kind| {
        let mut matches = matches.clone();
        let span = rule.at(&["match", "application"]).and_then(At::value).map_or_else(|| rule.head(), |value| value.span);
        matches.protocol = kind.protocol.map_or(Field::Absent, |set| Field::known_at(set, span));
        matches.source_ports = kind.source.map_or(Field::Absent, |set| Field::known_at(set, span));
        matches.destination_ports = kind.destination.map_or(Field::Absent, |set| Field::known_at(set, span));
        Line::new(rule.head(), matches, action.clone())
    };
    kinds.into_iter().map(line).collect()
}

/// `address 10.0.0.4/32 [port 500]`, or `address 10.0.0.4 to 10.0.0.9`.
fn destination_nat(pool: At<'_, '_>) -> Translation {
    let (mut to, mut last, mut to_port) = (None, None, ToPort::Same);
    for part in pool.child("address").into_iter().flat_map(At::children) {
        let word = part.word();
        let mut keys = pairs_of(part);
        match word.value {
            "port" | "to" => keys.extend(part.value().map(|value| (word.value, value))),
            _ => to = Some(word),
        }
        for (key, value) in keys {
            match key {
                "port" => to_port = new_port(value, None),
                "to" => last = Some(value),
                _ => {}
            }
        }
    }
    let to = match to {
        None => Target::Opaque(opaque(pool.head(), "the pool states no address")),
        Some(word) => target(word, last),
    };
    Translation { to, to_port, permits: false }
}

/// What stands behind a value.
fn pairs_of<'t>(at: At<'_, 't>) -> Vec<(&'t str, Spanned<&'t str>)> {
    pairs(at)
}

fn target(word: Spanned<&str>, last: Option<Spanned<&str>>) -> Target {
    let whole = last.map_or_else(|| word.value.to_owned(), |last| format!("{}-{}", bare(word.value), bare(last.value)));
    match Addrs::parse(&whole).as_ref().map(Addrs::ranges) {
        Some([(first, last)]) if first == last => Target::Host(Spanned::new((*first).into(), word.span)),
        Some([(first, last)]) => Target::OneOf(Spanned::new(((*first).into(), (*last).into()), word.span)),
        _ => Target::Opaque(opaque(word.span, "the address is not understood")),
    }
}

fn bare(word: &str) -> &str {
    word.strip_suffix("/32").unwrap_or(word)
}

/// `prefix 10.0.0.4/32 [mapped-port 500 [to 510]]`.
fn static_nat(to: At<'_, '_>, matches: &Match) -> Translation {
    let all = pairs(to);
    let one = |key: &str| all.iter().find(|(k, _)| *k == key).map(|(_, value)| *value);
    let host = all.iter().find(|(key, value)| *key == "prefix" && value.value.parse::<Ipv4Net>().is_ok()).map(|(_, value)| *value);
    // In commands, the port may stand behind `prefix` by itself.
    let port = one("mapped-port").or_else(|| to.at(&["prefix", "mapped-port"]).and_then(At::value));
    let to_port = port.map_or(ToPort::Same, |port| new_port(port, one("to")));
    let target = match host.map(|host| (host.value.parse::<Ipv4Net>(), host.span)) {
        Some((Ok(new), span)) if new.prefix_len() == 32 => Target::Host(Spanned::new(new.addr(), span)),
        Some((Ok(new), span)) => match matches.destination.value().map(Addrs::ranges) {
            Some(&[(first, last)]) => match Ipv4Net::new(first.into(), new.prefix_len()) {
                Ok(old) if u32::from(old.broadcast()) == last => Target::Net(Spanned::new((old, new.trunc()), span)),
                _ => Target::Opaque(opaque(span, "the two networks differ in size")),
            },
            _ => Target::Opaque(opaque(span, "the forward goes to one of several hosts")),
        },
        _ => Target::Opaque(opaque(to.word().span, "where the rule leads is not understood")),
    };
    Translation { to: target, to_port, permits: false }
}

fn new_port(port: Spanned<&str>, last: Option<Spanned<&str>>) -> ToPort {
    match (Ports::number(port.value), last.map_or_else(|| Ports::number(port.value), |last| Ports::number(last.value))) {
        (Some(first), Some(last)) if first <= last => ToPort::Range(Spanned::new((first, last), port.span)),
        _ => ToPort::Opaque(opaque(port.span, "the port is not understood")),
    }
}

/// `destination-port 500`, `destination-port 100 to 200`, `100-200`, several of them.
pub(super) fn ports(part: At<'_, '_>) -> Field<Ports> {
    let mut all = Ports::none();
    let span = part.value().map_or_else(|| part.word().span, |value| value.span);
    for value in part.children() {
        let word = value.word();
        let text = value.value_of("to").map_or_else(|| word.value.to_owned(), |last| format!("{}-{}", word.value, last.value));
        match Ports::parse(&text) {
            Some(set) => all = if all.is_empty() { set } else { all.union(&set) },
            None => return Field::opaque_at(word.span, "the port is not understood"),
        }
    }
    Field::known_at(all, span)
}

pub(super) fn protocols(part: At<'_, '_>) -> Field<Protocols> {
    let span = part.value().map_or_else(|| part.word().span, |value| value.span);
    let all: Option<Vec<Protocol>> = part.children().map(|value| Protocol::parse(value.word().value)).collect();
    all.map_or_else(|| Field::opaque_at(span, "the protocol's name is not known"), |all| Field::known_at(Protocols::of(&all), span))
}

pub(super) fn union(sets: &[Addrs]) -> Addrs {
    Addrs::from_ranges(sets.iter().flat_map(|set| set.ranges().iter().copied()).collect())
}
