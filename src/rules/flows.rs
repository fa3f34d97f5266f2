//! Traffic of client VPN users to one host of the site: which rules of the MX it meets, and the proof when one drops it.

use std::net::Ipv4Addr;

use crate::model::firewall::{Applied, Flow, Ruling, first_match, words};
use crate::model::mx::L3Rule;
use crate::model::{Field, List, Site, is_private};
use crate::net::{Addrs, Packet, Protocol, Service};
use crate::source::Spanned;

use super::Proof;
use super::out::ProofStep;

/// The addresses that client VPN users get: the subnet's hosts.
pub fn users(site: &Site) -> Option<Addrs> {
    let pool = site.pool()?.value;
    if pool.prefix_len() >= 31 {
        return Some(Addrs::net(pool));
    }
    let (first, last) = (u32::from(pool.network()) + 1, u32::from(pool.broadcast()) - 1);
    Some(Addrs::range(first.into(), last.into()))
}

/// What the MX's rules do with requests of `users` to `host`. `None`: the input states no rules for them, or the host is nowhere.
pub fn requests<'a>(site: &'a Site, users: &Addrs, host: Ipv4Addr, service: Option<Service>) -> Option<Ruling<'a>> {
    let mx = match &site.mx {
        Field::Opaque(o) => return Some(Ruling::Unknown(o.reason.as_ref().into())),
        mx => mx.value()?,
    };
    if let Field::Opaque(o) = &mx.firewall {
        return Some(Ruling::Unknown(o.reason.as_ref().into()));
    }
    let flow = Flow { users, host, service, answers: false };
    let firewall = mx.firewall.value();
    // The layer 3 rules do not apply to what leaves through a VPN; the organisation's site-to-site rules do.
    let network = site.network_of(host);
    if network.is_some_and(|n| n.kind.is_behind_vpn()) {
        return Some(ruling(&firewall?.vpn_firewall_rules, NO_VPN_RULES, &flow));
    }
    if network.is_none() && is_private(host) {
        // No way there at all: other rules speak of it. Or a way that is not described, and may lead past these rules.
        return site.networks_unknown().map(|why| Ruling::Unknown(why.into_owned().into()));
    }
    Some(match site.applied_to_users() {
        Applied::Network => ruling(&firewall?.l3_firewall_rules, NO_RULES, &flow),
        Applied::Policy(policy) => ruling(&policy.l3_firewall_rules, POLICY_WITHOUT_RULES, &flow),
        Applied::Nothing => Ruling::Allowed,
        Applied::Unknown(reason) => Ruling::Unknown(reason),
    })
}

const NO_RULES: &str = "the site file states no `mx.firewall.l3_firewall_rules`";
const NO_VPN_RULES: &str = "the site file states no `mx.firewall.vpn_firewall_rules`";

/// Which list would tell of `host`, when the input states none for it.
pub fn rules_unstated(site: &Site, host: Ipv4Addr) -> &'static str {
    match site.network_of(host) {
        _ if site.mx.is_absent() => "the site file has no `[mx]` section",
        Some(network) if network.kind.is_behind_vpn() => NO_VPN_RULES,
        _ => NO_RULES,
    }
}

/// What is missing when a group policy is custom, and its rules are not written.
pub const POLICY_WITHOUT_RULES: &str = "the group policy states no `l3_firewall_rules`";

/// What a list does; `missing` says which list is not there.
pub fn ruling<'a>(rules: &'a List<L3Rule>, missing: &'static str, flow: &Flow<'_>) -> Ruling<'a> {
    match rules {
        Field::Known(rules) => first_match(&rules.value, flow),
        Field::Opaque(o) => Ruling::Unknown(o.reason.as_ref().into()),
        Field::Absent => Ruling::Unknown(missing.into()),
    }
}

/// The packet that `rule` drops.
pub fn proof(rule: &Spanned<L3Rule>, user: Ipv4Addr, host: Ipv4Addr, service: Option<Service>, answer: bool) -> Proof {
    let service = service.unwrap_or(Service { protocol: Protocol::Icmp, port: None });
    let client_port = service.port.map(|_| 49152);
    let mut packet = Packet {
        protocol: service.protocol,
        source: user,
        source_port: client_port,
        destination: Some(host),
        destination_port: service.port,
    };
    if answer {
        packet.source = host;
        packet.source_port = service.port;
        packet.destination = Some(user);
        packet.destination_port = client_port;
    }
    Proof { verdict: "dropped", packet, steps: vec![ProofStep { span: rule.span, action: "deny", text: words(&rule.value) }] }
}

/// Where the rules that `host` meets are kept in the Dashboard.
pub fn help(site: &Site, host: Ipv4Addr) -> &'static str {
    if site.network_of(host).is_some_and(|n| n.kind.is_behind_vpn()) {
        "allow it above this rule under Security & SD-WAN > Configure > Site-to-site VPN > Organization-wide settings"
    } else if matches!(site.applied_to_users(), Applied::Policy(_)) {
        "allow it above this rule in the group policy of the client VPN users, under Network-wide > Configure > Group policies"
    } else {
        "allow it above this rule under Security & SD-WAN > Configure > Firewall > Layer 3"
    }
}
