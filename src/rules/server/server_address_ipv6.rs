//! The server is an IPv6 address, or the client has IPv6 alone.

use crate::model::ServerIs;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "server-address-ipv6",
    level: Level::Error,
    stage: Some(Stage::ReachIke),
    symptoms: &["windows-809", "windows-789", "no-event-log", "unsupported-id-type-5"],
    docs: include_str!("server_address_ipv6.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    for (subject, client) in cx.clients() {
        let name = &client.name.value;
        let literal = client.server.span().filter(|_| matches!(cx.site.server_of(client), Some(ServerIs::Ipv6)));
        if let Some(span) = literal {
            let finding = out.finding(format!("client `{name}` connects to an IPv6 address")).label(span, "client VPN is IPv4");
            out.violated(
                subject,
                finding.help("name the MX's hostname (Security & SD-WAN > Monitor > Appliance status) or its IPv4 address"),
            );
            continue;
        }
        match (&client.ipv6_only, &client.server) {
            (Field::Known(only), _) if only.value => {
                let finding = out.finding(format!("client `{name}` has no IPv4 address of its own")).label(only.span, "behind NAT64");
                let help = "connect from a network with IPv4, or turn IPv4 on for the mobile plan (APN): the MX refuses identities of type 5 (IPv6)";
                out.violated(subject, finding.help(help));
            }
            (Field::Opaque(o), _) | (_, Field::Opaque(o)) => out.undecided(subject, o.reason.to_string()),
            (_, Field::Absent) => out.undecided(subject, "the client states no `server`"),
            (Field::Absent, _) => cx.holds_in(out, &[subject.part()], subject),
            _ => out.holds(subject),
        }
    }
}
