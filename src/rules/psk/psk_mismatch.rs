//! A client's pre-shared key is another than the MX's.

use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "psk-mismatch",
    level: Level::Error,
    stage: Some(Stage::IkePsk),
    docs: include_str!("psk_mismatch.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    for (subject, client) in cx.clients() {
        let theirs = match &client.pre_shared_key {
            Field::Known(key) if !key.value.secret.is_empty() => key,
            Field::Known(_) => continue, // psk-missing speaks of it
            Field::Opaque(o) => {
                out.undecided(subject, o.reason.to_string());
                continue;
            }
            Field::Absent if !client.may_use_psk() => continue,
            Field::Absent => {
                out.undecided(subject, "the client's profile does not hold its pre-shared key");
                continue;
            }
        };
        let Some(mx) = cx.mx_key(out, subject) else { continue };
        if theirs.value.secret.same_as(&mx.value.secret) {
            out.holds(subject);
            continue;
        }
        let near = theirs.value.secret.near_miss(&mx.value.secret).map_or_else(String::new, |n| n.told("the client's", "the MX's"));
        let help =
            format!("{near}copy the key again from Security & SD-WAN > Configure > Client VPN > Show secret into the client's profile");
        let finding = out.finding(format!("client `{}` uses another pre-shared key than the MX", client.name.value));
        out.violated(subject, finding.label(theirs.span, "differs").label(mx.span, "from the key on the MX").help(help));
    }
}
