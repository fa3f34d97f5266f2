//! A pair of units without a virtual address, and a profile that names an address.

use crate::model::ServerIs;
use crate::model::mx::UplinkMode;
use crate::rules::prelude::*;

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
    let Some(pair) = cx.mx().and_then(|mx| mx.value.pair()) else { return };
    if pair.mode() == Some(UplinkMode::Virtual) {
        return;
    }
    for (subject, client) in cx.clients() {
        let (Some(server), Some(is)) = (client.server.known(), cx.site.server_of(client)) else { continue };
        match is {
            _ if server.value.name().is_some() => out.holds(subject),
            ServerIs::Address(_) | ServerIs::Unknown(_) => match pair.mode() {
                Some(_) => {
                    let finding = out.finding(format!("client `{}` names an address, and the pair of units has no virtual IP", client.name.value));
                    let finding = finding.label(server.span, "changes with a failover").label_at(pair.uplink_mode.span(), "each unit its own address");
                    let help = "name the MX's hostname (Security & SD-WAN > Monitor > Appliance status) in the profile, or give the pair a virtual IP there";
                    out.violated(subject, finding.help(help));
                }
                None => out.undecided(subject, "`mx.warm_spare` states no `uplink_mode`"),
            },
            _ => {} // the address is wrong for another reason
        }
    }
}
