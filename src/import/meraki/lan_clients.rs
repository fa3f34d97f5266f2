//! Which group policies machines of the LAN have: `networks/{networkId}/clients` says their addresses, `clients/{clientId}/policy` and
//! `policies/byClient` their policies.
//!
//! Source: the Dashboard API v1.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::kind::Body;
use super::object::{Obj, fold, place};
use crate::source::Spanned;
use crate::tree::{Kind, Node};

/// What the imports say of machines.
#[derive(Default)]
pub struct LanClients {
    /// Addresses by folded id and MAC address.
    addresses: BTreeMap<String, Ipv4Addr>,
    policies: Vec<(String, Spanned<String>)>,
}

impl LanClients {
    /// Learns from one body.
    pub fn learn(&mut self, body: Body, node: &Node<'_>) {
        let rows = node.items().unwrap_or(std::slice::from_ref(node));
        for o in rows.iter().filter_map(Node::entries).map(Obj) {
            match body {
                Body::LanClients => {
                    if let Some(ip) = o.peek("ip").and_then(|ip| ip.parse().ok()) {
                        self.addresses.extend(["id", "mac"].into_iter().filter_map(|key| o.peek(key)).map(|name| (fold(name), ip)));
                    }
                }
                Body::ClientPolicy => {
                    let grouped = o.peek("devicePolicy").is_none_or(|p| p.eq_ignore_ascii_case("group policy"));
                    if let (true, Some(id), Some(name)) = (grouped, policy(o), o.peek("mac|clientId")) {
                        self.policies.push((fold(name), id));
                    }
                }
                _ => {
                    // What holds in a wireless network only says nothing of the LAN.
                    let wired = |o: &Obj<'_, '_>| o.get("ssid").and_then(Node::items).is_none_or(<[_]>::is_empty);
                    let assigned = o.get("assigned").and_then(Node::items).unwrap_or_default();
                    let first = assigned.iter().filter_map(Node::entries).map(Obj).filter(wired).find_map(policy);
                    if let (Some(id), Some(name)) = (first, o.peek("clientId")) {
                        self.policies.push((fold(name), id));
                    }
                }
            }
        }
    }

    /// The ids of the policies, by address.
    pub fn finish(self) -> Vec<(Ipv4Addr, Spanned<String>)> {
        self.policies.into_iter().filter_map(|(name, id)| Some((*self.addresses.get(&name)?, id))).collect()
    }
}

fn policy(o: Obj<'_, '_>) -> Option<Spanned<String>> {
    let node = o.get("groupPolicyId")?;
    match &node.kind {
        Kind::Str(id) if !id.is_empty() => Some(Spanned::new(id.to_string(), place(node))),
        Kind::Int(id) => Some(Spanned::new(id.to_string(), place(node))),
        _ => None,
    }
}
