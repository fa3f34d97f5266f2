//! Policies: `config firewall policy`, and the two lists that are like it, `local-in-policy` and `acl`.
//!
//! The order is that of the list, whatever the numbers say. A virtual IP changes the destination before the policies are asked: a policy that names it takes what it
//! changed (services are those of the inner port); a policy that names addresses does not, except with central NAT, and except for a deny with `match-vip`.
//! Sources: Fortinet, "DENY policy for Virtual IP firewall policy", "Enabling match-vip in firewall policies", "Central DNAT", "Behavior when configured local-in-policy
//! to deny all and VIP".

use std::collections::HashMap;

use super::ends::{Served, TOO_LARGE};
use super::keys::{CONDITIONS, PLAIN};
use super::tree::Block;
use super::vips::{Landing, Vip};
use super::{Mode, Reader, opaque};
use crate::import::upstream::RemarkKind;
use crate::model::upstream::{Action, Chain, End, Interfaces, Line, Match};
use crate::model::{Field, Opaque};
use crate::net::{Addrs, Protocols};
use crate::source::Span;

/// What a policy says, before its parts are put together to lines.
#[derive(Clone)]
struct Parts<'t> {
    block: &'t Block<'t>,
    enabled: bool,
    sources: Vec<Field<Addrs>>,
    services: Vec<Served>,
    in_interface: Field<Interfaces>,
    out_interface: Field<Interfaces>,
    other: Vec<Opaque>,
    action: Action,
}

/// Where virtual IPs of one policy lead: ports, the interface, whether others lead there too, and the hosts.
type Group<'g, 't> = (&'g Landing, Option<&'t str>, bool, Vec<(u32, u32)>);

impl<'t> Reader<'t> {
    /// The list of policies. What they say of virtual IPs is resolved by `vips`.
    pub(super) fn policies(&mut self, table: &'t Block<'t>, vips: &[Vip<'t>]) -> Chain {
        let mut chain = Chain::new("policy", table.span, Some(End::implicit(false, table.span)));
        for block in &table.blocks {
            if about_v6(block) {
                continue;
            }
            let parts = self.parts(block, "srcintf", "dstintf");
            self.policy(&parts, vips, &mut chain.lines);
        }
        chain
    }

    /// What is let in to the device itself.
    pub(super) fn local_in(&mut self, table: &'t Block<'t>) -> Chain {
        let mut chain = Chain::new("local-in-policy", table.span, Some(End::implicit(false, table.span)));
        for block in table.blocks.iter().filter(|block| !about_v6(block) && !block.says("ha-mgmt-intf-only", "enable")) {
            let parts = self.parts(block, "intf", "");
            let addresses = self.side(block, "dstaddr");
            for destination in addresses {
                self.lines(&parts, &destination, &Field::Absent, &parts.other, &mut chain.lines);
            }
        }
        chain
    }

    /// What is dropped before everything else.
    pub(super) fn access_list(&mut self, table: &'t Block<'t>) -> Chain {
        let mut chain = Chain::new("acl", table.span, Some(End::implicit(true, table.span)));
        for block in &table.blocks {
            let parts = Parts { action: Action::Deny, ..self.parts(block, "interface", "") };
            for destination in self.side(block, "dstaddr") {
                self.lines(&parts, &destination, &Field::Absent, &parts.other, &mut chain.lines);
            }
        }
        chain
    }

    fn parts(&mut self, block: &'t Block<'t>, inward: &str, outward: &str) -> Parts<'t> {
        let mut other = Vec::new();
        for key in block.keys() {
            if let Some((_, why)) = CONDITIONS.iter().find(|(name, _)| *name == key.value) {
                if !block.word(key.value).is_some_and(|w| matches!(&*w.value, "0" | "0x00" | "none")) {
                    other.push(opaque(key.span, why));
                }
            } else if !PLAIN.contains(&key.value) && key.value != inward && key.value != outward {
                self.remark(key.span, "a part of a policy that is not known", RemarkKind::Unknown);
                other.push(opaque(key.span, "the policy has a part that is not followed"));
            }
        }
        let mut enabled = !block.says("status", "disable");
        if let Some(schedule) = block.word("schedule") {
            match self.names.schedule(&schedule.value) {
                Some(always) => enabled &= always,
                None => other.push(opaque(schedule.span, "whether the policy holds depends on the time")),
            }
        }
        let sources = self.side(block, "srcaddr");
        let services = self.services(block);
        let action = match block.word("action").map_or("deny", |w| &*w.value) {
            "accept" => self.inspects(block).map_or(Action::Permit, Action::Opaque),
            "deny" => Action::Deny,
            "ipsec" => Action::Opaque(opaque(block.span, "the policy sends packets into an IPsec tunnel")),
            _ => Action::Opaque(opaque(block.span, "what the action of the policy does is not followed")),
        };
        Parts {
            block,
            enabled,
            sources,
            services,
            in_interface: self.interfaces(block, inward),
            out_interface: self.interfaces(block, outward),
            other,
            action,
        }
    }

