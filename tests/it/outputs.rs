//! Every format at its edges: a reader that goes away, a file that cannot be written, paths and names with every nasty character.

use std::io::Read as _;
use std::path::Path;
use std::process::Stdio;

use vpnlint::report::Format;

use crate::support::{Site, command, vpnlint};

/// One warning and one error.
const FAULTY: &str = "version = 1\n[client_vpn]\nsubnet = \"192.168.130.7/24\"\nshared_secret = { env = \"VPNLINT_EXAMPLE_PSK\" }\n[[clients]]\nname = \"NAME\"\npre_shared_key = { env = \"VPNLINT_EXAMPLE_OTHER\" }\n";
/// What could end a line, a command, a cell, a tag or a string somewhere.
const NASTY: &str = "a\\n::error::x %0A::error:: ::set-output name=a::b, \\\"'`|<b>&amp;]]>--><!-- [l](//x.example) @all $(id) \\u001b[31m \\u202e \\u0085 é";

fn written(folder: &Path, format: &str) -> String {
    let output =
        vpnlint(folder, &["check", ".", "--root", ".", "--coverage", "--select", "psk-mismatch,subnet-host-bits", "--format", format]);
    assert_eq!(output.status.code(), Some(1), "{format}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn a_reader_that_goes_away_changes_neither_code_nor_calm() {
    let site = Site::new(&[("site.toml", FAULTY)]);
    for n in 0..300 {
        site.write(&format!("s{n}/site.toml"), FAULTY.as_bytes());
    }
    let all: Vec<_> = Format::ALL.iter().map(|(name, _)| (vec!["check", ".", "--root", ".", "--coverage", "--format", name], 1)).collect();
    let others = [
        &["policy", "show"][..],
        &["policy", "list"],
        &["rules"],
        &["schema", "policy"],
        &["explain", "psk-weak"],
        &["baseline", "-o", "-"],
    ];
    for (arguments, code) in all.into_iter().chain(others.map(|o| (o.to_vec(), 0))) {
        let mut child =
            command(site.path(), &arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
        let mut first = [0; 1];
        child.stdout.take().expect("a pipe").read_exact(&mut first).expect("something is written");
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        assert!(output.stderr.is_empty(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_file_that_cannot_be_written_is_named_and_the_other_reports_are_there() {
    let site = Site::new(&[("site.toml", FAULTY)]);
    let arguments = [
        "check",
        "--root",
        ".",
        "--format",
        "json=no/such/folder.json",
        "--format",
        "sarif=.",
        "--format",
        "junit=j.xml",
        "--format",
        "concise",
    ];
    let output = command(site.path(), &arguments).env("GITHUB_STEP_SUMMARY", "no/summary").output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(errors.contains("no/such/folder.json cannot be written"), "{errors}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("[psk-mismatch]"));
    assert!(site.path().join("j.xml").is_file());
    let arguments = ["check", "--root", ".", "--format", "github"];
    let output = command(site.path(), &arguments).env("GITHUB_STEP_SUMMARY", "no/summary").output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("::error "));
    let output = vpnlint(site.path(), &["baseline", "--root", ".", "--output", "no/known.json"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("no/known.json cannot be written"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_no_success() {
    let site = Site::new(&[("site.toml", FAULTY)]);
    for (format, _) in Format::ALL {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("/dev/full");
        let output = command(site.path(), &["check", "--root", ".", "--format", format]).stdout(full).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{format}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("cannot be written"), "{format}");
    }
}

/// Sites in folders with a name that is hostile to some format.
#[cfg(unix)]
fn hostile() -> Site {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let site = Site::new::<&str>(&[]);
    for (n, name) in [
        &b"with space"[..],
        b"quote\"'`",
        b"new\nline",
        b"car\rriage\ttab",
        b"per%0Acent::error::x,y:z",
        b"<b>&amp;]]>-->",
        b"[link](x) | pipe",
        b"back\\slash",
        b"latin-\xe9-\xff",
        "bidi-\u{202e}-\u{85}-\u{feff}-é".as_bytes(),
        b"#fragment?query=1",
    ]
    .iter()
    .enumerate()
    {
        let folder = site.path().join(OsStr::from_bytes(name));
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("site.toml"), FAULTY.replace("NAME", &format!("{n} {NASTY}"))).expect("a site");
    }
    site
}

#[cfg(unix)]
#[test]
fn hostile_paths_and_names_break_no_format() {
    let site = hostile();
    let (sites, findings) = (11, 22);
    for (name, format) in Format::ALL {
        let text = written(site.path(), name);
        let control = text.chars().find(|c| c.is_control() && *c != '\n' || matches!(c, '\u{202e}' | '\u{feff}' | '\u{2028}'));
        assert_eq!(control, None, "{name}");
        match format {
            Format::Json => {
                let json: serde_json::Value = serde_json::from_str(&text).expect(name);
                assert_eq!((json["findings"].as_array().map(Vec::len), json["summary"]["sites"].as_u64()), (Some(findings), Some(sites)));
            }
            Format::Sarif => {
                let json: serde_json::Value = serde_json::from_str(&text).expect(name);
                assert_eq!(json["runs"][0]["results"].as_array().map(Vec::len), Some(findings));
            }
            Format::GitLab => assert_eq!(serde_json::from_str::<Vec<serde_json::Value>>(&text).expect(name).len(), findings),
            Format::Rdjson => {
                let json: serde_json::Value = serde_json::from_str(&text).expect(name);
                assert_eq!(json["diagnostics"].as_array().map(Vec::len), Some(findings));
            }
            Format::Checkstyle | Format::Junit => {
                let document = roxmltree::Document::parse(&text).expect(name);
                let tag = if *format == Format::Junit { "failure" } else { "error" };
                assert_eq!(document.descendants().filter(|n| n.has_tag_name(tag)).count(), findings, "{name}");
            }
            Format::GitHub => {
                assert_eq!(text.lines().count(), findings);
                for line in text.lines() {
                    let rest = line.strip_prefix("::error ").or_else(|| line.strip_prefix("::warning ")).expect(line);
                    let (properties, message) = rest.split_once("::").expect(line);
                    let keys: Vec<_> = properties.split(',').filter_map(|p| p.split_once('=')).map(|(k, _)| k).collect();
                    assert_eq!((keys.first(), keys.last()), (Some(&"file"), Some(&"title")), "{line}");
                    assert!(keys.iter().all(|k| matches!(*k, "file" | "line" | "col" | "endColumn" | "endLine" | "title")), "{line}");
                    assert!(message.contains("%0A"), "{line}");
                    // A per cent sign in a name is one no more.
                    assert!(!message.contains("%0A::error::x,y") && !message.contains(" %0A::error"), "{line}");
                }
            }
            Format::Concise => {
                let of_findings = text.lines().filter(|l| l.contains("error[psk-mismatch] ") || l.contains("warning[subnet-host-bits] "));
                assert_eq!(of_findings.count(), findings);
            }
            Format::Markdown => {
                // What stands in a fence is no markup, and no line in it can end the fence.
                let prose: String = text.split("\n```").step_by(2).collect();
                assert!(!prose.contains("<b>") && !prose.contains("](x)") && !prose.contains("@all"), "{prose}");
                let rows = text.lines().filter(|l| l.starts_with("| error | ") || l.starts_with("| warning | "));
                assert_eq!(rows.count(), findings);
            }
            Format::Text => {
                assert_eq!(text.matches("psk-mismatch], stage").count() + text.matches("warning[subnet-host-bits]").count(), findings);
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn a_policy_in_a_folder_whose_name_is_no_text_counts_there() {
    use std::os::unix::ffi::OsStrExt as _;

    let site = Site::new(&[("b/site.toml", FAULTY)]);
    let folder = site.path().join(std::ffi::OsStr::from_bytes(b"a-\xff"));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("site.toml"), FAULTY).expect("a site");
    let policy = "[rules]\npsk-mismatch = \"advice\"\n[[waivers]]\nrule = \"subnet-host-bits\"\nreason = \"r\"\n";
    std::fs::write(folder.join("vpnlint.toml"), policy).expect("a policy");
    let text = written(site.path(), "concise");
    let own: Vec<_> = text.lines().filter(|l| l.starts_with("a-") && l.contains('[')).collect();
    assert_eq!(own.len(), 1, "{text}");
    assert!(own[0].contains("advice[psk-mismatch]"), "{text}");
    assert!(text.contains("b/site.toml:3:10: warning[subnet-host-bits]"), "{text}");
}
