//! A file that is named could not be read.

use crate::rules::prelude::*;
use crate::source::ProblemKind;

/// See the page.
pub static RULE: Rule =
    Rule { id: "import-failed", level: Level::Error, docs: include_str!("import_failed.md"), check, even_when_off: true, ..Rule::USUAL };

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    cx.report_problems(out, ProblemKind::ImportFailed);
}
