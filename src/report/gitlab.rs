//! GitLab Code Quality: the fields that the merge request's widget reads (docs: Code Quality, "Import Code Quality results").

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{Report, all_sides};
use crate::rules::Level;

/// Writes the report.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let findings: Vec<Value> = report
        .shown()
        .map(|f| {
            let (path, line) = f.places.first().map_or(("", 1), |p| (&p.path, p.line));
            json!({
                "description": all_sides(f, "; "),
                "check_name": f.rule.id,
                "fingerprint": f.fingerprint,
                "severity": match f.level { Level::Error => "critical", Level::Warning => "major", _ => "info" },
                "location": { "path": path, "lines": { "begin": line } },
            })
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &findings)?;
    writeln!(out)
}
