//! From outcomes of packets to one verdict for all peers.
//!
//! A verdict depends on the set of packets that do not pass, and grows worse with it. So the least set (packets that fail
//! in every reading of what is unknown) and the largest (packets that fail in some reading) give the same verdict exactly
//! when all readings do.

use std::net::Ipv4Addr;

use super::chain::Notes;
use super::device::{Outcome, Stage, Trip, Walked};
use super::flow::Direction;
use super::outcome::{Answer, By, Doubt, Fault, Restriction, Shadowed, Verdict, Witness};
use crate::model::upstream::{Action, Line};
use crate::net::region::Region;
use crate::net::{Addrs, Packet, Ports, Protocol, Service};

const SOURCE: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 7);
const SOURCE_PORT: u16 = 40112;

/// How bad a set of failing packets is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Passes,
    Restricted,
    Fails,
}

/// The outcomes for peers that use ports of one class.
#[derive(Debug)]
struct Slice {
    /// One port of the class, which stands for all.
    port: u16,
    first: u16,
    last: u16,
    /// Fail in every reading.
    least: Addrs,
    /// Fail in some reading.
    most: Addrs,
}

/// A kind of fault and the packets that may meet it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Dropped(usize),
    Elsewhere(usize),
    Port(usize),
    NoForward(usize),
}

impl Outcome<'_> {
    const fn kind(&self) -> Option<Kind> {
        Some(match *self {
            Self::Dropped { device, .. } => Kind::Dropped(device),
            Self::Elsewhere { device, .. } => Kind::Elsewhere(device),
            Self::Port { device, .. } => Kind::Port(device),
            Self::NoForward { device } => Kind::NoForward(device),
            Self::Arrived | Self::Unknown(_) => return None,
        })
    }

    /// The device that decides; none: it arrived.
    const fn stops_at(&self) -> Option<usize> {
        match self {
            Self::Arrived => None,
            Self::Unknown(doubt) => Some(doubt.device),
            Self::Dropped { device, .. } | Self::Elsewhere { device, .. } | Self::Port { device, .. } | Self::NoForward { device } => {
                Some(*device)
            }
        }
    }
}

