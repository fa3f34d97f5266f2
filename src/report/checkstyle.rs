//! Checkstyle's XML, which reviewdog, Jenkins and many others read.

use std::io::{self, Write};

use super::escape::xml;
use super::{Report, all_sides};
use crate::rules::Level;

/// Writes the report.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"8.0\">")?;
    let mut open = None;
    // Findings are sorted by the path of their first label.
    for f in report.shown() {
        let (path, line, column) = f.places.first().map_or(("", 1, 1), |p| (&p.path, p.line, p.column));
        if open != Some(path) {
            if open.is_some() {
                writeln!(out, "  </file>")?;
            }
            writeln!(out, "  <file name=\"{}\">", xml(path))?;
            open = Some(path);
        }
        let severity = match f.level {
            Level::Error => "error",
            Level::Warning => "warning",
            _ => "info",
        };
        let message = xml(&format!("{}; {}", all_sides(f, "; "), f.help));
        writeln!(
            out,
            "    <error line=\"{line}\" column=\"{column}\" severity=\"{severity}\" message=\"{message}\" source=\"vpnlint.{}\"/>",
            f.rule.id
        )?;
    }
    if open.is_some() {
        writeln!(out, "  </file>")?;
    }
    writeln!(out, "</checkstyle>")
}
