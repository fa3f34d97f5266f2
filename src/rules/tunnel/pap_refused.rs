//! A profile cannot authenticate by PAP, the only protocol that the MX takes.

use crate::model::Authentication;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "pap-refused",
    level: Level::Error,
    stage: Some(Stage::PppAuth),
    docs: include_str!("pap_refused.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    for (subject, client) in cx.clients().filter(|(_, c)| c.may_use_l2tp()) {
        match &client.authentication {
            Field::Known(list) if list.value.iter().any(|p| p.value == Authentication::Pap) => out.holds(subject),
            Field::Known(list) => {
                let eap = !list.value.is_empty() && list.value.iter().all(|p| p.value == Authentication::Eap);
                let label = if eap { "EAP alone" } else { "PAP is not allowed" };
                let finding = out.finding(format!("client `{}` cannot authenticate its user by PAP", client.name.value));
                let help = "allow PAP (\"unencrypted password\") for the user's authentication in the profile: the MX takes nothing else, and IPsec encrypts the password";
                out.violated(subject, finding.label(list.span, label).help(help));
            }
            Field::Opaque(o) => out.undecided(subject, o.reason.to_string()),
            Field::Absent => match client.format {
                Some(format @ ("mobileconfig" | "onc" | "profilexml")) => {
                    out.undecided(subject, format!("the format {format} cannot say whether the client may use PAP"));
                }
                _ => out.undecided(subject, "the client states no `authentication`"),
            },
        }
    }
}
