//! What becomes of packets: plain data that rules read.

use std::borrow::Cow;
use std::fmt;
use std::net::Ipv4Addr;

use crate::model::upstream::{End, Line};
use crate::net::{Addrs, Packet, Service};
use crate::source::Span;

/// What decided: a line, or the end of a list.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    /// A line.
    Line(&'a Line),
    /// The default policy, stated or implicit.
    End(End),
}

impl<'a> By<'a> {
    /// The place to label.
    pub const fn span(&self) -> Span {
        match self {
            Self::Line(line) => line.span,
            Self::End(end) => end.span,
        }
    }

    /// The line, unless a default decided.
    pub const fn line(&self) -> Option<&'a Line> {
        match *self {
            Self::Line(line) => Some(line),
            Self::End(_) => None,
        }
    }
}

impl fmt::Display for By<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => line.fmt(f),
            Self::End(end) => {
                let kind = if end.stated { "default" } else { "end of the list" };
                write!(f, "{kind}: {}", if end.permits { "permit" } else { "deny" })
            }
        }
    }
}

/// One line or default that a witness met.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// The device, counted from the internet.
    pub device: usize,
    /// The line; its `Display` is the text of the step.
    pub by: By<'a>,
}

/// A concrete packet and what it met.
#[derive(Clone, Debug)]
pub struct Witness<'a> {
    /// The packet as it was sent.
    pub packet: Packet,
    /// Lines and defaults in order.
    pub steps: Vec<Step<'a>>,
}

/// Why something cannot be decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt<'a> {
    /// The device, counted from the internet.
    pub device: usize,
    /// The line in doubt, or the device's name.
    pub line: Span,
    /// The part of the line that is unknown.
    pub part: Span,
    /// What would have to be known.
    pub reason: Cow<'a, str>,
}

/// A permit or forward for the port that no packet reaches.
#[derive(Clone, Debug)]
pub struct Shadowed<'a> {
    /// The device, counted from the internet.
    pub device: usize,
    /// The line that never matches.
    pub line: &'a Line,
    /// The earlier lines that take its packets.
    pub by: Vec<&'a Line>,
}

/// What becomes of a packet that does not arrive as it should.
#[derive(Clone, Copy, Debug)]
pub enum Fault<'a> {
    /// A line or a default drops it; `shadowed` is a permit for the port that the line hides.
    Dropped {
        /// The device, counted from the internet.
        device: usize,
        /// What drops it.
        by: By<'a>,
        /// The permit that was meant, if the dropping line takes all its packets.
        shadowed: Option<&'a Line>,
    },
    /// A forward sends it to another host.
    Elsewhere {
        /// The device, counted from the internet.
        device: usize,
        /// The forward.
        line: &'a Line,
        /// The other host; none: the device itself, or one of several hosts.
        to: Option<Ipv4Addr>,
    },
    /// It arrives on another port.
    PortTranslated {
        /// The device, counted from the internet.
        device: usize,
        /// The forward.
        line: &'a Line,
        /// The port that it arrives on.
        to: u16,
    },
    /// No forward takes it: it ends at the device.
    NoForward {
        /// The device, counted from the internet.
        device: usize,
        /// The line that opens the port towards the device itself.
        opens: Option<&'a Line>,
    },
    /// A line forwards or permits the port, but only for another protocol.
    WrongProtocol {
        /// The device, counted from the internet.
        device: usize,
        /// The line.
        line: &'a Line,
    },
}

impl Fault<'_> {
    /// The device at fault, counted from the internet.
    pub const fn device(&self) -> usize {
        match *self {
            Self::Dropped { device, .. }
            | Self::Elsewhere { device, .. }
            | Self::PortTranslated { device, .. }
            | Self::NoForward { device, .. }
            | Self::WrongProtocol { device, .. } => device,
        }
    }

    /// The line or default at fault; none for a missing forward, which is labelled at the device.
    pub const fn span(&self) -> Option<Span> {
        match self {
            Self::Dropped { by, .. } => Some(by.span()),
            Self::Elsewhere { line, .. } | Self::PortTranslated { line, .. } | Self::WrongProtocol { line, .. } => Some(line.span),
            Self::NoForward { .. } => None,
        }
    }
}

/// Only some peers get through.
#[derive(Clone, Debug)]
pub struct Restriction<'a> {
    /// What happens to the others.
    pub fault: Fault<'a>,
    /// The line to change: the one that denies, else the one that admits only some.
    pub line: Option<&'a Line>,
    /// The addresses that do not get through, from some port at least.
    pub denied: Addrs,
    /// Their share of the addresses that were asked about, from 0 to 1.
    pub share: f64,
    /// Whether it depends on the peer's port, which NAT changes.
    pub by_port: bool,
}

/// What holds for all peers together.
#[derive(Clone, Debug)]
pub enum Verdict<'a> {
    /// Packets from everywhere pass, but for a tolerated share.
    Passes,
    /// Packets pass from some places only. The witness does not pass.
    Restricted(Restriction<'a>, Witness<'a>),
    /// No packet passes.
    Fails(Fault<'a>, Witness<'a>),
    /// It depends on something unknown.
    Undecided(Doubt<'a>),
}

/// The answer to one query.
#[derive(Clone, Debug)]
pub struct Answer<'a> {
    /// What was asked about.
    pub service: Service,
    /// The answer.
    pub verdict: Verdict<'a>,
    /// Permits and forwards for the port that can never match, whatever the verdict.
    pub shadowed: Vec<Shadowed<'a>>,
}

impl<'a> Answer<'a> {
    /// Whether packets from everywhere pass.
    pub const fn passes(&self) -> bool {
        matches!(self.verdict, Verdict::Passes)
    }

    /// What stops every packet, if something does.
    pub const fn fault(&self) -> Option<&Fault<'a>> {
        match &self.verdict {
            Verdict::Fails(fault, _) => Some(fault),
            _ => None,
        }
    }

    /// What lets only some packets pass, if something does.
    pub const fn restriction(&self) -> Option<&Restriction<'a>> {
        match &self.verdict {
            Verdict::Restricted(restriction, _) => Some(restriction),
            _ => None,
        }
    }

    /// What stops packets, every one or some of them.
    pub fn stop(&self) -> Option<&Fault<'a>> {
        self.fault().or_else(|| self.restriction().map(|restriction| &restriction.fault))
    }

    /// The line or default that stops them; none: the device as a whole, or nothing does.
    pub fn place(&self) -> Option<Span> {
        let line = self.restriction().and_then(|restriction| restriction.line).map(|line| line.span);
        line.or_else(|| self.stop().and_then(Fault::span))
    }

    /// Why it is undecided, if it is.
    pub const fn doubt(&self) -> Option<&Doubt<'a>> {
        match &self.verdict {
            Verdict::Undecided(doubt) => Some(doubt),
            _ => None,
        }
    }

    /// A packet that shows the fault or the restriction.
    pub const fn witness(&self) -> Option<&Witness<'a>> {
        match &self.verdict {
            Verdict::Fails(_, witness) | Verdict::Restricted(_, witness) => Some(witness),
            _ => None,
        }
    }
}
