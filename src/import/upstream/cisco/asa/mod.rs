//! Cisco ASA from version 8.3 on, and what FTD prints in the same form.
//!
//! Translation rules stand in three sections: those that name both ends, those of objects, and those that name both ends `after-auto`. Lists see real addresses, that
//! is those behind the translation (ASA "CLI Configuration Guide", "Access Rules"): an interface's own list, then the global one, then a denial. An interface without a list
//! passes what goes to interfaces of lower security. Flows are remembered, so that answers pass.

mod known;
mod lists;
mod nat;
mod rules;
mod statements;

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;

use super::entry::Own;
use super::names::Names;
use super::words::{Gone, Words};
use super::{Log, System, breaks_off, list, opaque, statements};
use crate::import::upstream::{Remark, RemarkKind};
use crate::model::Field;
use crate::model::upstream::{Action, ChainId, Device, End, EndPoint, Interface, Line, Match, Nat, Replies};
use crate::net::Addrs;
use crate::source::{Span, Spanned};
use statements::Section;

/// What stands before an incomplete list's end.
const BREAKS_OFF: &str = "the configuration breaks off before its end (`show running-config` prints `: end` there)";

/// An interface as it is described.
#[derive(Clone, Debug, Default)]
struct Port<'t> {
    /// What rules call it; none: no rule can.
    name: Option<Spanned<&'t str>>,
    /// From 0, outside, to 100, inside; none: not said.
    level: Option<u8>,
    net: Option<Spanned<Ipv4Net>>,
    dynamic: bool,
    down: bool,
    management: bool,
}

impl Port<'_> {
    /// The interface that is called `inside` is trusted without a word; others are not.
    fn level(&self) -> u8 {
        self.level.unwrap_or(if self.name.is_some_and(|name| name.value == "inside") { 100 } else { 0 })
    }
}

/// An access list as it is written; entries are numbered as `line n` counts them.
#[derive(Debug)]
struct List<'t> {
    span: Span,
    entries: Vec<Words<'t>>,
    order: Vec<u32>,
    gone: Gone<'t>,
}

/// Where a list is bound: at an interface or, without one, at all; for what comes in or for what goes out; for what ends at the device itself or not.
type Place<'t> = (Option<&'t str>, bool, bool);

/// What is gathered of a text.
struct Reader<'t> {
    log: Log,
    names: Names<'t>,
    section: Section<'t>,
    ports: Vec<Port<'t>>,
    port_of: BTreeMap<&'t str, usize>,
    lists: BTreeMap<&'t str, List<'t>>,
    used: BTreeSet<&'t str>,
    groups: BTreeMap<Place<'t>, Spanned<&'t str>>,
    /// Rules that name both ends, in their order, and those of objects.
    rules: Vec<Words<'t>>,
    rules_gone: Gone<'t>,
    object_rules: BTreeMap<&'t str, Words<'t>>,
    /// Networks behind interfaces, and default routes.
    routes: Vec<(&'t str, Ipv4Net)>,
    /// Where IKE is switched on.
    ike: BTreeMap<&'t str, Span>,
    same_level: bool,
    transparent: bool,
    inspects_ipsec: Option<Span>,
    /// A statement of versions before 8.3.
    old: Option<Span>,
    ended: bool,
    own: BTreeMap<String, Own>,
    chains: BTreeMap<&'t str, ChainId>,
}

/// Reads a text. The device's name is left empty. The spans are places that must never be shown.
pub fn read(text: &str, base: u32) -> (Device, Vec<Remark>, Vec<Span>) {
    let mut reader = Reader {
        log: Log::default(),
        names: Names::new(System::Asa),
        section: Section::Other,
        ports: Vec::new(),
        port_of: BTreeMap::new(),
        lists: BTreeMap::new(),
        used: BTreeSet::new(),
        groups: BTreeMap::new(),
        rules: Vec::new(),
        rules_gone: Gone::default(),
        object_rules: BTreeMap::new(),
        routes: Vec::new(),
        ike: BTreeMap::new(),
        same_level: false,
        transparent: false,
        inspects_ipsec: None,
        old: None,
        ended: false,
        own: BTreeMap::new(),
        chains: BTreeMap::new(),
    };
    let mut last = Span::new(base, base);
    for row in statements(text, base, System::Asa) {
        last = row.span;
        reader.statement(&row);
    }
    let device = reader.device(Span::new(base, base), last);
    let (remarks, hidden) = reader.log.finish(text, base);
    (device, remarks, hidden)
}

