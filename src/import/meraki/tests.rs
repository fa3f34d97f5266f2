#![expect(clippy::disallowed_methods, reason = "tests write the files that they read")]

mod auth;
mod choose;
mod exports;
mod joining;
mod snapshots;
mod terraform;

use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::model::mx::{DeploymentMode, L7Kind, L7Value, PolicySettings, RuleAction, UplinkMode, VpnMode};
use crate::net::{Addrs, Ports};
use crate::source::Root;

use choose::STATUSES;

struct Read {
    mx: Mx,
    client_vpn: Field<ClientVpn>,
    ledger: Ledger,
    session: Session,
    _folder: tempfile::TempDir,
}

fn session(files: &[(&str, &str)]) -> (Session, FileId, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files.iter().copied().chain([("site.toml", "meraki/ network")]) {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let root = Root::new(folder.path()).unwrap();
    let site = root.path().join("site.toml");
    let mut session = Session::new(Arc::new(root));
    let id = session.open_site(&site).unwrap().id;
    (session, id, folder)
}

fn spec(text: &str) -> Vec<Spanned<String>> {
    vec![Spanned::new(text.to_owned(), Span::new(0, 7))]
}

fn read(files: &[(&str, &str)], import: &str, network: Option<&str>) -> Read {
    let (mut session, id, folder) = session(files);
    let mut ledger = Ledger::default();
    let network = network.map(|n| Spanned::new(n.to_owned(), Span::new(8, 15)));
    let Imported { mut mx, client_vpn, .. } = load(&mut session, id, &spec(import), network.as_ref(), None, &mut ledger);
    name_policies(&mut mx, &Mx::default());
    assert!(ledger.panics.is_empty(), "{:?}", ledger.panics);
    Read { mx, client_vpn, ledger, session, _folder: folder }
}

/// One file in a folder, read without a fault.
fn body(name: &str, text: &str) -> Read {
    let read = read(&[(&format!("meraki/{name}"), text)], "meraki", None);
    assert_eq!(read.ledger.problems, [], "{name}");
    read
}

fn kinds(ledger: &Ledger) -> Vec<ProblemKind> {
    ledger.problems.iter().map(|p| p.kind).collect()
}

fn v<T: Clone>(field: &Field<T>) -> T {
    field.value().unwrap().clone()
}

#[test]
fn warm_spare_takes_the_virtual_address_from_wan1() {
    let text = r#"{"enabled": true, "primarySerial": "Q2AA-AAAA-AAA1", "spareSerial": "Q2AA-AAAA-AAA2", "uplinkMode": "virtual",
        "wan1": {"ip": "203.0.113.9", "subnet": "203.0.113.0/24"}, "wan2": {"ip": null, "subnet": null}}"#;
    let r = body("networks__N_1__appliance__warmSpare.json", text);
    let spare = &r.mx.warm_spare.known().unwrap().value;
    assert_eq!(v(&spare.uplink_mode), UplinkMode::Virtual);
    assert_eq!(v(&spare.virtual_ip1).to_string(), "203.0.113.9");
    assert_eq!(r.session.map.text(spare.virtual_ip1.span().unwrap()), "\"203.0.113.9\"");
    assert!(spare.virtual_ip2.is_absent());
}

