//! Juniper SRX in front of an MX: mistakes seen in real files are found by the rules, and their corrected twins are not.

use vpnlint::report::Report;

use super::{RULES, found, holds};
use crate::support::Site;

const SITE: &str = "version = 1\n[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"192.168.1.4\"\npublic_ip = \"203.0.113.10\"\n[[upstream]]\nname = \"edge\"\nimport = \"srx.conf\"\n";
const ZONES: &str =
    "set security zones security-zone untrust interfaces ge-0/0/0.0\nset security zones security-zone trust interfaces ge-0/0/1.0\n";
const TAIL: &str = "set interfaces ge-0/0/0 unit 0 family inet address 203.0.113.10/29\nset interfaces ge-0/0/1 unit 0 family inet address 192.168.1.1/24\nset routing-options static route 0.0.0.0/0 next-hop 203.0.113.9\n";

fn set(path: &str, parts: &str) -> String {
    parts.split(';').map(|part| format!("set {path} {part}\n")).collect()
}

fn forward(name: &str, protocol: &str, port: &str, to: &str) -> String {
    set(&format!("security nat destination pool {name} address"), to)
        + &set(
            &format!("security nat destination rule-set IN rule {name}"),
            &format!(
                "match destination-address 203.0.113.10/32;match destination-port {port};match protocol {protocol};then destination-nat pool {name}"
            ),
        )
}

fn two(protocol: &str, to: &str) -> String {
    forward("A", protocol, "500", to) + &forward("B", protocol, "4500", to)
}

fn policy(name: &str, source: &str, application: &str, then: &str) -> String {
    set(
        &format!("security policies from-zone untrust to-zone trust policy {name}"),
        &format!("match source-address {source};match destination-address any;match application {application};then {then}"),
    )
}

fn config(nat: &str, policies: &str, more: &str) -> String {
    let out = set(
        "security policies from-zone trust to-zone untrust policy all",
        "match source-address any;match destination-address any;match application any;then permit",
    );
    format!(
        "set version 21.4R3\nset system host-name edge\nset security nat destination rule-set IN from zone untrust\n{nat}{policies}{out}{ZONES}{more}{TAIL}"
    )
}

fn report(text: &str) -> Report {
    Site::new(&[("site.toml", SITE), ("srx.conf", text)]).check().report
}

#[test]
fn mistakes_are_found_and_their_twins_are_silent() {
    let (mx, both) = ("192.168.1.4/32", "[ junos-ike junos-ike-nat ]");
    let nat = two("udp", mx);
    let permit = policy("VPN", "any", both, "permit");
    let wrong = |protocol: &str| set("applications", &format!("application TCP protocol {protocol};application TCP destination-port 4500"));
    let book = "set security address-book global address PEER 198.51.100.1/32\n";
    let filter = set(
        "firewall family inet filter",
        "F term a from protocol udp;F term a from destination-port 500;F term a from destination-port 4500;F term a then accept;F term z then accept",
    );
    let early = "set interfaces ge-0/0/0 unit 0 family inet filter input G\n";
    let deny = set("firewall family inet filter", "G term a from protocol udp;G term a then discard;G term z then accept");
    for (mistake, text, wanted) in [
        ("twin", config(&nat, &permit, ""), vec![]),
        ("1", config(&two("udp", "192.168.1.9/32"), &permit, ""), vec!["upstream-forward-elsewhere"]),
        ("2", config(&(nat.clone() + &forward("C", "tcp", "50", mx) + &forward("D", "tcp", "51", mx)), &permit, ""), vec!["esp-as-port"]),
        (
            "4",
            config(&(forward("A", "udp", "500", mx) + &forward("B", "tcp", "4500", mx)), &permit, ""),
            vec!["upstream-forward-wrong-protocol"],
        ),
        ("5", config(&forward("A", "udp", "500", mx), &permit, ""), vec!["upstream-forward-missing"]),
        ("6", config(&forward("B", "udp", "4500", mx), &permit, ""), vec!["upstream-forward-missing"]),
        (
            "7",
            config(
                &(nat.clone() + &forward("C", "udp", "1701", mx)),
                &policy("VPN", "any", "[ junos-ike junos-ike-nat junos-l2tp ]", "permit"),
                "",
            ),
            vec!["l2tp-port-exposed"],
        ),
        ("8", config(&nat, &permit, "") + &filter, vec!["acl-not-applied"]),
        ("10", config(&nat, &(permit.clone() + &policy("X", "To-FW4", "junos-https", "permit")), ""), vec!["dangling-reference"]),
        (
            "11",
            config("", &permit, "set security zones security-zone untrust host-inbound-traffic system-services ike\n"),
            vec!["upstream-forward-missing", "upstream-opens-itself"],
        ),
        ("12", config(&nat, &policy("VPN", "PEER", both, "permit"), book), vec!["upstream-source-restricted"]),
        (
            "port",
            config(&(forward("A", "udp", "500", "192.168.1.4/32 port 501") + &forward("B", "udp", "4500", mx)), &permit, ""),
            vec!["upstream-forward-translates-port"],
        ),
        ("ike alone", config(&nat, &policy("VPN", "any", "junos-ike", "permit"), ""), vec!["upstream-blocks-nat-t"]),
        (
            "tcp",
            config(&nat, &(policy("VPN", "any", "junos-ike", "permit") + &policy("T", "any", "TCP", "permit")), "") + &wrong("tcp"),
            vec!["upstream-forward-wrong-protocol"],
        ),
        (
            "hidden",
            config(&nat, &(policy("D", "any", "any", "deny") + &permit), ""),
            vec!["upstream-blocks-ike", "upstream-blocks-nat-t", "upstream-rule-shadowed"],
        ),
        ("not hidden", config(&nat, &(permit.clone() + &policy("D", "any", "any", "deny")), ""), vec![]),
        (
            "inactive",
            config(
                &nat,
                &format!(
                    "{}deactivate security policies from-zone untrust to-zone trust policy D\n",
                    policy("D", "any", "any", "deny") + &permit
                ),
                "",
            ),
            vec![],
        ),
        ("filter", config(&nat, &permit, early) + &deny, vec!["upstream-blocks-ike", "upstream-blocks-nat-t"]),
        (
            "tunnel",
            config(
                &nat,
                &permit,
                "set security ike policy P pre-shared-key ascii-text CANARY\nset security ike gateway G external-interface ge-0/0/0.0\n",
            ),
            vec!["upstream-terminates-ike"],
        ),
    ] {
        let report = report(&text);
        assert_eq!(found(&report), wanted, "{mistake}\n{text}");
    }
}

