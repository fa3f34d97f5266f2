//! Protocol 50 is dropped where no NAT is on the way.

use crate::model::addressing::BehindNat;
use crate::net::Service;
use crate::rules::prelude::*;
use crate::rules::upstream_verdicts::{lacks_mx, target_missing, word};

/// See the page.
pub static RULE: Rule = Rule {
    id: "upstream-blocks-esp",
    level: Level::Warning,
    stage: Some(Stage::Esp),
    docs: include_str!("upstream_blocks_esp.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    if lacks_mx(cx, out, |_| true) {
        return;
    }
    let (Some(paths), Some(mx)) = (cx.paths(), cx.mx()) else { return };
    // A public address that a device translates towards all the same is behind NAT, too.
    if matches!(cx.site.behind_nat(), BehindNat::Yes(_)) || mx.value.is_behind_nat() || paths.path.is_translated() != Some(false) {
        if !mx.value.is_behind_nat() && paths.path.is_translated().is_none() {
            out.undecided(paths.subject(0), target_missing(mx.value));
        }
        return;
    }
    let answer = paths.path.arrives(Service::ESP);
    let Some((fault, device, place)) = paths.stopped(cx, out, &answer) else { return };
    let whom = if answer.restriction().is_some() { " of some clients" } else { "" };
    let finding = out
        .finding(format!("upstream `{}` drops ESP{whom}, and no NAT is on the way", device.name.value))
        .label(place, "drops IP protocol 50")
        .label_at(mx.value.target_label().0, "the MX's public address")
        .help("permit IP protocol 50 (ESP) to the MX: a client that is not behind NAT itself does not use UDP 4500")
        .proof(answer.witness().map(|w| Proof::of(word(fault), w)));
    cx.by_fault(out, paths.subject(fault.device()), fault, finding);
}
