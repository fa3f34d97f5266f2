//! Policy files through the real binary: layers, packs, overrides, parameters, locks, and what is wrong with them.

use std::process::Output;

use crate::support::{Site, vpnlint};

/// A weak key (a warning) that the client repeats in another letter case (an error).
const SITE: &str = "version = 1\n[client_vpn]\nshared_secret = { env = \"VPNLINT_EXAMPLE_SHORT\" }\n";

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// `path level[rule]` of every finding.
fn findings(site: &Site, more: &[&str]) -> Vec<String> {
    let output = vpnlint(site.path(), &[&["check", "--format", "concise", "--root", ".", "--quiet"], more].concat());
    assert!(output.status.code().is_some_and(|c| c < 2), "{}", stderr(&output));
    let line = |l: &str| {
        let (place, rest) = l.split_once(": ")?;
        Some(format!("{} {}", place.split(':').next()?, rest.split_once(' ')?.0))
    };
    stdout(&output).lines().filter_map(line).collect()
}

fn faults(site: &Site, more: &[&str]) -> String {
    let output = vpnlint(site.path(), &[&["check", "--root", "."], more].concat());
    assert_eq!(output.status.code(), Some(2), "{}{}", stdout(&output), stderr(&output));
    assert!(output.stdout.is_empty());
    stderr(&output)
}

