//! Juniper SRX: `show configuration`, in braces or as commands (`| display set`).
//!
//! A packet meets the filter of the interface that it comes in by, static NAT, destination NAT, the route, then the policies between its two zones and the
//! global ones, and on its way out the other interface's filter (Juniper, KB16110 and "Flow-Based Processing"; "Understanding Destination NAT Rules"). So
//! policies see the translated destination, and filters on the way in do not. Policies remember flows, filters do not.

mod applications;
mod books;
mod filters;
mod interfaces;
mod nat;
mod policies;
#[cfg(test)]
mod tests;
mod whole;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use super::config_tree::{self, At, Dialect};
use super::{Remark, RemarkKind};
use crate::model::Opaque;
use crate::model::upstream::{ChainId, Device};
use crate::source::{Span, Spanned};
use applications::Applications;
use books::Books;
use interfaces::Port;

const DIALECT: Dialect = Dialect { semicolons: true, shows: words::shows };

/// What is gathered besides the device.
struct Reader<'a, 't> {
    root: At<'a, 't>,
    device: Device,
    remarks: Vec<Remark>,
    told: BTreeSet<(u32, u32)>,
    books: Books<'a, 't>,
    applications: Applications<'a, 't>,
    ports: Vec<Port<'t>>,
    by_name: BTreeMap<Box<str>, usize>,
    filters: BTreeMap<&'t str, ChainId>,
    /// How many lines were made: rules are told apart by application.
    made: usize,
}

/// Reads a whole configuration, or a part of it. The device's name is left empty. The spans are places that must never be shown.
pub fn read(text: &str, base: u32) -> (Device, Vec<Remark>, Vec<Span>) {
    let tree = config_tree::read(text, base, DIALECT);
    let reader = Reader {
        root: tree.root(),
        device: Device::default(),
        remarks: tree.remarks.clone(),
        told: BTreeSet::new(),
        books: Books::of(tree.root()),
        applications: Applications::of(tree.root()),
        ports: Vec::new(),
        by_name: BTreeMap::new(),
        filters: BTreeMap::new(),
        made: 0,
    };
    let (device, remarks) = reader.whole(&tree);
    (device, remarks, tree.hidden)
}

/// Whether a text looks like a configuration of Junos.
pub fn detect(text: &str) -> bool {
    let mut sections = 0;
    for line in text.lines().map(str::trim) {
        let command = line
            .split_once("set ")
            .filter(|(front, _)| front.is_empty() || front.contains('@') && front.ends_with("# "))
            .map(|(_, path)| path);
        let begins = |words: &str| command.is_some_and(|path| path.starts_with(words));
        if ["security nat ", "security policies ", "security zones ", "security address-book ", "firewall family inet "]
            .into_iter()
            .any(begins)
        {
            return true;
        }
        if begins("interfaces ") && line.contains(" unit ") && line.contains(" family ") {
            return true;
        }
        sections += usize::from(
            line.starts_with("## Last c")
                || matches!(line, "security {" | "policies {" | "zones {" | "host-inbound-traffic {" | "family inet {"),
        );
        if sections > 1 {
            return text.lines().any(|line| line.trim_end().ends_with(';') || line.contains("; ##"));
        }
    }
    false
}

impl Reader<'_, '_> {
    fn remark(&mut self, span: Span, message: &str, kind: RemarkKind) {
        if self.told.insert((span.start, span.end)) {
            self.remarks.push(Remark { span, message: message.into(), kind });
        }
    }
}

fn opaque(span: Span, reason: &str) -> Opaque {
    Opaque { span, reason: reason.into() }
}

/// Keys and values that stand one behind the other (`protocol udp destination-port 500`), in one statement or in several.
fn pairs<'t>(at: At<'_, 't>) -> Vec<(&'t str, Spanned<&'t str>)> {
    let mut found = Vec::new();
    let mut open = vec![at];
    while let Some(at) = open.pop() {
        for key in at.children() {
            for value in key.children() {
                found.push((key.word().value, value.word()));
                open.push(value);
            }
        }
    }
    found
}
