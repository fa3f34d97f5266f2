//! A virtual IP that cannot work on its uplink.

use std::net::Ipv4Addr;

use crate::model::addressing::AddressKind;
use crate::model::mx::{Uplink, UplinkMode, WarmSpare};
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "vip-invalid",
    level: Level::Error,
    stage: Some(Stage::ReachIke),
    docs: include_str!("vip_invalid.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let Some(mx) = cx.mx().map(|mx| mx.value) else { return };
    if let Some(o) = mx.warm_spare.opaque() {
        out.undecided(Subject::Mx, o.reason.to_string());
        return;
    }
    let Some(pair) = mx.pair() else { return };
    if let Some(o) = pair.enabled.opaque().or(pair.uplink_mode.opaque()) {
        out.undecided(Subject::Mx, o.reason.to_string());
        return;
    }
    match pair.mode() {
        Some(UplinkMode::Virtual) => {}
        Some(UplinkMode::Public) => return,
        None => {
            out.undecided(Subject::Mx, "`mx.warm_spare` states neither `uplink_mode` nor a virtual IP");
            return;
        }
    }
    let (mut violated, mut unknown) = (false, None);
    for (interface, key, field) in [("wan1", "virtual_ip1", &pair.virtual_ip1), ("wan2", "virtual_ip2", &pair.virtual_ip2)] {
        let vip = match field {
            Field::Known(vip) => *vip,
            Field::Opaque(o) => {
                unknown = Some(o.reason.to_string());
                continue;
            }
            // Client VPN needs that of the primary uplink.
            Field::Absent if mx.is_primary(interface) => {
                unknown = Some(format!("`mx.warm_spare` states no `{key}`"));
                continue;
            }
            Field::Absent => continue,
        };
        let uplink = mx.uplinks.items().iter().find(|u| u.value.interface.value().is_some_and(|i| i.eq_ignore_ascii_case(interface)));
        let fault = unit(mx, vip.value).or_else(|| uplink.and_then(|u| misfit(&u.value, vip.value)));
        match fault {
            Some((what, span, label)) => {
                violated = true;
                let finding =
                    out.finding(format!("the virtual IP of {interface} {what}")).label(vip.span, "the virtual IP").label(span, label);
                let help = "choose a free address of the uplink's subnet on Security & SD-WAN > Monitor > Appliance status, where the warm spare is set up";
                out.violated(Subject::Mx, finding.help(help));
            }
            None => unknown = unknown.or_else(|| missing(pair, interface, uplink.map(|u| &u.value))),
        }
    }
    match unknown {
        _ if violated => {}
        Some(why) => out.undecided(Subject::Mx, why),
        None => out.holds(Subject::Mx),
    }
}

type Fault = (&'static str, Span, &'static str);

fn unit(mx: &Mx, vip: Ipv4Addr) -> Option<Fault> {
    let unit = mx.addresses().into_iter().find(|a| a.kind == AddressKind::Unit && a.ip == vip)?;
    Some(("is a unit's own address", unit.span, "the unit's own address"))
}

fn misfit(uplink: &Uplink, vip: Ipv4Addr) -> Option<Fault> {
    if let Some(gateway) = uplink.gateway.known().filter(|g| g.value == vip) {
        return Some(("is the gateway's address", gateway.span, "the gateway"));
    }
    let subnet = uplink.subnet.known()?;
    // A /31 has neither a network nor a broadcast address.
    let edges = subnet.value.prefix_len() < 31;
    if !subnet.value.contains(&vip) {
        Some(("is outside its uplink's subnet", subnet.span, "the uplink's subnet"))
    } else if edges && vip == subnet.value.network() {
        Some(("is the network address of its uplink", subnet.span, "the uplink's subnet"))
    } else if edges && vip == subnet.value.broadcast() {
        Some(("is the broadcast address of its uplink", subnet.span, "the uplink's subnet"))
    } else {
        None
    }
}

/// What would prove a VIP: it must be told from every other address of its uplink.
fn missing(pair: &WarmSpare, interface: &str, uplink: Option<&Uplink>) -> Option<String> {
    let Some(uplink) = uplink else { return Some(format!("`mx.uplinks` does not describe {interface}")) };
    let opaque = (uplink.subnet.opaque()).or_else(|| uplink.ip.opaque()).or_else(|| uplink.gateway.opaque());
    let spare = pair.spare_uplinks.items().iter().find(|u| u.value.interface.value().is_some_and(|i| i.eq_ignore_ascii_case(interface)));
    let opaque = opaque.or_else(|| pair.spare_uplinks.opaque()).or_else(|| spare.and_then(|u| u.value.ip.opaque()));
    if let Some(o) = opaque {
        return Some(o.reason.to_string());
    }
    let parts = [("subnet", uplink.subnet.is_absent()), ("ip", uplink.ip.is_absent()), ("gateway", uplink.gateway.is_absent())];
    let absent = parts.into_iter().find(|(_, absent)| *absent).map(|(key, _)| format!("the uplink {interface} states no `{key}`"));
    let spare_unknown = spare.is_none_or(|u| u.value.ip.is_absent());
    absent.or_else(|| spare_unknown.then(|| format!("`mx.warm_spare.spare_uplinks` states no `ip` for {interface}")))
}
