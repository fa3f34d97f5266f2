//! The MX has no way to a server that checks users.

use crate::model::placement::ServerPlace;
use crate::model::{AuthType, Host};
use crate::rules::prelude::*;
use crate::rules::several::Several;

/// See the page.
pub static RULE: Rule = Rule {
    id: "auth-server-unreachable",
    level: Level::Error,
    stage: Some(Stage::PppAuth),
    docs: include_str!("auth_server_unreachable.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let mut verdict = Several::of(Subject::ClientVpn);
    let vpn = cx.site.client_vpn.value();
    let radius = vpn.is_some_and(|vpn| vpn.radius_servers.opaque().is_some() || !vpn.radius_servers.items().is_empty());
    let hosts: Vec<(&Field<Host>, Kind)> = match (vpn.and_then(|vpn| vpn.auth_type.value()), radius) {
        (Some(AuthType::ActiveDirectory), _) | (None, false) => {
            cx.domain_controllers(out).iter().map(|s| (&s.value.host, Kind::Controller)).collect()
        }
        _ => cx.radius_servers(out).iter().map(|s| (&s.value.host, Kind::Radius)).collect(),
    };
    for (host, kind) in hosts {
        if let Some(host) = verdict.known(host, || format!("a {} states no `host`", kind.word())) {
            one(cx, out, &mut verdict, host, kind);
        }
    }
    verdict.finish(cx, out);
}

/// What checks users.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The MX asks it wherever it has a way to.
    Radius,
    /// Meraki wants it in a VLAN, behind a static route or across the VPN (docs: Active Directory integration).
    Controller,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Radius => "RADIUS server",
            Self::Controller => "domain controller",
        }
    }
}

fn one(cx: &Context<'_>, out: &mut Out<'_>, verdict: &mut Several, host: &Spanned<Host>, kind: Kind) {
    let called = format!("{} `{}`", kind.word(), host.value);
    let Some(ip) = cx.site.address_of(&host.value) else {
        let missing = if host.value.name().is_some() { "is not stated" } else { "is IPv6, and the networks stated are IPv4" };
        return verdict.undecided(format!("the address of {called} {missing}"));
    };
    let anywhere = kind == Kind::Radius;
    let place = cx.site.server_place(ip);
    match place {
        ServerPlace::Inside => return verdict.holds(),
        ServerPlace::Wan | ServerPlace::Internet if anywhere => return verdict.holds(),
        ServerPlace::Bridge => {
            return verdict.undecided("the MX is in passthrough mode, and the routers around it decide who reaches the server");
        }
        ServerPlace::Upstream(device) if anywhere => {
            return verdict.undecided(format!("{called} is in a network of upstream device `{device}`, in front of the MX"));
        }
        _ => {}
    }
    if let Some(why) = cx.site.networks_unknown() {
        return verdict.undecided(why.into_owned());
    }
    let finding = out.finding(format!("{called} is in no VLAN, static route or VPN of the MX"));
    let finding = finding.label(host.span, "in no network of the MX");
    let off = cx.mx().and_then(|mx| mx.value.route_switched_off(ip));
    let help = match off {
        Some(_) => {
            "switch the static route on under Security & SD-WAN > Configure > Addressing & VLANs, or name a server that the MX has a way to"
        }
        None => {
            "compare the address under Security & SD-WAN > Configure > Client VPN with Addressing & VLANs and Site-to-site VPN, or add a static route to it"
        }
    };
    let finding = match (place, off) {
        (_, Some(route)) => finding.label(route, "this route is switched off"),
        (ServerPlace::Pool(pool), None) => finding.label(pool, "only clients are here"),
        _ => finding.label_at(cx.mx().map(|mx| mx.value.vlans.span().unwrap_or(mx.span)), "the networks of the MX"),
    };
    verdict.violated(out, finding.help(help));
}
