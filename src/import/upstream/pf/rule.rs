//! A rule of either system and either store, before its names are resolved; and what its parts become.

use super::names::Stands;
use super::{Reader, RemarkKind};
use crate::model::upstream::{Interfaces, Match};
use crate::model::{Field, Opaque};
use crate::net::{Addrs, Ports, Protocol, Protocols};
use crate::source::{Span, Spanned};

/// One end of a rule.
#[derive(Default)]
pub(super) struct Side<'e> {
    /// Names or addresses; none: any.
    pub(super) names: Vec<Spanned<&'e str>>,
    /// Whether all others are meant.
    pub(super) not: bool,
    /// In place of names: the address of this interface.
    pub(super) own: Option<Spanned<&'e str>>,
    /// The port, the range or the alias.
    pub(super) port: Option<Spanned<&'e str>>,
}

/// What a rule is about.
#[derive(Default)]
pub(super) struct About<'e> {
    pub(super) span: Span,
    /// The name of the protocol; none: any.
    pub(super) protocol: Option<Spanned<&'e str>>,
    pub(super) source: Side<'e>,
    pub(super) destination: Side<'e>,
    /// Interfaces and groups; none: all.
    pub(super) interfaces: Vec<Spanned<&'e str>>,
    pub(super) interfaces_not: bool,
    /// Conditions that cannot be decided.
    pub(super) other: Vec<Opaque>,
    /// Whether a port without a protocol means TCP (pfSense's filter).
    pub(super) ports_mean_tcp: bool,
}

impl<'e> Reader<'e> {
    /// The match of a rule, all but its interface.
    pub(super) fn matches(&mut self, about: &About<'e>) -> Match {
        let protocol = self.protocols(about);
        // pf takes ports of nothing but TCP and UDP; both systems leave them out elsewhere.
        let ported = protocol.value().is_none_or(|set| set.contains(Protocol::Tcp) || set.contains(Protocol::Udp));
        let (source, from_itself) = self.side(&about.source);
        let (destination, itself) = self.side(&about.destination);
        let source = match from_itself.span() {
            Some(span) => Field::opaque_at(span, "the WAN address is not in the file"),
            None => source,
        };
        let mut port = |side: &Side<'e>| if ported { self.port(side.port) } else { Field::Absent };
        let (source_ports, destination_ports) = (port(&about.source), port(&about.destination));
        let other = about.other.clone();
        Match { protocol, source, source_ports, destination, destination_ports, itself, other, ..Match::default() }
    }

    fn protocols(&mut self, about: &About<'e>) -> Field<Protocols> {
        let Some(name) = about.protocol.filter(|name| !name.value.eq_ignore_ascii_case("any")) else {
            let port = about.destination.port.or(about.source.port).filter(|_| about.ports_mean_tcp);
            return port.map_or(Field::Absent, |port| Field::known_at(Protocols::of(&[Protocol::Tcp]), port.span));
        };
        if name.value.eq_ignore_ascii_case("tcp/udp") {
            return Field::known_at(Protocols::of(&[Protocol::Tcp, Protocol::Udp]), name.span);
        }
        let known = Protocol::parse(name.value).or_else(|| other_protocol(name.value));
        if let Some(protocol) = known {
            return Field::known_at(Protocols::of(&[protocol]), name.span);
        }
        self.remark(name.span, "the protocol's name is not known", RemarkKind::Unknown);
        Field::opaque_at(name.span, "the protocol's name is not known")
    }

    /// The addresses of one end, and whether they are the device's own that is not in the file.
    fn side(&mut self, side: &Side<'e>) -> (Field<Addrs>, Field<bool>) {
        if let Some(interface) = side.own {
            return match self.names.address(interface.value) {
                Some(Stands::For(set)) => (Field::known_at(set, interface.span), Field::Absent),
                Some(Stands::Itself) => (Field::Absent, Field::known_at(true, interface.span)),
                _ => (Field::opaque_at(interface.span, "the address of the interface is not in the file"), Field::Absent),
            };
        }
        let Some(first) = side.names.first() else { return (Field::Absent, Field::Absent) };
        let span = side.names.iter().fold(first.span, |all, name| all.to(name.span));
        let mut ranges = Vec::new();
        for name in &side.names {
            match self.names.addrs(name.value) {
                Stands::For(set) => ranges.extend_from_slice(set.ranges()),
                Stands::Itself if side.names.len() == 1 => return (Field::Absent, Field::known_at(!side.not, span)),
                Stands::Itself => return (Field::opaque_at(name.span, "the WAN address is not in the file"), Field::Absent),
                Stands::Opaque(why) => return (Field::opaque_at(name.span, why), Field::Absent),
                Stands::Nothing => {
                    self.remark(name.span, "the alias is not in the file", RemarkKind::Dangling);
                    return (Field::opaque_at(name.span, "the alias is not in the file"), Field::Absent);
                }
            }
        }
        let set = Addrs::from_ranges(ranges);
        match (set.is_any(), side.not) {
            (true, false) => (Field::Absent, Field::Absent),
            (_, not) => (Field::known_at(if not { set.complement() } else { set }, span), Field::Absent),
        }
    }

    fn port(&mut self, port: Option<Spanned<&'e str>>) -> Field<Ports> {
        let Some(port) = port else { return Field::Absent };
        match self.names.ports(port.value) {
            Stands::For(ports) if ports.is_any() => Field::Absent,
            Stands::For(ports) => Field::known_at(ports, port.span),
            Stands::Opaque(why) => Field::opaque_at(port.span, why),
            Stands::Itself | Stands::Nothing => {
                self.remark(port.span, "the port alias is not in the file", RemarkKind::Dangling);
                Field::opaque_at(port.span, "the port alias is not in the file")
            }
        }
    }

    /// The interfaces of a rule.
    pub(super) fn interfaces(&mut self, about: &About<'e>) -> Field<Interfaces> {
        let Some(first) = about.interfaces.first() else { return Field::Absent };
        let span = about.interfaces.iter().fold(first.span, |all, name| all.to(name.span));
        for name in &about.interfaces {
            let numbered = name.value.strip_prefix("opt").is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
            let own = numbered || matches!(name.value, "wan" | "lan");
            if own && !self.names.ports.contains_key(name.value) {
                self.remark(name.span, "the interface is not in the file", RemarkKind::Dangling);
            }
        }
        let names = about.interfaces.iter().map(|name| name.value.into()).collect();
        Field::known_at(Interfaces { names, negated: about.interfaces_not }, span)
    }
}

/// Protocols of the two systems' menus that are of no concern here.
fn other_protocol(name: &str) -> Option<Protocol> {
    Some(Protocol::from_number(match name.to_ascii_lowercase().as_str() {
        "carp" | "pfsync" if name.eq_ignore_ascii_case("pfsync") => 240,
        "carp" => 112,
        "ggp" => 3,
        "st2" => 5,
        "cbt" => 7,
        "igp" => 9,
        "rsvp" => 46,
        "skip" => 57,
        "etherip" => 97,
        "ipcomp" => 108,
        "ipv6-nonxt" => 59,
        "ipv6-opts" => 60,
        "ipv6-route" => 43,
        "ipv6-frag" => 44,
        "idrp" => 45,
        _ => return None,
    }))
}
