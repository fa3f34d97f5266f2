//! Filter rules. Source: `source/firewall/firewall-rule-processing-order.rst` of pfsense/docs@24ce2c2; `filter_generate_user_rule` in
//! `src/etc/inc/filter.inc` of pfsense/pfsense@0034bbc; pf.conf(5), "quick".

use super::*;

fn with(filter: &str) -> String {
    both(Config { nat: &rdr(""), filter, ..Config::default() })
}

#[test]
fn rules_decide_by_what_they_say() {
    for (parts, wanted) in [
        ("", "passes"),
        ("<type>block</type>", "dropped by deny any any -> any"),
        ("<type>reject</type>", "dropped by deny any any -> any"),
        ("<type>match</type>", "undecided: what a match rule with quick does is not followed"),
        ("<type>match</type><floating>yes</floating><direction>in</direction>", "dropped by end of the list: deny"),
        ("<disabled/>", "dropped by end of the list: deny"),
        ("<interface>lan</interface>", "dropped by end of the list: deny"),
        ("<ipprotocol>inet6</ipprotocol>", "dropped by end of the list: deny"),
        ("<ipprotocol>inet46</ipprotocol>", "passes"),
        ("<protocol>tcp</protocol>", "dropped by end of the list: deny"),
        ("<protocol>tcp/udp</protocol>", "passes"),
        // The filter sees the address behind the translation.
        ("<destination><network>wanip</network></destination>", "dropped by end of the list: deny"),
        ("<destination><address>192.168.1.4</address></destination>", "passes"),
        ("<destination><network>lan</network></destination>", "passes"),
        ("<destination><network>lan</network><not/></destination>", "dropped by end of the list: deny"),
        ("<source><address>198.51.100.0/24</address></source>", "restricted by permit any 198.51.100.0/24 -> any"),
        ("<source><network>lan</network><not/></source>", "passes"),
        ("<protocol>udp</protocol><source><any/><port>500</port></source>", "restricted by permit udp any:500 -> any"),
        // Ports count for TCP and UDP alone.
        ("<protocol>esp</protocol><destination><any/><port>500</port></destination>", "dropped by end of the list: deny"),
        ("<protocol>udp</protocol><destination><any/><port>1-65535</port></destination>", "passes"),
        // What the file does not decide.
        ("<sched>hours</sched>", "undecided: the rule depends on the time of day"),
        ("<tagged>vpn</tagged>", "undecided: the rule depends on a tag that another one sets"),
        ("<gateway>GW2</gateway>", "undecided: the rule sends its packets to a gateway of its own"),
        ("<max-src-states>5</max-src-states>", "undecided: the rule depends on how many connections there are"),
        ("<statetype>none</statetype>", "undecided: the rule keeps no state, so that answers need a rule of their own"),
        ("<statetype>keep state</statetype>", "passes"),
    ] {
        assert_eq!(with(&rule(parts)), wanted, "{parts}");
    }
}

#[test]
fn first_match_on_an_interface_and_the_rule_that_it_hides() {
    let open = rule("<protocol>udp</protocol><destination><address>192.168.1.4</address><port>500</port></destination>");
    assert_eq!(with(&(open.clone() + &rule("<type>block</type>"))), "passes");
    let hidden = with(&(rule("<type>block</type><protocol>udp</protocol>") + &open));
    assert_eq!(hidden, "dropped by deny udp any -> any, hides permit udp any -> 192.168.1.4:500");
    assert_eq!(with(&(rule("<type>block</type><disabled/>") + &open)), "passes");
    assert_eq!(with(&(rule("<type>block</type><interface>lan</interface>") + &open)), "passes");
}

#[test]
fn floating_rules_come_first_and_without_quick_the_last_one_counts() {
    let float = |parts: &str| rule(&format!("<floating>yes</floating><direction>in</direction>{parts}"));
    let (pass, block) = (rule(""), rule("<type>block</type>"));
    let (pass_quick, block_quick) = (float("<quick>yes</quick>"), float("<type>block</type><quick>yes</quick>"));
    let (pass_last, block_last) = (float(""), float("<type>block</type>"));
    for (rules, wanted) in [
        // Wherever they stand in the file.
        ([&*pass, &*block_quick], "dropped by deny any any -> any"),
        ([&*block, &*pass_quick], "passes"),
        ([&*pass_quick, &*block_quick], "passes"),
        // Rules of an interface have `quick`, and go before floating ones without it.
        ([&*block_last, &*pass], "passes"),
        ([&*pass_last, &*block], "dropped by deny any any -> any"),
        ([&*pass_last, &*block_last], "dropped by deny any any -> any"),
        ([&*block_last, &*pass_last], "passes"),
        ([&*pass_last, ""], "passes"),
        ([&*block_last, ""], "dropped by deny any any -> any"),
    ] {
        assert_eq!(with(&rules.concat()), wanted, "{rules:?}");
    }
}

#[test]
fn direction_and_interfaces_of_floating_rules() {
    let float = |parts: &str| PASS.to_owned() + &rule(&format!("<type>block</type><floating>yes</floating><quick>yes</quick>{parts}"));
    for (parts, wanted) in [
        ("<direction>in</direction><interface>wan,lan</interface>", "dropped by deny any any -> any"),
        ("<direction>in</direction><interface/>", "dropped by deny any any -> any"),
        ("<direction>in</direction><interface>lan</interface>", "passes"),
        ("<direction>out</direction><interface>lan</interface>", "dropped by deny any any -> any"),
        ("<direction>out</direction><interface>wan</interface>", "passes"),
        ("<direction>any</direction><interface>lan</interface>", "dropped by deny any any -> any"),
        ("<direction>any</direction><interface>wan</interface>", "dropped by deny any any -> any"),
    ] {
        assert_eq!(with(&float(parts)).split(", hides").next(), Some(wanted), "{parts}");
    }
    let both_ways = PASS.to_owned() + &rule("<type>block</type><floating>yes</floating><quick/><interface>lan</interface>");
    assert_eq!(ike(Pfsense, Config { nat: &rdr(""), filter: &both_ways, ..Config::default() }), "dropped by deny any any -> any");
}

