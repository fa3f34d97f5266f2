//! A profile holds its shared secret in a type or form that the client's schema does not have.

use crate::model::RemarkKind;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "profile-secret-type",
    level: Level::Warning,
    stage: Some(Stage::IkePsk),
    docs: include_str!("profile_secret_type.md"),
    params: &[Param::Grade(&DATA)],
    check,
    ..Rule::USUAL
};

/// A text is perhaps taken as it stands; base64 that is none surely gives another key.
static DATA: Grade = Grade { name: "data", doc: "level of data that is no base64, or lacks its padding", default: Level::Error };

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    for (subject, client) in cx.clients().filter(|(_, client)| client.format.is_some()) {
        let mut remarks = client.remarks.iter().filter(|r| r.kind == RemarkKind::SecretType).peekable();
        if remarks.peek().is_none() {
            cx.holds_in(out, &[subject.part()], subject);
        }
        for remark in remarks {
            let finding = out.finding(format!("the profile of client `{}` {}", client.name.value, remark.what));
            // What the device has then is not known.
            let finding = if client.pre_shared_key.opaque().is_some() { out.graded(finding, &DATA) } else { finding };
            out.violated(subject, finding.label(remark.span, remark.label).help(remark.help.clone()));
        }
    }
}