impl<'t> Reader<'t> {
    fn device(&mut self, start: Span, last: Span) -> Device {
        let mut device = Device::default();
        let wan = self.wan();
        self.describe(&mut device, wan);
        self.access_lists(&mut device);
        let inward = self.interface_lists(&mut device);
        let outward = self.outer_lists(&mut device);
        let input = self.control_lists(&mut device);
        let nat = self.translations(&mut device);
        let through = [inward, outward].concat();
        device.nat =
            if self.transparent && self.rules.is_empty() && self.object_rules.is_empty() { Nat::Never } else { Nat::Chains(vec![nat]) };
        device.outbound = Field::known_at(through.clone(), start);
        device.forward = Field::known_at(through, start);
        device.input = Field::known_at(input, start);
        device.replies = Replies::PassWithFlow;
        device.terminates = Field::known_at(self.endpoints(), start);
        if let Some(place) = self.old {
            // Lists saw outer addresses then, and rules were ordered otherwise.
            let why = "translation and lists of versions before 8.3 are not followed";
            let doubt = Line::new(place, Match::default(), Action::Opaque(opaque(place, why)));
            let one = device.add(list("static", place, vec![doubt], Some(End::implicit(true, place))));
            device.nat = Nat::Chains(vec![one]);
            device.forward = Field::opaque_at(place, why);
            device.outbound = Field::opaque_at(place, why);
        }
        let why = if !self.ended {
            BREAKS_OFF
        } else if self.ports.iter().all(|port| port.name.is_none()) {
            "the file describes no interface, so that nothing says what its lists are for"
        } else {
            return device;
        };
        self.log.remark(last, why, RemarkKind::Elsewhere);
        breaks_off(&mut device, last, why);
        device
    }

    /// Interfaces that are up and have a name.
    fn named(&self) -> impl Iterator<Item = (&Port<'t>, Spanned<&'t str>)> {
        self.ports.iter().filter(|port| !port.down).filter_map(|port| Some((port, port.name?)))
    }

    /// The way to the internet: where the default route leads, else the interface that is trusted least; none: several may be.
    fn wan(&self) -> Option<&'t str> {
        let only = |mut names: Vec<&'t str>| {
            names.sort_unstable();
            names.dedup();
            <[&'t str; 1]>::try_from(names).ok().map(|[one]| one)
        };
        let all: BTreeSet<&str> = self.named().map(|(_, name)| name.value).collect();
        let up = |name: &str| all.contains(name);
        let routed: Vec<_> = self.routes.iter().filter(|(name, net)| net.prefix_len() == 0 && up(name)).map(|(name, _)| *name).collect();
        if !routed.is_empty() {
            return only(routed);
        }
        let plain: Vec<_> = self.named().filter(|(port, _)| !port.management).collect();
        let dynamic: Vec<_> = plain.iter().filter(|(port, _)| port.dynamic).map(|(_, name)| name.value).collect();
        let least = plain.iter().map(|(port, _)| port.level()).min()?;
        let last = || only(plain.iter().filter(|(port, _)| port.level() == least).map(|(_, name)| name.value).collect());
        only(dynamic).or_else(last)
    }

    fn describe(&mut self, device: &mut Device, wan: Option<&'t str>) {
        let mut own = BTreeMap::new();
        for (port, name) in self.named() {
            let net = port.net.map_or(Field::Absent, |net| Field::known_at(net.value, net.span));
            if wan == Some(name.value) {
                device.wan_interface = Field::known_at(name.value.into(), name.span);
                if let Some(net) = port.net {
                    device.wan_ip = Field::known_at(net.value.addr(), net.span);
                }
            }
            device.interfaces.push(Interface { name: name.value.into(), groups: Vec::new(), net });
            let stands = match port.net {
                Some(net) => Own::At(net.value.addr()),
                None if wan == Some(name.value) => Own::Itself,
                None => Own::Unknown,
            };
            own.insert(name.value.to_ascii_lowercase(), stands);
        }
        self.own = own;
    }

    /// Where the ASA itself ends IPsec: interfaces on which IKE is on.
    fn endpoints(&self) -> Vec<EndPoint> {
        let mut ends: Vec<EndPoint> = Vec::new();
        for (name, span) in &self.ike {
            let address = match self.own.get(&name.to_ascii_lowercase()) {
                Some(Own::At(ip)) => Field::known_at(*ip, *span),
                Some(Own::Itself) => Field::Absent,
                _ => Field::opaque_at(*span, "the address of the interface is not in the file"),
            };
            ends.push(EndPoint { span: *span, address });
        }
        ends
    }

    /// Addresses behind other interfaces than this one, as far as the file says.
    fn behind_others(&self, interface: &str) -> Addrs {
        let near = self.named().filter(|(_, name)| name.value != interface).filter_map(|(port, _)| port.net.map(|net| net.value));
        let far = self.routes.iter().filter(|(name, net)| *name != interface && net.prefix_len() > 0).map(|(_, net)| *net);
        let ranges = near.chain(far).map(|net| (net.network().into(), net.broadcast().into()));
        Addrs::from_ranges(ranges.collect())
    }
}
