//! What each body says about the MX, except for uplinks and users.

use std::collections::BTreeMap;

use super::kind::Body;
use super::object::{Obj, place, rows, wrong};
use super::policy_objects::Objects;
use crate::model::mx::{
    AllowedInbound, AnyConnect, DynamicDns, Firewall, GroupPolicy, L3Rule, L7Rule, L7Value, Lan, LocalSubnet, OneToManyNat, OneToOneNat,
    Peer, PortForward, PortRule, SiteToSiteVpn, StaticRoute, UplinkMode, Vlan, WarmSpare,
};
use crate::model::{Field, List, Mx};
use crate::source::Span;
use crate::tree::decode::Cx;
use crate::tree::{Kind, Node};

/// What a body may refer to.
pub struct World<'a> {
    /// The network's tags, where an import lists networks.
    pub tags: Option<&'a [String]>,
    /// Policy objects.
    pub objects: &'a Objects,
    /// Whether an id is the network's own, where an import tells.
    pub own: &'a dyn Fn(&str) -> Option<bool>,
}

/// The part of the MX that a body gives.
pub fn read(body: Body, node: &Node<'_>, world: &World<'_>, cx: &mut Cx<'_>) -> Mx {
    let mut mx = Mx::default();
    match body {
        Body::WarmSpare => mx.warm_spare = record(node, cx, warm_spare),
        Body::Settings => settings(node, &mut mx, cx),
        Body::Vlans => mx.vlans = rows(node, "a list of VLANs", cx, |o, cx| Some(vlan(o, cx))),
        Body::SingleLan => mx.single_lan = record(node, cx, lan),
        Body::StaticRoutes => mx.static_routes = rows(node, "a list of static routes", cx, static_route),
        Body::GroupPolicies => mx.group_policies = rows(node, "a list of group policies", cx, |o, cx| Some(group_policy(o, world, cx))),
        Body::SiteToSite => mx.site_to_site_vpn = record(node, cx, site_to_site),
        Body::Peers => mx.third_party_vpn_peers = within(node, "peers", "a list of peers", cx, |o, cx| peer(o, world, cx)),
        Body::AnyConnect => mx.anyconnect = record(node, cx, anyconnect),
        Body::ManagementInterface => mx.dynamic_dns = hostnames(node, cx),
        Body::L3Rules | Body::L7Rules | Body::VpnRules | Body::PortForwarding | Body::OneToOne | Body::OneToMany => {
            mx.firewall = Field::known_at(firewall(body, node, world, cx), place(node));
        }
        _ => {}
    }
    mx
}

/// What stands for a body that is missing; `why` says how that came.
pub fn missing(body: Body, span: Span, why: &'static str) -> Mx {
    let mut mx = Mx::default();
    let mut firewall = Firewall::default();
    match body {
        Body::WarmSpare => mx.warm_spare = Field::opaque_at(span, why),
        Body::Settings => {
            mx.deployment_mode = Field::opaque_at(span, why);
            mx.dynamic_dns = Field::opaque_at(span, why);
        }
        // The API answers so for VLANs in a network without them; the single LAN then speaks, and the reverse.
        Body::Vlans => mx.vlans = Field::opaque_at(span, why),
        Body::StaticRoutes => mx.static_routes = Field::opaque_at(span, why),
        Body::GroupPolicies => mx.group_policies = Field::opaque_at(span, why),
        Body::SiteToSite => mx.site_to_site_vpn = Field::opaque_at(span, why),
        Body::Peers => mx.third_party_vpn_peers = Field::opaque_at(span, why),
        Body::UplinkStatuses => mx.uplinks = Field::opaque_at(span, why),
        Body::L3Rules => firewall.l3_firewall_rules = Field::opaque_at(span, why),
        Body::L7Rules => firewall.l7_firewall_rules = Field::opaque_at(span, why),
        Body::VpnRules => firewall.vpn_firewall_rules = Field::opaque_at(span, why),
        Body::PortForwarding => firewall.port_forwarding_rules = Field::opaque_at(span, why),
        Body::OneToOne => firewall.one_to_one_nat_rules = Field::opaque_at(span, why),
        Body::OneToMany => firewall.one_to_many_nat_rules = Field::opaque_at(span, why),
        _ => {}
    }
    if matches!(body, Body::L3Rules | Body::L7Rules | Body::VpnRules | Body::PortForwarding | Body::OneToOne | Body::OneToMany) {
        mx.firewall = Field::known_at(firewall, span);
    }
    mx
}

