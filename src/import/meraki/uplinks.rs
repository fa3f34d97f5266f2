//! The WAN ports: statuses, addresses by device and management interfaces, for one unit or a warm-spare pair.

use super::kind::Body;
use super::object::{Obj, fold, network, place, rows};
use crate::model::mx::{SpareUplink, Uplink, WarmSpare};
use crate::model::{Field, List, Mx};
use crate::source::{Span, Spanned};
use crate::tree::Node;
use crate::tree::decode::Cx;

/// What was learnt of the units while bodies were read; put together by [`Units::finish`].
#[derive(Default)]
pub struct Units {
    seen: Vec<Unit>,
    primary: Option<String>,
    spare: Option<String>,
    subnets: Vec<(&'static str, Field<ipnet::Ipv4Net>)>,
}

struct Unit {
    serial: Option<String>,
    spare: Option<bool>,
    paired: Field<bool>,
    uplinks: Vec<Spanned<Uplink>>,
    span: Span,
}

/// `wan1` from `WAN 1` and `internet1`.
fn interface(field: Field<String>) -> Field<String> {
    field.map(|name| {
        let folded = fold(&name);
        folded.strip_prefix("internet").map_or(folded.clone(), |n| format!("wan{n}"))
    })
}

impl Units {
    /// Reads one body; `accepts` says whether a row's network or device is the one that is meant.
    pub fn read(&mut self, body: Body, node: &Node<'_>, serial: Option<&str>, accepts: &dyn Fn(Obj<'_, '_>) -> bool, cx: &mut Cx<'_>) {
        match body {
            Body::WarmSpare => self.pair(node, cx),
            Body::ManagementInterface => self.management(node, serial, cx),
            Body::UplinkStatuses | Body::UplinkAddresses => {
                // One device's answer stands alone.
                let one = |o: Obj<'_, '_>, cx: &mut Cx<'_>| accepts(o).then(|| unit(body, o, place(node), cx)).flatten();
                let found = match node.entries() {
                    Some(entries) => one(Obj(entries), cx).into_iter().collect(),
                    None => match rows(node, "a list of devices", cx, one) {
                        Field::Known(list) => list.value.into_iter().map(|u| Unit { span: u.span, ..u.value }).collect(),
                        _ => Vec::new(),
                    },
                };
                self.seen.extend(found);
            }
            _ => {}
        }
    }

    fn pair(&mut self, node: &Node<'_>, cx: &mut Cx<'_>) {
        let Some(o) = node.entries().map(Obj) else { return };
        self.primary = o.peek("primarySerial").map(fold).or_else(|| self.primary.take());
        self.spare = o.peek("spareSerial").map(fold).or_else(|| self.spare.take());
        for name in ["wan1", "wan2"] {
            if let Some(wan) = o.object(name) {
                self.subnets.push((name, wan.v4("subnet", cx)));
            }
        }
    }

    fn management(&mut self, node: &Node<'_>, serial: Option<&str>, cx: &mut Cx<'_>) {
        let Some(o) = node.entries().map(Obj) else { return };
        let mut uplinks = Vec::new();
        for name in ["wan1", "wan2"] {
            let Some(wan) = o.get(name) else { continue };
            let Some(fields) = wan.entries().map(Obj) else { continue };
            let off = fields.peek("wanEnabled") == Some("disabled") || fields.flag("usingStaticIp", cx).value() == Some(&false);
            let ip = if off { Field::Absent } else { fields.v4("staticIp", cx) };
            if ip.is_absent() {
                continue;
            }
            let subnet = network(&ip, &fields.v4("staticSubnetMask", cx));
            let uplink = Uplink {
                interface: Field::known_at(name.to_owned(), place(wan)),
                subnet,
                ip,
                gateway: fields.v4("staticGatewayIp", cx),
                dns_nameservers: fields.values("staticDns", cx),
                ..Uplink::default()
            };
            uplinks.push(Spanned::new(uplink, place(wan)));
        }
        let serial = o.peek("serial").or(serial).map(fold);
        self.seen.push(Unit { serial, spare: None, paired: Field::Absent, uplinks, span: place(node) });
    }

