//! A rule names something that its file does not define.

use crate::model::upstream::{Device, Line};
use crate::net::Protocol;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "dangling-reference",
    level: Level::Error,
    other_stages: &[Stage::ReachIke, Stage::ReachNatt],
    docs: include_str!("dangling_reference.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    for (n, device) in cx.site.upstream.iter().enumerate().filter(|(_, device)| device.exported) {
        let subject = Subject::Upstream(n);
        if device.dangling.is_empty() {
            cx.holds_in(out, &[subject.part()], subject);
        }
        for reference in &device.dangling {
            let finding = out
                .finding(format!("upstream `{}` uses a name that its export does not define: {}", device.name.value, reference.value))
                .label(reference.span, "not defined in the file")
                .help("define it on the device or correct the name; if it is defined there, export the whole configuration");
            cx.absent_in(out, &[subject.part()], subject, Finding { stage: stage(device, reference.span), ..finding });
        }
    }
}

/// The stage that the rule around the reference is about.
fn stage(device: &Device, reference: Span) -> Option<Stage> {
    let (_, line) = device.lines().find(|(_, line)| line.has(reference))?;
    let carries = |port: u16| {
        line.matches.protocol.value().is_none_or(|set| set.contains(Protocol::Udp))
            && line.matches.destination_ports.value().is_none_or(|ports| ports.contains(port))
    };
    first_of(line, carries)
}

fn first_of(line: &Line, carries: impl Fn(u16) -> bool) -> Option<Stage> {
    match line.enabled {
        true if carries(500) => Some(Stage::ReachIke),
        true if carries(4500) => Some(Stage::ReachNatt),
        _ => None,
    }
}
