//! Active Directory or RADIUS wants a domain in user names, and a client's user has none.

use crate::model::accounts::{is_down_level, is_upn};
use crate::model::{AuthType, UsernameFormat};
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "username-without-domain",
    level: Level::Warning,
    stage: Some(Stage::PppAuth),
    docs: include_str!("username_without_domain.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let vpn = cx.client_vpn();
    if vpn.is_some_and(|vpn| vpn.value.username_format.is_absent()) {
        return;
    }
    for (subject, client) in cx.clients() {
        let user = cx.user_under(out, subject, client, &[AuthType::Radius, AuthType::ActiveDirectory]);
        let (Some((user, _)), Some(vpn)) = (user, vpn) else { continue };
        let format = match &vpn.value.username_format {
            Field::Known(format) => format,
            Field::Opaque(o) => {
                out.undecided(subject, o.reason.to_string());
                continue;
            }
            Field::Absent => continue,
        };
        if format.value.fits(&user.value) {
            out.holds(subject);
        } else if is_down_level(&user.value) || is_upn(&user.value) {
            out.undecided(subject, "the user names its domain in another form than `username_format`");
        } else {
            let finding = out.finding(format!("the user of client `{}` names no domain", client.name.value));
            let finding = finding.label(user.span, "no domain").label(format.span, format!("wanted as {}", format.value.form()));
            out.violated(subject, server(vpn.value, format.value, finding));
        }
    }
}

/// Labels the first server, or the domain that it declares.
fn server(vpn: &ClientVpn, format: UsernameFormat, finding: Finding) -> Finding {
    let controllers = vpn.active_directory_servers.items();
    let domain = controllers.iter().find_map(|s| s.value.domain.known());
    let finding = if vpn.auth_type.value() == Some(&AuthType::Radius) {
        finding.label_at(vpn.radius_servers.items().first().and_then(|s| s.value.host.span()), "the server that checks it")
    } else if let Some(domain) = domain {
        finding.label(domain.span, "the domain")
    } else {
        finding.label_at(controllers.first().and_then(|s| s.value.host.span()), "the server that checks it")
    };
    finding.help(format!("write the user as {} in the client's profile, as the server knows it", format.form()))
}
