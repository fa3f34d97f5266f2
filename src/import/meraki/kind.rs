//! Which body of the API a piece of JSON is: by its path or name first, as the API and backup scripts write them, else by its shape.

use super::object::{Obj, fold};
use crate::tree::Node;

/// The bodies that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Body {
    WarmSpare,
    Settings,
    Vlans,
    SingleLan,
    StaticRoutes,
    L3Rules,
    L7Rules,
    VpnRules,
    PortForwarding,
    OneToOne,
    OneToMany,
    GroupPolicies,
    SiteToSite,
    Peers,
    UplinkStatuses,
    UplinkAddresses,
    ManagementInterface,
    AnyConnect,
    /// `appliance/clientVpn/ipsec`, an early-access answer that Meraki's `migrate_devices` script stores as `vpnClientIpsec`.
    ClientVpn,
    /// The object `wdc` of the Dashboard's own `configure/settings`.
    Wdc,
    Categories,
    PolicyObjects,
    PolicyGroups,
    Networks,
    Devices,
    /// Machines of the LAN, with their addresses.
    LanClients,
    /// The policy of one of them, and of all.
    ClientPolicy,
    ClientPolicies,
    AuthUsers,
    /// A body that says nothing about client VPN.
    Other,
}

/// Folded endings of paths and names. The longest that fits counts.
const NAMES: &[(&str, Body)] = &[
    ("warmspare", Body::WarmSpare),
    ("warmsparesettings", Body::WarmSpare),
    ("appliancesettings", Body::Settings),
    ("vlans", Body::Vlans),
    ("vlanssettings", Body::Other),
    ("vlansettings", Body::Other),
    ("vlanprofiles", Body::Other),
    ("singlelan", Body::SingleLan),
    ("staticroutes", Body::StaticRoutes),
    ("l3firewallrules", Body::L3Rules),
    ("firewalll3rules", Body::L3Rules),
    ("l3firewall", Body::L3Rules),
    ("firewalll3", Body::L3Rules),
    ("l3rules", Body::L3Rules),
    ("l7firewallrules", Body::L7Rules),
    ("firewalll7rules", Body::L7Rules),
    ("l7firewall", Body::L7Rules),
    ("firewalll7", Body::L7Rules),
    ("l7rules", Body::L7Rules),
    ("applicationcategories", Body::Categories),
    ("vpnfirewallrules", Body::VpnRules),
    ("vpnfirewall", Body::VpnRules),
    ("inboundfirewallrules", Body::Other),
    ("cellularfirewallrules", Body::Other),
    ("firewalledservices", Body::Other),
    ("firewallsettings", Body::Other),
    ("portforwardingrules", Body::PortForwarding),
    ("portforwarding", Body::PortForwarding),
    ("onetoonenatrules", Body::OneToOne),
    ("onetoonenat", Body::OneToOne),
    ("1to1natrules", Body::OneToOne),
    ("1to1nat", Body::OneToOne),
    ("onetomanynatrules", Body::OneToMany),
    ("onetomanynat", Body::OneToMany),
    ("1tomanynatrules", Body::OneToMany),
    ("1tomanynat", Body::OneToMany),
    ("grouppolicies", Body::GroupPolicies),
    ("sitetositevpn", Body::SiteToSite),
    ("vpnsitetosite", Body::SiteToSite),
    ("thirdpartyvpnpeers", Body::Peers),
    ("uplinkstatuses", Body::UplinkStatuses),
    ("uplinksstatuses", Body::UplinkStatuses),
    ("uplinkstatus", Body::UplinkStatuses),
    ("uplinksaddressesbydevice", Body::UplinkAddresses),
    ("uplinkaddresses", Body::UplinkAddresses),
    ("uplinksaddresses", Body::UplinkAddresses),
    ("managementinterface", Body::ManagementInterface),
    ("managementinterfacesettings", Body::ManagementInterface),
    ("clientvpnanyconnectvpn", Body::AnyConnect),
    ("vpnclientanyconnect", Body::AnyConnect),
    ("clientvpnipsec", Body::ClientVpn),
    ("vpnclientipsec", Body::ClientVpn),
    ("wdc", Body::Wdc),
    ("policyobjects", Body::PolicyObjects),
    ("policyobjectsgroups", Body::PolicyGroups),
    ("policyobjectgroups", Body::PolicyGroups),
    ("merakiauthusers", Body::AuthUsers),
    ("authusers", Body::AuthUsers),
    ("networks", Body::Networks),
    ("devices", Body::Devices),
    ("devicesstatuses", Body::Devices),
    ("events", Body::Other),
    ("eventtypes", Body::Other),
    ("trafficshaping", Body::Other),
    ("trafficshapingrules", Body::Other),
    ("uplinkselection", Body::Other),
    ("contentfiltering", Body::Other),
    ("backupmeta", Body::Other),
    ("clients", Body::LanClients),
    ("policiesbyclient", Body::ClientPolicies),
];

/// Products whose paths look alike, and are not the appliance's.
const OTHER_PRODUCTS: &[&str] = &["switch", "wireless", "ssid", "ssids", "camera", "sensor", "cellulargateway", "sm"];

