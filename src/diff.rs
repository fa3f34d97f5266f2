//! What a change does: two runs compared. How it is shown is left to `report::diff`.
//!
//! Both runs are under one policy, the new side's. A finding is recognised by its rule, site, subject and the logical paths of its labels, so that lines
//! may move and values change. What is no longer found counts as fixed only when the new run would have found it again.

mod identity;
mod outcome;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::check::Roster;
use crate::report::{Report, ReportFinding};
use crate::rules::Level;
use identity::{Key, Pairs};
pub use outcome::{Change, Outcome, Presence};

/// One run, and what its paths are relative to.
pub struct Side {
    /// What is compared, as people name it: `revision main`, `folder sites`.
    pub shown: String,
    /// The folder that was named, relative to the root.
    pub base: String,
    /// Who is at each site, in the order of the run.
    pub sites: Vec<Roster>,
    /// The run's report, with coverage.
    pub report: Report,
}

impl Side {
    /// Findings whether waived or not.
    fn all(&self) -> impl Iterator<Item = &ReportFinding> {
        self.report.findings.iter().chain(&self.report.waived)
    }
}

/// What was known of a new finding before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Before {
    /// Nothing of the kind.
    Nothing,
    /// Its rule could not be decided there.
    Undecided(String),
    /// A waiver covered it.
    Waived,
    /// It was less grave.
    Milder(Level),
}

/// A verdict that was given before and cannot be given now.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lost {
    /// The site.
    pub site: String,
    /// The rule.
    pub rule: &'static str,
    /// Its subject: kind and name.
    pub subject: (&'static str, String),
    /// What is missing now.
    pub reason: String,
}

