//! Whole files of an ASA: what breaks off, what is hidden, what is large.

use super::asa_nat::{BOTH, Config};
use super::*;

const LISTS: &str = "access-list OUTSIDE extended permit udp any host 192.168.1.4 eq isakmp\naccess-list OUTSIDE extended deny ip any any\naccess-group OUTSIDE in interface outside\n";

#[test]
fn a_file_that_breaks_off_anywhere_proves_nothing() {
    let text = Config {
        objects: BOTH,
        lists: LISTS,
        more: "object-group network G\n network-object host 10.0.0.1\ncrypto ikev1 enable outside\n",
        ..Config::default()
    }
    .text();
    let whole = text.trim_end().len();
    for end in 0..whole {
        let (device, remarks, _) = asa::read(&text[..end], 0);
        let answer = verdict(&device, Service::IKE);
        assert!(answer.starts_with("undecided"), "{answer}: {}", &text[..end]);
        assert!(remarks.iter().any(|r| r.kind == RemarkKind::Elsewhere), "{}", &text[..end]);
        assert!(remarks.iter().all(|r| r.kind != RemarkKind::Dangling), "{}", &text[..end]);
    }
    assert_eq!(verdict(&asa::read(&text, 0).0, Service::IKE), "passes");
    let fragment = "access-list OUTSIDE extended permit udp any any eq isakmp\n: end\n";
    assert!(verdict(&asa::read(fragment, 0).0, Service::IKE).contains("no interface"));
}

#[test]
fn banners_are_whole_on_each_line() {
    let more = "banner motd *\nbanner motd ! keep out\ncrypto ca certificate chain T\n certificate 01\n    30820240 308201a9\n  quit\n";
    assert_eq!(Config { objects: BOTH, more, ..Config::default() }.ike(), "passes");
}

