//! A run: finds the sites, loads and checks each, compares them, and gathers the report. A site's text is dropped as soon as its findings are cut out.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::import::site_file::{self, Loaded};
use crate::model::{Day, Field};
use crate::policy::baseline::Baseline;
use crate::policy::waivers::{self, Waiver};
use crate::policy::{Policies, Policy};
use crate::report::{CoverageRow, Input, Report, ReportFinding, Scrubber, SubjectName};
use crate::rules::{self, Across, Context, Finding, Level, Row, Rule, RuleSet, SiteFacts, Verdicts};
use crate::secret::Secret;
use crate::source::{Environment, ReadError, Root, Session, SourceMap};
use crate::tree;

/// What to check, and how.
pub struct Options {
    /// Nothing is read outside of it.
    pub root: Arc<Root>,
    /// Levels and parameters; loaded for the targets, in their order.
    pub policies: Policies,
    /// Keep what holds and what is undecided.
    pub coverage: bool,
    /// Show it, in formats that do so only when asked.
    pub show_coverage: bool,
    /// Show waived findings among the others.
    pub show_waived: bool,
    /// Compute what findings are recognised by: their logical paths; and who is at the sites.
    pub logical: bool,
    /// Known findings.
    pub baseline: Option<Baseline>,
    /// Folders, relative to the root, below which every site is a target: there a waiver may be unused.
    pub whole: Vec<PathBuf>,
    /// Compute digests of the inputs.
    pub digests: bool,
    /// The day of the check.
    pub as_of: Day,
    /// Where `{ env = … }` looks; `None`: the real environment.
    pub environment: Option<Environment>,
}

impl Options {
    /// A plain run below `root` under `policies` on a day: nothing more than findings.
    pub const fn new(root: Arc<Root>, policies: Policies, as_of: Day) -> Self {
        Self {
            root,
            policies,
            coverage: false,
            show_coverage: false,
            show_waived: false,
            logical: false,
            baseline: None,
            whole: Vec::new(),
            digests: false,
            as_of,
            environment: None,
        }
    }
}

/// A site file to check.
#[derive(Clone)]
pub enum Target {
    /// A file.
    File(PathBuf),
    /// A document from standard input, under a name.
    Text(Box<(PathBuf, Vec<u8>)>),
}

impl Target {
    /// A document that is not in a file, under a name.
    pub fn text(name: PathBuf, bytes: Vec<u8>) -> Self {
        Self::Text(Box::new((name, bytes)))
    }

    /// The site file's path.
    pub fn path(&self) -> &Path {
        match self {
            Self::File(path) => path,
            Self::Text(text) => &text.0,
        }
    }
}

/// What a run found, and what decides its exit code.
pub struct Outcome {
    /// The report.
    pub report: Report,
    /// Nothing but faults of the files was applicable.
    pub nothing_checked: bool,
    /// Rules that left something undecided.
    pub undecided_rules: Vec<&'static Rule>,
    /// One of them may not, by its site's policy.
    pub must_be_decided: bool,
    /// Who is at each site, in the order of the targets; only with [`Options::logical`].
    pub rosters: Vec<Roster>,
    /// Name and undecided rules of each site, in the order of the targets.
    sites: Vec<(Arc<str>, RuleSet)>,
}

/// Who is at a site, as reports name them.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    /// The site's name; empty when it could not be read.
    pub name: String,
    /// The site file, relative to the root.
    pub path: String,
    /// In the site's order, as subjects number them.
    pub clients: Vec<String>,
    /// Likewise.
    pub resources: Vec<String>,
    /// Why there may be more than that, or findings that were not found.
    pub gap: Option<String>,
}

impl Outcome {
    /// What the run knows of its sites.
    pub fn run<'o>(&'o self, options: &'o Options, targets: &[Target]) -> waivers::Run<'o> {
        let sites = self.sites.iter().zip(targets).map(|((name, undecided), target)| waivers::Checked {
            name,
            path: options.root.inside(target.path()),
            undecided: *undecided,
        });
        waivers::Run { sites: sites.collect(), policies: &options.policies, as_of: &options.as_of, whole: &options.whole }
    }
}

