//! UniFi: what the controller's API answers with, in one text: port forwards, firewall rules or zone policies, groups, networks and zones, in any arrangement of JSON.
//!
//! A port forward translates, and the controller itself adds a rule that accepts what was translated. Rules of one's own stand before that and the other predefined rules
//! (`rule_index` 2…) or behind them (4…) (Ubiquiti, "UniFi Gateway - Advanced Firewall Rules"). Since Network 9 policies between zones replace them; their order is `index`,
//! those that are predefined last.
//! Sources: the fields of the API as filipowm/go-unifi and ubiquiti-community/go-unifi have them.

mod forwards;
mod names;
mod policies;
mod rules;
#[cfg(test)]
mod tests;

use super::fragment::leave_undecided;
use super::{Remark, RemarkKind, veil};
use crate::model::upstream::{Action, Chain, ChainId, Device, End, Line, Match, Nat, Replies, States};
use crate::model::{Field, Opaque};
use crate::source::Span;
use crate::tree::{self, Entry, Kind, Node, Parsed};
use names::Names;

/// What an object of the API is, by its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Forward,
    Rule,
    Group,
    Network,
    Policy,
    Zone,
    /// A rule of Network 8 and later that translates by itself.
    Nat,
}

/// A sort, the lists that hold it, and what of it may be shown.
const SORTS: &[(Sort, &[&str], &[&str])] = &[
    (
        Sort::Forward,
        &["portforward", "portforwards", "port_forwards"],
        &[
            "name",
            "enabled",
            "pfwd_interface",
            "proto",
            "src",
            "dst_port",
            "fwd",
            "fwd_port",
            "destination_ip",
            "src_limiting_enabled",
            "src_limiting_type",
            "interface",
        ],
    ),
    (
        Sort::Rule,
        &["firewallrule", "firewallrules", "firewall_rules"],
        &[
            "name",
            "enabled",
            "ruleset",
            "rule_index",
            "action",
            "protocol",
            "protocol_match_excepted",
            "src_address",
            "dst_address",
            "src_port",
            "dst_port",
            "state_new",
            "state_established",
            "state_related",
            "state_invalid",
            "ipsec",
        ],
    ),
    (Sort::Group, &["firewallgroup", "firewallgroups", "firewall_groups"], &["name", "group_type", "group_members"]),
    (
        Sort::Network,
        &["networkconf", "networks"],
        &["name", "purpose", "ip_subnet", "wan_type", "wan_ip", "wan_netmask", "wan_networkgroup"],
    ),
    (
        Sort::Policy,
        &["firewall-policies", "firewall_policies", "policies"],
        &[
            "name",
            "enabled",
            "action",
            "index",
            "predefined",
            "protocol",
            "ip_version",
            "connection_state_type",
            "connection_states",
            "matching_target",
            "matching_target_type",
            "port_matching_type",
            "port",
            "ips",
            "match_opposite_ips",
            "match_opposite_ports",
            "match_opposite_protocol",
            "mode",
        ],
    ),
    (Sort::Zone, &["zone", "zones", "firewall-zones", "firewall/zone"], &["name", "zone_key"]),
    (Sort::Nat, &["nat", "nat_rules"], &["type", "enabled"]),
];

/// Everything that is found, by sort.
#[derive(Default)]
struct Found<'n> {
    items: Vec<(Sort, &'n Node<'n>)>,
    /// Lists that are there, even where they are empty.
    lists: Vec<Sort>,
}

/// What is read so far.
struct Reader<'n> {
    device: Device,
    remarks: Vec<Remark>,
    names: Names<'n>,
    /// The text's first line, where nothing better is to be labelled.
    start: Span,
}

/// Whether a text is one of these answers.
pub fn is_unifi(text: &str) -> bool {
    let has = |word: &str| text.contains(word);
    has("\"fwd_port\"")
        || has("\"pfwd_interface\"")
        || has("\"ruleset\"") && has("\"rule_index\"")
        || has("\"matching_target\"") && has("\"zone_id\"")
        || has("\"group_type\"") && has("\"group_members\"")
        || has("\"zone_key\"") && has("\"network_ids\"")
        || has("\"purpose\"") && (has("\"ip_subnet\"") || has("\"wan_networkgroup\""))
        // An empty answer under its path.
        || ["rest/portforward", "rest/firewallrule", "rest/firewallgroup", "\"portforward\"", "\"firewallrule\"", "\"firewall-policies\""].iter().any(|list| has(list))
}

