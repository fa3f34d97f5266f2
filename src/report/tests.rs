//! Limits of consumers, on reports that no folder of sites gives.

use std::sync::Arc;

use super::*;
use crate::rules::{Level, RULES, Subject};

fn place(line: u32, excerpt: usize) -> Place {
    Place {
        primary: line == 1,
        path: "site.toml".into(),
        line,
        column: 1,
        end_line: line,
        end_column: Some(2),
        text: format!("side {line}"),
        excerpt,
        bytes: 0..1,
    }
}

fn finding(n: u32, level: Level, places: u32) -> ReportFinding {
    let excerpt = Excerpt { path: Arc::from("site.toml"), first_line: 1, text: "x".to_owned(), cropped: 0 };
    ReportFinding {
        rule: RULES[0],
        level,
        stage: None,
        site: Arc::from("a"),
        site_index: 0,
        subject: SubjectName { kind: "site", name: format!("{n}") },
        subject_of: Subject::Site,
        message: format!("message {n}"),
        help: "help".to_owned(),
        places: (0..places).map(|p| place(n + p + 1, 0)).collect(),
        excerpts: vec![excerpt],
        witness: None,
        logical: Vec::new(),
        masked_by: None,
        waived: None,
        fingerprint: format!("{n:032x}"),
    }
}

fn sarif(report: &Report) -> serde_json::Value {
    let mut out = Vec::new();
    Format::Sarif.write(report, Style { color: false, width: 100, quiet: false, verbose: false }, &mut out).expect("memory");
    serde_json::from_slice(&out).expect("JSON")
}

#[test]
fn github_gets_no_more_results_than_it_takes_and_the_gravest() {
    let level = |n: u32| match n % 3 {
        0 => Level::Advice,
        1 => Level::Warning,
        _ => Level::Error,
    };
    let report = Report { findings: (0..30_000).map(|n| finding(n, level(n), 1)).collect(), ..Report::default() };
    let run = &sarif(&report)["runs"][0];
    let results = run["results"].as_array().expect("results");
    let count = |level: &str| results.iter().filter(|r| r["level"] == level).count();
    assert_eq!((results.len(), count("error"), count("warning"), count("note")), (25_000, 10_000, 10_000, 5_000));
    let lines: Vec<_> = results.iter().map(|r| r["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64()).collect();
    assert!(lines.is_sorted(), "in the order of every report");
    let notes = &run["invocations"][0]["toolExecutionNotifications"];
    assert_eq!(notes[0]["message"]["text"], "5000 findings, the least grave ones, are left out: 25000 are the most that are taken");
    let few = Report { findings: vec![finding(1, Level::Error, 1)], ..Report::default() };
    assert_eq!(sarif(&few)["runs"][0]["invocations"][0]["toolExecutionNotifications"], serde_json::json!([]));
}

#[test]
fn a_result_links_no_more_places_than_github_takes() {
    let report = Report { findings: vec![finding(1, Level::Error, 1500)], ..Report::default() };
    let result = &sarif(&report)["runs"][0]["results"][0];
    let related = result["relatedLocations"].as_array().expect("places");
    assert_eq!((result["locations"].as_array().map(Vec::len), related.len()), (Some(1), 1000));
    let text = result["message"]["text"].as_str().expect("text");
    assert!(text.contains("](1000)") && !text.contains("](1001)"));
}
