//! Which addresses the MX has, and which of them packets from outside must arrive at.

use std::net::Ipv4Addr;

use super::Mx;
use super::mx::{Uplink, UplinkMode};
use crate::source::Spanned;

impl Mx {
    /// The interface that client VPN is bound to; `wan1` is the Dashboard's default.
    pub fn primary_uplink_name(&self) -> &str {
        self.primary_uplink.value().map_or("wan1", String::as_str)
    }

    /// The primary uplink, when it is described.
    pub fn primary_uplink(&self) -> Option<&Spanned<Uplink>> {
        let name = self.primary_uplink_name();
        self.uplinks.items().iter().find(|u| u.value.interface.value().is_some_and(|i| i.eq_ignore_ascii_case(name)))
    }

    /// What packets from upstream must be addressed to: the VIP in virtual mode, either unit's address in public mode, else the uplink's own.
    pub fn target_addresses(&self) -> Vec<Ipv4Addr> {
        let own = self.primary_uplink().and_then(|u| u.value.ip.value().copied());
        let name = self.primary_uplink_name();
        let Some(spare) = self.warm_spare.value().filter(|w| w.enabled.value() != Some(&false)) else {
            return own.into_iter().collect();
        };
        if spare.uplink_mode.value() == Some(&UplinkMode::Public) {
            let units =
                spare.spare_uplinks.items().iter().filter(|u| u.value.interface.value().is_some_and(|i| i.eq_ignore_ascii_case(name)));
            return own.into_iter().chain(units.filter_map(|u| u.value.ip.value().copied())).collect();
        }
        let vip = if name.eq_ignore_ascii_case("wan2") { &spare.virtual_ip2 } else { &spare.virtual_ip1 };
        vip.value().copied().into_iter().collect()
    }
}
