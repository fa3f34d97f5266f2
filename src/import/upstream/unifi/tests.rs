use super::*;
use crate::import::upstream::trial::{answers, verdict};
use crate::net::Service;

fn read(text: &str, base: u32) -> (Device, Vec<Remark>, Vec<Span>) {
    super::read(&[(text, base)])
}

/// A forward of both ports to the MX with other parts.
fn forward(parts: &str) -> String {
    let with =
        |name: &str, usual: &str| if parts.contains(&format!("\"{name}\"")) { String::new() } else { format!("\"{name}\": {usual}, ") };
    let usual = [
        with("name", "\"vpn\""),
        with("enabled", "true"),
        with("pfwd_interface", "\"wan\""),
        with("proto", "\"udp\""),
        with("src", "\"any\""),
        with("dst_port", "\"500,4500\""),
        with("fwd", "\"192.168.1.4\""),
        with("fwd_port", "\"500,4500\""),
    ];
    format!("{{{}{parts}\"log\": false}}", usual.concat())
}

/// A rule with other parts.
fn rule(parts: &str) -> String {
    let with =
        |name: &str, usual: &str| if parts.contains(&format!("\"{name}\"")) { String::new() } else { format!("\"{name}\": {usual}, ") };
    let usual = [
        with("ruleset", "\"WAN_IN\""),
        with("rule_index", "2000"),
        with("action", "\"drop\""),
        with("enabled", "true"),
        with("protocol", "\"all\""),
    ];
    format!("{{{}{parts}\"logging\": false}}", usual.concat())
}

fn site(forwards: &str, rules: &str, more: &str) -> String {
    format!(
        "{{\n\"rest/portforward\": {{\"meta\": {{\"rc\": \"ok\"}}, \"data\": [\n{forwards}\n]}},\n\"rest/firewallrule\": {{\"data\": [\n{rules}\n]}}{more}\n}}\n"
    )
}

fn device(text: &str) -> Device {
    let (device, remarks, _) = read(text, 0);
    assert!(remarks.iter().all(|r| matches!(r.kind, RemarkKind::Dangling | RemarkKind::Elsewhere)), "{remarks:?}\n{text}");
    device
}

fn ike(forwards: &str, rules: &str, more: &str) -> String {
    verdict(&device(&site(forwards, rules, more)), Service::IKE)
}

// Fields and their values: filipowm/go-unifi, `port_forward.generated.go`.
#[test]
fn every_way_to_forward() {
    for (parts, wanted) in [
        ("", "passes"),
        ("\"pfwd_interface\": \"both\", ", "passes"),
        ("\"pfwd_interface\": \"all\", ", "passes"),
        ("\"proto\": \"tcp_udp\", ", "passes"),
        ("\"proto\": \"tcp\", ", "wrong protocol in forward tcp any -> any:500,4500 to 192.168.1.4"),
        ("\"enabled\": false, ", "no forward"),
        ("\"fwd\": \"192.168.1.9\", ", "goes to 192.168.1.9"),
        ("\"dst_port\": \"4500\", \"fwd_port\": \"4500\", ", "no forward"),
        ("\"dst_port\": \"500\", \"fwd_port\": \"501\", ", "port 501"),
        ("\"dst_port\": \"4500,500\", \"fwd_port\": \"4500,501\", ", "port 501"),
        ("\"dst_port\": \"500-501\", \"fwd_port\": \"500-501\", ", "passes"),
        ("\"dst_port\": \"500-501\", \"fwd_port\": \"600-601\", ", "port 600"),
        ("\"dst_port\": \"500,501\", \"fwd_port\": \"1,2,3\", ", "undecided: the lists of ports are not of one length"),
        ("\"src\": \"198.51.100.0/24\", ", "restricted by forward udp 198.51.100.0/24 -> any:500,4500 to 192.168.1.4"),
        ("\"src\": \"!198.51.100.7\", ", "passes"),
        ("\"src\": \"198.51.100.7\", \"src_limiting_enabled\": false, ", "undecided: whether the limit to some sources is on is not clear"),
        (
            "\"src_limiting_enabled\": true, \"src_limiting_type\": \"firewall_group\", \"src_firewall_group_id\": \"g9\", ",
            "undecided: the members of the group are not in the text",
        ),
        ("\"destination_ip\": \"any\", ", "passes"),
        ("\"destination_ip\": \"203.0.113.11\", ", "undecided: the address that packets are sent to is not known (`wan_ip`)"),
        ("\"destination_ips\": [{\"destination_ip\": \"any\", \"interface\": \"wan\"}], ", "passes"),
    ] {
        assert_eq!(ike(&forward(parts), "", ""), wanted, "{parts}");
    }
    assert_eq!(ike("", "", ""), "no forward");
    let nat = ",\n\"nat\": [{\"type\": \"DNAT\", \"enabled\": true, \"destination_filter\": {\"port\": \"500\"}}]";
    assert_eq!(ike("", "", nat), "undecided: what a destination NAT rule of its own translates is not followed");
}

