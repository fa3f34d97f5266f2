//! Meraki authentication, and a client's user is no e-mail address.

use crate::model::AuthType;
use crate::model::accounts::{Accounts, is_email};
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "username-not-email",
    level: Level::Error,
    stage: Some(Stage::PppAuth),
    docs: include_str!("username_not_email.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let accounts = Accounts::of(cx.site.client_vpn.value().map_or(&[], |vpn| vpn.users.items()));
    for (subject, client) in cx.clients() {
        let Some((user, auth)) = cx.user_under(out, subject, client, &[AuthType::Meraki]) else { continue };
        if is_email(&user.value) || !accounts.entries(&user.value).is_empty() {
            out.holds(subject);
            continue;
        }
        let finding = out.finding(format!("the user of client `{}` is no e-mail address", client.name.value));
        let finding = finding.label(user.span, "no e-mail address").label(auth.span, "users are e-mail addresses");
        let help = if user.value.contains('\\') {
            "a `DOMAIN\\user` name is for Active Directory or RADIUS; "
        } else if user.value.trim() != user.value {
            "there is a blank at an edge of it; "
        } else {
            ""
        };
        let help = format!("{help}write the address that Security & SD-WAN > Configure > Client VPN > User management lists");
        out.violated(subject, finding.help(help));
    }
}
