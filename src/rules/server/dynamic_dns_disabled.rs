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
    let Some(dns) = mx.dynamic_dns.value() else { return };
    let public_pair = mx.pair().is_some_and(|w| w.mode() == Some(UplinkMode::Public));
    for (subject, client) in cx.clients() {
        let (Some(server), Some(is)) = (client.server.known(), cx.site.server_of(client)) else { continue };
        let Some(enabled) = dns.enabled.known() else {
            out.undecided(subject, "whether dynamic DNS is enabled is not known");
            continue;
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
            out.violated(subject, finding.help("switch dynamic DNS on: Security & SD-WAN > Monitor > Appliance status, beside the hostname"));
        } else if is.is_vip() && !mx.has_second_uplink() {
            out.holds(subject);
        } else if is.is_plain_address(&server.value) {
            if public_pair {
                continue; // warm-spare-without-vip speaks of it
            }
            let finding = out.finding(format!("client `{name}` names an address, for dynamic DNS is off")).level(Level::Warning);
            let finding = finding.stage(Stage::ReachIke).label(server.span, "breaks when the address changes").label(enabled.span, "switched off");
            let help = "switch dynamic DNS on (Security & SD-WAN > Monitor > Appliance status) and name the hostname in the profile";
            out.violated(subject, finding.help(help));
        } else if matches!(is, ServerIs::OtherName | ServerIs::Alias(_)) {
            out.undecided(subject, "whether the client's server is an alias of the dynamic DNS name is not known");
        }
    }
}
