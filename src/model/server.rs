//! What a client's server is to the site's MX: decided once, so that rules about server addresses never speak of the same fault.

use std::net::{IpAddr, Ipv4Addr};

use super::addressing::{AddressKind, MxAddress};
use super::mx::{DynamicDns, Uplink, UplinkMode};
use super::{Client, Field, Host, Mx, Site};
use crate::net::Addrs;
use crate::source::Span;

/// What a client's server is to the MX, the most exact answer first.
#[derive(Clone, Debug)]
pub enum ServerIs {
    /// An IPv6 address.
    Ipv6,
    /// An address that no client reaches over the internet, and that is not in the client's own network.
    NotPublic,
    /// An address or name of an uplink that client VPN is not bound to; what tells.
    Secondary(Span),
    /// A unit's own address, where the pair has a virtual one; what tells.
    UnitOfPair(Span),
    /// An address of the primary uplink.
    Address(MxAddress),
    /// The MX's hostname.
    Hostname(Span),
    /// The primary uplink's own name.
    UplinkName(Span),
    /// A declared alias.
    Alias(Span),
    /// Another MX's name under `dynamic-m.com`.
    OtherDynamicName,
    /// A name that is declared nowhere.
    OtherName,
    /// An address that is none of the MX's.
    OtherAddress,
    /// Not to be decided, for want of this.
    Unknown(String),
}

impl ServerIs {
    /// Whether the client names an address which the rules have nothing worse to say of.
    pub const fn is_plain_address(&self, server: &Host) -> bool {
        matches!(self, Self::Address(_) | Self::Unknown(_)) && matches!(server, Host::Ip(IpAddr::V4(_)))
    }

    /// Whether a failover to the other unit of a pair without a virtual address cuts it off; a router in front keeps its own.
    pub fn moves_with_the_unit(&self, site: &Site) -> bool {
        match self {
            Self::Address(at) => site.outermost_device().is_none_or(|d| d.wan_address().value() != Some(&at.ip)),
            _ => matches!(self, Self::Unknown(_)),
        }
    }

    /// Whether it is the pair's virtual address.
    pub const fn is_vip(&self) -> bool {
        matches!(self, Self::Address(MxAddress { kind: AddressKind::Vip, .. }))
    }
}

impl DynamicDns {
    /// The hostname, or the names of single uplinks, with their places.
    pub fn names(&self) -> impl Iterator<Item = (&str, Span)> {
        [&self.hostname, &self.wan1_hostname, &self.wan2_hostname].into_iter().filter_map(|f| f.known()).map(|n| (n.value.as_str(), n.span))
    }

    /// Whether the MX has a hostname: `None` when the file does not tell.
    pub fn is_on(&self) -> Option<bool> {
        match &self.enabled {
            Field::Known(on) => Some(on.value),
            Field::Absent => self.names().next().map(|_| true),
            Field::Opaque(_) => None,
        }
    }

    /// Whether `name` is the hostname: as stated, or the name of a WAN port without its `-1` or `-2`; with the place that tells.
    fn is_hostname(&self, name: &str) -> Option<Span> {
        if let Field::Known(hostname) = &self.hostname {
            return same_name(&hostname.value, name).then_some(hostname.span);
        }
        let ports = [(&self.wan1_hostname, "-1"), (&self.wan2_hostname, "-2")];
        ports.into_iter().filter_map(|(field, end)| Some((field.known()?, end))).find_map(|(port, end)| {
            let (label, domain) = port.value.split_once('.')?;
            same_name(&format!("{}.{domain}", label.strip_suffix(end)?), name).then_some(port.span)
        })
    }

