//! Completes one description of the MX by another; where both speak and differ, the first one's word counts and the drift is noted.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::model::mx::{
    AllowedInbound, AnyConnect, DeploymentMode, DynamicDns, Firewall, Firmware, GroupPolicy, L3Rule, L7Kind, L7Rule, L7Value, Lan,
    LocalSubnet, OneToManyNat, OneToOneNat, Peer, PolicySettings, PortForward, PortRule, RemoteSubnet, RuleAction, SiteToSiteVpn,
    SpareUplink, StaticRoute, Uplink, UplinkMode, Vlan, VpnMode, WarmSpare,
};
use crate::model::{Field, Host, Key, List, Mx};
use crate::net::{Addrs, Ports};
use crate::source::{Problem, ProblemKind, Span, clip, visible};

/// Who the two sides are, and what they disagree about so far.
pub struct Drifts<'p> {
    /// Where drifts are noted.
    pub problems: &'p mut Vec<Problem>,
    /// Whether the first side is the site file; else both are imports.
    pub inline: bool,
}

impl Drifts<'_> {
    fn note(&mut self, mine: Span, other: Span, what: &str) {
        let (who, here, there) = if self.inline {
            ("the site file and an import", "in the site file", "in the import")
        } else {
            ("two imports", "in one import", "in another import")
        };
        let help = if self.inline {
            "the site file's word counts; correct whichever is out of date"
        } else {
            "the first one's word counts; export again, or import only one"
        };
        let problem = Problem::new(ProblemKind::Drift, mine, format!("{who} disagree about {what}"), here);
        self.problems.push(problem.related(other, there).help(help));
    }
}

/// Whether two values say the same.
pub trait Same {
    /// Whether `self` and `other` say the same.
    fn same(&self, other: &Self) -> bool;
}

macro_rules! same_by_eq {
    ($($type:ty),+) => { $(impl Same for $type {
        fn same(&self, other: &Self) -> bool { self == other }
    })+ };
}
same_by_eq!(bool, u16, u32, Ipv4Addr, DeploymentMode, Firmware, UplinkMode, VpnMode, RuleAction, L7Kind, PolicySettings, Addrs, Ports);

impl Same for Ipv4Net {
    fn same(&self, other: &Self) -> bool {
        self.trunc() == other.trunc()
    }
}

impl Same for String {
    fn same(&self, other: &Self) -> bool {
        self.trim().eq_ignore_ascii_case(other.trim())
    }
}

impl Same for Host {
    fn same(&self, other: &Self) -> bool {
        self.same_as(other)
    }
}

impl Same for Key {
    fn same(&self, other: &Self) -> bool {
        self.secret.same_as(&other.secret)
    }
}

impl Same for L7Value {
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Named { id: Some(a), .. }, Self::Named { id: Some(b), .. }) => a == b,
            (Self::Named { name: Some(a), .. }, Self::Named { name: Some(b), .. }) | (Self::Text(a), Self::Text(b)) => a.same(b),
            (Self::Named { .. }, Self::Named { .. }) | (Self::Countries, Self::Countries) => true,
            _ => false,
        }
    }
}

/// What is not said, or not known, contradicts nothing.
impl<T: Same> Same for Field<T> {
    fn same(&self, other: &Self) -> bool {
        self.value().zip(other.value()).is_none_or(|(a, b)| a.same(b))
    }
}

impl<T: Same> Same for Vec<crate::source::Spanned<T>> {
    fn same(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().zip(other).all(|(a, b)| a.value.same(&b.value))
    }
}

macro_rules! same_by_fields {
    ($($type:ident { $($field:ident),+ })+) => { $(impl Same for $type {
        fn same(&self, other: &Self) -> bool { $(self.$field.same(&other.$field))&&+ }
    })+ };
}
// Comments and logging change nothing.
same_by_fields! {
    L3Rule { policy, protocol, source_cidr, source_port, destination_cidr, destination_port }
    L7Rule { policy, kind, value }
    PortForward { protocol, uplink, public_port, lan_ip, local_port, allowed_ips }
    OneToOneNat { public_ip, lan_ip, uplink, allowed_inbound }
    AllowedInbound { protocol, destination_ports, allowed_ips }
    OneToManyNat { public_ip, uplink, port_rules }
    PortRule { protocol, public_port, local_ip, local_port, allowed_ips }
}

