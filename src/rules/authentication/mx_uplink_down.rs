//! The primary uplink is not active.

use crate::model::UplinkState;
use crate::model::mx::Uplink;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "mx-uplink-down",
    level: Level::Warning,
    stage: Some(Stage::PppAuth),
    // Windows error 809 of the article: nothing arrives at the MX, and its event log is empty.
    symptoms: &["windows-809", "no-event-log"],
    docs: include_str!("mx_uplink_down.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let Some(mx) = cx.mx() else { return };
    let stated = |u: &&Spanned<Uplink>| !u.value.status.is_absent();
    if let Some(o) = mx.value.primary_uplink.opaque() {
        if mx.value.uplinks.items().iter().any(|u| stated(&u)) {
            out.undecided(Subject::Mx, o.reason.to_string());
        }
        return;
    }
    let Some(uplink) = mx.value.primary_uplink().filter(stated) else { return };
    let status = match &uplink.value.status {
        Field::Known(status) => status,
        Field::Opaque(o) => return out.undecided(Subject::Mx, o.reason.to_string()),
        Field::Absent => return,
    };
    let state = match UplinkState::parse(&status.value) {
        Some(UplinkState::Active) => return out.holds(Subject::Mx),
        Some(state) => state.word(),
        None => return out.undecided(Subject::Mx, "the status of the primary uplink is no word that is known"),
    };
    let name = mx.value.primary_uplink_name();
    let default = if mx.value.primary_uplink.is_absent() { " (Dashboard default)" } else { "" };
    let finding = out.finding(format!("the primary uplink {name}{default} is not active: {state}")).label(status.span, state);
    let finding = match mx.value.primary_uplink.span() {
        Some(span) => finding.label(span, "the primary uplink"),
        None => finding.label(mx.span, "wan1 by Dashboard default"),
    };
    let help = "look at Security & SD-WAN > Monitor > Appliance status > Uplink: client VPN answers on the primary uplink; if it works again, export the statuses anew";
    out.violated(Subject::Mx, finding.help(help));
}
