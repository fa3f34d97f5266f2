//! The appliances of a network: model and WAN ports of the primary, addresses of the spare, which is named by `spare_device`.
//!
//! Source: `meraki_devices.tf` of netascode/terraform-meraki-nac-meraki (`appliance.uplinks_settings`, `management_interface`).

use ipnet::Ipv4Net;

use crate::import::meraki::object::{Obj, network, place};
use crate::model::mx::{SpareUplink, Uplink, WarmSpare};
use crate::model::{Field, Mx};
use crate::source::{Span, Spanned};
use crate::tree::Node;
use crate::tree::decode::Cx;

/// Why no WAN port is known.
const WHICH: &str = "which of several appliances is the primary is not said";

/// What the devices say of the MX.
pub fn read(devices: &[Node<'_>], spare: Option<&str>, cx: &mut Cx<'_>) -> Vec<Mx> {
    let mut parts = Vec::new();
    let mut primary: Option<(Span, Mx)> = None;
    for device in devices {
        let Some(o) = device.entries().map(Obj) else { continue };
        let is_spare = spare.is_some() && o.peek("name") == spare;
        if !is_spare && !is_appliance(o) {
            continue;
        }
        let uplinks = uplinks(o, cx);
        if is_spare {
            let list = uplinks.into_iter().map(|u| u.map(|u| SpareUplink { interface: u.interface, ip: u.ip })).collect::<Vec<_>>();
            if !list.is_empty() {
                let pair = WarmSpare { spare_uplinks: Field::known_at(list, device.head), ..WarmSpare::default() };
                parts.push(Mx { warm_spare: Field::known_at(pair, device.head), ..Mx::default() });
            }
        } else if let Some((_, mx)) = &mut primary {
            *mx = Mx { uplinks: Field::opaque_at(device.head, WHICH), ..Mx::default() };
        } else {
            let mut mx = Mx { model: o.text("model", cx), ..Mx::default() };
            if !uplinks.is_empty() {
                mx.uplinks = Field::known_at(uplinks, device.head);
            }
            primary = Some((device.head, mx));
        }
    }
    parts.extend(primary.map(|(_, mx)| mx));
    parts
}

/// By its model; else by settings that only appliances have.
fn is_appliance(o: Obj<'_, '_>) -> bool {
    let model = o.peek("model").map(|m| ["MX", "Z", "VMX"].iter().any(|p| m.to_ascii_uppercase().starts_with(p)));
    model.unwrap_or_else(|| o.object("appliance").is_some())
}

fn uplinks(o: Obj<'_, '_>, cx: &mut Cx<'_>) -> Vec<Spanned<Uplink>> {
    let mut out = Vec::new();
    let settings = o.object("appliance").and_then(|a| a.object("uplinks_settings"));
    let management = o.object("management_interface");
    for name in ["wan1", "wan2"] {
        let from_settings = settings.and_then(|s| s.get(name)).and_then(|n| Some((n, Obj(n.entries()?))));
        let from_management = management.and_then(|m| m.get(name)).and_then(|n| Some((n, Obj(n.entries()?))));
        let uplink = match (from_settings, from_management) {
            (Some((node, wan)), _) => static_settings(wan, cx).map(|u| (node, u)),
            (None, Some((node, wan))) => static_management(wan, cx).map(|u| (node, u)),
            (None, None) => None,
        };
        if let Some((node, uplink)) = uplink {
            let interface = Field::known_at(name.to_owned(), place(node));
            out.push(Spanned::new(Uplink { interface, ..uplink }, place(node)));
        }
    }
    out
}

/// `uplinks_settings`: the address with its prefix length.
fn static_settings(wan: Obj<'_, '_>, cx: &mut Cx<'_>) -> Option<Uplink> {
    let ipv4 = wan.object("svis")?.object("ipv4")?;
    if wan.flag("enabled", cx).value() == Some(&false) || ipv4.peek("assignment_mode").is_some_and(|m| !m.eq_ignore_ascii_case("static")) {
        return None;
    }
    let mut uplink = Uplink { gateway: ipv4.v4("gateway", cx), dns_nameservers: ipv4.values("nameservers", cx), ..Uplink::default() };
    if ipv4.peek("address").is_some_and(|a| !a.contains('/')) {
        uplink.ip = ipv4.v4("address", cx);
    } else {
        let net: Field<Ipv4Net> = ipv4.v4("address", cx);
        if let Field::Opaque(o) = &net {
            uplink.ip = Field::Opaque(o.clone());
        } else {
            uplink.ip = net.clone().map(|n| n.addr());
        }
        uplink.subnet = net.map(|n| n.trunc());
    }
    (!uplink.ip.is_absent()).then_some(uplink)
}

/// `management_interface`: the address and its mask.
fn static_management(wan: Obj<'_, '_>, cx: &mut Cx<'_>) -> Option<Uplink> {
    if wan.peek("wan") == Some("disabled") || wan.flag("using_static_ip", cx).value() == Some(&false) {
        return None;
    }
    let ip = wan.v4("static_ip", cx);
    let subnet = network(&ip, &wan.v4("static_subnet_mask", cx));
    let uplink =
        Uplink { gateway: wan.v4("static_gateway_ip", cx), dns_nameservers: wan.values("static_dns", cx), subnet, ip, ..Uplink::default() };
    (!uplink.ip.is_absent()).then_some(uplink)
}
