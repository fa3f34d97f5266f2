//! What a rule looks at, brought into the parts of a line.

use super::ruleset::{Key, Kind, Table, Value};
use crate::import::upstream::{Remark, RemarkKind};
use crate::model::upstream::{Interfaces, Match, States};
use crate::model::{Field, Opaque};
use crate::net::{Addrs, Ports, Protocol, Protocols};
use crate::source::Span;

const NOT_FOLLOWED: &str = "the line has a condition that is not followed";

/// Where the chain stands, as far as it changes what its rules see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// Behind connection tracking.
    pub(super) tracked: bool,
    /// Behind routing: the outgoing interface is known.
    pub(super) routed: bool,
    /// The source may be translated already.
    pub(super) other_source: bool,
    /// The destination may be translated already.
    pub(super) other_destination: bool,
}

/// Narrows `m` to packets whose `keys` have one of the values; several lines where values stand side by side.
pub(super) fn narrow(
    table: &Table,
    place: Place,
    m: &Match,
    keys: &[Key],
    negated: bool,
    value: &Value,
    remarks: &mut Vec<Remark>,
) -> Vec<Match> {
    let mut all = Vec::new();
    let span = keys.first().map_or(value.span, |key| key.span).to(value.span);
    let known = flat(table, value, &mut all, 0, remarks);
    let mut m = m.clone();
    if keys.len() == 1 {
        let items = known.and_then(|()| all.iter().map(|one| item(one).ok_or_else(|| opaque(span, NOT_FOLLOWED))).collect());
        one(place, &mut m, &keys[0], negated, items, span);
        return vec![m];
    }
    match known {
        // Chosen by several parts at once: a line for each of the values.
        Ok(()) if !negated => all.iter().filter_map(|value| tuple(place, &m, keys, value)).collect(),
        Ok(()) => {
            m.other.push(opaque(span, NOT_FOLLOWED));
            vec![m]
        }
        Err(why) => {
            m.other.push(why);
            vec![m]
        }
    }
}

fn tuple(place: Place, m: &Match, keys: &[Key], value: &Value) -> Option<Match> {
    let Kind::Tuple(parts) = &value.kind else { return None };
    let mut m = m.clone();
    for (key, part) in keys.iter().zip(parts) {
        let items = item(part).map(|text| vec![text]).ok_or_else(|| opaque(part.span, NOT_FOLLOWED));
        one(place, &mut m, key, false, items, part.span);
    }
    Some(m)
}

/// All values that a value stands for; why not, where the file does not say.
fn flat<'v>(table: &'v Table, value: &'v Value, out: &mut Vec<&'v Value>, depth: u8, remarks: &mut Vec<Remark>) -> Result<(), Opaque> {
    match &value.kind {
        Kind::Item(_) | Kind::Tuple(_) => out.push(value),
        Kind::Set(all) if depth < 4 => all.iter().try_for_each(|one| flat(table, one, out, depth + 1, remarks))?,
        Kind::Set(_) => return Err(opaque(value.span, NOT_FOLLOWED)),
        Kind::Named(name) => match table.sets.get(name) {
            Some(set) if set.changes => return Err(opaque(value.span, "the members of the set come and go")),
            Some(set) => out.extend(&set.members),
            None => {
                let message = "the set is not in the table";
                remarks.push(Remark { span: value.span, message: message.into(), kind: RemarkKind::Dangling });
                return Err(opaque(value.span, message));
            }
        },
        Kind::Opaque(why) => return Err(opaque(value.span, why)),
    }
    Ok(())
}

fn item(value: &Value) -> Option<&str> {
    match &value.kind {
        Kind::Item(text) => Some(text),
        _ => None,
    }
}

fn opaque(span: Span, why: &str) -> Opaque {
    Opaque { span, reason: why.into() }
}

type Items<'v> = Result<Vec<&'v str>, Opaque>;

