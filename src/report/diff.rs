//! A difference in every format: what changes for users first, then what is new, then what is mended.

mod json;
mod markdown;
mod text;

use std::io::{self, Write};

use super::{ReportFinding, Style, plural};
use crate::diff::{Before, Change, Difference, Outcome, Presence};
use crate::rules::{Level, Seen, symptom};

/// Output formats of `vpnlint diff`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// Comments of merge requests.
    Markdown,
    /// For programs.
    Json,
}

impl Format {
    /// Words for the command line.
    pub const ALL: &'static [(&'static str, Self)] = &[("text", Self::Text), ("markdown", Self::Markdown), ("json", Self::Json)];

    /// Writes `difference`.
    pub fn write(self, difference: &Difference<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Text => text::write(difference, style, out),
            Self::Markdown => markdown::write(difference, out),
            Self::Json => json::write(difference, out),
        }
    }
}

/// Names of a group that are spelled out.
const MAX_NAMED: usize = 4;

/// Those at one site whose outcome changes alike.
struct Group<'a> {
    first: &'a Change,
    names: Vec<&'a str>,
}

impl Group<'_> {
    /// `sales-laptops`, `a, b, c`, `a, b, c, d and 8 more`, `all 12 clients`.
    fn who(&self, many: &str) -> String {
        if self.names.len() > MAX_NAMED && self.names.len() == self.first.of {
            return format!("all {} {many}", self.names.len());
        }
        let named = self.names.iter().take(MAX_NAMED).copied().collect::<Vec<_>>().join(", ");
        match self.names.len().checked_sub(MAX_NAMED) {
            None | Some(0) => named,
            Some(more) => format!("{named} and {more} more"),
        }
    }
}

/// Changes of the same kind at the same site, in the order of their first.
fn groups(changes: &[Change]) -> Vec<Group<'_>> {
    let mut out: Vec<Group<'_>> = Vec::new();
    let mut site_starts = 0;
    for change in changes {
        if out.last().is_some_and(|g| g.first.site != change.site) {
            site_starts = out.len();
        }
        let alike =
            |g: &&mut Group<'_>| g.first.presence == change.presence && g.first.before == change.before && g.first.after == change.after;
        match out[site_starts..].iter_mut().find(alike) {
            Some(group) => group.names.push(&change.name),
            None => out.push(Group { first: change, names: vec![&change.name] }),
        }
    }
    out
}

/// `stops at reach-ike (Windows 809)`, `no fault found, 2 undecided`; never that it works.
fn outcome(outcome: Option<&Outcome>, presence: Presence) -> String {
    match outcome {
        Some(Outcome::Stops { stage, symptoms, .. }) => {
            // What shows in a log or a capture is told with the findings.
            let shown: Vec<_> = symptoms.iter().filter(|s| symptom(s).is_none_or(|s| s.seen == Seen::User)).map(|s| word(s)).collect();
            if shown.is_empty() {
                format!("stops at {}", stage.word())
            } else {
                format!("stops at {} ({})", stage.word(), shown.join(", "))
            }
        }
        Some(Outcome::NothingFound(0)) => "no fault found".to_owned(),
        Some(Outcome::NothingFound(n)) => format!("no fault found, {n} undecided"),
        None if presence == Presence::Added => "not there".to_owned(),
        None => "gone".to_owned(),
    }
}

/// The rules that an outcome rests on.
fn because(change: &Change) -> &[&'static str] {
    match (&change.after, &change.before) {
        (Some(Outcome::Stops { rules, .. }), _) | (_, Some(Outcome::Stops { rules, .. })) => rules,
        _ => &[],
    }
}

fn word(id: &str) -> String {
    symptom(id).map_or_else(|| id.replace('-', " "), |s| s.short.replace("Windows error ", "Windows "))
}

/// `3 new (1 error, 2 warnings), 1 fixed, 12 unchanged`.
fn headline(d: &Difference<'_>) -> String {
    let count = |level: Level| d.appeared.iter().filter(|(f, _)| f.level == level).count();
    let levels: Vec<_> = [
        (count(Level::Error), "error", "errors"),
        (count(Level::Warning), "warning", "warnings"),
        (count(Level::Advice), "piece of advice", "pieces of advice"),
    ]
    .into_iter()
    .filter(|(n, ..)| *n > 0)
    .map(|(n, one, many)| plural(n, one, many))
    .collect();
    let new = if levels.is_empty() { "nothing new".to_owned() } else { format!("{} new ({})", d.appeared.len(), levels.join(", ")) };
    let counts = [(d.waived.len(), "waived now"), (d.unsettled.len(), "no longer decided")];
    let more = counts.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!(", {n} {what}")).collect::<Vec<_>>().concat();
    format!("{new}, {} fixed{more}, {} unchanged", d.fixed.len(), d.unchanged)
}

/// What is to be known of a new finding beside itself.
fn note(before: &Before) -> Option<String> {
    match before {
        Before::Nothing => None,
        Before::Undecided(reason) => Some(format!("it may be older, for it was undecided before: {reason}")),
        Before::Waived => Some("it is older: a waiver covered it before".to_owned()),
        Before::Milder(level) => Some(format!("it is older: it was {level} before")),
    }
}

/// `site.toml:12`.
fn at(f: &ReportFinding) -> String {
    f.places.first().map_or_else(|| f.site.to_string(), |p| format!("{}:{}", p.path, p.line))
}

/// Sites that came or went, and verdicts that changed, one sentence each.
fn sentences(d: &Difference<'_>) -> Vec<String> {
    let mut out = Vec::new();
    if !d.added_sites.is_empty() {
        out.push(format!("only in the new side: {}", names(&d.added_sites, "site", "sites")));
    }
    if !d.removed_sites.is_empty() {
        out.push(format!("only in the old side: {}", names(&d.removed_sites, "site", "sites")));
    }
    if !d.lost.is_empty() || d.gained > 0 {
        out.push(format!("proved before and undecided now: {}; undecided before and proved now: {}", d.lost.len(), d.gained));
    }
    for (side, report) in [("old", &d.old.report), ("new", &d.new.report)] {
        out.extend(report.unreadable.iter().map(|(path, reason)| format!("not read in the {side} side: {path}: {reason}")));
        out.extend(report.bugs.iter().map(|bug| format!("bug of vpnlint, on the {side} side: {bug}; please report it")));
    }
    out
}

fn names(all: &[&str], one: &str, many: &str) -> String {
    let named: Vec<_> = all.iter().take(MAX_NAMED).map(|n| if n.is_empty() { "(unread)" } else { n }).collect();
    let more = if all.len() > MAX_NAMED { format!(" and {} more", all.len() - MAX_NAMED) } else { String::new() };
    format!("{} ({}{more})", plural(all.len(), one, many), named.join(", "))
}
