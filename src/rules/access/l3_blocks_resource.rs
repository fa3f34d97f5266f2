//! A firewall rule of the MX drops a resource's service, or its answers.

use crate::model::firewall::{Applied, Flow, Ruling};
use crate::model::mx::L3Rule;
use crate::net;
use crate::rules::flows;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "l3-blocks-resource",
    level: Level::Error,
    stage: Some(Stage::Access),
    symptoms: &["ping-works-share-fails", "connected-ping-fails"],
    docs: include_str!("l3_blocks_resource.md"),
    check,
    ..Rule::USUAL
};

const NO_SUBNET: fn() -> String = || "the site file states no `client_vpn.subnet`".to_owned();

/// A rule that drops something of a resource.
struct Block<'a> {
    rule: &'a Spanned<L3Rule>,
    user: std::net::Ipv4Addr,
    all: bool,
    answers: bool,
    services: Vec<(&'a str, Option<net::Service>)>,
}

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let Some(mx) = cx.site.mx.value() else { return };
    if cx.site.resources.is_empty() || cx.site.client_vpn.is_absent() {
        return;
    }
    let users = flows::users(cx.site);
    for (subject, resource) in cx.resources() {
        if mx.firewall.is_absent() && mx.group_policies.is_absent() {
            continue; // no rules are described
        }
        let (Some(ip), Some(users)) = (resource.ip.value(), &users) else {
            let reason = match (&resource.ip, users.is_some()) {
                (Field::Opaque(o), _) => o.reason.to_string(),
                (Field::Absent, _) => "the resource states no `ip`".to_owned(),
                _ => cx.client_vpn().and_then(|vpn| vpn.value.subnet.opaque()).map_or_else(NO_SUBNET, |o| o.reason.to_string()),
            };
            out.undecided(subject, reason);
            continue;
        };
        judge(cx, out, subject, resource, *ip, users);
    }
}

fn judge(cx: &Context<'_>, out: &mut Out<'_>, subject: Subject, resource: &Resource, ip: std::net::Ipv4Addr, users: &net::Addrs) {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let (mut doubt, mut asked) = (None, false);
    let services = resource.services.items().iter().map(|s| (s.value.name.as_str(), Some(s.value.port)));
    let whatever = resource.services.items().is_empty().then_some(("everything", None));
    for (name, service) in services.chain(whatever) {
        let requests = flows::requests(cx.site, users, ip, service);
        let rulings = [(requests, false), (answers(cx.site, resource, users, ip, service), true)];
        for (ruling, answers) in rulings {
            asked |= ruling.is_some();
            match ruling {
                Some(Ruling::Denied { rule, user, all }) => match blocks.iter_mut().find(|b| b.rule.span == rule.span) {
                    Some(block) => block.services.push((name, service)),
                    None => blocks.push(Block { rule, user, all, answers, services: vec![(name, service)] }),
                },
                Some(Ruling::Unknown(reason)) => doubt = doubt.or(Some(reason)),
                _ => {}
            }
        }
    }
    for block in &blocks {
        out.violated(subject, describe(cx, out, resource, ip, block));
    }
    match doubt {
        _ if !blocks.is_empty() || !asked => {}
        Some(reason) => out.undecided(subject, reason.into_owned()),
        None => cx.holds_in(out, &[Part::Mx, Part::ClientVpn, subject.part()], subject),
    }
}

/// What the resource's own, stateless group policy does with its answers.
fn answers<'a>(
    site: &'a Site,
    resource: &'a Resource,
    users: &net::Addrs,
    host: std::net::Ipv4Addr,
    service: Option<net::Service>,
) -> Option<Ruling<'a>> {
    let field = site.group_policy_of(resource);
    if field.is_absent() {
        return None;
    }
    match site.mx.value()?.applied(field) {
        Applied::Policy(policy) => {
            Some(flows::ruling(&policy.l3_firewall_rules, flows::POLICY_WITHOUT_RULES, &Flow { users, host, service, answers: true }))
        }
        Applied::Unknown(reason) => Some(Ruling::Unknown(reason)),
        Applied::Network | Applied::Nothing => None,
    }
}

fn describe(cx: &Context<'_>, out: &Out<'_>, resource: &Resource, ip: std::net::Ipv4Addr, block: &Block<'_>) -> Finding {
    let names: Vec<_> = block.services.iter().map(|(name, _)| *name).collect();
    let part = if block.all { "" } else { "part of " };
    let (resource_name, names) = (resource.name.value.shown(), names.join(", "));
    let message = if block.answers {
        format!("a group policy drops what `{resource_name}` answers {part}the client VPN subnet: {names}")
    } else {
        format!("a firewall rule keeps {part}the client VPN subnet from `{resource_name}`: {names}")
    };
    let label = if block.answers { "denies the answers" } else { "denies it" };
    let service = block.services.first().and_then(|(_, service)| *service);
    let help = if block.answers {
        "allow the client VPN subnet above this rule under Network-wide > Configure > Group policies; its rules are stateless, and see answers too"
    } else {
        flows::help(cx.site, ip)
    };
    out.finding(message)
        .label(block.rule.span, label)
        .label(resource.ip.span().unwrap_or(resource.name.span), "out of reach")
        .help(help)
        .proof(Some(flows::proof(block.rule, block.user, ip, service, block.answers)))
}
