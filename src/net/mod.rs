//! Exact sets of addresses and ports, and a packet's way through upstream devices. Knows no file format and no rule.

mod addrs;
mod packet;
mod ports;
mod prefix;
mod ranges;
mod region;
mod walk;

pub use addrs::Addrs;
pub use packet::{Packet, Protocol, Protocols, Service};
pub use ports::Ports;
pub use prefix::overlaps;
pub use walk::{Answer, By, Doubt, Fate, Fault, Path, Restriction, Shadowed, Step, Verdict, Witness};
