//! A comment behind a value, which the profile's format takes for a part of it.

use crate::model::RemarkKind;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "profile-comment-in-value",
    level: Level::Error,
    stage: Some(Stage::IkePsk),
    docs: include_str!("profile_comment_in_value.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    cx.report_remarks(out, RemarkKind::CommentInValue);
}
