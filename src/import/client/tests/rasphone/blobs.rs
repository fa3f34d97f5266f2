//! Binary values of phone books: each layout with values that are known from elsewhere, and everything beside it undecided.

use super::*;
use crate::model::proposal::{Phase, Proposal};

/// What `shown` says of an entry with these lines.
fn of(lines: &str, shown: fn(&Read<'_>) -> String) -> String {
    let text = entry("a", &format!("VpnStrategy=3\r\n{lines}"));
    let read = read(&text);
    assert_eq!(read.problems(), Vec::<String>::new());
    shown(&read)
}

/// Digits as Windows writes them: lines of 128.
fn lines(key: &str, digits: &str) -> String {
    digits.as_bytes().chunks(128).map(|c| format!("{key}={}\r\n", str::from_utf8(c).unwrap())).collect()
}

/// A route's 36 bytes.
fn route(metric: u32, family: u32, bits: u32, address: &str) -> String {
    format!("{:08X}{:08X}{:08X}{address:0<32}{}", metric.swap_bytes(), family.swap_bytes(), bits.swap_bytes(), "0".repeat(16))
}

#[test]
fn routes_are_networks_with_their_places() {
    let two = format!("{}{}", route(1, 2, 12, "AC100000"), route(10, 2, 24, "C0A80A00"));
    let three = format!("{}{two}", route(1, 23, 64, "20010DB8000000010000000000000001"));
    for (count, digits, seen) in [
        (1, route(1, 2, 12, "AC100000"), format!("172.16.0.0/12 @ {}; ", route(1, 2, 12, "AC100000"))),
        (2, two.clone(), format!("172.16.0.0/12 @ {}; 192.168.10.0/24 @ {}; ", &two[..72], &two[72..128])),
        // Those of IPv6 are left out; the second begins on the first line, and the third on the second.
        (3, three.clone(), format!("172.16.0.0/12 @ {}; 192.168.10.0/24 @ {}; ", &three[72..128], &three[144..])),
        (1, route(1, 2, 0, ""), format!("0.0.0.0/0 @ {}; ", route(1, 2, 0, ""))),
        (1, route(1, 2, 8, "0A000001"), format!("10.0.0.0/8 @ {}; ", route(1, 2, 8, "0A000001"))),
    ] {
        for version in ["", "RouteVersion=1\r\n"] {
            let text = format!("{version}NumRoutes={count}\r\n{}", lines("Routes", &digits));
            assert_eq!(of(&text, |r| r.list(&r.client().routes)), seen, "{text}");
        }
    }
}

#[test]
fn routes_of_another_form_are_undecided() {
    let good = route(1, 2, 12, "AC100000");
    for (count, digits) in [
        (2, good.clone()),
        (1, good[..70].to_owned()),
        (1, good[..71].to_owned()),
        (1, format!("{good}00")),
        (1, good.replacen('0', "G", 1)),
        (1, route(1, 3, 12, "AC100000")),
        (1, route(1, 2, 33, "AC100000")),
        (1, route(1, 2, 300, "AC100000")),
        (1, route(1, 23, 129, "20010DB8")),
        (1, route(0x0001_0001, 2, 12, "AC100000")),
        (1, route(1, 2, 12, "AC10000001")),
        // Whatever the last bytes say, an exclusion for one.
        (1, format!("{}01000000{}", &good[..56], &good[64..])),
        (u32::MAX, good.clone()),
        (1, String::new()),
    ] {
        let text = format!("NumRoutes={count}\r\n{}", lines("Routes", &digits));
        let seen = of(&text, |r| r.shown(&r.client().routes));
        assert!(seen.starts_with("? the phone book's `Routes` are not in the form that is known"), "{text}: {seen}");
    }
    let text = format!("RouteVersion=2\r\nNumRoutes=1\r\n{}", lines("Routes", &good));
    assert!(of(&text, |r| r.shown(&r.client().routes)).starts_with('?'));
}

#[test]
fn a_split_tunnel_is_judged_by_its_routes() {
    let text = entry("a", &format!("VpnStrategy=3\r\nIpPrioritizeRemote=0\r\nNumRoutes=1\r\nRoutes={}", route(1, 2, 24, "C0A80A00")));
    let read = read(&text);
    let carried = |ip: &str| {
        let site = crate::model::Site::default();
        read.client().split_tunnel_carries(&site, ip.parse().unwrap())
    };
    assert_eq!(carried("192.168.10.7"), crate::model::routing::Carried::Yes);
    assert_ne!(carried("192.168.11.7"), crate::model::routing::Carried::Yes);
}

#[test]
fn policies_are_what_the_cmdlet_was_told() {
    // Digits that Windows wrote for these arguments.
    for (digits, ike, esp) in [
        ("030000000400000002000000050000000200000000000000", "AES256-SHA384-Group2", "AES256-SHA256128-None"),
        ("020000000400000003000000050000000200000000000000", "AES256-SHA256-Group14", "AES256-SHA256128-None"),
        ("020000000200000003000000030000000200000003000000", "AES128-SHA256-Group14", "AES128-SHA256128-PFS2048"),
        ("020000000600000005000000080000000500000000000000", "GCMAES256-SHA256-ECP384", "GCMAES256-None"),
        ("030000000600000005000000080000000500000005000000", "GCMAES256-SHA384-ECP384", "GCMAES256-ECP384"),
        // By the numbers of the API alone.
        ("010000000100000002000000020000000100000000000000", "DES3-SHA1-Group2", "DES3-SHA196-None"),
        ("000000000000000001000000010000000000000006000000", "DES-MD5-Group1", "DES-MD596-PFSMM"),
    ] {
        let text = format!("NumCustomPolicy=1\r\nCustomIPSecPolicies={digits}");
        assert_eq!(of(&text, |r| r.list(&r.client().ike)), format!("{ike:?} @ {digits}; "));
        assert_eq!(of(&text, |r| r.list(&r.client().esp)), format!("{esp:?} @ {digits}; "));
        for (text, phase) in [(ike, Phase::One), (esp, Phase::Two)] {
            assert!(Proposal::parse_all(text, phase).all(|p| p.unknown.is_none()), "{text}");
        }
    }
}

#[test]
fn policies_of_another_form_are_undecided() {
    let good = "020000000400000003000000050000000200000000000000";
    for (count, digits) in [
        ("1", "0200"),
        ("2", good),
        ("1", "020000000400000003000000000000000200000000000000"),
        ("1", "040000000400000003000000050000000200000000000000"),
        ("1", "020000000400000003000000050000000600000000000000"),
        ("1", "020000000400000003000000050000000200000008000000"),
        ("1", "02000000040000000300000005000000020000000000000G"),
        ("4294967295", good),
    ] {
        let text = format!("NumCustomPolicy={count}\r\nCustomIPSecPolicies={digits}");
        let reason = format!("? the phone book's entry pins proposals in a form that is not known @ {digits}");
        assert_eq!(of(&text, |r| r.shown(&r.client().ike)), reason);
        assert_eq!(of(&text, |r| r.shown(&r.client().esp)), reason);
    }
    assert_eq!(of("NumCustomPolicy=0", |r| r.shown(&r.client().ike)), "-");
}

/// A rule: `kind`, its servers as family and digits, and its name.
fn rule(kind: u32, servers: &[(u32, &str)], name: &str) -> String {
    let number = |n: usize| format!("{:08X}", (n as u32).swap_bytes());
    let head = format!("{}{}{}{}", number(kind as usize), number(servers.len()), number(name.len() + 1), "0".repeat(24));
    let servers = servers.iter().map(|(family, address)| format!("{}{address:0<32}", number(*family as usize)));
    let name = name.bytes().chain([0]).map(|byte| format!("{byte:02X}00"));
    std::iter::once(head).chain(servers).chain(name).collect::<Vec<_>>().concat()
}

#[test]
fn name_rules_give_the_resolvers_of_a_domain() {
    let a = rule(2, &[(2, "0A010015"), (23, "20010DB8"), (2, "0A010016")], ".corp.example");
    let b = rule(2, &[(2, "C0A80A02")], ".b.test");
    let text = format!("NumNrptRules=2\r\n{}", lines("NrptRules", &format!("{a}{b}")));
    let seen = of(&text, |r| r.client().dns_nameservers.items().iter().map(|i| i.value.to_string()).collect::<Vec<_>>().join(" "));
    assert_eq!(seen, "10.1.0.21 10.1.0.22 192.168.10.2");
    let first = of(&text, |r| r.list(&r.client().dns_nameservers));
    assert!(first.starts_with(&format!("10.1.0.21 @ {}; 10.1.0.22 @ ", &a[48..88])), "{first}");
    // What the entry itself says counts before.
    let own = format!("IpNameAssign=2\r\nIpDnsAddress=192.168.10.9\r\n{text}");
    assert_eq!(of(&own, |r| r.list(&r.client().dns_nameservers)), "192.168.10.9 @ 192.168.10.9; ");
}

#[test]
fn name_rules_that_give_none_or_are_of_another_form() {
    let single = rule(2, &[(2, "0A010015")], "www.corp.example");
    let good = rule(2, &[(2, "0A010015")], ".corp.example");
    for (count, digits, seen) in [
        (1, single, "? the profile's NRPT rules give resolvers for one name alone"),
        (1, rule(2, &[], ".corp.example"), "-"),
        (1, rule(2, &[(23, "20010DB8")], ".corp.example"), "-"),
    ] {
        let text = format!("NumNrptRules={count}\r\n{}", lines("NrptRules", &digits));
        assert!(of(&text, |r| r.list(&r.client().dns_nameservers)).starts_with(seen), "{text}");
    }
    for (count, digits) in [
        (2, good.clone()),
        (1, good[..good.len() - 4].to_owned()),
        (1, format!("{good}0000")),
        (1, rule(8, &[(2, "0A010015")], ".corp.example")),
        (1, rule(2, &[(4, "0A010015")], ".corp.example")),
        (1, rule(2, &[(2, "0A01001500000001")], ".corp.example")),
        (1, rule(2, &[(2, "0A010015")], "")),
        (1, good.replacen("00000000", "00000001", 1)),
        (1, "0200000 0".to_owned()),
        (1, "02000000FFFFFFFFFFFFFFFF".to_owned()),
    ] {
        let text = format!("NumNrptRules={count}\r\n{}", lines("NrptRules", &digits));
        let seen = of(&text, |r| r.list(&r.client().dns_nameservers));
        assert!(seen.starts_with("? the profile's NRPT rules, which give other resolvers"), "{text}: {seen}");
    }
    let unknown = "? `NumNrptRules` of the phone book's entry is no number @ x";
    assert_eq!(of("NumNrptRules=x", |r| r.list(&r.client().dns_nameservers)), unknown);
}

#[test]
fn binary_values_are_cut_without_harm() {
    let values = format!(
        "PreSharedKey=CANARY-9\r\nNumRoutes=2\r\n{}NumNrptRules=1\r\n{}NumCustomPolicy=1\r\nCustomIPSecPolicies=020000000400000003000000050000000200000000000000",
        lines("Routes", &route(1, 2, 12, "AC100000").repeat(2)),
        lines("NrptRules", &rule(2, &[(2, "0A010015")], ".corp.example")),
    );
    cut_everywhere(Format::Rasphone, &entry("a", &values), &["CANARY-9"]);
}
