//! Whole files: what breaks off, what is a part, what is hidden, what ends IPsec.

use super::edge::BOOT;
use super::*;

const ACCEPT: &str = "set firewall ipv4 forward filter rule 10 action 'accept'\n";

fn shown(text: &str, hidden: &[Span]) -> String {
    let mut shown: Vec<u8> = text.bytes().collect();
    for span in hidden {
        shown[span.start as usize..span.end as usize].fill(b'*');
    }
    String::from_utf8(shown).unwrap()
}

#[test]
fn braces_that_break_off_anywhere_prove_nothing() {
    for text in [BOOT.to_owned(), braces(&new(ACCEPT)), braces(&old(&set("firewall name WAN_IN rule 1", "action accept")))] {
        let whole = text.find("\nsystem {").unwrap() + text[text.find("\nsystem {").unwrap()..].find("\n}").unwrap() + 2;
        for end in 0..text.len() {
            let (device, remarks, _) = read(&text[..end], 0);
            let told = [verdict(&device, Service::IKE), verdict(&device, Service::L2TP)];
            if end >= whole {
                continue;
            }
            assert!(remarks.iter().any(|remark| matches!(remark.kind, RemarkKind::Syntax | RemarkKind::Elsewhere)), "{}", &text[..end]);
            assert!(device.terminates.known().is_none(), "{}", &text[..end]);
            // Between two sections nothing is half read: what is there counts, what is missing does not.
            let section = text[..end].trim_end().ends_with("\n}") && remarks.iter().all(|remark| remark.kind != RemarkKind::Syntax);
            assert!(section || told.iter().all(|told| told.starts_with("undecided")), "{told:?} {}", &text[..end]);
            assert!(told[0].starts_with("undecided") || told[0] == "passes", "{told:?}");
            assert!(told[1].starts_with("undecided"), "{told:?}");
        }
    }
}

#[test]
fn commands_that_break_off_prove_nothing() {
    for text in [new(ACCEPT), old(&set("firewall name WAN_IN rule 1", "action accept; protocol udp; destination port 500"))] {
        let whole = text.find("set system time-zone").unwrap();
        for end in 0..whole {
            let (device, remarks, _) = read(&text[..end], 0);
            assert!(remarks.iter().any(|remark| matches!(remark.kind, RemarkKind::Syntax | RemarkKind::Elsewhere)), "{}", &text[..end]);
            assert!(device.terminates.known().is_none());
            let told = verdict(&device, Service::L2TP);
            assert!(told.starts_with("undecided"), "{told} {}", &text[..end]);
            let told = verdict(&device, Service::IKE);
            // All of the forward is there, and the rest of its section may only translate what it leaves.
            let complete = text[..end].contains("translation address '192.168.1.4'");
            assert!(told.starts_with("undecided") || complete && told == "passes", "{told} {}", &text[..end]);
        }
        assert_eq!(verdict(&read(&text, 0).0, Service::IKE), "passes");
    }
}

#[test]
fn parts_say_what_they_hold_and_no_more() {
    let accept = set("firewall name WAN_IN rule 1", "action accept");
    let drop = set("firewall name WAN_IN rule 1", "action drop");
    let nat = NAT.replace("interface name", "interface");
    let bound = "set interfaces ethernet eth0 firewall in name 'WAN_IN'\n";
    for (text, wanted) in [
        (drop.clone(), "undecided: the export is only a part of the configuration"),
        (nat.clone(), "undecided: which rule sets apply is not in the file"),
        (format!("{drop}{nat}"), "undecided: which rule sets apply is not in the file"),
        (format!("{drop}{PORTS}{nat}"), "undecided: which rule sets apply is not in the file"),
        (format!("{drop}{PORTS}{bound}{nat}"), "dropped by deny any any -> any"),
        (format!("{accept}{PORTS}{bound}{nat}"), "passes"),
        (format!("{accept}{PORTS}{bound}"), "undecided: the export is only a part of the configuration"),
        // Zones stand behind `system`, and a file without its last line may lack them.
        (format!("{drop}{PORTS}{nat}{SYSTEM}"), "undecided: which rule sets apply is not in the file"),
        (format!("{}// vyos-config-version: \"firewall@5\"\n", braces(&format!("{drop}{PORTS}{nat}{SYSTEM}"))), "passes"),
        (format!("{PORTS}{nat}{SYSTEM}"), "passes"),
        (format!("{PORTS}{nat}set system host-name a\n"), "undecided: which rule sets apply is not in the file"),
        (format!("{PORTS}{nat}set system host-name a\nset vpn ipsec interface eth0\n"), "passes"),
        (String::new(), "undecided: the export is only a part of the configuration"),
    ] {
        assert_eq!(verdict(&read(&text, 0).0, Service::IKE), wanted, "{text}");
    }
}

