//! A region of packets through one device after the other: early lists, translation, filter; or the way back.

use std::net::Ipv4Addr;

use super::Path;
use super::chain::{Effect, Notes, Pass};
use super::flow::{Direction, Flow, Way};
use super::outcome::{By, Doubt};
use crate::model::Field;
use crate::model::upstream::{ChainId, Device, Line, Nat, Replies, Target, ToPort, Translation};
use crate::net::region::Region;
use crate::net::{Addrs, Protocol, Service};
use crate::source::Span;

/// The interfaces that packets for the MX use on one device.
#[derive(Debug)]
pub(super) struct Ways<'a> {
    wan: Way<'a>,
    lan: Way<'a>,
}

/// What became of some packets.
#[derive(Clone, Debug)]
pub(super) enum Outcome<'a> {
    Arrived,
    Dropped { device: usize, by: By<'a> },
    Elsewhere { device: usize, line: &'a Line, to: Option<Ipv4Addr> },
    Port { device: usize, line: &'a Line, to: u16 },
    NoForward { device: usize },
    Unknown(Doubt<'a>),
}

/// One query under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trip<'p, 'a> {
    pub(super) path: &'p Path<'a>,
    pub(super) service: Service,
    pub(super) direction: Direction,
    /// From where on the packet is taken for a TCP one: the question "would TCP have passed here?".
    pub(super) tcp_from: Option<(usize, Stage)>,
    /// The last device that counts: what those behind it do is left out of the verdict.
    pub(super) far: usize,
}

/// Parts of a device that packets meet one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Lists before translation.
    Early,
    /// Translation.
    Translation,
    /// The filter.
    Filter,
}

/// Where packets go at this point, and what changed their port.
#[derive(Clone, Copy, Debug)]
struct Head<'a> {
    to: Option<Ipv4Addr>,
    port: Option<u16>,
    moved: Option<(usize, &'a Line)>,
}

/// What a walk gathers.
#[derive(Debug)]
pub(super) struct Walked<'a> {
    pub(super) outcomes: Vec<(Outcome<'a>, Region)>,
    pub(super) notes: Notes<'a>,
}

impl<'a> Ways<'a> {
    /// `wan_interface`, else the interface that holds the WAN address, else the one that the forwards name.
    pub(super) fn of(device: &'a Device, targets: &[Ipv4Addr]) -> Self {
        let Some(wan_names) = device.wan_names() else {
            return Self { wan: Way::Not(Vec::new()), lan: Way::Not(Vec::new()) };
        };
        let inner = targets.iter().find_map(|ip| device.interface_with(*ip)).filter(|name| Some(name) != wan_names.first());
        let lan = match inner.or_else(|| only_other(device, &wan_names)) {
            Some(name) => Way::Known(device.with_groups(name)),
            None => Way::Not(wan_names.clone()),
        };
        Self { wan: Way::Known(wan_names), lan }
    }
}

/// The only interface besides the WAN that lines name.
fn only_other<'a>(device: &'a Device, wan: &[&str]) -> Option<&'a str> {
    let mut found = None;
    for (_, line) in device.lines() {
        for part in [&line.matches.in_interface, &line.matches.out_interface] {
            let Some(set) = part.value() else { continue };
            for name in &set.names {
                if name.ends_with('*') || set.negated && !wan.contains(&&**name) {
                    return None;
                }
                if wan.contains(&&**name) || matches!(&**name, "lo" | "lo0") || found == Some(&**name) {
                    continue;
                }
                if found.is_some() {
                    return None;
                }
                found = Some(&**name);
            }
        }
    }
    found
}

