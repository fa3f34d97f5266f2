//! Cisco routers and ASAs in front of an MX: mistakes seen in real files are found by the rules, and their corrected twins are not.

use vpnlint::report::Report;

use super::{RULES, found, holds};
use crate::support::Site;

const SITE: &str = "version = 1\n[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"192.168.1.4\"\npublic_ip = \"203.0.113.10\"\ndns_nameservers = [\"9.9.9.9\"]\n[[upstream]]\nname = \"edge\"\nimport = \"edge.cfg\"\n";
/// An MX with a public address of its own, which the device routes to.
const ROUTED: &str =
    "version = 1\n[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"198.51.100.130\"\n[[upstream]]\nname = \"edge\"\nimport = \"edge.cfg\"\n";

/// `forward(protocol, outer port, inner port, host)`.
type Forward = fn(&str, &str, &str, &str) -> String;
/// `entry(action, protocol, source and its port, destination port)`, to the MX as the list sees it.
type Entry = fn(&str, &str, &str, &str) -> String;

/// One system's words.
struct System {
    forward: Forward,
    entry: Entry,
    /// With translations, entries of the bound list, and other statements.
    whole: fn(&str, &str, &str) -> String,
    tunnel: &'static str,
    /// A list that is bound to nothing.
    unbound: &'static str,
}

fn ios_whole(nat: &str, entries: &str, more: &str) -> String {
    format!(
        "version 15.7\nhostname edge\n!\ninterface GigabitEthernet0/0\n description provider\n ip address 203.0.113.10 255.255.255.248\n ip access-group OUTSIDE in\n ip nat outside\n!\n\
         interface GigabitEthernet0/1\n ip address 192.168.1.1 255.255.255.0\n ip nat inside\n!\nip nat inside source list 10 interface GigabitEthernet0/0 overload\n{nat}\
         ip route 0.0.0.0 0.0.0.0 203.0.113.9\n!\nip access-list extended OUTSIDE\n{entries} permit udp any eq domain any\n permit tcp any any established\n!\n{more}\
         access-list 10 permit 192.168.1.0 0.0.0.255\n!\nend\n"
    )
}

fn asa_whole(nat: &str, entries: &str, more: &str) -> String {
    format!(
        ": Saved\n:\nASA Version 9.16(4)\n!\nhostname edge\n!\ninterface GigabitEthernet0/0\n nameif outside\n security-level 0\n ip address 203.0.113.10 255.255.255.248\n!\n\
         interface GigabitEthernet0/1\n nameif inside\n security-level 100\n ip address 192.168.1.1 255.255.255.0\n!\n{nat}{entries}access-list OUTSIDE extended permit icmp any any echo-reply\n\
         access-group OUTSIDE in interface outside\n{more}object network LAN\n subnet 192.168.1.0 255.255.255.0\n nat (inside,outside) dynamic interface\n\
         route outside 0.0.0.0 0.0.0.0 203.0.113.9 1\nCryptochecksum:0\n: end\n"
    )
}

const SYSTEMS: &[(&str, System)] = &[
    (
        "cisco-ios",
        System {
            forward: |protocol, outer, inner, host| {
                format!("ip nat inside source static {protocol} {host} {inner} 203.0.113.10 {outer} extendable\n")
            },
            entry: |action, protocol, source, port| format!(" {action} {protocol} {source} host 203.0.113.10 eq {port}\n"),
            whole: ios_whole,
            tunnel: "crypto map HQ 10 ipsec-isakmp\n set peer 198.51.100.1\ncrypto isakmp key CANARY-key address 198.51.100.1\ninterface GigabitEthernet0/0\n crypto map HQ\n!\n",
            unbound: "ip access-list extended NOWHERE\n permit udp any any eq isakmp\n!\n",
        },
    ),
    (
        "cisco-asa",
        System {
            forward: |protocol, outer, inner, host| {
                format!(
                    "object network {protocol}-{outer}-{host}\n host {host}\n nat (inside,outside) static interface service {protocol} {inner} {outer}\n"
                )
            },
            entry: |action, protocol, source, port| {
                format!("access-list OUTSIDE extended {action} {protocol} {source} host 192.168.1.4 eq {port}\n")
            },
            whole: asa_whole,
            tunnel: "crypto map HQ 10 set peer 198.51.100.1\ncrypto map HQ interface outside\ncrypto ikev1 enable outside\ntunnel-group 198.51.100.1 ipsec-attributes\n ikev1 pre-shared-key CANARY-key\n",
            unbound: "access-list NOWHERE extended permit udp any any eq isakmp\n",
        },
    ),
];