#[test]
fn no_secret_is_shown_of_a_whole_file_or_a_part() {
    let text = "\
set firewall group remote-group BAD url 'https://user:CANARY-url@example.com'
set firewall name A description 'CANARY-description'
set firewall name A rule 1 action 'accept'
set firewall name A rule 1 log-options prefix CANARY
set interfaces ethernet eth0 address '203.0.113.10/29'
set interfaces ethernet eth0 description CANARY
set interfaces ethernet eth0 pppoe 0 password CANARY
set interfaces ethernet eth0 eapol certificate CANARY
set interfaces pppoe pppoe0 authentication password 'CANARY-ppp'
set interfaces wireguard wg0 private-key 'CANARY-wg'
set interfaces wireguard wg0 peer a preshared-key 'CANARY-wg'
set interfaces openvpn vtun0 shared-secret-key CANARY
set pki certificate a private key 'CANARY'
set service snmp community 'CANARY' authorization ro
set service dns dynamic host-name a password CANARY
set system login user a authentication plaintext-password 'CANARY'
set system login user a authentication public-keys b key 'CANARY'
set vpn ipsec site-to-site peer 198.51.100.1 authentication pre-shared-secret 'CANARY peer'
set vpn ipsec authentication psk a secret 'CANARY'
set vpn l2tp remote-access authentication local-users username a password 'CANARY'
set vpn l2tp remote-access ipsec-settings authentication pre-shared-secret CANARY
set vpn l2tp remote-access outside-address 203.0.113.10
comment firewall name A 'CANARY'
delete system login user CANARY
run show CANARY
CANARY
# CANARY
";
    let boot = braces(text);
    let loose = "interfaces {\n  wireguard wg0 { private-key CANARY\n address 10.0.0.1/24 }\n  /* CANARY */\n  ethernet eth0 {\n    description \"CANARY\n address\"\n  }\n}\n";
    for text in [text, &boot, BOOT, loose] {
        for end in 0..=text.len() {
            let (_, remarks, hidden) = read(&text[..end], 0);
            let shown = shown(&text[..end], &hidden);
            assert!(!shown.contains("CANARY"), "{shown}");
            assert!(remarks.iter().all(|remark| !remark.message.contains("CANARY")));
        }
    }
    let (_, _, hidden) = read(text, 0);
    let shown = shown(text, &hidden);
    for line in
        ["set firewall name A rule 1 action 'accept'", "set interfaces ethernet eth0 address '203.0.113.10/29'", "peer 198.51.100.1 ****"]
    {
        assert!(shown.contains(line), "{line}: {shown}");
    }
}

#[test]
fn ipsec_of_the_device_itself_is_found() {
    let ends = |more: &str| match read(&format!("{PORTS}{SYSTEM}{more}"), 0).0.terminates {
        Field::Known(ends) => {
            ends.value.iter().map(|end| end.address.value().map_or("wan".into(), ToString::to_string)).collect::<Vec<_>>().join(" ")
        }
        Field::Opaque(why) => why.reason.to_string(),
        Field::Absent => "absent".into(),
    };
    assert_eq!(ends(""), "");
    assert_eq!(ends("set vpn ipsec site-to-site peer 198.51.100.1 local-address 203.0.113.10\n"), "203.0.113.10");
    assert_eq!(ends("set vpn ipsec site-to-site peer office local-address any\n"), "wan");
    assert_eq!(ends("set vpn ipsec site-to-site peer office disable\n"), "");
    assert_eq!(ends("set vpn l2tp remote-access outside-address 203.0.113.11\n"), "203.0.113.11");
    assert_eq!(ends("set vpn ipsec remote-access connection a local-address 0.0.0.0\n"), "wan");
}

