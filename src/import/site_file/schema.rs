//! The keys of a site file: one line each, which the decoder and the JSON Schema are made from.

use serde_json::{Value, json};

use crate::import::values::{Imports, ListOrImport};
use crate::model::mx::{
    AllowedInbound, AnyConnect, DynamicDns, Firewall, GroupPolicy, L3Rule, L7Rule, Lan, LocalSubnet, OneToManyNat, OneToOneNat, Peer,
    PortForward, PortRule, RemoteSubnet, SiteToSiteVpn, SpareUplink, StaticRoute, Uplink, Vlan, WarmSpare,
};
use crate::model::{
    ActiveDirectoryServer, Certificate, Client, ClientVpn, Field, Host, Interface, List, Mx, RadiusClient, RadiusServer, Resource,
    ResourceName, Route, SiteInfo, User,
};
use crate::net::{Addrs, Ports};
use crate::source::Spanned;
use crate::tree::decode::{Cx, Decode, Definitions, Part, Rejected};
use crate::tree::{Kind, Node};
use crate::{record, words};

/// Tables of one name; the list itself lacks those that were no tables.
type Tables<T> = Field<Part<Vec<Spanned<Part<T>>>>>;

/// A site file as written; assembled into a [`crate::model::Site`] next door.
#[derive(Default)]
pub struct SiteDecl {
    pub schema: Field<String>,
    pub version: Field<Version>,
    pub info: Field<Part<SiteInfoDecl>>,
    pub mx: Field<Part<MxDecl>>,
    pub client_vpn: Field<Part<ClientVpnDecl>>,
    pub upstream: Tables<UpstreamDecl>,
    pub clients: Tables<ClientDecl>,
    pub resources: Tables<ResourceDecl>,
}

impl SiteDecl {
    /// Whether any table of the format was found.
    pub const fn says_anything(&self) -> bool {
        !(self.version.is_absent()
            && self.info.is_absent()
            && self.mx.is_absent()
            && self.client_vpn.is_absent()
            && self.upstream.is_absent()
            && self.clients.is_absent()
            && self.resources.is_absent())
    }
}

record!(SiteDecl, "a site file", {
    "version" => version: "version of this format: 1",
    "$schema" => schema: "where the schema is; for editors",
    "site" => info: "the site itself",
    "mx" => mx: "the MX",
    "client_vpn" => client_vpn: "client VPN on the MX",
    "upstream" => upstream: "what stands in front of the MX, from the internet inwards",
    "clients" => clients: "the clients' profiles",
    "resources" => resources: "what users must reach through the tunnel",
});

/// The format's version.
pub struct Version;

impl Decode for Version {
    const EXPECTS: &'static str = "1";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        match node.kind {
            Kind::Int(1) => Ok(Self),
            Kind::Int(_) => Err(cx.invalid(node, "this version of the format is not known", "this vpnlint reads version 1")),
            _ => Err(cx.expected(node, "the number 1")),
        }
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "const": 1 })
    }
}

/// `[site]`: what the model keeps of the site, and the file that its internal names are read from.
#[derive(Default)]
pub struct SiteInfoDecl {
    pub internal_domains: Field<ListOrImport<Host>>,
    pub info: SiteInfo,
}

record!(SiteInfoDecl, "[site]", {
    "name" => info.name: "the site's name; default: the folder's",
    "organization" => info.organization: "sites of one organisation share Auto VPN and are checked against each other",
    "internal_domains" => internal_domains: "domains that only the site's own resolvers know",
});

/// `[mx]`: the model's MX and what it is imported from.
#[derive(Default)]
pub struct MxDecl {
    pub import: Field<Imports>,
    pub network: Field<String>,
    pub format: Field<String>,
    pub mx: Mx,
}

