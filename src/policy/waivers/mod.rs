//! Waivers: findings that a team tolerates, with a reason. One that is unused, expired, without a reason, or for a locked rule silences nothing and is a
//! finding itself.

pub mod inline;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};

use super::{Policies, WaiverDecl, fits, nearest_rule};
use crate::model::{Day, Field, Site};
use crate::report::{ReportFinding, Scrubber, Waived};
use crate::rules::{Finding, RULES, Rule, RuleSet, Subject};
use crate::secret::Secret;
use crate::source::{SourceMap, Span, Spanned};

/// A waiver, wherever it is written.
pub struct Waiver {
    rules: Vec<String>,
    selectors: Selectors,
    reason: Option<String>,
    until: Option<Day>,
    pin: Option<String>,
    /// Where it is written: the finding that it becomes when something is wrong with it.
    place: ReportFinding,
    /// What is wrong with it as written.
    fault: Option<String>,
    /// The site whose file it stands in, for comments.
    site: Option<usize>,
}

/// What it is about.
#[derive(Default)]
struct Selectors {
    site: Option<String>,
    client: Option<String>,
    resource: Option<String>,
    upstream: Option<String>,
    path: Option<(PathBuf, GlobMatcher)>,
    /// Below this folder.
    scope: Option<PathBuf>,
    /// A label stands on this line.
    line: Option<(Arc<str>, u32)>,
}

impl Selectors {
    fn fit(&self, f: &ReportFinding, site_path: &Path) -> bool {
        let named =
            |pattern: &Option<String>, kind: &str| pattern.as_ref().is_none_or(|p| f.subject.kind == kind && fits(p, &f.subject.name));
        self.site.as_ref().is_none_or(|p| fits(p, &f.site))
            && named(&self.client, "client")
            && named(&self.resource, "resource")
            && named(&self.upstream, "upstream")
            && self.scope.as_ref().is_none_or(|s| site_path.starts_with(s))
            && self.path.as_ref().is_none_or(|(folder, glob)| {
                f.places.iter().any(|p| Path::new(&*p.path).strip_prefix(folder).is_ok_and(|rest| glob.is_match(rest)))
            })
            && self
                .line
                .as_ref()
                .is_none_or(|(path, line)| f.places.iter().any(|p| p.path == *path && (p.line..=p.end_line).contains(line)))
    }
}

/// What a run knows of a site, for the question whether a waiver was needed.
pub struct Checked<'a> {
    /// Its name.
    pub name: &'a str,
    /// The site file, relative to the root.
    pub path: PathBuf,
    /// Rules that left something undecided.
    pub undecided: RuleSet,
}

/// What the waivers were applied to.
pub struct Run<'a> {
    /// The sites, in the order of the run.
    pub sites: Vec<Checked<'a>>,
    /// The policies.
    pub policies: &'a Policies,
    /// The day of the check.
    pub as_of: &'a Day,
    /// Folders, relative to the root, below which every site was checked.
    pub whole: &'a [PathBuf],
}

impl Run<'_> {
    /// Whether the run would have found a fault of `rule` at the site `name` again: the rule ran there and was decided, or the site is gone.
    pub fn judged(&self, name: &str, rule: &str) -> bool {
        let Some(rule) = crate::rules::find(rule) else { return true };
        let mut sites = self.sites.iter().enumerate().filter(|(_, s)| s.name == name).peekable();
        if sites.peek().is_none() || rule.across.is_some() {
            return self.whole.iter().any(|w| w.as_os_str().is_empty());
        }
        sites.all(|(n, site)| {
            let policy = self.policies.site(n);
            policy.runs(rule, policy.of(rule)) && !site.undecided.holds(rule)
        })
    }
}

const UNUSED: &str = "unused-waiver";
const EXPIRED: &str = "expired-waiver";
const NO_REASON: &str = "waiver-without-reason";
const LOCKED: &str = "waiver-for-locked-rule";

fn rule(id: &str) -> &'static Rule {
    crate::rules::find(id).unwrap_or(RULES[0])
}

