//! Verdicts of the rules about UDP 500 and 4500 where a page cannot show them: what holds, and what is undecided for want of what.

use crate::support::check_folder;
use vpnlint::report::Report;

const MX: &str = "version = 1\n[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"192.168.1.4\"\npublic_ip = \"203.0.113.10\"\n";
const EDGE: &str = "[[upstream]]\nname = \"edge\"\nwan_ip = \"203.0.113.10\"\n";
const FORWARD: &str = "forwards = [{ protocol = \"udp\", port = \"500,4500\", to = \"192.168.1.4\" }]\n";

fn check(parts: &[&str]) -> Report {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("site.toml"), parts.concat()).expect("a file");
    check_folder(folder.path()).report
}

/// `violated`, `holds` or `undecided: …` of `rule` for the subject called `name`; empty: not applicable.
fn verdict(report: &Report, rule: &str, name: &str) -> String {
    let rows = report.coverage.iter().flatten().filter(|row| row.rule.id == rule && row.subject.name == name);
    let mut said: Vec<String> =
        rows.map(|row| row.undecided.as_ref().map_or_else(|| "holds".to_owned(), |why| format!("undecided: {why}"))).collect();
    said.extend(report.findings.iter().filter(|f| f.rule.id == rule && f.subject.name == name).map(|_| "violated".to_owned()));
    said.join("; ")
}

const ALL: [&str; 9] = [
    "upstream-blocks-ike",
    "upstream-blocks-nat-t",
    "upstream-forward-missing",
    "upstream-forward-elsewhere",
    "upstream-forward-wrong-protocol",
    "upstream-forward-translates-port",
    "upstream-source-restricted",
    "upstream-rule-shadowed",
    "upstream-opens-itself",
];

#[track_caller]
fn all_say(report: &Report, name: &str, wanted: &str) {
    for rule in ALL {
        let said = verdict(report, rule, name);
        assert!(said == wanted || !wanted.is_empty() && wanted != "holds" && said.contains(wanted), "{rule}: `{said}`, not `{wanted}`");
    }
}

#[test]
fn everything_holds_where_both_ports_arrive() {
    all_say(&check(&[MX, EDGE, FORWARD]), "edge", "holds");
}

#[test]
fn no_device_in_front_of_an_mx_behind_nat_is_undecided() {
    let report = check(&[MX]);
    for rule in ALL {
        let rows: Vec<_> = report.coverage.iter().flatten().filter(|r| r.rule.id == rule).collect();
        assert_eq!(rows.len(), 1, "{rule}");
        assert!(rows[0].undecided.as_ref().is_some_and(|why| why.contains("`[[upstream]]`")), "{rule}");
        assert_eq!(rows[0].subject.kind, "mx");
    }
}

#[test]
fn no_device_in_front_of_a_public_mx_is_not_applicable() {
    let report = check(&["version = 1\n[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"203.0.113.10\"\n"]);
    assert!(report.coverage.iter().flatten().all(|row| !row.rule.id.starts_with("upstream-")));
}

#[test]
fn unknown_target_is_named() {
    let no_ip = check(&["version = 1\n[[mx.uplinks]]\ninterface = \"wan1\"\npublic_ip = \"203.0.113.10\"\n", EDGE, FORWARD]);
    all_say(&no_ip, "edge", "`mx.uplinks`");
    let no_vip = check(&[MX, "[mx.warm_spare]\nuplink_mode = \"virtual\"\n", EDGE, FORWARD]);
    all_say(&no_vip, "edge", "`mx.warm_spare.virtual_ip1`");
    let no_mx = check(&["version = 1\n", EDGE, FORWARD]);
    all_say(&no_mx, "edge", "`mx`");
}

#[test]
fn unstated_forwards_and_rules_are_named() {
    all_say(&check(&[MX, EDGE]), "edge", "`forwards`");
    let opaque = check(&[MX, EDGE, "forwards = [{ protocol = \"udp\", port = \"500,4500\" }]\n"]);
    all_say(&opaque, "edge", "to which host");
}

