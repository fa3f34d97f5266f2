//! Forwards. Sources: VyOS documentation, "NAT44"; vyos-1x, `nat.py`; EdgeOS, `service nat`.

use super::*;

const OPEN: &str = "set firewall ipv4 forward filter default-action accept\n";

fn with(rule: &str) -> String {
    format!("{OPEN}{PORTS}{}{SYSTEM}", set("nat destination rule 10", rule))
}

#[test]
fn forwards_are_about_what_they_say() {
    let to = "translation address 192.168.1.4";
    for (rule, wanted) in [
        ("protocol udp; destination port 500; inbound-interface name eth0", "passes"),
        ("protocol udp; destination port 500; inbound-interface eth0", "passes"),
        ("protocol udp; destination port 500; inbound-interface name any", "passes"),
        ("protocol udp; destination port 500; inbound-interface name eth1", "no forward"),
        ("protocol tcp_udp; destination port 500-4500", "passes"),
        ("destination address 203.0.113.10", "passes"),
        ("destination address 203.0.113.11", "no forward"),
        ("destination address !203.0.113.10", "no forward"),
        ("protocol tcp; destination port 500", "wrong protocol in forward tcp any -> any:500 to 192.168.1.4"),
        ("protocol udp; destination port 4500", "no forward"),
        ("protocol udp; destination port 500; disable", "no forward"),
        ("protocol udp; destination port 500; exclude", "no forward"),
        (
            "protocol udp; destination port 500; source address 128.0.0.0/1",
            "restricted by forward udp 128.0.0.0/1 -> any:500 to 192.168.1.4",
        ),
        ("protocol udp; destination port 500; translation port 500", "passes"),
        ("protocol udp; destination port 500; translation port 501", "port 501"),
        ("protocol udp; destination port 400-600; translation port 400-600", "passes"),
        ("protocol udp; destination port 500; packet-type host", "passes"),
        (
            "protocol udp; destination port 500; load-balance backend 192.168.1.4 weight 100",
            "undecided: the forward goes to one of several hosts",
        ),
    ] {
        assert_eq!(ike(&with(&format!("{rule}; {to}"))), wanted, "{rule}");
    }
    for (translation, wanted) in [
        ("address 192.168.1.9", "goes to 192.168.1.9"),
        ("address 192.168.1.4-192.168.1.9", "undecided: the forward goes to one of several hosts"),
        ("address 192.168.1.5-192.168.1.9", "goes to itself or several"),
        ("redirect port 500", "goes to itself or several"),
        ("address 127.0.0.1", "goes to itself or several"),
        ("address 192.168.1.4/32", "passes"),
        ("address 192.168.1.0/29; destination address 203.0.113.8/29", "goes to 192.168.1.2"),
        ("address 192.168.1.0/24; destination address 203.0.113.8/29", "undecided: the two networks differ in size"),
        ("options address-mapping random", "undecided: the rule states no translation"),
    ] {
        assert_eq!(
            ike(&with(&format!("translation {translation}").replace("; ", "; ").replace("translation destination", "destination"))),
            wanted,
            "{translation}"
        );
    }
}

#[test]
fn order_is_by_number_and_static_rules_come_first() {
    let other = "set nat destination rule 9 destination port 500\nset nat destination rule 9 protocol udp\nset nat destination rule 9 translation address 192.168.1.9\n";
    let text = format!("{OPEN}{PORTS}{NAT}{other}{SYSTEM}");
    assert_eq!(ike(&text), "goes to 192.168.1.9");
    assert_eq!(ike(&text.replace("rule 9", "rule 11")), "passes");
    let one = "set nat static rule 1 destination address 203.0.113.10\nset nat static rule 1 inbound-interface eth0\nset nat static rule 1 translation address 192.168.1.4\n";
    assert_eq!(ike(&format!("{OPEN}{PORTS}{other}{one}{SYSTEM}")), "passes");
}

#[test]
fn nat_of_edgeos_names_the_inside() {
    let rule = "set service nat rule 1 destination port 500,4500\nset service nat rule 1 inbound-interface eth0\nset service nat rule 1 inside-address address 192.168.1.4\n\
        set service nat rule 1 protocol udp\nset service nat rule 1 type destination\nset service nat rule 5010 outbound-interface eth0\nset service nat rule 5010 type masquerade\n";
    let text = format!("{PORTS}{rule}{SYSTEM}");
    assert_eq!(ike(&text), "passes");
    assert_eq!(ike(&text.replace("type destination", "type destination\nset service nat rule 1 inside-address port 4500")), "port 4500");
    assert_eq!(ike(&text.replace("destination port 500,4500", "destination group address-group ADDRv4_eth0")), "passes");
    let dial =
        text.replace("set interfaces ethernet eth0 address '203.0.113.10/29'", "set interfaces ethernet eth0 pppoe 0 default-route auto");
    assert_eq!(
        ike(&dial.replace(
            "inbound-interface eth0",
            "inbound-interface pppoe0\nset service nat rule 1 destination group address-group ADDRv4_pppoe0"
        )),
        "passes"
    );
    assert_eq!(ike(&text.replace("set service nat rule 1 type destination\n", "")), "undecided: the rule states no type");
}

#[test]
fn interface_towards_the_internet_is_told_where_only_one_can_be_it() {
    let wan = |ports: &str| {
        let (device, _, _) = read(&format!("{ports}{SYSTEM}"), 0);
        (device.wan_interface.value().map(ToString::to_string), device.wan_ip.value().map(ToString::to_string))
    };
    let some = |name: &str, ip: Option<&str>| (Some(name.to_owned()), ip.map(str::to_owned));
    assert_eq!(wan(PORTS), some("eth0", Some("203.0.113.10")));
    assert_eq!(wan(&PORTS.replace("'203.0.113.10/29'", "dhcp")), some("eth0", None));
    assert_eq!(wan(&format!("{PORTS}set interfaces ethernet eth2 address dhcp\n")), (None, None));
    let routed =
        format!("{PORTS}set interfaces ethernet eth2 vif 7 address 10.9.0.2/30\nset protocols static route 0.0.0.0/0 next-hop 10.9.0.1\n");
    assert_eq!(wan(&routed), some("eth2.7", Some("10.9.0.2")));
    assert_eq!(
        wan(&format!("{PORTS}set interfaces ethernet eth3 address 10.9.0.2/30\nset system gateway-address 10.9.0.1\n")),
        some("eth3", Some("10.9.0.2"))
    );
    assert_eq!(
        wan("set interfaces ethernet eth1 address 192.168.1.1/24\nset interfaces pppoe pppoe0 source-interface eth0\n"),
        some("pppoe0", None)
    );
    assert_eq!(
        wan(&format!("{PORTS}set interfaces ethernet eth2 address dhcp\nset interfaces ethernet eth2 disable\n")),
        some("eth0", Some("203.0.113.10"))
    );
}
