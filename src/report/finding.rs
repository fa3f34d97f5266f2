//! A finding with its places resolved: what is left when the files' texts are gone.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::model::Site;
use crate::rules::{Finding, Label, Level, Proof, Rule, Stage, Subject};
use crate::secret::Secret;
use crate::source::{Needles, Position, Showing, SourceMap, redact_values, visible};

/// Everything that a run has to say.
#[derive(Default)]
pub struct Report {
    /// Sorted by path, line, column, rule.
    pub findings: Vec<ReportFinding>,
    /// Findings that a waiver or the baseline covers; sorted likewise.
    pub waived: Vec<ReportFinding>,
    /// Waived findings are shown among the others.
    pub show_waived: bool,
    /// Verdicts that are no findings; only when they were asked for, or a format wants them.
    pub coverage: Option<Vec<CoverageRow>>,
    /// The coverage was asked for.
    pub show_coverage: bool,
    /// Entries of the baseline that match no finding any more.
    pub stale: Vec<String>,
    /// Files read, sorted by path.
    pub inputs: Vec<Input>,
    /// Counts.
    pub summary: Summary,
    /// Inputs that could not be opened at all: path and reason.
    pub unreadable: Vec<(String, String)>,
    /// Rules and formats that panicked, with the site.
    pub bugs: Vec<String>,
}

impl Report {
    /// The findings to show, in their order: the waived ones only when they were asked for.
    pub fn shown(&self) -> impl Iterator<Item = &ReportFinding> {
        let mut waived = self.waived.iter().filter(|_| self.show_waived).peekable();
        let mut findings = self.findings.iter().peekable();
        std::iter::from_fn(move || match (findings.peek(), waived.peek()) {
            (Some(f), Some(w)) if w.order() < f.order() => waived.next(),
            (Some(_), _) => findings.next(),
            (None, _) => waived.next(),
        })
    }
}

/// Why a finding is tolerated, and where that is written.
#[derive(Clone, Debug)]
pub struct Waived {
    /// As its author gives it.
    pub reason: String,
    /// Last day on which it counts.
    pub until: Option<crate::model::Day>,
    /// The file that says so.
    pub path: Arc<str>,
    /// From 1.
    pub line: u32,
}

/// Counts over a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Findings at this level.
    pub error: usize,
    /// Findings at this level.
    pub warning: usize,
    /// Findings at this level.
    pub advice: usize,
    /// Subjects for which a rule is proved.
    pub holds: usize,
    /// Subjects for which a rule cannot be decided.
    pub undecided: usize,
    /// Findings that a waiver covers.
    pub waived: usize,
    /// Sites.
    pub sites: usize,
}

/// A file that was read.
pub struct Input {
    /// Relative to the root.
    pub path: Box<str>,
    /// Format id.
    pub format: &'static str,
    /// SHA-256 of the masked text, when somebody asked.
    pub sha256: Option<[u8; 32]>,
}

/// What a finding or a verdict is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SubjectName {
    /// `client`, `upstream`, …
    pub kind: &'static str,
    /// Its name.
    pub name: String,
}

/// A verdict that is no finding.
pub struct CoverageRow {
    /// Site.
    pub site: Arc<str>,
    /// The site's number in the run.
    pub site_index: usize,
    /// Rule.
    pub rule: &'static Rule,
    /// Subject.
    pub subject: SubjectName,
    /// `None`: holds; else what is missing.
    pub undecided: Option<String>,
}

/// A run of masked lines of one file.
#[derive(Clone, Debug)]
pub struct Excerpt {
    /// Relative to the root, with a word on what the lines were taken out of: `sales.mobileconfig (binary)`.
    pub path: Arc<str>,
    /// Number of the first line, from 1.
    pub first_line: u32,
    /// The lines.
    pub text: String,
    /// Characters left out at the start of the first line.
    pub cropped: u32,
}

/// Longest line that is shown whole, in bytes; of a longer one a window around the label is shown.
const MAX_LINE: usize = 400;
/// Half of that window.
const WINDOW: usize = 120;

/// A label, resolved.
#[derive(Clone, Debug)]
pub struct Place {
    /// The place that a change should touch first.
    pub primary: bool,
    /// Relative to the root.
    pub path: Arc<str>,
    /// From 1. In a text that was written anew from a binary file: 1, as the file has no lines.
    pub line: u32,
    /// From 1, in Unicode scalar values of the masked line.
    pub column: u32,
    /// From 1.
    pub end_line: u32,
    /// From 1; `None` where it would tell a secret's length.
    pub end_column: Option<u32>,
    /// What is there.
    pub text: String,
    /// Which of the finding's excerpts shows it.
    pub excerpt: usize,
    /// Bytes of the excerpt's text.
    pub bytes: std::ops::Range<usize>,
}

