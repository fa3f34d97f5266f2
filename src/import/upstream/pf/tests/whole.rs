//! Whole files: what breaks off, what is hidden, what ends IPsec.

use super::*;

/// A configuration with a secret of every kind, and a rule in words of its own.
const SECRETS: &str = "<?xml version=\"1.0\"?>
<pfsense><!-- CANARY-comment -->
<system><user><name>admin</name><bcrypt-hash>CANARY-hash</bcrypt-hash><authorizedkeys>CANARY-keys</authorizedkeys></user></system>
<interfaces><wan><enable/><ipaddr>pppoe</ipaddr><if>pppoe0</if></wan></interfaces>
<ppps><ppp><password>CANARY-ppp</password></ppp></ppps>
<ipsec><phase1><interface>wan</interface><pre-shared-key>CANARY-psk</pre-shared-key><private-key><![CDATA[CANARY-key]]></private-key></phase1></ipsec>
<openvpn><openvpn-server><tls>CANARY-tls</tls></openvpn-server></openvpn>
<cert><crt>CANARY-crt</crt><prv>CANARY-prv</prv></cert>
<snmpd><rocommunity>CANARY-community</rocommunity></snmpd>
<filter><rule key=\"CANARY-attribute\"><type>pass</type><interface>wan</interface><source><any/></source><destination><any/></destination><odd>CANARY-odd</odd></rule></filter>
</pfsense>";

fn shown(text: &str, secrets: &[Span]) -> String {
    let mut shown: Vec<u8> = text.bytes().collect();
    for span in secrets {
        shown[span.start as usize..span.end as usize].fill(b'*');
    }
    String::from_utf8(shown).unwrap()
}

#[test]
fn no_secret_is_shown_of_a_whole_file_or_a_part() {
    for end in 0..=SECRETS.len() {
        let text = &SECRETS[..end];
        let (_, remarks, secrets) = read(Pfsense, text, 0);
        assert!(!shown(text, &secrets).contains("CANARY"), "{}", shown(text, &secrets));
        assert!(remarks.iter().all(|r| !r.message.contains("CANARY")));
    }
    let (_, _, secrets) = read(Pfsense, SECRETS, 0);
    for word in ["<type>pass</type>", "<interface>wan</interface>", "<ipaddr>pppoe</ipaddr>"] {
        assert!(shown(SECRETS, &secrets).contains(word), "{word}");
    }
}

#[test]
fn tags_that_do_not_fit_give_nothing_away() {
    for text in [
        "<pfsense><filter><rule><descr></filter><cert><prv>CANARY</prv>",
        "<pfsense><filter></pfsense><cert>CANARY</cert>",
        "<opnsense><OPNsense><Swanctl><preSharedKeys><preSharedKey><Key>CANARY</Key></preSharedKey></preSharedKeys></Swanctl></OPNsense></opnsense>",
        "<opnsense><OPNsense><wireguard><server><servers><server><name>wg</name><privkey>CANARY</privkey></server></servers></server></wireguard></OPNsense></opnsense>",
        "<opnsense><OPNsense><captiveportal><templates><template><content>CANARY</content></template></templates></captiveportal></OPNsense></opnsense>",
        "<!DOCTYPE x [<!ENTITY k \"CANARY\">]><pfsense><filter><rule><descr>&k;</descr></rule></filter></pfsense>",
    ] {
        let secrets = read(Pfsense, text, 0).2;
        assert!(!shown(text, &secrets).contains("CANARY"), "{}", shown(text, &secrets));
    }
}

#[test]
fn file_that_breaks_off_anywhere_proves_nothing() {
    let float = rule("<type>block</type><floating>yes</floating><quick>yes</quick><direction>in</direction>");
    for flavour in [Pfsense, Opnsense] {
        let text = Config { nat: &rdr(""), filter: &(PASS.to_owned() + &float), ..Config::default() }.text(flavour);
        for end in 0..text.len() {
            let (device, remarks, _) = read(flavour, &text[..end], 0);
            let answer = verdict(&device, Service::IKE);
            assert!(answer.starts_with("undecided"), "{answer}: {}", &text[..end]);
            assert!(!device.terminates.is_absent() && device.terminates.known().is_none());
            assert!(remarks.iter().any(|r| r.kind == RemarkKind::Syntax), "{}", &text[..end]);
        }
        assert_eq!(
            verdict(&read(flavour, &text, 0).0, Service::IKE),
            "dropped by deny any any -> any, hides permit udp any -> 192.168.1.4:500-4500"
        );
    }
}

#[test]
fn unknown_parts_are_listed_and_leave_the_rule_in_doubt() {
    let filter = rule("<moon>full</moon><empty/><off>0</off>");
    let text = Config { nat: &rdr(""), filter: &filter, more: "<quantum><a/></quantum>", ..Config::default() }.text(Opnsense);
    let (device, remarks, _) = read(Opnsense, &text, 0);
    let unknown: Vec<_> = remarks.iter().map(|r| (r.kind, &text[r.span.start as usize..r.span.end as usize])).collect();
    assert_eq!(unknown, [(RemarkKind::Unknown, "<quantum"), (RemarkKind::Unknown, "<moon")]);
    assert_eq!(verdict(&device, Service::IKE), "undecided: the rule has a part that is not followed");
}

