//! UDP 500 or 4500 is open towards the device itself, and not forwarded.

use crate::net::{Answer, Fault};
use crate::rules::prelude::*;
use crate::rules::upstream_faults::{BOTH, Ruling, Spot, each_fault};

/// See the page.
pub static RULE: Rule = Rule {
    id: "upstream-opens-itself",
    level: Level::Warning,
    stage: Some(Stage::ReachIke),
    other_stages: &[Stage::ReachNatt],
    docs: include_str!("upstream_opens_itself.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    each_fault(cx, out, BOTH, ruling, |out, trouble| {
        let ports = trouble.ports();
        let opens = trouble.answers.iter().filter_map(|answer| match answer.fault() {
            Some(Fault::NoForward { opens: Some(line), .. }) => Some(line.span),
            _ => None,
        });
        let mut opens: Vec<Span> = opens.collect();
        opens.dedup();
        let finding = out.finding(format!("upstream `{}` opens {ports} towards itself, and forwards nothing to the MX", trouble.name()));
        let finding = opens.into_iter().fold(finding, |finding, span| finding.label(span, "opens the device itself"));
        finding.help(format!(
            "forward {ports} to {} instead; a rule for the device's own input never sees what goes through it",
            trouble.next_hop()
        ))
    });
}

fn ruling(spot: &Spot<'_, '_>, answer: &Answer<'_>) -> Ruling {
    match answer.fault() {
        Some(Fault::NoForward { opens: Some(_), .. }) => Ruling::Violated,
        Some(Fault::NoForward { .. }) => match &spot.device.input {
            Field::Known(_) => Ruling::Holds,
            Field::Opaque(opaque) => Ruling::Undecided(opaque.reason.to_string().into()),
            Field::Absent => Ruling::Undecided("nothing says what the device itself accepts (its export)".into()),
        },
        _ => Ruling::Holds,
    }
}
