//! What users need lies behind the site-to-site VPN, in which the client VPN subnet takes no part.

use crate::model::NetworkKind;
use crate::model::routing::{Server, TakesPart, server_list};
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "client-subnet-not-in-vpn",
    level: Level::Error,
    stage: Some(Stage::Route),
    docs: include_str!("client_subnet_not_in_vpn.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let Some(mx) = cx.site.mx.value().filter(|_| !cx.site.client_vpn.is_absent()) else { return };
    if let Some(section) = cx.client_vpn() {
        judge(cx, out, mx, Subject::ClientVpn, section.value.servers_in_use());
    }
    for (subject, client) in cx.clients() {
        judge(cx, out, mx, subject, server_list("resolver", &client.dns_nameservers));
    }
    for (subject, resource) in cx.resources() {
        judge(cx, out, mx, subject, vec![(format!("resource `{}`", resource.name.value.shown()), resource.ip.clone())]);
    }
}

fn judge(cx: &Context<'_>, out: &mut Out<'_>, mx: &Mx, subject: Subject, targets: Vec<Server>) {
    let vpn = mx.site_to_site_vpn.value();
    let (mut remote, mut doubt) = (Vec::new(), None);
    for (called, ip) in targets {
        let ip = match ip {
            Field::Known(ip) => ip,
            Field::Opaque(o) => {
                // It can only matter where there is another side.
                doubt = doubt.or_else(|| mx.remote_networks().next().map(|_| o.reason.to_string()));
                continue;
            }
            Field::Absent => continue,
        };
        if cx.site.is_on_the_internet(ip.value) {
            continue;
        }
        match cx.site.network_of(ip.value) {
            Some(network) if network.is_default_route() && network.kind.is_behind_vpn() => {
                doubt = doubt.or_else(|| Some(format!("only the default route of {} leads to {}", network.called(), ip.value)));
            }
            Some(network) if network.kind == NetworkKind::Remote => remote.push((called, ip, network)),
            Some(network) if network.kind == NetworkKind::Peer => {
                doubt = doubt
                    .or_else(|| Some(format!("whether {} answers to the client VPN subnet is the peer's setting", peer(network.name))));
            }
            Some(_) => {}
            None => doubt = doubt.or_else(|| mx.remote_networks_unknown()),
        }
    }
    let Some((called, _, network)) = remote.first() else {
        if let Some(doubt) = doubt {
            out.undecided(subject, doubt);
        }
        return;
    };
    let Some(pool) = cx.pool(out, subject) else { return };
    let (span, label) = match vpn.map(|vpn| vpn.takes_part(pool.value)) {
        None => return,
        Some(TakesPart::Yes) => {
            match doubt {
                Some(doubt) => out.undecided(subject, doubt),
                None => out.holds(subject),
            }
            return;
        }
        Some(TakesPart::Unknown(reason)) => {
            out.undecided(subject, reason);
            return;
        }
        Some(TakesPart::SwitchedOff(span)) => (span, "client VPN subnet is left out"),
        Some(TakesPart::NotListed(span)) => (span, "the client VPN subnet is missing"),
    };
    let site = network.name.map_or_else(|| "another site".to_owned(), |name| format!("site `{name}`"));
    let mut finding = out.finding(format!("{called} is at {site}, and the client VPN subnet takes no part in the site-to-site VPN"));
    for (_, ip, _) in &remote {
        finding = finding.label(ip.span, "behind the site-to-site VPN");
    }
    finding = finding.label(network.span, "the other site's subnet");
    let finding = finding.label(span, label).label(pool.span, "the client VPN subnet");
    cx.absent(out, subject, finding.help("set the client VPN subnet to \"Enabled\" under Security & SD-WAN > Configure > Site-to-site VPN > VPN settings > Local networks"));
}

fn peer(name: Option<&str>) -> String {
    name.map_or_else(|| "the third-party peer".to_owned(), |name| format!("the third-party peer `{name}`"))
}
