//! The MX: uplinks, warm spare, networks, VPNs, firewall. Names are those of the Dashboard API v1 in snake case.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::{Field, Host, List};

/// The security appliance of one network.
#[derive(Default)]
pub struct Mx {
    /// Hardware model, such as `MX85`.
    pub model: Field<String>,
    /// Firmware version, such as `18.211`.
    pub firmware: Field<Firmware>,
    /// Routed, or a bridge.
    pub deployment_mode: Field<DeploymentMode>,
    /// The uplink that client VPN is bound to; absent: `wan1`, the Dashboard's default.
    pub primary_uplink: Field<String>,
    /// Dynamic DNS.
    pub dynamic_dns: Field<DynamicDns>,
    /// Names that point at the MX's hostname.
    pub hostname_aliases: List<Host>,
    /// WAN ports.
    pub uplinks: List<Uplink>,
    /// High availability.
    pub warm_spare: Field<WarmSpare>,
    /// VLANs.
    pub vlans: List<Vlan>,
    /// The one LAN of a network without VLANs.
    pub single_lan: Field<Lan>,
    /// AnyConnect on the MX.
    pub anyconnect: Field<AnyConnect>,
    /// Static routes.
    pub static_routes: List<StaticRoute>,
    /// Auto VPN.
    pub site_to_site_vpn: Field<SiteToSiteVpn>,
    /// Non-Meraki peers.
    pub third_party_vpn_peers: List<Peer>,
    /// Firewall and forwarding.
    pub firewall: Field<Firewall>,
    /// Group policies.
    pub group_policies: List<GroupPolicy>,
}

/// A firmware version's leading numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Firmware {
    /// 18 in `18.211`.
    pub major: u32,
    /// 211 in `18.211`.
    pub minor: u32,
}

/// How the MX sits in the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeploymentMode {
    /// NAT mode.
    Routed,
    /// A bridge or VPN concentrator.
    Passthrough,
}

/// Dynamic DNS names under `dynamic-m.com`.
#[derive(Default)]
pub struct DynamicDns {
    /// Switched on.
    pub enabled: Field<bool>,
    /// The name of whichever uplink is active.
    pub hostname: Field<String>,
    /// The name of WAN 1.
    pub wan1_hostname: Field<String>,
    /// The name of WAN 2.
    pub wan2_hostname: Field<String>,
}

/// A WAN port.
#[derive(Default)]
pub struct Uplink {
    /// `wan1`, `wan2`, `cellular`.
    pub interface: Field<String>,
    /// Address on the port.
    pub ip: Field<Ipv4Addr>,
    /// Its subnet.
    pub subnet: Field<Ipv4Net>,
    /// Next hop.
    pub gateway: Field<Ipv4Addr>,
    /// Address as the internet sees it.
    pub public_ip: Field<Ipv4Addr>,
    /// Resolvers that the MX itself asks.
    pub dns_nameservers: List<Ipv4Addr>,
    /// State, when an import tells.
    pub status: Field<String>,
}

/// A pair of units.
#[derive(Default)]
pub struct WarmSpare {
    /// Switched on.
    pub enabled: Field<bool>,
    /// One virtual address, or each unit its own.
    pub uplink_mode: Field<UplinkMode>,
    /// Virtual address on WAN 1.
    pub virtual_ip1: Field<Ipv4Addr>,
    /// Virtual address on WAN 2.
    pub virtual_ip2: Field<Ipv4Addr>,
    /// The spare unit's own addresses.
    pub spare_uplinks: List<SpareUplink>,
}

/// What the world sees of a warm-spare pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UplinkMode {
    /// A virtual IP that moves between the units.
    Virtual,
    /// Each unit's own address.
    Public,
}

/// A WAN port of the spare unit.
#[derive(Default)]
pub struct SpareUplink {
    /// `wan1` or `wan2`.
    pub interface: Field<String>,
    /// Address on the port.
    pub ip: Field<Ipv4Addr>,
}

/// A VLAN.
#[derive(Default)]
pub struct Vlan {
    /// 1 to 4094.
    pub vlan_id: Field<u32>,
    /// Its name.
    pub name: Field<String>,
    /// Its subnet.
    pub subnet: Field<Ipv4Net>,
    /// The MX's address in it.
    pub appliance_ip: Field<Ipv4Addr>,
    /// Group policy of its clients: a name, or an id where an import gives one.
    pub group_policy: Field<String>,
}

