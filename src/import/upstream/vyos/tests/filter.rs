//! Rules, rule sets, groups and zones. Sources: VyOS documentation, "IPv4 firewall", "Groups", "Zone based firewall"; vyos-1x, `firewall.py`, `nftables*.j2`.

use super::*;

#[test]
fn rules_of_both_generations_are_about_what_they_say() {
    for (rule, wanted) in [
        ("action accept", "passes"),
        ("action accept; protocol udp; destination port 500", "passes"),
        ("action accept; protocol udp; destination port 500,4500; destination address 192.168.1.4", "passes"),
        ("action accept; protocol tcp_udp; destination port 400-600", "passes"),
        ("action accept; protocol 17; destination port isakmp", "passes"),
        ("action accept; protocol !tcp", "passes"),
        ("action accept; protocol !udp", "dropped"),
        ("action accept; protocol tcp; destination port 500", "wrong protocol in permit tcp any -> any:500"),
        ("action accept; destination port !500; protocol udp", "dropped"),
        ("action accept; destination address !192.168.1.4", "dropped"),
        ("action accept; destination address 203.0.113.10", "dropped"),
        ("action accept; destination address 192.168.1.0/24", "passes"),
        ("action accept; source address 128.0.0.0/1", "restricted by permit any 128.0.0.0/1 -> any"),
        ("action accept; source address 0.0.0.0/0", "passes"),
        ("action accept; source address 0.0.0.0-255.255.255.255", "passes"),
        ("action accept; protocol udp; source port 500", "restricted by permit udp any:500 -> any"),
        ("action accept; disable", "dropped"),
        ("action drop", "dropped"),
        ("action reject", "dropped"),
        ("action accept; state new enable", "passes"),
        ("action accept; state new", "passes"),
        ("action accept; state established enable; state related enable", "dropped"),
        ("action accept; state established; state related", "dropped"),
        ("action accept; state new enable; state new disable; state established enable", "dropped"),
        ("action accept; state established disable", "passes"),
        ("action accept; ipsec match-ipsec", "dropped"),
        ("action accept; ipsec match-none", "passes"),
        ("action accept; fragment match-non-frag", "passes"),
        ("action accept; fragment match-frag", "undecided: the rule is about fragments"),
        ("action accept; connection-status nat destination", "passes"),
        ("action accept; recent count 5", "undecided: the rule depends on how many packets there are"),
        ("action accept; limit rate 5/minute", "undecided: the rule depends on how many packets there are"),
        ("action accept; time starttime 08:00:00", "undecided: the rule depends on the time of day"),
        ("action accept; source mac-address 00:11:22:33:44:55", "undecided: the rule looks at the hardware address"),
        ("action accept; source fqdn a.example.com", "undecided: what a name stands for is not in the file"),
        ("action accept; source geoip country-code de", "undecided: which addresses belong to a country is not in the file"),
        (
            "action accept; destination address 0.0.0.4; destination address-mask 0.0.0.255",
            "undecided: masks of addresses are not followed",
        ),
        ("action accept; destination address xxx.xxx.1.4", "undecided: the address is not understood"),
        ("action queue; queue 1", "undecided: the rule hands its packets to a program"),
        ("description here", "undecided: the rule states no action"),
    ] {
        for text in [new(&set("firewall ipv4 forward filter rule 10", rule)), old(&set("firewall name WAN_IN rule 10", rule))] {
            let told = ike(&text);
            let told = if wanted == "dropped" { told.split(' ').next().unwrap_or("").to_owned() } else { told };
            assert_eq!(told, wanted, "{rule}\n{text}");
        }
    }
}

#[test]
fn unknown_parts_and_words_are_listed() {
    for (rule, wanted) in [
        ("action accept; moon full", "the rule has a part that is not followed"),
        ("action accept; source moon full", "the rule has a part that is not followed"),
        ("action fly", "the action is not known"),
        ("action accept; protocol moon", "the protocol's name is not known"),
        ("action accept; protocol udp; destination port moon", "the port is not understood"),
    ] {
        let text = old(&set("firewall name WAN_IN rule 10", rule));
        let (device, remarks, _) = read(&text, 0);
        assert_eq!(remarks.iter().map(|remark| remark.kind).collect::<Vec<_>>(), [RemarkKind::Unknown], "{rule}");
        assert_eq!(verdict(&device, Service::IKE), format!("undecided: {wanted}"));
    }
}