#[test]
fn rules_about_reachability_hold_for_a_whole_file_and_never_for_a_part() {
    let text = config(&two("udp", "192.168.1.4/32"), &policy("VPN", "any", "[ junos-ike junos-ike-nat ]", "permit"), "");
    let whole = report(&text);
    for rule in RULES {
        assert!(holds(&whole).contains(rule), "{rule}\n{text}");
    }
    let end = text.find("set routing-options").expect("the end");
    for end in (40..end).step_by(41) {
        let part = report(&text[..end]);
        assert_eq!(found(&part), Vec::<&str>::new(), "{}", &text[..end]);
        // No list that is read stays without use.
        let wrong: Vec<_> = holds(&part).into_iter().filter(|rule| *rule != "acl-not-applied").collect();
        assert_eq!(wrong, Vec::<&str>::new(), "{}", &text[..end]);
    }
}

#[test]
fn what_the_mx_sends_and_esp_are_decided_both_ways() {
    let nat = two("udp", "192.168.1.4/32");
    let permit = policy("VPN", "any", "[ junos-ike junos-ike-nat ]", "permit");
    let good = config(&nat, &permit, "");
    let closed = good.replace("policy all then permit", "policy all then deny");
    assert_eq!(found(&report(&closed)), ["upstream-blocks-cloud"]);
    let filter = set("firewall family inet filter", "F term a from protocol tcp;F term a then accept")
        + "set interfaces ge-0/0/1 unit 0 family inet filter input F\n";
    let stateless = config(&nat, &permit, &filter);
    assert!(found(&report(&stateless)).contains(&"upstream-blocks-reply"), "{:?}", found(&report(&stateless)));
    let site = SITE.replace("ip = \"192.168.1.4\"\npublic_ip = \"203.0.113.10\"", "ip = \"203.0.113.20\"");
    let routed = config("", &permit, "").replace("192.168.1.1/24", "203.0.113.17/29");
    let esp = config("", &policy("VPN", "any", "[ junos-ike junos-ike-nat ESP ]", "permit"), "")
        .replace("192.168.1.1/24", "203.0.113.17/29")
        + "set applications application ESP protocol esp\n";
    for (text, wanted) in [(routed, vec!["upstream-blocks-esp"]), (esp, vec![])] {
        let report = Site::new(&[("site.toml", &site), ("srx.conf", &text)]).check().report;
        assert_eq!(found(&report), wanted, "{text}");
        assert_eq!(holds(&report).contains(&"upstream-blocks-esp"), wanted.is_empty());
    }
}
