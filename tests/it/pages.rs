//! Every rule's page: its examples run, and it says what a page must say.

use std::path::Path;

use vpnlint::report::Report;
use vpnlint::rules::{Example, Page, RULES, Stage};

use crate::support::Site;

/// Checks the files of an example, in a folder of its own.
fn check_example(example: &Example<'_>) -> Report {
    let files: Vec<_> = example.files.iter().map(|(name, text, _)| (*name, *text)).collect();
    Site::new(&files).check().report
}

fn all(report: &Report) -> String {
    report
        .findings
        .iter()
        .map(|f| format!("\n  {}:{} {}[{}] {}", f.places[0].path, f.places[0].line, f.level, f.rule.id, f.message))
        .collect()
}

#[test]
fn bad_examples_make_their_rule_fire_where_they_say_and_no_other() {
    let mut faults = Vec::new();
    for rule in RULES {
        let page = Page::parse(rule.docs);
        for example in &page.bad {
            let report = check_example(example);
            let own: Vec<_> = report.findings.iter().filter(|f| f.rule.id == rule.id).collect();
            if own.is_empty() {
                faults.push(format!("{}: `{}` does not make it fire:{}", rule.id, example.title, all(&report)));
            }
            for finding in report.findings.iter().filter(|f| f.rule.id != rule.id && !page.also.contains(&f.rule.id)) {
                faults.push(format!("{}: `{}` also makes {} fire: {}", rule.id, example.title, finding.rule.id, finding.message));
            }
            let marked: Vec<_> = example.files.iter().filter_map(|(name, _, line)| Some((*name, (*line)?))).collect();
            if marked.is_empty() {
                faults.push(format!("{}: `{}` marks no line with primary=", rule.id, example.title));
            }
            for (name, line) in marked {
                if !own.is_empty() && !own.iter().any(|f| f.places[0].path.as_ref() == name && f.places[0].line == line) {
                    faults.push(format!("{}: `{}` does not fire at {name}:{line}:{}", rule.id, example.title, all(&report)));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn good_examples_are_silent() {
    let mut faults = Vec::new();
    for rule in RULES {
        let page = Page::parse(rule.docs);
        for example in &page.good {
            let report = check_example(example);
            for finding in report.findings.iter().filter(|f| !page.also.contains(&f.rule.id)) {
                faults.push(format!(
                    "{}: `{}` is not silent: {}[{}] {}",
                    rule.id, example.title, finding.level, finding.rule.id, finding.message
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn undecided_examples_name_what_is_missing() {
    let mut faults = Vec::new();
    for rule in RULES {
        let page = Page::parse(rule.docs);
        for example in &page.undecided {
            let report = check_example(example);
            for finding in report.findings.iter().filter(|f| !page.also.contains(&f.rule.id)) {
                faults.push(format!("{}: `{}` makes {} fire: {}", rule.id, example.title, finding.rule.id, finding.message));
            }
            let rows = report.coverage.iter().flatten().filter(|r| r.rule.id == rule.id);
            let reasons: Vec<_> = rows.filter_map(|r| r.undecided.as_deref()).collect();
            if !reasons.iter().any(|r| Some(*r) == example.reason) {
                faults
                    .push(format!("{}: `{}` is not undecided for the reason that it states, but for {reasons:#?}", rule.id, example.title));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The folder of a rule.
fn family(id: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let file = format!("{}.md", id.replace('-', "_"));
    let found = std::fs::read_dir(folder).expect("rules").flatten().find(|f| f.path().join(&file).is_file());
    found.expect("the page's folder").file_name().to_string_lossy().into_owned()
}

#[test]
fn every_page_says_what_a_page_must_say() {
    let mut faults = Vec::new();
    for rule in RULES {
        let page = Page::parse(rule.docs);
        let mut must = |good: bool, what: &str| {
            if !good {
                faults.push(format!("{}: {what}", rule.id));
            }
        };
        must(page.title == rule.id, "the page's title is not its id");
        must(page.summary.ends_with('.') && page.summary.len() > 20, "no summary sentence");
        must(page.article.is_some(), "no line `article:`");
        must(page.why.lines().count() > 2, "no Why");
        must(!page.bad.is_empty(), "no Bad example");
        let family = family(rule.id);
        must(page.good.len() >= 2, "fewer than two Good examples that look like the fault");
        // Faults of the files themselves are always decided.
        must(!page.undecided.is_empty() || ["files", "profiles"].contains(&&*family), "no Undecided example");
        must(page.undecided.iter().all(|e| e.reason.is_some()), "an Undecided example without a line `reason:`");
        must(!page.references.is_empty(), "no References");
        must(page.also.iter().all(|id| vpnlint::rules::find(id).is_some()), "`also:` names no rule");
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn messages_and_labels_follow_the_convention() {
    let mut faults = Vec::new();
    for rule in RULES {
        for example in &Page::parse(rule.docs).bad {
            for finding in check_example(example).findings {
                let first = finding.message.chars().next().unwrap_or(' ');
                if finding.message.ends_with('.')
                    || finding.message.contains('\n')
                    || (first.is_uppercase()
                        && !finding
                            .message
                            .split(' ')
                            .next()
                            .is_some_and(|w| w.len() > 1 && w.chars().all(|c| c.is_uppercase() || !c.is_alphabetic())))
                {
                    faults.push(format!("{}: message `{}`", finding.rule.id, finding.message));
                }
                if finding.help.is_empty() {
                    faults.push(format!("{}: no help in `{}`", finding.rule.id, finding.message));
                }
                for place in &finding.places {
                    if place.text.is_empty() || place.text.split_whitespace().count() > 6 {
                        faults.push(format!("{}: label `{}`", finding.rule.id, place.text));
                    }
                }
                if format!("{:?}{}{}", finding.places, finding.message, finding.help).contains("CANARY") {
                    faults.push(format!("{}: a key in the finding", finding.rule.id));
                }
            }
        }
    }
    faults.sort();
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn rules_have_distinct_ids_named_after_their_files() {
    let mut ids: Vec<_> = RULES.iter().map(|r| r.id).collect();
    ids.sort_unstable();
    insta::assert_snapshot!(ids.join("\n"));
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    for rule in RULES {
        let name = rule.id.replace('-', "_");
        let found = std::fs::read_dir(&folder)
            .expect("rules")
            .flatten()
            .any(|f| f.path().join(format!("{name}.rs")).is_file() && f.path().join(format!("{name}.md")).is_file());
        assert!(found, "{name}.rs and {name}.md");
    }
    assert!(Stage::ALL.is_sorted());
}
