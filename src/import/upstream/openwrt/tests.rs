use std::path::Path as FilePath;

use super::*;
use crate::import::upstream::trial::{answers, verdict};
use crate::net::Service;

fn read(text: &str, base: u32) -> (Device, Vec<Remark>, Vec<Span>) {
    super::read(&[(text, base)])
}

/// A router as it comes, with more sections behind.
const STOCK: &str = "\
config defaults
\toption syn_flood\t1
\toption input\t\tREJECT
\toption output\t\tACCEPT
\toption forward\t\tREJECT

config zone
\toption name\t\tlan
\tlist   network\t\t'lan'
\toption input\t\tACCEPT
\toption output\t\tACCEPT
\toption forward\t\tACCEPT

config zone
\toption name\t\twan
\tlist   network\t\t'wan'
\tlist   network\t\t'wan6'
\toption input\t\tREJECT
\toption output\t\tACCEPT
\toption forward\t\tDROP
\toption masq\t\t1
\toption mtu_fix\t\t1

config forwarding
\toption src\t\tlan
\toption dest\t\twan

# ESP and IKE to a host behind: no redirect, no way there.
config rule
\toption name\t\tAllow-IPSec-ESP
\toption src\t\twan
\toption dest\t\tlan
\toption proto\t\tesp
\toption target\t\tACCEPT

config rule
\toption name\t\tAllow-ISAKMP
\toption src\t\twan
\toption dest\t\tlan
\toption dest_port\t500
\toption proto\t\tudp
\toption target\t\tACCEPT

";

const NETWORK: &str = "\
config interface 'lan'
\toption device 'br-lan'
\toption proto 'static'
\toption ipaddr '192.168.1.1'
\toption netmask '255.255.255.0'

config interface 'wan'
\toption device 'eth1'
\toption proto 'static'
\tlist ipaddr '203.0.113.10/29'
\toption gateway '203.0.113.9'

";

/// A section of options.
fn section(kind: &str, options: &str) -> String {
    let lines: String = options.split(';').map(|option| format!("\toption {}\n", option.trim())).collect();
    format!("config {kind}\n{lines}\n")
}

fn redirect(options: &str) -> String {
    section("redirect", options)
}

const FORWARD: &str = "src wan; proto udp; src_dport 500; dest lan; dest_ip 192.168.1.4; target DNAT";

fn device(text: &str) -> Device {
    let (device, remarks, _) = read(text, 0);
    assert!(remarks.is_empty(), "{remarks:?}");
    device
}

/// What becomes of IKE with these sections behind the stock ones.
fn ike(more: &str) -> String {
    verdict(&read(&format!("{STOCK}{more}"), 0).0, Service::IKE)
}

#[test]
fn stock_rules_look_like_a_forward_and_are_none() {
    for text in [STOCK.to_owned(), format!("{STOCK}{NETWORK}")] {
        for service in [Service::IKE, Service::NAT_T, Service::ESP] {
            assert_eq!(verdict(&device(&text), service), "no forward");
        }
    }
}

// openwrt/firewall4, `parse_redirect`: the cases are those of its options and defaults.
#[test]
fn every_way_to_forward() {
    for (options, wanted) in [
        (FORWARD, "passes"),
        ("src wan; src_dport 500; dest_ip 192.168.1.4", "passes"),
        ("src wan; proto udp; src_dport '400-600'; dest lan; dest_ip 192.168.1.4", "passes"),
        ("src wan; proto udp; src_dport 500; dest_port 501; dest_ip 192.168.1.4", "port 501"),
        ("src wan; proto tcp; src_dport 500; dest_ip 192.168.1.4", "wrong protocol in forward tcp any -> any:500 to 192.168.1.4:500"),
        ("src wan; proto udp; src_dport 500; dest_ip 192.168.1.9", "goes to 192.168.1.9"),
        ("src wan; proto udp; src_dport 500", "goes to itself or several"),
        ("src lan; proto udp; src_dport 500; dest_ip 192.168.1.4", "no forward"),
        ("src '*'; proto udp; src_dport 500; dest_ip 192.168.1.4", "no forward"),
        ("src wan; proto udp; src_dport 500; dest_ip 192.168.1.4; enabled 0", "no forward"),
        ("src wan; proto udp; src_dport 500; dest_ip 192.168.1.4; family ipv6", "no forward"),
        ("src wan; proto udp; src_dport 500; dest_ip 192.168.1.4; target SNAT; src_dip 203.0.113.10", "no forward"),
        ("src wan; proto udp; src_dport '500 4500'; dest_ip 192.168.1.4", "no forward"),
        ("src dmz; proto udp; src_dport 500; dest_ip 192.168.1.4", "no forward"),
        ("src wan; proto all; dest_ip 192.168.1.4", "passes"),
        (
            "src wan; proto udp; src_dport 500; dest_ip 192.168.1.4; src_ip 198.51.100.0/24",
            "restricted by forward udp 198.51.100.0/24 -> any:500 to 192.168.1.4:500",
        ),
        ("src wan; proto udp; src_dport 500; dest_ip 192.168.1.4; src_ip !198.51.100.7", "passes"),
        ("src wan; proto udp; src_dport 500; dest_ip 192.168.1.4; limit 10/minute", "undecided: the rule depends on what came before"),
        (
            "src wan; proto udp; src_dport 500; dest_ip 192.168.1.4; ipset peers",
            "undecided: the members of the set change while the router runs",
        ),
        ("src wan; proto udp; src_dport 500; dest_ip 192.168.1.4; weekdays Mon", "undecided: the rule depends on the day"),
        ("src wan; proto udp; src_dport 500; dest_ip 192.168.1.4; moon full", "undecided: the rule has a part that is not followed"),
        ("src wan; proto udp; src_dport 500; dest_ip 192.168.1.4; reflection 0; name a", "passes"),
        ("src wan; proto udp; src_dport 500; dest_ip vpn.example.com", "undecided: the forward's address is not an address"),
    ] {
        assert_eq!(ike(&redirect(options)), wanted, "{options}");
    }
}

