//! One symbolic packet, and how a line's parts fit it.

use std::borrow::Cow;
use std::net::Ipv4Addr;

use crate::model::Field;
use crate::model::upstream::{Interfaces, Line};
use crate::net::region::Part;
use crate::net::{Addrs, Protocol};
use crate::source::Span;

/// What is known of an interface that a packet uses.
#[derive(Clone, Debug)]
pub(super) enum Way<'a> {
    /// It has one of these names: its own, its zones'.
    Known(Vec<&'a str>),
    /// It is another one than these.
    Not(Vec<&'a str>),
}

/// Which end of the flow the peers (the clients, or the cloud) are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// Peers send: their addresses and source ports are free.
    Inward,
    /// Answers to peers: their addresses and destination ports are free.
    Answer,
    /// The MX asks peers: their addresses and its own source ports are free.
    Outward,
}

/// A packet with a free peer address and a free port; everything else is fixed.
#[derive(Clone, Debug)]
pub(super) struct Flow<'a> {
    pub(super) direction: Direction,
    pub(super) protocol: Protocol,
    /// The address at the MX's end, as the list at hand sees it.
    pub(super) local: Option<Ipv4Addr>,
    /// The port that is not free.
    pub(super) port: Option<u16>,
    pub(super) established: bool,
    pub(super) translated: bool,
    /// Whether packets are for the device itself, as the list at hand sees them; none: not known.
    pub(super) to_itself: Option<bool>,
    pub(super) wan: &'a Way<'a>,
    pub(super) lan: &'a Way<'a>,
    /// Whether the packet is for the device's own WAN address.
    pub(super) itself: bool,
}

/// Why a line may or may not take a packet.
#[derive(Clone, Debug)]
pub(super) struct Why<'a> {
    pub(super) span: Span,
    pub(super) reason: Cow<'a, str>,
}

/// How a line fits a flow.
#[derive(Clone, Debug)]
pub(super) enum Fit<'a> {
    No,
    Yes(Part<'a>),
    Maybe(Part<'a>, Why<'a>),
}

enum Sides<'a> {
    No,
    All,
    Some(&'a Addrs),
}

impl Flow<'_> {
    /// How `line` fits. The cheap parts come first: most lines are about another protocol or port.
    pub(super) fn fit<'l>(&self, line: &'l Line) -> Fit<'l> {
        let m = &line.matches;
        let mut why: Option<Why<'l>> = None;
        if let Some(set) = m.protocol.value()
            && !set.contains(self.protocol)
        {
            return Fit::No;
        }
        let (fixed, free) = match self.direction {
            Direction::Answer => (&m.source_ports, &m.destination_ports),
            Direction::Inward | Direction::Outward => (&m.destination_ports, &m.source_ports),
        };
        if let Some(set) = fixed.value()
            && !set.is_any()
            && !self.port.is_some_and(|port| set.contains(port))
        {
            return Fit::No;
        }
        let ports = match free.value() {
            None => None,
            Some(set) if set.is_any() => None,
            Some(set) if set.is_empty() || self.port.is_none() => return Fit::No,
            Some(set) => Some(set),
        };
        let (local, peer) = match self.direction {
            Direction::Inward => (&m.destination, &m.source),
            Direction::Answer | Direction::Outward => (&m.source, &m.destination),
        };
        let addrs = match side(peer) {
            Sides::No => return Fit::No,
            Sides::All => None,
            Sides::Some(set) => Some(set),
        };
        if let (Sides::Some(set), Some(place)) = (side(local), local.span()) {
            match self.local {
                Some(address) if set.contains(address) => {}
                Some(_) => return Fit::No,
                None => note(&mut why, place, || {
                    let unknown = match self.direction {
                        Direction::Inward => "the address that packets are sent to is not known (`wan_ip`)",
                        Direction::Answer | Direction::Outward => {
                            "the address that the MX's packets come from is not known (`ip`, `wan_ip`)"
                        }
                    };
                    unknown.into()
                }),
            }
        } else if let Sides::No = side(local) {
            return Fit::No;
        }
        if let Some(states) = m.state.value()
            && !(if self.established { states.established } else { states.new })
        {
            return Fit::No;
        }
        if m.translated.value().is_some_and(|wanted| *wanted != self.translated) {
            return Fit::No;
        }
        if let Some(wanted) = m.to_itself.known() {
            match self.to_itself {
                Some(is) if is == wanted.value => {}
                Some(_) => return Fit::No,
                None => note(&mut why, wanted.span, || "the address that packets are sent to is not known (`wan_ip`)".into()),
            }
        }
        // What is on its way to or from the MX did not come out of a tunnel of this device.
        if m.decrypted.value() == Some(&true) {
            return Fit::No;
        }
        if m.itself.value().is_some_and(|wanted| *wanted != self.itself) {
            return Fit::No;
        }
        let (in_way, out_way) = if self.direction == Direction::Inward { (self.wan, self.lan) } else { (self.lan, self.wan) };
        for (part, way) in [(&m.in_interface, in_way), (&m.out_interface, out_way)] {
            match part.known().map(|set| way.fits(&set.value)) {
                None | Some(Some(true)) => {}
                Some(Some(false)) => return Fit::No,
                Some(None) => note(&mut why, part.span().unwrap_or(line.span), || {
                    "which interface the packet uses is not known (`wan_interface`)".into()
                }),
            }
        }
        if let Some(opaque) = m.first_opaque() {
            why.get_or_insert(Why { span: opaque.span, reason: Cow::Borrowed(&opaque.reason) });
        }
        let part = Part { addrs, ports };
        match why {
            None => Fit::Yes(part),
            Some(why) => Fit::Maybe(part, why),
        }
    }
}

fn note<'a>(why: &mut Option<Why<'a>>, span: Span, reason: impl FnOnce() -> Cow<'a, str>) {
    why.get_or_insert_with(|| Why { span, reason: reason() });
}

fn side(field: &Field<Addrs>) -> Sides<'_> {
    match field.value() {
        None => Sides::All,
        Some(set) if set.is_any() => Sides::All,
        Some(set) if set.is_empty() => Sides::No,
        Some(set) => Sides::Some(set),
    }
}

impl Way<'_> {
    /// Whether the interface is among `set`; none: not known. What passes through never uses the loop-back.
    fn fits(&self, set: &Interfaces) -> Option<bool> {
        if set.names.iter().all(|name| matches!(&**name, "lo" | "lo0")) {
            return Some(set.negated);
        }
        match self {
            Self::Known(names) => Some(set.hold(names.iter().copied())),
            Self::Not(others) => set.names.iter().all(|name| others.contains(&&**name)).then_some(set.negated),
        }
    }
}
