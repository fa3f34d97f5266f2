//! A network that clients reach through the tunnel looks like the one they sit in.

use ipnet::Ipv4Net;

use crate::model::overlap;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "home-lan-overlap",
    level: Level::Warning,
    stage: Some(Stage::Route),
    docs: include_str!("home_lan_overlap.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let subject = Subject::Site;
    let pool = cx.site.pool();
    if cx.site.client_vpn.is_absent() && cx.site.resources.is_empty() {
        return;
    }
    let mut found = false;
    if let Some(pool) = pool {
        found |= judge(cx, out, pool, "the client VPN subnet", &[]);
    }
    let mut done = Vec::new();
    for resource in &cx.site.resources {
        let Some(network) = resource.ip.value().and_then(|ip| cx.site.mx.value()?.network_of(*ip)) else { continue };
        if network.is_default_route() || done.contains(&network.span) {
            continue;
        }
        done.push(network.span);
        let net = Spanned::new(network.net, network.span);
        if !threatened(cx, net.value) {
            continue;
        }
        let inside: Vec<_> = cx.site.resources.iter().filter(|r| r.ip.value().is_some_and(|ip| network.net.contains(ip))).collect();
        found |= judge(cx, out, &net, &network.called(), &inside);
    }
    if found {
        return;
    }
    if cx.site.client_vpn.value().is_some_and(|vpn| vpn.subnet.is_absent()) {
        out.undecided(subject, "the site file states no `client_vpn.subnet`");
        return;
    }
    if let Some(o) = cx.site.client_vpn.opaque().or_else(|| cx.site.client_vpn.value()?.subnet.opaque()) {
        out.undecided(subject, o.reason.to_string());
        return;
    }
    if let Some(resource) = cx.site.resources.iter().find(|r| r.ip.is_absent()) {
        out.undecided(subject, format!("resource `{}` states no `ip`", resource.name.value.shown()));
        return;
    }
    if let Some(o) =
        cx.site.resources.iter().find_map(|r| r.ip.opaque()).or_else(|| cx.site.clients.iter().find_map(|c| c.lan_subnet.opaque()))
    {
        out.undecided(subject, o.reason.to_string());
        return;
    }
    // Networks that are not described may hold a resource.
    match cx.site.networks_unknown().filter(|_| !cx.site.resources.is_empty()) {
        Some(reason) => out.undecided(subject, reason.into_owned()),
        None => cx.holds_in(out, &[Part::ClientVpn, Part::Clients, Part::Resources], subject),
    }
}

/// Where a client says that it sits. One whose server lies in its own network is inside the site on purpose.
fn home(client: &Client) -> Option<&Spanned<Ipv4Net>> {
    let lan = client.lan_subnet.known()?;
    let inside = client.server.value().and_then(Host::v4).is_some_and(|server| lan.value.contains(&server));
    (!inside).then_some(lan)
}

fn threatened(cx: &Context<'_>, net: Ipv4Net) -> bool {
    cx.site.tables().home_lans().iter().any(|home| overlap(*home, net))
        || cx.site.clients.iter().filter_map(home).any(|home| overlap(home.value, net))
}

/// Whether there was something to say of `net`.
fn judge(cx: &Context<'_>, out: &mut Out<'_>, net: &Spanned<Ipv4Net>, called: &str, resources: &[&Resource]) -> bool {
    let common = cx.site.tables().home_lans().iter().find(|home| overlap(**home, net.value));
    let mut declared =
        cx.site.clients.iter().filter_map(|c| Some((c, home(c)?))).filter(|(_, home)| overlap(home.value, net.value)).peekable();
    let what = match (declared.peek(), common) {
        (Some((client, _)), _) => format!("the network that client `{}` sits in", client.name.value),
        (None, Some(home)) => format!("a network that home routers use, {home}"),
        (None, None) => return false,
    };
    let mut finding =
        out.finding(format!("{called} ({}) overlaps {what}", net.value.trunc())).label(net.span, "may be the client's own network");
    for (_, home) in declared {
        finding = finding.label(home.span, "the client's own network");
    }
    for resource in resources {
        finding = finding.label(resource.ip.span().unwrap_or(resource.name.span), "may be out of reach");
    }
    let help = if resources.is_empty() {
        "choose a subnet that no home router uses, such as one within 10.64.0.0/10, under Security & SD-WAN > Configure > Client VPN"
    } else {
        "renumber this network under Security & SD-WAN > Configure > Addressing & VLANs, or change the home network"
    };
    out.violated(Subject::Site, finding.help(help));
    true
}