/// The finding that stands at `span`, still without a message.
fn place(map: &SourceMap, span: Span, site: &Site, scrubber: &Scrubber) -> ReportFinding {
    let rule = rule(UNUSED);
    let finding = Finding {
        rule,
        level: rule.level,
        level_stated: false,
        subject: Subject::File(0),
        stage: None,
        message: String::new(),
        labels: Vec::new(),
        help: String::new(),
        proof: None,
    };
    ReportFinding::resolve(&finding.label(span, "this waiver"), site, map, &|_| map, scrubber)
}

/// The waivers in the comments of a site's files.
pub fn in_comments(n: usize, map: &SourceMap, site: &Site, scrubber: &Scrubber) -> Vec<Waiver> {
    let mut found = Vec::new();
    for file in map.files() {
        // JSON has no comments; what looks like one there is a value.
        if file.format == "site-json" || crate::import::detect::is_plain_json(file.format) || !inline::may_hold(file.raw()) {
            continue;
        }
        for comment in inline::comments(file.raw(), file.format != "networkmanager") {
            let at = |byte: usize| file.base() + byte as u32;
            let place = place(map, Span::new(at(comment.bytes.start), at(comment.bytes.end)), site, scrubber);
            let path = place.places[0].path.clone();
            let selectors = Selectors { line: Some((path, comment.line)), ..Selectors::default() };
            let (written, fault) = match comment.waiver {
                Ok(written) => (written, None),
                Err(fault) => (inline::Inline::default(), Some(fault)),
            };
            let reason = written.reason.map(|r| scrubber.scrub(&r)).filter(|r| !r.trim().is_empty());
            found.push(Waiver { rules: written.rules, selectors, reason, until: written.until, pin: None, place, fault, site: Some(n) });
        }
    }
    found
}

/// The waivers of policy files. Keys of sites that stand in a policy come in, too: `told`.
pub fn in_policies(policies: &Policies, told: &[Secret]) -> Vec<Waiver> {
    let site = Site { name: "policy".to_owned(), ..Site::default() };
    let scrubber = Scrubber::new(told.iter());
    policies.waivers().map(|(decl, folder, scope)| of(decl, folder, scope, &policies.map, &site, &scrubber)).collect()
}

fn of(decl: &Spanned<WaiverDecl>, folder: &Path, scope: Option<&Path>, map: &SourceMap, site: &Site, scrubber: &Scrubber) -> Waiver {
    let text = |field: &Field<String>| field.value().cloned();
    let waiver = &decl.value;
    let mut fault = None;
    if waiver.rule.is_absent() {
        fault = Some("a waiver names its `rule`".to_owned());
    }
    let path = waiver.path.value().and_then(|pattern| match GlobBuilder::new(pattern).literal_separator(true).build() {
        Ok(glob) => Some((folder.to_owned(), glob.compile_matcher())),
        Err(_) => {
            fault = Some("`path` is not a valid pattern".to_owned());
            None
        }
    });
    let reason = waiver.reason.value().map(|r| scrubber.scrub(r)).filter(|r| !r.trim().is_empty());
    Waiver {
        rules: waiver.rule.value().map(|r| r.0.clone()).into_iter().collect(),
        selectors: Selectors {
            site: text(&waiver.site),
            client: text(&waiver.client),
            resource: text(&waiver.resource),
            upstream: text(&waiver.upstream),
            path,
            scope: scope.map(Path::to_owned),
            line: None,
        },
        reason,
        until: waiver.until.value().cloned(),
        pin: text(&waiver.pin),
        place: place(map, waiver.rule.span().unwrap_or(decl.span), site, scrubber),
        fault,
        site: None,
    }
}

/// What became of a waiver.
#[derive(Default, Clone, Copy)]
struct Fate {
    fitted: bool,
    locked: bool,
    lapsed: bool,
}

