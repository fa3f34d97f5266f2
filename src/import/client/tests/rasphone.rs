mod blobs;

use super::*;
use crate::model::RemarkKind;

fn read(text: &str) -> Read<'_> {
    read_as(Format::Rasphone, text)
}

/// An entry as Windows writes it, with `inner` beside the usual keys.
fn entry(name: &str, inner: &str) -> String {
    format!(
        "[{name}]\r\nEncoding=1\r\nPBVersion=8\r\nType=2\r\n{inner}\r\nUseRasCredentials=1\r\nApnInfoPassword=\r\n\r\nNETCOMPONENTS=\r\nms_msclient=1\r\n\r\nMEDIA=rastapi\r\n\
         Port=VPN1-0\r\nDevice=WAN Miniport (L2TP)\r\n\r\nDEVICE=vpn\r\nPhoneNumber=vpn.example.com\r\nAreaCode=\r\n\r\n"
    )
}

const WHOLE: &str = "VpnStrategy=3\r\nAuthRestrictions=552\r\nIpPrioritizeRemote=0\r\nIpDnsAddress=192.168.10.2\r\nIpDns2Address=0.0.0.0\r\nIpNameAssign=2\r\nIpSecFlags=1\r\n\
    IpDnsSuffix=corp.example.com\r\nPreSharedKey=CANARY;7#b \r\nNumCustomPolicy=0\r\nNumRoutes=0";

#[test]
fn a_whole_entry_is_read_with_its_places() {
    let text = entry("Büro; Ost #1", WHOLE);
    let read = read(&text);
    let client = read.client();
    assert_eq!((client.name.value.as_str(), read.at(client.name.span)), ("Büro; Ost #1", "Büro; Ost #1"));
    assert_eq!(client.format, Some("rasphone"));
    assert!(client.is_windows());
    assert_eq!(read.shown(&client.tunnel_type), "L2tp @ 3");
    assert_eq!(read.shown(&client.server), "Name(\"vpn.example.com\") @ vpn.example.com");
    assert_eq!(read.list(&client.authentication), "Pap @ 552; Chap @ 552; MsChapV2 @ 552; ");
    assert_eq!(read.shown(&client.ipsec_authentication), "PreSharedKey @ 1");
    assert_eq!(read.shown(&client.split_tunnel), "true @ 0");
    assert_eq!(read.list(&client.dns_nameservers), "192.168.10.2 @ 192.168.10.2; ");
    assert_eq!(read.shown(&client.dns_suffix), "\"corp.example.com\" @ corp.example.com");
    assert_eq!(read.shown(&client.routes), "[] @ 0");
    assert!(client.ike.is_absent() && client.user.is_absent() && client.require_mppe.is_absent());
    // Neither `;` nor `#` nor the blank at the end is dropped.
    assert!(read.key_is("CANARY;7#b "));
    assert_eq!(client.pre_shared_key.value().unwrap().origin, crate::model::KeyOrigin::Profile("rasphone"));
    assert_eq!(read.problems(), Vec::<String>::new());
}

#[test]
fn each_value_is_read_or_said_to_be_unknown() {
    let of = |line: &str, shown: fn(&Read<'_>) -> String| {
        let text = entry("a", &format!("{line}\r\nVpnStrategy=3"));
        shown(&read(&text))
    };
    for (line, seen) in [
        ("VpnStrategy=0", "Automatic @ 0"),
        ("VpnStrategy=1", "Pptp @ 1"),
        ("VpnStrategy=2", "Automatic @ 2"),
        ("VpnStrategy=4", "Automatic @ 4"),
        ("VpnStrategy=5", "Sstp @ 5"),
        ("VpnStrategy=6", "Automatic @ 6"),
        ("VpnStrategy=7 ", "Ikev2 @ 7 "),
        ("VpnStrategy=8", "Automatic @ 8"),
        ("VpnStrategy=9", "? `VpnStrategy` has a value that names no kind of tunnel @ 9"),
        ("VpnStrategy=12", "Pptp @ 12"),
        ("VpnStrategy=13", "Automatic @ 13"),
        ("VpnStrategy=14", "Ikev2 @ 14"),
        ("VpnStrategy=15", "? `VpnStrategy` 15 means a list of protocols, which is not read @ 15"),
        ("VpnStrategy=99", "? `VpnStrategy` has a value that names no kind of tunnel @ 99"),
        ("VpnStrategy=L2TP", "? `VpnStrategy` of the phone book's entry is no number @ L2TP"),
    ] {
        assert_eq!(of(line, |r| r.shown(&r.client().tunnel_type)), seen, "{line}");
    }
    for (line, seen) in [
        ("AuthRestrictions=8", "Pap @ 8; "),
        ("AuthRestrictions=512", "MsChapV2 @ 512; "),
        ("AuthRestrictions=544", "Chap @ 544; MsChapV2 @ 544; "),
        ("AuthRestrictions=128", "Eap @ 128; "),
        ("AuthRestrictions=2048", "MachineCertificate @ 2048; "),
        ("AuthRestrictions=1040", ""),
        ("AuthRestrictions=0", "? `AuthRestrictions` of the phone book's entry is 0, which names no protocol @ 0"),
        ("X=", "-"),
    ] {
        assert_eq!(of(line, |r| r.list(&r.client().authentication)), seen, "{line}");
    }
    for (line, seen) in [
        ("IpNameAssign=1\r\nIpDnsAddress=192.168.10.2", "-"),
        ("IpNameAssign=2\r\nIpDnsAddress=0.0.0.0\r\nIpDns2Address=192.168.10.3", "192.168.10.3 @ 192.168.10.3; "),
        (
            "IpDnsAddress=192.168.10.2",
            "? the phone book's entry states no `IpNameAssign`, so that its DNS servers may not count @ 192.168.10.2",
        ),
        ("IpNameAssign=2\r\nIpDnsAddress=dns", "? one of the profile's DNS servers is not an IPv4 address @ dns"),
    ] {
        assert_eq!(of(line, |r| r.list(&r.client().dns_nameservers)), seen, "{line}");
    }
    for (line, seen) in [("NumRoutes=x", "? `NumRoutes` of the phone book's entry is no number @ x"), ("X=", "-")] {
        assert_eq!(of(line, |r| r.shown(&r.client().routes)), seen, "{line}");
    }
    for (line, seen) in [
        ("DnsSuffixSearchList=63006F0", "? the phone book's `DnsSuffixSearchList` is not hexadecimal @ 63006F0"),
        ("DnsSuffixSearchList=63006F0072007000\r\nDnsSuffixSearchList=2E00610000000000", "\"corp.a\" @ 63006F0072007000"),
        ("DnsSuffixSearchList=00D80000", "? the phone book's `DnsSuffixSearchList` is not text @ 00D80000"),
        ("IpDnsSuffix=b.example\r\nDnsSuffixSearchList=63006F00", "\"b.example\" @ b.example"),
    ] {
        assert_eq!(of(line, |r| r.shown(&r.client().dns_suffix)), seen, "{line}");
    }
    for (line, seen) in [("IpPrioritizeRemote=1", "false @ 1"), ("IpPrioritizeRemote=7", "? `IpPrioritizeRemote` is neither 0 nor 1 @ 7")] {
        assert_eq!(of(line, |r| r.shown(&r.client().split_tunnel)), seen, "{line}");
    }
    assert_eq!(
        of("IpSecFlags=0", |r| r.shown(&r.client().ipsec_authentication)),
        "? `IpSecFlags` of the phone book's entry does not say that IPsec takes a pre-shared key @ 0"
    );
}