#[test]
fn ipsec_of_the_device_itself_is_found() {
    let phase = |parts: &str| {
        format!(
            "<ipsec><phase1><ikeid>1</ikeid><interface>wan</interface><remote-gateway>198.51.100.1</remote-gateway>{parts}</phase1></ipsec>"
        )
    };
    let swan = "<OPNsense><IPsec><general><enabled>1</enabled></general></IPsec><Swanctl><Connections><Connection uuid=\"1\"><enabled>1</enabled><local_addrs>203.0.113.10</local_addrs></Connection></Connections></Swanctl></OPNsense>";
    let ends = |flavour, more: &str| match device(flavour, Config { more, ..Config::default() }).terminates {
        Field::Known(ends) => ends.value.len().to_string(),
        Field::Opaque(opaque) => opaque.reason.to_string(),
        Field::Absent => "absent".into(),
    };
    assert_eq!(ends(Pfsense, ""), "0");
    assert_eq!(ends(Pfsense, &phase("")), "1");
    assert_eq!(ends(Pfsense, &phase("<disabled/>")), "0");
    assert_eq!(ends(Opnsense, &phase("")), "whether IPsec is on is not in the file");
    assert_eq!(ends(Opnsense, &phase("").replace("<phase1>", "<enable>1</enable><phase1>")), "1");
    assert_eq!(ends(Opnsense, swan), "1");
    assert_eq!(ends(Opnsense, &swan.replace("<general><enabled>1", "<general><enabled>0")), "0");
    assert_eq!(ends(Pfsense, "<l2tp><mode>off</mode></l2tp>"), "0");
    let other = phase("").replace("<interface>wan", "<interface>lan");
    let edge = device(Pfsense, Config { more: &other, ..Config::default() });
    assert_eq!(edge.terminates.items()[0].address.value(), Some(&Ipv4Addr::new(192, 168, 1, 1)));
}

#[test]
fn interfaces_tell_the_wan_where_only_one_can_be_it() {
    let edge = device(Pfsense, Config::default());
    assert_eq!(edge.wan_interface.value().map(|n| &**n), Some("wan"));
    assert_eq!(edge.wan_ip.value(), Some(&Ipv4Addr::new(203, 0, 113, 10)));
    let text = Config::default().text(Pfsense).replace("</interfaces>", "<opt1><enable/><ipaddr>dhcp</ipaddr></opt1></interfaces>");
    let two = read(Pfsense, &text, 0).0;
    assert!(two.wan_interface.is_absent() && two.wan_ip.is_absent());
    let missing = rule("<interface>opt7</interface>");
    let remarks = read(Pfsense, &Config { filter: &missing, ..Config::default() }.text(Pfsense), 0).1;
    assert_eq!(remarks.iter().map(|r| r.kind).collect::<Vec<_>>(), [RemarkKind::Dangling]);
}

#[test]
fn outbound_nat_towards_the_inside_hides_the_source_from_rules_there() {
    let nat = |interface: &str| {
        rdr("")
            + &format!(
                "<outbound><mode>hybrid</mode><rule><source><network>any</network></source><interface>{interface}</interface></rule></outbound>"
            )
    };
    let filter = PASS.to_owned()
        + &rule(
            "<type>block</type><floating>yes</floating><quick/><direction>out</direction><interface>lan</interface><source><address>198.51.0.0/16</address></source>",
        );
    let dropped = ike(Pfsense, Config { nat: &nat("wan"), filter: &filter, ..Config::default() });
    assert_eq!(dropped, "passes", "a small share");
    let filter = filter.replace("198.51.0.0/16", "128.0.0.0/1");
    assert_eq!(
        ike(Pfsense, Config { nat: &nat("wan"), filter: &filter, ..Config::default() }),
        "restricted by deny any 128.0.0.0/1 -> any"
    );
    assert_eq!(
        ike(Pfsense, Config { nat: &nat("lan"), filter: &filter, ..Config::default() }),
        "undecided: outbound NAT changes the source before this rule sees it"
    );
}

#[test]
fn aliases_that_hold_each_other_many_times_over_cost_nothing() {
    let mut more = String::from("<aliases>");
    for n in 0..30 {
        let kind = if n % 2 == 0 { "host" } else { "network" };
        more += &["<alias><name>a", &n.to_string(), "</name><type>", kind, "</type><address>"].concat();
        more += &[" a", &(n + 1).to_string()].concat().repeat(20);
        more += "</address></alias>";
    }
    more += "<alias><name>a30</name><type>host</type><address>192.168.1.4</address></alias></aliases>";
    let filter = rule("<destination><address>a0</address></destination>");
    assert_eq!(both(Config { nat: &rdr(""), filter: &filter, more: &more, ..Config::default() }), "passes");
}

#[test]
fn ten_thousand_rules_are_read_and_decided() {
    let block = rule("<type>block</type><protocol>tcp</protocol><source><address>198.51.100.7</address></source>");
    let filter = block.repeat(10_000) + PASS;
    let edge = device(Pfsense, Config { nat: &rdr(""), filter: &filter, ..Config::default() });
    assert_eq!(edge.lines().count(), 10_002);
    assert_eq!(verdict(&edge, Service::IKE), "passes");
}

#[test]
fn several_roots_pager_remnants_and_mixed_line_ends_prove_nothing_wrong() {
    let text = Config { nat: &rdr(""), filter: PASS, ..Config::default() }.text(Pfsense);
    for broken in [
        format!("{text}{text}"),
        text.replacen("<filter>", "<filter>\r\n--More--\r", 1),
        text.replacen("</filter>", "", 1),
        text.replacen("<nat>", "<nat>&nbsp;", 1),
        "<pfsense>".repeat(5000),
        "<pfsense/>".into(),
        "<pfsense>".into(),
        "<pfsense><filter><rule/></filter><nat><rule/><onetoone/></nat></pfsense>".into(),
    ] {
        for flavour in [Pfsense, Opnsense] {
            let (device, _, _) = read(flavour, &broken, 0);
            let pager = broken.contains("--More--");
            assert_eq!(verdict(&device, Service::IKE) == "passes", pager, "{}", &broken[..broken.len().min(200)]);
        }
    }
}
