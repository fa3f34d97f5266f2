//! Address books: of zones, attached to zones, and the global one.

use std::collections::BTreeMap;

use crate::import::upstream::config_tree::At;
use crate::net::Addrs;
use crate::source::Spanned;

/// Sets that hold each other deeper than this are taken for a loop.
const DEPTH: u32 = 32;

/// More members than this, counted as often as they are named, are not followed.
const MEMBERS: usize = 1_000_000;

/// Why it is not known what a name holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The file does not define it.
    Missing,
    /// It cannot be known from the file.
    Opaque(&'static str),
}

/// The books of a configuration.
#[derive(Debug)]
pub(super) struct Books<'a, 't> {
    /// By zone, the nearer ones first; the global one stands under no zone.
    by_zone: BTreeMap<&'t str, Vec<At<'a, 't>>>,
    known: BTreeMap<(&'t str, &'t str), Result<Addrs, Why>>,
    /// How many members were handed out.
    given: usize,
}

impl<'a, 't> Books<'a, 't> {
    pub(super) fn of(root: At<'a, 't>) -> Self {
        let mut books: BTreeMap<&'t str, Vec<At<'a, 't>>> = BTreeMap::new();
        for zone in root.at(&["security", "zones", "security-zone"]).into_iter().flat_map(At::children) {
            books.entry(zone.word().value).or_default().extend(zone.child("address-book"));
        }
        for book in root.at(&["security", "address-book"]).into_iter().flat_map(At::children) {
            if book.word().value == "global" {
                books.entry("").or_default().push(book);
            }
            for zone in book.at(&["attach", "zone"]).into_iter().flat_map(At::children) {
                books.entry(zone.word().value).or_default().push(book);
            }
        }
        Self { by_zone: books, known: BTreeMap::new(), given: 0 }
    }

    /// The addresses that a name holds in a zone's book, else in the global one.
    pub(super) fn addrs(&mut self, zone: &'t str, name: &'t str) -> Result<Addrs, Why> {
        match name {
            "any" | "any-ipv4" => Ok(Addrs::any()),
            "any-ipv6" => Ok(Addrs::none()),
            name => self.find(zone, name, 0),
        }
    }

    fn find(&mut self, zone: &'t str, name: &'t str, depth: u32) -> Result<Addrs, Why> {
        if depth > DEPTH {
            return Err(Why::Opaque("the address sets hold each other"));
        }
        if let Some(known) = self.known.get(&(zone, name)) {
            self.given += known.as_ref().map_or(1, |set| set.ranges().len());
            let too_many = Err(Why::Opaque("the address sets are too large to follow"));
            return if self.given > MEMBERS { too_many } else { known.clone() };
        }
        let books = [zone, ""].into_iter().filter_map(|zone| self.by_zone.get(zone)).flatten();
        let entry = books.into_iter().find_map(|book| {
            book.at(&["address", name]).map(|at| (false, at)).or_else(|| book.at(&["address-set", name]).map(|at| (true, at)))
        });
        let held = match entry {
            None => Err(Why::Missing),
            Some((false, entry)) => address(entry),
            Some((true, set)) => self.set(zone, set, depth),
        };
        self.known.insert((zone, name), held.clone());
        held
    }

    fn set(&mut self, zone: &'t str, set: At<'a, 't>, depth: u32) -> Result<Addrs, Why> {
        let mut all = Vec::new();
        for kind in set.children().filter(|kind| matches!(kind.word().value, "address" | "address-set")) {
            for member in kind.children() {
                match self.find(zone, member.word().value, depth + 1) {
                    Ok(addrs) => all.extend_from_slice(addrs.ranges()),
                    Err(Why::Missing) => return Err(Why::Opaque("a member of the address set is not in the file")),
                    Err(why) => return Err(why),
                }
            }
        }
        Ok(Addrs::from_ranges(all))
    }
}

/// `address N 10.0.0.1/32`, a range, a name, a mask.
fn address(entry: At<'_, '_>) -> Result<Addrs, Why> {
    let mut held = Err(Why::Opaque("the address is not understood"));
    for part in entry.children() {
        let Spanned { value: word, .. } = part.word();
        match word {
            "description" => {}
            "dns-name" => return Err(Why::Opaque("what a name stands for is not in the file")),
            "wildcard-address" => return Err(Why::Opaque("masks of addresses are not followed")),
            "range-address" => {
                let first = part.value();
                let last = first.and_then(|first| part.child(first.value)).and_then(|at| at.value_of("to"));
                let text = first.zip(last).map(|(first, last)| format!("{}-{}", first.value, last.value));
                held = text.and_then(|text| Addrs::parse(&text)).ok_or(Why::Opaque("the address is not understood"));
            }
            "ip-prefix" => held = part.value().and_then(|value| prefix(value.value)).ok_or(Why::Opaque("the address is not understood")),
            word => held = prefix(word).ok_or(Why::Opaque("the address is not understood")),
        }
    }
    held
}

/// A prefix; of IPv6 nothing is meant here.
pub(super) fn prefix(word: &str) -> Option<Addrs> {
    if word.contains(':') {
        return word.bytes().all(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'/' | b'.')).then(Addrs::none);
    }
    match word {
        "any" | "any-ipv4" => Some(Addrs::any()),
        word => Addrs::parse(word),
    }
}
