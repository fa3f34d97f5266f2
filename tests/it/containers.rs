//! Profiles in binary and signed files: what is found in them, and where each report says that it stands.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use vpnlint::report::Format;

use crate::support::{Site, found, render, vpnlint};

const PROFILE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n<dict>\n\t<key>PayloadType</key>\n\
     \t<string>com.apple.vpn.managed</string>\n\t<key>UserDefinedName</key>\n\t<string>B\u{fc}ro</string>\n\t<key>VPNType</key>\n\t<string>L2TP</string>\n\
     \t<key>PPP</key>\n\t<dict>\n\t\t<key>CommRemoteAddress</key>\n\t\t<string>https://vpn.example.com</string>\n\t</dict>\n\t<key>IPSec</key>\n\
     \t<dict>\n\t\t<key>SharedSecret</key>\n\t\t<string>CANARY-in-the-profile</string>\n\t</dict>\n</dict>\n</plist>\n";

fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    [&[tag, 0x83][..], &(content.len() as u32).to_be_bytes()[1..], &content].concat()
}

/// A signed message without a signer around a content.
fn signed(content: &[u8]) -> Vec<u8> {
    let kind = |last: u8| [&[6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7][..], &[last]].concat();
    let inner = der(0x30, &[&kind(1), &der(0xA0, &[&der(4, &[content])])]);
    let data = der(0x30, &[&[2, 1, 1], &der(0x31, &[]), &inner, &der(0x31, &[])]);
    der(0x30, &[&kind(2), &der(0xA0, &[&data])])
}

/// The same profile as a binary property list.
fn binary() -> Vec<u8> {
    let text = |t: &str| {
        if t.is_ascii() {
            return [&[0x5F, 0x10, t.len() as u8], t.as_bytes()].concat();
        }
        let units: Vec<u8> = t.encode_utf16().flat_map(u16::to_be_bytes).collect();
        [&[0x60 | (units.len() / 2) as u8][..], &units].concat()
    };
    let objects = [
        vec![0xD5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        text("PayloadType"),
        text("UserDefinedName"),
        text("VPNType"),
        text("PPP"),
        text("IPSec"),
        text("com.apple.vpn.managed"),
        text("B\u{fc}ro"),
        text("L2TP"),
        vec![0xD1, 11, 12],
        vec![0xD1, 13, 14],
        text("CommRemoteAddress"),
        text("https://vpn.example.com"),
        text("SharedSecret"),
        text("CANARY-in-the-profile"),
    ];
    let mut out = b"bplist00".to_vec();
    let mut table = Vec::new();
    for object in &objects {
        table.extend((out.len() as u16).to_be_bytes());
        out.extend(object);
    }
    let at = out.len() as u64;
    out.extend(table);
    out.extend([0, 0, 0, 0, 0, 0, 2, 1]);
    for n in [objects.len() as u64, 0, at] {
        out.extend(n.to_be_bytes());
    }
    out
}

fn utf16(text: &str) -> Vec<u8> {
    let text = text.replace("UTF-8", "UTF-16");
    [vec![0xFF, 0xFE], text.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat()
}

fn armoured(message: &[u8]) -> Vec<u8> {
    format!("-----BEGIN PKCS7-----\n{}\n-----END PKCS7-----\n", STANDARD.encode(message)).into_bytes()
}

fn site(profile: &[u8]) -> Site {
    let text = "version = 1\n[[clients]]\nname = \"sales\"\nimport = \"sales.mobileconfig\"\n";
    Site::new(&[("site.toml", text.as_bytes()), ("sales.mobileconfig", profile)])
}

#[test]
fn the_same_faults_are_found_in_every_container() {
    let lines = [
        "profile-secret-type sales.mobileconfig:18",
        "profile-server-form sales.mobileconfig:13",
        "secret-in-clear-text sales.mobileconfig:18",
    ];
    let first = lines.map(|line| format!("{}:1", line.rsplit_once(':').expect("a line").0));
    for (name, file, places) in [
        ("xml", PROFILE.as_bytes().to_vec(), lines.map(str::to_owned)),
        ("utf-16", utf16(PROFILE), lines.map(str::to_owned)),
        ("signed", signed(PROFILE.as_bytes()), lines.map(str::to_owned)),
        ("signed utf-16", signed(&utf16(PROFILE)), lines.map(str::to_owned)),
        ("binary", binary(), first.clone()),
        ("signed binary", signed(&binary()), first.clone()),
        ("armoured", armoured(&signed(PROFILE.as_bytes())), first.clone()),
    ] {
        let mut seen = found(&site(&file).check().report);
        seen.sort();
        assert_eq!(seen, places, "{name}");
    }
}

#[test]
fn people_see_the_lines_inside_and_tools_the_file() {
    for (file, title, line) in
        [(binary(), "sales.mobileconfig (binary):18:11", 1), (signed(PROFILE.as_bytes()), "sales.mobileconfig (signed):18:11", 18)]
    {
        let report = site(&file).check().report;
        let text = render(&report, Format::Text);
        assert!(text.contains(title), "{text}");
        for format in [Format::Text, Format::Concise, Format::Json, Format::Sarif, Format::GitHub, Format::GitLab] {
            // SARIF holds the rules' pages, with keys of their own.
            let text = render(&report, format);
            assert!(!text.contains("in-the-profile"), "{text}");
        }
        let sarif: Value = serde_json::from_str(&render(&report, Format::Sarif)).expect("JSON");
        let results = sarif["runs"][0]["results"].as_array().expect("results");
        let result = results.iter().find(|r| r["ruleId"] == "profile-secret-type").expect("the finding");
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], json!("sales.mobileconfig"));
        assert_eq!(place["region"]["startLine"], json!(line));
    }
}

