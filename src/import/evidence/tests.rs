mod policy;
mod preferences;

use super::*;

const BASE: u32 = 100;
const SERVICES: &str = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services";
const NAT_T: &str = "AssumeUDPEncapsulationContextOnSendRule";

/// What a text says of each value, as `value @ place` or `? reason`.
fn told(text: &str, os_version: Option<&str>) -> [String; 4] {
    let (evidence, _) = read(Format::Reg, text, BASE).unwrap();
    let mut machine = Machine::default();
    machine.add(evidence, "laptop.reg", Some(Span::new(BASE, BASE)));
    let version = os_version.map_or(Field::Absent, |v| Field::known_at(v.to_owned(), Span::default()));
    let mut client = Client { os_version: version, ..Client::default() };
    machine.complete(&mut client, "a", &mut Vec::new());
    let registry = client.registry;
    [registry.nat_t_rule, registry.prohibit_ipsec, registry.weak_crypto, registry.ikeext_start].map(|field| match field {
        Field::Absent => "-".to_owned(),
        Field::Known(v) => format!("{:?} @ {}", v.value, &text[(v.span.start - BASE) as usize..(v.span.end - BASE) as usize]),
        Field::Opaque(o) => format!("? {}", o.reason),
    })
}

fn nat_t(text: &str) -> String {
    let [nat_t, ..] = told(text, Some("11"));
    nat_t
}

/// An export of one key.
fn export(key: &str, values: &str) -> String {
    format!("Windows Registry Editor Version 5.00\r\n\r\n[{key}]\r\n{values}\r\n")
}

#[test]
fn an_export_tells_every_value_of_its_keys() {
    let text = format!(
        "Windows Registry Editor Version 5.00\r\n\r\n[{SERVICES}\\PolicyAgent]\r\n\"Start\"=dword:00000003\r\n\"{NAT_T}\"=dword:00000002\r\n\r\n\
         [{SERVICES}\\RasMan\\Parameters]\r\n\"ProhibitIpSec\"=dword:00000001\r\n\"Medias\"=hex(7):00,00\r\n\r\n[{SERVICES}\\IKEEXT]\r\n\"Start\"=dword:00000004\r\n"
    );
    assert_eq!(
        told(&text, None),
        [
            format!("Dword(2) @ {NAT_T}\"=dword:00000002"),
            "Dword(1) @ ProhibitIpSec\"=dword:00000001".to_owned(),
            format!("Missing @ [{SERVICES}\\RasMan\\Parameters]"),
            "Dword(4) @ Start\"=dword:00000004".to_owned(),
        ]
    );
}

#[test]
fn a_file_that_sets_one_value_says_nothing_of_the_others() {
    let text = export(&format!(r"{SERVICES}\RasMan\Parameters"), "\"AllowL2TPWeakCrypto\"=dword:00000001");
    let [nat_t, prohibited, weak, _] = told(&text, None);
    assert_eq!(prohibited, "? the file states some values of the key alone, and not `ProhibitIpSec`");
    assert_eq!(weak, "Dword(1) @ AllowL2TPWeakCrypto\"=dword:00000001");
    assert!(nat_t.contains("does not hold the key"), "{nat_t}");
    // An empty key is none that a machine has.
    let text = export(&format!(r"{SERVICES}\PolicyAgent"), "");
    assert!(told(&text, None)[0].starts_with("? the file states some values of the key alone"));
}

#[test]
fn types_are_told_apart() {
    let continued = "hex(4):02,00,\\\r\n  00,00";
    for (data, seen) in [
        ("dword:00000002", "Dword(2)"),
        ("DWORD:2", "Dword(2)"),
        ("dword:0000000a ; ten", "Dword(10)"),
        (continued, "Dword(2)"),
        ("hex(b):02,00,00,00,00,00,00,00", "OtherType(\"REG_QWORD\")"),
        ("hex(5):00,00,00,02", "OtherType(\"REG_DWORD_BIG_ENDIAN\")"),
        ("hex:02,00,00,00", "OtherType(\"REG_BINARY\")"),
        ("hex(7):32,00,\\\r\n  00,00,00,00", "OtherType(\"REG_MULTI_SZ\")"),
        ("\"2\"", "OtherType(\"REG_SZ\")"),
        ("-", "Missing"),
        ("dword:", "? a value of the export is not written as exports write it"),
        ("dword:123456789", "? a value of the export is not written as exports write it"),
        ("2", "? a value of the export is not written as exports write it"),
        ("hex(4):02", "? a value of the export is not written as exports write it"),
    ] {
        let text = export(&format!("{SERVICES}\\PolicyAgent"), &format!("\"{NAT_T}\"={data}"));
        assert_eq!(nat_t(&text).split(" @ ").next(), Some(seen), "{data}");
    }
}

