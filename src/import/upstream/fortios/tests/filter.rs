//! Policies: who gets through.

use super::*;

/// The verdict for UDP 500 with this policy alone.
fn with(parts: &str) -> String {
    Config { policies: &policy(1, parts), ..Config::default() }.ike()
}

const ADDRESSES: &str = r#"config firewall address
edit "mx"
set subnet 192.168.1.4 255.255.255.255
next
edit "peers"
set type iprange
set start-ip 198.51.100.1
set end-ip 198.51.100.9
next
edit "half"
set subnet 128.0.0.0 128.0.0.0
next
edit "host"
set type fqdn
set fqdn "example.com"
next
edit "land"
set type geography
set country "DE"
next
edit "slash"
set subnet 192.168.1.0/24
next
edit "gaps"
set type wildcard
set wildcard 192.0.2.1 255.0.255.255
next
end
config firewall addrgrp
edit "some"
set member "peers" "half"
next
edit "but"
set member "all"
set exclude enable
set exclude-member "half"
next
edit "doubt"
set member "peers" "land"
next
end
"#;

#[test]
fn policies_are_read_with_all_their_parts() {
    const ANY: &str = "passes";
    const END: &str = "dropped by end of the list: deny";
    for (parts, wanted) in [
        ("", ANY),
        ("set action deny", "dropped by deny udp any -> 192.168.1.4:500"),
        // Without an action a policy denies.
        ("unset action", "dropped by deny udp any -> 192.168.1.4:500"),
        ("set status disable", END),
        ("set service \"IKE\"", ANY),
        ("set service \"HTTPS\"", END),
        ("set service \"ALL_TCP\"", END),
        ("set service \"ALL_UDP\"", ANY),
        ("set service \"L2TP\" \"IKE\"", ANY),
        ("set service \"IKE\";set service-negate enable", END),
        ("set service \"HTTPS\";set service-negate enable", ANY),
        ("set srcintf \"any\"", ANY),
        ("set srcintf \"internal\"", END),
        ("set dstintf \"wan1\"", END),
        ("set dstintf \"any\"", ANY),
        ("set dstaddr \"MX-4500\"", "dropped by end of the list: deny"),
        ("set srcaddr \"peers\"", "restricted by permit udp 198.51.100.1-198.51.100.9 -> 192.168.1.4:500"),
        ("set srcaddr \"half\"", "restricted by permit udp 128.0.0.0/1 -> 192.168.1.4:500"),
        ("set srcaddr \"half\";set srcaddr-negate enable", "restricted by permit udp 0.0.0.0/1 -> 192.168.1.4:500"),
        ("set srcaddr \"some\"", "restricted by permit udp 128.0.0.0/1 -> 192.168.1.4:500"),
        ("set srcaddr \"but\"", "restricted by permit udp 0.0.0.0/1 -> 192.168.1.4:500"),
        ("set srcaddr \"host\"", "undecided: a host name stands for addresses that only DNS knows"),
        ("set srcaddr \"land\"", "undecided: which addresses a country has is not in the file"),
        ("set srcaddr \"doubt\"", "undecided: which addresses a country has is not in the file"),
        ("set srcaddr \"gaps\"", "undecided: the address has a mask with gaps"),
        ("set srcaddr \"all\" \"host\"", ANY),
        ("set schedule \"nights\"", "undecided: whether the policy holds depends on the time"),
        ("set schedule \"none\"", END),
        ("set groups \"staff\"", "undecided: the policy depends on who has logged in"),
        ("set ztna-status enable", "undecided: the policy depends on zero-trust tags"),
        ("set ztna-status disable", ANY),
        (
            "set internet-service-src enable;set internet-service-src-name \"x\";unset srcaddr",
            "undecided: which addresses a service of the internet has is not in the file",
        ),
        ("set logtraffic all;set nat enable;set ips-sensor \"default\";set comments \"a b\"", ANY),
        ("set utm-status enable;set application-list \"none\"", "undecided: the application list is not in the file"),
        ("set utm-status enable;set application-list \"watch\"", ANY),
        (
            "set utm-status enable;set application-list \"strict\"",
            "undecided: the application list blocks applications, and IKE may be among them",
        ),
        ("set application-list \"strict\"", ANY),
        ("set srcaddr6 \"all\";set dstaddr6 \"all\"", ANY),
    ] {
        let lists = "config application list\nedit \"watch\"\nconfig entries\nedit 1\nset category 2 3\nset action pass\nnext\nend\nnext\n\
                     edit \"strict\"\nconfig entries\nedit 1\nset category 2\nnext\nend\nnext\nend\n";
        let more = ADDRESSES.to_owned() + lists;
        assert_eq!(Config { policies: &policy(1, parts), more: &more, ..Config::default() }.ike(), wanted, "{parts}");
    }
}

