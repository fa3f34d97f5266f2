//! Clients ask public resolvers for a name that only the site's own know.

use crate::model::{Internal, Opaque, Resolvers, ResourceName};
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "internal-name-public-dns",
    level: Level::Error,
    stage: Some(Stage::Name),
    docs: include_str!("internal_name_public_dns.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let asked: Vec<_> = cx.site.resources.iter().filter(|r| r.public_dns.value() != Some(&true)).collect();
    // Whether these concern the rule is not known.
    let opaque = asked.iter().find_map(|r| match r.internal(cx.site) {
        Some(_) => r.public_dns.opaque(),
        None if matches!(r.name.value, ResourceName::Fqdn(_)) => cx.site.info.internal_domains.opaque().or(r.ip.opaque()),
        None => None,
    });
    let sure = asked.into_iter().filter(|r| r.public_dns.opaque().is_none());
    let named: Vec<_> = sure.filter_map(|r| Some((r, r.internal(cx.site)?))).collect();
    let named = Named { named, opaque };
    if named.named.is_empty() && opaque.is_none() {
        return;
    }
    for (subject, client) in cx.clients() {
        match (&client.dns_nameservers, client.resolvers()) {
            (_, Some(own)) => judge(cx, out, subject, &own, &named, &format!("client `{}` asks", client.name.value)),
            (Field::Opaque(o), None) => out.undecided(subject, o.reason.to_string()),
            _ => {}
        }
    }
    // The MX's resolvers are asked by those who bring none of their own.
    if !cx.site.clients.is_empty() && cx.site.clients.iter().all(|c| c.resolvers().is_some()) {
        return;
    }
    let Some(section) = cx.section(out, Subject::ClientVpn) else { return };
    match section.value.resolvers(section.span) {
        Ok(resolvers) if !resolvers.stated && cx.site.gap(&[Part::ClientVpn]).is_some() => {
            cx.holds_in(out, &[Part::ClientVpn], Subject::ClientVpn);
        }
        Ok(resolvers) => judge(cx, out, Subject::ClientVpn, &resolvers, &named, "client VPN users ask"),
        Err(reason) => out.undecided(Subject::ClientVpn, reason.to_owned()),
    }
}

/// Resources that are used by an internal name, and why one more may be.
struct Named<'a> {
    named: Vec<(&'a Resource, Internal)>,
    opaque: Option<&'a Opaque>,
}

fn judge(cx: &Context<'_>, out: &mut Out<'_>, subject: Subject, resolvers: &Resolvers<'_>, names: &Named<'_>, who: &str) {
    let all = resolvers.addresses().count();
    let public = resolvers.addresses().filter(|ip| cx.site.is_public_resolver(*ip)).count();
    if public == 0 {
        out.holds(subject);
        return;
    }
    let named = names.named.as_slice();
    if let (true, Some(o)) = (named.is_empty(), names.opaque) {
        out.undecided(subject, o.reason.to_string());
        return;
    }
    let by_name = named.iter().any(|(_, why)| *why == Internal::ByName);
    let what = match named {
        [(one, _)] => format!("`{}`", one.name.value.shown()),
        more => format!("{} internal names", more.len()),
    };
    let some = if public < all { "also " } else { "" };
    let default = if resolvers.stated { "" } else { ", the Dashboard default" };
    let mut finding = out.finding(format!("{who} {some}public resolvers{default} for {what}"));
    if public < all || !by_name {
        finding = finding.level(Level::Warning);
    }
    // The server itself where one is named, else the choice.
    let server = resolvers.servers.iter().find(|s| cx.site.is_public_resolver(s.value));
    finding = match server {
        Some(server) => finding.label(server.span, "a public resolver"),
        None if resolvers.stated => finding.label(resolvers.at, "public resolvers"),
        None => finding.label(resolvers.at, "Dashboard default: Google's resolvers"),
    };
    for (resource, why) in named {
        let label = if *why == Internal::ByName { "an internal name" } else { "a private address" };
        finding = finding.label(resource.name.span, label);
    }
    let help = if subject == Subject::ClientVpn {
        "name the site's own resolvers alone under Security & SD-WAN > Configure > Client VPN > DNS nameservers > Specify nameservers, or set `public_dns = true` for a name that public DNS has"
    } else {
        "take the public resolvers out of the client's profile, so that it asks those of the client VPN"
    };
    out.violated(subject, finding.help(help));
}
