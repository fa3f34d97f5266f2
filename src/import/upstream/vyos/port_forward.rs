//! EdgeOS' `port-forward`, which is asked before everything else.
//!
//! Its rules take what comes in by the WAN interface for one of that interface's addresses. With `auto-firewall enable` the filter permits, in front of all rule
//! sets, what comes in by the WAN interface for a forward's inner address and port (as `iptables -S` shows on real devices: `UBNT_PFOR_FW_RULES`).

use super::{Reader, opaque};
use crate::import::upstream::config_tree::At;
use crate::model::Field;
use crate::model::upstream::{Action, Chain, ChainId, End, Interfaces, Line, Match, Target, ToPort, Translation};
use crate::net::{Addrs, Ports};
use crate::source::Spanned;

/// The two lists of the section.
pub(super) struct Lists {
    pub(super) nat: ChainId,
    /// What `auto-firewall` permits.
    pub(super) permits: Vec<Line>,
}

impl<'a, 't> Reader<'a, 't> {
    /// The section, if it is there.
    pub(super) fn port_forward(&mut self) -> Option<Lists> {
        let section = self.root.child("port-forward")?;
        let wan = section.value_of("wan-interface");
        let opens = section.value_of("auto-firewall").is_some_and(|value| value.value == "enable");
        let mut chain = Chain::new("port-forward", section.head(), Some(End::implicit(true, section.head())));
        let mut permits = Vec::new();
        for rule in self.numbered(section) {
            let mut matches = self.forwarded(rule);
            match wan {
                Some(wan) => {
                    matches.in_interface = Field::known_at(Interfaces::one(wan.value), wan.span);
                    match self.own_address(wan.value) {
                        Some(set) => matches.destination = Field::known_at(set, wan.span),
                        None => matches.itself = Field::known_at(true, wan.span),
                    }
                }
                None => matches.other.push(opaque(section.head(), "the section names no `wan-interface`")),
            }
            let enabled = !rule.has("disable");
            let to = self.forward_to(rule);
            if opens {
                let matches = Match {
                    destination: inner(&to),
                    destination_ports: inner_port(&to, &matches),
                    itself: Field::Absent,
                    ..matches.clone()
                };
                permits.push(Line { enabled, ..Line::new(rule.head(), matches, Action::Permit) });
            }
            chain.lines.push(Line { enabled, ..Line::new(rule.head(), matches, Action::Translate(to)) });
        }
        Some(Lists { nat: self.device.add(chain), permits })
    }

    /// The protocol and the port that a rule takes.
    fn forwarded(&mut self, rule: At<'a, 't>) -> Match {
        let protocol = match rule.value_of("protocol") {
            Some(protocol) => self.protocol(Some(protocol)),
            None => Field::opaque_at(rule.head(), "the rule states no protocol"),
        };
        let destination_ports = match rule.value_of("original-port") {
            Some(port) => match Ports::parse(port.value) {
                Some(set) => Field::known_at(set, port.span),
                None => Field::opaque_at(port.span, "the port is not understood"),
            },
            None => Field::opaque_at(rule.head(), "the rule states no port"),
        };
        let mut m = Match { protocol, destination_ports, ..Match::default() };
        for part in rule.children().map(At::word) {
            if !matches!(part.value, "description" | "disable" | "forward-to" | "original-port" | "protocol") {
                m.other.push(opaque(part.span, "the rule has a part that is not followed"));
            }
        }
        m
    }

    fn forward_to(&mut self, rule: At<'a, 't>) -> Translation {
        let new = rule.child("forward-to");
        let to = match new.and_then(|new| new.value_of("address")).map(|address| address.map(str::parse)) {
            Some(Spanned { value: Ok(host), span }) => Target::Host(Spanned::new(host, span)),
            _ => Target::Opaque(opaque(rule.head(), "the rule states no address")),
        };
        let port = new.and_then(|new| new.value_of("port"));
        Translation { to, to_port: port.map_or(ToPort::Same, |port| self.new_port(port)), permits: false }
    }
}

/// The address that packets have behind a forward.
fn inner(to: &Translation) -> Field<Addrs> {
    match &to.to {
        Target::Host(host) => Field::known_at(Addrs::one(host.value), host.span),
        Target::Opaque(why) => Field::Opaque(why.clone()),
        _ => Field::Absent,
    }
}

/// The port that packets have behind a forward.
fn inner_port(to: &Translation, from: &Match) -> Field<Ports> {
    match &to.to_port {
        ToPort::Range(range) => Field::known_at(Ports::range(range.value.0, range.value.1), range.span),
        ToPort::Opaque(why) => Field::Opaque(why.clone()),
        ToPort::Same | ToPort::Shift(_) => from.destination_ports.clone(),
    }
}
