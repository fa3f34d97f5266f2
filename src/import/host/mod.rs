//! What exports of a resource's own machine say: its routing table, and whom its firewall admits to what the resource offers.

pub mod filter;
pub mod names;
pub mod routes;
pub mod windows;

use std::net::Ipv4Addr;

use super::detect::Format;
use super::{Ledger, Notes, guarded, open, resolve};
use crate::model::{AllowFrom, Field, List, Resource};
use crate::net::{Addrs, Service};
use crate::source::{FileId, ProblemKind, Session, Span, Spanned};

/// How much of a text detection looks at.
const HEAD: usize = 1 << 16;

/// The head of a text.
pub fn head(text: &str) -> &str {
    &text[..(0..=text.len().min(HEAD)).rev().find(|n| text.is_char_boundary(*n)).unwrap_or(0)]
}

/// Who gets through to one service: surely, and perhaps with a reason.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// Surely.
    pub surely: Addrs,
    /// Surely or perhaps.
    pub possibly: Addrs,
    /// What is not known.
    pub why: Box<str>,
    /// Windows' `LocalSubnet` is among those that are admitted.
    pub local: bool,
    /// The rule that decides, to show.
    pub at: Option<Span>,
}

/// What a reader asks an export about.
#[derive(Clone, Copy)]
pub struct Asked {
    /// The resource's service.
    pub service: Service,
    /// The resource's address.
    pub ip: Option<Ipv4Addr>,
}

/// The firewall in an export.
pub enum HostFirewall {
    /// Of Windows.
    Windows(windows::Rules),
    /// Of Linux.
    Filter(Box<crate::model::upstream::Device>),
}

impl HostFirewall {
    fn admits(&self, asked: Asked) -> Result<Admitted, &'static str> {
        match self {
            Self::Windows(rules) => rules.admits(asked),
            Self::Filter(device) => filter::admits(device, asked),
        }
    }
}

/// Reads a firewall's export. `None`: the format is none of hosts' firewalls.
pub fn firewall(format: Format, text: &str, base: u32) -> Option<(HostFirewall, Notes)> {
    match format {
        Format::NetshFirewall => Some(wrap(windows::read_listing(text, base), HostFirewall::Windows)),
        Format::NetFirewallRule => Some(wrap(windows::read_json(text, base), HostFirewall::Windows)),
        Format::IptablesSave => {
            let (device, notes) = super::upstream::read(format, text, base)?;
            Some((HostFirewall::Filter(Box::new(device)), notes))
        }
        _ => None,
    }
}

fn wrap<T>((read, notes): (T, Notes), kind: impl FnOnce(T) -> HostFirewall) -> (HostFirewall, Notes) {
    (kind(read), notes)
}

/// Whom a firewall admits to all of a resource's services.
pub fn allow_from(firewall: &HostFirewall, resource: &Resource, place: Span) -> List<AllowFrom> {
    let services = match &resource.services {
        Field::Known(services) if !services.value.is_empty() => &services.value,
        Field::Opaque(o) => return Field::Opaque(o.clone()),
        _ => return Field::opaque_at(place, "the resource states no `services`, which its firewall's rules are about"),
    };
    let ip = resource.ip.value().copied();
    let (mut surely, mut possibly, mut why, mut local, mut at) = (Addrs::any(), Addrs::any(), None, true, None);
    for service in services {
        let admitted = match firewall.admits(Asked { service: service.value.port, ip }) {
            Ok(admitted) => admitted,
            Err(why) => return Field::opaque_at(place, why),
        };
        surely = surely.intersection(&admitted.surely);
        possibly = possibly.intersection(&admitted.possibly);
        local &= admitted.local;
        if !admitted.why.is_empty() {
            why.get_or_insert(admitted.why);
        }
        at = at.or(admitted.at);
    }
    let at = at.unwrap_or(place);
    let mut list = vec![Spanned::new(AllowFrom::Addresses(surely.clone()), at)];
    if local {
        list.push(Spanned::new(AllowFrom::LocalSubnet, at));
    }
    let perhaps = possibly.minus(&surely);
    if !perhaps.is_empty() {
        list.push(Spanned::new(AllowFrom::Perhaps(perhaps, why.unwrap_or_default()), at));
    }
    Field::known_at(list, at)
}

