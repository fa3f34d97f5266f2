//! A profile names an address although dynamic DNS gives a hostname.

use crate::model::ServerIs;
use crate::model::mx::UplinkMode;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "server-address-pinned",
    level: Level::Warning,
    stage: Some(Stage::ReachIke),
    docs: include_str!("server_address_pinned.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let Some(mx) = cx.mx().map(|mx| mx.value) else { return };
    if mx.dynamic_dns.is_absent() {
        return;
    }
    for (subject, client) in cx.clients() {
        let Some((server, is)) = cx.server(out, subject, client) else { continue };
        let by_name = matches!(is, ServerIs::UplinkName(_));
        if !by_name && !is.is_plain_address(&server.value) {
            if matches!(is, ServerIs::Hostname(_) | ServerIs::Alias(_)) {
                out.holds(subject);
            }
            continue;
        }
        let second = mx.second_uplink();
        if is.is_vip() && second.is_none() {
            cx.holds_whole(out, subject); // a virtual IP stays where it is
            continue;
        }
        let dns = match &mx.dynamic_dns {
            Field::Known(dns) => &dns.value,
            Field::Opaque(o) => {
                out.undecided(subject, o.reason.to_string());
                continue;
            }
            Field::Absent => continue,
        };
        match (dns.is_on(), dns.enabled.opaque()) {
            (Some(true), _) => {}
            (Some(false), _) => continue, // dynamic-dns-disabled speaks of it
            (None, Some(o)) => {
                out.undecided(subject, o.reason.to_string());
                continue;
            }
            (None, None) => {
                out.undecided(subject, "`mx.dynamic_dns` states neither `enabled` nor a hostname");
                continue;
            }
        }
        let public_pair = mx.pair().is_some_and(|w| w.mode() == Some(UplinkMode::Public));
        if public_pair && !by_name && is.moves_with_the_unit(cx.site) {
            continue; // warm-spare-without-vip speaks of it
        }
        let (what, label) = if by_name { ("the name of one uplink", "one uplink's own name") } else { ("an address", "an address") };
        let tail = if second.is_some() { ", and a failover to the other uplink cuts it off" } else { " although the MX has a hostname" };
        let hostname = dns.hostname.span().or(dns.enabled.span()).or(mx.dynamic_dns.span());
        let finding = out.finding(format!("client `{}` names {what}{tail}", client.name.value)).label(server.span, label);
        let finding = finding.label_at(hostname, "the MX has a hostname");
        let finding = finding.label_at(second, "a second uplink");
        out.violated(
            subject,
            finding.help("name the hostname that Security & SD-WAN > Monitor > Appliance status shows: it follows the active uplink"),
        );
    }
}
