//! SARIF 2.1.0 (OASIS), as GitHub code scanning wants it: a location for every result, the other sides linked from the message, help for every rule,
//! columns in Unicode code points, fingerprints of our own, and no snippet at all.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::escape::uri;
use super::{Place, Report, ReportFinding, worst_first};
use crate::rules::{Level, Page, RULES, Rule, Stage};

/// GitHub takes at most so many results of a run (docs: SARIF support for code scanning).
const MAX_RESULTS: usize = 25_000;
/// GitHub takes at most so many locations of a result.
const MAX_LOCATIONS: usize = 1000;

/// Writes the report.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut findings: Vec<&ReportFinding> = report.shown().collect();
    let left_out = findings.len().saturating_sub(MAX_RESULTS);
    if left_out > 0 {
        findings.sort_by(|a, b| worst_first(a, b));
        findings.truncate(MAX_RESULTS);
        findings.sort_by(|a, b| a.order().cmp(&b.order()));
    }
    let mut notes: Vec<Value> = Vec::new();
    let mut note = |level: &str, text: String| notes.push(json!({ "level": level, "message": { "text": text } }));
    for (path, reason) in &report.unreadable {
        note("error", format!("{path} was not read: {reason}"));
    }
    for bug in &report.bugs {
        note("error", format!("bug of vpnlint: {bug}"));
    }
    if left_out > 0 {
        note("warning", format!("{left_out} findings, the least grave ones, are left out: {MAX_RESULTS} are the most that are taken"));
    }
    let sarif = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "vpnlint",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": super::HOME,
                "rules": RULES.iter().map(|r| rule(r)).collect::<Vec<_>>(),
            } },
            "automationDetails": { "id": "vpnlint/" },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "%SRCROOT%": { "description": { "text": "the root below which the files were read" } } },
            "invocations": [{ "executionSuccessful": report.bugs.is_empty() && report.unreadable.is_empty(), "toolExecutionNotifications": notes }],
            "results": findings.iter().map(|f| result(f)).collect::<Vec<_>>(),
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &sarif)?;
    writeln!(out)
}

const fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Advice => "note",
        Level::Off => "none",
    }
}

fn rule(rule: &Rule) -> Value {
    let page = Page::parse(rule.docs);
    let mut tags = vec!["vpn".to_owned()];
    tags.extend(rule.stage.map(|s| format!("stage/{}", s.word())));
    json!({
        "id": rule.id,
        "name": pascal_case(rule.id),
        "shortDescription": { "text": page.summary },
        "fullDescription": { "text": page.summary },
        "help": { "text": rule.docs, "markdown": rule.docs },
        "defaultConfiguration": { "enabled": rule.level != Level::Off, "level": level(if rule.level == Level::Off { Level::Advice } else { rule.level }) },
        "properties": {
            "tags": tags,
            "precision": "very-high",
            "problem.severity": match rule.level { Level::Error => "error", Level::Warning => "warning", _ => "recommendation" },
        },
    })
}

/// `psk-mismatch` as `PskMismatch`: a name that equals the id says nothing (SARIF 3.49.7).
fn pascal_case(id: &str) -> String {
    let word = |w: &str| w[..1].to_uppercase() + &w[1..];
    id.split('-').filter(|w| !w.is_empty()).map(word).collect()
}

fn result(f: &ReportFinding) -> Value {
    let mut text = link_text(&f.message);
    let others: Vec<&Place> = f.places.iter().skip(1).take(MAX_LOCATIONS).collect();
    for (n, place) in others.iter().enumerate() {
        let _ = write!(
            text,
            "{} [{} ({}:{})]({})",
            if n == 0 { ":" } else { "," },
            link_text(&place.text),
            link_text(&place.path),
            place.line,
            n + 1
        );
    }
    let _ = write!(text, ". Help: {}", link_text(&f.help));
    let mut result = json!({
        "ruleId": f.rule.id,
        "ruleIndex": RULES.iter().position(|r| r.id == f.rule.id),
        "level": level(f.level),
        "message": { "text": text },
        "locations": f.places.first().map(|p| vec![location(p, None)]).unwrap_or_default(),
        "relatedLocations": others.iter().enumerate().map(|(n, p)| location(p, Some(n + 1))).collect::<Vec<_>>(),
        "partialFingerprints": { "vpnlint/v1": f.fingerprint },
        "properties": {
            "site": &*f.site,
            "subject": format!("{} {}", f.subject.kind, f.subject.name),
            "stage": f.stage.map(Stage::word),
            "symptoms": f.rule.symptoms_at(f.stage),
        },
    });
    if let Some(witness) = &f.witness {
        let steps = witness.proof.steps.iter().zip(&witness.places);
        let steps: Vec<_> = steps
            .map(|(step, (path, line))| {
                json!({ "location": {
                    "physicalLocation": { "artifactLocation": artifact(path), "region": { "startLine": line } },
                    "message": { "text": step.text },
                } })
            })
            .collect();
        if !steps.is_empty() {
            let packet = format!("{}: {}", witness.proof.verdict, witness.proof.packet);
            result["codeFlows"] = json!([{ "message": { "text": packet }, "threadFlows": [{ "locations": steps }] }]);
        }
    }
    if let Some(waived) = &f.waived {
        result["suppressions"] = json!([{ "kind": "external", "status": "accepted", "justification": waived.reason }]);
    }
    result
}

fn artifact(path: &str) -> Value {
    json!({ "uri": uri(path), "uriBaseId": "%SRCROOT%" })
}

fn location(place: &Place, id: Option<usize>) -> Value {
    let mut region = json!({ "startLine": place.line, "startColumn": place.column, "endLine": place.end_line.max(place.line) });
    if let Some(end) = place.end_column.filter(|end| place.end_line > place.line || *end > place.column) {
        region["endColumn"] = json!(end);
    }
    let mut location = json!({
        "physicalLocation": { "artifactLocation": artifact(&place.path), "region": region },
        "message": { "text": place.text },
    });
    if let Some(id) = id {
        location["id"] = json!(id);
    }
    location
}

/// Text in which brackets are no link (SARIF 3.11.6).
fn link_text(text: &str) -> String {
    text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}