fn report(site: &str, text: &str) -> Report {
    Site::new(&[("site.toml", site), ("edge.cfg", text)]).check().report
}

#[test]
fn mistakes_are_found_in_both_formats_and_their_twins_are_silent() {
    for (format, system) in SYSTEMS {
        let forward = |protocol: &str, port: &str, host: &str| (system.forward)(protocol, port, port, host);
        let two = |host: &str| forward("udp", "500", host) + &forward("udp", "4500", host);
        let permit = |protocol: &str, source: &str, port: &str| (system.entry)("permit", protocol, source, port);
        let both = |source: &str| permit("udp", source, "isakmp") + &permit("udp", source, "4500");
        let (nat, entries) = (two("192.168.1.4"), both("any"));
        let deny = (system.entry)("deny", "udp", "any", "500") + &(system.entry)("deny", "udp", "any", "4500");
        let blocked = ["upstream-blocks-ike", "upstream-blocks-nat-t", "upstream-rule-shadowed"];
        let missing = if *format == "cisco-ios" {
            vec!["upstream-forward-missing", "upstream-opens-itself"]
        } else {
            vec!["upstream-forward-missing"]
        };
        for (mistake, nat, entries, more, wanted) in [
            ("twin", nat.clone(), entries.clone(), "", vec![]),
            ("1", two("192.168.1.9"), entries.clone(), "", vec!["upstream-forward-elsewhere"]),
            ("2", nat.clone() + &forward("udp", "50", "192.168.1.4"), entries.clone(), "", vec!["esp-as-port"]),
            ("2, in the list", nat.clone(), entries.clone() + &permit("tcp", "any", "50"), "", vec!["esp-as-port"]),
            (
                "4",
                forward("udp", "500", "192.168.1.4") + &forward("tcp", "4500", "192.168.1.4"),
                entries.clone(),
                "",
                vec!["upstream-forward-wrong-protocol"],
            ),
            (
                "4, in the list",
                nat.clone(),
                permit("udp", "any", "500") + &permit("tcp", "any", "4500"),
                "",
                vec!["upstream-forward-wrong-protocol"],
            ),
            ("5", forward("udp", "500", "192.168.1.4"), entries.clone(), "", missing.clone()),
            ("6", forward("udp", "4500", "192.168.1.4"), entries.clone(), "", missing.clone()),
            (
                "7",
                nat.clone() + &forward("udp", "1701", "192.168.1.4"),
                entries.clone() + &permit("udp", "any", "1701"),
                "",
                vec!["l2tp-port-exposed"],
            ),
            ("8", nat.clone(), entries.clone(), system.unbound, vec!["acl-not-applied"]),
            ("10", nat.clone(), entries.clone() + &permit("tcp", "object-group NOBODY", "443"), "", vec!["dangling-reference"]),
            ("11", String::new(), entries.clone(), "", missing),
            (
                "12",
                nat.clone(),
                both("198.51.100.0 255.255.255.0")
                    .replace("0 255.255.255.0", if *format == "cisco-ios" { "0 0.0.0.255" } else { "0 255.255.255.0" }),
                "",
                vec!["upstream-source-restricted"],
            ),
            (
                "14",
                nat.clone(),
                permit("udp", "any eq isakmp", "500") + &permit("udp", "any eq 4500", "4500"),
                "",
                vec!["upstream-source-restricted"],
            ),
            (
                "port",
                (system.forward)("udp", "500", "501", "192.168.1.4") + &forward("udp", "4500", "192.168.1.4"),
                entries.clone() + &permit("udp", "any", "501"),
                "",
                vec!["upstream-forward-translates-port"],
            ),
            ("no permit", nat.clone(), permit("udp", "any", "500"), "", vec!["upstream-blocks-nat-t"]),
            ("hidden", nat.clone(), deny.clone() + &entries, "", blocked.to_vec()),
            ("not hidden", nat.clone(), entries.clone() + &deny, "", vec![]),
            ("18: TCP too", nat.clone(), entries.clone() + &permit("tcp", "any", "500"), "", vec![]),
            ("tunnel", nat.clone(), entries.clone(), system.tunnel, vec!["upstream-terminates-ike"]),
        ] {
            let text = (system.whole)(&nat, &entries, more);
            let report = report(SITE, &text);
            assert_eq!(found(&report), wanted, "{mistake} {format}\n{text}");
            let syntax: Vec<_> = report.findings.iter().filter(|f| f.subject.name != "edge").map(|f| f.rule.id).collect();
            assert!(!syntax.contains(&"syntax-error") && !syntax.contains(&"import-failed"), "{mistake} {format}: {syntax:?}");
        }
    }
}

