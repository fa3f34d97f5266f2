use std::path::Path as FilePath;

use super::*;
use crate::import::upstream::trial::{answers, verdict};
use crate::net::Service;

mod brute;
mod reading;

/// A whole export around some parts.
#[derive(Clone, Copy, Default)]
struct Config<'t> {
    /// Commands before the firewall, each with its menu.
    more: &'t str,
    lists: &'t str,
    filter: &'t str,
    nat: &'t str,
    raw: &'t str,
    /// Commands behind the firewall.
    behind: &'t str,
}

const NAT: &str = "add action=masquerade chain=srcnat out-interface-list=WAN\nadd action=dst-nat chain=dstnat dst-port=500,4500 in-interface-list=WAN \\\n    protocol=udp to-addresses=192.168.1.4\n";

/// The filter that a new router comes with.
const STOCK: &str = "\
add action=accept chain=input connection-state=established,related,untracked
add action=drop chain=input connection-state=invalid
add action=accept chain=input protocol=icmp
add action=drop chain=input in-interface-list=!LAN
add action=accept chain=forward ipsec-policy=in,ipsec
add action=accept chain=forward ipsec-policy=out,ipsec
add action=fasttrack-connection chain=forward connection-state=established,related hw-offload=yes
add action=accept chain=forward connection-state=established,related,untracked
add action=drop chain=forward connection-state=invalid
add action=drop chain=forward connection-nat-state=!dstnat connection-state=new in-interface-list=WAN
";

impl Config<'_> {
    fn text(self) -> String {
        let nat = if self.nat.is_empty() { NAT } else { self.nat };
        let menu = |name: &str, rules: &str| if rules.is_empty() { String::new() } else { format!("/ip firewall {name}\n{rules}\n") };
        format!(
            "# 2026-11-02 10:00:00 by RouterOS 7.16\n# software id = ABCD-EFGH\n/interface bridge\nadd name=bridge\n/interface ethernet\nset [ find default-name=ether1 ] name=wan1\n\
             /interface list\nadd name=WAN\nadd name=LAN\n/interface bridge port\nadd bridge=bridge interface=ether2\n/interface list member\nadd interface=wan1 list=WAN\n\
             add interface=bridge list=LAN\n{}\n/ip address\nadd address=192.168.1.1/24 interface=bridge network=192.168.1.0\n\
             add address=203.0.113.10/29 interface=wan1 network=203.0.113.8\n{}{}{}{}/ip route\nadd dst-address=0.0.0.0/0 gateway=203.0.113.9\n{}\n/system identity\nset name=edge\n",
            self.more,
            menu("address-list", self.lists),
            menu("filter", self.filter),
            menu("nat", nat),
            menu("raw", self.raw),
            self.behind
        )
    }
}

fn device(config: Config<'_>) -> Device {
    let (device, remarks, _) = read(&config.text(), 0);
    assert!(remarks.iter().all(|r| r.kind == RemarkKind::Dangling), "{remarks:?}");
    device
}

fn ike(config: Config<'_>) -> String {
    verdict(&device(config), Service::IKE)
}

fn with_filter(filter: &str) -> String {
    ike(Config { filter, ..Config::default() })
}

fn with_nat(nat: &str) -> String {
    ike(Config { nat, filter: STOCK, ..Config::default() })
}

#[test]
fn stock_filter_lets_forwards_pass_and_nothing_else() {
    let edge = device(Config { filter: STOCK, ..Config::default() });
    for service in [Service::IKE, Service::NAT_T] {
        assert_eq!(verdict(&edge, service), "passes");
        assert_eq!(answers(&edge, service), "passes");
    }
    assert_eq!(verdict(&edge, Service::L2TP), "no forward");
    assert_eq!(edge.wan_interface.value().map(|n| &**n), Some("wan1"));
    assert_eq!(edge.wan_ip.value().map(ToString::to_string).as_deref(), Some("203.0.113.10"));
}

