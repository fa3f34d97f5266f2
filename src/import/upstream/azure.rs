//! Azure's network security groups around a vMX: what `az network nsg show` and `az network nsg rule list` print, exports and templates of the Resource Manager.
//!
//! Rules are asked by priority, each direction by itself; behind them stand the default rules, which cannot be removed; answers pass. A group sees the private
//! address, which has taken the public one's place before. Sources: Microsoft, "Network security groups overview" (order, default rules, addresses), "Service tags
//! overview" (`Internet` is all that is public), the template reference of `Microsoft.Network/networkSecurityGroups`.

use std::collections::BTreeSet;

use super::cloud::{filter, find, hidden, inside, list, number, opaque, place, text, unsettled, value};
use super::{Remark, RemarkKind};
use crate::model::upstream::{Action, Chain, Device, End, Line, Match, Order, Replies};
use crate::model::{Field, Opaque};
use crate::net::{Addrs, Ports, Protocol, Protocols};
use crate::source::Span;
use crate::tree::{self, Kind, Node};

#[cfg(test)]
mod tests;

/// Keys whose values are shown.
const WORDS: &[&str] = &[
    "name",
    "type",
    "resources",
    "properties",
    "securityRules",
    "defaultSecurityRules",
    "access",
    "direction",
    "priority",
    "protocol",
    "sourceAddressPrefix",
    "sourceAddressPrefixes",
    "sourceApplicationSecurityGroups",
    "sourcePortRange",
    "sourcePortRanges",
    "destinationAddressPrefix",
    "destinationAddressPrefixes",
    "destinationApplicationSecurityGroups",
    "destinationPortRange",
    "destinationPortRanges",
];

const EXPRESSION: &str = "an expression of the template is not evaluated";

/// Whether a JSON text holds a network security group.
pub fn is_azure(text: &str) -> bool {
    let holds = |word: &str| text.contains(word);
    let group = holds("networkSecurityGroups\"") || holds("\"securityRules\"") || holds("\"SecurityRules\"");
    let rule = (holds("\"destinationPortRange\"") || holds("\"DestinationPortRange\"")) && (holds("\"access\"") || holds("\"Access\""));
    let range = (holds("\"destinationPortRanges\"") || holds("\"DestinationPortRanges\"")) && (holds("\"access\"") || holds("\"Access\""));
    group || rule || range
}

/// Reads a group. The device's name is left empty. The spans are places that must never be shown.
pub fn read(text: &str, base: u32) -> (Device, Vec<Remark>, Vec<Span>) {
    let secrets = hidden(text, base, WORDS);
    let parsed = tree::json::parse(text, base, true);
    let mut reader = Reader { remarks: Vec::new(), told: BTreeSet::new() };
    for error in &parsed.errors {
        reader.remarks.push(Remark { span: error.span, message: error.message.to_string(), kind: RemarkKind::Syntax });
    }
    let start = Span::new(base, base);
    let device = match &parsed.root {
        Some(root) if parsed.errors.is_empty() => reader.whole(root),
        _ => unsettled(Device::default(), parsed.errors.first().map_or(start, |error| error.span), "the export is not whole"),
    };
    (device, reader.remarks, secrets)
}

struct Reader {
    remarks: Vec<Remark>,
    told: BTreeSet<(u32, u32)>,
}

/// Which end of a rule.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    /// The MX's.
    Own,
    /// The peers'.
    Peers,
}

impl Reader {
    fn remark(&mut self, span: Span, message: &str, kind: RemarkKind) {
        if self.told.insert((span.start, span.end)) {
            self.remarks.push(Remark { span, message: message.into(), kind });
        }
    }

