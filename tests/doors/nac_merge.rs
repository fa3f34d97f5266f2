//! Merges Network-as-Code files in the order given and prints the outcome as JSON, for the comparison with nac-yaml in `test_nac.py`. A value that is not to be known is printed as
//! `{"!": "what is written"}`. Ends with 1 when a file has a syntax error.
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a tool of the tests")]

use std::process::ExitCode;

use serde_json::{Map, Value, json};
use vpnlint::import::nac;
use vpnlint::source::{Showing, SourceMap, Span};
use vpnlint::tree::{Kind, Node};

fn main() -> ExitCode {
    let mut map = SourceMap::default();
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path).expect("a file to read");
        map.add(path.clone(), path.into(), text, Showing::Nothing).expect("not too long");
    }
    let texts: Vec<(String, u32)> = map.files().iter().map(|f| (f.raw().to_owned(), f.base())).collect();
    let mut roots = Vec::new();
    for (text, base) in &texts {
        let (root, notes) = nac::tree(text, *base);
        if let Some(problem) = notes.problems.first() {
            println!("{}", problem.message);
            return ExitCode::FAILURE;
        }
        roots.extend(root);
    }
    let text = |span: Span| map.text(span).to_owned();
    let mut merger = nac::merge::Merger::new(&text);
    let root = nac::merged(roots, &mut merger);
    println!("{}", shown(&root, &text));
    ExitCode::SUCCESS
}

fn shown(node: &Node<'_>, text: &impl Fn(Span) -> String) -> Value {
    match &node.kind {
        Kind::Null => Value::Null,
        Kind::Bool(b) => json!(b),
        Kind::Int(n) => json!(n),
        Kind::Float(f) => json!(f),
        Kind::Str(s) | Kind::Date(s) | Kind::Data(s) => json!(s),
        Kind::Seq(items) => items.iter().map(|i| shown(i, text)).collect(),
        Kind::Map(entries) => Value::Object(entries.iter().map(|e| (e.key.to_string(), shown(&e.value, text))).collect::<Map<_, _>>()),
        Kind::Opaque(_) => json!({ "!": text(node.span) }),
    }
}
