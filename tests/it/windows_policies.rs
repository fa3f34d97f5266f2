//! Group Policy and the binary values of phone books, through the rules: what they say is judged as what any other file says.

use vpnlint::report::Report;

use crate::support::{Site, found};

const HEAD: &str = "version = 1\n[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"192.168.1.2\"\npublic_ip = \"203.0.113.10\"\n[client_vpn]\nsubnet = \"10.99.0.0/24\"\nshared_secret = { env = \"VPNLINT_EXAMPLE_PSK\" }\n";
const KEY: &str = r"SYSTEM\CurrentControlSet\Services";
const NAT_T: &str = "AssumeUDPEncapsulationContextOnSendRule";

fn check(table: &str, files: &[(&str, Vec<u8>)]) -> Report {
    let site = Site::new(&[("site.toml", format!("{HEAD}{table}\n"))]);
    for (name, bytes) in files {
        site.write(name, bytes);
    }
    site.check().report
}

/// What a rule says of the clients: `holds`, `undecided`, or nothing.
fn row(report: &Report, rule: &str) -> Vec<&'static str> {
    let rows = report.coverage.iter().flatten().filter(|r| r.rule.id == rule && r.subject.kind == "client");
    rows.map(|r| if r.undecided.is_some() { "undecided" } else { "holds" }).collect()
}

/// `Registry.xml` with one value.
fn preference(key: &str, name: &str, action: &str, value: &str, filters: &str) -> Vec<u8> {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<RegistrySettings clsid=\"{{A3}}\">\r\n<Registry clsid=\"{{9C}}\" name=\"{name}\">\
         <Properties action=\"{action}\" hive=\"HKEY_LOCAL_MACHINE\" key=\"{KEY}\\{key}\" name=\"{name}\" type=\"REG_DWORD\" value=\"{value}\"/>{filters}</Registry>\r\n\
         <Registry name=\"DefaultPassword\"><Properties action=\"U\" hive=\"HKEY_LOCAL_MACHINE\" key=\"SOFTWARE\" name=\"DefaultPassword\" type=\"REG_SZ\" value=\"CANARY-9\"/></Registry>\r\n</RegistrySettings>\r\n"
    )
    .into_bytes()
}

/// `registry.pol` with one DWORD.
fn policy(key: &str, name: &str, value: u32) -> Vec<u8> {
    let text = |t: &str| t.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let mut bytes = b"PReg\x01\0\0\0".to_vec();
    bytes.extend(text(&format!("[{KEY}\\{key}\0;{name}\0;")));
    for (number, end) in [(4, ";"), (4, ";"), (value, "]")] {
        bytes.extend(number.to_le_bytes());
        bytes.extend(text(end));
    }
    bytes
}

#[test]
fn group_policy_tells_of_the_machine() {
    let rule = "windows-nat-t-not-enabled";
    let targeted = "<Filters><FilterOs/></Filters>";
    for (name, bytes, verdict, faults) in [
        ("Registry.xml", preference("PolicyAgent", NAT_T, "U", "00000002", ""), vec!["holds"], 0),
        ("Registry.xml", preference("PolicyAgent", NAT_T, "U", "00000000", ""), vec![], 1),
        ("Registry.xml", preference("PolicyAgent", NAT_T, "C", "00000002", ""), vec!["undecided"], 0),
        ("Registry.xml", preference("PolicyAgent", NAT_T, "U", "00000002", targeted), vec!["undecided"], 0),
        ("Registry.xml", preference("IPSec", NAT_T, "U", "00000002", ""), vec!["undecided"], 0),
        ("GPO/Machine/registry.pol", policy("PolicyAgent", NAT_T, 2), vec!["holds"], 0),
        ("GPO/Machine/registry.pol", policy("PolicyAgent", NAT_T, 1), vec![], 1),
        ("GPO/User/registry.pol", policy("PolicyAgent", NAT_T, 2), vec!["undecided"], 0),
        ("registry.pol", policy("PolicyAgent", NAT_T, 2), vec!["undecided"], 0),
    ] {
        let table = format!("[[clients]]\nname = \"a\"\nos = \"windows\"\nserver = \"203.0.113.10\"\nevidence = {{ import = \"{name}\" }}");
        let report = check(&table, &[(name, bytes)]);
        assert_eq!(row(&report, rule), verdict, "{name}");
        assert_eq!(found(&report).iter().filter(|f| f.starts_with(rule)).count(), faults, "{name}: {:?}", found(&report));
        assert_eq!(found(&report).len(), faults, "{name}: {:?}", found(&report));
        let shown = crate::support::render(&report, vpnlint::report::Format::Text);
        assert!(!shown.contains("CANARY"), "{shown}");
    }
}

