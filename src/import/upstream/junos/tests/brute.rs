//! Random policies and filters against their rules in a few lines: the zones' policies, the global ones, the default; terms of the filter in front.

use proptest::prelude::*;

use super::*;
use crate::net::Fate;

const PEERS: [&str; 4] = ["198.51.100.4", "198.51.100.5", "198.51.100.6", "198.51.100.7"];
const BOOK: &str = "set security address-book global address ONE 198.51.100.4/32\nset security address-book global address TWO 198.51.100.6/31\nset security address-book global address-set BOTH address ONE\nset security address-book global address-set BOTH address TWO\nset security address-book global address MX 192.168.1.4/32\nset security address-book global address WAN 203.0.113.10/32\n";

#[derive(Clone, Debug)]
struct Policy {
    from: &'static str,
    to: &'static str,
    application: &'static str,
    excluded: bool,
    permits: bool,
    off: bool,
}

#[derive(Clone, Debug)]
struct Term {
    from: &'static str,
    port: &'static str,
    then: &'static str,
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let applications = prop::sample::select(vec!["any", "junos-ike", "[ junos-ike-nat junos-ike ]", "junos-ike-nat", "junos-https"]);
    (
        prop::sample::select(vec!["any", "ONE", "TWO", "BOTH"]),
        prop::sample::select(vec!["any", "MX", "WAN"]),
        applications,
        any::<[bool; 4]>(),
    )
        .prop_map(|(from, to, application, [excluded, permits, a, b])| Policy {
            from,
            to,
            application,
            excluded: excluded && from != "any",
            permits,
            off: a && b,
        })
}

fn any_term() -> impl Strategy<Value = Term> {
    let from = prop::sample::select(vec!["", "198.51.100.4/32", "198.51.100.6/31"]);
    (
        from,
        prop::sample::select(vec!["", "500", "4500", "400-600"]),
        prop::sample::select(vec!["accept", "discard", "next term", "count c"]),
    )
        .prop_map(|(from, port, then)| Term { from, port, then })
}

fn holds(set: &str, peer: &str) -> bool {
    match set {
        "any" | "" => true,
        "ONE" | "198.51.100.4/32" => peer == PEERS[0],
        "TWO" | "198.51.100.6/31" => peer == PEERS[2] || peer == PEERS[3],
        _ => peer != PEERS[1],
    }
}

impl Policy {
    fn text(&self, path: &str) -> String {
        let excluded = if self.excluded { "match source-address-excluded;" } else { "" };
        let then = if self.permits { "permit" } else { "deny" };
        let text = set(
            path,
            &format!(
                "match source-address {};{excluded}match destination-address {};match application {};then {then}",
                self.from, self.to, self.application
            ),
        );
        if self.off { format!("{text}deactivate {path}\n") } else { text }
    }

    fn takes(&self, peer: &str) -> bool {
        !self.off
            && holds(self.from, peer) != self.excluded
            && self.to != "WAN"
            && self.application != "junos-https"
            && self.application != "junos-ike-nat"
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn verdicts_agree_with_the_rules(
        zones in prop::collection::vec(any_policy(), 0..4),
        global in prop::collection::vec(any_policy(), 0..3),
        terms in prop::collection::vec(any_term(), 0..4),
        permit_all in any::<bool>(),
    ) {
        let mut policies = String::new();
        for (n, policy) in zones.iter().enumerate() {
            policies += &policy.text(&format!("{IN} P{n}"));
        }
        for (n, policy) in global.iter().enumerate() {
            policies += &policy.text(&format!("security policies global policy G{n}"));
        }
        policies += if permit_all { "set security policies default-policy permit-all\n" } else { "" };
        let mut filter = String::new();
        for (n, term) in terms.iter().enumerate() {
            let from = if term.from.is_empty() { String::new() } else { format!("from source-address {};", term.from) };
            let port = if term.port.is_empty() { String::new() } else { format!("from destination-port {};", term.port) };
            filter += &set(&format!("firewall family inet filter F term T{n}"), &format!("{from}{port}then {}", term.then));
        }
        let mut text = filter + &config(NAT, &policies, BOOK);
        if !terms.is_empty() {
            text = text.replace(TAIL, &format!("set interfaces ge-0/0/0 unit 0 family inet filter input F\n{TAIL}"));
        }
        for text in [braces(&text), text] {
            let edge = device(&text);
            let path = Path::new(vec![&edge], vec!["192.168.1.4".parse().unwrap()], None);
            for peer in PEERS {
                let met = terms.iter().find(|term| holds(term.from, peer) && term.port != "4500" && term.then != "next term");
                let early = met.map_or(terms.is_empty(), |term| term.then != "discard");
                let policy = zones.iter().chain(&global).find(|policy| policy.takes(peer)).map_or(permit_all, |policy| policy.permits);
                let wanted = if early && policy { Fate::Arrives } else { Fate::Dropped };
                prop_assert_eq!(path.fates(Service::IKE, peer.parse().unwrap(), 40_000), vec![wanted], "{} {}", peer, text);
            }
        }
    }
}
