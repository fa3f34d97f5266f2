//! Lines of upstream devices that name a port which matters to client VPN: looked for once a site, for all rules that ask.
//!
//! A line names a port when it stands alone, in a list or in a short range: a broad permit is not meant for it.

use std::borrow::Cow;

use crate::model::upstream::{Action, Chain, ChainId, Device, Interfaces, Line, Nat, Order};
use crate::model::{Field, Opaque};
use crate::net::{Addrs, Ports, Protocol, Service};

/// The longest range that still names its ports.
const SHORT: u32 = 10;

/// What the lines of one device name.
#[derive(Default)]
pub struct Named<'a> {
    /// A line that is on names 500 or 4500.
    pub ipsec: bool,
    /// Permits and forwards for port 50 or 51.
    pub esp: Vec<&'a Line>,
    /// A permit or forward whose ports cannot be known.
    pub unknown_port: Option<&'a Opaque>,
    /// Permits and forwards for UDP 1701, with their lists.
    pub l2tp: Vec<(ChainId, &'a Line)>,
    /// Permits and forwards for UDP whose ports cannot be known, with their lists.
    pub unknown: Vec<(ChainId, &'a Line)>,
    /// Lists that permit or forward 500 or 4500, with the first such line.
    pub lists: Vec<(&'a Chain, &'a Line)>,
}

impl<'a> Named<'a> {
    /// What the lines of `device` name.
    pub fn by(device: &'a Device) -> Self {
        let mut named = Self::default();
        for (n, chain) in device.chains.iter().enumerate() {
            let id = ChainId(n as u32);
            let mut lists_ipsec = false;
            for line in chain.lines.iter().filter(|line| line.enabled) {
                named.line(chain, id, line, &mut lists_ipsec);
            }
        }
        named
    }

    fn line(&mut self, chain: &'a Chain, id: ChainId, line: &'a Line, lists_ipsec: &mut bool) {
        let lets_in = matches!(line.action, Action::Permit | Action::Translate(_));
        if lets_in {
            self.unknown_port = self.unknown_port.or(line.matches.destination_ports.opaque());
        }
        let ports = match &line.matches.destination_ports {
            Field::Known(ports) => &ports.value,
            Field::Opaque(_) if lets_in && carries_udp(line) => {
                self.unknown.push((id, line));
                return;
            }
            _ => return,
        };
        let ipsec = ports_of_ipsec(ports);
        self.ipsec |= ipsec;
        if !lets_in {
            return;
        }
        if ipsec && carries_udp(line) && !*lists_ipsec {
            *lists_ipsec = true;
            self.lists.push((chain, line));
        }
        let by_range = ports.ranges().any(|(first, last)| matches!((first, last), (50, 50 | 51) | (51, 51)));
        if by_range || ports.names(50) || ports.names(51) {
            self.esp.push(line);
        }
        if carries_udp(line) && names(ports, 1701) {
            self.l2tp.push((id, line));
        }
    }
}

/// Whether `port` stands alone, in a list or in a short range.
pub fn names(ports: &Ports, port: u16) -> bool {
    ports.ranges().any(|(first, last)| first <= port && port <= last && u32::from(last - first) < SHORT)
}

/// Whether 500 or 4500 is named, be it as an end of a range: 500 to 4500 is meant for both.
fn ports_of_ipsec(ports: &Ports) -> bool {
    let end = |(first, last)| [500, 4500].iter().any(|port| *port == first || *port == last);
    ports.ranges().any(end) || names(ports, 500) || names(ports, 4500)
}

fn carries_udp(line: &Line) -> bool {
    line.matches.protocol.value().is_none_or(|set| set.contains(Protocol::Udp))
}

/// Whether anything is known of what the device forwards or permits.
pub fn describes_itself(device: &Device) -> bool {
    !device.chains.is_empty() || device.forward.known().is_some() || matches!(device.nat, Nat::Chains(_))
}

/// Whether a new packet from the internet meets something.
#[derive(Clone, PartialEq, Eq)]
pub enum Reach<'a> {
    /// Never.
    No,
    /// It depends on this.
    Perhaps(Cow<'a, str>),
    /// Yes.
    Yes,
}

impl Reach<'_> {
    const fn rank(&self) -> u8 {
        match self {
            Self::No => 0,
            Self::Perhaps(_) => 1,
            Self::Yes => 2,
        }
    }

    /// What has to pass both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        if other.rank() < self.rank() { other } else { self }
    }
}

