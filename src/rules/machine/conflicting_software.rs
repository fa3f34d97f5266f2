//! A program is installed that is known to keep Windows' own VPN from working.

use crate::model::Os;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "conflicting-software",
    level: Level::Warning,
    stage: Some(Stage::ReachIke),
    symptoms: &["windows-809", "windows-789"],
    docs: include_str!("conflicting_software.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    for (subject, client) in cx.clients().filter(|(_, c)| c.os.value().is_none_or(|os| *os == Os::Windows)) {
        let programs = match &client.software {
            Field::Known(programs) => &programs.value,
            Field::Opaque(o) => {
                out.undecided(subject, o.reason.to_string());
                continue;
            }
            Field::Absent => continue,
        };
        let mut found = false;
        for program in programs {
            let Some(known) = cx.site.tables().conflicting_software(&program.value) else { continue };
            found = true;
            let message = format!("client `{}` has {known}, which is known to keep Windows' own VPN from connecting", client.name.value);
            let help = format!("disable or remove {known}, restart the machine, and connect again");
            out.violated(subject, out.finding(message).label(program.span, "interferes with L2TP/IPsec").help(help));
        }
        if !found {
            cx.holds_whole(out, subject);
        }
    }
}