/// Reads the answers of one controller, in one text or several, each with the place of its first byte. The device's name is left empty. The spans are places that must
/// never be shown.
pub fn read(parts: &[(&str, u32)]) -> (Device, Vec<Remark>, Vec<Span>) {
    let parsed: Vec<Parsed<'_>> = parts.iter().map(|(text, base)| parse(text, *base)).collect();
    let (mut found, mut remarks, mut secrets, mut broken) = (Found::default(), Vec::new(), Vec::new(), None);
    let (text, base) = parts.first().copied().unwrap_or(("", 0));
    let start = Span::new(base, base + text.lines().next().map_or(0, str::len) as u32);
    for ((text, base), parsed) in parts.iter().zip(&parsed) {
        let (mut shown, mut hidden) = (Vec::new(), Vec::new());
        if let Some(root) = &parsed.root {
            found.gather(root);
            sift(root, &[], &mut shown, &mut hidden);
        }
        // Of a broken text, what the tree lacks may be anything.
        let whole = parsed.errors.is_empty() && parsed.root.is_some();
        secrets.extend(if whole { hidden } else { veil::all_but(text, *base, &mut shown) });
        let errors = parsed.errors.iter();
        remarks.extend(errors.map(|e| Remark { span: e.span, message: e.message.clone().into(), kind: RemarkKind::Syntax }));
        if !whole {
            broken = broken.or_else(|| parsed.errors.first().map(|e| e.span)).or(Some(start));
        }
    }
    let mut reader = Reader { device: Device::default(), remarks, names: Names::read(&found), start };
    reader.whole(&found);
    if let Some(span) = broken {
        leave_undecided(&mut reader.device, span, "the text is not whole");
    }
    (reader.device, reader.remarks, secrets)
}

fn parse(text: &str, base: u32) -> Parsed<'_> {
    let skipped = text.len() - text.trim_start().len();
    tree::json::parse(&text[skipped..], base + skipped as u32, false)
}

/// Sorts scalars into those that may be shown, keys included, and those that may not.
fn sift(node: &Node<'_>, names: &[&str], shown: &mut Vec<Span>, hidden: &mut Vec<Span>) {
    match &node.kind {
        Kind::Map(entries) => {
            let names = sort_of(node).and_then(|sort| SORTS.iter().find(|(other, ..)| *other == sort)).map_or(names, |(_, _, names)| names);
            for entry in entries {
                let read = names.contains(&&*entry.key);
                let nested = matches!(entry.value.kind, Kind::Map(_));
                if read || nested {
                    shown.push(entry.key_span);
                }
                let inner: &[&str] = if nested { names } else { &[] };
                match &entry.value.kind {
                    Kind::Seq(items) => {
                        for item in items {
                            let scalar = !matches!(item.kind, Kind::Map(_) | Kind::Seq(_));
                            if read && scalar { shown.push(item.span) } else { sift(item, if scalar { &[] } else { names }, shown, hidden) }
                        }
                    }
                    Kind::Map(_) => sift(&entry.value, inner, shown, hidden),
                    _ if read => shown.push(entry.value.span),
                    _ => sift(&entry.value, &[], shown, hidden),
                }
            }
        }
        Kind::Seq(items) => items.iter().for_each(|item| sift(item, names, shown, hidden)),
        Kind::Null | Kind::Bool(_) => {}
        _ => hidden.push(node.span),
    }
}

/// What an object is.
fn sort_of(node: &Node<'_>) -> Option<Sort> {
    let has = |name: &str| node.get(name).is_some();
    let map = |name: &str| node.get(name).is_some_and(|e| matches!(e.value.kind, Kind::Map(_)));
    Some(match () {
        () if has("fwd_port") || has("pfwd_interface") || has("fwd") && has("dst_port") => Sort::Forward,
        () if has("ruleset") && has("action") => Sort::Rule,
        () if has("group_type") || has("group_members") => Sort::Group,
        () if has("action") && map("source") && map("destination") => Sort::Policy,
        () if has("type") && (map("destination_filter") || map("source_filter")) => Sort::Nat,
        () if has("purpose") && (has("ip_subnet") || has("wan_type") || has("networkgroup")) => Sort::Network,
        () if has("zone_key") || has("network_ids") && has("name") && !has("action") => Sort::Zone,
        () => return None,
    })
}

impl<'n> Found<'n> {
    fn gather(&mut self, node: &'n Node<'n>) {
        if let Some(sort) = sort_of(node) {
            self.items.push((sort, node));
            self.lists.push(sort);
            return;
        }
        for item in node.items().unwrap_or_default() {
            self.gather(item);
        }
        for Entry { key, value, .. } in node.entries().unwrap_or_default() {
            let last = key.trim_end_matches('/');
            let named = SORTS.iter().find(|(_, lists, _)| {
                lists.iter().any(|list| last.strip_suffix(list).is_some_and(|path| path.is_empty() || path.ends_with('/')))
            });
            // A list that is there and empty says that there are none.
            if let Some((sort, ..)) = named
                && (value.items().is_some() || value.get("data").is_some_and(|data| data.value.items().is_some()))
            {
                self.lists.push(*sort);
            }
            self.gather(value);
        }
    }