#[test]
fn a_key_that_windows_keeps_elsewhere_is_not_missing() {
    for line in ["PreSharedKey=", "X="] {
        let text = entry("a", &format!("VpnStrategy=3\r\n{line}"));
        assert_eq!(read(&text).no_key(), "the phone book does not hold the key, which Windows keeps elsewhere", "{line}");
    }
    let text = entry("a", "VpnStrategy=3\r\nPresharedKey=CANARY");
    assert_eq!(read(&text).no_key(), "the phone book writes `PreSharedKey` in another case, which Windows may not read");
    let text = entry("a", "VpnStrategy=3\r\nPreSharedKey={0}");
    assert_eq!(read(&text).no_key(), "the profile is a template: its key is not filled in");
    let text = entry("a", "VpnStrategy=7\r\nPreSharedKey=");
    assert_eq!(read(&text).no_key(), "-");
}

#[test]
fn names_that_windows_does_not_read_are_remarked() {
    let text =
        entry("a", "VpnStrategy=3\r\nIPSecSharedKey=CANARY-1\r\nUsePreSharedKey=1").replace("vpn.example.com", "https://vpn.example.com/");
    let read = read(&text);
    let kinds: Vec<_> = read.client().remarks.iter().map(|r| (r.kind, read.at(r.span))).collect();
    assert_eq!(kinds, [(RemarkKind::ServerForm, "https://vpn.example.com/"), (RemarkKind::SecretMisplaced, "IPSecSharedKey")]);
}

#[test]
fn entries_of_other_kinds_are_passed_over() {
    let text = format!(
        "{}{}{}[cable]\r\nType=5\r\nDEVICE=PPPoE\r\n[bare]\r\nMEDIA=rastapi\r\nDevice=WAN Miniport (L2TP)\r\nDEVICE=VPN\r\nPhoneNumber=\r\nPhoneNumber=192.0.2.9\r\n[modem]\r\nMEDIA=serial\r\nDEVICE=modem\r\n",
        entry("a", "VpnStrategy=3"),
        entry("phone", "").replace("Type=2", "Type=1"),
        entry("a", "VpnStrategy=7"),
    );
    let read = read(&text);
    assert_eq!(read.profiles.iter().map(|p| &*p.client.name.value).collect::<Vec<_>>(), ["a", "a", "bare"]);
    let bare = &read.profiles[2].client;
    assert_eq!((read.shown(&bare.server), read.shown(&bare.tunnel_type)), ("Ip(192.0.2.9) @ 192.0.2.9".to_owned(), "-".to_owned()));
    assert_eq!(read.problems(), Vec::<String>::new());
}

#[test]
fn however_it_is_cut_no_key_is_left_uncovered() {
    let text = entry("a", &format!("{WHOLE}\r\nIPSecSharedKey=CANARY-1\r\nCANARY-2 on a line of its own"));
    cut_everywhere(Format::Rasphone, &text, &["CANARY;7#b", "CANARY-1", "CANARY-2 on a line of its own"]);
    cut_everywhere(Format::Rasphone, "PreSharedKey=CANARY-1\n[a]\nPreSharedKey\n=CANARY-2\n", &["CANARY-1", "CANARY-2"]);
}
