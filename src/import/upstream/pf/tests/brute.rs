//! Random configurations against pf itself in a few lines: every rule in its turn, `quick` ends the search, else the last match counts.

use proptest::prelude::*;

use super::*;

const PEERS: [&str; 4] = ["198.51.100.4", "198.51.100.5", "198.51.100.6", "198.51.100.7"];
const MX: &str = "192.168.1.4";

#[derive(Clone, Debug)]
struct Rdr {
    sequence: u32,
    disabled: bool,
    nordr: bool,
    pass: bool,
    protocol: &'static str,
    source: &'static str,
    destination: &'static str,
    target: &'static str,
}

#[derive(Clone, Debug)]
struct Pf {
    floating: bool,
    quick: bool,
    direction: &'static str,
    interface: &'static str,
    block: bool,
    disabled: bool,
    protocol: &'static str,
    source: &'static str,
    destination: &'static str,
    not: bool,
    port: &'static str,
}

fn any_rdr() -> impl Strategy<Value = Rdr> {
    let sources = prop::sample::select(vec!["any", "any", "198.51.100.4", "198.51.100.6/31", "198.51.100.4-198.51.100.5"]);
    let destinations = prop::sample::select(vec!["wanip", "wanip", "any", "203.0.113.11", "(self)"]);
    let (flags, protocols) = (any::<[bool; 3]>(), prop::sample::select(vec!["udp", "udp", "tcp", "tcp/udp", "any"]));
    (1u32..9, flags, protocols, sources, destinations, prop::sample::select(vec![MX, MX, "192.168.1.9"])).prop_map(
        |(sequence, [disabled, nordr, pass], protocol, source, destination, target)| Rdr {
            sequence,
            disabled: disabled && nordr,
            nordr: nordr && pass,
            pass,
            protocol,
            source,
            destination,
            target,
        },
    )
}

fn any_pf() -> impl Strategy<Value = Pf> {
    let sources = prop::sample::select(vec!["any", "any", "198.51.100.4", "198.51.100.6/31", "group", "198.51.100.4-198.51.100.5"]);
    let destinations = prop::sample::select(vec!["any", "any", MX, "wanip", "lan", "(self)"]);
    let ports = prop::sample::select(vec!["", "", "500", "500-4500", "ike", "4500"]);
    let places = (prop::sample::select(vec!["in", "in", "out", "any"]), prop::sample::select(vec!["wan", "wan", "lan", "wan,lan"]));
    (any::<[bool; 5]>(), places, prop::sample::select(vec!["udp", "tcp", "tcp/udp", "any"]), sources, destinations, ports).prop_map(
        |([floating, quick, block, disabled, not], (direction, interface), protocol, source, destination, port)| Pf {
            floating,
            quick,
            direction: if floating { direction } else { "in" },
            interface: if floating || !interface.contains(',') { interface } else { "wan" },
            block,
            disabled: disabled && not && quick,
            protocol,
            source,
            destination,
            not: not && destination != "any",
            port: if protocol == "any" { "" } else { port },
        },
    )
}

impl Rdr {
    fn text(&self) -> String {
        rdr(&format!(
            "<sequence>{}</sequence><protocol>{}</protocol><source>{}</source><destination>{}{}</destination><target>{}</target><local-port>500</local-port>\
             <associated-rule-id>{}</associated-rule-id>{}{}",
            self.sequence,
            self.protocol,
            end(self.source),
            end(self.destination),
            if self.protocol == "any" { "" } else { "<port>500</port>" },
            self.target,
            if self.pass { "pass" } else { "" },
            if self.disabled { "<disabled>1</disabled>" } else { "" },
            if self.nordr { "<nordr>1</nordr>" } else { "" },
        ))
    }

    fn takes(&self, source: &str) -> bool {
        !self.disabled && takes_udp(self.protocol) && holds(self.source, source) && matches!(self.destination, "any" | "wanip" | "(self)")
    }
}

impl Pf {
    fn text(&self) -> String {
        let mut parts = format!(
            "<type>{}</type><interface>{}</interface><source>{}</source><destination>{}{}{}</destination>",
            if self.block { "block" } else { "pass" },
            self.interface,
            end(self.source),
            end(self.destination),
            if self.not { "<not>1</not>" } else { "" },
            if self.port.is_empty() { String::new() } else { format!("<port>{}</port>", self.port) },
        );
        if self.protocol != "any" {
            parts.extend(["<protocol>", self.protocol, "</protocol>"]);
        }
        if self.floating {
            parts.extend(["<floating>yes</floating><direction>", self.direction, "</direction>"]);
            parts += if self.quick { "<quick>yes</quick>" } else { "" };
        }
        parts += if self.disabled { "<disabled>1</disabled>" } else { "" };
        rule(&parts)
    }

