//! FortiGate: backups of FortiOS, what `show` prints, and parts of either.
//!
//! Virtual IPs change the destination first, then one list of policies decides, in the order of the list; what no policy permits is denied. Sessions let answers
//! pass. The device itself takes what is neither for a virtual IP nor for another host: `local-in-policy`, and IPsec where a tunnel is configured. Where the tree
//! leaves out a table, it is empty only when the rest of the file shows that the table would have come before.

mod ends;
mod keys;
mod names;
mod policies;
mod services;
#[cfg(test)]
mod tests;
mod tree;
mod vips;

use std::collections::BTreeSet;

use super::{Remark, RemarkKind, rows};
use crate::model::upstream::{Action, Chain, Device, End, EndPoint, Line, Match, Nat, Replies};
use crate::model::{Field, Opaque};
use crate::source::Span;
use names::Names;
use tree::{Block, Tree};
use vips::Vip;

/// Whether policies or the list of virtual IPs alone switch a virtual IP on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// A policy names it.
    Policy,
    /// Central NAT: the list alone.
    Central,
    /// A part of a configuration that does not say.
    Unknown,
}

struct Reader<'t> {
    tree: &'t Tree<'t>,
    /// The virtual domain that is read.
    domain: Option<&'t str>,
    names: Names<'t>,
    mode: Mode,
    device: Device,
    remarks: Vec<Remark>,
    told: BTreeSet<(u32, u32)>,
}

fn opaque(span: Span, why: &str) -> Opaque {
    Opaque { span, reason: why.into() }
}

/// Whether a text looks like a configuration of FortiOS.
pub fn is_fortios(text: &str) -> bool {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty()).take(60);
    let table = |line: &str| {
        let line = line.split_once("# ").map_or(line, |(_, rest)| rest);
        let mut words = line.split_ascii_whitespace();
        let bare = |word: Option<&str>| word.is_some_and(|w| w.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
        let first = (words.next(), words.next());
        match first {
            (Some("config"), Some("firewall" | "vpn" | "router" | "user" | "log" | "system" | "application")) => bare(words.next()),
            (Some("config"), Some("vdom" | "global")) => words.next().is_none(),
            _ => false,
        }
    };
    let entry = || lines().any(|l| l.starts_with("edit ")) && lines().any(|l| l == "next") && lines().any(|l| l.starts_with("set "));
    lines().any(|line| line.starts_with("#config-version=") || table(line)) || entry()
}

/// Reads a configuration or a part of one. The device's name is left empty. The spans are places that must never be shown.
pub fn read(text: &str, base: u32) -> (Device, Vec<Remark>, Vec<Span>) {
    let tree = Tree::read(text, base);
    let secrets = rows::hidden(text, base, &shown(&tree));
    let scope = scope(&tree);
    let domain = match scope {
        Scope::One(domain) => domain,
        Scope::Several => None,
    };
    let mut remarks: Vec<Remark> = Vec::new();
    for fault in &tree.faults {
        remarks.push(Remark { span: fault.span, message: fault.value.into(), kind: RemarkKind::Syntax });
    }
    let names = Names::read(&tree, domain);
    let mut reader = Reader { tree: &tree, domain, names, mode: Mode::Unknown, device: Device::default(), remarks, told: BTreeSet::new() };
    reader.whole(Span::new(base, base));
    if let Some(place) = tree.faults.first() {
        reader.undecided(place.span, "the configuration is not whole");
    } else if let (Scope::Several, Some(place)) = (scope, tree.tables().find(|(domain, _)| domain.is_some())) {
        reader.undecided(place.1.span, "the file has several virtual domains with policies");
    } else if let Some(place) = tree.excerpt {
        reader.undecided(place, "only some entries were shown: show the whole tables of virtual IPs and policies");
    } else if let Some(place) = reader.altered() {
        reader.undecided(place, "the file moves, renames or deletes entries, which is not followed");
    }
    (reader.device, reader.remarks, secrets)
}

/// Which virtual domain filters.
#[derive(Clone, Copy, Debug)]
enum Scope<'t> {
    /// The only one with policies or virtual IPs; none: there are no domains.
    One(Option<&'t str>),
    /// Not to be told.
    Several,
}

fn scope<'t>(tree: &'t Tree<'t>) -> Scope<'t> {
    let filters = |block: &Block<'_>| {
        matches!(&*block.name, "firewall policy" | "firewall vip" | "firewall security-policy") && !block.blocks.is_empty()
    };
    let mut found: Vec<Option<&str>> = tree.tables().filter(|(_, block)| filters(block)).map(|(domain, _)| domain).collect();
    found.dedup();
    found.sort_unstable();
    found.dedup();
    match &found[..] {
        [] => Scope::One(tree.tables().find_map(|(domain, _)| domain)),
        [one] => Scope::One(*one),
        _ => Scope::Several,
    }
}

