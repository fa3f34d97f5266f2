//! Which addresses the MX has, and which of them packets from outside must arrive at.

use std::borrow::Cow;
use std::net::Ipv4Addr;

use super::mx::{Uplink, UplinkMode, WarmSpare};
use super::upstream::{Device, Interfaces, Target};
use super::{Field, Mx, Site, is_cgnat, is_private};
use crate::net::Addrs;
use crate::source::{Span, Spanned};

/// What an address is to the MX.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AddressKind {
    /// The virtual address of a pair of units.
    Vip,
    /// A unit's own, on a WAN port.
    Unit,
    /// As the internet sees it.
    Public,
    /// The outermost upstream device's.
    Upstream,
}

/// An address by which the MX may be reached.
#[derive(Clone, Copy, Debug)]
pub struct MxAddress {
    /// The address.
    pub ip: Ipv4Addr,
    /// Where it is written.
    pub span: Span,
    /// What it is.
    pub kind: AddressKind,
    /// Whether it belongs to the primary uplink.
    pub primary: bool,
}

/// Whether something translates addresses in front of the MX.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BehindNat {
    /// Yes; the place that tells.
    Yes(Span),
    /// No; the place that tells.
    No(Span),
    /// What would have to be known.
    Unknown(&'static str),
}

impl WarmSpare {
    /// Whether there is a pair of units: a section that does not say so counts.
    pub fn is_on(&self) -> bool {
        self.enabled.value() != Some(&false)
    }

    /// What the world sees of the pair; a stated virtual address tells it too.
    pub fn mode(&self) -> Option<UplinkMode> {
        let vip = self.virtual_ip1.known().or(self.virtual_ip2.known());
        self.uplink_mode.value().copied().or(vip.map(|_| UplinkMode::Virtual))
    }
}

impl Mx {
    /// The interface that client VPN is bound to; `wan1` is the Dashboard's default.
    pub fn primary_uplink_name(&self) -> &str {
        self.primary_uplink.value().map_or("wan1", String::as_str)
    }

    /// Whether this is the name of the primary uplink.
    pub fn is_primary(&self, interface: &str) -> bool {
        interface.eq_ignore_ascii_case(self.primary_uplink_name())
    }

    /// The primary uplink, when it is described.
    pub fn primary_uplink(&self) -> Option<&Spanned<Uplink>> {
        self.uplinks.items().iter().find(|u| u.value.interface.value().is_some_and(|i| self.is_primary(i)))
    }

    /// Whether the primary uplink is described more than once, with different addresses.
    pub fn primary_is_ambiguous(&self) -> bool {
        let primary = self.uplinks.items().iter().filter(|u| u.value.interface.value().is_some_and(|i| self.is_primary(i)));
        let mut ips = primary.filter_map(|u| u.value.ip.value());
        let first = ips.next();
        ips.any(|ip| Some(ip) != first)
    }

    /// The pair of units, when there is one.
    pub fn pair(&self) -> Option<&WarmSpare> {
        self.warm_spare.value().filter(|w| w.is_on())
    }

    /// The virtual address on an uplink, when a pair of units has one.
    pub fn vip_of(&self, interface: &str) -> Option<Spanned<Ipv4Addr>> {
        let spare = self.pair().filter(|w| w.mode() == Some(UplinkMode::Virtual))?;
        match interface.to_ascii_lowercase().as_str() {
            "wan1" => spare.virtual_ip1.known().copied(),
            "wan2" => spare.virtual_ip2.known().copied(),
            _ => None,
        }
    }

    /// What packets from upstream must be addressed to: the VIP in virtual mode, either unit's address in public mode, else the uplink's own.
    pub fn target_addresses(&self) -> Vec<Ipv4Addr> {
        let own = self.primary_uplink().filter(|_| !self.primary_is_ambiguous()).and_then(|u| u.value.ip.value().copied());
        let Some(spare) = self.pair() else { return own.into_iter().collect() };
        if spare.uplink_mode.value() == Some(&UplinkMode::Public) {
            let units = self.addresses().into_iter().filter(|a| a.primary && a.kind == AddressKind::Unit);
            return units.map(|a| a.ip).collect();
        }
        self.vip_of(self.primary_uplink_name()).map(|vip| vip.value).into_iter().collect()
    }