#[test]
fn public_warm_spare_has_no_virtual_address() {
    let r = body("warmSpare.json", r#"{"enabled": "true", "uplinkMode": "public", "wan1": {"ip": "203.0.113.9"}}"#);
    let spare = &r.mx.warm_spare.known().unwrap().value;
    assert!(v(&spare.enabled) && spare.virtual_ip1.is_absent());
    let r = body("warm_spare.json", r#"{"enabled": true, "uplinkMode": "quantum", "virtualIp1": "203.0.113.9"}"#);
    let spare = &r.mx.warm_spare.known().unwrap().value;
    assert!(spare.uplink_mode.opaque().is_some() && spare.virtual_ip1.known().is_some());
}

#[test]
fn settings_give_mode_and_dynamic_dns() {
    let text = r#"{"clientTrackingMethod": "MAC address", "deploymentMode": "passthrough",
        "dynamicDns": {"enabled": true, "prefix": "kobe", "url": "https://kobe-abcdefgh.dynamic-m.com/"}}"#;
    for name in ["networks__N_1__appliance__settings.json", "appliance/settings.json", "whatever.json"] {
        let r = body(name, text);
        assert_eq!(v(&r.mx.deployment_mode), DeploymentMode::Passthrough, "{name}");
        assert_eq!(v(&r.mx.dynamic_dns.known().unwrap().value.hostname), "kobe-abcdefgh.dynamic-m.com");
    }
}

const VLANS: &str = r#"[{"id": "10", "networkId": "N_1", "name": "Data", "subnet": "10.9.10.0/24", "applianceIp": "10.9.10.1", "groupPolicyId": "101",
  "fixedIpAssignments": {"00:11:22:33:44:55": {"ip": "10.9.10.7"}}, "ipv6": {"enabled": false}},
 {"id": 20, "name": "Voice", "subnet": "10.9.20.0/24", "applianceIp": "10.9.20.1", "groupPolicyId": null}]"#;

#[test]
fn vlans_are_found_under_every_usual_name() {
    for name in [
        "networks__N_1__appliance__vlans.json",
        "networks/N_1/appliance/vlans.json",
        "org/networks/Kobe/appliance_vlans.json",
        "vlans.json",
        "vlans (1).json",
        "appliance_vlans_2026-11-01.json",
        "odd-name.json",
    ] {
        let r = body(name, VLANS);
        let vlans = r.mx.vlans.items();
        assert_eq!(vlans.len(), 2, "{name}");
        assert_eq!(v(&vlans[0].value.vlan_id), 10);
        assert_eq!(v(&vlans[1].value.vlan_id), 20);
        assert_eq!(v(&vlans[0].value.subnet).to_string(), "10.9.10.0/24");
        assert_eq!(r.session.map.text(vlans[0].value.subnet.span().unwrap()), "\"10.9.10.0/24\"");
        assert!(vlans[0].value.group_policy.opaque().is_some(), "an id without a list of policies");
        assert!(r.ledger.gaps.is_empty());
    }
}

#[test]
fn ids_of_group_policies_become_names() {
    let policies = r#"[{"groupPolicyId": 101, "name": "Servers", "scheduling": {}, "firewallAndTrafficShaping": {"settings": "custom",
        "l3FirewallRules": [{"comment": null, "policy": "deny", "protocol": "tcp", "destPort": "445", "destCidr": "10.9.10.0/24"}],
        "l7FirewallRules": [{"policy": "deny", "type": "port", "value": 2049}], "trafficShapingRules": []}},
        {"groupPolicyId": "102", "name": "Guests", "firewallAndTrafficShaping": {"settings": "network default"}}]"#;
    let r = read(&[("m/vlans.json", VLANS), ("m/network_group_policies.json", policies)], "m", None);
    assert_eq!(r.ledger.problems, []);
    assert_eq!(v(&r.mx.vlans.items()[0].value.group_policy), "Servers");
    let own = &r.mx.group_policies.items()[0].value;
    assert_eq!(v(&own.settings), PolicySettings::Custom);
    assert_eq!(v(&own.l3_firewall_rules.items()[0].value.destination_port), Ports::one(445));
    assert_eq!(v(&own.l7_firewall_rules.items()[0].value.value), L7Value::Text("2049".to_owned()));
    assert_eq!(v(&r.mx.group_policies.items()[1].value.settings), PolicySettings::NetworkDefault);
}

#[test]
fn single_lan_and_routes() {
    let r = body("singleLan.json", r#"{"subnet": "10.9.0.0/16", "applianceIp": "10.9.0.1", "ipv6": {"enabled": false}}"#);
    assert_eq!(v(&r.mx.single_lan.known().unwrap().value.subnet).to_string(), "10.9.0.0/16");
    let routes = r#"[{"id": "x", "ipVersion": 4, "name": "Depot", "subnet": "10.30.0.0/16", "gatewayIp": "10.9.0.2", "enabled": false},
        {"id": "y", "ipVersion": 6, "name": "Six", "subnet": "2001:db8::/64", "gatewayIp": "2001:db8::1"}]"#;
    let r = body("networks__N_1__appliance__staticRoutes.json", routes);
    assert_eq!(r.mx.static_routes.items().len(), 1);
    assert!(!v(&r.mx.static_routes.items()[0].value.enabled));
}

