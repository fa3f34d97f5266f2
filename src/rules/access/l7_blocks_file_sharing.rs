//! A layer 7 rule of the MX blocks file shares.

use std::borrow::Cow;

use crate::model::firewall::Applied;
use crate::model::mx::{L7Kind, L7Rule, L7Value, RuleAction};
use crate::model::{List, ResourceName, is_below, tables};
use crate::net::{Addrs, Ports, Service};
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "l7-blocks-file-sharing",
    level: Level::Error,
    stage: Some(Stage::Access),
    docs: include_str!("l7_blocks_file_sharing.md"),
    check,
    ..Rule::USUAL
};

/// Ports of file sharing: FTP, NetBIOS session, SMB, AFP, NFS.
const PORTS: [u16; 5] = [21, 139, 445, 548, 2049];

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let (Some(mx), false) = (cx.site.mx.value(), cx.site.client_vpn.is_absent()) else { return };
    let all: Vec<&Resource> = cx.site.resources.iter().collect();
    match cx.site.applied_to_users() {
        Applied::Network => {
            if let Some(firewall) = mx.firewall.value() {
                judge(cx, out, Subject::ClientVpn, &firewall.l7_firewall_rules, &all, FIREWALL);
            }
        }
        Applied::Policy(policy) => judge(cx, out, Subject::ClientVpn, &policy.l7_firewall_rules, &all, POLICY),
        Applied::Nothing => out.holds(Subject::ClientVpn),
        Applied::Unknown(reason) => out.undecided(Subject::ClientVpn, reason.into_owned()),
    }
    for (subject, resource) in cx.resources() {
        let field = cx.site.group_policy_of(resource);
        if field.is_absent() {
            continue;
        }
        match mx.applied(field) {
            Applied::Policy(policy) => judge(cx, out, subject, &policy.l7_firewall_rules, &[resource], POLICY),
            Applied::Unknown(reason) => out.undecided(subject, reason.into_owned()),
            Applied::Network | Applied::Nothing => {}
        }
    }
}

const FIREWALL: &str = "take file sharing out of this rule under Security & SD-WAN > Configure > Firewall > Layer 7";
const POLICY: &str = "take file sharing out of this rule under Network-wide > Group policies";

fn judge(cx: &Context<'_>, out: &mut Out<'_>, subject: Subject, rules: &List<L7Rule>, resources: &[&Resource], help: &str) {
    if let Some(o) = rules.opaque() {
        out.undecided(subject, o.reason.to_string());
        return;
    }
    let Some(rules) = rules.known() else { return };
    let (mut found, mut doubt) = (false, None);
    for rule in rules.value.iter().filter(|r| r.value.policy.value() != Some(&RuleAction::Allow)) {
        let what = match denied(&rule.value) {
            Denied::Nothing => continue,
            Denied::Unknown(reason) => {
                doubt = doubt.or(Some(reason));
                continue;
            }
            what => what,
        };
        let hit: Vec<&Resource> = resources.iter().copied().filter(|r| what.meets(r)).collect();
        // An address or a host that no resource has is none of our business.
        if hit.is_empty() && matches!(what, Denied::Addresses(..) | Denied::Host(_)) {
            continue;
        }
        found = true;
        let serving = hit.iter().any(|r| r.services.items().iter().any(|s| s.value.serves_files() && what.blocks(s.value.port)));
        let message = match hit.as_slice() {
            [one] => format!("a layer 7 rule blocks {} for `{}`", what.word(), one.name.value.shown()),
            [] => format!("a layer 7 rule blocks {} for client VPN users", what.word()),
            more => format!("a layer 7 rule blocks {} for {} resources", what.word(), more.len()),
        };
        let mut finding = out.finding(message).label(rule.span, "denies it");
        if !serving {
            finding = finding.level(Level::Warning);
        }
        for resource in hit {
            finding = finding.label(resource.name.span, "served from here");
        }
        out.violated(subject, finding.help(help));
    }
    match doubt {
        _ if found => {}
        Some(reason) => out.undecided(subject, reason.into_owned()),
        None => cx.holds_whole(out, subject),
    }
}

