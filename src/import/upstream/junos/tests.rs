use std::fmt::Write as _;

use super::*;
use crate::import::upstream::trial::{answers, verdict};
use crate::model::Field;
use crate::net::{Addrs, Path, Service};

mod brute;
mod corpus;
mod filters;
mod nat;
mod policies;
mod whole;

const HEAD: &str = "set version 21.4R3\nset system host-name edge\n";
const NAT: &str = "set security nat destination pool MX address 192.168.1.4/32\nset security nat destination rule-set IN from zone untrust\n\
    set security nat destination rule-set IN rule IKE match destination-address 203.0.113.10/32\nset security nat destination rule-set IN rule IKE match destination-port 500\n\
    set security nat destination rule-set IN rule IKE match destination-port 4500\nset security nat destination rule-set IN rule IKE match protocol udp\n\
    set security nat destination rule-set IN rule IKE then destination-nat pool MX\n";
const ZONES: &str =
    "set security zones security-zone untrust interfaces ge-0/0/0.0\nset security zones security-zone trust interfaces ge-0/0/1.0\n";
const TAIL: &str = "set interfaces ge-0/0/0 unit 0 family inet address 203.0.113.10/29\nset interfaces ge-0/0/1 unit 0 family inet address 192.168.1.1/24\n\
    set routing-options static route 0.0.0.0/0 next-hop 203.0.113.9\n";
const IN: &str = "security policies from-zone untrust to-zone trust policy";
const OUT: &str = "set security policies from-zone trust to-zone untrust policy all match source-address any\nset security policies from-zone trust to-zone untrust policy all match destination-address any\n\
    set security policies from-zone trust to-zone untrust policy all match application any\nset security policies from-zone trust to-zone untrust policy all then permit\n";

fn set(path: &str, parts: &str) -> String {
    parts.split(';').map(|part| format!("set {path} {}\n", part.trim())).collect()
}

/// A configuration with other forwards, policies and words.
fn config(nat: &str, policies: &str, more: &str) -> String {
    format!("{HEAD}{nat}{policies}{OUT}{ZONES}{more}{TAIL}")
}

/// A policy for what comes in.
fn policy(name: &str, parts: &str) -> String {
    let with = |word: &str, usual: &str| if parts.contains(word) { String::new() } else { format!("{usual};") };
    let usual = with("match source-address ", "match source-address any")
        + &with("match destination-address ", "match destination-address any")
        + &with("match application", "match application any");
    set(&format!("{IN} {name}"), &format!("{usual}{parts}"))
}

fn device(text: &str) -> Device {
    let (device, remarks, _) = read(text, 0);
    assert!(remarks.iter().all(|remark| remark.kind == RemarkKind::Dangling), "{remarks:?}\n{text}");
    device
}

/// The same configuration in braces.
fn braces(commands: &str) -> String {
    fn print(at: At<'_, '_>, depth: usize, text: &mut String) {
        for child in at.all() {
            let word = child.word().value;
            let word = if word.contains([' ', '{']) { format!("\"{word}\"") } else { word.to_owned() };
            let off = if child.is_off() { "inactive: " } else { "" };
            if child.all().next().is_none() {
                let _ = writeln!(text, "{}{off}{word};", "    ".repeat(depth));
            } else {
                let _ = writeln!(text, "{}{off}{word} {{", "    ".repeat(depth));
                print(child, depth + 1, text);
                let _ = writeln!(text, "{}}}", "    ".repeat(depth));
            }
        }
    }
    let tree = config_tree::read(commands, 0, DIALECT);
    let mut text = "## Last commit: today\n".to_owned();
    print(tree.root(), 0, &mut text);
    text
}

/// What becomes of a packet, which both forms agree about.
fn told(text: &str, service: Service) -> String {
    let told = verdict(&device(text), service);
    assert_eq!(told, verdict(&device(&braces(text)), service), "{text}");
    told
}

fn ike(text: &str) -> String {
    told(text, Service::IKE)
}
