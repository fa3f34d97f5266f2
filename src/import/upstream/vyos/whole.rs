//! The device as a whole, and how much of it the file holds.
//!
//! Sections stand in alphabetical order. `system` is in every configuration and has nearly all others in front; what stands behind it is `vpn` and the older
//! `zone-policy`. So commands count as the whole of a configuration when they end in the last parts of `system` or behind it, and braces when `system` is
//! there or the line with the version that ends a saved file. Of a part, what is missing says nothing.

use super::words::is_section;
use super::{Reader, Remark, RemarkKind, opaque};
use crate::import::upstream::config_tree::{At, Tree};
use crate::model::Field;
use crate::model::upstream::{Action, ChainId, Device, Line, Match, Nat, Replies};
use crate::source::Span;

const PART: &str = "the export is only a part of the configuration";

/// Parts of `firewall` and of `firewall ipv4` that are read, that are about IPv6 or bridges, or that set switches of the kernel.
const FIREWALL: &[&str] = &[
    "all-ping",
    "bridge",
    "broadcast-ping",
    "config-trap",
    "flowtable",
    "forward",
    "global-options",
    "group",
    "input",
    "interface",
    "ip-src-route",
    "ipv4",
    "ipv6",
    "ipv6-modify",
    "ipv6-name",
    "ipv6-receive-redirects",
    "ipv6-src-route",
    "log-martians",
    "modify",
    "name",
    "options",
    "output",
    "prerouting",
    "receive-redirects",
    "resolver-cache",
    "resolver-interval",
    "send-redirects",
    "source-validation",
    "state-policy",
    "syn-cookies",
    "twa-hazards-protection",
    "zone",
];

impl Reader<'_, '_> {
    pub(super) fn whole(mut self, tree: &Tree<'_>) -> (Device, Vec<Remark>) {
        for section in self.root.children().map(At::word) {
            if !is_section(section.value) {
                self.remark(section.span, "a section that is not known", RemarkKind::Unknown);
            }
        }
        self.unknown_lists();
        self.read_interfaces();
        self.by_name = self.ports.iter().enumerate().map(|(n, port)| (port.name.clone(), n)).collect();
        self.join_zones();
        self.describe_interfaces();
        self.named_sets();
        self.hook(tree);
        for span in std::mem::take(&mut self.groups.missing) {
            self.remark(span, "the group is not in the file", RemarkKind::Dangling);
        }
        self.mark_unused();
        (self.device, self.remarks)
    }

    /// Notes what stands in the firewall and is not known there.
    fn unknown_lists(&mut self) {
        let parts = [&["firewall"][..], &["firewall", "ipv4"]]
            .into_iter()
            .filter_map(|path| self.root.at(path))
            .flat_map(At::children)
            .map(At::word);
        let unknown: Vec<Span> = parts.filter(|part| !FIREWALL.contains(&part.value)).map(|part| part.span).collect();
        for span in unknown {
            self.remark(span, "a part of the firewall that is not known", RemarkKind::Unknown);
        }
    }

