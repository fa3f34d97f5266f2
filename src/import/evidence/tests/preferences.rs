//! Group Policy Preferences: what an item sets, what aims it elsewhere, and that nothing else of the file is shown.

use super::*;

const KEY: &str = r"SYSTEM\CurrentControlSet\Services";

fn file(items: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<RegistrySettings clsid=\"{{A3}}\">{items}</RegistrySettings>\r\n")
}

/// An item for a value beneath `Services`, with `more` attributes of its own and `inside` it.
fn item(more: &str, properties: &str, inside: &str) -> String {
    format!(
        "<Registry clsid=\"{{9C}}\" name=\"x\" {more}><Properties displayDecimal=\"1\" default=\"0\" hive=\"HKEY_LOCAL_MACHINE\" {properties}/>{inside}</Registry>\r\n"
    )
}

fn rule(action: &str, kind: &str, value: &str) -> String {
    format!("action=\"{action}\" key=\"{KEY}\\PolicyAgent\" name=\"{NAT_T}\" type=\"{kind}\" value=\"{value}\"")
}

#[test]
fn an_item_sets_its_value() {
    let text = file(&item("", &rule("U", "REG_DWORD", "00000002"), ""));
    assert_eq!(crate::import::detect::detect("Registry.xml", &text), Some(Format::Reg));
    assert_eq!(
        told(&text, None),
        [
            format!("Dword(2) @ {NAT_T}\" type=\"REG_DWORD\" value=\"00000002"),
            r"? `laptop.reg` does not hold the key HKLM\SYSTEM\CurrentControlSet\Services\RasMan\Parameters".to_owned(),
            r"? `laptop.reg` does not hold the key HKLM\SYSTEM\CurrentControlSet\Services\RasMan\Parameters".to_owned(),
            r"? `laptop.reg` does not hold the key HKLM\SYSTEM\CurrentControlSet\Services\IKEEXT".to_owned(),
        ]
    );
}

#[test]
fn an_item_called_like_its_value_is_the_place() {
    let text =
        file(&item("", &rule("U", "REG_DWORD", "00000001"), "").replace("name=\"x\"", &format!("name=\"{NAT_T}\" status=\"{NAT_T}\"")));
    assert_eq!(nat_t(&text), format!("Dword(1) @ {NAT_T}"));
    assert!(!hides(&text, NAT_T));
}

#[test]
fn every_action_and_every_aim_counts() {
    let two = rule("U", "REG_DWORD", "00000002");
    let filter = "<Filters><FilterOs bool=\"AND\" not=\"0\"/></Filters>";
    let first = |text: &str| nat_t(text).split(" @ ").next().unwrap_or_default().to_owned();
    for (items, seen) in [
        (item("", &rule("R", "REG_DWORD", "00000001"), ""), "Dword(1)"),
        (item("", &rule("u", "reg_dword", "2"), ""), "Dword(2)"),
        (item("", &rule("U", "REG_DWORD", "0000000A"), ""), "Dword(10)"),
        (item("", &rule("U", "REG_SZ", "2"), ""), "OtherType(\"REG_SZ\")"),
        (item("", &rule("U", "REG_QWORD", "2"), ""), "OtherType(\"REG_QWORD\")"),
        (item("", &rule("U", "REG_DWORD", "10"), ""), "? a value of the preference is not written as Windows writes it"),
        (item("", &rule("U", "REG_DWORD", ""), ""), "? a value of the preference is not written as Windows writes it"),
        (item("", &rule("U", "", "2"), ""), "? a value of the preference is not written as Windows writes it"),
        (item("", &two.replace("action=\"U\" ", ""), ""), "Dword(2)"),
        (item("", &rule("D", "REG_DWORD", ""), ""), "Missing"),
        (
            item("", &rule("C", "REG_DWORD", "00000002"), ""),
            "? the preference makes the value where there is none, and leaves another as it is",
        ),
        (item("", &rule("X", "REG_DWORD", "00000002"), ""), "? the preference has an action that is not known"),
        (item("disabled=\"1\"", &two, ""), "? `laptop.reg` does not hold the key"),
        (item("", &two, "<Filters/>"), "Dword(2)"),
        (item("", &two, filter), "? the preference is aimed at some machines by item-level targeting, which is not read"),
        (item("removePolicy=\"1\" bypassErrors=\"1\"", &two, ""), "Dword(2)"),
        (item("userContext=\"1\"", &two, ""), "? the preference is written with the user's own rights, which may not be enough"),
        (item("", &two.replace("name=", "default=\"1\" name=").replace("default=\"0\"", ""), ""), "? `laptop.reg` does not hold the key"),
        (item("", &two.replace("PolicyAgent", "IPSec"), ""), "WrongKey("),
        (item("", &two, "").replace("HKEY_LOCAL_MACHINE", "HKEY_CURRENT_USER"), "WrongKey("),
        // Collections hand down what they say.
        (format!("<Collection name=\"a\"><Collection>{}</Collection></Collection>", item("", &two, "")), "Dword(2)"),
        (format!("<Collection name=\"a\" disabled=\"1\">{}</Collection>", item("", &two, "")), "? `laptop.reg` does not hold the key"),
        (format!("<Collection name=\"a\">{filter}{}</Collection>", item("", &two, "")), "? the preference is aimed at some machines"),
        // The last counts, also when it may not apply.
        (item("", &two, "") + &item("", &rule("U", "REG_DWORD", "00000000"), ""), "Dword(0)"),
        (item("", &two, "") + &item("", &rule("U", "REG_DWORD", "00000000"), filter), "? the preference is aimed"),
        (item("", &two, "") + &item("", &format!("action=\"D\" key=\"{KEY}\\PolicyAgent\" name=\"\""), ""), "Missing"),
        (item("", &format!("action=\"U\" key=\"{KEY}\\PolicyAgent\""), ""), "? `laptop.reg` does not hold the key"),
    ] {
        // An attribute that stands twice is broken XML.
        let text = file(
            &items.replace("displayDecimal=\"1\" default=\"0\" ", if items.contains("default=\"1\"") { "" } else { "default=\"0\" " }),
        );
        assert!(first(&text).starts_with(seen), "{items}: {}", nat_t(&text));
    }
    assert!(first(&file(&item("", &two, "")).replace("clsid=\"{A3}\"", "disabled=\"1\"")).starts_with('?'));
}

