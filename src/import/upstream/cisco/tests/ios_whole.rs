//! Whole files of IOS: what breaks off, what is hidden, what is large.

use super::ios_nat::{BOTH, Config};
use super::*;

#[test]
fn a_file_that_breaks_off_anywhere_proves_nothing() {
    let wan = " ip access-group OUTSIDE in\n crypto map M\n";
    let more = "ip access-list extended OUTSIDE\n permit udp any host 203.0.113.10 eq isakmp\n deny ip any any\n!\nobject-group network G\n host 10.0.0.1\n";
    let text = Config { wan, nat: BOTH, more, ..Config::default() }.text();
    let whole = text.trim_end().len();
    for end in 0..whole {
        let (device, remarks, _) = ios::read(&text[..end], 0);
        let answer = verdict(&device, Service::IKE);
        assert!(answer.starts_with("undecided"), "{answer}: {}", &text[..end]);
        assert!(remarks.iter().any(|r| r.kind == RemarkKind::Elsewhere), "{}", &text[..end]);
        assert!(remarks.iter().all(|r| r.kind != RemarkKind::Dangling), "{}", &text[..end]);
        assert!(answers(&device, Service::IKE).starts_with("undecided"));
    }
    assert_eq!(verdict(&ios::read(&text, 0).0, Service::IKE), "passes");
}

#[test]
fn free_text_is_no_statement() {
    let more = "banner motd ^C\nip access-list extended OUTSIDE\n deny ip any any\n^C\nbanner login # no entry #\ncrypto pki certificate chain T\n certificate self-signed 01 nvram:IOS-Self-Sig#1.cer\n\
        crypto pki certificate chain U\n certificate ca 01\n  30820240 308201A9\n  \tquit\nip access-list extended OUTSIDE\n permit udp any any eq isakmp\n";
    assert_eq!(Config { wan: " ip access-group OUTSIDE in\n", nat: BOTH, more, ..Config::default() }.ike(), "passes");
}

#[test]
fn a_fragment_says_what_it_says_and_no_more() {
    // A list alone is bound to nothing that is known.
    let list = "ip access-list extended OUTSIDE\n permit udp any any eq isakmp\n";
    assert!(verdict(&ios::read(list, 0).0, Service::IKE).starts_with("undecided"));
    let ended = [list, "end\n"].concat();
    assert!(verdict(&ios::read(&ended, 0).0, Service::IKE).contains("no interface"));
    // What is written counts, as far as it goes.
    let text = Config { nat: &BOTH.replace("1.4", "1.9"), ..Config::default() }.text().replace("\nend\n", "\n");
    assert_eq!(verdict(&ios::read(&text, 0).0, Service::IKE), "goes to 192.168.1.9");
    let text = Config { nat: BOTH, ..Config::default() }.text().replace("\nend\n", "\n");
    let why = "undecided: the configuration breaks off before its end (`show running-config` prints `end` there)";
    assert_eq!(verdict(&ios::read(&text, 0).0, Service::IKE), why);
}

#[test]
fn lines_pasted_without_blanks_and_with_prompts_read_the_same() {
    let more = "ip access-list extended OUTSIDE\n permit udp any host 203.0.113.10 eq isakmp\n deny ip any any\n!\nobject-group network MXS\n host 203.0.113.10\n";
    let text = Config { wan: " ip access-group OUTSIDE in\n", nat: BOTH, more, ..Config::default() }.text();
    let flat: String = text.lines().map(|line| line.trim_start().to_owned() + "\n").collect();
    let typed: String = text.lines().map(|line| format!("edge(config)#{}\n", line.trim_start())).collect();
    let windows = text.replace('\n', "\r\n");
    let paged =
        text.replace("interface GigabitEthernet0/1", " --More-- \u{8}\u{8}\u{8}        \u{8}\u{8}\u{8}interface GigabitEthernet0/1");
    let strip = |text: &str| {
        let device = ios::read(text, 0).0;
        (
            verdict(&device, Service::IKE),
            verdict(&device, Service::NAT_T),
            device.lines().map(|(_, line)| line.to_string()).collect::<Vec<_>>(),
        )
    };
    let wanted = strip(&text);
    assert_eq!(wanted.0, "passes");
    for (case, other) in [("flat", flat), ("typed", typed), ("windows", windows), ("paged", paged)] {
        assert_eq!(strip(&other), wanted, "{case}");
    }
}

