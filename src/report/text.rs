//! For people: snippets from every file involved, by miette, then a summary.

use std::fmt;
use std::io::{self, Write};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, Severity, SourceCode, SourceSpan,
    SpanContents,
};

use super::{Excerpt, Report, ReportFinding, Style, counts, plural, wrap};
use crate::rules::{Level, Seen, symptom};

/// Writes the report.
pub fn write(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let handler = handler(style);
    for finding in report.shown() {
        one(&handler, finding, &report.findings, style, out)?;
        writeln!(out)?;
    }
    if report.show_coverage {
        super::coverage::write(report, style.width, out)?;
    }
    for (path, reason) in &report.unreadable {
        writeln!(out, "not read: {path}: {reason}")?;
    }
    for entry in &report.stale {
        writeln!(out, "the baseline no longer matches: {entry}; `vpnlint baseline` prunes it")?;
    }
    for bug in &report.bugs {
        writeln!(out, "bug of vpnlint: {bug}; please report it")?;
    }
    if !style.quiet {
        summary(report, style, out)?;
    }
    Ok(())
}

/// Draws snippets.
pub(super) fn handler(style: Style) -> GraphicalReportHandler {
    let theme = if style.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    GraphicalReportHandler::new_themed(theme).with_width(style.width).with_context_lines(1).with_links(false)
}

/// Writes one finding; `all` are those that may hide it.
pub(super) fn one(
    handler: &GraphicalReportHandler,
    finding: &ReportFinding,
    all: &[ReportFinding],
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut text = String::new();
    if handler.render_report(&mut text, &Shown::new(finding)).is_err() {
        // Never silent: what cannot be drawn is said in one line.
        text = format!("{}[{}] {}\n", finding.level, finding.rule.id, finding.message);
    }
    for line in text.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    if let Some(witness) = &finding.witness {
        writeln!(out, "  proof: {}", witness.proof.packet)?;
        for (step, (path, line)) in witness.proof.steps.iter().zip(&witness.places) {
            writeln!(out, "    {path}:{line}: {}", step.text)?;
        }
    }
    if let Some(waived) = &finding.waived {
        let until = waived.until.as_ref().map_or_else(String::new, |day| format!(" until {day}"));
        writeln!(out, "  waived{until}: {} ({}:{})", waived.reason, waived.path, waived.line)?;
    }
    if let Some(by) = finding.masked_by.as_ref().and_then(|by| all.iter().find(|f| f.fingerprint == *by)) {
        writeln!(out, "  hidden from the user until `{}` is mended: that breaks the connection earlier", by.rule.id)?;
    } else if let Some(seen) = seen(finding) {
        write!(out, "{}", wrap(&seen, "  ", "    ", style.width))?;
    }
    Ok(())
}