#[test]
fn groups_of_interfaces_come_between() {
    let more = "<ifgroups><ifgroupentry><ifname>OUTSIDE</ifname><members>wan opt1</members></ifgroupentry></ifgroups>";
    let group = rule("<type>block</type><interface>OUTSIDE</interface>");
    for (filter, wanted) in [
        (rule("") + &group, "dropped by deny any any -> any"),
        (rule("<floating>yes</floating><quick>yes</quick><direction>in</direction>") + &group, "passes"),
    ] {
        assert_eq!(both(Config { nat: &rdr(""), filter: &filter, more, ..Config::default() }), wanted);
    }
}

#[test]
fn port_without_a_protocol_means_tcp_in_pfsense() {
    let filter = rule("<destination><address>192.168.1.4</address><port>500</port></destination>");
    let config = Config { nat: &rdr(""), filter: &filter, ..Config::default() };
    assert_eq!(ike(Pfsense, config), "wrong protocol in permit tcp any -> 192.168.1.4:500");
}

#[test]
fn answers_and_outbound_traffic() {
    let lan = rule("<interface>lan</interface><source><network>lan</network></source>");
    let config = Config { nat: &rdr(""), filter: &(PASS.to_owned() + &lan), ..Config::default() };
    let edge = device(Pfsense, config);
    let path = Path::new(vec![&edge], mx(), None);
    assert!(path.answers(Service::IKE).passes());
    assert!(path.leaves(Service::HTTPS, &Addrs::public()).passes(), "{:?}", path.leaves(Service::HTTPS, &Addrs::public()));
    let closed = device(Pfsense, Config { filter: PASS, ..config });
    let path = Path::new(vec![&closed], mx(), None);
    assert!(path.answers(Service::IKE).passes(), "states let answers pass");
    assert!(path.leaves(Service::HTTPS, &Addrs::public()).fault().is_some());
}

#[test]
fn private_networks_are_blocked_first_where_the_switch_says_so() {
    let wan = format!("{STATIC}<blockpriv>1</blockpriv>");
    let edge = device(Pfsense, Config { wan: &wan, nat: &rdr(""), filter: PASS, ..Config::default() });
    let path = Path::new(vec![&edge], mx(), None);
    assert!(path.arrives(Service::IKE).passes());
    assert!(path.arrives_from(Service::IKE, &Addrs::parse("10.1.2.0/24").unwrap()).fault().is_some());
}

#[test]
fn switched_off_filter_passes_and_translates_nothing() {
    let more = "<system><disablefilter/></system>";
    assert_eq!(ike(Pfsense, Config { nat: &rdr(""), more, ..Config::default() }), "no forward");
    let edge = device(Pfsense, Config { more, ..Config::default() });
    assert!(Path::new(vec![&edge], vec![Ipv4Addr::new(203, 0, 113, 12)], None).arrives(Service::IKE).passes());
}

#[test]
fn aliases_stand_for_what_they_hold() {
    let alias =
        |name: &str, kind: &str, items: &str| format!("<alias><name>{name}</name><type>{kind}</type><address>{items}</address></alias>");
    let more = format!(
        "<aliases>{}{}{}{}{}{}{}{}</aliases>",
        alias("mx", "host", "192.168.1.4"),
        alias("nested", "network", "mx 10.0.0.0/8"),
        alias("loop", "network", "loop2") + &alias("loop2", "network", "loop"),
        alias("country", "urltable", "https://example.com/de.txt"),
        alias("named", "host", "vpn.example.com"),
        alias("ike", "port", "500 4500"),
        alias("vpn", "port", "ike 1701"),
        alias("gone", "port", "nowhere"),
    );
    let dst = |name: &str| rule(&format!("<protocol>udp</protocol><destination><address>{name}</address></destination>"));
    let port = |name: &str| rule(&format!("<protocol>udp</protocol><destination><any/><port>{name}</port></destination>"));
    for (filter, wanted) in [
        (dst("mx"), "passes"),
        (dst("nested"), "passes"),
        (dst("loop"), "undecided: the aliases name each other"),
        (dst("country"), "undecided: the alias is loaded from a URL"),
        (dst("named"), "undecided: a host name stands for addresses that only DNS knows"),
        (dst("typo"), "undecided: the alias is not in the file"),
        (dst("bogons"), "dropped by end of the list: deny"),
        (dst("2001:db8::1"), "dropped by end of the list: deny"),
        (port("ike"), "passes"),
        (port("vpn"), "passes"),
        (port("gone"), "undecided: the alias names one that is not in the file"),
        (port("typo"), "undecided: the port alias is not in the file"),
        (port("4500"), "dropped by end of the list: deny"),
    ] {
        assert_eq!(both(Config { nat: &rdr(""), filter: &filter, more: &more, ..Config::default() }), wanted, "{filter}");
    }
    let nat = rdr("<destination><network>wanip</network><port>ike</port></destination><local-port>ike</local-port><target>mx</target>");
    let config = Config { nat: &nat, filter: PASS, more: &more, ..Config::default() };
    assert_eq!((both(config), natt(Pfsense, config)), ("passes".into(), "passes".into()));
    let nat = rdr("<destination><network>wanip</network><port>ike</port></destination><local-port>500</local-port>");
    assert_eq!(natt(Pfsense, Config { nat: &nat, filter: PASS, more: &more, ..Config::default() }), "port 500");
}
