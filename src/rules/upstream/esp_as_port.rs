//! ESP or AH is written as a port, beside 500 or 4500.

use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule { id: "esp-as-port", level: Level::Warning, docs: include_str!("esp_as_port.md"), check, ..Rule::USUAL };

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    for (subject, device, named) in cx.upstream().filter(|(_, _, named)| named.ipsec) {
        let Some((first, others)) = named.esp.split_first() else {
            match named.unknown_port {
                Some(opaque) => out.undecided(subject, opaque.reason.to_string()),
                None => cx.holds_in(out, &[subject.part()], subject),
            }
            continue;
        };
        let finding =
            out.finding(format!("upstream `{}` opens port 50 or 51, but ESP and AH are protocols without ports", device.name.value));
        let mut finding = finding.label(first.span, "a port, not a protocol");
        for line in others.iter().take(3) {
            finding = finding.label(line.span, "another one");
        }
        out.violated(
            subject,
            finding.help("remove it: behind NAT, ESP travels inside UDP 4500; without NAT, permit IP protocol 50 instead of a port"),
        );
    }
}