/// One site after its check: no text, no secrets but those that other sites are compared with.
struct Checked {
    name: Arc<str>,
    roster: Option<Roster>,
    waivers: Vec<Waiver>,
    findings: Vec<ReportFinding>,
    coverage: Vec<CoverageRow>,
    inputs: Vec<Input>,
    holds: usize,
    undecided: usize,
    undecided_rules: Vec<&'static Rule>,
    decided_or_not: usize,
    facts: Option<SiteFacts>,
    unreadable: Option<(String, String)>,
    bugs: Vec<String>,
    /// Keys that stand in a policy.
    told: Vec<Secret>,
}

/// Sites that are checked before what they say is taken over into the report.
const AT_ONCE: usize = 128;

/// Checks `targets`.
pub fn run(targets: &[Target], options: &Options) -> Outcome {
    let mut report = Report { show_coverage: options.show_coverage, show_waived: options.show_waived, ..Report::default() };
    report.coverage = options.coverage.then(Vec::new);
    report.inputs.reserve_exact(targets.len());
    let (mut facts, mut decided, mut must_be_decided) = (Vec::with_capacity(targets.len()), 0, false);
    let (mut undecided_rules, mut sites, mut rosters) = (Vec::<&'static Rule>::new(), Vec::new(), Vec::new());
    let (mut in_comments, mut told) = (Vec::new(), Vec::new());
    let mut words = HashSet::new();
    for (chunk, some) in targets.chunks(AT_ONCE).enumerate() {
        let first = chunk * AT_ONCE;
        let checked: Vec<Checked> = some.par_iter().enumerate().map(|(n, target)| one(first + n, target, options)).collect();
        for (n, site) in checked.into_iter().enumerate() {
            let required = options.policies.site(first + n).require_decided();
            must_be_decided |= site.undecided_rules.iter().any(|rule| required.iter().any(|r| r.value.means(rule)));
            report.findings.extend(site.findings);
            report.inputs.extend(site.inputs);
            report.summary.holds += site.holds;
            report.summary.undecided += site.undecided;
            report.summary.sites += usize::from(site.unreadable.is_none());
            report.unreadable.extend(site.unreadable);
            report.bugs.extend(site.bugs);
            if let Some(rows) = &mut report.coverage {
                rows.extend(site.coverage);
            }
            rosters.extend(site.roster);
            in_comments.extend(site.waivers);
            told.extend(site.told);
            undecided_rules.extend(&site.undecided_rules);
            sites.push((site.name, RuleSet::of(&site.undecided_rules)));
            decided += site.decided_or_not;
            facts.extend(site.facts.map(|f| f.sharing(&mut words)));
        }
        undecided_rules.sort_by_key(|r| r.id);
        undecided_rules.dedup_by_key(|r| r.id);
    }
    decided += across(targets, &facts, options, &mut report, &mut undecided_rules);
    undecided_rules.sort_by_key(|r| r.id);
    undecided_rules.dedup_by_key(|r| r.id);
    number(&mut report);
    let mut outcome = Outcome { report, nothing_checked: decided == 0, undecided_rules, must_be_decided, rosters, sites };
    let mut known = waivers::in_policies(&options.policies, &told);
    known.extend(in_comments);
    tolerate(&known, options, targets, &mut outcome);
    finish(&mut outcome.report);
    outcome
}

/// Takes out what waivers and the baseline cover.
fn tolerate(known: &[Waiver], options: &Options, targets: &[Target], outcome: &mut Outcome) {
    if known.is_empty() && options.baseline.is_none() {
        return;
    }
    let mut findings = std::mem::take(&mut outcome.report.findings);
    let run = outcome.run(options, targets);
    let mut covered = waivers::apply(known, &mut findings, &run);
    let mut stale = Vec::new();
    if let Some(baseline) = &options.baseline {
        let (more, old) = baseline.apply(&mut findings, &run);
        covered.extend(more);
        stale = old;
    }
    covered.sort_by(|a, b| a.order().cmp(&b.order()));
    outcome.report.findings = findings;
    outcome.report.waived = covered;
    outcome.report.stale = stale;
    number(&mut outcome.report);
}

/// Loads site number `n`: its texts and its model.
fn load(n: usize, target: &Target, options: &Options) -> Result<(Session, Loaded), (String, ReadError)> {
    let tables = options.policies.site(n).tables().cloned();
    let mut session = Session::new(options.root.clone()).with_tables(tables.clone());
    if let Some(environment) = options.environment {
        session = session.with_environment(environment);
    }
    let (path, opened) = match target {
        Target::File(path) => (path, session.open_site(path)),
        Target::Text(text) => (&text.0, session.add_site(&text.0, text.1.clone())),
    };
    let opened = opened.map_err(|why| (options.root.relative(path), why))?;
    let folder = path.parent().and_then(Path::file_name).map_or_else(|| "site".to_owned(), |n| n.to_string_lossy().into_owned());
    let mut loaded = site_file::load(&mut session, &opened, &folder);
    loaded.site.tables = tables;
    Ok((session, loaded))
}

fn one(n: usize, target: &Target, options: &Options) -> Checked {
    let mut out = Checked {
        name: Arc::from(""),
        roster: None,
        waivers: Vec::new(),
        findings: Vec::new(),
        coverage: Vec::new(),
        inputs: Vec::new(),
        holds: 0,
        undecided: 0,
        undecided_rules: Vec::new(),
        decided_or_not: 0,
        facts: None,
        unreadable: None,
        bugs: Vec::new(),
        told: Vec::new(),
    };
    let (session, loaded) = match load(n, target, options) {
        Ok(loaded) => loaded,
        Err((path, why)) => {
            let path = crate::source::visible(&path).into_owned();
            out.roster = options.logical.then(|| Roster { path: path.clone(), gap: Some(why.to_string()), ..Roster::default() });
            out.unreadable = Some((path, why.to_string()));
            return out;
        }
    };
    let as_of = options.as_of.to_string();
    let policy = options.policies.site(n);
    let cx = Context::new(&loaded.site, &loaded.ledger.problems, &as_of).under(policy);
    let (verdicts, panics) = rules::one_site(&cx, policy, options.coverage);
    let may_waive = session.map.files().iter().any(|f| waivers::inline::may_hold(f.raw()));
    let in_path = |secret: &&Secret| secret.stands_in(|key| session.map.files().iter().any(|f| f.path.contains(key)));
    let keys = secrets(&loaded.site);
    let wants_scrubber = !verdicts.findings.is_empty() || options.coverage || options.logical || may_waive || keys.iter().any(in_path);
    out.told = keys.into_iter().filter(|key| options.policies.tell(key, wants_scrubber)).cloned().collect();
    let scrubber = if wants_scrubber { scrubber(&loaded) } else { Scrubber::new(std::iter::empty()) };
    out.bugs.extend(panics.iter().map(|p| format!("rule {} panicked at site {}", p.rule.id, scrubber.scrub(&loaded.site.name))));
    out.bugs
        .extend(loaded.ledger.panics.iter().map(|f| format!("the reader of {f} panicked at site {}", scrubber.scrub(&loaded.site.name))));
    out.findings = resolve(&verdicts, &loaded, &session.map, &scrubber, options, n);
    if may_waive {
        out.waivers = waivers::in_comments(n, &session.map, &loaded.site, &scrubber);
    }
    out.roster = options.logical.then(|| roster(&loaded, &session.map, &scrubber));
    let site_name: Arc<str> = if options.coverage { scrubber.scrub(&loaded.site.name).into() } else { Arc::from("") };
    out.coverage = verdicts
        .rows
        .iter()
        .map(|row| {
            let SubjectName { kind, name } = crate::report::subject_name(row.subject, &loaded.site, &session.map);
            let subject = SubjectName { kind, name: scrubber.scrub(&name) };
            CoverageRow {
                site: site_name.clone(),
                site_index: n,
                rule: row.rule,
                subject,
                undecided: row.undecided.as_ref().map(|r| scrubber.scrub(r)),
            }
        })
        .collect();
    out.inputs = session.map.files().iter().map(|file| input(file, options, &scrubber)).collect();
    out.holds = verdicts.holds;
    out.undecided = verdicts.undecided;
    out.undecided_rules = verdicts.undecided_rules;
    out.decided_or_not = verdicts.decided_or_not;
    if !loaded.understood {
        out.unreadable = Some((session.map.file(loaded.file).path.clone(), "nothing in it could be understood".to_owned()));
    }
    let facts = SiteFacts::of(n, loaded.site, options.coverage);
    // What rules across sites say of it is listed without its text at hand.
    out.name = facts.name.clone();
    out.facts = Some(if options.coverage { facts.called(&site_name) } else { facts });
    out
}

fn roster(loaded: &Loaded, map: &SourceMap, scrubber: &Scrubber) -> Roster {
    let site = &loaded.site;
    let name = |subject| scrubber.scrub(&crate::report::subject_name(subject, site, map).name);
    let gap = site.gaps.first().map(|g| scrubber.scrub(&g.reason));
    Roster {
        name: scrubber.scrub(&site.name),
        path: scrubber.scrub(&map.file(loaded.file).path),
        clients: (0..site.clients.len()).map(|n| name(rules::Subject::Client(n))).collect(),
        resources: (0..site.resources.len()).map(|n| name(rules::Subject::Resource(n))).collect(),
        gap: gap.or_else(|| (!loaded.understood).then(|| "nothing in it could be understood".to_owned())),
    }
}

fn input(file: &crate::source::SourceFile, options: &Options, scrubber: &Scrubber) -> Input {
    let sha256 = options.digests.then(|| Sha256::digest(file.masked().text()).into());
    Input { path: scrubber.scrub(&file.path).into(), format: file.format, sha256 }
}

/// What must not appear in anything shown of this site.
fn scrubber(loaded: &Loaded) -> Scrubber {
    Scrubber::new(secrets(&loaded.site).into_iter())
}

/// Every secret of a site.
pub fn secrets(site: &crate::model::Site) -> Vec<&Secret> {
    let mut found = Vec::new();
    if let Some(vpn) = site.client_vpn.value() {
        found.extend(vpn.shared_secret.value().map(|k| &k.secret));
        found.extend(vpn.radius_servers.items().iter().flat_map(|r| r.value.secrets()).filter_map(Field::value).map(|k| &k.secret));
    }
    if let Some(mx) = site.mx.value() {
        found.extend(mx.third_party_vpn_peers.items().iter().filter_map(|p| p.value.secret.value()).map(|k| &k.secret));
    }
    found.extend(site.clients.iter().filter_map(|c| c.pre_shared_key.value()).map(|k| &k.secret));
    found
}

/// The findings of site `n` with their places.
fn resolve(verdicts: &Verdicts, loaded: &Loaded, map: &SourceMap, scrubber: &Scrubber, options: &Options, n: usize) -> Vec<ReportFinding> {
    let one = |finding: &Finding| {
        let mut resolved = ReportFinding::resolve(finding, &loaded.site, map, &|_| map, scrubber);
        resolved.site_index = n;
        if options.logical {
            resolved.logical = logical_paths(finding, map, &|_| map, scrubber);
        }
        graded(resolved, finding, options.policies.site(n))
    };
    verdicts.findings.iter().filter_map(one).collect()
}

/// Where a finding's labels stand: the file and, in TOML, YAML and JSON, the path of keys. Never a value.
fn logical_paths<'m>(finding: &Finding, map: &'m SourceMap, maps: &dyn Fn(usize) -> &'m SourceMap, scrubber: &Scrubber) -> Vec<String> {
    let one = |label: &rules::Label| {
        let file = label.site.map_or(map, maps).file_at(label.span);
        let parsed = match file.format {
            "site-toml" => Some(tree::toml::parse(file.raw(), file.base())),
            "site-yaml" | "nac-yaml" => Some(tree::yaml::parse(file.raw(), file.base())),
            id if id == "site-json" || crate::import::detect::is_plain_json(id) => Some(tree::json::parse(file.raw(), file.base(), false)),
            _ => None,
        };
        let path = parsed.and_then(|p| p.root).map_or_else(String::new, |root| tree::path::path_of(&root, label.span));
        scrubber.scrub(&if path.is_empty() { file.path.clone() } else { format!("{}#{path}", file.path) })
    };
    finding.labels.iter().map(one).collect()
}

