//! A NetBIOS name that nothing resolves through the tunnel.

use crate::model::ResourceName;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "netbios-without-wins",
    level: Level::Warning,
    stage: Some(Stage::Name),
    docs: include_str!("netbios_without_wins.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    for (subject, resource) in cx.resources() {
        let ResourceName::NetBios(name) = &resource.name.value else { continue };
        let Some(section) = cx.section(out, subject) else { continue };
        let wins = &section.value.wins_servers;
        if let Some(o) = wins.opaque() {
            out.undecided(subject, o.reason.to_string());
            continue;
        }
        if !wins.items().is_empty() || dns_answers(cx, section) == Some(true) {
            out.holds(subject);
            continue;
        }
        if let Some(o) = cx.site.clients.iter().find_map(|c| c.dns_suffix.opaque().or_else(|| c.dns_nameservers.opaque())) {
            out.undecided(subject, o.reason.to_string());
            continue;
        }
        if dns_answers(cx, section).is_none() && cx.site.clients.iter().all(Client::has_suffix) && !cx.site.clients.is_empty() {
            out.undecided(subject, "the site file does not tell which resolvers client VPN users ask");
            continue;
        }
        let default = if wins.is_absent() { " (Dashboard default)" } else { "" };
        let finding = out.finding(format!(r"`\\{name}` is a NetBIOS name, and client VPN has no WINS server{default}"));
        let finding = finding.label(resource.name.span, "a NetBIOS name").label(wins.span().unwrap_or(section.span), "no WINS server");
        let help = "use the full DNS name; else give the connection a DNS suffix and the site's own resolvers; last, name a WINS server under Security & SD-WAN > Configure > Client VPN";
        cx.absent_in(out, &[Part::ClientVpn, Part::Clients], subject, finding.help(help));
    }
}

/// Whether Windows finds the name by DNS: every profile completes it, and the resolvers are the site's own. `None`: the resolvers are not known.
fn dns_answers(cx: &Context<'_>, section: &Spanned<ClientVpn>) -> Option<bool> {
    let clients = &cx.site.clients;
    if clients.is_empty() || !clients.iter().all(Client::has_suffix) {
        return Some(false);
    }
    for client in clients {
        let resolvers = match client.resolvers() {
            Some(own) => own,
            None => section.value.resolvers(section.span).ok()?,
        };
        if resolvers.addresses().any(|ip| cx.site.is_public_resolver(ip)) {
            return Some(false);
        }
    }
    Some(true)
}
