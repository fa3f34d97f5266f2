//! Terraform's states and plans. Shapes: HashiCorp, "JSON Output Format"; names: the documentation of both providers.

use super::*;

fn resource(kind: &str, mode: &str, address: &str, values: &str, sensitive: &str) -> String {
    format!(
        r#"{{"address":"{address}","mode":"{mode}","type":"{kind}","name":"x","provider_name":"registry.terraform.io/ciscodevnet/meraki","schema_version":0,"values":{values},"sensitive_values":{sensitive}}}"#
    )
}

fn managed(kind: &str, values: &str) -> String {
    resource(kind, "managed", &format!("{kind}.x"), values, "{}")
}

fn state(resources: &[String]) -> String {
    format!(
        r#"{{"format_version":"1.0","terraform_version":"1.9.5","values":{{"root_module":{{"resources":[{}]}}}}}}"#,
        resources.join(",")
    )
}

fn one(text: &str) -> Read {
    let r = read(&[("state.json", text)], "state.json", None);
    assert_eq!(r.ledger.problems, [], "{text}");
    assert!(!r.session.map.files().iter().any(|f| f.masked().text().contains("CANARY")), "{text}");
    r
}

const VLAN: &str = r#"{"network_id":"N_1","vlan_id":"10","name":"Data","subnet":"10.9.10.0/24","appliance_ip":"10.9.10.1","group_policy_id":"101","id":"10"}"#;

