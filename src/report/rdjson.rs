//! Reviewdog Diagnostic Format: one JSON document with the places of both sides.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{Place, Report, ReportFinding};
use crate::rules::Level;

/// Writes the report.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let diagnostics: Vec<Value> = report
        .shown()
        .map(|f| {
            json!({
                "message": format!("{}\n{}", f.message, f.help),
                "location": f.places.first().map_or_else(|| json!({ "path": "" }), |p| location(f, p)),
                "severity": match f.level { Level::Error => "ERROR", Level::Warning => "WARNING", _ => "INFO" },
                "code": { "value": f.rule.id },
                "related_locations": f.places.iter().skip(1).map(|p| json!({ "message": p.text, "location": location(f, p) })).collect::<Vec<_>>(),
            })
        })
        .collect();
    let document = json!({ "source": { "name": "vpnlint", "url": super::HOME }, "diagnostics": diagnostics });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

/// Columns are bytes here; where the line is shown whole they are counted in it, else left out.
fn location(f: &ReportFinding, place: &Place) -> Value {
    let mut start = json!({ "line": place.line });
    let excerpt = &f.excerpts[place.excerpt];
    if excerpt.cropped == 0
        && let Some(before) = excerpt.text.get(..place.bytes.start)
    {
        start["column"] = json!(before.len() - before.rfind('\n').map_or(0, |n| n + 1) + 1);
    }
    json!({ "path": &*place.path, "range": { "start": start } })
}
