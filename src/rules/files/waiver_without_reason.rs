//! A waiver gives no reason.

use crate::rules::prelude::*;

/// See the page. The run's end finds it, when all findings are known (`policy::waivers`).
pub static RULE: Rule = Rule {
    id: "waiver-without-reason",
    level: Level::Error,
    docs: include_str!("waiver_without_reason.md"),
    even_when_off: true,
    ..Rule::USUAL
};
