//! A waiver fits no finding.

use crate::rules::prelude::*;

/// See the page. The run's end finds it, when all findings are known (`policy::waivers`).
pub static RULE: Rule =
    Rule { id: "unused-waiver", level: Level::Error, docs: include_str!("unused_waiver.md"), even_when_off: true, ..Rule::USUAL };
