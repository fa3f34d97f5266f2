//! What names in rules stand for: interfaces, their networks and addresses, aliases, virtual addresses.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::{Flavour, xml};
use crate::model::Field;
use crate::model::upstream::{Device, Interface};
use crate::net::{Addrs, Ports};
use crate::source::Spanned;
use crate::tree::xml::Element;

/// Aliases that name each other deeper than this are taken for a loop.
const DEPTH: usize = 32;

/// An interface of the configuration.
pub(super) struct Port<'e> {
    pub(super) element: &'e Element<'e>,
    pub(super) enabled: bool,
    /// Its static address and network.
    pub(super) net: Option<Spanned<Ipv4Net>>,
    /// Whether the internet is behind it, by the looks of it.
    pub(super) outer: bool,
}

/// An alias.
struct Alias<'e> {
    kind: &'e str,
    enabled: bool,
    items: Vec<&'e str>,
}

/// What a name stands for.
#[derive(Clone)]
pub(super) enum Stands<T> {
    /// This.
    For(T),
    /// The device's own WAN address, which is not in the file.
    Itself,
    /// It cannot be known from the file, and why.
    Opaque(&'static str),
    /// Nothing that the file defines.
    Nothing,
}

/// All names.
pub(super) struct Names<'e> {
    pub(super) ports: BTreeMap<&'e str, Port<'e>>,
    /// Groups of interfaces, with their rank and their members.
    pub(super) groups: BTreeMap<&'e str, (u32, Vec<&'e str>)>,
    aliases: BTreeMap<&'e str, Alias<'e>>,
    /// Further addresses of the device, by their id.
    virtuals: Vec<(&'e str, Ipv4Addr)>,
    pub(super) schedules: Vec<&'e str>,
    /// What aliases were found to stand for: they may hold one another many times over.
    known: RefCell<BTreeMap<&'e str, Stands<Addrs>>>,
    known_ports: RefCell<BTreeMap<&'e str, Stands<Ports>>>,
}

impl<'e> Names<'e> {
    pub(super) fn read(flavour: Flavour, root: &'e Element<'e>) -> Self {
        let on = |e: &Element<'_>| flavour == Flavour::Pfsense || e.text.value.trim() != "0";
        let mut names = Self {
            ports: BTreeMap::new(),
            groups: BTreeMap::new(),
            aliases: BTreeMap::new(),
            virtuals: Vec::new(),
            schedules: Vec::new(),
            known: RefCell::default(),
            known_ports: RefCell::default(),
        };
        for element in xml::all(root, &["interfaces"]).into_iter().flat_map(|e| &e.children) {
            if xml::text(element, "type").is_some_and(|kind| kind.value == "group") {
                names.groups.entry(&element.name).or_default();
            } else {
                names.ports.entry(&element.name).or_insert_with(|| port(element, element.child("enable").is_some_and(on)));
            }
        }
        for group in xml::all(root, &["ifgroups", "ifgroupentry"]) {
            let Some(name) = xml::text(group, "ifname") else { continue };
            let rank = xml::text(group, "sequence").and_then(|n| n.value.parse().ok()).unwrap_or(0);
            let members = xml::text(group, "members").into_iter().flat_map(xml::words).map(|word| word.value).collect();
            names.groups.insert(name.value, (rank, members));
        }
        let older = xml::all(root, &["aliases", "alias"]).into_iter().map(|e| (e, "address"));
        let newer = xml::all(root, &["OPNsense", "Firewall", "Alias", "aliases", "alias"]).into_iter().map(|e| (e, "content"));
        for (element, list) in older.chain(newer) {
            let Some(name) = xml::text(element, "name") else { continue };
            let alias = Alias {
                kind: xml::text(element, "type").map_or("", |kind| kind.value),
                enabled: element.child("enabled").is_none_or(on),
                items: xml::text(element, list).into_iter().flat_map(xml::words).map(|word| word.value).collect(),
            };
            names.aliases.entry(name.value).or_insert(alias);
        }
        for vip in xml::all(root, &["virtualip", "vip"]) {
            let id = xml::text(vip, "uniqid").map_or("", |id| id.value);
            if let Some(address) = xml::text(vip, "subnet").and_then(|a| a.value.parse().ok()) {
                names.virtuals.push((id, address));
            }
        }
        let schedules = xml::all(root, &["schedules", "schedule"]);
        names.schedules = schedules.into_iter().filter_map(|e| xml::text(e, "name")).map(|name| name.value).collect();
        names
    }