/// The finding at the level that the policy states; nothing when it is switched off.
fn graded(mut resolved: ReportFinding, finding: &Finding, policy: &Policy) -> Option<ReportFinding> {
    if let Some(level) = policy.stated(finding.rule, resolved.places.first().map_or("", |p| &p.path)).filter(|_| !finding.level_stated) {
        resolved.level = level;
    }
    (resolved.level != Level::Off).then_some(resolved)
}

/// Rules across sites. A site that takes part in a finding is read again, for its text is gone.
fn across(targets: &[Target], facts: &[SiteFacts], options: &Options, report: &mut Report, undecided: &mut Vec<&'static Rule>) -> usize {
    if facts.len() < 2 {
        return 0;
    }
    let cx = Across::new(facts);
    let (verdicts, panics) = rules::across_sites(&cx, options.policies.everywhere(), options.coverage);
    report.bugs.extend(panics.iter().map(|p| format!("rule {} panicked across sites", p.rule.id)));
    report.summary.holds += verdicts.holds;
    report.summary.undecided += verdicts.undecided;
    undecided.extend(&verdicts.undecided_rules);
    if let Some(rows) = &mut report.coverage {
        rows.extend(verdicts.rows.iter().filter_map(|row| across_row(row, facts)));
    }
    let again = |n: usize| targets.get(n).and_then(|t| load(n, t, options).ok());
    for finding in &verdicts.findings {
        // Each finding names one or two sites; the first label's site is the finding's own.
        let mut sites: Vec<usize> = finding.labels.iter().filter_map(|l| l.site).collect();
        let own = sites.first().copied().unwrap_or_default();
        sites.sort_unstable();
        sites.dedup();
        let loaded: Vec<_> = sites.iter().filter_map(|n| Some((*n, again(*n)?))).collect();
        let Some((_, (session, site))) = loaded.iter().find(|(n, _)| *n == own) else { continue };
        if loaded.len() < sites.len() {
            continue; // a file changed while it was read: its own findings say so
        }
        let maps = |n: usize| loaded.iter().find(|(m, _)| *m == n).map_or(&session.map, |(_, (s, _))| &s.map);
        let all: Vec<&Secret> = loaded.iter().flat_map(|(_, (_, l))| secrets(&l.site)).collect();
        let scrubber = Scrubber::new(all.into_iter());
        let mut resolved = ReportFinding::resolve(finding, &site.site, &session.map, &maps, &scrubber);
        resolved.site_index = own;
        if options.logical {
            resolved.logical = logical_paths(finding, &session.map, &maps, &scrubber);
        }
        report.findings.extend(graded(resolved, finding, options.policies.site(own)));
    }
    verdicts.decided_or_not
}

