//! Windows is told not to protect L2TP by IPsec.

use crate::model::RegistryValue;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "windows-ipsec-prohibited",
    level: Level::Error,
    stage: Some(Stage::ReachIke),
    docs: include_str!("windows_ipsec_prohibited.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    for (subject, client) in cx.clients().filter(|(_, c)| c.is_windows() && c.may_use_l2tp()) {
        match &client.registry.prohibit_ipsec {
            Field::Known(value) if value.value == RegistryValue::Dword(1) => {
                let message = format!("client `{}` is told to use L2TP without IPsec (`ProhibitIpSec` is 1)", client.name.value);
                let help = r"remove `ProhibitIpSec` from HKLM\SYSTEM\CurrentControlSet\Services\RasMan\Parameters, or set it to 0, and restart the machine";
                out.violated(subject, out.finding(message).label(value.span, "switches IPsec for L2TP off").help(help));
            }
            Field::Known(value) if value.value == RegistryValue::Dword(0) => out.holds(subject),
            // Windows' default is right.
            Field::Known(value) if value.value == RegistryValue::Missing => cx.holds_in(out, &[subject.part()], subject),
            Field::Known(Spanned { value: RegistryValue::OtherType(kind), .. }) => {
                out.undecided(subject, format!("`ProhibitIpSec` is a {kind}, and no document says what Windows makes of that"));
            }
            Field::Known(_) => out.undecided(subject, "`ProhibitIpSec` is neither 0 nor 1"),
            Field::Opaque(o) => out.undecided(subject, o.reason.to_string()),
            Field::Absent => {}
        }
    }
}
