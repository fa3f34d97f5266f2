//! How each type of the model is shown: one line a type.

use serde_json::{Value, json};

use super::{Object, Showing, Shown};
use crate::model::mx::{
    AllowedInbound, AnyConnect, DeploymentMode, DynamicDns, Firewall, Firmware, GroupPolicy, L3Rule, L7Kind, L7Rule, L7Value, Lan,
    LocalSubnet, OneToManyNat, OneToOneNat, Peer, PolicySettings, PortForward, PortRule, RemoteSubnet, RuleAction, SiteToSiteVpn,
    SpareUplink, StaticRoute, Uplink, UplinkMode, Vlan, VpnMode, WarmSpare,
};
use crate::model::upstream::{Chain, ChainId, Device, Nat};
use crate::model::{
    ActiveDirectoryServer, AllowFrom, AuthType, Authentication, Certificate, Client, ClientVpn, Crypto, Day, DnsMode, Field, Host,
    Interface, IpsecAuthentication, Mx, Os, RadiusClient, RadiusServer, Registry, RegistryValue, Resource, ResourceName, Route, Service,
    Site, SiteInfo, TunnelType, User, UsernameFormat,
};
use crate::net::{Addrs, Ports};

macro_rules! words {
    ($($type:ty),+ $(,)?) => { $(impl Shown for $type {
        fn shown(&self, _: &Showing<'_>) -> Value {
            self.word().into()
        }
    })+ };
}

macro_rules! plain {
    ($($type:ty),+ $(,)?) => { $(impl Shown for $type {
        fn shown(&self, _: &Showing<'_>) -> Value {
            json!(self)
        }
    })+ };
}

macro_rules! texts {
    ($($type:ty: |$value:ident| $text:expr),+ $(,)?) => { $(impl Shown for $type {
        fn shown(&self, cx: &Showing<'_>) -> Value {
            let $value = self;
            cx.text(&$text)
        }
    })+ };
}

macro_rules! records {
    ($($type:ty { $($field:ident),+ $(,)? })+) => { $(impl Shown for $type {
        fn shown(&self, cx: &Showing<'_>) -> Value {
            Object::default()$(.field(stringify!($field), &self.$field, cx))+.done()
        }

        fn shown_at(&self, span: crate::source::Span, cx: &Showing<'_>) -> Value {
            cx.place(self.shown(cx), span)
        }
    })+ };
}

plain!(bool, u16, u32);
words!(
    Os,
    TunnelType,
    Authentication,
    IpsecAuthentication,
    AuthType,
    DnsMode,
    UsernameFormat,
    DeploymentMode,
    UplinkMode,
    VpnMode,
    RuleAction,
    L7Kind,
    PolicySettings,
);
texts! {
    String: |v| v, Box<str>: |v| v, std::net::Ipv4Addr: |v| v.to_string(), ipnet::Ipv4Net: |v| v.to_string(), Host: |v| v.to_string(),
    Day: |v| v.to_string(), Addrs: |v| v.to_string(), Ports: |v| v.to_string(), ResourceName: |v| v.shown(), Service: |v| v.name,
    Firmware: |v| format!("{}.{}", v.major, v.minor),
}
records! {
    Uplink { interface, ip, subnet, gateway, public_ip, dns_nameservers, status }
    DynamicDns { enabled, hostname, wan1_hostname, wan2_hostname }
    WarmSpare { enabled, uplink_mode, virtual_ip1, virtual_ip2, spare_uplinks }
    SpareUplink { interface, ip }
    Vlan { vlan_id, name, subnet, appliance_ip, group_policy }
    Lan { subnet, appliance_ip }
    AnyConnect { enabled, subnet, port }
    StaticRoute { name, subnet, gateway_ip, enabled }
    SiteToSiteVpn { mode, subnets, remote_subnets }
    LocalSubnet { local_subnet, use_vpn }
    RemoteSubnet { site, subnet }
    Peer { name, public_ip, private_subnets, secret }
    Firewall { l3_firewall_rules, l7_firewall_rules, vpn_firewall_rules, port_forwarding_rules, one_to_one_nat_rules, one_to_many_nat_rules }
    L3Rule { policy, protocol, source_cidr, source_port, destination_cidr, destination_port, comment, syslog_enabled }
    L7Rule { policy, kind, value, countries }
    PortForward { name, protocol, uplink, public_port, lan_ip, local_port, allowed_ips }
    OneToOneNat { name, public_ip, lan_ip, uplink, allowed_inbound }
    AllowedInbound { protocol, destination_ports, allowed_ips }
    OneToManyNat { public_ip, uplink, port_rules }
    PortRule { name, protocol, public_port, local_ip, local_port, allowed_ips }
    GroupPolicy { name, group_policy_id, settings, l3_firewall_rules, l7_firewall_rules }
    Mx {
        model, firmware, deployment_mode, primary_uplink, dynamic_dns, hostname_aliases, uplinks, warm_spare, vlans, single_lan, anyconnect,
        static_routes, site_to_site_vpn, third_party_vpn_peers, firewall, group_policies,
    }
    ClientVpn {
        enabled, subnet, shared_secret, auth_type, dns_mode, dns_nameservers, wins_servers, group_policy, crypto, max_sessions_per_user,
        username_format, users, radius_servers, active_directory_servers,
    }
    User { email, authorized, expires_at, device_count }
    RadiusServer { host, port, secret, listen_port, clients }
    RadiusClient { name, ip, secret }
    ActiveDirectoryServer { host, domain, certificate }
    Certificate { installed, not_before, not_after, server_auth }
    Interface { name, ip, gateway }
    Registry { nat_t_rule, prohibit_ipsec, weak_crypto, ikeext_start }
    Route { destination, gateway }
    SiteInfo { name, organization, internal_domains }
}