    /// Tells the device its interfaces, and which of them is the WAN where only one can be.
    pub(super) fn describe(&self, device: &mut Device) {
        for (name, port) in &self.ports {
            let groups = self.groups.iter().filter(|(_, (_, members))| members.contains(name)).map(|(group, _)| (*group).into());
            let net = port.net.map_or(Field::Absent, |net| Field::known_at(net.value, net.span));
            device.interfaces.push(Interface { name: (*name).into(), groups: groups.collect(), net });
        }
        let mut outer = self.ports.iter().filter(|(_, port)| port.outer);
        if let (Some((name, port)), None) = (outer.next(), outer.next()) {
            device.wan_interface = Field::known_at((*name).into(), port.element.head());
            if let Some(net) = port.net {
                device.wan_ip = Field::known_at(net.value.addr(), net.span);
            }
        }
    }

    /// Whether a name is a group of interfaces rather than one.
    pub(super) fn is_group(&self, name: &str) -> bool {
        self.groups.contains_key(name)
            || matches!(name, "enc0" | "ipsec" | "openvpn" | "l2tp" | "pptp" | "pppoe" | "WireGuard" | "wireguard")
    }

    /// Whether the internet may be behind one of these interfaces or groups.
    pub(super) fn is_outer<'n>(&self, mut names: impl Iterator<Item = &'n str>) -> bool {
        let outer = |name: &str| self.ports.get(name).is_some_and(|port| port.outer);
        names.any(|name| outer(name) || self.groups.get(name).is_some_and(|(_, members)| members.iter().any(|m| outer(m))))
    }

    /// The address of a virtual address's id, as `_vip5c0a4b6139b05`.
    pub(super) fn virtual_address(&self, name: &str) -> Option<Ipv4Addr> {
        let id = name.strip_prefix("_vip")?;
        self.virtuals.iter().find(|(known, _)| *known == id).map(|(_, address)| *address)
    }

    /// The addresses that a name, an address or a network in a rule stands for.
    pub(super) fn addrs(&self, name: &str) -> Stands<Addrs> {
        self.addrs_at(name, 0)
    }

    fn addrs_at(&self, name: &str, depth: usize) -> Stands<Addrs> {
        if let Some(set) = Addrs::parse(name) {
            return Stands::For(set);
        }
        if name.contains(':') {
            // An IPv6 address or network.
            return Stands::For(Addrs::none());
        }
        if name == "(self)" {
            return self.own();
        }
        let named = |name: &str| self.ports.get(name);
        if let Some(stands) = name.strip_suffix("ip").and_then(|name| self.address(name)) {
            return stands;
        }
        let network = name.strip_prefix("__").and_then(|n| n.strip_suffix("_network"));
        if let Some(port) = named(network.unwrap_or(name)) {
            let unknown = Stands::Opaque("the network of the interface is not in the file");
            return port.net.map_or(unknown, |net| Stands::For(Addrs::net(net.value)));
        }
        match self.aliases.get_key_value(name) {
            Some((name, alias)) => {
                if let Some(known) = self.known.borrow().get(name) {
                    return known.clone();
                }
                let stands = self.alias(alias, depth);
                self.known.borrow_mut().insert(name, stands.clone());
                stands
            }
            // Addresses that nobody on the internet has; those of private networks are not among them.
            None if name == "bogons" => Stands::For(Addrs::public().complement().minus(&private())),
            None if self.is_group(name) => Stands::Opaque("the networks of a group of interfaces are not in the file"),
            None if is_table(name) => Stands::Opaque("the device keeps this table by itself"),
            None => Stands::Nothing,
        }
    }

    /// The address of an interface.
    pub(super) fn address(&self, interface: &str) -> Option<Stands<Addrs>> {
        let port = self.ports.get(interface)?;
        Some(match port.net {
            Some(net) => Stands::For(Addrs::one(net.value.addr())),
            None if port.outer => Stands::Itself,
            None => Stands::Opaque("the address of the interface is not in the file"),
        })
    }

    /// Every address of the device itself.
    fn own(&self) -> Stands<Addrs> {
        let enabled = || self.ports.values().filter(|port| port.enabled);
        if enabled().any(|port| port.outer && port.net.is_none()) {
            return Stands::Itself;
        }
        let fixed = enabled().filter_map(|port| port.net.map(|net| net.value.addr())).chain(self.virtuals.iter().map(|v| v.1));
        Stands::For(Addrs::from_ranges(fixed.map(|ip| (ip.into(), ip.into())).collect()))
    }

    fn alias(&self, alias: &Alias<'_>, depth: usize) -> Stands<Addrs> {
        if !alias.enabled {
            return Stands::Opaque("the alias is switched off");
        }
        match alias.kind {
            "host" | "network" | "networkgroup" | "" => {}
            "geoip" => return Stands::Opaque("which addresses the country has is not in the file"),
            "url" | "urltable" | "urljson" => return Stands::Opaque("the alias is loaded from a URL"),
            _ => return Stands::Opaque("what the alias holds is not in the file"),
        }
        if depth > DEPTH {
            return Stands::Opaque("the aliases name each other");
        }
        let (mut held, mut excluded) = (Vec::new(), Vec::new());
        for item in &alias.items {
            let (item, to) = item.strip_prefix('!').map_or((*item, &mut held), |item| (item, &mut excluded));
            match self.addrs_at(item, depth + 1) {
                Stands::For(set) => to.extend_from_slice(set.ranges()),
                Stands::Itself => return Stands::Opaque("the WAN address is not in the file"),
                Stands::Nothing if item.contains('.') => return Stands::Opaque("a host name stands for addresses that only DNS knows"),
                Stands::Nothing => return Stands::Opaque("the alias names one that is not in the file"),
                opaque @ Stands::Opaque(_) => return opaque,
            }
        }
        Stands::For(Addrs::from_ranges(held).minus(&Addrs::from_ranges(excluded)))
    }

    /// Names in aliases that the file does not define, in the order of the file's names.
    pub(super) fn unknown_in_aliases(&self, root: &'e Element<'e>) -> Vec<Spanned<&'e str>> {
        let older = xml::all(root, &["aliases", "alias"]).into_iter().map(|e| (e, "address"));
        let newer = xml::all(root, &["OPNsense", "Firewall", "Alias", "aliases", "alias"]).into_iter().map(|e| (e, "content"));
        let mut found = Vec::new();
        for (element, list) in older.chain(newer) {
            let kind = xml::text(element, "type").map_or("", |kind| kind.value);
            for item in xml::text(element, list).into_iter().flat_map(xml::words) {
                let missing = match kind {
                    "port" => matches!(self.ports(item.value), Stands::Nothing),
                    // A word without a dot may be a host's name, or an alias that is gone.
                    "networkgroup" => matches!(self.addrs(item.value), Stands::Nothing),
                    _ => false,
                };
                if missing {
                    found.push(item);
                }
            }
        }
        found
    }

    /// The ports that a number, a range, a service's name or an alias stands for.
    pub(super) fn ports(&self, name: &str) -> Stands<Ports> {
        self.ports_at(name, 0)
    }

    fn ports_at(&self, name: &str, depth: usize) -> Stands<Ports> {
        let Some((name, alias)) = self.aliases.get_key_value(name) else {
            return match Ports::parse(name).or_else(|| service(name).map(Ports::one)) {
                Some(ports) if ports.first() == Some(1) && ports.contains(u16::MAX) && ports.count() == 65535 => Stands::For(Ports::any()),
                Some(ports) => Stands::For(ports),
                None => Stands::Nothing,
            };
        };
        if let Some(known) = self.known_ports.borrow().get(name) {
            return known.clone();
        }
        let stands = self.port_alias(alias, depth);
        self.known_ports.borrow_mut().insert(name, stands.clone());
        stands
    }

    fn port_alias(&self, alias: &Alias<'_>, depth: usize) -> Stands<Ports> {
        match alias.kind {
            _ if !alias.enabled => return Stands::Opaque("the alias is switched off"),
            "port" => {}
            "url_ports" | "urltable_ports" => return Stands::Opaque("the alias is loaded from a URL"),
            _ => return Stands::Opaque("the alias holds no ports"),
        }
        if depth > DEPTH {
            return Stands::Opaque("the aliases name each other");
        }
        let mut list = String::new();
        let mut union = Ports::none();
        for item in &alias.items {
            match self.ports_at(item, depth + 1) {
                Stands::For(ports) => {
                    union = union.union(&ports);
                    list.push_str(if list.is_empty() { "" } else { "," });
                    list.push_str(item);
                }
                Stands::Itself | Stands::Nothing => return Stands::Opaque("the alias names one that is not in the file"),
                opaque @ Stands::Opaque(_) => return opaque,
            }
        }
        // Read as a list, the set remembers which ports stand alone.
        Stands::For(Ports::parse(&list).filter(|ports| *ports == union).unwrap_or(union))
    }

    /// Whether a name is an alias.
    pub(super) fn is_alias(&self, name: &str) -> bool {
        self.aliases.contains_key(name)
    }
}

