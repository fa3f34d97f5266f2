//! OpenWrt in front of an MX: mistakes seen in real files are found by the rules, and their corrected twins are not.

use vpnlint::report::Report;

use super::{RULES, found, holds};
use crate::support::Site;

const SITE: &str = "version = 1\n[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"192.168.1.4\"\npublic_ip = \"203.0.113.10\"\n[[upstream]]\nname = \"edge\"\nimport = \"firewall\"\n";

/// Networks, defaults, zones and the forwarding of a router as it comes.
const BASE: &str = "\
package network

config interface 'lan'
\toption device 'br-lan'
\toption proto 'static'
\toption ipaddr '192.168.1.1'
\toption netmask '255.255.255.0'

config interface 'wan'
\toption device 'eth1'
\toption proto 'static'
\toption ipaddr '203.0.113.10'
\toption netmask '255.255.255.248'
\toption password 'CANARY-wan'

package firewall

config defaults
\toption input 'REJECT'
\toption output 'ACCEPT'
\toption forward 'REJECT'

config zone
\toption name 'lan'
\tlist network 'lan'
\toption input 'ACCEPT'
\toption output 'ACCEPT'
\toption forward 'ACCEPT'

config zone
\toption name 'wan'
\tlist network 'wan'
\toption input 'REJECT'
\toption output 'ACCEPT'
\toption forward 'REJECT'
\toption masq '1'

config forwarding
\toption src 'lan'
\toption dest 'wan'

";

fn section(kind: &str, options: &[(&str, &str)]) -> String {
    let lines: String = options.iter().map(|(name, value)| format!("\toption {name} '{value}'\n")).collect();
    format!("config {kind}\n{lines}\n")
}

fn redirect(protocol: &str, port: &str, to: &str, more: &[(&str, &str)]) -> String {
    let usual = [("src", "wan"), ("proto", protocol), ("src_dport", port), ("dest", "lan"), ("dest_ip", to), ("target", "DNAT")];
    section("redirect", &[&usual[..], more].concat())
}

fn rule(more: &[(&str, &str)]) -> String {
    section("rule", &[&[("src", "wan"), ("proto", "udp")], more].concat())
}

fn report(text: &str) -> Report {
    Site::new(&[("site.toml", SITE), ("firewall", text)]).check().report
}

#[test]
fn mistakes_are_found_and_their_twins_are_silent() {
    let one = |port| redirect("udp", port, "192.168.1.4", &[]);
    let both = one("500") + &one("4500");
    let drop = |more: &[(&str, &str)]| rule(&[&[("dest", "lan"), ("target", "DROP")], more].concat());
    for (mistake, text, wanted) in [
        ("twin", both.clone(), vec![]),
        (
            "1",
            redirect("udp", "500", "192.168.1.9", &[]) + &redirect("udp", "4500", "192.168.1.9", &[]),
            vec!["upstream-forward-elsewhere"],
        ),
        ("2", both.clone() + &redirect("tcp udp", "50", "192.168.1.4", &[]), vec!["esp-as-port"]),
        ("4", one("500") + &redirect("tcp", "4500", "192.168.1.4", &[]), vec!["upstream-forward-wrong-protocol"]),
        ("5", one("500"), vec!["upstream-forward-missing"]),
        ("6", one("4500"), vec!["upstream-forward-missing"]),
        ("two ports in one", redirect("udp", "500 4500", "192.168.1.4", &[]), vec!["upstream-forward-missing"]),
        ("7", both.clone() + &rule(&[("dest_port", "1701"), ("target", "ACCEPT")]), vec!["l2tp-port-exposed"]),
        ("10", both.clone() + &rule(&[("dest", "dmz"), ("target", "ACCEPT")]), vec!["dangling-reference"]),
        (
            "11: without dest, it opens the router",
            rule(&[("dest_port", "500"), ("target", "ACCEPT")]) + &rule(&[("dest_port", "4500"), ("target", "ACCEPT")]),
            vec!["upstream-forward-missing", "upstream-opens-itself"],
        ),
        (
            "12",
            one("500").replace("\toption target", "\toption src_ip '198.51.100.0/24'\n\toption target") + &one("4500"),
            vec!["upstream-source-restricted"],
        ),
        (
            "14",
            redirect("udp", "500", "192.168.1.4", &[("src_port", "500")])
                + &redirect("udp", "4500", "192.168.1.4", &[("src_port", "4500")]),
            vec!["upstream-source-restricted"],
        ),
        (
            "17: stock rule for IKE and no redirect",
            rule(&[("name", "Allow-ISAKMP"), ("dest", "lan"), ("dest_port", "500"), ("target", "ACCEPT")]),
            vec!["upstream-forward-missing"],
        ),
        ("port", redirect("udp", "500", "192.168.1.4", &[("dest_port", "501")]) + &one("4500"), vec!["upstream-forward-translates-port"]),
        ("dropped", both.clone() + &drop(&[("dest_port", "4500")]), vec!["upstream-blocks-nat-t"]),
        (
            "hidden",
            both.clone() + &drop(&[]) + &rule(&[("dest", "lan"), ("dest_port", "500"), ("target", "ACCEPT")]),
            vec!["upstream-blocks-ike", "upstream-blocks-nat-t", "upstream-rule-shadowed"],
        ),
        ("cloud", both.clone() + &section("rule", &[("src", "lan"), ("dest", "wan"), ("target", "REJECT")]), vec!["upstream-blocks-cloud"]),
        (
            "tunnel",
            both.clone()
                + "package ipsec\n\n"
                + &section("remote 'branch'", &[("enabled", "1"), ("gateway", "198.51.100.1"), ("pre_shared_key", "CANARY-ipsec")]),
            vec!["upstream-terminates-ike"],
        ),
        (
            "tunnel that is off",
            both.clone() + "package ipsec\n\n" + &section("remote 'branch'", &[("enabled", "0"), ("gateway", "198.51.100.1")]),
            vec![],
        ),
        ("18: TCP too", redirect("tcp udp", "500", "192.168.1.4", &[]) + &redirect("tcp udp", "4500", "192.168.1.4", &[]), vec![]),
    ] {
        let report = report(&format!("{BASE}{text}"));
        assert_eq!(found(&report), wanted, "{mistake}");
        let text = crate::support::render(&report, vpnlint::report::Format::Text);
        assert!(!text.contains("CANARY"), "{text}");
    }
}

#[test]
fn rules_hold_for_a_whole_file_and_not_for_one_that_breaks_off() {
    let both = redirect("udp", "500", "192.168.1.4", &[]) + &redirect("udp", "4500", "192.168.1.4", &[]);
    let text = format!("{BASE}{both}package ipsec\n\n");
    let text = text.as_str();
    let whole = report(text);
    for rule in RULES.iter().filter(|rule| !["upstream-terminates-ike"].contains(rule)) {
        assert!(holds(&whole).contains(rule), "{rule}: {:?}", holds(&whole));
    }
    for end in (200..text.len() - 20).step_by(31).filter(|end| !text[..*end].ends_with('\n')) {
        let report = report(&text[..end]);
        let wrong: Vec<_> = holds(&report).into_iter().filter(|rule| *rule != "acl-not-applied").collect();
        assert_eq!(wrong, Vec::<&str>::new(), "{}", &text[..end]);
        assert_eq!(found(&report), Vec::<&str>::new(), "{}", &text[..end]);
    }
    // What is included may say otherwise.
    let included = format!("{text}{}", section("include", &[("path", "/etc/firewall.user")]));
    assert_eq!(holds(&report(&included)).iter().filter(|rule| rule.starts_with("upstream-forward")).count(), 0);
}
