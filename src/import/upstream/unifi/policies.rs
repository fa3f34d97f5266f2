//! Policies between zones, since Network 9: `firewall-policies`.
//!
//! The first policy for the two zones that matches decides, in the order of `index`; the controller's own (`predefined`) come last, and among them those of port forwards.
//! A text without them is read as if they were there: established flows and port forwards pass, the rest from outside is blocked.

use super::names::{Group, Names};
use super::{Found, Reader, Sort, flag, number, opaque, part, place, text};
use crate::model::Field;
use crate::model::upstream::{Action, Chain, ChainId, End, Interfaces, Line, Match, States};
use crate::net::{Addrs, Ports};
use crate::source::Spanned;
use crate::tree::{Kind, Node};

impl<'n> Reader<'n> {
    /// Lists for what goes through, for what ends at the gateway, and for what the MX sends.
    pub(super) fn policies(&mut self, found: &Found<'n>) -> (ChainId, ChainId, ChainId) {
        let mut all: Vec<(bool, i64, &'n Node<'n>)> =
            found.of(Sort::Policy).map(|n| (flag(n, "predefined") == Some(true), number(n, "index").unwrap_or(i64::MAX), n)).collect();
        all.sort_by_key(|(predefined, index, _)| (*predefined, *index));
        let whole = all.iter().any(|(predefined, ..)| *predefined);
        let networks = self.names.has_networks;
        // How many policies of one's own speak of what comes in.
        let mut own = 0;
        let (mut forward, mut input, mut outbound) = (Vec::new(), Vec::new(), Vec::new());
        for (predefined, _, node) in all.into_iter().filter(|(_, _, n)| text(n, "ip_version") != Some("IPV6")) {
            let line = self.policy(node);
            let [from, to] = ["source", "destination"].map(|side| self.zone(node, side));
            let between = |from: Option<&str>, to: Option<&str>, mut line: Line| {
                let zone = |zone: Option<&str>| match zone {
                    Some(zone) => Field::known_at(Interfaces::one(zone), place(node)),
                    None => Field::Absent,
                };
                (line.matches.in_interface, line.matches.out_interface) = (zone(from), zone(to));
                if !networks {
                    const WHY: &str = "in which zone the MX is (`rest/networkconf`) is not in the text";
                    line.matches.other.push(opaque(place(node), WHY));
                }
                line
            };
            match (from, to) {
                (Some((_, "external")), Some((_, "gateway"))) => input.push(line),
                (Some((_, "gateway")), _) | (_, Some((_, "gateway"))) => {}
                (Some((_, "external")), Some((to, _))) => forward.push(between(None, Some(to), line)),
                (Some((from, _)), Some((_, "external"))) => outbound.push(between(Some(from), None, line)),
                (Some(_), Some(_)) => {}
                _ => {
                    const WHY: &str = "the policy's zones (`firewall/zone`) are not in the text";
                    let mut line = line;
                    line.matches.other.push(opaque(place(node), WHY));
                    for list in [&mut forward, &mut input, &mut outbound] {
                        list.push(line.clone());
                    }
                }
            }
            if !predefined {
                own = forward.len();
            }
        }
        let at = self.start;
        if whole {
            // What a port forward opens stands among the controller's own policies, in front of those that block.
            let translated = Match { translated: Field::known_at(true, at), ..Match::default() };
            forward.insert(own, Line::new(at, translated, Action::Permit));
        }
        let mut list = |name: &str, lines: Vec<Line>, forwards: bool, permits: bool| {
            if whole {
                self.device.add(Chain { lines, ..Chain::new(name, at, Some(End::implicit(permits, at))) })
            } else {
                self.predefined(name, lines, Vec::new(), forwards, permits)
            }
        };
        (list("external", forward, true, false), list("gateway", input, false, false), list("internal", outbound, false, true))
    }

    /// The zone of a side, and what it is; none: not in the text.
    fn zone(&self, node: &'n Node<'n>, side: &str) -> Option<(&'n str, &str)> {
        let id = text(&node.get(side)?.value, "zone_id")?;
        self.names.zones.get(id).map(|zone| (id, zone.key.as_str()))
    }

