//! Meraki authentication, and a client's user is not among the users.

use crate::model::AuthType;
use crate::model::accounts::{Accounts, is_email};
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "user-unknown",
    level: Level::Error,
    stage: Some(Stage::PppAuth),
    docs: include_str!("user_unknown.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let listed = cx.site.client_vpn.value().map(|vpn| &vpn.users);
    let accounts = Accounts::of(listed.map_or(&[], Field::items));
    for (subject, client) in cx.clients() {
        let user = cx.user_under(out, subject, client, &[AuthType::Meraki]);
        let Some((user, _)) = user else { continue };
        let Some(users) = cx.listed_users(out, subject) else { continue };
        if !accounts.entries(&user.value).is_empty() {
            out.holds(subject);
        } else if !is_email(&user.value) {
            // username-not-email speaks of it
        } else if let Some(why) = accounts.unnamed {
            out.undecided(subject, why.to_owned());
        } else {
            let finding = out.finding(format!("the user of client `{}` is not among the users of client VPN", client.name.value));
            let finding = finding.label(user.span, "not among the users").label(users.span, "the users");
            let same_local = |other: &str| {
                let (a, b) = (user.value.split_once('@'), other.split_once('@'));
                a.zip(b).is_some_and(|((a, _), (b, _))| a.eq_ignore_ascii_case(b))
            };
            let near = users.value.iter().filter_map(|u| u.value.email.known()).find(|e| same_local(&e.value));
            let finding = finding.label_at(near.map(|e| e.span), "under another domain");
            let help = "add the user under Security & SD-WAN > Configure > Client VPN > User management, or correct the name in the client's profile";
            cx.absent(out, subject, finding.help(help));
        }
    }
}