record!(MxDecl, "[mx]", {
    "import" => import: "exports of the MX: files, folders or patterns",
    "network" => network: "which network of an import that holds many: its name, id or serial",
    "format" => format: "format id of the imports, when it should not be detected",
    "model" => mx.model: "hardware model, such as MX85",
    "firmware" | "firmwareVersion" => mx.firmware: "firmware version, such as 18.211",
    "deployment_mode" | "deploymentMode" => mx.deployment_mode: "routed or passthrough",
    "primary_uplink" | "primaryUplink" => mx.primary_uplink: "the uplink that client VPN is bound to",
    "dynamic_dns" | "dynamicDns" => mx.dynamic_dns: "dynamic DNS of the MX",
    "hostname_aliases" => mx.hostname_aliases: "names that point at the MX's hostname",
    "uplinks" => mx.uplinks: "WAN ports",
    "warm_spare" | "warmSpare" => mx.warm_spare: "high availability",
    "vlans" => mx.vlans: "VLANs",
    "single_lan" | "singleLan" => mx.single_lan: "the LAN of a network without VLANs",
    "anyconnect" => mx.anyconnect: "AnyConnect on the MX",
    "static_routes" | "staticRoutes" => mx.static_routes: "static routes",
    "site_to_site_vpn" | "siteToSiteVpn" => mx.site_to_site_vpn: "Auto VPN",
    "third_party_vpn_peers" | "thirdPartyVpnPeers" => mx.third_party_vpn_peers: "non-Meraki VPN peers",
    "firewall" => mx.firewall: "firewall and forwarding rules of the MX",
    "group_policies" | "groupPolicies" => mx.group_policies: "group policies",
});

record!(DynamicDns, "dynamic_dns", {
    "enabled" => enabled: "switched on",
    "hostname" | "url" | "activeDdnsHostname" => hostname: "the name of whichever uplink is active",
    "wan1_hostname" | "ddnsHostnameWan1" => wan1_hostname: "the name of WAN 1",
    "wan2_hostname" | "ddnsHostnameWan2" => wan2_hostname: "the name of WAN 2",
});

record!(Uplink, "an uplink", {
    "interface" => interface: "wan1, wan2 or cellular",
    "ip" => ip: "address on the WAN port",
    "subnet" => subnet: "its subnet",
    "gateway" => gateway: "next hop",
    "public_ip" | "publicIp" => public_ip: "address as the internet sees it; another than `ip`: there is a NAT in front",
    "dns_nameservers" | "dnsNameservers" => dns_nameservers: "resolvers that the MX itself asks",
    "status" => status: "active, ready, not connected, …",
});

record!(WarmSpare, "warm_spare", {
    "enabled" => enabled: "switched on",
    "uplink_mode" | "uplinkMode" => uplink_mode: "virtual or public",
    "virtual_ip1" | "virtualIp1" => virtual_ip1: "virtual address on WAN 1",
    "virtual_ip2" | "virtualIp2" => virtual_ip2: "virtual address on WAN 2",
    "spare_uplinks" => spare_uplinks: "the spare unit's own addresses",
});

record!(SpareUplink, "an uplink of the spare", {
    "interface" => interface: "wan1 or wan2",
    "ip" => ip: "address on the WAN port",
});

record!(Vlan, "a VLAN", {
    "vlan_id" | "id" => vlan_id: "1 to 4094",
    "name" => name: "its name",
    "subnet" => subnet: "its subnet",
    "appliance_ip" | "applianceIp" => appliance_ip: "the MX's address in it",
    "group_policy" | "groupPolicyId" => group_policy: "group policy of its clients",
});

record!(Lan, "single_lan", {
    "subnet" => subnet: "its subnet",
    "appliance_ip" | "applianceIp" => appliance_ip: "the MX's address in it",
});

record!(AnyConnect, "anyconnect", {
    "enabled" => enabled: "switched on",
    "subnet" => subnet: "its pool",
    "port" | "sslPort" => port: "its port; default 443",
});

record!(StaticRoute, "a static route", {
    "name" => name: "its name",
    "subnet" => subnet: "destination",
    "gateway_ip" | "gatewayIp" => gateway_ip: "next hop",
    "enabled" => enabled: "default true",
});

record!(SiteToSiteVpn, "site_to_site_vpn", {
    "mode" => mode: "none, spoke or hub",
    "subnets" => subnets: "local subnets",
    "remote_subnets" => remote_subnets: "subnets of other sites",
});

record!(LocalSubnet, "a local subnet", {
    "local_subnet" | "localSubnet" => local_subnet: "the subnet",
    "use_vpn" | "useVpn" => use_vpn: "whether it takes part; default true",
});