#[test]
fn policy_about_ipv6_alone_is_no_policy_here() {
    let six = "edit 1\nset srcintf \"wan1\"\nset dstintf \"internal\"\nset action deny\nset srcaddr6 \"all\"\nset dstaddr6 \"all\"\nset service \"ALL\"\nnext\n";
    assert_eq!(Config { policies: &(six.to_owned() + &policy(2, "")), ..Config::default() }.ike(), "passes");
}

#[test]
fn numbers_say_nothing_of_the_order() {
    let deny = policy(1, "set action deny");
    let both = policy(9, "") + &deny;
    assert_eq!(Config { policies: &both, ..Config::default() }.ike(), "passes");
    let turned = deny + &policy(9, "");
    assert_eq!(
        Config { policies: &turned, ..Config::default() }.ike(),
        "dropped by deny udp any -> 192.168.1.4:500, hides permit udp any -> 192.168.1.4:500"
    );
}

#[test]
fn deny_that_does_not_name_the_virtual_ip_follows_the_version() {
    // "DENY policy for Virtual IP firewall policy": the option is on by default from 7.2.3 by that page, from 7.2.4 by Fortinet's own training.
    let header = |version: &str| format!("#config-version=FGT60F-{version}-FW-build1-240101:opmode=0:vdom=0:user=admin");
    let dropped = "dropped by deny any any -> any, hides permit udp any -> 192.168.1.4:500";
    let unsure = "undecided: whether the policy takes what is for a virtual IP depends on the version (`match-vip`)";
    for (version, parts, wanted) in [
        ("6.0.3", "", "passes"),
        ("7.2.2", "", "passes"),
        ("7.2.3", "", unsure),
        ("7.2.4", "", dropped),
        ("7.4.0", "", dropped),
        ("7.2.2", "set match-vip enable", dropped),
        ("7.4.0", "set match-vip disable", "passes"),
        ("7.2.3", "set match-vip disable", "passes"),
        ("nonsense", "", unsure),
    ] {
        let policies = policy(1, &format!("set action deny;set dstaddr \"all\";{parts}")) + &policy(2, "");
        let header = header(version);
        assert_eq!(Config { header: &header, policies: &policies, ..Config::default() }.ike(), wanted, "{version} {parts}");
    }
    // Which of the two addresses is compared is not documented.
    let policies = policy(1, "set action deny;set dstaddr \"mx\"") + &policy(2, "");
    let config = Config { policies: &policies, more: ADDRESSES, ..Config::default() };
    assert_eq!(config.ike(), "undecided: whether `match-vip` compares outer or inner addresses is not known");
    let policies = policy(1, "set action deny;set dstaddr \"peers\"") + &policy(2, "");
    assert_eq!(Config { policies: &policies, more: ADDRESSES, ..Config::default() }.ike(), "passes");
}

#[test]
fn permit_that_names_addresses_never_lets_in_what_a_virtual_ip_took() {
    let other = policy(2, "set dstaddr \"MX-500\";set srcaddr \"none\"");
    for dstaddr in ["all", "mx", "slash"] {
        let policies = policy(1, &format!("set dstaddr \"{dstaddr}\"")) + &other;
        assert_eq!(
            Config { policies: &policies, more: ADDRESSES, ..Config::default() }.ike(),
            "dropped by end of the list: deny",
            "{dstaddr}"
        );
    }
    // 6.4.3: "match only packets that had their destination changed".
    let policies = policy(1, "set dstaddr \"all\";set match-vip-only enable") + &other;
    assert_eq!(Config { policies: &policies, more: ADDRESSES, ..Config::default() }.ike(), "passes");
}