impl Shown for RegistryValue {
    fn shown(&self, cx: &Showing<'_>) -> Value {
        match self {
            Self::Dword(number) => json!(number),
            Self::Missing => "missing".into(),
            Self::OtherType(kind) => (*kind).into(),
            Self::WrongKey(key) => cx.text(&format!("under another key: {key}")),
        }
    }
}

impl Shown for L7Value {
    fn shown(&self, cx: &Showing<'_>) -> Value {
        match self {
            Self::Named { id, name } => {
                let part = |text: &Option<String>| text.as_ref().map_or(Value::Null, |t| cx.text(t));
                json!({ "id": part(id), "name": part(name) })
            }
            Self::Text(text) => cx.text(text),
            Self::Countries => "countries".into(),
        }
    }
}

impl Shown for Crypto {
    fn shown(&self, cx: &Showing<'_>) -> Value {
        match self {
            Self::Default => "default".into(),
            Self::Pci => "pci".into(),
            Self::Explicit { ike, esp } => Object::default().field("ike", ike, cx).field("esp", esp, cx).done(),
        }
    }
}

impl Shown for AllowFrom {
    fn shown(&self, cx: &Showing<'_>) -> Value {
        match self {
            Self::Addresses(addresses) => addresses.shown(cx),
            Self::LocalSubnet => "LocalSubnet".into(),
            Self::Perhaps(addresses, why) => serde_json::json!({ "perhaps": addresses.shown(cx), "why": cx.text(why) }),
        }
    }
}

impl Shown for Client {
    fn shown(&self, cx: &Showing<'_>) -> Value {
        let head = Object::default().value("name", self.name.value.shown_at(self.name.span, cx));
        let head = match self.format {
            Some(format) => head.value("format", format.into()),
            None => head,
        };
        let head = match self.profile {
            Some(span) => head.value("profile", cx.place(json!({}), span)),
            None => head,
        };
        let remarks: Vec<Value> =
            self.remarks.iter().map(|r| cx.place(json!({ "rule": r.kind.rule(), "what": cx.text(&r.what) }), r.span)).collect();
        let head = if remarks.is_empty() { head } else { head.value("remarks", remarks.into()) };
        head.field("os", &self.os, cx)
            .field("os_version", &self.os_version, cx)
            .field("user", &self.user, cx)
            .field("device_count", &self.device_count, cx)
            .field("lan_subnet", &self.lan_subnet, cx)
            .field("public_ip", &self.public_ip, cx)
            .field("ipv6_only", &self.ipv6_only, cx)
            .field("software", &self.software, cx)
            .field("nat_t_rule", &self.registry.nat_t_rule, cx)
            .field("prohibit_ipsec", &self.registry.prohibit_ipsec, cx)
            .field("weak_crypto", &self.registry.weak_crypto, cx)
            .field("ikeext_start", &self.registry.ikeext_start, cx)
            .field("server", &self.server, cx)
            .field("tunnel_type", &self.tunnel_type, cx)
            .field("pre_shared_key", &self.pre_shared_key, cx)
            .field("ipsec_authentication", &self.ipsec_authentication, cx)
            .field("aggressive_mode", &self.aggressive_mode, cx)
            .field("authentication", &self.authentication, cx)
            .field("require_mppe", &self.require_mppe, cx)
            .field("split_tunnel", &self.split_tunnel, cx)
            .field("routes", &self.routes, cx)
            .field("dns_suffix", &self.dns_suffix, cx)
            .field("dns_nameservers", &self.dns_nameservers, cx)
            .field("ike", &self.ike, cx)
            .field("esp", &self.esp, cx)
            .done()
    }
}

