//! A client's server is neither a name nor an address of this MX.

use crate::model::ServerIs;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "server-not-this-mx",
    level: Level::Error,
    stage: Some(Stage::ReachIke),
    other_stages: &[Stage::Resolve],
    docs: include_str!("server_not_this_mx.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    for (subject, client) in cx.clients() {
        let Some((server, is)) = cx.server(out, subject, client) else { continue };
        let name = &client.name.value;
        let (finding, label, help) = match is {
            ServerIs::Ipv6 | ServerIs::NotPublic => continue, // said more exactly elsewhere
            ServerIs::Unknown(why) => {
                out.undecided(subject, why);
                continue;
            }
            ServerIs::OtherAddress => {
                let finding = out.finding(format!("the server of client `{name}` is no address of this MX"));
                (
                    finding,
                    "no address of the MX",
                    "name the hostname that Security & SD-WAN > Monitor > Appliance status shows, or the address that it shows",
                )
            }
            ServerIs::OtherDynamicName => {
                let finding = out.finding(format!("the server of client `{name}` is the hostname of another MX")).stage(Stage::Resolve);
                (finding, "not this MX's hostname", "name the hostname that Security & SD-WAN > Monitor > Appliance status shows")
            }
            ServerIs::OtherName => {
                let finding = out.finding(format!("the server of client `{name}` is not known as a name of this MX"));
                let help = "if the name points at the MX, list it in `mx.hostname_aliases`; else name the hostname that Security & SD-WAN > Monitor > Appliance status shows";
                (finding.level(Level::Warning).stage(Stage::Resolve), "not declared as its name", help)
            }
            _ => {
                out.holds(subject);
                continue;
            }
        };
        let finding = own(cx, matches!(is, ServerIs::OtherAddress), finding.label(server.span, label));
        // The names and addresses of the MX, and of what stands in front of it.
        cx.absent_in(out, &[Part::Mx, Part::Upstreams, subject.part()], subject, finding.help(help));
    }
}

/// Labels what the MX is called, or its addresses.
fn own(cx: &Context<'_>, by_address: bool, finding: Finding) -> Finding {
    let Some(mx) = cx.mx() else { return finding };
    let name = mx.value.dynamic_dns.value().and_then(|d| d.names().next()).map(|(_, span)| span);
    let name = name.or_else(|| mx.value.hostname_aliases.items().first().map(|a| a.span));
    match (by_address, name) {
        (false, Some(span)) => finding.label(span, "the MX's name"),
        _ => cx.site.addresses().iter().filter(|a| a.primary).fold(finding, |f, a| f.label(a.span, "an address of the MX")),
    }
}
