//! Zones and the networks in them. Rules speak of zones, so a zone is what the model calls an interface.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::uci::Section;
use super::{Policy, Remark, RemarkKind, opaque};
use crate::model::upstream::{Device, Interface, Interfaces, Match};
use crate::model::{Field, Opaque};
use crate::net::Addrs;
use crate::source::{Span, Spanned};

/// A zone.
pub(super) struct Zone {
    pub(super) name: String,
    pub(super) head: Span,
    networks: Vec<String>,
    devices: Vec<String>,
    pub(super) input: Spanned<Policy>,
    pub(super) forward: Spanned<Policy>,
    masquerades: bool,
    /// What narrows it beyond its networks.
    narrowed: Option<Opaque>,
}

/// An interface of `/etc/config/network`.
struct Network {
    protocol: String,
    device: Option<String>,
    nets: Vec<Spanned<Ipv4Net>>,
}

/// All names.
#[derive(Default)]
pub(super) struct Names<'t> {
    pub(super) zones: Vec<Zone>,
    networks: BTreeMap<&'t str, Network>,
    pub(super) sets: BTreeSet<String>,
    by_name: BTreeMap<String, usize>,
}

/// `ACCEPT`, `REJECT` or `DROP`, however it is written.
pub(super) fn policy(text: &str) -> Option<Policy> {
    match &*text.to_ascii_lowercase() {
        "accept" => Some(Policy::Accept),
        "reject" | "drop" => Some(Policy::Deny),
        _ => None,
    }
}

