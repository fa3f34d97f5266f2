//! A UniFi gateway in front of an MX: mistakes seen in real files are found by the rules, and their corrected twins are not.

use vpnlint::report::Report;

use super::{RULES, found, holds};
use crate::support::Site;

const SITE: &str = "version = 1\n[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"192.168.1.4\"\npublic_ip = \"203.0.113.10\"\n[[upstream]]\nname = \"edge\"\nimport = [\"forwards.json\", \"rules.json\", \"networks.json\"]\n";

/// Networks and groups; a password in them.
const NETWORKS: &str = "{\"rest/networkconf\": {\"data\": [\n\
    {\"_id\": \"w1\", \"name\": \"WAN\", \"purpose\": \"wan\", \"wan_type\": \"static\", \"wan_ip\": \"203.0.113.10\", \"wan_netmask\": \"255.255.255.248\", \"x_wan_password\": \"CANARY-wan\"},\n\
    {\"_id\": \"n1\", \"name\": \"LAN\", \"purpose\": \"corporate\", \"ip_subnet\": \"192.168.1.1/24\"}]},\n\
    \"rest/firewallgroup\": {\"data\": [\n{\"_id\": \"g1\", \"name\": \"branches\", \"group_type\": \"address-group\", \"group_members\": [\"198.51.100.0/24\"]}]}}\n";

fn forward(protocol: &str, port: &str, to: &str, more: &str) -> String {
    let usual = [("pfwd_interface", "\"wan\""), ("src", "\"any\""), ("enabled", "true")];
    let usual = usual
        .iter()
        .filter(|(name, _)| !more.contains(&format!("\"{name}\"")))
        .map(|(name, value)| format!(", \"{name}\": {value}"))
        .collect::<String>();
    let inner = if more.contains("\"fwd_port\"") { String::new() } else { format!(", \"fwd_port\": \"{port}\"") };
    format!(
        "{{\"name\": \"{protocol} {port}\", \"proto\": \"{protocol}\", \"dst_port\": \"{port}\", \"fwd\": \"{to}\"{inner}{usual}{more}}}"
    )
}

fn rule(more: &str) -> String {
    let usual = [("ruleset", "\"WAN_IN\""), ("rule_index", "2000"), ("action", "\"drop\""), ("protocol", "\"udp\""), ("enabled", "true")];
    let usual = usual
        .iter()
        .filter(|(name, _)| !more.contains(&format!("\"{name}\"")))
        .map(|(name, value)| format!(", \"{name}\": {value}"))
        .collect::<String>();
    format!("{{\"name\": \"one\"{usual}{more}}}")
}

fn report(forwards: &[String], rules: &[String]) -> Report {
    let list =
        |name: &str, items: &[String]| format!("{{\"{name}\": {{\"meta\": {{\"rc\": \"ok\"}}, \"data\": [\n{}\n]}}}}\n", items.join(",\n"));
    let (forwards, rules) = (list("rest/portforward", forwards), list("rest/firewallrule", rules));
    Site::new(&[("site.toml", SITE), ("forwards.json", &forwards), ("rules.json", &rules), ("networks.json", NETWORKS)]).check().report
}