#[test]
fn what_goes_out_is_decided_both_ways() {
    for (format, system) in SYSTEMS {
        let nat = (system.forward)("udp", "500", "500", "192.168.1.4") + &(system.forward)("udp", "4500", "4500", "192.168.1.4");
        let entries = (system.entry)("permit", "udp", "any", "500") + &(system.entry)("permit", "udp", "any", "4500");
        let inside = |entries: &[&str]| match *format {
            "cisco-ios" => format!(
                "interface GigabitEthernet0/1\n ip access-group INSIDE in\n!\nip access-list extended INSIDE\n {}\n!\n",
                entries.join("\n ")
            ),
            _ => {
                entries.iter().map(|e| format!("access-list INSIDE extended {e}\n")).collect::<String>()
                    + "access-group INSIDE in interface inside\n"
            }
        };
        let cloud: &[&str] = &["permit tcp any any eq 443", "permit udp any any eq 7351", "permit udp any any eq 53"];
        let answers: &[&str] = &["permit udp host 192.168.1.4 eq 500 any", "permit udp host 192.168.1.4 eq 4500 any"];
        let of = |inside: &str| found(&report(SITE, &(system.whole)(&nat, &entries, inside)));
        let stateful = *format == "cisco-asa";
        assert_eq!(of(&inside(&[cloud, answers].concat())), Vec::<&str>::new(), "{format}");
        assert_eq!(of(&inside(cloud)), if stateful { vec![] } else { vec!["upstream-blocks-reply"] }, "{format}");
        assert_eq!(of(&inside(answers)), ["upstream-blocks-cloud"], "{format}");
    }
}

#[test]
fn esp_for_a_routed_mx_is_decided_both_ways() {
    for (format, system) in SYSTEMS {
        let (network, entry): (_, fn(&str) -> String) = match *format {
            "cisco-ios" => ("interface GigabitEthernet0/2\n ip address 198.51.100.129 255.255.255.128\n!\n", |what| {
                format!(" permit {what} any host 198.51.100.130\n")
            }),
            _ => {
                ("interface GigabitEthernet0/2\n nameif dmz\n security-level 50\n ip address 198.51.100.129 255.255.255.128\n!\n", |what| {
                    format!("access-list OUTSIDE extended permit {what} any host 198.51.100.130\n")
                })
            }
        };
        for (entries, wanted) in
            [(entry("udp"), vec!["upstream-blocks-esp"]), (entry("udp") + &entry("esp"), vec![]), (entry("ip"), vec![])]
        {
            let report = report(ROUTED, &(system.whole)("", &entries, network));
            assert_eq!(found(&report), wanted, "{format} {entries}");
            assert_eq!(holds(&report).contains(&"upstream-blocks-esp"), wanted.is_empty(), "{format} {entries}");
        }
    }
}

#[test]
fn rules_about_reachability_hold_for_a_whole_file_and_never_for_a_part() {
    for (format, system) in SYSTEMS {
        let nat = (system.forward)("udp", "500", "500", "192.168.1.4") + &(system.forward)("udp", "4500", "4500", "192.168.1.4");
        let entries = (system.entry)("permit", "udp", "any", "500") + &(system.entry)("permit", "udp", "any", "4500");
        let text = (system.whole)(&nat, &entries, "");
        let whole = holds(&report(SITE, &text));
        for rule in RULES {
            assert!(whole.contains(rule), "{format}: {rule} among {whole:?}");
        }
        for end in (160..text.trim_end().len()).step_by(37) {
            let report = report(SITE, &text[..end]);
            assert_eq!(holds(&report), Vec::<&str>::new(), "{format} {}", &text[..end]);
            assert_eq!(found(&report), Vec::<&str>::new(), "{format} {}", &text[..end]);
        }
    }
}

#[test]
fn what_a_part_states_is_told_all_the_same() {
    // A translation that changes the port, in lines that somebody copied out of a router.
    let text = "interface GigabitEthernet0/0\n ip address 203.0.113.10 255.255.255.248\n ip nat outside\n!\nip nat inside source static udp 192.168.1.4 501 203.0.113.10 500 extendable\n";
    assert_eq!(found(&report(SITE, text)), ["upstream-forward-translates-port"]);
}
