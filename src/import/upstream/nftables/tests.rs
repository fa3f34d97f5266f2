use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::path::Path as FilePath;

use super::super::RemarkKind::{Dangling, Elsewhere, Syntax, Unknown};
use super::*;
use crate::model::Field;
use crate::net::{Fate, Path, Service, Verdict};

fn mx() -> Vec<Ipv4Addr> {
    vec![Ipv4Addr::new(192, 168, 1, 4)]
}

fn arrives(device: &Device, service: Service) -> String {
    let answer = Path::new(vec![device], mx(), None).arrives(service);
    match &answer.verdict {
        Verdict::Passes => "passes".into(),
        Verdict::Restricted(..) => "restricted".into(),
        Verdict::Fails(fault, _) => format!("{fault:?}").split([' ', '(']).next().unwrap_or_default().into(),
        Verdict::Undecided(doubt) => doubt.reason.to_string(),
    }
}

/// What becomes of IKE when the rules stand in the chain `forward`, whose policy is to drop.
fn ike(rules: &str) -> String {
    let text = format!(
        "define vpn = {{ 500, 4500 }}\ntable inet f {{\n\tset ike {{ type inet_service; elements = {{ 500, 4500 }}; }}\n\tset peers {{ type ipv4_addr; flags dynamic, timeout; }}\n\tmap to {{ type inet_service : verdict; elements = {{ 500 : accept, 4500 : drop }}; }}\n\tchain other {{\n\t\tip saddr 10.0.0.0/8 drop\n\t}}\n\tchain nat {{\n\t\ttype nat hook prerouting priority dstnat; policy accept;\n\t\tiifname \"eth0\" udp dport $vpn dnat ip to 192.168.1.4\n\t}}\n\tchain forward {{\n\t\ttype filter hook forward priority filter; policy drop;\n\t\t{rules}\n\t}}\n}}\n"
    );
    let (device, remarks) = read_text(&text, 0);
    assert!(remarks.iter().all(|r| r.kind != Syntax), "{remarks:?}\n{text}");
    arrives(&device, Service::IKE)
}

#[test]
fn every_way_to_accept_is_read() {
    for rule in [
        "accept",
        "udp dport 500 accept",
        "udp dport { 500, 4500 } counter packets 3 bytes 9 log prefix \"x; drop \" level info accept comment \"y # z\"",
        "udp dport $vpn accept",
        "udp dport @ike accept",
        "meta l4proto udp th dport >= 500 accept",
        "udp dport vmap { 500 : accept, 4500 : drop }",
        "udp dport vmap @to",
        "ct state vmap { established : accept, related : accept, new : accept }",
        "ct status dnat accept",
        "iifname . udp dport { \"eth0\" . 500, \"eth0\" . 4500 } accept",
        "ip daddr . udp dport vmap { 192.168.1.4 . 500 : accept }",
        "ip protocol udp iifname \"eth*\" oifname != \"eth0\" ct state new,established accept",
        "jump other; udp dport 500 accept",
        "ip6 saddr fe80::/10 drop; icmpv6 type { echo-request, nd-neighbor-solicit } drop; accept",
        "ip saddr 0.0.0.0-255.255.255.255 meta nfproto ipv4 accept",
        "fib daddr type local drop; accept",
        "add @peers { ip saddr timeout 1m }; accept",
        "meta mark set 0x1 accept",
        "udp sport != { 1, 2-3 } accept",
    ] {
        assert_eq!(ike(rule), "passes", "{rule}");
    }
}

#[test]
fn every_way_to_drop_is_read() {
    for rule in [
        "",
        "drop",
        "reject with icmp type admin-prohibited",
        "goto other; accept",
        "udp dport != 500 accept",
        "meta l4proto tcp accept",
        "ct state established,related accept",
        "return; accept",
        "ip6 daddr ::1 accept",
        "iifname \"eth1\" accept",
        "tcp flags & (syn|ack) == syn accept",
    ] {
        assert_eq!(ike(rule), "Dropped", "{rule}");
    }
}

#[test]
fn what_cannot_be_known_is_undecided_only_where_it_matters() {
    for (rule, verdict) in [
        ("ip saddr @peers accept", "the members of the set come and go"),
        ("ip saddr @nowhere accept", "the set is not in the table"),
        ("jump nowhere", "the chain that is called is not in the table"),
        ("limit rate over 10/second burst 5 packets drop; accept", "the line depends on what came before"),
        ("queue num 1", "a program decides what happens to the packet"),
        ("meta mark 0x1 accept", "the line depends on a mark that another one sets"),
        ("udp dport 500 numgen inc mod 2 0 accept", "the rule has a part that is not understood"),
        ("ip saddr @peers drop; drop", "Dropped"),
        ("meta l4proto tcp ip saddr @peers drop; accept", "passes"),
    ] {
        assert_eq!(ike(rule), verdict, "{rule}");
    }
}

