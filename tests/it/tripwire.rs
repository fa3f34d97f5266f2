//! No output of any command and format shows a key. Every fixture's key contains CANARY.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use vpnlint::report::Format;
use vpnlint::rules::{Page, RULES};

use crate::support::{Site, command, folders, vpnlint};

/// What must not appear: the word in every encoding that an output could use, at every alignment of base64.
fn needles() -> Vec<String> {
    let word = "CANARY";
    let mut all = vec![word.to_owned(), word.to_lowercase()];
    all.push(word.bytes().map(|b| format!("{b:02x}")).collect());
    all.push(word.bytes().map(|b| format!("{b:02X}")).collect());
    all.push(word.bytes().map(|b| format!("%{b:02X}")).collect());
    all.push(word.bytes().map(|b| format!("&#{b};")).collect());
    all.push(word.bytes().map(|b| format!("\\u{b:04x}")).collect());
    for shift in 0..3 {
        let padded = [&vec![0; shift][..], word.as_bytes()].concat();
        // The first and last characters depend on the neighbours; the middle does not.
        for text in [STANDARD_NO_PAD.encode(&padded), URL_SAFE_NO_PAD.encode(&padded)] {
            let skip = [0, 2, 3][shift];
            let whole = (padded.len() * 8 / 6).min(text.len());
            all.push(text[skip..whole].to_owned());
        }
    }
    all
}

fn files_below(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).expect("a folder").flatten().map(|e| e.path()).collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            files_below(&entry, out);
        } else {
            out.push(entry);
        }
    }
}

