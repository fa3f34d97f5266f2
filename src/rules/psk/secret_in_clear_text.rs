//! A key or RADIUS secret stands literally in a file.

use std::collections::HashSet;

use crate::model::{Key, KeyOrigin};
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "secret-in-clear-text",
    level: Level::Warning,
    docs: include_str!("secret_in_clear_text.md"),
    params: &[Param::Grade(&PROFILE)],
    check,
    even_when_off: true,
    ..Rule::USUAL
};

/// Exported profiles, and the files of RADIUS servers, hold the key because their format needs it.
static PROFILE: Grade =
    Grade { name: "profile", doc: "level for keys in exported client profiles and in the files of RADIUS servers", default: Level::Advice };

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let mut seen = HashSet::new();
    if let Some(vpn) = cx.client_vpn() {
        place(out, Subject::ClientVpn, "the pre-shared key of client VPN", &vpn.value.shared_secret, &mut seen);
        if let Some(o) = vpn.value.radius_servers.opaque() {
            out.undecided(Subject::ClientVpn, o.reason.to_string());
        }
        for server in vpn.value.radius_servers.items() {
            for secret in server.value.secrets() {
                place(out, Subject::ClientVpn, "a RADIUS secret", secret, &mut seen);
            }
        }
    }
    for peer in cx.mx().map_or(&[][..], |mx| mx.value.third_party_vpn_peers.items()) {
        place(out, Subject::Mx, "the key of a third-party VPN peer", &peer.value.secret, &mut seen);
    }
    for (subject, client) in cx.clients() {
        place(out, subject, &format!("the pre-shared key of client `{}`", client.name.value), &client.pre_shared_key, &mut seen);
    }
}

fn place(out: &mut Out<'_>, subject: Subject, what: &str, field: &Field<Key>, seen: &mut HashSet<Span>) {
    let key = match field {
        Field::Known(key) if key.value.secret.is_empty() || seen.contains(&key.span) => return,
        Field::Known(key) => key,
        Field::Opaque(o) => return out.undecided(subject, o.reason.to_string()),
        Field::Absent => return,
    };
    seen.insert(key.span);
    let finding = out.finding(format!("{what} stands in clear text")).label(key.span, "in clear text");
    match key.value.origin {
        KeyOrigin::Elsewhere => out.holds(subject),
        KeyOrigin::Configuration => out.violated(
            subject,
            finding.help("keep it out of the file: in a site file write `{ env = \"VPNLINT_…\" }` or `{ file = \"…\" }`; change it if others could read the file"),
        ),
        KeyOrigin::Profile("freeradius-clients" | "nps-xml") => out.violated(
            subject,
            out.graded(finding, &PROFILE).help("the server needs it in its file: keep the file out of shared folders and repositories"),
        ),
        KeyOrigin::Profile(_) => out.violated(
            subject,
            out.graded(finding, &PROFILE).help("the format needs the key: hand the profile out by device management, and keep it out of shared folders and repositories"),
        ),
    }
}