fn level(site: &Site, rule: &str, more: &[&str]) -> String {
    let output = vpnlint(site.path(), &[&["policy", "show", "--root", "."], more].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let shown = stdout(&output);
    let line = shown.lines().find(|l| l.split_whitespace().next() == Some(rule)).expect("the rule");
    line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
}

#[test]
fn nearer_policies_win_over_outer_ones_and_the_command_line_over_all() {
    let site = Site::new(&[
        ("a/site.toml", SITE),
        ("b/site.toml", SITE),
        ("vpnlint.toml", "[rules]\npsk-weak = \"error\"\npsk-reused = \"off\"\n"),
        ("b/vpnlint.toml", "[rules]\npsk-weak = \"advice\"\n"),
        ("mine.toml", "[rules]\npsk-weak = \"warning\"\n"),
    ]);
    assert_eq!(findings(&site, &[]), ["a/site.toml error[psk-weak]", "b/site.toml advice[psk-weak]"]);
    assert_eq!(findings(&site, &["--policy", "mine.toml"]), ["a/site.toml warning[psk-weak]", "b/site.toml warning[psk-weak]"]);
    assert!(findings(&site, &["--ignore", "psk-weak"]).is_empty());
    assert_eq!(level(&site, "psk-weak", &["b"]), "advice b/vpnlint.toml:2");
    assert_eq!(level(&site, "psk-weak", &["a/site.toml"]), "error vpnlint.toml:2");
    assert_eq!(level(&site, "psk-weak", &["a", "--policy", "mine.toml"]), "warning mine.toml:2");
    assert_eq!(level(&site, "psk-mismatch", &[]), "error catalogue");
}

#[test]
fn a_policy_in_yaml_says_the_same() {
    let site = Site::new(&[("site.toml", SITE), ("mine.yaml", "rules:\n  psk-weak: { level: error, min_length: 4 }\n")]);
    assert_eq!(level(&site, "psk-weak", &["--policy", "mine.yaml"]), "error mine.yaml:2");
    assert_eq!(level(&site, "min_length", &["--policy", "mine.yaml"]), "4 mine.yaml:2");
}

#[test]
fn extends_take_packs_and_files_and_own_keys_win() {
    let site = Site::new(&[
        ("site.toml", SITE),
        ("vpnlint.toml", "extends = [\"pci\", \"shared/base.toml\"]\n[rules]\nshort-name = \"off\"\n"),
        ("shared/base.toml", "extends = \"strict\"\n[rules]\npsk-weak = \"advice\"\n"),
    ]);
    assert_eq!(level(&site, "psk-weak", &[]), "advice shared/base.toml:3");
    assert!(level(&site, "min_length", &[]).starts_with("20 pack pci:"));
    assert!(level(&site, "server-address-pinned", &[]).starts_with("error pack strict:"));
    assert_eq!(level(&site, "short-name", &[]), "off vpnlint.toml:3");
    let listed = stdout(&vpnlint(site.path(), &["policy", "list", "--root", "."]));
    assert!(listed.contains("vpnlint.toml (extends pack pci, pack strict, shared/base.toml)"), "{listed}");
    assert!(listed.lines().any(|l| l.trim_start().starts_with("migration ")), "{listed}");
}

#[test]
fn overrides_fit_sites_and_the_files_of_a_finding() {
    let lab = "[rules]\npsk-reused = \"off\"\n[[overrides]]\npaths = [\"lab\"]\nrules = { psk-weak = \"off\" }\n";
    let site = Site::new(&[("lab/site.toml", SITE), ("live/site.toml", SITE), ("vpnlint.toml", lab)]);
    assert_eq!(findings(&site, &[]), ["live/site.toml warning[psk-weak]"]);
    let profile = "[connection]\nid=a\ntype=vpn\n[vpn]\nservice-type=org.freedesktop.NetworkManager.l2tp\nipsec-enabled=yes\ngateway=vpn.example.com\n[vpn-secrets]\nipsec-psk=CANARY-of-long.Ago7\n";
    let old = "[[overrides]]\npaths = [\"old/*.nmconnection\"]\nrules = { psk-mismatch = \"warning\", secret-in-clear-text = \"off\" }\n";
    let with = |path: &str| format!("{SITE}[[clients]]\nname = \"a\"\nimport = \"{path}\"\n");
    let files = [
        ("one.site.toml", with("old/a.nmconnection")),
        ("two.site.toml", with("new/a.nmconnection")),
        ("old/a.nmconnection", profile.to_owned()),
        ("new/a.nmconnection", profile.to_owned()),
        ("vpnlint.toml", old.to_owned()),
    ];
    let site = Site::new(&files);
    let found = findings(&site, &["--select", "psk-mismatch,secret-in-clear-text"]);
    assert_eq!(
        found,
        [
            "new/a.nmconnection error[psk-mismatch]",
            "new/a.nmconnection advice[secret-in-clear-text]",
            "old/a.nmconnection warning[psk-mismatch]"
        ]
    );
}

#[test]
fn parameters_change_what_a_rule_finds() {
    let psk = "version = 1\n[client_vpn]\nshared_secret = { env = \"VPNLINT_EXAMPLE_LONG\" }\n";
    let site = Site::new(&[("site.toml", psk), ("vpnlint.toml", "[rules]\npsk-not-portable = { max_length = 64 }\n")]);
    assert!(findings(&site, &[]).is_empty(), "{:?}", findings(&site, &[]));
    site.write("vpnlint.toml", b"");
    assert_eq!(findings(&site, &[]), ["site.toml warning[psk-not-portable]"]);
}

#[test]
fn a_level_for_some_findings_stands_beside_the_rule_s() {
    let key = "CANARY-of-long.Ago7";
    let profile = format!(
        "[connection]\nid=a\ntype=vpn\n[vpn]\nservice-type=org.freedesktop.NetworkManager.l2tp\nipsec-enabled=yes\ngateway=vpn.example.com\n[vpn-secrets]\nipsec-psk={key}\n"
    );
    let text = format!("version = 1\n[client_vpn]\nshared_secret = \"{key}\"\n[[clients]]\nimport = \"a.nmconnection\"\n");
    let site = Site::new(&[("site.toml", text), ("a.nmconnection", profile)]);
    for (rules, site_level, profile_level) in [
        ("", Some("warning"), Some("advice")),
        ("secret-in-clear-text = \"error\"", Some("error"), Some("error")),
        ("secret-in-clear-text = { profile = \"warning\" }", Some("warning"), Some("warning")),
        ("secret-in-clear-text = { level = \"error\", profile = \"advice\" }", Some("error"), Some("advice")),
        ("secret-in-clear-text = { level = \"off\", profile = \"advice\" }", None, Some("advice")),
        ("secret-in-clear-text = { profile = \"off\" }", Some("warning"), None),
        ("secret-in-clear-text = \"off\"", None, None),
    ] {
        site.write("vpnlint.toml", format!("[rules]\n{rules}\n").as_bytes());
        let want = [
            profile_level.map(|l| format!("a.nmconnection {l}[secret-in-clear-text]")),
            site_level.map(|l| format!("site.toml {l}[secret-in-clear-text]")),
        ];
        assert_eq!(findings(&site, &[]), want.into_iter().flatten().collect::<Vec<_>>(), "{rules}");
    }
}

#[test]
fn a_plain_level_replaces_what_a_pack_says_of_some_findings() {
    let site = Site::new(&[("site.toml", SITE), ("vpnlint.toml", "extends = \"migration\"\n[rules]\npsk-special-edge = \"off\"\n")]);
    assert_eq!(level(&site, "psk-special-edge", &[]), "off vpnlint.toml:3");
    assert_eq!(level(&site, "space", &[]), "error catalogue");
    assert!(level(&site, "port", &[]).starts_with("error pack migration:"));
}

#[test]
fn a_locked_rule_cannot_be_set_again() {
    let site = Site::new(&[
        ("a/site.toml", SITE),
        ("vpnlint.toml", "[rules]\npsk-weak = { level = \"error\", locked = true }\n"),
        ("a/vpnlint.toml", "[rules]\npsk-weak = \"off\"\n"),
    ]);
    let shown = faults(&site, &[]);
    assert!(
        shown.contains("rule `psk-weak` is locked") && shown.contains("a/vpnlint.toml:2:1") && shown.contains("[vpnlint.toml:2"),
        "{shown}"
    );
    site.write("a/vpnlint.toml", b"");
    assert!(level(&site, "psk-weak", &["a"]).ends_with(", locked"));
}

#[test]
fn rules_that_must_be_decided_end_with_4() {
    let site = Site::new(&[("site.toml", "version = 1\n[client_vpn]\nshared_secret = { env = \"VPNLINT_NOT_SET\" }\n")]);
    let code = || vpnlint(site.path(), &["check", "--root", "."]).status.code();
    assert_eq!(code(), Some(0));
    site.write("vpnlint.toml", b"require_decided = [\"psk-*\"]\n");
    assert_eq!(code(), Some(4));
    site.write("vpnlint.toml", b"require_decided = [\"upstream-*\"]\n");
    assert_eq!(code(), Some(0));
}

#[test]
fn defaults_of_options_can_stand_in_the_policy() {
    let site =
        Site::new(&[("site.toml", SITE), ("vpnlint.toml", "[check]\nfail_on = \"warning\"\nformat = [\"concise\"]\ncoverage = true\n")]);
    let output = vpnlint(site.path(), &["check", "--root", "."]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).starts_with("site.toml:3:17: warning[psk-weak]"), "{}", stdout(&output));
    assert_eq!(vpnlint(site.path(), &["check", "--root", ".", "--fail-on", "error"]).status.code(), Some(0));
}

