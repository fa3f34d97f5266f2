//! How the rules about UDP 500 and 4500 decide: one verdict for each upstream device, one finding for each line at fault.

use std::borrow::Cow;
use std::net::Ipv4Addr;

use super::upstream_paths::{Fate, Paths};
use super::upstream_verdicts::{is_by_absence, paths, word};
use super::{Context, Finding, Out, Proof, Stage, Subject};
use crate::model::Mx;
use crate::model::upstream::{Device, Nat};
use crate::net::{Answer, Fault, Restriction, Service, Verdict};
use crate::source::Span;

/// The ports that client VPN needs.
pub const BOTH: &[Service] = &[Service::IKE, Service::NAT_T];

/// What a rule makes of an answer that shows a fault of a device.
pub enum Ruling {
    /// It is the rule's own fault.
    Violated,
    /// The rule's fault is not there.
    Holds,
    /// Something that the rule needs is not known.
    Undecided(Cow<'static, str>),
    /// Another rule speaks of it, and this one gives way.
    GivesWay,
}

impl Ruling {
    /// Violated, or another rule's.
    pub const fn own(own: bool) -> Self {
        if own { Self::Violated } else { Self::GivesWay }
    }
}

/// An upstream device on the way to the MX.
pub struct Spot<'p, 'a> {
    /// The whole way.
    pub paths: &'p Paths<'a>,
    /// Its place on the way.
    pub at: usize,
    /// The device.
    pub device: &'a Device,
    /// The MX behind it.
    pub mx: &'a Mx,
}

/// A fault of a device, with the ports that meet it at the same line.
pub struct Trouble<'p, 'a> {
    /// The device.
    pub spot: &'p Spot<'p, 'a>,
    /// One answer for each port.
    pub answers: Vec<&'p Answer<'a>>,
}

/// Visits every device on the way, once it is known where packets must arrive; else says what is missing.
pub fn each_device<'a>(cx: &Context<'a>, out: &mut Out<'_>, mut visit: impl FnMut(&Spot<'_, 'a>, Subject, &mut Out<'_>)) {
    let (Some(paths), Some(mx)) = (paths(cx, out), cx.mx().map(|mx| mx.value)) else { return };
    let missing = mx.target_unknown();
    for (at, &n) in paths.devices.iter().enumerate() {
        let (device, subject) = (&cx.site.upstream[n], Subject::Upstream(n));
        let missing = missing.clone().or_else(|| device.uplink.opaque().map(|o| o.reason.to_string()));
        match missing {
            Some(reason) => out.undecided(subject, reason),
            None => visit(&Spot { paths, at, device, mx }, subject, out),
        }
    }
}