/// `the user sees: Windows error 691; event log: …`. What a capture shows stands in only where nothing else is seen. A warning need not have come to it yet.
fn seen(finding: &ReportFinding) -> Option<String> {
    let ids = finding.stage.map_or(&[][..], |stage| finding.rule.symptoms_at(Some(stage)));
    let symptoms: Vec<_> = ids.iter().filter_map(|id| symptom(id)).collect();
    let of = |seen: Seen| symptoms.iter().filter(move |s| s.seen == seen).map(|s| s.short);
    let mut users = String::new();
    for short in of(Seen::User) {
        let code = short.strip_prefix("Windows error ").filter(|_| users.contains("Windows error "));
        users += match code {
            _ if users.is_empty() => "",
            Some(_) => " or ",
            None => "; or ",
        };
        users += code.unwrap_or(short);
    }
    let (log, capture) = (of(Seen::EventLog).collect::<Vec<_>>(), of(Seen::Capture).collect::<Vec<_>>());
    let mut parts = Vec::new();
    if !users.is_empty() {
        let sees = if finding.level == Level::Error { "sees" } else { "may see" };
        parts.push(format!("the user {sees}: {users}"));
    }
    if !log.is_empty() {
        parts.push(format!("event log: {}", log.join(", ")));
    }
    if parts.is_empty() && !capture.is_empty() {
        parts.push(format!("a capture at the WAN shows: {}", capture.join(", or ")));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn summary(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let s = report.summary;
    let found = counts(report);
    let waived = if s.waived > 0 { format!(", {} waived", s.waived) } else { String::new() };
    writeln!(
        out,
        "{found}; {} proved, {} undecided{waived}; {}, {} read",
        s.holds,
        s.undecided,
        plural(s.sites, "site", "sites"),
        plural(report.inputs.len(), "file", "files")
    )?;
    if s.undecided > 0 && !report.show_coverage {
        writeln!(out, "`--coverage` lists what is undecided, and for want of what")?;
    }
    if style.verbose {
        for input in &report.inputs {
            writeln!(out, "  {} ({})", input.path, input.format)?;
        }
    }
    Ok(())
}

/// A finding as miette wants it.
struct Shown<'a> {
    finding: &'a ReportFinding,
    help: String,
    source: Excerpts<'a>,
}

impl<'a> Shown<'a> {
    fn new(finding: &'a ReportFinding) -> Self {
        let mut starts = Vec::with_capacity(finding.excerpts.len());
        let mut at = 0;
        for excerpt in &finding.excerpts {
            starts.push(at);
            // One byte between excerpts: no span belongs to two.
            at += excerpt.text.len() + 1;
        }
        let mut help = finding.help.clone();
        if !help.is_empty() {
            help.push('\n');
        }
        help.push_str("more: vpnlint explain ");
        help.push_str(finding.rule.id);
        Self { finding, help, source: Excerpts { excerpts: &finding.excerpts, starts } }
    }
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.finding.rule.id)
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.finding.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn code<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        let stage = self.finding.stage.map_or(String::new(), |s| format!(", stage {}", s.word()));
        Some(Box::new(format!("{}[{}]{stage}", self.finding.level, self.finding.rule.id)))
    }

    fn severity(&self) -> Option<Severity> {
        Some(match self.finding.level {
            Level::Error => Severity::Error,
            Level::Warning => Severity::Warning,
            _ => Severity::Advice,
        })
    }

    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        Some(Box::new(&self.help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.finding.places.iter().map(|p| {
            let span = SourceSpan::new((self.source.starts[p.excerpt] + p.bytes.start).into(), p.bytes.len());
            let text = Some(p.text.clone()).filter(|t| !t.is_empty());
            if p.primary { LabeledSpan::new_primary_with_span(text, span) } else { LabeledSpan::new_with_span(text, span) }
        })))
    }
}

/// The excerpts of one finding in one byte space. A span that touches two of them is out of bounds, so that miette draws one block for each.
struct Excerpts<'a> {
    excerpts: &'a [Excerpt],
    starts: Vec<usize>,
}

impl SourceCode for Excerpts<'_> {
    fn read_span<'b>(&'b self, span: &SourceSpan, before: usize, after: usize) -> Result<Box<dyn SpanContents<'b> + 'b>, MietteError> {
        let index = self.starts.partition_point(|s| *s <= span.offset()).checked_sub(1).ok_or(MietteError::OutOfBounds)?;
        let (excerpt, base) = (&self.excerpts[index], self.starts[index]);
        let (from, to) = (span.offset() - base, span.offset() - base + span.len());
        if to > excerpt.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let text = &excerpt.text;
        if before == 0 && after == 0 {
            // Asked for the place alone: miette heads the snippet with its line and column.
            let line_start = text[..from].rfind('\n').map_or(0, |n| n + 1);
            let line = excerpt.first_line as usize - 1 + text[..from].matches('\n').count();
            let column = text[line_start..from].chars().count() + if line_start == 0 { excerpt.cropped as usize } else { 0 };
            let bytes = &text.as_bytes()[from..to];
            return Ok(Box::new(MietteSpanContents::new_named(excerpt.path.to_string(), bytes, *span, line, column, 1)));
        }
        let start = text[..from].rmatch_indices('\n').nth(before).map_or(0, |(n, _)| n + 1);
        let end = text[to..].match_indices('\n').nth(after).map_or(text.len(), |(n, _)| to + n);
        let line = excerpt.first_line as usize - 1 + text[..start].matches('\n').count();
        let column = if start == 0 { excerpt.cropped as usize } else { 0 };
        let shown = SourceSpan::new((base + start).into(), end - start);
        let count = text[start..end].matches('\n').count() + 1;
        Ok(Box::new(MietteSpanContents::new_named(excerpt.path.to_string(), &text.as_bytes()[start..end], shown, line, column, count)))
    }
}
