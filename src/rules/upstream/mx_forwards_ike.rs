//! The MX gives UDP 500 or 4500 away to a host behind it.

use std::net::Ipv4Addr;

use crate::model::mx::{AllowedInbound, Firewall, OneToOneNat, PortForward};
use crate::model::Opaque;
use crate::net::Ports;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "mx-forwards-ike",
    level: Level::Error,
    stage: Some(Stage::ReachIke),
    docs: include_str!("mx_forwards_ike.md"),
    check,
    ..Rule::USUAL
};

/// What a rule does with the two ports.
enum Takes {
    Neither,
    Ike,
    NatT,
    Both,
    /// It cannot be known, for this reason.
    Unknown(Box<str>),
}

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
    for (span, kind, takes) in rules(mx.value, firewall) {
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
        None => cx.nothing_found(out, Subject::Mx),
    }
}

fn lists_opaque(firewall: &Firewall) -> Option<&Opaque> {
    let Firewall { port_forwarding_rules: forwards, one_to_one_nat_rules: one, one_to_many_nat_rules: many, .. } = firewall;
    forwards.opaque().or_else(|| one.opaque()).or_else(|| many.opaque())
}

/// Every rule that may take the ports: its place, what it is called, and what it takes.
fn rules(mx: &Mx, firewall: &Firewall) -> Vec<(Span, &'static str, Takes)> {
    let mut found = Vec::new();
    for rule in firewall.port_forwarding_rules.items() {
        if is_on(&rule.value.uplink, mx.primary_uplink_name()) {
            found.push((rule.span, "port forwarding", forwarded(&rule.value)));
        }
    }
    for rule in firewall.one_to_one_nat_rules.items() {
        found.push((rule.span, "1:1 NAT of its own address", of_own(mx, &rule.value.public_ip, || one_to_one(&rule.value))));
    }
    for rule in firewall.one_to_many_nat_rules.items() {
        for port in rule.value.port_rules.items() {
            let takes = of_own(mx, &rule.value.public_ip, || takes(&port.value.protocol, &stated(&port.value.public_port, port.span)));
            found.push((port.span, "1:many NAT of its own address", takes));
        }
        if rule.value.port_rules.known().is_none() {
            let why = rule.value.port_rules.opaque().map_or("a 1:many NAT rule of the MX does not say its `port_rules`", |o| &o.reason);
            let takes = of_own(mx, &rule.value.public_ip, || Takes::Unknown(why.into()));
            found.push((rule.span, "1:many NAT of its own address", takes));
        }
    }
    found
}

/// Whether a rule for `internet1`, `wan1` or `both` is about the primary uplink. A rule that does not say is.
fn is_on(uplink: &Field<String>, primary: &str) -> bool {
    let number = |name: &str| name.chars().next_back();
    uplink.value().is_none_or(|u| u.eq_ignore_ascii_case("both") || number(u) == number(primary))
}

/// What a rule takes that counts only for the address that client VPN listens at.
fn of_own(mx: &Mx, public_ip: &Field<Ipv4Addr>, takes: impl FnOnce() -> Takes) -> Takes {
    let takes = takes();
    if matches!(takes, Takes::Neither) {
        return takes;
    }
    let ip = match public_ip {
        Field::Known(ip) => ip.value,
        Field::Opaque(o) => return Takes::Unknown(o.reason.clone()),
        Field::Absent => return Takes::Unknown("a NAT rule of the MX does not say its `public_ip`".into()),
    };
    let uplink = mx.primary_uplink();
    let own = uplink.and_then(|u| u.value.ip.value().copied());
    let stated = uplink.and_then(|u| u.value.public_ip.value().copied());
    let targets = mx.target_addresses();
    if own.into_iter().chain(stated).chain(targets.iter().copied()).any(|known| known == ip) {
        return takes;
    }
    // An address of its own that is public is the one that clients use; a private one says nothing of the public one.
    let known = stated.is_some() || targets.iter().any(|ip| !crate::model::is_private(*ip));
    if known { Takes::Neither } else { Takes::Unknown("the site file does not state the `public_ip` of the MX's primary uplink".into()) }
}

/// What a port forwarding rule takes.
fn forwarded(rule: &PortForward) -> Takes {
    let takes = takes(&rule.protocol, &stated(&rule.public_port, Span::default()));
    match rule.uplink.opaque() {
        Some(o) if !matches!(takes, Takes::Neither) => Takes::Unknown(o.reason.clone()),
        _ => takes,
    }
}

/// The outer ports of a rule that has to say them.
fn stated(ports: &Field<Ports>, place: Span) -> Field<Ports> {
    match ports {
        Field::Absent => Field::opaque_at(place, "a forwarding rule of the MX does not say its `public_port`"),
        said => said.clone(),
    }
}

fn one_to_one(rule: &OneToOneNat) -> Takes {
    match &rule.allowed_inbound {
        Field::Known(allowed) => sum(allowed.value.iter().map(|a| inbound(&a.value))),
        Field::Opaque(o) => Takes::Unknown(o.reason.clone()),
        Field::Absent => Takes::Unknown("a 1:1 NAT rule of the MX does not say its `allowed_inbound`".into()),
    }
}

fn inbound(allowed: &AllowedInbound) -> Takes {
    match &allowed.destination_ports {
        Field::Absent => takes(&allowed.protocol, &Field::Absent),
        Field::Opaque(o) => takes(&allowed.protocol, &Field::Opaque(o.clone())),
        // The API leaves the ports empty where the protocol has none to choose.
        Field::Known(ports) if ports.value.is_empty() => takes(&allowed.protocol, &Field::Absent),
        Field::Known(ports) => sum(ports.value.iter().map(|p| takes(&allowed.protocol, &Field::known_at(p.value.clone(), p.span)))),
    }
}

fn takes(protocol: &Field<String>, ports: &Field<Ports>) -> Takes {
    match protocol {
        Field::Known(p) if !(p.value.eq_ignore_ascii_case("any") || p.value.to_ascii_lowercase().contains("udp")) => return Takes::Neither,
        _ => {}
    }
    let unknown = match protocol {
        Field::Known(_) => None,
        Field::Opaque(o) => Some(o.reason.clone()),
        Field::Absent => Some("a forwarding rule of the MX does not say its `protocol`".into()),
    };
    if let Some(why) = unknown {
        let other = ports.value().is_some_and(|ports| !ports.contains(500) && !ports.contains(4500));
        return if other { Takes::Neither } else { Takes::Unknown(why) };
    }
    match ports {
        Field::Opaque(o) => Takes::Unknown(o.reason.clone()),
        Field::Absent => Takes::Both,
        Field::Known(ports) => match (ports.value.contains(500), ports.value.contains(4500)) {
            (true, true) => Takes::Both,
            (true, false) => Takes::Ike,
            (false, true) => Takes::NatT,
            (false, false) => Takes::Neither,
        },
    }
}

fn sum(all: impl Iterator<Item = Takes>) -> Takes {
    let (mut ike, mut nat_t, mut unknown) = (false, false, None);
    for one in all {
        match one {
            Takes::Neither => {}
            Takes::Ike => ike = true,
            Takes::NatT => nat_t = true,
            Takes::Both => (ike, nat_t) = (true, true),
            Takes::Unknown(why) => {
                unknown.get_or_insert(why);
            }
        }
    }
    match (ike, nat_t, unknown) {
        (true, true, _) => Takes::Both,
        (true, false, _) => Takes::Ike,
        (false, true, _) => Takes::NatT,
        (false, false, Some(why)) => Takes::Unknown(why),
        (false, false, None) => Takes::Neither,
    }
}