/// What every command and format says in a folder that is a site.
fn outputs(folder: &Path) -> Vec<(String, String)> {
    let scratch = Site::new::<&str>(&[]);
    let report = |name: &str| scratch.path().join(name).to_string_lossy().into_owned();
    let mut all = vec!["check".to_owned(), ".".to_owned(), "--root".to_owned(), ".".to_owned()];
    all.extend(["--coverage", "--verbose", "--show-waived"].map(str::to_owned));
    for (name, _) in Format::ALL {
        all.push(format!("--format={name}={}", report(name)));
    }
    let mut runs = vec![all];
    let others = [
        &["check", ".", "--root", ".", "--color", "always"][..],
        &["baseline", ".", "--root", ".", "--pin", "--output", "-"],
        &["policy", "show", "--root", "."],
        &["policy", "show", "--root", ".", "--format", "json"],
        &["policy", "list", "--root", "."],
    ];
    runs.extend(others.iter().map(|run| run.iter().map(|a| (*a).to_owned()).collect()));
    // Against an empty site all is new; the other way round all is gone.
    let empty = Site::new(&[("site.toml", "version = 1\n")]);
    let other = empty.path().to_string_lossy().into_owned();
    for (old, new) in [(other.as_str(), "."), (".", other.as_str())] {
        for format in ["text", "markdown", "json"] {
            runs.push(["diff", old, new, "--format", format].map(ToOwned::to_owned).to_vec());
        }
    }
    let mut files = Vec::new();
    files_below(folder, &mut files);
    for file in files {
        let name = file.strip_prefix(folder).expect("below").to_string_lossy().into_owned();
        runs.push(vec!["inspect".to_owned(), "--root".to_owned(), ".".to_owned(), name]);
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let run = |args: Vec<String>| {
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        let output = command(folder, &args).env("GITHUB_STEP_SUMMARY", report("summary")).output().expect("the binary runs");
        (args.join(" "), text(&output.stdout) + &text(&output.stderr))
    };
    let mut said: Vec<_> = runs.into_iter().map(run).collect();
    for name in Format::ALL.iter().map(|(name, _)| *name).chain(["summary"]) {
        // Where the policy or a path is wrong from the start there is no report.
        let Ok(written) = std::fs::read_to_string(scratch.path().join(name)) else { continue };
        said.push((format!("check --format {name}"), if name == "sarif" { without_pages(&written) } else { written }));
    }
    said
}

/// A SARIF report without the rules' pages, whose examples hold keys of their own.
fn without_pages(sarif: &str) -> String {
    let mut log: serde_json::Value = serde_json::from_str(sarif).expect("JSON");
    let rules = log["runs"][0]["tool"]["driver"]["rules"].take();
    assert_eq!(rules.as_array().map(Vec::len), Some(RULES.len()));
    serde_json::to_string_pretty(&log).expect("JSON")
}

fn leaks(folder: &Path, what: &str) -> Vec<String> {
    let needles = needles();
    let mut found = Vec::new();
    for (run, output) in outputs(folder) {
        for needle in &needles {
            if output.contains(needle.as_str()) {
                let line = output.lines().find(|l| l.contains(needle.as_str())).unwrap_or_default();
                found.push(format!("{what}: `{run}` shows {needle}: {line}"));
            }
        }
    }
    found
}

#[test]
fn the_tripwire_itself_sees_a_key_in_every_encoding() {
    let needles = needles();
    for text in [
        "xxCANARYyy",
        "43414e415259",
        "%43%41%4E%41%52%59",
        &STANDARD_NO_PAD.encode("a CANARY"),
        &STANDARD_NO_PAD.encode("ab CANARY b"),
        &STANDARD_NO_PAD.encode("CANARY-1"),
    ] {
        assert!(needles.iter().any(|n| text.contains(n.as_str())), "{text}");
    }
    assert!(!needles.iter().any(|n| "an innocent line with a Canada goose".contains(n.as_str())));
}

#[test]
fn no_output_on_examples_and_cases_shows_a_key() {
    let mut found = Vec::new();
    for folder in folders("examples").into_iter().chain(folders("tests/cases")) {
        found.extend(leaks(&folder, &folder.display().to_string()));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_output_on_the_pages_examples_shows_a_key() {
    let mut found = Vec::new();
    for rule in RULES {
        let page = Page::parse(rule.docs);
        for example in page.bad.iter().filter(|e| e.files.iter().any(|(_, text, _)| text.contains("CANARY"))) {
            let files: Vec<_> = example.files.iter().map(|(name, text, _)| (*name, *text)).collect();
            found.extend(leaks(Site::new(&files).path(), rule.id));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_key_on_a_broken_line_is_never_shown() {
    let key = "CANARY-broken.Line-77";
    let broken = [
        format!("version = 1\n[client_vpn]\nshared_secret = \"{key}\n"),
        format!("version = 1\n[client_vpn]\nshared_secret = {key}\n"),
        format!("version = 1\n[client_vpn]\nshared_secret == \"{key}\"\n"),
        format!("version = 1\n[client_vpn\nshared_secret = \"{key}\"\n"),
        format!("version = 1\n[client_vpn]\nshared_secret = \"\"\"\n{key}\n"),
        format!("version = 1\n[client_vpn]\nshared_secret = '{key}' trailing\nsubnet = \"nonsense\"\n"),
        format!("version = 1\n[client_vpn]\nshared_secrt = \"{key}\"\n"),
        format!("version = 1\n[client_vpn]\nfoo = {{ bar = [\"{key}\"] }}\n"),
        format!("version = 1\n[client_vpn]\nshared_secret = [\"{key}\"]\n"),
        format!("version = 1\n[client_vpn]\nshared_secret = {{ envv = \"{key}\" }}\n"),
        format!("version = 1\n[client_vpn]\nshared_secret = {{ env = \"{key}\" }}\n"),
        format!("version = 1\n[client_vpn]\nshared_secret = \"{key}\"\nshared_secret = \"{key}\"\n"),
        format!("version = 1\n[client_vpn]\nshared_secret = \"{key}\"\nsharedSecret = \"{key}\"\n"),
        format!("version = 1\n# the old key was {key}\n[client_vpn]\nsubnet = \"nonsense\"\n"),
        format!("version = 1\n[client_vpn]\nshared_secret = \"{key}\" # {key}\nsubnet = \"nonsense\"\n"),
        format!("version = 1\n[client_vpn]\nshared_secret = \"{key}\"\n[[clients]]\nname = \"{key}\"\npre_shared_key = \"other\"\n"),
        format!("version = 1\n[client_vpn]\nradius_servers = [{{ secret = \"{key}\", port = \"x\", host = \"10.0.0.1\" }}]\n"),
    ];
    let mut found = Vec::new();
    for (n, text) in broken.iter().enumerate() {
        found.extend(leaks(Site::new(&[("site.toml", text)]).path(), &format!("TOML {n}")));
    }
    let yaml = [
        format!("version: 1\nclient_vpn:\n  shared_secret: \"{key}\n"),
        format!("version: 1\nclient_vpn:\n  shared_secret: {key}: x\n"),
        format!("version: 1\nclient_vpn:\n  shared_secret: |\n    {key}\n  subnet: [\n"),
        format!("version: 1\nclient_vpn:\n\tshared_secret: {key}\n"),
        format!("version: 1\nclient_vpn:\n  shared_secret: !foo {key}\n  subnet: nonsense\n"),
        format!("version: 1\nclient_vpn:\n  shared_secret: &a {key}\n  subnet: *a\n"),
    ];
    for (n, text) in yaml.iter().enumerate() {
        found.extend(leaks(Site::new(&[("site.yaml", text)]).path(), &format!("YAML {n}")));
    }
    let json = [
        format!("{{\"version\": 1, \"client_vpn\": {{\"shared_secret\": \"{key}\n"),
        format!("{{\"version\": 1, \"client_vpn\": {{\"shared_secret\": {key}}}}}\n"),
        format!("{{\"version\": 1, \"client_vpn\": {{\"shared_secret\": \"{key}\", \"subnet\": \"nonsense\"}}}}\n"),
    ];
    for (n, text) in json.iter().enumerate() {
        found.extend(leaks(Site::new(&[("site.json", text)]).path(), &format!("JSON {n}")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_length_of_a_key_changes_nothing_that_is_shown() {
    // Both between the shortest key that psk-weak passes and the longest that the Dashboard takes.
    let site = |key: &str| {
        format!(
            "version = 1\n[client_vpn]\nsubnet = \"10.9.0.0/24\"\nradius_servers = [{{ secret = \"{key}\", port = \"x\" }}]\nshared_secret = \"{key}\"\n[[clients]]\nname = \"a\"\npre_shared_key = \"{key}x\"\n"
        )
    };
    for (format, _) in Format::ALL {
        let run = |key: &str| {
            let folder = Site::new(&[("site.toml", site(key))]);
            let output = vpnlint(folder.path(), &["check", "site.toml", "--root", ".", "--format", format]);
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let name = folder.path().file_name().expect("a name").to_string_lossy().into_owned();
            // The folder's name is the site's; fingerprints are made from it.
            let text = if *format == "sarif" { without_pages(&text) } else { text };
            text.replace(&name, "NAME")
                .lines()
                .filter(|l| !l.contains("fingerprint") && !l.contains("masked_by") && !l.contains("vpnlint/v1"))
                .collect::<Vec<_>>()
                .join("\n")
        };
        assert_eq!(run("CANARY-aaa.bbb-ccc1Z"), run("CANARY-aaa.bbb-ccc1Z-longer9Q"), "{format}");
    }
}

#[test]
fn a_key_in_names_paths_and_policies_is_never_shown() {
    let key = "CANARY-named.Key-77x";
    let site = format!(
        "version = 1\n[site]\nname = \"site {key}\"\n[client_vpn]\nsubnet = \"192.168.130.7/24\"\nshared_secret = \"{key}\"\n[[clients]]\nname = \"of {key}\"\nimport = \"{key}/{key}.nmconnection\"\n[[clients]]\nname = \"b\"\npre_shared_key = \"CANARY-another.Key-78x\"\n"
    );
    let profile = "[connection]\nid=a\ntype=vpn\n[vpn]\nservice-type=org.freedesktop.NetworkManager.l2tp\ngateway=203.0.113.10\nipsec-enabled=yes\n[vpn-secrets]\nipsec-psk=CANARY-third.Key-79x\n";
    let coded = STANDARD_NO_PAD.encode(key);
    let policy = format!(
        "[rules]\npsk-weak = \"error\"\n[data.common-keys]\nextend = [\"{key}\"]\n[[waivers]]\nrule = \"subnet-host-bits\"\nreason = \"the key {key} is old ({coded})\"\nowner = \"{key}\"\n[[waivers]]\nrule = \"subnet-not-private\"\nreason = \"{key}\"\nowner = \"{key}\"\n[[waivers]]\nrule = \"psk-mismatch\"\nclient = \"*{key}\"\nreason = \"{key}\"\nuntil = 2020-01-01\n"
    );
    let mut found = Vec::new();
    let folder = Site::new(&[("site.toml", &site), ("vpnlint.toml", &policy)]);
    folder.write(&format!("{key}/{key}.nmconnection"), profile.as_bytes());
    // `inspect` looks at one file alone: it does not know that its name, which the user gave, is a key of another.
    found.extend(leaks(folder.path(), "names, paths and a policy").into_iter().filter(|l| !l.contains("`inspect ")));
    // The site file itself, too; and a waiver beside the key.
    let folder = Site::new(&[("a/x.toml", "")]);
    folder.write(
        &format!("{key}/site.toml"),
        site.replace("[client_vpn]\n", &format!("[client_vpn]\n# vpnlint: allow[psk-weak] reason=\"{key}\"\n")).as_bytes(),
    );
    found.extend(leaks(folder.path(), "the site file's path"));
    // A site with nothing but the waiver that fits nothing.
    let clean = "version = 1\n[client_vpn]\nsubnet = \"10.77.1.0/24\"\nshared_secret = \"CANARY-clean.Key-80xZq\"\n";
    let unused = "[[waivers]]\nrule = \"subnet-not-private\"\nreason = \"CANARY-clean.Key-80xZq\"\n";
    found.extend(leaks(Site::new(&[("site.toml", clean), ("vpnlint.toml", unused)]).path(), "an unused waiver"));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn what_rests_on_no_site_shows_none_of_its_keys() {
    let key = "Zebra-in.No-page9";
    let site = format!("version = 1\n[client_vpn]\nshared_secret = \"{key}\"\n");
    let policy = format!("[[waivers]]\nrule = \"psk-weak\"\nreason = \"{key}\"\n[data.common-keys]\nextend = [\"{key}\"]\n");
    let folder = Site::new(&[("site.toml", site), ("vpnlint.toml", policy)]);
    for run in [
        &["explain", "psk-weak"][..],
        &["explain", "789"],
        &["rules"],
        &["rules", "--format", "json"],
        &["schema"],
        &["schema", "policy"],
        &["--help"],
    ] {
        let output = vpnlint(folder.path(), run);
        assert_eq!(output.status.code(), Some(0), "{run:?}");
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(said.len() > 40 && !said.contains("Zebra"), "{run:?}");
    }
}