#[test]
fn both_providers_write_the_same_network() {
    let cisco_dev_net = [
        managed("meraki_network", r#"{"id":"N_1","name":"Kobe","organization_id":"77","product_types":["appliance"],"tags":["branch"]}"#),
        managed(
            "meraki_appliance_settings",
            r#"{"network_id":"N_1","deployment_mode":"routed","dynamic_dns_enabled":true,"dynamic_dns_prefix":"kobe"}"#,
        ),
        managed("meraki_appliance_vlan", VLAN),
        managed(
            "meraki_appliance_warm_spare",
            r#"{"network_id":"N_1","enabled":true,"spare_serial":"Q2","uplink_mode":"virtual","virtual_ip1":"203.0.113.9","virtual_ip2":null}"#,
        ),
        managed(
            "meraki_appliance_l3_firewall_rules",
            r#"{"network_id":"N_1","rules":[{"policy":"allow","protocol":"tcp","src_cidr":"Any","src_port":"Any","dest_cidr":"10.9.10.3/32","dest_port":"445"},{"policy":"deny","protocol":"any","src_cidr":"Any","dest_cidr":"Any","dest_port":"Any"}]}"#,
        ),
        managed(
            "meraki_network_group_policy",
            r#"{"id":"101","network_id":"N_1","name":"Servers","firewall_and_traffic_shaping_settings":"custom","l3_firewall_rules":[{"policy":"deny","protocol":"tcp","dest_cidr":"any","dest_port":"445"}],"l7_firewall_rules":[{"policy":"deny","type":"host","value":"example.com"}]}"#,
        ),
        managed(
            "meraki_device_management_interface",
            r#"{"serial":"Q1","wan1_using_static_ip":true,"wan1_static_ip":"192.168.1.2","wan1_static_subnet_mask":"255.255.255.0","wan1_wan_enabled":"enabled","wan2_using_static_ip":false}"#,
        ),
        managed(
            "meraki_appliance_l7_firewall_rules",
            r#"{"network_id":"N_1","rules":[{"policy":"deny","type":"blockedCountries","value":null,"value_countries":["AX"]}]}"#,
        ),
    ];
    let cisco_open = [
        managed(
            "meraki_networks",
            r#"{"id":"N_1","network_id":"N_1","name":"Kobe","organization_id":"77","product_types":["appliance"],"tags":["branch"]}"#,
        ),
        managed(
            "meraki_networks_appliance_settings",
            r#"{"network_id":"N_1","deployment_mode":"routed","dynamic_dns":{"enabled":true,"prefix":"kobe","url":"kobe-abc.dynamic-m.com"}}"#,
        ),
        managed(
            "meraki_networks_appliance_vlans",
            r#"{"network_id":"N_1","id":"10","name":"Data","subnet":"10.9.10.0/24","appliance_ip":"10.9.10.1","group_policy_id":"101"}"#,
        ),
        managed(
            "meraki_networks_appliance_warm_spare",
            r#"{"network_id":"N_1","enabled":true,"spare_serial":"Q2","uplink_mode":"virtual","virtual_ip1":"203.0.113.9","wan1":{"ip":"203.0.113.9","subnet":"203.0.113.0/24"}}"#,
        ),
        managed(
            "meraki_networks_appliance_firewall_l3_firewall_rules",
            r#"{"network_id":"N_1","rules":null,"rules_response":[{"policy":"deny","protocol":"tcp","dest_cidr":"any","dest_port":"25"},{"policy":"deny","protocol":"tcp","dest_cidr":"any","dest_port":"445"}]}"#,
        ),
        managed(
            "meraki_networks_group_policies",
            r#"{"group_policy_id":"101","network_id":"N_1","name":"Servers","firewall_and_traffic_shaping":{"settings":"custom","l3_firewall_rules":[{"policy":"deny","protocol":"tcp","dest_cidr":"any","dest_port":"445"}],"l7_firewall_rules":[{"policy":"deny","type":"host","value":"example.com"}]}}"#,
        ),
        managed(
            "meraki_devices_management_interface",
            r#"{"serial":"Q1","wan1":{"using_static_ip":true,"static_ip":"192.168.1.2","static_subnet_mask":"255.255.255.0","wan_enabled":"enabled"},"wan2":{"using_static_ip":false}}"#,
        ),
        managed(
            "meraki_networks_appliance_firewall_l7_firewall_rules",
            r#"{"network_id":"N_1","rules":[{"policy":"deny","type":"blockedCountries","value":null,"value_list":["AX"],"value_obj":null}]}"#,
        ),
    ];
    for resources in [&cisco_dev_net[..], &cisco_open[..]] {
        let text = state(resources);
        let r = one(&text);
        assert_eq!(v(&r.mx.deployment_mode), DeploymentMode::Routed);
        assert!(v(&r.mx.dynamic_dns.known().unwrap().value.enabled));
        let vlans = r.mx.vlans.items();
        assert_eq!((v(&vlans[0].value.vlan_id), v(&vlans[0].value.subnet).to_string()), (10, "10.9.10.0/24".to_owned()));
        assert_eq!(v(&vlans[0].value.group_policy), "Servers");
        assert_eq!(r.session.map.text(vlans[0].value.subnet.span().unwrap()), "\"10.9.10.0/24\"");
        assert!(vlans[1].value.subnet.opaque().is_some(), "Terraform may not manage all");
        assert_eq!(v(&r.mx.warm_spare.known().unwrap().value.virtual_ip1).to_string(), "203.0.113.9");
        let firewall = &r.mx.firewall.known().unwrap().value;
        assert_eq!(firewall.l3_firewall_rules.items().len(), 2);
        assert_eq!(v(&firewall.l7_firewall_rules.items()[0].value.value), L7Value::Countries);
        let policy = &r.mx.group_policies.items()[0].value;
        assert_eq!((v(&policy.settings), v(&policy.group_policy_id)), (PolicySettings::Custom, "101".to_owned()));
        assert_eq!((policy.l3_firewall_rules.items().len(), policy.l7_firewall_rules.items().len()), (1, 1));
        assert_eq!(v(&r.mx.uplinks.items()[0].value.subnet).to_string(), "192.168.1.0/24");
        for name in ["Kobe", "N_1"] {
            let r = read(&[("state.json", &text)], "state.json", Some(name));
            assert_eq!((r.ledger.problems.len(), r.mx.vlans.items().len()), (0, 2), "{name}");
        }
    }
}

#[test]
fn rules_whose_order_a_set_lost_are_opaque() {
    let rules = |second: &str| {
        format!(
            r#"{{"network_id":"N_1","rules":[{{"policy":"deny","protocol":"tcp","dest_cidr":"any","dest_port":"445"}},{{"policy":"{second}","protocol":"any","dest_cidr":"any","dest_port":"any"}}]}}"#
        )
    };
    for (kind, second, known) in [
        ("meraki_networks_appliance_firewall_l3_firewall_rules", "allow", false),
        ("meraki_networks_appliance_firewall_l3_firewall_rules", "deny", true),
        ("meraki_appliance_l3_firewall_rules", "allow", true),
    ] {
        let r = one(&state(&[managed(kind, &rules(second))]));
        let list = &r.mx.firewall.known().unwrap().value.l3_firewall_rules;
        assert_eq!((list.known().is_some(), list.opaque().is_some()), (known, !known), "{kind} {second}");
    }
}

#[test]
fn sensitive_values_are_opaque_and_hidden() {
    let peers = r#"{"organization_id":"77","peers":[{"name":"supplier","public_ip":"198.51.100.7","private_subnets":["172.20.0.0/16"],"secret":"CANARY-peer","network_tags":["all"]}]}"#;
    let marked = resource(
        "meraki_appliance_third_party_vpn_peers",
        "managed",
        "a",
        peers,
        r#"{"peers":[{"secret":true,"private_subnets":[false]}]}"#,
    );
    let r = one(&state(&[marked]));
    assert!(r.mx.third_party_vpn_peers.items()[0].value.secret.opaque().is_some());
    assert_eq!(r.mx.third_party_vpn_peers.items()[0].value.private_subnets.items().len(), 1);
    // A value that is no secret by its name, of another provider, and an output.
    let text = r#"{"format_version":"1.0","terraform_version":"1.9.5","values":{"outputs":{"note":{"sensitive":true,"value":"CANARY-output"}},
        "root_module":{"resources":[{"address":"random_string.a","mode":"managed","type":"random_string","values":{"result":"CANARY-result"},"sensitive_values":{"result":true}}],
        "child_modules":[{"address":"module.m","resources":[{"address":"module.m.meraki_appliance_vlan.x","mode":"managed","type":"meraki_appliance_vlan",
        "values":{"network_id":"N_1","vlan_id":"10","name":"Data","subnet":"10.9.10.0/24 CANARY"},"sensitive_values":{"subnet":true}}]}]}}}"#;
    let r = one(text);
    assert!(r.mx.vlans.items()[0].value.subnet.opaque().is_some());
    // Other providers' resources and a plan's variables and changes, whatever their names.
    let beside = r#"{"format_version":"1.0","terraform_version":"1.9.5","variables":{"x":{"value":"CANARY-1"}},"configuration":{"a":["CANARY-2"]},"output_changes":{"o":{"after":"CANARY-3"}},
        "resource_changes":[{"address":"a","change":{"before":{"user_data":"CANARY-4"},"after":{"user_data":["CANARY-5"]},"after_unknown":{}}}],"resource_drift":[{"change":{"after":{"n":"CANARY-6"}}}],
        "planned_values":{"outputs":{"o":{"value":"CANARY-7"}},"root_module":{"resources":[{"address":"a","mode":"managed","type":"aws_instance","values":{"user_data":"CANARY-8"}},
        {"address":"b","mode":"managed","type":"meraki_wireless_ssid","values":{"splash":"CANARY-9"}},{"address":"c","mode":"managed","type":"meraki_appliance_settings","values":{"network_id":"N_1","deployment_mode":"routed"}}]}}}"#;
    assert_eq!(v(&one(beside).mx.deployment_mode), DeploymentMode::Routed);
    let all = format!(
        r#"{{"format_version":"1.0","terraform_version":"1","values":{{"root_module":{{"resources":[{}]}}}}}}"#,
        resource("meraki_appliance_vlan", "managed", "a", r#"{"name":"CANARY"}"#, "true")
    );
    one(&all);
}