/// A configuration with a secret in every place that has one.
const SECRETS: &str = "! CANARY-comment
version 15.7
service password-encryption
hostname edge
enable secret 5 CANARY-enable
enable password 7 CANARY-enable7
aaa new-model
username admin privilege 15 secret 9 CANARY-user
crypto isakmp key CANARY-isakmp address 198.51.100.1
crypto isakmp key 6 CANARY-isakmp6 hostname hq.example.com
crypto keyring K
  pre-shared-key address 0.0.0.0 0.0.0.0 key CANARY-ring
crypto ikev2 keyring K2
 peer HQ
  pre-shared-key local CANARY-ikev2
crypto isakmp client configuration group REMOTE
 key CANARY-group
crypto pki certificate chain TP-self-signed-1
 certificate self-signed 01
  CANARY30 82024130 820201AA
  ip access-list extended CANARY
  	quit
key chain EIGRP
 key 1
  key-string CANARY-chain
banner motd ^C
CANARY-banner
ip nat inside source static udp 1.1.1.1 500 CANARY-banner 500
^C
interface GigabitEthernet0/0
 description CANARY-description
 ip address dhcp client-id CANARY hostname CANARY
 ip nat outside
 ip ospf message-digest-key 1 md5 CANARY-ospf
 ppp chap password 0 CANARY-chap
 standby 1 authentication CANARY-hsrp
 crypto map CM
interface Dot11Radio0
 ssid x
  wpa-psk ascii 0 CANARY-wpa
router bgp 65000
 neighbor 198.51.100.2 password CANARY-bgp
snmp-server community CANARY-community RO 10
snmp-server user u g v3 auth sha CANARY-auth priv aes 128 CANARY-priv
tacacs-server host 10.0.0.1 key CANARY-tacacs
radius server R
 key CANARY-radius
ntp authentication-key 1 md5 CANARY-ntp
ip nat inside source static udp 192.168.1.4 500 interface GigabitEthernet0/0 500 CANARY-odd
ip ftp password CANARY-ftp
ip access-list extended OUTSIDE
 remark CANARY-remark
 permit udp any any eq isakmp CANARY-word
 CANARY-line
object-group network G
 description CANARY
 host 10.0.0.1
 CANARY-member
access-list 101 remark CANARY
access-list 101 permit udp any any eq CANARY
CANARY-statement
line con 0
 password 7 CANARY-line
event manager applet A
 action 1 cli command \"CANARY\"
end
";

#[test]
fn no_secret_is_shown_of_a_whole_file_or_a_part() {
    for end in (0..=SECRETS.len()).filter(|end| SECRETS.is_char_boundary(*end)) {
        let text = &SECRETS[..end];
        let (device, remarks, secrets) = ios::read(text, 0);
        let shown = shown(text, &secrets);
        assert!(!shown.contains("CANARY"), "{shown}");
        assert!(remarks.iter().all(|r| !r.message.contains("CANARY")));
        assert!(device.chains.iter().all(|c| !c.name.contains("CANARY")));
    }
    let (_, _, secrets) = ios::read(SECRETS, 0);
    let shown = shown(SECRETS, &secrets);
    for word in ["ip nat outside", "interface GigabitEthernet0/0", " permit udp any any eq isakmp *", "object-group network G\n"] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
}

#[test]
fn unknown_statements_are_listed_and_known_ones_are_not() {
    let (_, remarks, _) = ios::read(SECRETS, 0);
    let unknown = told(SECRETS, &remarks, RemarkKind::Unknown);
    assert_eq!(unknown, ["CANARY-odd", "CANARY-word", "CANARY-line", "eq", "CANARY-statement"]);
}