/// Takes the findings that `waivers` cover out of `findings`, and adds what is wrong with waivers to them. Returns the covered ones.
pub fn apply(waivers: &[Waiver], findings: &mut Vec<ReportFinding>, run: &Run<'_>) -> Vec<ReportFinding> {
    let mut fates = vec![Fate::default(); waivers.len()];
    let by_rule = by_rule(waivers, findings);
    let (mut kept, mut covered) = (Vec::with_capacity(findings.len()), Vec::new());
    for mut finding in findings.drain(..) {
        let path = run.sites.get(finding.site_index).map_or(Path::new(""), |s| &s.path);
        let locked = run.policies.site(finding.site_index).of(finding.rule).locked.is_some();
        let mut pin = None;
        for &n in by_rule.get(finding.rule.id).into_iter().flat_map(|candidates| candidates.of(&finding.site)) {
            let (waiver, fate) = (&waivers[n], &mut fates[n]);
            if !waiver.selectors.fit(&finding, path) {
                continue;
            }
            fate.fitted = true;
            if locked {
                fate.locked = true;
            } else if waiver.pin.as_ref().is_some_and(|p| p != pin.get_or_insert_with(|| finding.pin())) {
                fate.lapsed = true;
            } else if let (false, Some(reason), None) = (waiver.is_expired(run.as_of), &waiver.reason, &finding.waived) {
                let at = &waiver.place.places[0];
                finding.waived = Some(Waived { reason: reason.clone(), until: waiver.until.clone(), path: at.path.clone(), line: at.line });
            }
        }
        if finding.waived.is_some() { covered.push(finding) } else { kept.push(finding) }
    }
    *findings = kept;
    for (waiver, fate) in waivers.iter().zip(fates) {
        findings.extend(waiver.finding(fate, run));
    }
    covered
}

/// The waivers of one rule: those that name one site, and the others.
#[derive(Default)]
struct Candidates<'w> {
    by_site: HashMap<&'w str, Vec<usize>>,
    others: Vec<usize>,
}

impl Candidates<'_> {
    /// Those that may fit a finding of this site, in the order in which they are written.
    fn of(&self, site: &str) -> impl Iterator<Item = &usize> {
        let (mut own, mut others) = (self.by_site.get(site).into_iter().flatten().peekable(), self.others.iter().peekable());
        std::iter::from_fn(move || match (own.peek(), others.peek()) {
            (Some(a), Some(b)) if a < b => own.next(),
            (Some(_), None) => own.next(),
            _ => others.next(),
        })
    }
}

/// For each rule that was violated, the waivers that may fit: thousands of waivers meet thousands of findings.
fn by_rule<'w>(waivers: &'w [Waiver], findings: &[ReportFinding]) -> HashMap<&'static str, Candidates<'w>> {
    let mut by_rule: HashMap<&'static str, Candidates<'w>> = findings.iter().map(|f| (f.rule.id, Candidates::default())).collect();
    for (n, waiver) in waivers.iter().enumerate().filter(|(_, w)| w.fault.is_none()) {
        let named = waiver.selectors.site.as_deref().filter(|site| !site.contains(['*', '?']));
        let add = |candidates: &mut Candidates<'w>| match named {
            Some(site) => candidates.by_site.entry(site).or_default().push(n),
            None => candidates.others.push(n),
        };
        match waiver.rules.as_slice() {
            [id] if !id.contains(['*', '?']) => by_rule.get_mut(id.as_str()).into_iter().for_each(add),
            patterns => {
                let fitting = by_rule.iter_mut().filter(|(id, _)| patterns.iter().any(|p| fits(p, id)));
                fitting.for_each(|(_, candidates)| add(candidates));
            }
        }
    }
    by_rule
}

impl Waiver {
    fn is_expired(&self, as_of: &Day) -> bool {
        self.until.as_ref().is_some_and(|until| until < as_of)
    }

