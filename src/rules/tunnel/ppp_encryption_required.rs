//! A profile demands MPPE, and so excludes PAP.

use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "ppp-encryption-required",
    level: Level::Error,
    stage: Some(Stage::PppAuth),
    docs: include_str!("ppp_encryption_required.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    for (subject, client) in cx.clients().filter(|(_, c)| c.may_use_l2tp()) {
        match &client.require_mppe {
            Field::Known(demand) if demand.value => {
                let finding = out.finding(format!("client `{}` demands PPP encryption, which PAP cannot give", client.name.value));
                let help = "remove `require-mppe` (Point-to-Point encryption) from the profile: its keys come from MS-CHAP, and the MX takes PAP alone; IPsec encrypts the tunnel";
                out.violated(subject, finding.label(demand.span, "MPPE needs MS-CHAP").help(help));
            }
            Field::Known(_) => out.holds(subject),
            Field::Opaque(o) => out.undecided(subject, o.reason.to_string()),
            // Only pppd's options and NetworkManager's have such a demand, and their readers say so either way.
            Field::Absent => {}
        }
    }
}