impl<'a> Trip<'_, 'a> {
    /// The answer for peers with any of `peers`' addresses.
    pub(super) fn answer(self, peers: &Addrs) -> Answer<'a> {
        let Walked { outcomes, mut notes } = self.walk(Region::new(peers, Ports::any()), false);
        let shadowed = shadowed(&mut notes);
        let verdict = self.verdict(peers, &outcomes, &notes, &shadowed);
        Answer { service: self.service, verdict, shadowed }
    }

    /// The answer up to the first device that stops packets, or may.
    pub(super) fn first_stop(self, peers: &Addrs) -> Answer<'a> {
        let Walked { outcomes, mut notes } = self.walk(Region::new(peers, Ports::any()), false);
        let shadowed = shadowed(&mut notes);
        let last = self.path.devices.len().saturating_sub(1);
        let near = (0..last).map(|far| Self { far, ..self }.verdict(peers, &outcomes, &notes, &shadowed));
        let stop = near.into_iter().find(|verdict| !matches!(verdict, Verdict::Passes));
        let verdict = stop.unwrap_or_else(|| self.verdict(peers, &outcomes, &notes, &shadowed));
        Answer { service: self.service, verdict, shadowed }
    }

    fn verdict(&self, peers: &Addrs, outcomes: &[(Outcome<'a>, Region)], notes: &Notes<'a>, shadowed: &[Shadowed<'a>]) -> Verdict<'a> {
        if notes.budget.is_spent() {
            return Verdict::Undecided(self.path.unstated(0, "the lists overlap in too many ways to follow"));
        }
        if outcomes.iter().all(|(outcome, _)| outcome.stops_at().is_none_or(|device| device > self.far)) {
            return Verdict::Passes;
        }
        let slices = slices(peers, outcomes, self.far);
        let total = peers.size();
        let class = |set: fn(&Slice) -> &Addrs| {
            if self.shuts_out(&slices, set, total) {
                Class::Fails
            } else if self.loss(&slices, set, total) > self.path.tolerated {
                Class::Restricted
            } else {
                Class::Passes
            }
        };
        let (least, most) = (class(|slice| &slice.least), class(|slice| &slice.most));
        if least != most {
            return Verdict::Undecided(self.doubt(outcomes, notes, &slices));
        }
        match least {
            Class::Passes => Verdict::Passes,
            Class::Restricted => self.restricted(total, &slices, shadowed),
            Class::Fails => self.fails(outcomes, notes, &slices, shadowed),
        }
    }

    fn fails(&self, outcomes: &[(Outcome<'a>, Region)], notes: &Notes<'a>, slices: &[Slice], shadowed: &[Shadowed<'a>]) -> Verdict<'a> {
        let mut kinds: Vec<(Kind, u64, &Region)> = Vec::new();
        for (outcome, region) in outcomes {
            let Some(kind) = self.counted(outcome) else { continue };
            let size = slices.iter().map(|slice| size_at(region, slice.port)).sum();
            match kinds.iter_mut().find(|(other, ..)| *other == kind) {
                Some((_, sum, largest)) => {
                    if size > *sum {
                        *largest = region;
                    }
                    *sum += size;
                }
                None => kinds.push((kind, size, region)),
            }
        }
        if kinds.len() > 1 && !notes.doubts.is_empty() && slices.iter().any(|slice| self.kinds_overlap(outcomes, slice.port)) {
            return Verdict::Undecided(self.doubt(outcomes, notes, slices));
        }
        let largest = kinds.iter().fold(None, |best: Option<&(Kind, u64, &Region)>, kind| match best {
            Some(best) if best.1 >= kind.1 => Some(best),
            _ => Some(kind),
        });
        let (port, source) = largest.and_then(|(_, _, region)| pick(slices, |port| at(region, port))).unwrap_or((SOURCE_PORT, SOURCE));
        match self.replay(source, port) {
            (Some(fault), witness) => Verdict::Fails(self.refine(fault, source, port, shadowed), witness),
            (None, _) => Verdict::Undecided(self.doubt(outcomes, notes, slices)),
        }
    }

    fn restricted(&self, total: u64, slices: &[Slice], shadowed: &[Shadowed<'a>]) -> Verdict<'a> {
        let everywhere = slices.iter().skip(1).fold(slices[0].least.clone(), |all, slice| all.intersection(&slice.least));
        let by_port = self.loss(slices, |s| &s.least, total) - ratio(everywhere.size(), total) > self.path.tolerated;
        let denied = if by_port { union(slices.iter().map(|slice| &slice.least)) } else { everywhere };
        let (port, source) = pick(slices, |port| slices.iter().find(|s| s.port == port).map_or(Addrs::none(), |s| s.least.clone()))
            .unwrap_or((SOURCE_PORT, SOURCE));
        let (fault, witness) = self.replay(source, port);
        let Some(fault) = fault else {
            return Verdict::Undecided(self.path.unstated(0, "the unknown lines decide who gets through"));
        };
        let fault = with_hidden(fault, shadowed);
        let denying = match fault {
            Fault::Dropped { by: By::Line(line), .. } => Some(line),
            _ => None,
        };
        let line = denying.filter(|line| narrows(line, self.direction)).or_else(|| self.admitting(slices)).or(denying);
        Verdict::Restricted(Restriction { fault, line, share: ratio(denied.size(), total), denied, by_port }, witness)
    }

    /// The line that lets only some peers pass: the last narrow one that a passing packet meets.
    fn admitting(&self, slices: &[Slice]) -> Option<&'a Line> {
        let slice = slices.iter().find(|slice| !slice.most.is_any() && slice.most.complement().meets(&Addrs::public()))?;
        let source = slice.most.complement().intersection(&Addrs::public()).first()?;
        let (_, witness) = self.replay(source, slice.port);
        let steps = witness.steps.iter().rev().filter(|step| step.device <= self.far);
        steps.filter_map(|step| step.by.line()).find(|line| narrows(line, self.direction))
    }

    /// Follows one packet, taking unknown lines not to match.
    fn replay(&self, source: Ipv4Addr, port: u16) -> (Option<Fault<'a>>, Witness<'a>) {
        let Walked { outcomes, notes } = self.walk(point(source, port), true);
        let fault = outcomes.iter().find_map(|(outcome, _)| {
            Some(match *outcome {
                Outcome::Dropped { device, by } => Fault::Dropped { device, by, shadowed: None },
                Outcome::Elsewhere { device, line, to } => Fault::Elsewhere { device, line, to },
                Outcome::Port { device, line, to } => Fault::PortTranslated { device, line, to },
                Outcome::NoForward { device } => Fault::NoForward { device, opens: None },
                Outcome::Arrived | Outcome::Unknown(_) => return None,
            })
        });
        (fault, Witness { packet: self.packet(source, port), steps: notes.steps })
    }

    fn packet(&self, peer: Ipv4Addr, port: u16) -> Packet {
        let Service { protocol, port: fixed } = self.service;
        let free = fixed.map(|_| port);
        let mx = self.source();
        match self.direction {
            Direction::Inward => Packet { protocol, source: peer, source_port: free, destination: self.path.aim, destination_port: fixed },
            Direction::Answer => Packet {
                protocol,
                source: mx.unwrap_or(Ipv4Addr::UNSPECIFIED),
                source_port: fixed,
                destination: Some(peer),
                destination_port: free,
            },
            Direction::Outward => Packet {
                protocol,
                source: mx.unwrap_or(Ipv4Addr::UNSPECIFIED),
                source_port: free,
                destination: Some(peer),
                destination_port: fixed,
            },
        }
    }

    /// The more exact fault: the port is open for TCP only, or towards the device itself.
    fn refine(&self, fault: Fault<'a>, source: Ipv4Addr, port: u16, shadowed: &[Shadowed<'a>]) -> Fault<'a> {
        if self.direction == Direction::Inward
            && let Some(line) = self.for_another_protocol(&fault, source, port)
        {
            return Fault::WrongProtocol { device: fault.device(), line };
        }
        match with_hidden(fault, shadowed) {
            Fault::NoForward { device, .. } => Fault::NoForward { device, opens: self.opens_itself(device, point(source, port)) },
            fault => fault,
        }
    }

    /// The line that would take a TCP packet where the UDP packet fails: in the filter behind the translation, else in what stands before it.
    fn for_another_protocol(&self, fault: &Fault<'a>, source: Ipv4Addr, port: u16) -> Option<&'a Line> {
        let wanted = self.service.port?;
        if self.service.protocol != Protocol::Udp {
            return None;
        }
        let stages: &[Stage] = match fault {
            Fault::NoForward { .. } => &[Stage::Translation, Stage::Early],
            Fault::Dropped { by, .. } if by.line().is_none_or(|line| !line.names_port(wanted)) => {
                &[Stage::Filter, Stage::Translation, Stage::Early]
            }
            _ => return None,
        };
        stages.iter().find_map(|stage| {
            let twin = Trip { tcp_from: Some((fault.device(), *stage)), ..*self };
            let Walked { outcomes, notes } = twin.walk(point(source, port), true);
            // A forward of TCP to some other host was never meant for the MX.
            let astray = |kind| Some(kind) == kind_of(fault) || matches!(kind, Kind::Elsewhere(_));
            if outcomes.iter().any(|(outcome, _)| outcome.kind().is_some_and(astray)) {
                return None;
            }
            let excludes =
                |line: &Line| line.matches.protocol.value().is_some_and(|set| !set.contains(Protocol::Udp)) && line.names_port(wanted);
            // Where no forward takes the packet, the forward is at fault, not the permit behind it.
            let fits = |line: &Line| !matches!(fault, Fault::NoForward { .. }) || matches!(line.action, Action::Translate(_));
            let steps = notes.steps.iter().rev().filter(|step| step.device == fault.device());
            steps.filter_map(|step| step.by.line()).find(|line| excludes(line) && fits(line))
        })
    }

    /// What to name when readings differ: the first unknown that concerns packets on which they differ.
    fn doubt(&self, outcomes: &[(Outcome<'a>, Region)], notes: &Notes<'a>, slices: &[Slice]) -> Doubt<'a> {
        let concerns = |region: &Region| slices.iter().any(|s| at(region, s.port).meets(&s.most.minus(&s.least)));
        let outcome = outcomes.iter().find_map(|(outcome, region)| match outcome {
            Outcome::Unknown(doubt) if doubt.device <= self.far && concerns(region) => Some(doubt),
            _ => None,
        });
        let near = || notes.doubts.iter().filter(|(doubt, _)| doubt.device <= self.far);
        let line = || near().find(|(_, region)| concerns(region)).or(near().next()).map(|(doubt, _)| doubt);
        outcome.or_else(line).cloned().unwrap_or_else(|| self.path.unstated(0, "the unknown lines decide what happens"))
    }

    /// The kind of a fault, at a device that counts.
    fn counted(&self, outcome: &Outcome<'_>) -> Option<Kind> {
        outcome.kind().filter(|_| outcome.stops_at().is_some_and(|device| device <= self.far))
    }

    /// Whether a packet has outcomes of two kinds.
    fn kinds_overlap(&self, outcomes: &[(Outcome<'_>, Region)], port: u16) -> bool {
        let mut sets: Vec<(Kind, Vec<(u32, u32)>)> = Vec::new();
        for (outcome, region) in outcomes {
            let Some(kind) = self.counted(outcome) else { continue };
            let i = sets.iter().position(|(other, _)| *other == kind).unwrap_or_else(|| {
                sets.push((kind, Vec::new()));
                sets.len() - 1
            });
            region.addrs_at(port, &mut sets[i].1);
        }
        let sets: Vec<Addrs> = sets.into_iter().map(|(_, ranges)| Addrs::from_ranges(ranges)).collect();
        let sum: u64 = sets.iter().map(Addrs::size).sum();
        union(sets.iter()).size() < sum
    }

    /// Whether a set of failing packets leaves nobody a way: all of them, or all but those from a few source ports that clients do not use (what a
    /// permit for the answers of resolvers lets in).
    fn shuts_out(&self, slices: &[Slice], set: fn(&Slice) -> &Addrs, total: u64) -> bool {
        // Clients without NAT in front send from 500 or 4500, whichever they send to.
        let own =
            |s: &Slice| [Some(500), Some(4500), self.service.port].into_iter().flatten().any(|port| (s.first..=s.last).contains(&port));
        let open = slices.iter().filter(|s| set(s).size() != total);
        let (ports, by_own) = open.fold((0.0, false), |(all, any), s| (all + f64::from(s.last - s.first) + 1.0, any || own(s)));
        !by_own && ports / 65536.0 <= self.path.tolerated
    }

    /// The share of packets that a set of failing ones amounts to. Clients without NAT in front use the service's own port as source, so that
    /// its loss counts in full; that of a few other source ports (0, 19, 53, 123: common hygiene) hardly does.
    fn loss(&self, slices: &[Slice], set: fn(&Slice) -> &Addrs, total: u64) -> f64 {
        let own = self.service.port.filter(|_| self.service.protocol == Protocol::Udp && self.direction != Direction::Outward);
        let own = own.and_then(|port| slices.iter().find(|s| (s.first..=s.last).contains(&port)));
        let all: f64 = slices.iter().map(|s| ratio(set(s).size(), total) * (f64::from(s.last - s.first) + 1.0) / 65536.0).sum();
        own.map_or(all, |own| all.max(ratio(set(own).size(), total)))
    }
}

/// Names the permit that a dropping line hides.
fn with_hidden<'a>(fault: Fault<'a>, shadowed: &[Shadowed<'a>]) -> Fault<'a> {
    let Fault::Dropped { device, by, .. } = fault else {
        return fault;
    };
    let hidden = by.line().and_then(|dropping| shadowed.iter().find(|s| s.by.iter().any(|taker| std::ptr::eq(*taker, dropping))));
    Fault::Dropped { device, by, shadowed: hidden.map(|s| s.line) }
}

fn kind_of(fault: &Fault<'_>) -> Option<Kind> {
    match *fault {
        Fault::Dropped { device, .. } => Some(Kind::Dropped(device)),
        Fault::NoForward { device, .. } => Some(Kind::NoForward(device)),
        _ => None,
    }
}

/// Whether a line is about some peers only.
fn narrows(line: &Line, direction: Direction) -> bool {
    let m = &line.matches;
    let (addrs, ports) = match direction {
        Direction::Inward => (&m.source, &m.source_ports),
        Direction::Answer => (&m.destination, &m.destination_ports),
        Direction::Outward => (&m.destination, &m.source_ports),
    };
    !(addrs.is_absent() || addrs.value().is_some_and(Addrs::is_any)) || !(ports.is_absent() || ports.value().is_some_and(Ports::is_any))
}

/// One slice per class of peer ports that no box tells apart.
fn slices(peers: &Addrs, outcomes: &[(Outcome<'_>, Region)], far: usize) -> Vec<Slice> {
    let mut starts = vec![0];
    for (_, region) in outcomes {
        for (first, last) in region.port_sets().flat_map(Ports::ranges) {
            starts.push(first);
            starts.extend(last.checked_add(1));
        }
    }
    starts.sort_unstable();
    starts.dedup();
    let slice = |(n, &first): (usize, &u16)| {
        let last = starts.get(n + 1).map_or(u16::MAX, |next| next - 1);
        // The preferred port stands for its class, so that the witness can have it.
        let port = if (first..=last).contains(&SOURCE_PORT) { SOURCE_PORT } else { first };
        let (mut good, mut bad, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
        for (outcome, region) in outcomes {
            let list = match outcome {
                _ if outcome.stops_at().is_none_or(|device| device > far) => &mut good,
                Outcome::Unknown(_) => &mut unknown,
                _ => &mut bad,
            };
            region.addrs_at(port, list);
        }
        let (good, bad, unknown) = (Addrs::from_ranges(good), Addrs::from_ranges(bad), Addrs::from_ranges(unknown));
        let most = if unknown.is_empty() { bad } else { bad.union(&unknown) };
        let surely_good = if most.is_empty() { good.clone() } else { good.minus(&most) };
        debug_assert_eq!(surely_good.union(&most).intersection(peers), *peers);
        let may_pass = if unknown.is_empty() { good } else { good.union(&unknown) };
        Slice { port, first, last, least: most.minus(&may_pass), most }
    };
    starts.iter().enumerate().map(slice).collect()
}

/// A port and an address from `of`, the preferred ones if they are in it.
fn pick(slices: &[Slice], of: impl Fn(u16) -> Addrs) -> Option<(u16, Ipv4Addr)> {
    let preferred = slices.iter().filter(|s| s.port == SOURCE_PORT);
    let sets: Vec<(u16, Addrs)> = preferred.chain(slices).map(|s| (s.port, of(s.port))).collect();
    let ideal = sets.iter().find(|(_, set)| set.contains(SOURCE)).map(|(port, _)| (*port, SOURCE));
    ideal.or_else(|| sets.iter().find_map(|(port, set)| set.first().map(|ip| (*port, ip))))
}

/// Leaves out lines that took packets somewhere else in the walk, for instance behind another translation.
fn shadowed<'a>(notes: &mut Notes<'a>) -> Vec<Shadowed<'a>> {
    let mut kept: Vec<Shadowed<'a>> = Vec::new();
    for one in notes.shadowed.drain(..) {
        let known = notes.met.iter().copied().chain(kept.iter().map(|other| other.line)).any(|line| std::ptr::eq(line, one.line));
        if !known {
            kept.push(one);
        }
    }
    kept
}

fn point(source: Ipv4Addr, port: u16) -> Region {
    Region::new(&Addrs::one(source), Ports::one(port))
}

fn at(region: &Region, port: u16) -> Addrs {
    let mut ranges = Vec::new();
    region.addrs_at(port, &mut ranges);
    Addrs::from_ranges(ranges)
}

fn size_at(region: &Region, port: u16) -> u64 {
    at(region, port).size()
}

fn union<'s>(sets: impl Iterator<Item = &'s Addrs>) -> Addrs {
    Addrs::from_ranges(sets.flat_map(|set| set.ranges().iter().copied()).collect())
}

#[expect(clippy::cast_precision_loss, reason = "at most 2^32 addresses")]
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