    fn whole(&mut self, root: &Node<'_>) -> Device {
        let mut groups = Vec::new();
        find(root, &|node| body(node).is_some(), &mut groups);
        let mut rules = Vec::new();
        let is_rule =
            |node: &Node<'_>| body(node).is_none() && value(parts(node), "access").is_some() && value(parts(node), "direction").is_some();
        find(root, &is_rule, &mut rules);
        // A template may keep rules beside their group.
        let (given, own): (Vec<&Node<'_>>, Vec<&Node<'_>>) = match &groups[..] {
            [] => (Vec::new(), rules),
            [one] => {
                let group = body(one).unwrap_or(one);
                let mut own: Vec<&Node<'_>> = list(group, "securityRules").iter().collect();
                let within = |rule: &&Node<'_>| one.span.holds(rule.span);
                own.extend(rules.into_iter().filter(|rule| !within(rule)));
                (list(group, "defaultSecurityRules").iter().collect(), own)
            }
            [_, second, ..] => {
                let place = place(second, &["name", "securityRules"]);
                return unsettled(
                    Device::default(),
                    place,
                    "the file holds several security groups: name each in an `[[upstream]]` of its own",
                );
            }
        };
        if groups.is_empty() && own.is_empty() {
            return unsettled(Device::default(), root.head, "the file holds no security group");
        }
        let span = groups.first().map_or(root.head, |group| place(body(group).unwrap_or(group), &["securityRules"]));
        let mut sides = ["inbound", "outbound"]
            .map(|name| Chain { order: Order::Priority, ..Chain::new(name, span, Some(End::implicit(false, span))) });
        let mut ranked: Vec<(i64, bool, Line)> = Vec::new();
        for rule in own.iter().chain(&given) {
            ranked.extend(self.rule(rule));
        }
        if given.is_empty() {
            ranked.extend(defaults(span));
        }
        ranked.sort_by_key(|(priority, ..)| *priority);
        for (_, outward, line) in ranked {
            sides[usize::from(outward)].lines.push(line);
        }
        let [inward, outward] = sides;
        filter(inward, Some(outward), Replies::PassWithFlow)
    }

    /// A rule with its priority, and whether it is about what goes out.
    fn rule(&mut self, node: &Node<'_>) -> Vec<(i64, bool, Line)> {
        let rule = parts(node);
        let at = if value(node, "name").is_some() { place(node, &["name"]) } else { place(rule, &["priority", "access"]) };
        let mut other: Vec<Opaque> = Vec::new();
        // A rule whose place among the others is not known may be the first.
        let priority = value(rule, "priority").and_then(number).unwrap_or_else(|| {
            other.push(opaque(at, "the priority of the rule is not known"));
            0
        });
        let outward = match text(rule, "direction") {
            Some(word) if word.eq_ignore_ascii_case("inbound") => [false].as_slice(),
            Some(word) if word.eq_ignore_ascii_case("outbound") => &[true],
            _ => {
                other.push(opaque(at, "the direction of the rule is not known"));
                &[false, true]
            }
        };
        let action = match text(rule, "access") {
            Some(word) if word.eq_ignore_ascii_case("allow") => Action::Permit,
            Some(word) if word.eq_ignore_ascii_case("deny") => Action::Deny,
            _ => Action::Opaque(opaque(at, "the access of the rule is not known")),
        };
        let protocol = self.protocol(rule, at);
        let (source_ports, destination_ports) = (Self::ports(rule, "source", at), Self::ports(rule, "destination", at));
        let mut all = Vec::new();
        for &outward in outward {
            let (first, second) = if outward { (Side::Own, Side::Peers) } else { (Side::Peers, Side::Own) };
            for source in Self::addresses(rule, "source", first, at) {
                for destination in Self::addresses(rule, "destination", second, at) {
                    let matches = Match {
                        protocol: protocol.clone(),
                        source: source.clone(),
                        destination,
                        source_ports: source_ports.clone(),
                        destination_ports: destination_ports.clone(),
                        other: other.clone(),
                        ..Match::default()
                    };
                    all.push((priority, outward, Line::new(at, matches, action.clone())));
                }
            }
        }
        all
    }

    fn protocol(&mut self, rule: &Node<'_>, at: Span) -> Field<Protocols> {
        let Some(node) = value(rule, "protocol") else { return Field::opaque_at(at, "the rule names no protocol") };
        let word = match &node.kind {
            Kind::Int(number) => number.to_string(),
            _ => node.text().unwrap_or_default().to_owned(),
        };
        if matches!(&*word, "*") || word.eq_ignore_ascii_case("any") {
            return Field::Absent;
        }
        if is_expression(&word) {
            return Field::opaque_at(node.span, EXPRESSION);
        }
        match Protocol::parse(&word) {
            Some(protocol) => Field::known_at(Protocols::of(&[protocol]), node.span),
            None => {
                self.remark(node.span, "the protocol's name is not known", RemarkKind::Unknown);
                Field::opaque_at(node.span, "the protocol's name is not known")
            }
        }
    }

    fn ports(rule: &Node<'_>, side: &str, at: Span) -> Field<Ports> {
        let items = both(rule, &format!("{side}PortRange"));
        let Some(first) = items.first() else { return Field::opaque_at(at, "the rule names no ports") };
        let span = items.iter().fold(first.span, |all, item| all.to(item.span));
        let mut words: Vec<String> = Vec::new();
        for item in items {
            let word = match &item.kind {
                Kind::Int(number) => number.to_string(),
                _ => item.text().unwrap_or_default().trim().to_owned(),
            };
            if is_expression(&word) {
                return Field::opaque_at(item.span, EXPRESSION);
            }
            if matches!(&*word, "*" | "0-65535" | "1-65535") {
                return Field::Absent;
            }
            words.push(word);
        }
        match Ports::parse(&words.join(",")) {
            Some(ports) => Field::known_at(ports, span),
            None => Field::opaque_at(span, "the ports are not valid"),
        }
    }