#[test]
fn lines_pasted_without_blanks_and_with_prompts_read_the_same() {
    let text = Config { objects: BOTH, lists: LISTS, ..Config::default() }.text();
    let flat: String = text.lines().map(|line| line.trim_start().to_owned() + "\n").collect();
    let typed: String = text
        .lines()
        .map(|line| if line.starts_with(':') { format!("{line}\n") } else { format!("edge(config-if)# {}\n", line.trim_start()) })
        .collect();
    let windows = text.replace('\n', "\r\n");
    let paged = text.replace("interface GigabitEthernet0/1", "<--- More --->\r              \rinterface GigabitEthernet0/1");
    let strip = |text: &str| {
        let device = asa::read(text, 0).0;
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
const SECRETS: &str = ": Saved
: Serial Number: CANARY-serial
ASA Version 9.16(4)
hostname edge
enable password CANARY-enable pbkdf2
passwd CANARY-passwd encrypted
names
name 192.168.1.4 mx description CANARY
interface GigabitEthernet0/0
 description CANARY-description
 nameif outside
 security-level 0
 ip address 203.0.113.10 255.255.255.248 standby 203.0.113.11
 ospf message-digest-key 1 md5 CANARY-ospf
 ospf authentication-key CANARY-ospf
banner motd CANARY-banner
object network MX
 description CANARY
 host 192.168.1.4
object-group network G
 description CANARY
 network-object host 10.0.0.1
 CANARY-member
access-list OUTSIDE remark CANARY
access-list OUTSIDE extended permit udp any object MX eq isakmp CANARY-word
access-list OUTSIDE extended permit udp any object-group G eq 4500
access-list OUTSIDE webtype permit url CANARY
failover key CANARY-failover
failover ipsec pre-shared-key CANARY-failover
object network MX
 nat (inside,outside) static interface service udp 500 500 CANARY-odd
nat (inside,outside) source static MX MX description CANARY
access-group OUTSIDE in interface outside
aaa-server R protocol radius
aaa-server R (inside) host 10.0.0.1
 key CANARY-radius
 radius-common-pw CANARY-common
ldap attribute-map L
 ldap-login-password CANARY-ldap
snmp-server host inside 10.0.0.1 community CANARY-host version 2c
snmp-server community CANARY-community
crypto ikev1 enable outside
crypto map M 10 set ikev1 phase1-mode main CANARY
crypto ca certificate chain T
 certificate 01
    CANARY30 82024130
    access-list OUTSIDE extended permit ip any any
  quit
vpdn username u password CANARY-vpdn
vpdn group g localname CANARY
username admin password CANARY-user pbkdf2 privilege 15
username admin attributes
 ssh authentication publickey CANARY-key hashed
tunnel-group 198.51.100.1 ipsec-attributes
 ikev1 pre-shared-key CANARY-psk
 ikev2 remote-authentication pre-shared-key CANARY-psk2
router bgp 65000
 neighbor 198.51.100.2 password CANARY-bgp
ntp authentication-key 1 md5 CANARY-ntp
key chain K
 key 1
  key-string CANARY-chain
CANARY-statement
prompt hostname context
Cryptochecksum:CANARY
: end
";

#[test]
fn no_secret_is_shown_of_a_whole_file_or_a_part() {
    for end in 0..=SECRETS.len() {
        let text = &SECRETS[..end];
        let (_, remarks, secrets) = asa::read(text, 0);
        let shown = shown(text, &secrets);
        assert!(!shown.contains("CANARY"), "{shown}");
        assert!(remarks.iter().all(|r| !r.message.contains("CANARY")));
    }
    let (_, remarks, secrets) = asa::read(SECRETS, 0);
    let shown = shown(SECRETS, &secrets);
    for word in [
        " nameif outside\n",
        " ip address 203.0.113.10 255.255.255.248 standby 203.0.113.11\n",
        "access-list OUTSIDE extended permit udp any object MX eq isakmp *",
    ] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    assert_eq!(told(SECRETS, &remarks, RemarkKind::Unknown), ["CANARY-member", "CANARY-word", "CANARY-odd", "CANARY-statement"]);
}

#[test]
fn ten_thousand_entries_and_rules_are_read_and_decided() {
    let mut lists = String::new();
    let mut objects = BOTH.to_owned();
    for n in 0..10_000 {
        lists += &format!("access-list OUTSIDE extended deny tcp host 198.51.{}.{} any eq {}\n", n / 250, n % 250, n % 1000);
        objects += &format!(
            "object network H{n}\n host 10.0.{}.{}\n nat (inside,outside) static 198.18.{}.{}\n",
            n / 250,
            n % 250,
            n / 250,
            n % 250
        );
    }
    lists += "access-list OUTSIDE extended permit udp any any eq isakmp\naccess-group OUTSIDE in interface outside\n";
    let device = Config { objects: &objects, lists: &lists, ..Config::default() }.device();
    assert!(device.lines().count() > 20_000);
    assert_eq!(verdict(&device, Service::IKE), "passes");
}

#[test]
fn junk_is_read_without_harm() {
    for junk in [
        "nat",
        "nat (",
        "nat (inside",
        "nat (inside,",
        "nat (inside,outside)",
        "nat (inside,outside) source",
        "nat (inside,outside) source static",
        "nat (inside,outside) source static A",
        "nat (inside,outside) source static A B destination static",
        "nat (inside,outside) source static A B service",
        "nat (inside, outside) source static A B",
        "nat () source static A B",
        "nat (inside,outside) 99999999999 source static A B",
        "nat (inside,outside) 0 source static A B",
        "object network",
        "object network A\nnat (inside,outside) static",
        "object network A\nnat (inside,outside) static A service udp",
        "object network A\n subnet 1.1.1.1",
        "object network A\n range 2.2.2.2 1.1.1.1\n nat (inside,outside) static 3.3.3.3",
        "object-group network A\n group-object A",
        "access-list",
        "access-list A",
        "access-list A line",
        "access-list A line 0 extended permit ip any any",
        "access-list A extended permit udp any any eq",
        "access-group",
        "access-group A",
        "access-group A in",
        "access-group A in interface",
        "name 1.1.1.1",
        "route",
        "route outside 0",
        "crypto ikev1 enable",
        "interface",
        "interface X\n nameif",
        "interface X\n ip address 1.1.1.1",
        ":",
        ": end",
        "no",
        "clear configure",
        "object service S\n service",
        "object service S\n service udp destination",
    ] {
        for text in [
            junk.to_owned(),
            [junk, "\n: end\n"].concat(),
            ["interface X\n nameif outside\n", junk, "\naccess-group A in interface outside\n: end\n"].concat(),
        ] {
            let (device, _, _) = asa::read(&text, 0);
            verdict(&device, Service::IKE);
            answers(&device, Service::IKE);
        }
    }
}

#[test]
#[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "a test that reads files outside of the crate when they are there")]
fn real_files_are_read_and_nothing_of_them_is_unknown() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/upstream/cisco-asa");
    for file in ["batfish-asa-nat-object-static", "wifi-calling-object-group.cfg"] {
        let Ok(text) = std::fs::read_to_string(folder.join(file)) else {
            eprintln!("skipped: no corpus");
            continue;
        };
        assert!(is_asa(&text), "{file}");
        let (device, remarks, _) = asa::read(&text, 0);
        assert_eq!(told(&text, &remarks, RemarkKind::Unknown), Vec::<&str>::new(), "{file}");
        assert!(device.lines().count() > 1, "{file}");
        assert!(verdict(&device, Service::IKE).starts_with("undecided"), "{file}");
    }
}