#[test]
fn a_switched_off_service_and_a_prohibition_are_found() {
    let services = "<NTServices clsid=\"{2C}\"><NTService name=\"IKEEXT\"><Properties startupType=\"DISABLED\" serviceName=\"IKEEXT\" accountName=\"x\" cpassword=\"CANARY\"/></NTService></NTServices>\n";
    let table = "[[clients]]\nname = \"a\"\nos = \"windows\"\nserver = \"203.0.113.10\"\nevidence = { import = [\"Services.xml\", \"Machine/registry.pol\"] }";
    let files =
        [("Services.xml", services.as_bytes().to_vec()), ("Machine/registry.pol", policy(r"RasMan\Parameters", "ProhibitIpSec", 1))];
    let report = check(table, &files);
    assert_eq!(
        found(&report),
        ["windows-ipsec-prohibited Machine/registry.pol:1", "windows-ikeext-disabled Services.xml:1"].map(str::to_owned)
    );
}

/// A phone book with these lines in its one entry.
fn book(lines: &str) -> Vec<u8> {
    format!(
        "[office]\r\nEncoding=1\r\nType=2\r\nVpnStrategy=3\r\nAuthRestrictions=8\r\nIpSecFlags=1\r\nPreSharedKey=\r\n{lines}\r\nMEDIA=rastapi\r\n\r\nDEVICE=vpn\r\nPhoneNumber=203.0.113.10\r\n\r\n"
    )
    .into_bytes()
}

#[test]
fn routes_of_a_phone_book_decide() {
    let rule = "split-tunnel-misses-resource";
    let route = "01000000020000001800000"; // 24 bits of …
    let to = |net: &str| format!("IpPrioritizeRemote=0\r\nNumRoutes=1\r\nRoutes={route}0{net:0<32}0000000000000000\r\n");
    let table = "[[clients]]\nname = \"a\"\nimport = \"rasphone.pbk\"\n[[resources]]\nname = \"files\"\nip = \"192.168.10.5\"";
    for (lines, verdict, faults) in [
        (to("C0A80A00"), vec!["holds"], 0),
        (to("C0A81400"), vec![], 1),
        (to("C0A80A00").replace("Routes=01", "Routes=G1"), vec!["undecided"], 0),
    ] {
        let report = check(table, &[("rasphone.pbk", book(&lines))]);
        assert_eq!(row(&report, rule), verdict, "{lines}: {:?}", found(&report));
        assert_eq!(found(&report).iter().filter(|f| f.starts_with(rule)).count(), faults, "{lines}: {:?}", found(&report));
    }
}

#[test]
fn proposals_of_a_phone_book_decide() {
    let rule = "ike-proposal-mismatch";
    let table = "[[clients]]\nname = \"a\"\nimport = \"rasphone.pbk\"";
    for (digits, verdict, faulty) in [
        // 3DES, SHA-1 and group 2: what an MX takes by default; AES-256 with SHA-256 and a curve: what it does not.
        ("010000000100000002000000020000000100000000000000", vec!["holds"], false),
        ("020000000400000005000000050000000200000000000000", vec![], true),
        ("0200", vec!["undecided"], false),
    ] {
        let report = check(table, &[("rasphone.pbk", book(&format!("NumCustomPolicy=1\r\nCustomIPSecPolicies={digits}\r\n")))]);
        assert_eq!(found(&report).iter().any(|f| f.starts_with(rule)), faulty, "{digits}: {:?}", found(&report));
        if !faulty {
            assert_eq!(
                row(&report, rule).into_iter().collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>(),
                verdict,
                "{digits}"
            );
        }
    }
}
