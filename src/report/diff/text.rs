//! For people.

use std::io::{self, Write};

use super::{Group, at, because, groups, headline, note, outcome, sentences};
use crate::diff::{Change, Difference};
use crate::report::{ReportFinding, Style, text, worst_first};

/// Lines of a list that are shown.
const MAX_LINES: usize = 50;

/// Writes the difference.
pub fn write(d: &Difference<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "old: {}\nnew: {}\n", d.old.shown, d.new.shown)?;
    changes("clients whose outcome changes", "clients", &d.clients, out)?;
    changes("resources whose outcome changes", "resources", &d.resources, out)?;
    if !d.appeared.is_empty() {
        writeln!(out, "new findings\n")?;
        let handler = text::handler(style);
        let mut appeared: Vec<_> = d.appeared.iter().collect();
        appeared.sort_by(|(a, _), (b, _)| worst_first(a, b));
        for (finding, before) in appeared {
            text::one(&handler, finding, &d.new.report.findings, style, out)?;
            if let Some(note) = note(before) {
                writeln!(out, "  {note}")?;
            }
            writeln!(out)?;
        }
    }
    list("fixed", d.fixed.iter().map(|f| line(f)), out)?;
    let waived =
        |f: &&ReportFinding| f.waived.as_ref().map_or_else(|| line(f), |w| format!("{}: {} ({}:{})", line(f), w.reason, w.path, w.line));
    list("waived now, and not fixed", d.waived.iter().map(waived), out)?;
    list("no longer decided, so perhaps still there", d.unsettled.iter().map(|(f, why)| format!("{}: {why}", line(f))), out)?;
    let lost = d.lost.iter().map(|l| format!("{} at {} ({} {}): {}", l.rule, l.site, l.subject.0, l.subject.1, l.reason));
    list("proved before, undecided now", lost, out)?;
    for sentence in sentences(d) {
        writeln!(out, "{sentence}")?;
    }
    writeln!(out, "{}", headline(d))
}

fn changes(title: &str, many: &str, changes: &[Change], out: &mut dyn Write) -> io::Result<()> {
    let one = |group: Group<'_>| {
        let c = group.first;
        let rules = because(c);
        let rules = if rules.is_empty() { String::new() } else { format!(" [{}]", rules.join(", ")) };
        let (before, after) = (outcome(c.before.as_ref(), c.presence), outcome(c.after.as_ref(), c.presence));
        format!("{} at {}: {before} -> {after}{rules}", group.who(many), c.site)
    };
    list(title, groups(changes).into_iter().map(one), out)
}

fn line(f: &ReportFinding) -> String {
    format!("{}[{}] {}: {}", f.level, f.rule.id, at(f), f.message)
}

fn list(title: &str, lines: impl ExactSizeIterator<Item = String>, out: &mut dyn Write) -> io::Result<()> {
    let all = lines.len();
    if all == 0 {
        return Ok(());
    }
    writeln!(out, "{title}")?;
    for line in lines.take(MAX_LINES) {
        writeln!(out, "  {line}")?;
    }
    if all > MAX_LINES {
        writeln!(out, "  … and {} more", all - MAX_LINES)?;
    }
    writeln!(out)
}
