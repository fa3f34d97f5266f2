//! A profile names a unit's own address, where a pair of units has a virtual one.

use crate::model::ServerIs;
use crate::model::addressing::AddressKind;
use crate::model::mx::UplinkMode;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "warm-spare-not-vip",
    level: Level::Error,
    stage: Some(Stage::ReachIke),
    docs: include_str!("warm_spare_not_vip.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let Some(mx) = cx.mx().map(|mx| mx.value) else { return };
    if mx.warm_spare.is_absent() || mx.pair().is_some_and(|w| w.mode() == Some(UplinkMode::Public)) {
        return;
    }
    for (subject, client) in cx.clients() {
        if mx.warm_spare.known().is_some() && mx.pair().is_none() {
            return; // switched off
        }
        let Some((server, is)) = cx.server(out, subject, client) else { continue };
        let Some(pair) = mx.pair().filter(|w| w.mode().is_some()) else {
            if server.value.v4().is_some() {
                out.undecided(subject, mode_unknown(mx));
            }
            continue;
        };
        match is {
            ServerIs::UnitOfPair(unit) => {
                let finding =
                    out.finding(format!("client `{}` connects to one unit of the pair instead of the virtual IP", client.name.value));
                let finding = finding.label(server.span, "a unit's own address");
                let finding = match mx.vip_of(mx.primary_uplink_name()) {
                    Some(vip) => finding.label(vip.span, "the virtual IP"),
                    None => finding.label_at(pair.uplink_mode.span(), "the pair has a virtual IP"),
                };
                let help =
                    "name the MX's hostname in the profile, or the virtual IP that Security & SD-WAN > Monitor > Appliance status shows";
                out.violated(subject, finding.label(unit, "the unit").help(help));
            }
            ServerIs::Unknown(why) => out.undecided(subject, why),
            ServerIs::Address(at) if at.kind == AddressKind::Public && mx.primary_uplink().is_some_and(|u| u.value.ip.is_absent()) => {
                out.undecided(subject, "the primary uplink states no `ip`");
            }
            // Of other faults speak other rules.
            ServerIs::Ipv6 | ServerIs::NotPublic | ServerIs::OtherAddress | ServerIs::Secondary(_) => {}
            _ => out.holds(subject),
        }
    }
}

/// What would tell whether the pair has a virtual address.
pub(super) fn mode_unknown(mx: &Mx) -> String {
    let opaque = mx.warm_spare.opaque().or_else(|| mx.pair().and_then(|w| w.enabled.opaque().or(w.uplink_mode.opaque())));
    opaque.map_or_else(|| "`mx.warm_spare` states no `uplink_mode`".to_owned(), |o| o.reason.to_string())
}
