//! A client comes from the address of a third-party VPN peer.

use crate::model::mx::Peer;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "client-address-is-peer",
    level: Level::Error,
    stage: Some(Stage::ReachIke),
    docs: include_str!("client_address_is_peer.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let Some(mx) = cx.site.mx.value() else { return };
    let peers = mx.third_party_vpn_peers.items();
    if peers.is_empty() && mx.third_party_vpn_peers.opaque().is_none() {
        return;
    }
    for (subject, client) in cx.clients() {
        let ip = match &client.public_ip {
            Field::Known(ip) if !client.connects_from_inside() => ip,
            Field::Opaque(o) => {
                out.undecided(subject, o.reason.to_string());
                continue;
            }
            _ => continue,
        };
        let same = |peer: &Peer| peer.public_ip.value().and_then(Host::v4) == Some(ip.value);
        if let Some(peer) = peers.iter().find(|p| same(&p.value)) {
            let message = format!("client `{}` comes from {}, the address of {}", client.name.value, ip.value, called(&peer.value));
            let finding = out.finding(message).label(ip.span, "the client's public address");
            let finding = finding.label(peer.value.public_ip.span().unwrap_or(peer.span), "the peer's address");
            let help = "connect from another network: the MX takes IKE from this address for the peer's (Security & SD-WAN > Configure > Site-to-site VPN > Non-Meraki VPN peers)";
            out.violated(subject, finding.help(help));
            continue;
        }
        let opaque = mx.third_party_vpn_peers.opaque().map(|o| o.reason.to_string());
        match opaque.or_else(|| peers.iter().find_map(|p| unknown(&p.value))) {
            Some(reason) => out.undecided(subject, reason),
            None => cx.holds_whole(out, subject),
        }
    }
}

fn called(peer: &Peer) -> String {
    peer.name.value().map_or_else(|| "a third-party peer".to_owned(), |name| format!("the third-party peer `{name}`"))
}

/// Why a peer's address is not known.
fn unknown(peer: &Peer) -> Option<String> {
    match &peer.public_ip {
        Field::Known(host) => match &host.value {
            Host::Ip(_) => None,
            Host::Name(name) => Some(format!("{} is known by its name `{name}`, not by its address", called(peer))),
        },
        Field::Opaque(o) => Some(o.reason.to_string()),
        Field::Absent => Some(format!("{} states no `public_ip`", called(peer))),
    }
}
