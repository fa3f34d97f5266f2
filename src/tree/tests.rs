use proptest::prelude::*;

use super::*;

/// What a document says, without places.
fn shape(node: &Node<'_>) -> String {
    match &node.kind {
        Kind::Seq(items) => {
            let items: Vec<_> = items.iter().map(shape).collect();
            format!("[{}]", items.join(", "))
        }
        Kind::Map(entries) => {
            let mut entries: Vec<_> = entries.iter().map(|e| format!("{:?}: {}", e.key, shape(&e.value))).collect();
            entries.sort();
            format!("{{{}}}", entries.join(", "))
        }
        Kind::Str(text) => format!("{text:?}"),
        other => format!("{other:?}"),
    }
}

fn root(parsed: Parsed<'_>) -> Node<'_> {
    assert_eq!(parsed.errors, []);
    parsed.root.expect("a root without errors")
}

#[test]
fn toml_yaml_json_and_plist_say_the_same() {
    let toml = "title = \"é\\n\"\n[mx]\nsubnet = '10.0.0.0/24'\nn = -7\nf = 1.5\non = true\n[[mx.client]]\nid = 'a'\ntags = ['x', 'y']\n[[mx.client]]\nid = 'b'\ntags = []\nmore.deep = 1\n";
    let yaml = "title: \"é\\n\"\nmx:\n  subnet: 10.0.0.0/24\n  n: -7\n  f: 1.5\n  on: true\n  client:\n  - id: a\n    tags: &t [x, y]\n  - id: b\n    tags: []\n    more: {deep: 1}\n";
    let json = "{\"title\": \"é\\n\", \"mx\": {\"subnet\": \"10.0.0.0/24\", \"n\": -7, \"f\": 1.5, \"on\": true, \"client\": [{\"id\": \"a\", \"tags\": [\"x\", \"y\"]}, {\"id\": \"b\", \"tags\": [], \"more\": {\"deep\": 1}}]}}";
    let plist = "<plist><dict><key>title</key><string>é\n</string><key>mx</key><dict><key>subnet</key><string>10.0.0.0/24</string><key>n</key><integer>-7</integer><key>f</key><real>1.5</real><key>on</key><true/><key>client</key><array><dict><key>id</key><string>a</string><key>tags</key><array><string>x</string><string>y</string></array></dict><dict><key>id</key><string>b</string><key>tags</key><array/><key>more</key><dict><key>deep</key><integer>1</integer></dict></dict></array></dict></dict></plist>";
    let expected = shape(&root(toml::parse(toml, 0)));
    assert_eq!(shape(&root(yaml::parse(yaml, 0))), expected);
    assert_eq!(shape(&root(yaml::parse(json, 0))), expected);
    assert_eq!(shape(&root(json::parse(json, 0, false))), expected);
    assert_eq!(shape(&root(xml::plist(plist, 0))), expected);
}

/// A value with its spelling in JSON, which YAML and, for leaves and lists, TOML share.
fn value() -> impl Strategy<Value = (String, bool)> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(|i| (i.to_string(), true)),
        "[ -~é]{0,12}".prop_map(|s| (serde_json::to_string(&s).expect("text"), true)),
        any::<bool>().prop_map(|b| (b.to_string(), true)),
        (-1.0e6..1.0e6).prop_map(|f: f64| (format!("{f:?}"), true)),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop::collection::vec(inner, 0..4).prop_map(|items| {
            let items: Vec<_> = items.into_iter().map(|(text, _)| text).collect();
            (format!("[{}]", items.join(", ")), false)
        })
    })
}

/// Every leaf's place holds its spelling: reading that alone gives the leaf again.
fn spelled(text: &str, node: &Node<'_>) {
    match &node.kind {
        Kind::Map(entries) => entries.iter().for_each(|e| spelled(text, &e.value)),
        Kind::Seq(items) => items.iter().for_each(|item| spelled(text, item)),
        kind => {
            let token = &text[node.span.start as usize..node.span.end as usize];
            let again = root(json::parse(token, 0, false));
            assert_eq!(&again.kind, kind, "{token}");
            assert_eq!(again.span.len(), node.span.len());
        }
    }
}