#[test]
fn keys_are_known_in_every_spelling() {
    for key in [
        r"HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services\PolicyAgent",
        r"hkey_local_machine\system\currentcontrolset\services\policyagent",
        r"HKLM\System\CurrentControlSet\Services\PolicyAgent\",
    ] {
        let lower = NAT_T.to_ascii_lowercase();
        assert!(nat_t(&export(key, &format!("\"{lower}\"=dword:2"))).starts_with("Dword(2)"), "{key}");
        assert!(
            nat_t(&export(key, "\"Start\"=dword:3").replace("Windows Registry Editor Version 5.00", "REGEDIT4")).starts_with("Missing"),
            "{key}"
        );
    }
}

#[test]
fn a_value_elsewhere_has_no_effect() {
    let value = format!("\"{NAT_T}\"=dword:2");
    for key in [
        r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\PolicyAgent\Parameters",
        r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\IPSec",
        r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\PolicyAgent",
        r"HKEY_CURRENT_USER\SYSTEM\CurrentControlSet\Services\PolicyAgent",
        r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\PolicyAgent\AssumeUDPEncapsulationContextOnSendRule",
    ] {
        assert!(nat_t(&export(key, &value)).starts_with("WrongKey("), "{key}");
    }
    let both = export(&format!("{SERVICES}\\PolicyAgent"), &format!("{value}\r\n\r\n[{SERVICES}\\IPSec]\r\n\"{NAT_T}\"=dword:0"));
    assert!(nat_t(&both).starts_with("Dword(2)"));
    let [other, ..] = told(&export(&format!("{SERVICES}\\RasMan"), "\"ProhibitIpSec\"=dword:1"), None);
    assert!(other.starts_with("? "), "{other}");
}

#[test]
fn windows_xp_reads_the_ipsec_service() {
    let text = export(&format!("{SERVICES}\\IPSec"), &format!("\"{NAT_T}\"=dword:2"));
    let at = |version| told(&text, version)[0].split(" @ ").next().unwrap_or_default().to_owned();
    for xp in ["XP", "Windows XP SP3", "5.1", "Server 2003"] {
        assert_eq!(at(Some(xp)), "Dword(2)", "{xp}");
    }
    assert!(at(Some("10")).starts_with("WrongKey("));
    assert_eq!(at(None), r"? Windows XP alone reads `Services\IPSec`, and the client states no `os_version`");
    let since_vista = export(&format!("{SERVICES}\\PolicyAgent"), &format!("\"{NAT_T}\"=dword:2"));
    assert!(told(&since_vista, Some("xp"))[0].starts_with("WrongKey("));
}

#[test]
fn other_keys_decide_nothing_and_are_not_silent() {
    let text = export(r"HKEY_LOCAL_MACHINE\SOFTWARE\Example", "\"Start\"=dword:4");
    let names = [r"PolicyAgent", r"RasMan\Parameters", r"RasMan\Parameters", "IKEEXT"];
    assert_eq!(
        told(&text, None),
        names.map(|key| format!(r"? `laptop.reg` does not hold the key HKLM\SYSTEM\CurrentControlSet\Services\{key}"))
    );
}

#[test]
fn what_deletes_is_no_export() {
    let key = format!("{SERVICES}\\RasMan\\Parameters");
    let text = export(&key, "\"ProhibitIpSec\"=-");
    let [_, prohibit, weak, _] = told(&text, None);
    assert_eq!(prohibit, "Missing @ ProhibitIpSec\"=-");
    assert!(weak.starts_with("? "), "{weak}");
    for gone in [format!("-{key}"), format!("-{SERVICES}\\RasMan")] {
        assert!(told(&export(&gone, ""), None)[1].starts_with("Missing @ [-HKEY"), "{gone}");
    }
}

