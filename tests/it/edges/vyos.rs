//! VyOS and EdgeOS in front of an MX: mistakes seen in real files are found by the rules, and their corrected twins are not.

use vpnlint::report::Report;

use super::{RULES, found, holds};
use crate::support::Site;

const SITE: &str = "version = 1\n[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"192.168.1.4\"\npublic_ip = \"203.0.113.10\"\n[[upstream]]\nname = \"edge\"\nimport = \"config.boot\"\n";
const SYSTEM: &str = "set system host-name 'edge'\nset system time-zone 'UTC'\n";

/// What a configuration of one of the systems says.
#[derive(Clone)]
struct Config {
    /// Forwards: protocol, port, new port, host.
    forwards: Vec<(&'static str, &'static str, &'static str, &'static str)>,
    /// Commands below the rule set for what comes in.
    rules: String,
    /// Commands below the rule set for the device itself.
    local: &'static str,
    more: &'static str,
    bound: bool,
}

fn two(protocol: &'static str, host: &'static str) -> Vec<(&'static str, &'static str, &'static str, &'static str)> {
    vec![(protocol, "500", "", host), (protocol, "4500", "", host)]
}

fn permit(number: u32, parts: &str) -> String {
    format!(
        "rule {number} action accept;rule {number} protocol udp;{}",
        parts.split(';').map(|part| format!("rule {number} {part};")).collect::<String>()
    )
}

fn set(path: &str, parts: &str) -> String {
    parts.split(';').filter(|part| !part.is_empty()).map(|part| format!("set {path} {part}\n")).collect()
}

/// VyOS since 1.4, VyOS 1.3 and EdgeOS.
fn texts(config: &Config) -> [String; 3] {
    let ports = "set interfaces ethernet eth0 address 203.0.113.10/29\nset interfaces ethernet eth1 address 192.168.1.1/24\n";
    let nat = |path: &str, interface: &str, inside: &str, kind: &str| -> String {
        let rule = |(n, (protocol, port, new, host)): (usize, &(&str, &str, &str, &str))| {
            let new = if new.is_empty() { String::new() } else { format!(";{inside} port {new}") };
            let parts = format!("{kind}protocol {protocol};destination port {port};{interface} eth0;{inside} address {host}{new}");
            set(&format!("{path} rule {}", n + 1), &parts)
        };
        config.forwards.iter().enumerate().map(rule).collect()
    };
    let jump = if config.bound {
        "set firewall ipv4 forward filter rule 1 action jump\nset firewall ipv4 forward filter rule 1 inbound-interface name eth0\nset firewall ipv4 forward filter rule 1 jump-target WAN_IN\n"
    } else {
        ""
    };
    let new = format!(
        "{jump}{}{}{}{ports}{}{SYSTEM}",
        set("firewall ipv4 name WAN_IN", &format!("default-action drop;{}", config.rules)),
        set("firewall ipv4 input filter", &format!("default-action drop;{}", config.local)),
        config.more.replace("firewall name", "firewall ipv4 name"),
        nat("nat destination", "inbound-interface name", "translation", "")
    );
    let sets = format!(
        "{}{}{}",
        set("firewall name WAN_IN", &format!("default-action drop;{}", config.rules)),
        set("firewall name WAN_LOCAL", &format!("default-action drop;{}", config.local)),
        config.more
    );
    let bound = if config.bound { "set interfaces ethernet eth0 firewall in name WAN_IN\n" } else { "" };
    let bound = format!("{ports}{bound}set interfaces ethernet eth0 firewall local name WAN_LOCAL\n");
    let old = format!("{sets}{bound}{}{SYSTEM}", nat("nat destination", "inbound-interface", "translation", ""));
    let edge = format!("{sets}{bound}{}{SYSTEM}", nat("service nat", "inbound-interface", "inside-address", "type destination;"));
    [new, old, edge]
}

fn report(text: &str) -> Report {
    Site::new(&[("site.toml", SITE), ("config.boot", text)]).check().report
}

