//! Virtual IPs: where packets go.

use super::*;

/// Both ports by one virtual IP with these parts, and a policy to it.
fn by(parts: &str) -> (String, String) {
    let config = Config { vips: &vip("MX", parts), policies: &policy(1, "set dstaddr \"MX\""), ..Config::default() };
    (config.ike(), config.natt())
}

#[test]
fn virtual_ips_of_all_kinds_lead_where_they_say() {
    const UDP: &str = "set portforward enable;set protocol udp;";
    // Fortinet: "Static virtual IPs", "Virtual IP with services", "Virtual IPs with port forwarding", "Configure FQDN-based VIPs".
    for (parts, ike, natt) in [
        ("", "passes", "passes"),
        ("set extintf \"any\"", "passes", "passes"),
        ("set extip 0.0.0.0", "passes", "passes"),
        ("set service \"IKE\"", "passes", "passes"),
        ("set service \"HTTPS\"", "no forward", "no forward"),
        ("set service \"L2TP\" \"IKE\" \"ESP\"", "passes", "passes"),
        ("set mappedip \"192.168.1.9\"", "goes to 192.168.1.9", "goes to 192.168.1.9"),
        ("set extip 203.0.113.11", "no forward", "no forward"),
        ("set extip 203.0.113.8-203.0.113.12;set mappedip \"192.168.1.2-192.168.1.6\"", "passes", "passes"),
        ("set extip 203.0.113.9-203.0.113.12;set mappedip \"192.168.1.2-192.168.1.5\"", "goes to 192.168.1.3", "goes to 192.168.1.3"),
        (
            "set extip 203.0.113.9-203.0.113.12;set mappedip \"192.168.1.4-192.168.1.5\"",
            "undecided: which inner address belongs to which outer one is not in the file",
            "undecided: which inner address belongs to which outer one is not in the file",
        ),
        (&(UDP.to_owned() + "set extport 500;set mappedport 500"), "passes", "no forward"),
        (&(UDP.to_owned() + "set extport 500"), "passes", "no forward"),
        (&(UDP.to_owned() + "set extport 500-4500;set mappedport 500-4500"), "passes", "passes"),
        (&(UDP.to_owned() + "set extport 500;set mappedport 1500"), "port 1500", "no forward"),
        (&(UDP.to_owned() + "set extport 4500-4501;set mappedport 4501-4502"), "no forward", "port 4501"),
        (&(UDP.to_owned() + "set extport 500-4500;set mappedport 500;set portmapping-type m-to-n"), "passes", "port 500"),
        (
            "set portforward enable;set extport 500;set mappedport 500",
            "wrong protocol in forward tcp any -> 203.0.113.10:500 to 192.168.1.4",
            "no forward",
        ),
        ("set portforward enable;set protocol sctp;set extport 500;set mappedport 500", "no forward", "no forward"),
        ("set status disable", "no forward", "no forward"),
        (
            "set type load-balance;set mappedip \"192.168.1.4-192.168.1.5\"",
            "undecided: the forward goes to one of several hosts",
            "undecided: the forward goes to one of several hosts",
        ),
        (
            "set type fqdn;set mapped-addr \"mx\"",
            "undecided: a host name stands for addresses that only DNS knows",
            "undecided: a host name stands for addresses that only DNS knows",
        ),
        ("set type dns-translation", "no forward", "no forward"),
        ("set type access-proxy;set extport 443", "no forward", "no forward"),
        (
            "set type server-load-balance;set server-type udp;set extport 500;config realservers;edit 1;set ip 192.168.1.4;set port 500;next;end",
            "passes",
            "no forward",
        ),
        (
            "set type server-load-balance;set server-type udp;set extport 500;config realservers;edit 1;set ip 192.168.1.4;next;edit 2;set ip 192.168.1.5;next;end",
            "undecided: the virtual IP goes to one of several servers",
            "no forward",
        ),
        (
            "set mappedip \"203.0.113.10\"",
            "undecided: the virtual IP maps an address to itself, which FortiOS refuses since 6.0",
            "undecided: the virtual IP maps an address to itself, which FortiOS refuses since 6.0",
        ),
        (
            "set src-filter \"198.51.100.0/24\"",
            "restricted by forward any 198.51.100.0/24 -> 203.0.113.10 to 192.168.1.4",
            "restricted by forward any 198.51.100.0/24 -> 203.0.113.10 to 192.168.1.4",
        ),
        ("set src-filter \"0.0.0.0/0\"", "passes", "passes"),
        ("set srcintf-filter \"internal\"", "no forward", "no forward"),
        ("set arp-reply disable;set color 3;set comment \"x\"", "passes", "passes"),
    ] {
        assert_eq!(by(parts), (ike.to_owned(), natt.to_owned()), "{parts}");
    }
}

