//! A value of the wrong type or form.

use crate::rules::prelude::*;
use crate::source::ProblemKind;

/// See the page.
pub static RULE: Rule =
    Rule { id: "invalid-value", level: Level::Error, docs: include_str!("invalid_value.md"), check, even_when_off: true, ..Rule::USUAL };

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    cx.report_problems(out, ProblemKind::InvalidValue);
}
