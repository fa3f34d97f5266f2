//! An Azure network security group around a vMX: mistakes are found by the rules, and their corrected twins are not.

use vpnlint::report::Report;

use super::{RULES, found, holds};
use crate::support::Site;

const SITE: &str = "version = 1\n[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"10.0.0.5\"\npublic_ip = \"203.0.113.10\"\n[[upstream]]\nname = \"edge\"\nimport = \"nsg.json\"\n";

fn rule(name: &str, priority: u32, parts: &str) -> String {
    let access = if parts.contains("access") { "" } else { "\"access\": \"Allow\", " };
    let direction = if parts.contains("direction") { "" } else { "\"direction\": \"Inbound\", " };
    let source = if parts.contains("sourceAddressPrefix") { "" } else { "\"sourceAddressPrefix\": \"*\", " };
    let source_port = if parts.contains("sourcePortRange") { "" } else { "\"sourcePortRange\": \"*\", " };
    format!(
        "{{\"name\": \"{name}\", \"properties\": {{\"priority\": {priority}, {access}{direction}{source}{source_port}\"destinationAddressPrefix\": \"*\", {parts}}}}}"
    )
}

fn udp(port: &str, more: &str) -> String {
    format!("\"protocol\": \"Udp\", \"destinationPortRange\": \"{port}\"{more}")
}

fn group(rules: &[String]) -> String {
    format!(
        "{{\"type\": \"Microsoft.Network/networkSecurityGroups\", \"name\": \"vmx\",\n\"properties\": {{\"securityRules\": [\n{}]}}}}\n",
        rules.join(",\n")
    )
}

fn check(text: &str) -> Report {
    Site::new(&[("site.toml", SITE), ("nsg.json", text)]).check().report
}

#[test]
fn mistakes_are_found_and_their_twins_are_silent() {
    let ike = || rule("ike", 100, &udp("500", ""));
    let natt = || rule("natt", 110, &udp("4500", ""));
    let deny = |priority| rule("deny", priority, "\"access\": \"Deny\", \"protocol\": \"*\", \"destinationPortRange\": \"*\"");
    for (mistake, rules, wanted) in [
        ("twin", vec![ike(), natt()], vec![]),
        ("2", vec![ike(), natt(), rule("esp", 120, &udp("50", ""))], vec!["esp-as-port"]),
        (
            "4",
            vec![ike(), rule("natt", 110, "\"protocol\": \"Tcp\", \"destinationPortRange\": \"4500\"")],
            vec!["upstream-forward-wrong-protocol"],
        ),
        ("5", vec![ike()], vec!["upstream-blocks-nat-t"]),
        ("6", vec![natt()], vec!["upstream-blocks-ike"]),
        ("7", vec![ike(), natt(), rule("l2tp", 120, &udp("1701", ""))], vec!["l2tp-port-exposed"]),
        (
            "12",
            vec![rule(
                "ike",
                100,
                "\"sourceAddressPrefix\": \"198.51.100.0/24\", \"protocol\": \"Udp\", \"destinationPortRanges\": [\"500\", \"4500\"]",
            )],
            vec!["upstream-source-restricted"],
        ),
        (
            "14",
            vec![
                rule("ike", 100, &udp("500", ", \"sourcePortRange\": \"500\"")),
                rule("natt", 110, &udp("4500", ", \"sourcePortRange\": \"4500\"")),
            ],
            vec!["upstream-source-restricted"],
        ),
        ("hidden", vec![ike(), natt(), deny(90)], vec!["upstream-blocks-ike", "upstream-blocks-nat-t", "upstream-rule-shadowed"]),
        ("not hidden", vec![ike(), natt(), deny(4096)], vec![]),
        (
            "nothing out",
            vec![
                ike(),
                natt(),
                rule("out", 100, "\"direction\": \"Outbound\", \"access\": \"Deny\", \"protocol\": \"*\", \"destinationPortRange\": \"*\""),
            ],
            vec!["upstream-blocks-cloud"],
        ),
    ] {
        assert_eq!(found(&check(&group(&rules))), wanted, "{mistake}");
    }
}

#[test]
fn rules_about_reachability_hold_for_a_whole_file_and_never_for_a_part() {
    let text = group(&[rule("ike", 100, &udp("500", "")), rule("natt", 110, &udp("4500", ""))]);
    let whole = check(&text);
    for rule in RULES.iter().filter(|rule| {
        !["upstream-forward-elsewhere", "upstream-forward-missing", "upstream-forward-translates-port", "upstream-opens-itself"]
            .contains(rule)
    }) {
        assert!(holds(&whole).contains(rule), "{rule}: {:?}", holds(&whole));
    }
    for end in (60..text.len() - 2).step_by(37) {
        let report = check(&text[..end]);
        let wrong: Vec<_> = holds(&report).into_iter().filter(|rule| *rule != "acl-not-applied").collect();
        assert_eq!(wrong, Vec::<&str>::new(), "{}", &text[..end]);
        assert_eq!(found(&report), Vec::<&str>::new(), "{}", &text[..end]);
    }
}
