//! The settings of client VPN itself, which no public API has: `vpnClientIpsec` of Meraki's `migrate_devices` export, and the object `wdc` that the
//! Dashboard's own pages work with.
//!
//! Sources: `meraki/automation-scripts`, `migrate_devices.py` (`enabled`, `sharedSecret`, `ipv4`, `hostname`; names of the AnyConnect body, which the
//! reader looks for here too); `pocc/merlink`, `client_vpn.py` and `mx.py` (names and words of `wdc`). What stands inside `ipv4`, and the shape of
//! `wdc`'s lists, is published nowhere: several shapes are read, and any other is opaque.

use std::net::{IpAddr, Ipv4Addr};

use super::object::{Obj, place, rows, wrong};
use crate::model::{ActiveDirectoryServer, ClientVpn, Field, List, RadiusServer};
use crate::source::Spanned;
use crate::tree::decode::Cx;
use crate::tree::{Kind, Node};

/// Reads `vpnClientIpsec`.
pub fn ipsec(node: &Node<'_>, cx: &mut Cx<'_>) -> Field<ClientVpn> {
    let Some(outer) = node.entries().map(Obj) else { return wrong(node, "an object", cx) };
    let inner = outer.object("ipv4").unwrap_or(Obj(&[]));
    let holder = |names: &str| if inner.get(names).is_some() { inner } else { outer };
    let mut vpn = ClientVpn {
        enabled: switch(outer, "enabled", cx),
        shared_secret: outer.secret("sharedSecret|secret", cx),
        subnet: holder("subnet|cidr").read("subnet|cidr", cx),
        auth_type: holder("authType").word("authType", cx),
        dns_mode: holder("dnsMode").word("dnsMode", cx),
        dns_nameservers: addresses(holder(RESOLVERS), RESOLVERS, cx),
        wins_servers: addresses(holder("winsServers"), "winsServers", cx),
        radius_servers: servers(holder("radiusServers"), "radiusServers", cx, radius),
        active_directory_servers: servers(holder("activeDirectoryServers"), "activeDirectoryServers", cx, domain_controller),
        ..ClientVpn::default()
    };
    if let (true, Some(ipv4)) = (vpn.subnet.is_absent(), outer.get("ipv4")) {
        vpn.subnet = Field::opaque_at(place(ipv4), "the export states the subnet in a form that is not known");
    }
    Field::known_at(vpn, place(node))
}

/// Resolvers, as the AnyConnect body and others call them.
const RESOLVERS: &str = "dnsCustomNameservers|dnsNameservers|nameservers";

/// The MX's own name, which the answer repeats.
pub fn hostname<'n>(node: &'n Node<'_>) -> Option<&'n Node<'n>> {
    let name = node.entries().map(Obj)?.get("hostname")?;
    name.text().is_some_and(|n| n.to_ascii_lowercase().ends_with(".dynamic-m.com")).then_some(name)
}

/// Reads `wdc`.
pub fn wdc(node: &Node<'_>, cx: &mut Cx<'_>) -> Field<ClientVpn> {
    let Some(o) = node.entries().map(Obj) else { return wrong(node, "an object", cx) };
    let wins_off = switch(o, "client_vpn_wins_enabled", cx).known().filter(|on| !on.value).map(|on| on.span);
    let vpn = ClientVpn {
        enabled: switch(o, "client_vpn_enabled", cx),
        shared_secret: o.secret("client_vpn_secret", cx),
        subnet: o.read("client_vpn_subnet", cx),
        auth_type: o.word("client_vpn_auth_type", cx),
        dns_mode: o.word("client_vpn_dns_mode", cx),
        dns_nameservers: addresses(o, "client_vpn_dns", cx),
        wins_servers: wins_off.map_or_else(|| addresses(o, "client_vpn_wins_servers", cx), |span| Field::known_at(Vec::new(), span)),
        radius_servers: servers(o, "client_vpn_radius_servers", cx, radius),
        active_directory_servers: servers(o, "client_vpn_active_directory_servers", cx, domain_controller),
        ..ClientVpn::default()
    };
    Field::known_at(vpn, place(node))
}

