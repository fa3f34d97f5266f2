//! Policies: at which level each rule runs and with which parameters, and who said so.
//!
//! Layers, later ones win: the catalogue, `vpnlint.toml` at the root, nearer `vpnlint.toml` files, `--policy`, `--select` and `--ignore`. A file's
//! `extends` come before its own keys.

pub mod baseline;
mod data;
mod decl;
mod load;
mod packs;
mod texts;
pub mod waivers;

pub use decl::{CheckDecl, RulePattern, WaiverDecl, json_schema};
pub use load::{LayerShown, Policies};
pub use packs::{PACKS, Pack};

use std::sync::Arc;

use globset::GlobSet;

use crate::model::tables::{Table, Tables};
use crate::rules::{Count, Grade, Level, Param, RULES, Rule, Value};
use crate::source::{Span, clip, visible};
use crate::tree::decode::nearest;

/// Who set something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A policy file or pack; a place in [`Policies::map`].
    File(Span),
    /// `--select` or `--ignore`.
    CommandLine,
}

/// Something that was set.
#[derive(Clone, Copy, Debug)]
pub struct Stated<T> {
    /// What.
    pub value: T,
    /// By whom.
    pub origin: Origin,
    /// In which layer; later ones win.
    layer: usize,
}

/// What is set of one rule.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Its level; none: the catalogue's.
    pub level: Option<Stated<Level>>,
    /// Where it was locked.
    pub locked: Option<Span>,
    values: Vec<(&'static str, Stated<Value>)>,
}

impl Settings {
    /// What is stated of a parameter.
    pub fn value(&self, param: Param) -> Option<Stated<Value>> {
        self.values.iter().find(|(name, _)| *name == param.name()).map(|(_, v)| *v)
    }

    /// A number: the policy's, else the default.
    pub fn count(&self, count: &'static Count) -> u32 {
        match self.value(Param::Count(count)).map(|s| s.value) {
            Some(Value::Count(n)) => n,
            _ => count.default,
        }
    }

    /// A level that the policy states for some findings.
    pub fn grade(&self, grade: &'static Grade) -> Option<Level> {
        match self.value(Param::Grade(grade)).map(|s| s.value) {
            Some(Value::Level(level)) => Some(level),
            _ => None,
        }
    }

    fn set(&mut self, name: &'static str, stated: Stated<Value>) {
        match self.values.iter_mut().find(|(n, _)| *n == name) {
            Some((_, old)) => *old = stated,
            None => self.values.push((name, stated)),
        }
    }
}

/// Levels for findings whose first label stands in some files.
#[derive(Clone, Debug)]
struct ByPath {
    folder: std::path::PathBuf,
    patterns: GlobSet,
    levels: Vec<(usize, Stated<Level>)>,
}

/// What counts for one site.
#[derive(Clone)]
pub struct Policy {
    settings: Vec<Settings>,
    by_path: Vec<ByPath>,
    require_decided: Vec<Stated<RulePattern>>,
    data: Vec<ChangeShown>,
    tables: Option<Arc<Tables>>,
}

/// A change of a table, as `vpnlint policy show` lists it: no lines, for some may be keys.
#[derive(Clone, Copy, Debug)]
pub struct ChangeShown {
    /// Which table.
    pub table: Table,
    /// What was in it before went.
    pub replaces: bool,
    /// How many lines came in.
    pub lines: usize,
    /// By whom.
    pub origin: Origin,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            settings: vec![Settings::default(); RULES.len()],
            by_path: Vec::new(),
            require_decided: Vec::new(),
            data: Vec::new(),
            tables: None,
        }
    }
}

impl Policy {
    /// What is set of each rule, in the order of [`RULES`].
    pub fn settings(&self) -> &[Settings] {
        &self.settings
    }

    fn index(rule: &Rule) -> Option<usize> {
        RULES.iter().position(|r| r.id == rule.id)
    }

    /// What is set of `rule`.
    pub fn of(&self, rule: &Rule) -> &Settings {
        static NONE: Settings = Settings { level: None, locked: None, values: Vec::new() };
        Self::index(rule).and_then(|n| self.settings.get(n)).unwrap_or(&NONE)
    }

