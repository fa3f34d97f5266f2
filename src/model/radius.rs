//! From where the MX asks a RADIUS server, and which client entries of the server are for it.

use std::borrow::Cow;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::mx::{DeploymentMode, Uplink};
use super::{Field, Host, Mx, Opaque, RadiusClient, RadiusServer};
use crate::net::Addrs;
use crate::source::{Span, Spanned};

/// What the MX sends to when the Dashboard's field is left as it comes (RFC 2865).
pub const RADIUS_PORT: u32 = 1812;

/// The addresses by which a RADIUS server may know the MX.
#[derive(Default)]
pub struct RadiusSources<'a> {
    /// The MX's own, in its LAN and on its WAN ports. Where only a subnet is stated: one of it.
    pub own: Vec<Spanned<Addrs>>,
    /// Those that a server beyond the WAN may see instead: translated ones, and the spare unit's.
    pub beyond: Vec<Ipv4Addr>,
    /// Why one of its own may be missing.
    pub unknown: Option<Cow<'a, str>>,
}

/// Whether a server's client entries are for the MX.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Covered<'a> {
    /// Whatever address it asks from.
    Yes,
    /// From none.
    No,
    /// Not to be decided, for want of this.
    Unknown(Cow<'a, str>),
}

/// An address that is known, or that lies in a known subnet.
fn address(ip: &Field<Ipv4Addr>, subnet: &Field<Ipv4Net>) -> Option<Spanned<Addrs>> {
    match (ip, subnet) {
        (Field::Known(ip), _) => Some(ip.map(Addrs::one)),
        (_, Field::Known(subnet)) => Some(subnet.map(Addrs::net)),
        _ => None,
    }
}

fn unsaid(ip: &Field<Ipv4Addr>, otherwise: impl FnOnce() -> String) -> Cow<'_, str> {
    ip.opaque().map_or_else(|| otherwise().into(), |o| (&*o.reason).into())
}

impl Mx {
    /// Where it may ask a RADIUS server from: any VLAN's or the single LAN's appliance address, or an uplink's.
    pub fn radius_sources(&self) -> RadiusSources<'_> {
        let mut sources = RadiusSources::default();
        for vlan in self.vlans.items() {
            let name = || vlan.value.name.value().map_or_else(|| "a VLAN".to_owned(), |n| format!("VLAN `{n}`"));
            sources.add(address(&vlan.value.appliance_ip, &vlan.value.subnet), || {
                unsaid(&vlan.value.appliance_ip, || format!("{} states no `appliance_ip`", name()))
            });
        }
        if let Some(lan) = self.single_lan.value() {
            sources.add(address(&lan.appliance_ip, &lan.subnet), || {
                unsaid(&lan.appliance_ip, || "`mx.single_lan` states no `appliance_ip`".to_owned())
            });
        }
        for uplink in self.uplinks.items() {
            let name = || uplink.value.interface.value().map_or_else(|| "an uplink".to_owned(), |i| format!("the uplink {i}"));
            let Uplink { ip, subnet, public_ip, .. } = &uplink.value;
            sources.add(address(ip, subnet), || unsaid(ip, || format!("{} states no `ip`", name())));
            sources.beyond.extend(public_ip.value());
        }
        for vip in ["wan1", "wan2"].into_iter().filter_map(|wan| self.vip_of(wan)) {
            sources.own.push(vip.map(Addrs::one));
        }
        let pair = self.pair();
        let spares = pair.into_iter().flat_map(|w| w.spare_uplinks.items());
        sources.beyond.extend(spares.filter_map(|u| u.value.ip.value()));
        let vips = pair.and_then(|w| w.virtual_ip1.opaque().or(w.virtual_ip2.opaque()));
        let hidden = self.vlans.opaque().or(self.single_lan.opaque()).or(self.uplinks.opaque()).or(vips);
        let bridge = self.deployment_mode.value() == Some(&DeploymentMode::Passthrough);
        if let Some(o) = hidden {
            sources.unknown = Some((&*o.reason).into());
        } else if self.vlans.is_absent() && self.single_lan.is_absent() && !bridge {
            sources.unknown = Some("the site file states no `vlans` and no `single_lan`".into());
        } else if self.uplinks.is_absent() {
            sources.unknown.get_or_insert("the site file states no `mx.uplinks`".into());
        }
        sources
    }
}

impl<'a> RadiusSources<'a> {
    fn add(&mut self, at: Option<Spanned<Addrs>>, why: impl FnOnce() -> Cow<'a, str>) {
        match at {
            Some(at) => self.own.push(at),
            None => {
                self.unknown.get_or_insert_with(why);
            }
        }
    }

    /// Every address that is known, or may be the MX's.
    fn all(&self, server: &RadiusServer) -> Vec<Addrs> {
        let beyond = if server.is_inside() { &[][..] } else { &self.beyond };
        self.own.iter().map(|s| s.value.clone()).chain(beyond.iter().map(|ip| Addrs::one(*ip))).collect()
    }
}

impl RadiusServer {
    /// What it is called in a message.
    pub fn called(&self) -> String {
        self.host.value().map_or_else(|| "a RADIUS server".to_owned(), |host| format!("RADIUS server `{host}`"))
    }

    /// Whether it has a private address, and so never sees what the MX is translated to on the internet.
    fn is_inside(&self) -> bool {
        self.host.value().and_then(Host::v4).is_some_and(|ip| !Addrs::public().contains(ip))
    }