#[test]
fn every_fault_of_a_policy_has_its_place() {
    let text = "extends = [\"recomended\", \"missing.toml\"]\nrequired_version = \">=99\"\n[rules]\npsk-weak = { level = \"fatal\", min_length = 0, max = 3 }\nupstream-blocks-ike = 3\n[[overrides]]\npaths = [\"a[\"]\nrules = { psk-wek = \"off\" }\n[[waivers]]\nrule = \"psk-misma\"\nuntil = \"next week\"\n";
    let site = Site::new(&[("site.toml", SITE), ("vpnlint.toml", text)]);
    let shown = faults(&site, &[]);
    for part in [
        "vpnlint.toml:1:12",
        "did you mean the pack `recommended`?",
        "there is no such file",
        "this policy is made for another version: >=99",
        "`min_length` must be from 1 to 256",
        "`max` is not a key of rule `psk-weak`",
        "vpnlint.toml:5:23",
        "this is not a valid pattern of paths",
        "did you mean `psk-weak`?",
        "did you mean `psk-mismatch`?",
        "vpnlint.toml:11:9",
    ] {
        assert!(shown.contains(part), "{part} is missing in:\n{shown}");
    }
}

#[test]
fn a_circle_of_policies_is_a_fault_and_ends() {
    let site = Site::new(&[("site.toml", SITE), ("vpnlint.toml", "extends = \"a.toml\"\n"), ("a.toml", "extends = \"vpnlint.toml\"\n")]);
    let shown = faults(&site, &[]);
    assert!(shown.contains("a.toml:1:11") && shown.contains("in a circle"), "{shown}");
}

#[test]
fn wrong_names_on_the_command_line_name_the_nearest() {
    let site = Site::new(&[("site.toml", SITE)]);
    assert!(faults(&site, &["--policy", "stict"]).contains("did you mean the pack `strict`?"));
    assert!(faults(&site, &["--policy", "no/such.toml"]).contains("is no pack and no file"));
    assert!(faults(&site, &["--ignore", "psk-weka"]).contains("did you mean `psk-weak`?"));
}

#[test]
fn a_policy_cannot_reach_out_of_the_root() {
    let outer = Site::new(&[
        ("secret.toml", "[rules]\npsk-weak = \"off\"\n"),
        ("repo/site.toml", SITE),
        ("repo/vpnlint.toml", "extends = \"../secret.toml\"\n"),
    ]);
    let output = vpnlint(&outer.path().join("repo"), &["check", "--root", "."]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("outside the root"), "{}", stderr(&output));
}

