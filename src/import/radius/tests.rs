//! What FreeRADIUS and NPS write, in look-alikes; words, quotes and comments as version 3 of FreeRADIUS takes them (`token.c`, `conffile.c`).

use super::*;

const BASE: u32 = 500;

fn found(format: Format, text: &str) -> (Found, Notes) {
    read(format, text, BASE).unwrap()
}

/// Entries as `name ip key`; what is opaque as its reason.
fn told(format: Format, text: &str) -> Vec<String> {
    let (found, _) = found(format, text);
    let shown = |c: Spanned<RadiusClient>| {
        let ip = match &c.value.ip {
            Field::Known(ip) => ip.value.to_string(),
            Field::Opaque(o) => o.reason.to_string(),
            Field::Absent => "-".to_owned(),
        };
        let key = match &c.value.secret {
            Field::Known(k) => {
                let at = k.span.start as usize - BASE as usize..k.span.end as usize - BASE as usize;
                // The key is compared, and its place shown.
                format!("{}{}", if k.value.secret.same_as(&crate::secret::Secret::new("CANARY-1")) { "ok " } else { "other " }, &text[at])
            }
            Field::Opaque(o) => o.reason.to_string(),
            Field::Absent => "-".to_owned(),
        };
        format!("{}: {ip}: {key}", c.value.name.value().map_or("-", String::as_str))
    };
    found.clients.into_iter().flatten().map(shown).collect()
}

#[test]
fn entries_are_read_as_the_server_takes_them() {
    const ESCAPES: &str = "the value holds a backslash, and what it means depends on the server's `correct_escapes`";
    for (text, wanted) in [
        ("client mx {\n ipaddr = 192.168.10.1\n secret = CANARY-1\n}\n", "mx: 192.168.10.1: ok CANARY-1"),
        ("client mx { ipaddr = 192.168.10.0/24, secret = \"CANARY-1\" }", "mx: 192.168.10.0/24: ok \"CANARY-1\""),
        (
            "client mx {\n\tipv4addr=192.168.10.1\n\tsecret='CANARY-1' # old\n\tlimit {\n\t\tmax_connections = 16\n\t}\n}",
            "mx: 192.168.10.1: ok 'CANARY-1'",
        ),
        ("client 10.0.0.0/8 {\n secret = CANARY-1\n}", "10.0.0.0/8: 10.0.0.0/8: ok CANARY-1"),
        ("client mx {\n ipaddr = 10.0.0.0\n netmask = 8\n secret = CANARY-1\n}", "mx: 10.0.0.0/8: ok CANARY-1"),
        ("client any {\n ipaddr = *\n secret = CANARY-1\n}", "any: any: ok CANARY-1"),
        (
            "client mx {\n ipaddr = mx.example.com\n secret = CANARY-1\n}",
            "mx: a host name stands for addresses that only DNS knows: ok CANARY-1",
        ),
        ("client mx {\n ipaddr = 10.0.0.1\n secret = CANARY-1#2\n}", "mx: 10.0.0.1: other CANARY-1#2"),
        ("client mx {\n ipaddr = 10.0.0.1\n secret = \"CANARY\\\\1\"\n}", &format!("mx: 10.0.0.1: {ESCAPES}")),
        ("client mx {\n ipaddr = 10.0.0.1\n secret = ${key}\n}", "mx: 10.0.0.1: the value is a variable of the server's configuration"),
        ("client mx {\n ipaddr = 10.0.0.1\n secret = 0x4d\n}", "mx: 10.0.0.1: the secret may be hexadecimal to the server"),
        ("client mx {\n ipaddr = 10.0.0.1\n}", "mx: 10.0.0.1: -"),
        (
            "client mx {\n ipaddr = 10.0.0.1\n secret = a\n secret = b\n}",
            "mx: 10.0.0.1: the setting stands twice in the entry, with two values",
        ),
        (
            "client dyn {\n ipaddr = 10.0.0.0/8\n dynamic_clients = dyn\n}",
            "dyn: 10.0.0.0/8: the client entry is filled in by another source (`dynamic_clients`)",
        ),
        (
            "clients one {\n client mx {\n ipaddr = 10.0.0.1\n secret = CANARY-1\n }\n}",
            "mx: a client entry stands in a list that only listeners which name it ask: ok CANARY-1",
        ),
    ] {
        assert_eq!(told(Format::Freeradius, text), [wanted], "{text}");
        assert!(is_freeradius(text), "{text}");
    }
}

#[test]
fn entries_that_the_mx_never_meets_are_passed_over() {
    for text in [
        "client six {\n ipv6addr = ::1\n secret = CANARY-1\n}",
        "client six {\n ipaddr = 2001:db8::/32\n secret = CANARY-1\n}",
        "client tcp {\n ipaddr = 10.0.0.1\n proto = tcp\n secret = CANARY-1\n}",
        "client localhost {\n ipaddr = 127.0.0.1\n secret = testing123\n}",
    ] {
        let (found, notes) = found(Format::Freeradius, text);
        assert!(found.clients.is_some_and(|c| c.is_empty()) && notes.problems.is_empty(), "{text}");
        assert_eq!(notes.secrets.len(), 1, "{text}");
    }
}

#[test]
fn listeners_and_includes_are_read() {
    let text = "server default {\nlisten {\n type = auth\n ipaddr = *\n port = 1645\n}\nlisten {\n type = acct\n port = 1646\n}\nauthorize {\n if (&User-Name =~ /a{2}/) {\n reject\n }\n -sql\n}\n}\n$INCLUDE clients.d/\n$-INCLUDE \"more.conf\"\n";
    let (found, notes) = found(Format::Freeradius, text);
    assert_eq!(found.ports.iter().map(|p| p.value).collect::<Vec<_>>(), [1645]);
    assert!(found.clients.is_none() && notes.problems.is_empty(), "{:?}", notes.problems);
    assert_eq!(notes.includes.iter().map(|i| &*i.value).collect::<Vec<_>>(), ["clients.d/*", "more.conf"]);
    assert!(is_freeradius(text));
}