#[test]
fn both_files_may_be_read_together() {
    let firewall = format!("{STOCK}{}", redirect(&format!("{FORWARD}; src_dip 203.0.113.10")));
    let (device, remarks, _) = super::read(&[(&firewall, 0), (NETWORK, firewall.len() as u32)]);
    assert_eq!((verdict(&device, Service::IKE).as_str(), remarks.len()), ("passes", 0));
}

#[test]
fn addresses_of_the_network_count() {
    let check = |dip: &str| verdict(&device(&format!("{STOCK}{NETWORK}{}", redirect(&format!("{FORWARD}; src_dip {dip}")))), Service::IKE);
    assert_eq!(check("203.0.113.10"), "passes");
    assert_eq!(check("203.0.113.11"), "no forward");
    assert_eq!(check("203.0.113.8/29"), "passes");
}

// openwrt/firewall4, `templates/ruleset.uc`: rules, forwardings, `ct status dnat accept`, the zone's policy, the default.
#[test]
fn rules_stand_before_what_was_forwarded() {
    // The stock rule for IKE would stand before them.
    let bare = &STOCK[..STOCK.find("# ESP").unwrap()];
    let with = |more: &str| verdict(&read(&format!("{bare}{}{more}", redirect(FORWARD)), 0).0, Service::IKE);
    for (options, wanted) in [
        ("src wan; dest lan; proto udp; dest_port 500; target DROP", "dropped by deny udp any -> any:500"),
        ("src wan; dest lan; proto udp; dest_port 4500; target DROP", "passes"),
        ("src wan; dest '*'; proto udp; target REJECT", "dropped by deny udp any -> any"),
        ("src '*'; dest '*'; proto all; target REJECT", "dropped by deny any any -> any"),
        ("src '*'; dest lan; proto all; target REJECT", "dropped by deny any any -> any"),
        ("src wan; proto udp; dest_port 500; target DROP", "passes"),
        ("src lan; dest wan; proto udp; target DROP", "passes"),
        ("src wan; dest wan; proto udp; target DROP", "passes"),
        ("src wan; dest lan; proto udp; target DROP; enabled 0", "passes"),
        ("src wan; dest lan; proto udp; target DROP; family ipv6", "passes"),
        ("src wan; dest lan; proto udp; src_ip 2001:db8::1; target DROP", "passes"),
        ("src wan; dest lan; proto udp; dest_ip 192.168.1.4; target DROP", "dropped by deny udp any -> 192.168.1.4"),
        ("src wan; dest lan; proto udp; dest_ip '!192.168.1.4'; target DROP", "passes"),
        ("src wan; dest lan; target DROP", "dropped by deny tcp/udp any -> any"),
        ("src wan; dest lan; proto 'tcp udp'; src_port 500; target DROP", "restricted by deny tcp/udp any:500 -> any"),
        ("src wan; dest lan; proto all; dest_port 80; target DROP", "dropped by deny any any -> any"),
        ("src wan; dest lan; proto udp; target MARK; set_mark 1", "passes"),
        ("src wan; dest lan; proto udp; target NOTRACK", "undecided: the rule takes packets out of connection tracking"),
        ("src wan; dest lan; proto udp; target DROP; start_time 10:00:00", "undecided: the rule depends on the time of day"),
        ("src wan; dest dmz; proto udp; target DROP", "passes"),
    ] {
        assert_eq!(with(&section("rule", options)), wanted, "{options}");
    }
}

