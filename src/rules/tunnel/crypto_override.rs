//! Support changed what the MX takes, and a profile leaves its proposals to the client's system.

use crate::model::proposal::{Meets, Phase};
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "crypto-override",
    level: Level::Off,
    stage: Some(Stage::IkeProposal),
    docs: include_str!("crypto_override.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let Some(vpn) = cx.client_vpn() else { return };
    let Some(crypto) = vpn.value.crypto.span() else { return };
    let changed = match vpn.value.accepts(Phase::One, cx.site.tables()).map(|accepted| accepted.takes_default(cx.site.tables())) {
        Ok(Meets::Yes) => return, // the defaults still work
        Ok(Meets::No) => Ok(()),
        Ok(Meets::Unsure) => Err("whether `client_vpn.crypto` still takes the defaults is not known".into()),
        Err(why) => Err(why),
    };
    for (subject, client) in cx.clients().filter(|(_, c)| c.may_use_l2tp()) {
        if client.pins_proposals() == Some(true) {
            out.holds(subject);
            continue;
        }
        let missing = match (&changed, client.ike.opaque().or(client.esp.opaque())) {
            (Err(why), _) => Some(why.to_string()),
            (_, Some(o)) => Some(o.reason.to_string()),
            // In a table by hand an absent key says nothing.
            _ if client.format.is_none() && client.ike.is_absent() && client.esp.is_absent() => {
                Some("the client states neither `ike` nor `esp`".to_owned())
            }
            _ => None,
        };
        if let Some(why) = missing {
            out.undecided(subject, why);
            continue;
        }
        let finding = out.finding(format!("the MX's proposals were changed, and client `{}` pins none", client.name.value));
        let place = client.ike.span().or(client.profile).unwrap_or(client.name.span);
        let finding = finding.label(place, "the system chooses the proposals").label(crypto, "not the MX's defaults");
        let help = "pin the MX's proposals where the profile's format can (`ipsec-ike`, Set-VpnConnectionIPsecConfiguration), and try each kind of client after the change";
        cx.absent(out, subject, finding.help(help));
    }
}