record!(RemoteSubnet, "a remote subnet", {
    "site" => site: "whose",
    "subnet" => subnet: "the subnet",
});

record!(Peer, "a third-party VPN peer", {
    "name" => name: "its name",
    "public_ip" | "publicIp" | "publicHostname" => public_ip: "its address",
    "private_subnets" | "privateSubnets" => private_subnets: "what lies behind it",
    "secret" => secret: "its pre-shared key",
});

record!(Firewall, "firewall", {
    "l3_firewall_rules" | "l3FirewallRules" => l3_firewall_rules: "outbound layer 3 rules, first match",
    "l7_firewall_rules" | "l7FirewallRules" => l7_firewall_rules: "layer 7 rules",
    "vpn_firewall_rules" | "vpnFirewallRules" => vpn_firewall_rules: "the organisation's site-to-site outbound rules",
    "port_forwarding_rules" | "portForwardingRules" => port_forwarding_rules: "port forwarding",
    "one_to_one_nat_rules" | "oneToOneNatRules" => one_to_one_nat_rules: "1:1 NAT",
    "one_to_many_nat_rules" | "oneToManyNatRules" => one_to_many_nat_rules: "1:many NAT",
});

record!(L3Rule, "a layer 3 rule", {
    "policy" | "action" => policy: "allow or deny",
    "protocol" => protocol: "tcp, udp, icmp, any, …",
    "source_cidr" | "srcCidr" | "source" => source_cidr: "sources; default any",
    "source_port" | "srcPort" => source_port: "source ports; default any",
    "destination_cidr" | "destCidr" | "destination" => destination_cidr: "destinations; default any",
    "destination_port" | "destPort" => destination_port: "destination ports; default any",
    "comment" => comment: "free text",
    "syslog_enabled" | "syslogEnabled" => syslog_enabled: "logged or not",
});

record!(L7Rule, "a layer 7 rule", {
    "policy" | "action" => policy: "deny",
    "type" => kind: "application, applicationCategory, host, port, ipRange, allowedCountries or blockedCountries",
    "value" => value: "what is denied",
    "value_countries" => countries: "country codes",
});

record!(PortForward, "a port forwarding rule", {
    "name" => name: "its name",
    "protocol" => protocol: "tcp or udp",
    "uplink" => uplink: "internet1, internet2 or both",
    "public_port" | "publicPort" => public_port: "port or range outside",
    "lan_ip" | "lanIp" => lan_ip: "host inside",
    "local_port" | "localPort" => local_port: "its port or range",
    "allowed_ips" | "allowedIps" => allowed_ips: "who may",
});

record!(OneToOneNat, "a 1:1 NAT rule", {
    "name" => name: "its name",
    "public_ip" | "publicIp" => public_ip: "address outside",
    "lan_ip" | "lanIp" => lan_ip: "host inside",
    "uplink" => uplink: "internet1 or internet2",
    "allowed_inbound" | "allowedInbound" => allowed_inbound: "what may come in",
});

record!(AllowedInbound, "an inbound permission", {
    "protocol" => protocol: "tcp, udp, icmp-ping or any",
    "destination_ports" | "destinationPorts" => destination_ports: "ports",
    "allowed_ips" | "allowedIps" => allowed_ips: "who may",
});

record!(OneToManyNat, "a 1:many NAT rule", {
    "public_ip" | "publicIp" => public_ip: "address outside",
    "uplink" => uplink: "internet1 or internet2",
    "port_rules" | "portRules" => port_rules: "ports",
});

record!(PortRule, "a port rule", {
    "name" => name: "its name",
    "protocol" => protocol: "tcp or udp",
    "public_port" | "publicPort" => public_port: "port outside",
    "local_ip" | "localIp" => local_ip: "host inside",
    "local_port" | "localPort" => local_port: "its port",
    "allowed_ips" | "allowedIps" => allowed_ips: "who may",
});

record!(GroupPolicy, "a group policy", {
    "name" => name: "its name",
    "group_policy_id" | "groupPolicyId" => group_policy_id: "its id in the API",
    "settings" => settings: "custom, network default or ignore",
    "l3_firewall_rules" | "l3FirewallRules" => l3_firewall_rules: "stateless layer 3 rules",
    "l7_firewall_rules" | "l7FirewallRules" => l7_firewall_rules: "layer 7 rules",
});