#[test]
fn acceptance_ends_only_its_own_chain() {
    let text = "table ip a {\n chain late { type filter hook forward priority filter + 10; policy drop; }\n chain nat { type nat hook prerouting priority filter; udp dport 500 dnat to 192.168.1.4:500; }\n}\ntable ip b {\n chain soon { type filter hook forward priority -5; accept; }\n}\n";
    let (device, remarks) = read_text(text, 0);
    assert_eq!(remarks, []);
    assert_eq!(arrives(&device, Service::IKE), "Dropped");
    let names: Vec<&str> = device.forward.items().iter().map(|id| &*device.chain(*id).unwrap().name).collect();
    assert_eq!(names, ["soon", "late"]);
}

#[test]
fn chains_before_connection_tracking_know_no_state() {
    let with = |priority: &str, rule: &str| {
        let text = format!(
            "table ip a {{\n chain p {{ type filter hook prerouting priority {priority}; {rule}; }}\n chain n {{ type nat hook prerouting priority dstnat; dnat to 192.168.1.4; }}\n}}\n"
        );
        let (device, remarks) = read_text(&text, 0);
        assert_eq!(remarks, [], "{text}");
        arrives(&device, Service::IKE)
    };
    assert_eq!(with("raw", "ct state new drop"), "passes");
    assert_eq!(with("raw", "ct state invalid drop"), "Dropped");
    assert_eq!(with("mangle", "ct state new drop"), "Dropped");
    // Before translation the packet has another destination, behind it the new one.
    assert_eq!(with("mangle", "ip daddr 192.168.1.4 ct status dnat drop"), "passes");
    assert_eq!(with("filter", "ip daddr 192.168.1.4 ct status dnat drop"), "Dropped");
    assert_eq!(with("dstnat", "ip daddr 192.168.1.4 drop"), "whether the address is translated here is not followed");
}

#[test]
fn forwards_of_every_form_are_read() {
    let to = |statement: &str| {
        let text = format!(
            "table ip n {{\n map m {{ type inet_service : ipv4_addr; elements = {{ 500 : 192.168.1.4 }}; }}\n chain p {{ type nat hook prerouting priority dstnat; {statement}; }}\n}}\n"
        );
        let (device, remarks) = read_text(&text, 0);
        assert_eq!(remarks, [], "{text}");
        Path::new(vec![&device], mx(), None).fates(Service::IKE, Ipv4Addr::new(8, 8, 8, 8), 500)
    };
    assert_eq!(to("udp dport 500 dnat to 192.168.1.4"), [Fate::Arrives]);
    assert_eq!(to("udp dport 500 dnat to 192.168.1.4:4500"), [Fate::OtherPort(4500)]);
    assert_eq!(to("dnat to udp dport map @m"), [Fate::Arrives]);
    assert_eq!(to("dnat ip addr . port to udp dport map { 500 : 192.168.1.4 . 500 }"), [Fate::Arrives]);
    assert_eq!(to("udp dport 500 dnat to 192.168.1.5 comment \"x\""), [Fate::Elsewhere(Some(Ipv4Addr::new(192, 168, 1, 5)))]);
    assert_eq!(to("udp dport 500 redirect to :500"), [Fate::Elsewhere(None)]);
    assert_eq!(to("tcp dport 500 dnat to 192.168.1.4"), [Fate::NoForward]);
    assert_eq!(to("udp dport 500 dnat to 192.168.1.4 random"), [Fate::Arrives], "the port is not touched unless a range is given");
}

