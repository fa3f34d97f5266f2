//! The MX gives UDP 500 or 4500 away to a host behind it.

use crate::model::Opaque;
use crate::model::mx::Firewall;
use crate::model::nat_rules::Takes;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "mx-forwards-ike",
    level: Level::Error,
    stage: Some(Stage::ReachIke),
    other_stages: &[Stage::ReachNatt],
    docs: include_str!("mx_forwards_ike.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let Some(mx) = cx.mx() else { return };
    let firewall = match &mx.value.firewall {
        Field::Known(firewall) => &firewall.value,
        Field::Opaque(o) => {
            out.undecided(Subject::Mx, o.reason.to_string());
            return;
        }
        Field::Absent => return,
    };
    let lists = (&firewall.port_forwarding_rules, &firewall.one_to_one_nat_rules, &firewall.one_to_many_nat_rules);
    if lists.0.is_absent() && lists.1.is_absent() && lists.2.is_absent() {
        return;
    }
    let (mut reason, mut found) = (lists_opaque(firewall).map(|o| o.reason.clone()), false);
    for (span, kind, takes) in mx.value.takers_of_ike(firewall) {
        let (ports, stage) = match takes {
            Takes::Neither => continue,
            Takes::Unknown(why) => {
                reason.get_or_insert(why);
                continue;
            }
            Takes::Ike => ("UDP 500", Stage::ReachIke),
            Takes::NatT => ("UDP 4500", Stage::ReachNatt),
            Takes::Both => ("UDP 500 and 4500", Stage::ReachIke),
        };
        found = true;
        let finding = out
            .finding(format!("the MX gives {ports} away by {kind}, so that client VPN never gets it"))
            .stage(stage)
            .label(span, format!("takes {ports}"))
            .label_at(mx.value.target_label().0, mx.value.target_label().1)
            .help("take the port out of the rule under Security & SD-WAN > Configure > Firewall > Forwarding rules: the MX itself answers on it");
        out.violated(Subject::Mx, finding);
    }
    match reason {
        _ if found => {}
        Some(reason) => out.undecided(Subject::Mx, String::from(reason)),
        None => cx.holds_in(out, &[Part::Mx], Subject::Mx),
    }
}

fn lists_opaque(firewall: &Firewall) -> Option<&Opaque> {
    let Firewall { port_forwarding_rules: forwards, one_to_one_nat_rules: one, one_to_many_nat_rules: many, .. } = firewall;
    forwards.opaque().or_else(|| one.opaque()).or_else(|| many.opaque())
}
