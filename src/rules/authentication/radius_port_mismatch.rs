//! The MX asks a RADIUS server on another port than the server listens on.

use crate::rules::prelude::*;
use crate::rules::several::Several;

/// See the page.
pub static RULE: Rule = Rule {
    id: "radius-port-mismatch",
    level: Level::Error,
    stage: Some(Stage::PppAuth),
    docs: include_str!("radius_port_mismatch.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let mut verdict = Several::of(Subject::ClientVpn);
    for entry in cx.radius_servers(out) {
        let server = &entry.value;
        let (port, written) = match server.mx_port(entry.span) {
            Ok(port) => port,
            Err(o) => {
                verdict.undecided(o.reason.to_string());
                continue;
            }
        };
        let Some(listens) = verdict.known(&server.listen_port, || format!("{} states no `listen_port`", server.called())) else { continue };
        if listens.value == 0 {
            verdict.undecided(format!("{} listens on the port of its services file", server.called()));
            continue;
        }
        if port.value == listens.value {
            verdict.holds();
            continue;
        }
        let default = if written { "" } else { " (Dashboard default)" };
        let message = format!("the MX asks {} on port {}{default}, and it listens on {}", server.called(), port.value, listens.value);
        let label = if written { format!("port {}", port.value) } else { format!("Dashboard default: port {}", port.value) };
        let finding = out.finding(message).label(port.span, label).label(listens.span, format!("listens on {}", listens.value));
        let accounting = if [1813, 1646].contains(&port.value) { "this port is for accounting; " } else { "" };
        let help = format!(
            "{accounting}set the port under Security & SD-WAN > Configure > Client VPN > RADIUS servers to the one for authentication that the server listens on"
        );
        verdict.violated(out, finding.help(help));
    }
    verdict.finish(cx, out);
}