#[test]
fn a_policy_writes_no_file_and_reads_no_baseline_outside_the_root() {
    let outer = Site::new(&[("known.json", "{ \"version\": 1, \"findings\": [] }"), ("repo/site.toml", SITE)]);
    let repo = outer.path().join("repo");
    let check = |policy: &str| {
        std::fs::write(repo.join("vpnlint.toml"), policy).expect("a file");
        vpnlint(&repo, &["check", "--root", "."])
    };
    let output = check("[check]\nformat = [\"json=../out.json\"]\n");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("a policy names no file to write"), "{}", stderr(&output));
    assert!(!outer.path().join("out.json").exists());
    let output = check("[check]\nbaseline = \"../known.json\"\n");
    assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
    assert!(stderr(&output).contains("there is no such file"), "{}", stderr(&output));
}

#[test]
#[cfg(unix)]
fn a_policy_that_is_a_link_out_of_the_root_is_not_read() {
    let outer = Site::new(&[("other.toml", "[rules]\nnot-to-be-seen = \"off\"\n"), ("repo/site.toml", SITE)]);
    let repo = outer.path().join("repo");
    std::os::unix::fs::symlink(outer.path().join("other.toml"), repo.join("vpnlint.toml")).expect("a link");
    let output = vpnlint(&repo, &["check", "--root", "."]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("outside the root") && !stderr(&output).contains("not-to-be-seen"), "{}", stderr(&output));
}

#[test]
fn a_key_in_a_policy_is_never_shown() {
    let site = Site::new(&[("site.toml", SITE), ("vpnlint.toml", "psk = \"CANARY-in.a-policy7\"\n[rules]\npsk-weak = \"CANARY-level\"\n")]);
    let shown = faults(&site, &[]);
    assert!(!shown.contains("CANARY-in"), "{shown}");
}

const HOST_BITS: &str = "version = 1\n[site]\nname = \"NAME\"\n[client_vpn]\nsubnet = \"192.168.130.7/24\"\n";

fn host_bits(name: &str) -> String {
    HOST_BITS.replace("NAME", name)
}

#[test]
fn waived_findings_are_counted_and_shown_on_request_only() {
    let site = Site::new(&[
        ("site.toml", host_bits("a")),
        ("vpnlint.toml", "[[waivers]]\nrule = \"subnet-host-bits\"\nsite = \"a\"\nreason = \"spring\"\nuntil = 2099-01-31\n".to_owned()),
    ]);
    assert!(findings(&site, &[]).is_empty());
    assert_eq!(findings(&site, &["--show-waived"]), ["site.toml warning[subnet-host-bits]"]);
    let text = stdout(&vpnlint(site.path(), &["check", "--root", "."]));
    assert!(text.contains("no findings") && text.contains("1 waived"), "{text}");
    let json: serde_json::Value =
        serde_json::from_slice(&vpnlint(site.path(), &["check", "--root", ".", "--format", "json", "--show-waived"]).stdout).expect("JSON");
    let waived = &json["findings"][0]["waived"];
    assert_eq!(
        (waived["reason"].as_str(), waived["path"].as_str(), waived["line"].as_u64(), waived["until"].as_str()),
        (Some("spring"), Some("vpnlint.toml"), Some(2), Some("2099-01-31"))
    );
    assert_eq!(json["summary"]["waived"], 1);
    for format in ["sarif", "github", "gitlab", "checkstyle", "rdjson", "markdown"] {
        let alert = stdout(&vpnlint(site.path(), &["check", "--root", ".", "--format", format]));
        assert!(!alert.contains("host bits are set"), "{format}: {alert}");
    }
}

#[test]
fn waivers_select_by_site_client_path_and_pattern() {
    let client = |name: &str| format!("[[clients]]\nname = \"{name}\"\npre_shared_key = {{ env = \"VPNLINT_EXAMPLE_OTHER\" }}\n");
    let text =
        format!("version = 1\n[client_vpn]\nshared_secret = {{ env = \"VPNLINT_EXAMPLE_PSK\" }}\n{}{}", client("sales-1"), client("lab-1"));
    let site = Site::new(&[("x/site.toml", text)]);
    let with = |selector: &str| {
        site.write("vpnlint.toml", format!("[[waivers]]\nrule = \"psk-mism*\"\nreason = \"r\"\n{selector}\n").as_bytes());
        findings(&site, &["--select", "psk-mismatch,unused-waiver"]).len()
    };
    assert_eq!(with(""), 0);
    assert_eq!(with("client = \"lab-*\""), 1);
    assert_eq!(with("client = \"none\""), 3);
    assert_eq!(with("path = \"x/*.toml\""), 0);
    assert_eq!(with("path = \"*.toml\""), 3);
    assert_eq!(with("upstream = \"lab-1\""), 3);
}