#[test]
fn mistakes_are_found_in_all_three_and_their_twins_are_silent() {
    let both = "destination address 192.168.1.4;destination port 500,4500";
    let good = Config { forwards: two("udp", "192.168.1.4"), rules: permit(10, both), local: "", more: "", bound: true };
    let (ike, natt) = (("udp", "500", "", "192.168.1.4"), ("udp", "4500", "", "192.168.1.4"));
    let with =
        |forwards: &[(&'static str, &'static str, &'static str, &'static str)]| Config { forwards: forwards.to_vec(), ..good.clone() };
    let rules = |rules: String| Config { rules, ..good.clone() };
    let drop = "rule 5 action drop;rule 5 protocol udp;";
    let late = "rule 50 action drop;rule 50 protocol udp;";
    for (mistake, config, wanted) in [
        ("twin", good.clone(), vec![]),
        ("1", Config { forwards: two("udp", "192.168.1.9"), ..good.clone() }, vec!["upstream-forward-elsewhere"]),
        ("2", with(&[ike, natt, ("tcp_udp", "50", "", "192.168.1.4"), ("tcp_udp", "51", "", "192.168.1.4")]), vec!["esp-as-port"]),
        ("3", rules(permit(10, both) + "rule 40 action accept;rule 40 protocol esp;rule 40 destination port 50;"), vec!["esp-as-port"]),
        ("4", with(&[ike, ("tcp", "4500", "", "192.168.1.4")]), vec!["upstream-forward-wrong-protocol"]),
        ("5", with(&[ike]), vec!["upstream-forward-missing"]),
        ("6", with(&[natt]), vec!["upstream-forward-missing"]),
        (
            "7",
            Config {
                forwards: vec![ike, natt, ("udp", "1701", "", "192.168.1.4")],
                rules: permit(10, "destination port 500,1701,4500"),
                ..good.clone()
            },
            vec!["l2tp-port-exposed"],
        ),
        (
            "10",
            Config {
                more: "set firewall name WAN_IN rule 60 action accept\nset firewall name WAN_IN rule 60 destination group address-group To-FW4\n",
                ..good.clone()
            },
            vec!["dangling-reference"],
        ),
        (
            "11",
            Config {
                forwards: Vec::new(),
                local: "rule 40 action accept;rule 40 protocol udp;rule 40 destination port 500,4500",
                ..good.clone()
            },
            vec!["upstream-forward-missing", "upstream-opens-itself"],
        ),
        ("12", rules(permit(10, &format!("{both};source address 198.51.100.1"))), vec!["upstream-source-restricted"]),
        (
            "14",
            rules(permit(10, "destination port 500;source port 500") + &permit(20, "destination port 4500;source port 4500")),
            vec!["upstream-source-restricted"],
        ),
        ("port", with(&[("udp", "500", "501", "192.168.1.4"), natt]), vec!["upstream-forward-translates-port"]),
        ("no pass", rules(permit(10, "destination port 500")), vec!["upstream-blocks-nat-t"]),
        (
            "hidden",
            rules(drop.to_owned() + &permit(10, both)),
            vec!["upstream-blocks-ike", "upstream-blocks-nat-t", "upstream-rule-shadowed"],
        ),
        ("not hidden", rules(permit(10, both) + late), vec![]),
        ("off", rules(permit(10, both) + "rule 10 disable;"), vec!["upstream-blocks-ike", "upstream-blocks-nat-t"]),
        (
            "tunnel",
            Config { more: "set vpn ipsec site-to-site peer 198.51.100.9 authentication pre-shared-secret CANARY\n", ..good.clone() },
            vec!["upstream-terminates-ike"],
        ),
        ("18: TCP too", Config { forwards: two("tcp_udp", "192.168.1.4"), ..good.clone() }, vec![]),
    ] {
        for text in texts(&config) {
            assert_eq!(found(&report(&text)), wanted, "{mistake}\n{text}");
        }
    }
    // A list that nothing uses: what comes in passes all the same. Zones may stand behind the end of commands, not behind that of a saved file.
    let [new, ..] = texts(&Config { bound: false, ..good });
    assert_eq!(found(&report(&new)), ["acl-not-applied"]);
    let saved = "firewall {\n  name OPEN {\n    rule 1 {\n      action accept\n      destination {\n        port 500\n      }\n      protocol udp\n    }\n  }\n}\nsystem {\n}\n";
    assert_eq!(
        found(&report(&format!("{saved}/* === vyatta-config-version: \"firewall@5\" === */\n"))),
        ["acl-not-applied", "upstream-forward-missing"]
    );
    assert_eq!(found(&report(saved)), Vec::<&str>::new());
}

