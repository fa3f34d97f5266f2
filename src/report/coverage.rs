//! What was proved, violated and undecided: the rows of JSON, and a table for people by site and subject.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::{Report, SubjectName, wrap};
use crate::rules::Rule;

/// A rule's answer for a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer<'a> {
    /// There is a finding.
    Violated,
    /// For want of this.
    Undecided(&'a str),
    /// Proved.
    Holds,
}

/// One row: a rule, a subject, and the answer.
pub struct Answered<'a> {
    /// Site.
    pub site: &'a str,
    /// Subject.
    pub subject: &'a SubjectName,
    /// The answer.
    pub answer: Answer<'a>,
    /// Rule.
    pub rule: &'static Rule,
}

impl Report {
    /// Every answer, once for each rule, subject and answer, by site, answer, rule and subject. Empty when coverage was not asked for.
    pub fn answers(&self) -> Vec<Answered<'_>> {
        let Some(rows) = &self.coverage else { return Vec::new() };
        let found = self.findings.iter().map(|f| Answered { site: &f.site, subject: &f.subject, answer: Answer::Violated, rule: f.rule });
        let others = rows.iter().map(|r| {
            let answer = r.undecided.as_deref().map_or(Answer::Holds, Answer::Undecided);
            Answered { site: &r.site, subject: &r.subject, answer, rule: r.rule }
        });
        let mut all: Vec<_> = found.chain(others).collect();
        all.sort_by(|a, b| a.key().cmp(&b.key()));
        all.dedup_by(|a, b| a.key() == b.key());
        all
    }
}

impl<'a> Answered<'a> {
    /// What rows are sorted by.
    fn key(&self) -> (&'a str, u8, &'static str, &'a SubjectName, Answer<'a>) {
        let kind = match self.answer {
            Answer::Holds => 0,
            Answer::Undecided(_) => 1,
            Answer::Violated => 2,
        };
        (self.site, kind, self.rule.id, self.subject, self.answer)
    }
}

/// Kinds of subjects in the order in which a connection meets them.
const KINDS: &[&str] = &["client", "upstream", "mx", "client_vpn", "resource", "site", "file"];

/// The table for people, by site and subject; subjects with the same answers stand together, rules that hold are packed, undecided ones stand under what would decide them.
pub fn write(report: &Report, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let mut sites = BTreeMap::<&str, BTreeMap<(usize, &SubjectName), Vec<Answered<'_>>>>::new();
    for row in report.answers() {
        let kind = KINDS.iter().position(|k| *k == row.subject.kind).unwrap_or(KINDS.len());
        sites.entry(row.site).or_default().entry((kind, row.subject)).or_default().push(row);
    }
    for (site, subjects) in &sites {
        writeln!(out, "coverage of {site}")?;
        let mut blocks: Vec<(&SubjectName, String, String)> = Vec::new();
        for ((_, subject), rows) in subjects {
            let table = table(rows, width);
            match blocks.iter_mut().find(|(first, _, other)| first.kind == subject.kind && *other == table) {
                Some((_, heading, _)) => {
                    heading.push_str(", ");
                    heading.push_str(&subject.name);
                }
                None => blocks.push((subject, called(subject), table)),
            }
        }
        for (_, heading, table) in blocks {
            write!(out, "\n{}{table}", wrap(&heading, "  ", "    ", width))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// The subject in words: the MX and its client VPN are called after their site.
fn called(subject: &SubjectName) -> String {
    match subject.kind {
        "mx" => "the MX".to_owned(),
        "client_vpn" => "client VPN on the MX".to_owned(),
        "site" => "the site".to_owned(),
        kind => format!("{kind} {}", subject.name),
    }
}

fn table(rows: &[Answered<'_>], width: usize) -> String {
    // What holds within the site may still fail beside another one: then it does not hold.
    let also =
        |row: &Answered<'_>| row.answer == Answer::Holds && rows.iter().any(|r| r.rule.id == row.rule.id && r.answer != Answer::Holds);
    let ids = |wanted: Answer<'_>| {
        let ids: Vec<_> = rows.iter().filter(|r| r.answer == wanted && !also(r)).map(|r| r.rule.id).collect();
        ids.join(", ")
    };
    let column = |word: &str| format!("    {word:<11}");
    let indent = column("");
    let mut out = String::new();
    let violated = ids(Answer::Violated);
    if !violated.is_empty() {
        out += &wrap(&violated, &column("violated"), &indent, width);
    }
    let reasons: BTreeSet<Answer<'_>> = rows.iter().map(|r| r.answer).filter(|a| matches!(a, Answer::Undecided(_))).collect();
    for (n, reason) in reasons.into_iter().enumerate() {
        let Answer::Undecided(why) = reason else { continue };
        let first = if n == 0 { column("undecided") } else { indent.clone() };
        out += &wrap(&format!("{why}:"), &first, &indent, width);
        let deeper = format!("{indent}  ");
        out += &wrap(&ids(reason), &deeper, &deeper, width);
    }
    let holds = ids(Answer::Holds);
    if !holds.is_empty() {
        out += &wrap(&holds, &column("holds"), &indent, width);
    }
    out
}
