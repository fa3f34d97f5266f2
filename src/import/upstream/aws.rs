//! Amazon's filters around a vMX: security groups (`describe-security-groups`, `describe-security-group-rules`) and network ACLs (`describe-network-acls`).
//!
//! A security group only permits, in no order, and answers pass; the groups of an instance add up. A network ACL is asked by number, for each packet by itself.
//! Neither translates: the public address has become the private one before. Sources: Amazon EC2 API, `IpPermission`, `SecurityGroupRule`, `NetworkAclEntry`; Amazon
//! VPC, "Security group rules" (other protocols than TCP, UDP and ICMP have no ports; a group as source stands for private addresses of its members; every VPC has a
//! group `default` that cannot be deleted) and "Network ACL basics".

use std::collections::BTreeSet;

use super::cloud::{entry, filter, find, hidden, inside, list, number, opaque, place, text, unsettled, value};
use super::{Remark, RemarkKind};
use crate::model::upstream::{Action, Chain, Device, End, Line, Match, Order, Replies};
use crate::model::{Field, Opaque};
use crate::net::{Addrs, Ports, Protocol, Protocols};
use crate::source::Span;
use crate::tree::{self, Kind, Node};

#[cfg(test)]
mod tests;

const DOUBT: &str = "the file lists several groups, and whether this one is the vMX's is not in it";
const BROKEN: &str = "the export is not whole";

/// Keys whose values are shown.
const WORDS: &[&str] = &[
    "SecurityGroups",
    "SecurityGroupRules",
    "NetworkAcls",
    "GroupId",
    "GroupName",
    "VpcId",
    "IpPermissions",
    "IpPermissionsEgress",
    "IpProtocol",
    "FromPort",
    "ToPort",
    "IpRanges",
    "Ipv6Ranges",
    "PrefixListIds",
    "PrefixListId",
    "UserIdGroupPairs",
    "ReferencedGroupInfo",
    "CidrIp",
    "CidrIpv4",
    "CidrIpv6",
    "IsEgress",
    "Entries",
    "Associations",
    "Egress",
    "Protocol",
    "PortRange",
    "From",
    "To",
    "RuleAction",
    "RuleNumber",
    "CidrBlock",
    "Ipv6CidrBlock",
    "IsDefault",
];

/// Whether a JSON text is one of these listings.
pub fn is_aws(text: &str) -> bool {
    ["\"IpProtocol\"", "\"IpPermissions\"", "\"SecurityGroupRules\"", "\"NetworkAcls\"", "\"RuleAction\""]
        .iter()
        .any(|key| text.contains(key))
}

/// Reads a listing. The device's name is left empty. The spans are places that must never be shown.
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
        _ => unsettled(Device::default(), parsed.errors.first().map_or(start, |error| error.span), BROKEN),
    };
    (device, reader.remarks, secrets)
}

struct Reader {
    remarks: Vec<Remark>,
    told: BTreeSet<(u32, u32)>,
}

/// One direction of security groups.
struct Union {
    chain: Chain,
    known: bool,
}

impl Union {
    fn new(name: &str, span: Span) -> Self {
        let chain = Chain { order: Order::AllowUnion, ..Chain::new(name, span, Some(End::implicit(false, span))) };
        Self { chain, known: false }
    }
}

impl Reader {
    fn remark(&mut self, span: Span, message: &str, kind: RemarkKind) {
        if self.told.insert((span.start, span.end)) {
            self.remarks.push(Remark { span, message: message.into(), kind });
        }
    }

