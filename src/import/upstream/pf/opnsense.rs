//! OPNsense's second store of filter rules, `Firewall: Rules [new]`: flat, with a sequence, asked before the first one in each section.

use super::filter::{INTERFACE, Ranked, Spoken, list};
use super::rule::{About, Side};
use super::{Reader, xml};
use crate::tree::xml::Element;

/// Adds the rules of the second store, and those that forwards register.
pub(super) fn rules<'e>(reader: &mut Reader<'e>, root: &'e Element<'e>, rules: &mut Vec<Ranked>) {
    for (n, element) in xml::all(root, &["OPNsense", "Firewall", "Filter", "rules", "rule"]).into_iter().enumerate() {
        if xml::text(element, "ipprotocol").is_none_or(|family| family.value != "inet6") {
            rules.push(rule(reader, element, n as u32));
        }
    }
    reader.registered(root, rules);
}

fn rule<'e>(reader: &mut Reader<'e>, element: &'e Element<'e>, place: u32) -> Ranked {
    let side = |which: &str| Side {
        names: list(element, &format!("{which}_net")),
        not: reader.has(element, &format!("{which}_not")),
        port: xml::text(element, &format!("{which}_port")),
        own: None,
    };
    let about = About {
        span: xml::place(element),
        protocol: xml::text(element, "protocol"),
        source: side("source"),
        destination: side("destination"),
        interfaces: list(element, "interface"),
        interfaces_not: reader.has(element, "interfacenot"),
        ..About::default()
    };
    let sequence = xml::text(element, "sequence").and_then(|n| n.value.parse().ok()).unwrap_or(1);
    let (section, group) = match &about.interfaces[..] {
        [one] if !about.interfaces_not => match reader.names.groups.get(one.value) {
            Some((rank, _)) => (1, *rank),
            None => (INTERFACE, 0),
        },
        _ => (0, 0),
    };
    // Rules with the same sequence stay in the order of the file.
    let spoken = Spoken {
        kind: xml::text(element, "action").map_or("pass", |kind| kind.value),
        quick: element.child("quick").is_none_or(|quick| reader.on(quick)),
        direction: xml::text(element, "direction").map_or("in", |direction| direction.value),
        enabled: element.child("enabled").is_none_or(|enabled| reader.on(enabled)),
        rank: (section, group, 0, u32::saturating_add(u32::min(sequence, 999_999) * 1000, place.min(999))),
    };
    reader.ranked(element, about, &spoken)
}
