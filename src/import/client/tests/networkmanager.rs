use super::*;

fn read(text: &str) -> Read<'_> {
    read_as(Format::NetworkManager, text)
}

/// A connection whose `[vpn]` section goes on with `inner`.
fn l2tp(inner: &str) -> String {
    format!(
        "[connection]\nid=office\ntype=vpn\n\n[vpn]\nservice-type=org.freedesktop.NetworkManager.l2tp\ngateway=vpn.example.com\nipsec-enabled=yes\n{inner}\n"
    )
}

const WHOLE: &str = r"# formerly ipsec-psk=CANARY-old
[connection]
id=Büro\sOst
type=vpn

[vpn]
service-type=org.freedesktop.NetworkManager.l2tp
gateway = vpn.example.com
user=ann@example.com
password-flags=0
ipsec-enabled=yes
machine-auth-type=psk
ipsec-ike=aes128-sha1-modp2048, 3des-sha1;modp1024!
ipsec-esp=aes128-sha1
refuse-pap=yes
refuse-eap=yes
require-mppe=no
require-mppe-128=yes
mschap-v2=CANARY-under-a-wrong-key

[vpn-secrets]
ipsec-psk=0sQ0FOQVJZLTc=
password=CANARY-password-1

[ipv4]
dns=192.168.10.2;
dns-search=~example.net;corp.example.com;
never-default=true
route1=192.168.10.0/24,192.168.100.1,1
route2=10.0.0.0/16
route2_options=mtu=1000
method=auto
";

#[test]
fn a_whole_connection_is_read_with_its_places() {
    let read = read(WHOLE);
    let client = read.client();
    assert_eq!((client.name.value.as_str(), read.at(client.name.span)), ("Büro Ost", r"Büro\sOst"));
    assert_eq!(client.format, Some("networkmanager"));
    assert_eq!(read.at(client.profile.unwrap()), "vpn");
    assert_eq!(read.shown(&client.tunnel_type), "L2tp @ org.freedesktop.NetworkManager.l2tp");
    assert_eq!(read.shown(&client.server), "Name(\"vpn.example.com\") @ vpn.example.com");
    assert_eq!(read.shown(&client.user), "\"ann@example.com\" @ ann@example.com");
    assert_eq!(read.shown(&client.ipsec_authentication), "PreSharedKey @ psk");
    assert!(read.key_is("CANARY-7"));
    assert_eq!(read.at(client.pre_shared_key.span().unwrap()), "0sQ0FOQVJZLTc=");
    assert_eq!(read.list(&client.ike), "\"aes128-sha1-modp2048\" @ aes128-sha1-modp2048; \"3des-sha1-modp1024\" @ 3des-sha1;modp1024!; ");
    assert_eq!(read.list(&client.esp), "\"aes128-sha1\" @ aes128-sha1; \"default\" @ aes128-sha1; ");
    assert_eq!(read.list(&client.authentication), "Chap @ vpn; MsChap @ vpn; MsChapV2 @ vpn; ");
    assert_eq!(client.authentication.span().map(|s| s.start as usize - 100), WHOLE.find("refuse-pap=").map(|n| n + 11));
    assert_eq!(read.shown(&client.require_mppe), "true @ yes");
    assert_eq!(read.shown(&client.split_tunnel), "true @ true");
    assert_eq!(read.list(&client.routes), "192.168.10.0/24 @ 192.168.10.0/24; 10.0.0.0/16 @ 10.0.0.0/16; ");
    assert_eq!(read.list(&client.dns_nameservers), "192.168.10.2 @ 192.168.10.2; ");
    assert_eq!(read.shown(&client.dns_suffix), "\"corp.example.com\" @ corp.example.com");
    assert_eq!(read.shown(&client.aggressive_mode), "false @ vpn");
    assert!(client.os.is_absent());
    assert_eq!(read.problems(), Vec::<String>::new());
    assert_eq!(read.remarked(), ["mschap-v2: holds `mschap-v2`, which is no option of the L2TP plugin: it starts no connection"]);
}

#[test]
fn however_it_is_cut_no_key_is_left_uncovered() {
    let secrets = ["CANARY-old", "CANARY-under-a-wrong-key", "0sQ0FOQVJZLTc=", "CANARY-password-1"];
    cut_everywhere(Format::NetworkManager, WHOLE, &secrets);
    cut_everywhere(Format::NetworkManager, &WHOLE.replace('\n', "\r\n"), &secrets);
    cut_everywhere(
        Format::NetworkManager,
        "ipsec-psk=CANARY-1\n[vpn]\nipsec-psk\n=CANARY-2\nCANARY-3\n",
        &["CANARY-1", "CANARY-2", "CANARY-3"],
    );
}

