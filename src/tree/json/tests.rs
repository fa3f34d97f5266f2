use super::*;

fn checked(text: &str, lenient: bool) -> Parsed<'_> {
    let parsed = parse(text, 0, lenient);
    for error in &parsed.errors {
        let span = error.span.start as usize..error.span.end as usize;
        assert!(text.is_empty() || text.get(span).is_some_and(|s| !s.is_empty()));
        assert!(!error.message.contains("CANARY"));
    }
    parsed
}

fn value<'n>(root: &'n Node<'n>, key: &str) -> &'n Node<'n> {
    &root.get(key).expect(key).value
}

fn at(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

#[test]
fn values_keep_their_tokens() {
    let text = "{\r\n \"a\": [1, -2.5, \"x\\u00e9\", null],\r\n \"b\": {\"c\": true},\r\n \"n\": 99999999999999999999 }\r\n";
    let got = checked(text, false);
    assert_eq!(got.errors, []);
    let root = got.root.unwrap();
    let a = value(&root, "a");
    assert_eq!((at(text, a.span), at(text, a.head)), ("[1, -2.5, \"x\\u00e9\", null]", "\"a\""));
    let kinds: Vec<_> = a.items().unwrap().iter().map(|n| n.kind.clone()).collect();
    assert_eq!(kinds, [Kind::Int(1), Kind::Float(-2.5), Kind::Str("xé".into()), Kind::Null]);
    assert_eq!(at(text, a.items().unwrap()[2].span), "\"x\\u00e9\"");
    assert_eq!(at(text, value(&root, "b").span), "{\"c\": true}");
    assert_eq!(value(&root, "n").kind, Kind::Float(1e20));
    assert_eq!(at(text, root.span), text.trim_end());
    assert_eq!(at(text, root.head), "{");
}

#[test]
fn comments_and_trailing_commas_are_errors_only_in_strict_json() {
    let text = "// c\n{\n \"a\": [1, 2,], /* d */\n b: 'x',\n}\n";
    let lenient = checked(text, true);
    assert_eq!(lenient.errors, []);
    let strict = checked(text, false);
    let messages: Vec<_> = strict.errors.iter().map(|e| &*e.message).collect();
    assert_eq!(messages, ["JSON has no comments", "JSON has no comma before a closing bracket", "a key is not in quotes",]);
    let (strict, lenient) = (strict.root.unwrap(), lenient.root.unwrap());
    assert_eq!(value(&strict, "a"), value(&lenient, "a"));
    assert_eq!(value(&lenient, "b").text(), Some("x"));
}

#[test]
fn the_first_of_two_keys_counts() {
    let got = checked("{\"a\": 1,\n\"a\": 2}", false);
    assert_eq!((&*got.errors[0].message, got.errors[0].span), (REPEATED, Span::new(9, 12)));
    assert_eq!(value(&got.root.unwrap(), "a").kind, Kind::Int(1));
}

#[test]
fn a_broken_value_is_opaque_and_its_neighbours_are_kept() {
    for line in [
        "\"psk\": \"CANARY,",
        "\"psk\": CANARY,",
        "\"psk\": 'CANARY',",
        "\"psk\": \"CANARY\" x,",
        "\"psk\": \"\\q CANARY\",",
        "\"psk\": ,",
        "\"psk\",",
        "\"psk\" \"CANARY\",",
        "\"psk\": @,",
        "\"psk\": 01,",
        "\"psk\": -,",
    ] {
        let text = format!("{{\n\"a\": 1,\n{line}\n\"b\": 2, \"c\": [3]\n}}\n");
        let got = checked(&text, false);
        assert_eq!(got.errors.len(), 1, "{line}: {:?}", got.errors);
        let root = got.root.expect(line);
        assert_eq!(value(&root, "a").kind, Kind::Int(1), "{line}");
        let psk = root.get("psk").map(|e| &e.value.kind);
        assert!(matches!(psk, Some(Kind::Opaque(_))), "{line}: {psk:?}");
        let b = root.get("b").map(|e| &e.value.kind);
        assert_eq!(b, Some(&Kind::Int(2)), "{line}");
        assert_eq!(value(&root, "c").items().map(<[_]>::len), Some(1), "{line}");
    }
}

#[test]
fn open_and_wrong_brackets_keep_what_they_hold() {
    for text in ["{\"a\": {\"b\": [1", "{\"a\": {\"b\": [1}}", "[{\"a\": {\"b\": [1]]"] {
        let got = checked(text, false);
        assert!(!got.errors.is_empty());
        let root = got.root.unwrap();
        let root = root.items().map_or(&root, |items| &items[0]);
        let b = value(value(root, "a"), "b");
        assert_eq!(b.items().unwrap()[0].kind, Kind::Int(1), "{text}");
    }
    let got = checked("{\"a\": 1\n\"b\": 2}", false);
    assert_eq!(got.errors[0].message, "a comma is missing");
    assert_eq!(value(&got.root.unwrap(), "b").kind, Kind::Int(2));
    assert_eq!(checked("{} {}", false).errors[0].message, "text follows the value");
    assert_eq!(checked("", false).errors[0].message, "a value is missing");
}

#[test]
fn depth_is_limited_and_time_is_linear() {
    for open in ["[", "{\"a\":", "[{\"a\":", "}", "@,", "[[}"] {
        let text = open.repeat(100_000);
        assert!(!checked(&text, false).errors.is_empty(), "{open}");
        assert!(checked(&text, true).errors.len() <= MAX_ERRORS);
    }
    let deep = format!("{{\"x\": {}{}, \"y\": 1}}", "[".repeat(70), "]".repeat(70));
    let got = checked(&deep, false);
    assert_eq!(got.errors[0].message, TOO_DEEP);
    assert_eq!(value(&got.root.unwrap(), "y").kind, Kind::Int(1));
    let wide = format!("[{}1]", "{\"k\": \"v\", \"n\": [1, 2]},\n".repeat(100_000));
    let got = checked(&wide, false);
    assert_eq!((got.errors.len(), got.root.unwrap().items().unwrap().len()), (0, 100_001));
}

/// Found by fuzzing: behind the last error that is told, the scanner went on in the middle of the text.
#[test]
fn what_follows_too_many_errors_is_passed_over() {
    let text = "[\"d\":[\"\nm o d e v n \"\"p l 6c c a t\ne\n\"\":\"\n\"\"{x}\"\"e:m c a t v i c d s \"\":,\"\"{}\"\"N\ne\"\"";
    assert!(!checked(text, true).errors.is_empty());
    for n in 90..110 {
        let text = format!("[{}{{ \"a\": @ [ \"b\" @ ] }} \"c\" \"d\" ]", "@,\n".repeat(n));
        assert!(!checked(&text, false).errors.is_empty());
    }
}

#[test]
fn every_prefix_reads() {
    let text = "{\"é\": [1, -2.5e3, \"\\u00e9\\n\", null], // c\r\n 'b': {c: true,}, /* d */ \"n\": 0x1F}";
    for end in (0..=text.len()).filter(|&i| text.is_char_boundary(i)) {
        checked(&text[..end], false);
        checked(&text[..end], true);
    }
}
