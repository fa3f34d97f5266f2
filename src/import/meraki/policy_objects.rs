//! Policy objects and their groups, which rules name as `OBJ(id)` and `GRP(id)`.
//!
//! Source: the Dashboard API v1, `organizations/{organizationId}/policyObjects` and `…/policyObjects/groups`.

use std::collections::BTreeMap;

use super::kind::Body;
use super::object::Obj;
use crate::net::Addrs;
use crate::tree::{Kind, Node};

const UNNAMED: &str = "a policy object stands for addresses that no import gives";
const NAME: &str = "a policy object is a host name, whose addresses only DNS knows";
const UNREADABLE: &str = "a policy object's addresses are not understood";
const OTHER: &str = "a group of policy objects holds something other than networks";

/// The addresses of an object, or why they are not known.
type Found = Result<Addrs, &'static str>;

/// What the imports say of policy objects.
#[derive(Default)]
pub struct Objects {
    single: BTreeMap<String, Found>,
    members: BTreeMap<String, Vec<String>>,
    groups: BTreeMap<String, Found>,
}

impl Objects {
    /// Learns from one body.
    pub fn learn(&mut self, body: Body, node: &Node<'_>) {
        let rows = node.items().unwrap_or(std::slice::from_ref(node));
        for o in rows.iter().filter_map(Node::entries).map(Obj) {
            let Some(id) = o.get("id").and_then(text) else { continue };
            if body == Body::PolicyObjects {
                for group in o.get("groupIds").and_then(Node::items).unwrap_or_default().iter().filter_map(text) {
                    self.members.entry(group).or_default().push(id.clone());
                }
                self.single.insert(id, addresses(o));
            } else {
                let network = o.peek("category").is_none_or(|c| c.eq_ignore_ascii_case("NetworkObjectGroup"));
                self.groups.insert(id.clone(), if network { Err(UNNAMED) } else { Err(OTHER) });
                let listed = o.get("objectIds").and_then(Node::items);
                if let (true, Some(ids)) = (network, listed) {
                    self.members.entry(id).or_default().extend(ids.iter().filter_map(text));
                }
            }
        }
    }

    /// Puts the groups together, when all bodies have been learnt.
    pub fn finish(&mut self) {
        for (id, group) in &mut self.groups {
            let Some(members) = self.members.get_mut(id).filter(|_| *group == Err(UNNAMED)) else { continue };
            members.sort_unstable();
            members.dedup();
            let all = members.iter().map(|m| self.single.get(m).cloned().unwrap_or(Err(UNNAMED)));
            *group =
                all.collect::<Result<Vec<_>, _>>().map(|sets| Addrs::from_ranges(sets.iter().flat_map(Addrs::ranges).copied().collect()));
        }
    }

    /// What `OBJ(id)` or `GRP(id)` stands for; `None`: the text is neither.
    pub fn find(&self, part: &str) -> Option<Found> {
        let inner = |kind: &str| {
            let head = part.get(..kind.len()).filter(|head| head.eq_ignore_ascii_case(kind))?;
            part[head.len()..].strip_suffix(')').map(str::trim)
        };
        let (list, id) = inner("OBJ(").map(|id| (&self.single, id)).or_else(|| inner("GRP(").map(|id| (&self.groups, id)))?;
        Some(list.get(id).cloned().unwrap_or(Err(UNNAMED)))
    }
}

fn text(node: &Node<'_>) -> Option<String> {
    match &node.kind {
        Kind::Str(id) => Some(id.to_string()),
        Kind::Int(id) => Some(id.to_string()),
        _ => None,
    }
}

fn addresses(o: Obj<'_, '_>) -> Found {
    if o.peek("fqdn").is_some_and(|name| !name.is_empty()) {
        return Err(NAME);
    }
    let v6 = |text: &str| text.contains(':');
    let said = |names: &str| o.peek(names).filter(|text| !text.is_empty());
    match (said("cidr"), said("ip"), said("mask")) {
        (Some(cidr), ..) if v6(cidr) => Ok(Addrs::none()),
        (Some(cidr), ..) => Addrs::parse(cidr).ok_or(UNREADABLE),
        (None, Some(ip), _) if v6(ip) => Ok(Addrs::none()),
        (None, Some(ip), Some(mask)) => {
            let net = ip.parse().ok().zip(mask.parse().ok()).and_then(|(ip, mask)| ipnet::Ipv4Net::with_netmask(ip, mask).ok());
            net.and_then(|net| Addrs::parse(&net.to_string())).ok_or(UNREADABLE)
        }
        (None, Some(ip), None) => Addrs::parse(ip).ok_or(UNREADABLE),
        _ => Err(UNREADABLE),
    }
}
