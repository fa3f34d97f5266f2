//! `vpnlint rules`.

use serde_json::json;

use super::args::Rules;
use super::{Failure, Io};
use crate::exit::Exit;
use crate::rules::{Page, RULES, Stage};

/// Runs the command.
pub fn run(args: &Rules, io: &mut Io<'_>) -> Result<Exit, Failure> {
    let Some(policies) = super::policy::load(args.root.as_deref(), std::path::Path::new("."), &[], io)? else { return Ok(Exit::Usage) };
    let policy = policies.site(0);
    if args.format == "json" {
        let rows: Vec<_> = RULES
            .iter()
            .map(|r| {
                json!({
                    "id": r.id, "level": policy.level(r).word(), "default_level": r.level.word(), "stage": r.stage.map(Stage::word),
                    "summary": Page::parse(r.docs).summary, "symptoms": r.symptoms_at(r.stage),
                    "params": r.params.iter().map(|p| json!({ "name": p.name(), "default": p.default().to_string(), "doc": p.doc() })).collect::<Vec<_>>(),
                })
            })
            .collect();
        serde_json::to_writer_pretty(&mut *io.out, &rows).map_err(|e| Failure::Io(e.into(), Exit::Clean))?;
        writeln!(io.out)?;
        return Ok(Exit::Clean);
    }
    for rule in RULES {
        let stage = rule.stage.map_or("-", Stage::word);
        writeln!(io.out, "{:<32} {:<8} {:<13} {}", rule.id, policy.level(rule), stage, Page::parse(rule.docs).summary)?;
        for param in rule.params {
            writeln!(io.out, "{:<55} {} (parameter, default {}): {}", "", param.name(), param.default(), param.doc())?;
        }
    }
    Ok(Exit::Clean)
}