    /// What would have to be known to say which uplink is the primary one; none: it is stated, or the Dashboard's default fits.
    pub fn primary_unknown(&self) -> Option<Cow<'_, str>> {
        if let Field::Opaque(o) = &self.primary_uplink {
            return Some(Cow::Borrowed(&o.reason));
        }
        let alone = self.primary_uplink.is_absent() && !self.uplinks.items().is_empty() && self.primary_uplink().is_none();
        alone.then_some(Cow::Borrowed("the site file states no `mx.primary_uplink`, and `mx.uplinks` does not describe wan1"))
    }

    /// Where a second way to the internet is written, when the MX has one. A port that is not connected is none.
    pub fn second_uplink(&self) -> Option<Span> {
        let unused = |u: &Uplink| u.ip.is_absent() && u.status.value().is_some_and(|s| s.eq_ignore_ascii_case("not connected"));
        let other = |name: &Field<String>| name.value().is_some_and(|n| !self.is_primary(n));
        let port = self.uplinks.items().iter().find(|u| other(&u.value.interface) && !unused(&u.value)).map(|u| u.span);
        let vips = self.pair().into_iter().flat_map(|w| [("wan1", &w.virtual_ip1), ("wan2", &w.virtual_ip2)]);
        port.or_else(|| vips.into_iter().find(|(name, _)| !self.is_primary(name)).and_then(|(_, vip)| vip.span()))
    }

    /// Every address of the MX itself, the primary uplink's first.
    pub fn addresses(&self) -> Vec<MxAddress> {
        let mut all = Vec::new();
        for uplink in self.uplinks.items() {
            // An uplink without a name can belong to either side.
            let Some(interface) = uplink.value.interface.value() else { continue };
            let primary = self.is_primary(interface);
            let mut add =
                |at: Option<Spanned<Ipv4Addr>>, kind| all.extend(at.map(|a| MxAddress { ip: a.value, span: a.span, kind, primary }));
            add(self.vip_of(interface), AddressKind::Vip);
            add(uplink.value.ip.known().copied(), AddressKind::Unit);
            add(uplink.value.public_ip.known().copied(), AddressKind::Public);
        }
        for (name, field) in self.pair().into_iter().flat_map(|w| [("wan1", &w.virtual_ip1), ("wan2", &w.virtual_ip2)]) {
            if let (Some(vip), Some(at)) = (self.vip_of(name), field.span())
                && !all.iter().any(|a| a.span == at)
            {
                all.push(MxAddress { ip: vip.value, span: at, kind: AddressKind::Vip, primary: self.is_primary(name) });
            }
        }
        for unit in self.pair().into_iter().flat_map(|w| w.spare_uplinks.items()) {
            if let (Some(interface), Some(ip)) = (unit.value.interface.value(), unit.value.ip.known()) {
                all.push(MxAddress { ip: ip.value, span: ip.span, kind: AddressKind::Unit, primary: self.is_primary(interface) });
            }
        }
        all.sort_by_key(|a| (!a.primary, a.kind));
        all
    }

    /// Whether an address belongs to an uplink that client VPN is not bound to, and to none that it is bound to; with the place that tells.
    pub fn on_secondary_uplink(&self, ip: Ipv4Addr) -> Option<MxAddress> {
        self.addresses().into_iter().find(|a| a.ip == ip).filter(|a| !a.primary)
    }
}

impl Device {
    /// Its address towards the internet: stated, or that of its WAN interface.
    pub fn wan_address(&self) -> Field<Ipv4Addr> {
        let interface = self.wan_interface.value().and_then(|name| self.interfaces.iter().find(|i| i.name == *name));
        match (&self.wan_ip, interface) {
            (Field::Absent, Some(interface)) => interface.net.clone().map(|net| net.addr()),
            (stated, _) => stated.clone(),
        }
    }

    /// Names of the interface where the internet is, its own first, then its groups': `wan_interface`, else the one that holds the WAN address,
    /// else the one that all forwards which name one agree on. None: not known.
    pub fn wan_names(&self) -> Option<Vec<&str>> {
        let stated = self.wan_interface.value().map(|name| &**name);
        let wan = stated.or_else(|| self.interface_with(*self.wan_ip.value()?)).or_else(|| self.named_by_forwards())?;
        Some(self.with_groups(wan))
    }

    /// The interface in whose network an address is.
    pub fn interface_with(&self, ip: Ipv4Addr) -> Option<&str> {
        self.interfaces.iter().find(|i| i.net.value().is_some_and(|net| net.contains(&ip))).map(|i| &*i.name)
    }

    /// An interface's name and those of its groups.
    pub fn with_groups<'a>(&'a self, name: &'a str) -> Vec<&'a str> {
        let groups = self.interfaces.iter().filter(|i| &*i.name == name).flat_map(|i| i.groups.iter().map(|g| &**g));
        std::iter::once(name).chain(groups).collect()
    }

    fn named_by_forwards(&self) -> Option<&str> {
        let single = |set: &Interfaces| matches!(&set.names[..], [name] if !set.negated && !name.ends_with('*'));
        let sets = self.forwards().filter_map(|(line, _)| line.matches.in_interface.value());
        let mut names = sets.filter(|set| single(set)).map(|set| &*set.names[0]);
        let first = names.next()?;
        names.all(|name| name == first).then_some(first)
    }
}

