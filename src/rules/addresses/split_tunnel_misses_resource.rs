//! A split-tunnel profile has no route to a resource, or to the resolver that knows it.

use std::net::Ipv4Addr;

use crate::model::Os;
use crate::model::routing::Carried;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "split-tunnel-misses-resource",
    level: Level::Error,
    stage: Some(Stage::Route),
    docs: include_str!("split_tunnel_misses_resource.md"),
    check,
    ..Rule::USUAL
};

/// What a client must reach through the tunnel.
struct Target {
    called: String,
    ip: Spanned<Ipv4Addr>,
}

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let (targets, hidden) = resources(cx);
    let by_name = cx.site.resources.iter().any(Resource::asks_own_resolvers);
    for (subject, client) in cx.clients() {
        let split = match client.splits() {
            Field::Known(split) if split.value => split,
            Field::Opaque(o) if !cx.site.resources.is_empty() => {
                out.undecided(subject, o.reason.to_string());
                continue;
            }
            _ => continue,
        };
        let resolvers = if by_name { cx.site.own_resolvers(client) } else { Vec::new() };
        let resolvers: Vec<_> = resolvers.into_iter().map(|ip| Target { called: format!("the resolver {}", ip.value), ip }).collect();
        if targets.is_empty() && resolvers.is_empty() && hidden.is_none() {
            continue; // all that is stated is on the internet
        }
        let (mut missed, mut doubt) = (Vec::new(), hidden.clone());
        for target in targets.iter().chain(&resolvers) {
            match client.split_tunnel_carries(cx.site, target.ip.value) {
                Carried::Yes => {}
                Carried::No => missed.push(target),
                Carried::Perhaps(reason) => doubt = doubt.or(Some(reason)),
            }
        }
        match (missed.is_empty(), doubt) {
            (false, _) => cx.absent(out, subject, describe(cx, out, client, split.span, &missed)),
            (true, Some(doubt)) => out.undecided(subject, doubt),
            (true, None) => cx.holds_whole(out, subject),
        }
    }
}

/// Resources that are not on the internet, and why one more may be.
fn resources(cx: &Context<'_>) -> (Vec<Target>, Option<String>) {
    let (mut targets, mut hidden) = (Vec::new(), None);
    for resource in &cx.site.resources {
        match &resource.ip {
            Field::Known(ip) if cx.site.is_on_the_internet(ip.value) => {}
            Field::Known(ip) => {
                let called = format!("`{}`", resource.name.value.shown());
                targets.push(Target { called, ip: *ip });
            }
            Field::Opaque(o) => hidden = hidden.or_else(|| Some(o.reason.to_string())),
            Field::Absent => hidden = hidden.or_else(|| Some("a resource states no `ip`".to_owned())),
        }
    }
    (targets, hidden)
}

fn describe(cx: &Context<'_>, out: &Out<'_>, client: &Client, split: Span, missed: &[&Target]) -> Finding {
    let name = &client.name.value;
    let first = missed[0];
    let more = match missed.len() {
        1 => String::new(),
        n => format!(" and {} more", n - 1),
    };
    let finding = out.finding(format!("the split tunnel of client `{name}` has no route to {}{more}", first.called));
    let label =
        if client.split_tunnel.is_absent() { "split tunnel, without `OverridePrimary`" } else { "only its routes enter the tunnel" };
    let mut finding = finding.label(split, label);
    if let Some(routes) = client.routes.known().filter(|r| !r.value.is_empty()) {
        finding = finding.label(routes.span, "none of these leads there");
    }
    for target in missed {
        finding = finding.label(target.ip.span, "no route of the profile");
    }
    let net = cx.site.network_of(first.ip.value).filter(|n| !n.is_default_route()).map_or_else(|| first.ip.value.into(), |n| n.net.trunc());
    finding.help(match client.os.value() {
        Some(Os::Windows) => format!(
            "add the route with `Add-VpnConnectionRoute -DestinationPrefix {net}`, or send everything through the tunnel with `Set-VpnConnection -SplitTunneling $false`"
        ),
        Some(Os::MacOs | Os::Ios) => "choose \"Send all traffic over VPN connection\" (`OverridePrimary` 1): the profile cannot hold routes".to_owned(),
        _ => format!("add a route to {net} to the profile, or send everything through the tunnel"),
    })
}
