//! Lines of upstream devices that name a port which matters to client VPN: looked for once a site, for all rules that ask.
//!
//! A line names a port when it stands alone, in a list or in a short range: a broad permit is not meant for it.

use crate::model::upstream::{Action, Chain, ChainId, Device, Line, Nat};
use crate::model::{Field, Opaque};
use crate::net::{Addrs, Ports, Protocol};

/// The longest range that still names its ports.
const SHORT: u32 = 10;

/// What the lines of one device name.
#[derive(Default)]
pub struct Named<'a> {
    /// A line that is on names 500 or 4500.
    pub ipsec: bool,
    /// Permits and forwards for port 50 or 51.
    pub esp: Vec<&'a Line>,
    /// Permits and forwards for UDP 1701, with their lists.
    pub l2tp: Vec<(ChainId, &'a Line)>,
    /// Permits and forwards for UDP whose ports cannot be known, with their lists.
    pub unknown: Vec<(ChainId, &'a Line, &'a Opaque)>,
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
        let ports = match &line.matches.destination_ports {
            Field::Known(ports) => &ports.value,
            Field::Opaque(opaque) if lets_in && carries_udp(line) => {
                self.unknown.push((id, line, opaque));
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

/// Lists that something from outside may meet: those of the hooks for it, and what they call.
pub fn met_from_outside(device: &Device) -> Vec<bool> {
    let forwards: &[ChainId] = if let Nat::Chains(lists) = &device.nat { lists } else { &[] };
    let mut met = vec![false; device.chains.len()];
    let mut open: Vec<ChainId> = [forwards, device.forward.items(), device.input.items()].concat();
    while let Some(id) = open.pop() {
        let Some(mark) = met.get_mut(id.0 as usize).filter(|mark| !**mark) else { continue };
        *mark = true;
        let calls = device.chain(id).into_iter().flat_map(|chain| &chain.lines).filter_map(|line| match line.action {
            Action::Jump(called) | Action::Goto(called) if line.enabled => Some(called),
            _ => None,
        });
        open.extend(calls);
    }
    met
}

/// Whether a packet from the internet can match, as far as source, state and interface tell.
pub fn is_for_outside(device: &Device, line: &Line) -> bool {
    let m = &line.matches;
    let public = m.source.value().is_none_or(|set| set.is_any() || set.meets(&Addrs::public()));
    let fresh = m.state.value().is_none_or(|states| states.new);
    let enters = match (m.in_interface.value(), wan_names(device)) {
        (Some(set), Some(wan)) => set.hold(wan),
        _ => true,
    };
    public && fresh && enters
}

/// Names of the interface where the internet is, when it is known: its own and its groups'.
fn wan_names(device: &Device) -> Option<Vec<&str>> {
    let holding = || {
        let ip = device.wan_ip.value()?;
        device.interfaces.iter().find(|i| i.net.value().is_some_and(|net| net.contains(ip))).map(|i| &*i.name)
    };
    let wan = device.wan_interface.value().map(|name| &**name).or_else(holding)?;
    let groups = device.interfaces.iter().filter(|i| &*i.name == wan).flat_map(|i| i.groups.iter().map(|g| &**g));
    Some(std::iter::once(wan).chain(groups).collect())
}
