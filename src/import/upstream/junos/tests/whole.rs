//! Whole files: what breaks off, what is a part, what is hidden, what ends IPsec.

use super::*;

fn good() -> String {
    config(NAT, &policy("P", "match application [ junos-ike junos-ike-nat ]; then permit"), "")
}

fn shown(text: &str, hidden: &[Span]) -> String {
    let mut shown: Vec<u8> = text.bytes().collect();
    for span in hidden {
        shown[span.start as usize..span.end as usize].fill(b'*');
    }
    String::from_utf8(shown).unwrap()
}

#[test]
fn what_breaks_off_anywhere_proves_nothing() {
    for text in [good(), braces(&good())] {
        let routes = text.find("routing-options").unwrap();
        for end in 0..text.len() {
            let (device, remarks, _) = read(&text[..end], 0);
            let whole = end > routes && remarks.iter().all(|remark| !matches!(remark.kind, RemarkKind::Syntax | RemarkKind::Elsewhere));
            let told = verdict(&device, Service::IKE);
            assert!(whole || told.starts_with("undecided"), "{told}: {}", &text[..end]);
            assert!(whole || device.terminates.known().is_none());
        }
        assert_eq!(verdict(&device(&text), Service::IKE), "passes");
        assert_eq!(verdict(&device(&text), Service::NAT_T), "passes");
    }
}

#[test]
fn parts_and_what_is_not_followed_are_undecided() {
    for (text, wanted) in [
        (String::new(), "the export is only a part of the configuration"),
        (NAT.to_owned(), "the export is only a part of the configuration"),
        (good().replace(ZONES, ""), "the export is only a part of the configuration"),
        (good().replace(HEAD, ""), "the export is only a part of the configuration"),
        (format!("{}set logical-systems A interfaces ge-0/0/5 unit 0\n", good()), "logical systems are not followed"),
        (
            format!("{}set security forwarding-options family inet mode packet-based\nset vlans a\n", good()),
            "the device forwards packets without flows",
        ),
        (
            format!("set groups G security policies default-policy permit-all\nset apply-groups G\n{}", good()),
            "groups that the configuration applies are not followed",
        ),
        (format!("set security policies apply-groups GONE\n{}", good()), "groups that the configuration applies are not followed"),
        (good().trim_end().to_owned(), "the last line has no line end: it may be cut off"),
        (format!("{}rename security a to security b\n", good()), "the export is not whole"),
    ] {
        assert_eq!(verdict(&read(&text, 0).0, Service::IKE), format!("undecided: {wanted}"), "{text}");
    }
    let cluster = format!(
        "set groups node0 system host-name a\nset groups node0 interfaces fxp0 unit 0 family inet address 10.0.0.1/24\nset apply-groups \"${{node}}\"\n{}",
        good()
    );
    assert_eq!(ike(&cluster), "passes");
    assert_eq!(ike(&format!("{}deactivate apply-groups\nset poe interface a\n", good())), "passes");
    // A forward to another host goes there whatever else the device has.
    let elsewhere = NAT.replace("192.168.1.4/32", "192.168.1.9/32");
    assert!(verdict(&read(&format!("{HEAD}{elsewhere}{ZONES}{TAIL}"), 0).0, Service::IKE).starts_with("goes to 192.168.1.9"));
}

#[test]
fn unknown_parts_are_listed_and_leave_the_rule_in_doubt() {
    let odd = policy("P", "match moon full; then permit");
    let (device, remarks, _) = read(&format!("set moon full\n{}", config(NAT, &odd, "")), 0);
    assert_eq!(remarks.iter().map(|remark| remark.kind).collect::<Vec<_>>(), [RemarkKind::Unknown; 2], "{remarks:?}");
    assert_eq!(verdict(&device, Service::IKE), "undecided: the policy has a part that is not followed");
}