/// Decides for every device. `rule` says what a fault means to the rule; `say` words a finding, whose stage, proof and MX label are added here.
pub fn each_fault<'a>(
    cx: &Context<'a>,
    out: &mut Out<'_>,
    services: &[Service],
    rule: impl Fn(&Spot<'_, 'a>, &Answer<'a>) -> Ruling,
    say: impl Fn(&Out<'_>, &Trouble<'_, 'a>) -> Finding,
) {
    each_device(cx, out, |spot, subject, out| {
        let (mut troubles, mut holds, mut unknown) = (Vec::<Trouble<'_, 'a>>::new(), false, None);
        for service in services {
            let ruling = match spot.paths.fate(*service, spot.at) {
                Fate::Passed => Ruling::Holds,
                Fate::NotReached => Ruling::GivesWay,
                Fate::Unknown(doubt) => Ruling::Undecided(doubt.reason.to_string().into()),
                Fate::Stopped(answer) => match rule(spot, answer) {
                    Ruling::Violated => {
                        match troubles.iter_mut().find(|t| t.place() == answer.place()) {
                            Some(trouble) => trouble.answers.push(answer),
                            None => troubles.push(Trouble { spot, answers: vec![answer] }),
                        }
                        continue;
                    }
                    other => other,
                },
            };
            match ruling {
                Ruling::Holds => holds = true,
                Ruling::Undecided(reason) => unknown = unknown.or(Some(reason)),
                Ruling::Violated | Ruling::GivesWay => {}
            }
        }
        let gap = cx.site.gap(&subject.rests_on());
        let told = !troubles.is_empty();
        for trouble in troubles {
            match gap.filter(|_| trouble.fault().is_none_or(is_by_absence)) {
                Some(gap) => out.undecided(subject, gap.reason.clone()),
                None => out.violated(subject, trouble.finish(say(out, &trouble))),
            }
        }
        match (told, unknown, gap) {
            (true, ..) => {}
            (false, Some(reason), _) => out.undecided(subject, format!("upstream `{}`: {reason}", spot.device.name.value)),
            (false, None, Some(gap)) if holds => out.undecided(subject, gap.reason.clone()),
            (false, None, _) if holds => out.holds(subject),
            (false, None, _) => {}
        }
    });
}

impl<'a> Trouble<'_, 'a> {
    /// The device's name.
    pub fn name(&self) -> &str {
        &self.spot.device.name.value
    }

    /// The line or default at fault; none: the device as a whole.
    pub fn place(&self) -> Option<Span> {
        self.answers.first().and_then(|answer| answer.place())
    }

    /// The place to label.
    pub fn span(&self) -> Span {
        self.place().unwrap_or(self.spot.device.name.span)
    }

    /// What happens to the first port.
    pub fn fault(&self) -> Option<&Fault<'a>> {
        self.answers.first()?.stop()
    }

    /// Who gets through on the first port.
    pub fn restriction(&self) -> Option<&Restriction<'a>> {
        self.answers.first().and_then(|answer| answer.restriction())
    }

    /// `UDP 500`, `UDP 4500` or `UDP 500 and 4500`.
    pub fn ports(&self) -> String {
        let numbers: Vec<String> = self.answers.iter().filter_map(|a| a.service.port).map(|port| port.to_string()).collect();
        format!("UDP {}", numbers.join(" and "))
    }

    /// Where packets should go: an address, or either of two.
    pub fn target(&self) -> String {
        let all: Vec<String> = self.spot.paths.path.targets().iter().map(Ipv4Addr::to_string).collect();
        all.join(" or ")
    }

    /// Where this device should send packets: to the next device that translates, else to the MX.
    pub fn next_hop(&self) -> String {
        let later = &self.spot.paths.path.devices()[self.spot.at + 1..];
        match later.iter().find(|device| device.nat != Nat::Never) {
            Some(device) => device.wan_ip.value().map_or_else(|| format!("`{}`", device.name.value), Ipv4Addr::to_string),
            None => self.target(),
        }
    }

    /// Adds what all findings have.
    fn finish(&self, finding: Finding) -> Finding {
        let ike = self.answers.iter().any(|answer| answer.service == Service::IKE);
        let verdict = match self.answers.first().map(|a| &a.verdict) {
            Some(Verdict::Restricted(..)) => "restricted",
            _ => self.fault().map_or("passes", word),
        };
        let proof = self.answers.first().and_then(|answer| answer.witness()).map(|witness| Proof::of(verdict, witness));
        let (span, text) = self.spot.mx.target_label();
        finding.label_at(span, text).stage(if ike { Stage::ReachIke } else { Stage::ReachNatt }).proof(proof)
    }
}

/// UDP 500, or UDP 4500, for the MX is dropped: `upstream-blocks-ike` and `upstream-blocks-nat-t`.
pub fn blocked(cx: &Context<'_>, out: &mut Out<'_>, service: Service) {
    let own = |_: &Spot<'_, '_>, answer: &Answer<'_>| Ruling::own(matches!(answer.fault(), Some(Fault::Dropped { .. })));
    each_fault(cx, out, &[service], own, |out, trouble| {
        let (ports, target) = (trouble.ports(), trouble.target());
        let finding = out.finding(format!("upstream `{}` drops {ports} for the MX", trouble.name()));
        let (line, hidden) = match trouble.fault() {
            Some(Fault::Dropped { by, shadowed, .. }) => (by.line().is_some(), shadowed.map(|permit| permit.span)),
            _ => (false, None),
        };
        let (text, help) = match (line, hidden) {
            (true, Some(_)) => (format!("drops {ports}"), format!("move the permit for {ports} above this line")),
            (true, None) => (format!("drops {ports}"), format!("put a permit for {ports} from any source to {target} above this line")),
            (false, _) => (format!("no permit: drops {ports}"), format!("permit {ports} from any source to {target}")),
        };
        let address = "; the MX's address is at Security & SD-WAN > Monitor > Appliance status > Uplink";
        finding.label(trouble.span(), text).label_at(hidden, "this permit comes too late").help(help + address)
    });
}
