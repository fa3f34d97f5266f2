//! Access lists of an ASA.

use super::asa_nat::{BOTH, Config};
use super::*;

const BOUND: &str = "access-group OUTSIDE in interface outside\n";
const DENIED: &str = "dropped by end of the list: deny";

fn ike(lists: &str) -> String {
    Config { objects: BOTH, lists, ..Config::default() }.ike()
}

#[test]
fn entries_are_read_as_the_device_reads_them() {
    for (entry, wanted) in [
        // Real addresses since 8.3 (ASA "CLI Configuration Guide", "IP Addresses Used for Access Lists When You Use NAT").
        ("extended permit udp any host 192.168.1.4 eq isakmp", "passes"),
        ("extended permit udp any host 203.0.113.10 eq isakmp", DENIED),
        ("extended permit udp any4 object MX-IKE eq 500 log", "passes"),
        ("extended permit udp any object MX-IKE range 500 4500 log notifications interval 300", "passes"),
        ("extended permit udp any6 object MX-IKE eq 500", DENIED),
        ("extended permit ip any any", "passes"),
        ("permit udp any any eq isakmp", "passes"),
        ("extended permit udp any 192.168.1.0 255.255.255.0 eq isakmp", "passes"),
        ("extended permit udp any 192.168.1.0 255.255.255.252 eq isakmp", DENIED),
        ("extended permit udp 198.51.100.0 255.255.255.0 any eq isakmp", "restricted by permit udp 198.51.100.0/24 -> any:500"),
        ("extended permit tcp any host 192.168.1.4 eq 500", "wrong protocol in permit tcp any -> 192.168.1.4:500"),
        ("extended permit udp any host 192.168.1.4 eq isakmp inactive", DENIED),
        ("extended deny udp any host 192.168.1.4 eq isakmp inactive\naccess-list OUTSIDE extended permit ip any any", "passes"),
        ("extended permit udp any host 192.168.1.4 eq isakmp time-range OFFICE", "undecided: the line depends on the time of day"),
        ("extended permit udp user CORP\\joe any host 192.168.1.4 eq isakmp", "undecided: the line depends on who sends"),
        ("extended permit udp any object-group MXS object-group IPSEC", "passes"),
        ("extended permit object-group SERVICES any object-group MXS", "passes"),
        ("extended permit object IKE any any", "passes"),
        ("extended permit object-group PROTOCOLS any any", "passes"),
        ("extended permit udp any object NAMED eq isakmp", "undecided: a host name stands for addresses that only DNS knows"),
        ("extended permit udp any host mx eq isakmp", "passes"),
        ("extended permit udp any host nobody eq isakmp", "undecided: a host name stands for addresses that the file does not hold"),
        ("extended permit udp any object NOBODY eq isakmp", "undecided: the group or object is not in the file"),
        ("extended permit udp any interface inside eq isakmp", DENIED),
        ("extended permit icmp any any object-group ICMPS\naccess-list OUTSIDE extended permit icmp any any echo-reply", DENIED),
        ("remark extended permit ip any any", DENIED),
        ("extended deny ip any any\naccess-list OUTSIDE line 1 extended permit udp any any eq isakmp", "passes"),
        (
            "extended deny ip any any\naccess-list OUTSIDE extended permit udp any any eq isakmp",
            "dropped by deny any any -> any, hides permit udp any -> any:500",
        ),
        ("extended permit ip any any\nno access-list OUTSIDE extended permit ip any any", DENIED),
    ] {
        const NAMES: &str = "names\nname 192.168.1.4 mx\nobject network NAMED\n fqdn v4 mx.example.com\nobject-group network MXS\n network-object object MX-IKE\n network-object host 192.168.1.5\n\
            object-group service IPSEC udp\n port-object eq isakmp\n port-object eq 4500\nobject-group service SERVICES\n service-object udp destination eq isakmp\n service-object esp\n\
            object service IKE\n service udp destination eq 500\nobject-group protocol PROTOCOLS\n protocol-object udp\n protocol-object tcp\n\
            object-group icmp-type ICMPS\n icmp-object echo\n";
        let lists = format!("{NAMES}access-list OUTSIDE {entry}\n{BOUND}");
        let text = Config { objects: BOTH, lists: &lists, ..Config::default() }.text();
        let (device, remarks, _) = asa::read(&text, 0);
        assert_eq!(told(&text, &remarks, RemarkKind::Unknown), Vec::<&str>::new(), "{entry}");
        assert_eq!(verdict(&device, Service::IKE), wanted, "{entry}");
    }
}

#[test]
fn an_interface_asks_its_list_then_the_global_one() {
    let permit = "access-list A extended permit udp any host 192.168.1.4 eq isakmp\n";
    let other = "access-list B extended permit tcp any any\n";
    for (lists, wanted) in [
        // From lower to higher security nothing passes by itself.
        ("no access-list OUTSIDE\n".to_owned(), DENIED),
        (permit.to_owned(), DENIED),
        ([permit, "access-group A in interface outside\n"].concat(), "passes"),
        ([permit, "access-group A in interface outside per-user-override\n"].concat(), "passes"),
        ([permit, "access-group A in interface inside\n"].concat(), DENIED),
        ([permit, "access-group A global\n"].concat(), "passes"),
        ([permit, other, "access-group B in interface outside\naccess-group A global\n"].concat(), "passes"),
        ([permit, other, "access-group A in interface outside\naccess-group B global\n"].concat(), "passes"),
        (
            [permit, "access-list B extended deny ip any any\naccess-group B in interface outside\naccess-group A global\n"].concat(),
            "dropped by deny any any -> any",
        ),
        ([permit, other, "access-group A in interface outside\naccess-group B in interface outside\n"].concat(), DENIED),
        // On the way out of the inner interface, too.
        ([permit, other, "access-group A in interface outside\naccess-group B out interface inside\n"].concat(), "dropped"),
        ([permit, "access-group A in interface outside\naccess-group A out interface inside\n"].concat(), "passes"),
        ([permit, "access-group A in interface outside control-plane\n"].concat(), DENIED),
        ([permit, "access-group A in interface outside\nno access-group A in interface outside\n"].concat(), DENIED),
        ("access-group NOBODY in interface outside\n".to_owned(), "undecided: the list is not in the file"),
    ] {
        let answer = ike(&lists);
        assert!(answer.starts_with(wanted), "{lists}: {answer}");
    }
}

