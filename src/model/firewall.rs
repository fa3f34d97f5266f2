//! What the MX's layer 3 rules do with traffic between client VPN users and one host, and which rules apply to whom.

use std::borrow::Cow;
use std::net::Ipv4Addr;

use super::mx::{GroupPolicy, L3Rule, PolicySettings, RuleAction};
use super::{Field, Mx, Site};
use crate::net::{Addrs, Ports, Protocol, Service};
use crate::source::Spanned;

/// Whose firewall rules apply.
pub enum Applied<'a> {
    /// The network's.
    Network,
    /// Those of a group policy, in place of the network's.
    Policy(&'a GroupPolicy),
    /// None at all.
    Nothing,
    /// Not to be told from the input.
    Unknown(Cow<'a, str>),
}

impl Mx {
    /// The group policy with this name, or with this id where an import gives one.
    pub fn group_policy(&self, name: &str) -> Option<&Spanned<GroupPolicy>> {
        let fits = |field: &Field<String>| field.value().is_some_and(|n| n == name);
        self.group_policies.items().iter().find(|p| fits(&p.value.name) || fits(&p.value.group_policy_id))
    }

    /// Whose rules apply to those who are given the group policy `name`; nobody's name: the network's.
    pub fn applied(&self, name: &Field<String>) -> Applied<'_> {
        let name = match name {
            Field::Absent => return Applied::Network,
            Field::Opaque(o) => return Applied::Unknown(Cow::Owned(o.reason.to_string())),
            Field::Known(name) => &name.value,
        };
        let Some(policy) = self.group_policy(name).map(|p| &p.value) else {
            return Applied::Unknown(Cow::Owned(format!("the group policy `{name}` is not described in `mx.group_policies`")));
        };
        match &policy.settings {
            Field::Known(s) if s.value == PolicySettings::NetworkDefault => Applied::Network,
            Field::Known(s) if s.value == PolicySettings::Ignore => Applied::Nothing,
            Field::Opaque(o) => Applied::Unknown(Cow::Borrowed(&o.reason)),
            // Rules make it custom.
            Field::Absent if policy.l3_firewall_rules.is_absent() && policy.l7_firewall_rules.is_absent() => {
                Applied::Unknown(Cow::Owned(format!("the group policy `{name}` states no `settings`")))
            }
            _ => Applied::Policy(policy),
        }
    }
}

impl Site {
    /// Whose rules apply to client VPN users.
    pub fn applied_to_users(&self) -> Applied<'_> {
        match (self.mx.value(), self.client_vpn.value()) {
            (Some(mx), Some(vpn)) => mx.applied(&vpn.group_policy),
            _ => Applied::Network,
        }
    }

    /// The field that gives a resource its group policy: its own, else that of its VLAN.
    pub fn group_policy_of<'a>(&'a self, resource: &'a super::Resource) -> &'a Field<String> {
        if !resource.group_policy.is_absent() {
            return &resource.group_policy;
        }
        let vlan = resource.ip.value().and_then(|ip| self.mx.value()?.network_of(*ip)?.group_policy);
        vlan.unwrap_or(&resource.group_policy)
    }
}

/// Traffic between client VPN users and one host.
pub struct Flow<'f> {
    /// The users' addresses.
    pub users: &'f Addrs,
    /// The host.
    pub host: Ipv4Addr,
    /// The host's service; none: whatever there is.
    pub service: Option<Service>,
    /// The host's answers rather than the users' requests. Stateless rules see both.
    pub answers: bool,
}

/// What a list of rules does with a flow.
pub enum Ruling<'a> {
    /// Everything passes.
    Allowed,
    /// A rule drops it for some users at least.
    Denied {
        /// The rule.
        rule: &'a Spanned<L3Rule>,
        /// A user that it drops.
        user: Ipv4Addr,
        /// It drops all users.
        all: bool,
    },
    /// It depends on something that the input does not tell.
    Unknown(Cow<'a, str>),
}

/// Ports that clients send from (RFC 6056: anything above the well-known ports).
fn ephemeral() -> Ports {
    Ports::range(1024, u16::MAX)
}

/// The first rule that matches decides, user by user; at the end everything is allowed, as in all of the MX's lists.
pub fn first_match<'a>(rules: &'a [Spanned<L3Rule>], flow: &Flow<'_>) -> Ruling<'a> {
    let mut rest = Cow::Borrowed(flow.users);
    // A rule that may have allowed, or may have dropped, what the later ones are asked about.
    let (mut perhaps_allowed, mut perhaps_dropped) = (None, None);
    for rule in rules {
        let mut doubt = match fit(&rule.value, flow) {
            Fit::No => continue,
            Fit::Yes => None,
            Fit::Maybe(reason) => Some(reason),
        };
        let users = if flow.answers { &rule.value.destination_cidr } else { &rule.value.source_cidr };
        let hit = match users {
            Field::Absent => rest.clone(),
            Field::Known(set) if covers(&set.value, &rest) => rest.clone(),
            Field::Known(set) if set.value.meets(&rest) => Cow::Owned(set.value.intersection(&rest)),
            Field::Known(_) => continue,
            Field::Opaque(o) => {
                doubt = doubt.or(Some(Cow::Borrowed(&o.reason)));
                rest.clone()
            }
        };
        let action = match &rule.value.policy {
            Field::Known(action) => Some(action.value),
            Field::Opaque(o) => {
                doubt = doubt.or(Some(Cow::Borrowed(&o.reason)));
                None
            }
            Field::Absent => {
                doubt = doubt.or(Some(Cow::Borrowed("a firewall rule states no `policy`")));
                None
            }
        };
        if let Some(reason) = doubt {
            if action != Some(RuleAction::Deny) {
                perhaps_allowed.get_or_insert(reason.clone());
            }
            if action != Some(RuleAction::Allow) {
                perhaps_dropped.get_or_insert(reason);
            }
        } else if action == Some(RuleAction::Deny) {
            if let Some(reason) = perhaps_allowed {
                return Ruling::Unknown(reason);
            }
            let Some(user) = hit.first() else { continue };
            return Ruling::Denied { rule, user, all: hit.size() == flow.users.size() };
        } else if hit.size() == rest.size() {
            break;
        } else {
            rest = Cow::Owned(rest.minus(&hit));
        }
    }
    perhaps_dropped.map_or(Ruling::Allowed, Ruling::Unknown)
}