// MikroTik, "NAT" (properties): what each action and each matcher does.
#[test]
fn every_way_to_forward() {
    for (rule, wanted) in [
        ("add action=dst-nat chain=dstnat dst-address=203.0.113.10 to-addresses=192.168.1.4", "passes"),
        ("add action=dst-nat chain=dstnat dst-address=203.0.113.11 to-addresses=192.168.1.4", "no forward"),
        ("add action=dst-nat chain=dstnat dst-address=!192.168.1.0/24 dst-address-type=local to-addresses=192.168.1.4", "passes"),
        ("add action=dst-nat chain=dstnat dst-address-type=!local to-addresses=192.168.1.4", "no forward"),
        ("add action=dst-nat chain=dstnat in-interface=wan1 protocol=udp dst-port=500 to-addresses=192.168.1.9", "goes to 192.168.1.9"),
        ("add action=dst-nat chain=dstnat in-interface=bridge protocol=udp dst-port=500 to-addresses=192.168.1.4", "no forward"),
        ("add action=dst-nat chain=dstnat in-interface=!bridge protocol=udp dst-port=500 to-addresses=192.168.1.4", "passes"),
        ("add action=dst-nat chain=dstnat protocol=udp dst-port=500 to-addresses=192.168.1.4 to-ports=501", "port 501"),
        ("add action=dst-nat chain=dstnat protocol=udp dst-port=500,4500 to-addresses=192.168.1.4 to-ports=500-4500", "passes"),
        (
            "add action=dst-nat chain=dstnat protocol=tcp dst-port=500 to-addresses=192.168.1.4",
            "wrong protocol in forward tcp any -> any:500 to 192.168.1.4",
        ),
        ("add action=dst-nat chain=dstnat protocol=udp dst-port=!500 to-addresses=192.168.1.4", "no forward"),
        ("add action=dst-nat chain=dstnat protocol=udp port=500 to-addresses=192.168.1.4", "passes"),
        (
            "add action=dst-nat chain=dstnat protocol=udp dst-port=500 to-addresses=192.168.1.4-192.168.1.9",
            "undecided: the forward goes to one of several hosts",
        ),
        ("add action=dst-nat chain=dstnat protocol=udp dst-port=500 to-addresses=192.168.1.5-192.168.1.9", "goes to itself or several"),
        ("add action=netmap chain=dstnat dst-address=203.0.113.10 to-addresses=192.168.1.4", "passes"),
        ("add action=netmap chain=dstnat dst-address=203.0.113.0/24 to-addresses=192.168.1.0/24", "goes to 192.168.1.10"),
        (
            "add action=netmap chain=dstnat dst-address=203.0.113.8/29 to-addresses=192.168.1.0/24",
            "undecided: the mapping between networks is not followed",
        ),
        ("add action=redirect chain=dstnat protocol=udp dst-port=500 to-ports=500", "goes to itself or several"),
        (
            "add action=accept chain=dstnat protocol=udp dst-port=500\nadd action=dst-nat chain=dstnat to-addresses=192.168.1.4",
            "no forward",
        ),
        ("add action=log chain=dstnat protocol=udp\nadd action=dst-nat chain=dstnat to-addresses=192.168.1.4", "passes"),
        (
            "add action=jump chain=dstnat jump-target=vpn in-interface-list=WAN\nadd action=dst-nat chain=vpn protocol=udp dst-port=500 to-addresses=192.168.1.4",
            "passes",
        ),
        (
            "add action=jump chain=dstnat jump-target=vpn\nadd action=return chain=vpn src-address=0.0.0.0/0\nadd action=dst-nat chain=vpn to-addresses=192.168.1.4",
            "no forward",
        ),
        ("add action=dst-nat chain=dstnat disabled=yes protocol=udp dst-port=500 to-addresses=192.168.1.4", "no forward"),
        (
            "add action=dst-nat chain=dstnat protocol=udp dst-port=500 to-addresses=192.168.1.4 src-address-list=office",
            "undecided: the members of the address list are not in the file",
        ),
        (
            "add action=dst-nat chain=dstnat protocol=udp dst-port=500 to-addresses=192.168.1.4 time=8h-17h,mon",
            "undecided: the rule depends on the time of day",
        ),
        ("add action=dst-nat chain=dstnat protocol=udp dst-port=500 to-addresses=192.168.1.4 !src-address", "passes"),
        (
            "# wan1 not ready\nadd action=dst-nat chain=dstnat protocol=udp dst-port=500 to-addresses=192.168.1.4",
            "undecided: the export says that the rule is not at work",
        ),
    ] {
        assert_eq!(with_nat(rule), wanted, "{rule}");
    }
}

