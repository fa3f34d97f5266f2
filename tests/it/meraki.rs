//! Folders of the Dashboard API's answers, through a whole run.

use vpnlint::report::{Report, ReportFinding};

use crate::support::Site;

const SITE: &str = "version = 1\n[mx]\nimport = [\"meraki/\"]\nnetwork = \"Kobe\"\n";
const VLANS: &str = "[\n  {\n    \"id\": \"10\",\n    \"networkId\": \"N_1\",\n    \"name\": \"Data\",\n    \"subnet\": \"10.9.10.0/24\",\n    \"applianceIp\": \"10.9.10.1\",\n    \"unheardOf\": {\"x\": [1]}\n  }\n]\n";
const PEERS: &str =
    r#"{"peers":[{"name":"supplier","publicIp":"198.51.100.7","privateSubnets":["172.20.0.0/16"],"secret":"CANARY-peer.key"}]}"#;

fn check(files: &[(&str, &str)]) -> Report {
    let report = Site::new(files).check().report;
    assert!(report.bugs.is_empty(), "{:?}", report.bugs);
    for finding in &report.findings {
        let shown = format!("{} {} {:?} {:?}", finding.message, finding.help, finding.places, finding.excerpts);
        assert!(!shown.contains("CANARY"), "{shown}");
    }
    report
}

/// What a label's place shows.
fn labelled(finding: &ReportFinding, n: usize) -> &str {
    let place = &finding.places[n];
    &finding.excerpts[place.excerpt].text[place.bytes.clone()]
}

fn of<'r>(report: &'r Report, rule: &str) -> Vec<&'r ReportFinding> {
    report.findings.iter().filter(|f| f.rule.id == rule).collect()
}

#[test]
fn a_clean_folder_is_silent() {
    let report =
        check(&[("site.toml", SITE), ("meraki/networks/Kobe/appliance_vlans.json", VLANS), ("meraki/thirdPartyVPNPeers.json", PEERS)]);
    let faults = ["unknown-key", "invalid-value", "import-failed", "syntax-error", "cross-source-drift"];
    let found: Vec<_> = report.findings.iter().filter(|f| faults.contains(&f.rule.id)).map(|f| &f.message).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn a_vlan_of_an_api_body_overlaps_at_its_own_place() {
    let site = format!("{SITE}[client_vpn]\nsubnet = \"10.9.10.128/25\"\n");
    let report = check(&[("site.toml", &site), ("meraki/appliance_vlans.json", VLANS)]);
    let found = of(&report, "subnet-overlap");
    assert_eq!(found.len(), 1);
    let n = found[0].places.iter().position(|p| p.path.ends_with("appliance_vlans.json")).expect("a label in the body");
    assert_eq!((labelled(found[0], n), found[0].places[n].line), ("\"10.9.10.0/24\"", 6));
}

#[test]
fn drift_between_the_site_file_and_a_body_labels_both() {
    let site = format!("{SITE}[[mx.vlans]]\nvlan_id = 10\nname = \"Data\"\nsubnet = \"10.9.11.0/24\"\n");
    let report = check(&[("site.toml", &site), ("meraki/appliance_vlans.json", VLANS)]);
    let found = of(&report, "cross-source-drift");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].message, "the site file and an import disagree about the subnet of VLAN `Data`");
    assert_eq!(
        found[0].places.iter().map(|p| (p.primary, p.line, p.text.as_str())).collect::<Vec<_>>(),
        [(true, 8, "in the site file"), (false, 6, "in the import")]
    );
    assert_eq!((labelled(found[0], 0), labelled(found[0], 1)), ("\"10.9.11.0/24\"", "\"10.9.10.0/24\""));
}

#[test]
fn a_peers_key_that_drifts_shows_neither() {
    let site = format!("{SITE}[[mx.third_party_vpn_peers]]\nname = \"supplier\"\nsecret = \"CANARY-other.key\"\n");
    let report = check(&[("site.toml", &site), ("meraki/thirdPartyVPNPeers.json", PEERS)]);
    assert_eq!(of(&report, "cross-source-drift").len(), 1);
}

