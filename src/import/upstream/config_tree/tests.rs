use std::fmt::Write as _;

use super::*;

const LINES: Dialect = Dialect { semicolons: false, shows: |path| path.iter().all(|word| *word != "secret") };
const SEMICOLONS: Dialect = Dialect { semicolons: true, ..LINES };

/// Every path to a word that nothing stands behind.
fn paths(tree: &Tree<'_>) -> Vec<String> {
    fn below(at: At<'_, '_>, front: &str, all: &mut Vec<String>) {
        let mut leaf = true;
        for child in at.all() {
            leaf = false;
            let off = if child.is_off() { "-" } else { "" };
            below(child, &format!("{front} {off}{}", child.word().value), all);
        }
        if leaf && !front.is_empty() {
            all.push(front.trim_start().to_owned());
        }
    }
    let mut all = Vec::new();
    below(tree.root(), "", &mut all);
    all
}

fn shown(text: &str, tree: &Tree<'_>) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for span in &tree.hidden {
        bytes[span.start as usize..span.end as usize].fill(b'*');
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn both_forms_give_the_same_tree() {
    for (dialect, text, wanted) in [
        (LINES, "set a b 'c d'\nset a b \"e\"\nset a f\n", vec!["a b c d", "a b e", "a f"]),
        (
            LINES,
            "a {\n    b \"c d\"\n    b e\n    f {\n    }\n}\n/* === vyatta-config-version: \"x\" === */\n",
            vec!["a b c d", "a b e", "a f"],
        ),
        (LINES, "u@h# set a b\n[edit]\nu@h# commit\nu@h# exit\n", vec!["a b"]),
        (LINES, "/opt/vyatta/sbin/vyatta-cfg-cmd-wrapper begin\n/opt/vyatta/sbin/vyatta-cfg-cmd-wrapper set a b\n", vec!["a b"]),
        (LINES, "edit a b\nset c\nup\nset d\ntop\nset e f\nedit a\nexit\nset g h\n", vec!["a b c", "a d", "e f", "g h"]),
        (LINES, "set a b c\nset a b d\ndelete a b c\nset a e\ndelete a e\nset a e f\n", vec!["a b d", "a e f"]),
        (LINES, "# set a b\nset c d # e\n", vec!["c d # e"]),
        (LINES, "a {\n b \"two\nlines\"\n /* c\n d */\n}\n", vec!["a b two\nlines"]),
        (
            SEMICOLONS,
            "## Last commit: today\nversion 1;\na {\n  b [ c d ];\n  inactive: e {\n   f;\n  }\n g \"h;i\"; ## SECRET-DATA\n}\n",
            vec!["version 1", "a b c", "a b d", "a -e f", "a g h;i"],
        ),
        (
            SEMICOLONS,
            "set a b [ c d ]\nset a e\ndeactivate a b\nset a p 1\nset a p 2\nset a p 3\ninsert a p 3 before p 2\n",
            vec!["a -b c", "a -b d", "a e", "a p 1", "a p 3", "a p 2"],
        ),
        (
            SEMICOLONS,
            "set a p 1\nset a p 2\nset a p 3\ninsert a p 1 after p 3\ndeactivate a p 2\nactivate a p 2\n",
            vec!["a p 2", "a p 3", "a p 1"],
        ),
        (SEMICOLONS, "a { b { c; } d e; }", vec!["a b c", "a d e"]),
    ] {
        let tree = read(text, 0, dialect);
        assert_eq!(tree.remarks, [], "{text}");
        assert_eq!(paths(&tree), wanted, "{text}");
    }
}

#[test]
fn what_breaks_the_grammar_is_told() {
    for (dialect, text) in [
        (LINES, "a {\n b\n"),
        (LINES, "a {\n}\n}\n"),
        (LINES, "set a 'b\n"),
        (LINES, "a {\n b \"c\n}\n"),
        (LINES, "a {\n /* b\n}\n"),
        (LINES, "nonsense\n"),
        (LINES, "rename a b to c\n"),
        (LINES, "set\n"),
        (SEMICOLONS, "a {\n b\n}\nc"),
        (SEMICOLONS, "insert a b before c\n"),
        (SEMICOLONS, "a [ b"),
    ] {
        assert!(!read(text, 0, dialect).remarks.is_empty(), "{text}");
    }
}

#[test]
fn last_value_counts_and_places_are_exact() {
    let text = "set a b 1\nset a b '2'\nset a b 1\n";
    let tree = read(text, 100, LINES);
    let b = tree.root().at(&["a", "b"]).unwrap();
    assert_eq!(b.value().map(|value| value.value), Some("1"));
    assert_eq!(b.head(), Span::new(100, 107));
    assert_eq!(b.child("2").unwrap().word().span, Span::new(119, 120));
    assert!(tree.root().child("x").is_none() && !b.has("3"));
}

#[test]
fn words_that_are_not_shown_hide_what_stands_behind_them() {
    let text = "set a secret 'CANARY one' b\nset a c # CANARY\na {\n secret {\n  key CANARY\n }\n d e\n}\n/* CANARY */\n";
    for end in 0..=text.len() {
        let tree = read(&text[..end], 0, LINES);
        let shown = shown(&text[..end], &tree);
        // A remark behind a command is a word of it.
        assert!(!shown.replace("# CANARY", "").contains("CANARY"), "{shown}");
    }
    let tree = read(text, 0, LINES);
    let shown = shown(text, &tree);
    assert!(shown.contains(" d e\n") && shown.starts_with("set a ****"), "{shown}");
}

#[test]
fn many_lines_and_deep_braces_cost_little() {
    let mut text = String::new();
    for n in 0..20_000 {
        let _ = writeln!(text, "set a b{} c {n}", n % 100);
    }
    assert_eq!(paths(&read(&text, 0, LINES)).len(), 20_000);
    let deep = "a {\n".repeat(3_000) + &"}\n".repeat(3_000);
    assert_eq!(read(&deep, 0, LINES).remarks, []);
}

/// Found by fuzzing: a brace among the words of a command was read for ever.
#[test]
fn braces_among_the_words_of_a_command_are_words() {
    for dialect in [LINES, SEMICOLONS] {
        let tree = read("set a then{ b }\nset c {d} ] [ e\n", 0, dialect);
        assert!(!tree.places("a").is_empty());
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_to_its_end(text in "(set |a |b|[\\[\\]{};\"'#/*\\\\ \n]|é){0,40}") {
        for dialect in [LINES, SEMICOLONS] {
            let tree = read(&text, 3, dialect);
            for span in &tree.hidden {
                proptest::prop_assert!(text.get(span.start as usize - 3..span.end as usize - 3).is_some());
            }
        }
    }
}
