//! Where the packets of clients end up: walked once a site, for all rules of the upstream family.
//!
//! A walk ends at the first device that stops the packet. What stands behind that device is then walked on its own, so that one run names the
//! faults of every device.

use std::cell::OnceCell;
use std::net::Ipv4Addr;

use crate::model::upstream::{Device, Nat};
use crate::model::{Host, Site};
use crate::net::{Answer, Doubt, Fault, Path, Service, Verdict};

/// The way to the MX's primary uplink and what becomes of packets on it.
pub struct Paths<'a> {
    /// The way, from the internet inwards.
    pub path: Path<'a>,
    /// `site.upstream[devices[n]]` is the path's device `n`.
    pub devices: Vec<usize>,
    ike: OnceCell<Vec<Leg<'a>>>,
    nat_t: OnceCell<Vec<Leg<'a>>>,
}

/// The way from some device inwards.
pub struct Leg<'a> {
    /// The path's device that the leg begins at; devices in the answer are counted from it.
    pub first: usize,
    /// What becomes of packets.
    pub answer: Answer<'a>,
}

/// What one device does with packets for one service.
#[derive(Clone, Copy)]
pub enum Fate<'p, 'a> {
    /// It sends them on as it should.
    Passed,
    /// It stops all or some of them: the answer's verdict is a fault or a restriction of this device.
    Stopped(&'p Answer<'a>),
    /// It depends on something unknown, here or further inwards.
    Unknown(&'p Doubt<'a>),
    /// What arrives here depends on a fault of an earlier device.
    NotReached,
}

impl<'a> Paths<'a> {
    /// For a site that describes at least one upstream device of the primary uplink. `tolerated`: the share of public addresses, from 0 to 1, whose
    /// loss is no finding.
    pub fn of(site: &'a Site, tolerated: f64) -> Option<Self> {
        let mx = site.mx()?.value;
        let primary = mx.primary_uplink_name();
        let serves = |d: &Device| d.uplink.value().is_none_or(|u| u.eq_ignore_ascii_case(primary));
        let devices: Vec<usize> = site.upstream.iter().enumerate().filter(|(_, d)| serves(d)).map(|(n, _)| n).collect();
        if devices.is_empty() {
            return None;
        }
        let uplink = mx.primary_uplink().map(|u| &u.value);
        let public_ip = uplink.and_then(|u| u.public_ip.value().copied()).filter(|_| mx.is_behind_nat());
        let path = Path::new(devices.iter().map(|n| &site.upstream[*n]).collect(), mx.target_addresses(), public_ip).tolerating(tolerated);
        let path = path.asking_from(mx.asks_from());
        let path = match named_instead(site, &path) {
            Some(aim) => path.aiming_at(aim),
            None => path,
        };
        Some(Self { path, devices, ike: OnceCell::new(), nat_t: OnceCell::new() })
    }

    /// Whether UDP 500 arrives.
    pub fn ike(&self) -> &Answer<'a> {
        &self.legs(Service::IKE)[0].answer
    }

    /// Whether UDP 4500 arrives.
    pub fn nat_t(&self) -> &Answer<'a> {
        &self.legs(Service::NAT_T)[0].answer
    }

    /// The whole way for UDP 500 or 4500, then what stands behind each device that stops packets; never empty.
    pub fn legs(&self, service: Service) -> &[Leg<'a>] {
        let cell = if service == Service::IKE { &self.ike } else { &self.nat_t };
        cell.get_or_init(|| {
            let mut legs = vec![Leg { first: 0, answer: self.path.first_stop(service) }];
            while let Some(first) = legs.last().and_then(|leg| leg.next(self.devices.len())) {
                legs.push(Leg { first, answer: self.path.from(first).first_stop(service) });
            }
            legs
        })
    }

    /// What the path's device `k` does with packets for UDP 500 or 4500.
    pub fn fate(&self, service: Service, k: usize) -> Fate<'_, 'a> {
        let Some(leg) = self.legs(service).iter().rev().find(|leg| leg.first <= k) else { return Fate::NotReached };
        let at = k - leg.first;
        match (&leg.answer.verdict, leg.stops_at()) {
            (Verdict::Passes, _) => Fate::Passed,
            (_, Some(stop)) if at < stop => Fate::Passed,
            (Verdict::Undecided(doubt), Some(stop)) if at == stop => Fate::Unknown(doubt),
            (_, Some(stop)) if at == stop => Fate::Stopped(&leg.answer),
            _ => Fate::NotReached,
        }
    }
}

/// The outermost device's WAN address, when clients name it and none names the address that the internet sees the MX by: a device with several
/// public addresses may send the MX's traffic out by one and forward another.
fn named_instead(site: &Site, path: &Path<'_>) -> Option<Ipv4Addr> {
    let aim = path.aim()?;
    let wan = path.devices().iter().find(|device| device.nat != Nat::Never)?.wan_ip.value().copied()?;
    let named = |ip: Ipv4Addr| site.clients.iter().any(|client| client.server.value().and_then(Host::v4) == Some(ip));
    (path.is_translated() == Some(true) && aim != wan && named(wan) && !named(aim)).then_some(wan)
}

impl Leg<'_> {
    /// The device of the verdict, counted from the leg's first.
    fn stops_at(&self) -> Option<usize> {
        match &self.answer.verdict {
            Verdict::Passes => None,
            Verdict::Fails(fault, _) => Some(fault.device()),
            Verdict::Restricted(restriction, _) => Some(restriction.fault.device()),
            Verdict::Undecided(doubt) => Some(doubt.device),
        }
    }

    /// Where the next leg begins, on a way of `devices`. A port that was changed may be changed back by a later device, so that nothing is said of those.
    fn next(&self, devices: usize) -> Option<usize> {
        let moved = matches!(self.answer.fault(), Some(Fault::PortTranslated { .. }));
        self.stops_at().filter(|_| !moved).map(|stop| self.first + stop + 1).filter(|next| *next < devices)
    }
}