    /// The level at which `rule` runs: what the policy says, else its own.
    pub fn level(&self, rule: &Rule) -> Level {
        self.of(rule).level.map_or(rule.level, |l| l.value)
    }

    /// Whether a rule runs: it is not off, or some of its findings, or those in some files, have a level of their own.
    pub fn runs(&self, rule: &Rule, settings: &Settings) -> bool {
        settings.level.map_or(rule.level, |l| l.value) != Level::Off
            || settings.values.iter().any(|(_, v)| matches!(v.value, Value::Level(level) if level != Level::Off))
            || self.by_path.iter().any(|b| b.levels.iter().any(|(n, l)| l.value != Level::Off && std::ptr::eq(RULES[*n], rule)))
    }

    /// The level that the policy states for a finding of `rule` whose first label stands in `path` (relative to the root); it replaces the finding's.
    pub fn stated(&self, rule: &Rule, path: &str) -> Option<Level> {
        let mut stated = self.of(rule).level;
        for by_path in &self.by_path {
            let inside = std::path::Path::new(path).strip_prefix(&by_path.folder);
            let Some(level) = by_path.levels.iter().find(|(n, _)| RULES[*n].id == rule.id).map(|(_, l)| *l) else { continue };
            if inside.is_ok_and(|p| by_path.patterns.is_match(p)) && stated.is_none_or(|s| s.layer <= level.layer) {
                stated = Some(level);
            }
        }
        stated.map(|s| s.value)
    }

    /// The tables that rules use, when a policy changed any.
    pub const fn tables(&self) -> Option<&Arc<Tables>> {
        self.tables.as_ref()
    }

    /// What was changed of the tables, in the order in which it counts.
    pub fn data(&self) -> &[ChangeShown] {
        &self.data
    }

    /// Rules that may not stay undecided, with who says so.
    pub fn require_decided(&self) -> &[Stated<RulePattern>] {
        &self.require_decided
    }

    /// Runs only the rules that `select` fits (when it is not empty) and no rule that `ignore` fits. Ids, or patterns with `*` and `?`.
    fn choose(&mut self, select: &[String], ignore: &[String]) {
        for (rule, settings) in RULES.iter().zip(&mut self.settings) {
            let off = settings.level.map_or(rule.level, |l| l.value) == Level::Off;
            let chosen = select.is_empty() || select.iter().any(|p| fits(p, rule.id));
            let level = if !chosen || ignore.iter().any(|p| fits(p, rule.id)) {
                Level::Off
            } else if off && select.iter().any(|p| p == rule.id) {
                // Asked for by name: a rule that is off by default speaks as advice.
                Level::Advice
            } else {
                continue;
            };
            settings.level = Some(Stated { value: level, origin: Origin::CommandLine, layer: usize::MAX });
        }
    }
}

/// Whether every pattern fits a rule; else the message.
pub fn known(patterns: &[String]) -> Result<(), String> {
    for pattern in patterns {
        if !RULES.iter().any(|r| fits(pattern, r.id)) {
            let near = nearest_rule(pattern).map_or(String::new(), |n| format!("; did you mean `{n}`?"));
            return Err(format!("no rule is called `{}`{near}", clip(&visible(pattern), 60)));
        }
    }
    Ok(())
}

/// The rule that was probably meant.
pub fn nearest_rule(word: &str) -> Option<&'static str> {
    let ids: Vec<_> = RULES.iter().map(|r| r.id).collect();
    nearest(word, &ids)
}

/// Whether `text` fits a pattern with `*` and `?`.
pub fn fits(pattern: &str, text: &str) -> bool {
    let (p, t) = (pattern.as_bytes(), text.as_bytes());
    let (mut i, mut j, mut star) = (0, 0, None);
    while j < t.len() {
        if i < p.len() && (p[i] == b'?' || p[i] == t[j]) {
            (i, j) = (i + 1, j + 1);
        } else if i < p.len() && p[i] == b'*' {
            star = Some((i, j));
            i += 1;
        } else if let Some((at, from)) = star {
            (i, j) = (at + 1, from + 1);
            star = Some((at, from + 1));
        } else {
            return false;
        }
    }
    p[i..].iter().all(|b| *b == b'*')
}

#[cfg(test)]
mod tests;