// Before the predefined rules: index 2…; behind them: 4… (Ubiquiti, "UniFi Gateway - Advanced Firewall Rules").
#[test]
fn rules_before_and_behind_the_predefined_ones() {
    for (parts, wanted) in [
        ("", "dropped by deny any any -> any"),
        ("\"rule_index\": 20001, ", "dropped by deny any any -> any"),
        ("\"rule_index\": \"2000\", ", "dropped by deny any any -> any"),
        ("\"rule_index\": 4000, ", "passes"),
        ("\"enabled\": false, ", "passes"),
        ("\"ruleset\": \"WAN_LOCAL\", ", "passes"),
        ("\"ruleset\": \"WANv6_IN\", ", "passes"),
        ("\"ruleset\": \"LAN_OUT\", ", "dropped by deny any any -> any"),
        ("\"protocol\": \"tcp\", ", "passes"),
        ("\"protocol\": \"tcp\", \"protocol_match_excepted\": true, ", "dropped by deny not tcp any -> any"),
        ("\"protocol\": \"udp\", \"dst_port\": \"500\", ", "dropped by deny udp any -> any:500"),
        ("\"protocol\": \"udp\", \"dst_port\": \"4500\", ", "passes"),
        ("\"dst_address\": \"192.168.1.4\", ", "dropped by deny any any -> 192.168.1.4"),
        ("\"dst_address\": \"203.0.113.10\", ", "passes"),
        ("\"src_address\": \"198.51.100.7\", ", "passes"),
        ("\"src_address\": \"0.0.0.0/1\", ", "restricted by deny any 0.0.0.0/1 -> any"),
        ("\"state_invalid\": true, ", "passes"),
        ("\"state_new\": true, \"state_invalid\": true, ", "dropped by deny any any -> any"),
        ("\"ipsec\": \"match-ipsec\", ", "passes"),
        ("\"ipsec\": \"match-none\", ", "dropped by deny any any -> any"),
        ("\"src_firewallgroup_ids\": [\"g1\"], ", "restricted by deny any 0.0.0.0/1 -> any"),
        ("\"protocol\": \"udp\", \"dst_firewallgroup_ids\": [\"g2\"], ", "dropped by deny udp any -> any:500,4500"),
        ("\"dst_firewallgroup_ids\": [\"g3\"], ", "passes"),
        ("\"dst_firewallgroup_ids\": [\"gone\"], ", "undecided: the members of the group (`rest/firewallgroup`) are not in the text"),
        ("\"dst_networkconf_id\": \"n1\", \"dst_networkconf_type\": \"NETv4\", ", "dropped by deny any any -> 192.168.1.0/24"),
        ("\"src_networkconf_id\": \"n1\", \"src_networkconf_type\": \"NETv4\", ", "passes"),
        ("\"src_mac_address\": \"00:11:22:33:44:55\", ", "undecided: the rule looks at the sender's hardware address"),
    ] {
        let more = ",\n\"firewallgroup\": [{\"_id\": \"g1\", \"name\": \"half\", \"group_type\": \"address-group\", \"group_members\": [\"0.0.0.0/1\"]},\
            {\"_id\": \"g2\", \"name\": \"ike\", \"group_type\": \"port-group\", \"group_members\": [\"500\", 4500]},\
            {\"_id\": \"g3\", \"name\": \"six\", \"group_type\": \"ipv6-address-group\", \"group_members\": [\"2001:db8::/32\"]}],\n\
            \"networkconf\": [{\"_id\": \"n1\", \"name\": \"LAN\", \"purpose\": \"corporate\", \"ip_subnet\": \"192.168.1.1/24\"}]";
        assert_eq!(ike(&forward(""), &rule(parts), more), wanted, "{parts}");
    }
    let two = rule("\"rule_index\": 2001, ") + "," + &rule("\"rule_index\": 2000, \"action\": \"accept\", \"protocol\": \"udp\", ");
    assert_eq!(ike(&forward(""), &two, ""), "passes");
}

