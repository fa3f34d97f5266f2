//! A profile brings its own resolvers or suffix, against what the site says.

use crate::model::is_below;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "profile-overrides-dns",
    level: Level::Warning,
    stage: Some(Stage::Name),
    docs: include_str!("profile_overrides_dns.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    for (subject, client) in cx.clients() {
        let (servers, suffix) = (servers(cx, out, subject, client), suffix(cx, out, subject, client));
        match (servers, suffix) {
            (Answer::Silent, Answer::Silent) | (Answer::Violated, _) | (_, Answer::Violated) => {}
            (Answer::Undecided(reason), _) | (_, Answer::Undecided(reason)) => out.undecided(subject, reason),
            _ => out.holds(subject),
        }
    }
}

enum Answer {
    Silent,
    Agrees,
    Violated,
    Undecided(String),
}

fn servers(cx: &Context<'_>, out: &mut Out<'_>, subject: Subject, client: &Client) -> Answer {
    let Some(section) = cx.site.client_vpn.known() else { return Answer::Silent };
    if let Some(o) = client.dns_nameservers.opaque() {
        return Answer::Undecided(o.reason.to_string());
    }
    let Some(own) = client.resolvers() else { return Answer::Silent };
    let mx = match section.value.resolvers(section.span) {
        Ok(mx) => mx,
        Err(reason) => return Answer::Undecided(reason.to_owned()),
    };
    let Some(other) = own.servers.iter().find(|s| mx.addresses().all(|ip| ip != s.value)) else { return Answer::Agrees };
    if let Some(gap) = cx.site.gap(&[Part::ClientVpn]).filter(|_| !mx.stated) {
        return Answer::Undecided(gap.reason.clone());
    }
    let default = if mx.stated { "" } else { " (Dashboard default)" };
    let finding = out.finding(format!("client `{}` asks other resolvers than the client VPN gives it{default}", client.name.value));
    let finding = finding.label(other.span, "the profile's own resolver").label(mx.at, "what the client VPN gives");
    let help = "take the resolvers out of the client's profile, or give the same ones under Security & SD-WAN > Configure > Client VPN > DNS nameservers";
    out.violated(subject, finding.help(help));
    Answer::Violated
}

fn suffix(cx: &Context<'_>, out: &mut Out<'_>, subject: Subject, client: &Client) -> Answer {
    let domains = match &cx.site.info.internal_domains {
        Field::Known(domains) if !domains.value.is_empty() => domains,
        Field::Opaque(o) if client.has_suffix() => return Answer::Undecided(o.reason.to_string()),
        _ => return Answer::Silent,
    };
    if let Some(o) = client.dns_suffix.opaque() {
        return Answer::Undecided(o.reason.to_string());
    }
    let Some(suffix) = client.dns_suffix.known().filter(|_| client.has_suffix()) else { return Answer::Silent };
    let name = suffix.value.trim_matches('.');
    // A domain above the site's is one that users complete by hand; a top level is none.
    let related = |domain: &str| is_below(name, domain) || (name.contains('.') && is_below(domain, name));
    if domains.value.iter().filter_map(|d| d.value.name()).any(related) {
        return Answer::Agrees;
    }
    if let Some(gap) = cx.site.gap(&[Part::Info]) {
        return Answer::Undecided(gap.reason.clone());
    }
    let finding = out.finding(format!("client `{}` completes names with a domain that is none of the site's", client.name.value));
    let finding = finding.label(suffix.span, "another domain than the site's").label(domains.span, "the site's domains");
    out.violated(subject, finding.help("set the connection's DNS suffix in the client's profile to one of the site's domains"));
    Answer::Violated
}