/// The difference of two runs.
pub struct Difference<'a> {
    /// What was.
    pub old: &'a Side,
    /// What shall be.
    pub new: &'a Side,
    /// Clients whose outcome changes.
    pub clients: Vec<Change>,
    /// Resources whose outcome changes by findings about themselves.
    pub resources: Vec<Change>,
    /// Findings that are new, as reported.
    pub appeared: Vec<(&'a ReportFinding, Before)>,
    /// Findings that are mended, of the old side.
    pub fixed: Vec<&'a ReportFinding>,
    /// Findings that are still there, and a waiver covers them now; of the new side.
    pub waived: Vec<&'a ReportFinding>,
    /// Findings of the old side of which the new side does not allow a verdict, and why.
    pub unsettled: Vec<(&'a ReportFinding, String)>,
    /// Findings on both sides.
    pub unchanged: usize,
    /// Proved before, undecided now.
    pub lost: Vec<Lost>,
    /// Undecided before, proved now.
    pub gained: usize,
    /// Sites of the new side alone.
    pub added_sites: Vec<&'a str>,
    /// Sites of the old side alone.
    pub removed_sites: Vec<&'a str>,
}

enum Verdict {
    Holds,
    /// What is missing, and the subject's name.
    Undecided(String, String),
}

/// Rule, and the subject as [`Key`] has it, at a pair of sites.
type Row = (usize, &'static str, &'static str, String);

impl<'a> Difference<'a> {
    /// Compares.
    pub fn between(old: &'a Side, new: &'a Side) -> Self {
        let pairs = Pairs::of(old, new);
        let (clients, resources) = outcome::changes(old, new, &pairs);
        let mut out = Self {
            old,
            new,
            clients,
            resources,
            appeared: Vec::new(),
            fixed: Vec::new(),
            waived: Vec::new(),
            unsettled: Vec::new(),
            unchanged: 0,
            lost: Vec::new(),
            gained: 0,
            added_sites: pairs.only_new().map(|n| new.sites[n].name.as_str()).collect(),
            removed_sites: pairs.only_old().map(|n| old.sites[n].name.as_str()).collect(),
        };
        let (was, is) = (verdicts(old, &pairs, true), verdicts(new, &pairs, false));
        out.match_findings(&pairs, &was, &is);
        out.compare_verdicts(&pairs, &was, &is);
        out
    }

    /// The gravest level of what is new.
    pub fn worst(&self) -> Option<Level> {
        self.appeared.iter().map(|(f, _)| f.level).max()
    }

    fn match_findings(&mut self, pairs: &Pairs, was: &BTreeMap<Row, Verdict>, is: &BTreeMap<Row, Verdict>) {
        let olds: Vec<_> = self.old.all().map(|f| (f, Key::of(f, self.old, pairs, true))).collect();
        let news: Vec<_> = self.new.all().map(|f| (f, Key::of(f, self.new, pairs, false))).collect();
        let mut partner = vec![None; news.len()];
        let mut taken = vec![false; olds.len()];
        // Ever less exact: places may move within a list, and a finding may change its level.
        for blur in [Key::exact, Key::moved, Key::graded] {
            let mut left = BTreeMap::<Key, VecDeque<usize>>::new();
            for (n, (f, key)) in olds.iter().enumerate().filter(|(n, _)| !taken[*n]) {
                left.entry(blur(key, f)).or_default().push_back(n);
            }
            for (n, (f, key)) in news.iter().enumerate() {
                if partner[n].is_none()
                    && let Some(o) = left.get_mut(&blur(key, f)).and_then(VecDeque::pop_front)
                {
                    (partner[n], taken[o]) = (Some(o), true);
                }
            }
        }
        for ((f, key), partner) in news.iter().zip(partner) {
            let before = partner.map(|o| olds[o].0);
            match (f.waived.is_some(), before) {
                (true, Some(old)) if old.waived.is_none() => self.waived.push(f),
                (true, _) => {}
                (false, Some(old)) if old.waived.is_some() => self.appeared.push((f, Before::Waived)),
                (false, Some(old)) if old.level < f.level => self.appeared.push((f, Before::Milder(old.level))),
                (false, Some(_)) => self.unchanged += 1,
                (false, None) => {
                    let before = match was.get(&key.row()) {
                        Some(Verdict::Undecided(reason, _)) => Before::Undecided(reason.clone()),
                        _ => Before::Nothing,
                    };
                    self.appeared.push((f, before));
                }
            }
        }
        // A fault of the new side's policy, such as a waiver that nothing needed yet, is none of the old side's to mend.
        let inputs: BTreeSet<&str> = self.old.report.inputs.iter().map(|i| &*i.path).collect();
        let own = |f: &ReportFinding| f.waived.is_none() && f.places.first().is_none_or(|p| inputs.contains(&*p.path));
        for ((f, key), _) in olds.iter().zip(taken).filter(|((f, _), taken)| !taken && own(f)) {
            let gap = || pairs.new_of(f.site_index).and_then(|n| self.new.sites[n].gap.clone());
            match is.get(&key.row()) {
                Some(Verdict::Undecided(reason, _)) => self.unsettled.push((f, reason.clone())),
                Some(Verdict::Holds) => self.fixed.push(f),
                None => match gap() {
                    Some(reason) => self.unsettled.push((f, reason)),
                    None => self.fixed.push(f),
                },
            }
        }
    }

    fn compare_verdicts(&mut self, pairs: &Pairs, was: &BTreeMap<Row, Verdict>, is: &BTreeMap<Row, Verdict>) {
        for (row, before) in was {
            match (before, is.get(row)) {
                (Verdict::Undecided(..), Some(Verdict::Holds)) => self.gained += 1,
                (Verdict::Holds, Some(Verdict::Undecided(reason, name))) => {
                    let site = pairs.new_number(row.0).map_or_else(String::new, |n| self.new.sites[n].name.clone());
                    self.lost.push(Lost { site, rule: row.1, subject: (row.2, name.clone()), reason: reason.clone() });
                }
                _ => {}
            }
        }
        self.lost.sort();
    }
}

/// What holds and what is undecided. One of several subjects with the same name that is undecided makes them all so.
fn verdicts(side: &Side, pairs: &Pairs, is_old: bool) -> BTreeMap<Row, Verdict> {
    let mut out = BTreeMap::new();
    for row in side.report.coverage.iter().flatten() {
        let Some((pair, subject)) = identity::subject(row.site_index, &row.subject, side, pairs, is_old) else { continue };
        let key = (pair, row.rule.id, row.subject.kind, subject);
        match &row.undecided {
            Some(reason) => drop(out.insert(key, Verdict::Undecided(reason.clone(), row.subject.name.clone()))),
            None => drop(out.entry(key).or_insert(Verdict::Holds)),
        }
    }
    out
}