#[test]
fn the_current_control_set_counts() {
    let at = |set: &str, n: u32| format!("[HKEY_LOCAL_MACHINE\\SYSTEM\\{set}\\Services\\PolicyAgent]\r\n\"{NAT_T}\"=dword:{n}\r\n");
    let file = |parts: &[String]| format!("Windows Registry Editor Version 5.00\r\n{}", parts.concat());
    assert!(nat_t(&file(&[at("ControlSet001", 0), at("CurrentControlSet", 2), at("ControlSet002", 1)])).starts_with("Dword(2)"));
    assert!(nat_t(&file(&[at("ControlSet001", 2), at("ControlSet002", 2)])).starts_with("Dword(2)"));
    assert_eq!(
        nat_t(&file(&[at("ControlSet001", 2), at("ControlSet002", 0)])),
        format!("? the control sets of the export differ in `{NAT_T}`")
    );
}

#[test]
fn what_commands_print_is_read() {
    let query = format!("\r\n{SERVICES}\\PolicyAgent\r\n    {NAT_T}    REG_DWORD    0x2\r\n\r\n");
    assert_eq!(nat_t(&query), format!("Dword(2) @ {NAT_T}    REG_DWORD    0x2"));
    let string = query.replace("REG_DWORD    0x2", "REG_SZ    2");
    assert!(nat_t(&string).starts_with("OtherType(\"REG_SZ\")"));
    // One value was asked for: of the others nothing is said.
    let one = format!("{SERVICES}\\PolicyAgent\r\n    Start    REG_DWORD    0x3\r\n");
    assert!(nat_t(&one).starts_with("? "));
    let whole = format!(
        "{SERVICES}\\PolicyAgent\r\n    DisplayName    REG_SZ    IPsec Policy Agent\r\n    Start    REG_DWORD    0x3\r\n\r\n{SERVICES}\\PolicyAgent\\Parameters\r\n"
    );
    assert_eq!(nat_t(&whole), format!("Missing @ {SERVICES}\\PolicyAgent"));
    for (text, number) in [
        (
            "[SC] QueryServiceConfig SUCCESS\r\n\r\nSERVICE_NAME: IKEEXT\r\n        TYPE               : 20  WIN32_SHARE_PROCESS\r\n        START_TYPE         : 4   DISABLED\r\n",
            4,
        ),
        ("Name      : IKEEXT\nStatus    : Stopped\nStartType : Manual\n", 3),
        ("\nName    StartType\n----    ---------\nIKEEXT   Disabled\nPolicyAgent Manual\n", 4),
        ("sc config IKEEXT start= disabled\n", 4),
        ("sc.exe config ikeext start=auto & net start ikeext\n", 2),
        ("Set-Service -Name IKEEXT -StartupType Automatic\n", 2),
        ("Set-Service ikeext -StartupType Disabled -PassThru\n", 4),
    ] {
        let [.., start] = told(text, None);
        assert_eq!(start.split(" @ ").next(), Some(&*format!("Dword({number})")), "{text}");
    }
    // Another service, or one that merely is not running.
    for text in [
        "SERVICE_NAME: RasMan\n        START_TYPE : 4   DISABLED\n",
        "Status   Name               DisplayName\nStopped  IKEEXT             IKE and AuthIP IPsec Keying Modules\n",
    ] {
        assert!(told(text, None)[3].starts_with("? "), "{text}");
    }
}

