//! `vpnlint explain`.

use super::args::Explain;
use super::{Failure, Io};
use crate::exit::Exit;
use crate::rules::RULES;
use crate::tree::decode::nearest;

/// Runs the command.
pub fn run(args: &Explain, io: &mut Io<'_>) -> Result<Exit, Failure> {
    let Some(rule) = crate::rules::find(&args.what) else {
        let ids: Vec<_> = RULES.iter().map(|r| r.id).collect();
        let near = nearest(&args.what, &ids).map_or_else(|| "`vpnlint rules` lists them".to_owned(), |n| format!("did you mean `{n}`?"));
        return Err(Failure::Usage(format!(
            "no rule is called `{}`; {near}",
            crate::source::clip(&crate::source::visible(&args.what), 60)
        )));
    };
    writeln!(io.out, "{}", rule.docs.trim_end())?;
    let stage = rule.stage.map_or("none", crate::rules::Stage::word);
    writeln!(io.out, "\n---\nlevel: {}; stage: {stage}; symptoms: {}", rule.level, symptoms(rule))?;
    Ok(Exit::Clean)
}

fn symptoms(rule: &crate::rules::Rule) -> String {
    let all = rule.symptoms_at(rule.stage);
    if all.is_empty() { "none of its own".to_owned() } else { all.join(", ") }
}
