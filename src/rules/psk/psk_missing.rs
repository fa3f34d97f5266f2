//! A pre-shared key is written empty, on the MX or where a profile would carry it.

use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule =
    Rule { id: "psk-missing", level: Level::Error, stage: Some(Stage::IkePsk), docs: include_str!("psk_missing.md"), check, ..Rule::USUAL };

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    if let Some(vpn) = cx.client_vpn() {
        match (&vpn.value.enabled, &vpn.value.shared_secret) {
            (_, Field::Known(key)) if !key.value.secret.is_empty() => out.holds(Subject::ClientVpn),
            (Field::Opaque(o), _) | (_, Field::Opaque(o)) => out.undecided(Subject::ClientVpn, o.reason.to_string()),
            (_, Field::Absent) => out.undecided(Subject::ClientVpn, crate::rules::context::NO_KEY),
            (_, Field::Known(key)) => {
                let finding = out.finding("client VPN is on, and its pre-shared key is empty").label(key.span, "empty key");
                let help = "set the secret on Security & SD-WAN > Configure > Client VPN, and name it here: `shared_secret = { env = \"VPNLINT_…\" }`";
                out.violated(Subject::ClientVpn, finding.help(help));
            }
        }
    }
    for (subject, client) in cx.clients() {
        match &client.pre_shared_key {
            Field::Known(key) if key.value.secret.is_empty() => {
                let finding = out.finding(format!("the pre-shared key of client `{}` is empty", client.name.value));
                let help = "copy the key from Security & SD-WAN > Configure > Client VPN > Show secret into the client's profile";
                out.violated(subject, finding.label(key.span, "empty key").help(help));
            }
            Field::Known(_) => out.holds(subject),
            Field::Opaque(o) => out.undecided(subject, o.reason.to_string()),
            Field::Absent if !client.may_use_psk() => {}
            Field::Absent => out.undecided(subject, "the client's profile does not hold its pre-shared key"),
        }
    }
}
