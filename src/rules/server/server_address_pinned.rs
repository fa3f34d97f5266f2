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
    let Some(dns) = mx.dynamic_dns.value() else { return };
    for (subject, client) in cx.clients() {
        let (Some(server), Some(is)) = (client.server.known(), cx.site.server_of(client)) else { continue };
        let by_name = matches!(is, ServerIs::UplinkName(_));
        if !by_name && !is.is_plain_address(&server.value) {
            if matches!(is, ServerIs::Hostname(_) | ServerIs::Alias(_)) {
                out.holds(subject);
            }
            continue;
        }
        let failover = mx.has_second_uplink();
        if is.is_vip() && !failover {
            out.holds(subject); // a virtual IP stays where it is
            continue;
        }
        match dns.is_on() {
            Some(true) => {}
            Some(false) => continue, // dynamic-dns-disabled speaks of it
            None => {
                out.undecided(subject, "whether dynamic DNS is enabled is not known");
                continue;
            }
        }
        if mx.pair().is_some_and(|w| w.mode() == Some(UplinkMode::Public)) && !by_name {
            continue; // warm-spare-without-vip speaks of it
        }
        let (what, label) = if by_name { ("the name of one uplink", "one uplink's own name") } else { ("an address", "an address") };
        let tail = if failover { ", and a failover to the other uplink cuts it off" } else { " although the MX has a hostname" };
        let hostname = dns.hostname.span().or(dns.enabled.span()).or(mx.dynamic_dns.span());
        let finding = out.finding(format!("client `{}` names {what}{tail}", client.name.value)).label(server.span, label);
        let finding = finding.label_at(hostname, "the MX has a hostname");
        let finding = mx.uplinks.items().get(1).map(|u| u.span).filter(|_| failover).into_iter().fold(finding, |f, span| f.label(span, "a second uplink"));
        out.violated(subject, finding.help("name the hostname that Security & SD-WAN > Monitor > Appliance status shows: it follows the active uplink"));
    }
}