fn record<'n, 't, T>(node: &'n Node<'t>, cx: &mut Cx<'_>, one: impl FnOnce(Obj<'n, 't>, &mut Cx<'_>) -> T) -> Field<T> {
    match node.entries() {
        Some(entries) => Field::known_at(one(Obj(entries), cx), place(node)),
        None => wrong(node, "an object", cx),
    }
}

/// A list that stands under `key` of an object, or alone.
fn within<'n, 't, T>(
    node: &'n Node<'t>,
    key: &str,
    what: &str,
    cx: &mut Cx<'_>,
    one: impl FnMut(Obj<'n, 't>, &mut Cx<'_>) -> Option<T>,
) -> List<T> {
    let list = node.entries().and_then(|e| Obj(e).get(key)).unwrap_or(node);
    rows(list, what, cx, one)
}

fn warm_spare(o: Obj<'_, '_>, cx: &mut Cx<'_>) -> WarmSpare {
    let mut spare = WarmSpare {
        enabled: o.flag("enabled", cx),
        uplink_mode: o.word("uplinkMode", cx),
        virtual_ip1: o.v4("virtualIp1", cx),
        virtual_ip2: o.v4("virtualIp2", cx),
        ..WarmSpare::default()
    };
    // What GET gives under wan1 and wan2 are virtual addresses in this mode only.
    if spare.uplink_mode.value() == Some(&UplinkMode::Virtual) {
        for (name, ip) in [("wan1", &mut spare.virtual_ip1), ("wan2", &mut spare.virtual_ip2)] {
            if let (Some(wan), true) = (o.object(name), ip.is_absent()) {
                *ip = wan.v4("ip", cx);
            }
        }
    }
    spare
}

fn settings(node: &Node<'_>, mx: &mut Mx, cx: &mut Cx<'_>) {
    let Some(entries) = node.entries() else {
        mx.dynamic_dns = wrong(node, "an object", cx);
        return;
    };
    let o = Obj(entries);
    mx.deployment_mode = o.word("deploymentMode", cx);
    mx.dynamic_dns = o.get("dynamicDns").map_or(Field::Absent, |dns| {
        record(dns, cx, |o, cx| DynamicDns { enabled: o.flag("enabled", cx), hostname: host_name(o, "url", cx), ..DynamicDns::default() })
    });
}

/// A host name, also out of a URL.
fn host_name(o: Obj<'_, '_>, names: &str, cx: &mut Cx<'_>) -> Field<String> {
    match o.text(names, cx) {
        Field::Known(text) if text.value.trim().is_empty() => Field::Absent,
        field => field.map(|t| t.rsplit("://").next().unwrap_or_default().trim_end_matches(['/', '.']).to_owned()),
    }
}

fn hostnames(node: &Node<'_>, cx: &mut Cx<'_>) -> Field<DynamicDns> {
    node.entries().and_then(|e| Obj(e).get("ddnsHostnames")).map_or(Field::Absent, |names| {
        record(names, cx, |o, cx| DynamicDns {
            hostname: host_name(o, "activeDdnsHostname", cx),
            wan1_hostname: host_name(o, "ddnsHostnameWan1", cx),
            wan2_hostname: host_name(o, "ddnsHostnameWan2", cx),
            ..DynamicDns::default()
        })
    })
}

fn vlan(o: Obj<'_, '_>, cx: &mut Cx<'_>) -> Vlan {
    Vlan {
        vlan_id: o.read("vlanId|id", cx),
        name: o.text("name", cx),
        subnet: o.v4("subnet", cx),
        appliance_ip: o.v4("applianceIp", cx),
        group_policy: o.text("groupPolicyId|groupPolicyName", cx),
    }
}

fn lan(o: Obj<'_, '_>, cx: &mut Cx<'_>) -> Lan {
    Lan { subnet: o.v4("subnet", cx), appliance_ip: o.v4("applianceIp", cx) }
}

fn anyconnect(o: Obj<'_, '_>, cx: &mut Cx<'_>) -> AnyConnect {
    AnyConnect { enabled: o.flag("enabled", cx), subnet: o.v4("subnet", cx), port: o.read("sslPort|port", cx) }
}

fn static_route(o: Obj<'_, '_>, cx: &mut Cx<'_>) -> Option<StaticRoute> {
    let ipv6 = o.get("ipVersion").is_some_and(|n| n.kind == Kind::Int(6) || n.text() == Some("6"))
        || o.peek("subnet").is_some_and(|s| s.contains(':'));
    (!ipv6).then(|| StaticRoute {
        name: o.text("name", cx),
        subnet: o.read("subnet", cx),
        gateway_ip: o.v4("gatewayIp", cx),
        enabled: o.flag("enabled", cx),
    })
}

fn site_to_site(o: Obj<'_, '_>, cx: &mut Cx<'_>) -> SiteToSiteVpn {
    let subnet = |o: Obj<'_, '_>, cx: &mut Cx<'_>| LocalSubnet { local_subnet: o.v4("localSubnet", cx), use_vpn: o.flag("useVpn", cx) };
    SiteToSiteVpn { mode: o.word("mode", cx), subnets: o.rows("subnets", cx, subnet), remote_subnets: Field::Absent }
}

/// A peer, unless its tags and its list of networks keep it away from this network.
fn peer(o: Obj<'_, '_>, world: &World<'_>, cx: &mut Cx<'_>) -> Option<Peer> {
    let mut peer = Peer {
        name: o.text("name", cx),
        public_ip: o.read("publicIp|publicHostname", cx),
        private_subnets: o.values("privateSubnets", cx),
        secret: o.secret("secret", cx),
    };
    let listed = o.get("networkIds");
    let ids: Vec<&str> = listed.and_then(Node::items).unwrap_or_default().iter().filter_map(Node::text).collect();
    let Some(node) = o.get("networkTags").or(listed.filter(|_| !ids.is_empty())) else { return Some(peer) };
    let wanted: Vec<&str> = o.get("networkTags").and_then(Node::items).unwrap_or_default().iter().filter_map(Node::text).collect();
    let by_id = ids.iter().try_fold(false, |any, id| (world.own)(id).map(|own| any || own));
    let by_tag = match (wanted.as_slice(), world.tags) {
        ([] | ["none"], _) => Some(false),
        (wanted, _) if wanted.contains(&"all") => Some(true),
        (wanted, Some(tags)) => Some(wanted.iter().any(|w| tags.iter().any(|t| t == w))),
        _ => None,
    };
    match (by_tag, by_id) {
        (Some(true), _) | (_, Some(true)) => return Some(peer),
        (Some(false), Some(false)) => return None,
        _ => {}
    }
    let why = match by_tag {
        None => "whether the peer serves this network depends on the network's tags, which no import gives",
        Some(_) => "whether the peer serves this network depends on the network's id, which no import gives",
    };
    peer.public_ip = Field::opaque_at(place(node), why);
    peer.private_subnets = Field::opaque_at(place(node), why);
    Some(peer)
}

fn group_policy(o: Obj<'_, '_>, world: &World<'_>, cx: &mut Cx<'_>) -> GroupPolicy {
    let rules = o.object("firewallAndTrafficShaping").unwrap_or(Obj(&[]));
    GroupPolicy {
        name: o.text("name", cx),
        group_policy_id: o.text("groupPolicyId", cx),
        settings: rules.word("settings", cx),
        l3_firewall_rules: rules.rows("l3FirewallRules", cx, |o, cx| l3(o, world, cx)),
        l7_firewall_rules: rules.rows("l7FirewallRules", cx, l7),
    }
}

fn firewall(body: Body, node: &Node<'_>, world: &World<'_>, cx: &mut Cx<'_>) -> Firewall {
    const WHAT: &str = "an object with `rules`";
    let mut out = Firewall::default();
    match body {
        Body::L3Rules => out.l3_firewall_rules = within(node, "rules", WHAT, cx, |o, cx| Some(l3(o, world, cx))),
        Body::VpnRules => out.vpn_firewall_rules = within(node, "rules", WHAT, cx, |o, cx| Some(l3(o, world, cx))),
        Body::L7Rules => out.l7_firewall_rules = within(node, "rules", WHAT, cx, |o, cx| Some(l7(o, cx))),
        Body::PortForwarding => out.port_forwarding_rules = within(node, "rules", WHAT, cx, |o, cx| Some(port_forward(o, cx))),
        Body::OneToOne => out.one_to_one_nat_rules = within(node, "rules", WHAT, cx, |o, cx| Some(one_to_one(o, cx))),
        Body::OneToMany => out.one_to_many_nat_rules = within(node, "rules", WHAT, cx, |o, cx| Some(one_to_many(o, cx))),
        _ => {}
    }
    out
}

fn l3(o: Obj<'_, '_>, world: &World<'_>, cx: &mut Cx<'_>) -> L3Rule {
    L3Rule {
        policy: o.word("policy", cx),
        protocol: o.lower("protocol", cx),
        source_cidr: o.addrs("srcCidr|sourceCidr", world.objects, cx),
        source_port: o.ports("srcPort|sourcePort", cx),
        destination_cidr: o.addrs("destCidr|destinationCidr", world.objects, cx),
        destination_port: o.ports("destPort|destinationPort", cx),
        comment: o.text("comment", cx),
        syslog_enabled: o.flag("syslogEnabled", cx),
    }
}

fn l7(o: Obj<'_, '_>, cx: &mut Cx<'_>) -> L7Rule {
    let value = match o.get("value|valueList|valueObj|valueCountries") {
        None => Field::Absent,
        Some(node) => match &node.kind {
            Kind::Str(s) if s.starts_with("meraki:") => {
                Field::known_at(L7Value::Named { id: Some(s.to_string()), name: None }, place(node))
            }
            Kind::Str(s) => Field::known_at(L7Value::Text(s.to_string()), place(node)),
            Kind::Int(n) => Field::known_at(L7Value::Text(n.to_string()), place(node)),
            Kind::Seq(_) => Field::known_at(L7Value::Countries, place(node)),
            Kind::Map(entries) => {
                let part = |key| Obj(entries).peek(key).map(str::to_owned);
                Field::known_at(L7Value::Named { id: part("id"), name: part("name") }, place(node))
            }
            _ => wrong(node, "a layer 7 rule's value", cx),
        },
    };
    L7Rule { policy: o.word("policy", cx), kind: o.word("type", cx), value, countries: o.values("valueCountries", cx) }
}

fn port_forward(o: Obj<'_, '_>, cx: &mut Cx<'_>) -> PortForward {
    PortForward {
        name: o.text("name", cx),
        protocol: o.lower("protocol", cx),
        uplink: o.text("uplink", cx),
        public_port: o.ports("publicPort", cx),
        lan_ip: o.v4("lanIp", cx),
        local_port: o.ports("localPort", cx),
        allowed_ips: o.values("allowedIps", cx),
    }
}

fn one_to_one(o: Obj<'_, '_>, cx: &mut Cx<'_>) -> OneToOneNat {
    let inbound = |o: Obj<'_, '_>, cx: &mut Cx<'_>| AllowedInbound {
        protocol: o.lower("protocol", cx),
        destination_ports: o.values("destinationPorts", cx),
        allowed_ips: o.values("allowedIps", cx),
    };
    OneToOneNat {
        name: o.text("name", cx),
        public_ip: o.v4("publicIp", cx),
        lan_ip: o.v4("lanIp", cx),
        uplink: o.text("uplink", cx),
        allowed_inbound: o.rows("allowedInbound", cx, inbound),
    }
}