#[test]
fn no_secret_is_shown_of_a_whole_file_or_a_part() {
    let text = "\
set system root-authentication encrypted-password \"CANARY-root\"
set system login user a authentication ssh-rsa \"ssh-rsa CANARY a@b\"
set system login message CANARY
set system radius-server 10.0.0.1 secret \"CANARY\"
set snmp community CANARY authorization read-only
set security ike policy P pre-shared-key ascii-text \"CANARY psk\"
set security ike policy P description CANARY
set security ike gateway G address 198.51.100.1
set security ike gateway G external-interface ge-0/0/0.0
set security ike gateway G remote-identity hostname CANARY
set security pki ca-profile CANARY
set interfaces ge-0/0/0 description CANARY
set interfaces ge-0/0/0 unit 0 family inet address 203.0.113.10/29
set interfaces pp0 unit 0 ppp-options pap local-password \"CANARY\"
set interfaces pp0 unit 0 ppp-options chap default-chap-secret \"CANARY\"
set security policies from-zone a to-zone b policy P description \"CANARY\"
set security nat destination pool P description CANARY
set protocols bgp group g authentication-key \"CANARY\"
set access profile p client c firewall-user password \"CANARY\"
annotate security CANARY
delete system login user CANARY
# CANARY
CANARY
";
    let boxed = braces(text);
    let loose = "security { ike { policy P { pre-shared-key ascii-text \"CANARY\"; ## CANARY\n } gateway G { external-interface ge-0/0/0.0; } } /* CANARY */ }\n";
    for text in [text, &boxed, loose] {
        for end in 0..=text.len() {
            let (_, remarks, hidden) = read(&text[..end], 0);
            let shown = shown(&text[..end], &hidden);
            assert!(!shown.contains("CANARY"), "{shown}");
            assert!(remarks.iter().all(|remark| !remark.message.contains("CANARY")));
        }
    }
    let shown = shown(text, &read(text, 0).2);
    for line in
        ["set interfaces ge-0/0/0 unit 0 family inet address 203.0.113.10/29", "set security ike gateway G external-interface ge-0/0/0.0"]
    {
        assert!(shown.contains(line), "{shown}");
    }
}

#[test]
fn ipsec_of_the_device_itself_is_found() {
    let ends = |gateway: &str| match device(&config(NAT, "", &set("security ike gateway G", gateway))).terminates {
        Field::Known(ends) => ends.value.iter().map(|end| end.address.value().map_or("?".into(), ToString::to_string)).collect::<Vec<_>>(),
        _ => vec!["unknown".into()],
    };
    assert_eq!(ends("external-interface ge-0/0/0.0"), ["203.0.113.10"]);
    assert_eq!(ends("external-interface ge-0/0/0"), ["203.0.113.10"]);
    assert_eq!(ends("external-interface ge-0/0/0.0; local-address 203.0.113.12"), ["203.0.113.12"]);
    assert_eq!(ends("external-interface st9.0"), ["?"]);
    let none = device(&config(NAT, "", ""));
    assert!(none.terminates.known().is_some_and(|ends| ends.value.is_empty()));
}

#[test]
fn junos_is_told_apart() {
    for (text, wanted) in [
        ("set security zones security-zone a\n", true),
        ("root@srx# set security policies default-policy deny-all\n", true),
        ("set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.1/24\n", true),
        ("## Last commit: today\nversion 1;\nsecurity {\n  zones {\n  }\n}\n", true),
        ("security {\n    policies {\n        default-policy deny-all;\n    }\n}\n", true),
        ("set firewall name A default-action drop\n", false),
        ("set interfaces ethernet eth0 address dhcp\n", false),
        ("firewall {\n  name A {\n  }\n}\n", false),
        ("config system interface\n  set ip 10.0.0.1 255.255.255.0\nend\n", false),
        ("", false),
    ] {
        assert_eq!(detect(text), wanted, "{text}");
    }
}

#[test]
fn ten_thousand_policies_are_read_and_decided() {
    let mut policies = String::new();
    for n in 0..10_000 {
        policies += &policy(&format!("P{n}"), "match application junos-https; match source-address A; then deny");
    }
    policies += &policy("all", "then permit");
    let text = config(NAT, &policies, "set security address-book global address A 198.51.100.7/32\n");
    assert_eq!(verdict(&device(&text), Service::IKE), "passes");
}

#[test]
fn junk_and_pager_remnants_do_no_harm() {
    let paged = good().replacen("set interfaces", "---(more)--- \u{8}\u{8} \u{8}set interfaces", 1).replace('\n', "\r\n");
    assert_eq!(verdict(&read(&paged, 0).0, Service::IKE), "passes");
    for junk in [
        "{",
        "}",
        "[",
        "]",
        ";",
        "a [",
        "a { b",
        "set \"",
        "insert",
        "insert a before",
        "deactivate",
        "set security nat static rule-set a rule b\n",
        "security { nat { destination; } }",
    ] {
        assert!(verdict(&read(junk, 0).0, Service::IKE).starts_with("undecided"), "{junk}");
    }
}
