//! Defaults for every network, which stand in files of the same folder under `defaults.meraki.domains.organizations`: they count where a table or an item is there and a key of it is
//! not. Tables and items are not made from them, as in the Terraform module. The module's own defaults differ from version to version, so they count only when an import holds them.

use std::collections::HashMap;

use crate::tree::{Kind, Node};

/// Tables that the module reads from the defaults even where the network has none of that name.
const WITHIN: &[&str] = &["dynamic_dns", "nat"];

/// Completes `node` by `defaults`.
pub fn complete<'t>(node: &mut Node<'t>, defaults: &Node<'t>) {
    match &mut node.kind {
        Kind::Seq(items) => items.iter_mut().filter(|i| matches!(i.kind, Kind::Map(_))).for_each(|i| complete(i, defaults)),
        Kind::Map(entries) => {
            let places: HashMap<_, _> = entries.iter().enumerate().map(|(n, e)| (e.key.clone(), n)).collect();
            for default in defaults.entries().unwrap_or_default() {
                match places.get(&default.key) {
                    Some(n) => complete(&mut entries[*n].value, &default.value),
                    None if !matches!(default.value.kind, Kind::Map(_)) || WITHIN.contains(&&*default.key) => entries.push(default.clone()),
                    None => {}
                }
            }
        }
        _ => {}
    }
}

/// Completes the parts of `node` that are there by `defaults`, but adds none.
pub fn complete_parts<'t>(node: &mut Node<'t>, defaults: &Node<'t>) {
    let Kind::Map(entries) = &mut node.kind else { return };
    for entry in entries {
        if let Some(default) = defaults.get(&entry.key) {
            // The firewall only groups parts.
            let within = if entry.key == "firewall" { complete_parts } else { complete };
            within(&mut entry.value, &default.value);
        }
    }
}