/// `[client_vpn]`, with what its lists are imported from.
#[derive(Default)]
pub struct ClientVpnDecl {
    pub users: Field<ListOrImport<User>>,
    pub radius_servers: List<RadiusDecl>,
    pub active_directory_servers: List<ActiveDirectoryDecl>,
    pub vpn: ClientVpn,
}

record!(ClientVpnDecl, "[client_vpn]", {
    "enabled" => vpn.enabled: "switched on; default true",
    "subnet" => vpn.subnet: "the pool that clients get their addresses from",
    "shared_secret" | "sharedSecret" => vpn.shared_secret: "the pre-shared key",
    "auth_type" | "authType" => vpn.auth_type: "meraki, radius, active_directory or systems_manager",
    "dns_mode" | "dnsMode" => vpn.dns_mode: "google_dns (the Dashboard's default), opendns or custom",
    "dns_nameservers" | "dnsCustomNameservers" => vpn.dns_nameservers: "resolvers with dns_mode custom",
    "wins_servers" | "winsServers" => vpn.wins_servers: "WINS servers",
    "group_policy" => vpn.group_policy: "group policy of client VPN users",
    "crypto" => vpn.crypto: "default, pci, or { ike = […], esp = […] }",
    "max_sessions_per_user" => vpn.max_sessions_per_user: "default 5",
    "username_format" => vpn.username_format: "email, down_level, upn or any",
    "users" => users: "users of Meraki authentication",
    "radius_servers" | "radiusServers" => radius_servers: "RADIUS servers",
    "active_directory_servers" | "activeDirectoryServers" => active_directory_servers: "domain controllers",
});

record!(User, "a user", {
    "email" => email: "name and address in one",
    "authorized" => authorized: "authorised for client VPN",
    "expires_at" | "expiresAt" => expires_at: "last day of the authorisation",
    "device_count" => device_count: "machines; default 1",
});

/// A RADIUS server and the file of its clients.
#[derive(Default)]
pub struct RadiusDecl {
    pub import: Field<Imports>,
    pub server: RadiusServer,
}

record!(RadiusDecl, "a RADIUS server", {
    "import" => import: "the server's own file of clients",
    "host" => server.host: "name or address",
    "port" => server.port: "port that the MX sends to; default 1812",
    "secret" => server.secret: "shared secret on the MX",
    "listen_port" => server.listen_port: "port that the server listens on",
    "clients" => server.clients: "the server's own client entries",
});

record!(RadiusClient, "a client entry of a RADIUS server", {
    "name" => name: "its name",
    "ip" => ip: "the address, subnet or range that it is for",
    "secret" => secret: "shared secret on the server",
});

/// A domain controller and the file of its certificate.
#[derive(Default)]
pub struct ActiveDirectoryDecl {
    pub certificate: Field<CertificateDecl>,
    pub server: ActiveDirectoryServer,
}

record!(ActiveDirectoryDecl, "an Active Directory server", {
    "host" => server.host: "name or address",
    "domain" => server.domain: "domain",
    "certificate" => certificate: "its TLS certificate",
});

/// Facts of a certificate, or the file that has them.
#[derive(Default)]
pub struct CertificateDecl {
    pub import: Field<Imports>,
    pub certificate: Certificate,
}

record!(CertificateDecl, "a certificate", {
    "import" => import: "a PEM or DER file",
    "installed" => certificate.installed: "whether the server has one at all",
    "not_before" => certificate.not_before: "first day",
    "not_after" => certificate.not_after: "last day",
    "server_auth" => certificate.server_auth: "made for servers",
});

/// One `[[upstream]]` device, by hand or imported.
#[derive(Default)]
pub struct UpstreamDecl {
    pub name: Field<String>,
    pub import: Field<Imports>,
    pub format: Field<String>,
    pub uplink: Field<String>,
    pub wan_ip: Field<std::net::Ipv4Addr>,
    pub wan_interface: Field<String>,
    pub lan_subnets: List<ipnet::Ipv4Net>,
    pub forwards: List<ForwardDecl>,
    pub rules: List<RuleDecl>,
    pub default_action: Field<Action>,
    pub terminates_ike: Field<bool>,
}