#[test]
fn what_the_mx_sends_passes_by_level_or_by_list() {
    let leaves = |lists: &str, more: &str| {
        let device = Config { objects: BOTH, lists, more, ..Config::default() }.device();
        let path = crate::net::Path::new(vec![&device], vec![std::net::Ipv4Addr::new(192, 168, 1, 4)], None);
        let answer = path.leaves(Service::HTTPS, &crate::net::Addrs::public());
        if answer.passes() { "passes".to_owned() } else { answer.doubt().map_or("dropped".into(), |doubt| doubt.reason.to_string()) }
    };
    let outside = "access-list OUTSIDE extended permit ip any any\naccess-group OUTSIDE in interface outside\n";
    assert_eq!(leaves(outside, ""), "passes");
    let inside = [outside, "access-list INSIDE extended permit udp any any\naccess-group INSIDE in interface inside\n"].concat();
    assert_eq!(leaves(&inside, ""), "dropped");
    assert_eq!(leaves(&inside.replace("permit udp", "permit ip"), ""), "passes");
    // An equal level needs a word of its own.
    let level = |text: &str| text.replace("security-level 100", "security-level 0");
    let equal = |more: &str| {
        let text = level(&Config { objects: BOTH, lists: outside, more, ..Config::default() }.text());
        let device = asa::read(&text, 0).0;
        crate::net::Path::new(vec![&device], vec![std::net::Ipv4Addr::new(192, 168, 1, 4)], None)
            .leaves(Service::HTTPS, &crate::net::Addrs::public())
            .passes()
    };
    assert!(!equal(""));
    assert!(equal("same-security-traffic permit inter-interface\n"));
    assert!(!equal("same-security-traffic permit intra-interface\n"));
    // A third interface: which one the packet leaves by is known from the routes.
    let dmz = "interface GigabitEthernet0/2\n nameif dmz\n security-level 50\n ip address 10.9.9.1 255.255.255.0\n";
    assert_eq!(leaves(outside, dmz), "passes");
    // Beside a global list, levels are not followed.
    let global = [outside, "access-list ALL extended permit udp any any\naccess-group ALL global\n"].concat();
    assert_eq!(leaves(&global, ""), "whether levels count beside a global list is not followed");
}

#[test]
fn answers_pass_with_their_flow() {
    let lists = "access-list OUTSIDE extended permit ip any any\naccess-group OUTSIDE in interface outside\naccess-list INSIDE extended deny ip any any\naccess-group INSIDE in interface inside\n";
    let device = Config { objects: BOTH, lists, ..Config::default() }.device();
    assert_eq!((verdict(&device, Service::IKE), answers(&device, Service::IKE)), ("passes".into(), "passes".into()));
}

#[test]
fn inspection_of_ipsec_may_let_esp_pass() {
    let public = std::net::Ipv4Addr::new(198, 51, 100, 130);
    let dmz = "interface GigabitEthernet0/2\n nameif dmz\n security-level 50\n ip address 198.51.100.129 255.255.255.128\n";
    let esp = |lists: &str, more: &str| {
        let more = [dmz, more].concat();
        let device = Config { lists, more: &more, ..Config::default() }.device();
        crate::import::upstream::trial::verdict_at(&device, public, None, Service::ESP)
    };
    let lists = "access-list OUTSIDE extended permit udp any any\naccess-group OUTSIDE in interface outside\n";
    assert_eq!(esp(lists, ""), DENIED);
    let inspect = "policy-map global_policy\n class inspection_default\n  inspect ftp\n  inspect ipsec-pass-thru\n";
    assert_eq!(esp(lists, inspect), "undecided: inspection of IPsec lets ESP of known flows pass");
    let both = [lists, "access-list OUTSIDE extended permit esp any any\n"].concat();
    assert_eq!((esp(&both, ""), esp(&both, inspect)), ("passes".into(), "passes".into()));
}

#[test]
fn a_list_is_applied_where_any_statement_names_it() {
    let applied = |more: &str| {
        let lists = "access-list A extended permit udp any any eq isakmp\naccess-list OUTSIDE extended permit ip any any\naccess-group OUTSIDE in interface outside\n";
        Config { lists, more, ..Config::default() }.device().chains.iter().find(|c| &*c.name == "A").is_some_and(|c| c.applied)
    };
    assert!(!applied(""));
    for more in [
        "access-group A global\n",
        "crypto map M 10 match address A\n",
        "class-map C\n match access-list A\n",
        "group-policy G attributes\n vpn-filter value A\n",
    ] {
        assert!(applied(more), "{more}");
    }
}
