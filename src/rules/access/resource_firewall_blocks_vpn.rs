//! A resource's own firewall does not admit the client VPN subnet.

use crate::model::{AllowFrom, Os};
use crate::net::Addrs;
use crate::rules::flows;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "resource-firewall-blocks-vpn",
    level: Level::Error,
    stage: Some(Stage::Access),
    symptoms: &["connected-ping-fails", "ping-works-share-fails"],
    docs: include_str!("resource_firewall_blocks_vpn.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    for (subject, resource) in cx.resources() {
        let list = match &resource.allow_from {
            Field::Known(list) => list,
            Field::Opaque(o) => {
                out.undecided(subject, o.reason.to_string());
                continue;
            }
            Field::Absent => {
                if resource.os.value() == Some(&Os::Windows) {
                    out.undecided(subject, "the resource states no `allow_from`; Windows admits its own subnet alone by default");
                }
                continue;
            }
        };
        let Some(pool) = cx.pool(out, subject) else { continue };
        let Some(users) = flows::users(cx.site) else { continue };
        let left = list.value.iter().fold(users.clone(), |left, entry| match &entry.value {
            AllowFrom::Addresses(set) => left.minus(set),
            // The resource's own network, which the client VPN subnet is not.
            AllowFrom::LocalSubnet | AllowFrom::Perhaps(..) => left,
        });
        if left.is_empty() {
            out.holds(subject);
            continue;
        }
        let perhaps = list.value.iter().find_map(|entry| match &entry.value {
            AllowFrom::Perhaps(set, why) => Some((left.minus(set), why)),
            _ => None,
        });
        let left = match perhaps {
            Some((left, why)) if left.is_empty() => {
                out.undecided(subject, why.to_string());
                continue;
            }
            Some((left, _)) => left,
            None => left,
        };
        let finding = describe(out, resource, &users, &left);
        // An entry that could not be read may admit it.
        cx.absent_in(
            out,
            &[Part::ClientVpn, subject.part()],
            subject,
            finding.label(list.span, "who may reach it").label(pool.span, "not among them"),
        );
    }
}

fn describe(out: &Out<'_>, resource: &Resource, users: &Addrs, left: &Addrs) -> Finding {
    let part = if left.size() < users.size() { "part of " } else { "" };
    let finding = out.finding(format!("the firewall of `{}` does not admit {part}the client VPN subnet", resource.name.value.shown()));
    let help = match resource.os.value() {
        Some(Os::Windows) => {
            "add the client VPN subnet (Security & SD-WAN > Configure > Client VPN) to the rule's remote addresses in Windows Defender Firewall > Inbound Rules > Scope"
        }
        _ => "admit the client VPN subnet (Security & SD-WAN > Configure > Client VPN) in the resource's own firewall",
    };
    finding.help(help)
}
