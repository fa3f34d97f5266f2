//! A layer 7 rule of the MX blocks file shares.

use std::borrow::Cow;

use crate::model::List;
use crate::model::firewall::Applied;
use crate::model::layer7::Denied;
use crate::model::mx::{L7Rule, RuleAction};
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "l7-blocks-file-sharing",
    level: Level::Error,
    stage: Some(Stage::Access),
    docs: include_str!("l7_blocks_file_sharing.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let (Some(mx), false) = (cx.site.mx.value(), cx.site.client_vpn.is_absent()) else { return };
    let all: Vec<&Resource> = cx.site.resources.iter().collect();
    let serving = || all.iter().any(|r| r.services.items().iter().any(|s| s.value.serves_files()));
    match cx.site.applied_to_users() {
        Applied::Network => match &mx.firewall {
            Field::Known(firewall) if firewall.value.l7_firewall_rules.is_absent() && serving() => {
                out.undecided(Subject::ClientVpn, "the site file states no `mx.firewall.l7_firewall_rules`");
            }
            Field::Known(firewall) => judge(cx, out, Subject::ClientVpn, &firewall.value.l7_firewall_rules, &all, FIREWALL),
            Field::Opaque(o) => out.undecided(Subject::ClientVpn, o.reason.to_string()),
            Field::Absent => {}
        },
        Applied::Policy(policy) if policy.l7_firewall_rules.is_absent() && serving() => out.undecided(Subject::ClientVpn, UNWRITTEN),
        Applied::Policy(policy) => judge(cx, out, Subject::ClientVpn, &policy.l7_firewall_rules, &all, POLICY),
        Applied::Nothing => cx.holds_whole(out, Subject::ClientVpn),
        Applied::Unknown(reason) => out.undecided(Subject::ClientVpn, reason.into_owned()),
    }
    for (subject, resource) in cx.resources() {
        let field = cx.site.group_policy_of(resource);
        if field.is_absent() {
            continue;
        }
        match mx.applied(field) {
            Applied::Policy(policy)
                if policy.l7_firewall_rules.is_absent() && resource.services.items().iter().any(|s| s.value.serves_files()) =>
            {
                out.undecided(subject, UNWRITTEN);
            }
            Applied::Policy(policy) => judge(cx, out, subject, &policy.l7_firewall_rules, &[resource], POLICY),
            Applied::Unknown(reason) => out.undecided(subject, reason.into_owned()),
            Applied::Network | Applied::Nothing => {}
        }
    }
}

const FIREWALL: &str = "take file sharing out of this rule under Security & SD-WAN > Configure > Firewall > Layer 7";
const UNWRITTEN: &str = "the group policy states no `l7_firewall_rules`";
const POLICY: &str = "take file sharing out of this rule under Network-wide > Configure > Group policies";

fn judge(cx: &Context<'_>, out: &mut Out<'_>, subject: Subject, rules: &List<L7Rule>, resources: &[&Resource], help: &str) {
    if let Some(o) = rules.opaque() {
        out.undecided(subject, o.reason.to_string());
        return;
    }
    let Some(rules) = rules.known() else { return };
    let (mut found, mut doubt) = (false, None);
    for rule in rules.value.iter().filter(|r| r.value.policy.value() != Some(&RuleAction::Allow)) {
        if let Some(o) = rule.value.policy.opaque() {
            doubt = doubt.or(Some(Cow::Borrowed(&*o.reason)));
            continue;
        }
        let what = match Denied::by(&rule.value, cx.site.tables()) {
            Denied::Nothing => continue,
            Denied::Unknown(reason) => {
                doubt = doubt.or(Some(reason));
                continue;
            }
            what => what,
        };
        let hit: Vec<&Resource> = resources.iter().copied().filter(|r| what.meets(r)).collect();
        doubt = doubt.or_else(|| resources.iter().find_map(|r| what.may_meet(r)));
        // An address or a host that no resource has is none of our business.
        if hit.is_empty() && matches!(what, Denied::Addresses(..) | Denied::Host(_)) {
            continue;
        }
        found = true;
        let serving = hit.iter().any(|r| r.services.items().iter().any(|s| s.value.serves_files() && what.blocks(s.value.port)));
        let message = match hit.as_slice() {
            [one] => format!("a layer 7 rule blocks {} for `{}`", what.word(), one.name.value.shown()),
            [] => format!("a layer 7 rule blocks {} for client VPN users", what.word()),
            more => format!("a layer 7 rule blocks {} for {} resources", what.word(), more.len()),
        };
        let mut finding = out.finding(message).label(rule.span, "denies it");
        if !serving {
            finding = finding.level(Level::Warning);
        }
        for resource in hit {
            finding = finding.label(resource.name.span, "served from here");
        }
        out.violated(subject, finding.help(help));
    }
    match doubt {
        _ if found => {}
        Some(reason) => out.undecided(subject, reason.into_owned()),
        None => cx.holds_in(
            out,
            &[Part::Mx, Part::ClientVpn, if subject == Subject::ClientVpn { Part::Resources } else { subject.part() }],
            subject,
        ),
    }
}
