//! The proposals that a profile pins share none with the MX.

use crate::model::List;
use crate::model::proposal::{Accepted, Miss, Outcome, Phase, Proposal, only_elliptic};
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "ike-proposal-mismatch",
    level: Level::Error,
    stage: Some(Stage::IkeProposal),
    other_stages: &[Stage::Esp],
    docs: include_str!("ike_proposal_mismatch.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let pinning: Vec<_> = cx.clients().filter(|(_, c)| c.may_use_l2tp() && c.pins_proposals() != Some(false)).collect();
    if pinning.is_empty() {
        return;
    }
    let sides =
        cx.client_vpn().map(|vpn| [vpn.value.accepts(Phase::One, cx.site.tables()), vpn.value.accepts(Phase::Two, cx.site.tables())]);
    for (subject, client) in pinning {
        let (Some(vpn), Some([one, two])) = (cx.section(out, subject), &sides) else { continue };
        let place = match vpn.value.crypto.span() {
            Some(span) => (span, "the MX takes others"),
            None => (vpn.span, "the MX's proposals: Dashboard default"),
        };
        let (mut violated, mut met, mut doubt) = (false, false, None);
        for (phase, list, side) in [(Phase::One, &client.ike, one), (Phase::Two, &client.esp, two)] {
            if let Field::Opaque(o) = list {
                doubt = doubt.or(Some(o.reason.to_string()));
            }
            let (offered, spans) = offered(list, phase);
            if offered.is_empty() {
                continue;
            }
            let accepted = match side {
                Ok(accepted) => accepted,
                Err(why) => {
                    doubt = doubt.or(Some(why.to_string()));
                    continue;
                }
            };
            match accepted.against(&offered) {
                Outcome::Meets => met = true,
                Outcome::Unsure(why) => doubt = doubt.or(Some(why)),
                Outcome::Differ(miss) => {
                    violated = true;
                    let finding = finding(out, &client.name.value, phase, &miss, accepted, &offered);
                    out.violated(subject, finding.label(spans[miss.nearest], label(phase, &miss)).label(place.0, place.1));
                }
            }
        }
        match doubt {
            _ if violated => {}
            Some(why) => out.undecided(subject, why),
            None if met => out.holds(subject),
            None => {}
        }
    }
}

/// The proposals of a list, each with its place.
fn offered(list: &List<String>, phase: Phase) -> (Vec<Proposal<'_>>, Vec<Span>) {
    list.items().iter().flat_map(|item| Proposal::parse_all(&item.value, phase).map(|p| (p, item.span))).unzip()
}

fn finding(out: &Out<'_>, name: &str, phase: Phase, miss: &Miss<'_, '_>, accepted: &Accepted<'_>, offered: &[Proposal<'_>]) -> Finding {
    let names: Vec<_> = miss.parts.iter().map(|part| part.name(phase)).collect();
    let (parts, verb) = match names.split_last() {
        Some((last, [])) => ((*last).to_owned(), "differs"),
        Some((last, others)) => (format!("{} and {last}", others.join(", ")), "differ"),
        None => (String::new(), ""),
    };
    let finding = out.finding(format!("client `{name}` and the MX share no {phase} proposal: {parts} {verb}"));
    let takes = accepted.takes().iter().map(|p| format!("`{}`", p.text.trim_end_matches("-modpnone"))).collect::<Vec<_>>().join(" or ");
    let (finding, phase_2) = match phase {
        Phase::One => (finding, ""),
        Phase::Two => (finding.stage(Stage::Esp), if accepted.without_pfs() { " without PFS" } else { "" }),
    };
    let elliptic = match phase {
        Phase::One if only_elliptic(offered) => {
            "; the MX logs `invalid DH group 19` or `20`, which Windows offers first by default: harmless while others follow, and here none does"
        }
        _ => "",
    };
    finding
        .help(format!("pin {takes}{phase_2} in the profile, or state as `client_vpn.crypto` what Meraki Support set on the MX{elliptic}"))
}

/// What is at the profile's place.
fn label(phase: Phase, miss: &Miss<'_, '_>) -> String {
    let parts: Vec<_> = miss.parts.iter().map(|part| part.name(phase)).collect();
    format!("other {}", parts.join(", "))
}
