//! UDP 500 for the MX is dropped.

use crate::net::Service;
use crate::rules::prelude::*;
use crate::rules::upstream_faults::blocked;

/// See the page.
pub static RULE: Rule = Rule {
    id: "upstream-blocks-ike",
    level: Level::Error,
    stage: Some(Stage::ReachIke),
    docs: include_str!("upstream_blocks_ike.md"),
    check: |cx, out| blocked(cx, out, Service::IKE),
    ..Rule::USUAL
};
