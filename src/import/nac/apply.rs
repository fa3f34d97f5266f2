//! One network as the Terraform module would apply it, and what that says of the MX.

use std::collections::BTreeSet;

use super::defaults::{complete, complete_parts};
use super::merge::Merger;
use super::networks::Network;
use super::template::{Filled, Of, Templates};
use super::{devices, rewrap_placeholders};
use crate::import::meraki::body::{self, World};
use crate::import::meraki::kind::Body;
use crate::import::meraki::policy_objects::Objects;
use crate::model::{Field, Mx};
use crate::source::Span;
use crate::tree::decode::Cx;
use crate::tree::{Kind, Node};

/// A network with its templates and defaults.
pub struct Chosen<'t> {
    network: Node<'t>,
    devices: Vec<Node<'t>>,
    /// The organisation's own part of the appliance.
    organization: Option<Node<'t>>,
    /// The network's name.
    pub name: Option<String>,
    /// Its organisation's.
    pub organization_name: Option<String>,
    /// Where something is missing, and why.
    pub missing: Vec<(Span, &'static str)>,
}

/// Parts of `appliance`, and the API's bodies that they are.
const PARTS: &[(&[&str], Body)] = &[
    (&["warm_spare"], Body::WarmSpare),
    (&["settings"], Body::Settings),
    (&["vlans"], Body::Vlans),
    (&["single_lan"], Body::SingleLan),
    (&["static_routes"], Body::StaticRoutes),
    (&["vpn_site_to_site_vpn"], Body::SiteToSite),
    (&["firewall", "l3_firewall_rules"], Body::L3Rules),
    (&["firewall", "l7_firewall_rules"], Body::L7Rules),
    (&["firewall", "port_forwarding_rules"], Body::PortForwarding),
    (&["firewall", "one_to_one_nat_rules"], Body::OneToOne),
    (&["firewall", "one_to_many_nat_rules"], Body::OneToMany),
];

/// The same of the organisation's `appliance`.
const OF_ORGANIZATION: &[(&[&str], Body)] = &[(&["third_party_vpn_peers"], Body::Peers), (&["vpn_firewall_rules"], Body::VpnRules)];

/// Fills `network` in.
pub fn fill<'n, 't>(
    root: &'n Node<'t>,
    network: Network<'n, 't>,
    templates: &Templates<'n, 't>,
    merger: &mut Merger<'_, 't>,
) -> Chosen<'t> {
    let Filled { node: mut filled, mut missing } = templates.fill(Of::Networks, network.node, merger);
    let listed = filled.get("devices").and_then(|e| e.value.items()).unwrap_or_default();
    let mut devices = Vec::with_capacity(listed.len());
    for device in listed {
        let filled = templates.fill(Of::Devices, device, merger);
        missing.extend(filled.missing);
        devices.push(filled.node);
    }
    let of_organizations = find(root, &["defaults", "meraki", "domains", "organizations"]);
    let of_networks = of_organizations.and_then(|d| find(d, &["networks"]));
    if let Kind::Map(entries) = &mut filled.kind {
        for entry in entries {
            let Some(default) = of_networks.and_then(|d| find(d, &[&*entry.key])) else { continue };
            match &*entry.key {
                "appliance" => complete_parts(&mut entry.value, default),
                "group_policies" => complete(&mut entry.value, default),
                _ => {}
            }
        }
    }
    let mut organization = find(network.organization, &["appliance"]).cloned();
    if let (Some(node), Some(default)) = (&mut organization, of_organizations.and_then(|d| find(d, &["appliance"]))) {
        complete_parts(node, default);
    }
    organization.iter_mut().chain([&mut filled]).chain(&mut devices).for_each(rewrap_placeholders);
    Chosen {
        network: filled,
        devices,
        organization,
        name: network.name().map(str::to_owned),
        organization_name: network.organization_name().map(str::to_owned),
        missing,
    }
}

/// What it says of the MX, in parts.
pub fn read(chosen: &Chosen<'_>, cx: &mut Cx<'_>) -> Vec<Mx> {
    let mut parts = Vec::new();
    let tags = find(&chosen.network, &["tags"]).and_then(Node::items);
    let tags: Option<Vec<String>> = tags.and_then(|t| t.iter().map(|t| t.text().map(str::to_owned)).collect());
    let world = World { tags: tags.as_deref(), objects: &Objects::default(), own: &|_| None };
    let appliance = find(&chosen.network, &["appliance"]);
    let mut take = |within: Option<&Node<'_>>, list: &[(&[&str], Body)], cx: &mut Cx<'_>| {
        for (path, part) in list {
            // What is opaque on the way hides all below.
            let opaque = (1..path.len()).find_map(|n| find(within?, &path[..n]).filter(|n| matches!(n.kind, Kind::Opaque(_))));
            if let Some(node) = within.and_then(|w| find(w, path)).or(opaque).or(within.filter(|w| matches!(w.kind, Kind::Opaque(_)))) {
                parts.push(body::read(*part, node, &world, cx));
            }
        }
    };
    take(appliance, PARTS, cx);
    take(chosen.organization.as_ref(), OF_ORGANIZATION, cx);
    take(Some(&chosen.network), &[(&["group_policies"], Body::GroupPolicies)], cx);
    let policies = find(&chosen.network, &["group_policies"]).and_then(Node::items).unwrap_or_default();
    let names: BTreeSet<&str> = policies.iter().filter_map(|p| find(p, &["name"])?.text()).collect();
    for mx in &mut parts {
        let Field::Known(vlans) = &mut mx.vlans else { continue };
        for vlan in &mut vlans.value {
            if let Field::Known(name) = &vlan.value.group_policy
                && !names.contains(name.value.as_str())
            {
                vlan.value.group_policy = Field::opaque_at(name.span, "no group policy of this name is in the files");
            }
        }
    }
    let spare = find(&chosen.network, &["appliance", "warm_spare", "spare_device"]).and_then(Node::text);
    parts.extend(devices::read(&chosen.devices, spare, cx));
    parts
}

/// The value at a path of keys; null counts as absent.
fn find<'n, 't>(node: &'n Node<'t>, path: &[&str]) -> Option<&'n Node<'t>> {
    path.iter().try_fold(node, |node, key| node.get(key).map(|e| &e.value)).filter(|n| n.kind != Kind::Null)
}
