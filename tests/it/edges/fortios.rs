//! A FortiGate in front of an MX: mistakes seen in real files are found by the rules, and their corrected twins are not.

use vpnlint::report::Report;

use super::{RULES, found, holds};
use crate::support::Site;

const SITE: &str = "version = 1\n[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"192.168.1.4\"\npublic_ip = \"203.0.113.10\"\n[[upstream]]\nname = \"edge\"\nimport = \"fgt.conf\"\n";

/// A backup of a site with these virtual IPs, policies from outside, and other tables.
fn config(vips: &str, policies: &str, more: &str) -> String {
    format!(
        "#config-version=FGT60F-7.4.4-FW-build2662-240514:opmode=0:vdom=0:user=admin\nconfig system interface\n    edit \"wan1\"\n        set ip 203.0.113.10 255.255.255.248\n        \
         set role wan\n    next\n    edit \"internal\"\n        set ip 192.168.1.1 255.255.255.0\n        set role lan\n    next\nend\n{more}config firewall vip\n{vips}end\n\
         config firewall policy\n{policies}    edit 99\n        set srcintf \"internal\"\n        set dstintf \"wan1\"\n        set action accept\n        set srcaddr \"all\"\n        \
         set dstaddr \"all\"\n        set schedule \"always\"\n        set service \"ALL\"\n        set nat enable\n    next\nend\n\
         config router static\n    edit 1\n        set gateway 203.0.113.9\n        set device \"wan1\"\n    next\nend\n"
    )
}

fn vip(name: &str, protocol: &str, port: &str, to: &str) -> String {
    format!(
        "    edit \"{name}\"\n        set extip 203.0.113.10\n        set mappedip \"{to}\"\n        set extintf \"wan1\"\n        set portforward enable\n        \
         set protocol {protocol}\n        set extport {port}\n        set mappedport {port}\n    next\n"
    )
}

fn policy(id: u32, dst: &str, service: &str, parts: &str) -> String {
    let usual = if parts.contains("action") { "" } else { "set action accept\n" };
    let source = if parts.contains("srcaddr") { "" } else { "set srcaddr \"all\"\n" };
    format!(
        "    edit {id}\n        set srcintf \"wan1\"\n        set dstintf \"internal\"\n        {usual}        {source}        set dstaddr {dst}\n        \
         set schedule \"always\"\n        set service {service}\n        {parts}\n    next\n"
    )
}

fn check(site: &str, text: &str) -> Report {
    Site::new(&[("site.toml", site), ("fgt.conf", text)]).check().report
}

