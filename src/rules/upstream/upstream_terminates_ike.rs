//! A device in front of the MX ends IPsec itself on the address that clients connect to.

use std::net::Ipv4Addr;

use crate::model::upstream::{Device, EndPoint, Line, Nat};
use crate::rules::prelude::*;
use crate::rules::upstream_paths::Paths;
use crate::rules::upstream_verdicts::{lacks_mx, target_missing};

/// See the page.
pub static RULE: Rule = Rule {
    id: "upstream-terminates-ike",
    level: Level::Warning,
    stage: Some(Stage::ReachIke),
    other_stages: &[Stage::ReachNatt],
    docs: include_str!("upstream_terminates_ike.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    if lacks_mx(cx, out, |device| !device.terminates.is_absent()) {
        return;
    }
    let (Some(paths), Some(mx)) = (cx.paths(), cx.mx()) else { return };
    for (k, device) in paths.path.devices().iter().enumerate() {
        let subject = paths.subject(k);
        let ends = match &device.terminates {
            Field::Absent => continue, // nothing is known of it
            Field::Opaque(o) => {
                out.undecided(subject, o.reason.to_string());
                continue;
            }
            Field::Known(ends) => &ends.value,
        };
        if ends.is_empty() {
            cx.holds_in(out, &[subject.part()], subject);
            continue;
        }
        if paths.path.is_translated().is_none() {
            out.undecided(subject, target_missing(mx.value));
            continue;
        }
        let meets: Vec<_> = ends.iter().map(|end| (end, is_taken(end, device, sent_to(paths, k), paths))).collect();
        if let Some((end, _)) = meets.iter().find(|(_, taken)| *taken == Some(true)) {
            let finding = out
                .finding(format!("upstream `{}` ends IPsec itself on the address that the MX's clients connect to", device.name.value))
                .label(end.span, "IPsec ends here")
                .label_at(forward(device).map(|line| line.span), "forwarded to the MX")
                .help("switch the device's own IPsec off, move it to another address, or give the MX a public address of its own");
            out.violated(subject, finding);
        } else if meets.iter().any(|(_, taken)| taken.is_none()) {
            out.undecided(subject, format!("the WAN address of `{}` is not known (`wan_ip`)", device.name.value));
        } else {
            out.holds(subject);
        }
    }
}

/// The address that packets for the MX have when they reach the device `k`.
fn sent_to(paths: &Paths<'_>, k: usize) -> Option<Ipv4Addr> {
    let untouched = paths.path.devices()[..k].iter().all(|outer| outer.nat == Nat::Never);
    if untouched || paths.path.is_translated() == Some(false) {
        return paths.path.aim();
    }
    paths.device(k).wan_ip.value().copied()
}

/// Whether the end point takes what is sent to that address; none: not known.
fn is_taken(end: &EndPoint, device: &Device, sent_to: Option<Ipv4Addr>, paths: &Paths<'_>) -> Option<bool> {
    let own = match &end.address {
        Field::Known(address) => Some(address.value),
        Field::Opaque(_) => return None,
        Field::Absent => device.wan_ip.value().copied(),
    };
    match (own, sent_to) {
        (Some(own), Some(sent_to)) => Some(own == sent_to),
        // The device's own address is never the MX's, and else the one that it translates.
        _ if end.address.is_absent() => Some(paths.path.is_translated() == Some(true)),
        _ => None,
    }
}

/// The forward that is meant for the MX.
fn forward(device: &Device) -> Option<&Line> {
    device.forwards().map(|(line, _)| line).find(|line| line.enabled && (line.names_port(500) || line.names_port(4500)))
}
