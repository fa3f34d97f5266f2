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
        if !wins.items().is_empty() {
            out.holds(subject);
            continue;
        }
        let reason = match (dns_answers(cx, section), wins.opaque()) {
            (Answers::Yes, _) => {
                cx.holds_whole(out, subject);
                continue;
            }
            (Answers::No, None) => None,
            (Answers::No | Answers::Unknown(_), Some(o)) => Some(o.reason.to_string()),
            (Answers::Unknown(reason), None) => Some(reason),
        };
        if let Some(reason) = reason {
            out.undecided(subject, reason);
            continue;
        }
        let default = if wins.is_absent() { " (Dashboard default)" } else { "" };
        let finding = out.finding(format!(r"`\\{name}` is a NetBIOS name, and client VPN has no WINS server{default}"));
        let finding = finding.label(resource.name.span, "a NetBIOS name").label(wins.span().unwrap_or(section.span), "no WINS server");
        let help = "use the full DNS name; else give the connection a DNS suffix and the site's own resolvers; last, name a WINS server under Security & SD-WAN > Configure > Client VPN";
        cx.absent_in(out, &[Part::ClientVpn, Part::Clients], subject, finding.help(help));
    }
}

enum Answers {
    Yes,
    No,
    Unknown(String),
}

/// Whether Windows finds the name by DNS: every profile completes it, and the resolvers are the site's own.
fn dns_answers(cx: &Context<'_>, section: &Spanned<ClientVpn>) -> Answers {
    let clients = &cx.site.clients;
    if clients.is_empty() {
        return Answers::No;
    }
    let mut unknown = None;
    for client in clients {
        if let Some(o) = client.dns_suffix.opaque().or(client.dns_nameservers.opaque()) {
            unknown = Some(o.reason.to_string());
        }
        if client.dns_suffix.opaque().is_none() && !client.has_suffix() {
            return Answers::No;
        }
        let resolvers = match (client.resolvers(), section.value.resolvers(section.span)) {
            (Some(own), _) => own,
            (None, _) if client.dns_nameservers.opaque().is_some() => continue,
            (None, Ok(given)) => given,
            (None, Err(reason)) => {
                unknown = Some(reason.to_owned());
                continue;
            }
        };
        if resolvers.addresses().any(|ip| cx.site.is_public_resolver(ip)) {
            return Answers::No;
        }
    }
    unknown.map_or(Answers::Yes, Answers::Unknown)
}
