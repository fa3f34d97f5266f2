//! UDP 500 or 4500 is forwarded or permitted as TCP only.

use crate::model::upstream::Action;
use crate::net::{Answer, Fault};
use crate::rules::prelude::*;
use crate::rules::upstream_faults::{BOTH, Ruling, Spot, each_fault};

/// See the page.
pub static RULE: Rule = Rule {
    id: "upstream-forward-wrong-protocol",
    level: Level::Error,
    stage: Some(Stage::ReachIke),
    other_stages: &[Stage::ReachNatt],
    docs: include_str!("upstream_forward_wrong_protocol.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let own = |_: &Spot<'_, '_>, answer: &Answer<'_>| Ruling::own(matches!(answer.fault(), Some(Fault::WrongProtocol { .. })));
    each_fault(cx, out, BOTH, own, |out, trouble| {
        let line = match trouble.fault() {
            Some(Fault::WrongProtocol { line, .. }) => Some(*line),
            _ => None,
        };
        let verb = if line.is_some_and(|l| matches!(l.action, Action::Translate(_))) { "forwards" } else { "permits" };
        let protocol =
            line.and_then(|l| l.matches.protocol.value()).map_or_else(|| "another protocol".to_owned(), |p| p.to_string().to_uppercase());
        let ports = trouble.ports();
        let numbers = ports.trim_start_matches("UDP ");
        out.finding(format!("upstream `{}` {verb} {numbers} as {protocol}, and IPsec uses UDP", trouble.name()))
            .label(line.and_then(|l| l.matches.protocol.span()).unwrap_or_else(|| trouble.span()), "not UDP")
            .help(format!("change the protocol to UDP; {ports} must arrive at {}", trouble.next_hop()))
    });
}
