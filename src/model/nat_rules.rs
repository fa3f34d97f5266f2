//! What the forwarding and NAT rules of the MX itself take of UDP 500 and 4500, which client VPN listens on.

use std::net::Ipv4Addr;

use super::mx::{AllowedInbound, Firewall, OneToOneNat, PortForward};
use super::{Field, Mx};
use crate::net::Ports;
use crate::source::Span;

/// Which of UDP 500 and 4500 a rule takes.
pub enum Takes {
    /// Neither.
    Neither,
    /// UDP 500.
    Ike,
    /// UDP 4500.
    NatT,
    /// Both.
    Both,
    /// It cannot be known, for this reason.
    Unknown(Box<str>),
}

impl Mx {
    /// Every rule of the firewall that may take the ports: its place, what it is called, and what it takes.
    pub fn takers_of_ike(&self, firewall: &Firewall) -> Vec<(Span, &'static str, Takes)> {
        let mut found = Vec::new();
        for rule in firewall.port_forwarding_rules.items() {
            if is_on(&rule.value.uplink, self.primary_uplink_name()) {
                found.push((rule.span, "port forwarding", forwarded(&rule.value)));
            }
        }
        for rule in firewall.one_to_one_nat_rules.items() {
            found.push((rule.span, "1:1 NAT of its own address", of_own(self, &rule.value.public_ip, || one_to_one(&rule.value))));
        }
        for rule in firewall.one_to_many_nat_rules.items() {
            for port in rule.value.port_rules.items() {
                let takes =
                    of_own(self, &rule.value.public_ip, || takes(&port.value.protocol, &stated(&port.value.public_port, port.span)));
                found.push((port.span, "1:many NAT of its own address", takes));
            }
            if rule.value.port_rules.known().is_none() {
                let why = rule.value.port_rules.opaque().map_or("a 1:many NAT rule of the MX does not say its `port_rules`", |o| &o.reason);
                let takes = of_own(self, &rule.value.public_ip, || Takes::Unknown(why.into()));
                found.push((rule.span, "1:many NAT of its own address", takes));
            }
        }
        found
    }
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
    let known = stated.is_some() || targets.iter().any(|ip| !super::is_private(*ip));
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
