//! Traffic of client VPN users to one host of the site: which rules of the MX it meets, and the proof when one drops it.

use std::net::Ipv4Addr;

use crate::model::firewall::{Applied, Flow, Ruling, first_match, words};
use crate::model::mx::L3Rule;
use crate::model::{Site, is_private};
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
    let mx = site.mx.value()?;
    let flow = Flow { users, host, service, answers: false };
    let firewall = mx.firewall.value();
    // The layer 3 rules do not apply to what leaves through a VPN; the organisation's site-to-site rules do.
    let network = site.network_of(host);
    if network.is_some_and(|n| n.kind.is_behind_vpn()) {
        let rules = &firewall?.vpn_firewall_rules;
        return match rules.opaque() {
            Some(o) => Some(Ruling::Unknown(o.reason.as_ref().into())),
            None => Some(first_match(&rules.known()?.value, &flow)),
        };
    }
    if network.is_none() && is_private(host) && site.networks_unknown().is_none() {
        return None; // no way there at all: other rules speak of it
    }
    let rules = match site.applied_to_users() {
        Applied::Network => &firewall?.l3_firewall_rules,
        Applied::Policy(policy) => &policy.l3_firewall_rules,
        Applied::Nothing => return Some(Ruling::Allowed),
        Applied::Unknown(reason) => return Some(Ruling::Unknown(reason)),
    };
    match rules.opaque() {
        Some(o) => Some(Ruling::Unknown(o.reason.as_ref().into())),
        None => Some(first_match(&rules.known()?.value, &flow)),
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