// MikroTik, "Filter" (properties).
#[test]
fn every_way_to_filter() {
    let drop = "add action=drop chain=forward";
    for (rules, wanted) in [
        ("add action=accept chain=input".into(), "passes"),
        (drop.into(), "dropped by deny any any -> any"),
        (format!("{drop} disabled=yes"), "passes"),
        (format!("{drop} dst-address=203.0.113.10"), "passes"),
        (format!("{drop} dst-address=192.168.1.4"), "dropped by deny any any -> 192.168.1.4"),
        (format!("{drop} dst-address=192.168.1.2-192.168.1.3"), "passes"),
        (format!("add action=accept chain=forward protocol=udp dst-port=500,4500 connection-nat-state=dstnat\n{drop}"), "passes"),
        (format!("add action=accept chain=forward connection-nat-state=dstnat\n{drop}"), "passes"),
        (format!("{drop} connection-nat-state=!dstnat"), "passes"),
        (format!("add action=accept chain=forward src-address=198.51.100.0/24\n{drop}"), "restricted by permit any 198.51.100.0/24 -> any"),
        (format!("{drop} connection-state=!established,related"), "dropped by deny any any -> any"),
        (format!("{drop} connection-state=!established,related,new"), "passes"),
        (format!("{drop} connection-state=\"\" protocol=tcp"), "passes"),
        (format!("add action=accept chain=forward ipsec-policy=in,ipsec\n{drop}"), "dropped by deny any any -> any"),
        (format!("add action=accept chain=forward ipsec-policy=out,ipsec\n{drop}"), "dropped by deny any any -> any"),
        (format!("{drop} ipsec-policy=in,none"), "dropped by deny any any -> any"),
        (format!("add action=accept chain=forward in-interface-list=WAN out-interface-list=LAN\n{drop}"), "passes"),
        (format!("add action=accept chain=forward in-interface-list=!WAN\n{drop}"), "dropped by deny any any -> any"),
        (
            format!("add action=accept chain=forward in-interface=all-ppp\n{drop}"),
            "undecided: which interfaces are of that kind is not followed",
        ),
        (
            format!("add action=accept chain=forward in-interface-list=VPN\n{drop}"),
            "undecided: the members of the interface list are not in the file",
        ),
        (format!("add action=accept chain=forward limit=10,5:packet\n{drop}"), "undecided: the rule depends on what came before"),
        (format!("add action=accept chain=forward protocol=tcp limit=10,5:packet\n{drop}"), "dropped by deny any any -> any"),
        (format!("add action=accept chain=forward moon=full\n{drop}"), "undecided: the rule has a part that is not followed"),
        (format!("add action=jump chain=forward jump-target=vpn\n{drop}\nadd action=accept chain=vpn protocol=udp dst-port=500"), "passes"),
        (
            format!("add action=jump chain=forward jump-target=vpn\n{drop}\nadd action=return chain=vpn\nadd action=accept chain=vpn"),
            "dropped by deny any any -> any",
        ),
        (format!("add action=jump chain=forward jump-target=nowhere\n{drop}"), "undecided: no rule is in the chain that is called"),
        ("add action=tarpit chain=forward protocol=tcp".into(), "passes"),
        ("add action=reject chain=forward reject-with=icmp-admin-prohibited".into(), "dropped by deny any any -> any"),
        ("add action=passthrough chain=forward".into(), "passes"),
        (format!("add action=accept chain=forward connection-mark=no-mark\n{drop}"), "passes"),
        (format!("add action=accept chain=forward connection-mark=vpn\n{drop}"), "dropped by deny any any -> any"),
        (format!("add action=accept chain=forward protocol=ipsec-esp\n{drop}"), "dropped by deny any any -> any"),
        (format!("{drop} connection-state=new\n/ip firewall filter remove [find]\n"), "passes"),
    ] {
        let (device, _, _) = read(&Config { filter: &rules, ..Config::default() }.text(), 0);
        assert_eq!(verdict(&device, Service::IKE), wanted, "{rules}");
    }
}

