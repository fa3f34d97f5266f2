//! A profile holds its shared secret under a key that the client does not read.

use crate::model::RemarkKind;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "profile-secret-misplaced",
    level: Level::Error,
    stage: Some(Stage::IkePsk),
    docs: include_str!("profile_secret_misplaced.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    cx.report_remarks(out, RemarkKind::SecretMisplaced);
}
