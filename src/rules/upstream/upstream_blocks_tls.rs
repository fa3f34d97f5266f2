//! AnyConnect is on, and its port does not arrive at the MX.

use crate::net::{Fault, Service};
use crate::rules::prelude::*;
use crate::rules::upstream_verdicts::{paths, word};

/// See the page.
pub static RULE: Rule =
    Rule { id: "upstream-blocks-tls", level: Level::Warning, docs: include_str!("upstream_blocks_tls.md"), check, ..Rule::USUAL };

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let Some(anyconnect) = cx.mx().and_then(|mx| mx.value.anyconnect.known()) else { return };
    if anyconnect.value.enabled.value() == Some(&false) {
        return;
    }
    let Some(paths) = paths(cx, out) else { return };
    if anyconnect.value.enabled.is_absent() {
        out.undecided(paths.subject(0), "`[mx.anyconnect]` does not say whether it is `enabled`");
        return;
    }
    if let Some(opaque) = anyconnect.value.enabled.opaque().or_else(|| anyconnect.value.port.opaque()) {
        out.undecided(paths.subject(0), opaque.reason.to_string());
        return;
    }
    let port = anyconnect.value.port.value().copied().unwrap_or(443);
    let answer = paths.path.arrives(Service::tcp(port));
    let Some((fault, device, place)) = paths.stopped(cx, out, &answer) else { return };
    let name = &device.name.value;
    let (message, label) = match fault {
        _ if answer.restriction().is_some() => {
            (format!("upstream `{name}` lets only some addresses reach AnyConnect on TCP {port}"), "admits some addresses only".to_owned())
        }
        Fault::Dropped { .. } => (format!("upstream `{name}` drops TCP {port}, which AnyConnect needs"), format!("drops TCP {port}")),
        Fault::NoForward { .. } => {
            (format!("upstream `{name}` does not forward TCP {port}, which AnyConnect needs"), format!("no forward for TCP {port}"))
        }
        Fault::PortTranslated { to, .. } => (
            format!("upstream `{name}` forwards TCP {port} to another port, which AnyConnect does not use"),
            format!("arrives on port {to}"),
        ),
        Fault::Elsewhere { .. } | Fault::WrongProtocol { .. } => {
            (format!("upstream `{name}` forwards TCP {port} to another host than the MX"), "goes elsewhere".to_owned())
        }
    };
    let finding = out
        .finding(message)
        .label(place, label)
        .label_at(anyconnect.value.enabled.span(), "AnyConnect is on")
        .help(format!(
            "forward and permit TCP {port} to the MX from everywhere, or switch AnyConnect off (Security & SD-WAN > Configure > Client VPN)"
        ))
        .proof(answer.witness().map(|w| Proof::of(word(fault), w)));
    cx.by_fault(out, paths.subject(fault.device()), fault, finding);
}
