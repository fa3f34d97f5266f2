//! Firewall rules of one's own, before Network 9: `rest/firewallrule`.

use super::names::{Group, Names};
use super::{Found, Reader, RemarkKind, Sort, flag, number, opaque, part, place, text};
use crate::model::Field;
use crate::model::upstream::{Action, ChainId, Line, Match, States};
use crate::net::{Addrs, Ports, Protocol, Protocols};
use crate::source::Spanned;
use crate::tree::Node;

impl<'n> Reader<'n> {
    /// A rule set, with the predefined rules between the two parts of one's own.
    pub(super) fn ruleset(&mut self, found: &Found<'n>, name: &'static str, permits: bool) -> ChainId {
        let mut all: Vec<(i64, &'n Node<'n>)> =
            found.of(Sort::Rule).filter(|n| text(n, "ruleset") == Some(name)).map(|n| (number(n, "rule_index").unwrap_or(0), n)).collect();
        all.sort_by_key(|(index, _)| *index);
        let (mut before, mut behind) = (Vec::new(), Vec::new());
        for (index, node) in all {
            let line = self.line(node);
            // 2000 to 2999 and 20000 to 29999 stand before, 4000 and 40000 behind.
            if index.to_string().starts_with('4') { behind.push(line) } else { before.push(line) }
        }
        self.predefined(name, before, behind, name == "WAN_IN", permits)
    }

    fn line(&mut self, node: &'n Node<'n>) -> Line {
        let mut m = Match::default();
        let at = part(node, "protocol");
        m.protocol = self.protocol(text(node, "protocol"), flag(node, "protocol_match_excepted") == Some(true), at);
        self.side(node, true, &mut m);
        self.side(node, false, &mut m);
        let on = |name: &str| flag(node, name) == Some(true);
        let states = States {
            new: on("state_new"),
            established: on("state_established"),
            related: on("state_related"),
            invalid: on("state_invalid"),
        };
        if states != States::default() {
            m.state = Field::known_at(states, place(node));
        }
        match text(node, "ipsec") {
            Some("match-ipsec") => m.decrypted = Field::known_at(true, part(node, "ipsec")),
            Some("match-none") => m.decrypted = Field::known_at(false, part(node, "ipsec")),
            _ => {}
        }
        if text(node, "src_mac_address").is_some() {
            m.other.push(opaque(part(node, "src_mac_address"), "the rule looks at the sender's hardware address"));
        }
        let action = self.verdict(node);
        Line { enabled: flag(node, "enabled") != Some(false), ..Line::new(place(node), m, action) }
    }

    pub(super) fn verdict(&mut self, node: &Node<'_>) -> Action {
        match text(node, "action").map(str::to_ascii_lowercase).as_deref() {
            Some("accept" | "allow") => Action::Permit,
            Some("drop" | "reject" | "block") => Action::Deny,
            _ => {
                let at = part(node, "action");
                self.remark(at, "what this action does is not followed", RemarkKind::Unknown);
                Action::Opaque(opaque(at, "what this action does is not followed"))
            }
        }
    }

    pub(super) fn protocol(&mut self, name: Option<&str>, not: bool, at: crate::source::Span) -> Field<Protocols> {
        let set = match name {
            None | Some("all" | "any" | "ip") if !not => return Field::Absent,
            None => Some(Protocols::any()),
            Some("all") => Some(Protocols::any()),
            Some("tcp_udp") => Some(Protocols::of(&[Protocol::Tcp, Protocol::Udp])),
            Some(name) => Protocol::parse(name).map(|p| Protocols::of(&[p])),
        };
        match set {
            Some(set) => Field::known_at(if not { set.complement() } else { set }, at),
            None => self.not_known(at, "the protocol's name is not known"),
        }
    }

    /// The source or the destination: an address, groups, a network, ports.
    fn side(&mut self, node: &'n Node<'n>, source: bool, m: &mut Match) {
        let of = |what: &str| format!("{}_{what}", if source { "src" } else { "dst" });
        let (mut addresses, mut ports): (Field<Addrs>, Field<Ports>) = (Field::Absent, Field::Absent);
        if let Some(said) = text(node, &of("address")) {
            addresses = Names::addresses(&Spanned::new(said, part(node, &of("address"))));
        }
        if let Some(said) = text(node, &of("port")) {
            ports = Names::ports(said, part(node, &of("port")));
        }
        let groups = node.get(&of("firewallgroup_ids")).and_then(|e| e.value.items()).unwrap_or_default();
        for group in groups {
            let at = group.span;
            let both = |a: Field<Addrs>, b: &Addrs| match a {
                Field::Known(a) => Field::known_at(a.value.intersection(b), at),
                Field::Absent => Field::known_at(b.clone(), at),
                opaque @ Field::Opaque(_) => opaque,
            };
            match group.text().and_then(|id| self.names.group(id)) {
                Some(Group::Addresses(set)) => addresses = both(addresses, set),
                Some(Group::Ports(set)) => ports = Field::known_at(set.clone(), at),
                Some(Group::Six) => addresses = Field::known_at(Addrs::none(), at),
                Some(Group::Unknown) => m.other.push(opaque(at, "the members of the group are not followed")),
                None => {
                    self.missing(at, self.names.has_groups);
                    m.other.push(opaque(at, "the members of the group (`rest/firewallgroup`) are not in the text"));
                }
            }
        }
        if let Some(id) = text(node, &of("networkconf_id")) {
            let at = part(node, &of("networkconf_id"));
            // `ADDRv4` is the gateway's own address there.
            let whole = text(node, &of("networkconf_type")) != Some("ADDRv4");
            match self.names.network(id).filter(|_| whole) {
                Some(set) => addresses = Field::known_at(set, at),
                None => {
                    if !self.names.has_network(id) {
                        self.missing(at, self.names.has_networks);
                    }
                    m.other.push(opaque(at, "the addresses of the network (`rest/networkconf`) are not in the text"));
                }
            }
        }
        let (to_addresses, to_ports) =
            if source { (&mut m.source, &mut m.source_ports) } else { (&mut m.destination, &mut m.destination_ports) };
        (*to_addresses, *to_ports) = (addresses, ports);
    }
}
