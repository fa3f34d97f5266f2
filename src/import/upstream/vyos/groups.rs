//! Groups of addresses, networks, ports and interfaces, with the groups that they include.

use std::collections::BTreeMap;

use crate::import::upstream::config_tree::At;
use crate::net::{Addrs, Ports};
use crate::source::{Span, Spanned};

/// Groups that include each other deeper than this are taken for a loop.
const DEPTH: u32 = 32;

/// More members than this, counted as often as they are named, are not followed.
const MEMBERS: usize = 1_000_000;

/// Why it is not known what a group holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The file does not define it.
    Missing,
    /// It cannot be known from the file.
    Opaque(&'static str),
}

const TOO_MANY: Why = Why::Opaque("the groups are too large to follow");

/// What a group holds.
pub(super) type Holds<T> = Result<T, Why>;

/// The groups of a configuration, and what they were found to hold.
#[derive(Debug)]
pub(super) struct Groups<'a, 't> {
    section: Option<At<'a, 't>>,
    addrs: BTreeMap<(&'t str, &'t str), Holds<Addrs>>,
    ports: BTreeMap<(&'t str, &'t str), Holds<Ports>>,
    interfaces: BTreeMap<(&'t str, &'t str), Holds<Vec<Box<str>>>>,
    /// How many members were handed out.
    given: usize,
    /// Included groups that the file does not define.
    pub(super) missing: Vec<Span>,
}

impl<'a, 't> Groups<'a, 't> {
    pub(super) const fn new(section: Option<At<'a, 't>>) -> Self {
        Self { section, addrs: BTreeMap::new(), ports: BTreeMap::new(), interfaces: BTreeMap::new(), given: 0, missing: Vec::new() }
    }

    fn find(&self, kind: &str, name: &str) -> Option<At<'a, 't>> {
        self.section?.at(&[kind, name])
    }

    /// The addresses of an address group or a network group.
    pub(super) fn addrs(&mut self, kind: &'static str, name: &'t str) -> Holds<Addrs> {
        self.addrs_in(kind, name, 0)
    }

    fn addrs_in(&mut self, kind: &'static str, name: &'t str, depth: u32) -> Holds<Addrs> {
        if let Some(known) = self.addrs.get(&(kind, name)) {
            self.given += known.as_ref().map_or(1, |set| set.ranges().len());
            return if self.given > MEMBERS { Err(TOO_MANY) } else { known.clone() };
        }
        let mut all = Vec::new();
        let held = self.gather(kind, name, depth, |groups, kind, name, depth, word: Spanned<&'t str>, included| {
            let set = if included {
                groups.addrs_in(kind, name, depth)?
            } else {
                Addrs::parse(word.value).ok_or(Why::Opaque("a member of the group is not understood"))?
            };
            all.extend_from_slice(set.ranges());
            Ok(())
        });
        let held = held.map(|()| Addrs::from_ranges(all));
        self.addrs.insert((kind, name), held.clone());
        held
    }

    /// The ports of a port group.
    pub(super) fn ports(&mut self, kind: &'static str, name: &'t str) -> Holds<Ports> {
        self.ports_in(kind, name, 0)
    }

    fn ports_in(&mut self, kind: &'static str, name: &'t str, depth: u32) -> Holds<Ports> {
        if let Some(known) = self.ports.get(&(kind, name)) {
            self.given += known.as_ref().map_or(1, |set| set.ranges().count());
            return if self.given > MEMBERS { Err(TOO_MANY) } else { known.clone() };
        }
        let (mut words, mut inner) = (Vec::new(), Vec::new());
        let held = self.gather(kind, name, depth, |groups, kind, name, depth, word: Spanned<&'t str>, included| {
            if included {
                inner.push(groups.ports_in(kind, name, depth)?);
            } else {
                words.push(word.value);
            }
            Ok(())
        });
        let held = held.and_then(|()| {
            let own = if words.is_empty() { Some(Ports::none()) } else { Ports::parse(&words.join(",")) };
            let own = own.ok_or(Why::Opaque("a member of the group is not understood"))?;
            Ok(inner.iter().fold(own, |all, ports| all.union(ports)))
        });
        self.ports.insert((kind, name), held.clone());
        held
    }

    /// The interfaces of an interface group.
    pub(super) fn interfaces(&mut self, kind: &'static str, name: &'t str) -> Holds<Vec<Box<str>>> {
        self.interfaces_in(kind, name, 0)
    }

    fn interfaces_in(&mut self, kind: &'static str, name: &'t str, depth: u32) -> Holds<Vec<Box<str>>> {
        if let Some(known) = self.interfaces.get(&(kind, name)) {
            self.given += known.as_ref().map_or(1, Vec::len);
            return if self.given > MEMBERS { Err(TOO_MANY) } else { known.clone() };
        }
        let mut all = Vec::new();
        let held = self.gather(kind, name, depth, |groups, kind, name, depth, word: Spanned<&'t str>, included| {
            if included {
                all.extend(groups.interfaces_in(kind, name, depth)?);
            } else {
                all.push(word.value.into());
            }
            Ok(())
        });
        let held = held.map(|()| all);
        self.interfaces.insert((kind, name), held.clone());
        held
    }

    /// Hands every member of a group to `take`, and every group that it includes.
    fn gather(
        &mut self,
        kind: &'static str,
        name: &'t str,
        depth: u32,
        mut take: impl FnMut(&mut Self, &'static str, &'t str, u32, Spanned<&'t str>, bool) -> Holds<()>,
    ) -> Holds<()> {
        if depth > DEPTH {
            return Err(Why::Opaque("the groups include each other"));
        }
        let group = self.find(kind, name).ok_or(Why::Missing)?;
        for part in group.children() {
            match part.word().value {
                "address" | "network" | "port" | "interface" => {
                    for member in part.children() {
                        take(self, kind, name, depth + 1, member.word(), false)?;
                    }
                }
                "include" => {
                    for member in part.children() {
                        let word = member.word();
                        match take(self, kind, word.value, depth + 1, word, true) {
                            Err(Why::Missing) => {
                                self.missing.push(word.span);
                                return Err(Why::Opaque("a group that it includes is not in the file"));
                            }
                            other => other?,
                        }
                    }
                }
                "description" | "ipv6-address" => {}
                _ => return Err(Why::Opaque("the group has a part that is not followed")),
            }
        }
        Ok(())
    }
}
