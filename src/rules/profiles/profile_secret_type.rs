//! A profile holds its shared secret in a type or form that the client's schema does not have.

use crate::model::RemarkKind;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "profile-secret-type",
    level: Level::Warning,
    stage: Some(Stage::IkePsk),
    docs: include_str!("profile_secret_type.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    cx.report_remarks(out, RemarkKind::SecretType);
}
