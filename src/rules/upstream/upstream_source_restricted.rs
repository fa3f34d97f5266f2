//! Only some public addresses may reach UDP 500 or 4500.

use crate::model::upstream::Action;
use crate::net::Answer;
use crate::rules::prelude::*;
use crate::rules::upstream_faults::{BOTH, Ruling, Spot, each_fault};

/// See the page.
pub static RULE: Rule = Rule {
    id: "upstream-source-restricted",
    level: Level::Warning,
    stage: Some(Stage::ReachIke),
    other_stages: &[Stage::ReachNatt],
    docs: include_str!("upstream_source_restricted.md"),
    params: &[Param::Count(&MAX_PERCENT), Param::Grade(&PORT)],
    check,
    ..Rule::USUAL
};

/// NAT in front of a client changes its source port.
static PORT: Grade = Grade { name: "port", doc: "level for a match of the source port", default: Level::Error };

/// How much of the public address space may be shut out.
pub static MAX_PERCENT: Count =
    Count { name: "max_percent", doc: "percent of all public addresses whose loss is no finding", default: 1, range: (0, 100) };

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let own = |_: &Spot<'_, '_>, answer: &Answer<'_>| Ruling::own(answer.restriction().is_some());
    each_fault(cx, out, BOTH, own, |out, trouble| {
        let ports = trouble.ports();
        let restriction = trouble.restriction();
        let by_port = restriction.is_some_and(|r| r.by_port);
        let denies = restriction.and_then(|r| r.line).is_some_and(|line| matches!(line.action, Action::Deny));
        let what = if by_port { "source ports" } else { "addresses" };
        let label = if denies { format!("shuts out other {what}") } else { format!("admits only some {what}") };
        let label = if denies && !by_port { "shuts these sources out".to_owned() } else { label };
        let help = if by_port {
            "match the destination port only: NAT in front of a client changes its source port".to_owned()
        } else {
            let share = restriction.map_or(0.0, |r| r.share * 100.0);
            format!(
                "{share:.0} % of all public addresses do not get through, and roaming clients come from anywhere: let the source be any"
            )
        };
        let finding = out.finding(format!("upstream `{}` admits {ports} from some {what} only", trouble.name()));
        let finding = finding.label(trouble.span(), label).help(help);
        if by_port { out.graded(finding, &PORT) } else { finding }
    });
}
