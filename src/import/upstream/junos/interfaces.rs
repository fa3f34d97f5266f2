//! Interfaces, their addresses, their zones and routing instances, and which of them is towards the internet.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::Reader;
use crate::import::upstream::config_tree::At;
use crate::model::Field;
use crate::model::upstream::Interface;
use crate::net::Addrs;
use crate::source::{Span, Spanned};

/// More ways out by default than this are not looked at.
const HOPS: usize = 16;

/// A unit of an interface.
#[derive(Clone, Debug)]
pub(super) struct Port<'t> {
    /// `ge-0/0/0.0`
    pub(super) name: Box<str>,
    pub(super) nets: Vec<Spanned<Ipv4Net>>,
    pub(super) dynamic: bool,
    /// Its zone, and its routing instance.
    pub(super) groups: Vec<&'t str>,
    pub(super) span: Span,
}

/// A unit's name: without a number, unit 0 is meant.
pub(super) fn unit(name: &str) -> Box<str> {
    if name.contains('.') { name.into() } else { format!("{name}.0").into() }
}

impl<'t> Reader<'_, 't> {
    pub(super) fn read_interfaces(&mut self) {
        for interface in self.root.child("interfaces").into_iter().flat_map(At::children) {
            if interface.has("disable") {
                continue;
            }
            for unit in interface.child("unit").into_iter().flat_map(At::children).filter(|unit| !unit.has("disable")) {
                let Some(inet) = unit.at(&["family", "inet"]) else { continue };
                let name = format!("{}.{}", interface.word().value, unit.word().value).into();
                let nets = inet.child("address").into_iter().flat_map(At::children).filter_map(|address| {
                    let word = address.word();
                    word.value.parse().ok().map(|net| Spanned::new(net, word.span))
                });
                let dynamic = ["dhcp", "dhcp-client", "negotiate-address"].into_iter().any(|word| inet.has(word));
                self.ports.push(Port { name, nets: nets.collect(), dynamic, groups: Vec::new(), span: unit.head() });
            }
        }
        self.join_groups();
        for port in &self.ports {
            let groups: Vec<Box<str>> = port.groups.iter().map(|group| (*group).into()).collect();
            let one = |net| Interface { name: port.name.clone(), groups: groups.clone(), net };
            if port.nets.is_empty() {
                self.device.interfaces.push(one(Field::Absent));
            }
            self.device.interfaces.extend(port.nets.iter().map(|net| one(Field::known_at(net.value, net.span))));
        }
        let Some(port) = self.outer().cloned() else { return };
        if let Some(net) = port.nets.first() {
            self.device.wan_ip = Field::known_at(net.value.addr(), net.span);
        }
        self.device.wan_interface = Field::known_at(port.name, port.span);
    }

    /// Tells units their zones and instances; what the file does not describe is a unit too.
    fn join_groups(&mut self) {
        let mut by_name: BTreeMap<Box<str>, usize> = self.ports.iter().enumerate().map(|(n, port)| (port.name.clone(), n)).collect();
        let zones = self.root.at(&["security", "zones", "security-zone"]).into_iter().flat_map(At::children);
        let members = zones.flat_map(|zone| zone.child("interfaces").into_iter().flat_map(At::children).map(move |member| (zone, member)));
        let instances = self.root.child("routing-instances").into_iter().flat_map(At::children);
        let of_instances =
            instances.flat_map(|group| group.child("interface").into_iter().flat_map(At::children).map(move |member| (group, member)));
        for (group, member) in members.chain(of_instances) {
            let name = unit(member.word().value);
            let n = *by_name.entry(name.clone()).or_insert_with(|| {
                self.ports.push(Port { name, nets: Vec::new(), dynamic: false, groups: Vec::new(), span: member.head() });
                self.ports.len() - 1
            });
            self.ports[n].groups.push(group.word().value);
        }
        self.by_name = by_name;
    }

    /// The unit that the default route leaves by, else the only one that the internet may be behind.
    fn outer(&self) -> Option<&Port<'t>> {
        let route = self.root.at(&["routing-options", "static", "route", "0.0.0.0/0"]);
        let hops =
            route.into_iter().flat_map(|route| ["next-hop", "qualified-next-hop"].into_iter().filter_map(move |word| route.child(word)));
        let hops: Vec<&str> = hops.flat_map(At::children).map(|hop| hop.word().value).take(HOPS).collect();
        let leads = |port: &&Port<'t>| {
            hops.iter().any(|hop| match hop.parse::<Ipv4Addr>() {
                Ok(hop) => port.nets.iter().any(|net| net.value.contains(&hop)),
                Err(_) => *unit(hop) == *port.name,
            })
        };
        let public = |port: &&Port<'t>| port.dynamic || port.nets.iter().any(|net| Addrs::public().contains(net.value.addr()));
        let mut found: Vec<&Port<'t>> =
            if hops.is_empty() { self.ports.iter().filter(public).collect() } else { self.ports.iter().filter(leads).collect() };
        found.pop().filter(|_| found.is_empty())
    }

    pub(super) fn port(&self, name: &str) -> Option<&Port<'t>> {
        self.by_name.get(name).map(|n| &self.ports[*n])
    }
}
