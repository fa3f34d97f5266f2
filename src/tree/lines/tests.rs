use proptest::prelude::*;

use super::*;

fn at(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

fn pairs<'a>(text: &'a str, dialect: &'a Dialect) -> Vec<(&'a str, &'a str)> {
    let sections = sections(text, 0, dialect);
    let pairs = sections.iter().flat_map(|s| s.pairs.iter());
    pairs
        .map(|(key, value)| {
            assert_eq!((at(text, key.span), at(text, value.span)), (key.value, value.value));
            (key.value, value.value)
        })
        .collect()
}

#[test]
fn a_key_file_keeps_what_looks_like_a_comment() {
    let text = "\u{feff}# c\r\n[vpn]\r\nipsec-psk=a;b#c = d \r\n Key = v\r\n;x=1\r\n\r\n[vpn] \nkey=2\nkey=3\nword\n";
    assert_eq!(pairs(text, &KEY_FILE), [("ipsec-psk", "a;b#c = d "), ("Key", "v"), (";x", "1"), ("key", "2"), ("key", "3")]);
    let sections = sections(text, 0, &KEY_FILE);
    assert_eq!(sections.iter().map(|s| s.name.value).collect::<Vec<_>>(), ["vpn", "vpn"]);
    assert_eq!(at(text, sections[0].head), "[vpn]");
    assert_eq!(at(text, sections[1].name.span), "vpn");
    assert_eq!(at(text, sections[1].others[0]), "word");
    assert_eq!(sections[1].get("key", &KEY_FILE).unwrap().value, "3");
    assert_eq!(sections[1].get("KEY", &KEY_FILE), None);
    assert_eq!(lines(text, 7, &KEY_FILE).next().unwrap().span, Span::new(10, 13));
}

#[test]
fn escapes_are_decoded_apart() {
    assert_eq!(unescape_key_file(r"\sa\\n\tb\n").as_deref(), Some(" a\\n\tb\n"));
    assert!(matches!(unescape_key_file("plain"), Some(Cow::Borrowed("plain"))));
    assert_eq!(unescape_key_file(r"\q"), None);
    assert_eq!(unescape_key_file("\\"), None);
}

#[test]
fn a_phone_book_keeps_blanks() {
    let text = "[Office; main]\r\nPhoneNumber= 1.2.3.4 \r\nDEVICE=vpn\r\nDEVICE=x\r\n";
    assert_eq!(pairs(text, &PHONE_BOOK), [("PhoneNumber", " 1.2.3.4 "), ("DEVICE", "vpn"), ("DEVICE", "x")]);
    let sections = sections(text, 0, &PHONE_BOOK);
    assert_eq!(sections[0].name.value, "Office; main");
    assert_eq!(sections[0].get("device", &PHONE_BOOK).unwrap().value, "x");
}

#[test]
fn registry_names_stand_in_quotes_and_values_go_on() {
    let text = "Windows Registry Editor Version 5.00\n\n[HKEY_X\\a[1]]\n\"a=\\\"b\"=dword:00000002\n@=\"d\"\n\"h\"=hex:01,\\\r\n  02,03\n; end\\\n\"z\"=\"1\"\n";
    assert_eq!(pairs(text, &REGISTRY), [("a=\\\"b", "dword:00000002"), ("@", "\"d\""), ("h", "hex:01,\\\r\n  02,03"), ("z", "\"1\"")]);
    let sections = sections(text, 0, &REGISTRY);
    assert_eq!(sections[1].name.value, "HKEY_X\\a[1]");
}

#[test]
fn xl2tpd_has_comments_after_values() {
    let text = "[lac x] ; one\nlns = 1.2.3.4 ; two\nauth=a;b\n;c=1\n";
    assert_eq!(pairs(text, &XL2TPD), [("lns", "1.2.3.4"), ("auth", "a;b")]);
    assert_eq!(sections(text, 0, &XL2TPD)[0].name.value, "lac x");
}

proptest! {
    #[test]
    fn every_text_splits_into_its_own_pieces(text in "[\\[\\]a\\\\\"=;# é\r\n\u{feff}]{0,60}") {
        for dialect in [KEY_FILE, PHONE_BOOK, REGISTRY, XL2TPD] {
            pairs(&text, &dialect);
            let ends: Vec<_> = lines(&text, 0, &dialect).map(|l| l.span).collect();
            prop_assert!(ends.windows(2).all(|w| w[0].end < w[1].start));
        }
    }
}
