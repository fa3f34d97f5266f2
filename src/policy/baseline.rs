//! The baseline: findings known on some day, so that only new ones fail.
//!
//! An entry is a rule, a site, a subject, and the logical paths of all sides; never a line number or a value. What was found more than once under one
//! key is counted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::waivers::Run;
use crate::report::{ReportFinding, Waived};

/// Name of the file, unless the policy or the command line gives another.
pub const FILE: &str = "vpnlint-baseline.json";

/// What an entry is found by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    site: String,
    rule: String,
    subject: String,
    paths: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    site: String,
    rule: String,
    subject: String,
    paths: Vec<String>,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    count: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pin: Option<String>,
}

const fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
const fn is_one(n: &u32) -> bool {
    *n == 1
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    findings: Vec<Entry>,
}

/// Known findings.
#[derive(Default)]
pub struct Baseline {
    /// Where it was read.
    path: String,
    entries: Vec<Entry>,
}

impl Entry {
    fn of(f: &ReportFinding, pin: bool) -> Self {
        Self {
            site: f.site.to_string(),
            rule: f.rule.id.to_owned(),
            subject: format!("{} {}", f.subject.kind, f.subject.name),
            paths: f.logical.clone(),
            count: 1,
            pin: pin.then(|| f.pin()),
        }
    }

    fn key(&self) -> Key {
        Key { site: self.site.clone(), rule: self.rule.clone(), subject: self.subject.clone(), paths: self.paths.clone() }
    }

    fn shown(&self) -> String {
        crate::source::visible(&format!("{} at {} ({})", self.rule, self.site, self.subject)).into_owned()
    }
}

/// A waiver's own fault is mended, not recorded.
fn is_recorded(f: &ReportFinding) -> bool {
    !matches!(f.rule.id, "unused-waiver" | "expired-waiver" | "waiver-without-reason" | "waiver-for-locked-rule")
}

impl Baseline {
    /// Reads a baseline's text; the error names no content.
    pub fn parse(path: &str, text: &str) -> Result<Self, String> {
        let file: File =
            serde_json::from_str(text).map_err(|e| format!("it is no baseline (line {}); `vpnlint baseline` writes one", e.line()))?;
        if file.version != 1 {
            return Err("it is of a version that this vpnlint does not know".to_owned());
        }
        Ok(Self { path: path.to_owned(), entries: file.findings })
    }

    /// Today's findings, sorted. Entries of `before` about sites that were not checked stay; with `prune`, nothing is recorded that was not known.
    pub fn record(findings: &[ReportFinding], before: Option<&Self>, pin: bool, prune: bool, run: &Run<'_>) -> Self {
        let known: BTreeMap<Key, u32> = before.map(|b| b.entries.iter().map(|e| (e.key(), e.count)).collect()).unwrap_or_default();
        let mut entries = BTreeMap::<(Key, Option<String>), Entry>::new();
        for f in findings.iter().filter(|f| is_recorded(f)) {
            let entry = Entry::of(f, pin);
            if prune && !known.contains_key(&entry.key()) {
                continue;
            }
            let most = if prune { known.get(&entry.key()).copied().unwrap_or(1) } else { u32::MAX };
            entries.entry((entry.key(), entry.pin.clone())).and_modify(|e| e.count = (e.count + 1).min(most)).or_insert(entry);
        }
        for entry in before.iter().flat_map(|b| &b.entries).filter(|e| !run.judged(&e.site, &e.rule)) {
            entries.entry((entry.key(), entry.pin.clone())).or_insert_with(|| entry.clone());
        }
        Self { path: String::new(), entries: entries.into_values().collect() }
    }

    /// The file's text.
    pub fn text(&self) -> String {
        let file = File { version: 1, findings: self.entries.clone() };
        serde_json::to_string_pretty(&file).expect("strings and numbers can be written") + "\n"
    }

    /// How many findings it knows.
    pub fn len(&self) -> usize {
        self.entries.iter().map(|e| e.count as usize).sum()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes the known findings out of `findings`. Returns them, and the entries that match nothing any more.
    pub fn apply(&self, findings: &mut Vec<ReportFinding>, run: &Run<'_>) -> (Vec<ReportFinding>, Vec<String>) {
        let mut left = BTreeMap::<Key, Vec<(u32, &Entry)>>::new();
        for entry in &self.entries {
            left.entry(entry.key()).or_default().push((entry.count, entry));
        }
        let (mut kept, mut covered) = (Vec::with_capacity(findings.len()), Vec::new());
        for mut f in findings.drain(..) {
            let entry = is_recorded(&f).then(|| Entry::of(&f, false).key());
            let mut pin = None;
            let fitting = entry.and_then(|key| left.get_mut(&key)).and_then(|entries| {
                entries.iter_mut().find(|(n, e)| *n > 0 && e.pin.as_ref().is_none_or(|p| p == pin.get_or_insert_with(|| f.pin())))
            });
            match fitting {
                Some((n, _)) => {
                    *n -= 1;
                    f.waived =
                        Some(Waived { reason: "known in the baseline".to_owned(), until: None, path: self.path.as_str().into(), line: 1 });
                    covered.push(f);
                }
                None => kept.push(f),
            }
        }
        *findings = kept;
        let stale = left.into_values().flatten().filter(|(n, e)| *n > 0 && run.judged(&e.site, &e.rule));
        (covered, stale.map(|(_, e)| e.shown()).collect())
    }
}
