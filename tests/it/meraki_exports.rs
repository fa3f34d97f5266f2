//! Exports that hold the settings of client VPN, through a whole run.

use vpnlint::report::{Format, Report};

use crate::support::{Site, found, render, vpnlint};

const SITE: &str = "version = 1\n[mx]\nimport = \"devices.json\"\nnetwork = \"Kobe\"\n";
const CLIENT: &str =
    "[[clients]]\nname = \"sales\"\nserver = \"kobe-abcdefgh.dynamic-m.com\"\ntunnel_type = \"l2tp\"\nauthentication = [\"pap\"]\n";
const DEVICES: &str = r#"[
  {
    "name": "Kobe",
    "id": "N_1",
    "orgId": "77",
    "devices": [
      {
        "serial": "Q2AA-AAAA-AAA1",
        "model": "MX85",
        "vpnClientIpsec": {
          "hostname": "kobe-abcdefgh.dynamic-m.com",
          "enabled": true,
          "sharedSecret": "CANARY-correct-Horse.7battery",
          "ipv4": { "subnet": "10.9.200.0/24" }
        },
        "vpnClientAnyconnect": { "enabled": true, "subnet": "10.9.200.0/25", "sslPort": 443 }
      }
    ]
  }
]
"#;

fn check(files: &[(&str, &str)]) -> Report {
    let report = Site::new(files).check().report;
    assert!(report.bugs.is_empty(), "{:?}", report.bugs);
    for format in [Format::Text, Format::Json, Format::Concise] {
        let shown = render(&report, format);
        assert!(!shown.contains("CANARY"), "{shown}");
    }
    report
}

fn fired(report: &Report, rule: &str) -> Vec<String> {
    found(report).into_iter().filter(|f| f.starts_with(&format!("{rule} "))).collect()
}

#[test]
fn a_client_s_key_is_compared_with_the_export_s() {
    let right = format!("{SITE}{CLIENT}pre_shared_key = {{ env = \"VPNLINT_EXAMPLE_PSK\" }}\n");
    assert_eq!(fired(&check(&[("site.toml", &right), ("devices.json", DEVICES)]), "psk-mismatch"), [""; 0]);
    let wrong = format!("{SITE}{CLIENT}pre_shared_key = {{ env = \"VPNLINT_EXAMPLE_OTHER\" }}\n");
    assert_eq!(fired(&check(&[("site.toml", &wrong), ("devices.json", DEVICES)]), "psk-mismatch").len(), 1);
}

#[test]
fn the_export_s_subnets_overlap_at_their_own_places() {
    let report = check(&[("site.toml", SITE), ("devices.json", DEVICES)]);
    let overlap: Vec<_> = report.findings.iter().filter(|f| f.rule.id == "subnet-overlap").collect();
    assert_eq!(overlap.len(), 1, "{:?}", found(&report));
    let places: Vec<_> = overlap[0].places.iter().map(|p| (p.path.to_string(), p.line)).collect();
    assert_eq!(places, [("devices.json".to_owned(), 14), ("devices.json".to_owned(), 16)]);
    let apart = DEVICES.replace("10.9.200.0/25", "10.9.201.0/25");
    assert_eq!(fired(&check(&[("site.toml", SITE), ("devices.json", &apart)]), "subnet-overlap"), [""; 0]);
}

#[test]
fn the_site_file_and_the_export_drift() {
    let site = format!("{SITE}[client_vpn]\nsubnet = \"10.9.100.0/24\"\nshared_secret = {{ env = \"VPNLINT_EXAMPLE_OTHER\" }}\n");
    let report = check(&[("site.toml", &site), ("devices.json", DEVICES)]);
    assert_eq!(fired(&report, "cross-source-drift").len(), 2, "{:?}", found(&report));
    let same = format!("{SITE}[client_vpn]\nsubnet = \"10.9.200.0/24\"\nshared_secret = {{ env = \"VPNLINT_EXAMPLE_PSK\" }}\n");
    assert_eq!(fired(&check(&[("site.toml", &same), ("devices.json", DEVICES)]), "cross-source-drift"), [""; 0]);
}

#[test]
fn client_vpn_that_is_off_checks_nothing() {
    let off = DEVICES.replace("\"enabled\": true,\n          \"shared", "\"enabled\": false,\n          \"shared");
    let wrong = format!("{SITE}{CLIENT}pre_shared_key = {{ env = \"VPNLINT_EXAMPLE_OTHER\" }}\n");
    let report = check(&[("site.toml", &wrong), ("devices.json", &off)]);
    assert_eq!(fired(&report, "psk-mismatch"), [""; 0]);
    assert_eq!(fired(&report, "subnet-overlap"), [""; 0]);
}

#[test]
fn inspect_shows_client_vpn_without_its_key() {
    let site = Site::new(&[("devices.json", DEVICES)]);
    let out = vpnlint(site.path(), &["inspect", "devices.json"]);
    let shown = String::from_utf8(out.stdout).expect("UTF-8");
    assert!(shown.contains("\"migrate-devices\"") && shown.contains("\"client_vpn\"") && shown.contains("10.9.200.0/24"), "{shown}");
    assert!(!shown.contains("CANARY"), "{shown}");
}