#[test]
fn mistakes_are_found_and_their_twins_are_silent() {
    const MX: &str = "192.168.1.4";
    let two = vip("a", "udp", "500", MX) + &vip("b", "udp", "4500", MX);
    let both = "\"a\" \"b\"";
    let pass = policy(1, both, "\"IKE\"", "");
    let peers = "config firewall address\n    edit \"peers\"\n        set subnet 198.51.100.0 255.255.255.0\n    next\nend\n";
    let sport = "config firewall service custom\n    edit \"ike-ike\"\n        set udp-portrange 500:500 4500:4500\n    next\nend\n";
    let ports = "config firewall service custom\n    edit \"esp-ah\"\n        set tcp-portrange 50 51\n        set udp-portrange 50 51\n    next\nend\n";
    let local = "config firewall local-in-policy\n    edit 1\n        set intf \"wan1\"\n        set srcaddr \"all\"\n        set dstaddr \"all\"\n        set action accept\n        \
                 set service \"IKE\"\n        set schedule \"always\"\n    next\nend\n";
    let tunnel = "config vpn ipsec phase1-interface\n    edit \"t\"\n        set interface \"wan1\"\n        set psksecret ENC CANARY\n    next\nend\n";
    let web = vip("w", "tcp", "443", "192.168.1.9");
    for (mistake, vips, policies, more, wanted) in [
        ("twin", two.clone(), pass.clone(), "", vec![]),
        ("service without a virtual IP", two.clone(), policy(1, both, "\"IKE\" \"L2TP\"", ""), "", vec![]),
        (
            "1",
            vip("a", "udp", "500", "192.168.1.9") + &vip("b", "udp", "4500", "192.168.1.9"),
            pass.clone(),
            "",
            vec!["upstream-forward-elsewhere"],
        ),
        ("2", two.clone(), pass.clone() + &policy(2, both, "\"esp-ah\"", ""), ports, vec!["esp-as-port"]),
        (
            "4",
            vip("a", "udp", "500", MX) + &vip("b", "tcp", "4500", MX),
            policy(1, both, "\"ALL\"", ""),
            "",
            vec!["upstream-forward-wrong-protocol"],
        ),
        ("5", vip("a", "udp", "500", MX), policy(1, "\"a\"", "\"IKE\"", ""), "", vec!["upstream-forward-missing"]),
        ("6", vip("b", "udp", "4500", MX), policy(1, "\"b\"", "\"IKE\"", ""), "", vec!["upstream-forward-missing"]),
        (
            "7",
            two.clone() + &vip("c", "udp", "1701", MX),
            policy(1, "\"a\" \"b\" \"c\"", "\"IKE\" \"L2TP\"", ""),
            "",
            vec!["l2tp-port-exposed"],
        ),
        ("10", two.clone(), pass.clone() + &policy(2, "\"To-internal\"", "\"HTTPS\"", ""), "", vec!["dangling-reference"]),
        ("11", web.clone(), policy(1, "\"w\"", "\"HTTPS\"", ""), local, vec!["upstream-forward-missing", "upstream-opens-itself"]),
        ("12", two.clone(), policy(1, both, "\"IKE\"", "set srcaddr \"peers\""), peers, vec!["upstream-source-restricted"]),
        ("14", two.clone(), policy(1, both, "\"ike-ike\"", ""), sport, vec!["upstream-source-restricted"]),
        (
            "port",
            vip("a", "udp", "500", MX).replace("mappedport 500", "mappedport 501") + &vip("b", "udp", "4500", MX),
            policy(1, both, "\"ALL\"", ""),
            "",
            vec!["upstream-forward-translates-port"],
        ),
        ("no policy", two.clone(), policy(1, "\"a\"", "\"IKE\"", ""), "", vec!["upstream-blocks-nat-t"]),
        (
            "switched off",
            two.clone(),
            policy(1, both, "\"IKE\"", "set status disable"),
            "",
            vec!["upstream-blocks-ike", "upstream-blocks-nat-t"],
        ),
        (
            "hidden",
            two.clone(),
            policy(2, "\"all\"", "\"ALL\"", "set action deny") + &pass,
            "",
            vec!["upstream-blocks-ike", "upstream-blocks-nat-t", "upstream-rule-shadowed"],
        ),
        ("not hidden", two.clone(), pass.clone() + &policy(2, "\"all\"", "\"ALL\"", "set action deny"), "", vec![]),
        ("tunnel", two.clone(), pass.clone(), tunnel, vec!["upstream-terminates-ike"]),
    ] {
        let report = check(SITE, &config(&vips, &policies, more));
        assert_eq!(found(&report), wanted, "{mistake}");
    }
}

#[test]
fn cloud_and_esp_are_decided_both_ways() {
    let public =
        "version = 1\n[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"203.0.113.20\"\n[[upstream]]\nname = \"edge\"\nimport = \"fgt.conf\"\n";
    let address = "config firewall address\n    edit \"mx\"\n        set subnet 203.0.113.20 255.255.255.255\n    next\nend\n";
    let to = |service: &str| {
        config("", &policy(1, "\"mx\"", service, ""), address).replace("192.168.1.1 255.255.255.0", "203.0.113.17 255.255.255.248")
    };
    assert_eq!(found(&check(public, &to("\"IKE\""))), ["upstream-blocks-esp"]);
    assert_eq!(found(&check(public, &to("\"IKE\" \"ESP\""))), Vec::<&str>::new());
    let vips = vip("a", "udp", "500", "192.168.1.4") + &vip("b", "udp", "4500", "192.168.1.4");
    let closed = config(&vips, &policy(1, "\"a\" \"b\"", "\"IKE\"", ""), "").replace("edit 99", "edit 99\n        set status disable");
    assert_eq!(found(&check(SITE, &closed)), ["upstream-blocks-cloud"]);
}

#[test]
fn rules_about_reachability_hold_for_a_whole_file_and_never_for_a_part() {
    let vips = vip("a", "udp", "500", "192.168.1.4") + &vip("b", "udp", "4500", "192.168.1.4");
    let text = config(&vips, &policy(1, "\"a\" \"b\"", "\"IKE\"", ""), "");
    let whole = check(SITE, &text);
    for rule in RULES {
        assert!(holds(&whole).contains(rule), "{rule}");
    }
    let policies = text.find("config router").expect("routes behind the policies") - 1;
    for end in (80..policies).step_by(37) {
        let report = check(SITE, &text[..end]);
        // No list stays without use, sessions let answers pass, and what is not there uses no name.
        let always = ["acl-not-applied", "dangling-reference", "upstream-blocks-reply"];
        let wrong: Vec<_> = holds(&report).into_iter().filter(|rule| !always.contains(rule)).collect();
        assert_eq!(wrong, Vec::<&str>::new(), "{}", &text[..end]);
        assert_eq!(found(&report), Vec::<&str>::new(), "{}", &text[..end]);
    }
}