#[test]
fn what_the_mx_sends_and_esp_are_decided_both_ways() {
    let base = "set firewall ipv4 forward filter default-action drop\nset firewall ipv4 forward filter rule 10 action accept\nset firewall ipv4 forward filter rule 10 destination port 500,4500\nset firewall ipv4 forward filter rule 10 protocol udp\n";
    let out =
        "set firewall ipv4 forward filter rule 20 action accept\nset firewall ipv4 forward filter rule 20 outbound-interface name eth0\n";
    let state = "set firewall ipv4 forward filter rule 1 action accept\nset firewall ipv4 forward filter rule 1 state established\n";
    let routed = "set interfaces ethernet eth0 address 198.51.100.2/30\nset interfaces ethernet eth1 address 203.0.113.1/29\nset protocols static route 0.0.0.0/0 next-hop 198.51.100.1\n";
    let translated = "set interfaces ethernet eth0 address 203.0.113.10/29\nset interfaces ethernet eth1 address 192.168.1.1/24\nset nat destination rule 1 destination port 500,4500\nset nat destination rule 1 inbound-interface name eth0\nset nat destination rule 1 protocol udp\nset nat destination rule 1 translation address 192.168.1.4\n";
    let esp = "set firewall ipv4 forward filter rule 30 action accept\nset firewall ipv4 forward filter rule 30 protocol esp\n";
    let public = SITE.replace("ip = \"192.168.1.4\"\npublic_ip = \"203.0.113.10\"", "ip = \"203.0.113.4\"");
    for (site, text, wanted) in [
        (SITE, format!("{base}{out}{state}{translated}{SYSTEM}"), vec![]),
        (SITE, format!("{base}{out}{translated}{SYSTEM}"), vec![]),
        (SITE, format!("{base}{translated}{SYSTEM}"), vec!["upstream-blocks-cloud", "upstream-blocks-reply"]),
        (SITE, format!("{base}{state}{translated}{SYSTEM}"), vec!["upstream-blocks-cloud"]),
        (&public, format!("{base}{out}{state}{routed}{SYSTEM}"), vec!["upstream-blocks-esp"]),
        (&public, format!("{base}{out}{state}{esp}{routed}{SYSTEM}"), vec![]),
    ] {
        let report = Site::new(&[("site.toml", site), ("config.boot", &text)]).check().report;
        assert_eq!(found(&report), wanted, "{text}");
        for rule in ["upstream-blocks-reply", "upstream-blocks-cloud"].into_iter().filter(|rule| !wanted.contains(rule)) {
            assert!(holds(&report).contains(&rule), "{rule}\n{text}");
        }
        if wanted.is_empty() && site != SITE {
            assert!(holds(&report).contains(&"upstream-blocks-esp"), "{text}");
        }
    }
}

#[test]
fn rules_about_reachability_hold_for_a_whole_file_and_never_for_a_part() {
    let both = "destination address 192.168.1.4;destination port 500,4500";
    let good = Config { forwards: two("udp", "192.168.1.4"), rules: permit(10, both), local: "", more: "", bound: true };
    for text in texts(&good) {
        let whole = report(&text);
        for rule in RULES {
            assert!(holds(&whole).contains(rule), "{rule}\n{text}");
        }
        let end = text.find("set system time-zone").expect("the end");
        for end in (40..end).step_by(41) {
            let part = report(&text[..end]);
            assert_eq!(found(&part), Vec::<&str>::new(), "{}", &text[..end]);
            for rule in ["upstream-terminates-ike", "upstream-opens-itself", "l2tp-port-exposed", "esp-as-port", "dangling-reference"] {
                assert!(!holds(&part).contains(&rule), "{rule} {}", &text[..end]);
            }
        }
    }
}
