//! How far a client gets: the first stage that an error breaks, for it or for everyone.

use std::collections::{BTreeMap, BTreeSet};

use super::Side;
use super::identity::Pairs;
use crate::report::{CoverageRow, ReportFinding};
use crate::rules::{Level, Stage, Subject};

/// How far someone gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// No error breaks a stage. That is no promise: so many rules about a stage could not be decided.
    NothingFound(usize),
    /// Errors of these rules break this stage.
    Stops {
        /// The first that breaks.
        stage: Stage,
        /// What the user sees.
        symptoms: Vec<&'static str>,
        /// The rules that say so.
        rules: Vec<&'static str>,
    },
}

impl Outcome {
    /// Whether the user notices a difference.
    fn differs(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::NothingFound(_), Self::NothingFound(_)) => false,
            (Self::Stops { stage, symptoms, .. }, Self::Stops { stage: s, symptoms: y, .. }) => {
                let set = |of: &Vec<&'static str>| of.iter().copied().collect::<BTreeSet<_>>();
                stage != s || set(symptoms) != set(y)
            }
            _ => true,
        }
    }
}

/// On which sides someone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// On both.
    Both,
    /// On the new side alone.
    Added,
    /// On the old side alone.
    Removed,
}

/// Someone whose outcome changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The site, as the new side names it.
    pub site: String,
    /// The client or resource.
    pub name: String,
    /// How many of its kind the site has.
    pub of: usize,
    /// On which sides it is.
    pub presence: Presence,
    /// None: it is not there.
    pub before: Option<Outcome>,
    /// None: it is not there.
    pub after: Option<Outcome>,
}

/// Clients and resources whose outcome changes, sorted by site and name.
pub fn changes(old: &Side, new: &Side, pairs: &Pairs) -> (Vec<Change>, Vec<Change>) {
    let (old, new) = (View::of(old), View::of(new));
    let of = |kind: Kind| {
        let mut list: Vec<_> = pairs.iter().flat_map(|(o, n)| at_site(&old, o, &new, n, kind)).collect();
        list.sort_by(|a, b| (&a.site, &a.name).cmp(&(&b.site, &b.name)));
        list
    };
    (of(Kind::Client), of(Kind::Resource))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Client,
    Resource,
}

/// What decides outcomes, by site.
struct View<'a> {
    side: &'a Side,
    errors: BTreeMap<usize, Vec<&'a ReportFinding>>,
    undecided: BTreeMap<usize, Vec<&'a CoverageRow>>,
}

impl<'a> View<'a> {
    fn of(side: &'a Side) -> Self {
        let mut out = Self { side, errors: BTreeMap::new(), undecided: BTreeMap::new() };
        // A waived error breaks the connection all the same.
        for f in side.all().filter(|f| f.level == Level::Error && f.stage.is_some()) {
            out.errors.entry(f.site_index).or_default().push(f);
        }
        for row in side.report.coverage.iter().flatten().filter(|r| r.undecided.is_some() && r.rule.stage.is_some()) {
            out.undecided.entry(row.site_index).or_default().push(row);
        }
        out
    }

    /// Everyone of a kind at a site, by name and, of equal names, by number.
    fn outcomes(&self, site: usize, kind: Kind) -> BTreeMap<(String, usize), Outcome> {
        let roster = &self.side.sites[site];
        let names = if kind == Kind::Client { &roster.clients } else { &roster.resources };
        let errors = self.errors.get(&site).map_or(&[][..], Vec::as_slice);
        let mut out = BTreeMap::new();
        let mut seen = BTreeMap::<&str, usize>::new();
        for (who, name) in names.iter().enumerate() {
            let concerns = |f: &&&ReportFinding| match (f.subject_of, kind) {
                (Subject::Client(n), Kind::Client) | (Subject::Resource(n), Kind::Resource) => n == who,
                (Subject::Client(_) | Subject::Resource(_), _) | (_, Kind::Resource) => false,
                (_, Kind::Client) => true,
            };
            let mine: Vec<_> = errors.iter().filter(concerns).copied().collect();
            let outcome = first_break(&mine).unwrap_or_else(|| Outcome::NothingFound(self.undecided(site, kind, name)));
            let again = seen.entry(name).or_default();
            out.insert((name.clone(), *again), outcome);
            *again += 1;
        }
        out
    }

    /// How many rules about a stage could not be decided for someone.
    fn undecided(&self, site: usize, kind: Kind, name: &str) -> usize {
        let concerns = |r: &&&CoverageRow| match (r.subject.kind, kind) {
            ("client", Kind::Client) | ("resource", Kind::Resource) => r.subject.name == name,
            ("client" | "resource", _) | (_, Kind::Resource) => false,
            (_, Kind::Client) => true,
        };
        self.undecided.get(&site).map_or(0, |rows| rows.iter().filter(concerns).count())
    }
}

fn at_site(old: &View<'_>, o: Option<usize>, new: &View<'_>, n: Option<usize>, kind: Kind) -> Vec<Change> {
    let was = o.map(|o| old.outcomes(o, kind)).unwrap_or_default();
    let is = n.map(|n| new.outcomes(n, kind)).unwrap_or_default();
    let gap = |view: &View<'_>, site: Option<usize>| site.is_some_and(|n| view.side.sites[n].gap.is_some());
    let site = n.map_or_else(|| o.map_or("", |o| &old.side.sites[o].name), |n| &new.side.sites[n].name);
    let of = if n.is_some() { is.len() } else { was.len() };
    let mut out = Vec::new();
    let mut one = |name: &(String, usize), before: Option<&Outcome>, after: Option<&Outcome>| {
        let presence = match (before, after) {
            (Some(b), Some(a)) if b.differs(a) => Presence::Both,
            // Where part of the input cannot be read, no one is known to be new or gone.
            (None, Some(_)) if !gap(old, o) => Presence::Added,
            (Some(_), None) if !gap(new, n) => Presence::Removed,
            _ => return,
        };
        out.push(Change { site: site.to_owned(), name: name.0.clone(), of, presence, before: before.cloned(), after: after.cloned() });
    };
    for (name, before) in &was {
        one(name, Some(before), is.get(name));
    }
    for (name, after) in is.iter().filter(|(name, _)| !was.contains_key(*name)) {
        one(name, None, Some(after));
    }
    out
}

fn first_break(errors: &[&ReportFinding]) -> Option<Outcome> {
    let stage = errors.iter().filter_map(|f| f.stage).min()?;
    let (mut symptoms, mut rules) = (Vec::new(), BTreeSet::new());
    for f in errors.iter().filter(|f| f.stage == Some(stage)) {
        rules.insert(f.rule.id);
        for symptom in f.rule.symptoms_at(f.stage) {
            if !symptoms.contains(symptom) {
                symptoms.push(*symptom);
            }
        }
    }
    let rules = rules.into_iter().collect();
    Some(Outcome::Stops { stage, symptoms, rules })
}
