//! MikroTik RouterOS in front of an MX: mistakes seen in real files are found by the rules, and their corrected twins are not.

use vpnlint::report::Report;

use super::{RULES, found, holds};
use crate::support::Site;

const SITE: &str = "version = 1\n[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"192.168.1.4\"\npublic_ip = \"203.0.113.10\"\n[[upstream]]\nname = \"edge\"\nimport = \"edge.rsc\"\n";

/// Answers, then what was translated, then nothing else from the internet.
const FILTER: &str = "\
add action=accept chain=forward connection-state=established,related
add action=accept chain=forward in-interface-list=LAN
add action=accept chain=forward connection-nat-state=dstnat in-interface-list=WAN
add action=drop chain=forward
add action=accept chain=input connection-state=established,related
add action=accept chain=input in-interface-list=LAN
add action=drop chain=input
";

fn export(filter: &str, nat: &str, more: &str) -> String {
    format!(
        "# 2026-11-02 10:00:00 by RouterOS 7.16\n/interface list\nadd name=WAN\nadd name=LAN\n/interface list member\nadd interface=ether1 list=WAN\nadd interface=bridge list=LAN\n\
         /ip address\nadd address=203.0.113.10/29 interface=ether1\nadd address=192.168.1.1/24 interface=bridge\n/ip firewall filter\n{filter}/ip firewall nat\n\
         add action=masquerade chain=srcnat out-interface-list=WAN\n{nat}{more}/ip route\nadd gateway=203.0.113.9\n/system identity\nset name=edge\n"
    )
}

fn forward(protocol: &str, port: &str, to: &str) -> String {
    format!("add action=dst-nat chain=dstnat dst-port={port} in-interface-list=WAN protocol={protocol} to-addresses={to}\n")
}

fn accept(chain: &str, parts: &str) -> String {
    format!("add action=accept chain={chain} in-interface-list=WAN protocol=udp {parts}\n")
}

fn report(text: &str) -> Report {
    Site::new(&[("site.toml", SITE), ("edge.rsc", text)]).check().report
}