fn one_to_many(o: Obj<'_, '_>, cx: &mut Cx<'_>) -> OneToManyNat {
    let port = |o: Obj<'_, '_>, cx: &mut Cx<'_>| PortRule {
        name: o.text("name", cx),
        protocol: o.lower("protocol", cx),
        public_port: o.ports("publicPort", cx),
        local_ip: o.v4("localIp", cx),
        local_port: o.ports("localPort", cx),
        allowed_ips: o.values("allowedIps", cx),
    };
    OneToManyNat { public_ip: o.v4("publicIp", cx), uplink: o.text("uplink", cx), port_rules: o.rows("portRules", cx, port) }
}

/// Names of categories and applications by id.
pub fn categories(node: &Node<'_>, names: &mut BTreeMap<String, String>) {
    let lists = node.items().unwrap_or(std::slice::from_ref(node));
    for o in lists.iter().filter_map(Node::entries).map(Obj) {
        for part in ["applicationCategories", "applications"] {
            if let Some(inner) = o.get(part).filter(|n| n.items().is_some()) {
                categories(inner, names);
            }
        }
        if let (Some(id), Some(name)) = (o.peek("id"), o.peek("name")) {
            names.insert(id.to_owned(), name.to_owned());
        }
    }
}

/// Gives bare ids of layer 7 rules their names.
pub fn name_ids(mx: &mut Mx, names: &BTreeMap<String, String>) {
    let one = |rules: &mut List<L7Rule>| {
        let Field::Known(rules) = rules else { return };
        for rule in &mut rules.value {
            if let Field::Known(value) = &mut rule.value.value
                && let L7Value::Named { id: Some(id), name } = &mut value.value
                && name.is_none()
            {
                *name = names.get(id).cloned();
            }
        }
    };
    if let Field::Known(firewall) = &mut mx.firewall {
        one(&mut firewall.value.l7_firewall_rules);
    }
    if let Field::Known(policies) = &mut mx.group_policies {
        policies.value.iter_mut().for_each(|p| one(&mut p.value.l7_firewall_rules));
    }
}
