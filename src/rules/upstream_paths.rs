//! Where the packets of clients end up: walked once a site, for all rules of the upstream family.

use std::cell::OnceCell;

use crate::model::Site;
use crate::model::upstream::Device;
use crate::net::{Answer, Path, Service};

/// The way to the MX's primary uplink and what becomes of packets on it.
pub struct Paths<'a> {
    /// The way, from the internet inwards.
    pub path: Path<'a>,
    /// `site.upstream[devices[n]]` is the path's device `n`.
    pub devices: Vec<usize>,
    ike: OnceCell<Answer<'a>>,
    nat_t: OnceCell<Answer<'a>>,
}

impl<'a> Paths<'a> {
    /// For a site that describes at least one upstream device of the primary uplink.
    pub fn of(site: &'a Site) -> Option<Self> {
        let mx = site.mx()?.value;
        let primary = mx.primary_uplink_name();
        let serves = |d: &Device| d.uplink.value().is_none_or(|u| u.eq_ignore_ascii_case(primary));
        let devices: Vec<usize> = site.upstream.iter().enumerate().filter(|(_, d)| serves(d)).map(|(n, _)| n).collect();
        if devices.is_empty() {
            return None;
        }
        let public_ip = mx.primary_uplink().and_then(|u| u.value.public_ip.value().copied());
        let path = Path::new(devices.iter().map(|n| &site.upstream[*n]).collect(), mx.target_addresses(), public_ip);
        Some(Self { path, devices, ike: OnceCell::new(), nat_t: OnceCell::new() })
    }

    /// Whether UDP 500 arrives.
    pub fn ike(&self) -> &Answer<'a> {
        self.ike.get_or_init(|| self.path.arrives(Service::IKE))
    }

    /// Whether UDP 4500 arrives.
    pub fn nat_t(&self) -> &Answer<'a> {
        self.nat_t.get_or_init(|| self.path.arrives(Service::NAT_T))
    }
}
