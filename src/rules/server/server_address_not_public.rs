//! A profile names an address that no client reaches over the internet.

use std::net::Ipv4Addr;

use crate::model::{ServerIs, is_cgnat, is_private};
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "server-address-not-public",
    level: Level::Error,
    stage: Some(Stage::ReachIke),
    docs: include_str!("server_address_not_public.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    for (subject, client) in cx.clients() {
        let Some((server, is)) = cx.server(out, subject, client) else { continue };
        let Some(ip) = server.value.v4() else { continue };
        if !matches!(is, ServerIs::NotPublic) {
            match client.lan_subnet.opaque() {
                Some(o) if !crate::net::Addrs::public().contains(ip) => out.undecided(subject, o.reason.to_string()),
                _ => out.holds(subject),
            }
            continue;
        }
        let finding = out.finding(format!("client `{}` names a server address that is not public", client.name.value));
        let finding = finding.label(server.span, kind(ip)).label_at(client.lan_subnet.span(), "the client's network is another");
        let help = "name the hostname that Security & SD-WAN > Monitor > Appliance status shows, or the public address there; a client that sits in front of the MX states its `lan_subnet`";
        let finding = finding.help(help);
        if client.lan_subnet.is_absent() {
            cx.absent_in(out, &[subject.part()], subject, finding);
        } else {
            out.violated(subject, finding);
        }
    }
}

fn kind(ip: Ipv4Addr) -> &'static str {
    match ip {
        _ if is_private(ip) => "a private address",
        _ if is_cgnat(ip) => "a carrier's NAT address",
        _ if ip.is_loopback() => "a loopback address",
        _ if ip.is_link_local() => "a link-local address",
        _ if ip.is_multicast() => "a multicast address",
        _ if ip.is_unspecified() => "no address at all",
        _ => "a reserved address",
    }
}