#[test]
fn lines_of_scripts_are_read() {
    let key = r"HKLM\SYSTEM\CurrentControlSet\Services\PolicyAgent";
    for (line, seen) in [
        (format!("reg add \"{key}\" /v {NAT_T} /t REG_DWORD /d 2 /f"), "Dword(2)"),
        (format!("@REG.EXE ADD {key} /f /v {NAT_T} /d 0x2 /t reg_dword"), "Dword(2)"),
        (format!("reg add {key} ^\r\n  /v {NAT_T} ^\r\n  /t REG_DWORD /d 2"), "Dword(2)"),
        (format!("reg add {key} /v {NAT_T} /d 2"), "OtherType(\"REG_SZ\")"),
        (format!("reg add {key} /v {NAT_T} /t REG_DWORD /d %1"), "? the script computes the value of the registry"),
        (
            format!("reg add {key}\\Parameters /v {NAT_T} /t REG_DWORD /d 2"),
            "WrongKey(\"HKLM\\\\SYSTEM\\\\CurrentControlSet\\\\Services\\\\PolicyAgent\\\\Parameters\")",
        ),
        (format!("reg delete {key} /v {NAT_T} /f"), "Missing"),
        (
            format!(
                "New-ItemProperty -Path 'HKLM:\\SYSTEM\\CurrentControlSet\\Services\\PolicyAgent' -Name {NAT_T} -Value 2 -PropertyType DWORD -Force"
            ),
            "Dword(2)",
        ),
        (format!("if ($x) {{ Set-ItemProperty \"HKLM:SYSTEM\\CurrentControlSet\\Services\\PolicyAgent\" {NAT_T} 2 }}"), "Dword(2)"),
        (
            format!(
                "Set-ItemProperty \u{2013}Path Registry::HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\PolicyAgent `\n  -Name \"{NAT_T}\" `\n  -Type DWord -Value 0x2"
            ),
            "Dword(2)",
        ),
        (
            format!(
                "New-ItemProperty -LiteralPath HKLM:\\SYSTEM\\CurrentControlSet\\Services\\PolicyAgent -Name {NAT_T} -Value 2 -PropertyType String"
            ),
            "OtherType(\"REG_SZ\")",
        ),
        (
            format!("New-ItemProperty -Path HKLM:\\SYSTEM\\CurrentControlSet\\Services\\PolicyAgent -Name {NAT_T} -Value '2'"),
            "? the script states no type of the registry's value",
        ),
        (
            format!(
                "$Key = 'HKLM:\\SYSTEM\\CurrentControlSet\\Services\\PolicyAgent'\n$name = \"{NAT_T}\"\nNew-ItemProperty -Path $key -Name $Name -Value 2 -PropertyType DWord | Out-Null"
            ),
            "Dword(2)",
        ),
        (
            format!("New-ItemProperty -Path $base -Name {NAT_T} -Value 2 -PropertyType DWord"),
            "? the script computes the key of the registry",
        ),
        (format!("Remove-ItemProperty -Path HKLM:\\SYSTEM\\CurrentControlSet\\Services\\PolicyAgent -Name {NAT_T}"), "Missing"),
    ] {
        assert_eq!(nat_t(&line).split(" @ ").next(), Some(seen), "{line}");
        for comment in ["# ", "rem ", ":: "] {
            let other = format!("{comment}{}", line.replace(['\r', '\n'], " "));
            assert!(nat_t(&other).starts_with("? `laptop.reg` does not hold"), "{other}");
        }
    }
}

#[test]
fn several_machines_answer_by_the_worst() {
    let one = |n: u32| export(&format!("{SERVICES}\\PolicyAgent"), &format!("\"{NAT_T}\"=dword:{n}"));
    let mut machine = Machine::default();
    for (n, text) in [one(2), one(0), export(&format!("{SERVICES}\\IKEEXT"), "\"Start\"=dword:3")].into_iter().enumerate() {
        machine.add(read(Format::Reg, &text, 1000 * n as u32).unwrap().0, "a.reg", Some(Span::default()));
    }
    let mut client = Client::default();
    machine.complete(&mut client, "a", &mut Vec::new());
    assert_eq!(client.registry.nat_t_rule.known().map(|v| (&v.value, v.span.start / 1000)), Some((&RegistryValue::Dword(0), 1)));
    assert_eq!(client.registry.ikeext_start.value(), Some(&RegistryValue::Dword(3)));
    // One that was not read may hold anything but the fault that is proved.
    machine.unread(Span::default(), "b.reg");
    let mut client = Client::default();
    machine.complete(&mut client, "a", &mut Vec::new());
    assert_eq!(client.registry.nat_t_rule.value(), Some(&RegistryValue::Dword(0)));
    assert_eq!(client.registry.ikeext_start.opaque().map(|o| &*o.reason), Some("the export `b.reg` was not read"));
}

#[test]
fn a_script_that_makes_connections_speaks_of_what_it_sets_alone() {
    for (text, told) in [("Set-Service IKEEXT -StartupType Manual", true), ("Add-VpnConnection -Name a", false)] {
        let mut machine = Machine::default();
        machine.add(read(Format::Reg, text, BASE).unwrap().0, "a.ps1", None);
        let mut client = Client::default();
        machine.complete(&mut client, "a", &mut Vec::new());
        assert!(client.registry.nat_t_rule.is_absent());
        assert_eq!(client.registry.ikeext_start.value().is_some(), told, "{text}");
    }
}

