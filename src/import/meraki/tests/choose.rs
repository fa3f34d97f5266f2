use super::*;

pub(super) const STATUSES: &str = r#"[
 {"networkId":"N_1","serial":"Q2AA-AAAA-AAA1","model":"MX85","highAvailability":{"enabled":true,"role":"primary"},"uplinks":[
  {"interface":"wan1","status":"active","ip":"192.168.1.2","gateway":"192.168.1.1","publicIp":"203.0.113.10","primaryDns":"8.8.8.8","secondaryDns":"8.8.4.4","ipAssignedBy":"static"},
  {"interface":"wan2","status":"not connected","ip":null,"gateway":null,"publicIp":null,"primaryDns":null,"secondaryDns":null}]},
 {"networkId":"N_1","serial":"Q2AA-AAAA-AAA2","model":"MX85","highAvailability":{"enabled":true,"role":"spare"},"uplinks":[{"interface":"wan1","status":"ready","ip":"192.168.1.3"}]},
 {"networkId":"N_2","serial":"Q2BB-BBBB-BBB1","model":"MX68","highAvailability":{"enabled":false,"role":"primary"},"uplinks":[{"interface":"wan1","status":"active","ip":"10.1.1.2","publicIp":"198.51.100.2"}]}]"#;

#[test]
fn one_network_of_many_is_chosen_by_name_id_or_serial() {
    let networks = r#"[{"id":"N_1","name":"Kobe branch","organizationId":"1","productTypes":["appliance"]},{"id":"N_2","name":"Nara","organizationId":"1","productTypes":["appliance"]}]"#;
    let files = [("m/organizations__1__appliance__uplink__statuses.json", STATUSES), ("m/organizations__1__networks.json", networks)];
    for (name, ip) in [
        ("Kobe branch", "192.168.1.2"),
        ("N_1", "192.168.1.2"),
        ("Q2AA-AAAA-AAA1", "192.168.1.2"),
        ("nara", "10.1.1.2"),
        ("N_2", "10.1.1.2"),
        ("Q2BB-BBBB-BBB1", "10.1.1.2"),
    ] {
        let r = read(&files, "m", Some(name));
        assert_eq!(r.ledger.problems, [], "{name}");
        assert_eq!(v(&r.mx.uplinks.items()[0].value.ip).to_string(), ip, "{name}");
    }
    let r = read(&files, "m", Some("Kobe branch"));
    let wan1 = &r.mx.uplinks.items()[0].value;
    assert_eq!((v(&wan1.interface), v(&wan1.status), wan1.dns_nameservers.items().len()), ("wan1".to_owned(), "active".to_owned(), 2));
    assert_eq!(v(&r.mx.warm_spare.known().unwrap().value.spare_uplinks.items()[0].value.ip).to_string(), "192.168.1.3");
    for wanted in [None, Some("Osaka")] {
        let r = read(&files, "m", wanted);
        assert_eq!(kinds(&r.ledger), [ProblemKind::ImportFailed], "{wanted:?}");
        assert!(r.mx.uplinks.is_absent() && !r.ledger.gaps.is_empty());
    }
}

