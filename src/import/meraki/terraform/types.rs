//! Which types of resources hold which bodies.

use crate::import::meraki::kind::Body;

/// Types without `meraki_`: those of `CiscoDevNet/meraki`, then those of `cisco-open/meraki`. Data sources have the same names.
const TYPES: &[(&str, Body)] = &[
    ("appliance_warm_spare", Body::WarmSpare),
    ("appliance_settings", Body::Settings),
    ("appliance_vlan", Body::Vlans),
    ("appliance_vlans", Body::Vlans),
    ("appliance_single_lan", Body::SingleLan),
    ("appliance_static_route", Body::StaticRoutes),
    ("appliance_static_routes", Body::StaticRoutes),
    ("appliance_l3_firewall_rules", Body::L3Rules),
    ("appliance_l7_firewall_rules", Body::L7Rules),
    ("appliance_vpn_firewall_rules", Body::VpnRules),
    ("appliance_port_forwarding_rules", Body::PortForwarding),
    ("appliance_one_to_one_nat_rules", Body::OneToOne),
    ("appliance_one_to_many_nat_rules", Body::OneToMany),
    ("appliance_site_to_site_vpn", Body::SiteToSite),
    ("appliance_third_party_vpn_peers", Body::Peers),
    ("network", Body::Networks),
    ("network_devices", Body::Devices),
    ("network_policies_by_client", Body::ClientPolicies),
    ("network_group_policy", Body::GroupPolicies),
    ("network_group_policies", Body::GroupPolicies),
    ("network_meraki_auth_user", Body::AuthUsers),
    ("network_meraki_auth_users", Body::AuthUsers),
    ("device", Body::Devices),
    ("device_management_interface", Body::ManagementInterface),
    ("organization_policy_object", Body::PolicyObjects),
    ("organization_policy_objects", Body::PolicyObjects),
    ("organization_policy_object_group", Body::PolicyGroups),
    ("organization_policy_object_groups", Body::PolicyGroups),
    ("networks_appliance_warm_spare", Body::WarmSpare),
    ("networks_appliance_settings", Body::Settings),
    ("networks_appliance_vlans", Body::Vlans),
    ("networks_appliance_single_lan", Body::SingleLan),
    ("networks_appliance_static_routes", Body::StaticRoutes),
    ("networks_appliance_firewall_l3_firewall_rules", Body::L3Rules),
    ("networks_appliance_firewall_l7_firewall_rules", Body::L7Rules),
    ("networks_appliance_firewall_l7_firewall_rules_application_categories", Body::Categories),
    ("networks_appliance_firewall_port_forwarding_rules", Body::PortForwarding),
    ("networks_appliance_firewall_one_to_one_nat_rules", Body::OneToOne),
    ("networks_appliance_firewall_one_to_many_nat_rules", Body::OneToMany),
    ("networks_appliance_vpn_site_to_site_vpn", Body::SiteToSite),
    ("networks_group_policies", Body::GroupPolicies),
    ("networks_clients", Body::LanClients),
    ("networks_policies_by_client", Body::ClientPolicies),
    ("networks_meraki_auth_users", Body::AuthUsers),
    ("networks", Body::Networks),
    ("devices", Body::Devices),
    ("devices_management_interface", Body::ManagementInterface),
    ("organizations_appliance_vpn_third_party_vpnpeers", Body::Peers),
    ("organizations_appliance_vpn_vpn_firewall_rules", Body::VpnRules),
    ("organizations_networks", Body::Networks),
    ("organizations_devices", Body::Devices),
    ("organizations_appliance_uplink_statuses", Body::UplinkStatuses),
    ("organizations_devices_uplinks_addresses_by_device", Body::UplinkAddresses),
    ("organizations_policy_objects", Body::PolicyObjects),
    ("organizations_policy_objects_groups", Body::PolicyGroups),
];

/// The body that resources of this type hold.
pub fn body(kind: &str) -> Option<Body> {
    let kind = kind.strip_prefix("meraki_")?;
    TYPES.iter().find(|(name, _)| *name == kind).map(|(_, body)| *body)
}

/// Whether the type's provider keeps lists of rules as sets: `cisco-open/meraki`, whose types begin with the API's collections.
pub fn has_sets(kind: &str) -> bool {
    ["meraki_networks_", "meraki_organizations_", "meraki_devices_"].iter().any(|prefix| kind.starts_with(prefix))
}
