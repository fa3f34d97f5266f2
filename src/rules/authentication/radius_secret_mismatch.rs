//! The MX's RADIUS secret is another than the one in the server's client entry.

use crate::model::Key;
use crate::model::radius::RadiusSources;
use crate::rules::prelude::*;
use crate::rules::several::Several;

/// See the page.
pub static RULE: Rule = Rule {
    id: "radius-secret-mismatch",
    level: Level::Error,
    stage: Some(Stage::PppAuth),
    docs: include_str!("radius_secret_mismatch.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let mut verdict = Several::of(Subject::ClientVpn);
    let servers = cx.radius_servers(out);
    let sources = cx.mx().map_or_else(RadiusSources::default, |mx| mx.value.radius_sources());
    for server in servers {
        let server = &server.value;
        let called = server.called();
        let Some(ours) = verdict.known(&server.secret, || format!("{called} states no `secret`")) else { continue };
        if verdict.known(&server.clients, || format!("{called} states no `clients`")).is_none() {
            continue;
        }
        let entries = server.entries_for(&sources);
        let known: Vec<&Spanned<Key>> = entries.iter().filter_map(|e| e.value.secret.known()).collect();
        let (same, differ): (Vec<_>, Vec<_>) = known.into_iter().partition(|k| k.value.secret.same_as(&ours.value.secret));
        let unread = entries.iter().find(|e| e.value.secret.known().is_none());
        match (unread, same.is_empty(), differ.first()) {
            (Some(entry), ..) => {
                verdict.undecided(entry.value.secret.opaque().map_or("a client entry states no `secret`", |o| &*o.reason).to_owned());
            }
            (None, true, Some(theirs)) => {
                let near =
                    ours.value.secret.near_miss(&theirs.value.secret).map_or_else(String::new, |n| n.told("the MX's", "the server's"));
                let help = format!(
                    "{near}type one secret on both sides: Security & SD-WAN > Configure > Client VPN > RADIUS servers, and the server's client entry for the MX"
                );
                let finding = out
                    .finding(format!("the MX's secret for {called} is not the one in the server's client entry"))
                    .label(ours.span, "differs");
                let finding = differ.iter().take(3).fold(finding, |f, k| f.label(k.span, "from the server's client entry"));
                verdict.violated(out, finding.help(help));
            }
            (None, false, None) => verdict.holds(),
            (None, false, Some(_)) => verdict.undecided("which client entry the server takes for the MX is not known"),
            (None, true, None) => {} // radius-client-missing speaks of it
        }
    }
    verdict.finish(cx, out);
}
