//! What readers of a cloud's JSON share: lines of filters that stand around a virtual MX, and what of such a file may be shown.

use crate::import::client::names_secret;
use crate::model::upstream::{Chain, Device, Nat, Replies};
use crate::model::{Field, Opaque};
use crate::net::Addrs;
use crate::source::Span;
use crate::tree::{Entry, Kind, Node};

#[cfg(test)]
mod tests;

/// Deeper than this no key is looked for.
const DEPTH: usize = 64;

pub(super) fn opaque(span: Span, why: &str) -> Opaque {
    Opaque { span, reason: why.into() }
}

/// The entry of a key, whatever the case of its first letter: command-line tools and PowerShell write it differently.
pub(super) fn entry<'n, 'a>(node: &'n Node<'a>, key: &str) -> Option<&'n Entry<'a>> {
    node.entries()?.iter().find(|entry| entry.key.eq_ignore_ascii_case(key))
}

/// The value of a key that is there and not null.
pub(super) fn value<'n, 'a>(node: &'n Node<'a>, key: &str) -> Option<&'n Node<'a>> {
    entry(node, key).map(|entry| &entry.value).filter(|value| !matches!(value.kind, Kind::Null))
}

/// The text of a key.
pub(super) fn text<'n>(node: &'n Node<'_>, key: &str) -> Option<&'n str> {
    value(node, key)?.text()
}

/// The items of a key's list; one value is a list of one.
pub(super) fn list<'n, 'a>(node: &'n Node<'a>, key: &str) -> &'n [Node<'a>] {
    match value(node, key) {
        Some(value) => value.items().unwrap_or(std::slice::from_ref(value)),
        None => &[],
    }
}

/// A whole number, in quotation marks or not.
pub(super) fn number(node: &Node<'_>) -> Option<i64> {
    match &node.kind {
        Kind::Int(number) => Some(*number),
        Kind::Str(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Where a rule is labelled: the entry of its name or number.
pub(super) fn place(node: &Node<'_>, keys: &[&str]) -> Span {
    keys.iter().find_map(|key| entry(node, key)).map_or(node.head, |entry| entry.key_span.to(entry.value.span))
}

/// Addresses that are nobody's on the internet: instances are known to each other by these.
pub(super) fn inside() -> Addrs {
    Addrs::public().complement()
}

/// A filter around a virtual MX: it translates nothing, and ends nothing itself.
pub(super) fn filter(inward: Chain, outward: Option<Chain>, replies: Replies) -> Device {
    let mut device = Device { nat: Nat::Never, sees_inner: true, replies, ..Device::default() };
    let place = inward.span;
    let id = device.add(inward);
    device.forward = Field::known_at(vec![id], place);
    device.input = Field::known_at(Vec::new(), place);
    device.terminates = Field::known_at(Vec::new(), place);
    if let Some(outward) = outward {
        let place = outward.span;
        let id = device.add(outward);
        device.outbound = Field::known_at(vec![id], place);
    }
    device
}

/// A device of which a file does not settle anything.
pub(super) fn unsettled(mut device: Device, place: Span, why: &str) -> Device {
    device.nat = Nat::Never;
    device.sees_inner = true;
    device.forward = Field::opaque_at(place, why);
    device.outbound = Field::opaque_at(place, why);
    device.input = Field::opaque_at(place, why);
    device.terminates = Field::opaque_at(place, why);
    device
}

/// Every node with a key that fits, outermost first.
pub(super) fn find<'n, 'a>(node: &'n Node<'a>, fits: &impl Fn(&Node<'a>) -> bool, found: &mut Vec<&'n Node<'a>>) {
    find_at(node, fits, found, 0);
}

fn find_at<'n, 'a>(node: &'n Node<'a>, fits: &impl Fn(&Node<'a>) -> bool, found: &mut Vec<&'n Node<'a>>, depth: usize) {
    if depth > DEPTH {
        return;
    }
    if fits(node) {
        found.push(node);
        return;
    }
    for item in node.items().unwrap_or_default() {
        find_at(item, fits, found, depth + 1);
    }
    for entry in node.entries().unwrap_or_default() {
        find_at(&entry.value, fits, found, depth + 1);
    }
}

/// Everything but the given keys, their values and what holds the text together. It looks at words and not at the tree, so that a file that breaks off gives away as
/// little as a whole one.
pub(super) fn hidden(text: &str, base: u32, words: &[&str]) -> Vec<Span> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut hide = |from: usize, to: usize| {
        let mut at = from;
        for line in text[from..to].split_inclusive(['\n', '\r']) {
            let body = line.trim();
            if !body.is_empty() {
                let start = at + (line.len() - line.trim_start().len());
                found.push(Span::new(base + start as u32, base + (start + body.len()) as u32));
            }
            at += line.len();
        }
    };
    let mut open = false;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                let end = super::rows::closing(bytes, at + 1);
                let Some(end) = end else {
                    hide(at, text.len());
                    return found;
                };
                let word = &text[at + 1..end];
                let behind = bytes[end + 1..].iter().position(|b| !b.is_ascii_whitespace()).map(|n| bytes[end + 1 + n]);
                let shown = if behind == Some(b':') {
                    open = words.iter().any(|known| known.eq_ignore_ascii_case(word)) && !names_secret(word);
                    open
                } else {
                    open
                };
                if !shown {
                    hide(at, end + 1);
                }
                at = end + 1;
            }
            b'{' | b'}' => {
                open = false;
                at += 1;
            }
            b'[' | b']' | b',' | b':' => at += 1,
            byte if byte.is_ascii_whitespace() => at += 1,
            _ => {
                let end = bytes[at..].iter().position(|b| b"{}[],:\"\n\r".contains(b)).map_or(bytes.len(), |n| at + n);
                if !open {
                    hide(at, end);
                }
                at = end.max(at + 1);
            }
        }
    }
    found
}