    fn whole(&mut self, root: &Node<'_>) -> Device {
        let mut acls = Vec::new();
        let is_acl = |node: &Node<'_>| value(node, "Entries").is_some() || value(node, "RuleAction").is_some();
        find(root, &is_acl, &mut acls);
        let mut groups = Vec::new();
        let is_group =
            |node: &Node<'_>| ["IpPermissions", "IpPermissionsEgress", "IpProtocol"].iter().any(|key| value(node, key).is_some());
        find(root, &is_group, &mut groups);
        let more = value(root, "NextToken").map(|_| place(root, &["NextToken"]));
        if let Some(more) = more {
            self.remark(more, "the listing goes on on another page", RemarkKind::Elsewhere);
        }
        let mut device = match (acls.is_empty(), groups.is_empty()) {
            (false, false) => {
                let why = "security groups and network ACLs are two filters: name each file in an `[[upstream]]` of its own";
                unsettled(Device::default(), root.head, why)
            }
            (false, true) => self.acls(root, &acls),
            (true, false) => self.groups(root, &groups),
            // A listing without groups tells of none.
            (true, true) => unsettled(Device::default(), root.head, "the file holds no group and no ACL"),
        };
        if let Some(more) = more {
            for chain in &mut device.chains {
                let line = Line::new(more, Match::default(), Action::Opaque(opaque(more, "the listing goes on on another page")));
                chain.lines.push(line);
            }
        }
        device
    }