fn one(place: Place, m: &mut Match, key: &Key, negated: bool, items: Items<'_>, span: Span) {
    let words: Vec<&str> = key.words.iter().map(|word| &**word).collect();
    match *words {
        ["ip", "saddr"] if !place.other_source => {
            set(m, |m| (&mut m.source, &mut m.other), addrs(items, negated, span), Addrs::intersection);
        }
        ["ip", "daddr"] if !place.other_destination => {
            set(m, |m| (&mut m.destination, &mut m.other), addrs(items, negated, span), Addrs::intersection);
        }
        ["ip", "saddr" | "daddr"] => m.other.push(opaque(span, "whether the address is translated here is not followed")),
        ["ip", "version"] => {}
        ["ip", "protocol"] | ["l4proto"] => protocol(m, protocols(items, negated, span)),
        [proto @ ("udp" | "tcp" | "sctp" | "dccp" | "udplite" | "th"), way @ ("sport" | "dport")] => {
            let carrying = match proto {
                "th" => (0..=255).map(Protocol::from_number).filter(|p| p.has_ports()).collect(),
                "dccp" => vec![Protocol::from_number(33)],
                _ => Protocol::parse(proto).into_iter().collect::<Vec<_>>(),
            };
            protocol(m, Field::known_at(Protocols::of(&carrying), span));
            let ports = ports(items, negated, span);
            match way {
                "sport" => set(m, |m| (&mut m.source_ports, &mut m.other), ports, Ports::intersection),
                _ if place.other_destination => m.other.push(opaque(span, "whether the port is translated here is not followed")),
                _ => set(m, |m| (&mut m.destination_ports, &mut m.other), ports, Ports::intersection),
            }
        }
        ["ip6" | "icmpv6" | "arp", ..] => never(m, span),
        [proto @ ("tcp" | "udp" | "sctp" | "dccp" | "icmp" | "igmp" | "esp" | "ah" | "udplite"), ..] => {
            if let Some(known) = Protocol::parse(proto) {
                protocol(m, Field::known_at(Protocols::of(&[known]), span));
            }
            m.other.push(opaque(span, "the line looks into the packet"));
        }
        ["nfproto"] => truth(m, items, negated, span, "ipv4"),
        ["protocol"] => truth(m, items, negated, span, "ip"),
        ["iifname" | "iif"] => interface(m, |m| &mut m.in_interface, items, negated, span),
        ["oifname" | "oif"] if place.routed => interface(m, |m| &mut m.out_interface, items, negated, span),
        ["oifname" | "oif"] => {
            if !negated {
                never(m, span);
            }
        }
        ["ct", "state"] if !place.tracked => truth(m, items, negated, span, "invalid"),
        ["ct", ..] if !place.tracked => never(m, span),
        ["ct", "state"] => set(m, |m| (&mut m.state, &mut m.other), states(items, negated, span), States::both),
        ["ct", "status"] if items.as_ref().is_ok_and(|all| **all == ["dnat"]) && m.translated.is_absent() && !place.other_destination => {
            m.translated = Field::known_at(!negated, span);
        }
        ["ct", "direction"] if items.as_ref().is_ok_and(|all| matches!(**all, ["original" | "reply"])) => {
            let original = items.is_ok_and(|all| *all == ["original"]) != negated;
            let way = States { new: original, established: !original, related: original, invalid: false };
            set(m, |m| (&mut m.state, &mut m.other), Field::known_at(way, span), States::both);
        }
        ["pkttype"] if items.as_ref().is_ok_and(|all| matches!(**all, ["host" | "unicast" | "broadcast" | "multicast" | "other"])) => {
            let host = items.is_ok_and(|all| matches!(*all, ["host" | "unicast"]));
            if host == negated {
                never(m, span);
            }
        }
        ["fib", "daddr", "type"] if items.as_ref().is_ok_and(|all| **all == ["local"]) && !place.other_destination => {
            m.to_itself = Field::known_at(!negated, span);
        }
        ["mark"] | ["ct", "mark"] => m.other.push(opaque(span, "the line depends on a mark that another one sets")),
        ["day" | "hour" | "time"] => m.other.push(opaque(span, "the line depends on the time of day")),
        ["ct", "count"] => m.other.push(opaque(span, "the line depends on what came before")),
        _ => m.other.push(opaque(span, NOT_FOLLOWED)),
    }
}

/// A second match on the same part narrows the first.
fn set<T>(m: &mut Match, parts: impl Fn(&mut Match) -> (&mut Field<T>, &mut Vec<Opaque>), new: Field<T>, both: impl Fn(&T, &T) -> T) {
    let (to, other) = parts(m);
    *to = match (std::mem::take(to), new) {
        (Field::Absent, new) => new,
        (Field::Known(a), Field::Known(b)) => Field::known_at(both(&a.value, &b.value), a.span.to(b.span)),
        (Field::Opaque(o), known) | (known, Field::Opaque(o)) => {
            other.push(o);
            known
        }
        (known, Field::Absent) => known,
    };
}

