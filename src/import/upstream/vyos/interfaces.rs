//! Interfaces, their addresses, and which of them is towards the internet.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::Reader;
use crate::import::upstream::config_tree::At;
use crate::model::Field;
use crate::model::upstream::Interface;
use crate::net::Addrs;
use crate::source::Spanned;

/// More ways out by default than this are not looked at.
const HOPS: usize = 16;

/// An interface of the configuration.
#[derive(Clone, Debug)]
pub(super) struct Port<'a, 't> {
    /// Its name, as rules write it: `eth0`, `eth0.2`, `pppoe0`.
    pub(super) name: Box<str>,
    pub(super) at: At<'a, 't>,
    /// Its static addresses with their networks.
    pub(super) nets: Vec<Spanned<Ipv4Net>>,
    /// Whether it has an address that is not in the file.
    pub(super) dynamic: bool,
    /// Zones that it belongs to.
    pub(super) zones: Vec<&'t str>,
}

impl<'a, 't> Reader<'a, 't> {
    /// Gathers all interfaces.
    pub(super) fn read_interfaces(&mut self) {
        let Some(section) = self.root.child("interfaces") else { return };
        for kind in section.children() {
            for interface in kind.children() {
                let name = interface.word().value;
                self.interface(name.into(), interface, kind.word().value == "pppoe");
            }
        }
    }

    fn interface(&mut self, name: Box<str>, at: At<'a, 't>, dial_up: bool) {
        let mut port = Port { name, at, nets: Vec::new(), dynamic: dial_up, zones: Vec::new() };
        for address in at.child("address").into_iter().flat_map(At::children).map(At::word) {
            match address.value.parse::<Ipv4Net>() {
                Ok(net) => port.nets.push(Spanned::new(net, address.span)),
                Err(_) if address.value.contains(':') || address.value == "dhcpv6" => {}
                Err(_) => port.dynamic = true,
            }
        }
        for (word, dial_up) in [("vif", false), ("vif-s", false), ("vif-c", false), ("pppoe", true)] {
            for inner in at.child(word).into_iter().flat_map(At::children) {
                let number = inner.word().value;
                let name = if dial_up { format!("pppoe{number}") } else { format!("{}.{number}", port.name) };
                self.interface(name.into(), inner, dial_up);
            }
        }
        if at.has("disable") {
            return;
        }
        self.ports.push(port);
    }

    /// Describes the interfaces, and the one towards the internet where only one can be it.
    pub(super) fn describe_interfaces(&mut self) {
        for port in &self.ports {
            let groups: Vec<Box<str>> = port.zones.iter().map(|zone| super::zones::group(zone)).collect();
            let one = |net| Interface { name: port.name.clone(), groups: groups.clone(), net };
            if port.nets.is_empty() {
                self.device.interfaces.push(one(Field::Absent));
            }
            self.device.interfaces.extend(port.nets.iter().map(|net| one(Field::known_at(net.value, net.span))));
        }
        let Some(port) = self.outer().cloned() else { return };
        self.device.wan_interface = Field::known_at(port.name.clone(), port.at.head());
        if let Some(net) = port.nets.first() {
            self.device.wan_ip = Field::known_at(net.value.addr(), net.span);
        }
    }

    /// The interface that the default route leaves by, else the only one that the internet may be behind.
    fn outer(&self) -> Option<&Port<'a, 't>> {
        let route = self.root.at(&["protocols", "static", "route", "0.0.0.0/0"]);
        let hops = route.and_then(|route| route.child("next-hop")).into_iter().flat_map(At::children);
        let system = self.root.child("system").and_then(|system| system.value_of("gateway-address"));
        let hops: Vec<Ipv4Addr> = hops.map(At::word).chain(system).filter_map(|hop| hop.value.parse().ok()).take(HOPS).collect();
        let route_out = route.and_then(|route| route.child("interface").or_else(|| route.child("next-hop-interface"))).and_then(At::value);
        let leads = |port: &&Port<'a, 't>| {
            hops.iter().any(|hop| port.nets.iter().any(|net| net.value.contains(hop)))
                || route_out.is_some_and(|name| *name.value == *port.name)
        };
        let public = |port: &&Port<'a, 't>| port.dynamic || port.nets.iter().any(|net| Addrs::public().contains(net.value.addr()));
        if hops.is_empty() && route_out.is_none() { only(self.ports.iter().filter(public)) } else { only(self.ports.iter().filter(leads)) }
    }

    fn port_named(&self, name: &str) -> Option<&Port<'a, 't>> {
        self.by_name.get(name).map(|n| &self.ports[*n])
    }

    /// The addresses of an interface; none: they are not in the file.
    pub(super) fn own_address(&self, name: &str) -> Option<Addrs> {
        let port = self.port_named(name).filter(|port| !port.dynamic && !port.nets.is_empty())?;
        Some(port.nets.iter().fold(Addrs::none(), |all, net| all.union(&Addrs::one(net.value.addr()))))
    }

    /// The networks of an interface; none: they are not in the file.
    pub(super) fn own_network(&self, name: &str) -> Option<Addrs> {
        let port = self.port_named(name).filter(|port| !port.dynamic && !port.nets.is_empty())?;
        Some(port.nets.iter().fold(Addrs::none(), |all, net| all.union(&Addrs::net(net.value))))
    }
}

fn only<T>(mut of: impl Iterator<Item = T>) -> Option<T> {
    let first = of.next()?;
    of.next().is_none().then_some(first)
}
