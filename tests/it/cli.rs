//! The real binary: commands, options, exit codes.

use std::io::Write as _;
use std::process::Stdio;

use crate::support::{Site, command, vpnlint};

const CLEAN: &str = "version = 1\n[client_vpn]\nshared_secret = { env = \"VPNLINT_EXAMPLE_PSK\" }\n[[clients]]\nname = \"a\"\npre_shared_key = { env = \"VPNLINT_EXAMPLE_PSK\" }\n";
const BAD: &str = "version = 1\n[client_vpn]\nshared_secret = { env = \"VPNLINT_EXAMPLE_PSK\" }\n[[clients]]\nname = \"a\"\npre_shared_key = { env = \"VPNLINT_EXAMPLE_OTHER\" }\n";

fn code(site: &Site, arguments: &[&str]) -> i32 {
    vpnlint(site.path(), arguments).status.code().expect("an exit code")
}

fn stdout(site: &Site, arguments: &[&str]) -> String {
    String::from_utf8(vpnlint(site.path(), arguments).stdout).expect("UTF-8")
}

#[test]
fn exit_codes_are_those_of_the_contract() {
    let clean = Site::new(&[("site.toml", CLEAN)]);
    let bad = Site::new(&[("site.toml", BAD)]);
    assert_eq!(code(&clean, &["check"]), 0);
    assert_eq!(code(&bad, &["check"]), 1);
    assert_eq!(code(&bad, &["check", "--exit-zero"]), 0);
    assert_eq!(code(&bad, &["check", "--ignore", "psk-mismatch"]), 0);
    assert_eq!(code(&bad, &["check", "--select", "psk-*"]), 1);
    assert_eq!(code(&bad, &["check", "--frobnicate"]), 2);
    assert_eq!(code(&bad, &["check", "--select", "no-such-rule"]), 2);
    assert_eq!(code(&bad, &["check", "--format", "yaml"]), 2);
    assert_eq!(code(&bad, &["check", "--format", "json", "--format", "text"]), 2);
    assert_eq!(code(&bad, &["check", "--as-of", "tomorrow"]), 2);
    assert_eq!(code(&bad, &["check", "--jobs", "0"]), 2);
    assert_eq!(code(&bad, &["check", "nowhere.toml"]), 3);
    assert_eq!(code(&bad, &["check", "--root", "nowhere"]), 3);
    assert_eq!(code(&Site::new(&[("readme.md", "")]), &["check"]), 3);
    assert_eq!(code(&Site::new(&[("site.toml", "version = 1\n")]), &["check"]), 4);
    assert_eq!(code(&Site::new(&[("site.toml", "[[[ not toml\n")]), &["check"]), 3);
}

#[test]
fn a_rule_that_must_be_decided_makes_exit_code_4() {
    let text = "version = 1\n[client_vpn]\nsubnet = \"10.9.0.0/24\"\n[[clients]]\nname = \"a\"\npre_shared_key = { env = \"VPNLINT_EXAMPLE_PSK\" }\n";
    let site = Site::new(&[("site.toml", text)]);
    assert_eq!(code(&site, &["check"]), 0);
    assert_eq!(code(&site, &["check", "--require-decided=psk-mismatch"]), 4);
    assert_eq!(code(&site, &["check", "--require-decided"]), 4);
    assert_eq!(code(&site, &["check", "--require-decided=subnet-host-bits"]), 0);
    assert_eq!(code(&site, &["check", "--require-decided=no-such-rule"]), 2);
}

#[test]
fn one_missing_file_does_not_hide_the_others() {
    let site = Site::new(&[("site.toml", BAD)]);
    let output = vpnlint(site.path(), &["check", "site.toml", "gone.toml", "--format", "json"]);
    assert_eq!(output.status.code(), Some(3));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["findings"][0]["rule"], "psk-mismatch");
    assert_eq!(report["unreadable"][0]["path"], "gone.toml");
}