#[test]
fn address_lists_are_exact_and_what_fills_them_is_in_doubt() {
    let accept = "add action=accept chain=forward src-address-list=peers\nadd action=drop chain=forward";
    let drop = "add action=drop chain=forward src-address-list=peers";
    let not = "add action=drop chain=forward src-address-list=!peers";
    for (lists, filter, wanted) in [
        (
            "add address=198.51.100.7 list=peers\nadd address=0.0.0.0/1 list=peers\nadd address=128.0.0.0-255.255.255.255 list=peers",
            accept,
            "passes",
        ),
        ("add address=198.51.100.7 list=peers", accept, "restricted by permit any 198.51.100.7 -> any"),
        ("add address=198.51.100.7 list=peers", drop, "passes"),
        ("add address=198.51.100.7 list=peers", not, "restricted by deny any 0.0.0.0-198.51.100.6,198.51.100.8-255.255.255.255 -> any"),
        ("add address=198.51.100.7 disabled=yes list=peers\nadd address=0.0.0.0/0 list=peers", accept, "passes"),
        ("add address=vpn.example.com list=peers", accept, "undecided: an entry of the address list is a name, not an address"),
        // The known members are enough.
        ("add address=vpn.example.com list=peers\nadd address=0.0.0.0/0 list=peers", accept, "passes"),
        ("add address=198.51.100.7 list=peers timeout=1d", drop, "undecided: an entry of the address list expires"),
        ("", drop, "undecided: the members of the address list are not in the file"),
    ] {
        let (device, remarks, _) = read(&Config { lists, filter, ..Config::default() }.text(), 0);
        assert_eq!(verdict(&device, Service::IKE), wanted, "{lists} {filter}");
        assert!(remarks.is_empty(), "{remarks:?}");
    }
    let filled = format!("add action=add-src-to-address-list address-list=peers address-list-timeout=1h chain=input protocol=tcp\n{drop}");
    assert_eq!(with_filter(&filled), "undecided: the members of the address list change while the router runs");
    // A list that only a permit asks for is missing.
    assert_eq!(read(&Config { filter: accept, ..Config::default() }.text(), 0).1[0].kind, RemarkKind::Dangling);
}

#[test]
fn interface_lists_include_and_exclude() {
    // MikroTik, "Interface Lists": included members come first, excluded ones go, then its own members are added.
    let more = "/interface list\nadd include=WAN,LAN name=both\nadd exclude=WAN include=both name=inner\nadd include=loop name=loop\nadd name=empty\n/interface list member\nadd interface=wan1 list=inner disabled=yes\n";
    for (list, wanted) in [
        ("both", "passes"),
        ("inner", "dropped by deny any any -> any"),
        ("!inner", "passes"),
        ("empty", "dropped by deny any any -> any"),
        ("none", "dropped by deny any any -> any"),
        ("all", "passes"),
        ("loop", "undecided: the members of the interface list are not in the file"),
        ("dynamic", "undecided: the members of the interface list are not in the file"),
    ] {
        let filter = format!("add action=accept chain=forward in-interface-list={list}\nadd action=drop chain=forward");
        assert_eq!(ike(Config { more, filter: &filter, ..Config::default() }), wanted, "{list}");
    }
}

