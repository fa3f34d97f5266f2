//! VyOS and EdgeOS, which both come from Vyatta: one tree of words, in commands or in braces.
//!
//! Destination NAT stands before the firewall, which sees the translated address (VyOS, "Firewall", packet flow). Up to VyOS 1.3, and in EdgeOS, a rule
//! set is bound to an interface as `in`, `out` or `local`, and `accept` leaves it for the next one; since 1.4, base chains (`forward filter`, `input
//! filter`) call rule sets by `jump`. Zones stand behind both (vyos-1x, `nftables-zone.j2`). EdgeOS asks `port-forward` first, in NAT and, with
//! `auto-firewall`, in the filter: that is the order of its chains as `iptables -S` shows them on real devices (`UBNT_PFOR_DNAT_HOOK` in front of
//! `VYATTA_DNAT`, `UBNT_PFOR_FW_HOOK` in front of `VYATTA_FW_IN_HOOK`).

mod ends;
mod filter;
mod groups;
mod interfaces;
mod nat;
mod port_forward;
mod rule;
#[cfg(test)]
mod tests;
mod whole;
mod words;
mod zones;

use std::collections::{BTreeMap, BTreeSet};

use super::config_tree::{self, At, Dialect};
use super::{Remark, RemarkKind};
use crate::model::Opaque;
use crate::model::upstream::{ChainId, Device};
use crate::source::Span;
use groups::Groups;
use interfaces::Port;

/// How both systems write their configuration.
const DIALECT: Dialect = Dialect { semicolons: false, shows: words::shows };

/// What is gathered besides the device.
struct Reader<'a, 't> {
    root: At<'a, 't>,
    device: Device,
    remarks: Vec<Remark>,
    told: BTreeSet<(u32, u32)>,
    groups: Groups<'a, 't>,
    ports: Vec<Port<'a, 't>>,
    by_name: BTreeMap<Box<str>, usize>,
    /// Rule sets by name.
    sets: BTreeMap<&'t str, ChainId>,
}

/// Reads a whole configuration, or a part of it. The device's name is left empty. The spans are places that must never be shown.
pub fn read(text: &str, base: u32) -> (Device, Vec<Remark>, Vec<Span>) {
    let tree = config_tree::read(text, base, DIALECT);
    let firewall = tree.root().child("firewall");
    let reader = Reader {
        root: tree.root(),
        device: Device::default(),
        remarks: tree.remarks.clone(),
        told: BTreeSet::new(),
        groups: Groups::new(firewall.and_then(|section| section.child("group"))),
        ports: Vec::new(),
        by_name: BTreeMap::new(),
        sets: BTreeMap::new(),
    };
    let (device, remarks) = reader.whole(&tree);
    (device, remarks, tree.hidden)
}

/// Whether a text looks like a configuration of one of the two, and which.
pub fn detect(text: &str) -> Option<bool> {
    let begins = |line: &str, words: &[&str]| words.iter().any(|word| line.strip_prefix(word).is_some_and(|rest| rest.starts_with(' ')));
    let (mut found, mut edge, mut depth) = (false, false, 0_i32);
    for line in text.lines().map(str::trim) {
        if line.contains("vyatta-config-version") || line.contains("vyos-config-version") {
            found = true;
            edge |= line.contains("ubnt-");
        }
        if line.ends_with(';') && !line.starts_with(['/', '*', '#']) {
            return None;
        }
        let command = line
            .split_once("set ")
            .filter(|(front, _)| front.is_empty() || front.contains('@') && front.ends_with("# ") || front.ends_with("wrapper "));
        if let Some((_, path)) = command {
            let typed = "interfaces ethernet|interfaces bonding|interfaces pppoe|interfaces bridge|interfaces switch|interfaces loopback";
            edge |= begins(path, &["port-forward", "service nat"]);
            found |= begins(path, &["port-forward", "service nat rule", "nat destination", "nat source", "nat static", "zone-policy zone"])
                || begins(
                    path,
                    &[
                        "firewall name",
                        "firewall ipv4",
                        "firewall group",
                        "firewall zone",
                        "firewall global-options",
                        "firewall state-policy",
                    ],
                )
                || typed.split('|').any(|word| begins(path, &[word]));
        }
        if depth == 0 && line.ends_with('{') {
            edge |= line == "port-forward {";
            found |= matches!(line, "port-forward {" | "zone-policy {" | "firewall {" | "interfaces {" | "nat {");
        }
        depth += i32::from(line.ends_with('{')) - i32::from(line == "}");
    }
    let nat = text.contains("service {") && text.lines().any(|line| line.trim() == "nat {") && !text.lines().any(|line| line == "nat {");
    found.then_some(edge || nat)
}

impl Reader<'_, '_> {
    fn remark(&mut self, span: Span, message: &str, kind: RemarkKind) {
        // A rule's parts may be read twice.
        if self.told.insert((span.start, span.end)) {
            self.remarks.push(Remark { span, message: message.into(), kind });
        }
    }
}

fn opaque(span: Span, reason: &str) -> Opaque {
    Opaque { span, reason: reason.into() }
}