#[test]
fn layer_3_rules_keep_what_cannot_be_known_apart() {
    let rule =
        |cidr: &str| format!(r#"{{"policy":"deny","protocol":"TCP","srcPort":"Any","srcCidr":"Any","destPort":443,"destCidr":"{cidr}"}}"#);
    let cidrs = [
        "10.0.0.0/8, 192.168.1.1",
        "OBJ(12)",
        "GRP(3),10.0.0.0/8",
        "VLAN(10).*",
        "files.example.com",
        "*.example.com",
        "2001:db8::/32",
        "any",
    ];
    let text = format!(r#"{{"rules":[{}]}}"#, cidrs.map(rule).join(","));
    for name in ["firewall_l3_rules.json", "l3FirewallRules.json", "appliance_firewall_l3_rules.json"] {
        let r = body(name, &text);
        let rules = r.mx.firewall.known().unwrap().value.l3_firewall_rules.items();
        assert_eq!(v(&rules[0].value.destination_cidr), Addrs::parse("10.0.0.0/8,192.168.1.1").unwrap());
        assert_eq!((v(&rules[0].value.policy), v(&rules[0].value.protocol)), (RuleAction::Deny, "tcp".to_owned()));
        assert_eq!(v(&rules[0].value.destination_port), Ports::one(443));
        assert!(rules[1..=5].iter().all(|r| r.value.destination_cidr.opaque().is_some()));
        assert!(v(&rules[6].value.destination_cidr).is_empty() && v(&rules[7].value.destination_cidr).is_any());
    }
    let r = read(&[("m/vpnFirewallRules.json", &text)], "m", None);
    let firewall = &r.mx.firewall.known().unwrap().value;
    assert!(firewall.l3_firewall_rules.is_absent() && firewall.vpn_firewall_rules.items().len() == 8);
}

#[test]
fn nameless_layer_3_rules_are_not_guessed() {
    let text = r#"{"rules":[{"policy":"deny","protocol":"tcp","srcCidr":"any","destCidr":"any"}]}"#;
    let r = read(&[("rules.json", text)], "rules.json", None);
    assert_eq!(kinds(&r.ledger), [ProblemKind::ImportFailed]);
    assert!(r.mx.firewall.is_absent() && !r.ledger.gaps.is_empty());
}

#[test]
fn layer_7_values_follow_their_type_and_categories_name_bare_ids() {
    let rules = r#"{"rules":[{"policy":"deny","type":"applicationCategory","value":{"id":"meraki:layer7/category/90","name":"File sharing"}},
        {"policy":"deny","type":"application","value":"meraki:layer7/application/5"},{"policy":"deny","type":"ipRange","value":"10.9.10.0/24:445"},
        {"policy":"deny","type":"blacklistedCountries","value":["AX"]},{"policy":"deny","type":"telepathy","value":"x"}]}"#;
    let categories =
        r#"[{"applicationCategories":[{"id":"c","name":"Other","applications":[{"id":"meraki:layer7/application/5","name":"SMB"}]}]}]"#;
    let r = read(&[("m/l7FirewallRules.json", rules), ("m/l7FirewallRules__applicationCategories.json", categories)], "m", None);
    assert_eq!(r.ledger.problems, []);
    let rules = r.mx.firewall.known().unwrap().value.l7_firewall_rules.items();
    assert_eq!(v(&rules[1].value.value), L7Value::Named { id: Some("meraki:layer7/application/5".into()), name: Some("SMB".into()) });
    assert_eq!(v(&rules[3].value.kind), L7Kind::BlockedCountries);
    assert!(rules[4].value.kind.opaque().is_some());
}

