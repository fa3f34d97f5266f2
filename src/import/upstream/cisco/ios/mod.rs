//! Cisco IOS and IOS-XE: a running configuration, or lines pasted from one.
//!
//! A packet from the internet meets the list of the outside interface with its public address, then translation, then zones and the lists on the way
//! out of the inner interface (Cisco document 6209, "NAT Order of Operation"). Lists forget flows, so that answers pass them like any packet, unless
//! a firewall (`ip inspect`, zones) remembers the flow. A list that ends denies; one that is not there, or empty, permits everything.

mod interfaces;
mod known;
mod lists;
mod nat;
mod policies;
mod statements;
mod tunnels;
mod zones;

use std::collections::{BTreeMap, BTreeSet};

use super::entry::Own;
use super::names::Names;
use super::words::{Gone, Words};
use super::{BREAKS_OFF, Log, System, breaks_off, statements};
use crate::import::upstream::{Remark, RemarkKind};
use crate::model::Field;
use crate::model::upstream::{ChainId, Device, End, Interface, Line, Nat, Replies};
use crate::source::{Span, Spanned};
use interfaces::{INSIDE, Port, Side};
use policies::{ClassMap, PolicyMap, ZonePair};
use statements::Section;

/// An access list as it is written.
#[derive(Debug)]
struct List<'t> {
    span: Span,
    standard: bool,
    /// The last sequence number, whether all came in order, and each entry with its own.
    last: u32,
    sorted: bool,
    entries: Vec<(u32, Words<'t>)>,
    /// Entries that were taken back, by what they say and by number.
    gone: Gone<'t>,
    gone_numbers: BTreeMap<u32, u32>,
}

/// What is gathered of a text.
struct Reader<'t> {
    log: Log,
    names: Names<'t>,
    section: Section<'t>,
    /// The lines of the section at hand stand behind blanks.
    nested: bool,
    ports: Vec<Port<'t>>,
    port_of: BTreeMap<String, usize>,
    lists: BTreeMap<&'t str, List<'t>>,
    /// Words behind which a list may be named.
    used: BTreeSet<&'t str>,
    nat: Vec<Words<'t>>,
    nat_gone: Gone<'t>,
    /// Default routes: where they lead.
    routes: Vec<&'t str>,
    /// `ip inspect name`: protocols by name.
    inspections: BTreeMap<&'t str, BTreeSet<&'t str>>,
    classes: BTreeMap<&'t str, ClassMap<'t>>,
    policies: BTreeMap<&'t str, PolicyMap<'t>>,
    pairs: BTreeMap<&'t str, ZonePair<'t>>,
    zones: BTreeSet<&'t str>,
    /// `crypto map NAME local-address INTERFACE`.
    local: BTreeMap<&'t str, String>,
    /// The last statement is `end`.
    ended: bool,
    // Below: filled when all is read.
    /// The way to the internet.
    way: Option<usize>,
    own: BTreeMap<String, Own>,
    lines: BTreeMap<&'t str, Vec<Line>>,
    chains: BTreeMap<&'t str, ChainId>,
    /// Lists as conditions of classes that are let through, or not.
    variants: BTreeMap<(&'t str, bool), ChainId>,
    /// Policies that are followed already.
    followed: BTreeMap<&'t str, (ChainId, End)>,
}

/// Reads a text. The device's name is left empty. The spans are places that must never be shown.
pub fn read(text: &str, base: u32) -> (Device, Vec<Remark>, Vec<Span>) {
    let mut reader = Reader {
        log: Log::default(),
        names: Names::new(System::Ios),
        section: Section::Other,
        nested: false,
        ports: Vec::new(),
        port_of: BTreeMap::new(),
        lists: BTreeMap::new(),
        used: BTreeSet::new(),
        nat: Vec::new(),
        nat_gone: Gone::default(),
        routes: Vec::new(),
        inspections: BTreeMap::new(),
        classes: BTreeMap::new(),
        policies: BTreeMap::new(),
        pairs: BTreeMap::new(),
        zones: BTreeSet::new(),
        local: BTreeMap::new(),
        ended: false,
        way: None,
        own: BTreeMap::new(),
        lines: BTreeMap::new(),
        chains: BTreeMap::new(),
        variants: BTreeMap::new(),
        followed: BTreeMap::new(),
    };
    let mut last = Span::new(base, base);
    for row in statements(text, base, System::Ios) {
        last = row.span;
        reader.statement(&row);
    }
    let device = reader.device(Span::new(base, base), last);
    let (remarks, hidden) = reader.log.finish(text, base);
    (device, remarks, hidden)
}

impl Reader<'_> {
    fn device(&mut self, start: Span, last: Span) -> Device {
        let mut device = Device::default();
        self.way = self.wan();
        self.describe(&mut device);
        self.addresses();
        self.access_lists(&mut device);
        let inward = self.bindings(&mut device, true);
        let outward = self.bindings(&mut device, false);
        let zones = self.zones(&mut device);
        let nat = self.translations(&mut device);
        let known = |lists: &[&[ChainId]]| Field::known_at(lists.concat(), start);
        device.nat = Nat::Chains(vec![nat]);
        device.forward = known(&[&zones.through, &outward]);
        device.input = known(&[&inward, &zones.input]);
        device.outbound = known(&[&inward, &zones.through]);
        device.early = inward;
        device.late = outward;
        device.replies = if self.remembers() { Replies::AsEstablished } else { Replies::AsAnyPacket };
        device.terminates = Field::known_at(self.tunnels(), start);
        let why = if !self.ended {
            BREAKS_OFF
        } else if self.ports.is_empty() {
            "the file describes no interface, so that nothing says what its lists are for"
        } else {
            return device;
        };
        self.log.remark(last, why, RemarkKind::Elsewhere);
        breaks_off(&mut device, last, why);
        device
    }

    /// Whether something remembers flows, so that answers pass as such.
    fn remembers(&self) -> bool {
        let evaluates = self.lists.values().any(|list| list.entries.iter().any(|(_, words)| words.peek() == Some("evaluate")));
        evaluates || !self.pairs.is_empty() || self.ports.iter().any(|port| !port.inspect.is_empty())
    }

    /// Interfaces, the way to the internet and its address.
    fn describe(&self, device: &mut Device) {
        for (n, port) in self.ports.iter().enumerate() {
            let zone = self.zone_of(port);
            let inside = matches!(port.nat, Some(Side::Inside | Side::Either)).then(|| INSIDE.into());
            let groups: Vec<Box<str>> = zone.map(|zone| zones::group(zone).into()).into_iter().chain(inside).collect();
            let nets = port.net.iter().chain(&port.more).filter(|_| !port.down);
            let mut one = |net| device.interfaces.push(Interface { name: (*port.name).into(), groups: groups.clone(), net });
            if port.net.is_none() || port.down {
                one(Field::Absent);
            }
            for net in nets {
                one(Field::known_at(net.value, net.span));
            }
            if self.way == Some(n) {
                device.wan_interface = Field::known_at((*port.name).into(), port.span);
                if let Some(net) = port.net {
                    device.wan_ip = Field::known_at(net.value.addr(), net.span);
                }
            }
        }
    }

    /// What the addresses of interfaces are, for rules that name them.
    fn addresses(&mut self) {
        for (n, port) in self.ports.iter().enumerate() {
            let own = match port.net {
                Some(Spanned { value, .. }) => Own::At(value.addr()),
                None if self.way == Some(n) => Own::Itself,
                None => Own::Unknown,
            };
            self.own.insert(port.key.clone(), own);
        }
    }
}
