//! `--coverage`: every answer once, in JSON and as a table; and the line on what the user sees.

use serde_json::Value;
use vpnlint::report::Format;

use crate::support::{Site, render};

const SITE: &str = r#"version = 1
[client_vpn]
subnet = "192.168.100.0/24"
shared_secret = { env = "VPNLINT_EXAMPLE_PSK" }
[[clients]]
name = "wrong"
pre_shared_key = { env = "VPNLINT_EXAMPLE_OTHER" }
[[clients]]
name = "unknown"
tunnel_type = "l2tp"
[[clients]]
name = "right"
pre_shared_key = { env = "VPNLINT_EXAMPLE_PSK" }
"#;

fn verdict(report: &Value, rule: &str, subject: &str) -> Vec<String> {
    let rows = report["coverage"].as_array().expect("rows");
    let rows = rows.iter().filter(|r| r["rule"] == rule && r["subject"]["name"] == subject);
    rows.map(|r| format!("{}{}", r["verdict"].as_str().expect("a word"), r["reason"].as_str().map_or(String::new(), |w| format!(": {w}"))))
        .collect()
}

#[test]
fn json_has_one_row_for_each_rule_and_subject_with_all_three_verdicts() {
    let report = Site::new(&[("site.toml", SITE)]).check().report;
    let json: Value = serde_json::from_str(&render(&report, Format::Json)).expect("JSON");
    assert_eq!(verdict(&json, "psk-mismatch", "wrong"), ["violated"]);
    assert_eq!(verdict(&json, "psk-mismatch", "right"), ["holds"]);
    assert_eq!(verdict(&json, "psk-mismatch", "unknown"), ["undecided: the client's profile does not hold its pre-shared key"]);
    let rows = json["coverage"].as_array().expect("rows");
    let mut keys: Vec<_> = rows.iter().map(|r| format!("{} {} {}", r["site"], r["rule"], r["subject"])).collect();
    keys.sort();
    let all = keys.len();
    keys.dedup();
    assert_eq!(keys.len(), all);
    let count = |verdict: &str| rows.iter().filter(|r| r["verdict"] == verdict).count();
    assert_eq!(count("holds"), report.summary.holds);
    assert_eq!(count("undecided"), report.summary.undecided);
    assert_eq!(count("violated"), report.findings.len());
}

#[test]
fn the_table_groups_by_subject_and_names_what_would_decide() {
    let shown = render(&Site::new(&[("site.toml", SITE)]).check().report, Format::Text);
    let of = |subject: &str| {
        let block =
            shown.split("\n\n").find(|b| b.starts_with(&format!("  {subject}\n"))).unwrap_or_else(|| panic!("no {subject} in\n{shown}"));
        block.to_owned()
    };
    assert!(of("client wrong").contains("\n    violated   psk-mismatch\n"));
    let unknown = of("client unknown");
    let (_, told) = unknown.split_once("the client's profile does not hold its pre-shared key:\n").expect("the reason");
    assert!(told.lines().next().is_some_and(|rules| rules.split([',', ' ']).any(|rule| rule == "psk-mismatch")), "{unknown}");
    assert!(of("client right").contains("\n    holds      ") && !of("client right").contains("violated"));
    let table = &shown[shown.find("coverage of").expect("a table")..];
    assert!(table.lines().all(|l| l.chars().count() <= 100), "{table}");
}

#[test]
fn subjects_with_the_same_answers_stand_together() {
    let more = format!("{SITE}[[clients]]\nname = \"right too\"\npre_shared_key = {{ env = \"VPNLINT_EXAMPLE_PSK\" }}\n");
    let shown = render(&Site::new(&[("site.toml", more)]).check().report, Format::Text);
    assert!(shown.contains("\n  client right, right too\n"), "{shown}");
    assert!(shown.contains("\n  client wrong\n") && shown.contains("\n  client unknown\n"), "{shown}");
}

#[test]
fn one_line_says_what_the_user_sees_unless_an_earlier_fault_hides_it() {
    let seen = |files: &[(&str, &str)]| {
        let shown = render(&Site::new(files).check().report, Format::Text);
        shown.lines().filter(|l| l.starts_with("  the user") || l.starts_with("  hidden from")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(seen(&[("site.toml", SITE)]), ["  the user sees: Windows error 789"]);
    let blocked = format!(
        "{SITE}[mx]\nprimary_uplink = \"wan1\"\n[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"192.168.1.2\"\npublic_ip = \"203.0.113.10\"\n\
         [[upstream]]\nname = \"router\"\nwan_ip = \"203.0.113.10\"\nforwards = []\n"
    );
    let shown = seen(&[("site.toml", &blocked)]);
    assert!(shown.contains(&"  the user sees: Windows error 809 or 789; event log: nothing".to_owned()), "{shown:?}");
    assert!(shown.iter().any(|l| l.starts_with("  hidden from the user until `upstream-forward-missing`")), "{shown:?}");
    assert!(!shown.contains(&"  the user sees: Windows error 789".to_owned()), "{shown:?}");
}
