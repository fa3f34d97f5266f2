//! Access lists of IOS.

use super::ios_nat::{BOTH, Config};
use super::*;

/// A list `OUTSIDE` on the outer interface, inwards.
fn outside(entries: &str) -> String {
    format!("ip access-list extended OUTSIDE\n{entries}")
}

const BOUND: &str = " ip access-group OUTSIDE in\n";

fn ike(entries: &str) -> String {
    Config { wan: BOUND, nat: BOTH, more: &outside(entries), ..Config::default() }.ike()
}

#[test]
fn entries_are_read_as_the_router_reads_them() {
    const DENIED: &str = "dropped by end of the list: deny";
    for (entries, wanted) in [
        (" permit udp any host 203.0.113.10 eq isakmp\n", "passes"),
        (" 10 permit udp any host 203.0.113.10 eq isakmp non500-isakmp log\n", "passes"),
        (" permit udp any host 203.0.113.10 eq 500\n", "passes"),
        (" permit udp any host 203.0.113.10 range 400 600\n", "passes"),
        (" permit udp any host 203.0.113.10 gt 499\n", "passes"),
        (" permit udp any host 203.0.113.10 gt 500\n", DENIED),
        (" permit udp any host 203.0.113.10 lt 501\n", "passes"),
        (" permit udp any host 203.0.113.10 lt 500\n", DENIED),
        (" permit udp any host 203.0.113.10 neq 4500\n", "passes"),
        (" permit udp any host 203.0.113.10 neq 500\n", DENIED),
        (" permit ip any any\n", "passes"),
        (" permit 17 any any\n", "passes"),
        // The list sees the public address: it stands before the translation (Cisco document 6209).
        (" permit udp any host 192.168.1.4 eq isakmp\n", DENIED),
        (" permit udp any 203.0.113.8 0.0.0.7 eq isakmp\n", "passes"),
        (" permit udp any 203.0.113.0 0.0.0.7 eq isakmp\n", DENIED),
        // A mask with gaps: 203.0.x.10 for every x.
        (" permit udp any 203.0.0.10 0.0.255.0 eq isakmp\n", "passes"),
        (" permit udp any 203.0.0.11 0.0.255.0 eq isakmp\n", DENIED),
        (" permit udp any 203.0.113.10 255.255.255.255 eq isakmp\n", "passes"),
        (" permit udp 198.51.100.0 0.0.0.255 any eq isakmp\n", "restricted by permit udp 198.51.100.0/24 -> any:500"),
        (" permit udp any eq isakmp any eq isakmp\n", "restricted by permit udp any:500 -> any:500"),
        (" permit tcp any host 203.0.113.10 eq 500\n", "wrong protocol in permit tcp any -> 203.0.113.10:500"),
        (" permit tcp any any established\n", DENIED),
        (" deny udp any any eq isakmp\n permit ip any any\n", "dropped by deny udp any -> any:500"),
        (" 20 deny ip any any\n 10 permit udp any any eq isakmp\n", "passes"),
        (" 10 deny ip any any\n 20 permit udp any any eq isakmp\n", "dropped by deny any any -> any, hides permit udp any -> any:500"),
        (" remark permit ip any any\n", "passes"),
        (" remark nothing passes\n deny ip any any\n no deny ip any any\n", "passes"),
        (" 10 deny ip any any\n 20 permit ip any any\n no 10\n", "passes"),
        // Later parts of packets alone (Cisco, "Access Control Lists and IP Fragments").
        (" deny ip any any fragments\n permit ip any any\n", "passes"),
        (" permit udp any any eq isakmp time-range OFFICE\n", "undecided: the line depends on the time of day"),
        (" permit udp any any eq isakmp dscp ef\n", "undecided: the line looks at the packet's priority or options"),
        (" dynamic GATE timeout 5 permit ip any any\n", "undecided: the line counts for users who have logged in"),
        (" deny udp any any eq isakmp time-range OFFICE\n permit ip any any\n", "undecided: the line depends on the time of day"),
        (" deny tcp any any eq 22 time-range OFFICE\n permit ip any any\n", "passes"),
        (" permit udp any any eq isakmp reflect BACK timeout 300\n", "passes"),
        (" evaluate BACK\n", DENIED),
        (
            " permit icmp any any echo-reply\n permit icmp any any 3 4\n permit esp any any\n permit ahp any any\n permit gre any any\n",
            DENIED,
        ),
        (" permit udp any any eq isakmp log-input\n", "passes"),
    ] {
        assert_eq!(ike(entries), wanted, "{entries}");
    }
}

