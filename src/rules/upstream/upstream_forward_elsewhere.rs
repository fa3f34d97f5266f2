//! A forward for UDP 500 or 4500 goes to another host than the MX.

use crate::model::upstream::{Action, Line, Target, Translation};
use crate::net::{Answer, Fault};
use crate::rules::prelude::*;
use crate::rules::upstream_faults::{BOTH, Ruling, Spot, each_fault};

/// See the page.
pub static RULE: Rule = Rule {
    id: "upstream-forward-elsewhere",
    level: Level::Error,
    stage: Some(Stage::ReachIke),
    other_stages: &[Stage::ReachNatt],
    docs: include_str!("upstream_forward_elsewhere.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    each_fault(cx, out, BOTH, ruling, |out, trouble| {
        let ports = trouble.ports();
        let (line, to) = match trouble.fault() {
            Some(Fault::Elsewhere { line, to, .. }) => (Some(*line), *to),
            _ => (None, None),
        };
        let itself = line.is_some_and(|line| matches!(&line.action, Action::Translate(Translation { to: Target::Device(_), .. })));
        let (whom, why) = match to {
            None if itself => ("itself".to_owned(), None),
            None => ("a host that is not the MX".to_owned(), None),
            Some(ip) => (ip.to_string(), trouble.spot.mx.other_place(ip)),
        };
        let help = format!(
            "let the forward go to {}; the MX's address is at Security & SD-WAN > Monitor > Appliance status > Uplink",
            trouble.next_hop()
        );
        out.finding(format!("upstream `{}` forwards {ports} to {whom}, not to the MX", trouble.name()))
            .label(line.and_then(target).unwrap_or_else(|| trouble.span()), "goes elsewhere")
            .label_at(why.map(|(span, _)| span), why.map_or("", |(_, text)| text))
            .help(help)
    });
}

fn ruling(spot: &Spot<'_, '_>, answer: &Answer<'_>) -> Ruling {
    let Some(Fault::Elsewhere { line, to, .. }) = answer.fault() else { return Ruling::GivesWay };
    let named = answer.service.port.is_some_and(|port| line.names_port(port));
    if named && to.is_some_and(|ip| spot.mx.is_of_another_uplink(ip)) {
        return Ruling::GivesWay; // server-on-secondary-uplink speaks of it
    }
    if spot.mx.lacks_spare_address() {
        return Ruling::Undecided("the site file states no `ip` of the spare under `mx.warm_spare.spare_uplinks`".into());
    }
    Ruling::Violated
}

/// Where a forward's target stands.
fn target(line: &Line) -> Option<Span> {
    match &line.action {
        Action::Translate(to) => Some(match &to.to {
            Target::Host(host) => host.span,
            Target::OneOf(range) => range.span,
            Target::Device(span) => *span,
            Target::Net(nets) => nets.span,
            Target::Opaque(opaque) => opaque.span,
        }),
        _ => None,
    }
}