    /// Which WAN port's own name this is: a declared one, or the hostname with `-1` or `-2` behind its first label.
    fn uplink_of(&self, name: &str) -> Option<(&'static str, Span)> {
        let declared = [("wan1", &self.wan1_hostname), ("wan2", &self.wan2_hostname)];
        if let Some((port, field)) = declared.into_iter().find(|(_, f)| f.value().is_some_and(|n| same_name(n, name))) {
            return field.span().map(|span| (port, span));
        }
        let hostname = self.hostname.known()?;
        let (label, domain) = hostname.value.split_once('.')?;
        ["wan1", "wan2"]
            .into_iter()
            .zip(["-1.", "-2."])
            .find(|(_, n)| same_name(&format!("{label}{n}{domain}"), name))
            .map(|(p, _)| (p, hostname.span))
    }
}

/// Whether a name is one that Meraki's dynamic DNS gives.
pub fn is_dynamic_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name.ends_with(".dynamic-m.com")
}

fn same_name(a: &str, b: &str) -> bool {
    a.trim_end_matches('.').eq_ignore_ascii_case(b.trim_end_matches('.'))
}

impl Site {
    /// What a client's server is to this site's MX; `None` when the client names none.
    pub fn server_of(&self, client: &Client) -> Option<ServerIs> {
        Some(match &client.server {
            Field::Absent => return None,
            Field::Opaque(o) => ServerIs::Unknown(o.reason.to_string()),
            Field::Known(server) => match &server.value {
                Host::Ip(IpAddr::V6(_)) => ServerIs::Ipv6,
                Host::Ip(IpAddr::V4(ip)) => self.address_is(*ip, client),
                Host::Name(name) => self.name_is(name),
            },
        })
    }

    fn address_is(&self, ip: Ipv4Addr, client: &Client) -> ServerIs {
        let public = Addrs::public().contains(ip);
        if !public {
            match &client.lan_subnet {
                Field::Known(lan) if lan.value.contains(&ip) => {}
                Field::Opaque(o) => return ServerIs::Unknown(o.reason.to_string()),
                _ => return ServerIs::NotPublic,
            }
        }
        let mx = match self.mx_or_unknown() {
            Ok(mx) => mx,
            Err(unknown) => return unknown,
        };
        if let Field::Opaque(o) = &mx.primary_uplink {
            return ServerIs::Unknown(o.reason.to_string());
        }
        let all = self.addresses();
        if let Some(at) = all.iter().find(|a| a.ip == ip) {
            let pair = mx.pair().filter(|w| w.mode() == Some(UplinkMode::Virtual));
            let unsure = pair.and_then(|w| w.enabled.opaque().or(w.uplink_mode.opaque()));
            return match (at, unsure) {
                (MxAddress { primary: false, .. }, _) => match mx.primary_unknown() {
                    Some(why) => ServerIs::Unknown(why.into_owned()),
                    None => ServerIs::Secondary(at.span),
                },
                (MxAddress { kind: AddressKind::Unit, .. }, Some(o)) => ServerIs::Unknown(o.reason.to_string()),
                (MxAddress { kind: AddressKind::Unit, .. }, None) if pair.is_some() => ServerIs::UnitOfPair(at.span),
                _ => ServerIs::Address(*at),
            };
        }
        if let Some(alias) = mx.hostname_aliases.items().iter().find(|a| a.value.v4() == Some(ip)) {
            return ServerIs::Address(MxAddress { ip, span: alias.span, kind: AddressKind::Public, primary: true });
        }
        let nameless = |u: &Uplink| u.interface.value().is_none() && [&u.ip, &u.public_ip].iter().any(|f| f.value() == Some(&ip));
        if mx.uplinks.items().iter().any(|u| nameless(&u.value)) {
            return ServerIs::Unknown("the uplink with the client's server address states no `interface`".into());
        }
        if let Some(why) = self.hidden_address(mx).or_else(|| self.outside_unknown(mx).filter(|_| public)) {
            return ServerIs::Unknown(why);
        }
        // "None of the MX's" needs an address of the same side of the NAT to compare with.
        let comparable = |a: &MxAddress| a.primary && Addrs::public().contains(a.ip) == public;
        match (all.iter().any(comparable), public) {
            (true, _) => ServerIs::OtherAddress,
            (false, true) => ServerIs::Unknown("the primary uplink's `public_ip` is not stated".into()),
            (false, false) => ServerIs::Unknown("the primary uplink's `ip` is not stated".into()),
        }
    }