    /// Security groups: whole ones, or rules one by one.
    fn groups(&mut self, root: &Node<'_>, found: &[&Node<'_>]) -> Device {
        let flat = |node: &&&Node<'_>| value(node, "IpProtocol").is_some();
        let whole = || found.iter().filter(|node| !flat(node));
        let several = doubtful(found);
        let first = found.first().map_or(root.head, |node| place(node, &["IpPermissions", "GroupId", "IpProtocol"]));
        let (mut inward, mut outward) = (Union::new("inbound", first), Union::new("outbound", first));
        for group in whole() {
            for (key, union) in [("IpPermissions", &mut inward), ("IpPermissionsEgress", &mut outward)] {
                let Some(entry) = entry(group, key).filter(|entry| entry.value.items().is_some()) else { continue };
                if !union.known {
                    union.chain.span = entry.key_span;
                    union.chain.end = Some(End::implicit(false, entry.key_span));
                }
                union.known = true;
                for permission in entry.value.items().unwrap_or_default() {
                    self.permission(permission, key == "IpPermissionsEgress", several, &mut union.chain.lines);
                }
            }
        }
        for rule in found.iter().filter(flat) {
            let egress = value(rule, "IsEgress").map(|node| node.kind == Kind::Bool(true));
            let union = if egress == Some(true) { &mut outward } else { &mut inward };
            self.permission(rule, egress == Some(true), several, &mut union.chain.lines);
            // Rules in a list of their own say of which direction they are; permissions do not, and are inbound.
            inward.known = true;
            outward.known |= egress.is_some();
        }
        let known = inward.known;
        let outward = outward.known.then_some(outward.chain);
        let device = filter(inward.chain, outward, Replies::PassWithFlow);
        if known { device } else { Device { forward: Field::opaque_at(first, "what is permitted inwards is not in the file"), ..device } }
    }

    /// One permission, or one rule, as lines: what is known of its peers and what is not, apart.
    fn permission(&mut self, node: &Node<'_>, egress: bool, several: bool, lines: &mut Vec<Line>) {
        let span = place(node, &["IpProtocol"]);
        let mut matches = Match::default();
        self.ported(node, "IpProtocol", ("FromPort", "ToPort"), &mut matches);
        if several {
            matches.other.push(opaque(span, DOUBT));
        }
        let mut put = |peers: Field<Addrs>| {
            let mut matches = matches.clone();
            if egress {
                matches.destination = peers;
            } else {
                matches.source = peers;
            }
            lines.push(Line::new(span, matches, Action::Permit));
        };
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        let mut unknown: Option<Opaque> = None;
        let mut said = None;
        let cidrs = list(node, "IpRanges").iter().filter_map(|range| value(range, "CidrIp")).chain(value(node, "CidrIpv4"));
        for cidr in cidrs {
            said = Some(said.map_or(cidr.span, |all: Span| all.to(cidr.span)));
            match cidr.text().and_then(Addrs::parse) {
                Some(set) => ranges.extend_from_slice(set.ranges()),
                None => unknown = Some(opaque(cidr.span, "the network is not valid")),
            }
        }
        for key in ["PrefixListIds", "PrefixListId"] {
            if !list(node, key).is_empty() {
                unknown = Some(opaque(place(node, &[key]), "which networks the prefix list holds is not in the file"));
            }
        }
        // A group stands for the private addresses of its members.
        for key in ["UserIdGroupPairs", "ReferencedGroupInfo"] {
            if !list(node, key).is_empty() {
                ranges.extend_from_slice(inside().ranges());
                said = said.or(Some(place(node, &[key])));
            }
        }
        let set = Addrs::from_ranges(ranges);
        match (set.is_any(), unknown) {
            (true, _) => put(Field::Absent),
            (false, None) => put(Field::known_at(set, said.unwrap_or(span))),
            (false, Some(why)) => {
                if !set.is_empty() {
                    put(Field::known_at(set, said.unwrap_or(span)));
                }
                put(Field::Opaque(why));
            }
        }
    }

    /// Protocol and ports. Other protocols than TCP and UDP have none, whatever is written.
    fn ported(&mut self, node: &Node<'_>, protocol: &str, ports: (&str, &str), matches: &mut Match) {
        let Some(named) = value(node, protocol) else {
            matches.protocol = Field::opaque_at(node.head, "the protocol is not in the file");
            return;
        };
        let word = match &named.kind {
            Kind::Int(number) => number.to_string(),
            _ => named.text().unwrap_or_default().to_owned(),
        };
        if matches!(&*word, "-1" | "all") {
            return;
        }
        let Some(known) = Protocol::parse(&word) else {
            self.remark(named.span, "the protocol's name is not known", RemarkKind::Unknown);
            matches.protocol = Field::opaque_at(named.span, "the protocol's name is not known");
            return;
        };
        matches.protocol = Field::known_at(Protocols::of(&[known]), named.span);
        if !matches!(known, Protocol::Tcp | Protocol::Udp) {
            return;
        }
        let ends = (value(node, ports.0), value(node, ports.1));
        let (Some(first), Some(last)) = ends else {
            // A network ACL without a range is about all ports.
            if ports.0 == "FromPort" {
                matches.destination_ports = Field::opaque_at(named.span, "the rule names no ports");
            }
            return;
        };
        let span = first.span.to(last.span);
        match (number(first), number(last)) {
            (Some(-1), _) | (Some(0 | 1), Some(65535)) => {}
            ends => matches.destination_ports = ports_of(ends, span),
        }
    }

    /// Network ACLs: a subnet has one.
    fn acls(&mut self, root: &Node<'_>, found: &[&Node<'_>]) -> Device {
        let entries: Vec<&Node<'_>> = found.iter().copied().filter(|node| value(node, "RuleAction").is_some()).collect();
        if !entries.is_empty() {
            return self.acl(root.head, &entries, true);
        }
        let bound: Vec<&Node<'_>> = found.iter().copied().filter(|acl| !list(acl, "Associations").is_empty()).collect();
        let named = |acl: &Node<'_>| place(acl, &["NetworkAclId", "Entries"]);
        let said = found.iter().any(|acl| entry(acl, "Associations").is_some());
        let chosen = match (&bound[..], found) {
            ([one], _) => *one,
            ([], [one]) if !said => *one,
            ([], _) => {
                let mut device = unsettled(Device::default(), named(found[0]), "the network ACL is bound to no subnet");
                for acl in found {
                    self.unused(acl, &mut device);
                }
                return device;
            }
            _ => {
                return unsettled(
                    Device::default(),
                    named(bound[1]),
                    "the file lists several network ACLs, and which one is the vMX's is not in it",
                );
            }
        };
        let rules: Vec<&Node<'_>> = list(chosen, "Entries").iter().collect();
        let mut device = self.acl(place(chosen, &["Entries"]), &rules, true);
        for acl in found.iter().filter(|acl| !std::ptr::eq(**acl, chosen)) {
            self.unused(acl, &mut device);
        }
        device
    }

    /// A list that is bound to no subnet.
    fn unused(&mut self, acl: &Node<'_>, device: &mut Device) {
        let rules: Vec<&Node<'_>> = list(acl, "Entries").iter().collect();
        let unused = self.acl(place(acl, &["NetworkAclId", "Entries"]), &rules, false);
        device.chains.extend(unused.chains);
    }

    fn acl(&mut self, span: Span, entries: &[&Node<'_>], applied: bool) -> Device {
        let mut sides = ["inbound", "outbound"].map(|name| Chain {
            order: Order::Priority,
            applied,
            ..Chain::new(name, span, Some(End::implicit(false, span)))
        });
        let mut sorted: Vec<(Option<i64>, &&Node<'_>)> = entries.iter().map(|e| (value(e, "RuleNumber").and_then(number), e)).collect();
        sorted.sort_by_key(|(number, _)| *number);
        for (number, rule) in sorted {
            let at = place(rule, &["RuleNumber", "RuleAction"]);
            let egress = value(rule, "Egress").is_some_and(|node| node.kind == Kind::Bool(true));
            let side = &mut sides[usize::from(egress)];
            let mut matches = Match::default();
            self.ported(rule, "Protocol", ("From", "To"), &mut matches);
            if let Some(range) = value(rule, "PortRange") {
                matches.destination_ports = range_of(range, &matches.protocol);
            }
            let peers = match value(rule, "CidrBlock") {
                Some(cidr) => match cidr.text().and_then(Addrs::parse) {
                    Some(set) if set.is_any() => Field::Absent,
                    Some(set) => Field::known_at(set, cidr.span),
                    None => Field::opaque_at(cidr.span, "the network is not valid"),
                },
                // A rule for IPv6.
                None if value(rule, "Ipv6CidrBlock").is_some() => continue,
                None => Field::opaque_at(at, "the rule names no network"),
            };
            if egress {
                matches.destination = peers;
            } else {
                matches.source = peers;
            }
            if value(rule, "Egress").is_none() {
                matches.other.push(opaque(at, "whether the rule is for what goes in or out is not in the file"));
            }
            if number.is_none() {
                matches.other.push(opaque(at, "the rule has no number"));
            }
            let action = match text(rule, "RuleAction") {
                Some("allow") => Action::Permit,
                Some("deny") => Action::Deny,
                _ => Action::Opaque(opaque(at, "the action of the rule is not known")),
            };
            // The last one, shown as `*`.
            if number == Some(32767) && action == Action::Deny && matches.is_exact() {
                side.end = Some(End::stated(false, at));
                continue;
            }
            side.lines.push(Line::new(at, matches, action));
        }
        let [inward, outward] = sides;
        filter(inward, Some(outward), Replies::AsAnyPacket)
    }
}

/// The ports of a rule of a network ACL.
fn range_of(range: &Node<'_>, protocol: &Field<Protocols>) -> Field<Ports> {
    // Absent is every protocol; no other than these two has ports.
    if protocol.value().is_some_and(|set| !set.contains(Protocol::Tcp) && !set.contains(Protocol::Udp)) || protocol.is_absent() {
        return Field::Absent;
    }
    match (value(range, "From").and_then(number), value(range, "To").and_then(number)) {
        (Some(0 | 1), Some(65535)) => Field::Absent,
        ends => ports_of(ends, range.span),
    }
}

/// The ports between two numbers.
fn ports_of(ends: (Option<i64>, Option<i64>), span: Span) -> Field<Ports> {
    let port = |end: Option<i64>| end.and_then(|end| u16::try_from(end).ok());
    match (port(ends.0), port(ends.1)) {
        (Some(first), Some(last)) if first <= last => Field::known_at(Ports::range(first, last), span),
        _ => Field::opaque_at(span, "the ports are not valid"),
    }
}

/// Whether groups of a listing may not be the vMX's. A listing of all groups always holds `default`, which nobody can delete; of several VPCs, the vMX is in one; an
/// interface has at most 16 groups.
fn doubtful(found: &[&Node<'_>]) -> bool {
    let all = |key: &str| found.iter().filter_map(|node| text(node, key)).collect::<BTreeSet<_>>();
    let (groups, names, nets) = (all("GroupId"), all("GroupName"), all("VpcId"));
    let whole = found.iter().filter(|node| value(node, "IpProtocol").is_none()).count();
    let flat = whole == 0 && groups.len() > 1;
    whole > 1 && (names.contains("default") || nets.len() > 1 || whole > 16 || names.len() < whole) || flat
}
