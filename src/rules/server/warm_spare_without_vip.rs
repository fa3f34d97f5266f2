//! A pair of units without a virtual address, and a profile that names an address.

use crate::model::ServerIs;
use crate::model::mx::{UplinkMode, WarmSpare};
use crate::rules::prelude::*;

use super::warm_spare_not_vip::mode_unknown;

/// See the page.
pub static RULE: Rule = Rule {
    id: "warm-spare-without-vip",
    level: Level::Warning,
    stage: Some(Stage::ReachIke),
    docs: include_str!("warm_spare_without_vip.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let Some(mx) = cx.mx().map(|mx| mx.value) else { return };
    let sure = |w: &WarmSpare| w.enabled.opaque().or(w.uplink_mode.opaque()).is_none();
    if mx.warm_spare.is_absent() || mx.pair().is_some_and(|w| sure(w) && w.mode() == Some(UplinkMode::Virtual)) {
        return;
    }
    if mx.warm_spare.known().is_some() && mx.pair().is_none() {
        return; // switched off
    }
    for (subject, client) in cx.clients() {
        let Some((server, is)) = cx.server(out, subject, client) else { continue };
        match is {
            _ if server.value.name().is_some() => out.holds(subject),
            ServerIs::Address(_) | ServerIs::Unknown(_) => match mx.pair().filter(|w| sure(w) && w.mode().is_some()) {
                Some(_) if !is.moves_with_the_unit(cx.site) => out.holds(subject), // a router in front keeps its address
                Some(pair) => {
                    let finding =
                        out.finding(format!("client `{}` names an address, and the pair of units has no virtual IP", client.name.value));
                    let finding = finding
                        .label(server.span, "changes with a failover")
                        .label_at(pair.uplink_mode.span(), "each unit its own address");
                    let help = "name the MX's hostname (Security & SD-WAN > Monitor > Appliance status) in the profile, or give the pair a virtual IP there";
                    out.violated(subject, finding.help(help));
                }
                None => out.undecided(subject, mode_unknown(mx)),
            },
            _ => {} // the address is wrong for another reason
        }
    }
}