#[test]
fn what_is_routed_to_the_mx_needs_a_rule_or_a_forwarding() {
    let routed = |more: &str, service| {
        let text = format!("{STOCK}{more}{}", NETWORK.replace("192.168.1.1", "203.0.113.129").replace("255.255.255.0", "255.255.255.252"));
        let mx = std::net::Ipv4Addr::new(203, 0, 113, 130);
        crate::import::upstream::trial::verdict_at(&device(&text), mx, None, service)
    };
    assert_eq!(routed("", Service::IKE), "passes");
    assert_eq!(routed("", Service::ESP), "passes");
    assert_eq!(routed("", Service::NAT_T), "dropped by default: deny");
    assert_eq!(routed(&section("forwarding", "src wan; dest lan"), Service::NAT_T), "passes");
    assert_eq!(routed(&section("forwarding", "src wan; dest lan; enabled 0"), Service::NAT_T).get(..7), Some("dropped"));
}

#[test]
fn answers_and_the_cloud_get_out() {
    let edge = device(&format!("{STOCK}{NETWORK}{}", redirect(FORWARD)));
    assert_eq!(answers(&edge, Service::IKE), "passes");
    let path = crate::net::Path::new(vec![&edge], vec![std::net::Ipv4Addr::new(192, 168, 1, 4)], None);
    assert!(path.leaves(Service::HTTPS, &crate::net::Addrs::public()).passes());
    let blocked = format!("{STOCK}{NETWORK}{}", section("rule", "src lan; dest wan; proto tcp; dest_port 443; target REJECT"));
    let edge = device(&blocked);
    let path = crate::net::Path::new(vec![&edge], vec![std::net::Ipv4Addr::new(192, 168, 1, 4)], None);
    assert!(!path.leaves(Service::HTTPS, &crate::net::Addrs::public()).passes());
}

#[test]
fn parts_prove_nothing() {
    let text = format!("{NETWORK}{STOCK}{}", redirect(FORWARD));
    for end in 0..text.len() {
        let (device, remarks, _) = read(&text[..end], 0);
        let answer = verdict(&device, Service::IKE);
        let ends_well = text[..end].ends_with('\n') && text[..end].matches("config zone").count() == 2;
        if !ends_well {
            assert!(answer.starts_with("undecided") || answer == "no forward" && text[..end].ends_with('\n'), "{answer}: {}", &text[..end]);
        }
        assert!(answer != "passes" || text.len() - end < 25, "{}", &text[..end]);
        assert!(answer.starts_with("undecided") || remarks.iter().all(|r| r.kind != RemarkKind::Syntax));
    }
    assert_eq!(verdict(&device(&text), Service::IKE), "passes");
    // A rule alone, pasted out of a forum.
    let alone = section("rule", "name a; src wan; proto udp; dest_port 500; target ACCEPT");
    assert!(verdict(&read(&alone, 0).0, Service::IKE).starts_with("undecided: the text lacks"));
}

#[test]
fn uci_show_says_the_same() {
    let show = "firewall.@defaults[0]=defaults\nfirewall.@defaults[0].input='REJECT'\nfirewall.@defaults[0].forward='REJECT'\nfirewall.@zone[0]=zone\nfirewall.@zone[0].name='lan'\n\
        firewall.@zone[0].network='lan'\nfirewall.@zone[0].forward='ACCEPT'\nfirewall.wan=zone\nfirewall.wan.name='wan'\nfirewall.wan.network='wan' 'wan6'\nfirewall.wan.masq='1'\n\
        firewall.@redirect[0]=redirect\nfirewall.@redirect[0].src='wan'\nfirewall.@redirect[0].proto='udp'\nfirewall.@redirect[0].src_dport='500'\nfirewall.@redirect[0].dest_ip='192.168.1.4'\n";
    assert_eq!(verdict(&device(show), Service::IKE), "passes");
    assert_eq!(verdict(&device(show), Service::NAT_T), "no forward");
    assert_eq!(crate::import::detect::detect("x", show), Some(crate::import::detect::Format::Openwrt));
}

const SECRETS: &str = "# CANARY-remark
package network

config interface 'wan'
\toption proto 'pppoe'
\toption device 'eth1'
\toption username 'CANARY-user'
\toption password 'CANARY-pppoe'

config wireguard_wg0
\toption preshared_key 'CANARY-wg'

package wireless

config wifi-iface 'default'
\toption ssid 'CANARY-ssid'
\toption key \"CANARY-wpa\"

package firewall

config defaults
\toption forward 'REJECT'
\toption password 'CANARY-odd'

config rule
\toption name 'office' # CANARY-behind
\toption src 'wan'
\toption extra '-m comment --comment CANARY-extra'
\toption target 'ACCEPT'
CANARY-line
\toption key CANARY-unquoted
\toption name 'CANARY-open

