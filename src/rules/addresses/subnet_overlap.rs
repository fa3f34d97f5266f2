//! The client VPN subnet is in use elsewhere: in the site, or in another site of the organisation.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;

use crate::model::{NetworkKind, overlap};
use crate::rules::prelude::*;
use crate::rules::{Participation, SiteFacts};

/// See the page.
pub static RULE: Rule = Rule {
    id: "subnet-overlap",
    level: Level::Error,
    stage: Some(Stage::Route),
    docs: include_str!("subnet_overlap.md"),
    check,
    across: Some(across),
    ..Rule::USUAL
};

const SUBJECT: Subject = Subject::ClientVpn;

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    if cx.site.mx.is_absent() && cx.site.upstream.is_empty() {
        return; // nothing to compare with
    }
    let Some(pool) = cx.pool(out, SUBJECT) else { return };
    let (mut found, mut perhaps) = (false, None);
    let mut pair = |other: Ipv4Net, span: Span, doubt: Option<&str>, called: &dyn Fn() -> String| {
        if other.prefix_len() == 0 || !overlap(pool.value, other) {
            return;
        }
        if let Some(doubt) = doubt {
            perhaps.get_or_insert_with(|| doubt.to_owned());
        } else {
            found = true;
            report(out, pool, &Spanned::new(other, span), &called());
        }
    };
    let mut uplinks = &[][..];
    if let Some(mx) = cx.mx().map(|m| m.value) {
        for network in mx.networks() {
            // Listed there, the client VPN subnet itself takes part.
            if network.kind != NetworkKind::LocalVpn || network.net.trunc() != pool.value.trunc() {
                pair(network.net, network.span, network.doubt.map(|o| &*o.reason), &|| network.called());
            }
        }
        if let Some(any) = mx.anyconnect.value().filter(|a| a.enabled.value() != Some(&false))
            && let Some(subnet) = any.subnet.known()
        {
            let unsaid = any.enabled.is_absent().then_some("`[mx.anyconnect]` does not say whether it is `enabled`");
            let doubt = any.enabled.opaque().map(|o| &*o.reason).or(unsaid);
            pair(subnet.value, subnet.span, doubt, &|| "the AnyConnect subnet".to_owned());
        }
        uplinks = mx.uplinks.items();
        for uplink in uplinks {
            let named = uplink.value.interface.value().map(|interface| format!("uplink `{interface}`"));
            if let Some(subnet) = uplink.value.subnet.known() {
                let called = || named.as_ref().map_or_else(|| "an uplink's subnet".to_owned(), |name| format!("the subnet of {name}"));
                pair(subnet.value, subnet.span, None, &called);
            } else if let Some(ip) = uplink.value.ip.known() {
                // A subnet that is not stated holds this address all the same.
                let called = || named.as_ref().map_or_else(|| "an uplink's address".to_owned(), |name| format!("the address of {name}"));
                pair(ip.value.into(), ip.span, None, &called);
            }
        }
    }
    for device in &cx.site.upstream {
        for lan in device.lan_subnets.items() {
            // The network between both is the uplink's, and named once.
            if !uplinks.iter().any(|u| u.value.subnet.value().is_some_and(|s| s.trunc() == lan.value.trunc())) {
                pair(lan.value, lan.span, None, &|| format!("the network behind `{}`", device.name.value));
            }
        }
    }
    if found {
        return;
    }
    match perhaps.or_else(|| unknown(cx)) {
        Some(reason) => out.undecided(SUBJECT, reason),
        None => out.holds(SUBJECT),
    }
}

/// What may hold an overlap that was not seen.
fn unknown(cx: &Context<'_>) -> Option<String> {
    if let Some(reason) = cx.site.networks_unknown() {
        return Some(reason.into_owned());
    }
    if let Some(gap) = cx.site.gap(&[Part::Upstreams]) {
        return Some(gap.reason.clone());
    }
    let mx = cx.mx()?.value;
    let opaque = mx.uplinks.opaque().or_else(|| mx.uplinks.items().iter().find_map(|u| u.value.subnet.opaque()));
    let opaque = opaque.or_else(|| mx.anyconnect.opaque()).or_else(|| mx.anyconnect.value().and_then(|a| a.subnet.opaque()));
    opaque.or_else(|| cx.site.upstream.iter().find_map(|d| d.lan_subnets.opaque())).map(|o| o.reason.to_string())
}

/// How the client VPN subnet lies to the other network: the words of the message, and of the other side's label.
fn relation(pool: Ipv4Net, other: Ipv4Net) -> (&'static str, &'static str) {
    match pool.prefix_len().cmp(&other.prefix_len()) {
        std::cmp::Ordering::Equal => ("is the same as", "the same network"),
        std::cmp::Ordering::Greater => ("lies within", "holds the client VPN subnet"),
        std::cmp::Ordering::Less => ("holds", "within the client VPN subnet"),
    }
}

/// The longer prefix is what both use.
fn shared(a: Ipv4Net, b: Ipv4Net) -> Ipv4Net {
    if a.prefix_len() >= b.prefix_len() { a.trunc() } else { b.trunc() }
}

const HELP: &str = "choose a subnet that is used nowhere else under Security & SD-WAN > Configure > Client VPN > Subnet, and compare with Addressing & VLANs and Site-to-site VPN";

