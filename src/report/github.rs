//! GitHub Actions: workflow commands, worst first (a step shows ten errors and ten warnings); the job summary is Markdown.

use std::io::{self, Write};

use super::escape::{command_data, command_property};
use super::{Report, all_sides, worst_first};
use crate::rules::Level;

/// Writes the commands.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut findings: Vec<_> = report.shown().collect();
    findings.sort_by(|a, b| worst_first(a, b));
    for f in findings {
        let command = match f.level {
            Level::Error => "error",
            Level::Warning => "warning",
            _ => "notice",
        };
        write!(out, "::{command} ")?;
        if let Some(place) = f.places.first() {
            write!(out, "file={},line={},col={}", command_property(&place.path), place.line, place.column)?;
            if place.end_line > place.line {
                write!(out, ",endLine={}", place.end_line)?;
            } else if let Some(end) = place.end_column {
                write!(out, ",endColumn={end}")?;
            }
            write!(out, ",")?;
        }
        let text = format!("{}\n{}", all_sides(f, "\n"), f.help);
        writeln!(out, "title={}::{}", command_property(&format!("{} [{}]", f.rule.id, f.site)), command_data(&text))?;
    }
    for (path, reason) in &report.unreadable {
        writeln!(out, "::error title=not read::{}", command_data(&format!("{path}: {reason}")))?;
    }
    for bug in &report.bugs {
        writeln!(out, "::error title=bug of vpnlint::{}", command_data(bug))?;
    }
    Ok(())
}
