//! One line a finding, for grep and editors: `path:line:col: level[id] message`.

use std::io::{self, Write};

use super::{Report, Style};

/// Writes the report.
pub fn write(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    for finding in report.shown() {
        if let Some(place) = finding.places.first() {
            write!(out, "{}:{}:{}: ", place.path, place.line, place.column)?;
        }
        writeln!(out, "{}[{}] {}", finding.level, finding.rule.id, finding.message)?;
    }
    if style.verbose {
        for row in report.coverage.iter().filter(|_| report.show_coverage).flatten() {
            let verdict = row.undecided.as_deref().map_or_else(|| "holds".to_owned(), |r| format!("undecided: {r}"));
            writeln!(out, "{}: {} {} {}: {verdict}", row.site, row.rule.id, row.subject.kind, row.subject.name)?;
        }
    }
    Ok(())
}