#[test]
fn a_device_behind_the_faulty_one_is_judged_by_itself() {
    let inner = "[[upstream]]\nname = \"inner\"\nwan_ip = \"10.0.0.2\"\n";
    let report = check(&[MX, EDGE, "forwards = []\n", inner, FORWARD]);
    assert_eq!(verdict(&report, "upstream-forward-missing", "edge"), "violated");
    all_say(&report, "inner", "holds");
    let report = check(&[MX, EDGE, "forwards = []\n", inner, "forwards = []\n"]);
    assert_eq!(verdict(&report, "upstream-forward-missing", "inner"), "violated");
    let report = check(&[MX, EDGE, inner, FORWARD]);
    all_say(&report, "edge", "`forwards`");
    all_say(&report, "inner", "holds");
}

#[test]
fn a_device_of_another_uplink_is_not_asked() {
    let other = "[[upstream]]\nname = \"other\"\nuplink = \"wan2\"\nforwards = []\n";
    let report = check(&[MX, EDGE, FORWARD, other]);
    all_say(&report, "edge", "holds");
    all_say(&report, "other", "");
}

#[test]
fn both_ports_make_one_finding_of_the_earlier_stage() {
    let report = check(&[MX, EDGE, "forwards = []\n"]);
    let found: Vec<_> = report.findings.iter().collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].stage.map(vpnlint::rules::Stage::word), Some("reach-ike"));
    assert!(found[0].message.contains("UDP 500 and 4500"), "{}", found[0].message);
    let report = check(&[MX, EDGE, "forwards = [{ protocol = \"udp\", port = 500, to = \"192.168.1.4\" }]\n"]);
    assert_eq!(report.findings[0].stage.map(vpnlint::rules::Stage::word), Some("reach-natt"));
    assert!(report.findings[0].places.len() >= 2);
    assert_eq!(verdict(&report, "upstream-blocks-nat-t", "edge"), "");
    assert_eq!(verdict(&report, "upstream-blocks-ike", "edge"), "holds");
    assert!(verdict(&report, "upstream-opens-itself", "edge").starts_with("undecided"));
}

#[test]
fn an_absence_in_a_broken_file_proves_nothing() {
    let broken = "[client_vpn]\nsubnet = \n";
    let report = check(&[MX, broken, EDGE, "forwards = []\n"]);
    assert!(verdict(&report, "upstream-forward-missing", "edge").contains("syntax error"));
    let deny = "rules = [{ action = \"deny\", protocol = \"udp\" }]\n";
    let report = check(&[MX, broken, EDGE, FORWARD, deny]);
    assert_eq!(verdict(&report, "upstream-blocks-ike", "edge"), "violated");
    let report = check(&[MX, broken, EDGE, FORWARD]);
    assert!(verdict(&report, "upstream-blocks-ike", "edge").contains("syntax error"));
}

#[test]
fn units_of_a_public_pair_must_both_be_known_before_a_forward_goes_elsewhere() {
    let pair = "[mx.warm_spare]\nuplink_mode = \"public\"\n";
    let forward = "forwards = [{ protocol = \"udp\", port = \"500,4500\", to = \"192.168.1.3\" }]\n";
    let report = check(&[MX, pair, EDGE, forward]);
    assert!(verdict(&report, "upstream-forward-elsewhere", "edge").contains("spare_uplinks"));
    let spare = "spare_uplinks = [{ interface = \"wan1\", ip = \"192.168.1.3\" }]\n";
    all_say(&check(&[MX, pair, spare, EDGE, forward]), "edge", "holds");
}