fn report(out: &mut Out<'_>, pool: &Spanned<Ipv4Net>, other: &Spanned<Ipv4Net>, called: &str) {
    let (relation, label) = relation(pool.value, other.value);
    let range = shared(pool.value, other.value);
    let finding = out.finding(format!("the client VPN subnet {relation} {called}: both use {range}"));
    out.violated(SUBJECT, finding.label(pool.span, "the client VPN subnet").label(other.span, label).help(HELP));
}

/// Networks of an organisation that are equal.
#[derive(Default)]
struct Group<'a> {
    /// Client VPN subnets that take part.
    pools: Vec<&'a SiteFacts>,
    /// Other subnets that take part.
    local: Vec<(&'a SiteFacts, Span, &'a str)>,
    /// Sites whose client VPN subnet takes part, or may.
    perhaps: Vec<usize>,
    /// Sites with any network here that takes part, or may.
    sites: BTreeSet<usize>,
}

fn across(cx: &Across<'_>, out: &mut Out<'_>) {
    let mut organizations = BTreeMap::<&str, Vec<&SiteFacts>>::new();
    for site in cx.sites {
        if let Some(organization) = &site.organization {
            organizations.entry(organization).or_default().push(site);
        }
    }
    for sites in organizations.values().filter(|s| s.len() > 1) {
        within_organization(sites, out);
    }
}

fn within_organization(sites: &[&SiteFacts], out: &mut Out<'_>) {
    let mut groups = BTreeMap::<Ipv4Net, Group<'_>>::new();
    for site in sites {
        if let Some(pool) = site.pool.filter(|_| site.pool_may_take_part()) {
            let group = groups.entry(pool.value.trunc()).or_default();
            group.perhaps.push(site.index);
            group.sites.insert(site.index);
            if site.pool_takes_part {
                group.pools.push(site);
            }
        }
        for (net, called) in &site.local {
            let group = groups.entry(net.value.trunc()).or_default();
            group.sites.insert(site.index);
            group.local.push((site, net.span, called));
        }
        for net in &site.perhaps {
            groups.entry(net.trunc()).or_default().sites.insert(site.index);
        }
    }
    let nets: Vec<Ipv4Net> = groups.keys().copied().collect();
    let groups: Vec<Group<'_>> = groups.into_values().collect();
    // Equal networks share a group, so that a subnet which every site has in common makes no pairs of its own.
    let (mut violated, mut doubtful) = (BTreeSet::new(), BTreeSet::new());
    let mut pairs: Vec<(usize, usize)> = crate::net::overlaps(&nets);
    pairs.extend((0..nets.len()).map(|n| (n, n)));
    pairs.sort_unstable();
    for (a, b) in pairs {
        let (one, other) = (&groups[a], &groups[b]);
        for (x, y) in [(one, other), (other, one)].into_iter().take(1 + usize::from(a != b)) {
            for site in &x.pools {
                for (owner, span, called) in y.local.iter().filter(|(owner, ..)| owner.index != site.index) {
                    violated.insert(site.index);
                    across_local(out, site, owner, *span, called, (nets[a], nets[b]));
                }
            }
            for site in x.perhaps.iter().filter(|s| y.sites.iter().any(|other| other != *s)) {
                doubtful.insert(*site);
            }
        }
        for (n, site) in one.pools.iter().enumerate() {
            for partner in other.pools.iter().skip(if a == b { n + 1 } else { 0 }).filter(|p| p.index != site.index) {
                violated.extend([site.index, partner.index]);
                across_pools(out, site, partner);
            }
        }
    }
    let unsure = sites.iter().filter(|s| s.networks_unknown).count();
    for site in sites.iter().filter(|s| s.pool.is_some() && s.pool_may_take_part() && !violated.contains(&s.index)) {
        let mut out = out.site(site.index);
        if site.vpn == Participation::Unknown {
            out.undecided(SUBJECT, format!("site `{}` states no `mx.site_to_site_vpn`", site.name));
        } else if doubtful.contains(&site.index) || unsure > usize::from(site.networks_unknown) {
            out.undecided(SUBJECT, "a site of the organization does not state which subnets take part in its `mx.site_to_site_vpn`");
        } else {
            out.holds(SUBJECT);
        }
    }
}

fn across_local(out: &mut Out<'_>, site: &SiteFacts, owner: &SiteFacts, span: Span, called: &str, nets: (Ipv4Net, Ipv4Net)) {
    let Some(pool) = site.pool else { return };
    let other = if nets.0 == pool.value.trunc() { nets.1 } else { nets.0 };
    let (relation, label) = relation(pool.value, other);
    let range = shared(pool.value, other);
    let message = format!("the client VPN subnet of site `{}` {relation} {called} of site `{}`: both use {range}", site.name, owner.name);
    let finding = out.finding(message).label_in(site.index, pool.span, "the client VPN subnet");
    out.violated(SUBJECT, finding.label_in(owner.index, span, label).help(HELP));
}

/// Of two client VPN subnets, the one of the later site is to change.
fn across_pools(out: &mut Out<'_>, one: &SiteFacts, other: &SiteFacts) {
    let (first, second) = if one.index < other.index { (one, other) } else { (other, one) };
    let (Some(theirs), Some(pool)) = (first.pool, second.pool) else { return };
    let (relation, label) = relation(pool.value, theirs.value);
    let range = shared(pool.value, theirs.value);
    let message = format!(
        "the client VPN subnet of site `{}` {relation} the client VPN subnet of site `{}`: both use {range}",
        second.name, first.name
    );
    let finding = out.finding(message).label_in(second.index, pool.span, "the client VPN subnet");
    out.violated(SUBJECT, finding.label_in(first.index, theirs.span, label).help(HELP));
}