/// Whether `set` holds all of `part`, told without allocation where one range does.
fn covers(set: &Addrs, part: &Addrs) -> bool {
    let (Some(first), Some(last)) = (part.ranges().first(), part.ranges().last()) else { return true };
    set.ranges().iter().any(|r| r.0 <= first.0 && last.1 <= r.1)
}

/// Whether a rule is about a flow, the users' addresses aside.
enum Fit<'a> {
    No,
    Yes,
    Maybe(Cow<'a, str>),
}

fn fit<'a>(rule: &'a L3Rule, flow: &Flow<'_>) -> Fit<'a> {
    let (host, host_ports, user_ports) = if flow.answers {
        (&rule.source_cidr, &rule.source_port, &rule.destination_port)
    } else {
        (&rule.destination_cidr, &rule.destination_port, &rule.source_port)
    };
    let mut doubt = None;
    match host {
        Field::Known(set) if !set.value.contains(flow.host) => return Fit::No,
        Field::Opaque(o) => doubt = Some(Cow::Borrowed(&*o.reason)),
        _ => {}
    }
    let unsaid = || Cow::Borrowed("the resource states no `services`");
    match (&rule.protocol, flow.service) {
        (Field::Absent, _) => {}
        (Field::Opaque(o), _) => doubt = doubt.or(Some(Cow::Borrowed(&*o.reason))),
        (Field::Known(p), _) if p.value.eq_ignore_ascii_case("any") => {}
        (Field::Known(_), None) => doubt = doubt.or_else(|| Some(unsaid())),
        (Field::Known(p), Some(service)) => {
            let parts = p.value.split(['/', ',', '_']).map(|word| Protocol::parse(word.trim()));
            let mut known = true;
            let mut named = false;
            for part in parts {
                known &= part.is_some();
                named |= part == Some(service.protocol);
            }
            match (named, known) {
                (true, _) => {}
                (false, true) => return Fit::No,
                // icmp6 and the like: not what carries a service.
                (false, false) if p.value.to_ascii_lowercase().starts_with("icmp") => return Fit::No,
                (false, false) => doubt = doubt.or(Some(Cow::Borrowed("a firewall rule's protocol is not known"))),
            }
        }
    }
    match (host_ports, flow.service.and_then(|s| s.port)) {
        (Field::Known(ports), Some(port)) if !ports.value.contains(port) => return Fit::No,
        (Field::Known(ports), None) if !ports.value.is_any() => doubt = doubt.or_else(|| Some(unsaid())),
        (Field::Opaque(o), _) => doubt = doubt.or(Some(Cow::Borrowed(&*o.reason))),
        _ => {}
    }
    match user_ports {
        Field::Known(ports) if !ports.value.is_any() => {
            let clients = ephemeral();
            if !ports.value.meets(&clients) {
                return Fit::No;
            }
            if !clients.minus(&ports.value).is_empty() {
                doubt = doubt.or(Some(Cow::Borrowed("a firewall rule matches only some of the clients' ports")));
            }
        }
        Field::Opaque(o) => doubt = doubt.or(Some(Cow::Borrowed(&*o.reason))),
        _ => {}
    }
    doubt.map_or(Fit::Yes, Fit::Maybe)
}

/// The rule in neutral words for a proof, such as `deny tcp 192.168.100.0/24 -> 192.168.10.3:445`.
pub fn words(rule: &L3Rule) -> String {
    use std::fmt::Write as _;
    fn part<T: std::fmt::Display>(field: &Field<T>) -> String {
        match field {
            Field::Absent => "any".to_owned(),
            Field::Known(v) => v.value.to_string(),
            Field::Opaque(_) => "?".to_owned(),
        }
    }
    let mut text = format!("{} {} {}", rule.policy.value().map_or("?", |a| a.word()), part(&rule.protocol), part(&rule.source_cidr));
    if rule.source_port.value().is_some_and(|p| !p.is_any()) {
        let _ = write!(text, ":{}", part(&rule.source_port));
    }
    let _ = write!(text, " -> {}", part(&rule.destination_cidr));
    if rule.destination_port.value().is_some_and(|p| !p.is_any()) {
        let _ = write!(text, ":{}", part(&rule.destination_port));
    }
    text
}
