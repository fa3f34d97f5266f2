//! Dynamic DNS is off, and profiles use the hostname or pin an address.

use crate::model::ServerIs;
use crate::model::mx::UplinkMode;
use crate::model::server::is_dynamic_name;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "dynamic-dns-disabled",
    level: Level::Error,
    stage: Some(Stage::Resolve),
    other_stages: &[Stage::ReachIke],
    docs: include_str!("dynamic_dns_disabled.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let Some(mx) = cx.mx().map(|mx| mx.value) else { return };
    if mx.dynamic_dns.is_absent() {
        return;
    }
    let public_pair = mx.pair().is_some_and(|w| w.mode() == Some(UplinkMode::Public));
    for (subject, client) in cx.clients() {
        let Some((server, is)) = cx.server(out, subject, client) else { continue };
        let (dns, enabled) = match mx.dynamic_dns.known().map(|d| (&d.value, &d.value.enabled)) {
            Some((dns, Field::Known(enabled))) => (dns, enabled),
            Some((_, Field::Absent)) => {
                out.undecided(subject, "`mx.dynamic_dns` states no `enabled`");
                continue;
            }
            Some((_, Field::Opaque(o))) => {
                out.undecided(subject, o.reason.to_string());
                continue;
            }
            None => {
                out.undecided(subject, mx.dynamic_dns.opaque().map_or_else(String::new, |o| o.reason.to_string()));
                continue;
            }
        };
        if enabled.value {
            out.holds(subject);
            continue;
        }
        let aliased = matches!(is, ServerIs::Alias(_)) && !dns.hostname.is_absent();
        let uses_name = matches!(is, ServerIs::Hostname(_) | ServerIs::UplinkName(_)) || aliased;
        let unknown_name = matches!(is, ServerIs::Unknown(_)) && server.value.name().is_some_and(is_dynamic_name);
        let name = &client.name.value;
        if uses_name || unknown_name {
            let finding = out.finding(format!("client `{name}` uses the MX's hostname, and dynamic DNS is off"));
            let finding = finding.label(server.span, "a name that nothing updates").label(enabled.span, "switched off");
            out.violated(
                subject,
                finding.help("switch dynamic DNS on: Security & SD-WAN > Monitor > Appliance status, beside the hostname"),
            );
        } else if is.is_vip() && mx.second_uplink().is_none() {
            cx.holds_whole(out, subject);
        } else if is.is_plain_address(&server.value) {
            if public_pair && is.moves_with_the_unit(cx.site) {
                continue; // warm-spare-without-vip speaks of it
            }
            let finding = out.finding(format!("client `{name}` names an address, for dynamic DNS is off")).level(Level::Warning);
            let finding =
                finding.stage(Stage::ReachIke).label(server.span, "breaks when the address changes").label(enabled.span, "switched off");
            let help = "switch dynamic DNS on (Security & SD-WAN > Monitor > Appliance status) and name the hostname in the profile";
            out.violated(subject, finding.help(help));
        } else if matches!(is, ServerIs::Alias(_)) {
            out.undecided(subject, "`mx.dynamic_dns` states no `hostname` that the alias could point at");
        } else if matches!(is, ServerIs::OtherName) {
            out.undecided(subject, "whether the client's server is an alias of the dynamic DNS name is not known");
        }
    }
}
