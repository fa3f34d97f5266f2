//! A policy file as written, in TOML or YAML: every key with its place, every fault in one pass.

use serde_json::{Value as Json, json};

use super::data::DataDecl;
use crate::import::values::Imports;
use crate::model::{Day, Field, List};
use crate::record;
use crate::report::Format;
use crate::rules::{Level, Param, RULES, Rule, Value};
use crate::source::Spanned;
use crate::tree::decode::{Cx, Decode, Definitions, Rejected, join};
use crate::tree::{Entry, Kind, Node};

/// A policy file.
#[derive(Default)]
pub struct PolicyDecl {
    pub schema: Field<String>,
    pub extends: Field<Imports>,
    pub required_version: Field<RequiredVersion>,
    pub rules: Field<RulesDecl>,
    pub require_decided: List<RulePattern>,
    pub waivers: List<WaiverDecl>,
    pub overrides: List<OverrideDecl>,
    pub data: Field<DataDecl>,
    pub check: Field<CheckDecl>,
}

record!(PolicyDecl, "a policy", {
    "$schema" => schema: "where the schema is; for editors",
    "extends" => extends: "packs or policy files that this one builds on, later ones win",
    "required_version" => required_version: "versions of vpnlint that this policy is made for, such as \">=0.1\"",
    "rules" => rules: "levels and parameters of rules",
    "require_decided" => require_decided: "rules (ids or patterns) that may not stay undecided",
    "waivers" => waivers: "findings that are tolerated",
    "overrides" => overrides: "other levels for some paths",
    "data" => data: "lines of the tables that rules use: of your own beside the shipped ones, or instead of them",
    "check" => check: "defaults for the options of `vpnlint check`",
});

/// A demand on the version of vpnlint.
pub struct RequiredVersion(pub semver::VersionReq);

impl Decode for RequiredVersion {
    const EXPECTS: &'static str = "a demand on the version, such as \">=0.1\"";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        let text = node.text().ok_or_else(|| cx.expected(node, Self::EXPECTS))?;
        semver::VersionReq::parse(text)
            .map(Self)
            .map_err(|_| cx.invalid(node, "this is no demand on a version", "write it as Cargo does: \">=0.1\", \"^0.2\", \">=0.1, <0.3\""))
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({ "type": "string" })
    }
}

/// A rule's id, or a pattern of ids with `*` and `?`, that fits at least one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulePattern(pub String);

impl RulePattern {
    /// Whether it means `rule`.
    pub fn means(&self, rule: &Rule) -> bool {
        super::fits(&self.0, rule.id)
    }
}

impl Decode for RulePattern {
    const EXPECTS: &'static str = "a rule's id or a pattern";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        let text = node.text().ok_or_else(|| cx.expected(node, Self::EXPECTS))?;
        let pattern = Self(text.to_owned());
        if RULES.iter().any(|r| pattern.means(r)) {
            return Ok(pattern);
        }
        let help = match super::nearest_rule(text) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`vpnlint rules` lists them".to_owned(),
        };
        Err(cx.invalid(node, "no rule has this id", &help))
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({ "type": "string" })
    }
}

/// `[rules]`: what is set of each rule, in the order of the file.
#[derive(Default)]
pub struct RulesDecl(pub Vec<RuleDecl>);

/// What is set of one rule.
pub struct RuleDecl {
    pub rule: &'static Rule,
    /// The rule's key.
    pub key: crate::source::Span,
    pub level: Option<Spanned<Level>>,
    pub locked: Option<Spanned<bool>>,
    pub values: Vec<(Param, Spanned<Value>)>,
    /// Written as a level alone: it replaces every level of the rule.
    pub plain: bool,
}

impl Decode for RulesDecl {
    const EXPECTS: &'static str = "a table of rules";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        let Some(entries) = node.entries() else {
            return Err(cx.expected(node, "a table of rules and levels"));
        };
        let ids: Vec<_> = RULES.iter().map(|r| r.id).collect();
        let mut out = Self::default();
        for entry in entries {
            match crate::rules::find(&entry.key) {
                Some(rule) => out.0.extend(one(rule, entry, cx)),
                None => cx.unknown_key(entry, "[rules]", &ids),
            }
        }
        Ok(out)
    }

    fn schema(_: &mut Definitions) -> Json {
        let level = json!({ "enum": ["error", "warning", "advice", "off"] });
        let rule = |rule: &&Rule| {
            let mut properties = serde_json::Map::new();
            properties.insert("level".to_owned(), level.clone());
            properties
                .insert("locked".to_owned(), json!({ "type": "boolean", "description": "no waiver and no nearer policy may change it" }));
            for param in rule.params {
                let mut value = match param {
                    Param::Count(c) => json!({ "type": "integer", "minimum": c.range.0, "maximum": c.range.1, "default": c.default }),
                    Param::Grade(g) => json!({ "enum": ["error", "warning", "advice", "off"], "default": g.default.word() }),
                };
                crate::tree::decode::document(&mut value, param.doc());
                properties.insert(param.name().to_owned(), value);
            }
            let table = json!({ "type": "object", "properties": properties, "additionalProperties": false });
            (rule.id.to_owned(), json!({ "anyOf": [level, table] }))
        };
        json!({ "type": "object", "properties": RULES.iter().map(rule).collect::<serde_json::Map<_, _>>(), "additionalProperties": false })
    }
}

