//! UDP 1701 is open from the internet: L2TP that no IPsec protects.

use crate::model::upstream::{Action, Device, Line};
use crate::net::Service;
use crate::rules::prelude::*;
use crate::rules::upstream_lines::{Named, Reach, describes_itself, is_denied_above, met_from_outside, takes};

/// See the page.
pub static RULE: Rule =
    Rule { id: "l2tp-port-exposed", level: Level::Warning, docs: include_str!("l2tp_port_exposed.md"), check, ..Rule::USUAL };

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
    let met = met_from_outside(device, Service::L2TP);
    let hidden = hidden(cx, subject);
    let (mut open, mut doubt) = (Vec::<&Line>::new(), None);
    for (id, line) in named.l2tp.iter().chain(&named.unknown) {
        let Some(chain) = device.chain(*id) else { continue };
        if hidden.iter().any(|h| std::ptr::eq(*h, *line)) || is_denied_above(device, chain, line, Service::L2TP) {
            continue;
        }
        let reach = met.get(id.0 as usize).cloned().unwrap_or(Reach::No).and(takes(device, line, Service::L2TP));
        match reach {
            Reach::Yes => open.push(line),
            Reach::Perhaps(why) => doubt = doubt.or(Some(why)),
            Reach::No => {}
        }
    }
    if let Some((first, others)) = open.split_first() {
        let finding = out.finding(format!("upstream `{}` opens UDP 1701 to the internet, which is L2TP without IPsec", device.name.value));
        let mut finding = finding.label(first.span, does(first));
        for line in others.iter().take(3) {
            finding = finding.label(line.span, does(line));
        }
        out.violated(subject, finding.help("remove port 1701: client VPN needs UDP 500 and 4500 only, L2TP travels inside of them"));
        return;
    }
    match doubt {
        Some(reason) => out.undecided(subject, reason.into_owned()),
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