#[test]
fn keys_are_decoded_as_the_plugin_does() {
    for (value, text) in [
        ("0sQ0FOQVJZ", "CANARY"),
        // As `base64 <<<` makes it: the line break is part of the key.
        ("0sQ0FOQVJZCg==", "CANARY\n"),
        ("  CAN;ARY  # no comment ", "CAN;ARY  # no comment "),
        ("\u{3000}CANARY\u{a0}", "\u{3000}CANARY\u{a0}"),
        (r"\sCAN\\ARY\n", " CAN\\ARY\n"),
        ("", ""),
    ] {
        for text_of_file in [l2tp(&format!("ipsec-psk={value}")), l2tp(&format!("[vpn-secrets]\nipsec-psk={value}"))] {
            let read = read(&text_of_file);
            assert!(read.key_is(text), "{value}");
            assert_eq!(read.client().pre_shared_key.value().unwrap().origin, crate::model::KeyOrigin::Profile("networkmanager"));
            assert_eq!(read.problems(), Vec::<String>::new());
        }
    }
    let both = l2tp("ipsec-psk=CANARY-old\n[vpn-secrets]\nipsec-psk=CANARY-first\nipsec-psk=CANARY-last");
    assert!(read(&both).key_is("CANARY-last"));
    for (value, why) in [
        (r"CAN\ARY", "the key holds an escape that key files do not know"),
        ("0sCANARY!", "the key is not valid base64"),
        ("${PSK}", "the profile is a template: its key is not filled in"),
    ] {
        assert_eq!(read(&l2tp(&format!("ipsec-psk={value}"))).no_key(), why, "{value}");
    }
    assert_eq!(read(&l2tp("")).no_key(), "-");
}

#[test]
fn near_misses_survive_the_reading() {
    let text = l2tp("ipsec-psk=0sQ0FOQVJZCg==");
    let read = read(&text);
    assert!(read.client().pre_shared_key.value().unwrap().secret.near_miss(&Secret::new("CANARY")).is_some());
}

#[test]
fn ipsec_must_be_switched_on_with_the_one_word() {
    for (line, seen) in [
        ("ipsec-enabled=yes", "L2tp @ org.freedesktop.NetworkManager.l2tp"),
        ("ipsec-enabled=no", "BareL2tp @ no"),
        ("", "BareL2tp @ org.freedesktop.NetworkManager.l2tp"),
        ("ipsec-enabled=true", "? `ipsec-enabled` is neither `yes` nor `no` @ true"),
        ("ipsec-enabled=yes\nipsec-ikev2=yes", "Ikev2 @ yes"),
        ("nonsense", "? the profile has a syntax error @ org.freedesktop.NetworkManager.l2tp"),
    ] {
        let text = l2tp("").replace("ipsec-enabled=yes", line);
        let read = read(&text);
        assert_eq!(read.shown(&read.client().tunnel_type), seen, "{line}");
    }
}

#[test]
fn the_plugin_refuses_what_it_does_not_know() {
    for (lines, seen) in [
        ("ipsec-pfs=1", &["1: sets `ipsec-pfs` to neither `yes` nor `no`, and the L2TP plugin starts no connection"][..]),
        ("mru-size=1", &["mru-size: holds `mru-size`, which is no option of the L2TP plugin: it starts no connection"]),
        ("ipsec-psk=0sCANARY!", &["0sCANARY!: begins its key with `0s`, and what follows is not the base64 of a text"]),
        ("ipsec-psk=0scanary secret", &["0scanary secret: begins its key with `0s`, and what follows is not the base64 of a text"]),
        ("refuse-eap=yes # no EAP", &["yes # no EAP: has a comment behind its `refuse-eap`, which is part of the value"]),
        ("user=ann ; of sales", &["ann ; of sales: has a comment behind its `user`, which is part of the value"]),
        ("ipsec-psk=CANARY # old", &["CANARY # old: has a comment behind its `ipsec-psk`, which is part of the value"]),
        ("ipsec-psk=CANARY #old ; x", &[]),
        ("ipsec-psk=0x43414e415259", &[]),
        ("user=a#b;c", &[]),
        ("refuse-eap={{ eap }}", &[]),
    ] {
        assert_eq!(read(&l2tp(lines)).remarked(), seen, "{lines}");
    }
}

#[test]
fn the_user_is_in_its_domain() {
    let text = l2tp("user=ann\ndomain=CORP");
    assert_eq!(read(&text).client().user.value().map(String::as_str), Some(r"CORP\ann"));
}

