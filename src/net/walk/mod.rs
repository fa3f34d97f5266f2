//! A packet's way through the upstream devices of one uplink, from the internet inwards or back.
//!
//! One query walks one symbolic packet: protocol and one port are fixed, the peer's address and port are free. What lines
//! take is kept as exact sets; lines with unknown parts give a packet several possible outcomes, and a verdict is
//! undecided exactly when these make a difference. The cost of one walk is bounded by `Budget`; an input that exceeds it
//! is undecided, with that as the reason.

mod chain;
mod device;
mod fate;
mod flow;
mod outcome;
#[cfg(test)]
mod tests;
mod verdict;

use std::net::Ipv4Addr;

pub use fate::Fate;
pub use outcome::{Answer, By, Doubt, Fault, Restriction, Shadowed, Step, Verdict, Witness};

use super::{Addrs, Service};
use crate::model::Field;
use crate::model::upstream::{Device, Nat};
use device::{Trip, Ways};
use flow::Direction;

/// The upstream devices of one uplink, the MX behind them, and what does not depend on the query.
#[derive(Debug)]
pub struct Path<'a> {
    devices: Vec<&'a Device>,
    ways: Vec<Ways<'a>>,
    targets: Vec<Ipv4Addr>,
    own: Option<Ipv4Addr>,
    aim: Option<Ipv4Addr>,
    tolerated: f64,
}

impl<'a> Path<'a> {
    /// `devices` from the internet inwards; `targets` the MX's addresses that packets may arrive at (empty: not known);
    /// `public_ip` the address that the internet knows the MX by, if the site says so.
    ///
    /// Clients aim at the MX's own address when it is public and the site names no other, else at `public_ip`, else at the first translating device's WAN address. A WAN
    /// address that is not public has something undescribed in front, which translates `public_ip` to it.
    pub fn new(devices: Vec<&'a Device>, targets: Vec<Ipv4Addr>, public_ip: Option<Ipv4Addr>) -> Self {
        let public = Addrs::public();
        let outermost = devices.iter().find(|device| device.nat != Nat::Never).and_then(|device| device.wan_ip.value().copied());
        let own = targets.iter().copied().find(|ip| public_ip.map_or_else(|| public.contains(*ip), |known| known == *ip));
        let aim = own.or_else(|| outermost.filter(|ip| !public.contains(*ip))).or(public_ip).or(outermost);
        let ways = devices.iter().map(|device| Ways::of(device, &targets)).collect();
        Self { devices, ways, own: targets.first().copied(), targets, aim, tolerated: 0.01 }
    }

    /// With the address that the MX itself asks from, where it is not the one that packets arrive at: a unit of a pair with a virtual address
    /// talks to the cloud from its own.
    #[must_use]
    pub const fn asking_from(mut self, own: Option<Ipv4Addr>) -> Self {
        self.own = own;
        self
    }

    /// With another address that clients aim at.
    #[must_use]
    pub const fn aiming_at(mut self, aim: Ipv4Addr) -> Self {
        self.aim = Some(aim);
        self
    }

    /// With another share of public addresses, from 0 to 1, whose loss is no finding (0.01 unless told).
    #[must_use]
    pub fn tolerating(mut self, share: f64) -> Self {
        self.tolerated = share;
        self
    }

    /// The same way without the first `skipped` devices: what becomes of packets that reach the next one's WAN address.
    #[must_use]
    pub fn from(&self, skipped: usize) -> Self {
        Self::new(self.devices[skipped..].to_vec(), self.targets.clone(), None).tolerating(self.tolerated)
    }

    /// The devices, from the internet inwards.
    pub fn devices(&self) -> &[&'a Device] {
        &self.devices
    }

    /// The MX's addresses that packets may arrive at; empty: not known.
    pub fn targets(&self) -> &[Ipv4Addr] {
        &self.targets
    }

    /// The address that clients aim at, when it is known.
    pub const fn aim(&self) -> Option<Ipv4Addr> {
        self.aim
    }

    /// Whether clients aim at another address than the MX's own, so that some device must translate; none: not known.
    pub fn is_translated(&self) -> Option<bool> {
        if self.targets.is_empty() {
            return None;
        }
        match self.aim {
            Some(aim) => Some(!self.targets.contains(&aim)),
            None => Some(!self.targets.iter().any(|ip| Addrs::public().contains(*ip))),
        }
    }

    /// Whether packets from public addresses to `service` arrive at the MX on the same port.
    pub fn arrives(&self, service: Service) -> Answer<'a> {
        self.arrives_from(service, &Addrs::public())
    }

    /// The same for packets from some addresses only.
    pub fn arrives_from(&self, service: Service, peers: &Addrs) -> Answer<'a> {
        Trip { path: self, service, direction: Direction::Inward, tcp_from: None, far: usize::MAX }.answer(peers)
    }

    /// What becomes of packets at the first device that stops some of them, or may: as if all behind it let everything through.
    pub fn first_stop(&self, service: Service) -> Answer<'a> {
        Trip { path: self, service, direction: Direction::Inward, tcp_from: None, far: usize::MAX }.first_stop(&Addrs::public())
    }

    /// Whether the MX's answers from `service`'s port get back to public addresses, given that the requests arrive.
    pub fn answers(&self, service: Service) -> Answer<'a> {
        Trip { path: self, service, direction: Direction::Answer, tcp_from: None, far: usize::MAX }.answer(&Addrs::public())
    }

    /// Whether what the MX sends to `service` at any of `peers` gets out.
    pub fn leaves(&self, service: Service, peers: &Addrs) -> Answer<'a> {
        Trip { path: self, service, direction: Direction::Outward, tcp_from: None, far: usize::MAX }.answer(peers)
    }

    /// The place to label when the device as a whole is at fault.
    pub fn device_span(&self, device: usize) -> crate::source::Span {
        self.devices[device].name.span
    }

    /// Where an unstated thing of the device would stand.
    fn unstated(&self, device: usize, reason: &'static str) -> Doubt<'a> {
        let span = self.device_span(device);
        Doubt { device, line: span, part: span, reason: reason.into() }
    }

    /// WAN address of a device, when it is known.
    fn wan_ip(&self, device: usize) -> Option<Ipv4Addr> {
        match &self.devices[device].wan_ip {
            Field::Known(ip) => Some(ip.value),
            _ => None,
        }
    }
}