#[test]
fn unknown_parts_of_the_firewall_are_listed() {
    let (_, remarks, _) = read(&new("set firewall moon full\nset firewall ipv4 egress filter default-action drop\nset moon full\n"), 0);
    assert_eq!(remarks.iter().map(|remark| remark.kind).collect::<Vec<_>>(), [RemarkKind::Unknown; 3]);
}

#[test]
fn numbers_order_the_rules_and_not_the_lines() {
    let accept = "set firewall name WAN_IN rule 20 action accept\nset firewall name WAN_IN rule 20 protocol udp\nset firewall name WAN_IN rule 20 destination port 500\n";
    let drop = "set firewall name WAN_IN rule 9 action drop\n";
    assert_eq!(ike(&old(&format!("{accept}{drop}"))), "dropped by deny any any -> any, hides permit udp any -> any:500");
    assert_eq!(ike(&old(&format!("{accept}{}", drop.replace("rule 9", "rule 100")))), "passes");
}

#[test]
fn base_chains_call_rule_sets() {
    let base = "set firewall ipv4 forward filter rule 5 action jump\nset firewall ipv4 forward filter rule 5 inbound-interface name eth0\nset firewall ipv4 forward filter rule 5 jump-target WAN\n";
    let named = |parts: &str| new(&format!("{base}{}", set("firewall ipv4 name WAN", parts)));
    for (parts, wanted) in [
        ("rule 1 action accept", "passes"),
        ("rule 1 action accept; rule 1 source address 128.0.0.0/1", "restricted by permit any 128.0.0.0/1 -> any"),
        ("default-action accept", "passes"),
        // A rule set drops by default, a base chain accepts.
        ("description x", "dropped by deny any any -> any"),
        ("default-action return", "dropped by default: deny"),
        ("rule 1 action return; default-action accept", "dropped by default: deny"),
        ("rule 1 action continue; default-action accept", "passes"),
        ("default-action jump; default-jump-target MORE", "undecided: the rule set is not in the file"),
    ] {
        assert_eq!(ike(&named(parts)), wanted, "{parts}");
    }
    let accept = named("rule 1 action accept").replace("filter default-action 'drop'", "filter default-log");
    assert_eq!(
        ike(&accept.replace("action jump", "action drop").replace("rule 1 action accept", "rule 1 action drop")),
        "dropped by deny any any -> any"
    );
    let without = accept
        .replace("set firewall ipv4 forward filter rule 5 action jump\n", "set firewall ipv4 forward filter rule 5 action continue\n");
    assert_eq!(ike(&without), "passes", "a base chain that says nothing accepts");
    let device = device(&without);
    assert_eq!(device.chains.iter().filter(|chain| !chain.applied).map(|chain| &*chain.name).collect::<Vec<_>>(), ["WAN"]);
}

#[test]
fn interfaces_are_matched_by_name_pattern_and_group() {
    for (parts, wanted) in [
        ("inbound-interface name eth0", "passes"),
        ("inbound-interface interface-name eth0", "passes"),
        ("inbound-interface name eth*", "passes"),
        ("inbound-interface name !eth0", "dropped"),
        ("inbound-interface name eth1", "dropped"),
        ("outbound-interface name eth1", "passes"),
        ("outbound-interface name eth0", "dropped"),
        ("inbound-interface group WANS", "passes"),
        ("inbound-interface interface-group WANS", "passes"),
        ("inbound-interface group !WANS", "dropped"),
        ("inbound-interface group NONE", "undecided: the group is not in the file"),
    ] {
        let group = "set firewall group interface-group INNER interface eth0\nset firewall group interface-group WANS include INNER\nset firewall group interface-group WANS interface eth9\n";
        let text = new(&format!("{group}{}", set("firewall ipv4 forward filter rule 1", &format!("action accept; {parts}"))));
        let told = ike(&text);
        assert!(told == wanted || wanted == "dropped" && told.starts_with("dropped"), "{parts}: {told}");
    }
}

