//! Applications: the file's own, sets of them, and those that every device knows (`junos-…`, "Understanding Predefined Policy Applications").

use std::collections::BTreeMap;

use super::books::Why;
use super::pairs;
use crate::import::upstream::config_tree::At;
use crate::net::{Ports, Protocol, Protocols};

/// Sets that hold each other deeper than this are taken for a loop.
const DEPTH: u32 = 32;

/// More kinds than this, counted as often as they are named, are not followed.
const KINDS: usize = 200_000;

/// What an application takes; an absent part is any.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Kind {
    pub(super) protocol: Option<Protocols>,
    pub(super) source: Option<Ports>,
    pub(super) destination: Option<Ports>,
}

/// The applications of a configuration.
#[derive(Debug)]
pub(super) struct Applications<'a, 't> {
    own: Option<At<'a, 't>>,
    known: BTreeMap<&'t str, Result<Vec<Kind>, Why>>,
    /// How many kinds were handed out.
    given: usize,
}

impl<'a, 't> Applications<'a, 't> {
    pub(super) fn of(root: At<'a, 't>) -> Self {
        Self { own: root.child("applications"), known: BTreeMap::new(), given: 0 }
    }

    /// What an application or a set of them takes.
    pub(super) fn kinds(&mut self, name: &'t str) -> Result<Vec<Kind>, Why> {
        self.find(name, 0)
    }

    fn find(&mut self, name: &'t str, depth: u32) -> Result<Vec<Kind>, Why> {
        if depth > DEPTH {
            return Err(Why::Opaque("the application sets hold each other"));
        }
        if let Some(known) = self.known.get(name) {
            self.given += known.as_ref().map_or(1, Vec::len);
            let too_many = Err(Why::Opaque("the application sets are too large to follow"));
            return if self.given > KINDS { too_many } else { known.clone() };
        }
        let own = self.own.and_then(|own| own.at(&["application", name]));
        let set = self.own.and_then(|own| own.at(&["application-set", name]));
        let held = match (own, set) {
            (Some(own), _) => application(own),
            (None, Some(set)) => self.set(set, depth),
            (None, None) => factory(name),
        };
        self.known.insert(name, held.clone());
        held
    }

    fn set(&mut self, set: At<'a, 't>, depth: u32) -> Result<Vec<Kind>, Why> {
        let mut all = Vec::new();
        for kind in set.children().filter(|kind| matches!(kind.word().value, "application" | "application-set")) {
            for member in kind.children() {
                match self.find(member.word().value, depth + 1) {
                    Ok(kinds) => kinds.into_iter().for_each(|kind| join(&mut all, kind)),
                    Err(Why::Missing) => return Err(Why::Opaque("a member of the application set is not in the file")),
                    Err(why) => return Err(why),
                }
            }
        }
        Ok(all)
    }
}

/// Adds a kind; those that differ in the destination port alone become one.
pub(super) fn join(all: &mut Vec<Kind>, kind: Kind) {
    let fits = |other: &&mut Kind| other.protocol == kind.protocol && other.source == kind.source;
    match all.iter_mut().find(fits) {
        Some(other) => {
            other.destination = match (&other.destination, &kind.destination) {
                (Some(a), Some(b)) => Some(a.union(b)),
                _ => None,
            };
        }
        None => all.push(kind),
    }
}

fn application(own: At<'_, '_>) -> Result<Vec<Kind>, Why> {
    let terms: Vec<_> = own.child("term").into_iter().flat_map(At::children).collect();
    let mut all = Vec::new();
    for part in if terms.is_empty() { vec![own] } else { terms } {
        join(&mut all, one(part)?);
    }
    Ok(all)
}

fn one(part: At<'_, '_>) -> Result<Kind, Why> {
    let mut kind = Kind { protocol: None, source: None, destination: None };
    for (key, value) in pairs(part) {
        let ports = || Ports::parse(value.value).ok_or(Why::Opaque("the port of the application is not understood"));
        match key {
            "protocol" => {
                let protocol = Protocol::parse(value.value).ok_or(Why::Opaque("the protocol of the application is not known"))?;
                kind.protocol = Some(Protocols::of(&[protocol]));
            }
            "source-port" => kind.source = Some(ports()?),
            "destination-port" => kind.destination = Some(ports()?),
            "application-protocol"
            | "alg"
            | "inactivity-timeout"
            | "description"
            | "icmp-type"
            | "icmp-code"
            | "icmp6-type"
            | "icmp6-code" => {}
            _ => return Err(Why::Opaque("the application has a part that is not followed")),
        }
    }
    Ok(kind)
}

/// What the factory defines; other names of its own are known to exist, and not what they take.
fn factory(name: &str) -> Result<Vec<Kind>, Why> {
    use Protocol::{Gre, Icmp, Tcp, Udp};
    let of = |protocols: &[Protocol], ports: &[u16]| {
        let destination = ports.iter().fold(None, |all: Option<Ports>, port| {
            let one = Ports::one(*port);
            Some(all.map_or_else(|| one.clone(), |all| all.union(&one)))
        });
        Ok(vec![Kind { protocol: Some(Protocols::of(protocols)), source: None, destination }])
    };
    match name {
        "any" => Ok(vec![Kind { protocol: None, source: None, destination: None }]),
        "junos-ike" => of(&[Udp], &[500]),
        "junos-ike-nat" => of(&[Udp], &[4500]),
        "junos-l2tp" => of(&[Udp], &[1701]),
        "junos-http" => of(&[Tcp], &[80]),
        "junos-https" => of(&[Tcp], &[443]),
        "junos-ssh" => of(&[Tcp], &[22]),
        "junos-telnet" => of(&[Tcp], &[23]),
        "junos-smtp" => of(&[Tcp], &[25]),
        "junos-ftp" => of(&[Tcp], &[21]),
        "junos-pptp" => of(&[Tcp], &[1723]),
        "junos-dns-tcp" => of(&[Tcp], &[53]),
        "junos-dns-udp" => of(&[Udp], &[53]),
        "junos-ntp" => of(&[Udp], &[123]),
        "junos-tftp" => of(&[Udp], &[69]),
        "junos-radius" => of(&[Udp], &[1812]),
        "junos-syslog" => of(&[Udp], &[514]),
        "junos-tcp-any" => of(&[Tcp], &[]),
        "junos-udp-any" => of(&[Udp], &[]),
        "junos-gre" => of(&[Gre], &[]),
        "junos-icmp-all" | "junos-icmp-ping" | "junos-ping" => of(&[Icmp], &[]),
        name if name.starts_with("junos-") => Err(Why::Opaque("what the predefined application takes is not known")),
        _ => Err(Why::Missing),
    }
}
