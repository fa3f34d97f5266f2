//! Security policies: between zones in the order of the file, then the global ones, then the default, which denies ("Global Security Policies",
//! `default-policy`); and what the device itself takes (`host-inbound-traffic`, where an interface's words replace its zone's).

use super::applications::{Kind, join};
use super::books::Why;
use super::interfaces::unit;
use super::nat::{by_kind, union};
use super::{Reader, RemarkKind, opaque};
use crate::import::upstream::config_tree::At;
use crate::model::Field;
use crate::model::upstream::{Action, Chain, ChainId, End, Interfaces, Line, Match, States};
use crate::net::{Addrs, Ports, Protocol, Protocols};

/// More lines than this are not made of policies times applications.
const LINES: usize = 200_000;
/// The zone that stands for the device itself.
const ITSELF: &str = "junos-host";

impl<'a, 't> Reader<'a, 't> {
    /// The list of policies for what goes through.
    pub(super) fn policies(&mut self) -> ChainId {
        let section = self.root.at(&["security", "policies"]);
        let head = section.or_else(|| self.root.child("security")).unwrap_or(self.root).head();
        let default = section.and_then(|section| section.value_of("default-policy"));
        let end = match default {
            Some(value) => End::stated(value.value == "permit-all", value.span),
            None => End::implicit(false, head),
        };
        let mut base = Chain::new("policies", head, Some(end));
        // What belongs to a flow passes; the filters of interfaces ask it all the same.
        let states = Field::known_at(States { established: true, related: true, ..States::default() }, head);
        base.lines.push(Line::new(head, Match { state: states, ..Match::default() }, Action::Permit));
        for (from, to, context) in self.contexts().into_iter().filter(|(_, to, _)| *to != ITSELF) {
            let lines = self.context_lines(context, from, to);
            let id = self.device.add(Chain { lines, ..Chain::new(&format!("from {from} to {to}"), context.head(), None) });
            let zone = |name: &str| Field::known_at(Interfaces::one(name), context.head());
            let matches = Match { in_interface: zone(from), out_interface: zone(to), ..Match::default() };
            base.lines.push(Line::new(context.head(), matches, Action::Jump(id)));
        }
        for policy in section.and_then(|section| section.at(&["global", "policy"])).into_iter().flat_map(At::all) {
            let lines = self.policy(policy, "", "");
            base.lines.extend(lines);
        }
        self.device.add(base)
    }

    /// `from-zone A to-zone B`.
    fn contexts(&self) -> Vec<(&'t str, &'t str, At<'a, 't>)> {
        let mut all = Vec::new();
        for from in self.root.at(&["security", "policies", "from-zone"]).into_iter().flat_map(At::children) {
            for to in from.child("to-zone").into_iter().flat_map(At::children) {
                all.push((from.word().value, to.word().value, to));
            }
        }
        all
    }

    fn context_lines(&mut self, context: At<'a, 't>, from: &'t str, to: &'t str) -> Vec<Line> {
        let policies: Vec<_> = context.child("policy").into_iter().flat_map(At::all).collect();
        policies.into_iter().flat_map(|policy| self.policy(policy, from, to)).collect()
    }

    fn policy(&mut self, policy: At<'a, 't>, from: &'t str, to: &'t str) -> Vec<Line> {
        let mut m = Match::default();
        let mut kinds = None;
        let parts = policy.child("match");
        for part in parts.into_iter().flat_map(At::children) {
            let word = part.word();
            let any = part.value().is_none_or(|value| matches!(value.value, "any" | "none"));
            match word.value {
                "source-address" => m.source = self.named(part, from),
                "destination-address" => m.destination = self.named(part, to),
                "application" => kinds = self.kinds(part, &mut m),
                "from-zone" => m.in_interface = zones(part),
                "to-zone" => m.out_interface = zones(part),
                "source-address-excluded" | "destination-address-excluded" => {}
                "source-identity" | "dynamic-application" | "url-category" | "source-end-user-profile" if any => {}
                "source-identity" | "source-end-user-profile" => m.other.push(opaque(word.span, "the policy depends on who the user is")),
                "dynamic-application" | "url-category" => m.other.push(opaque(word.span, "the policy looks at what is inside the packet")),
                _ => {
                    self.remark(word.span, "a part of a policy that is not known", RemarkKind::Unknown);
                    m.other.push(opaque(word.span, "the policy has a part that is not followed"));
                }
            }
        }
        for (word, field) in [("source-address-excluded", &mut m.source), ("destination-address-excluded", &mut m.destination)] {
            if parts.is_some_and(|parts| parts.has(word)) {
                *field = std::mem::take(field).map(|set| set.complement());
            }
        }
        let states = |word: &str| parts.is_some_and(|parts| parts.has(word));
        if !(states("source-address") && states("destination-address") && (states("application") || states("dynamic-application"))) {
            m.other.push(opaque(policy.head(), "the policy does not say all that it is about"));
        }
        if let Some(scheduler) = policy.value_of("scheduler-name") {
            m.other.push(opaque(scheduler.span, "the policy depends on the time of day"));
        }
        let action = action(policy);
        self.made += kinds.as_ref().map_or(1, Vec::len);
        if self.made > LINES {
            let why = opaque(policy.head(), "there are too many policies and applications to follow");
            return vec![Line::new(policy.head(), Match::default(), Action::Opaque(why))];
        }
        let mut lines = by_kind(policy, kinds, &m, &action);
        for line in &mut lines {
            line.enabled = !policy.is_off();
        }
        lines
    }