#[test]
fn hexadecimal_is_no_encoding_of_the_plugins() {
    let text = l2tp("ipsec-psk=0x43414e415259");
    assert!(read(&text).key_is("0x43414e415259"));
}

#[test]
fn what_is_not_refused_is_allowed() {
    for (lines, seen) in [
        ("", "Pap @ vpn; Chap @ vpn; MsChap @ vpn; MsChapV2 @ vpn; Eap @ vpn; "),
        ("refuse-chap=yes\nrefuse-pap=no", "Pap @ no; MsChap @ vpn; MsChapV2 @ vpn; Eap @ vpn; "),
        ("user-auth-type=tls", "Eap @ tls; "),
        ("refuse-pap=true", "? `refuse-pap` is neither `yes` nor `no` @ true"),
    ] {
        let text = l2tp(lines);
        let read = read(&text);
        assert_eq!(read.list(&read.client().authentication), seen, "{lines}");
    }
}

#[test]
fn what_is_not_demanded_is_not_demanded() {
    for (lines, seen) in [
        ("", "false @ vpn"),
        ("require-mppe=no", "false @ no"),
        ("require-mppe=no\nrequire-mppe-40=yes", "true @ yes"),
        ("require-mppe=true\nrequire-mppe-40=no", "? `require-mppe` is neither `yes` nor `no` @ true"),
        ("nonsense", "? the profile has a syntax error @ vpn"),
    ] {
        let text = l2tp(lines);
        let read = read(&text);
        assert_eq!(read.shown(&read.client().require_mppe), seen, "{lines}");
    }
}

#[test]
fn a_group_name_is_an_identity_in_main_mode() {
    for (lines, seen) in
        [("", "false @ vpn"), ("ipsec-group-name=sales", "false @ vpn"), ("nonsense", "? the profile has a syntax error @ vpn")]
    {
        let text = l2tp(lines);
        let read = read(&text);
        assert_eq!(read.shown(&read.client().aggressive_mode), seen, "{lines}");
    }
}

#[test]
fn a_broken_file_says_nothing_by_what_it_leaves_out() {
    let text = l2tp("nonsense");
    let read = read(&text);
    assert_eq!(read.shown(&read.client().ipsec_authentication), "? the profile has a syntax error @ org.freedesktop.NetworkManager.l2tp");
}

#[test]
fn certificates_are_told_from_keys() {
    let text = l2tp("machine-auth-type=tls");
    assert_eq!(read(&text).client().ipsec_authentication.value(), Some(&crate::model::IpsecAuthentication::Certificate));
    let text = l2tp("");
    let none = read(&text);
    assert_eq!(none.shown(&none.client().ipsec_authentication), "PreSharedKey @ org.freedesktop.NetworkManager.l2tp");
    let text = l2tp("ipsec-psk=CANARY");
    let read = read(&text);
    assert_eq!(read.shown(&read.client().ipsec_authentication), "PreSharedKey @ ipsec-psk");
}

#[test]
fn the_plugins_own_export_is_read_too() {
    let text =
        l2tp("[ip4]\ndns=192.168.10.2,192.168.10.3\nroutes=192.168.10.0/24 via 192.168.100.1 metric 1;10.0.0.0/16;\nnever-default=yes");
    let read = read(&text);
    assert_eq!(read.list(&read.client().routes), "192.168.10.0/24 @ 192.168.10.0/24; 10.0.0.0/16 @ 10.0.0.0/16; ");
    assert_eq!(read.list(&read.client().dns_nameservers), "192.168.10.2 @ 192.168.10.2; 192.168.10.3 @ 192.168.10.3; ");
    assert_eq!(read.shown(&read.client().split_tunnel), "true @ yes");
}

#[test]
fn other_connections_are_told_apart() {
    assert!(read("[connection]\ntype=wifi\n[wifi-security]\npsk=CANARY-wifi\n").profiles.is_empty());
    let openvpn = l2tp("").replace(".l2tp", ".openvpn");
    let openvpn = read(&openvpn);
    assert!(openvpn.profiles.is_empty());
    assert_eq!(openvpn.problems(), ["org.freedesktop.NetworkManager.openvpn: the connection is no L2TP connection"]);
    let pptp = l2tp("").replace(".l2tp", ".pptp");
    let pptp = read(&pptp);
    assert_eq!(pptp.client().tunnel_type.value(), Some(&crate::model::TunnelType::Pptp));
    assert!(pptp.client().server.known().is_some() && pptp.client().authentication.is_absent());
}
