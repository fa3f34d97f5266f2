//! The MX cannot reach the Meraki cloud, or cannot resolve its name.

use std::net::Ipv4Addr;

use crate::model::AuthType;
use crate::net::{Addrs, Answer, Fault, Service};
use crate::rules::prelude::*;
use crate::rules::upstream_paths::Paths;
use crate::rules::upstream_verdicts::{paths, word};

/// See the page.
pub static RULE: Rule = Rule {
    id: "upstream-blocks-cloud",
    level: Level::Warning,
    stage: Some(Stage::PppAuth),
    docs: include_str!("upstream_blocks_cloud.md"),
    params: &[Param::Grade(&CUTS_OFF)],
    check,
    ..Rule::USUAL
};

const DNS: Service = Service::udp(53);

/// Users whom the Meraki cloud lets in are then cut off.
static CUTS_OFF: Grade =
    Grade { name: "meraki_users", doc: "level where users of Meraki authentication are cut off", default: Level::Error };

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let Some(paths) = paths(cx, out) else { return };
    let resolvers = Resolvers::of(cx);
    let everyone = Addrs::public();
    let mut answers = vec![paths.path.leaves(Service::HTTPS, &everyone), paths.path.leaves(Service::MERAKI_CLOUD, &everyone)];
    // With known resolvers, one that can be reached is enough; one on this side of the internet may be enough, too.
    let dns = (resolvers.public.is_some() || !resolvers.is_private)
        .then(|| paths.path.leaves(DNS, resolvers.public.as_ref().unwrap_or(&everyone)))
        .filter(|dns| !(resolvers.is_private && dns.fault().is_some()));
    let unsure = dns.is_none();
    answers.extend(dns);
    if answers.iter().any(|answer| answer.fault().is_some()) {
        report(cx, out, paths, &answers);
        return;
    }
    if let Some(doubt) = answers.iter().find_map(Answer::doubt) {
        let device = paths.device(doubt.device);
        if !device.exported && device.outbound.is_absent() {
            let reason = format!("the site file states no rule with `direction = \"out\"` for `{}`", device.name.value);
            out.undecided(paths.subject(doubt.device), reason);
        } else {
            paths.undecided(out, doubt);
        }
        return;
    }
    let enough = |service: Service| resolvers.public.is_some() && service == DNS;
    if let Some((answer, partly)) = answers.iter().filter(|a| !enough(a.service)).find_map(|a| Some((a, a.restriction()?))) {
        let device = &paths.device(partly.fault.device()).name.value;
        let reason =
            format!("`{device}` lets {} leave to some addresses only, and which ones the MX needs is not in the files", answer.service);
        out.undecided(paths.subject(partly.fault.device()), reason);
    } else if unsure {
        out.undecided(paths.subject(0), "the MX asks a resolver on this side of the internet, and whether it answers is not in the files");
    } else {
        paths.all_hold(cx, out);
    }
}

/// The resolvers that the MX itself asks.
struct Resolvers {
    /// Public ones; none: not stated.
    public: Option<Addrs>,
    /// One is not public: it stands before the way out, or somewhere along it.
    is_private: bool,
}

impl Resolvers {
    fn of(cx: &Context<'_>) -> Self {
        let uplink = cx.mx().and_then(|mx| mx.value.primary_uplink());
        let stated: Vec<Ipv4Addr> = uplink.map_or(&[][..], |u| u.value.dns_nameservers.items()).iter().map(|s| s.value).collect();
        let everyone = Addrs::public();
        let is_private = stated.iter().any(|ip| !everyone.contains(*ip));
        let ranges = stated.iter().filter(|ip| everyone.contains(**ip)).map(|ip| (u32::from(*ip), u32::from(*ip))).collect::<Vec<_>>();
        Self { public: (!ranges.is_empty()).then(|| Addrs::from_ranges(ranges)), is_private }
    }
}

/// One finding for each line that drops something.
fn report(cx: &Context<'_>, out: &mut Out<'_>, paths: &Paths<'_>, answers: &[Answer<'_>]) {
    let failed: Vec<(&Answer<'_>, &Fault<'_>, Span)> = answers
        .iter()
        .filter_map(|answer| {
            let fault = answer.fault()?;
            Some((answer, fault, fault.span().unwrap_or_else(|| paths.path.device_span(fault.device()))))
        })
        .collect();
    let meraki = cx.client_vpn().is_some_and(|vpn| vpn.value.auth_type.value() == Some(&AuthType::Meraki));
    for (n, (answer, fault, span)) in failed.iter().enumerate() {
        if failed[..n].iter().any(|(_, _, earlier)| earlier == span) {
            continue;
        }
        let same: Vec<Service> = failed[n..].iter().filter(|(_, _, other)| other == span).map(|(a, ..)| a.service).collect();
        let device = paths.device(fault.device());
        let cuts = meraki && (same.contains(&Service::HTTPS) || same.contains(&DNS));
        let finding = out
            .finding(format!("upstream `{}` keeps the MX from {}", device.name.value, what(&same)))
            .label(*span, format!("drops {}", list(&same)))
            .help(
                "permit TCP 443, UDP 7351 and DNS (UDP 53) from the MX outwards; the Dashboard lists addresses under Help > Firewall info",
            )
            .proof(answer.witness().map(|w| Proof::of(word(fault), w)));
        let finding = if cuts { out.graded(finding, &CUTS_OFF) } else { finding };
        cx.by_fault(out, paths.subject(fault.device()), fault, finding);
    }
}

fn what(services: &[Service]) -> String {
    let aim = if services.iter().all(|service| *service == DNS) { "its resolvers" } else { "the Meraki cloud" };
    format!("{aim} ({})", list(services))
}

/// `TCP 443, UDP 53`.
fn list(services: &[Service]) -> String {
    let words: Vec<String> = services.iter().map(|s| s.to_string().to_uppercase()).collect();
    if words.len() > 2 { "what the cloud needs".to_owned() } else { words.join(", ") }
}