    /// What is wrong with it.
    fn finding(&self, fate: Fate, run: &Run<'_>) -> Option<ReportFinding> {
        let unknown = self.rules.iter().find(|r| !RULES.iter().any(|rule| fits(r, rule.id)));
        let (id, message, help) = if let Some(fault) = &self.fault {
            (
                "invalid-value",
                format!("this waiver cannot be read: {fault}"),
                "write it as `# vpnlint: allow[rule] until=2027-01-31 reason=\"…\"`".to_owned(),
            )
        } else if let Some(unknown) = unknown {
            let help =
                nearest_rule(unknown).map_or_else(|| "`vpnlint rules` lists them".to_owned(), |near| format!("did you mean `{near}`?"));
            (
                UNUSED,
                format!("no rule is called `{}`, so this waiver waives nothing", crate::source::clip(&crate::source::visible(unknown), 60)),
                help,
            )
        } else if self.reason.is_none() {
            (
                NO_REASON,
                "this waiver gives no reason, and waives nothing".to_owned(),
                "say why the finding is tolerated, and until when: `reason=\"…\"`".to_owned(),
            )
        } else if let Some(until) = self.until.as_ref().filter(|_| self.is_expired(run.as_of)) {
            let message = format!("this waiver ended on {until}, and waives nothing any more");
            (EXPIRED, message, "mend what it waived, or set a new `until` with its reason".to_owned())
        } else if fate.locked || self.names_locked(run) {
            let message = "this waiver is for a rule that the policy locks, and waives nothing".to_owned();
            (
                LOCKED,
                message,
                "mend the finding, or ask the owners of the policy; `vpnlint policy show` says where the rule is locked".to_owned(),
            )
        } else if fate.lapsed {
            let message = "this waiver is pinned to other values, and waives nothing any more".to_owned();
            (UNUSED, message, "look at both sides again; `vpnlint baseline --pin` gives the pin of today's".to_owned())
        } else if !fate.fitted && self.was_judged(run) {
            (
                UNUSED,
                "this waiver fits no finding".to_owned(),
                "take it out; what it waived is mended, or it names another thing than the finding".to_owned(),
            )
        } else {
            return None;
        };
        let rule = rule(id);
        let policy = self.site.map_or_else(|| run.policies.everywhere(), |n| run.policies.site(n));
        let mut finding = self.place.clone();
        finding.rule = rule;
        finding.level = policy.stated(rule, &finding.places[0].path).unwrap_or(rule.level);
        finding.message = message;
        finding.help = help;
        finding.site_index = self.site.unwrap_or_default();
        (finding.level != crate::rules::Level::Off).then_some(finding)
    }

    fn names_locked(&self, run: &Run<'_>) -> bool {
        let policy = self.site.map_or_else(|| run.policies.everywhere(), |n| run.policies.site(n));
        self.rules.iter().any(|r| crate::rules::find(r).is_some_and(|rule| policy.of(rule).locked.is_some()))
    }

    /// Whether the run would have found what it waives: its rules ran, were decided, and its sites were all checked.
    fn was_judged(&self, run: &Run<'_>) -> bool {
        let rules = RULES.iter().filter(|rule| self.rules.iter().any(|r| fits(r, rule.id)));
        let all = |folder: &Path| run.whole.iter().any(|w| folder.starts_with(w));
        let everything = all(self.selectors.scope.as_deref().unwrap_or(Path::new("")));
        let literal = self.selectors.site.as_ref().filter(|s| !s.contains(['*', '?']));
        let concerned = |(n, site): &(usize, &Checked<'_>)| match (self.site, literal) {
            (Some(own), _) => *n == own,
            (None, Some(name)) => site.name == name,
            (None, None) => true,
        };
        let mut sites = run.sites.iter().enumerate().filter(concerned).peekable();
        if sites.peek().is_none() && !everything || self.site.is_none() && literal.is_none() && !everything {
            return false;
        }
        let sites: Vec<_> = sites.collect();
        rules.into_iter().all(|rule| {
            let policy = |n: usize| run.policies.site(n);
            let anywhere = run.policies.everywhere();
            (rule.across.is_none() || everything)
                && (!sites.is_empty() || anywhere.runs(rule, anywhere.of(rule)))
                && sites.iter().all(|(n, site)| policy(*n).runs(rule, policy(*n).of(rule)) && !site.undecided.holds(rule))
        })
    }
}