impl<'t> Names<'t> {
    pub(super) fn read(sections: &[Section<'t>]) -> (Self, Vec<Remark>) {
        let mut names = Self::default();
        let mut remarks = Vec::new();
        let defaults = sections.iter().find(|s| s.kind == "defaults");
        for section in sections {
            match section.kind {
                "zone" if section.switch("enabled") != Some(false) => names.zone(section, defaults, &mut remarks),
                "ipset" => names.sets.extend(section.get("name").map(|name| name.value.clone())),
                "interface" => names.network(section),
                _ => {}
            }
        }
        (names, remarks)
    }

    fn zone(&mut self, section: &Section<'t>, defaults: Option<&Section<'t>>, remarks: &mut Vec<Remark>) {
        let Some(name) = section.get("name").map(|name| name.value.clone()) else {
            remarks.push(Remark { span: section.head, message: "a zone without a name".into(), kind: RemarkKind::Unknown });
            return;
        };
        let family = section.get("family").map(|f| f.value.as_str());
        if family.is_some_and(|f| f.contains('6') && !f.contains('4')) || self.by_name(&name).is_some() {
            return;
        }
        let mut policy_of = |option: &str| {
            let said = section.get(option).or_else(|| defaults.and_then(|d| d.get(option)));
            let parsed = said.and_then(|said| policy(&said.value));
            if let (Some(said), None) = (said, parsed) {
                remarks.push(Remark { span: said.span, message: "the policy is not known".into(), kind: RemarkKind::Unknown });
            }
            Spanned::new(parsed.unwrap_or(Policy::Deny), said.map_or(section.head, |said| said.span))
        };
        let (input, forward) = (policy_of("input"), policy_of("forward"));
        let all = |option: &str| section.words(option).into_iter().map(|w| w.value.to_owned()).collect::<Vec<_>>();
        let odd = section.words("network").into_iter().chain(section.words("device")).find(|w| w.value.starts_with('!'));
        let narrowed = ["subnet", "extra", "extra_src", "extra_dest"].into_iter().find_map(|option| section.get(option)).map(|v| v.span);
        self.by_name.insert(name.clone(), self.zones.len());
        self.zones.push(Zone {
            name,
            head: section.head,
            networks: all("network"),
            devices: all("device"),
            input,
            forward,
            masquerades: section.switch("masq") == Some(true),
            narrowed: narrowed.or(odd.map(|w| w.span)).map(|span| opaque(span, "which packets the zone takes is not followed")),
        });
    }

    fn network(&mut self, section: &Section<'t>) {
        let Some(name) = section.name else { return };
        let mask = section.get("netmask").and_then(|mask| mask.value.parse::<Ipv4Addr>().ok());
        let net = |word: &Spanned<&str>| {
            let net = match (word.value.parse::<Ipv4Net>(), word.value.parse::<Ipv4Addr>(), mask) {
                (Ok(net), ..) => Some(net),
                (_, Ok(address), Some(mask)) => Ipv4Net::with_netmask(address, mask).ok(),
                (_, Ok(address), None) => Ipv4Net::new(address, 32).ok(),
                _ => None,
            };
            net.map(|net| Spanned::new(net, word.span))
        };
        let device = section.get("device").or_else(|| section.get("ifname")).map(|device| device.value.clone());
        let nets = section.words("ipaddr").iter().filter_map(net).collect();
        let protocol = section.get("proto").map_or_else(String::new, |proto| proto.value.clone());
        self.networks.insert(name, Network { protocol, device, nets });
    }

    pub(super) fn by_name(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// The addresses of a network that a rule names.
    pub(super) fn addresses(&self, network: &str) -> Option<Addrs> {
        let nets = &self.networks.get(network).filter(|network| network.protocol == "static")?.nets;
        Some(Addrs::from_ranges(nets.iter().flat_map(|net| Addrs::net(net.value).ranges().to_vec()).collect()))
    }

    /// Zones as interfaces, each with its networks; and the one towards the internet, where only one can be it.
    pub(super) fn describe(&self, device: &mut Device) {
        for zone in &self.zones {
            let name: Box<str> = zone.name.as_str().into();
            let mut others: Vec<&str> = zone.devices.iter().map(String::as_str).collect();
            let mut bare = true;
            for (network, of) in zone.networks.iter().filter_map(|name| self.networks.get(name.as_str()).map(|of| (name, of))) {
                others.extend([network.as_str()].into_iter().chain(of.device.as_deref()));
                for net in &of.nets {
                    bare = false;
                    device.interfaces.push(Interface { name: name.clone(), groups: Vec::new(), net: Field::Known(*net) });
                }
            }
            if bare {
                device.interfaces.push(Interface { name: name.clone(), ..Interface::default() });
            }
            // The site file may name a network or a device in place of the zone.
            for other in others.into_iter().filter(|other| self.by_name(other).is_none()) {
                device.interfaces.push(Interface { name: other.into(), groups: vec![name.clone()], net: Field::Absent });
            }
        }
        let mut outer = self.zones.iter().filter(|zone| zone.masquerades);
        let wan = match (outer.next(), outer.next()) {
            (Some(zone), None) => Some(zone),
            (None, _) => self.zones.iter().find(|zone| zone.name == "wan"),
            _ => None,
        };
        let Some(zone) = wan else { return };
        device.wan_interface = Field::known_at(zone.name.as_str().into(), zone.head);
        let networks: Vec<&Network> = zone.networks.iter().filter_map(|name| self.networks.get(name.as_str())).collect();
        let mut nets = networks.iter().flat_map(|network| &network.nets);
        if let (Some(net), None) = (nets.next(), nets.next())
            && networks.iter().all(|network| matches!(&*network.protocol, "static" | "dhcpv6" | "none"))
        {
            device.wan_ip = Field::known_at(net.value.addr(), net.span);
        }
    }
}

impl Zone {
    /// What comes in by the zone.
    pub(super) fn enters(&self, span: Span) -> Match {
        let other = self.narrowed.iter().cloned().collect();
        Match { in_interface: self.at(span), other, ..Match::default() }
    }

    /// What leaves by the zone.
    pub(super) fn leaves(&self, span: Span) -> Match {
        let other = self.narrowed.iter().cloned().collect();
        Match { out_interface: self.at(span), other, ..Match::default() }
    }

    fn at(&self, span: Span) -> Field<Interfaces> {
        Field::known_at(Interfaces::one(&self.name), span)
    }
}