impl Site {
    /// The upstream devices in front of an uplink, from the internet inwards.
    pub fn devices_of<'a>(&'a self, mx: &'a Mx, interface: &'a str) -> impl Iterator<Item = &'a Device> {
        self.upstream
            .iter()
            .filter(move |d| d.uplink.value().map_or_else(|| mx.is_primary(interface), |u| u.eq_ignore_ascii_case(interface)))
    }

    /// The device that meets packets for the primary uplink first.
    pub fn outermost_device(&self) -> Option<&Device> {
        let Some(mx) = self.mx().map(|mx| mx.value) else {
            return self.upstream.iter().find(|d| d.uplink.value().is_none_or(|name| name.eq_ignore_ascii_case("wan1")));
        };
        self.devices_of(mx, mx.primary_uplink_name()).next()
    }

    /// Every address by which the MX may be reached, those of upstream devices too, the primary uplink's first.
    pub fn addresses(&self) -> Vec<MxAddress> {
        let Some(mx) = self.mx() else { return Vec::new() };
        let mut all = mx.value.addresses();
        for interface in [mx.value.primary_uplink_name(), "wan1", "wan2", "cellular"] {
            let Some(device) = self.devices_of(mx.value, interface).next() else { continue };
            if let Field::Known(ip) = device.wan_address()
                && !all.iter().any(|a| a.span == ip.span)
            {
                all.push(MxAddress { ip: ip.value, span: ip.span, kind: AddressKind::Upstream, primary: mx.value.is_primary(interface) });
            }
        }
        all.sort_by_key(|a| (!a.primary, a.kind));
        all
    }

    /// Why an address by which the internet knows the MX may be missing from [`Site::addresses`]; none when the input names them all.
    pub fn public_addresses_unknown(&self) -> Option<String> {
        let mx = match &self.mx {
            Field::Known(mx) => &mx.value,
            Field::Opaque(o) => return Some(o.reason.to_string()),
            Field::Absent => return Some("the site file has no `[mx]`".to_owned()),
        };
        if let Some(why) = self.hidden_address(mx) {
            return Some(why);
        }
        let public = |ip: &Ipv4Addr| Addrs::public().contains(*ip);
        let known = |interface: &str, uplink: Option<&Uplink>| {
            let device = self.devices_of(mx, interface).next().map(Device::wan_address);
            uplink.is_some_and(|u| u.public_ip.value().or(u.ip.value()).is_some_and(public))
                || mx.vip_of(interface).is_some_and(|vip| public(&vip.value))
                || device.is_some_and(|wan| wan.value().is_some_and(public))
        };
        let named = mx.uplinks.items().iter().find(|u| !u.value.interface.value().is_some_and(|name| known(name, Some(&u.value))));
        match named.map(|u| u.value.interface.value()) {
            Some(Some(name)) => Some(format!("the uplink {name} states no `public_ip`")),
            Some(None) => Some("an uplink states no `interface`".to_owned()),
            None if mx.primary_uplink().is_none() && !known(mx.primary_uplink_name(), None) => {
                Some("the primary uplink is not among `mx.uplinks`".to_owned())
            }
            None => None,
        }
    }

    /// Whether the primary uplink is behind NAT (see the rule catalogue's definition).
    pub fn behind_nat(&self) -> BehindNat {
        let Some(mx) = self.mx() else { return BehindNat::Unknown("the site file has no `[mx]`") };
        let Some(uplink) = mx.value.primary_uplink() else { return BehindNat::Unknown("the primary uplink is not among `mx.uplinks`") };
        let targets = mx.value.target_addresses();
        let forwards = self.devices_of(mx.value, mx.value.primary_uplink_name()).flat_map(Device::forwards);
        let translates = |to: &Target| matches!(to, Target::Host(host) if targets.contains(&host.value));
        if let Some((line, _)) = forwards.into_iter().find(|(line, to)| line.enabled && translates(&to.to)) {
            return BehindNat::Yes(line.span);
        }
        let vip = mx.value.vip_of(mx.value.primary_uplink_name());
        let Some(ip) = uplink.value.ip.known().copied().or(vip) else {
            return BehindNat::Unknown("the primary uplink states no `ip`");
        };
        if is_private(ip.value) || is_cgnat(ip.value) {
            return BehindNat::Yes(ip.span);
        }
        match &uplink.value.public_ip {
            // A pair of units goes out by its virtual address.
            Field::Known(public) if public.value != ip.value && vip.is_none_or(|v| v.value != public.value) => BehindNat::Yes(public.span),
            Field::Opaque(_) => BehindNat::Unknown("the primary uplink's `public_ip` is not known"),
            _ => BehindNat::No(ip.span),
        }
    }
}
