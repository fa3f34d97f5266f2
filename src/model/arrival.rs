//! Where packets from the internet must arrive at the MX, and what is missing when that is not known.

use std::net::Ipv4Addr;

use super::mx::{Uplink, UplinkMode, WarmSpare};
use super::{Field, Mx, is_cgnat, is_private};
use crate::source::Span;

impl Mx {
    /// Whether packets from the internet must be translated to arrive: the internet knows it by another address, or its own is not public.
    pub fn is_behind_nat(&self) -> bool {
        let uplink = self.primary_uplink().map(|u| &u.value);
        let own = uplink.and_then(|u| u.ip.value().copied());
        let targets = self.target_addresses();
        let differs = uplink.and_then(|u| u.public_ip.value()).is_some_and(|public| {
            let known = !targets.is_empty() || own.is_some();
            known && !targets.iter().copied().chain(own).any(|ip| ip == *public)
        });
        differs || own.into_iter().chain(targets).any(|ip| is_private(ip) || is_cgnat(ip))
    }

    /// What would have to be known to say where packets must arrive; none: it is known.
    pub fn target_unknown(&self) -> Option<String> {
        let name = self.primary_uplink_name();
        let opaque = (self.primary_uplink.opaque()).or_else(|| self.uplinks.opaque()).or_else(|| self.warm_spare.opaque());
        let opaque = opaque.or_else(|| self.warm_pair().and_then(|w| w.enabled.opaque().or_else(|| w.uplink_mode.opaque())));
        if let Some(opaque) = opaque {
            return Some(opaque.reason.to_string());
        }
        if !self.target_addresses().is_empty() {
            return None;
        }
        if self.primary_is_ambiguous() {
            return Some(format!("`mx.uplinks` describes {name} twice, with different addresses"));
        }
        let (field, reason) = match self.virtual_pair() {
            Some(w) if w.uplink_mode.is_absent() && w.virtual_ip1.is_absent() && w.virtual_ip2.is_absent() => {
                (None, "the site file states no `mx.warm_spare.uplink_mode` and no virtual address".into())
            }
            Some(w) if name.eq_ignore_ascii_case("wan2") => {
                (Some(&w.virtual_ip2), "the site file states no `mx.warm_spare.virtual_ip2`".into())
            }
            Some(w) => (Some(&w.virtual_ip1), "the site file states no `mx.warm_spare.virtual_ip1`".into()),
            None => (self.primary_uplink().map(|u| &u.value.ip), format!("the site file states no `ip` for {name} under `mx.uplinks`")),
        };
        Some(field.and_then(Field::opaque).map_or(reason, |o| o.reason.to_string()))
    }

    /// The address that the MX itself asks the cloud and resolvers from: the uplink's own. Of a pair with a virtual address, each unit has its
    /// own for that, and the virtual one is for the traffic of users (Meraki, "MX Warm Spare").
    pub fn asks_from(&self) -> Option<Ipv4Addr> {
        self.primary_uplink().and_then(|u| u.value.ip.value().copied())
    }

    /// Where the address stands that packets must arrive at.
    pub fn target_label(&self) -> (Option<Span>, &'static str) {
        match self.virtual_pair() {
            Some(w) if self.primary_uplink_name().eq_ignore_ascii_case("wan2") => (w.virtual_ip2.span(), "the MX's virtual IP"),
            Some(w) => (w.virtual_ip1.span(), "the MX's virtual IP"),
            None => (self.primary_uplink().and_then(|u| u.value.ip.span()), "the MX's address"),
        }
    }

    /// What else of the MX, or of the way to it, has this address, and where it stands.
    pub fn other_place(&self, ip: Ipv4Addr) -> Option<(Span, &'static str)> {
        let at = |field: &Field<Ipv4Addr>, text| field.known().filter(|own| own.value == ip).map(|own| (own.span, text));
        let primary = self.primary_uplink_name();
        let uplink = |u: &Uplink| {
            let text = if u.interface.value().is_some_and(|i| i.eq_ignore_ascii_case(primary)) {
                "one unit's own address"
            } else {
                "the uplink not in use"
            };
            at(&u.ip, text).or_else(|| at(&u.gateway, "the router itself"))
        };
        let spares = self.warm_spare.value().map_or(&[][..], |w| w.spare_uplinks.items());
        let lan = self.single_lan.value().and_then(|lan| at(&lan.appliance_ip, "the MX's LAN address"));
        (self.uplinks.items().iter().find_map(|u| uplink(&u.value)))
            .or_else(|| spares.iter().find_map(|u| at(&u.value.ip, "one unit's own address")))
            .or_else(|| self.vlans.items().iter().find_map(|v| at(&v.value.appliance_ip, "the MX's LAN address")))
            .or(lan)
    }

    /// Whether an address belongs to an uplink that client VPN is not bound to.
    pub fn is_of_another_uplink(&self, ip: Ipv4Addr) -> bool {
        let primary = self.primary_uplink_name();
        let other = |name: &Field<String>| name.value().is_some_and(|n| !n.eq_ignore_ascii_case(primary));
        let vips = self.virtual_pair().map(|w| [("wan1", &w.virtual_ip1), ("wan2", &w.virtual_ip2)]);
        let spares = self.warm_pair().map_or(&[][..], |w| w.spare_uplinks.items());
        self.uplinks.items().iter().any(|u| other(&u.value.interface) && u.value.ip.value() == Some(&ip))
            || spares.iter().any(|u| other(&u.value.interface) && u.value.ip.value() == Some(&ip))
            || vips.into_iter().flatten().any(|(name, vip)| !name.eq_ignore_ascii_case(primary) && vip.value() == Some(&ip))
    }

    /// The pair, when it is in use.
    fn warm_pair(&self) -> Option<&WarmSpare> {
        self.warm_spare.value().filter(|w| w.enabled.value() != Some(&false))
    }

    /// The pair, when it shares a virtual address.
    fn virtual_pair(&self) -> Option<&WarmSpare> {
        self.warm_pair().filter(|w| w.uplink_mode.value() != Some(&UplinkMode::Public))
    }

    /// A pair whose units each have an address of their own, of which one is not stated.
    pub fn lacks_spare_address(&self) -> bool {
        self.warm_pair().is_some_and(|w| w.uplink_mode.value() == Some(&UplinkMode::Public)) && self.target_addresses().len() < 2
    }
}