#[test]
fn numbered_lists_are_those_of_their_number() {
    for (wan, more, wanted) in [
        (" ip access-group 101 in\n", "access-list 101 permit udp any any eq isakmp\naccess-list 101 deny ip any any log\n", "passes"),
        (
            " ip access-group 101 in\n",
            "access-list 101 remark for the MX\naccess-list 101 deny ip any any\n",
            "dropped by deny any any -> any",
        ),
        (" ip access-group 10 in\n", "access-list 10 deny 198.51.100.7\naccess-list 10 permit any\n", "passes"),
        (
            " ip access-group 10 in\n",
            "access-list 10 permit host 198.51.100.7\naccess-list 10 permit 128.0.0.0 127.255.255.255 log\n",
            "restricted by permit any 128.0.0.0/1 -> any",
        ),
        (" ip access-group 2001 in\n", "access-list 2001 permit udp any any eq isakmp\n", "passes"),
        (" ip access-group 1301 in\n", "access-list 1301 permit any\n", "passes"),
        (" ip access-group 101 in\n", "access-list 101 deny ip any any\nno access-list 101\naccess-list 101 permit ip any any\n", "passes"),
        (" ip access-group 101 in\n", "ip access-list extended 101\n permit udp any any eq isakmp\n", "passes"),
        // Bound twice, unbound, and bound the other way.
        (" ip access-group 101 in\n no ip access-group 101 in\n", "access-list 101 deny ip any any\n", "passes"),
        (" ip access-group 101 out\n", "access-list 101 deny ip any any\n", "passes"),
    ] {
        assert_eq!(Config { wan, nat: BOTH, more, ..Config::default() }.ike(), wanted, "{wan}{more}");
    }
}

#[test]
fn a_list_that_is_not_there_permits_everything() {
    // Cisco forum 10143601 and document 23602: the implicit end comes with the first entry.
    let config = Config { wan: BOUND, nat: BOTH, ..Config::default() };
    let text = config.text();
    let (device, remarks, _) = ios::read(&text, 0);
    assert_eq!(verdict(&device, Service::IKE), "passes");
    assert_eq!(told(&text, &remarks, RemarkKind::Dangling), ["OUTSIDE"]);
    assert_eq!(ike(""), "passes");
    assert_eq!(ike(" remark nothing yet\n"), "passes");
}

#[test]
fn lists_on_the_inner_interface_see_the_inner_address() {
    let lan = " ip access-group TO-MX out\n";
    for (entries, wanted) in [
        (" permit udp any host 192.168.1.4 eq isakmp\n", "passes"),
        (" permit udp any host 203.0.113.10 eq isakmp\n", "dropped by end of the list: deny"),
        (" deny udp any any eq isakmp\n permit ip any any\n", "dropped by deny udp any -> any:500"),
    ] {
        let more = format!("ip access-list extended TO-MX\n{entries}");
        assert_eq!(Config { lan, nat: BOTH, more: &more, ..Config::default() }.ike(), wanted, "{entries}");
    }
    let hidden = BOTH.to_owned() + "ip nat outside source list 7 pool PEERS\n";
    let more = "ip access-list extended TO-MX\n permit udp 10.7.0.0 0.0.255.255 any\n";
    let answer = Config { lan, nat: &hidden, more, ..Config::default() }.ike();
    assert_eq!(answer, "undecided: the router changes the source before this list sees it");
}

#[test]
fn answers_pass_lists_like_any_packet() {
    let entries = " permit udp any any eq isakmp\n permit udp any any eq non500-isakmp\n";
    let answer = |wan: &str, lan: &str, more: &str| {
        let device = Config { wan, lan, nat: BOTH, more }.device();
        (answers(&device, Service::IKE), verdict(&device, Service::IKE))
    };
    let passes = || "passes".to_owned();
    let outside = outside(entries);
    assert_eq!(answer(BOUND, "", &outside), (passes(), passes()));
    let denied = "dropped by end of the list: deny".to_owned();
    let inner = " ip access-group INSIDE in\n";
    let more = "ip access-list extended INSIDE\n permit tcp any any\n permit icmp any any\n";
    assert_eq!(answer("", inner, more), (denied.clone(), passes()));
    let mended = [more, " permit udp host 192.168.1.4 eq isakmp any\n"].concat();
    assert_eq!(answer("", inner, &mended), (passes(), passes()));
    // On the way out the source is translated already.
    let outer = " ip access-group OUT out\n";
    let out = "ip access-list extended OUT\n permit udp host 203.0.113.10 any\n";
    assert_eq!(answer(outer, "", out), (passes(), passes()));
    assert_eq!(answer(outer, "", &out.replace("203.0.113.10", "192.168.1.4")), (denied.clone(), passes()));
    // What reflects is not followed; what inspects lets answers pass (Cisco, "Firewall ACL Bypass").
    let reflexive = "ip access-list extended OUT\n evaluate BACK\n";
    let doubt = "undecided: answers pass where the flow was reflected, which is not followed".to_owned();
    assert_eq!(answer(outer, "", reflexive), (doubt, passes()));
    let inspected = [more, "ip inspect name FW udp\nip inspect name FW tcp\n"].concat();
    let both = [inner, " ip inspect FW out\n"].concat();
    assert_eq!(answer("", &both, &inspected), (passes(), passes()));
    assert_eq!(answer(" ip inspect FW in\n", inner, &inspected), (passes(), passes()));
    assert_eq!(answer(" ip inspect FW out\n", inner, &inspected), (denied.clone(), passes()));
    assert_eq!(answer(" ip inspect FW in\n", inner, &inspected.replace("FW udp", "FW ftp")), (denied, passes()));
}