    /// Whether its client entries are for the MX.
    pub fn covers<'s>(&'s self, sources: &'s RadiusSources<'_>) -> Covered<'s> {
        let (mut ranges, mut unread) = (Vec::new(), None);
        for client in self.clients.items() {
            match &client.value.ip {
                Field::Known(ip) => ranges.extend_from_slice(ip.value.ranges()),
                Field::Opaque(o) => unread = unread.or(Some(&*o.reason)),
                Field::Absent => unread = unread.or(Some("a client entry states no `ip`")),
            }
        }
        let covered = Addrs::from_ranges(ranges);
        let whole = |set: &Addrs| set.minus(&covered).is_empty();
        if covered.is_any() || (sources.unknown.is_none() && !sources.own.is_empty() && sources.own.iter().all(|s| whole(&s.value))) {
            return Covered::Yes;
        }
        if let Some(why) = unread {
            return Covered::Unknown(why.into());
        }
        let met = sources.all(self).iter().any(|set| set.meets(&covered));
        match &sources.unknown {
            _ if covered.is_empty() => Covered::No,
            Some(why) => Covered::Unknown(Cow::Borrowed(why)),
            None if met => {
                Covered::Unknown("the client entries cover some of the MX's addresses, and which one the server sees is not known".into())
            }
            None if sources.own.is_empty() => Covered::Unknown("the site file states no address of the MX".into()),
            None => Covered::No,
        }
    }

    /// The client entries that the server may take for the MX: for each address the narrowest that holds it, as FreeRADIUS chooses;
    /// every entry when an address is not known.
    pub fn entries_for(&self, sources: &RadiusSources<'_>) -> Vec<&Spanned<RadiusClient>> {
        let clients = self.clients.items();
        if sources.unknown.is_some() || sources.own.is_empty() {
            return clients.iter().collect();
        }
        let sources = sources.all(self);
        let known = |source: &Addrs| {
            let holds = clients.iter().filter_map(|c| c.value.ip.value()).filter(|ip| ip.meets(source));
            // Of an address that is not known exactly, each entry may hold it alone.
            if source.size() == 1 { holds.map(Addrs::size).min() } else { None }
        };
        let narrowest: Vec<_> = sources.iter().map(|source| (source, known(source))).collect();
        let chosen = |entry: &&Spanned<RadiusClient>| {
            let Some(ip) = entry.value.ip.value() else { return true };
            narrowest.iter().any(|(source, size)| source.meets(ip) && size.is_none_or(|size| ip.size() == size))
        };
        clients.iter().filter(chosen).collect()
    }
}

impl RadiusServer {
    /// The port that the MX sends to and its place; `entry` is where the server is written, for a default.
    pub fn mx_port(&self, entry: Span) -> Result<(Spanned<u32>, bool), &Opaque> {
        match &self.port {
            Field::Known(port) => Ok((*port, true)),
            Field::Absent => Ok((Spanned::new(RADIUS_PORT, entry), false)),
            Field::Opaque(o) => Err(o),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Span = Span::new(1, 2);

    fn sources(own: &[&str], beyond: &[&str]) -> RadiusSources<'static> {
        let own = own.iter().map(|s| Spanned::new(Addrs::parse(s).unwrap(), AT)).collect();
        RadiusSources { own, beyond: beyond.iter().map(|s| s.parse().unwrap()).collect(), unknown: None }
    }

    fn server(host: &str, ips: &[&str]) -> RadiusServer {
        let entry = |ip: &&str| RadiusClient { ip: Field::known_at(Addrs::parse(ip).unwrap(), AT), ..RadiusClient::default() };
        let clients = Field::known_at(ips.iter().map(|ip| Spanned::new(entry(ip), AT)).collect(), AT);
        RadiusServer { host: Field::known_at(Host::parse(host).unwrap(), AT), clients, ..RadiusServer::default() }
    }

    #[test]
    fn every_source_must_be_covered() {
        let sources = sources(&["192.168.10.1", "192.168.1.2"], &["203.0.113.10"]);
        let is = |host: &str, ips: &[&str]| match server(host, ips).covers(&sources) {
            Covered::Yes => "yes",
            Covered::No => "no",
            Covered::Unknown(_) => "unknown",
        };
        assert_eq!(is("192.168.10.20", &["192.168.0.0/16"]), "yes");
        assert_eq!(is("192.168.10.20", &["192.168.10.1", "192.168.1.2/32"]), "yes");
        assert_eq!(is("192.168.10.20", &["192.168.10.0/24"]), "unknown");
        assert_eq!(is("192.168.10.20", &["203.0.113.10"]), "no");
        assert_eq!(is("radius.example.com", &["203.0.113.10"]), "unknown");
        assert_eq!(is("192.168.10.20", &[]), "no");
        assert_eq!(is("192.168.10.20", &["any"]), "yes");
    }

    #[test]
    fn an_address_of_which_only_the_subnet_is_known_may_be_covered() {
        let sources = sources(&["192.168.10.0/24", "192.168.11.7/32"], &[]);
        let covers = |ips: &[&str]| server("10.0.0.1", ips).covers(&sources) == Covered::Yes;
        assert!(covers(&["192.168.10.0/24", "192.168.11.7"]) && !covers(&["192.168.10.1", "192.168.11.7"]));
        assert_eq!(server("10.0.0.1", &["192.168.12.0/24"]).covers(&sources), Covered::No);
    }

    #[test]
    fn the_narrowest_entry_is_the_servers_choice() {
        let sources = sources(&["192.168.10.1"], &[]);
        let server = server("10.0.0.1", &["192.168.0.0/16", "192.168.10.1/32", "10.0.0.0/8"]);
        let chosen = server.entries_for(&sources);
        assert_eq!(chosen.iter().map(|c| c.value.ip.value().unwrap().to_string()).collect::<Vec<_>>(), ["192.168.10.1"]);
    }
}
