//! UDP 500 or 4500 arrives at the MX on another port.

use crate::net::{Answer, Fault};
use crate::rules::prelude::*;
use crate::rules::upstream_faults::{BOTH, Ruling, Spot, each_fault};

/// See the page.
pub static RULE: Rule = Rule {
    id: "upstream-forward-translates-port",
    level: Level::Error,
    stage: Some(Stage::ReachIke),
    other_stages: &[Stage::ReachNatt],
    docs: include_str!("upstream_forward_translates_port.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let own = |_: &Spot<'_, '_>, answer: &Answer<'_>| Ruling::own(matches!(answer.fault(), Some(Fault::PortTranslated { .. })));
    each_fault(cx, out, BOTH, own, |out, trouble| {
        let (ports, port) = (
            trouble.ports(),
            trouble.fault().and_then(|fault| match fault {
                Fault::PortTranslated { to, .. } => Some(*to),
                _ => None,
            }),
        );
        let other = port.map_or_else(|| "another port".to_owned(), |port| format!("port {port}"));
        out.finding(format!("upstream `{}` sends {ports} to {other} of the MX", trouble.name()))
            .label(trouble.span(), "changes the port")
            .help("forward 500 to 500 and 4500 to 4500, both UDP; the MX's client VPN listens on no other port")
    });
}
