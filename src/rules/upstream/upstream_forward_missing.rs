//! A device in front of the MX forwards UDP 500 or 4500 to nobody.

use crate::net::Fault;
use crate::rules::prelude::*;
use crate::rules::upstream_faults::{BOTH, Ruling, each_fault};

/// See the page.
pub static RULE: Rule = Rule {
    id: "upstream-forward-missing",
    level: Level::Error,
    stage: Some(Stage::ReachIke),
    other_stages: &[Stage::ReachNatt],
    docs: include_str!("upstream_forward_missing.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let own = |answer: &crate::net::Answer<'_>| Ruling::own(matches!(answer.fault(), Some(Fault::NoForward { .. })));
    each_fault(
        cx,
        out,
        BOTH,
        |_, answer| own(answer),
        |out, trouble| {
            let ports = trouble.ports();
            let public_ip = trouble.spot.mx.primary_uplink().and_then(|u| u.value.public_ip.span());
            let help = format!(
                "forward {ports} on `{}` to {}; the MX's address is at Security & SD-WAN > Monitor > Appliance status > Uplink",
                trouble.name(),
                trouble.next_hop()
            );
            out.finding(format!("upstream `{}` has no forward for {ports}", trouble.name()))
                .label(trouble.span(), format!("no forward for {}", ports.trim_start_matches("UDP ")))
                .label_at(public_ip, "the MX is behind NAT")
                .help(help)
        },
    );
}
