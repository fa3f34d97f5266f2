//! Profiles exist, and client VPN is switched off.

use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "client-vpn-disabled",
    level: Level::Error,
    stage: Some(Stage::ReachIke),
    docs: include_str!("client_vpn_disabled.md"),
    check,
    even_when_off: true,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    if cx.site.clients.is_empty() {
        return;
    }
    let Some(vpn) = cx.section(out, Subject::ClientVpn) else { return };
    match &vpn.value.enabled {
        Field::Known(enabled) if !enabled.value => {
            let finding = out.finding("clients have profiles, and client VPN is switched off");
            let finding = cx.site.clients.iter().fold(finding, |f, client| f.label(client.name.span, "has a profile"));
            let help = "switch it on at Security & SD-WAN > Configure > Client VPN, or remove the profiles";
            out.violated(Subject::ClientVpn, finding.label(enabled.span, "switched off").help(help));
        }
        Field::Opaque(o) => out.undecided(Subject::ClientVpn, o.reason.to_string()),
        Field::Known(_) => out.holds(Subject::ClientVpn),
        Field::Absent => cx.holds_in(out, &[Part::ClientVpn], Subject::ClientVpn),
    }
}