/// What a layer 7 rule denies, as far as it matters here.
enum Denied<'a> {
    Nothing,
    FileSharing,
    Ports(Ports),
    Addresses(Addrs, Ports),
    Host(&'a str),
    Unknown(Cow<'a, str>),
}

impl Denied<'_> {
    const fn word(&self) -> &'static str {
        if matches!(self, Self::Addresses(..) | Self::Host(_)) { "access" } else { "file sharing" }
    }

    /// Whether it blocks this service.
    fn blocks(&self, service: Service) -> bool {
        match self {
            Self::FileSharing | Self::Host(_) => true,
            Self::Ports(ports) | Self::Addresses(_, ports) => service.port.is_some_and(|p| ports.contains(p)),
            Self::Nothing | Self::Unknown(_) => false,
        }
    }

    /// Whether it blocks something of `resource`.
    fn meets(&self, resource: &Resource) -> bool {
        let services = resource.services.items();
        match self {
            Self::FileSharing | Self::Ports(_) => services.iter().any(|s| s.value.serves_files() && self.blocks(s.value.port)),
            Self::Addresses(set, ports) => {
                let port = ports.is_any() || services.iter().any(|s| self.blocks(s.value.port));
                port && resource.ip.value().is_some_and(|ip| set.contains(*ip))
            }
            Self::Host(host) => match &resource.name.value {
                ResourceName::Fqdn(name) | ResourceName::Short(name) => is_below(name, host),
                ResourceName::Address(ip) => ip.to_string() == *host,
                ResourceName::NetBios(_) => false,
            },
            Self::Nothing | Self::Unknown(_) => false,
        }
    }
}

fn denied(rule: &L7Rule) -> Denied<'_> {
    let (kind, value) = match (&rule.kind, &rule.value) {
        (Field::Known(kind), Field::Known(value)) => (kind.value, &value.value),
        (Field::Opaque(o), _) | (_, Field::Opaque(o)) => return Denied::Unknown(Cow::Borrowed(&o.reason)),
        _ => return Denied::Nothing,
    };
    match (kind, value) {
        (L7Kind::ApplicationCategory, value) => named(value, tables::is_file_sharing_category),
        (L7Kind::Application, value) => named(value, tables::is_file_sharing_application),
        (L7Kind::Port, L7Value::Text(text)) => match Ports::parse(text) {
            Some(ports) if PORTS.iter().any(|p| ports.contains(*p)) => Denied::Ports(ports),
            Some(_) => Denied::Nothing,
            None => Denied::Unknown(Cow::Borrowed("a layer 7 rule's port is not understood")),
        },
        (L7Kind::IpRange, L7Value::Text(text)) => {
            let (set, ports) = text.split_once(':').map_or((text.as_str(), Some(Ports::any())), |(set, port)| (set, Ports::parse(port)));
            match (Addrs::parse(set), ports) {
                (Some(set), Some(ports)) => Denied::Addresses(set, ports),
                _ => Denied::Unknown(Cow::Borrowed("a layer 7 rule's range is not understood")),
            }
        }
        (L7Kind::Host, L7Value::Text(text)) => Denied::Host(text),
        _ => Denied::Nothing,
    }
}

/// By name; ids are no stable knowledge.
fn named(value: &L7Value, shares: fn(&str) -> bool) -> Denied<'_> {
    match value {
        L7Value::Named { name: Some(name), .. } | L7Value::Text(name) if shares(name) => Denied::FileSharing,
        L7Value::Named { id: Some(_), name: None } => Denied::Unknown(Cow::Borrowed("a layer 7 rule gives an id without its `name`")),
        _ => Denied::Nothing,
    }
}
