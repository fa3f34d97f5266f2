//! No client entry of a RADIUS server is for the MX.

use crate::model::radius::{Covered, RadiusSources};
use crate::rules::prelude::*;
use crate::rules::several::Several;

/// See the page.
pub static RULE: Rule = Rule {
    id: "radius-client-missing",
    level: Level::Error,
    stage: Some(Stage::PppAuth),
    docs: include_str!("radius_client_missing.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let mut verdict = Several::of(Subject::ClientVpn);
    let servers = cx.radius_servers(out);
    let unstated = || RadiusSources { unknown: Some("the site file has no `[mx]` section".into()), ..RadiusSources::default() };
    let sources = cx.mx().map_or_else(unstated, |mx| mx.value.radius_sources());
    for server in servers.iter().map(|s| &s.value) {
        let Some(clients) = verdict.known(&server.clients, || format!("{} states no `clients`", server.called())) else { continue };
        match server.covers(&sources) {
            Covered::Yes => verdict.holds(),
            Covered::Unknown(why) => verdict.undecided(why.into_owned()),
            Covered::No => {
                let finding = out.finding(format!("{} has no client entry for the MX", server.called()));
                let finding = finding.label(clients.span, "none covers the MX");
                let finding = sources.own.iter().take(3).fold(finding, |f, own| f.label(own.span, "the MX may ask from here"));
                let help = "add a client entry on the server with the address that its log shows for the MX, and the secret from Security & SD-WAN > Configure > Client VPN";
                verdict.absent(cx, out, finding.help(help));
            }
        }
    }
    verdict.finish(cx, out);
}
