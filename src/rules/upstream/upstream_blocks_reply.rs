//! The MX's answers do not get back to the clients.

use crate::model::upstream::Replies;
use crate::net::{Answer, Service};
use crate::rules::prelude::*;
use crate::rules::upstream_paths::Paths;
use crate::rules::upstream_verdicts::{paths, word};

/// See the page.
pub static RULE: Rule = Rule {
    id: "upstream-blocks-reply",
    level: Level::Error,
    stage: Some(Stage::ReachIke),
    other_stages: &[Stage::ReachNatt],
    docs: include_str!("upstream_blocks_reply.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let Some(paths) = paths(cx, out) else { return };
    if paths.path.devices().iter().all(|device| device.replies == Replies::PassWithFlow) {
        paths.all_hold(cx, out);
        return;
    }
    let answers = [Service::IKE, Service::NAT_T].map(|service| paths.path.answers(service));
    let blocked: Vec<(&Answer<'_>, Span)> = answers.iter().filter_map(|answer| Some((answer, blocking(answer, paths)?))).collect();
    for (n, (answer, span)) in blocked.iter().enumerate() {
        if blocked[..n].iter().any(|(_, earlier)| earlier == span) {
            continue;
        }
        let both = blocked[n + 1..].iter().any(|(_, later)| later == span);
        report(cx, out, paths, answer, *span, both);
    }
    if !blocked.is_empty() {
        // The others answer for themselves where they cannot drop an answer.
        for (k, device) in paths.path.devices().iter().enumerate() {
            if device.replies == Replies::PassWithFlow {
                cx.holds_whole(out, paths.subject(k));
            }
        }
        return;
    }
    match answers.iter().find_map(Answer::doubt) {
        Some(doubt) => paths.undecided(out, doubt),
        None if answers.iter().all(Answer::passes) => paths.all_hold(cx, out),
        None => {} // the line that drops the answers drops the requests too
    }
}

/// What drops the answers. A line that drops the requests too is the finding of another rule.
fn blocking(answer: &Answer<'_>, paths: &Paths<'_>) -> Option<Span> {
    let span = answer.place()?;
    let request = if answer.service == Service::IKE { paths.ike() } else { paths.nat_t() };
    (request.fault().and_then(crate::net::Fault::span) != Some(span)).then_some(span)
}

fn report(cx: &Context<'_>, out: &mut Out<'_>, paths: &Paths<'_>, answer: &Answer<'_>, span: Span, both: bool) {
    let Some(fault) = answer.stop() else { return };
    let ports = match (answer.service == Service::IKE, both) {
        (_, true) => "500 and 4500",
        (true, false) => "500",
        (false, false) => "4500",
    };
    let whom = if answer.restriction().is_some() { " to some clients" } else { "" };
    let device = paths.device(fault.device());
    let (place, what) = cx.mx().map_or((None, ""), |mx| mx.value.target_label());
    let message = format!("upstream `{}` drops the MX's answers{whom} from UDP {ports}", device.name.value);
    let mut finding = out.finding(message).label(span, "drops the answers").label_at(place, what);
    if answer.service == Service::NAT_T {
        finding = finding.stage(Stage::ReachNatt);
    }
    let finding = finding
        .help(format!(
            "permit UDP from the MX's address and source port {ports} to any address on the way out, or let established connections pass"
        ))
        .proof(answer.witness().map(|w| Proof::of(word(fault), w)));
    cx.by_fault(out, paths.subject(fault.device()), fault, finding);
}