#[test]
fn what_is_broken_is_told() {
    for (text, wanted) in [
        ("client mx {\n secret = \"CANARY-1\n}\n", "a quotation mark without its partner"),
        ("client mx {\n secret = CANARY one\n}\n", "something follows a value that has ended"),
        ("client mx {\n CANARY one two\n}\n", "this is no setting and no section"),
        ("client mx {\n ipaddr = 1.1.1.1\n", "a section is not closed"),
        ("}\n", "a brace closes no section"),
    ] {
        let (_, notes) = found(Format::Freeradius, text);
        assert_eq!(notes.problems.iter().map(|p| &*p.message).collect::<Vec<_>>(), [wanted], "{text}");
        if text.contains("CANARY") {
            let at = BASE + text.find("CANARY").unwrap() as u32;
            assert!(notes.secrets.iter().any(|s| s.start <= at && at + 6 <= s.end), "{text}");
        }
    }
}

/// As `netsh nps export` writes it; the names of elements are those of published exports.
const NPS: &str = r#"<?xml version="1.0"?>
<Root xmlns:dt="urn:schemas-microsoft-com:datatypes"><Children><Version name="Version" dt:dt="int">257</Version>
<Microsoft_Internet_Authentication_Service name="Microsoft_Internet_Authentication_Service"><Children><Protocols name="Protocols"><Children>
<Microsoft_Radius_Protocol name="Microsoft Radius Protocol"><Properties><Authentication_Port dt:dt="string">1812,1645</Authentication_Port><Accounting_Port dt:dt="string">1813</Accounting_Port></Properties>
<Children><Vendors name="Vendors"><Children/></Vendors><Clients name="Clients"><Children>
<MX name="MX Osaka"><Properties><IP_Address dt:dt="string">192.168.10.1</IP_Address><Radius_Client_Enabled dt:dt="boolean">1</Radius_Client_Enabled><Shared_Secret dt:dt="string">CANARY-1</Shared_Secret></Properties></MX>
<Old name="old"><Properties><IP_Address dt:dt="string">192.168.10.2</IP_Address><Radius_Client_Enabled dt:dt="boolean">0</Radius_Client_Enabled><Shared_Secret dt:dt="string">CANARY-2</Shared_Secret></Properties></Old>
<Bare name="bare"><Properties><IP_Address dt:dt="string">10.0.0.0/8</IP_Address><Shared_Secret dt:dt="string"></Shared_Secret></Properties></Bare>
</Children></Clients></Children></Microsoft_Radius_Protocol></Children></Protocols></Children></Microsoft_Internet_Authentication_Service></Children></Root>
"#;

#[test]
fn an_export_of_nps_is_read() {
    assert_eq!(
        told(Format::Nps, NPS),
        [
            "MX Osaka: 192.168.10.1: ok CANARY-1",
            "bare: 10.0.0.0/8: the export holds no secrets: `netsh nps export exportPSK=YES` writes them"
        ]
    );
    let (found, notes) = found(Format::Nps, NPS);
    assert_eq!(found.ports.iter().map(|p| p.value).collect::<Vec<_>>(), [1812, 1645]);
    assert_eq!(notes.secrets.len(), 2);
    assert!(is_nps(NPS) && !is_nps("<Root><a/></Root>"));
    // The port that the MX asks counts, when it is among them.
    assert_eq!(found.server(Span::default(), 1645).listen_port.value(), Some(&1645));
}

#[test]
fn every_prefix_and_junk_is_read_without_panic() {
    let conf = "clients a {\nclient \"mx\" {\n ipaddr = 10.0.0.1 # x\n secret = \"CANARY \\\" 1\", shortname = 'ü'\n}\n}\nlisten { port = 1812 }\n$INCLUDE a/\nif (x) {\n}\n";
    for (format, text) in [(Format::Freeradius, conf), (Format::Nps, NPS)] {
        for cut in (0..=text.len()).filter(|n| text.is_char_boundary(*n)) {
            let (found, notes) = found(format, &text[..cut]);
            let end = BASE + cut as u32;
            assert!(notes.secrets.iter().all(|s| s.start >= BASE && s.end <= end), "{cut}");
            assert!(notes.problems.iter().all(|p| p.span.start >= BASE && p.span.end <= end), "{cut}");
            assert!(found.clients.iter().flatten().all(|c| c.span.end <= end), "{cut}");
            is_freeradius(&text[..cut]);
        }
    }
    for junk in ["{{{{}}}", "client {", "= = =", "a=\"", "'", "\u{feff}client x { secret = \u{2028} }", "client a { secret = }"] {
        let _ = found(Format::Freeradius, junk);
    }
}

#[test]
fn large_files_take_time_in_proportion() {
    let start = std::time::Instant::now();
    let (found, _) = found(Format::Freeradius, &"client mx {\n ipaddr = 10.0.0.1\n secret = CANARY-1\n}\n".repeat(40_000));
    assert_eq!(found.clients.map(|c| c.len()), Some(40_000));
    for text in ["{".repeat(1 << 20), "a {\n".repeat(1 << 18), "\"".repeat(1 << 20), "client ".repeat(1 << 17)] {
        let _ = read(Format::Freeradius, &text, 0);
    }
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