#[test]
fn a_document_comes_from_standard_input() {
    let site = Site::new(&[("keep", "")]);
    for (name, text) in [("site.toml", BAD.to_owned()), ("x.yaml", "version: 1\nclient_vpn:\n  shared_secret: {env: VPNLINT_EXAMPLE_PSK}\nclients:\n  - name: a\n    pre_shared_key: {env: VPNLINT_EXAMPLE_OTHER}\n".to_owned())] {
        let mut child = command(site.path(), &["check", "-", "--stdin-filename", name, "--format", "concise"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("written");
        let output = child.wait_with_output().expect("an end");
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "{shown}");
        assert!(shown.starts_with(&format!("{name}:6:")), "{shown}");
    }
}

#[test]
fn a_pipe_that_closes_early_is_no_panic() {
    let site = Site::new(&[("site.toml", BAD)]);
    let mut child = command(site.path(), &["check"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("an end");
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn levels_in_the_policy_count_and_faults_of_it_have_places() {
    let site = Site::new(&[("site.toml", BAD), ("vpnlint.toml", "extends = [\"recommended\"]\n[rules]\npsk-mismatch = \"advice\"\n")]);
    assert_eq!(code(&site, &["check"]), 0);
    assert_eq!(code(&site, &["check", "--fail-on", "advice"]), 1);
    assert!(stdout(&site, &["check", "--format", "concise"]).contains("advice[psk-mismatch]"));
    assert!(stdout(&site, &["rules"]).lines().any(|l| l.starts_with("psk-mismatch") && l.contains("advice")));
    site.write("vpnlint.toml", b"[rules]\npsk-mismach = \"error\"\npsk-mismatch = \"fatal\"\n");
    let output = vpnlint(site.path(), &["check"]);
    let shown = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        shown.contains("vpnlint.toml:2:1") && shown.contains("did you mean `psk-mismatch`?") && shown.contains("vpnlint.toml:3:"),
        "{shown}"
    );
    assert!(output.stdout.is_empty());
}

#[test]
fn several_formats_of_one_run_go_to_files() {
    let site = Site::new(&[("site.toml", BAD)]);
    assert_eq!(code(&site, &["check", "--format", "concise", "--format", "json=report.json", "--format", "text=report.txt"]), 1);
    let json = std::fs::read_to_string(site.path().join("report.json")).expect("report.json");
    assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
    let text = std::fs::read_to_string(site.path().join("report.txt")).expect("report.txt");
    assert!(text.contains("psk-mismatch") && !text.contains('\u{1b}'));
    assert_eq!(code(&site, &["check", "--format", "json=no/such/folder/report.json"]), 2);
}

#[test]
fn colours_follow_the_rules() {
    let site = Site::new(&[("site.toml", BAD)]);
    let colored = |envs: &[(&str, &str)], args: &[&str]| {
        let output = command(site.path(), args).envs(envs.iter().copied()).stdin(Stdio::null()).output().expect("the binary runs");
        output.stdout.contains(&0x1b)
    };
    assert!(!colored(&[], &["check"]));
    assert!(colored(&[], &["check", "--color", "always"]));
    assert!(colored(&[("CLICOLOR_FORCE", "1")], &["check"]));
    assert!(!colored(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], &["check"]));
    assert!(!colored(&[("CLICOLOR_FORCE", "1")], &["check", "--color", "never"]));
}

#[test]
fn threads_and_the_order_of_arguments_change_nothing() {
    let site = Site::new(&[("a/site.toml", BAD), ("b/site.toml", BAD), ("c/site.toml", CLEAN)]);
    let first = stdout(&site, &["check", "a", "b", "c", "--format", "json", "--jobs", "1"]);
    assert_eq!(first, stdout(&site, &["check", "c", "b", "a", "b", "--format", "json", "--jobs", "4"]));
    assert_eq!(first, stdout(&site, &["check", ".", "--format", "json"]));
}

#[test]
fn discovery_honours_gitignore_and_names() {
    let site = Site::new(&[
        ("a/site.toml", BAD),
        ("b/x.site.toml", BAD),
        ("c/site.yml", CLEAN),
        ("ignored/site.toml", BAD),
        ("d/other.toml", BAD),
        (".gitignore", "ignored/\n"),
    ]);
    let shown = stdout(&site, &["check", "--format", "concise"]);
    assert_eq!(shown.lines().filter(|l| l.contains("psk-mismatch")).count(), 2, "{shown}");
    assert!(shown.contains("a/site.toml:6") && shown.contains("b/x.site.toml:6"), "{shown}");
    assert!(stdout(&site, &["check", "--verbose"]).contains("c/site.yml (site-yaml)"));
}

#[test]
fn explain_shows_a_page_and_names_the_nearest_rule() {
    let site = Site::new(&[("keep", "")]);
    assert!(stdout(&site, &["explain", "psk-mismatch"]).starts_with("# psk-mismatch\n"));
    let output = vpnlint(site.path(), &["explain", "psk-mismach"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("did you mean `psk-mismatch`?"));
}

#[test]
fn quiet_says_only_findings_and_verbose_says_files() {
    let site = Site::new(&[("site.toml", CLEAN)]);
    assert_eq!(stdout(&site, &["check", "--quiet"]), "");
    assert!(stdout(&site, &["check", "--verbose"]).contains("site.toml (site-toml)"));
    assert_eq!(code(&site, &["check", "--quiet", "--verbose"]), 2);
}

#[test]
fn the_schema_is_json_and_knows_every_table() {
    let site = Site::new(&[("keep", "")]);
    let schema: serde_json::Value = serde_json::from_str(&stdout(&site, &["schema", "site"])).expect("JSON");
    for key in ["version", "site", "mx", "client_vpn", "upstream", "clients", "resources"] {
        assert!(schema["$defs"]["SiteDecl"]["properties"][key].is_object(), "{key}");
    }
}