impl Shown for Resource {
    fn shown(&self, cx: &Showing<'_>) -> Value {
        Object::default()
            .value("name", self.name.value.shown_at(self.name.span, cx))
            .field("ip", &self.ip, cx)
            .field("public_dns", &self.public_dns, cx)
            .field("services", &self.services, cx)
            .field("os", &self.os, cx)
            .field("group_policy", &self.group_policy, cx)
            .field("allow_from", &self.allow_from, cx)
            .field("interfaces", &self.interfaces, cx)
            .field("routes", &self.routes, cx)
            .done()
    }
}

impl Shown for Site {
    fn shown(&self, cx: &Showing<'_>) -> Value {
        let all = |shown: Vec<Value>| Value::Array(shown);
        let mut out = Object::default()
            .value("name", cx.text(&self.name))
            .value("site", self.info.shown(cx))
            .field("mx", &self.mx, cx)
            .field("client_vpn", &self.client_vpn, cx)
            .value("upstream", all(self.upstream.iter().map(|d| d.shown(cx)).collect()))
            .value("clients", all(self.clients.iter().map(|c| c.shown(cx)).collect()))
            .value("resources", all(self.resources.iter().map(|r| r.shown(cx)).collect()));
        if !self.gaps.is_empty() {
            let gaps =
                self.gaps.iter().map(|gap| cx.place(json!({ "part": gap.part.to_string(), "reason": cx.text(&gap.reason) }), gap.span));
            out = out.value("gaps", gaps.collect());
        }
        out.done()
    }
}

impl Shown for Device {
    fn shown(&self, cx: &Showing<'_>) -> Value {
        let names = |ids: &[ChainId]| -> Value { ids.iter().filter_map(|id| self.chain(*id)).map(|chain| cx.text(&chain.name)).collect() };
        let hook = |field: &Field<Vec<ChainId>>| match field {
            Field::Absent => Value::Null,
            Field::Known(ids) => names(&ids.value),
            Field::Opaque(o) => cx.place(json!({ "opaque": cx.text(&o.reason) }), o.span),
        };
        let interfaces = self.interfaces.iter().map(|i| {
            let groups: Value = i.groups.iter().map(|g| cx.text(g)).collect();
            Object::default().value("name", cx.text(&i.name)).value("groups", groups).field("net", &i.net, cx).done()
        });
        let mut out = Object::default();
        if !self.name.value.is_empty() {
            out = out.value("name", self.name.value.shown_at(self.name.span, cx));
        }
        out.field("uplink", &self.uplink, cx)
            .field("wan_ip", &self.wan_ip, cx)
            .field("wan_interface", &self.wan_interface, cx)
            .field("lan_subnets", &self.lan_subnets, cx)
            .value("interfaces", interfaces.collect())
            .value("early", names(&self.early))
            .value(
                "nat",
                match &self.nat {
                    Nat::Unknown => Value::Null,
                    Nat::Never => "never".into(),
                    Nat::Chains(ids) => names(ids),
                },
            )
            .value("forward", hook(&self.forward))
            .value("exits", names(&self.exits))
            .value("input", hook(&self.input))
            .value("outbound", hook(&self.outbound))
            .value("late", names(&self.late))
            .value("chains", self.chains.iter().map(|chain| chain.shown_at(chain.span, cx)).collect())
            .value("not_understood", self.unknown.shown(cx))
            .value("dangling", self.dangling.shown(cx))
            .done()
    }
}

impl Shown for Chain {
    fn shown(&self, cx: &Showing<'_>) -> Value {
        let lines = self.lines.iter().map(|line| {
            let mut shown = cx.place(json!({ "rule": cx.text(&line.to_string()) }), line.span);
            if !line.enabled {
                shown["enabled"] = false.into();
            }
            shown
        });
        let mut out =
            Object::default().value("name", cx.text(&self.name)).value("applied", self.applied.into()).value("lines", lines.collect());
        if let Some(end) = &self.end {
            let word = if end.permits { "permit" } else { "deny" };
            out = out.value("end", cx.place(json!({ "value": word, "stated": end.stated }), end.span));
        }
        out.done()
    }

    fn shown_at(&self, span: crate::source::Span, cx: &Showing<'_>) -> Value {
        cx.place(self.shown(cx), span)
    }
}