/// The LAN of a network without VLANs.
#[derive(Default)]
pub struct Lan {
    /// Its subnet.
    pub subnet: Field<Ipv4Net>,
    /// The MX's address in it.
    pub appliance_ip: Field<Ipv4Addr>,
}

/// AnyConnect (Secure Client) on the same MX.
#[derive(Default)]
pub struct AnyConnect {
    /// Switched on.
    pub enabled: Field<bool>,
    /// Its pool.
    pub subnet: Field<Ipv4Net>,
    /// Its port; absent: 443.
    pub port: Field<u16>,
}

/// A static route of the LAN.
#[derive(Default)]
pub struct StaticRoute {
    /// Its name.
    pub name: Field<String>,
    /// Destination.
    pub subnet: Field<Ipv4Net>,
    /// Next hop.
    pub gateway_ip: Field<Ipv4Addr>,
    /// Absent: true.
    pub enabled: Field<bool>,
}

/// Auto VPN participation.
#[derive(Default)]
pub struct SiteToSiteVpn {
    /// None, spoke or hub.
    pub mode: Field<VpnMode>,
    /// Local subnets.
    pub subnets: List<LocalSubnet>,
    /// What other sites bring.
    pub remote_subnets: List<RemoteSubnet>,
}

/// A network's part in Auto VPN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VpnMode {
    /// Takes no part.
    None,
    /// Spoke.
    Spoke,
    /// Hub.
    Hub,
}

/// A subnet of this site in Auto VPN.
#[derive(Default)]
pub struct LocalSubnet {
    /// The subnet.
    pub local_subnet: Field<Ipv4Net>,
    /// Whether it takes part; absent: true.
    pub use_vpn: Field<bool>,
}

/// A subnet of another site.
#[derive(Default)]
pub struct RemoteSubnet {
    /// Whose.
    pub site: Field<String>,
    /// The subnet.
    pub subnet: Field<Ipv4Net>,
}

/// A third-party (non-Meraki) VPN peer.
#[derive(Default)]
pub struct Peer {
    /// Its name.
    pub name: Field<String>,
    /// Its address.
    pub public_ip: Field<Host>,
    /// What lies behind it.
    pub private_subnets: List<Ipv4Net>,
    /// Its pre-shared key.
    pub secret: Field<super::Key>,
}

/// Rules that the MX applies to traffic through it.
#[derive(Default)]
pub struct Firewall {
    /// Outbound layer 3 rules, first match, allow at the end.
    pub l3_firewall_rules: List<L3Rule>,
    /// Layer 7 denials.
    pub l7_firewall_rules: List<L7Rule>,
    /// The organisation's site-to-site outbound rules.
    pub vpn_firewall_rules: List<L3Rule>,
    /// Port forwarding.
    pub port_forwarding_rules: List<PortForward>,
    /// 1:1 NAT.
    pub one_to_one_nat_rules: List<OneToOneNat>,
    /// 1:many NAT.
    pub one_to_many_nat_rules: List<OneToManyNat>,
}

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleAction {
    /// Lets it pass.
    Allow,
    /// Drops it.
    Deny,
}

/// A layer 3 rule. Addresses are a set, or opaque (policy objects, names).
#[derive(Default)]
pub struct L3Rule {
    /// Allow or deny.
    pub policy: Field<RuleAction>,
    /// `tcp`, `udp`, `icmp`, `any`, …
    pub protocol: Field<String>,
    /// Sources; absent: any.
    pub source_cidr: Field<crate::net::Addrs>,
    /// Source ports; absent: any.
    pub source_port: Field<crate::net::Ports>,
    /// Destinations; absent: any.
    pub destination_cidr: Field<crate::net::Addrs>,
    /// Destination ports; absent: any.
    pub destination_port: Field<crate::net::Ports>,
    /// Free text.
    pub comment: Field<String>,
    /// Logged or not; of no consequence here.
    pub syslog_enabled: Field<bool>,
}

/// A layer 7 denial.
#[derive(Default)]
pub struct L7Rule {
    /// Deny.
    pub policy: Field<RuleAction>,
    /// What the value is.
    pub kind: Field<L7Kind>,
    /// The value.
    pub value: Field<L7Value>,
    /// Countries, where an import keeps them apart; of no consequence here.
    pub countries: List<String>,
}