/// A verdict of a rule across sites. Names in it have passed their own site's scrubber; another site's name may still hold this one's key.
fn across_row(row: &Row, facts: &[SiteFacts]) -> Option<CoverageRow> {
    let at = facts.binary_search_by_key(&row.site?, |site| site.index).ok()?;
    let SiteFacts { name, hide, .. } = &facts[at];
    let subject = SubjectName { kind: row.subject.kind(), name: name.to_string() };
    let undecided = row.undecided.as_ref().map(|why| Scrubber::new(hide.iter()).scrub(why));
    Some(CoverageRow { site: name.clone(), site_index: facts[at].index, rule: row.rule, subject, undecided })
}

/// Sorts the findings, and says what is the same from run to run and which hides which.
fn number(report: &mut Report) {
    report.findings.sort_by(|a, b| a.order().cmp(&b.order()));
    crate::report::fingerprints(&mut report.findings);
    crate::report::mask_later_stages(&mut report.findings);
}

fn finish(report: &mut Report) {
    report.summary.waived = report.waived.len();
    for finding in &report.findings {
        match finding.level {
            Level::Error => report.summary.error += 1,
            Level::Warning => report.summary.warning += 1,
            Level::Advice => report.summary.advice += 1,
            Level::Off => {}
        }
    }
    report.inputs.sort_by(|a, b| a.path.cmp(&b.path));
    report.inputs.dedup_by(|a, b| a.path == b.path);
    report.unreadable.sort();
    report.bugs.sort();
    if let Some(rows) = &mut report.coverage {
        rows.sort_by(|a, b| {
            (&a.site, a.undecided.is_some(), a.rule.id, &a.subject).cmp(&(&b.site, b.undecided.is_some(), b.rule.id, &b.subject))
        });
    }
}

/// Site files below `folder`, honouring `.gitignore`: `site.{toml,yaml,yml,json}` and `*.site.{…}`. Sorted.
pub fn discover(folder: &Path) -> Vec<PathBuf> {
    let walk = ignore::WalkBuilder::new(folder).hidden(true).require_git(false).parents(true).build();
    let mut found: Vec<_> = walk
        .flatten()
        .filter(|e| e.file_type().is_some_and(|t| t.is_file()))
        .map(ignore::DirEntry::into_path)
        .filter(|p| is_site_file(p))
        .collect();
    found.sort();
    found
}

/// Whether a file's name is that of a site file.
pub fn is_site_file(path: &Path) -> bool {
    let name = path.file_name().map(|n| n.to_string_lossy()).unwrap_or_default();
    let Some((stem, ending)) = name.rsplit_once('.') else { return false };
    matches!(ending, "toml" | "yaml" | "yml" | "json") && (stem == "site" || stem.ends_with(".site"))
}
