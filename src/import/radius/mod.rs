//! A RADIUS server's own side: its client entries and the ports it listens on, from FreeRADIUS' files or from an export of Windows' NPS.

mod freeradius;
mod nps;

use std::collections::{HashSet, VecDeque};
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::detect::Format;
use super::{Ledger, Notes, guarded, open, resolve};
use crate::model::radius::RADIUS_PORT;
use crate::model::{Field, RadiusClient, RadiusServer};
use crate::net::Addrs;
use crate::source::{FileId, Problem, ProblemKind, Session, Span, Spanned};

pub use freeradius::is_freeradius;
pub use nps::is_nps;

/// A host's own addresses to itself.
const LOOPBACK: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8);

/// What one file says of the server.
#[derive(Default)]
pub struct Found {
    /// Client entries for UDP and IPv4; nothing when the file is none of client entries.
    pub clients: Option<Vec<Spanned<RadiusClient>>>,
    /// Ports for authentication.
    pub ports: Vec<Spanned<u32>>,
}

impl Found {
    /// Adds an entry, unless it is for the server itself: the MX never asks from there, and its secret is the one of the examples.
    fn entry(&mut self, entry: Spanned<RadiusClient>) {
        let own = Addrs::net(LOOPBACK);
        let itself = entry.value.ip.value().is_some_and(|ip| ip.minus(&own).is_empty());
        let clients = self.clients.get_or_insert_default();
        if !itself {
            clients.push(entry);
        }
    }

    fn add(&mut self, other: Self) {
        if let Some(clients) = other.clients {
            self.clients.get_or_insert_default().extend(clients);
        }
        self.ports.extend(other.ports);
    }

    /// The server as the MX sees it that asks on `port`: a server may listen on several.
    pub fn server(self, place: Span, port: u32) -> RadiusServer {
        let listens = self.ports.iter().find(|p| p.value == port).or(self.ports.first()).copied();
        RadiusServer {
            listen_port: listens.map_or(Field::Absent, Field::Known),
            clients: self.clients.map_or(Field::Absent, |clients| Field::known_at(clients, place)),
            ..RadiusServer::default()
        }
    }
}

/// Reads a file. `None`: the format is none of RADIUS servers.
pub fn read(format: Format, text: &str, base: u32) -> Option<(Found, Notes)> {
    match format {
        Format::Freeradius => Some(freeradius::read(text, base)),
        Format::Nps => Some(nps::read(text, base)),
        _ => None,
    }
}

/// Completes a server by what its files say; where the site file says otherwise, its word counts and the drift is noted.
pub fn complete(session: &mut Session, file: FileId, imports: &[Spanned<String>], server: &mut RadiusServer, ledger: &mut Ledger) {
    let Some(first) = imports.first() else { return };
    let (mut found, mut unread, mut seen) = (Found::default(), None, HashSet::new());
    let (mut queue, mut place) = (VecDeque::new(), None);
    for import in imports {
        let paths = resolve(session, file, std::slice::from_ref(import), ledger);
        if paths.is_empty() {
            unread.get_or_insert((import.span, import.value.clone()));
        }
        queue.extend(paths.into_iter().map(|(_, path)| (import.span, path, import.value.clone(), None)));
    }
    while let Some((spot, path, named, forced)) = queue.pop_front() {
        let Some((id, format)) = open(session, spot, &path, forced.as_ref(), ledger) else {
            unread.get_or_insert((spot, named));
            continue;
        };
        if !seen.insert(id) {
            continue;
        }
        let source = session.map.file(id);
        match guarded(format, ledger, || read(format, source.raw(), source.base())) {
            Some(Some((new, mut notes))) => {
                if new.clients.is_some() {
                    place.get_or_insert(source.first_line());
                }
                found.add(new);
                for include in std::mem::take(&mut notes.includes) {
                    match session.expand(id, &include.value) {
                        Ok(paths) => {
                            let forced = Spanned::new(format.id().to_owned(), include.span);
                            queue.extend(paths.into_iter().map(|p| (include.span, p, include.value.clone(), Some(forced.clone()))));
                        }
                        Err(_) => {
                            let (name, from) = (crate::source::clip(&include.value, 80), &session.map.file(id).path);
                            ledger.gap(include.span, format!("`{name}`, which {from} includes, was not read"));
                        }
                    }
                }
                ledger.take(session, id, notes);
            }
            other => {
                if other.is_some() {
                    let why = format!("{} is a {} file, no RADIUS server's", session.map.file(id).path, format.id());
                    ledger.import_failed(spot, why, "name the server's clients.conf, or what `netsh nps export` writes");
                }
                unread.get_or_insert((spot, named));
            }
        }
    }
    let port = server.port.value().copied().unwrap_or(RADIUS_PORT);
    let theirs = found.server(place.unwrap_or(first.span), port);
    drift(server, &theirs, &mut ledger.problems);
    fill(&mut server.clients, theirs.clients, unread.as_ref());
    fill(&mut server.listen_port, theirs.listen_port, unread.as_ref());
}

/// Takes the files' word where the site file has none; a file that was not read leaves it open.
fn fill<T>(ours: &mut Field<T>, theirs: Field<T>, unread: Option<&(Span, String)>) {
    if ours.is_absent() {
        *ours = match unread {
            Some((span, path)) => Field::opaque_at(*span, format!("`{path}` was not read")),
            None => theirs,
        };
    }
}

fn drift(ours: &RadiusServer, theirs: &RadiusServer, problems: &mut Vec<Problem>) {
    let mut note = |key: &str, at: Span, there: Span| {
        let message = format!("`{key}` of a RADIUS server is not what its file says");
        let problem = Problem::new(ProblemKind::Drift, at, message, "the site file's word counts").related(there, "the file differs");
        problems.push(problem.help(format!("correct the side that is wrong, or leave `{key}` out of the site file")));
    };
    if let (Some(a), Some(b)) = (ours.listen_port.known(), theirs.listen_port.known())
        && a.value != b.value
    {
        note("listen_port", a.span, b.span);
    }
    if let (Some(a), Some(b)) = (ours.clients.known(), theirs.clients.known()) {
        let addresses = |list: &[Spanned<RadiusClient>]| {
            let mut all: Vec<_> = list.iter().filter_map(|c| c.value.ip.value()).map(|ip| ip.ranges().to_vec()).collect();
            all.sort();
            all
        };
        if addresses(&a.value) != addresses(&b.value) {
            note("clients", a.span, b.span);
        }
    }
}

#[cfg(test)]
mod tests;