/// The lines that hold words of the firewall, and no key.
fn shown(tree: &Tree<'_>) -> Vec<Span> {
    let may = |statement: &&tree::Statement<'_>| {
        let keys = keys::SHOWN.iter().find(|(table, _)| *table == statement.table).map(|(_, keys)| *keys);
        let frame = matches!(statement.word, "config" | "edit" | "next" | "end");
        statement.whole && keys.is_some_and(|keys| frame || keys.contains(&statement.word))
    };
    tree.statements.iter().filter(may).map(|statement| statement.span).collect()
}

impl<'t> Reader<'t> {
    fn remark(&mut self, span: Span, message: &str, kind: RemarkKind) {
        if self.told.insert((span.start, span.end)) {
            self.remarks.push(Remark { span, message: message.into(), kind });
        }
    }

    fn table(&self, path: &str) -> Option<&'t Block<'t>> {
        self.tree.table(self.domain, path)
    }

    /// Whether a setting of the domain is on; none: the file does not say.
    fn setting(&self, key: &str, word: &str) -> Option<bool> {
        match self.table("system settings") {
            Some(settings) => Some(settings.says(key, word)),
            None => self.tree.has_header.then_some(false),
        }
    }

    fn whole(&mut self, start: Span) {
        self.device.replies = Replies::PassWithFlow;
        self.names.describe(&mut self.device);
        for place in self.names.missing_members() {
            self.remark(place, "a member of the group is not in the file", RemarkKind::Dangling);
        }
        let policies = self.table("firewall policy");
        let central = self.setting("central-nat", "enable");
        let mut vips = self.vips();
        self.note_used(policies, &mut vips);
        self.mode = match central {
            Some(true) => Mode::Central,
            _ if vips.iter().any(|vip| vip.used) => Mode::Policy,
            Some(false) => Mode::Policy,
            None => Mode::Unknown,
        };
        let unknown = self.unknown_tables();
        if let Some(table) = policies {
            let chain = self.policies(table, &vips);
            let id = self.device.add(chain);
            self.device.forward = Field::known_at(vec![id], table.span);
            self.device.outbound = Field::known_at(vec![id], table.span);
        } else if let Some(place) = self.table("firewall vip").map(|vip| vip.span) {
            self.device.forward = Field::opaque_at(place, "the policies are not in the file");
            self.device.outbound = Field::opaque_at(place, "the policies are not in the file");
        }
        self.nat(policies, vips);
        if let Some(table) = self.table("firewall acl") {
            let chain = self.access_list(table);
            let id = self.device.add(chain);
            self.device.early.push(id);
        }
        if !unknown.is_empty() {
            let mut chain = Chain::new("firewall", start, Some(End::implicit(true, start)));
            chain.lines = unknown;
            let id = self.device.add(chain);
            self.device.early.push(id);
            self.device.late.push(id);
        }
        self.input();
        if let Some(mode) =
            self.table("system settings").and_then(|settings| settings.word("ngfw-mode")).filter(|w| w.value == "policy-based")
        {
            const WHY: &str = "policies of the policy-based mode (`ngfw-mode`) are not followed";
            self.device.forward = Field::opaque_at(mode.span, WHY);
            self.device.outbound = Field::opaque_at(mode.span, WHY);
        }
        self.device.terminates = self.terminates(policies.is_some());
    }