#[test]
fn answers_and_the_cloud() {
    let edge = |rules: &str| device(&site(&forward(""), rules, ""));
    assert_eq!(answers(&edge(""), Service::IKE), "passes");
    let out = rule("\"ruleset\": \"WAN_OUT\", \"protocol\": \"udp\", ");
    assert_eq!(answers(&edge(&out), Service::IKE), "dropped by deny udp any -> any");
    let behind = rule("\"ruleset\": \"WAN_OUT\", \"rule_index\": 4000, ");
    assert_eq!(answers(&edge(&behind), Service::IKE), "passes");
    let path = |rules: &str| {
        let edge = edge(rules);
        crate::net::Path::new(vec![&edge], vec![std::net::Ipv4Addr::new(192, 168, 1, 4)], None)
            .leaves(Service::HTTPS, &crate::net::Addrs::public())
            .passes()
    };
    assert!(path("") && !path(&behind) && path(&out));
}

#[test]
fn parts_of_the_answers_are_undecided() {
    let forwards = format!("{{\"meta\": {{}}, \"data\": [{}]}}", forward(""));
    let alone = verdict(&read(&forwards, 0).0, Service::IKE);
    assert_eq!(alone, "undecided: the firewall's rules (`rest/firewallrule`, or `firewall-policies`) are not in the text");
    // Where it goes astray, no rule helps.
    let astray = format!("[{}]", forward("\"fwd\": \"192.168.1.9\", "));
    assert_eq!(verdict(&read(&astray, 0).0, Service::IKE), "goes to 192.168.1.9");
    let rules = format!("[{}]", rule("\"action\": \"accept\", "));
    assert_eq!(verdict(&read(&rules, 0).0, Service::IKE), "undecided: the port forwards (`rest/portforward`) are not in the text");
    // Bodies side by side in a list.
    let both = format!("[{forwards}, {{\"data\": [{}]}}]", rule("\"rule_index\": 4000, "));
    assert_eq!(verdict(&read(&both, 0).0, Service::IKE), "passes");
    // Each in a file of its own.
    let rules = format!("{{\"data\": [{}]}}", rule("\"rule_index\": 4000, "));
    let (device, remarks, _) = super::read(&[(&forwards, 0), (&rules, forwards.len() as u32)]);
    assert_eq!((verdict(&device, Service::IKE).as_str(), remarks.len()), ("passes", 0));
    let whole = site(&forward(""), &rule("\"rule_index\": 4000, "), "");
    for end in 0..whole.trim_end().len() {
        let (device, _, _) = read(&whole[..end], 0);
        assert!(verdict(&device, Service::IKE).starts_with("undecided"), "{}", &whole[..end]);
    }
}

const ZONES: &str = "\"firewall/zone\": [{\"_id\": \"ze\", \"name\": \"External\", \"zone_key\": \"external\", \"network_ids\": [\"w1\"]},\
    {\"_id\": \"zi\", \"name\": \"Internal\", \"zone_key\": \"internal\", \"network_ids\": [\"n1\"]}, {\"_id\": \"zd\", \"name\": \"DMZ\", \"zone_key\": \"dmz\", \"network_ids\": []},\
    {\"_id\": \"zg\", \"name\": \"Gateway\", \"zone_key\": \"gateway\", \"network_ids\": []}],\n\
    \"networkconf\": [{\"_id\": \"n1\", \"name\": \"LAN\", \"purpose\": \"corporate\", \"ip_subnet\": \"192.168.1.1/24\"}]";