fn protocol(m: &mut Match, new: Field<Protocols>) {
    set(
        m,
        |m| (&mut m.protocol, &mut m.other),
        new,
        |a, b| Protocols::of(&(0..=255).map(Protocol::from_number).filter(|p| a.contains(*p) && b.contains(*p)).collect::<Vec<_>>()),
    );
}

fn never(m: &mut Match, span: Span) {
    m.protocol = Field::known_at(Protocols::default(), span);
}

/// A part that has one value for every packet that is asked about.
fn truth(m: &mut Match, items: Items<'_>, negated: bool, span: Span, value: &str) {
    match items {
        Ok(all) if all.contains(&value) == negated => never(m, span),
        Ok(_) => {}
        Err(why) => m.other.push(why),
    }
}

fn field<T>(items: Items<'_>, span: Span, why: &str, read: impl Fn(&str) -> Option<T>, join: impl Fn(Vec<T>) -> T) -> Field<T> {
    match items {
        Err(opaque) => Field::Opaque(opaque),
        Ok(all) => match all.into_iter().map(read).collect::<Option<Vec<T>>>() {
            Some(all) => Field::known_at(join(all), span),
            None => Field::opaque_at(span, why),
        },
    }
}

fn addrs(items: Items<'_>, negated: bool, span: Span) -> Field<Addrs> {
    let read = |text: &str| if text == "*" { Some(Addrs::any()) } else { Addrs::parse(text) };
    field(items, span, "the address is a name, or not an address", read, |all| {
        let all = Addrs::from_ranges(all.iter().flat_map(|set| set.ranges().iter().copied()).collect());
        if negated { all.complement() } else { all }
    })
}

fn ports(items: Items<'_>, negated: bool, span: Span) -> Field<Ports> {
    // One reading of the whole list remembers which ports it names.
    let joined = items.map(|all| if all.is_empty() { Vec::new() } else { vec![all.join(",")] });
    let joined = joined.as_ref().map(|all| all.iter().map(|text| &**text).collect()).map_err(Clone::clone);
    field(joined, span, "the port's name is not known", Ports::parse, |all| {
        let all = all.into_iter().next().unwrap_or_else(Ports::none);
        if negated { all.complement() } else { all }
    })
}

fn protocols(items: Items<'_>, negated: bool, span: Span) -> Field<Protocols> {
    let read = |text: &str| {
        if let Some(one) = Protocol::parse(text) {
            return Some(Protocols::of(&[one]));
        }
        let (first, last) = text.split_once('-')?;
        Some(Protocols::of(&(first.parse::<u8>().ok()?..=last.parse().ok()?).map(Protocol::from_number).collect::<Vec<_>>()))
    };
    field(items, span, "the protocol's name is not known", read, |all| {
        let all: Vec<Protocol> = (0..=255).map(Protocol::from_number).filter(|p| all.iter().any(|set| set.contains(*p))).collect();
        let all = Protocols::of(&all);
        if negated { all.complement() } else { all }
    })
}

fn states(items: Items<'_>, negated: bool, span: Span) -> Field<States> {
    let read = |text: &str| {
        let mut set = States::default();
        match text {
            "new" => set.new = true,
            "established" => set.established = true,
            "related" => set.related = true,
            "invalid" | "untracked" => set.invalid = true,
            _ => return None,
        }
        Some(set)
    };
    field(items, span, "the line has a connection state that is not followed", read, |all| {
        let has = |part: fn(&States) -> bool| all.iter().any(part) != negated;
        States { new: has(|s| s.new), established: has(|s| s.established), related: has(|s| s.related), invalid: has(|s| s.invalid) }
    })
}

fn interface(m: &mut Match, part: impl Fn(&mut Match) -> &mut Field<Interfaces>, items: Items<'_>, negated: bool, span: Span) {
    let field = match items {
        Err(why) => Field::Opaque(why),
        Ok(names) => Field::known_at(Interfaces { names: names.into_iter().map(Into::into).collect(), negated }, span),
    };
    let to = part(m);
    if to.is_absent() {
        *to = field;
    } else {
        m.other.push(opaque(span, NOT_FOLLOWED));
    }
}
