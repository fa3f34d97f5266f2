//! Markdown for a merge request's comment: a table of what changes for users, then the findings. Hostile names are no markup in it.

use std::io::{self, Write};

use super::{at, because, groups, headline, note, outcome, sentences};
use crate::diff::{Change, Difference};
use crate::report::escape::markdown;
use crate::report::markdown::{more, table};
use crate::report::{ReportFinding, worst_first};

/// Rows of a table and points of a list: a comment takes 65,536 characters.
const MAX_ROWS: usize = 60;

/// Writes the difference.
pub fn write(d: &Difference<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "### vpnlint diff: {}\n", headline(d))?;
    writeln!(out, "{} → {}\n", markdown(&d.old.shown), markdown(&d.new.shown))?;
    changes("Clients whose outcome changes", "client", "clients", &d.clients, out)?;
    changes("Resources whose outcome changes", "resource", "resources", &d.resources, out)?;
    if !d.appeared.is_empty() {
        writeln!(out, "#### New findings\n")?;
        let mut appeared: Vec<_> = d.appeared.iter().collect();
        appeared.sort_by(|(a, _), (b, _)| worst_first(a, b));
        table(&appeared.iter().map(|(f, _)| *f).collect::<Vec<_>>(), out)?;
        let notes =
            appeared.iter().filter_map(|(f, before)| Some(format!("`{}` {}: {}", f.rule.id, markdown(&at(f)), markdown(&note(before)?))));
        list("", &notes.collect::<Vec<_>>(), out)?;
    }
    list("Fixed", &d.fixed.iter().map(|f| line(f)).collect::<Vec<_>>(), out)?;
    let waived = |f: &&ReportFinding| {
        format!("{}{}", line(f), f.waived.as_ref().map_or_else(String::new, |w| format!("&#58; {}", markdown(&w.reason))))
    };
    list("Waived now, and not fixed", &d.waived.iter().map(waived).collect::<Vec<_>>(), out)?;
    let unsettled = d.unsettled.iter().map(|(f, why)| format!("{}&#58; {}", line(f), markdown(why)));
    list("No longer decided, so perhaps still there", &unsettled.collect::<Vec<_>>(), out)?;
    let lost = d
        .lost
        .iter()
        .map(|l| format!("`{}` {}", l.rule, markdown(&format!("at {} ({} {}): {}", l.site, l.subject.0, l.subject.1, l.reason))));
    list("Proved before, undecided now", &lost.collect::<Vec<_>>(), out)?;
    for sentence in sentences(d) {
        writeln!(out, "{}\n", markdown(&sentence))?;
    }
    Ok(())
}

fn changes(title: &str, one: &str, many: &str, changes: &[Change], out: &mut dyn Write) -> io::Result<()> {
    let groups = groups(changes);
    if groups.is_empty() {
        return Ok(());
    }
    writeln!(out, "#### {title}\n\n| {one} | site | before | after | rule |\n|---|---|---|---|---|")?;
    for group in groups.iter().take(MAX_ROWS) {
        let c = group.first;
        let rules: Vec<_> = because(c).iter().map(|r| format!("`{r}`")).collect();
        let (before, after) = (outcome(c.before.as_ref(), c.presence), outcome(c.after.as_ref(), c.presence));
        let cells = [group.who(many), c.site.clone(), before, after].map(|cell| markdown(&cell));
        writeln!(out, "| {} | {} |", cells.join(" | "), rules.join(", "))?;
    }
    more(out, groups.len(), MAX_ROWS)?;
    writeln!(out)
}

fn line(f: &ReportFinding) -> String {
    format!("{} `{}` {}&#58; {}", f.level, f.rule.id, markdown(&at(f)), markdown(&f.message))
}

fn list(title: &str, lines: &[String], out: &mut dyn Write) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    if !title.is_empty() {
        writeln!(out, "#### {title}\n")?;
    }
    for line in lines.iter().take(MAX_ROWS) {
        writeln!(out, "- {line}")?;
    }
    more(out, lines.len(), MAX_ROWS)?;
    writeln!(out)
}
