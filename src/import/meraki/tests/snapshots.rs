//! Snapshots of meraki2tf. Shape: its `README.md`, "Snapshot format".

use super::*;

const SNAPSHOT: &str = r#"{"organizationId": "77",
 "networks": [{"id": "N_1", "name": "Kobe", "productTypes": ["appliance"], "tags": ["branch"]}, {"id": "N_2", "name": "Nara", "productTypes": ["appliance"], "tags": []}],
 "devices": [{"serial": "Q2AA-AAAA-AAA1", "networkId": "N_1", "model": "MX64", "firmware": "wired-18-211"}],
 "features": [
  {"apiPath": "/networks/{networkId}/appliance/vlans/{vlanId}", "pathValues": ["N_1", "10"], "payload": {"id": 10, "name": "Data", "subnet": "10.9.10.0/24", "applianceIp": "10.9.10.1"}},
  {"apiPath": "/networks/{networkId}/appliance/vlans/{vlanId}", "pathValues": ["N_1", "20"], "payload": {"id": 20, "name": "Voice", "subnet": "10.9.20.0/24", "applianceIp": "10.9.20.1"}},
  {"apiPath": "/networks/{networkId}/appliance/vlans/{vlanId}", "pathValues": ["N_2", "10"], "payload": {"id": 10, "name": "Nara", "subnet": "10.8.10.0/24", "applianceIp": "10.8.10.1"}},
  {"apiPath": "/networks/{networkId}/appliance/settings", "pathValues": ["N_1"], "payload": {"deploymentMode": "routed", "dynamicDns": {"enabled": true}}},
  {"apiPath": "/networks/{networkId}/switch/stacks/{id}", "pathValues": ["N_1", "1"], "payload": {"id": "1"}},
  {"apiPath": "/devices/{serial}/managementInterface", "pathValues": ["Q2AA-AAAA-AAA1"], "payload": {"wan1": {"wanEnabled": "enabled", "usingStaticIp": true, "staticIp": "192.168.1.2"}}},
  {"apiPath": "/organizations/{organizationId}/appliance/vpn/thirdPartyVPNPeers", "pathValues": ["77"], "payload": {"peers": [{"name": "s", "privateSubnets": ["172.20.0.0/16"], "secret": "**REDACTED**", "networkTags": ["branch"]}]}}
 ]}"#;

#[test]
fn features_are_bodies_of_their_paths() {
    let r = read(&[("org-77.json", SNAPSHOT)], "org-77.json", Some("Kobe"));
    assert_eq!(r.ledger.problems, []);
    assert_eq!(r.mx.vlans.items().len(), 2);
    assert_eq!((v(&r.mx.model), v(&r.mx.deployment_mode)), ("MX64".to_owned(), DeploymentMode::Routed));
    assert_eq!(v(&r.mx.uplinks.items()[0].value.ip).to_string(), "192.168.1.2");
    let peer = &r.mx.third_party_vpn_peers.items()[0].value;
    assert!(peer.secret.opaque().is_some(), "the tool's word for a key is none");
    let r = read(&[("org-77.json", SNAPSHOT)], "org-77.json", Some("N_2"));
    assert_eq!((r.mx.vlans.items().len(), r.mx.third_party_vpn_peers.items().len()), (1, 0));
}

#[test]
fn made_up_addresses_are_not_read() {
    let text = SNAPSHOT.replace("\"77\"", "\"org-0001\"");
    let r = read(&[("s.json", &text)], "s.json", Some("Kobe"));
    assert!(kinds(&r.ledger).contains(&ProblemKind::ImportFailed) && r.mx.vlans.is_absent());
    assert!(r.ledger.problems[0].message.contains("sanitized"));
}

#[test]
fn every_prefix_of_a_snapshot_is_read() {
    for end in (0..SNAPSHOT.len()).filter(|n| SNAPSHOT.is_char_boundary(*n)) {
        read(&[("s.json", &SNAPSHOT[..end])], "s.json", Some("Kobe"));
    }
    for wrong in [
        "[]",
        "7",
        "{}",
        "[7]",
        "[{\"apiPath\":7,\"pathValues\":{},\"payload\":[]}]",
        "[{\"apiPath\":\"/{a}/{b}\",\"pathValues\":[],\"payload\":1}]",
    ] {
        read(&[("s.json", &format!("{{\"features\":{wrong},\"x\":[\"apiPath\",\"pathValues\"]}}"))], "s.json", None);
    }
}
