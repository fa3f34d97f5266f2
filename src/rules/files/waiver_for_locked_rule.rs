//! A waiver is for a rule that the policy locks.

use crate::rules::prelude::*;

/// See the page. The run's end finds it, when all findings are known (`policy::waivers`).
pub static RULE: Rule = Rule {
    id: "waiver-for-locked-rule",
    level: Level::Error,
    docs: include_str!("waiver_for_locked_rule.md"),
    even_when_off: true,
    ..Rule::USUAL
};