#[test]
fn mistakes_are_found_and_their_twins_are_silent() {
    let nat = forward("udp", "500,4500", "192.168.1.4");
    let one = |port| forward("udp", port, "192.168.1.4");
    let narrow = |parts: &str| FILTER.replace("connection-nat-state=dstnat in-interface-list=WAN", parts);
    for (mistake, filter, nat, more, wanted) in [
        ("twin", FILTER.to_owned(), nat.clone(), "", vec![]),
        ("1", FILTER.to_owned(), forward("udp", "500,4500", "192.168.1.9"), "", vec!["upstream-forward-elsewhere"]),
        ("2", FILTER.to_owned(), nat.clone() + &forward("tcp", "50,51", "192.168.1.4"), "", vec!["esp-as-port"]),
        ("4", FILTER.to_owned(), one("500") + &forward("tcp", "4500", "192.168.1.4"), "", vec!["upstream-forward-wrong-protocol"]),
        ("5", FILTER.to_owned(), one("500"), "", vec!["upstream-forward-missing"]),
        ("6", FILTER.to_owned(), one("4500"), "", vec!["upstream-forward-missing"]),
        (
            "disabled",
            FILTER.to_owned(),
            one("500") + &one("4500").replace("add ", "add disabled=yes "),
            "",
            vec!["upstream-forward-missing"],
        ),
        ("7", accept("input", "dst-port=1701") + FILTER, nat.clone(), "", vec!["l2tp-port-exposed"]),
        ("8", FILTER.to_owned() + &accept("forwrd", "dst-port=500,4500"), nat.clone(), "", vec!["acl-not-applied"]),
        ("10", accept("forward", "src-address-list=branches") + FILTER, nat.clone(), "", vec!["dangling-reference"]),
        ("11", accept("input", "dst-port=500,4500") + FILTER, String::new(), "", vec!["upstream-forward-missing", "upstream-opens-itself"]),
        ("12", narrow("connection-nat-state=dstnat src-address=198.51.100.0/24"), nat.clone(), "", vec!["upstream-source-restricted"]),
        ("14", FILTER.to_owned(), one("500 src-port=500") + &one("4500 src-port=4500"), "", vec!["upstream-source-restricted"]),
        (
            "port",
            FILTER.to_owned(),
            one("500").replace("192.168.1.4", "192.168.1.4 to-ports=501") + &one("4500"),
            "",
            vec!["upstream-forward-translates-port"],
        ),
        ("no accept", narrow("dst-port=500 protocol=udp"), nat.clone(), "", vec!["upstream-blocks-nat-t"]),
        (
            "hidden",
            "add action=drop chain=forward in-interface-list=WAN\n".to_owned() + &accept("forward", "dst-port=500,4500") + FILTER,
            nat.clone(),
            "",
            vec!["upstream-blocks-ike", "upstream-blocks-nat-t", "upstream-rule-shadowed"],
        ),
        (
            "replies",
            FILTER.replace(
                "connection-state=established,related\nadd action=accept chain=forward in-interface-list=LAN\n",
                "protocol=icmp\n",
            ),
            nat.clone(),
            "",
            vec!["upstream-blocks-cloud", "upstream-blocks-reply"],
        ),
        (
            "raw",
            FILTER.to_owned(),
            nat.clone(),
            "/ip firewall raw\nadd action=drop chain=prerouting protocol=udp dst-port=500\n",
            vec!["upstream-blocks-ike"],
        ),
        (
            "tunnel",
            FILTER.to_owned(),
            nat.clone(),
            "/ip ipsec peer\nadd address=198.51.100.1/32 name=branch secret=CANARY-branch\n",
            vec!["upstream-terminates-ike"],
        ),
        ("18: TCP too", FILTER.to_owned(), nat.clone() + &forward("tcp", "500,4500", "192.168.1.4"), "", vec![]),
        ("no filter at all", String::new(), nat.clone(), "", vec![]),
    ] {
        let report = report(&export(&filter, &nat, more));
        assert_eq!(found(&report), wanted, "{mistake}");
        let text = crate::support::render(&report, vpnlint::report::Format::Text);
        assert!(!text.contains("CANARY"), "{text}");
    }
}

#[test]
fn rules_hold_for_a_whole_export_and_never_for_a_part() {
    let text = export(FILTER, &forward("udp", "500,4500", "192.168.1.4"), "");
    let whole = report(&text);
    for rule in RULES {
        assert!(holds(&whole).contains(rule), "{rule}: {:?}", holds(&whole));
    }
    for end in (40..text.find("/system").unwrap()).step_by(23) {
        let report = report(&text[..end]);
        let wrong: Vec<_> = holds(&report).into_iter().filter(|rule| *rule != "acl-not-applied").collect();
        assert_eq!(wrong, Vec::<&str>::new(), "{}", &text[..end]);
        assert_eq!(found(&report), Vec::<&str>::new(), "{}", &text[..end]);
    }
}

#[test]
fn esp_to_an_mx_with_a_public_address_needs_a_rule() {
    let site = SITE.replace("192.168.1.4", "203.0.113.130").replace("public_ip = \"203.0.113.10\"\n", "");
    let route = "/ip firewall filter\n";
    let nat = "";
    let check = |rules: &str| {
        let text = export(&format!("{rules}{FILTER}"), nat, "")
            .replace("/ip address\n", "/ip address\nadd address=203.0.113.129/30 interface=bridge\n");
        assert!(text.contains(route));
        found(&Site::new(&[("site.toml", site.as_str()), ("edge.rsc", text.as_str())]).check().report)
    };
    let both = accept("forward", "dst-address=203.0.113.130 dst-port=500,4500");
    let esp = "add action=accept chain=forward dst-address=203.0.113.130 protocol=ipsec-esp\n";
    assert_eq!(check(&both), ["upstream-blocks-esp"]);
    assert_eq!(check(&format!("{both}{esp}")), Vec::<&str>::new());
}