/// A policy from one zone to another.
fn policy(from: &str, to: &str, parts: &str) -> String {
    let with =
        |name: &str, usual: &str| if parts.contains(&format!("\"{name}\"")) { String::new() } else { format!("\"{name}\": {usual}, ") };
    let usual = [with("action", "\"BLOCK\""), with("index", "10000"), with("enabled", "true"), with("protocol", "\"all\"")];
    let (from_parts, to_parts) = parts.split_once('|').unwrap_or(("", ""));
    let parts = if parts.contains('|') { "" } else { parts };
    format!(
        "{{{}{parts}\"source\": {{\"zone_id\": \"{from}\", {from_parts}\"match_mac\": false}}, \"destination\": {{\"zone_id\": \"{to}\", {to_parts}\"match_opposite_ips\": false}}}}",
        usual.concat()
    )
}

fn zoned(policies: &str) -> String {
    let text = format!("{{\"portforward\": [{}],\n\"firewall-policies\": [{policies}],\n{ZONES}}}", forward(""));
    verdict(&device(&text), Service::IKE)
}

// Fields and their values: go-unifi, `FirewallPolicy.json`, `firewall_zone_policy.generated.go`.
#[test]
fn policies_between_zones() {
    let block = |parts: &str| policy("ze", "zi", parts);
    for (policies, wanted) in [
        (String::new(), "passes"),
        (block(""), "dropped by deny any any -> any"),
        (block("\"action\": \"REJECT\", "), "dropped by deny any any -> any"),
        (block("\"enabled\": false, "), "passes"),
        (block("\"ip_version\": \"IPV6\", "), "passes"),
        (block("\"protocol\": \"tcp\", "), "passes"),
        (block("\"connection_state_type\": \"RESPOND_ONLY\", "), "passes"),
        (block("\"connection_state_type\": \"CUSTOM\", \"connection_states\": [\"NEW\"], "), "dropped by deny any any -> any"),
        (block("\"schedule\": {\"mode\": \"EVERY_DAY\"}, "), "undecided: the policy depends on the time of day"),
        (block("\"schedule\": {\"mode\": \"ALWAYS\"}, "), "dropped by deny any any -> any"),
        (policy("ze", "zd", ""), "passes"),
        (policy("zi", "ze", ""), "passes"),
        (policy("ze", "zg", ""), "passes"),
        (policy("gone", "zi", ""), "undecided: the policy's zones (`firewall/zone`) are not in the text"),
        (block("\"matching_target\": \"IP\", \"ips\": [\"0.0.0.0/1\"], |"), "restricted by deny any 0.0.0.0/1 -> any"),
        (block("\"matching_target\": \"REGION\", |"), "undecided: what the policy is about is not an address"),
        (block("|\"matching_target\": \"IP\", \"ips\": [\"192.168.1.4\"], "), "dropped by deny any any -> 192.168.1.4"),
        (block("|\"matching_target\": \"IP\", \"ips\": [\"192.168.1.5\"], "), "passes"),
        (block("|\"port_matching_type\": \"SPECIFIC\", \"port\": \"500\", "), "dropped by deny any any -> any:500"),
        (block("|\"port_matching_type\": \"SPECIFIC\", \"port\": 4500, "), "passes"),
        (block("\"index\": 10001, ") + "," + &block("\"index\": 10000, \"action\": \"ALLOW\", "), "passes"),
        (
            block("\"index\": 10000, ") + "," + &block("\"index\": 10001, \"action\": \"ALLOW\", "),
            "dropped by deny any any -> any, hides permit any any -> any",
        ),
        // A port forward opens itself, in front of what the controller blocks.
        (block("\"predefined\": true, "), "passes"),
        (block("\"predefined\": true, ") + "," + &block(""), "dropped by deny any any -> any"),
        // The controller's own come last, whatever their number.
        (block("\"predefined\": true, \"index\": 1, ") + "," + &block("\"action\": \"ALLOW\", "), "passes"),
    ] {
        let answer = zoned(&policies);
        assert_eq!(answer, wanted.split(", hides").next().unwrap(), "{policies}");
    }
}