#[test]
fn broken_and_wrong_bodies_are_findings_with_places() {
    let report = check(&[
        ("site.toml", SITE),
        ("meraki/appliance_vlans.json", &VLANS.replace("10.9.10.0/24", "10.9.10.0/33")),
        ("meraki/portForwardingRules.json", "{\"rules\": [{\"name\": \"web\","),
        ("meraki/staticRoutes.json", "{\"subnet\": 1}"),
        ("meraki/thirdPartyVPNPeers.json", &format!("{PEERS},")),
    ]);
    let lines: Vec<_> = of(&report, "invalid-value").iter().map(|f| (f.places[0].path.to_string(), f.places[0].line)).collect();
    assert_eq!(lines, [("meraki/appliance_vlans.json".to_owned(), 6), ("meraki/staticRoutes.json".to_owned(), 1)]);
    let broken: Vec<_> = of(&report, "syntax-error").iter().map(|f| f.places[0].path.to_string()).collect();
    assert_eq!(broken, ["meraki/portForwardingRules.json", "meraki/thirdPartyVPNPeers.json"]);
}

#[test]
fn a_machine_s_group_policy_is_found_by_its_id() {
    let site = format!(
        "{SITE}[client_vpn]\nsubnet = \"10.9.200.0/24\"\n[[resources]]\nname = \"fs.example.com\"\nip = \"10.9.10.3\"\nservices = [\"smb\"]\n"
    );
    let policies = r#"[{"groupPolicyId": "101", "name": "Servers", "firewallAndTrafficShaping": {"settings": "custom",
        "l3FirewallRules": [{"policy": "deny", "protocol": "tcp", "destPort": "Any", "destCidr": "10.9.200.0/24"}]}}]"#;
    let clients = r#"[{"id": "k1", "mac": "00:11:22:33:44:55", "ip": "10.9.10.3", "recentDeviceSerial": "Q2"}, {"id": "k2", "ip": null}]"#;
    let rules = r#"{"rules": []}"#;
    let files = |name: &'static str, body: &'static str| {
        [
            ("site.toml", site.clone()),
            ("meraki/networks/Kobe/appliance_vlans.json", VLANS.to_owned()),
            ("meraki/networks/Kobe/group_policies.json", policies.to_owned()),
            ("meraki/networks/Kobe/l3FirewallRules.json", rules.to_owned()),
            ("meraki/networks/Kobe/clients.json", clients.to_owned()),
            (name, body.to_owned()),
        ]
    };
    for (name, body, blocked) in [
        (
            "meraki/networks/Kobe/clients/k1/policy.json",
            r#"{"mac": "00:11:22:33:44:55", "devicePolicy": "Group policy", "groupPolicyId": 101}"#,
            true,
        ),
        (
            "meraki/networks/Kobe/clients/k1/policy.json",
            r#"{"mac": "00:11:22:33:44:55", "devicePolicy": "Normal", "groupPolicyId": "101"}"#,
            false,
        ),
        (
            "meraki/policies_byClient.json",
            r#"[{"clientId": "k1", "name": "fs", "assigned": [{"groupPolicyId": "101", "type": "group", "ssid": []}]}]"#,
            true,
        ),
        (
            "meraki/policies_byClient.json",
            r#"[{"clientId": "k1", "name": "fs", "assigned": [{"groupPolicyId": "101", "ssid": [{"ssidNumber": 1}]}]}]"#,
            false,
        ),
        ("meraki/policies_byClient.json", r#"[{"clientId": "k9", "assigned": [{"groupPolicyId": "101"}]}]"#, false),
    ] {
        let files = files(name, body);
        let report = check(&files.each_ref().map(|(name, text)| (*name, text.as_str())));
        let faults: Vec<_> = report.findings.iter().map(|f| (f.rule.id, &f.message)).collect();
        assert_eq!(faults.iter().any(|(id, _)| *id == "l3-blocks-resource"), blocked, "{name} {body} {faults:?}");
    }
}
