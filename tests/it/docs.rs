//! The samples in docs/: each is what the real binary says today.
//!
//! A sample stands between `<!-- vpnlint ARGUMENTS -->` and `<!-- end -->`: in a fence it is the standard output, else the job summary. With `UPDATE_DOCS=1` the test writes the samples anew.

use std::path::Path;
use std::process::Stdio;

use crate::support::{Site, command};

const START: &str = "<!-- vpnlint ";
const END: &str = "<!-- end -->";

/// What the command says, as the document shows it; `fence` is the sample's opening line.
fn sample(arguments: &str, fence: Option<&str>) -> String {
    let scratch = Site::new::<&str>(&[]);
    let summary = scratch.path().join("summary.md");
    let words: Vec<&str> = arguments.split_whitespace().collect();
    let output = command(Path::new(env!("CARGO_MANIFEST_DIR")), &words)
        .env("GITHUB_STEP_SUMMARY", &summary)
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs");
    assert_eq!(output.status.code(), Some(1), "`vpnlint {arguments}` finds nothing: {}", String::from_utf8_lossy(&output.stderr));
    match fence {
        Some(fence) => format!("{fence}\n{}\n```\n", String::from_utf8(output.stdout).expect("UTF-8").trim_end()),
        None => format!("\n{}\n\n", std::fs::read_to_string(&summary).expect("a job summary").trim()),
    }
}

/// The document with every sample made anew, and how many there are.
fn made_anew(text: &str) -> (String, usize) {
    let (mut out, mut rest, mut count) = (String::new(), text, 0);
    while let Some(start) = rest.find(START) {
        let (before, from) = rest.split_at(start);
        let (mark, after) = from.split_once("-->\n").expect("the mark is a line of its own");
        let (old, after) = after.split_once(END).expect("an end of the sample");
        let arguments = mark.strip_prefix(START).expect("the mark begins so").trim();
        let fence = old.lines().next().filter(|line| line.starts_with("```"));
        out.push_str(&format!("{before}{mark}-->\n{}{END}", sample(arguments, fence)));
        rest = after;
        count += 1;
    }
    (out + rest, count)
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
    assert!(samples >= 5, "only {samples} samples");
}