#[test]
fn both_systems_are_told_apart_and_others_are_left_alone() {
    for (text, wanted) in [
        (BOOT, Some(true)),
        ("set firewall name A default-action drop\n", Some(false)),
        ("vyos@vyos# set nat destination rule 1 protocol udp\n", Some(false)),
        ("set service nat rule 1 type destination\n", Some(true)),
        ("interfaces {\n    ethernet eth0 {\n    }\n}\n", Some(false)),
        ("service {\n    nat {\n        rule 1 {\n        }\n    }\n}\nfirewall {\n}\n", Some(true)),
        ("set security nat destination pool a address 10.0.0.1/32\n", None),
        ("set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.1/24\n", None),
        ("interfaces {\n  ge-0/0/0 {\n    unit 0;\n  }\n}\n", None),
        ("config firewall policy\n edit 1\n  set service \"IKE\"\n next\nend\n", None),
        ("/ip firewall nat\nset [ find ] chain=dstnat\n", None),
        ("# set firewall name A default-action drop\n", None),
        ("table ip nat {\n}\n", None),
        ("connections {\n  a {\n  }\n}\n", None),
        ("", None),
    ] {
        assert_eq!(detect(text), wanted, "{text}");
    }
}

#[test]
fn ten_thousand_rules_are_read_and_decided() {
    let mut rules = String::new();
    for n in 1..=10_000 {
        rules += &set(&format!("firewall name WAN_IN rule {n}"), "action drop; protocol tcp; source address 198.51.100.7");
    }
    rules += &set("firewall name WAN_IN rule 10001", "action accept");
    let edge = device(&old(&rules));
    assert!(edge.lines().count() > 10_000);
    assert_eq!(verdict(&edge, Service::IKE), "passes");
}

#[test]
fn junk_and_pager_remnants_do_no_harm() {
    let text = new(ACCEPT);
    let paged = text.replacen("set interfaces", "--More-- \u{8}\u{8} \u{8}set interfaces", 1).replace('\n', "\r\n");
    assert_eq!(verdict(&read(&paged, 0).0, Service::IKE), "passes");
    for junk in [
        "{",
        "}",
        "}}}}\n{{{{\n",
        "set '",
        "set \"\\",
        "/*",
        "//",
        "a {",
        "set firewall name\n",
        "edit\nset a\n",
        "up 99999999999999999999\n",
        "set firewall ipv4 forward filter rule x action accept\n",
        "firewall {\n name A {\n rule {\n}\n}\n}\n",
    ] {
        let told = verdict(&read(junk, 0).0, Service::IKE);
        assert!(told.starts_with("undecided"), "{junk}: {told}");
    }
    let deep = "set firewall group address-group a0 include a1\n".to_owned()
        + &(1..5000).map(|n| format!("set firewall group address-group a{n} include a{}\n", n + 1)).collect::<String>();
    let told = ike(&old(&format!("{deep}{}", set("firewall name WAN_IN rule 1", "action accept; destination group address-group a0"))));
    assert_eq!(told, "undecided: the groups include each other");
}

#[test]
fn large_groups_that_many_rules_name_are_bounded() {
    let mut text = String::new();
    for n in 0..3_000 {
        let _ = writeln!(text, "set firewall group address-group G address 10.{}.{}.{}", n / 250, n % 250, (n * 7) % 250);
        let _ = writeln!(text, "set firewall name WAN_IN rule {} action drop", n + 1);
        let _ = writeln!(text, "set firewall name WAN_IN rule {} source group address-group G", n + 1);
    }
    let told = verdict(&read(&old(&text), 0).0, Service::IKE);
    assert!(told.starts_with("dropped") || told.starts_with("undecided"), "{told}");
}
