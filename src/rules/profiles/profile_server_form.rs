//! A profile writes its server as a URL, or with a port or path.

use crate::model::RemarkKind;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "profile-server-form",
    level: Level::Error,
    stage: Some(Stage::Resolve),
    docs: include_str!("profile_server_form.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    cx.report_remarks(out, RemarkKind::ServerForm);
}