#[test]
fn a_plan_tells_what_will_be_and_what_is_not_known_yet() {
    let plan = |network: &str, unknown: &str| {
        format!(
            r#"{{"format_version":"1.2","terraform_version":"1.9.5","variables":{{"psk":{{"value":"CANARY-variable"}}}},
            "planned_values":{{"root_module":{{"resources":[{network}{},{}]}}}},
            "resource_changes":[{{"address":"v","change":{{"actions":["create"],"before":null,"after":{{"name":"Data"}},"after_unknown":{unknown},"before_sensitive":false,"after_sensitive":{{}}}}}}],
            "prior_state":{{"format_version":"1.0","terraform_version":"1.9.5","values":{{"root_module":{{"resources":[{},{}]}}}}}},"configuration":{{}}}}"#,
            resource("meraki_appliance_vlan", "managed", "v", r#"{"vlan_id":"10","name":"Data","appliance_ip":"10.9.10.1"}"#, "{}"),
            resource("meraki_appliance_settings", "managed", "s", r#"{"network_id":"N_1","deployment_mode":"passthrough"}"#, "{}"),
            resource("meraki_appliance_settings", "managed", "s", r#"{"network_id":"N_1","deployment_mode":"routed"}"#, "{}"),
            resource(
                "meraki_appliance_static_routes",
                "data",
                "data.d",
                r#"{"network_id":"N_1","items":[{"name":"Depot","subnet":"10.30.0.0/16","gateway_ip":"10.9.10.2"}]}"#,
                "{}"
            ),
        )
    };
    let r = one(&plan("", r#"{"subnet":true,"network_id":true,"id":true}"#));
    assert!(r.mx.vlans.items()[0].value.subnet.opaque().is_some(), "known after apply");
    assert_eq!(v(&r.mx.deployment_mode), DeploymentMode::Passthrough, "the state before is not what will be");
    assert_eq!(r.mx.static_routes.items().len(), 1, "a data source has all of them");
    // With a second network, whose the VLAN is cannot be told.
    let other = resource("meraki_network", "managed", "n", r#"{"name":"Nara","organization_id":"77"}"#, "{}") + ",";
    let r = read(&[("p.json", &plan(&other, r#"{"subnet":true,"network_id":true}"#))], "p.json", Some("N_1"));
    assert!(r.mx.vlans.opaque().is_some() && !r.ledger.gaps.is_empty());
}

#[test]
fn a_state_file_itself_is_read_too() {
    let text = r#"{"version":4,"terraform_version":"1.9.5","serial":3,"lineage":"a-b","outputs":{"o":{"value":"CANARY-out","type":"string","sensitive":true}},"resources":[
        {"mode":"managed","type":"meraki_appliance_vlan","name":"x","provider":"p","instances":[
            {"index_key":"a","schema_version":0,"attributes":{"network_id":"N_1","vlan_id":"10","name":"Data","subnet":"10.9.10.0/24","appliance_ip":"10.9.10.1"},"sensitive_attributes":[]},
            {"index_key":"b","schema_version":0,"attributes":{"network_id":"N_1","vlan_id":"20","name":"Voice","subnet":"10.9.20.0/24","appliance_ip":"10.9.20.1"}}]},
        {"mode":"managed","type":"meraki_appliance_third_party_vpn_peers","name":"x","instances":[{"attributes":{"organization_id":"77","peers":[{"name":"s","private_subnets":["172.20.0.0/16"],"remote_id":"CANARY-remote","secret":"CANARY-s"}]},
            "sensitive_attributes":[[{"type":"get_attr","value":"peers"},{"type":"index","value":{"value":0,"type":"number"}},{"type":"get_attr","value":"remote_id"}]]}]}]}"#;
    let r = one(text);
    assert_eq!(r.mx.vlans.items().len(), 3);
    assert_eq!(r.mx.third_party_vpn_peers.items().len(), 1);
}

#[test]
fn wrong_shapes_and_prefixes_of_a_plan_never_panic() {
    let vlan = managed("meraki_appliance_vlan", VLAN);
    let good = state(&[vlan.clone(), managed("meraki_network", r#"{"id":7,"name":["a"]}"#)]);
    for end in (0..good.len()).filter(|n| good.is_char_boundary(*n)) {
        read(&[("s.json", &good[..end])], "s.json", None);
    }
    for wrong in ["[]", "7", "null", "\"x\"", "{}", "[[]]", "[{}]", "[{\"values\":[]}]", "{\"resources\":{}}"] {
        for key in ["values", "planned_values", "prior_state", "resource_changes", "resources", "outputs"] {
            read(&[("s.json", &format!(r#"{{"format_version":"1","terraform_version":"1","{key}":{wrong}}}"#))], "s.json", None);
        }
        read(&[("s.json", &state(&[wrong.to_owned()]))], "s.json", None);
        read(&[("s.json", &state(&[managed("meraki_appliance_l3_firewall_rules", wrong)]))], "s.json", None);
    }
}

#[test]
fn ten_thousand_networks_are_read_in_time() {
    let one = |n: u32| managed("meraki_appliance_vlan", &VLAN.replace("N_1", &format!("N_{n}")));
    let text = state(&(0..10_000).map(one).collect::<Vec<_>>());
    let r = read(&[("s.json", &text)], "s.json", Some("N_7777"));
    assert_eq!((r.ledger.problems.len(), r.mx.vlans.items().len()), (0, 2));
}
