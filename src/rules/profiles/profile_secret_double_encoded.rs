//! A profile's shared secret is base64 again once it is decoded, and nothing says that the MX has it so.

use crate::model::RemarkKind;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "profile-secret-double-encoded",
    level: Level::Warning,
    stage: Some(Stage::IkePsk),
    docs: include_str!("profile_secret_double_encoded.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let mx = cx.client_vpn().map(|vpn| &vpn.value.shared_secret);
    for (subject, client) in cx.clients().filter(|(_, client)| client.format.is_some()) {
        let Some(remark) = client.remarks.iter().find(|r| r.kind == RemarkKind::DoubleEncoded) else {
            cx.holds_in(out, &[subject.part()], subject);
            continue;
        };
        match (mx, client.pre_shared_key.known()) {
            (Some(Field::Opaque(o)), _) => out.undecided(subject, o.reason.to_string()),
            // Some keys are base64 by birth. A key that differs is psk-mismatch's, which says in what.
            (Some(Field::Known(mx)), Some(key)) if key.value.secret.same_as(&mx.value.secret) => out.holds(subject),
            (Some(Field::Known(_)), Some(_)) => {}
            _ => {
                let finding = out.finding(format!("the profile of client `{}` {}", client.name.value, remark.what));
                out.violated(subject, finding.label(remark.span, remark.label).help(remark.help.clone()));
            }
        }
    }
}
