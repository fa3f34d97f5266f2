//! One entry of an access list, standard or extended.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::rc::Rc;

use super::names::{Kind, Names, Service, Stands, ports};
use super::words::{Words, address, protocols};
use super::{Log, System, opaque};
use crate::model::Field;
use crate::model::upstream::{Action, Line, Match};
use crate::net::{Addrs, Ports, Protocols};
use crate::source::Span;

/// What stands for a line that is not understood.
pub(super) const NOT_UNDERSTOOD: &str = "the line has a part that is not understood";

/// The address of an interface that a rule names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Own {
    At(Ipv4Addr),
    /// It has one that the file does not hold, and is the way to the internet.
    Itself,
    /// It has one that the file does not hold.
    Unknown,
}

/// What reads entries needs to know.
pub(super) struct Entries<'r, 't> {
    pub(super) system: System,
    pub(super) names: &'r mut Names<'t>,
    pub(super) log: &'r mut Log,
    /// Addresses of interfaces, by name.
    pub(super) own: &'r BTreeMap<String, Own>,
}

/// An entry while it is read.
#[derive(Default)]
pub(super) struct Entry {
    pub(super) matches: Match,
    /// What a group of services in the protocol's place says.
    services: Option<Rc<Vec<Service>>>,
    pub(super) action: Option<Action>,
    pub(super) off: bool,
}

