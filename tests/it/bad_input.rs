//! Bad input gets a clear finding or error, and nothing else is lost.

use crate::support::{Site, found, vpnlint};

/// The rest of a site whose one finding shows that it was still checked.
const REST: &str = "[client_vpn]\nshared_secret = { env = \"VPNLINT_EXAMPLE_PSK\" }\n[[clients]]\nname = \"a\"\npre_shared_key = { env = \"VPNLINT_EXAMPLE_OTHER\" }\n";

fn has(findings: &[String], what: &str) -> bool {
    findings.iter().any(|f| f.starts_with(what))
}

#[test]
fn a_syntax_error_in_the_middle_leaves_the_rest_checked() {
    let site = Site::new(&[("site.toml", format!("version = 1\n[site]\nname = \n{REST}"))]);
    let outcome = site.check();
    let findings = found(&outcome.report);
    assert!(has(&findings, "syntax-error site.toml:3"), "{findings:?}");
    assert!(has(&findings, "psk-mismatch"), "{findings:?}");
}

#[test]
fn every_unknown_key_and_wrong_value_is_told_in_one_run() {
    let text = format!(
        "version = 1\ncolour = 1\n[mx]\nmodl = \"MX85\"\nvlans = [{{ vlan_id = \"ten\", subnet = \"10.0.0.0\" }}, {{ subnet = \"10.0.300.0/24\" }}]\nuplinks = \"wan1\"\n{REST}"
    );
    let site = Site::new(&[("site.toml", text)]);
    let findings = found(&site.check().report);
    for wanted in
        ["unknown-key site.toml:2", "unknown-key site.toml:4", "invalid-value site.toml:5", "invalid-value site.toml:6", "psk-mismatch"]
    {
        assert!(has(&findings, wanted), "{wanted} of {findings:?}");
    }
    assert_eq!(findings.iter().filter(|f| f.starts_with("invalid-value site.toml:5")).count(), 3, "{findings:?}");
}

#[test]
fn the_nearest_key_is_named() {
    let site = Site::new(&[("site.toml", "version = 1\n[client_vpn]\nshared_secrt = { env = \"VPNLINT_EXAMPLE_PSK\" }\n")]);
    let report = site.check().report;
    assert_eq!(report.findings[0].help, "did you mean `shared_secret`?");
}