    /// The addresses behind `source-address` and its like.
    pub(super) fn named(&mut self, part: At<'a, 't>, zone: &'t str) -> Field<Addrs> {
        let mut sets = Vec::new();
        let mut span = part.word().span;
        for name in part.children().map(At::word) {
            span = name.span;
            match self.books.addrs(zone, name.value) {
                Ok(set) => sets.push(set),
                Err(why) => return Field::opaque_at(name.span, self.why(name.span, why, "the address is not in the file")),
            }
        }
        let set = union(&sets);
        if set.is_any() { Field::Absent } else { Field::known_at(set, span) }
    }

    /// The kinds of packets of some applications; none: any, or in doubt.
    pub(super) fn kinds(&mut self, part: At<'a, 't>, m: &mut Match) -> Option<Vec<Kind>> {
        let mut all: Vec<Kind> = Vec::new();
        for name in part.children().map(At::word) {
            match self.applications.kinds(name.value) {
                Ok(kinds) => kinds.into_iter().for_each(|kind| join(&mut all, kind)),
                Err(why) => {
                    let why = self.why(name.span, why, "the application is not in the file");
                    m.destination_ports = Field::opaque_at(name.span, why);
                    return None;
                }
            }
        }
        Some(all)
    }

    fn why(&mut self, span: crate::source::Span, why: Why, missing: &'static str) -> &'static str {
        match why {
            Why::Missing => {
                self.remark(span, missing, RemarkKind::Dangling);
                missing
            }
            Why::Opaque(reason) => reason,
        }
    }

    /// What the device itself takes: by zone or interface, then policies towards `junos-host`.
    pub(super) fn host_inbound(&mut self) -> Vec<ChainId> {
        let head = self.root.at(&["security", "zones"]).unwrap_or(self.root).head();
        let mut inbound = Chain::new("host-inbound-traffic", head, Some(End::implicit(false, head)));
        let mut policies = Chain::new(ITSELF, head, Some(End::implicit(true, head)));
        for zone in self.root.at(&["security", "zones", "security-zone"]).into_iter().flat_map(At::children) {
            for member in zone.child("interfaces").into_iter().flat_map(At::children) {
                // What an interface says replaces what its zone says.
                let Some(services) = member.child("host-inbound-traffic").or_else(|| zone.child("host-inbound-traffic")) else { continue };
                let interface = Field::known_at(Interfaces::one(&unit(member.word().value)), member.head());
                inbound.lines.extend(system_services(services, &interface));
            }
        }
        for (from, to, context) in self.contexts().into_iter().filter(|(_, to, _)| *to == ITSELF) {
            let lines = self.context_lines(context, from, to);
            let id = self.device.add(Chain { lines, ..Chain::new(&format!("from {from} to {to}"), context.head(), None) });
            let matches = Match { in_interface: Field::known_at(Interfaces::one(from), context.head()), ..Match::default() };
            policies.lines.push(Line::new(context.head(), matches, Action::Jump(id)));
        }
        vec![self.device.add(inbound), self.device.add(policies)]
    }
}

/// Lines for the services that matter to client VPN.
fn system_services(traffic: At<'_, '_>, interface: &Field<Interfaces>) -> Vec<Line> {
    let Some(services) = traffic.child("system-services") else { return Vec::new() };
    let ike = |span| Match {
        protocol: Field::known_at(Protocols::of(&[Protocol::Udp]), span),
        destination_ports: Field::known_at(Ports::one(500).union(&Ports::one(4500)), span),
        in_interface: interface.clone(),
        ..Match::default()
    };
    let mut lines = Vec::new();
    for service in services.children() {
        let span = service.word().span;
        match service.word().value {
            "ike" if service.has("except") => lines.insert(0, Line::new(service.head(), ike(span), Action::Deny)),
            "ike" => lines.push(Line::new(service.head(), ike(span), Action::Permit)),
            // `all` names every service that the device has, IKE among them.
            "all" | "any-service" => lines.push(Line::new(service.head(), ike(span), Action::Permit)),
            _ => {}
        }
    }
    lines
}

/// The zones of a global policy.
fn zones(part: At<'_, '_>) -> Field<Interfaces> {
    let span = part.value().map_or_else(|| part.word().span, |value| value.span);
    let names: Vec<Box<str>> = part.children().map(|zone| zone.word().value.into()).collect();
    if names.iter().any(|name| &**name == "any") { Field::Absent } else { Field::known_at(Interfaces { names, negated: false }, span) }
}

fn action(policy: At<'_, '_>) -> Action {
    let Some(then) = policy.child("then") else { return Action::Opaque(opaque(policy.head(), "the policy states no action")) };
    if then.has("deny") || then.has("reject") {
        return Action::Deny;
    }
    let Some(permit) = then.child("permit") else { return Action::Opaque(opaque(policy.head(), "the policy states no action")) };
    for part in permit.children() {
        let why = match part.word().value {
            "tunnel" => "the policy sends its packets into a tunnel",
            "firewall-authentication" => "the policy asks who the user is",
            "destination-address" => "whether the destination was translated decides",
            _ => continue,
        };
        return Action::Opaque(opaque(part.word().span, why));
    }
    Action::Permit
}