#[test]
fn forwards_and_nat() {
    let forwards = r#"{"rules":[{"name":"ike","protocol":"udp","uplink":"both","publicPort":"500-501","lanIp":"10.9.10.5","localPort":500,"allowedIps":["any"]}]}"#;
    let one = r#"{"rules":[{"name":"mail","publicIp":"203.0.113.11","lanIp":"10.9.10.6","uplink":"internet1","allowedInbound":[{"protocol":"tcp","destinationPorts":["25", 80],"allowedIps":["any"]}]}]}"#;
    let many = r#"{"rules":[{"publicIp":"203.0.113.12","uplink":"internet1","portRules":[{"name":"rdp","protocol":"tcp","publicPort":"3390","localIp":"10.9.10.7","localPort":"3389","allowedIps":["any"]}]}]}"#;
    for names in [["portForwardingRules", "oneToOneNatRules", "oneToManyNatRules"], ["a", "b", "c"]] {
        let files =
            [(format!("m/{}.json", names[0]), forwards), (format!("m/{}.json", names[1]), one), (format!("m/{}.json", names[2]), many)];
        let r = read(&files.each_ref().map(|(n, t)| (n.as_str(), *t)), "m", None);
        assert_eq!(r.ledger.problems, []);
        let firewall = &r.mx.firewall.known().unwrap().value;
        assert!(v(&firewall.port_forwarding_rules.items()[0].value.public_port).contains(500));
        assert_eq!(firewall.one_to_one_nat_rules.items()[0].value.allowed_inbound.items()[0].value.destination_ports.items().len(), 2);
        assert_eq!(firewall.one_to_many_nat_rules.items()[0].value.port_rules.items().len(), 1);
    }
}

#[test]
fn auto_vpn_and_peers() {
    let r = body(
        "siteToSiteVpn.json",
        r#"{"mode":"spoke","hubs":[{"hubId":"N_9"}],"subnets":[{"localSubnet":"10.9.10.0/24","useVpn":true,"nat":{"enabled":false}}]}"#,
    );
    let vpn = &r.mx.site_to_site_vpn.known().unwrap().value;
    assert_eq!((v(&vpn.mode), v(&vpn.subnets.items()[0].value.use_vpn)), (VpnMode::Spoke, true));
    let peers = r#"{"peers":[{"name":"supplier","publicIp":"198.51.100.7","publicHostname":null,"privateSubnets":["172.20.0.0/16","2001:db8::/48"],"secret":"CANARY-peer.1","networkTags":["all"]},
        {"name":"nobody","publicIp":"198.51.100.8","privateSubnets":["10.9.0.0/16"],"secret":"CANARY-peer.2","networkTags":["none"]},
        {"name":"some","publicHostname":"vpn.example.net","privateSubnets":["172.21.0.0/16"],"secret":31415926,"networkTags":["branch"]}]}"#;
    let r = body("organizations__1__appliance__vpn__thirdPartyVPNPeers.json", peers);
    let list = r.mx.third_party_vpn_peers.items();
    assert_eq!(list.len(), 2);
    assert_eq!(list[0].value.private_subnets.items().len(), 1);
    assert!(list[0].value.secret.known().unwrap().value.secret.same_as(&crate::secret::Secret::new("CANARY-peer.1")));
    assert!(list[1].value.private_subnets.opaque().is_some() && list[1].value.secret.known().is_some());
    assert!(!r.session.map.files().iter().any(|f| f.masked().text().contains("CANARY") || f.masked().text().contains("31415926")));
    let networks = r#"[{"id":"N_1","name":"Kobe","organizationId":"1","productTypes":["appliance"],"tags":["branch"]}]"#;
    let r = read(&[("m/thirdPartyVPNPeers.json", peers), ("m/networks.json", networks)], "m", Some("Kobe"));
    assert_eq!(v(&r.mx.third_party_vpn_peers.items()[1].value.private_subnets).len(), 1);
}

