//! A resource's address is in no network of the MX.

use crate::model::NetworkKind;
use crate::model::mx::DeploymentMode;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "resource-not-routed",
    level: Level::Error,
    stage: Some(Stage::Route),
    docs: include_str!("resource_not_routed.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    if cx.site.mx.is_absent() {
        return;
    }
    let pool_unknown = cx.site.client_vpn.value().and_then(|v| v.subnet.opaque()).or(cx.site.client_vpn.opaque());
    for (subject, resource) in cx.resources() {
        let ip = match &resource.ip {
            Field::Known(ip) => ip,
            Field::Opaque(o) => {
                out.undecided(subject, o.reason.to_string());
                continue;
            }
            Field::Absent => {
                out.undecided(subject, "the resource states no `ip`");
                continue;
            }
        };
        if cx.site.is_on_the_internet(ip.value) {
            continue; // the MX sends it to its uplink
        }
        if let Some(network) = cx.site.network_of(ip.value) {
            if network.is_default_route() && network.kind != NetworkKind::StaticRoute {
                out.undecided(subject, format!("only the default route of {} leads to the resource", network.called()));
            } else {
                out.holds(subject);
            }
        } else if cx.mx().is_some_and(|mx| mx.value.deployment_mode.value() == Some(&DeploymentMode::Passthrough)) {
            out.undecided(subject, "the MX is in passthrough mode, and what lies behind its gateway is not described");
        } else if let Some(reason) = cx.site.networks_unknown() {
            out.undecided(subject, reason.into_owned());
        } else if let Some(o) = pool_unknown {
            out.undecided(subject, o.reason.to_string());
        } else if let Some(mx) = cx.mx() {
            out.violated(subject, describe(&mx, out, resource, ip));
        }
    }
}

fn describe(mx: &Spanned<&Mx>, out: &Out<'_>, resource: &Resource, ip: &Spanned<std::net::Ipv4Addr>) -> Finding {
    let message = format!("the address of `{}`, {}, is in no network of the MX", resource.name.value.shown(), ip.value);
    let lan = mx.value.vlans.span().or(mx.value.single_lan.span()).unwrap_or(mx.span);
    let finding = out.finding(message).label(ip.span, "in no network of the MX").label(lan, "the networks of the MX");
    let holds = |field: &Field<ipnet::Ipv4Net>| field.value().is_some_and(|net| net.contains(&ip.value));
    match mx.value.static_routes.items().iter().find(|r| holds(&r.value.subnet)) {
        Some(off) => finding
            .label(off.value.enabled.span().unwrap_or(off.span), "switched off")
            .help("switch the static route on under Security & SD-WAN > Configure > Addressing & VLANs, or correct the address"),
        None => finding.help(
            "correct the address, or add the network that holds it: a VLAN or static route under Security & SD-WAN > Configure > Addressing & VLANs, or a subnet of a site or peer under Site-to-site VPN",
        ),
    }
}