/// One fact.
fn leaf<T: Same>(mine: &mut Field<T>, other: Field<T>, what: &str, of: &str, drifts: &mut Drifts<'_>) {
    if let (Field::Known(a), Field::Known(b)) = (&*mine, &other) {
        if !a.value.same(&b.value) {
            drifts.note(a.span, b.span, &format!("{what}{of}"));
        }
    } else {
        if let (Field::Known(_), Field::Opaque(o)) | (Field::Opaque(o), Field::Known(_)) = (&*mine, &other) {
            drifts.problems.push(Problem::drift_unknown(o.span, &o.reason));
        }
        fill(mine, other, drifts);
    }
}

/// Takes `other` where nothing is said. An import's unknown gives way to another's known; the site file's own does not.
fn fill<T>(mine: &mut Field<T>, other: Field<T>, drifts: &Drifts<'_>) {
    if mine.is_absent() || (!drifts.inline && mine.opaque().is_some() && other.known().is_some()) {
        *mine = other;
    }
}

/// A table with facts of its own.
fn record<T: Join>(mine: &mut Field<T>, other: Field<T>, of: &str, drifts: &mut Drifts<'_>) {
    match (mine, other) {
        (Field::Known(a), Field::Known(b)) => a.value.join(b.value, of, drifts),
        (mine, other) => fill(mine, other, drifts),
    }
}

/// A list of single values whose order tells nothing.
fn set<T: Same>(mine: &mut List<T>, other: List<T>, what: &str, of: &str, drifts: &mut Drifts<'_>) {
    if let (Field::Known(a), Field::Known(b)) = (&*mine, &other) {
        let within =
            |a: &[crate::source::Spanned<T>], b: &[crate::source::Spanned<T>]| a.iter().all(|x| b.iter().any(|y| x.value.same(&y.value)));
        if !(within(&a.value, &b.value) && within(&b.value, &a.value)) {
            drifts.note(a.span, b.span, &format!("{what}{of}"));
        }
    } else {
        fill(mine, other, drifts);
    }
}

/// A list that counts as a whole: rules, first match.
fn rules<T: Same>(mine: &mut List<T>, other: List<T>, what: &str, of: &str, drifts: &mut Drifts<'_>, usual: fn(&T) -> bool) {
    if let (Field::Known(a), Field::Known(b)) = (&*mine, &other) {
        // The API adds the Dashboard's own last rule.
        let trim = |list: &[crate::source::Spanned<T>]| list.len() - list.iter().rev().take_while(|r| usual(&r.value)).count();
        let (a_rules, b_rules) = (&a.value[..trim(&a.value)], &b.value[..trim(&b.value)]);
        if a_rules.len() != b_rules.len() || a_rules.iter().zip(b_rules).any(|(x, y)| !x.value.same(&y.value)) {
            drifts.note(a.span, b.span, &format!("{what}{of}"));
        }
    } else {
        fill(mine, other, drifts);
    }
}

/// Things of one name that are looked through for the one that is meant.
const NAMESAKES: usize = 100;

/// A list of things that have an identity: matched by it, what is new is added.
fn keyed<T: Keyed>(mine: &mut List<T>, other: List<T>, drifts: &mut Drifts<'_>) {
    match (mine, other) {
        (Field::Known(a), Field::Known(b)) => {
            let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for (n, item) in a.value.iter().enumerate() {
                for key in item.value.keys() {
                    places.entry(key).or_default().push(n);
                }
            }
            let mut taken = vec![false; a.value.len()];
            for item in b.value {
                let fits = |n: &usize| !taken[*n] && !a.value[*n].value.conflicts(&item.value);
                let hit = item.value.keys().iter().find_map(|k| places.get(k)?.iter().copied().take(NAMESAKES).find(|n| fits(n)));
                match hit {
                    Some(n) => {
                        taken[n] = true;
                        let of = format!(" of {}", a.value[n].value.called());
                        a.value[n].value.join(item.value, &of, drifts);
                    }
                    None => a.value.push(item),
                }
            }
        }
        (mine, other) => fill(mine, other, drifts),
    }
}

