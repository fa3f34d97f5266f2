//! Bad and huge policies: dates in other forms, two waivers for one finding, files that are no text.

use std::time::{Duration, Instant};

use crate::support::{Site, vpnlint};

const SITE: &str = "version = 1\n[site]\nname = \"a\"\n[client_vpn]\nsubnet = \"192.168.130.7/24\"\n";
const WAIVER: &str = "[[waivers]]\nrule = \"subnet-host-bits\"\nreason = \"r\"\n";

/// Exit code and what is said, on both streams.
fn check(policy: &[u8], more: &[&str]) -> (Option<i32>, String) {
    let site = Site::new(&[("site.toml", SITE)]);
    site.write("vpnlint.toml", policy);
    let output = vpnlint(site.path(), &[&["check", "--root", ".", "--format", "concise", "--as-of", "2026-11-23"], more].concat());
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_day_is_year_month_and_day() {
    for (day, rule) in [
        ("31.01.2027", "syntax-error"),
        ("2027-1-31", "syntax-error"),
        ("2027-02-30", "syntax-error"),
        ("\"31.01.2027\"", "invalid-value"),
        ("\"2027-1-31\"", "invalid-value"),
        ("\"2027-02-30\"", "invalid-value"),
        ("\"next year\"", "invalid-value"),
        ("\"\"", "invalid-value"),
        ("20270131", "invalid-value"),
    ] {
        let (code, said) = check(format!("{WAIVER}until = {day}\n").as_bytes(), &[]);
        assert_eq!(code, Some(2), "{day}: {said}");
        assert!(said.contains(&format!("error[{rule}]")) && said.contains("vpnlint.toml:4:"), "{day}: {said}");
    }
    // A time of that day is that day.
    for day in ["2027-01-31", "\"2027-01-31\"", "2027-01-31T10:00:00Z", "2027-01-31 23:59:59"] {
        assert_eq!(check(format!("{WAIVER}until = {day}\n").as_bytes(), &[]), (Some(0), String::new()), "{day}");
    }
    let ended = |day: &str| check(format!("{WAIVER}until = {day}\n").as_bytes(), &[]).1;
    assert!(ended("2026-11-22").contains("[expired-waiver] this waiver ended on 2026-11-22"));
    assert!(ended("2026-11-22T23:59:59Z").contains("[expired-waiver]"));
    assert_eq!(ended("2026-11-23"), "", "the last day counts");
}

#[test]
fn of_two_waivers_for_one_finding_the_first_that_counts_covers_it() {
    let reason = |text: &str| {
        let (_, said) = check(text.as_bytes(), &["--show-waived", "--format", "json=report.json"]);
        said
    };
    let two = format!("{WAIVER}{}", WAIVER.replace("\"r\"", "\"second\""));
    let site = Site::new(&[("site.toml", SITE), ("vpnlint.toml", two.as_str())]);
    let json = |site: &Site| {
        let output = vpnlint(site.path(), &["check", "--root", ".", "--format", "json", "--show-waived", "--as-of", "2026-11-23"]);
        serde_json::from_slice::<serde_json::Value>(&output.stdout).expect("JSON")
    };
    let report = json(&site);
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(1), "neither is unused: {report}");
    assert_eq!((report["findings"][0]["waived"]["reason"].as_str(), report["summary"]["waived"].as_u64()), (Some("r"), Some(1)));
    // One that ended is told, and the other one covers.
    let first_ended = format!("{WAIVER}until = 2026-01-01\n{}", WAIVER.replace("\"r\"", "\"second\""));
    site.write("vpnlint.toml", first_ended.as_bytes());
    let report = json(&site);
    let found: Vec<_> =
        report["findings"].as_array().expect("findings").iter().map(|f| (f["rule"].as_str(), f["waived"]["reason"].as_str())).collect();
    assert_eq!(found, [(Some("subnet-host-bits"), Some("second")), (Some("expired-waiver"), None)]);
    // A comment in the file and an entry of the policy are two as well.
    assert_eq!(reason(&two).lines().filter(|l| l.contains("waiver]")).count(), 0);
    site.write("vpnlint.toml", WAIVER.as_bytes());
    site.write("site.toml", SITE.replace("/24\"", "/24\" # vpnlint: allow[subnet-host-bits] reason=\"inline\"").as_bytes());
    assert_eq!(json(&site)["findings"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_policy_that_is_no_text_is_refused_and_an_empty_one_says_nothing() {
    for (bytes, said) in [
        (&b"\xff\xfe\x00bad"[..], "syntax-error"),
        (b"[rules]\npsk-weak = \"error\" # caf\xe9\n", "the text is not UTF-8"),
        (b"\x00\x01\x02", "syntax-error"),
        (b"[rules", "syntax-error"),
        (b"just words", "syntax-error"),
    ] {
        let (code, text) = check(bytes, &[]);
        assert_eq!(code, Some(2), "{text}");
        assert!(text.contains(said), "{text}");
    }
    for empty in [&b""[..], b"\n\n", b"# nothing\n", b"\xef\xbb\xbf"] {
        let (code, text) = check(empty, &[]);
        assert_eq!((code, text.lines().count()), (Some(0), 1), "{text}");
    }
}

#[test]
fn a_policy_that_is_a_folder_is_refused() {
    let site = Site::new(&[("site.toml", SITE), ("vpnlint.toml/x", "")]);
    let output = vpnlint(site.path(), &["check", "--root", "."]);
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).trim()), (Some(2), "error: vpnlint.toml: it is a folder"));
    let site = Site::new(&[("site.toml", SITE), ("mine/x", "")]);
    let output = vpnlint(site.path(), &["check", "--root", ".", "--policy", "mine"]);
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).trim()), (Some(2), "error: --policy: mine: it is a folder"));
}

#[test]
fn a_fault_of_a_policy_names_the_schema_of_policies() {
    let (_, said) = check(b"[check]\ncoverage = \"yes\"\n", &[]);
    assert!(said.contains("vpnlint schema policy") && !said.contains("schema site"), "{said}");
}

/// How long a check of forty sites takes under so many waivers, and how many of its findings they cover.
fn under(waivers: usize) -> (Duration, u64) {
    let site = Site::new::<&str>(&[]);
    for n in 0..40 {
        site.write(&format!("s{n}/site.toml"), SITE.replace("\"a\"", &format!("\"s{n}\"")).as_bytes());
    }
    let one = |n: usize| format!("[[waivers]]\nrule = \"subnet-host-bits\"\nsite = \"s{}\"\nclient = \"c{n}\"\nreason = \"r\"\n", n % 40);
    let mut text: String = (0..waivers).map(one).collect();
    text += "[[waivers]]\nrule = \"subnet-*\"\nsite = \"s1*\"\nreason = \"r\"\n";
    site.write("vpnlint.toml", text.as_bytes());
    let started = Instant::now();
    let output = vpnlint(site.path(), &["check", "--root", ".", "--format", "json", "--ignore", "unused-waiver"]);
    let taken = started.elapsed();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    (taken, report["summary"]["waived"].as_u64().expect("a number"))
}

#[test]
fn fifty_thousand_waivers_are_taken_in_time() {
    let (taken, waived) = under(50_000);
    assert_eq!(waived, 11);
    let (less, _) = under(5_000);
    // Ten times as many take about ten times as long, not a hundred times.
    assert!(taken < less * 40 + Duration::from_secs(2), "{less:?} for 5,000, {taken:?} for 50,000");
    assert!(taken < Duration::from_secs(60), "{taken:?}");
}