/// The body that a path or key names; `trail` is what stands before the last part.
pub fn by_name(trail: &str, last: &str) -> Option<Body> {
    let tokens = trail.split(['/', '_', '-', '.']).chain(last.split(['/', '_', '-', '.']));
    let foreign =
        tokens.map(fold).any(|t| OTHER_PRODUCTS.contains(&&*t)) || ["switch", "wireless"].iter().any(|p| fold(last).starts_with(p));
    let named = |text: &str| {
        let path = fold(text);
        NAMES.iter().filter(|(name, _)| path.ends_with(name)).max_by_key(|(name, _)| name.len()).map(|(_, body)| *body)
    };
    if fold(last) == "policy" && trail.rsplit('/').nth(1).is_some_and(|part| part.eq_ignore_ascii_case("clients")) {
        return Some(Body::ClientPolicy);
    }
    let whole = format!("{trail}/{last}");
    // Backups carry dates and copies numbers.
    let body = named(&whole).or_else(|| named(whole.trim_end_matches(|c: char| !c.is_alphabetic())));
    if foreign { body.map(|_| Body::Other) } else { body }
}

/// The body that a piece of JSON looks like. Layer 3 rules are not told from the inbound and site-to-site ones by their shape.
pub fn by_shape(node: &Node<'_>) -> Option<Body> {
    if let Some(items) = node.items() {
        return of_items(Obj(items.first()?.entries()?));
    }
    let object = Obj(node.entries()?);
    let first = |key: &str| object.get(key).and_then(Node::items).and_then(<[_]>::first).and_then(Node::entries).map(Obj);
    if let Some(rule) = first("rules") {
        return of_rules(rule);
    }
    if let Some(peer) = first("peers") {
        return peer.has("publicIp|publicHostname|privateSubnets|ikeVersion").then_some(Body::Peers);
    }
    if object.has("uplinkMode|primarySerial|spareSerial") {
        return Some(Body::WarmSpare);
    }
    if object.has("deploymentMode|clientTrackingMethod") || object.object("dynamicDns").is_some_and(|d| d.has("enabled|prefix|url")) {
        return (!object.has("vlans|firewall|warmSpare")).then_some(Body::Settings);
    }
    let wan = || object.object("wan1|wan2").is_some_and(|w| w.has("usingStaticIp|wanEnabled|staticIp"));
    if object.has("ddnsHostnames") || wan() {
        return Some(Body::ManagementInterface);
    }
    if object.get("mode").is_some() && object.has("hubs|subnets") {
        return Some(Body::SiteToSite);
    }
    if object.has("sslPort") && object.has("enabled") {
        return Some(Body::AnyConnect);
    }
    if object.has("client_vpn_enabled|client_vpn_secret|client_vpn_subnet") {
        return Some(Body::Wdc);
    }
    if object.has("sharedSecret") && object.has("enabled") {
        return Some(Body::ClientVpn);
    }
    if object.has("applicationCategories") {
        return Some(Body::Categories);
    }
    (object.has("subnet") && object.has("applianceIp") && !object.has("id|vlanId")).then_some(Body::SingleLan)
}

fn of_items(item: Obj<'_, '_>) -> Option<Body> {
    let uplink = item.get("uplinks").and_then(Node::items).and_then(<[_]>::first).and_then(Node::entries).map(Obj);
    let is = |body, yes: bool| yes.then_some(body);
    is(Body::Vlans, item.has("applianceIp") && item.has("subnet"))
        .or(is(Body::StaticRoutes, item.has("gatewayIp|gatewayVlanId") && item.has("subnet")))
        .or(is(Body::GroupPolicies, item.has("groupPolicyId") && item.has("name")))
        .or(is(Body::AuthUsers, item.has("authorizations") && item.has("email")))
        .or(is(Body::UplinkAddresses, uplink.is_some_and(|u| u.has("addresses"))))
        .or(is(Body::UplinkStatuses, uplink.is_some_and(|u| u.has("interface"))))
        .or(is(Body::ClientPolicies, item.has("clientId") && item.has("assigned")))
        .or(is(Body::LanClients, item.has("mac") && item.has("ip") && item.has("recentDeviceSerial|firstSeen")))
        .or(is(Body::Networks, item.has("productTypes") && item.has("organizationId")))
        .or(is(Body::Devices, item.has("serial") && item.has("model|productType")))
        .or(is(Body::Categories, item.has("applicationCategories")))
        .or(is(Body::PolicyGroups, item.has("category") && item.has("objectIds")))
        .or(is(Body::PolicyObjects, item.has("category") && item.has("groupIds|cidr|fqdn") && item.has("type")))
        .or(is(Body::Other, item.has("licensing") && item.has("cloud|api")))
}

fn of_rules(rule: Obj<'_, '_>) -> Option<Body> {
    let is = |body, yes: bool| yes.then_some(body);
    is(Body::OneToMany, rule.has("portRules"))
        .or(is(Body::OneToOne, rule.has("allowedInbound")))
        .or(is(Body::PortForwarding, rule.has("lanIp") && rule.has("publicPort")))
        .or(is(Body::L7Rules, rule.has("type") && rule.has("value|valueList") && rule.has("policy")))
}