#[test]
fn groups_stand_for_what_they_hold() {
    let groups = "object-group network MXS\n description ours\n host 203.0.113.10\n 203.0.113.64 255.255.255.192\n!\n\
        object-group network ALL\n group-object MXS\n range 198.51.100.1 198.51.100.9\n!\n\
        object-group service IPSEC\n udp eq isakmp\n udp eq non500-isakmp\n esp\n!\n\
        object-group service MORE\n group-object IPSEC\n tcp source range 1 65535 eq 443\n!\n\
        object-group network LOOP\n group-object LOOP\n host 203.0.113.10\n!\n";
    for (entry, wanted) in [
        (" permit udp any object-group MXS eq isakmp\n", "passes"),
        (" permit udp any object-group ALL eq isakmp\n", "passes"),
        (" permit udp any object-group LOOP eq isakmp\n", "passes"),
        (" permit object-group IPSEC any object-group MXS\n", "passes"),
        (" permit object-group MORE any any\n", "passes"),
        (" deny object-group MORE any any\n permit ip any any\n", "dropped by deny udp any -> any:500,4500"),
        (
            " permit udp object-group ALL any eq isakmp\n",
            "restricted by permit udp 198.51.100.1-198.51.100.9,203.0.113.10,203.0.113.64/26 -> any:500",
        ),
        (" permit udp any object-group NOBODY eq isakmp\n", "undecided: the group or object is not in the file"),
        (" permit object-group NOTHING any any\n", "undecided: the group or object is not in the file"),
    ] {
        let text = Config { wan: BOUND, nat: BOTH, more: &(groups.to_owned() + &outside(entry)), ..Config::default() }.text();
        let (device, remarks, _) = ios::read(&text, 0);
        assert_eq!(verdict(&device, Service::IKE), wanted, "{entry}");
        let dangling = told(&text, &remarks, RemarkKind::Dangling);
        assert_eq!(!dangling.is_empty(), wanted.contains("not in the file"), "{entry}: {dangling:?}");
    }
    // A group with an unknown member matters where its packets do.
    let odd = groups.replace(" host 203.0.113.10\n 203", " nearby\n 203");
    let more = odd + &outside(" permit udp any object-group MXS eq isakmp\n");
    let text = Config { wan: BOUND, nat: BOTH, more: &more, ..Config::default() }.text();
    assert_eq!(verdict(&ios::read(&text, 0).0, Service::IKE), "undecided: the group has a member that is not understood");
}

#[test]
fn unknown_parts_leave_a_line_in_doubt() {
    let text = |entry: &str| Config { wan: BOUND, nat: BOTH, more: &outside(entry), ..Config::default() }.text();
    for (entry, unknown, wanted) in [
        (" permit udp any any eq isakmp moon full\n", "moon", "undecided: the line has a part that is not understood"),
        (" deny udp any any eq wisdom\n permit ip any any\n", "eq", "undecided: the line has a part that is not understood"),
        (" deny tcp any any eq wisdom\n permit ip any any\n", "eq", "passes"),
        (" permit udp everyone any\n", "everyone", "undecided: the line has a part that is not understood"),
        (" perhaps udp any any\n", "perhaps", "undecided: the line has a part that is not understood"),
    ] {
        let text = text(entry);
        let (device, remarks, secrets) = ios::read(&text, 0);
        assert_eq!(verdict(&device, Service::IKE), wanted, "{entry}");
        assert_eq!(told(&text, &remarks, RemarkKind::Unknown), [unknown], "{entry}");
        assert!(!shown(&text, &secrets).contains(unknown) || unknown == "eq", "{entry}");
    }
}

#[test]
fn a_list_is_applied_where_any_statement_names_it() {
    let applied = |config: Config<'_>| config.device().chains.iter().find(|c| &*c.name == "OUTSIDE").is_some_and(|c| c.applied);
    let more = outside(" permit udp any any eq isakmp\n");
    assert!(!applied(Config { more: &more, ..Config::default() }));
    assert!(applied(Config { wan: BOUND, more: &more, ..Config::default() }));
    let map = more.clone() + "!\ncrypto map TO-HQ 10 ipsec-isakmp\n match address OUTSIDE\n";
    assert!(applied(Config { more: &map, ..Config::default() }));
    let numbered = "access-list 101 permit udp any any eq isakmp\n";
    let of = |more: &str| Config { more, ..Config::default() }.device().chains.iter().find(|c| &*c.name == "101").map(|c| c.applied);
    assert_eq!(of(&[numbered, "vlan 101\n"].concat()), Some(false));
    assert_eq!(of(&[numbered, "line vty 0 4\n access-class 101 in\n"].concat()), Some(true));
}