/// Where an export was read, what it and the site file leave out is not known: absent would be taken for the Dashboard's default.
pub fn unsaid(vpn: &mut ClientVpn, place: crate::source::Span) {
    fn hide<T>(field: &mut Field<T>, place: crate::source::Span, key: &str) {
        if field.is_absent() {
            *field = Field::opaque_at(place, format!("the export of client VPN states no `{key}`; write it in [client_vpn]"));
        }
    }
    hide(&mut vpn.dns_mode, place, "dns_mode");
    hide(&mut vpn.auth_type, place, "auth_type");
    hide(&mut vpn.enabled, place, "enabled");
}

/// A truth value; `1`, `0` and their like, as forms send them, too.
fn switch(o: Obj<'_, '_>, names: &str, cx: &mut Cx<'_>) -> Field<bool> {
    match o.get(names) {
        Some(node) => match &node.kind {
            Kind::Int(n @ (0 | 1)) => Field::known_at(*n == 1, place(node)),
            Kind::Str(s) if matches!(&**s, "0" | "1") => Field::known_at(s == "1", place(node)),
            _ => o.flag(names, cx),
        },
        None => Field::Absent,
    }
}

/// Addresses as a list, or as one text with commas, blanks or line breaks between. Those of IPv6 are left out.
fn addresses(o: Obj<'_, '_>, names: &str, cx: &mut Cx<'_>) -> List<Ipv4Addr> {
    let Some(node) = o.get(names) else { return Field::Absent };
    let Some(text) = node.text() else { return o.values(names, cx) };
    let here = place(node);
    let mut found = Vec::new();
    for part in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';')).filter(|p| !p.is_empty()) {
        match part.parse() {
            Ok(IpAddr::V4(ip)) => found.push(Spanned::new(ip, here)),
            Ok(IpAddr::V6(_)) => {}
            Err(_) => return Field::opaque_at(here, "one of the addresses in the export is not understood"),
        }
    }
    if found.is_empty() { Field::Absent } else { Field::known_at(found, here) }
}

/// Servers as a list, or as an object whose keys number them.
fn servers<'n, 't, T>(o: Obj<'n, 't>, names: &str, cx: &mut Cx<'_>, one: fn(Obj<'n, 't>, &mut Cx<'_>) -> T) -> List<T> {
    let Some(node) = o.get(names) else { return Field::Absent };
    let numbered = |e: &crate::tree::Entry<'_>| e.key.bytes().all(|b| b.is_ascii_digit());
    match &node.kind {
        Kind::Map(entries) if entries.iter().all(numbered) => {
            let objects = entries.iter().filter_map(|e| Some((Obj(e.value.entries()?), e.value.head)));
            let found = objects.map(|(o, head)| Spanned::new(one(o, cx), head)).collect();
            Field::known_at(found, place(node))
        }
        Kind::Seq(_) => rows(node, "a list of servers", cx, |o, cx| Some(one(o, cx))),
        Kind::Str(text) if text.trim().is_empty() => Field::Absent,
        _ => {
            cx.hide_text(node);
            Field::opaque_at(place(node), "the servers in the export are in a form that is not known")
        }
    }
}

fn radius(o: Obj<'_, '_>, cx: &mut Cx<'_>) -> RadiusServer {
    RadiusServer {
        host: o.read("host|ip|server|address", cx),
        port: o.read("port", cx),
        secret: o.secret("secret|sharedSecret", cx),
        ..RadiusServer::default()
    }
}

fn domain_controller(o: Obj<'_, '_>, cx: &mut Cx<'_>) -> ActiveDirectoryServer {
    ActiveDirectoryServer {
        host: o.read("host|ip|server|address", cx),
        domain: o.text("domain|shortDomain", cx),
        ..ActiveDirectoryServer::default()
    }
}
