//! What macOS writes for itself: `preferences.plist` of its network settings (form: `pocc/merlink`), and the connections that it exported as
//! `.networkConnect` (form: `nakedible/vpnease-l2tp`).

use super::{Written, last, truth};
use crate::model::{Field, TunnelType};
use crate::tree::{Entry, Node};

/// The VPN services and exported connections of a property list.
pub(super) fn services<'n, 'a>(root: &'n Node<'a>) -> Vec<(&'n Node<'a>, Written)> {
    let mut found = Vec::new();
    for entry in root.entries().unwrap_or_default() {
        let kind = match &*entry.key {
            "L2TP" => TunnelType::L2tp,
            "PPTP" => TunnelType::Pptp,
            // Excerpts put a date in front.
            key if key.ends_with("NetworkServices") => {
                let services = entry.value.entries().unwrap_or_default().iter().map(|e| &e.value);
                found.extend(services.filter(|s| is_vpn(s)).map(|s| (s, Written::Settings)));
                continue;
            }
            _ => continue,
        };
        let all = system_wide(entry, root);
        let configs = last(&entry.value, "UserConfigs").and_then(|e| e.value.items()).unwrap_or_default();
        found.extend(configs.iter().map(|node| (node, Written::Export(kind, entry.key_span, all))));
    }
    found
}

/// Whether an export sends all traffic through the tunnel; the setting is one for all users.
fn system_wide(entry: &Entry<'_>, root: &Node<'_>) -> Option<bool> {
    let config = last(&entry.value, "SystemConfig").or_else(|| last(root, "SystemConfig"))?;
    truth(&last(&last(&config.value, "IPv4")?.value, "OverridePrimary")?.value)
}

fn is_vpn(service: &Node<'_>) -> bool {
    let said = |key| last(&last(service, "Interface")?.value, key)?.value.text();
    matches!((said("Type"), said("SubType")), (Some("PPP"), Some("L2TP" | "PPTP")) | (Some("IPSec" | "VPN"), _))
}

/// The kind of tunnel of a service.
pub(super) fn tunnel_type(service: &Node<'_>) -> Field<TunnelType> {
    let said = |key| Some(&last(&last(service, "Interface")?.value, key)?.value);
    let (kind, sub) = (said("Type"), said("SubType"));
    match (kind.and_then(|n| n.text()), sub) {
        (Some("IPSec"), _) => kind.map_or(Field::Absent, |n| Field::known_at(TunnelType::CiscoIpsec, n.span)),
        (Some("PPP"), Some(sub)) => Field::known_at(if sub.text() == Some("PPTP") { TunnelType::Pptp } else { TunnelType::L2tp }, sub.span),
        _ => kind.map_or(Field::Absent, |n| Field::opaque_at(n.span, "the service does not say which kind of tunnel it makes")),
    }
}
