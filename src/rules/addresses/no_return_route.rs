//! A resource with several network cards sends its answers to client VPN users the wrong way.

use crate::model::WayBack;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "no-return-route",
    level: Level::Error,
    stage: Some(Stage::Route),
    docs: include_str!("no_return_route.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    for (subject, resource) in cx.resources() {
        if let Some(o) = resource.interfaces.opaque() {
            out.undecided(subject, o.reason.to_string());
            continue;
        }
        if resource.interfaces.items().len() < 2 {
            continue;
        }
        let Some(pool) = cx.pool(out, subject) else { continue };
        let name = resource.name.value.shown();
        let part = |all: bool| if all { "" } else { "part of " };
        let finding = match resource.way_back(cx.site, pool.value) {
            WayBack::Lan => {
                cx.holds_whole(out, subject);
                continue;
            }
            WayBack::Unknown(reason) => {
                out.undecided(subject, reason);
                continue;
            }
            WayBack::Elsewhere(gateway, all) => {
                let message =
                    format!("`{name}` sends answers for {}the client VPN subnet to {}, not to its LAN gateway", part(all), gateway.value);
                out.finding(message).label(gateway.span, "not the LAN gateway")
            }
            WayBack::Nowhere(all) => {
                let finding = out.finding(format!("`{name}` has no route to {}the client VPN subnet", part(all)));
                finding.label_at(resource.routes.span(), "no route to the subnet")
            }
        };
        let gateway = resource.lan_interface(cx.site).map(|lan| &lan.gateway);
        let finding = finding.label(pool.span, "answers must go here");
        let finding = finding.label_at(gateway.and_then(Field::span), "the LAN gateway");
        let via = gateway.and_then(Field::value).map_or_else(|| "the MX's address in its VLAN".to_owned(), ToString::to_string);
        let help = format!(
            "add a lasting route to {} through {via} on the resource (`route -p add` on Windows), and leave one default gateway",
            pool.value.trunc()
        );
        // A route that could not be read may be the better one.
        cx.absent(out, subject, finding.help(help));
    }
}
