use super::*;
use crate::source::Span;
use crate::tree::{Kind, Node, TOO_DEEP};

fn parsed(text: &str) -> Parsed<'_> {
    let parsed = parse(text, 0);
    for error in &parsed.errors {
        let span = error.span.start as usize..error.span.end as usize;
        assert!(text.get(span).is_some_and(|s| !s.is_empty()), "{error:?} of {text:?}");
        assert!(!error.message.contains("CANARY"));
    }
    parsed
}

fn root(text: &str) -> Node<'_> {
    let parsed = parsed(text);
    assert_eq!(parsed.errors, [], "{text}");
    parsed.root.unwrap()
}

fn value<'n>(root: &'n Node<'n>, key: &str) -> &'n Node<'n> {
    &root.get(key).expect(key).value
}

fn at(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

fn messages(text: &str) -> Vec<String> {
    let errors = parsed(text).errors.into_iter();
    errors.map(|e| e.message.into_owned()).collect()
}

#[test]
fn scalars_follow_the_core_schema_and_keep_their_text() {
    let text =
        "a: 01234567\nb: yes\nc: ~\nd: 0x1F\ne: 1e3\nf: '7'\ng: 99999999999999999999\nh: -.inf\ni: 1.2.3\nj: .\nk: 12:30\nl:\nm: TRUE\n";
    let root = root(text);
    let kind = |key| &value(&root, key).kind;
    assert_eq!(kind("a"), &Kind::Int(1_234_567));
    assert_eq!(at(text, value(&root, "a").span), "01234567");
    assert_eq!(kind("b"), &Kind::Str("yes".into()));
    assert_eq!(kind("c"), &Kind::Null);
    assert_eq!(kind("d"), &Kind::Int(31));
    assert_eq!(kind("e"), &Kind::Float(1e3));
    assert_eq!(kind("f"), &Kind::Str("7".into()));
    assert_eq!(at(text, value(&root, "f").span), "'7'");
    assert_eq!(kind("g"), &Kind::Float(1e20));
    assert_eq!(kind("h"), &Kind::Float(f64::NEG_INFINITY));
    for key in ["i", "j", "k"] {
        assert!(matches!(kind(key), Kind::Str(_)), "{key}");
    }
    assert_eq!(kind("l"), &Kind::Null);
    let empty = value(&root, "l").span;
    assert!(empty.is_empty() && text[..empty.end as usize].ends_with("l:"));
    assert_eq!(kind("m"), &Kind::Bool(true));
}

#[test]
fn spans_end_with_the_token() {
    for newline in ["\n", "\r\n"] {
        let text = "a:\n  b: >\n    folded\n    text\n  c: |\n    literal\n\n  d: plain\n    goes on\n  # comment\nlist:\n  - x: 1 # one\n    y: 2\n  - [p, q]\nz: 1\n".replace('\n', newline);
        let root = root(&text);
        let a = value(&root, "a");
        let norm = |s: &str| s.replace("\r\n", "\n");
        assert_eq!(norm(at(&text, value(a, "b").span)), ">\n    folded\n    text");
        assert_eq!(value(a, "b").text(), Some("folded text\n"));
        assert_eq!(norm(at(&text, value(a, "c").span)), "|\n    literal");
        assert_eq!(norm(at(&text, value(a, "d").span)), "plain\n    goes on");
        assert!(at(&text, a.span).starts_with("b:") && at(&text, a.span).ends_with("goes on"));
        assert_eq!(at(&text, a.head), "a");
        let items = value(&root, "list").items().unwrap();
        assert_eq!(at(&text, items[0].head), "x: 1 # one");
        assert!(at(&text, items[0].span).ends_with("y: 2"));
        assert_eq!(at(&text, items[1].span), "[p, q]");
    }
}

#[test]
fn tags_and_placeholders_are_opaque_and_show_no_value() {
    let text = "a: !env CANARY\nb: !vault |\n  CANARY\nc: ${CANARY}\nd: '${x}'\ne: !!str 12\nf: !include {a: 1}\ng: !!int '3'\nh: ! 12\ni: !!binary aGk=\n";
    let root = root(text);
    let reason = |key| match &value(&root, key).kind {
        Kind::Opaque(reason) => reason.to_string(),
        other => format!("{other:?}"),
    };
    assert_eq!(reason("a"), "`!env` is not resolved");
    assert_eq!(at(text, value(&root, "a").span), "!env CANARY");
    assert_eq!(reason("b"), "`!vault` is not resolved");
    assert_eq!(reason("c"), "the placeholder `${…}` is not filled in");
    assert_eq!(value(&root, "d").text(), Some("${x}"));
    assert_eq!(value(&root, "e").text(), Some("12"));
    assert_eq!(reason("f"), "`!include` is not resolved");
    assert_eq!(at(text, value(&root, "f").span), "!include {a: 1}");
    assert_eq!(value(&root, "g").kind, Kind::Int(3));
    assert_eq!(value(&root, "h").text(), Some("12"));
    assert_eq!(reason("i"), "`!!binary` is not resolved");
}

#[test]
fn an_alias_has_two_places() {
    let text = "a: &x\n  k: 1\nb: *x\nc: &y v\nd: [*y]\n";
    let root = root(text);
    let b = value(&root, "b");
    assert_eq!(at(text, b.via.unwrap()), "*x");
    assert_eq!(at(text, b.head), "b");
    assert_eq!(b.span, value(&root, "a").span);
    assert_eq!(value(b, "k").kind, Kind::Int(1));
    let d = &value(&root, "d").items().unwrap()[0];
    assert_eq!((d.text(), at(text, d.via.unwrap())), (Some("v"), "*y"));
}

#[test]
fn own_keys_win_over_merged_ones() {
    let text = "x: &x {p: 1, q: 2}\ny: &y {q: 3, r: 4}\nm:\n  <<: [*x, *y]\n  p: 0\nn: {<<: *y}\no: {\"<<\": 1}\n";
    let root = root(text);
    let m = value(&root, "m");
    let got: Vec<_> = m.entries().unwrap().iter().map(|e| (&*e.key, &e.value.kind)).collect();
    assert_eq!(got, [("p", &Kind::Int(0)), ("q", &Kind::Int(2)), ("r", &Kind::Int(4))]);
    assert_eq!(at(text, value(m, "r").via.unwrap()), "*y");
    assert_eq!(value(value(&root, "n"), "q").kind, Kind::Int(3));
    assert!(value(&root, "o").get("<<").is_some());
}

#[test]
fn bad_aliases_are_errors_and_end() {
    assert_eq!(messages("a: &a [*a]\nb: 1\n"), ["an alias stands within its own anchor"]);
    assert_eq!(messages("a: *nope\n"), ["an alias names no anchor above it"]);
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for i in 1..20 {
        let list = vec![format!("*a{}", i - 1); 10].join(", ");
        bomb += &["a", &i.to_string(), ": &a", &i.to_string(), " [", &list, "]\n"].concat();
    }
    let got = parsed(&bomb);
    assert_eq!(got.errors[0].message, "the aliases expand to too many values");
    let mut deep = "a0: &a0 [x]\n".to_owned();
    for i in 1..100 {
        let line = format!("a{i}: &a{i} [*a{}]\n", i - 1);
        deep += &line;
    }
    assert_eq!(messages(&deep)[0], TOO_DEEP);
}

#[test]
fn the_first_of_two_keys_counts() {
    let text = "a: 1\nb:\n  x: 1\n  x: {y: 2}\na: 2\n1: x\nnull: y\n";
    let got = parsed(text);
    let places: Vec<_> = got.errors.iter().map(|e| e.span.start).collect();
    assert_eq!(places, [17, 27]);
    let root = got.root.unwrap();
    assert_eq!(value(&root, "a").kind, Kind::Int(1));
    assert_eq!(value(&root, "1").text(), Some("x"));
    assert_eq!(value(&root, "null").text(), Some("y"));
    let many: Vec<_> = (0..100).map(|i| format!("k{}: 1\n", i % 90)).collect();
    assert_eq!(messages(&many.concat()).len(), 10);
    assert_eq!(messages("? [a, b]\n: 1\nc: 2\n"), ["a key is not a text"]);
}

#[test]
fn what_came_before_an_error_is_kept() {
    for line in [
        "psk: \"CANARY",
        "psk: 'a' CANARY",
        "psk: CANARY: x",
        "psk: [1, CANARY",
        "psk: @CANARY",
        "psk: *CANARY",
        "#\n\tpsk: CANARY",
        "psk: \"\\q CANARY\"",
        "psk: {a: 1]",
    ] {
        let text = format!("a: 1\nc:\n  d: 2\n{line}\nb: 3\n");
        let got = parsed(&text);
        assert_eq!(got.errors.len(), 1, "{line}: {:?}", got.errors);
        assert_ne!(got.errors[0].message, "this is not valid YAML here", "{line}");
        let root = got.root.expect(line);
        assert_eq!(value(&root, "a").kind, Kind::Int(1), "{line}");
        assert_eq!(value(value(&root, "c"), "d").kind, Kind::Int(2), "{line}");
        if let Some(psk) = root.get("psk") {
            assert!(matches!(psk.value.kind, Kind::Opaque(_)), "{line} {psk:?}");
        }
    }
}

#[test]
fn only_the_first_document_is_read() {
    let got = parsed("---\na: 1\n---\nb: 2\n");
    assert_eq!(got.errors[0].message, "only the first document is read");
    assert_eq!(got.root.unwrap().entries().unwrap().len(), 1);
    assert!(root("%YAML 1.2\n---\na: 1\n...\n").get("a").is_some());
    assert_eq!(parsed("# nothing\n").errors, []);
}

#[test]
fn depth_is_limited() {
    for open in ["[", "{a: ", "- ", "? ", "a:\n"] {
        let text = open.repeat(100_000);
        let got = parsed(&text);
        assert!(!got.errors.is_empty() || open == "a:\n", "{open}");
    }
    let deep = format!("x: {}{}\ny: 1\n", "[".repeat(70), "]".repeat(70));
    let got = parsed(&deep);
    assert_eq!(got.errors[0].message, TOO_DEEP);
    assert_eq!(value(&got.root.unwrap(), "y").kind, Kind::Int(1));
}

#[test]
fn every_prefix_reads() {
    let text = "# é\r\na: &x {b: 'c', ü: [1, 2]}\nd: >-\n  é\n\n  f\ng:\n- *x\n- !t h\n? i\n: \"j\\n\"\n<<: *x\n";
    for end in (0..=text.len()).filter(|&i| text.is_char_boundary(i)) {
        parsed(&text[..end]);
    }
}

#[test]
fn the_oracle_agrees() {
    let texts = [
        "a: 1\nb: [x, 'y', \"z\\n\", 1.5, true, null, ~]\nc:\n  d: >\n    f\n    g\n  e: |-\n    h\n     i\n",
        "- a: 1\n  b: 2\n- - x\n  - y\n-\n- {}\n- []\n",
        "key with blanks: value with blanks # c\n'quoted': \"é\\u00e9\"\nurl: http://x.y/z?a=b#c\nneg: -17\nbig: 18446744073709551615\n",
        "a: !!str 1\nb: &x [1]\nc: *x\n",
    ];
    for text in texts {
        let oracle: serde_yaml::Value = serde_yaml::from_str(text).unwrap();
        assert!(same(&root(text), &oracle), "{text}\n{:?}\n{oracle:?}", root(text));
    }
}

fn same(node: &Node<'_>, oracle: &serde_yaml::Value) -> bool {
    use serde_yaml::Value as V;
    match (&node.kind, oracle) {
        (Kind::Null, V::Null) => true,
        (Kind::Bool(a), V::Bool(b)) => a == b,
        (Kind::Int(a), V::Number(b)) => b.as_i64() == Some(*a),
        (Kind::Float(a), V::Number(b)) => b.as_f64() == Some(*a),
        (Kind::Str(a), V::String(b)) => a == b,
        (Kind::Seq(a), V::Sequence(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Kind::Map(a), V::Mapping(b)) => a.len() == b.len() && a.iter().all(|e| b.get(&*e.key).is_some_and(|b| same(&e.value, b))),
        _ => false,
    }
}