#[test]
fn peers_may_list_networks_by_id() {
    let networks = r#"[{"id":"N_1","name":"Kobe","productTypes":["appliance"],"tags":[]},{"id":"N_2","name":"Nara","productTypes":["appliance"],"tags":["x"]}]"#;
    for (ids, tags, names, peers, known) in [
        (r#"["N_1"]"#, r#"["none"]"#, networks, 1, true),
        (r#"["N_2"]"#, r#"["none"]"#, networks, 0, true),
        (r#"["N_7"]"#, "null", networks, 0, true),
        (r#"["N_2"]"#, r#"["all"]"#, networks, 1, true),
        ("[]", "null", networks, 1, true),
        (r#"["N_7"]"#, r#"["none"]"#, "[]", 1, false),
    ] {
        let text = format!(r#"{{"peers":[{{"name":"p","privateSubnets":["172.20.0.0/16"],"networkIds":{ids},"networkTags":{tags}}}]}}"#);
        let r = read(
            &[
                ("m/thirdPartyVPNPeers.json", &text),
                ("m/networks.json", names),
                ("m/networks/Kobe/appliance_settings.json", r#"{"deploymentMode":"routed"}"#),
            ],
            "m",
            Some("Kobe"),
        );
        let list = r.mx.third_party_vpn_peers.items();
        assert_eq!((list.len(), list.iter().all(|p| p.value.private_subnets.known().is_some())), (peers, known), "{ids} {tags}");
    }
}

#[test]
fn one_object_may_hold_many_bodies() {
    let rules = r#"{"rules":[{"policy":"deny","protocol":"tcp","srcCidr":"any","destCidr":"any","destPort":"445"}]}"#;
    for text in [
        format!(r#"{{"appliance":{{"vlans":{VLANS},"firewall":{{"l3FirewallRules":{rules}}}}}}}"#),
        format!(r#"{{"vlans":{VLANS},"l3FirewallRules":{rules},"unrelated":[1,2]}}"#),
        format!(r#"{{"networks":{{"Kobe":{{"appliance_vlans":{VLANS},"appliance_firewall_l3_rules":{rules}}}}}}}"#),
        format!(
            r#"{{"organizations":[{{"info":{{"id":"1"}},"networks":[{{"info":{{"id":"N_1","name":"Kobe"}},"vlans":{VLANS},"firewall_l3":{rules}}}]}}]}}"#
        ),
        format!(r#"{{"N_1":{{"vlans":{{"response":{VLANS}}},"firewall":{{"l3":{rules},"l3FirewallRules":{rules}}}}}}}"#),
    ] {
        let r = body("appliance_policy_backup.json", &text);
        assert_eq!(r.mx.vlans.items().len(), 2, "{text}");
        assert_eq!(r.mx.firewall.known().unwrap().value.l3_firewall_rules.items().len(), 1, "{text}");
    }
}

#[test]
fn an_error_in_place_of_an_answer_is_not_an_empty_list() {
    for text in [r#"{"error": "404 Not Found"}"#, r#"{"errors": ["VLANs are not enabled for this network"]}"#] {
        let r = body("appliance_vlans.json", text);
        assert!(r.mx.vlans.opaque().is_some() && !r.ledger.gaps.is_empty());
        let r = body("all.json", &format!(r#"{{"vlans": {text}, "singleLan": {{"subnet":"10.9.0.0/16","applianceIp":"10.9.0.1"}}}}"#));
        assert!(r.mx.vlans.is_absent() && r.mx.single_lan.known().is_some());
        let r = body("firewall_l7_rules.json", text);
        assert!(r.mx.firewall.known().unwrap().value.l7_firewall_rules.opaque().is_some());
    }
}

#[test]
fn wrong_shapes_are_noted_and_the_rest_is_read() {
    let r = read(&[("m/vlans.json", r#"{"id": 1}"#), ("m/settings.json", r#"{"deploymentMode":"routed"}"#)], "m", None);
    assert_eq!(kinds(&r.ledger), [ProblemKind::InvalidValue]);
    assert!(r.mx.vlans.opaque().is_some() && r.mx.deployment_mode.known().is_some());
    let text = r#"[{"id":"x","name":["a"],"subnet":"10.9.10.0/40","applianceIp":"10.9.10.1"},7,{"id":20,"subnet":"10.9.20.0/24","applianceIp":{}}]"#;
    let r = read(&[("m/vlans.json", text)], "m", None);
    assert_eq!(kinds(&r.ledger), [ProblemKind::InvalidValue; 5]);
    let places: Vec<_> = r.ledger.problems.iter().map(|p| r.session.map.text(p.span)).collect();
    assert_eq!((places[0], places[2], places[3]), ("\"x\"", "\"10.9.10.0/40\"", "7"));
    assert_eq!(v(&r.mx.vlans.items()[1].value.subnet).to_string(), "10.9.20.0/24");
    for name in
        ["warmSpare", "appliance__settings", "siteToSiteVpn", "managementInterface", "l3FirewallRules", "thirdPartyVPNPeers", "statuses"]
    {
        for text in ["[1]", "[]", "7", "\"x\"", "{}", "{\"rules\": 7, \"peers\": {}, \"wan1\": [], \"uplinks\": {}}", "null"] {
            read(&[(&format!("m/{name}.json"), text)], "m", None);
        }
    }
}

#[test]
fn unknown_json_fails_when_named_and_is_passed_over_in_a_folder() {
    let r = read(&[("m/package.json", r#"{"name":"x"}"#), ("m/vlans.json", VLANS), ("m/events.json", "{}")], "m", None);
    assert_eq!(r.ledger.problems, []);
    let r = read(&[("m/package.json", r#"{"name":"x"}"#)], "m/package.json", None);
    assert_eq!(kinds(&r.ledger), [ProblemKind::ImportFailed]);
    assert!(r.ledger.problems[0].message.contains("m/package.json"));
    let r = read(&[("m/package.json", r#"{"name":"x"}"#)], "m", None);
    assert_eq!(kinds(&r.ledger), [ProblemKind::ImportFailed]);
    let r = read(&[("m/readme.txt", "x")], "m", None);
    assert_eq!(kinds(&r.ledger), [ProblemKind::ImportFailed]);
}

#[test]
fn every_prefix_of_a_dump_is_read_without_panic() {
    let all = format!(
        r#"{{"networkId":"N_1","vlans":{VLANS},"uplinkStatuses":{STATUSES},"peers":[{{"secret":"CANARY"}}],"thirdPartyVPNPeers":{{"peers":[{{"name":"é","secret":"CANARY-x","networkTags":["a"]}}]}}}}"#
    );
    for end in (0..=all.len()).filter(|n| all.is_char_boundary(*n)) {
        let (mut session, id, folder) = session(&[("dump.json", "")]);
        std::fs::write(folder.path().join("dump.json"), &all[..end]).unwrap();
        let mut ledger = Ledger::default();
        load(&mut session, id, &spec("dump.json"), None, None, &mut ledger);
        assert!(ledger.panics.is_empty(), "{end}");
        assert!(end == all.len() || !ledger.problems.is_empty(), "{end}");
        assert!(!ledger.problems.iter().any(|p| format!("{p:?}").contains("CANARY")));
    }
}

#[test]
fn other_products_settings_are_no_body_of_the_appliance() {
    for (trail, last) in [
        ("networks/N_1/wireless/ssids/0", "l3FirewallRules"),
        ("", "wireless_l3_firewall_rules"),
        ("devices/Q2/switch", "warmSpare"),
        ("appliance/firewall", "inboundFirewallRules"),
    ] {
        assert_eq!(kind::by_name(trail, last), Some(Body::Other), "{trail}/{last}");
    }
    assert_eq!(kind::by_name("", "firewall_l3"), Some(Body::L3Rules));
    assert_eq!(kind::by_name("networks/N_1/appliance", "settings"), Some(Body::Settings));
    assert_eq!(kind::by_name("", "settings"), None);
    assert!(Path::new("meraki").is_relative());
}

#[test]
fn the_corpus_is_read_without_an_error_of_ours() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/meraki/api");
    let Ok(folder) = std::fs::read_dir(&corpus) else {
        #[expect(clippy::print_stderr, reason = "a note to whoever runs the tests")]
        {
            eprintln!("skipped: no corpus beside the repository");
        }
        return;
    };
    let files: Vec<(String, String)> =
        folder.flatten().map(|f| (format!("m/{}", f.file_name().to_string_lossy()), std::fs::read_to_string(f.path()).unwrap())).collect();
    let r = read(&files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect::<Vec<_>>(), "m", None);
    assert_eq!(r.ledger.problems, []);
    assert!(r.mx.vlans.known().is_some() && r.mx.static_routes.known().is_some() && r.mx.warm_spare.known().is_some());
    assert!(r.mx.group_policies.known().is_some() && r.mx.site_to_site_vpn.known().is_some() && r.mx.uplinks.known().is_some());
    assert!(r.mx.firewall.known().unwrap().value.l7_firewall_rules.items().len() > 5);
}

#[test]
fn a_large_dump_that_says_all_twice_is_read_once() {
    let vlan = |n: u32| {
        format!(r#"{{"id":{n},"networkId":"N_1","name":"v{n}","subnet":"10.{}.{}.0/24","applianceIp":"10.0.0.1"}}"#, n / 256 % 256, n % 256)
    };
    let list = format!("[{}]", (0..2_000).map(vlan).collect::<Vec<_>>().join(","));
    let r = read(&[("m/a/vlans.json", &list), ("m/b/vlans.json", &list)], "m", None);
    assert_eq!((r.mx.vlans.items().len(), r.ledger.problems.len()), (2_000, 0));
}

#[test]
fn policy_objects_stand_for_their_addresses() {
    let objects = r#"[{"id":"12","name":"files","category":"network","type":"cidr","cidr":"10.9.10.3/32","groupIds":["3"],"networkIds":[]},
        {"id":"13","name":"mask","category":"network","type":"ipAndMask","ip":"10.9.20.0","mask":"255.255.255.0","groupIds":[]},
        {"id":"14","name":"dns","category":"network","type":"fqdn","fqdn":"files.example.com"},{"id":15,"name":"six","category":"network","type":"cidr","cidr":"2001:db8::/32"},
        {"id":"16","name":"broken","category":"network","type":"cidr","cidr":"CANARY"}]"#;
    let groups = r#"[{"id":"3","name":"g","category":"NetworkObjectGroup","objectIds":[12,"13"]},{"id":"4","name":"h","category":"NetworkObjectGroup","objectIds":["12","99"]},
        {"id":"5","name":"ports","category":"PortObjectGroup","objectIds":["12"]},{"id":"6","name":"none","category":"NetworkObjectGroup","objectIds":[]},{"id":"7","name":"unsaid","category":"NetworkObjectGroup"}]"#;
    let cases = [
        ("OBJ(12)", Some("10.9.10.3")),
        ("obj(13)", Some("10.9.20.0/24")),
        ("OBJ(12), 10.0.0.0/8", Some("10.0.0.0/8")),
        ("GRP(3)", Some("10.9.10.3,10.9.20.0/24")),
        ("OBJ(14)", None),
        ("OBJ(16)", None),
        ("OBJ(77)", None),
        ("GRP(4)", None),
        ("GRP(5)", None),
        ("GRP(7)", None),
        ("GRP(8)", None),
    ];
    let rule = |cidr: &str| format!(r#"{{"policy":"deny","protocol":"tcp","srcCidr":"any","destCidr":"{cidr}","destPort":"445"}}"#);
    let text = format!(r#"{{"rules":[{},{},{}]}}"#, cases.map(|(c, _)| rule(c)).join(","), rule("OBJ(15)"), rule("GRP(6)"));
    let files = [
        ("m/l3FirewallRules.json", text.as_str()),
        ("m/organizations__1__policyObjects.json", objects),
        ("m/organizations__1__policyObjects__groups.json", groups),
    ];
    let r = read(&files, "m", None);
    assert_eq!(r.ledger.problems, []);
    let rules = r.mx.firewall.known().unwrap().value.l3_firewall_rules.items();
    for ((cidr, expected), rule) in cases.iter().zip(rules) {
        assert_eq!(rule.value.destination_cidr.value().cloned(), expected.map(|e| Addrs::parse(e).unwrap()), "{cidr}");
    }
    assert!(rules[cases.len()..].iter().all(|r| v(&r.value.destination_cidr).is_empty()), "IPv6 alone, and an empty group");
}
