//! Certificates were made for these tests, by a root of their own; their keys are kept nowhere.

use super::*;

const BASE: u32 = 1000;
const ROOT: &str = include_str!("fixtures/root.pem");
const SERVER: &str = include_str!("fixtures/server.pem");
const SECOND: &str = include_str!("fixtures/second.pem");
const CLIENT: &str = include_str!("fixtures/client.pem");
const BARE: &str = include_str!("fixtures/bare.pem");
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nQ0FOQVJZQ0FOQVJZQ0FOQVJZ\n-----END PRIVATE KEY-----\n";

fn found(text: &str) -> (Vec<Found>, Notes) {
    read(Format::Pem, text, BASE).unwrap()
}

/// First day, last day, for servers.
fn told(field: &Field<Certificate>) -> String {
    match field {
        Field::Known(c) => {
            let day = |f: &Field<Day>| f.value().map(ToString::to_string).unwrap_or_default();
            let auth = c.value.server_auth.value().map_or("?", |yes| if *yes { "yes" } else { "no" });
            format!("{} {} {auth}", day(&c.value.not_before), day(&c.value.not_after))
        }
        Field::Opaque(o) => o.reason.to_string(),
        Field::Absent => "absent".to_owned(),
    }
}

fn chosen(text: &str, host: &str) -> String {
    told(&choose(found(text).0, Host::parse(host).as_ref(), Span::default()))
}

#[test]
fn days_and_usage_are_read() {
    for (text, wanted) in [
        (SERVER, "2026-01-01 2027-12-31 yes"),
        (SECOND, "2024-06-01 2026-06-01 yes"),
        (CLIENT, "2026-01-01 2027-12-31 no"),
        // GeneralizedTime, beyond 2049 (RFC 5280, 4.1.2.5).
        (BARE, "2026-01-01 2055-12-31 ?"),
        // Alone, an authority's own certificate is what the server shows.
        (ROOT, "2020-01-01 2039-12-31 ?"),
    ] {
        assert_eq!(chosen(text, "dc9.corp.example.com"), wanted);
    }
}

#[test]
fn the_servers_own_certificate_is_told_from_its_chain() {
    const SEVERAL: &str = "several certificates in its file are for the server, and which one it shows is not known";
    const NONE: &str = "which of the certificates in its file is the server's own is not known";
    let server = "2026-01-01 2027-12-31 yes";
    for (text, host, wanted) in [
        (format!("{SERVER}{ROOT}"), "192.168.10.9", server),
        (format!("{ROOT}{SERVER}"), "192.168.10.9", server),
        (format!("{SERVER}{SERVER}"), "x", server),
        (format!("{SERVER}{SECOND}{ROOT}"), "DC1.corp.example.com", server),
        (format!("{SERVER}{SECOND}{ROOT}"), "dc2.corp.example.com", "2024-06-01 2026-06-01 yes"),
        (format!("{SERVER}{SECOND}"), "192.168.10.21", server),
        (format!("{SERVER}{SECOND}"), "dc3.corp.example.com", NONE),
        (format!("{ROOT}{}", ROOT.replace("MIIB", "MIIC")), "x", "2020-01-01 2039-12-31 ?"),
    ] {
        assert_eq!(chosen(&text, host), wanted, "{host}");
    }
    let twice = [found(SERVER).0, found(BARE).0].into_iter().flatten().map(|mut c| {
        c.names = vec!["dc1.corp.example.com".to_owned()];
        c
    });
    assert_eq!(told(&choose(twice.collect(), Host::parse("dc1.corp.example.com").as_ref(), Span::default())), SEVERAL);
}

#[test]
fn private_keys_are_hidden_and_marks_are_the_places() {
    let text = format!("subject=CN = dc1\n{KEY}{SERVER}");
    let (all, notes) = found(&text);
    assert_eq!(all.len(), 1);
    let slice = |span: Span| &text[(span.start - BASE) as usize..(span.end - BASE) as usize];
    assert_eq!(slice(all[0].span), "-----BEGIN CERTIFICATE-----");
    assert!(notes.secrets.iter().any(|s| slice(*s).contains("Q0FOQVJZ")));
    assert_eq!(all[0].names, ["dc1.corp.example.com", "192.168.10.21", "dc1.corp.example.com"]);
}

#[test]
fn what_is_damaged_is_told_and_nothing_panics() {
    let text = format!("{KEY}{SERVER}{SECOND}");
    for cut in 0..=text.len() {
        let (all, notes) = found(&text[..cut]);
        assert!(all.iter().all(|c| c.span.end <= BASE + cut as u32) && notes.problems.len() <= 1, "{cut}");
    }
    for n in (0..SERVER.len()).step_by(7) {
        let mut bytes = SERVER.as_bytes().to_vec();
        bytes[n] = if bytes[n] == b'A' { b'B' } else { b'A' };
        let _ = found(&String::from_utf8(bytes).unwrap());
    }
    let der = include_bytes!("fixtures/server.der");
    for n in 0..der.len() {
        let mut bytes = der.to_vec();
        bytes[n] ^= 0x41;
        let _ = one(bytes, Span::default());
        let _ = one(der[..n].to_vec(), Span::default());
    }
}

#[test]
fn many_certificates_take_time_in_proportion() {
    let start = std::time::Instant::now();
    let (all, notes) = found(&"-----BEGIN CERTIFICATE-----\n".repeat(100_000));
    assert!(all.is_empty() && notes.problems.len() == 1);
    let (all, notes) = found(&SERVER.repeat(5_000));
    assert!(all.len() == 1 && notes.problems.is_empty());
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
