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
