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
    // With one way in, and no names for single ports, there is nothing to mistake.
    let choice = mx.value.second_uplink().is_some() || !mx.value.dynamic_dns.is_absent() || mx.value.uplinks.opaque().is_some();
    for (subject, client) in cx.clients() {
        if !choice && !matches!(cx.site.server_of(client), Some(ServerIs::Secondary(_))) {
            continue;
        }
        let Some((server, is)) = cx.server(out, subject, client) else { continue };
        match is {
            ServerIs::Secondary(span) => {
                let finding = out.finding(format!("client `{}` connects to the uplink that is not primary", client.name.value));
                let finding = finding.label(server.span, "not on the primary uplink").label(span, "the other uplink");
                let help = "name the MX's hostname (Security & SD-WAN > Monitor > Appliance status) in the profile: client VPN answers on the primary uplink only";
                told(cx, out, subject, &mx, finding.help(help));
            }
            ServerIs::Unknown(why) => out.undecided(subject, why),
            ServerIs::Hostname(_) | ServerIs::UplinkName(_) | ServerIs::Alias(_) | ServerIs::Address(_) | ServerIs::UnitOfPair(_) => {
                out.holds(subject);
            }
            _ => {} // no address of this MX, or none at all
        }
    }
    for (n, device) in cx.site.upstream.iter().enumerate() {
        let subject = Subject::Upstream(n);
        let names_ike = device.forwards().any(|(line, _)| line.enabled && (line.names_port(500) || line.names_port(4500)));
        let unknown = mx.value.primary_unknown().or_else(|| device.uplink.opaque().map(|o| o.reason.as_ref().into()));
        let serves = device.uplink.value().is_none_or(|u| mx.value.is_primary(u));
        if !names_ike || !serves || mx.value.second_uplink().is_none() {
            continue;
        }
        if let Some(why) = unknown {
            out.undecided(subject, why.into_owned());
            continue;
        }
        let Some((port, line, to, span)) = forward(mx.value, device) else {
            match mx.value.target_unknown() {
                Some(why) => out.undecided(subject, why),
                None => out.holds(subject),
            }
            continue;
        };
        let finding = out.finding(format!("upstream device `{}` forwards UDP {port} to the uplink that is not primary", device.name.value));
        let stage = if port == 500 { Stage::ReachIke } else { Stage::ReachNatt };
        let finding = finding.stage(stage).label(line, "to the other uplink").label(span, "not primary");
        let help = format!(
            "forward UDP 500 and 4500 to the primary uplink instead of {to}, or choose the primary uplink on Security & SD-WAN > Configure > SD-WAN & traffic shaping"
        );
        told(cx, out, subject, &mx, finding.help(help));
    }
}

/// With what makes the primary uplink primary; where that is the default, nothing may be hidden in a part that was not read.
fn told(cx: &Context<'_>, out: &mut Out<'_>, subject: Subject, mx: &Spanned<&Mx>, finding: Finding) {
    match mx.value.primary_uplink.span() {
        Some(span) => out.violated(subject, finding.label(span, "the primary uplink")),
        None => cx.absent(out, subject, finding.label(mx.span, "wan1 by Dashboard default")),
    }
}

/// A forward of 500 or 4500 to another uplink, where the device has none to the primary one.
fn forward(mx: &Mx, device: &Device) -> Option<(u16, Span, std::net::Ipv4Addr, Span)> {
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
            Some((port, host.span, host.value, mx.on_secondary_uplink(host.value)?.span))
        });
        if wrong.is_some() {
            return wrong;
        }
    }
    None
}
