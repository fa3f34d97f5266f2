//! One key serves two sites, or client VPN and a RADIUS server or third-party peer.

use crate::model::Key;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule =
    Rule { id: "psk-reused", level: Level::Warning, docs: include_str!("psk_reused.md"), check, across: Some(across), ..Rule::USUAL };

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let Some(vpn) = cx.client_vpn() else { return };
    let radius = vpn.value.radius_servers.items().iter().map(|r| ("a RADIUS server", "as RADIUS secret", &r.value.secret));
    let peers = cx.mx().map_or(&[][..], |mx| mx.value.third_party_vpn_peers.items());
    let peers = peers.iter().map(|p| ("a third-party VPN peer", "as the peer's key", &p.value.secret));
    let others: Vec<(&str, &'static str, &Field<Key>)> = radius.chain(peers).filter(|(_, _, secret)| !secret.is_absent()).collect();
    if others.is_empty() {
        return;
    }
    let Some(key) = cx.mx_key(out, Subject::ClientVpn) else { return };
    let (mut reused, mut unknown) = (false, None);
    for (whose, label, field) in others {
        match field {
            Field::Known(other) if other.value.secret.same_as(&key.value.secret) => {
                reused = true;
                let finding = out.finding(format!("client VPN and {whose} share one key")).label(other.span, label);
                let help = "give each its own key: who learns one, such as any client VPN user, then knows no other";
                out.violated(Subject::ClientVpn, finding.label(key.span, "as pre-shared key").help(help));
            }
            Field::Opaque(o) => unknown = Some(o.reason.to_string()),
            _ => {}
        }
    }
    match unknown {
        _ if reused => {}
        Some(why) => out.undecided(Subject::ClientVpn, why),
        None => out.holds(Subject::ClientVpn),
    }
}

fn across(cx: &Across<'_>, out: &mut Out<'_>) {
    let mut keys = Vec::with_capacity(cx.sites.len());
    keys.extend(cx.sites.iter().filter_map(|s| Some((s.key.as_ref()?, s))));
    // Equal keys side by side, in the order of the run.
    keys.sort_unstable_by_key(|(key, site)| (key.value, site.index));
    let unknown = cx.sites.iter().find(|s| s.key_unknown);
    let mut pairs = Vec::new();
    for group in keys.chunk_by(|a, b| a.0.value == b.0.value) {
        match (group, unknown) {
            ([first, others @ ..], _) if !others.is_empty() => pairs.extend(others.iter().map(|other| (*first, *other))),
            (_, Some(other)) => out.undecided(Subject::ClientVpn, format!("the key of site `{}` is not known", other.name)),
            (_, None) => out.holds(Subject::ClientVpn),
        }
    }
    pairs.sort_by_key(|(first, second)| (first.1.index, second.1.index));
    for ((key, site), (other_key, other)) in pairs {
        let finding = out.finding(format!("site `{}` has the same pre-shared key as site `{}`", other.name, site.name));
        let finding = finding.label_in(other.index, other_key.span, "the same key").label_in(site.index, key.span, "as here");
        let help = "give each site its own key on Security & SD-WAN > Configure > Client VPN, so that who leaves one site cannot enter another";
        out.violated(Subject::ClientVpn, finding.help(help));
    }
}