/// A finding, resolved.
#[derive(Clone)]
pub struct ReportFinding {
    /// The rule.
    pub rule: &'static Rule,
    /// Its level.
    pub level: Level,
    /// The first stage that it breaks.
    pub stage: Option<Stage>,
    /// Whether a client, or all of them, fails by it.
    pub subject_of: Subject,
    /// The site's number in the run.
    pub site_index: usize,
    /// The site.
    pub site: Arc<str>,
    /// What it is about.
    pub subject: SubjectName,
    /// One line.
    pub message: String,
    /// Places; the first is the primary one.
    pub places: Vec<Place>,
    /// Lines shown.
    pub excerpts: Vec<Excerpt>,
    /// What to do next.
    pub help: String,
    /// Proof.
    pub witness: Option<ResolvedWitness>,
    /// Fingerprint of the finding that hides this one from the user.
    pub masked_by: Option<String>,
    /// Where its labels stand, as paths of keys; for the baseline, when it was asked for.
    pub logical: Vec<String>,
    /// A waiver covers it.
    pub waived: Option<Waived>,
    /// Stable over line changes.
    pub fingerprint: String,
}

/// A witness with its steps resolved.
#[derive(Clone, Debug)]
pub struct ResolvedWitness {
    /// The packet and the verdict.
    pub proof: Proof,
    /// Path and line of each step.
    pub places: Vec<(Arc<str>, u32)>,
}

/// Takes secrets and hostile characters out of every string that is shown.
pub struct Scrubber {
    needles: Needles,
}

impl Scrubber {
    /// For a site: none of its keys may appear anywhere.
    pub fn new<'s>(secrets: impl Iterator<Item = &'s Secret>) -> Self {
        Self { needles: Needles::new(secrets) }
    }

    /// `text` as it may be shown.
    pub fn scrub(&self, text: &str) -> String {
        visible(&redact_values(text, &self.needles)).into_owned()
    }

    /// Lines as they may be shown: tabs and line ends stay.
    fn scrub_lines(&self, text: &str) -> String {
        let redacted = redact_values(text, &self.needles);
        let mut out = String::with_capacity(redacted.len());
        for (n, line) in redacted.split('\n').enumerate() {
            if n > 0 {
                out.push('\n');
            }
            let line = line.strip_suffix('\r').unwrap_or(line);
            for (m, part) in line.split('\t').enumerate() {
                if m > 0 {
                    out.push('\t');
                }
                out.push_str(&visible(part));
            }
        }
        out
    }
}

/// The subject's kind and name.
pub fn subject_name(subject: Subject, site: &Site, map: &SourceMap) -> SubjectName {
    let name = match subject {
        Subject::Site | Subject::Mx | Subject::ClientVpn => site.name.clone(),
        Subject::Client(n) => site.clients[n].name.value.clone(),
        Subject::Upstream(n) => site.upstream[n].name.value.to_string(),
        Subject::Resource(n) => site.resources[n].name.value.shown(),
        Subject::File(n) => map.files()[n].path.clone(),
    };
    SubjectName { kind: subject.kind(), name }
}

