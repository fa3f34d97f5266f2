//! UDP 4500 for the MX is dropped.

use crate::net::Service;
use crate::rules::prelude::*;
use crate::rules::upstream_faults::blocked;

/// See the page.
pub static RULE: Rule = Rule {
    id: "upstream-blocks-nat-t",
    level: Level::Error,
    stage: Some(Stage::ReachNatt),
    docs: include_str!("upstream_blocks_nat_t.md"),
    check: |cx, out| blocked(cx, out, Service::NAT_T),
    ..Rule::USUAL
};
