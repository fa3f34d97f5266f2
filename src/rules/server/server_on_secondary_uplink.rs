//! A profile, or an upstream forward, targets the uplink that client VPN is not bound to.

use crate::model::ServerIs;
use crate::model::upstream::{Device, Target};
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "server-on-secondary-uplink",
    level: Level::Error,
    stage: Some(Stage::ReachIke),
    docs: include_str!("server_on_secondary_uplink.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let Some(mx) = cx.mx() else { return };
    if !mx.value.has_second_uplink() && mx.value.dynamic_dns.is_absent() {
        return;
    }
    for (subject, client) in cx.clients() {
        let (Some(server), Some(is)) = (client.server.known(), cx.site.server_of(client)) else { continue };
        match is {
            ServerIs::Secondary(span) => {
                let finding = out.finding(format!("client `{}` connects to the uplink that is not primary", client.name.value));
                let finding = finding.label(server.span, "not on the primary uplink").label(span, "the other uplink");
                let help = "name the MX's hostname (Security & SD-WAN > Monitor > Appliance status) in the profile: client VPN answers on the primary uplink only";
                out.violated(subject, primary(&mx, finding).help(help));
            }
            ServerIs::Unknown(why) => out.undecided(subject, why),
            ServerIs::Hostname(_) | ServerIs::UplinkName(_) | ServerIs::Alias(_) | ServerIs::Address(_) | ServerIs::UnitOfPair(_) => out.holds(subject),
            _ => {} // no address of this MX, or none at all
        }
    }
    for (n, device) in cx.site.upstream.iter().enumerate() {
        let serves = device.uplink.value().is_none_or(|u| mx.value.is_primary(u));
        let Some((line, to, span)) = serves.then(|| forward(mx.value, device)).flatten() else { continue };
        let finding = out.finding(format!("upstream device `{}` forwards IKE to the uplink that is not primary", device.name.value));
        let finding = finding.label(line, "to the other uplink").label(span, "not primary");
        let help = format!("forward UDP 500 and 4500 to the primary uplink instead of {to}, or choose the primary uplink on Security & SD-WAN > Configure > SD-WAN & traffic shaping");
        out.violated(Subject::Upstream(n), primary(&mx, finding).help(help));
    }
}

/// Labels what makes the primary uplink primary.
fn primary(mx: &Spanned<&Mx>, finding: Finding) -> Finding {
    match mx.value.primary_uplink.span() {
        Some(span) => finding.label(span, "the primary uplink"),
        None => finding.label(mx.span, "wan1 by Dashboard default"),
    }
}

/// A forward of 500 or 4500 to another uplink, where the device has none to the primary one.
fn forward(mx: &Mx, device: &Device) -> Option<(Span, std::net::Ipv4Addr, Span)> {
    let targets = mx.target_addresses();
    let ike = |port: u16| device.forwards().filter(move |(line, _)| line.enabled && line.names_port(port));
    for port in [500, 4500] {
        let host = |to: &Target| match to {
            Target::Host(host) => Some(*host),
            _ => None,
        };
        if ike(port).any(|(_, to)| host(&to.to).is_none_or(|h| targets.contains(&h.value))) {
            continue;
        }
        let wrong = ike(port).find_map(|(_, to)| {
            let host = host(&to.to)?;
            Some((host.span, host.value, mx.on_secondary_uplink(host.value)?.span))
        });
        if wrong.is_some() {
            return wrong;
        }
    }
    None
}
