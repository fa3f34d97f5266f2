//! Random tables against RouterOS itself in a few lines: every rule of a chain in its turn, the first that matches decides, the end accepts.

use proptest::prelude::*;

use super::*;
use crate::net::{Addrs, Path, Verdict};

const PEERS: [&str; 4] = ["198.51.100.4", "198.51.100.5", "198.51.100.6", "198.51.100.7"];
const MX: &str = "192.168.1.4";
const WAN: &str = "203.0.113.10";

#[derive(Clone, Debug)]
struct Rule {
    chain: &'static str,
    action: &'static str,
    source: &'static str,
    destination: &'static str,
    protocol: &'static str,
    port: &'static str,
    interface: &'static str,
    state: &'static str,
    disabled: bool,
}

fn any_rule(nat: bool) -> impl Strategy<Value = Rule> {
    let chains = if nat { vec!["dstnat", "dstnat", "dstnat", "user"] } else { vec!["forward", "forward", "forward", "user", "input"] };
    let actions = if nat {
        vec!["mx", "mx", "other", "accept", "jump", "return", "log"]
    } else {
        vec!["accept", "drop", "drop", "jump", "return", "passthrough"]
    };
    let sources = vec!["", "", "198.51.100.4", "198.51.100.6/31", "!198.51.100.5", "198.51.100.4-198.51.100.5", "list", "!list"];
    let destinations =
        if nat { vec!["", "", WAN, "!203.0.113.10", "203.0.113.11"] } else { vec!["", "", MX, "!192.168.1.4", "192.168.1.0/24", WAN] };
    let interfaces =
        vec!["", "", "in-interface=wan1", "in-interface=!wan1", "in-interface-list=WAN", "in-interface-list=!LAN", "in-interface=bridge"];
    let states = if nat {
        vec![""]
    } else {
        vec![
            "",
            "",
            "connection-state=new",
            "connection-state=established,related",
            "connection-nat-state=dstnat",
            "connection-nat-state=!dstnat",
        ]
    };
    let (select, ports) = (prop::sample::select::<&'static str>, vec!["", "", "500", "500,4500", "!500", "4500", "400-600"]);
    let ends = (select(sources), select(destinations), select(interfaces));
    (select(chains), select(actions), ends, select(vec!["udp", "udp", "tcp", ""]), select(ports), select(states), any::<[bool; 3]>())
        .prop_map(|(chain, action, (source, destination, interface), protocol, port, state, off)| Rule {
            chain,
            action,
            source,
            destination,
            protocol,
            port: if protocol.is_empty() { "" } else { port },
            interface,
            state,
            disabled: off == [true; 3],
        })
}

impl Rule {
    fn text(&self) -> String {
        let action = match self.action {
            "mx" => "dst-nat to-addresses=192.168.1.4",
            "other" => "dst-nat to-addresses=192.168.1.9",
            "jump" => "jump jump-target=user",
            other => other,
        };
        let (name, source) = match self.source {
            list @ ("list" | "!list") => ("src-address-list", list.replace("list", "peers")),
            address => ("src-address", address.to_owned()),
        };
        let parts = [(name, &*source), ("dst-address", self.destination), ("protocol", self.protocol), ("dst-port", self.port)];
        let parts: Vec<String> =
            parts.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}={value}")).collect();
        let off = if self.disabled { "disabled=yes" } else { "" };
        format!("add chain={} action={action} {} {} {} {off}\n", self.chain, parts.join(" "), self.interface, self.state)
    }

    /// Whether it takes a new packet from the internet for UDP 500.
    fn takes(&self, source: &str, destination: &str, translated: bool) -> bool {
        let in_set = |set: &str, address: &str| {
            let (not, set) = set.strip_prefix('!').map_or((false, set), |rest| (true, rest));
            let set = if set == "list" { "198.51.100.5,198.51.100.7" } else { set };
            set.is_empty() || Addrs::parse(set).unwrap().contains(address.parse().unwrap()) != not
        };
        let port = self.port.is_empty() || matches!(self.port, "500" | "500,4500" | "400-600");
        let interface = !matches!(self.interface, "in-interface=!wan1" | "in-interface=bridge");
        let state = match self.state {
            "connection-state=established,related" => false,
            "connection-nat-state=dstnat" => translated,
            "connection-nat-state=!dstnat" => !translated,
            _ => true,
        };
        !self.disabled
            && self.protocol != "tcp"
            && port
            && interface
            && state
            && in_set(self.source, source)
            && in_set(self.destination, destination)
    }
}

/// What a chain does with a packet: the action of the rule that decides, none at its end.
fn walk<'r>(rules: &'r [Rule], chain: &str, takes: &dyn Fn(&Rule) -> bool) -> Option<&'r str> {
    for rule in rules.iter().filter(|rule| rule.chain == chain && takes(rule)) {
        match rule.action {
            "log" | "passthrough" => {}
            "return" => return None,
            "jump" => {
                if let Some(decided) = walk(rules, "user", takes) {
                    return Some(decided);
                }
            }
            decides => return Some(decides),
        }
    }
    None
}

fn arrives(nat: &[Rule], filter: &[Rule], source: &str) -> bool {
    let translated = walk(nat, "dstnat", &|rule| rule.takes(source, WAN, false));
    translated == Some("mx") && walk(filter, "forward", &|rule| rule.takes(source, MX, true)) != Some("drop")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn verdicts_agree_with_the_tables(nat in prop::collection::vec(any_rule(true), 0..5), filter in prop::collection::vec(any_rule(false), 0..7)) {
        // A user chain does not jump to itself, and is not empty.
        let tidy = |rules: Vec<Rule>| -> Vec<Rule> {
            let user = rules.iter().any(|rule| rule.chain == "user" && rule.action != "jump");
            rules.into_iter().filter(|rule| rule.action != "jump" || user && rule.chain != "user").collect()
        };
        let (nat, filter) = (tidy(nat), tidy(filter));
        let text = |rules: &[Rule]| rules.iter().map(Rule::text).collect::<String>();
        let nat_text = format!("add action=masquerade chain=srcnat\n{}", text(&nat));
        let lists = "add address=198.51.100.5 list=peers\nadd address=198.51.100.7 list=peers";
        let edge = device(Config { nat: &nat_text, filter: &text(&filter), lists, ..Config::default() });
        let peers = Addrs::range(PEERS[0].parse().unwrap(), PEERS[3].parse().unwrap());
        let answer = Path::new(vec![&edge], vec![MX.parse().unwrap()], None).tolerating(0.0).arrives_from(Service::IKE, &peers);
        let lost: Vec<&str> = PEERS.into_iter().filter(|peer| !arrives(&nat, &filter, peer)).collect();
        match &answer.verdict {
            Verdict::Passes => prop_assert!(lost.is_empty(), "{:?}", lost),
            Verdict::Fails(..) => prop_assert_eq!(lost.len(), 4, "{:?}", answer),
            Verdict::Restricted(restriction, _) => {
                for peer in PEERS {
                    prop_assert_eq!(restriction.denied.contains(peer.parse().unwrap()), lost.contains(&peer), "{:?}", answer);
                }
            }
            Verdict::Undecided(doubt) => prop_assert!(false, "{:?}", doubt),
        }
    }
}