#[test]
fn ten_thousand_entries_are_read_and_decided() {
    let mut entries = String::from("ip access-list extended OUTSIDE\n");
    for n in 0..10_000 {
        entries += &format!(" deny tcp host 198.51.{}.{} any eq {}\n", n / 250, n % 250, n % 1000);
    }
    entries += " permit udp any any eq isakmp\n";
    let device = Config { wan: " ip access-group OUTSIDE in\n", nat: BOTH, more: &entries, ..Config::default() }.device();
    assert!(device.lines().count() > 10_000);
    assert_eq!(verdict(&device, Service::IKE), "passes");
}

#[test]
fn groups_that_hold_each_other_many_times_over_cost_nothing() {
    let mut more = String::new();
    for n in 0..30 {
        more += &format!("object-group network g{n}\n");
        more += &format!(" group-object g{}\n", n + 1).repeat(20);
    }
    more += "object-group network g30\n host 203.0.113.10\nip access-list extended OUTSIDE\n permit udp any object-group g0 eq isakmp\n";
    assert_eq!(Config { wan: " ip access-group OUTSIDE in\n", nat: BOTH, more: &more, ..Config::default() }.ike(), "passes");
}

#[test]
fn junk_is_read_without_harm() {
    for junk in [
        "ip",
        "no",
        "default",
        "interface",
        "no interface",
        "ip access-list",
        "ip access-list extended",
        "access-list",
        "access-list 101",
        "ip nat",
        "ip nat inside source static",
        "ip nat inside source static network 1.1.1.1 2.2.2.2",
        "ip nat inside source static udp 1.1.1.1 99999 2.2.2.2 1",
        "ip nat inside source static network 1.1.1.1 2.2.2.2 /99",
        "object-group network",
        "class-map type inspect",
        "policy-map type inspect",
        "zone-pair security",
        "zone-pair security A source B",
        "crypto map",
        "crypto map X local-address",
        "banner motd",
        "banner motd ^",
        "certificate",
        "interface X\ntunnel source",
        "interface X\nip address 1.1.1.1",
        "interface X\nip access-group",
        "ip access-list extended A\n4294967295 permit ip any any\npermit ip any any",
        "edge#",
        "#",
        "\u{fc}#x",
        "banner motd \u{fc}a",
        "access-list 101 permit udp any 1.2.3.4 85.85.85.85 eq 5\n",
        "access-list 101 permit udp any 1.2.3.4 0.255.255.0\n",
    ] {
        for text in
            [junk.to_owned(), [junk, "\nend\n"].concat(), ["interface Z\nip access-group 101 in\nip nat outside\n", junk, "\nend"].concat()]
        {
            let (device, _, _) = ios::read(&text, 0);
            verdict(&device, Service::IKE);
            answers(&device, Service::IKE);
        }
    }
}

#[test]
#[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "a test that reads files outside of the crate when they are there")]
fn real_files_are_read_and_nothing_of_them_is_unknown() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/upstream/cisco-ios");
    for (file, lines) in [("acl-vpn-extended.cfg", 8), ("batfish-ios-nat-static", 5), ("static-pat-ccie-note.cfg", 2)] {
        let Ok(text) = std::fs::read_to_string(folder.join(file)) else {
            eprintln!("skipped: no corpus");
            continue;
        };
        assert!(is_ios(&text) && !is_asa(&text), "{file}");
        let (device, remarks, _) = ios::read(&text, 0);
        assert_eq!(told(&text, &remarks, RemarkKind::Unknown), Vec::<&str>::new(), "{file}");
        // And the doubt about the rest of the file, once behind the translations and once in a list of its own.
        let rest = device.lines().filter(|(_, line)| matches!(line.action, Action::Opaque(_))).count();
        assert_eq!(device.lines().count() - rest, lines, "{file}");
    }
}