impl ReportFinding {
    /// Resolves `finding`. `maps` gives the map of a label's site; the finding's own for `None`.
    pub fn resolve<'m>(
        finding: &Finding,
        site: &Site,
        map: &'m SourceMap,
        maps: &dyn Fn(usize) -> &'m SourceMap,
        scrubber: &Scrubber,
    ) -> Self {
        let subject = if finding.is_about_file() { Subject::File(map.id_at(finding.labels[0].span).index()) } else { finding.subject };
        let mut name = subject_name(subject, site, map);
        name.name = scrubber.scrub(&name.name);
        let mut out = Self {
            rule: finding.rule,
            level: finding.level,
            stage: finding.stage,
            subject_of: subject,
            site_index: 0,
            site: scrubber.scrub(&site.name).into(),
            subject: name,
            message: scrubber.scrub(&finding.message),
            places: Vec::with_capacity(finding.labels.len()),
            excerpts: Vec::new(),
            help: scrubber.scrub(&finding.help),
            witness: None,
            masked_by: None,
            logical: Vec::new(),
            waived: None,
            fingerprint: String::new(),
        };
        for (n, label) in finding.labels.iter().enumerate() {
            let map = label.site.map_or(map, maps);
            out.add_place(map, label, n == 0, scrubber);
        }
        out.cut_excerpts(scrubber);
        if let Some(proof) = &finding.proof {
            let places = proof.steps.iter().map(|s| {
                let file = map.file_at(s.span);
                let at = file.masked().offset((s.span.start - file.base()) as usize);
                (Arc::from(scrubber.scrub(&file.path)), file.masked().position(at).line)
            });
            out.witness = Some(ResolvedWitness { places: places.collect(), proof: proof.clone() });
        }
        out
    }

    fn add_place(&mut self, map: &SourceMap, label: &Label, primary: bool, scrubber: &Scrubber) {
        let file = map.file_at(label.span);
        let masked = file.masked();
        let raw = |at: u32| (at.saturating_sub(file.base()) as usize).min(file.raw().len());
        let (start, mut end) = (raw(label.span.start), raw(label.span.end));
        // A label that ends a line does not reach into the next one.
        while end > start && matches!(file.raw().as_bytes()[end - 1], b'\n' | b'\r') {
            end -= 1;
        }
        let secret = file.secrets().any(|s| s.start < end && start < s.end);
        let (from, to) = (masked.offset(start), masked.offset(end));
        let (first, last) = (masked.position(from), masked.position(to.max(from)));
        let context = u32::from(file.showing == Showing::WithContext);
        let lines = (first.line.saturating_sub(context).max(1), (last.line.min(first.line + 5) + context).min(masked.line_count()));
        let path: Arc<str> = scrubber.scrub(&file.path).into();
        let mut window = masked.lines(lines.0, lines.1);
        let mut first_line = lines.0;
        let mut cropped = 0;
        let mut to = to;
        if masked.text()[window.clone()].split('\n').any(|l| l.len() > MAX_LINE) {
            let line = masked.lines(first.line, first.line);
            to = to.min(line.end).min(from + WINDOW).max(from);
            let (mut left, mut right) = (from.saturating_sub(WINDOW).max(line.start), (to + WINDOW).min(line.end));
            while !masked.text().is_char_boundary(left) {
                left -= 1;
            }
            while !masked.text().is_char_boundary(right) {
                right += 1;
            }
            while !masked.text().is_char_boundary(to) {
                to += 1;
            }
            cropped = masked.text()[line.start..left].chars().count() as u32;
            (window, first_line) = (left..right, first.line);
        }
        // A label of many lines is drawn as far as its lines are shown.
        to = to.min(window.end.max(from));
        let begin = window.start;
        let shown = if file.showing == Showing::Nothing { String::new() } else { masked.text()[window].to_owned() };
        let title = file.container.map_or_else(|| path.clone(), |_| scrubber.scrub(&file.titled()).into());
        self.excerpts.push(Excerpt { path: title, first_line, text: shown, cropped });
        let hidden = secret || masked.text().get(from..to).is_some_and(|t| t.contains(crate::source::MASK));
        // Of a text that was written anew, no line is one of the file's own: tools that open the file are led to its beginning.
        let rendered = file.container.is_some_and(|c| c.rendered);
        let (first, last) = if rendered { (Position::START, Position::START) } else { (first, last) };
        self.places.push(Place {
            primary,
            path,
            line: first.line,
            column: first.column,
            end_line: last.line,
            end_column: (!hidden && !rendered).then_some(last.column),
            text: scrubber.scrub(&label.text),
            excerpt: self.excerpts.len() - 1,
            bytes: from - begin..to.max(from) - begin,
        });
    }

    /// Joins excerpts that touch, then takes secrets and control characters out of them, minding the labels' offsets.
    fn cut_excerpts(&mut self, scrubber: &Scrubber) {
        let excerpts = std::mem::take(&mut self.excerpts);
        let mut joined: Vec<Excerpt> = Vec::new();
        let mut moved = vec![(0usize, 0usize); excerpts.len()];
        let mut order: Vec<usize> = (0..excerpts.len()).collect();
        order.sort_by_key(|n| (excerpts[*n].path.clone(), excerpts[*n].first_line));
        for n in order {
            let next = &excerpts[n];
            let count = |e: &Excerpt| e.text.matches('\n').count() as u32 + 1;
            match joined.last_mut() {
                Some(last)
                    if last.path == next.path
                        && last.cropped == 0
                        && next.cropped == 0
                        && next.first_line <= last.first_line + count(last) =>
                {
                    let skip = (next.first_line - last.first_line) as usize;
                    let have = count(last) as usize;
                    let at: usize = last.text.split('\n').take(skip).map(|l| l.len() + 1).sum();
                    for line in next.text.split('\n').skip(have.saturating_sub(skip)) {
                        last.text.push('\n');
                        last.text.push_str(line);
                    }
                    moved[n] = (joined.len() - 1, at);
                }
                _ => {
                    joined.push(next.clone());
                    moved[n] = (joined.len() - 1, 0);
                }
            }
        }
        for place in &mut self.places {
            let (excerpt, shift) = moved[place.excerpt];
            place.excerpt = excerpt;
            place.bytes = place.bytes.start + shift..place.bytes.end + shift;
        }
        for (n, excerpt) in joined.iter_mut().enumerate() {
            let clean = scrubber.scrub_lines(&excerpt.text);
            if clean == excerpt.text {
                continue;
            }
            // Offsets moved: count the same prefix in the scrubbed text.
            for place in self.places.iter_mut().filter(|p| p.excerpt == n) {
                let shifted = |at: usize| scrubber.scrub_lines(excerpt.text.get(..at).unwrap_or(&excerpt.text)).len().min(clean.len());
                let (mut start, mut end) = (shifted(place.bytes.start), shifted(place.bytes.end));
                while !clean.is_char_boundary(start) {
                    start -= 1;
                }
                while !clean.is_char_boundary(end) {
                    end += 1;
                }
                place.bytes = start..end.max(start);
            }
            excerpt.text = clean;
        }
        self.excerpts = joined;
    }

    /// A digest begun with whom it speaks of: rule, site and subject.
    fn spoken_of(&self) -> Sha256 {
        let mut hash = Sha256::new();
        for part in [self.rule.id, &self.site, self.subject.kind, &self.subject.name] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        hash
    }

    /// What is the same after lines moved or values changed: rule, site, subject and the files that take part.
    fn identity(&self) -> Sha256 {
        let mut hash = self.spoken_of();
        for place in &self.places {
            hash.update(place.path.as_bytes());
            hash.update([0]);
        }
        hash
    }

    /// What both sides are today, for a waiver that lapses when one changes: `sha256:` and a digest of the labelled text, in which secrets are masked.
    pub fn pin(&self) -> String {
        let mut hash = self.spoken_of();
        for place in &self.places {
            hash.update(place.path.as_bytes());
            hash.update([0]);
            hash.update(self.excerpts[place.excerpt].text.get(place.bytes.clone()).unwrap_or_default().as_bytes());
            hash.update([0]);
        }
        format!("sha256:{}", hex(&hash.finalize()[..16]))
    }

    /// What findings are sorted by.
    pub fn order(&self) -> (&str, u32, u32, &str, &str) {
        let first = self.places.first();
        (first.map_or("", |p| &p.path), first.map_or(0, |p| p.line), first.map_or(0, |p| p.column), self.rule.id, &self.message)
    }
}

