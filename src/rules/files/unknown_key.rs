//! A key that the schema does not know.

use crate::rules::prelude::*;
use crate::source::ProblemKind;

/// See the page.
pub static RULE: Rule =
    Rule { id: "unknown-key", level: Level::Error, docs: include_str!("unknown_key.md"), check, even_when_off: true, ..Rule::USUAL };

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    cx.report_problems(out, ProblemKind::UnknownKey);
}
