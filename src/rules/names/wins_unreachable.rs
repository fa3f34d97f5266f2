//! A WINS server that the tunnel does not lead to.

use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "wins-unreachable",
    level: Level::Error,
    stage: Some(Stage::Name),
    docs: include_str!("wins_unreachable.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let subject = Subject::ClientVpn;
    let Some(vpn) = cx.site.client_vpn.value() else { return };
    if let Some(o) = vpn.wins_servers.opaque() {
        out.undecided(subject, o.reason.to_string());
        return;
    }
    if vpn.wins_servers.items().is_empty() {
        return;
    }
    let mut lost = vpn.wins_servers.items().iter().filter(|s| cx.site.network_of(s.value).is_none()).peekable();
    if lost.peek().is_none() {
        out.holds(subject);
        return;
    }
    if let Some(reason) = cx.site.networks_unknown() {
        out.undecided(subject, reason.into_owned());
        return;
    }
    for server in lost {
        let finding = out.finding(format!("the WINS server {} is in no network of the MX", server.value));
        let finding = finding.label(server.span, "in no network of the MX");
        let finding = finding.label_at(cx.mx().map(|mx| mx.value.vlans.span().unwrap_or(mx.span)), "the networks of the MX");
        let help = "compare Security & SD-WAN > Configure > Client VPN > WINS with Addressing & VLANs and Site-to-site VPN";
        out.violated(subject, finding.help(help));
    }
}
