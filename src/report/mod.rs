//! What is said of a run, in every format. It sees findings and masked text, never a secret.

mod checkstyle;
mod concise;
mod coverage;
pub mod diff;
mod escape;
mod finding;
mod github;
mod gitlab;
pub mod inspect;
mod json;
mod junit;
mod markdown;
mod rdjson;
mod sarif;
mod text;
mod wrap;

pub use coverage::{Answer, Answered};
pub use finding::{
    CoverageRow, Excerpt, Input, Place, Report, ReportFinding, Scrubber, SubjectName, Summary, Waived, fingerprints, hex,
    mask_later_stages, subject_name,
};
pub use wrap::wrap;

use std::io::{self, Write};

/// How to write a report.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Colours and line drawing.
    pub color: bool,
    /// Width of the terminal in columns.
    pub width: usize,
    /// Findings alone, no summary.
    pub quiet: bool,
    /// More: files read, undecided rules.
    pub verbose: bool,
}

/// Output formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One line a finding.
    Concise,
    /// For programs.
    Json,
    /// GitHub code scanning, and others.
    Sarif,
    /// GitHub Actions.
    GitHub,
    /// GitLab Code Quality.
    GitLab,
    /// Any CI's test report.
    Junit,
    /// reviewdog, Jenkins and others.
    Checkstyle,
    /// reviewdog.
    Rdjson,
    /// Comments of merge requests.
    Markdown,
}

impl Format {
    /// Words for the command line.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("text", Self::Text),
        ("concise", Self::Concise),
        ("json", Self::Json),
        ("sarif", Self::Sarif),
        ("github", Self::GitHub),
        ("gitlab", Self::GitLab),
        ("junit", Self::Junit),
        ("checkstyle", Self::Checkstyle),
        ("rdjson", Self::Rdjson),
        ("markdown", Self::Markdown),
    ];

    /// Whether it shows what holds and what is undecided, asked for or not.
    pub const fn wants_coverage(self) -> bool {
        matches!(self, Self::Junit)
    }

    /// Writes `report`.
    pub fn write(self, report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Text => text::write(report, style, out),
            Self::Concise => concise::write(report, style, out),
            Self::Json => json::write(report, out),
            Self::Sarif => sarif::write(report, out),
            Self::GitHub => github::write(report, out),
            Self::GitLab => gitlab::write(report, out),
            Self::Junit => junit::write(report, out),
            Self::Checkstyle => checkstyle::write(report, out),
            Self::Rdjson => rdjson::write(report, out),
            Self::Markdown => markdown::write(report, out),
        }
    }
}

/// Where people find vpnlint.
const HOME: &str = "https://vpnlint.dev";

/// Errors before warnings before advice, else as reported.
fn worst_first(a: &ReportFinding, b: &ReportFinding) -> std::cmp::Ordering {
    b.level.cmp(&a.level).then_with(|| a.order().cmp(&b.order()))
}

fn plural(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

/// `2 errors, 1 warning`, or `no findings`.
fn counts(report: &Report) -> String {
    let s = report.summary;
    let found: Vec<_> =
        [(s.error, "error", "errors"), (s.warning, "warning", "warnings"), (s.advice, "piece of advice", "pieces of advice")]
            .into_iter()
            .filter(|(n, ..)| *n > 0)
            .map(|(n, one, many)| plural(n, one, many))
            .collect();
    if found.is_empty() { "no findings".to_owned() } else { found.join(", ") }
}

/// The message, and every other side behind it with its place.
fn all_sides(finding: &ReportFinding, between: &str) -> String {
    finding.places.iter().skip(1).fold(finding.message.clone(), |text, p| format!("{text}{between}{}:{}: {}", p.path, p.line, p.text))
}

#[cfg(test)]
mod tests;