#[test]
fn order_of_the_list_decides_among_those_that_a_policy_names() {
    // "Virtual IP (VIP) port forwarding order of execution": from top to bottom; the order of policies does not matter, and unused ones are not asked.
    let both = vip("other", "set mappedip \"192.168.1.9\"") + &vip("MX", "set service \"IKE\"");
    let to = |names: &str| policy(1, &format!("set dstaddr {names}"));
    let verdict = |vips: &str, policies: &str| Config { vips, policies, ..Config::default() }.ike();
    assert_eq!(verdict(&both, &(to("\"MX\"") + &policy(2, "set dstaddr \"other\""))), "goes to 192.168.1.9");
    assert_eq!(verdict(&both, &to("\"MX\"")), "passes");
    assert_eq!(verdict(&both, &(to("\"MX\"") + &policy(2, "set dstaddr \"other\";set status disable"))), "passes");
    let turned = vip("MX", "set service \"IKE\"") + &vip("other", "set mappedip \"192.168.1.9\"");
    assert_eq!(verdict(&turned, &(to("\"other\"") + &policy(2, "set dstaddr \"MX\""))), "passes");
    // No policy names it: what it takes is denied.
    assert_eq!(verdict(&vip("MX", ""), &out(1)), "dropped by end of the list: deny");
}

#[test]
fn groups_stand_for_their_virtual_ips() {
    let more = "config firewall vipgrp\nedit \"MX\"\nset interface \"wan1\"\nset member \"MX-500\" \"MX-4500\"\nnext\nend\n";
    let config = Config { more, policies: &policy(1, "set dstaddr \"MX\";set service \"IKE\""), ..Config::default() };
    assert_eq!((config.ike(), config.natt()), ("passes".into(), "passes".into()));
}

#[test]
fn virtual_ip_of_another_interface_does_not_count() {
    let more = "config system interface\nedit \"wan2\"\nset ip 198.51.100.2 255.255.255.252\nset role wan\nnext\nend\n";
    let vips = vip("one", "set service \"IKE\"") + &vip("two", "set extip 198.51.100.2;set extintf \"wan2\"");
    // Each uplink has its own virtual IP and policy; that of the other lets nobody in here.
    let two = policy(1, "set srcintf \"wan2\";set dstaddr \"two\"");
    let both = policy(2, "set dstaddr \"one\"") + &two;
    assert_eq!(Config { vips: &vips, policies: &both, more, ..Config::default() }.ike(), "passes");
    let any = policy(1, "set srcintf \"any\";set dstaddr \"two\"");
    let hidden = any + &policy(2, "set dstaddr \"one\";set srcaddr \"none\"");
    assert_eq!(Config { vips: &vips, policies: &hidden, more, ..Config::default() }.ike(), "dropped by end of the list: deny");
    // Two public addresses of one interface for the same host: which was it?
    let vips = vip("one", "") + &vip("two", "set extip 203.0.113.11");
    let policies = policy(1, "set dstaddr \"two\"") + &policy(2, "set dstaddr \"one\";set srcaddr \"none\"");
    assert_eq!(
        Config { vips: &vips, policies: &policies, ..Config::default() }.ike(),
        "undecided: another virtual IP that the policy does not name leads to the same host"
    );
}

#[test]
fn central_nat_needs_no_policy_that_names_it() {
    // "Central DNAT": virtual IPs are not named in policies, which see the inner address.
    let more = "config system settings\nset central-nat enable\nend\nconfig firewall address\nedit \"mx\"\nset subnet 192.168.1.4 255.255.255.255\nnext\nend\n";
    let verdict = |policies: &str| Config { policies, more, ..Config::default() }.ike();
    assert_eq!(verdict(&policy(1, "set dstaddr \"mx\"")), "passes");
    assert_eq!(verdict(&policy(1, "set dstaddr \"all\";set service \"IKE\"")), "passes");
    assert_eq!(
        verdict(&(policy(1, "set dstaddr \"all\";set action deny") + &policy(2, "set dstaddr \"mx\""))),
        "dropped by deny any any -> any"
    );
    assert_eq!(verdict(&out(1)), "dropped by end of the list: deny");
}
