//! The MX is behind NAT, and Windows is not told to reach a server there.

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
        let value = match (&client.nat_t_rule, nat) {
            (Field::Known(value), _) if value.value == 2 => {
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
        let label = match value.value {
            0 => "absent or 0, must be 2",
            1 => "1, must be 2",
            _ => "must be 2",
        };
        let message = format!("the MX is behind NAT, and client `{}` (Windows) is not set up to reach a server there", client.name.value);
        let mut finding = out.finding(message).label(value.span, label);
        if let BehindNat::Yes(span) = nat {
            finding = finding.label(span, "the MX is behind NAT");
        }
        out.violated(subject, uplink(cx, nat, finding).help(HELP));
    }
}

/// Labels the uplink, where a device in front of it tells that there is a NAT.
fn uplink(cx: &Context<'_>, nat: BehindNat, finding: Finding) -> Finding {
    let own = cx.site.mx.value().and_then(|mx| mx.target_label().0.or_else(|| mx.primary_uplink().map(|u| u.span)));
    let labelled = |span: Span| matches!(nat, BehindNat::Yes(at) if at == span);
    finding.label_at(own.filter(|span| !labelled(*span)), "the MX's address")
}