fn port<'e>(element: &'e Element<'e>, enabled: bool) -> Port<'e> {
    let address = xml::text(element, "ipaddr");
    let net = address.and_then(|address| {
        let bits = xml::text(element, "subnet").and_then(|bits| bits.value.parse().ok()).unwrap_or(32);
        Some(Spanned::new(Ipv4Net::new(address.value.parse().ok()?, bits).ok()?, address.span))
    });
    let dynamic = address.is_some_and(|a| matches!(a.value, "dhcp" | "pppoe" | "pptp" | "l2tp" | "ppp"));
    let gateway = xml::text(element, "gateway").is_some_and(|g| g.value != "none");
    let enabled = enabled || element.name == "wan";
    Port { element, enabled, net, outer: enabled && (element.name == "wan" || dynamic || gateway) }
}

/// The private networks that "Block private networks" is about.
pub(super) fn private() -> Addrs {
    Addrs::parse("10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,127.0.0.0/8").unwrap_or_default()
}

/// Tables that the two systems fill by themselves, and networks of their own servers.
fn is_table(name: &str) -> bool {
    const NAMES: &[&str] =
        &["virusprot", "sshlockout", "snort2c", "webConfiguratorlockout", "sshguard", "negate_networks", "vpn_networks", "bogonsv6"];
    NAMES.contains(&name) || name.starts_with("__captiveportal")
}

/// Services that OPNsense offers by name besides those that [`Ports`] knows (`OPNsense/Base/FieldTypes/PortField.php`).
fn service(name: &str) -> Option<u16> {
    Some(match name {
        "cvsup" => 5999,
        "hbci" => 3000,
        "aol" => 5190,
        "auth" => 113,
        "ms-streaming" => 1755,
        "afs3-fileserver" => 7000,
        "ms-wbt-server" => 3389,
        "wins" => 1512,
        "msnp" => 1863,
        "nntp" => 119,
        "netbios-dgm" => 138,
        "netbios-ns" => 137,
        "netbios-ssn" => 139,
        "avt-profile-1" => 5004,
        "igmpv3lite" | "urd" => 465,
        "submission" => 587,
        "nat-stun-port" => 3478,
        "teredo" => 3544,
        "rfb" => 5900,
        _ => return None,
    })
}
