//! What merges, beside the comparison with nac-yaml in `tests/doors/test_nac.py`.

use super::*;

fn outcome(files: &[&str]) -> String {
    let mut whole = String::new();
    let mut roots = Vec::new();
    for text in files {
        let (root, notes) = tree(text, whole.len() as u32);
        assert_eq!(notes.problems, [], "{text}");
        roots.extend(root);
        whole.push_str(text);
    }
    let text = |span: Span| whole[span.start as usize..span.end as usize].to_owned();
    let mut merger = Merger::new(&text);
    shown(&merged(roots, &mut merger), &text)
}

fn shown(node: &Node<'_>, text: &impl Fn(Span) -> String) -> String {
    let list = |parts: Vec<String>| parts.join(", ");
    match &node.kind {
        Kind::Map(entries) => format!("{{{}}}", list(entries.iter().map(|e| format!("{}: {}", e.key, shown(&e.value, text))).collect())),
        Kind::Seq(items) => format!("[{}]", list(items.iter().map(|i| shown(i, text)).collect())),
        Kind::Null => "~".to_owned(),
        _ => text(node.span),
    }
}

#[test]
fn documents_merge_as_nac_yaml_has_it() {
    for (files, merged) in [
        (&["a: {x: 1}", "a: {y: 2}"][..], "{a: {x: 1, y: 2}}"),
        (&["a: 1", "a: 2"], "{a: 2}"),
        (&["a: 1", "a: ~"], "{a: 1}"),
        (&["a: ~", "a: {x: 1}"], "{a: {x: 1}}"),
        (&["a: {x: 1}", "a: 2"], "{a: 2}"),
        (&["a: 1", "a: {x: 1}"], "{a: 1}"),
        (&["a: [1]", "a: [1, 2]"], "{a: [1, 1, 2]}"),
        (&["a: [{n: s}]", "a: [{n: s, p: 1}]"], "{a: [{n: s, p: 1}]}"),
        (&["a: [{n: s, v: 1}]", "a: [{n: s, p: 1}]"], "{a: [{n: s, v: 1, p: 1}]}"),
        (&["a: [{n: s, v: 1}]", "a: [{n: s, v: 2}]"], "{a: [{n: s, v: 1}, {n: s, v: 2}]}"),
        (&["a: [{n: s}, {n: s}]", "a: [{n: s, p: 1}]"], "{a: [{n: s}, {n: s}, {n: s, p: 1}]}"),
        (&["a: [{n: s}]", "a: [{p: 1}]"], "{a: [{n: s}, {p: 1}]}"),
        (&["a: [{n: 1}]", "a: [{n: '1'}]"], "{a: [{n: 1}, {n: '1'}]}"),
        (&["a: [{n: 1}]", "a: [{n: 1.0, p: 2}]"], "{a: [{n: 1.0, p: 2}]}"),
        (&["a: [{n: !env A}]", "a: [{n: !env A, p: 2}]"], "{a: [{n: !env A, p: 2}]}"),
        (&["a: [{n: !env A}]", "a: [{n: !env B}]"], "{a: [{n: !env A}, {n: !env B}]}"),
        (&["a: [{n: s, l: [{m: 1}]}]", "a: [{n: s, l: [{m: 1, q: 2}]}]"], "{a: [{n: s, l: [{m: 1, q: 2}]}]}"),
        (&["[1]", "a: 1"], "{a: 1}"),
        (&["# nothing\n", "a: 1"], "{a: 1}"),
    ] {
        assert_eq!(outcome(files), merged, "{files:?}");
    }
}

#[test]
fn lists_made_to_be_slow_are_left_alone() {
    // Every item has a key of its own beside a common one: as many kinds of tables as items.
    let list = |from: usize| (from..from + 600).map(|n| format!("  - k{n}: 1\n    name: n{n}\n")).collect::<String>();
    let (a, b) = (format!("a:\n{}", list(0)), format!("a:\n{}", list(600)));
    let whole = format!("{a}{b}");
    let text = |span: Span| whole[span.start as usize..span.end as usize].to_owned();
    let (first, second) = (tree(&a, 0).0.unwrap(), tree(&b, a.len() as u32).0.unwrap());
    let mut merger = Merger::new(&text);
    merger.budget = 200_000;
    let root = merged(vec![first, second], &mut merger);
    assert_eq!(root.get("a").unwrap().value.items().unwrap().len(), 1200);
    assert!(merger.stopped.is_some());
}