#[test]
fn mistakes_are_found_and_their_twins_are_silent() {
    let one = |port| forward("udp", port, "192.168.1.4", "");
    let both = vec![one("500"), one("4500")];
    for (mistake, forwards, rules, wanted) in [
        ("twin", both.clone(), vec![], vec![]),
        ("one forward with a list", vec![one("500,4500")], vec![], vec![]),
        ("1", vec![forward("udp", "500,4500", "192.168.1.9", "")], vec![], vec!["upstream-forward-elsewhere"]),
        ("2", [both.clone(), vec![forward("tcp_udp", "50,51", "192.168.1.4", "")]].concat(), vec![], vec!["esp-as-port"]),
        ("4", vec![one("500"), forward("tcp", "4500", "192.168.1.4", "")], vec![], vec!["upstream-forward-wrong-protocol"]),
        ("5", vec![one("500")], vec![], vec!["upstream-forward-missing"]),
        ("6", vec![one("4500")], vec![], vec!["upstream-forward-missing"]),
        (
            "disabled",
            vec![one("500"), forward("udp", "4500", "192.168.1.4", ", \"enabled\": false")],
            vec![],
            vec!["upstream-forward-missing"],
        ),
        ("7", [both.clone(), vec![one("1701")]].concat(), vec![], vec!["l2tp-port-exposed"]),
        ("10", both.clone(), vec![rule(", \"action\": \"accept\", \"src_firewallgroup_ids\": [\"gone\"]")], vec!["dangling-reference"]),
        (
            "11",
            vec![],
            vec![rule(", \"ruleset\": \"WAN_LOCAL\", \"action\": \"accept\", \"dst_port\": \"500,4500\"")],
            vec!["upstream-forward-missing", "upstream-opens-itself"],
        ),
        (
            "12",
            vec![forward("udp", "500,4500", "192.168.1.4", ", \"src\": \"198.51.100.0/24\", \"src_limiting_enabled\": true")],
            vec![],
            vec!["upstream-source-restricted"],
        ),
        (
            "port",
            vec![forward("udp", "500", "192.168.1.4", ", \"fwd_port\": \"501\""), one("4500")],
            vec![],
            vec!["upstream-forward-translates-port"],
        ),
        ("dropped", both.clone(), vec![rule(", \"dst_port\": \"4500\"")], vec!["upstream-blocks-nat-t"]),
        ("dropped behind the forwards", both.clone(), vec![rule(", \"rule_index\": 4000")], vec![]),
        (
            "hidden",
            both.clone(),
            vec![rule(""), rule(", \"rule_index\": 2001, \"action\": \"accept\", \"dst_port\": \"500,4500\"")],
            vec!["upstream-blocks-ike", "upstream-blocks-nat-t", "upstream-rule-shadowed"],
        ),
        (
            "cloud",
            both.clone(),
            vec![rule(", \"ruleset\": \"LAN_IN\", \"protocol\": \"all\", \"state_new\": true")],
            vec!["upstream-blocks-cloud"],
        ),
        ("replies", both.clone(), vec![rule(", \"ruleset\": \"WAN_OUT\", \"state_established\": true")], vec!["upstream-blocks-reply"]),
        ("18: TCP too", vec![forward("tcp_udp", "500,4500", "192.168.1.4", "")], vec![], vec![]),
    ] {
        let report = report(&forwards, &rules);
        assert_eq!(found(&report), wanted, "{mistake}");
        let text = crate::support::render(&report, vpnlint::report::Format::Text);
        assert!(!text.contains("CANARY"), "{text}");
    }
}

#[test]
fn rules_hold_for_all_answers_and_not_for_some() {
    let forwards = [forward("udp", "500,4500", "192.168.1.4", "")];
    let whole = report(&forwards, &[]);
    for rule in RULES.iter().filter(|rule| !["upstream-terminates-ike"].contains(rule)) {
        assert!(holds(&whole).contains(rule), "{rule}: {:?}", holds(&whole));
    }
    let forwards = format!("{{\"data\": [{}]}}", forwards[0]);
    for end in (20..forwards.len()).step_by(17).chain([forwards.len()]) {
        let site = SITE.replace(", \"rules.json\", \"networks.json\"", "");
        let report = Site::new(&[("site.toml", site.as_str()), ("forwards.json", &forwards[..end])]).check().report;
        assert!(!holds(&report).iter().any(|rule| rule.starts_with("upstream-blocks")), "{:?}: {}", holds(&report), &forwards[..end]);
        assert_eq!(found(&report), Vec::<&str>::new(), "{}", &forwards[..end]);
    }
}
