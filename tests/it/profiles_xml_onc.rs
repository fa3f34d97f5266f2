//! ProfileXML and ONC as people keep them, through the whole check: what is wrong is found at its place, and what is right stays silent.

use vpnlint::report::{Format, Report};

use crate::support::{Site, found, render, vpnlint};

/// The key of the MX, as it is: it has a character of every syntax.
const KEY: &str = "CANARY;Horse$7'x\"bat\\tery&9q";

const SITE: &str =
    "version = 1\n[client_vpn]\nshared_secret = { env = \"VPNLINT_EXAMPLE_INSIDE\" }\n[[clients]]\nname = \"laptops\"\nimport = \"FILE\"\n";

fn report(name: &str, text: &str) -> Report {
    let site = Site::new(&[("site.toml", SITE.replace("FILE", name).as_str()), (name, text)]);
    let report = site.check().report;
    for format in [Format::Text, Format::Concise] {
        let shown = render(&report, format);
        assert!(!shown.contains("CANARY;") && !shown.contains("Horse$7"), "{shown}");
    }
    report
}

fn profile(key: &str, native: &str) -> String {
    format!(
        "<VPNProfile>\n<NativeProfile>\n<Servers>vpn.example.com</Servers>\n<NativeProtocolType>L2tp</NativeProtocolType>\n<L2tpPsk>{key}</L2tpPsk>\n{native}</NativeProfile>\n</VPNProfile>\n"
    )
}

fn syncml(profile: &str) -> String {
    let data = profile.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!(
        "<SyncML><SyncBody><Add><Item><Target><LocURI>./Vendor/MSFT/VPNv2/Office/ProfileXML</LocURI></Target>\n<Data>{data}</Data></Item></Add></SyncBody></SyncML>\n"
    )
}

fn onc(key: &str, more: &str) -> String {
    format!(
        "{{ \"Name\": \"Office\", \"Type\": \"VPN\",\n\"VPN\": {{ \"Type\": \"L2TP-IPsec\", \"Host\": \"vpn.example.com\",\n\"IPsec\": {{ \"AuthenticationType\": \"PSK\", \"IKEVersion\": 1,\n\"PSK\": \"{key}\",\n{more} }} }} }} // exported\n"
    )
}

/// The help of the finding of a rule, with its place.
fn finding(report: &Report, rule: &str) -> Option<(String, u32)> {
    let finding = report.findings.iter().find(|f| f.rule.id == rule)?;
    Some((finding.help.clone(), finding.places[0].line))
}

#[test]
fn a_key_in_the_formats_own_writing_is_the_key() {
    let xml = KEY.replace('&', "&amp;");
    let json = KEY.replace('\\', "\\\\").replace('"', "\\\"");
    for (name, text) in [
        ("office.xml", profile(&xml, "")),
        ("office.xml", profile(&format!("<![CDATA[{KEY}]]>"), "")),
        ("office.xml", syncml(&profile(&xml, ""))),
        ("office.xml", syncml(&profile(&xml, "")).replace('\n', "\r\n")),
        ("deploy.ps1", format!("$ProfileXML = @'\n{}'@\nNew-CimInstance -ClassName MDM_VPNv2_01\n", profile(&xml, ""))),
        ("deploy.ps1", format!("$ProfileXML = @\"\n{}\"@\n", profile(&xml.replace('$', "`$"), ""))),
        ("office.onc", onc(&json, "")),
    ] {
        let report = report(name, &text);
        assert!(finding(&report, "psk-mismatch").is_none(), "{name}: {text}");
        assert!(finding(&report, "psk-not-portable").is_none(), "{name}: {text}");
        let holds = report.coverage.iter().flatten().any(|r| r.rule.id == "psk-mismatch" && r.undecided.is_none());
        assert!(holds, "{name}: {text}");
    }
}

#[test]
fn a_key_in_another_formats_writing_is_a_near_miss() {
    let json = KEY.replace('\\', "\\\\").replace('"', "\\\"");
    for (name, text, help, line) in [
        ("office.xml", profile(&KEY.replace('&', "&amp;amp;"), ""), "XML entities", 5),
        ("office.xml", syncml(&profile(&KEY.replace('&', "&amp;amp;"), "")), "XML entities", 6),
        ("office.xml", profile(&format!("<![CDATA[{}]]>", KEY.replace('&', "&amp;")), ""), "XML entities", 5),
        ("office.xml", profile(&format!("{}\n", KEY.replace('&', "&amp;")), ""), "line break", 5),
        ("office.onc", onc(&json.replace('&', "&amp;"), ""), "XML entities", 4),
        ("office.onc", onc(&format!("{json}\\n"), ""), "line break", 4),
    ] {
        let report = report(name, &text);
        let (said, at) = finding(&report, "psk-mismatch").unwrap_or_else(|| panic!("{name}: {text}\n{:?}", found(&report)));
        assert!(said.contains(help), "{said}");
        assert_eq!(at, line, "{text}");
    }
}

