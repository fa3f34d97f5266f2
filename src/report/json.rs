//! For programs: the JSON report, version 1.

use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::{Answer, Answered, Input, Place, Report, ReportFinding, Summary, hex};

#[derive(Serialize)]
struct Json<'a> {
    version: u32,
    tool: Tool,
    findings: Vec<JsonFinding<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<Vec<JsonRow<'a>>>,
    #[serde(serialize_with = "inputs")]
    inputs: &'a [Input],
    summary: JsonSummary,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<JsonUnreadable<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stale_baseline: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    bugs: &'a [String],
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

/// A finding, as every JSON output of ours has it.
#[derive(Serialize)]
pub(super) struct JsonFinding<'a> {
    rule: &'static str,
    level: &'static str,
    stage: Option<&'static str>,
    site: &'a str,
    subject: JsonSubject<'a>,
    message: &'a str,
    labels: Vec<JsonLabel<'a>>,
    help: &'a str,
    symptoms: &'static [&'static str],
    masked_by: Option<&'a str>,
    witness: Option<JsonWitness<'a>>,
    fix: Option<()>,
    waived: Option<JsonWaived<'a>>,
    fingerprint: &'a str,
}

#[derive(Serialize)]
struct JsonWaived<'a> {
    reason: &'a str,
    until: Option<String>,
    path: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct JsonSubject<'a> {
    kind: &'static str,
    name: &'a str,
}

#[derive(Serialize)]
struct JsonLabel<'a> {
    primary: bool,
    path: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<u32>,
    text: &'a str,
}

#[derive(Serialize)]
struct JsonWitness<'a> {
    verdict: &'a str,
    packet: JsonPacket,
    steps: Vec<JsonStep<'a>>,
}

#[derive(Serialize)]
struct JsonPacket {
    protocol: String,
    source: String,
    source_port: Option<u16>,
    destination: Option<String>,
    destination_port: Option<u16>,
}

#[derive(Serialize)]
struct JsonStep<'a> {
    path: &'a str,
    line: u32,
    action: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
struct JsonRow<'a> {
    rule: &'static str,
    site: &'a str,
    subject: JsonSubject<'a>,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonInput<'a> {
    path: &'a str,
    format: &'a str,
    sha256: String,
}

/// One input after the other, for there may be many.
fn inputs<S: Serializer>(inputs: &&[Input], out: S) -> Result<S::Ok, S::Error> {
    let digest = |i: &Input| i.sha256.map_or_else(String::new, |digest| hex(&digest));
    out.collect_seq(inputs.iter().map(|i| JsonInput { path: &i.path, format: i.format, sha256: digest(i) }))
}

#[derive(Serialize)]
struct JsonUnreadable<'a> {
    path: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct JsonSummary {
    error: usize,
    warning: usize,
    advice: usize,
    holds: usize,
    undecided: usize,
    waived: usize,
    sites: usize,
}

impl From<Summary> for JsonSummary {
    fn from(s: Summary) -> Self {
        let Summary { error, warning, advice, holds, undecided, waived, sites } = s;
        Self { error, warning, advice, holds, undecided, waived, sites }
    }
}

fn label(place: &Place) -> JsonLabel<'_> {
    JsonLabel {
        primary: place.primary,
        path: &place.path,
        line: place.line,
        column: place.column,
        end_line: place.end_line,
        end_column: place.end_column,
        text: &place.text,
    }
}

/// A finding's JSON.
pub(super) fn finding(f: &ReportFinding) -> JsonFinding<'_> {
    let witness = f.witness.as_ref().map(|w| {
        let p = &w.proof.packet;
        let steps = w.proof.steps.iter().zip(&w.places);
        JsonWitness {
            verdict: w.proof.verdict,
            packet: JsonPacket {
                protocol: p.protocol.to_string(),
                source: p.source.to_string(),
                source_port: p.source_port,
                destination: p.destination.map(|d| d.to_string()),
                destination_port: p.destination_port,
            },
            steps: steps.map(|(s, (path, line))| JsonStep { path, line: *line, action: s.action, text: &s.text }).collect(),
        }
    });
    JsonFinding {
        rule: f.rule.id,
        level: f.level.word(),
        stage: f.stage.map(crate::rules::Stage::word),
        site: &f.site,
        subject: JsonSubject { kind: f.subject.kind, name: &f.subject.name },
        message: &f.message,
        labels: f.places.iter().map(label).collect(),
        help: &f.help,
        symptoms: f.rule.symptoms_at(f.stage),
        masked_by: f.masked_by.as_deref(),
        witness,
        fix: None,
        waived: f.waived.as_ref().map(|w| JsonWaived {
            reason: &w.reason,
            until: w.until.as_ref().map(ToString::to_string),
            path: &w.path,
            line: w.line,
        }),
        fingerprint: &f.fingerprint,
    }
}

fn row<'a>(answered: &Answered<'a>) -> JsonRow<'a> {
    let (verdict, reason) = match answered.answer {
        Answer::Violated => ("violated", None),
        Answer::Undecided(reason) => ("undecided", Some(reason)),
        Answer::Holds => ("holds", None),
    };
    let subject = JsonSubject { kind: answered.subject.kind, name: &answered.subject.name };
    JsonRow { rule: answered.rule.id, site: answered.site, subject, verdict, reason }
}

/// Writes the report.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let json = Json {
        version: 1,
        tool: Tool { name: "vpnlint", version: env!("CARGO_PKG_VERSION") },
        findings: report.shown().map(finding).collect(),
        coverage: report.show_coverage.then(|| report.answers().iter().map(row).collect()),
        inputs: &report.inputs,
        summary: report.summary.into(),
        unreadable: report.unreadable.iter().map(|(path, reason)| JsonUnreadable { path, reason }).collect(),
        stale_baseline: &report.stale,
        bugs: &report.bugs,
    };
    serde_json::to_writer_pretty(&mut *out, &json)?;
    writeln!(out)
}