impl<'t> Entries<'_, 't> {
    /// The lines of one entry; several where a group holds services of several protocols.
    pub(super) fn lines(&mut self, mut words: Words<'t>, standard: bool) -> Vec<Line> {
        let span = words.span;
        let mut entry = Entry::default();
        let read = if standard { self.standard(&mut words, &mut entry) } else { self.extended(&mut words, &mut entry) };
        if read.is_none() {
            self.log.unknown(words.here(), "a part of a rule that is not understood");
            entry.matches.other.push(opaque(words.here(), NOT_UNDERSTOOD));
        }
        self.log.show(&words);
        let action = entry.action.unwrap_or_else(|| Action::Opaque(opaque(span, NOT_UNDERSTOOD)));
        let line = |matches| Line { enabled: !entry.off, ..Line::new(span, matches, action.clone()) };
        match entry.services {
            None => vec![line(entry.matches)],
            Some(services) => services.iter().map(|service| line(narrowed(entry.matches.clone(), service, span))).collect(),
        }
    }

    fn action(words: &mut Words<'t>, entry: &mut Entry) -> Option<()> {
        let permits = words.eat("permit");
        (permits || words.eat("deny")).then(|| entry.action = Some(if permits { Action::Permit } else { Action::Deny }))
    }

    /// `permit 192.0.2.0 0.0.0.255 log`.
    fn standard(&mut self, words: &mut Words<'t>, entry: &mut Entry) -> Option<()> {
        Self::action(words, entry)?;
        let bare = words.peek().and_then(address).filter(|_| words.ahead(1).and_then(address).is_none());
        entry.matches.source = match bare {
            Some(ip) => {
                let at = words.take()?.span;
                Field::known_at(Addrs::one(ip), at)
            }
            None => self.side(words, &mut entry.matches)?,
        };
        let _ = words.eat("log");
        words.is_over().then_some(())
    }

    /// `permit udp any host 203.0.113.10 eq isakmp log`.
    fn extended(&mut self, words: &mut Words<'t>, entry: &mut Entry) -> Option<()> {
        if words.peek() == Some("evaluate") {
            // What a reflexive list lets through are answers to what passed the line that fills it.
            let place = words.take()?.span;
            words.take()?;
            entry.matches.state = established(place);
            entry.action = Some(Action::Opaque(opaque(place, "answers pass where the flow was reflected, which is not followed")));
            return words.is_over().then_some(());
        }
        let dynamic = words.here();
        if words.eat("dynamic") {
            words.take()?;
            if words.eat("timeout") {
                words.take()?;
            }
            entry.matches.other.push(opaque(dynamic, "the line counts for users who have logged in"));
        }
        Self::action(words, entry)?;
        self.protocol(words, entry)?;
        Self::users(words, entry);
        entry.matches.source = self.side(words, &mut entry.matches)?;
        entry.matches.source_ports = self.ports(words)?;
        Self::users(words, entry);
        entry.matches.destination = self.side(words, &mut entry.matches)?;
        entry.matches.destination_ports = self.ports(words)?;
        self.options(words, entry)
    }

    fn protocol(&mut self, words: &mut Words<'t>, entry: &mut Entry) -> Option<()> {
        if words.eat("object-group") || words.eat("object") {
            let name = words.take()?;
            match self.names.services(name.value, self.log) {
                Stands::For(services) => entry.services = Some(services),
                Stands::Opaque(why) => entry.matches.protocol = Field::opaque_at(name.span, why),
                Stands::Nothing => {
                    self.log.dangling(name.span, "the group or object is not in the file");
                    entry.matches.protocol = Field::opaque_at(name.span, "the group or object is not in the file");
                }
            }
            return Some(());
        }
        let name = words.peek()?;
        let set = protocols(name)?;
        let at = words.take()?.span;
        if !set.is_any() {
            entry.matches.protocol = Field::known_at(set, at);
        }
        Some(())
    }

    /// Users and security tags of an ASA, which no address of the packet tells.
    fn users(words: &mut Words<'t>, entry: &mut Entry) {
        loop {
            let at = words.here();
            let count = match words.peek().map(str::to_ascii_lowercase).as_deref() {
                Some("user" | "user-group" | "object-group-user" | "object-group-security") => 1,
                Some("security-group") => 2,
                _ => return,
            };
            for _ in 0..=count {
                words.take();
            }
            entry.matches.other.push(opaque(at, "the line depends on who sends"));
        }
    }

    /// One end's addresses; absent is any.
    pub(super) fn side(&mut self, words: &mut Words<'t>, matches: &mut Match) -> Option<Field<Addrs>> {
        let place = words.here();
        if words.eat("any") || words.eat("any4") {
            return Some(Field::Absent);
        }
        if words.eat("any6") {
            return Some(Field::known_at(Addrs::none(), place));
        }
        if words.eat("host") {
            let name = words.take()?;
            if name.value.contains(':') {
                return Some(Field::known_at(Addrs::none(), name.span));
            }
            return Some(match self.names.host(name.value) {
                Some(ip) => Field::known_at(Addrs::one(ip), name.span),
                None => Field::opaque_at(name.span, "a host name stands for addresses that the file does not hold"),
            });
        }
        if words.eat("object-group") || words.eat("object") || words.eat("addrgroup") {
            let name = words.take()?;
            return Some(match self.names.addrs(name.value, self.log) {
                Stands::For(set) if set.is_any() => Field::Absent,
                Stands::For(set) if self.names.afford(set.ranges().len()) => Field::known_at((*set).clone(), name.span),
                Stands::For(_) => Field::opaque_at(name.span, "the groups are too large to follow"),
                Stands::Opaque(why) => Field::opaque_at(name.span, why),
                Stands::Nothing => {
                    self.log.dangling(name.span, "the group or object is not in the file");
                    Field::opaque_at(name.span, "the group or object is not in the file")
                }
            });
        }
        if words.eat("interface") {
            let name = words.take()?;
            return Some(match self.own.get(&name.value.to_ascii_lowercase()) {
                Some(Own::At(ip)) => Field::known_at(Addrs::one(*ip), name.span),
                Some(Own::Itself) if matches.itself.is_absent() => {
                    matches.itself = Field::known_at(true, name.span);
                    Field::Absent
                }
                _ => Field::opaque_at(name.span, "the address of the interface is not in the file"),
            });
        }
        let ip = words.peek().and_then(|word| self.names.host(word))?;
        let mask = words.ahead(1).and_then(address)?;
        let place = words.take()?.span.to(words.take()?.span);
        Some(match self.names.masked(ip, mask) {
            Ok(set) if set.is_any() => Field::Absent,
            Ok(set) if self.names.afford(set.ranges().len()) => Field::known_at(set, place),
            Ok(_) => Field::opaque_at(place, "the masks are too many to follow"),
            Err(why) => Field::opaque_at(place, why),
        })
    }

    /// What may stand behind an address; absent is any.
    fn ports(&mut self, words: &mut Words<'t>) -> Option<Field<Ports>> {
        let place = words.here();
        if matches!(words.peek(), Some("eq" | "neq" | "lt" | "gt" | "range")) {
            let mut ahead = words.clone();
            let set = ports(&mut ahead)?;
            *words = ahead;
            return Some(Field::known_at(set, Span::new(place.start, words.read().end)));
        }
        let group = words.ahead(1).filter(|_| words.peek().is_some_and(|word| matches!(word, "object-group" | "portgroup")));
        let Some(name) = group.filter(|name| self.names.kind(name) == Some(Kind::Service)) else { return Some(Field::Absent) };
        words.take();
        let span = words.take()?.span;
        Some(match self.names.services(name, self.log) {
            Stands::For(services) => {
                let all = services.iter().fold(Ports::none(), |all, service| all.union(&service.destination));
                Field::known_at(all, span)
            }
            Stands::Opaque(why) => Field::opaque_at(span, why),
            Stands::Nothing => Field::opaque_at(span, "the group or object is not in the file"),
        })
    }

    pub(super) fn is_asa(&self) -> bool {
        self.system == System::Asa
    }
}

/// Packets of flows that the device has seen before.
pub(super) fn established(place: Span) -> Field<crate::model::upstream::States> {
    let states = crate::model::upstream::States { established: true, related: true, ..Default::default() };
    Field::known_at(states, place)
}

/// A line that is about one service of a group.
fn narrowed(mut matches: Match, service: &Service, place: Span) -> Match {
    let put = |field: &mut Field<Ports>, set: &Ports| {
        *field = match std::mem::take(field) {
            Field::Known(known) => Field::known_at(known.value.intersection(set), known.span),
            Field::Absent if set.is_any() => Field::Absent,
            Field::Absent => Field::known_at(set.clone(), place),
            opaque @ Field::Opaque(_) => opaque,
        };
    };
    put(&mut matches.source_ports, &service.source);
    put(&mut matches.destination_ports, &service.destination);
    if service.protocols != Protocols::any() {
        matches.protocol = Field::known_at(service.protocols, place);
    }
    matches
}