/// Lists that a packet for `service` from the internet meets: those of the hooks for it, and what they call.
pub fn met_from_outside(device: &Device, service: Service) -> Vec<Reach<'_>> {
    let forwards: &[ChainId] = if let Nat::Chains(lists) = &device.nat { lists } else { &[] };
    met(device, &[forwards, device.forward.items(), device.input.items()].concat(), service)
}

/// The same for the lists behind some hooks.
pub fn met<'a>(device: &'a Device, hooks: &[ChainId], service: Service) -> Vec<Reach<'a>> {
    let mut met = vec![Reach::No; device.chains.len()];
    let mut open: Vec<(ChainId, Reach<'a>)> = hooks.iter().map(|id| (*id, Reach::Yes)).collect();
    while let Some((id, reach)) = open.pop() {
        let Some(mark) = met.get_mut(id.0 as usize).filter(|mark| mark.rank() < reach.rank()) else { continue };
        *mark = reach.clone();
        for line in device.chain(id).into_iter().flat_map(|chain| &chain.lines).filter(|line| line.enabled) {
            if let Action::Jump(called) | Action::Goto(called) = line.action {
                open.push((called, reach.clone().and(takes(device, line, service))));
            }
        }
    }
    met
}

/// Whether a line takes new packets for `service` from the internet.
pub fn takes<'a>(device: &'a Device, line: &'a Line, service: Service) -> Reach<'a> {
    let m = &line.matches;
    let carried = m.protocol.value().is_none_or(|set| set.contains(service.protocol))
        && service.port.is_none_or(|port| m.destination_ports.value().is_none_or(|ports| ports.contains(port)));
    let public = m.source.value().is_none_or(|set| set.meets(&Addrs::public()));
    let fresh = m.state.value().is_none_or(|states| states.new);
    // A packet from the internet comes in by the WAN interface, and leaves by another one.
    let ways = way(device, m.in_interface.value(), true).and(way(device, m.out_interface.value(), false));
    let plain = m.decrypted.value() != Some(&true);
    if !(carried && public && fresh && plain) || ways == Reach::No {
        return Reach::No;
    }
    m.first_opaque().map_or(ways, |opaque| Reach::Perhaps(Cow::Borrowed(&opaque.reason)))
}

fn way<'a>(device: &Device, wanted: Option<&Interfaces>, enters: bool) -> Reach<'a> {
    let Some(set) = wanted else { return Reach::Yes };
    let fits = match device.wan_names() {
        Some(wan) if enters => set.hold(wan),
        // Which of the other interfaces it leaves by does not matter here.
        Some(wan) => set.negated || set.names.iter().any(|name| !wan.contains(&&**name)),
        None if set.names.iter().all(|name| matches!(&**name, "lo" | "lo0")) => set.negated,
        None => return Reach::Perhaps("which interface the packet uses is not known (`wan_interface`)".into()),
    };
    if fits { Reach::Yes } else { Reach::No }
}

/// Whether a line above `line` denies every packet for `service` from the internet.
pub fn is_denied_above(device: &Device, chain: &Chain, line: &Line, service: Service) -> bool {
    let above = chain.lines.iter().take_while(|other| !std::ptr::eq(*other, line));
    let everything = |other: &Line| {
        let m = &other.matches;
        m.source.value().is_none_or(Addrs::is_any)
            && m.source_ports.is_absent()
            && m.destination.is_absent()
            && m.translated.is_absent()
            && m.itself.is_absent()
    };
    let denies = |other: &Line| other.enabled && matches!(other.action, Action::Deny) && everything(other);
    chain.order == Order::FirstMatch && above.into_iter().any(|other| denies(other) && takes(device, other, service) == Reach::Yes)
}