    fn policy(&mut self, node: &'n Node<'n>) -> Line {
        let mut m = Match::default();
        let not = flag(node, "match_opposite_protocol") == Some(true);
        m.protocol = self.protocol(text(node, "protocol"), not, part(node, "protocol"));
        let states = |new, established, related, invalid| States { new, established, related, invalid };
        let at = part(node, "connection_state_type");
        match text(node, "connection_state_type") {
            Some("RESPOND_ONLY") => m.state = Field::known_at(states(false, true, true, false), at),
            Some("CUSTOM") => {
                let said: Vec<&str> =
                    node.get("connection_states").and_then(|e| e.value.items()).unwrap_or_default().iter().filter_map(Node::text).collect();
                let has = |name: &str| said.contains(&name);
                m.state = Field::known_at(states(has("NEW"), has("ESTABLISHED"), has("RELATED"), has("INVALID")), at);
            }
            None | Some("ALL") => {}
            Some(_) => m.other.push(opaque(at, "the policy has a connection state that is not followed")),
        }
        if flag(node, "match_ip_sec") == Some(true) {
            let ipsec = text(node, "match_ip_sec_type") != Some("MATCH_NON_IP_SEC");
            m.decrypted = Field::known_at(ipsec, part(node, "match_ip_sec"));
        }
        if let Some(schedule) = node.get("schedule")
            && text(&schedule.value, "mode").is_some_and(|mode| mode != "ALWAYS")
        {
            m.other.push(opaque(schedule.key_span, "the policy depends on the time of day"));
        }
        for (side, source) in [("source", true), ("destination", false)] {
            if let Some(entry) = node.get(side) {
                let (addresses, ports) = self.end(&entry.value, &mut m);
                if source {
                    (m.source, m.source_ports) = (addresses, ports);
                } else {
                    (m.destination, m.destination_ports) = (addresses, ports);
                }
            }
        }
        let action = self.verdict(node);
        Line { enabled: flag(node, "enabled") != Some(false), ..Line::new(place(node), m, action) }
    }

    fn end(&mut self, node: &'n Node<'n>, m: &mut Match) -> (Field<Addrs>, Field<Ports>) {
        let at = part(node, "matching_target");
        let not = |name: &str| flag(node, name) == Some(true);
        let addresses = match text(node, "matching_target") {
            None | Some("ANY") => Field::Absent,
            Some("IP") => match (node.get("ips").and_then(|e| e.value.items()), text(node, "ip_group_id")) {
                (_, Some(id)) => self
                    .group_of(id, part(node, "ip_group_id"), m, |g| if let Group::Addresses(set) = g { Some(set.clone()) } else { None }),
                (Some(ips), None) => {
                    let joined = ips.iter().filter_map(Node::text).filter(|ip| !ip.contains(':')).collect::<Vec<_>>().join(",");
                    let set = if joined.is_empty() { Some(Addrs::none()) } else { Addrs::parse(&joined) };
                    set.map_or_else(|| Field::opaque_at(at, "the address is not an address"), |set| Field::known_at(set, part(node, "ips")))
                }
                _ => Field::opaque_at(at, "the policy names no addresses"),
            },
            Some(_) => {
                m.other.push(opaque(at, "what the policy is about is not an address"));
                Field::Absent
            }
        };
        let addresses = addresses.map(|set| if not("match_opposite_ips") { set.complement() } else { set });
        let port = node.get("port").map(|e| match &e.value.kind {
            Kind::Int(port) => port.to_string(),
            _ => e.value.text().unwrap_or_default().trim().to_owned(),
        });
        let ports = match (text(node, "port_matching_type"), port.filter(|p| !p.is_empty()), text(node, "port_group_id")) {
            (None | Some("ANY"), ..) => Field::Absent,
            (_, _, Some(id)) => {
                self.group_of(id, part(node, "port_group_id"), m, |g| if let Group::Ports(set) = g { Some(set.clone()) } else { None })
            }
            (_, Some(port), _) => Names::ports(Spanned::new(&*port, at).value, part(node, "port")),
            _ => Field::opaque_at(at, "the policy names no port"),
        };
        (addresses, ports.map(|set| if not("match_opposite_ports") { set.complement() } else { set }))
    }

    fn group_of<T>(&mut self, id: &str, at: crate::source::Span, m: &mut Match, of: impl Fn(&Group) -> Option<T>) -> Field<T> {
        match self.names.group(id).map(&of) {
            Some(Some(set)) => return Field::known_at(set, at),
            Some(None) => m.other.push(opaque(at, "the members of the group are not followed")),
            None => {
                self.missing(at, self.names.has_groups);
                m.other.push(opaque(at, "the members of the group (`rest/firewallgroup`) are not in the text"));
            }
        }
        Field::Absent
    }
}
