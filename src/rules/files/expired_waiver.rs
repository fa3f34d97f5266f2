//! A waiver's last day is over.

use crate::rules::prelude::*;

/// See the page. The run's end finds it, when all findings are known (`policy::waivers`).
pub static RULE: Rule =
    Rule { id: "expired-waiver", level: Level::Error, docs: include_str!("expired_waiver.md"), even_when_off: true, ..Rule::USUAL };