/// Gives every finding that has none yet its fingerprint; equal ones are numbered in their order.
pub fn fingerprints(findings: &mut [ReportFinding]) {
    let mut seen = std::collections::HashMap::<String, u32>::new();
    for finding in findings.iter_mut().filter(|f| f.fingerprint.is_empty()) {
        let hash = finding.identity().finalize();
        let hex = hex(&hash[..16]);
        let count = seen.entry(hex.clone()).or_default();
        *count += 1;
        finding.fingerprint = if *count == 1 { hex } else { format!("{hex}-{count}") };
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |n: u8| char::from(b"0123456789abcdef"[usize::from(n & 15)]);
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(*b)]).collect()
}

/// Whose connection a finding breaks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Affects {
    Everyone,
    Client(usize),
    Resource(usize),
}

impl ReportFinding {
    const fn affects(&self) -> Affects {
        match self.subject_of {
            Subject::Client(n) => Affects::Client(n),
            Subject::Resource(n) => Affects::Resource(n),
            _ => Affects::Everyone,
        }
    }
}

/// Marks findings that the user does not get to see, because an earlier stage already fails for the same client.
pub fn mask_later_stages(findings: &mut [ReportFinding]) {
    let mut by_site = std::collections::BTreeMap::<usize, Vec<usize>>::new();
    for (n, finding) in findings.iter().enumerate() {
        by_site.entry(finding.site_index).or_default().push(n);
    }
    for members in by_site.values().filter(|m| m.len() > 1) {
        // Only errors cut a user off today.
        let cutting = members.iter().filter(|n| findings[**n].level == Level::Error);
        let mut earliest: Vec<_> = cutting.filter_map(|n| findings[*n].stage.map(|stage| (stage, *n))).collect();
        earliest.sort_unstable();
        for n in members {
            let later = &findings[*n];
            let hides = |(stage, m): &&(Stage, usize)| {
                let whose = findings[*m].affects();
                later.stage.is_some_and(|s| *stage < s) && (whose == Affects::Everyone || whose == later.affects())
            };
            findings[*n].masked_by = earliest.iter().find(hides).map(|(_, m)| findings[*m].fingerprint.clone());
        }
    }
}
