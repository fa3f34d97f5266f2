//! A client's user is listed, and not authorised for client VPN, or no longer.

use crate::model::AuthType;
use crate::model::accounts::{Accounts, Admission, admission};
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "user-not-authorized",
    level: Level::Error,
    stage: Some(Stage::PppAuth),
    docs: include_str!("user_not_authorized.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let listed = cx.site.client_vpn.value().map(|vpn| &vpn.users);
    let accounts = Accounts::of(listed.map_or(&[], Field::items));
    for (subject, client) in cx.clients() {
        let user = cx.user_under(out, subject, client, &[AuthType::Meraki, AuthType::SystemsManager]);
        let Some((user, auth)) = user else { continue };
        if cx.listed_users(out, subject).is_none() {
            continue;
        }
        let entries = accounts.entries(&user.value);
        if entries.is_empty() {
            // With Meraki authentication user-unknown and username-not-email speak of it.
            if let Some(why) = accounts.unnamed {
                out.undecided(subject, why.to_owned());
            } else if auth.value == AuthType::SystemsManager {
                out.undecided(subject, "`client_vpn.users` does not list the user, whom Systems Manager may know");
            }
            continue;
        }
        let finding = |out: &Out<'_>, message: String, what: &str| {
            let help = format!("{what} for the user under Security & SD-WAN > Configure > Client VPN > User management");
            out.finding(message).label(user.span, "this user").help(help)
        };
        let name = &client.name.value;
        match admission(entries, cx.as_of) {
            Admission::Yes => out.holds(subject),
            Admission::No(span) => {
                let finding = finding(
                    out,
                    format!("the user of client `{name}` is not authorised for client VPN"),
                    "set Authorized for Client VPN to Yes",
                );
                out.violated(subject, finding.label(span, "not authorised"));
            }
            Admission::Ended(last) => {
                let finding = finding(
                    out,
                    format!("the authorisation of client `{name}`'s user for client VPN has ended"),
                    "set a later end of the authorisation, or none,",
                );
                out.violated(subject, finding.label(last.span, format!("ended after {}", last.value)));
            }
            Admission::Unknown(why) => out.undecided(subject, why.into_owned()),
        }
    }
}