#[test]
fn groups_hold_what_they_list_and_include() {
    let groups = "set firewall group address-group MX address 192.168.1.4\nset firewall group address-group RANGE address 192.168.1.2-192.168.1.9\n\
        set firewall group address-group ALL include MX\nset firewall group address-group ALL address 192.168.1.200\nset firewall group address-group EMPTY description none\n\
        set firewall group address-group LOOP include LOOP\nset firewall group address-group LOST include GONE\nset firewall group network-group LAN network 192.168.1.0/24\n\
        set firewall group port-group VPN port 500\nset firewall group port-group VPN port 4500\nset firewall group port-group WIDE port 400-600\nset firewall group port-group BOTH include VPN\n\
        set firewall group domain-group NAMES address a.example.com\n";
    for (parts, wanted) in [
        ("destination group address-group MX", "passes"),
        ("destination group address-group !MX", "dropped"),
        ("destination group address-group RANGE", "passes"),
        ("destination group address-group ALL", "passes"),
        ("destination group address-group EMPTY", "dropped"),
        ("destination group network-group LAN", "passes"),
        ("destination group network-group LAN; destination address !192.168.1.4", "dropped"),
        ("protocol udp; destination group port-group VPN", "passes"),
        ("protocol udp; destination group port-group BOTH", "passes"),
        ("protocol udp; destination group port-group WIDE", "passes"),
        ("protocol udp; destination group port-group !WIDE", "dropped"),
        ("destination group address-group LOOP", "undecided: the groups include each other"),
        ("destination group address-group LOST", "undecided: a group that it includes is not in the file"),
        ("destination group address-group GONE", "undecided: the group is not in the file"),
        ("destination group domain-group NAMES", "undecided: the members of the group are not in the file"),
        ("source group mac-group M", "undecided: the rule looks at the hardware address"),
        ("source group dynamic-address-group D", "undecided: the members of the group are not in the file"),
        ("destination group address-group ADDRv4_eth1", "dropped"),
        ("destination group network-group NETv4_eth1", "passes"),
    ] {
        let text = old(&format!("{groups}{}", set("firewall name WAN_IN rule 1", &format!("action accept; {parts}"))));
        let told = ike(&text);
        assert!(told == wanted || wanted == "dropped" && told.starts_with("dropped"), "{parts}: {told}");
    }
}

#[test]
fn sets_are_bound_by_direction() {
    let sets = "set firewall name OPEN default-action accept\nset firewall name SHUT default-action drop\n";
    let with = |bindings: &str| format!("{sets}{PORTS}{bindings}{}{SYSTEM}", NAT.replace("interface name", "interface"));
    for (bindings, wanted) in [
        ("set interfaces ethernet eth0 firewall in name OPEN\n", "passes"),
        ("set interfaces ethernet eth0 firewall in name SHUT\n", "dropped by deny any any -> any"),
        ("set interfaces ethernet eth0 firewall local name SHUT\n", "passes"),
        ("set interfaces ethernet eth0 firewall out name SHUT\n", "passes"),
        ("set interfaces ethernet eth1 firewall in name SHUT\n", "passes"),
        ("set interfaces ethernet eth1 firewall out name SHUT\n", "dropped by deny any any -> any"),
        // `accept` leaves the rule set, not the firewall.
        (
            "set interfaces ethernet eth0 firewall in name OPEN\nset interfaces ethernet eth1 firewall out name SHUT\n",
            "dropped by deny any any -> any",
        ),
        ("set firewall interface eth0 in name SHUT\n", "dropped by deny any any -> any"),
        ("set interfaces ethernet eth0 firewall in name GONE\n", "undecided: the rule set is not in the file"),
    ] {
        assert_eq!(ike(&with(bindings)), wanted, "{bindings}");
    }
}

#[test]
fn answers_pass_as_established_packets() {
    let state = "set firewall name LAN_IN default-action drop\nset firewall name LAN_IN rule 1 action accept\n";
    let bound = "set interfaces ethernet eth1 firewall in name LAN_IN\n";
    let accept = set("firewall name WAN_IN rule 1", "action accept");
    let text = |rule: &str| old(&format!("{accept}{state}{rule}")).replace("set nat", &format!("{bound}set nat"));
    for (rule, wanted) in [
        ("set firewall name LAN_IN rule 1 state established enable\n", "passes"),
        ("set firewall name LAN_IN rule 1 state new enable\n", "dropped by deny any any -> any"),
        ("set firewall name LAN_IN rule 1 state invalid enable\nset firewall state-policy established action accept\n", "passes"),
        ("set firewall state-policy established action drop\n", "dropped by deny any any -> any"),
    ] {
        assert_eq!(answers(&device(&text(rule)), Service::IKE), wanted, "{rule}");
    }
    let global = new(&set("firewall ipv4 forward filter rule 1", "action accept; connection-status nat destination; state new"));
    assert!(answers(&device(&global), Service::IKE).starts_with("dropped"));
    let global = global.replace(
        "set interfaces ethernet eth0",
        "set firewall global-options state-policy established action accept\nset interfaces ethernet eth0",
    );
    assert_eq!(answers(&device(&global), Service::IKE), "passes");
}

