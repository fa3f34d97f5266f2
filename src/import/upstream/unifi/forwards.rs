//! Port forwards.

use std::net::Ipv4Addr;

use super::names::{Group, Names};
use super::{Found, Reader, RemarkKind, Sort, flag, opaque, part, place, text};
use crate::model::Field;
use crate::model::upstream::{Action, Chain, ChainId, End, Interfaces, Line, Match, Target, ToPort, Translation};
use crate::net::{Addrs, Ports, Protocol, Protocols};
use crate::source::Spanned;
use crate::tree::Node;

impl<'n> Reader<'n> {
    /// The list of all forwards, in the order of the text.
    pub(super) fn forwards(&mut self, found: &Found<'n>) -> ChainId {
        let mut lines = Vec::new();
        for node in found.of(Sort::Nat).filter(|node| flag(node, "enabled") != Some(false)) {
            if text(node, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("DNAT")) {
                let why = opaque(place(node), "what a destination NAT rule of its own translates is not followed");
                lines.push(Line::new(place(node), Match::default(), Action::Opaque(why)));
            }
        }
        for node in found.of(Sort::Forward) {
            lines.extend(self.forward(node));
        }
        self.device.add(Chain { lines, ..Chain::new("port forwards", self.start, Some(End::implicit(true, self.start))) })
    }

    /// One forward; several lines where a list of ports goes to a list of other ports.
    fn forward(&mut self, node: &'n Node<'n>) -> Vec<Line> {
        let mut m = Match { source: self.limited(node), ..Match::default() };
        let at = part(node, "proto");
        m.protocol = match text(node, "proto").unwrap_or("tcp_udp") {
            "tcp_udp" | "both" => Field::known_at(Protocols::of(&[Protocol::Tcp, Protocol::Udp]), at),
            name => match Protocol::parse(name) {
                Some(protocol) => Field::known_at(Protocols::of(&[protocol]), at),
                None => self.not_known(at, "the protocol's name is not known"),
            },
        };
        let at = part(node, "pfwd_interface");
        match text(node, "pfwd_interface") {
            // Whatever comes from the internet comes by one of them.
            Some("both" | "all") => {}
            None => m.in_interface = Field::known_at(Interfaces::one("wan"), at),
            Some(name @ ("wan" | "wan2" | "wan3" | "wan4")) => m.in_interface = Field::known_at(Interfaces::one(name), at),
            Some(_) => m.in_interface = self.not_known(at, "the interface is not known"),
        }
        m.destination = self.destination(node);
        let to = match text(node, "fwd").map(str::parse::<Ipv4Addr>) {
            Some(Ok(host)) => Target::Host(Spanned::new(host, part(node, "fwd"))),
            _ => Target::Opaque(opaque(part(node, "fwd"), "the forward's address is not an address")),
        };
        let enabled = flag(node, "enabled") != Some(false);
        let line = |ports: Field<Ports>, to_port: ToPort| {
            let action = Action::Translate(Translation { to: to.clone(), to_port, permits: false });
            Line { enabled, ..Line::new(place(node), Match { destination_ports: ports, ..m.clone() }, action) }
        };
        let (outer, inner) = (text(node, "dst_port"), text(node, "fwd_port"));
        let at = part(node, "dst_port");
        let inner_at = part(node, "fwd_port");
        let Some(outer) = outer else { return vec![line(Field::opaque_at(at, "the forward names no port"), ToPort::Same)] };
        if inner.is_none_or(|inner| inner == outer) {
            return vec![line(Names::ports(outer, at), ToPort::Same)];
        }
        let inner = inner.unwrap_or(outer);
        let (outers, inners): (Vec<&str>, Vec<&str>) =
            (outer.split(',').map(str::trim).collect(), inner.split(',').map(str::trim).collect());
        if outers.len() > 64 {
            let why = opaque(inner_at, "the list of ports is too long to follow");
            return vec![line(Names::ports(outer, at), ToPort::Opaque(why))];
        }
        // Each port of a list goes to the one in its place; one port takes all.
        let pairs =
            outers.iter().enumerate().map(|(n, outer)| (*outer, if inners.len() == 1 { Some(inners[0]) } else { inners.get(n).copied() }));
        pairs
            .map(|(outer, inner)| {
                let ports = |text: &str| {
                    let (first, last) = text.split_once('-').unwrap_or((text, text));
                    Ports::number(first).zip(Ports::number(last)).filter(|(first, last)| first <= last)
                };
                let to_port = match (ports(outer), inner.and_then(ports)) {
                    _ if inners.len() != 1 && inners.len() != outers.len() => {
                        ToPort::Opaque(opaque(inner_at, "the lists of ports are not of one length"))
                    }
                    (Some(outer), Some(inner)) if inner.0 == inner.1 || outer.1 - outer.0 != inner.1 - inner.0 => {
                        ToPort::Range(Spanned::new(inner, inner_at))
                    }
                    (Some(outer), Some(inner)) => ToPort::Shift(Spanned::new((outer.0, inner.0), inner_at)),
                    _ => ToPort::Opaque(opaque(inner_at, "the port is not a port")),
                };
                line(Names::ports(outer, at), to_port)
            })
            .collect()
    }

    pub(super) fn not_known<T>(&mut self, at: crate::source::Span, why: &str) -> Field<T> {
        self.remark(at, why, RemarkKind::Unknown);
        Field::opaque_at(at, why)
    }

    /// `any`, an address, or one for each WAN.
    fn destination(&mut self, node: &'n Node<'n>) -> Field<Addrs> {
        let several = node.get("destination_ips").and_then(|e| e.value.items()).unwrap_or_default();
        let mut all: Vec<Spanned<&str>> =
            several.iter().filter_map(|n| text(n, "destination_ip").map(|ip| Spanned::new(ip, part(n, "destination_ip")))).collect();
        if all.is_empty() {
            all.extend(text(node, "destination_ip").map(|ip| Spanned::new(ip, part(node, "destination_ip"))));
        }
        if all.is_empty() || all.iter().any(|ip| ip.value == "any") {
            return Field::Absent;
        }
        let joined = all.iter().map(|ip| ip.value).collect::<Vec<_>>().join(",");
        match Addrs::parse(&joined) {
            Some(set) => Field::known_at(set, all[0].span),
            None => self.not_known(all[0].span, "the address is not an address"),
        }
    }

    /// Who may use the forward.
    fn limited(&mut self, node: &'n Node<'n>) -> Field<Addrs> {
        let src = text(node, "src").filter(|src| *src != "any").map(|src| Spanned::new(src, part(node, "src")));
        let group = text(node, "src_firewall_group_id");
        let at = part(node, "src_firewall_group_id");
        match (flag(node, "src_limiting_enabled"), text(node, "src_limiting_type"), src, group) {
            (Some(true), Some("firewall_group"), _, Some(id)) => match self.names.group(id) {
                Some(Group::Addresses(set)) => Field::known_at(set.clone(), at),
                Some(_) => Field::opaque_at(at, "the members of the group are not followed"),
                None => {
                    self.missing(at, self.names.has_groups);
                    Field::opaque_at(at, "the members of the group are not in the text")
                }
            },
            (Some(false), _, Some(src), _) => Field::opaque_at(src.span, "whether the limit to some sources is on is not clear"),
            (_, _, Some(src), _) => Names::addresses(&src),
            _ => Field::Absent,
        }
    }
}