/// `holds`, `undecided: REASON`, `violated LINE`, or `-`.
fn verdict(name: &str, text: &str, rule: &str) -> String {
    let report = report(name, text);
    if let Some((_, line)) = finding(&report, rule) {
        return format!("violated {line}");
    }
    // The MX's own side may have a row too.
    let mut rows: Vec<_> = report.coverage.into_iter().flatten().filter(|r| r.rule.id == rule).collect();
    rows.sort_by_key(|r| r.undecided.is_none());
    rows.into_iter()
        .next()
        .map_or_else(|| "-".to_owned(), |r| r.undecided.map_or_else(|| "holds".to_owned(), |why| format!("undecided: {why}")))
}

#[test]
fn rules_about_clients_are_decided() {
    let user = |method: &str| format!("<Authentication><UserMethod>{method}</UserMethod></Authentication>\n");
    for (text, rule, want) in [
        (profile("x", ""), "pap-refused", "undecided: the format profilexml cannot say whether the client may use PAP"),
        (profile("x", &user("EAP")), "pap-refused", "violated 6"),
        (profile("x", &user("MSChapv2")), "pap-refused", "violated 6"),
        (profile("x", ""), "wrong-tunnel-type", "holds"),
        (profile("x", "").replace("L2tp<", "IKEv2<"), "wrong-tunnel-type", "violated 4"),
        (profile("x", ""), "ipsec-not-psk", "holds"),
        (profile("", ""), "psk-missing", "violated 5"),
        (profile("x", "").replace("vpn.example.com", "https://vpn.example.com/"), "profile-server-form", "violated 3"),
        (profile("x", ""), "secret-in-clear-text", "violated 5"),
        (
            profile("x", "<CryptographySuite><EncryptionMethod>AES256</EncryptionMethod></CryptographySuite>"),
            "ike-proposal-mismatch",
            "violated 6",
        ),
    ] {
        let got = verdict("office.xml", &text, rule);
        assert_eq!(got, want, "{rule}\n{text}");
    }
    for (text, rule, want) in [
        (onc("x", ""), "pap-refused", "undecided: the format onc cannot say whether the client may use PAP"),
        (onc("x", ""), "wrong-tunnel-type", "holds"),
        (onc("x", ""), "ipsec-not-psk", "holds"),
        (onc("x", "").replace("\"PSK\",", "\"Cert\","), "ipsec-not-psk", "violated 3"),
        (onc("x", "\"Group\": \"sales\""), "aggressive-mode", "undecided: the site file states no `mx.firmware`"),
        (onc("x", ""), "aggressive-mode", "holds"),
        (onc("", ""), "psk-missing", "undecided: the profile's `PSK` is empty: the device has a key of its own, which is not known"),
        (onc("x", ""), "secret-in-clear-text", "violated 4"),
    ] {
        assert_eq!(verdict("office.onc", &text, rule), want, "{rule}\n{text}");
    }
}

#[test]
fn what_cannot_be_read_is_said() {
    for (name, text, why) in [
        ("office.onc", "{ \"Type\": \"EncryptedConfiguration\", \"Ciphertext\": \"CANARY\" }", "import-failed"),
        ("office.onc", "{ \"Type\": \"UnencryptedConfiguration\", \"NetworkConfigurations\": [] }", "import-failed"),
        ("office.xml", "<SyncML><SyncBody/></SyncML>", "import-failed"),
        ("office.xml", "<VPNProfile><NativeProfile><L2tpPsk>CANARY", "syntax-error"),
    ] {
        let report = report(name, text);
        assert!(report.findings.iter().any(|f| f.rule.id == why), "{text}: {:?}", found(&report));
    }
}

#[test]
fn inspect_shows_them_with_places_and_without_keys() {
    let site = Site::new(&[
        ("a.xml", syncml(&profile("CANARY-syncml", "<RoutingPolicyType>SplitTunnel</RoutingPolicyType>\n"))),
        ("b.onc", onc("CANARY-onc", "")),
        (
            "c.ps1",
            format!("$Server = 'mx.example.com'\n$p = @\"\n{}\n\"@\n", profile("CANARY-here", "").replace("vpn.example.com", "$Server")),
        ),
    ]);
    let output = vpnlint(site.path(), &["inspect", "--root", ".", "a.xml", "b.onc", "c.ps1"]);
    let shown = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(!shown.contains("CANARY"));
    insta::with_settings!({ snapshot_path => "snapshots", omit_expression => true }, { insta::assert_snapshot!(shown) });
}

/// Real files, when they are there: each is told for what it is, and read without an error of the reader.
#[test]
fn real_files_are_inspected() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/clients");
    let mut seen = 0;
    for (folder, format) in [("profilexml", "profilexml"), ("onc", "onc")] {
        for file in std::fs::read_dir(corpus.join(folder)).into_iter().flatten().flatten() {
            let name = file.file_name().to_string_lossy().into_owned();
            let output = vpnlint(&corpus.join(folder), &["inspect", "--root", ".", &name]);
            let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
            assert_eq!((output.status.code(), &document["format"]), (Some(0), &serde_json::json!(format)), "{name}");
            assert_eq!(document["problems"], serde_json::json!([]), "{name}");
            let client = &document["model"]["clients"][0];
            assert_eq!(client["tunnel_type"]["value"], "l2tp", "{name}");
            assert!(client["server"]["value"].is_string(), "{name}");
            seen += 1;
        }
    }
    if seen == 0 {
        eprintln!("skipped: there are no real files here");
    }
}