#[test]
fn bodies_of_other_networks_are_left_alone() {
    let files = [
        ("m/networks/Kobe/appliance_vlans.json", VLANS),
        (
            "m/networks/Nara/appliance_vlans.json",
            r#"[{"id":30,"networkId":"N_2","name":"Nara","subnet":"10.7.0.0/24","applianceIp":"10.7.0.1"}]"#,
        ),
        ("m/networks/Nara/wireless_l3FirewallRules.json", r#"{"rules":[]}"#),
    ];
    let r = read(&files, "m", Some("kobe"));
    assert_eq!((r.ledger.problems.len(), r.mx.vlans.items().len()), (0, 2));
    let r = read(&files, "m", Some("N_2"));
    assert_eq!((r.ledger.problems.len(), r.mx.vlans.items().len()), (0, 1));
}

#[test]
fn two_units_without_roles_are_not_guessed() {
    let text = STATUSES
        .replace(r#""highAvailability":{"enabled":true,"role":"primary"},"#, "")
        .replace(r#""highAvailability":{"enabled":true,"role":"spare"},"#, "");
    let r = read(&[("m/statuses.json", &text)], "m", Some("N_1"));
    assert!(r.mx.uplinks.opaque().is_some());
    let pair = r#"{"enabled":true,"primarySerial":"Q2AA-AAAA-AAA2","spareSerial":"Q2AA-AAAA-AAA1","uplinkMode":"public"}"#;
    let r = read(&[("m/statuses.json", &text), ("m/networks__N_1__appliance__warmSpare.json", pair)], "m", Some("N_1"));
    assert_eq!(v(&r.mx.uplinks.items()[0].value.ip).to_string(), "192.168.1.3");
}

#[test]
fn addresses_by_device_and_management_interfaces() {
    let text = r#"[{"serial":"Q2AA-AAAA-AAA1","productType":"appliance","network":{"id":"N_1"},"uplinks":[{"interface":"wan1","addresses":[
        {"protocol":"ipv4","address":"192.168.1.2","gateway":"192.168.1.1","assignmentMode":"static","nameservers":{"addresses":["8.8.8.8"]},"public":{"address":"203.0.113.10"}},
        {"protocol":"ipv6","address":"2001:db8::2"}]}]},
        {"serial":"Q2SW-AAAA-AAA1","productType":"switch","network":{"id":"N_1"},"uplinks":[{"interface":"man1","addresses":[{"protocol":"ipv4","address":"10.9.10.9"}]}]}]"#;
    let r = body("organizations__1__devices__uplinks__addresses__byDevice.json", text);
    let uplink = &r.mx.uplinks.items()[0].value;
    assert_eq!((v(&uplink.public_ip).to_string(), uplink.dns_nameservers.items().len()), ("203.0.113.10".to_owned(), 1));
    let text = r#"{"ddnsHostnames":{"activeDdnsHostname":"kobe-abc.dynamic-m.com","ddnsHostnameWan1":"kobe-abc-1.dynamic-m.com","ddnsHostnameWan2":"kobe-abc-2.dynamic-m.com"},
        "wan1":{"wanEnabled":"not configured","usingStaticIp":true,"staticIp":"192.168.1.2","staticSubnetMask":"255.255.255.0","staticGatewayIp":"192.168.1.1","staticDns":["8.8.8.8"],"vlan":7},
        "wan2":{"wanEnabled":"enabled","usingStaticIp":false}}"#;
    let r = body("devices__Q2AA-AAAA-AAA1__managementInterface.json", text);
    assert_eq!(v(&r.mx.uplinks.items()[0].value.subnet).to_string(), "192.168.1.0/24");
    assert_eq!(r.mx.uplinks.items().len(), 1);
    assert_eq!(v(&r.mx.dynamic_dns.known().unwrap().value.wan2_hostname), "kobe-abc-2.dynamic-m.com");
}

#[test]
fn an_organisations_list_beside_one_networks_folder_is_not_several() {
    let files = [("m/networks/N_1/appliance_vlans.json", VLANS), ("m/organization_uplink_statuses.json", STATUSES)];
    let r = read(&files, "m", None);
    assert_eq!((r.ledger.problems.len(), r.mx.vlans.items().len()), (0, 2));
    assert_eq!(v(&r.mx.uplinks.items()[0].value.ip).to_string(), "192.168.1.2");
}

