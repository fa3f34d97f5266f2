use super::*;

#[test]
fn two_imports_that_contradict_each_other_drift() {
    let a = r#"{"enabled":true,"uplinkMode":"virtual","virtualIp1":"203.0.113.9"}"#;
    let b = a.replace("113.9", "113.8");
    let r = read(&[("m/a/warmSpare.json", a), ("m/b/warmSpare.json", &b)], "m", None);
    assert_eq!(kinds(&r.ledger), [ProblemKind::Drift]);
    assert_eq!(r.ledger.problems[0].message, "two imports disagree about the first virtual address of the warm spare");
    assert_eq!(v(&r.mx.warm_spare.known().unwrap().value.virtual_ip1).to_string(), "203.0.113.9");
}

/// The site file's side, from JSON of the API's own shape for brevity.
fn sides(inline: &str, imported: &str) -> (Mx, Vec<Problem>) {
    let r = read(&[("m/inline.json", inline)], "m", None);
    let other = read(&[("m/import.json", imported)], "m", None);
    assert_eq!((r.ledger.problems.len(), other.ledger.problems.len()), (0, 0));
    let (mut mx, mut problems) = (r.mx, Vec::new());
    join(&mut mx, other.mx, &mut problems);
    (mx, problems)
}

#[test]
fn the_inline_word_counts_and_the_drift_is_noted() {
    let (mx, problems) = sides(
        r#"{"vlans":[{"name":"Data","subnet":"10.9.11.0/24","applianceIp":null}]}"#,
        r#"{"vlans":[{"id":10,"name":"data","subnet":"10.9.10.0/24","applianceIp":"10.9.10.1"},{"id":20,"name":"Voice","subnet":"10.9.20.0/24","applianceIp":"10.9.20.1"}]}"#,
    );
    assert_eq!(
        problems.iter().map(|p| p.message.as_str()).collect::<Vec<_>>(),
        ["the site file and an import disagree about the subnet of VLAN `Data`"]
    );
    assert_eq!((problems[0].label.as_str(), problems[0].related[0].1.as_str()), ("in the site file", "in the import"));
    let vlans = mx.vlans.items();
    assert_eq!((vlans.len(), v(&vlans[0].value.subnet).to_string(), v(&vlans[0].value.vlan_id)), (2, "10.9.11.0/24".to_owned(), 10));
    assert_eq!(v(&vlans[0].value.appliance_ip).to_string(), "10.9.10.1");
}

#[test]
fn a_key_that_drifts_is_never_shown() {
    let peers = |key: &str| {
        format!(
            r#"{{"thirdPartyVPNPeers":{{"peers":[{{"name":"supplier","publicIp":"198.51.100.7","privateSubnets":["172.20.0.0/16"],"secret":"{key}"}}]}}}}"#
        )
    };
    let (_, problems) = sides(&peers("CANARY-one"), &peers("CANARY-two"));
    assert_eq!(problems[0].message, "the site file and an import disagree about the key of peer `supplier`");
    assert!(!format!("{problems:?}").contains("CANARY"));
    assert_eq!(sides(&peers("CANARY-one"), &peers("CANARY-one")).1, []);
}

#[test]
fn rule_lists_count_as_a_whole() {
    let rules = |list: &str| format!(r#"{{"l3FirewallRules":{{"rules":[{list}]}}}}"#);
    let deny = r#"{"policy":"deny","protocol":"tcp","destPort":"445","destCidr":"10.9.10.0/24"}"#;
    let full =
        r#"{"policy":"deny","protocol":"TCP","srcPort":"Any","srcCidr":"Any","destPort":445,"destCidr":"10.9.10.0/24","comment":"x"}"#;
    let last =
        r#"{"comment":"Default rule","policy":"allow","protocol":"Any","srcPort":"Any","srcCidr":"Any","destPort":"Any","destCidr":"Any"}"#;
    assert_eq!(sides(&rules(deny), &rules(&format!("{full},{last}"))).1, []);
    let (mx, problems) = sides(&rules(deny), &rules(&format!("{full},{full}")));
    assert_eq!(problems.len(), 1);
    assert_eq!(mx.firewall.known().unwrap().value.l3_firewall_rules.items().len(), 1);
}

#[test]
fn many_parts_are_joined_like_one_after_another() {
    let part = |n: u32| {
        format!(
            r#"{{"networkId":"N_1","vlans":[{{"id":{n},"name":"v{n}","subnet":"10.{}.{}.0/24","applianceIp":"10.0.0.1"}}]}}"#,
            n / 256,
            n % 256
        )
    };
    let all: Vec<String> = (0..5_000).chain([7, 4_999]).map(part).collect();
    let r = read(&[("m/all.json", &format!("[{}]", all.join(",")))], "m", None);
    let ids: Vec<u32> = r.mx.vlans.items().iter().map(|vlan| v(&vlan.value.vlan_id)).collect();
    assert_eq!((r.ledger.problems.len(), ids), (0, (0..5_000).collect()));
    let modes = ["routed", "passthrough", "passthrough"].map(|mode| format!(r#"{{"deploymentMode":"{mode}"}}"#));
    let r = read(
        &[
            ("m/1/appliance_settings.json", &modes[0]),
            ("m/2/appliance_settings.json", &modes[1]),
            ("m/3/appliance_settings.json", &modes[2]),
        ],
        "m",
        None,
    );
    assert_eq!((v(&r.mx.deployment_mode), kinds(&r.ledger)), (DeploymentMode::Routed, vec![ProblemKind::Drift; 2]));
    let same = r#"{"networkId":"N_1","vlans":[{"name":"x","subnet":"10.0.0.0/24"}]}"#;
    read(&[("m/all.json", &format!("[{}]", vec![same; 3_000].join(",")))], "m", None);
}
