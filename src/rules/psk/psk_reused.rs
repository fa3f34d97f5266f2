//! One key serves two sites, or client VPN and a RADIUS server or third-party peer.

use crate::model::Key;
use crate::rules::SiteFacts;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule =
    Rule { id: "psk-reused", level: Level::Warning, docs: include_str!("psk_reused.md"), check, across: Some(across), ..Rule::USUAL };

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let Some(vpn) = cx.client_vpn() else { return };
    let peers = cx.mx().map_or(&Field::Absent, |mx| &mx.value.third_party_vpn_peers);
    let mut unknown = vpn.value.radius_servers.opaque().or(peers.opaque()).map(|o| o.reason.to_string());
    let radius = vpn.value.radius_servers.items().iter().map(|r| ("a RADIUS server", "as RADIUS secret", r.value.secrets().collect()));
    let peers = peers.items().iter().map(|p| ("a third-party VPN peer", "as the peer's key", vec![&p.value.secret]));
    let others: Vec<(&str, &'static str, Vec<&Field<Key>>)> = radius.chain(peers).collect();
    if others.is_empty() && unknown.is_none() {
        return;
    }
    let Some(key) = cx.mx_key(out, Subject::ClientVpn) else { return };
    let mut reused = false;
    for (whose, label, secrets) in others {
        // A RADIUS secret stands on both sides, and is one fault.
        let same: Vec<_> = secrets.iter().filter_map(|s| s.known()).filter(|s| s.value.secret.same_as(&key.value.secret)).collect();
        if !same.is_empty() {
            reused = true;
            let finding = out.finding(format!("client VPN and {whose} share one key"));
            let finding = same.into_iter().fold(finding, |f, other| f.label(other.span, label)).label(key.span, "as pre-shared key");
            let help = "give each its own key (Security & SD-WAN > Configure > Client VPN; a peer's under Site-to-site VPN): who learns one, such as any client VPN user, then knows no other";
            out.violated(Subject::ClientVpn, finding.help(help));
        } else if let Some(o) = secrets.iter().find_map(|s| s.opaque()) {
            unknown = unknown.or_else(|| Some(o.reason.to_string()));
        } else if secrets.iter().all(|s| s.is_absent()) {
            unknown = unknown.or_else(|| Some(format!("{whose} states no `secret`")));
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
    // A site whose own key is not known, beside another with client VPN.
    let others = |site: &SiteFacts| {
        keys.iter().any(|(_, s)| s.index != site.index) || cx.sites.iter().any(|s| s.key_unknown && s.index != site.index)
    };
    for site in cx.sites.iter().filter(|s| s.key_unknown && others(s)) {
        out.site(site.index).undecided(Subject::ClientVpn, "the site's own key is not known");
    }
    let mut pairs = Vec::new();
    for group in keys.chunk_by(|a, b| a.0.value == b.0.value) {
        match (group, unknown) {
            ([first, others @ ..], _) if !others.is_empty() => pairs.extend(others.iter().map(|other| (*first, *other))),
            (alone, Some(other)) => {
                let why = || format!("the key of site `{}` is not known", other.name);
                for (_, site) in alone {
                    out.site(site.index).undecided(Subject::ClientVpn, why());
                }
            }
            (alone, None) => alone.iter().for_each(|(_, site)| out.site(site.index).holds(Subject::ClientVpn)),
        }
    }
    pairs.sort_by_key(|(first, second)| (first.1.index, second.1.index));
    for ((key, site), (other_key, other)) in pairs {
        let finding = out.finding(format!("site `{}` has the same pre-shared key as site `{}`", other.name, site.name));
        let finding = finding.label_in(other.index, other_key.span, "the same key").label_in(site.index, key.span, "as here");
        let help =
            "give each site its own key on Security & SD-WAN > Configure > Client VPN, so that who leaves one site cannot enter another";
        out.violated(Subject::ClientVpn, finding.help(help));
    }
}
