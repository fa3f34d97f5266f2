//! What a Windows machine's files say together: phone books and registry exports in one import, and what no page of a rule can show.

use vpnlint::report::Report;

use crate::support::{Site, found};

const HEAD: &str = "version = 1\n[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"192.168.1.2\"\npublic_ip = \"203.0.113.10\"\n[client_vpn]\nshared_secret = { env = \"VPNLINT_EXAMPLE_PSK\" }\n";
const KEY: &str = r"[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\PolicyAgent]";

fn reg(value: &str) -> Vec<u8> {
    let text = format!("\u{feff}Windows Registry Editor Version 5.00\r\n\r\n{KEY}\r\n\"Start\"=dword:00000003\r\n{value}\r\n");
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

const ENABLED: &str = "\"AssumeUDPEncapsulationContextOnSendRule\"=dword:00000002";

fn entry(name: &str, strategy: u32, key: &str) -> String {
    format!(
        "[{name}]\r\nEncoding=1\r\nType=2\r\nVpnStrategy={strategy}\r\nAuthRestrictions=8\r\nIpSecFlags=1\r\nPreSharedKey={key}\r\n\r\nMEDIA=rastapi\r\n\r\nDEVICE=vpn\r\nPhoneNumber=203.0.113.10\r\n\r\n"
    )
}

fn check(table: &str, files: &[(&str, Vec<u8>)]) -> Report {
    let site = Site::new(&[("site.toml", format!("{HEAD}[[clients]]\n{table}\n"))]);
    for (name, bytes) in files {
        site.write(name, bytes);
    }
    site.check().report
}

fn rows(report: &Report, rule: &str) -> Vec<String> {
    let rows = report.coverage.iter().flatten().filter(|r| r.rule.id == rule && r.subject.kind == "client");
    rows.map(|r| format!("{}: {}", r.subject.name, r.undecided.as_deref().unwrap_or("holds"))).collect()
}

const NAT_T: &str = "windows-nat-t-not-enabled";

#[test]
fn an_export_completes_the_profiles_beside_it() {
    let book = format!("{}{}", entry("a", 3, ""), entry("b", 3, "")).into_bytes();
    let table = "name = \"laptops\"\nimport = [\"rasphone.pbk\", \"PolicyAgent.reg\"]";
    let report = check(table, &[("rasphone.pbk", book.clone()), ("PolicyAgent.reg", reg(ENABLED))]);
    assert_eq!(rows(&report, NAT_T), ["laptops/a: holds", "laptops/b: holds"]);
    assert!(found(&report).is_empty(), "{:?}", found(&report));
    let report = check(table, &[("rasphone.pbk", book), ("PolicyAgent.reg", reg(""))]);
    assert_eq!(found(&report), [format!("{NAT_T} PolicyAgent.reg:3"), format!("{NAT_T} PolicyAgent.reg:3")]);
}

#[test]
fn an_export_alone_leaves_what_it_does_not_speak_of_unsaid() {
    let report = check("name = \"a\"\nserver = \"203.0.113.10\"\nimport = \"a.reg\"", &[("a.reg", reg(""))]);
    assert_eq!(found(&report), [format!("{NAT_T} a.reg:3")]);
    assert!(rows(&report, "pap-refused")[0].ends_with("the client states no `authentication`"), "{:?}", rows(&report, "pap-refused"));
}

#[test]
fn an_export_that_is_missing_decides_nothing() {
    let book = entry("a", 3, "").into_bytes();
    let table = "name = \"a\"\nimport = \"a.pbk\"\nevidence = { import = [\"a.reg\", \"b.pbk\"] }";
    let report = check(table, &[("a.pbk", book.clone()), ("b.pbk", book)]);
    assert_eq!(rows(&report, NAT_T), ["a: the export `a.reg` was not read"]);
    assert_eq!(report.findings.iter().filter(|f| f.rule.id == "import-failed").count(), 2);
}

#[test]
fn a_phone_book_says_windows_and_keeps_its_key_elsewhere() {
    let report = check("import = \"a.pbk\"", &[("a.pbk", entry("office", 3, "").into_bytes())]);
    assert!(found(&report).is_empty(), "{:?}", found(&report));
    assert_eq!(rows(&report, NAT_T), ["office: the client states no `evidence` of its registry (`nat_t_rule`)"]);
    for rule in ["psk-mismatch", "psk-missing"] {
        assert_eq!(rows(&report, rule), ["office: the phone book does not hold the key, which Windows keeps elsewhere"], "{rule}");
    }
    assert_eq!(rows(&report, "pap-refused"), ["office: holds"]);
}

#[test]
fn a_plain_key_in_a_phone_book_is_compared_to_the_last_blank() {
    let report = check("import = \"a.pbk\"", &[("a.pbk", entry("office", 3, "CANARY-correct-Horse.7battery").into_bytes())]);
    assert_eq!(found(&report), ["secret-in-clear-text a.pbk:7"]);
    let report = check("import = \"a.pbk\"", &[("a.pbk", entry("office", 3, "CANARY-correct-Horse.7battery ").into_bytes())]);
    assert!(found(&report).contains(&"psk-mismatch a.pbk:7".to_owned()), "{:?}", found(&report));
    let ikev2 = check("import = \"a.pbk\"", &[("a.pbk", entry("office", 7, "").into_bytes())]);
    assert_eq!(found(&ikev2), ["wrong-tunnel-type a.pbk:4"]);
}

#[test]
fn a_phone_book_in_the_systems_code_page_is_read_and_said() {
    let bytes = entry("B\u{0}ro", 3, "").replace('\u{0}', "?").into_bytes();
    let bytes: Vec<u8> = bytes.into_iter().map(|b| if b == b'?' { 0xfc } else { b }).collect();
    let report = check("import = \"a.pbk\"", &[("a.pbk", bytes)]);
    assert_eq!(found(&report), ["invalid-value a.pbk:1"]);
    assert_eq!(rows(&report, "pap-refused"), ["Büro: holds"]);
}
