use proptest::prelude::*;

use super::*;

fn texts(text: &str) -> Vec<&str> {
    rows(text, 0).map(|row| row.text).collect()
}

#[test]
fn lines_end_as_they_please() {
    assert_eq!(texts("a b\r\n\r\n  c\rd\n\n"), ["a b", "c", "d"]);
    assert_eq!(rows("x\n  y", 10).map(|row| (row.span, row.indent)).last(), Some((Span::new(14, 15), 2)));
}

#[test]
fn what_a_pager_asked_is_no_part_of_a_line() {
    assert_eq!(texts(" --More-- \u{8}\u{8}\u{8}   \u{8}\u{8}\u{8} permit udp any any\n"), ["permit udp any any"]);
    assert_eq!(texts("<--- More --->\r              \raccess-list x\n---(more)---\n--More--         set a\n"), ["access-list x", "set a"]);
    let row = rows("--More-- \u{8}\u{8} ip nat", 0).next().unwrap();
    assert_eq!((row.span, row.indent), (Span::new(12, 18), 1));
}

#[test]
fn quoted_words_are_one_word() {
    let row = rows(r#"set name "To MX" "a\"b" "" x"y "open "#, 0).next().unwrap();
    let words: Vec<_> = row.words().into_iter().map(|w| w.value).collect();
    assert_eq!(words, ["set", "name", "To MX", r#"a\"b"#, "", "x\"y", "open"]);
}

#[test]
fn only_lines_that_were_read_are_shown() {
    let text = "ip nat x\ncrypto isakmp key hunter2\n permit udp any any\nsnmp-server community y\n";
    let shown: Vec<_> = rows(text, 5)
        .filter(|row| row.text.contains("ip") && !row.text.contains("crypto") || row.text.contains("permit"))
        .map(|r| r.span)
        .collect();
    let hidden: Vec<_> = hidden(text, 5, &shown).into_iter().map(|s| &text[s.start as usize - 5..s.end as usize - 5]).collect();
    assert_eq!(hidden, ["crypto isakmp key hunter2", "snmp-server community y"]);
}

proptest! {
    #[test]
    fn every_word_stands_where_its_span_says(text in "[a\"\\\\é \r\n\u{8}-]{0,40}(--More--)?[a\"\\\\ é\n\u{8}]{0,20}") {
        for row in rows(&text, 0) {
            prop_assert_eq!(&text[row.span.start as usize..row.span.end as usize], row.text);
            for word in row.words() {
                prop_assert_eq!(&text[word.span.start as usize..word.span.end as usize], word.value);
            }
        }
    }
}