#[test]
fn imports_that_cannot_be_read_are_named_where_they_are_named() {
    for (import, why) in [
        ("missing.mobileconfig", "there is no such file"),
        ("../outside.mobileconfig", "outside the root"),
        ("/etc/passwd", "absolute"),
        ("link.mobileconfig", "outside the root"),
        ("*.nothing", "no file fits"),
        ("folder", "folder"),
        ("empty.txt", "empty"),
        ("binary.bin", "binary"),
        ("words.txt", "no format that is known"),
    ] {
        let site = Site::new(&[("in/site.toml", format!("version = 1\n{REST}\n[[clients]]\nname = \"b\"\nimport = \"{import}\"\n"))]);
        site.write("outside.mobileconfig", b"<plist/>");
        site.write("in/empty.txt", b"");
        site.write("in/binary.bin", &[1, 0, 2, 0, 0, 0, 7, 200]);
        site.write("in/words.txt", b"just words\n");
        std::fs::create_dir(site.path().join("in/folder")).expect("a folder");
        #[cfg(unix)]
        std::os::unix::fs::symlink(site.path().join("outside.mobileconfig"), site.path().join("in/link.mobileconfig")).expect("a link");
        let output = vpnlint(&site.path().join("in"), &["check", "site.toml", "--root", ".", "--format", "json"]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let report: serde_json::Value = serde_json::from_str(&text).expect("a JSON report");
        let failed: Vec<_> = report["findings"].as_array().expect("findings").iter().filter(|f| f["rule"] == "import-failed").collect();
        assert_eq!(failed.len(), 1, "{import}: {text}");
        assert!(failed[0]["message"].as_str().expect("text").contains(why), "{import}: {}", failed[0]["message"]);
        assert_eq!(failed[0]["labels"][0]["line"], 10, "{import}");
        assert!(text.contains("psk-mismatch"), "{import}: the rest is not checked");
    }
}

#[test]
fn a_file_outside_the_root_is_refused_whether_or_not_it_exists() {
    let message = |import: &str| {
        let site = Site::new(&[("in/site.toml", format!("version = 1\n[[clients]]\nname = \"b\"\nimport = \"{import}\"\n"))]);
        site.write("there.txt", b"x");
        let output = vpnlint(&site.path().join("in"), &["check", "site.toml", "--root", ".", "--format", "concise"]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert_eq!(message("../there.txt"), message("../not-there.txt"));
}

#[test]
fn other_encodings_are_read_and_wrong_ones_are_told() {
    let text = format!("version = 1\n{REST}");
    let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let with_mark = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    let crlf = text.replace('\n', "\r\n").into_bytes();
    for bytes in [utf16, with_mark, crlf] {
        let findings = found(&Site::new(&[("site.toml", bytes)]).check().report);
        assert_eq!(findings, ["psk-mismatch site.toml:6"]);
    }
    let latin = [text.as_bytes(), b"# caf\xE9\n"].concat();
    let findings = found(&Site::new(&[("site.toml", latin)]).check().report);
    assert!(has(&findings, "syntax-error site.toml:7"), "{findings:?}");
    assert!(has(&findings, "psk-mismatch"), "{findings:?}");
}

#[test]
fn bombs_are_refused_quickly() {
    let started = std::time::Instant::now();
    let deep = format!("version = 1\nx = {}\n", "[".repeat(100_000));
    let deep_yaml = format!("version: 1\nx: {}\n", "[".repeat(100_000));
    let deep_json = format!("{{\"version\": 1, \"x\": {}", "[".repeat(100_000));
    let mut alias = "version: 1\na0: &a0 [x]\n".to_owned();
    for n in 1..40 {
        alias += &format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1);
    }
    for (name, text) in [("site.toml", deep), ("site.yaml", deep_yaml), ("site.json", deep_json), ("site.yaml", alias)] {
        let findings = found(&Site::new(&[(name, text)]).check().report);
        assert!(has(&findings, "syntax-error"), "{name}: {:?}", findings.iter().take(3).collect::<Vec<_>>());
    }
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn a_huge_site_file_is_refused() {
    let site = Site::new(&[("site.toml", "version = 1\n")]);
    let file = std::fs::File::options().write(true).open(site.path().join("site.toml")).expect("the file");
    file.set_len(100 << 20).expect("a sparse file");
    let output = vpnlint(site.path(), &["check", "."]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stdout).contains("larger than 16 MB"));
}

#[test]
fn hostile_names_are_made_visible() {
    let text = "version = 1\n[client_vpn]\nshared_secret = { env = \"VPNLINT_EXAMPLE_PSK\" }\n[[clients]]\nname = \"a\\u001b[31m\\u202eb\\u0007\"\npre_shared_key = { env = \"VPNLINT_EXAMPLE_OTHER\" }\n";
    let site = Site::new(&[("site.toml", text)]);
    for format in ["text", "concise", "json"] {
        let output = vpnlint(site.path(), &["check", ".", "--format", format, "--color", "never"]);
        assert_eq!(output.status.code(), Some(1));
        let shown = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(!shown.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{format}: {shown:?}");
        assert!(shown.contains("202e"), "{format}: {shown}");
    }
}

#[test]
fn a_repaired_value_proves_nothing() {
    // The VLAN that would hold the nameserver may be the one on the broken line.
    let text = "version = 1\n[mx]\nvlans = [{ subnet = \"192.168.10.0/24\" }, { subnet = \"nonsense\" }]\n[client_vpn]\nsubnet = \"10.9.0.0/24\"\ndns_mode = \"custom\"\ndns_nameservers = [\"192.168.20.2\"]\n";
    let report = Site::new(&[("site.toml", text)]).check().report;
    let findings = found(&report);
    assert!(!has(&findings, "dns-server-unreachable"), "{findings:?}");
    let rows = report.coverage.expect("coverage");
    assert!(rows.iter().any(|r| r.rule.id == "dns-server-unreachable" && r.undecided.is_some()));
}

#[test]
fn a_line_that_breaks_the_grammar_is_one_fault() {
    let report = Site::new(&[("site.toml", "version = 1\n[site]\nthis is no key\nnmae = \"x\"\n")]).check().report;
    assert_eq!(found(&report), ["syntax-error site.toml:3", "unknown-key site.toml:4"]);
}

#[test]
fn a_label_of_many_lines_is_drawn_as_far_as_it_is_shown() {
    let many: String = (0..12).map(|n| format!("  \"10.0.{n}.0/24\",\n")).collect();
    let report = Site::new(&[("site.toml", format!("version = 1\n[client_vpn]\nauth_type = [\n{many}]\n"))]).check().report;
    assert_eq!(found(&report), ["invalid-value site.toml:3"]);
    let text = crate::support::render(&report, vpnlint::report::Format::Text);
    assert!(!text.contains("OutOfBounds") && text.contains("auth_type"), "{text}");
}