package ipsec

config crypto 'x'
\toption pre_shared_key 'CANARY-ipsec'
";

#[test]
fn no_secret_is_shown() {
    for end in 0..=SECRETS.len() {
        let text = &SECRETS[..end];
        let (_, remarks, secrets) = read(text, 0);
        let mut shown: Vec<u8> = text.bytes().collect();
        for span in &secrets {
            shown[span.start as usize..span.end as usize].fill(b'*');
        }
        let shown = String::from_utf8(shown).unwrap();
        assert!(!shown.contains("CANARY"), "{shown}");
        assert!(remarks.iter().all(|r| !r.message.contains("CANARY")));
        if end == SECRETS.len() {
            for word in ["config rule\n\toption name 'office'", "option proto 'pppoe'", "option forward 'REJECT'"] {
                assert!(shown.contains(word), "{shown}");
            }
        }
    }
}

#[test]
fn what_is_not_read_is_told() {
    let remarks = |more: &str| read(&format!("{STOCK}{more}"), 0).1.into_iter().map(|r| r.kind).collect::<Vec<_>>();
    assert_eq!(remarks(&section("include", "path /etc/firewall.user")), [RemarkKind::Elsewhere]);
    assert_eq!(remarks(&section("include", "path /etc/firewall.user; enabled 0")), []);
    assert_eq!(remarks(&section("rule", "src dmz; dest lan; target ACCEPT")), [RemarkKind::Dangling]);
    assert_eq!(remarks(&section("rule", "src wan; ipset 'gone src'; target DROP")), [RemarkKind::Dangling]);
    assert_eq!(
        remarks(&format!("{}{}", section("ipset", "name peers; match src_ip"), section("rule", "src wan; ipset peers; target DROP"))),
        []
    );
    assert_eq!(remarks(&section("rule", "src wan; dest lan; target WHAT")), [RemarkKind::Unknown]);
    assert_eq!(remarks("nonsense here\n"), [RemarkKind::Syntax]);
    assert_eq!(remarks("config rule\n\toption src 'wan\n"), [RemarkKind::Syntax]);
}

#[test]
fn the_wan_is_the_zone_that_masquerades() {
    let wan = |text: &str| device(text).wan_interface.value().map(ToString::to_string);
    assert_eq!(wan(STOCK).as_deref(), Some("wan"));
    assert_eq!(wan(&STOCK.replace("\toption masq\t\t1\n", "")).as_deref(), Some("wan"));
    let edge = device(&format!("{STOCK}{NETWORK}"));
    assert_eq!(edge.wan_ip.value().map(ToString::to_string).as_deref(), Some("203.0.113.10"));
    // The site file may name a device or a network in place of the zone.
    let mut by_device = device(&format!("{STOCK}{NETWORK}{}", redirect(FORWARD)));
    by_device.wan_interface = Field::known_at("eth1".into(), Span::default());
    assert_eq!(verdict(&by_device, Service::IKE), "passes");
}

#[test]
fn ten_thousand_rules_are_read_and_decided() {
    let rules = section("rule", "src wan; dest lan; proto tcp; src_ip 198.51.100.7; dest_port 1-1000; target DROP").repeat(10_000);
    assert_eq!(ike(&(rules + &redirect(FORWARD))), "passes");
    for junk in [
        "config",
        "config zone\n",
        "option a b\n",
        "package\n",
        "config 'a\n",
        "a.b=c\na.b.c='d\n",
        "é\n",
        "config zone\n\toption name 'é\n",
    ] {
        let _ = read(junk, 7);
    }
}

#[test]
#[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "a test that reads files outside of the crate when they are there")]
fn real_files_are_read() {
    let folder = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/upstream/openwrt");
    for (file, wanted) in [
        ("default-etc-config-firewall", "no forward"),
        ("tcp-udp-500-1701-4500.uci", "undecided: the text lacks `defaults` or zones: give vpnlint the whole `/etc/config/firewall`"),
    ] {
        let Ok(text) = std::fs::read_to_string(folder.join(file)) else {
            eprintln!("skipped: no corpus");
            continue;
        };
        assert_eq!(crate::import::detect::detect("x", &text), Some(crate::import::detect::Format::Openwrt), "{file}");
        let (device, remarks, _) = read(&text, 0);
        let odd: Vec<_> = remarks.iter().filter(|r| matches!(r.kind, RemarkKind::Syntax | RemarkKind::Unknown)).collect();
        assert!(odd.is_empty(), "{file}: {odd:?}");
        for service in [Service::IKE, Service::NAT_T, Service::ESP] {
            assert_eq!(verdict(&device, service), wanted, "{file}");
        }
    }
}
