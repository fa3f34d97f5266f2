//! A profile asks for IKEv1 aggressive mode, which the MX does not answer since firmware 15.

use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "aggressive-mode",
    level: Level::Error,
    stage: Some(Stage::IkeProposal),
    docs: include_str!("aggressive_mode.md"),
    check,
    ..Rule::USUAL
};

/// The first firmware that takes main mode alone.
const MAIN_MODE_ONLY: u32 = 15;

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let firmware = cx.mx().map(|mx| &mx.value.firmware);
    let older = firmware.and_then(|f| f.value()).is_some_and(|f| f.major < MAIN_MODE_ONLY);
    for (subject, client) in cx.clients().filter(|(_, c)| c.may_use_l2tp()) {
        let aggressive = match &client.aggressive_mode {
            Field::Known(aggressive) if aggressive.value && !older => *aggressive,
            Field::Known(_) => {
                out.holds(subject);
                continue;
            }
            _ if older => continue,
            Field::Opaque(o) => {
                out.undecided(subject, o.reason.to_string());
                continue;
            }
            // No client takes L2TP into aggressive mode by itself: where nothing forces it, there is nothing to ask.
            Field::Absent => continue,
        };
        match firmware {
            Some(Field::Known(known)) => {
                let finding = out.finding(format!("client `{}` asks for IKE aggressive mode", client.name.value));
                let finding = finding.label(aggressive.span, "forces aggressive mode").label(known.span, "takes main mode alone");
                let help = "remove the group name or local identifier from the profile, or switch aggressive mode off there: the MX needs none since firmware 15";
                out.violated(subject, finding.help(help));
            }
            Some(Field::Opaque(o)) => out.undecided(subject, o.reason.to_string()),
            _ => out.undecided(subject, "the site file states no `mx.firmware`"),
        }
    }
}