    fn takes(&self, way: &str, interface: &str, source: &str, destination: &str) -> bool {
        let to = match self.destination {
            "any" => true,
            "wanip" => destination == "203.0.113.10",
            "(self)" => destination == "203.0.113.10" || destination == "192.168.1.1",
            "lan" => destination.starts_with("192.168.1."),
            host => host == destination,
        };
        !self.disabled
            && (self.direction == "any" || self.direction == way)
            && self.interface.split(',').any(|name| name == interface)
            && takes_udp(self.protocol)
            && holds(self.source, source)
            && to != self.not
            && self.port != "4500"
    }
}

fn end(name: &str) -> String {
    match name {
        "any" => "<any/>".into(),
        "wanip" | "(self)" | "lan" => format!("<network>{name}</network>"),
        _ => format!("<address>{name}</address>"),
    }
}

fn takes_udp(protocol: &str) -> bool {
    matches!(protocol, "udp" | "tcp/udp" | "any")
}

fn holds(set: &str, source: &str) -> bool {
    let set = if set == "group" { "198.51.100.5,198.51.100.7" } else { set };
    Addrs::parse(set).unwrap().contains(source.parse().unwrap())
}

/// pf: the rules of floating lists first, then the others, as they stand.
fn filters(rules: &[Pf], way: &str, source: &str, destination: &str) -> bool {
    let interface = if way == "in" { "wan" } else { "lan" };
    let mut passes = way == "out";
    for rule in rules.iter().filter(|r| r.floating).chain(rules.iter().filter(|r| !r.floating)) {
        if rule.takes(way, interface, source, destination) {
            passes = !rule.block;
            if rule.quick || !rule.floating {
                break;
            }
        }
    }
    passes
}

fn arrives(forwards: &[Rdr], rules: &[Pf], source: &str) -> bool {
    let Some(taken) = forwards.iter().find(|f| f.takes(source)).filter(|f| !f.nordr) else { return false };
    taken.target == MX && (taken.pass || filters(rules, "in", source, MX)) && filters(rules, "out", source, MX)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn verdicts_agree_with_pf(
        mut forwards in prop::collection::vec(any_rdr(), 0..4),
        rules in prop::collection::vec(any_pf(), 0..6),
        dynamic in any::<bool>(),
        new in any::<bool>(),
    ) {
        let flavour = if new { Opnsense } else { Pfsense };
        let nat: String = forwards.iter().map(Rdr::text).collect();
        let filter: String = rules.iter().map(Pf::text).collect();
        let more = "<aliases><alias><name>group</name><type>host</type><address>198.51.100.5 198.51.100.7</address></alias>\
            <alias><name>ike</name><type>port</type><address>500 4500</address></alias></aliases>";
        if new {
            forwards.sort_by_key(|f| f.sequence);
        }
        // A provider's address is not told apart from another public one; the two are the same then.
        let wan = if dynamic && forwards.iter().all(|f| f.destination != "203.0.113.11") { DYNAMIC } else { STATIC };
        let edge = device(flavour, Config { wan, nat: &nat, filter: &filter, more });
        let peers = Addrs::range(PEERS[0].parse().unwrap(), PEERS[3].parse().unwrap());
        let answer = Path::new(vec![&edge], mx(), None).tolerating(0.0).arrives_from(Service::IKE, &peers);
        let lost: Vec<&str> = PEERS.into_iter().filter(|peer| !arrives(&forwards, &rules, peer)).collect();
        match &answer.verdict {
            Verdict::Passes => prop_assert!(lost.is_empty(), "{:?}", lost),
            Verdict::Fails(..) => prop_assert_eq!(lost.len(), 4, "{:?}", answer),
            Verdict::Restricted(restriction, _) => {
                prop_assert!(!lost.is_empty() && lost.len() < 4, "{:?}", answer);
                for peer in PEERS {
                    prop_assert_eq!(restriction.denied.contains(peer.parse().unwrap()), lost.contains(&peer), "{:?}", answer);
                }
            }
            Verdict::Undecided(doubt) => prop_assert!(false, "{:?}", doubt),
        }
    }
}