    /// Binds the lists to where they are asked.
    fn hook(&mut self, tree: &Tree<'_>) {
        let broken = self.remarks.iter().find(|remark| remark.kind == RemarkKind::Syntax).map(|remark| remark.span);
        let cut = tree.breaks_off.filter(|_| !tree.signed);
        let place = self.root.children().next().map_or_else(|| self.root.head(), At::head);
        let early: Vec<ChainId> =
            [self.untracked(), self.base(&["prerouting", "raw"], "prerouting raw"), self.policies()].into_iter().flatten().collect();
        let pass = self.port_forward();
        let forward = self.through(pass.as_ref().map_or(&[][..], |lists| &lists.permits));
        let zones = self.zone_lists();
        let input: Vec<ChainId> = [self.base(&["input", "filter"], "input filter"), self.bound("local"), zones.map(|(_, local)| local)]
            .into_iter()
            .flatten()
            .collect();
        let forward: Vec<ChainId> = forward.into_iter().chain(zones.map(|(through, _)| through)).collect();
        let mut nat: Vec<ChainId> = pass.map(|lists| lists.nat).into_iter().collect();
        nat.extend(self.forwards());
        let ends = self.ends();
        self.device.replies = Replies::AsEstablished;
        let whole = is_whole(tree) && cut.is_none() && broken.is_none();
        if !whole && broken.is_none() {
            let (span, message) = match cut {
                Some(span) => (span, "the last line has no line end: it may be cut off"),
                None => (place, PART),
            };
            self.remarks.push(Remark { span, message: message.into(), kind: RemarkKind::Elsewhere });
        }
        if let Some(span) = broken.or(cut) {
            self.rest(Vec::new(), span, "the export is not whole");
            self.unknown(span, "the export is not whole");
            return;
        }
        let known = |lists: Vec<ChainId>| Field::known_at(lists, place);
        let unbound = self.root.at(&["firewall", "name"]).filter(|_| zones.is_none() && !self.knows_filter() && !tree.signed);
        if let Some(sets) = unbound.filter(|_| whole) {
            self.remark(
                sets.head(),
                "no interface uses the rule sets, and zones may stand behind the end of the export",
                RemarkKind::Elsewhere,
            );
        }
        let filtered = whole && unbound.is_none() || self.knows_filter();
        if whole {
            self.device.nat = Nat::Chains(nat);
        } else {
            self.rest(nat, place, PART);
        }
        let both = early.iter().chain(&forward).copied().collect();
        self.device.early = early;
        if filtered {
            self.device.outbound = known(both);
            self.device.forward = known(forward);
            self.device.input = if whole || !input.is_empty() { known(input) } else { Field::opaque_at(place, PART) };
        } else {
            let why = "which rule sets apply is not in the file";
            self.device.outbound = Field::opaque_at(place, why);
            self.device.forward = Field::opaque_at(place, why);
            self.device.input = Field::opaque_at(place, why);
        }
        self.device.terminates = if whole || !ends.is_empty() { Field::known_at(ends, place) } else { Field::opaque_at(place, PART) };
    }

    /// Lists for what goes through: those of base chains, those bound to interfaces; what `port-forward` opens stands in front of each.
    fn through(&mut self, permits: &[Line]) -> Vec<ChainId> {
        let mut lists: Vec<ChainId> =
            [self.base(&["forward", "filter"], "forward filter"), self.bound("in"), self.bound("out")].into_iter().flatten().collect();
        for id in &lists {
            self.device.chains[id.0 as usize].lines.splice(0..0, permits.iter().cloned());
        }
        if self.device.chains.is_empty() {
            lists.clear();
        }
        lists
    }

    /// Whether a part of a configuration says which rule sets apply: in base chains, or by interface. An interface with a rule set of its own is in no zone.
    fn knows_filter(&self) -> bool {
        self.root.at(&["firewall", "ipv4", "forward", "filter"]).is_some()
            || self.root.at(&["firewall", "zone"]).is_some()
            || self.has_bindings()
    }

    /// What no forward takes may be taken by one that is not here.
    fn rest(&mut self, mut nat: Vec<ChainId>, span: Span, why: &str) {
        let rest = Line::new(span, Match::default(), Action::Opaque(opaque(span, why)));
        nat.push(self.nat_list("rest", span, vec![rest]));
        self.device.nat = Nat::Chains(nat);
    }

    fn unknown(&mut self, span: Span, why: &str) {
        self.device.forward = Field::opaque_at(span, why);
        self.device.input = Field::opaque_at(span, why);
        self.device.outbound = Field::opaque_at(span, why);
        self.device.terminates = Field::opaque_at(span, why);
    }

    /// A rule set that nothing leads to is not applied.
    fn mark_unused(&mut self) {
        let called: Vec<bool> = self.device.chains.iter().map(|chain| chain.end.is_none()).collect();
        let chains = &mut self.device.chains;
        let mut open: Vec<usize> = (0..chains.len()).filter(|n| !called[*n]).collect();
        for chain in chains.iter_mut() {
            chain.applied = false;
        }
        while let Some(n) = open.pop() {
            if !std::mem::replace(&mut chains[n].applied, true) {
                open.extend(chains[n].lines.iter().filter(|line| line.enabled).filter_map(|line| match line.action {
                    Action::Jump(id) | Action::Goto(id) => Some(id.0 as usize),
                    _ => None,
                }));
            }
        }
    }
}

/// Whether nothing of the configuration is missing, by the looks of it.
fn is_whole(tree: &Tree<'_>) -> bool {
    if tree.signed {
        return true;
    }
    if tree.braces {
        return tree.root().has("system");
    }
    match &tree.last[..] {
        ["system", part, ..] => *part >= "syslog",
        [section, ..] => *section > "system" && tree.root().has("system"),
        [] => false,
    }
}
