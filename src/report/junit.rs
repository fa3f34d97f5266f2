//! JUnit XML: a suite for each site, a case for each rule and subject. What is undecided was skipped, for want of what is said.

use std::collections::BTreeMap;
use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use super::{Report, ReportFinding};
use crate::rules::Level;

/// Of one rule and subject: what it violates, and whether it is undecided for some reason.
#[derive(Default)]
struct Case<'a> {
    findings: Vec<&'a ReportFinding>,
    undecided: Option<&'a str>,
}

/// Writes the report. It wants the coverage.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut suites: BTreeMap<&str, BTreeMap<(&str, String), Case<'_>>> = BTreeMap::new();
    for row in report.coverage.iter().flatten() {
        let key = (row.rule.id, format!("{} {}", row.subject.kind, row.subject.name));
        let case = suites.entry(&row.site).or_default().entry(key).or_default();
        if let Some(reason) = &row.undecided {
            case.undecided = case.undecided.or(Some(reason));
        }
    }
    for f in report.shown() {
        let key = (f.rule.id, format!("{} {}", f.subject.kind, f.subject.name));
        suites.entry(&f.site).or_default().entry(key).or_default().findings.push(f);
    }
    let mut junit = Junit::new("vpnlint");
    for (site, cases) in suites {
        let mut suite = TestSuite::new(site);
        for ((rule, subject), case) in cases {
            let mut test = TestCase::new(subject, status(&case));
            test.set_classname(rule);
            suite.add_test_case(test);
        }
        junit.add_test_suite(suite);
    }
    let mut broken = TestSuite::new("vpnlint");
    let faults = report.unreadable.iter().map(|(path, reason)| (path.clone(), reason.clone()));
    for (name, reason) in faults.chain(report.bugs.iter().map(|b| ("bug of vpnlint".to_owned(), b.clone()))) {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(reason);
        broken.add_test_case(TestCase::new(name, status));
    }
    if !broken.test_cases.is_empty() {
        junit.add_test_suite(broken);
    }
    // What was skipped is counted as `disabled` there; the schema of Jenkins' xUnit plugin calls it `skipped`. It stands in tags alone: quotes in names
    // and texts are escaped.
    let text = junit.to_string().map_err(io::Error::other)?.replace(" disabled=\"", " skipped=\"");
    out.write_all(text.as_bytes())
}

fn status(case: &Case<'_>) -> TestCaseStatus {
    let Some(worst) = case.findings.iter().max_by_key(|f| f.level) else {
        let Some(reason) = case.undecided else { return TestCaseStatus::success() };
        let mut status = TestCaseStatus::skipped();
        status.set_message(format!("undecided: {reason}"));
        return status;
    };
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type(worst.level.word()).set_message(&worst.message);
    let mut lines = Vec::new();
    for f in &case.findings {
        lines.push(format!("{}: {}", f.level, f.message));
        lines.extend(f.places.iter().map(|p| format!("  {}:{}:{}: {}", p.path, p.line, p.column, p.text)));
        lines.push(format!("  {}", f.help));
    }
    debug_assert!(worst.level > Level::Off, "what is off is no finding");
    status.set_description(lines.join("\n"));
    status
}
