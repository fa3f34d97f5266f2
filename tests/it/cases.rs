//! Whole sites with snapshots of their reports: `examples/` for users, `tests/cases/` for the rest. A new case needs no Rust.

use vpnlint::report::Format;

use crate::support::{check_folder, folders, render};

fn snapshots(folder: &str) {
    for case in folders(folder) {
        let name = case.file_name().expect("a name").to_string_lossy().into_owned();
        let report = check_folder(&case).report;
        insta::with_settings!({ snapshot_path => format!("../snapshots/{folder}"), prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("{name}.text"), render(&report, Format::Text));
            insta::assert_snapshot!(format!("{name}.concise"), render(&report, Format::Concise));
        });
    }
}

#[test]
fn examples_report_what_their_snapshots_say() {
    snapshots("examples");
}

#[test]
fn cases_report_what_their_snapshots_say() {
    snapshots("tests/cases");
}

#[test]
fn one_finding_over_three_files_looks_right_in_every_format() {
    let case = folders("tests/cases").into_iter().find(|f| f.ends_with("three-files")).expect("three-files");
    let report = check_folder(&case).report;
    let files: std::collections::BTreeSet<_> = report.findings[0].places.iter().map(|p| p.path.clone()).collect();
    assert_eq!((report.findings.len(), files.len()), (1, 3), "{files:?}");
    for (name, format) in Format::ALL {
        let shown = render(&report, *format);
        let shown = match *format {
            // The rules and their pages are the same in every report.
            Format::Sarif => {
                let mut sarif: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
                assert_eq!(sarif["runs"][0]["tool"]["driver"]["rules"].as_array().map(Vec::len), Some(vpnlint::rules::RULES.len()));
                sarif["runs"][0]["tool"]["driver"]["rules"] = serde_json::Value::Null;
                serde_json::to_string_pretty(&sarif).expect("JSON")
            }
            Format::Json => {
                let mut json: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
                json["coverage"] = serde_json::Value::Null;
                serde_json::to_string_pretty(&json).expect("JSON")
            }
            // What holds and what is undecided is the business of the other tests.
            Format::Junit => shown.split("<testcase").filter(|c| c.contains("<failure")).map(|c| format!("<testcase{c}")).collect(),
            _ => shown,
        };
        insta::with_settings!({ snapshot_path => "../snapshots/formats", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(*name, shown);
        });
    }
}

#[test]
fn every_example_stands_in_the_list_of_examples() {
    let list = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/README.md")).expect("examples/README.md");
    for example in folders("examples") {
        let name = example.file_name().expect("a name").to_string_lossy().into_owned();
        assert!(list.contains(&format!("`{name}/`")), "examples/README.md has no line for {name}");
    }
}

#[test]
fn the_broken_example_shows_faults_in_several_files() {
    let report = check_folder(&folders("examples").into_iter().find(|f| f.ends_with("broken-branch")).expect("broken-branch")).report;
    let several = report.findings.iter().filter(|f| f.places.iter().any(|p| p.path != f.places[0].path)).count();
    assert!(several >= 5, "only {several} findings have labels in several files");
}