    /// The addresses of one end: what is known of them, and what is not, apart. Absent: any.
    fn addresses(rule: &Node<'_>, side: &str, of: Side, at: Span) -> Vec<Field<Addrs>> {
        let items = both(rule, &format!("{side}AddressPrefix"));
        let applications = format!("{side}ApplicationSecurityGroups");
        let grouped = !list(rule, &applications).is_empty();
        let Some(span) = items.iter().map(|item| item.span).reduce(Span::to).or_else(|| grouped.then(|| place(rule, &[&applications])))
        else {
            return vec![Field::opaque_at(at, "the rule names no address")];
        };
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        let mut unknown: Option<Opaque> = None;
        if grouped && of == Side::Peers {
            // Its members are known by their private addresses.
            ranges.extend_from_slice(inside().ranges());
        } else if grouped {
            unknown = Some(opaque(span, "whether the vMX is in the application security group is not in the file"));
        }
        for item in items {
            let word = item.text().unwrap_or_default().trim();
            let tag = word.to_ascii_lowercase();
            let set = match (&*tag, of) {
                ("*" | "any" | "0.0.0.0/0", _) => Some(Addrs::any()),
                ("internet", Side::Peers) => Some(Addrs::public()),
                ("internet", Side::Own) => Some(Addrs::none()),
                ("virtualnetwork", Side::Peers) => Some(inside()),
                ("virtualnetwork", Side::Own) => Some(Addrs::any()),
                // Probes come from an address of the host itself (168.63.129.16), which nobody on the internet has.
                ("azureloadbalancer", _) => Some(Addrs::none()),
                _ if word.contains(':') && !is_expression(word) => Some(Addrs::none()),
                _ => Addrs::parse(word),
            };
            match set {
                Some(set) => ranges.extend_from_slice(set.ranges()),
                None if is_expression(word) => unknown = Some(opaque(item.span, EXPRESSION)),
                None => unknown = Some(opaque(item.span, "which addresses the service tag stands for is not in the file")),
            }
        }
        let set = Addrs::from_ranges(ranges);
        if set.is_any() {
            return vec![Field::Absent];
        }
        let known = (!set.is_empty() || unknown.is_none()).then(|| Field::known_at(set, span));
        known.into_iter().chain(unknown.map(Field::Opaque)).collect()
    }
}

/// What a group holds, in the object itself or under `properties`; none: it is no group.
fn body<'n, 'a>(node: &'n Node<'a>) -> Option<&'n Node<'a>> {
    let holds = |node: &Node<'_>| value(node, "securityRules").is_some() || value(node, "defaultSecurityRules").is_some();
    if holds(node) {
        return Some(node);
    }
    let inner = value(node, "properties").filter(|inner| holds(inner));
    let typed = || text(node, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("Microsoft.Network/networkSecurityGroups"));
    inner.or_else(|| typed().then_some(node))
}

/// The parts of a rule, in the object itself or under `properties`.
fn parts<'n, 'a>(node: &'n Node<'a>) -> &'n Node<'a> {
    value(node, "properties").filter(|inner| value(inner, "access").is_some() || value(inner, "direction").is_some()).unwrap_or(node)
}

/// The one value of a key and the list of its plural.
fn both<'n, 'a>(rule: &'n Node<'a>, key: &str) -> Vec<&'n Node<'a>> {
    let plural = if key.ends_with('x') { format!("{key}es") } else { format!("{key}s") };
    let full = |node: &&Node<'_>| node.text() != Some("");
    list(rule, key).iter().chain(list(rule, &plural)).filter(full).collect()
}

/// `[parameters('x')]`
fn is_expression(word: &str) -> bool {
    word.starts_with('[') && !word.starts_with("[[")
}

/// The rules that every group has, but for the one about Azure's own probes and those that deny the rest.
fn defaults(span: Span) -> Vec<(i64, bool, Line)> {
    let known = |set: Addrs| Field::known_at(set, span);
    let permit = |matches| Line::new(span, matches, Action::Permit);
    vec![
        (65000, false, permit(Match { source: known(inside()), ..Match::default() })),
        (65000, true, permit(Match { destination: known(inside()), ..Match::default() })),
        (65001, true, permit(Match { destination: known(Addrs::public()), ..Match::default() })),
    ]
}
