//! Tables of users and programs, in look-alikes.

use super::*;
use crate::source::Span;

const BASE: u32 = 300;
const WINGET: &str = "\r   - \r                                                                     \rName                           Id                      Version   Available Source\n-----------------------------------------------------------------------------------\nSmartByte Drivers and Servic…  ARP\\Machine\\X64\\{1}     3.1.999\nMicrosoft Edge                 Microsoft.Edge          119.0.1   120.0.0   winget\n";

fn slice(text: &str, span: Span) -> &str {
    &text[(span.start - BASE) as usize..(span.end - BASE) as usize]
}

#[test]
fn users_are_read_from_tables() {
    for text in [
        "Email,Name,Authorized,Expires,Devices\nann@example.com,\"Ann, of\nOsaka\",Yes,2027-03-31,2\nbob@example.com,Bob,no,,\ncyd@example.com,Cyd,yes,31.3.2027,x\n",
        "\u{feff}email;authorized;expiresAt;device count;name\r\nann@example.com;true;2027-03-31T00:00:00Z;2;\"a\"\"b\"\r\nbob@example.com;0;never;;\r\ncyd@example.com;1;soon;x;\r\n",
    ] {
        assert!(users::is_users(text));
        let (users, notes) = users::read(text, BASE);
        assert!(notes.problems.is_empty());
        let told: Vec<String> = users
            .iter()
            .map(|u| {
                let u = &u.value;
                assert_eq!(slice(text, u.email.span().unwrap()), u.email.value().unwrap());
                let day = u.expires_at.value().map_or(if u.expires_at.is_absent() { "-" } else { "?" }.to_owned(), ToString::to_string);
                let devices =
                    u.device_count.value().map_or(if u.device_count.is_absent() { "-" } else { "?" }.to_owned(), ToString::to_string);
                format!("{} {} {day} {devices}", u.email.value().unwrap(), u.authorized.value().unwrap())
            })
            .collect();
        assert_eq!(told, ["ann@example.com true 2027-03-31 2", "bob@example.com false - -", "cyd@example.com true ? ?"], "{text}");
    }
}

#[test]
fn passwords_in_a_table_are_hidden() {
    let text = "email,password,authorized\nann@example.com,\"CANARY-1\",yes\n";
    let (_, notes) = users::read(text, BASE);
    assert_eq!(notes.secrets.iter().map(|s| slice(text, *s)).collect::<Vec<_>>(), ["CANARY-1"]);
}

#[test]
fn programs_are_read_from_listings_tables_and_json() {
    let programs = |text: &str| -> (Vec<String>, bool) {
        assert!(software::is_software(text), "{text}");
        let (found, notes) = software::read(text, BASE);
        assert!(notes.problems.is_empty() && found.iter().all(|p| slice(text, p.span).contains(&p.value)));
        (found.into_iter().map(|p| p.value).collect(), notes.gap.is_some())
    };
    assert_eq!(programs(WINGET), (vec!["SmartByte Drivers and Servic".to_owned(), "Microsoft Edge".to_owned()], true));
    for text in [
        "#TYPE Selected.System.Management\n\"DisplayName\",\"DisplayVersion\"\n\"SmartByte\",\"3\"\n,\"1\"\n",
        "Name;Version;Publisher\nSmartByte;3;Rivet\n",
        "[{\"DisplayName\":\"SmartByte\",\"DisplayVersion\":\"3\"},{\"DisplayName\":null}]",
    ] {
        assert_eq!(programs(text), (vec!["SmartByte".to_owned()], false), "{text}");
    }
}

#[test]
fn every_prefix_is_read_without_panic_and_in_proportion() {
    let start = std::time::Instant::now();
    for text in [WINGET, "email,\"a\"\"\n\u{fc}\",authorized\nx,\"y\n", "[{\"DisplayName\":\"\u{fc}\",\"Publisher\":1}]"] {
        for cut in (0..=text.len()).filter(|n| text.is_char_boundary(*n)) {
            let text = &text[..cut];
            let end = BASE + cut as u32;
            assert!(users::read(text, BASE).0.iter().all(|u| u.span.end <= end));
            assert!(software::read(text, BASE).0.iter().all(|p| p.span.end <= end));
            let _ = (users::is_users(text), software::is_software(text));
        }
    }
    for text in ["email,authorized\na@b.c,yes\n".repeat(50_000), "\"\n".repeat(200_000), "\"a\n".repeat(100_000), ",".repeat(1 << 20)] {
        let _ = (users::read(&text, 0), software::read(&text, 0));
    }
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
}