proptest! {
    #[test]
    fn all_readers_agree_and_place_every_token(values in prop::collection::vec(value(), 1..8)) {
        let lines = |mark: &str| -> Vec<String> {
            let values = values.iter().enumerate();
            values.map(|(i, (text, _))| format!("\"k {i}\"{mark} {text}")).collect()
        };
        let toml = lines(" =").join("\n");
        let yaml = lines(":").join("\n");
        let json = format!("{{{}}}", lines(":").join(",\n"));
        let trees = [
            (&toml, root(toml::parse(&toml, 0))),
            (&yaml, root(yaml::parse(&yaml, 0))),
            (&json, root(json::parse(&json, 0, false))),
            (&json, root(json::parse(&json, 0, true))),
        ];
        for (text, tree) in &trees {
            prop_assert_eq!(shape(tree), shape(&trees[0].1));
            spelled(text, tree);
        }
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in "[\\[\\]{}<>/\"'=:,#&*!|%a0.\\\\é \t\r\n-]{0,60}") {
        let parsed = [
            toml::parse(&text, 5),
            yaml::parse(&text, 5),
            json::parse(&text, 5, false),
            json::parse(&text, 5, true),
            xml::plist(&text, 5),
        ];
        for parsed in parsed {
            prop_assert!(parsed.errors.len() <= MAX_ERRORS);
            for error in &parsed.errors {
                let span = error.span.start as usize - 5..error.span.end as usize - 5;
                prop_assert!(text.is_empty() || text.get(span).is_some_and(|s| !s.is_empty()));
            }
            if let Some(root) = &parsed.root {
                within(&text, root);
            }
        }
    }
}

/// Every place lies within the text and on whole characters.
fn within(text: &str, node: &Node<'_>) {
    for span in [node.span, node.head, node.via.unwrap_or(node.span)] {
        let range = span.start as usize - 5..span.end as usize - 5;
        assert!(text.get(range).is_some(), "{span:?} of {text:?}");
    }
    for entry in node.entries().into_iter().flatten() {
        within(text, &entry.value);
    }
    for item in node.items().into_iter().flatten() {
        within(text, item);
    }
}

#[test]
fn long_documents_take_linear_time() {
    const N: usize = 50_000;
    let toml = root_len(toml::parse(&"[[a]]\nb = { c = [1] }\n".repeat(N), 0));
    assert_eq!(toml, (0, N));
    let yaml = format!("a:\n{}", "- b: {c: [1]}\n  d: >\n    x\n".repeat(N));
    assert_eq!(root_len(yaml::parse(&yaml, 0)), (0, N));
    for line in ["x\n", "x = \n", "[x\n", "x = 1\n", "x = [\n", "x = \"\n", "[[x]\n"] {
        let text = line.repeat(N);
        let errors = toml::parse(&text, 0).errors.len();
        assert!((1..=MAX_ERRORS).contains(&errors), "{line:?}");
    }
    for line in ["a: &a x\nb: *a\n", "a:\n", "<!x>", "- [\n", "- !t |\n", "? - a\n", "\"\n"] {
        let text = line.repeat(N);
        assert!(yaml::parse(&text, 0).errors.len() <= MAX_ERRORS);
        assert!(xml::plist(&text, 0).errors.len() <= MAX_ERRORS);
        assert!(json::parse(&text, 0, true).errors.len() <= MAX_ERRORS);
    }
}

fn root_len(parsed: Parsed<'_>) -> (usize, usize) {
    let root = parsed.root.expect("a root");
    let items = root.get("a").and_then(|a| a.value.items());
    (parsed.errors.len(), items.map_or(0, <[_]>::len))
}
