//! The text of a file breaks its format's grammar.

use crate::rules::prelude::*;
use crate::source::ProblemKind;

/// See the page.
pub static RULE: Rule =
    Rule { id: "syntax-error", level: Level::Error, docs: include_str!("syntax_error.md"), check, even_when_off: true, ..Rule::USUAL };

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    cx.report_problems(out, ProblemKind::Syntax);
}