#[test]
fn secrets_are_hidden() {
    let network = "{\"_id\": \"w1\", \"name\": \"WAN\", \"purpose\": \"wan\", \"wan_type\": \"pppoe\", \"x_wan_password\": \"CANARY-pppoe\", \"wan_username\": \"CANARY-user\", \
        \"x_ipsec_pre_shared_key\": \"CANARY-psk\", \"list\": [\"CANARY-list\", {\"x\": \"CANARY-deep\"}], \"map\": {\"name\": {\"a\": \"CANARY-name\"}}}";
    let text = site(
        &forward("\"x_note\": \"CANARY-note\", "),
        &rule(""),
        &format!(
            ",\n\"networkconf\": [{network}],\n\"setting\": [{{\"key\": \"mgmt\", \"x_ssh_password\": \"CANARY-ssh\"}}], \"wlanconf\": [{{\"name\": \"CANARY-wlan\", \"x_passphrase\": \"CANARY-wpa\"}}]"
        ),
    );
    for end in (0..=text.len()).rev() {
        let part = &text[..end];
        let (_, remarks, secrets) = read(part, 0);
        let mut shown: Vec<u8> = part.bytes().collect();
        for span in &secrets {
            shown[span.start as usize..span.end as usize].fill(b'*');
        }
        let shown = String::from_utf8(shown).unwrap();
        assert!(!shown.contains("CANARY"), "{shown}");
        assert!(remarks.iter().all(|r| !r.message.contains("CANARY")));
        if end == text.len() {
            for word in ["\"fwd\": \"192.168.1.4\"", "\"rule_index\": 2000", "\"wan_type\": \"pppoe\""] {
                assert!(shown.contains(word), "{shown}");
            }
        }
    }
}

#[test]
fn the_wan_is_told_by_its_network() {
    let wan = |more: &str| device(&site(&forward(""), "", &format!(",\n\"networkconf\": [{more}]")));
    let one = "{\"_id\": \"w1\", \"name\": \"WAN\", \"purpose\": \"wan\", \"wan_type\": \"static\", \"wan_ip\": \"203.0.113.10\", \"wan_netmask\": \"255.255.255.248\"}";
    let edge = wan(one);
    assert_eq!(edge.wan_interface.value().map(|n| &**n), Some("wan"));
    assert_eq!(edge.wan_ip.value().map(ToString::to_string).as_deref(), Some("203.0.113.10"));
    let second = one.replace("w1", "w2").replace("\"wan_type\"", "\"wan_networkgroup\": \"WAN2\", \"wan_type\"");
    assert!(wan(&format!("{one}, {second}")).wan_interface.is_absent());
    assert!(wan(&one.replace("static", "dhcp")).wan_ip.is_absent());
}

#[test]
fn names_that_are_gone_are_told_where_the_list_is_there() {
    let remarks = |more: &str| {
        let remarks = read(&site(&forward(""), &rule("\"src_firewallgroup_ids\": [\"gone\"], "), more), 0).1;
        remarks.iter().filter(|r| r.kind == RemarkKind::Dangling).count()
    };
    assert_eq!(remarks(""), 0);
    // Without the list, nothing is known of it.
    assert_eq!(read(&site(&forward(""), &rule("\"src_firewallgroup_ids\": [\"gone\"], "), ""), 0).1[0].kind, RemarkKind::Elsewhere);
    assert_eq!(remarks(", \"firewallgroup\": [{\"_id\": \"a\", \"group_type\": \"address-group\", \"group_members\": []}]"), 1);
    assert_eq!(remarks(", \"firewallgroup\": []"), 1);
}

#[test]
fn ten_thousand_rules_and_junk() {
    let rules = vec![rule("\"protocol\": \"tcp\", \"src_address\": \"198.51.100.7\", "); 10_000].join(",");
    assert_eq!(ike(&forward(""), &rules, ""), "passes");
    for junk in [
        "",
        "{",
        "[",
        "[[[[",
        "{\"fwd_port\": 1}",
        "{\"data\": null}",
        "[{\"ruleset\": 1, \"action\": []}]",
        "null",
        "{\"group_type\": {}}",
        "é",
    ] {
        let _ = read(junk, 7);
    }
}