    /// Notes which virtual IPs a policy that is on names.
    fn note_used(&self, policies: Option<&'t Block<'t>>, vips: &mut [Vip<'t>]) {
        let mut groups = BTreeSet::new();
        for block in policies.into_iter().flat_map(|table| &table.blocks).filter(|block| !block.says("status", "disable")) {
            for word in block.words("dstaddr") {
                if let Some(&one) = self.names.vips.get(&*word.value) {
                    vips[one].used = true;
                } else if self.names.vip_groups.contains_key(&*word.value) && groups.insert(&*word.value) {
                    for one in self.names.vips_of(&word.value).into_iter().flatten() {
                        vips[one].used = true;
                    }
                }
            }
        }
    }

    /// The list of virtual IPs. Those that no policy names come behind the others: what they take, the policies deny.
    fn nat(&mut self, policies: Option<&'t Block<'t>>, mut vips: Vec<Vip<'t>>) {
        let table = self.table("firewall vip");
        let place = match (table, policies) {
            (Some(table), _) => table.span,
            // In a backup, virtual IPs would stand before the policies.
            (None, Some(policies)) if self.tree.has_header => policies.span,
            _ => return,
        };
        let mut chain = Chain::new("vip", place, Some(End::implicit(true, place)));
        if self.mode == Mode::Policy {
            vips.sort_by_key(|vip| !vip.used);
        }
        chain.lines = vips.into_iter().flat_map(|vip| vip.lines).collect();
        let id = self.device.add(chain);
        self.device.nat = Nat::Chains(vec![id]);
    }

    fn input(&mut self) {
        // Routing stands behind all of the firewall: with it, a backup has not broken off before.
        let whole = self.tree.has_header && self.tree.tables().any(|(_, block)| block.name.starts_with("router "));
        let list = match self.table("firewall local-in-policy") {
            Some(table) => self.local_in(table),
            None if whole => {
                let place = self.table("firewall policy").map_or(Span::default(), |table| table.span);
                Chain::new("local-in-policy", place, Some(End::implicit(false, place)))
            }
            None => return,
        };
        let place = list.span;
        let id = self.device.add(list);
        self.device.input = Field::known_at(vec![id], place);
    }

    /// Tables of the firewall that are not known may drop anything.
    fn unknown_tables(&mut self) -> Vec<Line> {
        let tables: Vec<Span> = self
            .tree
            .tables()
            .filter(|(domain, block)| (domain.is_none() || *domain == self.domain) && !block.is_empty())
            .filter_map(|(_, block)| {
                let name = block.name.strip_prefix("firewall ")?.split(' ').next()?;
                let other_mode = name == "security-policy";
                (!keys::HARMLESS.contains(&name) && !other_mode).then_some(block.span)
            })
            .collect();
        let mut lines = Vec::new();
        for span in tables {
            self.remark(span, "a table of the firewall that is not known", RemarkKind::Unknown);
            let why = opaque(span, "what the table of the firewall does is not followed");
            lines.push(Line::new(span, Match::default(), Action::Opaque(why)));
        }
        lines
    }

    /// Tunnels of the device itself. Its IPsec takes UDP 500 and 4500 at their interface's address, whoever the peer is.
    fn terminates(&self, before_policies: bool) -> Field<Vec<EndPoint>> {
        let tables = ["vpn ipsec phase1-interface", "vpn ipsec phase1"].into_iter().filter_map(|path| self.table(path));
        let blocks: Vec<&'t Block<'t>> = tables.clone().flat_map(|table| &table.blocks).collect();
        let Some(place) = tables.clone().next().map(|table| table.span) else {
            let policies = self.table("firewall policy").filter(|_| before_policies && self.tree.has_header);
            return policies.map_or(Field::Absent, |policies| Field::known_at(Vec::new(), policies.span));
        };
        let ends = blocks.into_iter().map(|block| EndPoint { span: block.span, address: self.listens(block) });
        Field::known_at(ends.collect(), place)
    }

    fn listens(&self, tunnel: &'t Block<'t>) -> Field<std::net::Ipv4Addr> {
        if let Some(local) = tunnel.word("local-gw").filter(|w| w.value != "0.0.0.0") {
            let address = local.value.parse();
            return address.map_or_else(
                |_| Field::opaque_at(local.span, "the address of the tunnel is not valid"),
                |a| Field::known_at(a, local.span),
            );
        }
        let Some(interface) = tunnel.word("interface") else { return Field::Absent };
        match self.names.ports.get(&*interface.value) {
            Some(port) => match port.net {
                Some(net) => Field::known_at(net.addr(), interface.span),
                None if self.device.wan_names().is_some_and(|names| names.contains(&&*interface.value)) => Field::Absent,
                None => Field::opaque_at(interface.span, "the address of the interface is not in the file"),
            },
            None => Field::opaque_at(interface.span, "the interface is not in the file"),
        }
    }

    /// Where a table that is read has a statement that changes its entries.
    fn altered(&self) -> Option<Span> {
        self.tree.tables().filter(|(_, block)| keys::SHOWN.iter().any(|(name, _)| *name == block.name)).find_map(|(_, block)| block.altered)
    }

    /// Of a file that is not whole, what is missing may be what decides.
    fn undecided(&mut self, place: Span, why: &str) {
        let device = &mut self.device;
        let mut chain = Chain::new("vip", place, Some(End::implicit(true, place)));
        chain.lines.push(Line::new(place, Match::default(), Action::Opaque(opaque(place, why))));
        device.nat = Nat::Chains(vec![device.add(chain)]);
        device.forward = Field::opaque_at(place, why);
        device.input = Field::opaque_at(place, why);
        device.outbound = Field::opaque_at(place, why);
        device.terminates = Field::opaque_at(place, why);
        device.early.clear();
        device.late.clear();
    }
}
