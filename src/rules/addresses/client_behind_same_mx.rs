//! A client tries to reach the MX from behind it.

use crate::net::Addrs;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "client-behind-same-mx",
    level: Level::Error,
    stage: Some(Stage::ReachIke),
    docs: include_str!("client_behind_same_mx.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    if cx.site.mx.is_absent() {
        return;
    }
    let (addresses, unknown) = (cx.site.addresses(), cx.site.public_addresses_unknown());
    for (subject, client) in cx.clients() {
        let ip = match &client.public_ip {
            Field::Known(ip) if Addrs::public().contains(ip.value) && !client.connects_from_inside() => ip,
            Field::Opaque(o) => {
                out.undecided(subject, o.reason.to_string());
                continue;
            }
            _ => continue,
        };
        if let Some(own) = addresses.iter().find(|own| own.ip == ip.value) {
            let finding = out.finding(format!("client `{}` comes from {}, the MX's own public address", client.name.value, ip.value));
            let finding = finding.label(ip.span, "the client's public address").label(own.span, "the MX's own");
            let help = "test from another network; from behind the MX its networks are reached without client VPN";
            out.violated(subject, finding.help(help));
        } else if let Some(reason) = &unknown {
            out.undecided(subject, reason.clone());
        } else {
            cx.holds_whole(out, subject);
        }
    }
}