    /// The parts of the MX that the units give, in the order in which they were read, and why none is given, if so.
    pub fn finish(self, wanted: Option<&str>) -> (Vec<Mx>, Option<(Span, &'static str)>) {
        let Self { seen: units, primary, spare, subnets } = self;
        let is_spare = |unit: &Unit| {
            let is = |serial: &Option<String>| serial.is_some() && *serial == unit.serial;
            unit.spare.or_else(|| is(&primary).then_some(false)).or_else(|| is(&spare).then_some(true))
        };
        let mut undecided: Vec<&str> = units.iter().filter(|u| is_spare(u).is_none()).filter_map(|u| u.serial.as_deref()).collect();
        undecided.sort_unstable();
        undecided.dedup();
        let meant = |unit: &Unit| wanted.is_some_and(|w| unit.serial.as_deref() == Some(w));
        let ambiguous = undecided.len() > 1 && !units.iter().any(meant);
        let mut trouble = None;
        let mut parts = Vec::new();
        let many = undecided.len() > 1;
        for unit in units {
            let mut part = Mx::default();
            match is_spare(&unit) {
                None if ambiguous => {
                    const WHY: &str = "which of several units is the primary is not said";
                    trouble.get_or_insert((unit.span, WHY));
                    part.uplinks = Field::opaque_at(unit.span, WHY);
                }
                // Another unit of the same network than the one asked for by serial.
                None if many && !meant(&unit) => continue,
                Some(true) => {
                    let interfaces =
                        unit.uplinks.into_iter().map(|u| u.map(|u| SpareUplink { interface: u.interface, ip: u.ip })).collect();
                    let pair =
                        WarmSpare { enabled: unit.paired, spare_uplinks: Field::known_at(interfaces, unit.span), ..WarmSpare::default() };
                    part.warm_spare = Field::known_at(pair, unit.span);
                }
                _ if unit.uplinks.is_empty() => continue,
                _ => part.uplinks = Field::known_at(with_subnets(unit.uplinks, &subnets), unit.span),
            }
            parts.push(part);
        }
        (parts, trouble)
    }
}

/// Uplinks with the subnets that the warm spare's body names.
fn with_subnets(mut uplinks: Vec<Spanned<Uplink>>, subnets: &[(&'static str, Field<ipnet::Ipv4Net>)]) -> Vec<Spanned<Uplink>> {
    for uplink in &mut uplinks {
        let uplink = &mut uplink.value;
        let named = subnets.iter().find(|(name, _)| uplink.interface.value().is_some_and(|i| i == name));
        // Only a subnet that the port's own address lies in: the API's samples show others.
        if let (true, Some(ip), Some((_, Field::Known(net)))) = (uplink.subnet.is_absent(), uplink.ip.value(), named)
            && net.value.contains(ip)
        {
            uplink.subnet = Field::Known(*net);
        }
    }
    uplinks
}

fn unit(body: Body, o: Obj<'_, '_>, span: Span, cx: &mut Cx<'_>) -> Option<Unit> {
    if o.peek("productType").is_some_and(|p| !p.eq_ignore_ascii_case("appliance")) {
        return None;
    }
    let pair = o.object("highAvailability");
    let role = pair.and_then(|p| p.peek("role"));
    let read = |o: Obj<'_, '_>, cx: &mut Cx<'_>| if body == Body::UplinkStatuses { status(o, cx) } else { addresses(o, cx) };
    let uplinks = match o.rows("uplinks", cx, read) {
        Field::Known(list) => list.value.into_iter().filter(|u| u.value.interface.value().is_some_and(|i| is_wan(i))).collect(),
        _ => Vec::new(),
    };
    let paired = pair.map_or(Field::Absent, |p| p.flag("enabled", cx));
    let on = paired.value() != Some(&false);
    let spare = role.filter(|_| on).and_then(|r| match r {
        "primary" => Some(false),
        "spare" => Some(true),
        _ => None,
    });
    Some(Unit { serial: o.peek("serial").map(fold), spare, paired, uplinks, span })
}

fn is_wan(interface: &str) -> bool {
    interface.starts_with("wan") || interface == "cellular"
}

fn status(o: Obj<'_, '_>, cx: &mut Cx<'_>) -> Uplink {
    let mut resolvers = Vec::new();
    let mut place = None;
    for name in ["primaryDns", "secondaryDns"] {
        if let Field::Known(ip) = o.v4(name, cx) {
            place.get_or_insert(ip.span);
            resolvers.push(ip);
        }
    }
    Uplink {
        interface: interface(o.text("interface", cx)),
        ip: o.v4("ip", cx),
        subnet: o.v4("subnet", cx),
        gateway: o.v4("gateway", cx),
        public_ip: o.v4("publicIp", cx),
        dns_nameservers: place.map_or(Field::Absent, |span| Field::known_at(resolvers, span)),
        status: o.text("status", cx),
    }
}

fn addresses(o: Obj<'_, '_>, cx: &mut Cx<'_>) -> Uplink {
    let mut uplink = Uplink { interface: interface(o.text("interface", cx)), ..Uplink::default() };
    let all = o.get("addresses").and_then(Node::items).unwrap_or_default();
    let v4 = |a: &Obj<'_, '_>| a.peek("protocol").is_none_or(|p| !p.eq_ignore_ascii_case("ipv6"));
    if let Some(a) = all.iter().filter_map(Node::entries).map(Obj).find(v4) {
        uplink.ip = a.v4("address", cx);
        uplink.gateway = a.v4("gateway", cx);
        uplink.public_ip = a.object("public").map_or(Field::Absent, |p| p.v4("address", cx));
        let resolvers: List<_> = match a.object("nameservers") {
            Some(inner) => inner.values("addresses", cx),
            None => a.values("nameservers", cx),
        };
        uplink.dns_nameservers = resolvers;
    }
    uplink
}