/// Completes `allow_from` by the exports of the resource's firewall: of several each must admit.
pub fn complete_firewall(
    session: &mut Session,
    file: FileId,
    imports: &[Spanned<String>],
    place: Span,
    resource: &mut Resource,
    ledger: &mut Ledger,
) {
    let mut read = None;
    let (mut failed, mut broken) = (imports.is_empty(), false);
    for (spot, path) in resolve(session, file, imports, ledger) {
        let Some((id, format)) = open(session, spot, &path, None, ledger) else {
            failed = true;
            continue;
        };
        let source = session.map.file(id);
        let first = source.first_line();
        match guarded(format, ledger, || firewall(format, source.raw(), source.base())) {
            Some(Some((firewall, notes))) => {
                // What is missing may block: then nothing is known of whom the rest admits.
                broken |= notes.gap.is_some() || notes.problems.iter().any(|p| p.kind == ProblemKind::Syntax);
                ledger.take(session, id, notes);
                if read.is_some() {
                    ledger.import_failed(
                        spot,
                        "it is an export of its own, and a resource has one firewall",
                        "name the export of the machine that the resource is",
                    );
                    failed = true;
                } else {
                    read = Some((firewall, first));
                }
            }
            Some(None) => {
                let why = format!("{} is a {} file, no host's firewall", session.map.file(id).path, format.id());
                ledger.import_failed(
                    spot,
                    why,
                    "name what `netsh advfirewall firewall show rule name=all verbose` or `iptables-save` prints",
                );
                failed = true;
            }
            None => failed = true,
        }
    }
    if !resource.allow_from.is_absent() {
        return;
    }
    resource.allow_from = match read {
        Some((_, first)) if broken && !failed => Field::opaque_at(first, "part of the export of the resource's firewall could not be read"),
        Some((firewall, first)) if !failed => allow_from(&firewall, resource, first),
        _ => Field::opaque_at(place, "the export of the resource's firewall was not read"),
    };
}

/// Completes routes, and cards where the site file names none, by the exports of the routing table.
pub fn complete_routes(
    session: &mut Session,
    file: FileId,
    imports: &[Spanned<String>],
    place: Span,
    resource: &mut Resource,
    ledger: &mut Ledger,
) {
    let unread = || Field::opaque_at(place, "the export of the resource's routes was not read");
    let (mut tables, mut failed) = (Vec::new(), false);
    for (spot, path) in resolve(session, file, imports, ledger) {
        let Some((id, format)) = open(session, spot, &path, None, ledger) else {
            failed = true;
            continue;
        };
        let source = session.map.file(id);
        let first = source.first_line();
        let table = guarded(format, ledger, || (format == Format::RouteTable).then(|| routes::read(source.raw(), source.base())));
        let Some(Some((table, notes))) = table else {
            let why = format!("{} is a {} file, no routing table", session.map.file(id).path, format.id());
            ledger.import_failed(spot, why, "name what `route print`, `netstat -nr` or `ip route` prints");
            failed = true;
            continue;
        };
        if table.routes.is_empty() && notes.problems.is_empty() {
            let why = format!("{} holds no route for IPv4", session.map.file(id).path);
            ledger.import_failed(spot, why, "");
            failed = true;
        }
        ledger.take(session, id, notes);
        tables.push((table, first));
    }
    let doubt = tables.iter().find_map(|(table, _)| table.doubt);
    resource.routes = match (doubt, tables.first()) {
        (Some((span, why)), _) => Field::opaque_at(span, why),
        (None, Some((_, first))) if !failed => {
            let first = *first;
            let (mut all, mut cards) = (Vec::new(), Vec::new());
            for (table, _) in tables {
                all.extend(table.routes);
                cards.extend(table.interfaces);
            }
            if resource.interfaces.is_absent() && !cards.is_empty() {
                resource.interfaces = Field::known_at(cards, first);
            }
            Field::known_at(all, first)
        }
        _ => unread(),
    };
}

#[cfg(test)]
mod tests;
