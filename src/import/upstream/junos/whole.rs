//! The device as a whole, and how much of it the file holds.
//!
//! In `show configuration`, `system` and `security` stand in front of `interfaces`, and others behind. So a file counts as a whole when it holds all three,
//! with zones and policies, and ends in another section. Of a part, what is missing says nothing.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use super::interfaces::unit;
use super::words::is_section;
use super::{Reader, Remark, RemarkKind, opaque};
use crate::import::upstream::config_tree::{At, Tree};
use crate::model::Field;
use crate::model::upstream::{Action, Chain, ChainId, Device, End, EndPoint, Line, Match, Nat, Replies};
use crate::source::Span;

const PART: &str = "the export is only a part of the configuration";

impl Reader<'_, '_> {
    pub(super) fn whole(mut self, tree: &Tree<'_>) -> (Device, Vec<Remark>) {
        for section in self.root.children().map(At::word) {
            if !is_section(section.value) {
                self.remark(section.span, "a section that is not known", RemarkKind::Unknown);
            }
        }
        self.read_interfaces();
        self.read_filters();
        let early: Vec<ChainId> = self.applied("input").into_iter().collect();
        let late: Vec<ChainId> = self.applied("output").into_iter().collect();
        let policies = self.policies();
        let input: Vec<ChainId> = self.of_itself().into_iter().chain(self.host_inbound()).collect();
        let mut nat = self.forwards();
        let ends = self.ends();
        self.device.replies = Replies::AsEstablished;
        let place = self.root.children().next().map_or_else(|| self.root.head(), At::head);
        let broken = self.remarks.iter().find(|remark| remark.kind == RemarkKind::Syntax).map(|remark| remark.span);
        let elsewhere = broken.is_none().then(|| self.elsewhere(tree, place)).flatten();
        if let Some((span, why)) = elsewhere {
            self.remarks.push(Remark { span, message: why.into(), kind: RemarkKind::Elsewhere });
        }
        match (broken, elsewhere) {
            (Some(span), _) => self.unknown(Vec::new(), span, "the export is not whole"),
            (None, Some((span, why))) => {
                // Where forwards are only missing, those that are here count.
                if why != PART {
                    nat.clear();
                }
                self.unknown(nat, span, why);
            }
            (None, None) => {
                let known = |lists: Vec<ChainId>| Field::known_at(lists, place);
                self.device.nat = Nat::Chains(nat);
                self.device.outbound = known(early.iter().copied().chain([policies]).collect());
                self.device.forward = known(vec![policies]);
                self.device.input = known(input);
                self.device.early = early;
                self.device.exits.clone_from(&late);
                self.device.late = late;
                self.device.terminates = Field::known_at(ends, place);
            }
        }
        self.mark_unused();
        (self.device, self.remarks)
    }

    /// What the verdicts may rest on and this file does not hold, or this reader does not follow.
    fn elsewhere(&self, tree: &Tree<'_>, place: Span) -> Option<(Span, &'static str)> {
        if let Some(span) = tree.breaks_off {
            return Some((span, "the last line has no line end: it may be cut off"));
        }
        for (section, why) in [("logical-systems", "logical systems are not followed"), ("tenants", "tenants are not followed")] {
            if let Some(section) = self.root.child(section) {
                return Some((section.head(), why));
            }
        }
        if let Some(mode) = self.root.at(&["security", "forwarding-options", "family", "inet", "mode"]) {
            return Some((mode.head(), "the device forwards packets without flows"));
        }
        if let Some(span) = tree.places("apply-groups").into_iter().find_map(|at| self.applies(at)) {
            return Some((span, "groups that the configuration applies are not followed"));
        }
        let has = |path: &[&str]| self.root.at(path).is_some();
        let whole = (has(&["system"]) || has(&["version"]))
            && has(&["security", "zones"])
            && has(&["security", "policies"])
            && has(&["interfaces"]);
        let ended =
            !matches!(tree.last.first(), None | Some(&("system" | "version" | "groups" | "apply-groups" | "security" | "interfaces")));
        (!(whole && ended)).then_some((place, PART))
    }

    /// Whether the groups that are applied here may say something of packets. Those of a cluster's nodes name the host and its management interface.
    fn applies(&self, at: At<'_, '_>) -> Option<Span> {
        let plain = |name: &str| {
            let groups: Vec<_> = match name {
                "${node}" => ["node0", "node1"].into_iter().filter_map(|node| self.root.at(&["groups", node])).collect(),
                name => self.root.at(&["groups", name]).into_iter().collect(),
            };
            let harmless = |section: At<'_, '_>| match section.word().value {
                "interfaces" => section.children().all(|interface| interface.word().value.starts_with("fxp")),
                section => matches!(section, "system" | "snmp" | "event-options" | "chassis"),
            };
            !groups.is_empty() && groups.into_iter().all(|group| group.children().all(harmless))
        };
        at.children().find(|name| !plain(name.word().value)).map(At::head)
    }

    /// Gateways: the daemon takes UDP 500 and 4500 at the address of their interface.
    fn ends(&self) -> Vec<EndPoint> {
        let gateways = self.root.at(&["security", "ike", "gateway"]).into_iter().flat_map(At::children);
        gateways.map(|gateway| EndPoint { span: gateway.head(), address: self.listens(gateway) }).collect()
    }

    fn listens(&self, gateway: At<'_, '_>) -> Field<Ipv4Addr> {
        if let Some(local) = gateway.value_of("local-address")
            && let Ok(address) = local.value.parse()
        {
            return Field::known_at(address, local.span);
        }
        let Some(name) = gateway.value_of("external-interface") else {
            return Field::opaque_at(gateway.head(), "the gateway names no interface");
        };
        let port = self.port(&unit(name.value));
        match port.and_then(|port| port.nets.first()) {
            Some(net) => Field::known_at(net.value.addr(), net.span),
            None if self.device.wan_interface.value().is_some_and(|wan| **wan == *unit(name.value)) => Field::Absent,
            None => Field::opaque_at(name.span, "the address of the interface is not in the file"),
        }
    }

    /// What no forward takes may be taken by one that is not here, and nothing is known of the rest.
    fn unknown(&mut self, mut nat: Vec<ChainId>, span: Span, why: &str) {
        let rest = Line::new(span, Match::default(), Action::Opaque(opaque(span, why)));
        nat.push(self.device.add(Chain { lines: vec![rest], ..Chain::new("rest", span, Some(End::implicit(true, span))) }));
        self.device.nat = Nat::Chains(nat);
        self.device.forward = Field::opaque_at(span, why);
        self.device.input = Field::opaque_at(span, why);
        self.device.outbound = Field::opaque_at(span, why);
        self.device.terminates = Field::opaque_at(span, why);
    }

    /// A filter that no interface has is not applied.
    fn mark_unused(&mut self) {
        let used: BTreeSet<ChainId> =
            self.device.lines().filter_map(|(_, line)| if let Action::Jump(id) = line.action { Some(id) } else { None }).collect();
        for id in self.filters.values().filter(|id| !used.contains(id)) {
            self.device.chains[id.0 as usize].applied = false;
        }
    }
}