#[test]
fn the_tables_word_counts_and_the_drift_is_noted() {
    let text = export(&format!("{SERVICES}\\PolicyAgent"), "\"Start\"=dword:3");
    for (inline, drifts) in [(0, 0), (2, 1)] {
        let mut machine = Machine::default();
        machine.add(read(Format::Reg, &text, BASE).unwrap().0, "a.reg", Some(Span::default()));
        let mut client = Client::default();
        client.registry.nat_t_rule = Field::known_at(RegistryValue::Dword(inline), Span::new(1, 2));
        let mut problems = Vec::new();
        machine.complete(&mut client, "a", &mut problems);
        assert_eq!(client.registry.nat_t_rule, Field::known_at(RegistryValue::Dword(inline), Span::new(1, 2)));
        assert_eq!(problems.len(), drifts, "{inline}");
        assert!(
            problems.iter().all(|p| p.kind == ProblemKind::Drift && p.message == "`nat_t_rule` of client `a` is not what its export says")
        );
    }
}

#[test]
fn passwords_in_exports_are_hidden() {
    let text = export(r"HKEY_LOCAL_MACHINE\SOFTWARE\Example", "\"Password\"=\"CANARY-1\"\r\n\"Text\"=\"a\r\nCANARY-2\"");
    let (_, notes) = read(Format::Reg, &text, BASE).unwrap();
    let hidden = |word: &str| {
        let at = BASE + text.find(word).unwrap() as u32;
        notes.secrets.iter().any(|s| s.start <= at && at < s.end)
    };
    assert!(hidden("CANARY-1") && hidden("CANARY-2"));
}

#[test]
fn however_a_file_is_cut_nothing_breaks() {
    let reg = format!(
        "\u{feff}Windows Registry Editor Version 5.00\r\n\r\n[-{SERVICES}\\IPSec]\r\n[{SERVICES}\\PolicyAgent]\r\n@=\"ü\"\r\n\"Data0\"=hex(7):32,00,\\\r\n  00,00\r\n\"{NAT_T}\"=dword:00000002\r\n"
    );
    let script = format!(
        "$k = 'HKLM:\\SYSTEM'\r\nreg add \"{SERVICES}\\PolicyAgent\" /v {NAT_T} ^\r\n /t REG_DWORD /d 2\r\nNew-ItemProperty –Path $k `\n -Name 'ü' -Value \"2\r\nsc config IKEEXT start= \r\nSERVICE_NAME: IKEEXT\r\n START_TYPE : 4\r\n{SERVICES}\\X\r\n  a REG_DWORD\r\n"
    );
    for text in [reg, script] {
        for cut in (0..=text.len()).filter(|n| text.is_char_boundary(*n)) {
            let (evidence, _) = read(Format::Reg, &text[..cut], BASE).unwrap();
            let spans = evidence.values.iter().map(|(_, _, d)| d.span).chain(evidence.keys.iter().map(|(_, s)| *s));
            assert!(spans.into_iter().all(|s| s.start >= BASE && s.end <= BASE + cut as u32), "{cut}");
            let _ = evidence.registry("a", Span::default());
            is_evidence(&text[..cut]);
        }
    }
}

/// Real exports that are no part of the repository; skipped where they are not.
#[test]
#[expect(clippy::disallowed_methods, reason = "files that are no part of the crate")]
fn real_exports_are_read() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/clients/windows-reg");
    let Ok(files) = std::fs::read_dir(&corpus) else {
        #[expect(clippy::print_stderr, reason = "says that nothing was tested")]
        {
            eprintln!("skipped: there are no real exports here");
        }
        return;
    };
    let root = std::sync::Arc::new(crate::source::Root::new(&corpus).unwrap());
    for path in files.flatten().map(|f| f.path()) {
        let mut session = crate::source::Session::new(root.clone());
        let id = session.open_import(&path).unwrap().id;
        let text = session.map.file(id).raw().to_owned();
        assert_eq!(crate::import::detect::detect("x", &text), Some(Format::Reg), "{}", path.display());
        let told = told(&text, None);
        assert!(told.iter().any(|t| t.starts_with("Dword(2)") || t.starts_with("Dword(0)")), "{}: {told:?}", path.display());
    }
}
