//! How the addresses of a firewall rule are written: sets, and what stands for addresses that no file holds.

use serde_json::{Value, json};

use crate::model::{Field, Host};
use crate::net::Addrs;
use crate::tree::decode::{Cx, Decode, Definitions, Rejected};
use crate::tree::{Kind, Node};

impl Decode for Addrs {
    const EXPECTS: &'static str = "addresses";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        let text = node.text().ok_or(Rejected).map_err(|_| cx.expected(node, Self::EXPECTS))?;
        Self::parse(text).ok_or(()).map_err(|()| {
            cx.invalid(node, "these are not IPv4 addresses", "`any`, an address, a subnet, a range a-b, or several with commas")
        })
    }

    /// Names and policy objects, as the Dashboard's rules have them, are opaque and not wrong. A word without a dot is a slip.
    fn field(node: &Node<'_>, cx: &mut Cx<'_>) -> Field<Self> {
        let span = node.via.unwrap_or(node.span);
        let name = |part: &str| part.contains('(') || part.rsplit_once('.').is_some_and(|(_, top)| top.chars().all(char::is_alphabetic));
        let why = |part: &str| unknowable(part).filter(|_| name(part));
        match &node.kind {
            Kind::Null => Field::Absent,
            Kind::Opaque(reason) => Field::opaque_at(span, reason.clone()),
            Kind::Str(text) if text.split(',').map(str::trim).all(|part| Self::parse(part).is_some() || why(part).is_some()) => {
                let unknown = text.split(',').map(str::trim).find_map(|part| why(part).filter(|_| Self::parse(part).is_none()));
                match (unknown, Self::parse(text)) {
                    (None, Some(all)) => Field::known_at(all, span),
                    (why, _) => Field::opaque_at(span, why.unwrap_or("the value is not valid")),
                }
            }
            _ => match Self::decode(node, cx) {
                Ok(all) => Field::known_at(all, span),
                Err(Rejected) => Field::opaque_at(span, "the value is not valid"),
            },
        }
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": "string", "minLength": 1 })
    }
}

/// Why the addresses of a rule's part cannot be known, if that is so.
pub fn unknowable(part: &str) -> Option<&'static str> {
    let upper = part.to_ascii_uppercase();
    if upper.starts_with("OBJ(") || upper.starts_with("GRP(") {
        return Some("a policy object stands for addresses that no import gives");
    }
    if upper.starts_with("VLAN(") {
        return Some("a VLAN is named by number in a rule");
    }
    let name = part.strip_prefix("*.").unwrap_or(part);
    let named = name.contains(|c: char| c.is_alphabetic()) && !name.contains(['/', ':']) && Host::parse(name).is_some();
    named.then_some("a host name stands for addresses that only DNS knows")
}
