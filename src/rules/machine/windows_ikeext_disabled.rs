//! The Windows service that speaks IKE is disabled.

use crate::model::RegistryValue;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "windows-ikeext-disabled",
    level: Level::Error,
    stage: Some(Stage::ReachIke),
    symptoms: &["windows-789"],
    docs: include_str!("windows_ikeext_disabled.md"),
    check,
    ..Rule::USUAL
};

const HELP: &str = "set \"IKE and AuthIP IPsec Keying Modules\" to Automatic in Control Panel > Administrative Tools > Services, and start it; if it is disabled again, remove the other VPN software that does so";

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    for (subject, client) in cx.clients().filter(|(_, c)| c.is_windows() && c.may_use_l2tp()) {
        match &client.registry.ikeext_start {
            // Start types of services: 2 automatic, 3 manual (on demand), 4 disabled.
            Field::Known(start) if start.value == RegistryValue::Dword(4) => {
                let message = format!("the service IKEEXT of client `{}` is disabled", client.name.value);
                out.violated(subject, out.finding(message).label(start.span, "disabled").help(HELP));
            }
            Field::Known(start) if matches!(start.value, RegistryValue::Dword(2 | 3)) => out.holds(subject),
            Field::Known(_) => out.undecided(subject, "the start type of IKEEXT is none of a service (2, 3 or 4)"),
            Field::Opaque(o) => out.undecided(subject, o.reason.to_string()),
            // Windows starts it on demand.
            Field::Absent => {}
        }
    }
}
