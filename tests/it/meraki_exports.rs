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

/// A plan of `CiscoDevNet/meraki`; `policy` is what its first layer 3 rule does, and `subnet` its VLAN's.
fn plan(policy: &str, subnet: &str) -> String {
    format!(
        r#"{{"format_version": "1.2", "terraform_version": "1.9.5", "planned_values": {{"root_module": {{"resources": [
  {{"address": "meraki_network.kobe", "mode": "managed", "type": "meraki_network", "values": {{"id": "N_1", "name": "Kobe", "organization_id": "77", "tags": []}}, "sensitive_values": {{}}}},
  {{"address": "meraki_organization_policy_object.fs", "mode": "managed", "type": "meraki_organization_policy_object", "values": {{"id": "12", "type": "cidr", "cidr": "10.9.10.3/32"}}}},
  {{"address": "meraki_appliance_third_party_vpn_peers.all", "mode": "managed", "type": "meraki_appliance_third_party_vpn_peers",
    "values": {{"organization_id": "77", "peers": [{{"name": "supplier", "private_subnets": ["172.20.0.0/16"], "secret": "CANARY-peer.Key-1", "network_tags": ["all"]}}]}}, "sensitive_values": {{"peers": [{{"secret": true}}]}}}},
  {{"address": "meraki_appliance_l3_firewall_rules.kobe", "mode": "managed", "type": "meraki_appliance_l3_firewall_rules", "values": {{"network_id": "N_1", "rules": [
    {{"policy": "{policy}", "protocol": "tcp", "src_cidr": "Any", "src_port": "Any", "dest_cidr": "OBJ(12)", "dest_port": "445"}}]}}}}],
 "child_modules": [{{"address": "module.lan", "resources": [
  {{"address": "module.lan.meraki_appliance_vlan.data", "mode": "managed", "type": "meraki_appliance_vlan",
    "values": {{"network_id": "N_1", "vlan_id": "10", "name": "Data", "subnet": "{subnet}", "appliance_ip": "10.9.10.1"}}}}]}}]}}}}}}
"#
    )
}

#[test]
fn a_plan_is_checked_before_it_is_applied() {
    let site = "version = 1\n[mx]\nimport = \"plan.json\"\nnetwork = \"Kobe\"\n[client_vpn]\nsubnet = \"10.9.200.0/24\"\n[[resources]]\nname = \"fs.example.com\"\nip = \"10.9.10.3\"\nservices = [\"smb\"]\n";
    let report = check(&[("site.toml", site), ("plan.json", &plan("deny", "10.9.10.0/24"))]);
    assert_eq!(fired(&report, "l3-blocks-resource"), ["l3-blocks-resource plan.json:7"], "{:?}", found(&report));
    assert_eq!(fired(&report, "subnet-overlap"), [""; 0]);
    let report = check(&[("site.toml", site), ("plan.json", &plan("allow", "10.9.0.0/16"))]);
    assert_eq!(fired(&report, "l3-blocks-resource"), [""; 0]);
    let overlap = report.findings.iter().find(|f| f.rule.id == "subnet-overlap").expect("an overlap");
    assert_eq!(
        overlap.places.iter().map(|p| (p.path.to_string(), p.line)).collect::<Vec<_>>(),
        [("site.toml".into(), 6), ("plan.json".into(), 10)]
    );
    let text = render(&report, Format::Json);
    assert!(!text.contains("CANARY"), "{text}");
}

#[test]
fn nothing_is_proved_from_what_terraform_does_not_manage() {
    let site = "version = 1\n[mx]\nimport = [\"plan.json\"]\nnetwork = \"Kobe\"\n[client_vpn]\nsubnet = \"10.9.200.0/24\"\n";
    let report = check(&[("site.toml", site), ("plan.json", &plan("allow", "10.9.10.0/24"))]);
    let shown = render(&report, Format::Text);
    assert!(shown.contains("Terraform may manage only some of the VLANs"), "{shown}");
    // With the API's own list, it is proved.
    let all = r#"[{"id": 10, "networkId": "N_1", "name": "Data", "subnet": "10.9.10.0/24", "applianceIp": "10.9.10.1"}]"#;
    let site = site.replace("\"plan.json\"", "\"plan.json\", \"vlans.json\"");
    let report = check(&[("site.toml", &site), ("plan.json", &plan("allow", "10.9.10.0/24")), ("vlans.json", all)]);
    let shown = render(&report, Format::Text);
    assert!(!shown.contains("Terraform may manage"), "{shown}");
}