#[test]
fn a_switchs_management_interface_is_no_uplink() {
    let text = r#"{"wan1":{"usingStaticIp":true,"staticIp":"10.9.10.9","staticSubnetMask":"255.255.255.0","vlan":1}}"#;
    let r = body("devices__Q2SW-AAAA-AAA1__managementInterface.json", text);
    assert!(r.mx.uplinks.is_absent());
    let devices = |kind: &str| {
        format!(r#"[{{"serial":"Q2SW-AAAA-AAA1","model":"{kind}","networkId":"N_1","firmware":"wired-18-211-2","name":"x"}}]"#)
    };
    for (model, uplinks) in [("MS120-8", 0), ("MX85", 1)] {
        let r = read(&[("m/devices.json", &devices(model)), ("m/devices__Q2SW-AAAA-AAA1__managementInterface.json", text)], "m", None);
        assert_eq!((r.ledger.problems.len(), r.mx.uplinks.items().len()), (0, uplinks));
        assert_eq!(r.mx.firmware.value().map(|f| f.major), (uplinks == 1).then_some(18));
    }
}

#[test]
fn networks_of_several_organisations() {
    let networks = |n: u32| {
        format!(
            r#"[{{"id":"N_{n}","name":"Kobe","organizationId":"{n}","productTypes":["appliance"],"tags":[]}},{{"id":"N_{n}1","name":"Only {n}","organizationId":"{n}","productTypes":["appliance"],"tags":[]}}]"#
        )
    };
    let peers = |n: u32| {
        format!(r#"{{"peers":[{{"name":"p{n}","publicIp":"198.51.100.{n}","privateSubnets":["172.2{n}.0.0/16"],"networkTags":["all"]}}]}}"#)
    };
    let vlans =
        |n: u32| format!(r#"[{{"id":10,"networkId":"N_{n}","name":"Data","subnet":"10.{n}.10.0/24","applianceIp":"10.{n}.10.1"}}]"#);
    let texts = [(1, networks(1), peers(1), vlans(1), vlans(11)), (2, networks(2), peers(2), vlans(2), vlans(21))];
    let mut files = Vec::new();
    for (n, networks, peers, first, second) in &texts {
        files.push((format!("m/organizations/{n}/networks.json"), networks.as_str()));
        files.push((format!("m/organizations/{n}/appliance/vpn/thirdPartyVPNPeers.json"), peers));
        files.push((format!("m/networks/N_{n}/appliance/vlans.json"), first));
        files.push((format!("m/networks/N_{n}1/appliance/vlans.json"), second));
    }
    let files: Vec<_> = files.iter().map(|(n, t)| (n.as_str(), *t)).collect();
    for (name, subnet, peer) in [("N_1", "10.1.10.0/24", "p1"), ("N_2", "10.2.10.0/24", "p2"), ("Only 2", "10.21.10.0/24", "p2")] {
        let r = read(&files, "m", Some(name));
        assert_eq!((r.ledger.problems.len(), r.mx.vlans.items().len(), r.mx.third_party_vpn_peers.items().len()), (0, 1, 1), "{name}");
        assert_eq!(
            (v(&r.mx.vlans.items()[0].value.subnet).to_string(), v(&r.mx.third_party_vpn_peers.items()[0].value.name)),
            (subnet.into(), peer.into())
        );
    }
    let r = read(&files, "m", Some("Kobe"));
    assert_eq!(kinds(&r.ledger), [ProblemKind::ImportFailed]);
    assert!(r.ledger.problems[0].message.contains("several networks"));
    // Without the lists of networks, nothing tells whose peers are whose.
    let bare: Vec<_> = files.iter().copied().filter(|(name, _)| !name.ends_with("networks.json")).collect();
    let r = read(&bare, "m", Some("N_1"));
    assert!(r.mx.third_party_vpn_peers.opaque().is_some() && r.mx.vlans.items().len() == 1 && !r.ledger.gaps.is_empty());
}

#[test]
fn a_list_that_names_a_network_twice_is_one_network() {
    let row = r#"{"id":"N_1","name":"Kobe","organizationId":"1","productTypes":["appliance"],"tags":[]}"#;
    let r = read(&[("m/networks.json", &format!("[{row},{row}]")), ("m/networks/N_1/appliance/vlans.json", VLANS)], "m", Some("Kobe"));
    assert_eq!((r.ledger.problems.len(), r.mx.vlans.items().len()), (0, 2));
}

#[test]
fn long_chains_of_names_stay_short() {
    let rows: Vec<_> = (1..30_000).map(|n| format!(r#"{{"serial":"S{n}","networkId":"S{}"}}"#, n - 1)).collect();
    let text = format!("[{}]", rows.join(","));
    read(&[("m/devices.json", &text), ("m/vlans.json", VLANS)], "m", Some("S29999"));
}
