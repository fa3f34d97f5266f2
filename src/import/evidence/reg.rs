//! Registry exports: `Windows Registry Editor Version 5.00` and `REGEDIT4` ([Microsoft, "How to add, modify, or delete registry subkeys and values by using a .reg file"][1]).
//!
//! [1]: https://support.microsoft.com/help/310516

use super::{Data, Evidence, Key, Name, Notes};
use crate::import::client::names_secret;
use crate::source::{REGISTRY_POLICY, Span};
use crate::tree::lines::{LineKind, REGISTRY, lines};

/// Whether a text begins as an export does.
pub fn is_export(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default().trim();
    is_policy(text)
        || first.eq_ignore_ascii_case("REGEDIT4")
        || first.get(..24).is_some_and(|s| s.eq_ignore_ascii_case("Windows Registry Editor "))
}

/// Whether a text was taken out of a registry policy file.
fn is_policy(text: &str) -> bool {
    text.lines().next() == Some(REGISTRY_POLICY)
}

/// Reads an export.
pub fn read(text: &str, base: u32) -> (Evidence, Notes) {
    let (mut evidence, mut notes) = (Evidence::default(), Notes::default());
    let mut open: Option<Key> = None;
    let mut patch = false;
    evidence.policy = is_policy(text);
    // Whether the open key has a value that nobody would write by hand to set what is looked for.
    let mut whole = false;
    for line in lines(text, base, &REGISTRY) {
        match line.kind {
            LineKind::Section(path) => {
                part(&mut evidence, open.as_ref(), whole);
                whole = false;
                open = match path.value.strip_prefix('-') {
                    Some(path) => {
                        patch = true;
                        delete(&mut evidence, &Key::parse(path), line.span);
                        None
                    }
                    None if evidence.policy => Some(Key::parse(&format!("HKLM\\{}", path.value))),
                    None => Some(key(&mut evidence, path.value, line.span)),
                };
            }
            LineKind::Pair(name, value) => {
                if names_secret(name.value) {
                    notes.secrets.push(value.span);
                }
                let data = data(value.value);
                patch |= data == Data::Deleted;
                if let Some(open) = open.as_ref().filter(|_| evidence.policy)
                    && let Some(order) = name.value.strip_prefix("**")
                {
                    instruct(&mut evidence, open, order, name.span.to(value.span));
                } else if let Some(open) = &open {
                    whole |= Name::of(name.value, open).is_none();
                    evidence.push(name.value, open, data, name.span.to(value.span));
                }
            }
            LineKind::Blank | LineKind::Comment => {}
            // The first line, and the rest of texts with line breaks in them.
            LineKind::Other => notes.secrets.extend((line.span.start > base + 3).then_some(line.span)),
        }
    }
    part(&mut evidence, open.as_ref(), whole);
    // What deletes is no export, and a policy is none: of what is not there they say nothing.
    if patch || evidence.policy {
        evidence.keys.clear();
        evidence.partial.clear();
    }
    (evidence, notes)
}

/// What a policy does beside setting values (Microsoft, "Registry Policy File Format"): `**Del.NAME`, `**DelVals` for all of a key; others are not read, and may delete what is looked for.
fn instruct(evidence: &mut Evidence, key: &Key, order: &str, span: Span) {
    let lower = order.to_ascii_lowercase();
    if let Some(name) = lower.strip_prefix("del.") {
        return evidence.push(name, key, Data::Deleted, span);
    }
    let data = if lower.starts_with("delvals") {
        Data::Deleted
    } else {
        Data::Unclear("the policy has an instruction for the key that is not read")
    };
    for name in Name::ALL {
        for right in [name.key(false), name.key(true)].map(str::to_ascii_lowercase) {
            let beneath = right.strip_prefix(&*key.under).is_some_and(|rest| rest.starts_with('\\') || key.under.is_empty());
            if right == key.under || beneath && data != Data::Deleted {
                evidence.push(name.word(), &Key { under: right, ..key.clone() }, data.clone(), span);
            }
        }
    }
}

/// A key that is not listed `whole`: services and their parameters have other values too.
fn part(evidence: &mut Evidence, key: Option<&Key>, whole: bool) {
    if key.is_some() && !whole && !evidence.policy {
        evidence.partial.extend(evidence.keys.pop());
    }
}

fn key(evidence: &mut Evidence, path: &str, span: Span) -> Key {
    let key = Key::parse(path);
    // A key of the value's name, which `New-Item` makes where `New-ItemProperty` was meant.
    if key.under.rsplit('\\').next().is_some_and(|last| last.eq_ignore_ascii_case(Name::NatT.word())) {
        evidence.values.push((Name::NatT, key.clone(), crate::source::Spanned::new(Data::Other("a key"), span)));
    }
    evidence.keys.push((key.clone(), span));
    key
}

/// A key goes with all its values and all keys beneath it.
pub fn delete(evidence: &mut Evidence, key: &Key, span: Span) {
    for name in Name::ALL {
        for right in [name.key(false), name.key(true)].map(str::to_ascii_lowercase) {
            if right == key.under || right.strip_prefix(&*key.under).is_some_and(|rest| rest.starts_with('\\')) {
                let gone = Key { under: right, ..key.clone() };
                evidence.push(name.word(), &gone, Data::Deleted, span);
            }
        }
    }
}

/// The types of `winnt.h` by their numbers.
const fn kind(number: u32) -> &'static str {
    match number {
        0 => "REG_NONE",
        1 => "REG_SZ",
        2 => "REG_EXPAND_SZ",
        3 => "REG_BINARY",
        5 => "REG_DWORD_BIG_ENDIAN",
        7 => "REG_MULTI_SZ",
        11 => "REG_QWORD",
        _ => "another type",
    }
}

fn data(value: &str) -> Data {
    const UNCLEAR: Data = Data::Unclear("a value of the export is not written as exports write it");
    let value = value.trim();
    if value == "-" {
        return Data::Deleted;
    }
    if value.starts_with('"') {
        return Data::Other("REG_SZ");
    }
    let Some((prefix, rest)) = value.split_once(':') else { return UNCLEAR };
    let prefix = prefix.trim().to_ascii_lowercase();
    let rest = rest.split(';').next().unwrap_or_default().trim();
    if prefix == "dword" {
        let digits = (1..=8).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_hexdigit());
        return u32::from_str_radix(rest, 16).ok().filter(|_| digits).map_or(UNCLEAR, Data::Dword);
    }
    let number = match prefix.strip_prefix("hex") {
        Some("") => Some(3),
        Some(number) => number.strip_prefix('(').and_then(|n| n.strip_suffix(')')).and_then(|n| u32::from_str_radix(n, 16).ok()),
        None => None,
    };
    match number {
        Some(4) => little_endian(rest).map_or(UNCLEAR, Data::Dword),
        Some(number) => Data::Other(kind(number)),
        None => UNCLEAR,
    }
}

/// Four bytes with commas between them; lines may go on after a backslash.
fn little_endian(bytes: &str) -> Option<u32> {
    let bytes: Vec<_> = bytes.split([',', '\\', '\r', '\n']).map(str::trim).filter(|b| !b.is_empty()).take(5).collect();
    let bytes: Vec<u8> = bytes.into_iter().map(|b| u8::from_str_radix(b, 16)).collect::<Result<_, _>>().ok()?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}
