//! Two inputs give the same fact differently.

use crate::rules::prelude::*;
use crate::source::ProblemKind;

/// See the page.
pub static RULE: Rule = Rule {
    id: "cross-source-drift",
    level: Level::Warning,
    docs: include_str!("cross_source_drift.md"),
    check,
    even_when_off: true,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    cx.report_problems(out, ProblemKind::Drift);
    let mut reasons: Vec<&str> = cx.problems.iter().filter(|p| p.kind == ProblemKind::DriftUnknown).map(|p| p.message.as_str()).collect();
    reasons.sort_unstable();
    reasons.dedup();
    for reason in reasons {
        out.file_undecided(reason.to_owned());
    }
}