impl<'a> Trip<'_, 'a> {
    /// Walks `region` from one end to the other.
    pub(super) fn walk(self, region: Region, replay: bool) -> Walked<'a> {
        let mut walked = Walked { outcomes: Vec::new(), notes: Notes::new(replay) };
        match self.direction {
            Direction::Inward => {
                self.enter(0, Head { to: self.path.aim, port: self.service.port, moved: None }, region, &mut walked);
            }
            Direction::Answer | Direction::Outward => self.leave(region, &mut walked),
        }
        walked
    }

    /// The line that lets a packet of `region` into device `k` itself.
    pub(super) fn opens_itself(self, k: usize, region: Region) -> Option<&'a Line> {
        let device = self.path.devices[k];
        let to = if k == 0 { self.path.aim } else { self.path.wan_ip(k) };
        let mut notes = Notes::new(true);
        let mut opens = None;
        let mut rest = region;
        for id in device.input.items() {
            let mut pass = Pass::new(device, k, self.flow(k, to, self.service.port, Stage::Translation, false), &mut notes);
            pass.base(*id, rest);
            opens = opens.or_else(|| {
                let lines = pass.pieces.iter().filter(|piece| matches!(piece.effect, Effect::Permit)).filter_map(|piece| piece.by.line());
                lines.into_iter().find(|line| self.service.port.is_none_or(|port| line.names_port(port)))
            });
            rest = pass.permitted();
            if rest.is_empty() {
                return None;
            }
        }
        opens
    }

    fn flow(&self, k: usize, local: Option<Ipv4Addr>, port: Option<u16>, stage: Stage, translated: bool) -> Flow<'_> {
        let ways = &self.path.ways[k];
        let as_tcp = self.tcp_from.is_some_and(|from| from <= (k, stage));
        Flow {
            direction: self.direction,
            protocol: if as_tcp { Protocol::Tcp } else { self.service.protocol },
            local,
            port,
            established: false,
            translated,
            to_itself: self.is_for_itself(k, local, stage, translated),
            wan: &ways.wan,
            lan: &ways.lan,
            itself: !translated && self.direction == Direction::Inward && self.is_own(k, local),
        }
    }

    /// Whether a packet for `local` is for device `k` itself: only what comes from the internet and is not translated yet may be.
    fn is_for_itself(&self, k: usize, local: Option<Ipv4Addr>, stage: Stage, translated: bool) -> Option<bool> {
        if self.direction != Direction::Inward || stage == Stage::Filter || translated {
            return Some(false);
        }
        let own = self.path.wan_ip(k);
        match local {
            Some(to) if self.onward(k, to) => Some(false),
            Some(to) if Some(to) == own => Some(true),
            _ => None,
        }
    }

    /// Whether a packet for `to` behind device `k` is on its way to the MX: its own address, or a later device's.
    fn onward(&self, k: usize, to: Ipv4Addr) -> bool {
        self.path.targets.contains(&to) || (k + 1..self.path.devices.len()).any(|later| self.path.wan_ip(later) == Some(to))
    }

    /// Whether `to` is device `k`'s own WAN address. What nothing tells apart from it is.
    fn is_own(&self, k: usize, to: Option<Ipv4Addr>) -> bool {
        match (to, self.path.wan_ip(k)) {
            (Some(to), Some(own)) => to == own,
            (Some(to), None) => !self.onward(k, to),
            (None, _) => true,
        }
    }

    /// Whether some address behind device `k` that packets may rightly go to is not known.
    fn onward_unknown(&self, k: usize) -> bool {
        let later = &self.path.devices[k + 1..];
        self.path.targets.is_empty() || later.iter().any(|device| device.nat != Nat::Never && device.wan_ip.value().is_none())
    }

    fn enter(&self, k: usize, head: Head<'a>, region: Region, walked: &mut Walked<'a>) {
        if region.is_empty() {
            return;
        }
        let Some(device) = self.path.devices.get(k).copied() else {
            walked.outcomes.push((self.at_the_mx(head), region));
            return;
        };
        let flow = self.flow(k, head.to, head.port, Stage::Early, false);
        let region = filter(device, k, &flow, &device.early, region, walked);
        let flow = self.flow(k, head.to, head.port, Stage::Translation, false);
        let routed = head.to.is_some_and(|to| self.onward(k, to));
        let lists: &[ChainId] = match &device.nat {
            Nat::Never => {
                self.forward(k, head, false, false, region, walked);
                return;
            }
            Nat::Unknown if routed => &[],
            // A forward by hand is for the device's own address, not for one that it routes.
            Nat::Chains(_) if routed && !device.exported && self.path.wan_ip(k).is_some_and(|own| Some(own) != head.to) => &[],
            Nat::Unknown => {
                walked.outcomes.push((
                    Outcome::Unknown(self.path.unstated(k, "nothing says what the device forwards (`forwards`, or its export)")),
                    region,
                ));
                return;
            }
            Nat::Chains(lists) => lists,
        };
        let mut groups: Vec<(&'a Line, &'a Translation, Region)> = Vec::new();
        let mut rest = region;
        for id in lists {
            let mut pass = Pass::new(device, k, flow.clone(), &mut walked.notes);
            pass.base(*id, rest);
            rest = pass.permitted();
            for piece in pass.pieces {
                match (piece.effect, piece.by) {
                    (Effect::Translate(to), By::Line(line)) => match groups.iter_mut().find(|(_, other, _)| same(other, to)) {
                        Some((_, _, all)) => all.absorb(piece.region, &mut walked.notes.budget),
                        None => groups.push((line, to, piece.region)),
                    },
                    (Effect::Deny, by) => walked.outcomes.push((Outcome::Dropped { device: k, by }, piece.region)),
                    (Effect::Unknown(opaque), by) => {
                        walked.outcomes.push((unknown(k, by, opaque), piece.region));
                    }
                    _ => {}
                }
            }
            if rest.is_empty() {
                break;
            }
        }
        for (line, to, region) in groups {
            self.translate(k, head, (line, to), region, walked);
        }
        if rest.is_empty() {
            return;
        }
        if routed {
            self.forward(k, head, false, false, rest, walked);
        } else {
            walked.outcomes.push((Outcome::NoForward { device: k }, rest));
        }
    }

    /// Sends packets on to where a forward says.
    fn translate(&self, k: usize, head: Head<'a>, (line, to): (&'a Line, &'a Translation), region: Region, walked: &mut Walked<'a>) {
        let new = self.new_host(k, head, line, &to.to).and_then(|host| Ok((host, new_port(k, head, line, &to.to_port)?)));
        let (host, port) = match new {
            Ok(new) => new,
            Err(outcome) => {
                walked.outcomes.push((*outcome, region));
                return;
            }
        };
        let moved = if port == head.port { head.moved } else { Some((k, line)) };
        // A forward to where the packet goes anyway leaves no mark.
        let translated = (Some(host), port) != (head.to, head.port);
        let head = Head { to: Some(host), port, moved };
        let last = self.path.devices[k + 1..].iter().all(|device| device.nat == Nat::Never);
        if last && port != self.service.port {
            walked.outcomes.push((self.at_the_mx(head), region));
            return;
        }
        self.forward(k, head, translated, to.permits, region, walked);
    }

    /// The host that a forward chooses, if it is one on the way to the MX.
    fn new_host(&self, k: usize, head: Head<'a>, line: &'a Line, to: &'a Target) -> Result<Ipv4Addr, Box<Outcome<'a>>> {
        let elsewhere = |to| {
            let device = self.path.devices[k];
            let routed = head.to.is_some_and(|to| self.onward(k, to));
            if routed && !device.exported && device.wan_ip.value().is_none() {
                return Err(Box::new(doubt(k, line, line.span, "whether the forward is for the MX's own address is not known (`wan_ip`)")));
            }
            Err(Box::new(Outcome::Elsewhere { device: k, line, to }))
        };
        let host = match to {
            Target::Host(host) => host.value,
            Target::OneOf(range) if range.value.0 == range.value.1 => range.value.0,
            Target::Device(_) => return elsewhere(None),
            Target::OneOf(range) => {
                let reach = Addrs::range(range.value.0, range.value.1);
                let later = (k + 1..self.path.devices.len()).filter_map(|later| self.path.wan_ip(later));
                if self.onward_unknown(k) || self.path.targets.iter().copied().chain(later).any(|ip| reach.contains(ip)) {
                    return Err(Box::new(doubt(k, line, range.span, "the forward goes to one of several hosts")));
                }
                return elsewhere(None);
            }
            Target::Net(nets) => {
                let (from, new) = nets.value;
                let Some(old) = head.to.filter(|ip| from.contains(ip)) else {
                    return Err(Box::new(doubt(k, line, nets.span, "the address that packets are sent to is not known (`wan_ip`)")));
                };
                let offset = u32::from(old) - u32::from(from.network());
                Ipv4Addr::from(u32::from(new.network()).wrapping_add(offset))
            }
            Target::Opaque(opaque) => return Err(Box::new(unknown(k, By::Line(line), opaque))),
        };
        if self.onward(k, host) || self.onward_unknown(k) { Ok(host) } else { elsewhere(Some(host)) }
    }

    /// The device's filter for what goes through it, then the next device.
    fn forward(&self, k: usize, head: Head<'a>, translated: bool, permitted: bool, region: Region, walked: &mut Walked<'a>) {
        let device = self.path.devices[k];
        let to = if device.sees_inner { self.path.targets.first().copied() } else { head.to };
        let flow = self.flow(k, to, head.port, Stage::Filter, translated);
        let passed = if permitted {
            region
        } else {
            match &device.forward {
                Field::Known(lists) => filter(device, k, &flow, &lists.value, region, walked),
                Field::Opaque(opaque) => {
                    let doubt = Doubt { device: k, line: opaque.span, part: opaque.span, reason: (&*opaque.reason).into() };
                    walked.outcomes.push((Outcome::Unknown(doubt), region));
                    return;
                }
                Field::Absent => {
                    walked.outcomes.push((
                        Outcome::Unknown(
                            self.path.unstated(k, "nothing says what the device's filter permits (`rules` or `default_action`)"),
                        ),
                        region,
                    ));
                    return;
                }
            }
        };
        let passed = filter(device, k, &flow, &device.exits, passed, walked);
        self.enter(k + 1, head, passed, walked);
    }

    fn at_the_mx(&self, head: Head<'a>) -> Outcome<'a> {
        match (head.moved, head.port) {
            (Some((device, line)), Some(to)) if head.port != self.service.port => Outcome::Port { device, line, to },
            _ => match head.to {
                Some(_) if self.path.targets.is_empty() => {
                    Outcome::Unknown(self.path.unstated(self.path.devices.len().saturating_sub(1), "the MX's own address is not known"))
                }
                _ => Outcome::Arrived,
            },
        }
    }

    /// The address that the MX sends from.
    pub(super) fn source(&self) -> Option<Ipv4Addr> {
        if self.direction == Direction::Outward { self.path.own } else { self.path.targets.first().copied() }
    }

    /// From the MX to the internet.
    fn leave(&self, mut region: Region, walked: &mut Walked<'a>) {
        let mut source = self.source();
        for k in (0..self.path.devices.len()).rev() {
            let device = self.path.devices[k];
            let answer = self.direction == Direction::Answer;
            let after = match &device.nat {
                Nat::Never => source,
                _ if source.is_some_and(|ip| Addrs::public().contains(ip)) => source,
                _ if k == 0 => self.path.aim,
                _ => self.path.wan_ip(k),
            };
            if answer && device.replies == Replies::PassWithFlow {
                source = after;
                continue;
            }
            // Connection tracking knows an answer by its flow, whose destination was translated.
            let translated = answer && device.replies == Replies::AsEstablished && after != source;
            let mut flow = self.flow(k, source, self.service.port, Stage::Filter, translated);
            flow.established = answer && device.replies == Replies::AsEstablished;
            region = match &device.outbound {
                Field::Known(lists) => filter(device, k, &flow, &lists.value, region, walked),
                Field::Opaque(opaque) => {
                    let doubt = Doubt { device: k, line: opaque.span, part: opaque.span, reason: (&*opaque.reason).into() };
                    walked.outcomes.push((Outcome::Unknown(doubt), region));
                    return;
                }
                Field::Absent => {
                    walked
                        .outcomes
                        .push((Outcome::Unknown(self.path.unstated(k, "nothing says what may leave through the device")), region));
                    return;
                }
            };
            source = after;
            flow.local = source;
            region = filter(device, k, &flow, &device.late, region, walked);
            if region.is_empty() {
                return;
            }
        }
        walked.outcomes.push((Outcome::Arrived, region));
    }
}

/// Sends `region` through the lists, and gives what passes all of them.
fn filter<'a>(device: &'a Device, k: usize, flow: &Flow<'_>, lists: &[ChainId], mut region: Region, walked: &mut Walked<'a>) -> Region {
    for id in lists {
        if region.is_empty() {
            break;
        }
        let mut pass = Pass::new(device, k, flow.clone(), &mut walked.notes);
        pass.base(*id, region);
        region = pass.permitted();
        for piece in pass.pieces {
            match piece.effect {
                Effect::Permit => {}
                Effect::Deny => walked.outcomes.push((Outcome::Dropped { device: k, by: piece.by }, piece.region)),
                Effect::Unknown(opaque) => walked.outcomes.push((unknown(k, piece.by, opaque), piece.region)),
                Effect::Translate(_) => debug_assert!(false, "a filter does not translate"),
            }
        }
    }
    region
}