#[test]
fn services_state_their_start() {
    for (word, seen) in [
        ("DISABLED", "Dword(4) @ IKEEXT\" startupType=\"DISABLED"),
        ("AUTOMATIC", "Dword(2) @ IKEEXT\" startupType=\"AUTOMATIC"),
        ("MANUAL", "Dword(3) @ IKEEXT\" startupType=\"MANUAL"),
        ("NOCHANGE", r"? `laptop.reg` does not hold the key HKLM\SYSTEM\CurrentControlSet\Services\IKEEXT"),
        ("NEVER", "? the start type of IKEEXT is a word that is not known"),
    ] {
        let text = format!(
            "<NTServices clsid=\"x\"><NTService name=\"IKEEXT\"><Properties serviceName=\"IKEEXT\" startupType=\"{word}\" timeout=\"30\" accountName=\"a\" cpassword=\"CANARY\"/></NTService>\
             <NTService name=\"Other\"><Properties startupType=\"DISABLED\" serviceName=\"Other\"/></NTService></NTServices>"
        );
        let [.., start] = told(&text, None);
        assert_eq!(start, seen);
    }
}

fn hides(text: &str, word: &str) -> bool {
    let (_, notes) = read(Format::Reg, text, BASE).unwrap();
    text.match_indices(word)
        .all(|(n, w)| (n..n + w.len()).all(|n| notes.secrets.iter().any(|s| s.start <= BASE + n as u32 && BASE + (n as u32) < s.end)))
}

#[test]
fn only_what_is_read_is_shown() {
    let other = "action=\"U\" key=\"SOFTWARE\\Winlogon\" name=\"DefaultPassword\" type=\"REG_SZ\" value=\"CANARY-1\"";
    let text = file(&format!(
        "<!-- CANARY-2 -->{}{}<User name=\"a\"><Properties cpassword=\"CANARY-3\" userName=\"CANARY-4\"/></User>CANARY-5",
        item(
            "cpassword=\"CANARY-6\" descr=\"CANARY-7\"",
            &rule("U", "REG_DWORD", "00000002"),
            "<Filters><FilterVariable value=\"CANARY-8\"/></Filters>"
        ),
        item("", other, "")
    ));
    for n in 1..=8 {
        assert!(hides(&text, &format!("CANARY-{n}")), "{n}");
    }
    assert!(!hides(&text, "00000002") && !hides(&text, "PolicyAgent") && !hides(&text, "REG_DWORD"));
    // Of a broken text nothing is shown, and nothing is known.
    let broken = text.replacen("<!--", "<&-", 1);
    assert!(hides(&broken, "00000002") && hides(&broken, "CANARY-1"));
    let broken = text.replace("</RegistrySettings>", "");
    assert!(nat_t(&broken).starts_with("? the preference is") || nat_t(&broken).starts_with("? the file of preferences is broken"));
}

#[test]
fn however_preferences_are_cut_nothing_is_shown_that_was_hidden() {
    let text = file(&format!(
        "<Collection name=\"ü\">{}</Collection>{}",
        item("", &rule("U", "REG_DWORD", "00000002"), ""),
        item("", "action=\"U\" key=\"SOFTWARE\" name=\"Password\" type=\"REG_SZ\" value=\"CANARY-1\"", "")
    ));
    for cut in (0..=text.len()).filter(|n| text.is_char_boundary(*n)) {
        let prefix = &text[..cut];
        let (evidence, notes) = crate::import::evidence::preferences::read(prefix, BASE);
        assert!(evidence.values.iter().all(|(_, _, d)| d.span.start >= BASE && d.span.end <= BASE + cut as u32), "{cut}");
        // A whole file alone gives a number.
        if cut < text.trim_end().len() {
            assert!(evidence.values.iter().all(|(_, _, d)| !matches!(d.value, Data::Dword(_))), "{cut}");
        }
        let at = text.find("CANARY").unwrap();
        for n in (at..at + 8).filter(|n| *n < cut) {
            assert!(notes.secrets.iter().any(|s| s.start <= BASE + n as u32 && BASE + (n as u32) < s.end), "{cut}");
        }
    }
}

#[test]
fn many_items_take_linear_time() {
    let text = file(&item("", &rule("U", "REG_DWORD", "00000002"), "").repeat(20_000));
    let start = std::time::Instant::now();
    assert!(nat_t(&text).starts_with("Dword(2)"));
    assert!(start.elapsed() < std::time::Duration::from_secs(5));
}
