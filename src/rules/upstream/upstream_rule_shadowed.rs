//! A permit or forward for UDP 500 or 4500 never matches, for earlier lines take all its packets.

use crate::model::upstream::{Action, Line};
use crate::net::{Addrs, Fault, Ports, Protocol, Service, Shadowed};
use crate::rules::prelude::*;
use crate::rules::upstream_faults::{BOTH, Spot, each_device};
use crate::rules::upstream_paths::Fate;

/// See the page.
pub static RULE: Rule = Rule {
    id: "upstream-rule-shadowed",
    level: Level::Warning,
    stage: Some(Stage::ReachIke),
    other_stages: &[Stage::ReachNatt],
    docs: include_str!("upstream_rule_shadowed.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    each_device(cx, out, |spot, subject, out| {
        let hidden: Vec<Hidden<'_>> = hidden(spot).into_iter().filter(|h| h.never_matches(spot)).collect();
        for one in &hidden {
            let what = if matches!(one.line.action, Action::Permit) { "permit" } else { "forward" };
            let ports: Vec<String> = one.services.iter().filter_map(|s| s.port).map(|port| port.to_string()).collect();
            let message = format!("a {what} for UDP {} of upstream `{}` never matches", ports.join(" and "), spot.device.name.value);
            let stage = if one.services.contains(&Service::IKE) { Stage::ReachIke } else { Stage::ReachNatt };
            let finding = out.finding(message).stage(stage).label(one.line.span, "never matches");
            let finding = one.by.iter().fold(finding, |f, taker| f.label(taker.span, "takes its packets first"));
            out.violated(subject, finding.help(format!("move this {what} above the line that takes its packets, or remove it")));
        }
        if hidden.is_empty() {
            spot.settle(cx, subject, out);
        }
    });
}

/// A line that found no packet left, for these ports.
struct Hidden<'a> {
    line: &'a Line,
    services: Vec<Service>,
    by: Vec<&'a Line>,
}

fn hidden<'a>(spot: &Spot<'_, 'a>) -> Vec<Hidden<'a>> {
    let mut all: Vec<Hidden<'a>> = Vec::new();
    for service in BOTH {
        for leg in spot.paths.legs(*service) {
            for Shadowed { line, by, .. } in leg.answer.shadowed.iter().filter(|s| leg.first + s.device == spot.at) {
                let at = all.iter().position(|h| std::ptr::eq(h.line, *line)).unwrap_or_else(|| {
                    all.push(Hidden { line, services: Vec::new(), by: Vec::new() });
                    all.len() - 1
                });
                all[at].services.push(*service);
                let new: Vec<&Line> =
                    by.iter().copied().filter(|taker| !all[at].by.iter().any(|known| std::ptr::eq(*known, *taker))).collect();
                all[at].by.extend(new);
            }
        }
    }
    all
}

impl Hidden<'_> {
    /// Whether other packets of the line than those that were walked are taken as well: other ports, protocols, and hosts.
    fn never_matches(&self, spot: &Spot<'_, '_>) -> bool {
        let m = &self.line.matches;
        let walked = self.services.iter().filter_map(|s| s.port).fold(Ports::none(), |all, port| all.union(&Ports::one(port)));
        let ports = m.destination_ports.value().cloned().unwrap_or_else(Ports::any);
        let path = &spot.paths.path;
        let hosts = path.targets().iter().copied().chain(path.aim()).fold(Addrs::none(), |all, ip| all.union(&Addrs::one(ip)));
        let hosts_of = |line: &Line| line.matches.destination.value().cloned().unwrap_or_else(Addrs::any);
        let sources_of = |line: &Line| line.matches.source.value().cloned().unwrap_or_else(Addrs::any);
        let only_udp = |p: Protocol| m.protocol.value().is_some_and(|set| set.contains(p)) == (p == Protocol::Udp);
        let udp_alone = (0..=u8::MAX).all(|n| only_udp(Protocol::from_number(n)));
        let fits = |taker: &Line| {
            let t = &taker.matches;
            (ports.minus(&walked).is_empty() || t.destination_ports.value().is_none_or(|own| ports.minus(own).is_empty()))
                && (udp_alone || t.protocol.is_absent() || t.protocol.value() == m.protocol.value())
                && (hosts_of(self.line).minus(&hosts).is_empty() || hosts_of(self.line).minus(&hosts_of(taker)).is_empty())
                && (t.in_interface.is_absent() || t.in_interface.value() == m.in_interface.value())
                && (t.out_interface.is_absent() || t.out_interface.value() == m.out_interface.value())
                && (t.translated.is_absent() || t.translated.value() == m.translated.value())
                && (t.decrypted.is_absent() || t.decrypted.value() == m.decrypted.value())
                && t.state.value().is_none_or(|taken| m.state.value().is_some_and(|own| taken.hold(*own)))
        };
        let sources = self.by.iter().fold(Addrs::none(), |all, taker| all.union(&sources_of(taker)));
        self.by.iter().all(|taker| fits(taker)) && sources_of(self.line).minus(&sources).intersection(&Addrs::public()).is_empty()
    }
}

impl Spot<'_, '_> {
    /// No line is hidden: that is proved where the device's lists were asked, and nothing in them is in doubt.
    fn settle(&self, cx: &Context<'_>, subject: Subject, out: &mut Out<'_>) {
        let mut asked = false;
        for service in BOTH {
            match self.paths.fate(*service, self.at) {
                Fate::Passed => asked = true,
                Fate::Stopped(answer) => asked |= answer.restriction().is_some() || matches!(answer.fault(), Some(Fault::Dropped { .. })),
                Fate::NotReached => {}
                Fate::Unknown(doubt) => {
                    out.undecided(subject, format!("upstream `{}`: {}", self.device.name.value, doubt.reason));
                    return;
                }
            }
        }
        if asked {
            cx.holds_whole(out, subject);
        }
    }
}
