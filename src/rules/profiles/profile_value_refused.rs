//! A profile holds a value or a key that its client refuses.

use crate::model::RemarkKind;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule =
    Rule { id: "profile-value-refused", level: Level::Error, docs: include_str!("profile_value_refused.md"), check, ..Rule::USUAL };

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    cx.report_remarks(out, RemarkKind::Refused);
}