#[test]
fn a_waiver_of_a_folder_counts_below_it_only() {
    let site = Site::new(&[
        ("a/site.toml", host_bits("a")),
        ("b/site.toml", host_bits("b")),
        ("a/vpnlint.toml", "[[waivers]]\nrule = \"subnet-host-bits\"\nreason = \"r\"\n".to_owned()),
    ]);
    assert_eq!(findings(&site, &["--select", "subnet-host-bits"]), ["b/site.toml warning[subnet-host-bits]"]);
}

#[test]
fn a_run_over_some_sites_calls_no_waiver_of_others_unused() {
    let waivers = "[[waivers]]\nrule = \"subnet-not-private\"\nsite = \"other\"\nreason = \"r\"\n[[waivers]]\nrule = \"subnet-not-private\"\nreason = \"r\"\n";
    let site = Site::new(&[("a/site.toml", host_bits("a")), ("b/site.toml", host_bits("b")), ("vpnlint.toml", waivers.to_owned())]);
    let unused = |args: &[&str]| findings(&site, &[args, &["--select", "*-waiver,subnet-not-private"]].concat()).len();
    assert_eq!(unused(&["a/site.toml"]), 0);
    assert_eq!(unused(&["a"]), 0);
    assert_eq!(unused(&["."]), 2);
    assert_eq!(
        findings(&site, &["--select", "*-waiver,subnet-host-bits"]).iter().filter(|f| f.contains("unused")).count(),
        0,
        "the rule did not run"
    );
}

#[test]
fn a_pin_lapses_when_a_side_changes() {
    let site = Site::new(&[("site.toml", host_bits("a"))]);
    let listed = vpnlint(site.path(), &["baseline", "--root", ".", "--pin", "--output", "-"]);
    let baseline: serde_json::Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    let pin = baseline["findings"][0]["pin"].as_str().expect("a pin").to_owned();
    site.write("vpnlint.toml", format!("[[waivers]]\nrule = \"subnet-host-bits\"\nreason = \"r\"\npin = \"{pin}\"\n").as_bytes());
    assert!(findings(&site, &[]).is_empty());
    site.write("site.toml", host_bits("a").replace("130.7", "130.8").as_bytes());
    assert_eq!(findings(&site, &[]), ["site.toml warning[subnet-host-bits]", "vpnlint.toml error[unused-waiver]"]);
}

#[test]
fn a_baseline_lets_only_new_findings_fail_and_is_pruned() {
    let site = Site::new(&[("site.toml", SITE)]);
    let check = || findings(&site, &["--baseline", "known.json"]);
    assert_eq!(vpnlint(site.path(), &["baseline", "--root", ".", "--output", "known.json"]).status.code(), Some(0));
    let written = std::fs::read_to_string(site.path().join("known.json")).expect("a baseline");
    assert!(written.contains("psk-weak") && !written.contains("CANARY") && !written.contains("line"), "{written}");
    assert!(check().is_empty());
    // Lines move, and the value changes: still known.
    site.write("site.toml", format!("# moved\n{SITE}").as_bytes());
    assert!(check().is_empty());
    let mended = host_bits("x").replace("name = \"x\"", "") + "shared_secret = { env = \"VPNLINT_EXAMPLE_PSK\" }\n";
    site.write("site.toml", mended.as_bytes());
    let output = vpnlint(site.path(), &["check", "--root", ".", "--baseline", "known.json"]);
    assert!(stdout(&output).contains("subnet-host-bits"));
    assert!(stdout(&output).contains("no longer") && stdout(&output).contains("psk-weak"), "{}", stdout(&output));
    assert_eq!(vpnlint(site.path(), &["baseline", "--root", ".", "--output", "known.json"]).status.code(), Some(0));
    let written = std::fs::read_to_string(site.path().join("known.json")).expect("a baseline");
    assert!(!written.contains("psk-weak") && written.contains("subnet-host-bits"), "{written}");
}

#[test]
fn a_baseline_that_cannot_be_read_ends_with_2() {
    let site = Site::new(&[("site.toml", SITE), ("known.json", "{ \"version\": 1, \"findings\": 3 }")]);
    assert!(faults(&site, &["--baseline", "none.json"]).contains("none.json: there is no such file"));
    assert!(faults(&site, &["--baseline", "known.json"]).contains("known.json"));
    site.write("known.json", b"{ \"version\": 9, \"findings\": [] }");
    assert!(faults(&site, &["--baseline", "known.json"]).contains("version"));
}