    fn of(&self, sort: Sort) -> impl Iterator<Item = &'n Node<'n>> + '_ {
        self.items.iter().filter(move |(other, _)| *other == sort).map(|(_, node)| *node)
    }

    fn has(&self, sort: Sort) -> bool {
        self.lists.contains(&sort)
    }
}

/// The text of a value; numbers as they stand.
fn text<'n>(node: &'n Node<'_>, name: &str) -> Option<&'n str> {
    node.get(name)?.value.text().map(str::trim).filter(|text| !text.is_empty())
}

fn flag(node: &Node<'_>, name: &str) -> Option<bool> {
    match node.get(name)?.value.kind {
        Kind::Bool(on) => Some(on),
        _ => None,
    }
}

fn number(node: &Node<'_>, name: &str) -> Option<i64> {
    let value = &node.get(name)?.value;
    match &value.kind {
        Kind::Int(number) => Some(*number),
        _ => value.text()?.trim().parse().ok(),
    }
}

/// Where to label an object: its name, else its first part.
fn place(node: &Node<'_>) -> Span {
    let entry = node.get("name").or_else(|| node.entries().and_then(<[_]>::first));
    entry.map_or(node.head, |entry| entry.key_span.to(entry.value.span))
}

/// Where a part of an object stands.
fn part(node: &Node<'_>, name: &str) -> Span {
    node.get(name).map_or_else(|| place(node), |entry| entry.key_span.to(entry.value.span))
}

fn opaque(span: Span, reason: &str) -> Opaque {
    Opaque { span, reason: reason.into() }
}

impl<'n> Reader<'n> {
    fn remark(&mut self, span: Span, message: &str, kind: RemarkKind) {
        self.remarks.push(Remark { span, message: message.into(), kind });
    }

    /// A group or network that is not in the text: gone, where its list is there; else the list may say what it is.
    fn missing(&mut self, at: Span, listed: bool) {
        if listed {
            self.remark(at, "the group or network is not in the text", RemarkKind::Dangling);
        } else if !self.remarks.iter().any(|remark| remark.kind == RemarkKind::Elsewhere) {
            const WHY: &str = "the groups and networks that rules name (`rest/firewallgroup`, `rest/networkconf`) are not in the text";
            self.remark(at, WHY, RemarkKind::Elsewhere);
        }
    }

    fn whole(&mut self, found: &Found<'n>) {
        self.names.describe(&mut self.device);
        let nat = self.forwards(found);
        let zoned = found.has(Sort::Policy);
        let known = |list: Vec<ChainId>, at| Field::known_at(list, at);
        let missing = if zoned {
            let (forward, input, outbound) = self.policies(found);
            self.device.forward = known(vec![forward], self.start);
            self.device.input = known(vec![input], self.start);
            self.device.outbound = known(vec![outbound], self.start);
            None
        } else {
            let mut set = |name: &'static str, permits| self.ruleset(found, name, permits);
            // What comes from the internet leaves by a LAN, and the other way round.
            let forward = vec![set("WAN_IN", false), set("LAN_OUT", true)];
            let outbound = vec![set("LAN_IN", true), set("WAN_OUT", true)];
            let input = vec![set("WAN_LOCAL", false)];
            self.device.forward = known(forward, self.start);
            self.device.outbound = known(outbound, self.start);
            self.device.input = known(input, self.start);
            (!found.has(Sort::Rule)).then_some("the firewall's rules (`rest/firewallrule`, or `firewall-policies`) are not in the text")
        };
        self.device.nat = Nat::Chains(vec![nat]);
        self.device.replies = Replies::AsEstablished;
        if let Some(why) = missing {
            self.remark(self.start, why, RemarkKind::Elsewhere);
            self.device.forward = Field::opaque_at(self.start, why);
            self.device.outbound = Field::opaque_at(self.start, why);
            self.device.input = Field::opaque_at(self.start, why);
        }
        if !found.has(Sort::Forward) {
            const WHY: &str = "the port forwards (`rest/portforward`) are not in the text";
            self.remark(self.start, WHY, RemarkKind::Elsewhere);
            leave_undecided(&mut self.device, self.start, WHY);
        }
    }

    /// A list with what the controller itself puts between one's own rules.
    fn predefined(&mut self, name: &str, before: Vec<Line>, behind: Vec<Line>, forwards: bool, permits: bool) -> ChainId {
        let at = self.start;
        let states = |set| Match { state: Field::known_at(set, at), ..Match::default() };
        let mut lines = before;
        lines.push(Line::new(at, states(States { established: true, related: true, ..States::default() }), Action::Permit));
        lines.push(Line::new(at, states(States { invalid: true, ..States::default() }), Action::Deny));
        if forwards {
            lines.push(Line::new(at, Match { translated: Field::known_at(true, at), ..Match::default() }, Action::Permit));
        }
        lines.extend(behind);
        self.device.add(Chain { lines, ..Chain::new(name, at, Some(End::implicit(permits, at))) })
    }
}
