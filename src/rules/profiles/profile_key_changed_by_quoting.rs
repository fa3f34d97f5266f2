//! Quoting or expansion makes another key of the one that is written in a profile.

use crate::model::RemarkKind;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "profile-key-changed-by-quoting",
    level: Level::Error,
    stage: Some(Stage::IkePsk),
    docs: include_str!("profile_key_changed_by_quoting.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let mx = cx.client_vpn().and_then(|c| c.value.shared_secret.value());
    for (subject, client) in cx.clients() {
        let changed = client.remarks.iter().find(|r| r.kind == RemarkKind::QuotingChangesKey);
        // Scripts quote; other formats only where their reader says so.
        if client.format != Some("powershell") && changed.is_none() {
            continue;
        }
        let meant = client.pre_shared_key.value().zip(mx).is_some_and(|(ours, mx)| ours.secret.same_as(&mx.secret));
        match (changed, &client.pre_shared_key) {
            // The key that the client gets is the MX's, however it is written.
            (Some(remark), _) if !meant => {
                let finding = out.finding(format!("the profile of client `{}` {}", client.name.value, remark.what));
                out.violated(subject, finding.label(remark.span, remark.label).help(remark.help.clone()));
            }
            (_, Field::Known(_)) => out.holds(subject),
            (_, Field::Opaque(o)) => out.undecided(subject, o.reason.to_string()),
            (_, Field::Absent) => {}
        }
    }
}