#[test]
fn a_file_that_cannot_be_opened_up_says_why() {
    let inside = signed(PROFILE.as_bytes());
    let secret = inside.windows(6).position(|w| w == b"CANARY").expect("the key") + 12;
    let enveloped = der(0x30, &[&[6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 3], &der(0xA0, &[])]);
    let flat = binary();
    for (file, why) in [
        (enveloped.clone(), "is an encrypted message"),
        (signed(&enveloped), "is an encrypted message"),
        (inside[..secret].to_vec(), "is a signed message that is damaged or cut short"),
        (flat[..flat.len() - 1].to_vec(), "is a binary property list that is damaged or cut short"),
        (
            signed(b"<plist><dict><key>PayloadType</key><string>Configuration</string><key>IsEncrypted</key><true/></dict></plist>"),
            "is encrypted",
        ),
    ] {
        let site = site(&file);
        let report = site.check().report;
        let failed: Vec<_> = report.findings.iter().filter(|f| f.rule.id == "import-failed").collect();
        assert!(failed.len() == 1 && failed[0].message.contains(why), "{why}: {:?}", found(&report));
        assert!(!render(&report, Format::Json).contains("CANARY"));
        let output = vpnlint(site.path(), &["inspect", "--root", ".", "sales.mobileconfig"]);
        assert_eq!(output.status.code(), Some(3));
        let said = [output.stdout, output.stderr].map(|s| String::from_utf8(s).expect("UTF-8")).concat();
        assert!(said.contains(why) && !said.contains("CANARY"), "{said}");
    }
}

#[test]
fn a_file_that_two_clients_name_fails_alike_for_both() {
    let text =
        "version = 1\n[[clients]]\nname = \"a\"\nimport = \"x.mobileconfig\"\n[[clients]]\nname = \"b\"\nimport = \"x.mobileconfig\"\n";
    let enveloped = der(0x30, &[&[6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 3], &der(0xA0, &[])]);
    let report = Site::new(&[("site.toml", text.as_bytes()), ("x.mobileconfig", &enveloped)]).check().report;
    let failed: Vec<_> =
        report.findings.iter().filter(|f| f.message.contains("is an encrypted message")).map(|f| f.places[0].line).collect();
    assert_eq!(failed, [4, 7]);
}

#[test]
fn inspect_names_the_container_and_counts_lines_inside() {
    for (file, container) in [(binary(), "binary"), (signed(PROFILE.as_bytes()), "signed"), (signed(&binary()), "signed, binary")] {
        let site = site(&file);
        let output = vpnlint(site.path(), &["inspect", "--root", ".", "sales.mobileconfig"]);
        let shown: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!((&shown["path"], &shown["container"]), (&json!("sales.mobileconfig"), &json!(container)));
        let client = &shown["model"]["clients"][0];
        assert_eq!(client["name"], json!({ "value": "B\u{fc}ro", "line": 7, "column": 10 }));
        assert_eq!(client["pre_shared_key"], json!({ "set": true, "line": 18, "column": 11 }));
    }
}

/// Real files that are no part of the repository; skipped where they are not.
#[test]
fn every_real_profile_shows_what_it_holds() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/clients/mobileconfig");
    if !folder.is_dir() {
        eprintln!("skipped: there are no real profiles here");
        return;
    }
    let bakker = ["BABL", "l2tp", "remote.bakkerblanc.ch", "true"];
    let template = "the profile is a template: its server is not filled in";
    let keychain = "the key is in the Mac's keychain, and the file holds only a reference to it";
    let expected = [
        ("apple_doc_example.mobileconfig", Value::Null, ["VPN Server", "l2tp", "vpn.example.com", "true"]),
        ("bakkerblanc_VPN_2019.mobileconfig", Value::Null, bakker),
        ("derived_binary.mobileconfig", json!("binary"), bakker),
        ("derived_signed_ber_stream.mobileconfig", json!("signed"), bakker),
        ("derived_signed_der.mobileconfig", json!("signed"), bakker),
        ("merlink_preferences_plist_snippet.xml", Value::Null, ["$VpnName", "l2tp", template, keychain]),
        ("richweiwei_ipsec_contrast.mobileconfig", Value::Null, ["USVPN", "cisco_ipsec", "203.0.113.133", "true"]),
        ("ydethe_ikev2_contrast.mobileconfig", Value::Null, ["Maison", "ikev2", "vpn.johncloud.fr", "null"]),
    ];
    for (name, container, facts) in expected {
        let output = vpnlint(&folder, &["inspect", "--root", ".", name]);
        let shown: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!((output.status.code(), &shown["problems"], &shown["container"]), (Some(0), &json!([]), &container), "{name}");
        let clients = shown["model"]["clients"].as_array().expect("clients");
        assert_eq!(clients.len(), 1, "{name}");
        let fact = |key: &str| {
            let value = &clients[0][key];
            let said = ["value", "opaque", "set"].iter().map(|k| &value[k]).find(|v| !v.is_null()).unwrap_or(&Value::Null);
            said.as_str().map_or_else(|| said.to_string(), str::to_owned)
        };
        assert_eq!(["name", "tunnel_type", "server", "pre_shared_key"].map(fact), facts, "{name}");
    }
}