/// A table that can be completed by another description of the same thing; `of` ends messages: `` of VLAN `Data` ``.
pub trait Join {
    /// Completes `self` by `other`.
    fn join(&mut self, other: Self, of: &str, drifts: &mut Drifts<'_>);
}

/// A thing with an identity.
pub trait Keyed: Join {
    /// What it may be found by, the surest first.
    fn keys(&self) -> Vec<String>;
    /// Whether the two cannot be the same thing though they share a key.
    fn conflicts(&self, _: &Self) -> bool {
        false
    }
    /// As messages call it.
    fn called(&self) -> String;
}

macro_rules! join {
    ($type:ident { $($kind:ident $field:ident $(: $what:literal)?),+ $(,)? }) => {
        impl Join for $type {
            fn join(&mut self, other: Self, of: &str, drifts: &mut Drifts<'_>) {
                $(join!(@ $kind self other of drifts $field $($what)?);)+
            }
        }
    };
    (@ leaf $me:ident $other:ident $of:ident $d:ident $field:ident $what:literal) => { leaf(&mut $me.$field, $other.$field, $what, $of, $d) };
    (@ set $me:ident $other:ident $of:ident $d:ident $field:ident $what:literal) => { set(&mut $me.$field, $other.$field, $what, $of, $d) };
    (@ record $me:ident $other:ident $of:ident $d:ident $field:ident $what:literal) => { record(&mut $me.$field, $other.$field, $what, $d) };
    (@ keyed $me:ident $other:ident $of:ident $d:ident $field:ident) => { keyed(&mut $me.$field, $other.$field, $d) };
    (@ rules $me:ident $other:ident $of:ident $d:ident $field:ident $what:literal) => { rules(&mut $me.$field, $other.$field, $what, $of, $d, |_| false) };
    (@ layer3 $me:ident $other:ident $of:ident $d:ident $field:ident $what:literal) => { rules(&mut $me.$field, $other.$field, $what, $of, $d, allows_all) };
}

mod keys;
mod many;
// Behind the macros, which it uses.
mod vpn;

pub use many::Many;

join!(Mx {
    leaf model: "the model", leaf firmware: "the firmware", leaf deployment_mode: "the deployment mode", leaf primary_uplink: "the primary uplink",
    record dynamic_dns: " of dynamic DNS", set hostname_aliases: "the hostname's aliases", keyed uplinks, record warm_spare: " of the warm spare",
    keyed vlans, record single_lan: " of the single LAN", record anyconnect: " of AnyConnect", keyed static_routes,
    record site_to_site_vpn: " of the site-to-site VPN", keyed third_party_vpn_peers, record firewall: " of the firewall", keyed group_policies,
});
join!(DynamicDns {
    leaf enabled: "the switch", leaf hostname: "the hostname", leaf wan1_hostname: "the hostname of WAN 1", leaf wan2_hostname: "the hostname of WAN 2",
});
join!(Uplink {
    leaf interface: "the interface", leaf ip: "the address", leaf subnet: "the subnet", leaf gateway: "the gateway", leaf public_ip: "the public address",
    set dns_nameservers: "the nameservers", leaf status: "the status",
});
join!(WarmSpare {
    leaf enabled: "the switch", leaf uplink_mode: "the uplink mode", leaf virtual_ip1: "the first virtual address",
    leaf virtual_ip2: "the second virtual address", keyed spare_uplinks,
});
join!(SpareUplink { leaf interface: "the interface", leaf ip: "the address" });
join!(Vlan {
    leaf vlan_id: "the id", leaf name: "the name", leaf subnet: "the subnet", leaf appliance_ip: "the appliance address", leaf group_policy: "the group policy",
});
join!(Lan { leaf subnet: "the subnet", leaf appliance_ip: "the appliance address" });
join!(AnyConnect { leaf enabled: "the switch", leaf subnet: "the subnet", leaf port: "the port" });
join!(StaticRoute { leaf name: "the name", leaf subnet: "the subnet", leaf gateway_ip: "the gateway", leaf enabled: "the switch" });
join!(SiteToSiteVpn { leaf mode: "the mode", keyed subnets, keyed remote_subnets });
join!(LocalSubnet { leaf local_subnet: "the subnet", leaf use_vpn: "the part in the VPN" });
join!(RemoteSubnet { leaf site: "the site", leaf subnet: "the subnet" });
join!(Peer { leaf name: "the name", leaf public_ip: "the address", set private_subnets: "the private subnets", leaf secret: "the key" });
join!(Firewall {
    layer3 l3_firewall_rules: "the layer 3 rules", rules l7_firewall_rules: "the layer 7 rules", layer3 vpn_firewall_rules: "the site-to-site rules",
    rules port_forwarding_rules: "the port forwarding rules", rules one_to_one_nat_rules: "the 1:1 NAT rules", rules one_to_many_nat_rules: "the 1:many NAT rules",
});
join!(GroupPolicy {
    leaf name: "the name", leaf group_policy_id: "the id", leaf settings: "the settings", layer3 l3_firewall_rules: "the layer 3 rules",
    rules l7_firewall_rules: "the layer 7 rules",
});

/// Whether it is the last rule that the Dashboard shows of its own accord.
fn allows_all(rule: &L3Rule) -> bool {
    let any = |f: &Field<Addrs>| f.is_absent() || f.value().is_some_and(Addrs::is_any);
    let any_port = |f: &Field<Ports>| f.is_absent() || f.value().is_some_and(Ports::is_any);
    rule.policy.value() == Some(&RuleAction::Allow)
        && (rule.protocol.is_absent() || rule.protocol.value().is_some_and(|p| p.eq_ignore_ascii_case("any")))
        && any(&rule.source_cidr)
        && any(&rule.destination_cidr)
        && any_port(&rule.source_port)
        && any_port(&rule.destination_port)
}

fn key_of<T>(kind: &str, field: &Field<T>, text: impl Fn(&T) -> String) -> Option<String> {
    field.value().map(|v| format!("{kind} {}", text(v).trim().to_lowercase()))
}

fn net(net: Ipv4Net) -> String {
    net.trunc().to_string()
}

/// `` kind `name` ``, or the bare kind.
fn named(kind: &str, name: &Field<String>) -> String {
    name.value().map_or_else(|| format!("a {kind}"), |n| format!("{kind} `{}`", clip(&visible(n), 60)))
}

fn differ<T: Same>(a: &Field<T>, b: &Field<T>) -> bool {
    !a.same(b)
}

/// What is said of a policy of which only the id is known.
pub const NAMELESS: &str = "the name of the group policy with this id is in no import";

/// Gives VLANs the names of their group policies in place of the ids that the API has.
pub fn name_policies(imported: &mut Mx, inline: &Mx) {
    let mut names: BTreeMap<String, Option<String>> = BTreeMap::new();
    for policy in inline.group_policies.items().iter().chain(imported.group_policies.items()) {
        if let Some(id) = policy.value.group_policy_id.value() {
            names.entry(id.clone()).or_insert_with(|| policy.value.name.value().cloned());
        }
    }
    let known: BTreeSet<String> =
        inline.group_policies.items().iter().chain(imported.group_policies.items()).filter_map(|p| p.value.name.value().cloned()).collect();
    let Field::Known(vlans) = &mut imported.vlans else { return };
    for vlan in &mut vlans.value {
        let Field::Known(id) = &vlan.value.group_policy else { continue };
        let span = id.span;
        vlan.value.group_policy = match names.get(&id.value) {
            Some(Some(name)) => Field::known_at(name.clone(), span),
            // Network as Code gives the name itself.
            None if known.contains(&id.value) => continue,
            _ => Field::opaque_at(span, NAMELESS),
        };
    }
}
