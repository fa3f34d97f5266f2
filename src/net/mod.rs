//! Exact sets of addresses and ports, and a packet's way through upstream devices. Knows no file format and no rule.

mod addrs;
mod packet;
mod ports;
mod prefix;
mod ranges;
mod region;
pub mod walk;

pub use addrs::Addrs;
pub use packet::{Packet, Protocol, Protocols, Service};
pub use ports::Ports;
pub use prefix::overlaps;

/// A concrete packet and the lines it met.
#[derive(Clone, Debug)]
pub struct Witness {
    /// What became of it.
    pub verdict: &'static str,
    /// The packet.
    pub packet: Packet,
    /// The lines.
    pub steps: Vec<Step>,
}

/// A line that a packet met.
#[derive(Clone, Debug)]
pub struct Step {
    /// The line.
    pub span: crate::source::Span,
    /// What it did.
    pub action: &'static str,
    /// The line in neutral words.
    pub text: String,
}