fn unknown<'a>(device: usize, by: By<'a>, opaque: &'a crate::model::Opaque) -> Outcome<'a> {
    Outcome::Unknown(Doubt { device, line: by.span(), part: opaque.span, reason: (&*opaque.reason).into() })
}

fn doubt<'a>(k: usize, line: &'a Line, part: Span, reason: &'static str) -> Outcome<'a> {
    Outcome::Unknown(Doubt { device: k, line: line.span, part, reason: reason.into() })
}

/// The port that a forward chooses.
fn new_port<'a>(k: usize, head: Head<'a>, line: &'a Line, to: &'a ToPort) -> Result<Option<u16>, Box<Outcome<'a>>> {
    let Some(port) = head.port else {
        return Ok(None);
    };
    Ok(Some(match to {
        ToPort::Same => port,
        ToPort::Range(ports) if (ports.value.0..=ports.value.1).contains(&port) => port,
        ToPort::Range(ports) if ports.value.0 == ports.value.1 => ports.value.0,
        ToPort::Range(ports) => {
            return Err(Box::new(doubt(k, line, ports.span, "the forward goes to one of several ports")));
        }
        ToPort::Shift(ports) => port.wrapping_sub(ports.value.0).wrapping_add(ports.value.1),
        ToPort::Opaque(opaque) => return Err(Box::new(unknown(k, By::Line(line), opaque))),
    }))
}

/// Whether two forwards send packets to the same place, wherever they stand.
fn same(a: &Translation, b: &Translation) -> bool {
    let host = |t: &Translation| match &t.to {
        Target::Host(host) => Some(host.value),
        _ => None,
    };
    let port = |t: &Translation| match &t.to_port {
        ToPort::Same => Some(None),
        ToPort::Range(ports) => Some(Some(ports.value)),
        _ => None,
    };
    a.permits == b.permits && host(a).is_some() && host(a) == host(b) && port(a).is_some() && port(a) == port(b)
}