/// What a layer 7 rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum L7Kind {
    /// One application.
    Application,
    /// A category of applications.
    ApplicationCategory,
    /// A host name.
    Host,
    /// A port.
    Port,
    /// An address range, with or without a port.
    IpRange,
    /// Countries that alone may be reached.
    AllowedCountries,
    /// Countries that may not be reached.
    BlockedCountries,
}

/// The value of a layer 7 rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum L7Value {
    /// An id such as `meraki:layer7/category/3`, and its name where the file gives one.
    Named {
        /// The Dashboard's id.
        id: Option<String>,
        /// The Dashboard's name for it.
        name: Option<String>,
    },
    /// A host, port or range, as written.
    Text(String),
    /// Country codes.
    Countries,
}

/// A port forwarding rule of the MX.
#[derive(Default)]
pub struct PortForward {
    /// Its name.
    pub name: Field<String>,
    /// `tcp` or `udp`.
    pub protocol: Field<String>,
    /// `internet1`, `internet2`, `both`.
    pub uplink: Field<String>,
    /// Ports from outside.
    pub public_port: Field<crate::net::Ports>,
    /// The host inside.
    pub lan_ip: Field<Ipv4Addr>,
    /// Its ports.
    pub local_port: Field<crate::net::Ports>,
    /// Who may.
    pub allowed_ips: List<String>,
}

/// 1:1 NAT.
#[derive(Default)]
pub struct OneToOneNat {
    /// Its name.
    pub name: Field<String>,
    /// Address outside.
    pub public_ip: Field<Ipv4Addr>,
    /// Host inside.
    pub lan_ip: Field<Ipv4Addr>,
    /// `internet1` or `internet2`.
    pub uplink: Field<String>,
    /// What may come in.
    pub allowed_inbound: List<AllowedInbound>,
}

/// One permission of a 1:1 NAT rule.
#[derive(Default)]
pub struct AllowedInbound {
    /// `tcp`, `udp`, `icmp-ping` or `any`.
    pub protocol: Field<String>,
    /// Ports; absent: any.
    pub destination_ports: List<crate::net::Ports>,
    /// Who may.
    pub allowed_ips: List<String>,
}

/// 1:many NAT.
#[derive(Default)]
pub struct OneToManyNat {
    /// Address outside.
    pub public_ip: Field<Ipv4Addr>,
    /// `internet1` or `internet2`.
    pub uplink: Field<String>,
    /// Ports.
    pub port_rules: List<PortRule>,
}

/// One port of a 1:many NAT rule.
#[derive(Default)]
pub struct PortRule {
    /// Its name.
    pub name: Field<String>,
    /// `tcp` or `udp`.
    pub protocol: Field<String>,
    /// Port outside.
    pub public_port: Field<crate::net::Ports>,
    /// Host inside.
    pub local_ip: Field<Ipv4Addr>,
    /// Its port.
    pub local_port: Field<crate::net::Ports>,
    /// Who may.
    pub allowed_ips: List<String>,
}

/// A group policy.
#[derive(Default)]
pub struct GroupPolicy {
    /// Its name.
    pub name: Field<String>,
    /// Its id in the API.
    pub group_policy_id: Field<String>,
    /// Where its firewall rules come from; absent with rules: custom.
    pub settings: Field<PolicySettings>,
    /// Stateless layer 3 rules.
    pub l3_firewall_rules: List<L3Rule>,
    /// Layer 7 denials.
    pub l7_firewall_rules: List<L7Rule>,
}

/// Where a group policy's firewall rules come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicySettings {
    /// Its own rules replace the network's.
    Custom,
    /// The network's rules stay.
    NetworkDefault,
    /// No rules at all.
    Ignore,
}

impl Mx {
    /// What a local subnet is called: the VLAN's or route's name, else "a local subnet".
    pub fn network_called(&self, net: Ipv4Net) -> String {
        let vlan = self.vlans.items().iter().find(|v| v.value.subnet.value() == Some(&net));
        let route = || self.static_routes.items().iter().find(|r| r.value.subnet.value() == Some(&net));
        match (vlan, route()) {
            (Some(vlan), _) => vlan.value.name.value().map_or_else(|| "a VLAN".to_owned(), |n| format!("VLAN `{n}`")),
            (None, Some(route)) => route.value.name.value().map_or_else(|| "a static route".to_owned(), |n| format!("static route `{n}`")),
            (None, None) => "a local subnet".to_owned(),
        }
    }
}
