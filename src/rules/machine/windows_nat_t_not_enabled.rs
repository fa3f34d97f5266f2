//! The MX is behind NAT, and Windows is not told to reach a server there.

use std::borrow::Cow;

use crate::model::RegistryValue;
use crate::model::addressing::BehindNat;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "windows-nat-t-not-enabled",
    level: Level::Error,
    stage: Some(Stage::ReachIke),
    symptoms: &["windows-809"],
    docs: include_str!("windows_nat_t_not_enabled.md"),
    check,
    ..Rule::USUAL
};

const HELP: &str = r"set the DWORD `AssumeUDPEncapsulationContextOnSendRule` to 2 under HKLM\SYSTEM\CurrentControlSet\Services\PolicyAgent (on Windows XP: \Services\IPSec), and restart the machine";

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    if cx.site.mx.is_absent() {
        return;
    }
    let nat = cx.site.behind_nat();
    for (subject, client) in cx.clients() {
        // From a network between the NAT and the MX nothing is translated.
        if !client.is_windows() || !client.may_use_l2tp() || client.connects_from_inside() || matches!(nat, BehindNat::No(_)) {
            continue;
        }
        let value = match (&client.registry.nat_t_rule, nat) {
            (Field::Known(value), _) if value.value == RegistryValue::Dword(2) => {
                out.holds(subject);
                continue;
            }
            (_, BehindNat::Unknown(reason)) => {
                out.undecided(subject, reason);
                continue;
            }
            (Field::Known(value), _) => value,
            (Field::Opaque(o), _) => {
                out.undecided(subject, o.reason.to_string());
                continue;
            }
            (Field::Absent, _) => {
                out.undecided(subject, "the client states no `evidence` of its registry (`nat_t_rule`)");
                continue;
            }
        };
        let (label, why, help) = explain(&value.value);
        let message =
            format!("the MX is behind NAT, and client `{}` (Windows) is not set up to reach a server there{why}", client.name.value);
        let mut finding = out.finding(message).label(value.span, label);
        if let BehindNat::Yes(span) = nat {
            finding = finding.label(span, "the MX is behind NAT");
        }
        let finding = uplink(cx, nat, finding).help(help);
        if value.value == RegistryValue::Missing {
            cx.absent_in(out, &[subject.part()], subject, finding);
        } else {
            out.violated(subject, finding);
        }
    }
}

/// What is at the value's place, why it does not count, and what to do about it.
fn explain(value: &RegistryValue) -> (Cow<'static, str>, &'static str, Cow<'static, str>) {
    let label = match value {
        RegistryValue::Dword(0) => "absent or 0, must be 2",
        RegistryValue::Dword(1) => "1, must be 2",
        RegistryValue::Dword(_) => "must be 2",
        RegistryValue::Missing => "this key lacks the value",
        RegistryValue::OtherType(kind) => {
            return (
                format!("{kind}, must be a DWORD").into(),
                ": the value is no DWORD",
                format!("remove the value here, and {HELP}").into(),
            );
        }
        RegistryValue::WrongKey(_) => {
            let why = ": the value stands under a key that Windows does not read";
            return ("under a key without effect".into(), why, format!("remove the value here, and {HELP}").into());
        }
    };
    (label.into(), "", HELP.into())
}

/// Labels the uplink, where a device in front of it tells that there is a NAT.
fn uplink(cx: &Context<'_>, nat: BehindNat, finding: Finding) -> Finding {
    let own = cx.site.mx.value().and_then(|mx| mx.target_label().0.or_else(|| mx.primary_uplink().map(|u| u.span)));
    let labelled = |span: Span| matches!(nat, BehindNat::Yes(at) if at == span);
    finding.label_at(own.filter(|span| !labelled(*span)), "the MX's address")
}
