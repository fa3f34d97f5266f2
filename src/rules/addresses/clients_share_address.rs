//! Clients come from one public address, and the MX tells them apart by it.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::net::Addrs;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "clients-share-address",
    level: Level::Warning,
    stage: Some(Stage::ReachIke),
    docs: include_str!("clients_share_address.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let mut groups = BTreeMap::<Ipv4Addr, Vec<(Subject, &Client, Span)>>::new();
    let mut hidden = None;
    for (subject, client) in cx.clients() {
        match &client.public_ip {
            Field::Known(ip) if Addrs::public().contains(ip.value) && !client.connects_from_inside() => {
                groups.entry(ip.value).or_default().push((subject, client, ip.span));
            }
            Field::Opaque(o) => {
                out.undecided(subject, o.reason.to_string());
                hidden = hidden.or(Some(&o.reason));
            }
            _ => {}
        }
    }
    if groups.values().map(Vec::len).sum::<usize>() + usize::from(hidden.is_some()) < 2 {
        return; // nobody to share with
    }
    let own = cx.site.addresses();
    let peers = cx.site.mx.value().map_or(&[][..], |mx| mx.third_party_vpn_peers.items());
    for (ip, group) in &groups {
        if own.iter().any(|a| a.ip == *ip) || peers.iter().any(|p| p.value.public_ip.value().and_then(Host::v4) == Some(*ip)) {
            continue; // a graver rule speaks of it
        }
        // Profiles that one table imports are the same machine's.
        let second = group.iter().find(|(_, _, span)| *span != group[0].2);
        match (second, hidden) {
            (Some((subject, client, span)), _) => {
                let message =
                    format!("client `{}` shares the public address {ip} with client `{}`", client.name.value, group[0].1.name.value);
                let mut others: Vec<_> = group.iter().map(|(.., other)| *other).filter(|other| other != span).collect();
                others.dedup();
                let finding = out.finding(message).label(*span, "the same public address");
                let finding = others.into_iter().fold(finding, |f, other| f.label(other, "the same public address"));
                let help = "connect one at a time from this network, give each client a public address of its own, or join the networks by site-to-site VPN";
                out.violated(*subject, finding.help(help));
            }
            (None, Some(reason)) => group.iter().for_each(|(subject, ..)| out.undecided(*subject, reason.to_string())),
            (None, None) => group.iter().for_each(|(subject, ..)| cx.holds_in(out, &[Part::Clients], *subject)),
        }
    }
}
