//! A resolver that the client VPN hands out cannot be reached through the tunnel.

use crate::model::firewall::Ruling;
use crate::model::is_private;
use crate::net::Service;
use crate::rules::flows;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "dns-server-unreachable",
    level: Level::Error,
    stage: Some(Stage::Name),
    docs: include_str!("dns_server_unreachable.md"),
    check,
    ..Rule::USUAL
};

const SUBJECT: Subject = Subject::ClientVpn;

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let Some(section) = cx.section(out, SUBJECT) else { return };
    let servers = match section.value.resolvers(section.span) {
        Ok(resolvers) => resolvers.servers,
        Err(reason) => {
            out.undecided(SUBJECT, reason.to_owned());
            return;
        }
    };
    if servers.is_empty() {
        return; // none of the site's own
    }
    let users = flows::users(cx.site);
    let (mut found, mut doubt) = (false, None);
    for server in servers {
        let network = cx.site.network_of(server.value);
        if network.is_none() && is_private(server.value) {
            match cx.site.networks_unknown() {
                Some(reason) => doubt = doubt.or(Some(reason.into_owned())),
                None => {
                    found = true;
                    out.violated(SUBJECT, unrouted(cx, out, server));
                }
            }
            continue;
        }
        // What is sent to the MX itself, or stays in its pool, meets no such rule.
        if network.is_some_and(|n| n.kind == crate::model::NetworkKind::ClientVpn) || is_mx(cx, server.value) {
            continue;
        }
        let Some(users) = &users else {
            let missing = || section.value.subnet.opaque().map_or("the site file states no `client_vpn.subnet`", |o| &o.reason);
            doubt = doubt.or_else(|| Some(missing().to_owned()));
            continue;
        };
        match flows::requests(cx.site, users, server.value, Some(Service::udp(53))) {
            Some(Ruling::Denied { rule, user, all }) => {
                found = true;
                let part = if all { "" } else { "part of " };
                let message = format!("a firewall rule keeps {part}the client VPN subnet from the resolver {} on port 53", server.value);
                let finding = out.finding(message).label(rule.span, "denies DNS to it").label(server.span, "the resolver that clients get");
                let proof = flows::proof(rule, user, server.value, Some(Service::udp(53)), false);
                out.violated(SUBJECT, finding.help(flows::help(cx.site, server.value)).proof(Some(proof)));
            }
            Some(Ruling::Unknown(reason)) => doubt = doubt.or_else(|| Some(reason.into_owned())),
            Some(Ruling::Allowed) => {}
            None => doubt = doubt.or_else(|| Some(flows::rules_unstated(cx.site, server.value).to_owned())),
        }
    }
    if found {
        return;
    }
    match doubt {
        Some(reason) => out.undecided(SUBJECT, reason),
        None => cx.holds_in(out, &[Part::Mx, Part::ClientVpn], SUBJECT),
    }
}

fn is_mx(cx: &Context<'_>, ip: std::net::Ipv4Addr) -> bool {
    let Some(mx) = cx.site.mx.value() else { return false };
    mx.vlans.items().iter().any(|v| v.value.appliance_ip.value() == Some(&ip))
        || mx.single_lan.value().is_some_and(|lan| lan.appliance_ip.value() == Some(&ip))
}

fn unrouted(cx: &Context<'_>, out: &Out<'_>, server: &Spanned<std::net::Ipv4Addr>) -> Finding {
    let finding =
        out.finding(format!("the resolver {} is in no network of the MX", server.value)).label(server.span, "in no network of the MX");
    let finding = finding.label_at(cx.mx().map(|mx| mx.value.vlans.span().unwrap_or(mx.span)), "the networks of the MX");
    finding.help("compare Security & SD-WAN > Configure > Client VPN > DNS nameservers with Addressing & VLANs and Site-to-site VPN")
}
