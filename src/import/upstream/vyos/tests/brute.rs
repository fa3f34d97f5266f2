//! Random configurations of all generations against their rules in a few lines: by number, first match, sets in their turn.

use std::net::Ipv4Addr;

use proptest::prelude::*;

use super::*;
use crate::net::{Addrs, Fate, Path};

const PEERS: [&str; 4] = ["198.51.100.4", "198.51.100.5", "198.51.100.6", "198.51.100.7"];
const MX: &str = "192.168.1.4";

#[derive(Clone, Debug)]
struct Rule {
    action: &'static str,
    protocol: &'static str,
    source: &'static str,
    port: &'static str,
    state: &'static str,
    disabled: bool,
}

#[derive(Clone, Debug)]
struct Set {
    default: &'static str,
    /// Each with its number; they are written in this order, and asked in that of the numbers.
    rules: Vec<(u32, Rule)>,
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let actions = prop::sample::select(vec!["accept", "accept", "drop", "reject"]);
    let protocols = prop::sample::select(vec!["udp", "udp", "tcp", "tcp_udp", "all", "!udp", "!tcp", "17"]);
    let sources = prop::sample::select(vec!["", "", "198.51.100.4", "198.51.100.6/31", "!198.51.100.6/31", "198.51.100.4-198.51.100.5"]);
    let ports = prop::sample::select(vec!["", "500", "500,4500", "400-600", "4500", "!500"]);
    let states = prop::sample::select(vec!["", "", "new", "established"]);
    (actions, protocols, sources, ports, states, any::<[bool; 2]>()).prop_map(|(action, protocol, source, port, state, [a, b])| {
        let ported = matches!(protocol, "udp" | "tcp" | "tcp_udp" | "17");
        Rule { action, protocol, source, port: if ported { port } else { "" }, state, disabled: a && b }
    })
}

fn any_set() -> impl Strategy<Value = Set> {
    let rules = prop::collection::btree_map(1u32..30, any_rule(), 0..5).prop_map(|rules| rules.into_iter().collect::<Vec<_>>());
    (prop::sample::select(vec!["accept", "drop"]), rules.prop_shuffle()).prop_map(|(default, rules)| Set { default, rules })
}

impl Set {
    fn text(&self, path: &str) -> String {
        let mut parts = format!("default-action {}", self.default);
        for (n, rule) in &self.rules {
            let mut part = |word: &str, value: &str| {
                if !value.is_empty() {
                    let _ = write!(parts, ";rule {n} {word} {value}");
                }
            };
            part("action", rule.action);
            part("protocol", rule.protocol);
            part("source address", rule.source);
            part("destination port", rule.port);
            part("state", rule.state);
            part(if rule.disabled { "disable" } else { "" }, if rule.disabled { " " } else { "" });
        }
        set(path, &parts)
    }

    fn passes(&self, source: &str) -> bool {
        let mut sorted: Vec<_> = self.rules.iter().collect();
        sorted.sort_by_key(|(number, _)| *number);
        let taken = sorted.into_iter().find(|(_, rule)| rule.takes(source));
        taken.map_or(self.default, |(_, rule)| rule.action) == "accept"
    }
}

impl Rule {
    fn takes(&self, source: &str) -> bool {
        let (not, set) = self.source.strip_prefix('!').map_or((false, self.source), |set| (true, set));
        let from = set.is_empty() || Addrs::parse(set).unwrap().contains(source.parse().unwrap()) != not;
        !self.disabled
            && !matches!(self.protocol, "tcp" | "!udp")
            && from
            && !matches!(self.port, "4500" | "!500")
            && self.state != "established"
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn verdicts_agree_with_the_rules(inner in any_set(), outer in any_set(), other in any::<bool>(), swapped in any::<bool>()) {
        let elsewhere = "set nat destination rule N destination port 500\nset nat destination rule N protocol udp\nset nat destination rule N source address 198.51.100.4\nset nat destination rule N translation address 192.168.1.9\n";
        let nat = if other { format!("{NAT}{}", elsewhere.replace('N', if swapped { "9" } else { "11" })) } else { NAT.to_owned() };
        let bound = "set interfaces ethernet eth0 firewall in name A\nset interfaces ethernet eth1 firewall out name B\n";
        let old = format!("{}{}{PORTS}{bound}{}{SYSTEM}", inner.text("firewall name A"), outer.text("firewall name B"), nat.replace("interface name", "interface"));
        let zone = "set firewall zone LAN interface eth1\nset firewall zone LAN from WAN firewall name B\nset firewall zone WAN interface eth0\n";
        let new = format!("{}{}{zone}{PORTS}{nat}{SYSTEM}", inner.text("firewall ipv4 forward filter").replace("action reject", "action drop"), outer.text("firewall ipv4 name B"));
        for text in [braces(&old), braces(&new), old, new] {
            let edge = device(&text);
            let path = Path::new(vec![&edge], vec![MX.parse().unwrap()], None);
            for peer in PEERS {
                let wanted = if other && swapped && peer == PEERS[0] {
                    Fate::Elsewhere(Some(Ipv4Addr::new(192, 168, 1, 9)))
                } else if inner.passes(peer) && outer.passes(peer) {
                    Fate::Arrives
                } else {
                    Fate::Dropped
                };
                prop_assert_eq!(path.fates(Service::IKE, peer.parse().unwrap(), 40_000), vec![wanted], "{} {}", peer, text);
            }
        }
    }
}
