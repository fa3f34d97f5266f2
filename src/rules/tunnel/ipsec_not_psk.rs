//! A profile authenticates IPsec otherwise than by a pre-shared key.

use crate::model::IpsecAuthentication;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "ipsec-not-psk",
    level: Level::Error,
    stage: Some(Stage::IkeProposal),
    docs: include_str!("ipsec_not_psk.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    // Of a tunnel of another kind speaks wrong-tunnel-type.
    for (subject, client) in cx.clients().filter(|(_, c)| c.may_use_l2tp()) {
        let by = match &client.ipsec_authentication {
            Field::Known(by) => *by,
            Field::Opaque(o) => {
                out.undecided(subject, o.reason.to_string());
                continue;
            }
            // A profile that carries a pre-shared key uses it.
            Field::Absent if client.pre_shared_key.known().is_some() => {
                out.holds(subject);
                continue;
            }
            Field::Absent => {
                out.undecided(subject, "the client states neither `ipsec_authentication` nor a pre-shared key");
                continue;
            }
        };
        let what = match by.value {
            IpsecAuthentication::PreSharedKey => {
                out.holds(subject);
                continue;
            }
            IpsecAuthentication::Certificate => "a certificate",
            IpsecAuthentication::Kerberos => "Kerberos",
            IpsecAuthentication::Hybrid => "hybrid authentication",
        };
        let finding = out.finding(format!("client `{}` authenticates IPsec by {what} instead of the pre-shared key", client.name.value));
        let help = "choose the pre-shared key in the profile's IPsec settings, and copy it from Security & SD-WAN > Configure > Client VPN > Show secret";
        out.violated(subject, finding.label(by.span, "not the pre-shared key").help(help));
    }
}