#[test]
fn json_says_the_same_as_text() {
    let text = r#"{"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "inet", "name": "f"}},
        {"set": {"family": "inet", "table": "f", "name": "ike", "type": "inet_service", "elem": [500, {"range": [4400, 4500]}]}},
        {"chain": {"family": "inet", "table": "f", "name": "c", "type": "filter", "hook": "forward", "prio": 0, "policy": "drop"}},
        {"chain": {"family": "inet", "table": "f", "name": "n", "type": "nat", "hook": "prerouting", "prio": -100, "policy": "accept"}},
        {"rule": {"family": "inet", "table": "f", "chain": "n", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "udp", "field": "dport"}}, "right": {"set": [500, 4500]}}}, {"dnat": {"family": "ip", "addr": "192.168.1.4"}}]}},
        {"rule": {"family": "inet", "table": "f", "chain": "c", "expr": [{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}, {"accept": null}]}},
        {"rule": {"family": "inet", "table": "f", "chain": "c", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "udp", "field": "dport"}}, "right": "@ike"}}, {"match": {"op": "!=", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": {"prefix": {"addr": "10.0.0.0", "len": 8}}}}, {"counter": {"packets": 0, "bytes": 0}}, {"accept": null}]}}]}"#;
    let (device, remarks) = read_json(text, 0);
    assert_eq!(remarks, []);
    assert_eq!([Service::IKE, Service::NAT_T].map(|s| arrives(&device, s)), ["passes", "passes"]);
    let line = device.lines().find(|(chain, _)| &*chain.name == "c").unwrap().1;
    assert!(text[line.span.start as usize..line.span.end as usize].starts_with("[{\"match\""));
    let (_, remarks) =
        read_json("{\"nftables\": [{\"rule\": {\"table\": \"t\", \"chain\": \"c\", \"expr\": [{\"osf\": 1}]}}, {\"new\": {}}]}", 0);
    assert_eq!(remarks.iter().map(|r| r.kind).collect::<Vec<_>>(), [Unknown, Elsewhere]);
    assert_eq!(read_json("[1]", 0).1[0].kind, Syntax);
}

#[test]
fn scripts_are_followed() {
    let text = "#!/usr/sbin/nft -f\nadd table ip old\nadd rule ip old x accept\nflush ruleset\nadd table ip n\nadd chain ip n p { type nat hook prerouting priority dstnat; policy accept; }\nadd chain ip n f { type filter hook forward priority 0; policy drop; }\nadd rule ip n p udp dport { 500, \\\n 4500 } dnat to 192.168.1.4\nadd rule ip n f drop\ninsert rule ip n f udp dport 500 accept\n";
    let (device, remarks) = read_text(text, 0);
    assert_eq!(remarks, []);
    assert_eq!(arrives(&device, Service::IKE), "passes");
    assert_eq!(arrives(&device, Service::NAT_T), "Dropped");
}

#[test]
fn faults_are_told_without_the_file_s_words() {
    let text = "s3cret\ninclude \"s3cret.nft\"\ntable ip a {\n s3cret {\n }\n chain b {\n  type filter hook forward priority s3cret; policy drop;\n  udp dport $s3cret accept\n  ip saddr s3cret drop\n  s3cret\n  log prefix \"s3cret\n";
    let (device, remarks) = read_text(text, 0);
    assert!(remarks.iter().all(|r| !r.message.contains("s3cret")));
    let kinds: Vec<_> = remarks.iter().map(|r| r.kind).collect();
    for kind in [Syntax, Elsewhere, Dangling, Unknown] {
        assert!(kinds.contains(&kind), "{remarks:?}");
    }
    assert_ne!(arrives(&device, Service::IKE), "passes");
}

#[test]
fn truncated_and_hostile_texts_are_survived() {
    let text = "define a = { 1, 2 }\ntable inet t {\n set s { type ipv4_addr . inet_service; elements = { 10.0.0.1 . 500 comment \"x\" } }\n chain c {\n  type filter hook forward priority filter - 1; policy drop;\n  ip saddr . udp dport @s ct state vmap { new : accept } comment \"y\"\n  dnat ip to udp dport map { 500 : 192.168.1.4 . 500 }\n }\n}\n";
    for end in 0..=text.len() {
        read_text(&text[..end], 0);
        read_text(&text[end..], 0);
    }
    let deep = format!("table ip t {{ chain c {{ ip saddr {} }} }}", "{".repeat(100_000));
    read_text(&deep[..2000], 0);
    let mut bomb = String::from("define a0 = 1, 1, 1, 1, 1, 1, 1, 1\n");
    for n in 1..40 {
        writeln!(bomb, "define a{n} = $a{0}, $a{0}, $a{0}, $a{0}", n - 1).unwrap();
    }
    assert!(read_text(&bomb, 0).1.iter().any(|r| r.kind == Syntax));
    let mut chains = String::from("table ip t {\n chain base { type filter hook forward priority 0; jump c0; }\n");
    for n in 0..5000 {
        writeln!(chains, " chain c{n} {{ jump c{}; }}", n + 1).unwrap();
    }
    arrives(&read_text(&chains, 0).0, Service::IKE);
}

#[test]
#[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "a test that reads files outside of the crate when they are there")]
fn real_files_are_read() {
    let folder = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/upstream/nftables");
    let Ok(text) = std::fs::read_to_string(folder.join("prerouting-dnat-500-4500.nft")) else {
        eprintln!("skipped: no corpus");
        return;
    };
    let (device, remarks) = read_text(&text, 0);
    assert_eq!(remarks, []);
    let path = Path::new(vec![&device], vec![Ipv4Addr::new(172, 16, 20, 1)], None);
    assert!(path.arrives(Service::IKE).passes() && path.arrives(Service::NAT_T).passes());
    // A console's record: what surrounds the ruleset is told, and the ruleset is read.
    let text = std::fs::read_to_string(folder.join("libreswan-nft-list-ruleset.console.txt")).unwrap();
    let (device, remarks) = read_text(&text, 0);
    assert!(remarks.iter().all(|r| r.kind == Syntax) && !remarks.is_empty());
    assert_eq!(device.lines().count(), 5);
    assert!(matches!(device.input, Field::Known(_)));
}
