//! Firewalls in front of an MX, one file a format: mistakes seen in real files are found by the rules, their corrected twins are silent, and what holds for a whole export
//! holds for no part of one. The device is called `edge`.

use vpnlint::report::Report;

mod aws;
mod azure;
mod cisco;
mod fortios;
mod junos;
mod netfilter;
mod openwrt;
mod pf;
mod routeros;
mod unifi;
mod vyos;

/// Rules about a device that translates.
const RULES: &[&str] = &[
    "acl-not-applied",
    "dangling-reference",
    "esp-as-port",
    "l2tp-port-exposed",
    "upstream-blocks-cloud",
    "upstream-blocks-ike",
    "upstream-blocks-nat-t",
    "upstream-blocks-reply",
    "upstream-forward-elsewhere",
    "upstream-forward-missing",
    "upstream-forward-translates-port",
    "upstream-forward-wrong-protocol",
    "upstream-opens-itself",
    "upstream-rule-shadowed",
    "upstream-source-restricted",
    "upstream-terminates-ike",
];

/// Rules that find something about the device, each once.
fn found(report: &Report) -> Vec<&'static str> {
    let mut rules: Vec<_> = report.findings.iter().filter(|f| f.subject.name == "edge").map(|f| f.rule.id).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

/// Rules that are proved about the device.
fn holds(report: &Report) -> Vec<&'static str> {
    let rows = report.coverage.iter().flatten().filter(|row| row.subject.name == "edge" && row.undecided.is_none());
    rows.map(|row| row.rule.id).collect()
}