#[test]
fn what_stands_before_translation_is_not_overlooked() {
    // MikroTik, "RAW": prerouting sees every packet that enters, before connection tracking.
    for (raw, wanted) in [
        ("add action=drop chain=prerouting protocol=udp dst-port=500", "dropped by deny udp any -> any:500"),
        ("add action=drop chain=prerouting dst-address=192.168.1.4", "passes"),
        ("add action=accept chain=prerouting protocol=udp\nadd action=drop chain=prerouting", "passes"),
        ("add action=notrack chain=prerouting protocol=udp", "undecided: the rule takes packets out of connection tracking"),
        (
            "add action=jump chain=prerouting jump-target=bad\nadd action=drop chain=bad src-address=0.0.0.0/1",
            "restricted by deny any 0.0.0.0/1 -> any",
        ),
    ] {
        assert_eq!(ike(Config { raw, filter: STOCK, ..Config::default() }), wanted, "{raw}");
    }
    for (more, wanted) in [
        ("/interface bridge filter\nadd action=drop chain=forward", "undecided: what bridges and switch chips filter is not followed"),
        ("/interface bridge filter\nadd action=drop chain=forward disabled=yes", "passes"),
        ("/ip settings\nset ip-forward=no", "undecided: the router does not forward (`ip-forward`)"),
        ("/ip firewall connection tracking\nset enabled=no", "undecided: connection tracking is off, so that nothing is translated"),
        ("/ip firewall mangle\nadd action=mark-connection chain=prerouting new-connection-mark=vpn", "passes"),
    ] {
        assert_eq!(ike(Config { more, filter: STOCK, ..Config::default() }), wanted, "{more}");
    }
}

#[test]
fn answers_need_a_rule_where_the_rest_is_dropped() {
    let nat = |filter: &str| answers(&device(Config { filter, ..Config::default() }), Service::IKE);
    let inward = "add action=accept chain=forward connection-nat-state=dstnat in-interface-list=WAN\n";
    let drop = "add action=drop chain=forward\n";
    assert_eq!(nat(&format!("{inward}{drop}")), "dropped by deny any any -> any");
    assert_eq!(nat(&format!("{inward}add action=accept chain=forward connection-state=established,related\n{drop}")), "passes");
    assert_eq!(nat(&format!("{inward}add action=accept chain=forward src-address=192.168.1.0/24\n{drop}")), "passes");
    // Fast-tracked packets pass; whether all are is not known.
    let fast = "add action=fasttrack-connection chain=forward connection-state=established,related\n";
    assert_eq!(nat(&format!("{inward}{fast}{drop}")), "undecided: which packets take the fast path is not known");
}

#[test]
fn ends_of_ipsec_are_found() {
    let ends = |behind: &str| device(Config { behind, ..Config::default() }).terminates.items().len();
    for (behind, wanted) in [
        ("", 0),
        ("/interface l2tp-server server\nset enabled=yes use-ipsec=yes", 1),
        ("/interface l2tp-server server\nset enabled=yes use-ipsec=required ipsec-secret=CANARY", 1),
        ("/interface l2tp-server server\nset enabled=yes", 0),
        ("/interface l2tp-server server\nset use-ipsec=yes", 0),
        ("/ip ipsec peer\nadd address=198.51.100.1/32 name=branch", 1),
        ("/ip ipsec peer\nadd address=198.51.100.1/32 disabled=yes name=branch", 0),
        ("/interface gre\nadd ipsec-secret=CANARY name=g remote-address=198.51.100.1", 1),
    ] {
        assert_eq!(ends(behind), wanted, "{behind}");
    }
    let at = device(Config { behind: "/ip ipsec peer\nadd local-address=203.0.113.11 name=x passive=yes", ..Config::default() });
    assert_eq!(at.terminates.items()[0].address.value().map(ToString::to_string).as_deref(), Some("203.0.113.11"));
}

#[test]
fn the_wan_is_told_where_only_one_interface_can_be_it() {
    let wan = |text: &str| read(text, 0).0.wan_interface.value().map(ToString::to_string);
    let text = Config::default().text();
    assert_eq!(wan(&text).as_deref(), Some("wan1"));
    assert_eq!(wan(&text.replace("gateway=203.0.113.9", "gateway=pppoe-out1")).as_deref(), Some("pppoe-out1"));
    assert_eq!(wan(&text.replace("/ip route", "/ip dhcp-client\nadd interface=ether5\n/ip route")), None);
    assert_eq!(
        wan(&text.replace("/ip route", "/ip dhcp-client\nadd add-default-route=no interface=ether5\n/ip route")).as_deref(),
        Some("wan1")
    );
    assert_eq!(wan(&text.replace("/ip route", "/interface pppoe-client\nadd add-default-route=yes name=dsl\n/ip route")), None);
}
