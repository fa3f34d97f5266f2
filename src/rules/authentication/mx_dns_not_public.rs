//! The MX asks an internet provider's resolver.

use std::net::Ipv4Addr;

use crate::model::is_cgnat;
use crate::net::Addrs;
use crate::rules::prelude::*;
use crate::rules::several::Several;

/// See the page.
pub static RULE: Rule = Rule {
    id: "mx-dns-not-public",
    level: Level::Warning,
    stage: Some(Stage::PppAuth),
    docs: include_str!("mx_dns_not_public.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let Some(mx) = cx.mx().map(|mx| mx.value) else { return };
    let mut verdict = Several::of(Subject::Mx);
    if let Some(o) = mx.uplinks.opaque() {
        verdict.undecided(o.reason.to_string());
    }
    let everyone = Addrs::public();
    for uplink in mx.uplinks.items().iter().map(|u| &u.value) {
        let name = uplink.interface.value().map_or_else(|| "an uplink".to_owned(), |i| format!("the uplink {i}"));
        let Some(servers) = verdict.known(&uplink.dns_nameservers, || format!("{name} states no `dns_nameservers`")) else { continue };
        let servers = &servers.value;
        let provider = |ip: Ipv4Addr| {
            let own = || mx.network_of(ip).is_some_and(|n| !n.is_default_route());
            (everyone.contains(ip) || is_cgnat(ip)) && !cx.site.tables().is_public_resolver(ip) && !own()
        };
        let bad: Vec<_> = servers.iter().filter(|s| provider(s.value)).collect();
        if bad.is_empty() {
            if !servers.is_empty() {
                verdict.holds();
            }
            continue;
        }
        let finding = out.finding(format!("{name} asks a resolver that is neither private nor a well-known public one"));
        let finding = bad.into_iter().fold(finding, |f, s| f.label(s.span, "not a known public resolver"));
        let help = "name a public resolver that is no provider's, such as 8.8.8.8, on the uplink's settings (Security & SD-WAN > Monitor > Appliance status > Uplink)";
        verdict.violated(out, finding.help(help));
    }
    verdict.finish(cx, out);
}