#[test]
fn mx_with_a_public_address_behind_the_device_needs_no_virtual_ip() {
    let mx = std::net::Ipv4Addr::new(203, 0, 113, 20);
    let more = "config firewall address\nedit \"mx\"\nset subnet 203.0.113.20 255.255.255.255\nnext\nend\n";
    let device = |parts: &str| {
        Config {
            policies: &policy(1, parts),
            more,
            vips: "edit \"x\"\nset extip 203.0.113.11\nset mappedip \"10.0.0.1\"\nnext\n",
            ..Config::default()
        }
        .device()
    };
    let told = |parts: &str, service| crate::import::upstream::trial::verdict_at(&device(parts), mx, Some(mx), service);
    assert_eq!(told("set dstaddr \"mx\"", Service::IKE), "passes");
    assert_eq!(told("set dstaddr \"mx\";set service \"IKE\"", Service::ESP), "dropped by end of the list: deny");
    assert_eq!(told("set dstaddr \"mx\";set service \"IKE\" \"ESP\"", Service::ESP), "passes");
    assert_eq!(told("set dstaddr \"all\";set action deny", Service::IKE), "dropped by deny any any -> any");
}

#[test]
fn what_the_mx_sends_meets_the_same_list() {
    let device = Config::default().device();
    let path = |device: &Device| {
        let peers = crate::net::Addrs::public();
        let path = crate::net::Path::new(vec![device], vec![std::net::Ipv4Addr::new(192, 168, 1, 4)], None);
        path.leaves(Service::MERAKI_CLOUD, &peers).passes()
    };
    assert!(path(&device));
    assert!(!path(&Config { policies: &policy(1, ""), ..Config::default() }.device()));
    assert_eq!(crate::import::upstream::trial::answers(&device, Service::IKE), "passes");
}

#[test]
fn local_in_policy_opens_the_device_itself() {
    let local = "config firewall local-in-policy\nedit 1\nset intf \"wan1\"\nset srcaddr \"all\"\nset dstaddr \"all\"\nset action accept\nset service \"IKE\"\nset schedule \"always\"\nnext\nend\n";
    let vips = vip("web", "set portforward enable;set extport 443;set mappedport 443");
    let policies = policy(1, "set dstaddr \"web\"");
    let config = Config { vips: &vips, policies: &policies, ..Config::default() };
    assert_eq!(config.ike(), "no forward");
    assert_eq!(Config { more: local, ..config }.ike(), "opens itself by permit udp any -> any:500,4500");
    // The virtual IP comes first.
    assert_eq!(Config { more: &local.replace("accept", "deny"), ..Config::default() }.ike(), "passes");
}

#[test]
fn access_lists_come_first_and_unknown_tables_may_do_anything() {
    let acl =
        "config firewall acl\nedit 1\nset interface \"wan1\"\nset srcaddr \"all\"\nset dstaddr \"all\"\nset service \"IKE\"\nnext\nend\n";
    assert_eq!(Config { more: acl, ..Config::default() }.ike(), "dropped by deny udp any -> any:500,4500");
    let odd = "config firewall quantum\nedit 1\nset action deny\nnext\nend\n";
    let text = Config { more: odd, ..Config::default() }.text();
    let (device, remarks, _) = read(&text, 0);
    assert_eq!(remarks.iter().map(|r| r.kind).collect::<Vec<_>>(), [RemarkKind::Unknown]);
    assert_eq!(verdict(&device, Service::IKE), "undecided: what the table of the firewall does is not followed");
    let dos = "config firewall DoS-policy\nedit 1\nset interface \"wan1\"\nset srcaddr \"all\"\nset dstaddr \"all\"\nset service \"ALL\"\nconfig anomaly\nedit \"udp_flood\"\nset action block\nnext\nend\nnext\nend\n";
    assert_eq!(Config { more: dos, ..Config::default() }.ike(), "passes");
}

#[test]
fn unknown_parts_are_listed_and_leave_the_policy_in_doubt() {
    let text = Config { policies: &policy(1, "set moon full;set sun disable"), ..Config::default() }.text();
    let (device, remarks, _) = read(&text, 0);
    let unknown: Vec<_> = remarks.iter().map(|r| &text[r.span.start as usize..r.span.end as usize]).collect();
    assert_eq!(unknown, ["moon"]);
    assert_eq!(verdict(&device, Service::IKE), "undecided: the policy has a part that is not followed");
    assert_eq!(with("set sun disable"), "passes");
}
