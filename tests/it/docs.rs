//! The samples in docs/: each is what the real binary says today.
//!
//! A sample stands between `<!-- vpnlint ARGUMENTS -->` and `<!-- end -->`: in a fence it is what the command says, else the job summary. A fence with
//! `file=NAME` is a file of a scratch folder in which the samples behind it run; each `## ` begins with the files above the first one. Without such files
//! samples run at the project's root. Between `<!-- parameters -->` or `<!-- tables -->` and the end stands a list made from the code. With `UPDATE_DOCS=1`
//! the test writes everything anew.

use std::path::Path;
use std::process::Stdio;

use vpnlint::model::tables::Table;
use vpnlint::rules::RULES;

use crate::support::{Site, command};

const END: &str = "<!-- end -->";

/// What the command says, as the document shows it; `fence` is the sample's opening line.
fn sample(folder: Option<&Site>, arguments: &str, fence: Option<&str>) -> String {
    let scratch = Site::new::<&str>(&[]);
    let summary = scratch.path().join("summary.md");
    let words: Vec<&str> = arguments.split_whitespace().collect();
    let output = command(folder.map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")), Site::path), &words)
        .env("GITHUB_STEP_SUMMARY", &summary)
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs");
    let said = String::from_utf8(output.stdout).expect("UTF-8") + &String::from_utf8(output.stderr).expect("UTF-8");
    if folder.is_none() {
        assert_eq!(output.status.code(), Some(1), "`vpnlint {arguments}` finds nothing: {said}");
    } else {
        assert!(output.status.code().is_some_and(|c| c <= 2), "`vpnlint {arguments}`: {said}");
    }
    match fence {
        Some(fence) => format!("{fence}\n{}\n```\n", said.trim_end()),
        None => format!("\n{}\n\n", std::fs::read_to_string(&summary).expect("a job summary").trim()),
    }
}

/// Every parameter that a policy may set, with its default.
fn parameters() -> String {
    let mut rows = "| rule | parameter | default | what it is |\n|---|---|---|---|\n".to_owned();
    for rule in RULES {
        for param in rule.params {
            rows += &format!("| `{}` | `{}` | {} | {} |\n", rule.id, param.name(), param.default(), param.doc());
        }
    }
    rows
}

/// Every table that a policy may change.
fn tables() -> String {
    let rows = Table::ALL.iter().map(|t| format!("| `{}` | {} | {} |\n", t.name(), t.doc(), t.line()));
    rows.fold("| table | what is in it | a line is |\n|---|---|---|\n".to_owned(), |all, row| all + &row)
}

/// The files of a section.
fn scratch(files: &[(String, String)]) -> Option<Site> {
    (!files.is_empty()).then(|| Site::new(&files.iter().map(|(name, text)| (name.as_str(), text)).collect::<Vec<_>>()))
}

/// The document with every sample made anew, and how many there are.
fn made_anew(text: &str) -> (String, usize) {
    let (mut out, mut count, mut base, mut folder, mut within) = (String::new(), 0, Vec::new(), None, false);
    let mut lines = text.split_inclusive('\n');
    while let Some(line) = lines.next() {
        out.push_str(line);
        let mut until = |end: &str| -> String { lines.by_ref().take_while(|l| l.trim_end() != end).collect() };
        if line.starts_with("## ") {
            folder = scratch(&base);
            within = true;
        } else if let Some((_, name)) = line.trim_end().split_once(" file=").filter(|_| line.starts_with("```")) {
            let body = until("```");
            out.push_str(&format!("{body}```\n"));
            if within {
                folder.get_or_insert_with(|| Site::new::<&str>(&[])).write(name, body.as_bytes());
            } else {
                base.push((name.to_owned(), body));
            }
        } else if let Some(mark) = line.trim_end().strip_prefix("<!-- ").and_then(|l| l.strip_suffix(" -->")) {
            let made: Box<dyn Fn(&str) -> String> = match (mark, mark.strip_prefix("vpnlint ")) {
                ("parameters", _) => Box::new(|_| parameters()),
                ("tables", _) => Box::new(|_| tables()),
                (_, Some(arguments)) => {
                    let folder = folder.as_ref();
                    Box::new(move |old| sample(folder, arguments, old.lines().next().filter(|l| l.starts_with("```"))))
                }
                _ => continue,
            };
            out.push_str(&format!("{}{END}\n", made(&until(END))));
            count += 1;
        }
    }
    (out, count)
}

#[test]
fn samples_in_the_documents_are_what_the_binary_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let mut samples = 0;
    for entry in std::fs::read_dir(folder).expect("docs").flatten().filter(|e| e.path().extension().is_some_and(|e| e == "md")) {
        let text = std::fs::read_to_string(entry.path()).expect("a document");
        let (fresh, count) = made_anew(&text);
        samples += count;
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(entry.path(), &fresh).expect("a document");
        } else {
            let stale = text.lines().zip(fresh.lines()).find(|(old, new)| old != new);
            assert!(text == fresh, "{} is stale at {stale:?}; run `UPDATE_DOCS=1 cargo test samples_in`", entry.path().display());
        }
    }
    assert!(samples >= 20, "only {samples} samples");
}

#[test]
fn the_page_about_policies_names_every_key_of_a_policy() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/policies.md")).expect("docs/policies.md");
    let schema = vpnlint::policy::json_schema();
    let mut missing = Vec::new();
    for record in ["PolicyDecl", "WaiverDecl", "OverrideDecl", "CheckDecl"] {
        let keys = schema["$defs"][record]["properties"].as_object().expect("keys").keys().filter(|k| *k != "$schema");
        missing.extend(
            keys.filter(|k| !page.contains(&format!("{k} =")) && !page.contains(&format!("[{k}")) && !page.contains(&format!("`{k}`")))
                .cloned(),
        );
    }
    assert!(missing.is_empty(), "{missing:?}");
}