#[test]
fn a_source_port_match_is_an_error_and_a_source_list_a_warning() {
    let rules = |what: &str| format!("rules = [{{ action = \"permit\", protocol = \"udp\", destination_port = \"500,4500\", {what} }}]\n");
    let by_port = check(&[MX, EDGE, FORWARD, &rules("source_port = \"500,4500\"")]);
    assert_eq!(by_port.findings.len(), 1);
    assert_eq!(by_port.findings[0].level.word(), "error");
    let by_source = check(&[MX, EDGE, FORWARD, &rules("source = \"198.51.100.0/24\"")]);
    assert_eq!(by_source.findings.len(), 1);
    assert_eq!(by_source.findings[0].level.word(), "warning");
    assert!(by_source.findings[0].witness.is_some());
}

#[test]
fn client_vpn_switched_off_asks_nothing() {
    let report = check(&[MX, "[client_vpn]\nenabled = false\n", EDGE, "forwards = []\n"]);
    all_say(&report, "edge", "");
}

const WRONG: &str = "upstream-forward-wrong-protocol";
const OUTER: &str = "[[upstream]]\nname = \"outer\"\nwan_ip = \"203.0.113.10\"\nforwards = [{ protocol = \"udp\", port = \"500,4500\", to = \"10.0.0.2\" }]\n";
const INNER: &str = "[[upstream]]\nname = \"inner\"\nwan_ip = \"10.0.0.2\"\n";
const TCP: &str = "forwards = [{ protocol = \"tcp\", port = \"500,4500\", to = \"192.168.1.4\" }]\n";
const TCP_PERMIT: &str = "rules = [{ action = \"permit\", protocol = \"tcp\", destination_port = \"500,4500\" }]\n";

/// What the rule says of the outer and of the inner device.
fn wrong(parts: &[&str]) -> (String, String) {
    let report = check(parts);
    (verdict(&report, WRONG, "outer"), verdict(&report, WRONG, "inner"))
}

#[test]
fn the_wrong_protocol_on_the_second_device_is_named_there() {
    let said = |outer: &str, inner: &str| (outer.to_owned(), inner.to_owned());
    let unknown_wan = INNER.replace("wan_ip = \"10.0.0.2\"\n", "");
    let half = "forwards = [{ protocol = \"udp\", port = \"500\", to = \"192.168.1.4\" }, { protocol = \"tcp\", port = \"4500\", to = \"192.168.1.4\" }]\n";
    for inner in
        [[INNER, TCP, ""], [INNER, half, ""], [INNER, FORWARD, TCP_PERMIT], [&unknown_wan, TCP, ""], [&unknown_wan, FORWARD, TCP_PERMIT]]
    {
        let report = check(&[&[MX, OUTER], &inner[..]].concat());
        assert_eq!((verdict(&report, WRONG, "outer"), verdict(&report, WRONG, "inner")), said("holds", "violated"), "{inner:?}");
        // No other rule speaks of it.
        assert_eq!(report.findings.len(), 1, "{inner:?}");
    }
    all_say(&check(&[MX, OUTER, INNER, FORWARD]), "inner", "holds");
    let inner = [INNER, TCP].concat();
    assert_eq!(wrong(&[MX, &OUTER.replace("udp", "tcp"), &inner]), said("violated", "violated"));
    // A device in front that restricts sources, or says nothing, leaves the second as it is.
    assert_eq!(wrong(&[MX, &OUTER.replace("port = ", "source = \"198.51.100.0/24\", port = "), &inner]), said("", "violated"));
    let (outer, inner) = wrong(&[MX, "[[upstream]]\nname = \"outer\"\nwan_ip = \"203.0.113.10\"\n", &inner]);
    assert!(outer.starts_with("undecided") && inner == "violated", "{outer} / {inner}");
}

#[test]
fn the_wrong_protocol_behind_a_device_that_only_filters_is_named_there() {
    let public = "version = 1\n[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"203.0.113.10\"\n";
    let outer = "[[upstream]]\nname = \"outer\"\nforwards = []\ndefault_action = \"permit\"\n";
    let said = wrong(&[public, outer, "[[upstream]]\nname = \"inner\"\nforwards = []\n", TCP_PERMIT]);
    assert_eq!(said, ("holds".to_owned(), "violated".to_owned()));
}