    /// What of a permitted flow may be dropped all the same.
    fn inspects(&self, block: &'t Block<'t>) -> Option<Opaque> {
        if !block.says("utm-status", "enable") {
            return None;
        }
        if block.says("profile-type", "group") {
            return Some(opaque(block.span, "what the profile group of the policy blocks is not followed"));
        }
        let named = block.word("application-list")?;
        let list = self.tree.table(self.domain, "application list").and_then(|lists| lists.table(&named.value));
        let Some(list) = list else { return Some(opaque(named.span, "the application list is not in the file")) };
        let passes = |entry: &Block<'_>| entry.says("action", "pass");
        let blocks = list.table("entries").is_some_and(|entries| !entries.blocks.iter().all(passes));
        let rest = ["other-application-action", "unknown-application-action"].iter().any(|key| list.says(key, "block"));
        (blocks || rest).then(|| opaque(named.span, "the application list blocks applications, and IKE may be among them"))
    }

    fn policy(&mut self, parts: &Parts<'t>, vips: &[Vip<'t>], lines: &mut Vec<Line>) {
        let block = parts.block;
        let mut named: Vec<usize> = Vec::new();
        let words = block.words("dstaddr");
        for word in &words {
            named.extend(self.names.vips_of(&word.value).into_iter().flatten());
        }
        if !named.is_empty() && block.says("dstaddr-negate", "enable") {
            let unknown = Field::opaque_at(words[0].span, "the policy is about all but a virtual IP");
            self.lines(parts, &unknown, &Field::Absent, &parts.other, lines);
            return;
        }
        let (translated, untranslated) = (Field::known_at(true, block.span), Field::known_at(false, block.span));
        let addresses = if self.names_vips_only(block) { Vec::new() } else { self.side(block, "dstaddr") };
        let only = block.says("match-vip-only", "enable");
        for destination in &addresses {
            if self.mode == Mode::Central || vips.is_empty() {
                self.lines(parts, destination, &Field::Absent, &parts.other, lines);
                continue;
            }
            let all = destination.is_absent();
            match self.takes_vips(parts) {
                _ if only => self.lines(parts, destination, &translated, &parts.other, lines),
                Some(true) if all => self.lines(parts, destination, &Field::Absent, &parts.other, lines),
                Some(false) if self.mode == Mode::Policy => self.lines(parts, destination, &untranslated, &parts.other, lines),
                takes => {
                    self.lines(parts, destination, &untranslated, &parts.other, lines);
                    let why = match takes {
                        Some(false) => "whether central NAT is on is not in the file",
                        Some(true) => "whether `match-vip` compares outer or inner addresses is not known",
                        None => "whether the policy takes what is for a virtual IP depends on the version (`match-vip`)",
                    };
                    let doubt = parts.other.iter().cloned().chain([opaque(block.span, why)]).collect::<Vec<_>>();
                    let reach = self.reach(destination, vips);
                    self.lines(parts, &reach, &translated, &doubt, lines);
                }
            }
        }
        self.of_vips(parts, &named, vips, &translated, lines);
    }

    /// Whether a policy that names addresses takes what a virtual IP has changed; none: that depends on the version.
    fn takes_vips(&self, parts: &Parts<'t>) -> Option<bool> {
        let said = parts.block.word("match-vip").map(|w| w.value == "enable");
        match (said, &parts.action, self.tree.version) {
            (Some(said), ..) => Some(said),
            (None, Action::Deny, None) => None,
            (None, Action::Deny, Some((7, 2, 3))) => None,
            (None, Action::Deny, Some(version)) => Some(version > (7, 2, 3)),
            (None, ..) => Some(false),
        }
    }

    /// Inner addresses that a set of addresses may mean: itself, and where virtual IPs with outer addresses in it lead.
    fn reach(&self, destination: &Field<Addrs>, vips: &[Vip<'t>]) -> Field<Addrs> {
        let Some(set) = destination.known() else { return destination.clone() };
        if !self.names.afford(vips.len() + set.value.ranges().len()) {
            return Field::Absent;
        }
        let mut ranges = set.value.ranges().to_vec();
        for vip in vips.iter().filter(|vip| vip.outer.as_ref().is_none_or(|outer| outer.meets(&set.value))) {
            for landing in &vip.landings {
                match landing.hosts.value() {
                    Some(hosts) => ranges.extend_from_slice(hosts.ranges()),
                    None => return Field::Absent,
                }
            }
        }
        Field::known_at(Addrs::from_ranges(ranges), set.span)
    }

    /// The lines about what the named virtual IPs have changed.
    fn of_vips(&mut self, parts: &Parts<'t>, named: &[usize], vips: &[Vip<'t>], translated: &Field<bool>, lines: &mut Vec<Line>) {
        let place = parts.block.word("dstaddr").map_or(parts.block.span, |w| w.span);
        if !self.names.afford(named.len()) {
            let unknown = Field::opaque_at(place, TOO_LARGE);
            self.lines(parts, &unknown, translated, &parts.other, lines);
            return;
        }
        // Those that lead to the same ports by the same interface become one line.
        let mut groups: Vec<Group<'_, 't>> = Vec::new();
        let mut index: HashMap<(Protocols, String, Option<&'t str>, bool), usize> = HashMap::new();
        for vip in named.iter().map(|n| &vips[*n]) {
            let shared = vip.twins.iter().any(|twin| vips[*twin].used && !named.contains(twin));
            for landing in &vip.landings {
                let key = match &landing.ports {
                    Field::Known(ports) => ports.value.to_string(),
                    Field::Opaque(_) => "?".into(),
                    Field::Absent => String::new(),
                };
                let hosts = match &landing.hosts {
                    Field::Known(hosts) => hosts.value.ranges(),
                    _ => &[(0, u32::MAX)][..],
                };
                let at = *index.entry((landing.protocols, key, vip.interface, shared)).or_insert_with(|| {
                    groups.push((landing, vip.interface, shared, Vec::new()));
                    groups.len() - 1
                });
                groups[at].3.extend_from_slice(hosts);
            }
        }
        // What no virtual IP leads to is written down all the same: it may be a mistake.
        let idle: Vec<Served> =
            parts.services.iter().filter(|served| groups.iter().all(|group| served.landed(group.0).is_none())).cloned().collect();
        if !idle.is_empty() && !groups.is_empty() {
            let idle = Parts { services: idle, ..parts.clone() };
            self.lines(&idle, &Field::known_at(Addrs::none(), place), translated, &parts.other, lines);
        }
        for (landing, interface, shared, hosts) in groups {
            let destination = match &landing.hosts {
                Field::Opaque(why) => Field::Opaque(why.clone()),
                _ => Field::known_at(Addrs::from_ranges(hosts), place),
            };
            let mut other = parts.other.clone();
            if shared {
                other.push(opaque(place, "another virtual IP that the policy does not name leads to the same host"));
            }
            let narrowed = Parts {
                services: parts.services.iter().filter_map(|served| served.landed(landing)).collect(),
                in_interface: self.met_at(&parts.in_interface, interface, parts.block.span),
                ..parts.clone()
            };
            self.lines(&narrowed, &destination, translated, &other, lines);
        }
    }

    /// The interfaces of a policy, or of these the virtual IP's own.
    fn met_at(&self, policy: &Field<Interfaces>, interface: Option<&str>, place: Span) -> Field<Interfaces> {
        let Some(own) = interface else { return policy.clone() };
        let zoned = |name: &str| self.names.zones.get(name).is_some_and(|members| members.contains(&own));
        match policy {
            Field::Absent => Field::known_at(Interfaces::one(own), place),
            Field::Known(set) if set.value.names.iter().any(|name| &**name == own || zoned(name)) => {
                Field::known_at(Interfaces::one(own), set.span)
            }
            _ => policy.clone(),
        }
    }

    /// One line for each source and service.
    fn lines(&self, parts: &Parts<'t>, destination: &Field<Addrs>, translated: &Field<bool>, other: &[Opaque], lines: &mut Vec<Line>) {
        for source in &parts.sources {
            for served in &parts.services {
                let ranges = |set: &Field<Addrs>| set.value().map_or(0, |set| set.ranges().len());
                let cut = !self.names.afford(4 + ranges(source) + ranges(destination));
                let small = |set: &Field<Addrs>| match set {
                    Field::Known(set) if cut => Field::opaque_at(set.span, TOO_LARGE),
                    set => set.clone(),
                };
                let protocol = if served.protocols.is_any() { Field::Absent } else { Field::known_at(served.protocols, served.span) };
                let matches = Match {
                    protocol,
                    source: small(source),
                    source_ports: served.source_ports.clone(),
                    destination: small(destination),
                    destination_ports: served.ports.clone(),
                    in_interface: parts.in_interface.clone(),
                    out_interface: parts.out_interface.clone(),
                    translated: translated.clone(),
                    other: other.to_vec(),
                    ..Match::default()
                };
                lines.push(Line { enabled: parts.enabled, ..Line::new(parts.block.span, matches, parts.action.clone()) });
            }
        }
    }

    /// Whether the destinations are virtual IPs and nothing else.
    fn names_vips_only(&self, block: &'t Block<'t>) -> bool {
        let words = block.words("dstaddr");
        !words.is_empty() && words.iter().all(|word| self.names.vips_of(&word.value).is_some())
    }
}

/// Whether a policy is about IPv6 alone.
fn about_v6(block: &Block<'_>) -> bool {
    let has = |key: &str| block.word(key).is_some();
    let older =
        has("srcaddr") || has("dstaddr") || block.says("internet-service", "enable") || block.says("internet-service-src", "enable");
    !older
        && (has("srcaddr6")
            || has("dstaddr6")
            || block.says("internet-service6", "enable")
            || block.says("internet-service6-src", "enable"))
}
