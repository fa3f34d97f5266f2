//! Amazon's filters around a vMX: mistakes seen in real files are found by the rules, and their corrected twins are not.

use vpnlint::report::Report;

use super::{RULES, found, holds};
use crate::support::Site;

const SITE: &str = "version = 1\n[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"10.0.0.5\"\npublic_ip = \"203.0.113.10\"\n[[upstream]]\nname = \"edge\"\nimport = \"aws.json\"\n";
const ANY: &str = "\"IpRanges\": [{\"CidrIp\": \"0.0.0.0/0\"}]";

fn rule(protocol: &str, port: u16, peers: &str) -> String {
    format!("{{\"IpProtocol\": \"{protocol}\", \"FromPort\": {port}, \"ToPort\": {port}, {peers}}}")
}

fn group(inward: &str, outward: &str) -> String {
    format!(
        "{{\"SecurityGroups\": [{{\"GroupId\": \"sg-1\", \"GroupName\": \"vmx\",\n\"IpPermissions\": [\n{inward}],\n\"IpPermissionsEgress\": [\n{outward}]}}]}}\n"
    )
}

fn check(text: &str) -> Report {
    Site::new(&[("site.toml", SITE), ("aws.json", text)]).check().report
}

#[test]
fn mistakes_are_found_and_their_twins_are_silent() {
    let two = rule("udp", 500, ANY) + "," + &rule("udp", 4500, ANY);
    let all = format!("{{\"IpProtocol\": \"-1\", {ANY}}}");
    let nobody = "{\"IpProtocol\": \"udp\", \"FromPort\": 4500, \"ToPort\": 4500}";
    let peers = "\"IpRanges\": [{\"CidrIp\": \"198.51.100.0/24\"}]";
    for (mistake, inward, outward, wanted) in [
        ("twin", two.clone(), all.clone(), vec![]),
        ("2", two.clone() + "," + &rule("udp", 50, ANY), all.clone(), vec!["esp-as-port"]),
        ("4", rule("udp", 500, ANY) + "," + &rule("tcp", 4500, ANY), all.clone(), vec!["upstream-forward-wrong-protocol"]),
        ("5", rule("udp", 500, ANY), all.clone(), vec!["upstream-blocks-nat-t"]),
        ("6", rule("udp", 4500, ANY), all.clone(), vec!["upstream-blocks-ike"]),
        ("7", two.clone() + "," + &rule("udp", 1701, ANY), all.clone(), vec!["l2tp-port-exposed"]),
        ("12", rule("udp", 500, peers) + "," + &rule("udp", 4500, peers), all.clone(), vec!["upstream-source-restricted"]),
        ("13", rule("udp", 500, ANY) + "," + nobody, all.clone(), vec!["upstream-blocks-nat-t"]),
        ("nothing out", two.clone(), String::new(), vec!["upstream-blocks-cloud"]),
    ] {
        assert_eq!(found(&check(&group(&inward, &outward))), wanted, "{mistake}");
    }
}

#[test]
fn network_acl_must_let_answers_out_and_rules_be_in_order() {
    let entry = |number: u16, egress: bool, action: &str, rest: &str| {
        format!("{{\"RuleNumber\": {number}, \"Egress\": {egress}, \"RuleAction\": \"{action}\", \"CidrBlock\": \"0.0.0.0/0\", {rest}}}")
    };
    let text = |entries: &[String]| {
        format!("{{\"NetworkAcls\": [{{\"Associations\": [{{\"SubnetId\": \"s\"}}],\n\"Entries\": [\n{}]}}]}}", entries.join(",\n"))
    };
    let all = |number, egress| entry(number, egress, "allow", "\"Protocol\": \"-1\"");
    let ike = |number, action| entry(number, false, action, "\"Protocol\": \"17\", \"PortRange\": {\"From\": 500, \"To\": 4500}");
    let https = entry(100, true, "allow", "\"Protocol\": \"6\", \"PortRange\": {\"From\": 443, \"To\": 443}");
    for (name, entries, wanted) in [
        ("twin", vec![all(100, false), all(100, true)], vec![]),
        ("answers", vec![all(100, false), https], vec!["upstream-blocks-cloud", "upstream-blocks-reply"]),
        (
            "order",
            vec![ike(200, "allow"), entry(100, false, "deny", "\"Protocol\": \"17\""), all(100, true)],
            vec!["upstream-blocks-ike", "upstream-blocks-nat-t", "upstream-rule-shadowed"],
        ),
        ("in order", vec![ike(100, "allow"), entry(200, false, "deny", "\"Protocol\": \"17\""), all(100, true)], vec![]),
    ] {
        let report = check(&text(&entries));
        assert_eq!(found(&report), wanted, "{name}");
        if wanted.is_empty() {
            assert!(holds(&report).contains(&"upstream-blocks-reply"), "{name}");
        }
    }
    let unbound = text(&[ike(100, "allow"), all(100, true)]).replace("{\"SubnetId\": \"s\"}", "");
    assert_eq!(found(&check(&unbound)), ["acl-not-applied"]);
}

#[test]
fn rules_about_reachability_hold_for_a_whole_file_and_never_for_a_part() {
    let text = group(&(rule("udp", 500, ANY) + "," + &rule("udp", 4500, ANY)), &format!("{{\"IpProtocol\": \"-1\", {ANY}}}"));
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
