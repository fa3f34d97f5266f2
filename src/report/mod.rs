//! What is said of a run, in every format. It sees findings and masked text, never a secret.

mod concise;
mod coverage;
mod finding;
pub mod inspect;
mod json;
mod text;
mod wrap;

pub use coverage::{Answer, Answered};
pub use finding::{
    CoverageRow, Excerpt, Input, Place, Report, ReportFinding, Scrubber, SubjectName, Summary, fingerprints, hex, mask_later_stages,
    subject_name,
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
}

impl Format {
    /// Words for the command line.
    pub const ALL: &'static [(&'static str, Self)] = &[("text", Self::Text), ("concise", Self::Concise), ("json", Self::Json)];

    /// Writes `report`.
    pub fn write(self, report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Text => text::write(report, style, out),
            Self::Concise => concise::write(report, style, out),
            Self::Json => json::write(report, out),
        }
    }
}