#[test]
fn lists_in_front_of_translation_see_the_public_address() {
    let accept = set("firewall ipv4 forward filter rule 1", "action accept");
    let raw = |parts: &str| new(&format!("{accept}{}", set("firewall ipv4 prerouting raw rule 1", parts)));
    for (parts, wanted) in [
        ("action drop; destination address 192.168.1.4", "passes"),
        ("action drop; destination address 203.0.113.10", "dropped by deny any any -> 203.0.113.10"),
        ("action drop; inbound-interface name eth1", "passes"),
        ("action notrack; protocol tcp", "passes"),
        ("action notrack; protocol udp", "undecided: packets that are not tracked are not translated"),
    ] {
        assert_eq!(ike(&raw(parts)), wanted, "{parts}");
    }
    let ignore = new(&accept).replace(SYSTEM, &format!("set system conntrack ignore ipv4 rule 1 protocol udp\n{SYSTEM}"));
    assert_eq!(ike(&ignore), "undecided: packets that are not tracked are not translated");
    let route = old(&set("firewall name WAN_IN rule 1", "action accept")).replace(
        "set system host",
        "set policy route PBR rule 1 action drop\nset policy route PBR rule 1 protocol udp\nset interfaces ethernet eth0 policy route PBR\nset system host",
    );
    assert_eq!(ike(&route), "dropped by deny udp any -> any");
    assert_eq!(ike(&route.replace("rule 1 action drop", "rule 1 set table 10")), "passes");
}

#[test]
fn zones_decide_by_where_packets_come_from_and_go() {
    let sets = "set firewall ipv4 name IN rule 1 action accept\nset firewall ipv4 name IN rule 1 protocol udp\nset firewall ipv4 name IN rule 1 destination port 500\n";
    let zone = |member: &str, more: &str| {
        format!(
            "set firewall zone LAN {member} eth1\nset firewall zone WAN {member} eth0\nset firewall zone LAN default-action drop\n{more}"
        )
    };
    let from = "set firewall zone LAN from WAN firewall name IN\n";
    for member in ["interface", "member interface"] {
        for (more, wanted) in [
            (from, "passes"),
            ("", "dropped by deny any any -> any"),
            ("set firewall zone WAN from LAN firewall name IN\n", "dropped by deny any any -> any"),
            ("set firewall zone LAN from WAN firewall name GONE\n", "undecided: the rule set is not in the file"),
            ("set firewall zone LAN default-firewall name IN\n", "passes"),
        ] {
            let text = format!("{sets}{}{PORTS}{NAT}{SYSTEM}", zone(member, more));
            assert_eq!(ike(&text), wanted, "{member} {more}");
        }
    }
    let old = format!("{sets}{}{PORTS}{NAT}{SYSTEM}", zone("interface", from))
        .replace("firewall ipv4 name", "firewall name")
        .replace("firewall zone", "zone-policy zone");
    assert_eq!(ike(&old), "passes");
    let one = format!("{sets}set firewall zone LAN interface eth1\n{PORTS}{NAT}{SYSTEM}");
    assert_eq!(ike(&one), "dropped by deny any any -> any", "an interface without a zone");
    let same =
        |within: &str| format!("set firewall zone ALL interface eth0\nset firewall zone ALL interface eth1\n{within}{PORTS}{NAT}{SYSTEM}");
    assert_eq!(ike(&same("")), "passes");
    assert_eq!(ike(&same("set firewall zone ALL intra-zone-filtering action drop\n")), "dropped by deny any any -> any");
    let filter = format!("set firewall ipv4 forward filter default-action drop\n{sets}{}{PORTS}{NAT}{SYSTEM}", zone("interface", from));
    assert_eq!(ike(&filter), "dropped by default: deny", "zones stand behind the base chain");
}