record!(UpstreamDecl, "an upstream device", {
    "name" => name: "its name",
    "import" => import: "its export",
    "format" => format: "format id of the export, when it should not be detected",
    "uplink" => uplink: "the MX's uplink behind it; default the primary one",
    "wan_ip" => wan_ip: "its address on the outside",
    "wan_interface" => wan_interface: "where the internet is, if the export does not tell",
    "lan_subnets" => lan_subnets: "its inner subnets",
    "forwards" => forwards: "port forwards",
    "rules" => rules: "filter rules, first match; they see the translated address",
    "default_action" => default_action: "what happens to the rest; default deny when there are rules",
    "terminates_ike" => terminates_ike: "whether it ends IPsec itself on its WAN address, as a VPN server or peer; default not known",
});

/// A forward of the hand-written form.
#[derive(Default)]
pub struct ForwardDecl {
    pub name: Field<String>,
    pub protocol: Field<ForwardProtocol>,
    pub port: Field<Ports>,
    pub to: Field<std::net::Ipv4Addr>,
    pub to_port: Field<Ports>,
    pub source: Field<Addrs>,
    pub enabled: Field<bool>,
}

record!(ForwardDecl, "a forward", {
    "name" => name: "its name",
    "protocol" => protocol: "udp, tcp, tcp_udp, any or esp",
    "port" | "publicPort" | "public_port" => port: "port, list or range outside",
    "to" | "lanIp" | "lan_ip" => to: "host inside",
    "to_port" | "localPort" | "local_port" => to_port: "port inside; default the same",
    "source" => source: "who may; default any",
    "enabled" => enabled: "default true",
});

/// Protocols of the hand-written form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForwardProtocol {
    Udp,
    Tcp,
    TcpUdp,
    Icmp,
    Esp,
    Any,
}

words!(ForwardProtocol, "a protocol", { Udp: "udp", Tcp: "tcp", TcpUdp: "tcp_udp" | "tcp/udp" | "both", Any: "any", Esp: "esp", Icmp: "icmp" });

/// What a rule of the hand-written form does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Permit,
    Deny,
}

words!(Action, "an action", { Permit: "permit" | "allow" | "accept" | "pass", Deny: "deny" | "drop" | "block" | "reject" });

/// Which way a rule of the hand-written form looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    In,
    Out,
}

words!(Direction, "a direction", { In: "in", Out: "out" });

/// A rule of the hand-written form.
#[derive(Default)]
pub struct RuleDecl {
    pub name: Field<String>,
    pub action: Field<Action>,
    pub protocol: Field<ForwardProtocol>,
    pub source: Field<Addrs>,
    pub source_port: Field<Ports>,
    pub destination: Field<Addrs>,
    pub destination_port: Field<Ports>,
    pub direction: Field<Direction>,
    pub enabled: Field<bool>,
    pub comment: Field<String>,
}

record!(RuleDecl, "a filter rule", {
    "name" => name: "its name",
    "action" | "policy" => action: "permit or deny",
    "protocol" => protocol: "udp, tcp, tcp_udp, any, esp or icmp; default any",
    "source" | "source_cidr" | "srcCidr" => source: "sources; default any",
    "source_port" | "srcPort" => source_port: "source ports; default any",
    "destination" | "destination_cidr" | "destCidr" => destination: "destinations; default any",
    "destination_port" | "destPort" => destination_port: "destination ports; default any",
    "direction" => direction: "in (default) or out",
    "enabled" => enabled: "default true",
    "comment" => comment: "free text",
});

/// One `[[clients]]` table, by hand or imported.
#[derive(Default)]
pub struct ClientDecl {
    pub name: Field<String>,
    pub import: Field<Imports>,
    pub format: Field<String>,
    pub evidence: Field<EvidenceDecl>,
    pub client: Client,
}

