use std::fmt::Write as _;

use super::*;
use crate::import::upstream::trial::{answers, verdict};
use crate::model::Field;
use crate::net::Service;

mod brute;
mod corpus;
mod edge;
mod filter;
mod nat;
mod whole;

/// Interfaces of both systems, without their rule sets.
const PORTS: &str = "set interfaces ethernet eth0 address '203.0.113.10/29'\nset interfaces ethernet eth1 address '192.168.1.1/24'\n";
/// What every configuration ends with.
const SYSTEM: &str = "set system host-name 'edge'\nset system time-zone 'UTC'\n";
/// Forwards of both ports, for VyOS since 1.4.
const NAT: &str = "set nat destination rule 10 destination port '500,4500'\nset nat destination rule 10 inbound-interface name 'eth0'\n\
    set nat destination rule 10 protocol 'udp'\nset nat destination rule 10 translation address '192.168.1.4'\n";

/// A rule's commands from words: `rule 10 action accept; protocol udp`.
fn set(path: &str, parts: &str) -> String {
    parts.split(';').map(|part| format!("set {path} {}\n", part.trim())).collect()
}

/// A configuration of VyOS since 1.4 whose `forward filter` drops what these rules do not accept.
fn new(rules: &str) -> String {
    format!("set firewall ipv4 forward filter default-action 'drop'\n{rules}{PORTS}{NAT}{SYSTEM}")
}

/// A configuration of VyOS 1.3 with the rule set `WAN_IN` bound to eth0.
fn old(rules: &str) -> String {
    let nat = NAT.replace("inbound-interface name", "inbound-interface");
    format!(
        "set firewall name WAN_IN default-action 'drop'\n{rules}{PORTS}set interfaces ethernet eth0 firewall in name 'WAN_IN'\n{nat}{SYSTEM}"
    )
}

fn device(text: &str) -> Device {
    let (device, remarks, _) = read(text, 0);
    assert!(remarks.iter().all(|remark| remark.kind == RemarkKind::Dangling), "{remarks:?}");
    device
}

/// The same configuration in braces.
fn braces(commands: &str) -> String {
    fn print(at: At<'_, '_>, depth: usize, text: &mut String) {
        for child in at.children() {
            let word = child.word().value;
            let word = if word.contains(' ') { format!("\"{word}\"") } else { word.to_owned() };
            if child.children().next().is_none() {
                let _ = writeln!(text, "{}{word}", "    ".repeat(depth));
            } else {
                let _ = writeln!(text, "{}{word} {{", "    ".repeat(depth));
                print(child, depth + 1, text);
                let _ = writeln!(text, "{}}}", "    ".repeat(depth));
            }
        }
    }
    let tree = config_tree::read(commands, 0, DIALECT);
    let mut text = String::new();
    print(tree.root(), 0, &mut text);
    text
}

/// What becomes of IKE, which both forms agree about.
fn ike(text: &str) -> String {
    let told = verdict(&device(text), Service::IKE);
    assert_eq!(told, verdict(&device(&braces(text)), Service::IKE), "{text}");
    told
}
