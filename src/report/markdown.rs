//! Markdown for a merge request's comment or a job summary: a table, worst first, and the details folded. Hostile names are no markup in it.

use std::io::{self, Write};

use super::escape::{fence, markdown};
use super::{Report, ReportFinding, plural, worst_first};

/// Findings whose details are shown: a comment takes 65,536 characters.
const MAX_DETAILS: usize = 40;
/// Findings in the table.
const MAX_ROWS: usize = 200;

/// Writes the report.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut findings: Vec<_> = report.shown().collect();
    findings.sort_by(|a, b| worst_first(a, b));
    writeln!(out, "### vpnlint: {}\n", super::counts(report))?;
    table(&findings, out)?;
    for (path, reason) in &report.unreadable {
        writeln!(out, "\nNot read: {}: {}", markdown(path), markdown(reason))?;
    }
    for entry in &report.stale {
        writeln!(out, "\nThe baseline no longer matches {}", markdown(entry))?;
    }
    for bug in &report.bugs {
        writeln!(out, "\nBug of vpnlint: {}", markdown(bug))?;
    }
    let s = report.summary;
    let waived = if s.waived > 0 { format!(", {} waived", s.waived) } else { String::new() };
    let (sites, files) = (plural(s.sites, "site", "sites"), plural(report.inputs.len(), "file", "files"));
    writeln!(out, "\n{} proved, {} undecided{waived}; {sites}, {files} read.", s.holds, s.undecided)
}

/// Findings as a table, then the details folded.
pub(super) fn table(findings: &[&ReportFinding], out: &mut dyn Write) -> io::Result<()> {
    if !findings.is_empty() {
        writeln!(out, "| level | where | what |\n|---|---|---|")?;
        for f in findings.iter().take(MAX_ROWS) {
            let place = f.places.first().map_or_else(String::new, |p| format!("{}&#58;{}", markdown(&p.path), p.line));
            let waived = f.waived.as_ref().map_or_else(String::new, |w| format!(" (waived: {})", markdown(&w.reason)));
            writeln!(out, "| {} | {place} | {}{waived}<br>`{}` |", f.level, markdown(&f.message), f.rule.id)?;
        }
        more(out, findings.len(), MAX_ROWS)?;
        writeln!(out)?;
    }
    for f in findings.iter().take(MAX_DETAILS) {
        details(f, out)?;
    }
    if findings.len() > MAX_ROWS.min(MAX_DETAILS) {
        more(out, findings.len(), MAX_DETAILS)?;
    }
    Ok(())
}

pub(super) fn more(out: &mut dyn Write, all: usize, shown: usize) -> io::Result<()> {
    if all > shown { writeln!(out, "\n… and {} more", all - shown) } else { Ok(()) }
}

fn details(f: &ReportFinding, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<details><summary>{}: {}</summary>\n", f.rule.id, markdown(&f.message))?;
    for place in &f.places {
        writeln!(out, "- {}&#58;{}&#58;{}: {}", markdown(&place.path), place.line, place.column, markdown(&place.text))?;
    }
    for excerpt in f.excerpts.iter().filter(|e| !e.text.is_empty()) {
        let fence = fence(&excerpt.text);
        writeln!(out, "\n{fence}text")?;
        for (n, line) in excerpt.text.split('\n').enumerate() {
            writeln!(out, "{:>4} | {line}", excerpt.first_line as usize + n)?;
        }
        writeln!(out, "{fence}")?;
    }
    if let Some(witness) = &f.witness {
        writeln!(out, "\nProof: {}\n", markdown(&witness.proof.packet.to_string()))?;
        for (step, (path, line)) in witness.proof.steps.iter().zip(&witness.places) {
            writeln!(out, "1. {}&#58;{line}: {}", markdown(path), markdown(&step.text))?;
        }
    }
    writeln!(out, "\n{}\n\n</details>\n", markdown(&f.help))
}
