//! Policies: at which level each rule runs. Packs, waivers and parameters come with later versions; here is the first layer.

mod at;

pub use at::PolicyFault;

use std::collections::BTreeMap;

use crate::rules::{Level, RULES, Rule};
use crate::source::{FileId, Problem, ProblemKind, Session, clip, visible};
use crate::tree::decode::{join, nearest};
use crate::tree::{self, Entry, Kind, Node};

/// The levels of a run.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    levels: BTreeMap<&'static str, Level>,
}

impl Policy {
    /// The level at which `rule` runs: what the policy says, else its own.
    pub fn level(&self, rule: &Rule) -> Level {
        self.levels.get(rule.id).copied().unwrap_or(rule.level)
    }

    /// The level that the policy states for `rule`; it replaces every level of its findings.
    pub fn stated(&self, rule: &Rule) -> Option<Level> {
        self.levels.get(rule.id).copied()
    }

    /// Runs only the rules that `select` fits (when it is not empty) and no rule that `ignore` fits. Ids, or patterns with `*` and `?`.
    pub fn choose(&mut self, select: &[String], ignore: &[String]) -> Result<(), String> {
        for pattern in select.iter().chain(ignore) {
            if !RULES.iter().any(|r| fits(pattern, r.id)) {
                let ids: Vec<_> = RULES.iter().map(|r| r.id).collect();
                let near = nearest(pattern, &ids).map_or(String::new(), |n| format!("; did you mean `{n}`?"));
                return Err(format!("no rule is called `{}`{near}", clip(&visible(pattern), 60)));
            }
        }
        for rule in RULES {
            let chosen = select.is_empty() || select.iter().any(|p| fits(p, rule.id));
            if !chosen || ignore.iter().any(|p| fits(p, rule.id)) {
                self.levels.insert(rule.id, Level::Off);
            } else if !select.is_empty() && self.level(rule) == Level::Off && select.iter().any(|p| p == rule.id) {
                // Asked for by name: a rule that is off by default speaks as advice.
                self.levels.insert(rule.id, Level::Advice);
            }
        }
        Ok(())
    }

    /// Reads `vpnlint.toml`: the policy, and every fault of it.
    pub fn read(session: &mut Session, id: FileId) -> (Self, Vec<Problem>) {
        let mut policy = Self::default();
        let mut problems = Vec::new();
        let text = session.map.file(id).raw().to_owned();
        let parsed = tree::toml::parse(&text, session.map.file(id).base());
        problems.extend(parsed.errors.iter().map(|e| Problem::new(ProblemKind::Syntax, e.span, e.message.clone(), "here")));
        for entry in parsed.root.iter().flat_map(|r| r.entries().unwrap_or_default()) {
            match &*entry.key {
                "extends" => extends(&entry.value, &mut problems),
                "rules" => policy.rules(&entry.value, &mut problems),
                _ => problems.push(unknown(entry, "a policy", &["extends", "rules"])),
            }
        }
        problems.sort_by_key(|p| p.span);
        (policy, problems)
    }

    fn rules(&mut self, node: &Node<'_>, problems: &mut Vec<Problem>) {
        let Some(entries) = node.entries() else {
            problems.push(invalid(node, "expected a table of rules and levels"));
            return;
        };
        let ids: Vec<_> = RULES.iter().map(|r| r.id).collect();
        for entry in entries {
            let Some(rule) = crate::rules::find(&entry.key) else {
                problems.push(unknown(entry, "[rules]", &ids));
                continue;
            };
            match entry.value.text().and_then(Level::parse) {
                Some(level) => {
                    self.levels.insert(rule.id, level);
                }
                None if matches!(entry.value.kind, Kind::Opaque(_)) => {}
                None => problems.push(invalid(&entry.value, "this is not a level").help("one of `error`, `warning`, `advice` and `off`")),
            }
        }
    }
}

fn extends(node: &Node<'_>, problems: &mut Vec<Problem>) {
    let one = std::slice::from_ref(node);
    for item in node.items().unwrap_or(one) {
        match item.text() {
            Some("recommended") => {}
            Some(_) => problems.push(invalid(item, "no pack has this name").help("the pack of this version is `recommended`")),
            None => problems.push(invalid(item, "expected the name of a pack")),
        }
    }
}

fn invalid(node: &Node<'_>, message: &str) -> Problem {
    Problem::new(ProblemKind::InvalidValue, node.span, message, "not valid")
}

fn unknown(entry: &Entry<'_>, table: &str, keys: &[&str]) -> Problem {
    let problem = Problem::new(
        ProblemKind::UnknownKey,
        entry.key_span,
        format!("`{}` is not a key of {table}", clip(&visible(&entry.key), 60)),
        "not known here",
    );
    match nearest(&entry.key, keys) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help(format!("known are {}", join(keys))),
    }
}

/// Whether `text` fits a pattern with `*` and `?`.
fn fits(pattern: &str, text: &str) -> bool {
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
mod tests {
    use super::fits;

    #[test]
    fn patterns_fit_whole_ids() {
        for (pattern, text, want) in [
            ("psk-*", "psk-weak", true),
            ("psk-*", "a-psk-weak", false),
            ("*", "psk-weak", true),
            ("*-mismatch", "psk-mismatch", true),
            ("psk-wea?", "psk-weak", true),
            ("psk-weak", "psk-weaker", false),
            ("", "psk-weak", false),
            ("*a*a*", "aa", true),
        ] {
            assert_eq!(fits(pattern, text), want, "{pattern} {text}");
        }
    }
}
