//! UDP 1701 is open from the internet: L2TP that no IPsec protects.

use crate::model::upstream::{Action, Device, Line};
use crate::net::Service;
use crate::rules::prelude::*;
use crate::rules::upstream_lines::{Named, describes_itself, is_for_outside, met_from_outside};

/// See the page.
pub static RULE: Rule = Rule { id: "l2tp-port-exposed", level: Level::Warning, docs: include_str!("l2tp_port_exposed.md"), check, ..Rule::USUAL };

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    for (subject, device, named) in cx.upstream() {
        if named.l2tp.is_empty() && named.unknown.is_empty() {
            if describes_itself(device) {
                cx.holds_in(out, &[subject.part()], subject);
            } else {
                let reason = format!("nothing says what `{}` forwards or permits (`forwards`, `rules` or an `import`)", device.name.value);
                out.undecided(subject, reason);
            }
            continue;
        }
        decide(cx, out, subject, device, named);
    }
}

fn decide(cx: &Context<'_>, out: &mut Out<'_>, subject: Subject, device: &Device, named: &Named<'_>) {
    let met = met_from_outside(device);
    let is_met = |id: crate::model::upstream::ChainId| met.get(id.0 as usize) == Some(&true);
    let hidden = hidden(cx, subject);
    let lines = named.l2tp.iter().filter(|(id, line)| is_met(*id) && is_for_outside(device, line)).map(|(_, line)| *line);
    let (open, doubtful): (Vec<&Line>, Vec<&Line>) =
        lines.filter(|line| !hidden.iter().any(|h| std::ptr::eq(*h, *line))).partition(|line| line.matches.is_exact());
    if let Some((first, others)) = open.split_first() {
        let finding = out.finding(format!("upstream `{}` opens UDP 1701 to the internet, which is L2TP without IPsec", device.name.value));
        let mut finding = finding.label(first.span, does(first));
        for line in others.iter().take(3) {
            finding = finding.label(line.span, does(line));
        }
        out.violated(subject, finding.help("remove port 1701: client VPN needs UDP 500 and 4500 only, L2TP travels inside of them"));
        return;
    }
    let ports = || named.unknown.iter().find(|(id, line, _)| is_met(*id) && is_for_outside(device, line)).map(|(.., opaque)| *opaque);
    match doubtful.first().and_then(|line| line.matches.first_opaque()).or_else(ports) {
        Some(opaque) => out.undecided(subject, opaque.reason.to_string()),
        None => cx.holds_in(out, &[subject.part()], subject),
    }
}

/// Lines for the port that earlier ones leave nothing to.
fn hidden<'a>(cx: &Context<'a>, subject: Subject) -> Vec<&'a Line> {
    let Some(paths) = cx.paths() else { return Vec::new() };
    let shadowed = paths.path.arrives(Service::L2TP).shadowed;
    shadowed.iter().filter(|s| paths.subject(s.device) == subject).map(|s| s.line).collect()
}

const fn does(line: &Line) -> &'static str {
    match line.action {
        Action::Translate(_) => "forwards UDP 1701",
        _ => "permits UDP 1701",
    }
}
