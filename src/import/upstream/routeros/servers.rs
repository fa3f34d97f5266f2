//! Where the router itself ends IPsec: its daemon takes UDP 500 and 4500 once a peer or the L2TP server asks for it.

use std::net::Ipv4Addr;

use super::Statement;
use crate::model::Field;
use crate::model::upstream::EndPoint;
use crate::source::Span;

/// Tunnels that make a peer of their own where they have a secret.
const TUNNELS: &[&str] = &["interface gre", "interface eoip", "interface ipip", "interface l2tp-client"];

/// Every end, at the line that switches it on.
pub(super) fn ends(statements: &[Statement], start: Span) -> Field<Vec<EndPoint>> {
    let mut ends = Vec::new();
    let mut l2tp = None;
    for s in statements {
        let yes = |name: &str| matches!(s.get(name), Some("yes" | "true" | "required"));
        match (&*s.menu, &*s.command) {
            ("interface l2tp-server server", "set") if s.get("enabled").or(s.get("use-ipsec")).is_some() => {
                l2tp = (yes("enabled") && yes("use-ipsec")).then_some(s.span);
            }
            ("ip ipsec peer", "add") if s.is_on() => {
                let local = s.get("local-address").filter(|at| *at != "0.0.0.0" && *at != "::");
                let address = match local.map(str::parse::<Ipv4Addr>) {
                    None => Field::Absent,
                    Some(Ok(address)) => Field::known_at(address, s.span),
                    // An IPv6 address is none that the MX's clients aim at.
                    Some(Err(_)) => continue,
                };
                ends.push(EndPoint { span: s.span, address });
            }
            (menu, "add") if TUNNELS.contains(&menu) && s.is_on() && (s.get("ipsec-secret").is_some() || yes("use-ipsec")) => {
                ends.push(EndPoint { span: s.span, address: Field::Absent });
            }
            _ => {}
        }
    }
    ends.extend(l2tp.map(|span| EndPoint { span, address: Field::Absent }));
    Field::known_at(ends, start)
}
