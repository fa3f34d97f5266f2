//! A single-label name that no DNS suffix completes.

use crate::model::ResourceName;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule =
    Rule { id: "short-name", level: Level::Warning, stage: Some(Stage::Name), docs: include_str!("short_name.md"), check, ..Rule::USUAL };

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    for (subject, resource) in cx.resources() {
        let ResourceName::Short(name) = &resource.name.value else { continue };
        if name.is_empty() {
            continue; // the table's own name was not valid
        }
        let clients = &cx.site.clients;
        if clients.is_empty() {
            out.undecided(subject, "the site file describes no client, so that no `dns_suffix` is known");
            continue;
        }
        let without: Vec<_> = clients.iter().filter(|c| c.dns_suffix.opaque().is_none() && !c.has_suffix()).collect();
        if without.is_empty() {
            match clients.iter().find_map(|c| c.dns_suffix.opaque()) {
                Some(o) => out.undecided(subject, o.reason.to_string()),
                None => cx.holds_in(out, &[Part::Clients], subject),
            }
            continue;
        }
        let mut finding = out.finding(format!("`{name}` is a short name, and client VPN gives clients no DNS suffix to complete it"));
        finding = finding.label(resource.name.span, "a name without a domain");
        for client in without {
            let span = client.dns_suffix.span().or(client.profile).unwrap_or(client.name.span);
            finding = finding.label(span, "no DNS suffix in this profile");
        }
        let help = "use the full name, or set the connection's DNS suffix in the client's profile: the MX sends none (DHCP option 15)";
        cx.absent_in(out, &[Part::Clients], subject, finding.help(help));
    }
}
