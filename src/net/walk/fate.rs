//! What may become of one packet, or of the answer to it.

use std::net::Ipv4Addr;

use super::Path;
use super::device::{Outcome, Trip};
use super::flow::Direction;
use crate::net::region::Region;
use crate::net::{Addrs, Ports, Service};

/// What becomes of one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It arrives at its end, on the port that it was sent to.
    Arrives,
    /// A list drops it.
    Dropped,
    /// It is sent to another host; none: to one that the file does not settle, and not to the MX.
    Elsewhere(Option<Ipv4Addr>),
    /// It is sent to the MX on another port, if the filter lets it.
    OtherPort(u16),
    /// No forward takes it.
    NoForward,
    /// The file does not settle it.
    Unknown,
}

impl Path<'_> {
    /// What may become of a packet to `service`: one fate, unless lines with unknown parts could meet it.
    pub fn fates(&self, service: Service, source: Ipv4Addr, source_port: u16) -> Vec<Fate> {
        self.fates_of(service, Direction::Inward, source, source_port)
    }

    /// What may become of the MX's answer to that packet, given that the packet arrived.
    pub fn fates_of_answer(&self, service: Service, source: Ipv4Addr, source_port: u16) -> Vec<Fate> {
        self.fates_of(service, Direction::Answer, source, source_port)
    }

    fn fates_of(&self, service: Service, direction: Direction, peer: Ipv4Addr, port: u16) -> Vec<Fate> {
        let trip = Trip { path: self, service, direction, tcp_from: None, far: usize::MAX };
        let walked = trip.walk(Region::new(&Addrs::one(peer), Ports::one(port)), false);
        if walked.notes.budget.is_spent() {
            return vec![Fate::Unknown];
        }
        let mut fates = Vec::new();
        for (outcome, region) in &walked.outcomes {
            let fate = match outcome {
                Outcome::Arrived => Fate::Arrives,
                Outcome::Dropped { .. } => Fate::Dropped,
                Outcome::Elsewhere { to, .. } => Fate::Elsewhere(*to),
                Outcome::Port { to, .. } => Fate::OtherPort(*to),
                Outcome::NoForward { .. } => Fate::NoForward,
                Outcome::Unknown(_) => Fate::Unknown,
            };
            if !region.is_empty() && !fates.contains(&fate) {
                fates.push(fate);
            }
        }
        fates
    }
}