record!(ClientDecl, "a client", {
    "name" => name: "its name",
    "import" => import: "profiles: files or patterns",
    "format" => format: "format id of the imports, when it should not be detected",
    "os" => client.os: "windows, macos, ios, linux, android or chromeos",
    "os_version" => client.os_version: "its version",
    "user" => client.user: "user name",
    "device_count" => client.device_count: "machines with this profile; default 1",
    "lan_subnet" => client.lan_subnet: "the network that the client usually sits in",
    "public_ip" | "publicIp" => client.public_ip: "its address as the internet sees it",
    "ipv6_only" => client.ipv6_only: "it has no IPv4 address of its own (NAT64)",
    "software" => client.software: "installed programs",
    "evidence" => evidence: "facts about the machine",
    "server" => client.server: "name or address of the server",
    "tunnel_type" => client.tunnel_type: "l2tp, ikev2, pptp, sstp or automatic",
    "pre_shared_key" => client.pre_shared_key: "the pre-shared key",
    "ipsec_authentication" => client.ipsec_authentication: "psk, certificate, kerberos or hybrid",
    "aggressive_mode" => client.aggressive_mode: "IKEv1 aggressive mode, or an identifier that forces it",
    "authentication" => client.authentication: "PPP authentication protocols that the profile allows",
    "require_mppe" => client.require_mppe: "the profile demands MPPE",
    "split_tunnel" => client.split_tunnel: "only `routes` enter the tunnel",
    "routes" => client.routes: "those routes",
    "dns_suffix" => client.dns_suffix: "DNS suffix of the connection",
    "dns_nameservers" => client.dns_nameservers: "the profile's own resolvers",
    "ike" => client.ike: "phase 1 proposals that it pins, strongSwan notation",
    "esp" => client.esp: "phase 2 proposals that it pins, strongSwan notation",
});

/// Facts about a client's machine.
#[derive(Default)]
pub struct EvidenceDecl {
    pub import: Field<Imports>,
    pub nat_t_rule: Field<u32>,
    pub prohibit_ipsec: Field<u32>,
    pub ikeext_start: Field<u32>,
}

record!(EvidenceDecl, "evidence", {
    "import" => import: "registry exports and the like",
    "nat_t_rule" => nat_t_rule: "AssumeUDPEncapsulationContextOnSendRule; 0 when the registry lacks it",
    "prohibit_ipsec" => prohibit_ipsec: "ProhibitIpSec; 0 when the registry lacks it",
    "ikeext_start" => ikeext_start: "start type of the IKEEXT service: 2 automatic, 3 manual, 4 disabled",
});

/// One `[[resources]]` table.
#[derive(Default)]
pub struct ResourceDecl {
    pub name: Field<ResourceName>,
    pub firewall: Field<FirewallImport>,
    pub routes: Field<ListOrImport<Route>>,
    pub resource: Resource,
}

record!(ResourceDecl, "a resource", {
    "name" => name: r"as users type it: FQDN, short name, '\\NETBIOS' or address",
    "ip" => resource.ip: "its address",
    "public_dns" => resource.public_dns: "public DNS knows the name",
    "services" => resource.services: "smb, nfs, rdp, https, … or tcp/8443",
    "os" => resource.os: "operating system",
    "group_policy" => resource.group_policy: "group policy applied to it",
    "allow_from" => resource.allow_from: "whom its own firewall admits",
    "firewall" => firewall: "its own firewall, from an export",
    "interfaces" => resource.interfaces: "network cards",
    "routes" => routes: "routing table",
});

/// `firewall = { import = … }` of a resource.
#[derive(Default)]
pub struct FirewallImport {
    pub import: Field<Imports>,
}

record!(FirewallImport, "firewall", {
    "import" => import: "an export of the firewall's rules",
});

record!(Interface, "an interface", {
    "name" => name: "its name",
    "ip" => ip: "its address",
    "gateway" => gateway: "its gateway",
});

record!(Route, "a route", {
    "destination" => destination: "destination",
    "gateway" => gateway: "next hop",
});

/// The JSON Schema (draft 2020-12) of a site file.
pub fn json_schema() -> Value {
    let mut defs = Definitions::new();
    let root = SiteDecl::schema(&mut defs);
    if let Some(Value::Object(site)) = defs.get_mut("SiteDecl") {
        site.insert("required".to_owned(), json!(["version"]));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://vpnlint.dev/schema/site-v1.json",
        "title": "vpnlint site file, version 1",
        "$ref": root["$ref"],
        "$defs": defs,
    })
}
