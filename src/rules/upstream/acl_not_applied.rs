//! A list permits 500 or 4500, and the device uses it nowhere.

use crate::model::upstream::Line;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "acl-not-applied",
    level: Level::Warning,
    stage: Some(Stage::ReachIke),
    other_stages: &[Stage::ReachNatt],
    docs: include_str!("acl_not_applied.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    for (subject, device, named) in cx.upstream() {
        let unused: Vec<_> = named.lists.iter().filter(|(chain, _)| !chain.applied).collect();
        let mut unknown = named.unknown.iter().filter(|(id, _)| device.chain(*id).is_some_and(|chain| !chain.applied));
        match unknown.find_map(|(_, line)| line.matches.destination_ports.opaque()) {
            _ if !unused.is_empty() => {}
            Some(opaque) => out.undecided(subject, opaque.reason.to_string()),
            None if named.lists.is_empty() => {}
            None => cx.holds_in(out, &[subject.part()], subject),
        }
        for (chain, line) in unused {
            let finding = out
                .finding(format!(
                    "upstream `{}` permits UDP 500 or 4500 in the list `{}`, which it uses nowhere",
                    device.name.value, chain.name
                ))
                .label(chain.span, "bound to nothing")
                .label(line.span, "never asked")
                .help("apply the list to the interface towards the internet (or call it from a list that is applied), or delete it");
            cx.absent_in(out, &[subject.part()], subject, Finding { stage: stage(cx, line), ..finding });
        }
    }
}

/// The stage that the missing permit breaks; none when packets arrive all the same.
fn stage(cx: &Context<'_>, line: &Line) -> Option<Stage> {
    let arrives = |natt: bool| cx.paths().is_some_and(|p| if natt { p.nat_t().passes() } else { p.ike().passes() });
    if line.names_port(500) && !arrives(false) {
        return Some(Stage::ReachIke);
    }
    (line.names_port(4500) && !arrives(true)).then_some(Stage::ReachNatt)
}
