//! `vpnlint policy`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;

use super::args::{PolicyCommand, PolicyShow};
use super::{Failure, Io};
use crate::exit::Exit;
use crate::policy::{PACKS, Pack, Policies, Settings};
use crate::rules::{RULES, Rule};

/// Runs the command.
pub fn run(command: &PolicyCommand, io: &mut Io<'_>) -> Result<Exit, Failure> {
    match command {
        PolicyCommand::List(args) => list(args.root.as_deref(), io),
        PolicyCommand::Show(args) => show(args, io),
    }
}

/// The policies that count for a file or folder, with what the command line names; their faults are written to standard error.
pub(super) fn load(root: Option<&Path>, path: &Path, named: &[String], io: &mut Io<'_>) -> Result<Option<Policies>, Failure> {
    let here = super::check::here()?;
    let root = Arc::new(super::check::root(root, &[path.to_owned()], &here)?);
    let full = crate::source::real_path(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
    // A folder counts as a site file in it would.
    let site = if crate::source::is_folder(&full) { full.join("site.toml") } else { full };
    let policies = Policies::load(&root, named, &[], &[], &[&site]).map_err(Failure::Usage)?;
    if policies.problems.is_empty() {
        return Ok(Some(policies));
    }
    super::check::show_faults(&policies, io)?;
    Ok(None)
}

fn list(root: Option<&Path>, io: &mut Io<'_>) -> Result<Exit, Failure> {
    writeln!(io.out, "packs")?;
    for pack in PACKS {
        writeln!(io.out, "  {:<12} {}", pack.name, pack.summary())?;
    }
    let Some(policies) = load(root, Path::new("."), &[], io)? else { return Ok(Exit::Usage) };
    writeln!(io.out, "\npolicies that count here, later ones win")?;
    let mut none = true;
    for layer in policies.layers() {
        none = false;
        let extended: Vec<_> = layer.parts.iter().copied().filter(|p| *p != layer.file).collect();
        let extends = if extended.is_empty() { String::new() } else { format!(" (extends {})", extended.join(", ")) };
        writeln!(io.out, "  {}{extends}", crate::source::visible(layer.file))?;
    }
    if none {
        writeln!(io.out, "  none: the catalogue's levels")?;
    }
    Ok(Exit::Clean)
}

fn show(args: &PolicyShow, io: &mut Io<'_>) -> Result<Exit, Failure> {
    let path = args.path.clone().unwrap_or_else(|| PathBuf::from("."));
    let policies = match args.path.as_ref().and_then(|p| Pack::find(p.to_str()?)).filter(|_| !crate::source::is_folder(&path)) {
        // A pack by its name: what it sets, and nothing of what counts here.
        Some(pack) => {
            let empty = Arc::new(crate::source::Root::new(&super::check::here()?).map_err(|why| Failure::Unreadable(why.to_string()))?);
            Some(Policies::of_pack(&empty, pack))
        }
        None => load(args.root.as_deref(), &path, &args.policy, io)?,
    };
    let Some(policies) = policies else { return Ok(Exit::Usage) };
    let policy = policies.site(0);
    if args.format == "json" {
        let rows: Vec<_> = RULES.iter().zip(policy.settings()).map(|(rule, settings)| row(rule, settings, &policies)).collect();
        let data = policy
            .data()
            .iter()
            .map(|c| json!({ "table": c.table.name(), "replaces": c.replaces, "lines": c.lines, "origin": policies.shown(c.origin) }));
        let required = policy.require_decided().iter().map(|r| json!({ "rules": r.value.0, "origin": policies.shown(r.origin) }));
        let shown = json!({ "rules": rows, "data": data.collect::<Vec<_>>(), "require_decided": required.collect::<Vec<_>>() });
        serde_json::to_writer_pretty(&mut *io.out, &shown).map_err(|e| Failure::Io(e.into(), Exit::Clean))?;
        writeln!(io.out)?;
        return Ok(Exit::Clean);
    }
    for (rule, settings) in RULES.iter().zip(policy.settings()) {
        let origin = settings.level.map_or_else(|| "catalogue".to_owned(), |l| policies.shown(l.origin));
        let locked = settings.locked.map_or_else(String::new, |_| ", locked".to_owned());
        writeln!(io.out, "{:<32} {:<8} {origin}{locked}", rule.id, settings.level.map_or(rule.level, |l| l.value))?;
        for param in rule.params {
            let (value, origin) = match settings.value(*param) {
                Some(stated) => (stated.value, policies.shown(stated.origin)),
                None => (param.default(), "catalogue".to_owned()),
            };
            writeln!(io.out, "  {:<30} {:<8} {origin}", param.name(), value.to_string())?;
        }
    }
    for change in policy.data() {
        let does = if change.replaces { "replaced by" } else { "extended by" };
        let lines = if change.lines == 1 { "line" } else { "lines" };
        writeln!(io.out, "table {:<26} {does} {} {lines} {}", change.table.name(), change.lines, policies.shown(change.origin))?;
    }
    for required in policy.require_decided() {
        writeln!(io.out, "must be decided: {:<15} {}", required.value.0, policies.shown(required.origin))?;
    }
    Ok(Exit::Clean)
}

fn row(rule: &Rule, settings: &Settings, policies: &Policies) -> serde_json::Value {
    let params: serde_json::Map<String, serde_json::Value> = rule
        .params
        .iter()
        .map(|param| {
            let stated = settings.value(*param);
            let value = stated.map_or_else(|| param.default(), |s| s.value);
            let value = match value {
                crate::rules::Value::Count(n) => json!(n),
                crate::rules::Value::Level(level) => json!(level.word()),
            };
            (param.name().to_owned(), json!({ "value": value, "origin": stated.map(|s| policies.shown(s.origin)) }))
        })
        .collect();
    json!({
        "id": rule.id,
        "level": settings.level.map_or(rule.level, |l| l.value).word(),
        "origin": settings.level.map(|l| policies.shown(l.origin)),
        "locked": settings.locked.is_some(),
        "params": params,
    })
}