    /// The reason of the first address of the MX that is there but opaque.
    pub(super) fn hidden_address(&self, mx: &Mx) -> Option<String> {
        let uplinks = mx.uplinks.items().iter().flat_map(|u| [&u.value.ip, &u.value.public_ip]);
        let pair = mx.pair();
        let vips = pair.into_iter().flat_map(|w| [&w.virtual_ip1, &w.virtual_ip2]);
        let units = pair.into_iter().flat_map(|w| w.spare_uplinks.items()).map(|u| &u.value.ip);
        let hidden = uplinks.chain(vips).chain(units).chain(self.upstream.iter().map(|d| &d.wan_ip)).find_map(Field::opaque);
        let lists = mx.uplinks.opaque().or(mx.warm_spare.opaque()).or_else(|| pair.and_then(|w| w.spare_uplinks.opaque()));
        hidden.or(lists).map(|o| o.reason.to_string())
    }

    /// What would tell the outside address of a device that translates towards the MX.
    fn outside_unknown(&self, mx: &Mx) -> Option<String> {
        let device = self.outermost_device().filter(|d| d.wan_address().is_absent() && d.forwards().next().is_some())?;
        let stated = mx.primary_uplink().is_some_and(|u| !u.value.public_ip.is_absent());
        (!stated).then(|| format!("the upstream device `{}` states no `wan_ip`", device.name.value))
    }

    /// The MX, or what is missing.
    fn mx_or_unknown(&self) -> Result<&Mx, ServerIs> {
        match &self.mx {
            Field::Known(mx) => Ok(&mx.value),
            Field::Opaque(o) => Err(ServerIs::Unknown(o.reason.to_string())),
            Field::Absent => Err(ServerIs::Unknown("the site file has no `[mx]`".into())),
        }
    }

    fn name_is(&self, name: &str) -> ServerIs {
        let mx = match self.mx_or_unknown() {
            Ok(mx) => mx,
            Err(unknown) => return unknown,
        };
        let dns = mx.dynamic_dns.value();
        if let Some(span) = dns.and_then(|d| d.is_hostname(name)) {
            return ServerIs::Hostname(span);
        }
        if let Some((port, span)) = dns.and_then(|d| d.uplink_of(name)) {
            if let Some(why) = mx.primary_unknown() {
                return ServerIs::Unknown(why.into_owned());
            }
            return if mx.is_primary(port) { ServerIs::UplinkName(span) } else { ServerIs::Secondary(span) };
        }
        if let Some(alias) = mx.hostname_aliases.items().iter().find(|a| a.value.name().is_some_and(|a| same_name(a, name))) {
            return ServerIs::Alias(alias.span);
        }
        let hidden = dns.into_iter().flat_map(|d| [&d.hostname, &d.wan1_hostname, &d.wan2_hostname]).find_map(Field::opaque);
        if let Some(o) = hidden.or(mx.hostname_aliases.opaque()).or(mx.dynamic_dns.opaque()) {
            return ServerIs::Unknown(o.reason.to_string());
        }
        let named = dns.is_some_and(|d| d.names().next().is_some());
        if is_dynamic_name(name) {
            return if dns.is_some_and(|d| !d.hostname.is_absent()) {
                ServerIs::OtherDynamicName
            } else {
                ServerIs::Unknown("`mx.dynamic_dns` states no `hostname`".into())
            };
        }
        if named || !mx.hostname_aliases.items().is_empty() || !self.addresses().is_empty() {
            ServerIs::OtherName
        } else {
            ServerIs::Unknown("the site file states no hostname, alias or address of the MX".into())
        }
    }
}
