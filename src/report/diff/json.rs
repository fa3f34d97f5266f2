//! For programs: the difference as JSON, version 1. Findings have the shape that they have in the report.

use std::io::{self, Write};

use serde::Serialize;

use crate::diff::{Before, Change, Difference, Outcome, Presence};
use crate::report::json::{JsonFinding, finding};

#[derive(Serialize)]
struct Json<'a> {
    version: u32,
    tool: Tool,
    compared: JsonCompared<'a>,
    clients: Vec<JsonChange<'a>>,
    resources: Vec<JsonChange<'a>>,
    new: Vec<JsonFinding<'a>>,
    /// Of `new`, by fingerprint: what is not as new as it looks.
    known_before: Vec<JsonKnown<'a>>,
    fixed: Vec<JsonFinding<'a>>,
    waived: Vec<JsonFinding<'a>>,
    undecided: Vec<JsonUnsettled<'a>>,
    unchanged: usize,
    verdicts: JsonVerdicts<'a>,
    sites: JsonSites<'a>,
    unreadable: JsonUnreadable<'a>,
    bugs: Vec<&'a str>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct JsonCompared<'a> {
    old: &'a str,
    new: &'a str,
}

/// `client` or `resource` is set. An outcome is null where no fault was found, or where it is not there: `presence` tells.
#[derive(Serialize)]
struct JsonChange<'a> {
    site: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'a str>,
    presence: &'static str,
    before: Option<JsonOutcome<'a>>,
    after: Option<JsonOutcome<'a>>,
    undecided_before: usize,
    undecided_after: usize,
}

#[derive(Serialize)]
struct JsonOutcome<'a> {
    stage: &'static str,
    symptoms: &'a [&'static str],
    rules: &'a [&'static str],
}

#[derive(Serialize)]
struct JsonKnown<'a> {
    fingerprint: &'a str,
    before: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<&'static str>,
}

#[derive(Serialize)]
struct JsonUnsettled<'a> {
    finding: JsonFinding<'a>,
    reason: &'a str,
}

#[derive(Serialize)]
struct JsonVerdicts<'a> {
    proved_now: usize,
    undecided_now: Vec<JsonLost<'a>>,
}

#[derive(Serialize)]
struct JsonLost<'a> {
    rule: &'static str,
    site: &'a str,
    subject: JsonSubject<'a>,
    reason: &'a str,
}

#[derive(Serialize)]
struct JsonSubject<'a> {
    kind: &'static str,
    name: &'a str,
}

#[derive(Serialize)]
struct JsonSites<'a> {
    added: &'a [&'a str],
    removed: &'a [&'a str],
}

#[derive(Serialize)]
struct JsonUnreadable<'a> {
    old: Vec<JsonPath<'a>>,
    new: Vec<JsonPath<'a>>,
}

#[derive(Serialize)]
struct JsonPath<'a> {
    path: &'a str,
    reason: &'a str,
}

fn outcome(outcome: Option<&Outcome>) -> (Option<JsonOutcome<'_>>, usize) {
    match outcome {
        Some(Outcome::Stops { stage, symptoms, rules }) => (Some(JsonOutcome { stage: stage.word(), symptoms, rules }), 0),
        Some(Outcome::NothingFound(undecided)) => (None, *undecided),
        None => (None, 0),
    }
}

fn change(c: &Change, is_client: bool) -> JsonChange<'_> {
    let ((before, undecided_before), (after, undecided_after)) = (outcome(c.before.as_ref()), outcome(c.after.as_ref()));
    JsonChange {
        site: &c.site,
        client: is_client.then_some(&*c.name),
        resource: (!is_client).then_some(&*c.name),
        presence: match c.presence {
            Presence::Both => "both",
            Presence::Added => "new",
            Presence::Removed => "old",
        },
        before,
        after,
        undecided_before,
        undecided_after,
    }
}

/// Writes the difference.
pub fn write(d: &Difference<'_>, out: &mut dyn Write) -> io::Result<()> {
    let known = d.appeared.iter().filter_map(|(f, before)| {
        let (before, reason, level) = match before {
            Before::Nothing => return None,
            Before::Undecided(reason) => ("undecided", Some(reason.as_str()), None),
            Before::Waived => ("waived", None, None),
            Before::Milder(level) => ("milder", None, Some(level.word())),
        };
        Some(JsonKnown { fingerprint: &f.fingerprint, before, reason, level })
    });
    let lost = d.lost.iter().map(|l| JsonLost {
        rule: l.rule,
        site: &l.site,
        subject: JsonSubject { kind: l.subject.0, name: &l.subject.1 },
        reason: &l.reason,
    });
    let json = Json {
        version: 1,
        tool: Tool { name: "vpnlint", version: env!("CARGO_PKG_VERSION") },
        compared: JsonCompared { old: &d.old.shown, new: &d.new.shown },
        clients: d.clients.iter().map(|c| change(c, true)).collect(),
        resources: d.resources.iter().map(|c| change(c, false)).collect(),
        new: d.appeared.iter().map(|(f, _)| finding(f)).collect(),
        known_before: known.collect(),
        fixed: d.fixed.iter().map(|f| finding(f)).collect(),
        waived: d.waived.iter().map(|f| finding(f)).collect(),
        undecided: d.unsettled.iter().map(|(f, reason)| JsonUnsettled { finding: finding(f), reason }).collect(),
        unchanged: d.unchanged,
        verdicts: JsonVerdicts { proved_now: d.gained, undecided_now: lost.collect() },
        sites: JsonSites { added: &d.added_sites, removed: &d.removed_sites },
        unreadable: JsonUnreadable { old: paths(&d.old.report.unreadable), new: paths(&d.new.report.unreadable) },
        bugs: d.old.report.bugs.iter().chain(&d.new.report.bugs).map(String::as_str).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &json)?;
    writeln!(out)
}

fn paths(all: &[(String, String)]) -> Vec<JsonPath<'_>> {
    all.iter().map(|(path, reason)| JsonPath { path, reason }).collect()
}