fn one(rule: &'static Rule, entry: &Entry<'_>, cx: &mut Cx<'_>) -> Option<RuleDecl> {
    let mut out = RuleDecl { rule, key: entry.key_span, level: None, locked: None, values: Vec::new(), plain: false };
    let Some(entries) = entry.value.entries() else {
        out.plain = true;
        out.level = Some(level(&entry.value, cx)?);
        return Some(out);
    };
    let keys: Vec<&str> = ["level", "locked"].into_iter().chain(rule.params.iter().map(|p| p.name())).collect();
    for entry in entries {
        match &*entry.key {
            "level" => out.level = level(&entry.value, cx),
            "locked" => out.locked = bool::decode(&entry.value, cx).ok().map(|b| Spanned::new(b, entry.value.span)),
            name => match rule.params.iter().find(|p| p.name() == name) {
                Some(param) => out.values.extend(value(*param, &entry.value, cx).map(|v| (*param, v))),
                None => cx.unknown_key(entry, &format!("rule `{}`", rule.id), &keys),
            },
        }
    }
    Some(out)
}

fn level(node: &Node<'_>, cx: &mut Cx<'_>) -> Option<Spanned<Level>> {
    if matches!(node.kind, Kind::Opaque(_)) {
        return None; // a syntax error touched it, and is told
    }
    match node.text().map(Level::parse) {
        Some(Some(level)) => Some(Spanned::new(level, node.span)),
        Some(None) => {
            cx.invalid(node, "this is not a level", &format!("one of {}", join(&["error", "warning", "advice", "off"])));
            None
        }
        None => {
            cx.expected(node, "a level, or a table with `level`");
            None
        }
    }
}

fn value(param: Param, node: &Node<'_>, cx: &mut Cx<'_>) -> Option<Spanned<Value>> {
    match param {
        Param::Grade(_) => level(node, cx).map(|l| l.map(Value::Level)),
        Param::Count(count) => {
            let n = u32::decode(node, cx).ok()?;
            let (min, max) = count.range;
            if !(min..=max).contains(&n) {
                cx.invalid(node, format!("`{}` must be from {min} to {max}", count.name), count.doc);
                return None;
            }
            Some(Spanned::new(Value::Count(n), node.span))
        }
    }
}

/// One `[[waivers]]` entry.
#[derive(Default)]
pub struct WaiverDecl {
    pub rule: Field<RulePattern>,
    pub site: Field<String>,
    pub client: Field<String>,
    pub resource: Field<String>,
    pub upstream: Field<String>,
    pub path: Field<String>,
    pub reason: Field<String>,
    pub owner: Field<String>,
    pub until: Field<Day>,
    pub pin: Field<String>,
}

record!(WaiverDecl, "a waiver", {
    "rule" => rule: "the rule's id, or a pattern",
    "site" => site: "sites, by name or pattern",
    "client" => client: "clients, by name or pattern",
    "resource" => resource: "resources, by name or pattern",
    "upstream" => upstream: "upstream devices, by name or pattern",
    "path" => path: "files that a label stands in, by path or pattern, relative to this policy's folder",
    "reason" => reason: "why the finding is tolerated",
    "owner" => owner: "who answers for it",
    "until" => until: "last day on which it counts",
    "pin" => pin: "what both sides were when it was written; `vpnlint baseline --pin` gives it",
});

/// One `[[overrides]]` entry.
#[derive(Default)]
pub struct OverrideDecl {
    pub paths: List<String>,
    pub rules: Field<RulesDecl>,
}

record!(OverrideDecl, "an override", {
    "paths" => paths: "patterns of paths, relative to this policy's folder: of site files, or of files that a finding's first label stands in",
    "rules" => rules: "levels and parameters of rules there",
});

/// `[check]`: defaults for the command's options.
#[derive(Default)]
pub struct CheckDecl {
    pub fail_on: Field<Level>,
    pub coverage: Field<bool>,
    pub baseline: Field<String>,
    pub format: List<FormatName>,
}

record!(CheckDecl, "[check]", {
    "fail_on" => fail_on: "lowest level that makes the exit code 1: error, warning or advice",
    "coverage" => coverage: "list what was proved and what is undecided",
    "baseline" => baseline: "file of known findings, relative to this policy",
    "format" => format: "output format",
});

/// A format's name. Never with a file: who may change a policy could else have any file overwritten.
pub struct FormatName(pub String);

impl Decode for FormatName {
    const EXPECTS: &'static str = "a format";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        let text = node.text().ok_or_else(|| cx.expected(node, Self::EXPECTS))?;
        let names: Vec<_> = Format::ALL.iter().map(|(name, _)| *name).collect();
        if names.contains(&text) {
            return Ok(Self(text.to_owned()));
        }
        if text.contains('=') {
            return Err(cx.invalid(
                node,
                "a policy names no file to write",
                "name the format alone here, and the file with `--format` on the command line",
            ));
        }
        Err(cx.invalid(node, "this is no format", &format!("one of {}", join(&names))))
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({ "enum": Format::ALL.iter().map(|(name, _)| *name).collect::<Vec<_>>() })
    }
}

impl Decode for Level {
    const EXPECTS: &'static str = "a level";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        level(node, cx).map(|l| l.value).ok_or(Rejected)
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({ "enum": ["error", "warning", "advice", "off"] })
    }
}

/// The JSON Schema (draft 2020-12) of a policy file.
pub fn json_schema() -> Json {
    let mut defs = Definitions::new();
    let root = PolicyDecl::schema(&mut defs);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://vpnlint.dev/schema/policy-v1.json",
        "title": "vpnlint policy, version 1",
        "$ref": root["$ref"],
        "$defs": defs,
    })
}
