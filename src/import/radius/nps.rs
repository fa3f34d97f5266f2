//! Windows' Network Policy Server: what `netsh nps export exportPSK=YES` or `Export-NpsConfiguration` writes.
//!
//! Clients stand in `Microsoft_Radius_Protocol > Children > Clients > Children`, each an element of its own name with `Properties`; the protocol's own `Properties` name its
//! ports. Sources: Microsoft, "netsh nps", and published exports.

use super::Found;
use crate::import::Notes;
use crate::import::addrs::unknowable;
use crate::model::{Field, Key, KeyOrigin, RadiusClient};
use crate::net::Addrs;
use crate::secret::Secret;
use crate::source::{Problem, ProblemKind, Span, Spanned};
use crate::tree::xml::{self, Element};

/// Whether an XML text is such an export.
pub fn is_nps(text: &str) -> bool {
    crate::import::detect::root(text) == Some("Root") && text.contains("<Microsoft_Internet_Authentication_Service")
}

/// Reads an export.
pub fn read(text: &str, base: u32) -> (Found, Notes) {
    let (root, errors) = xml::document(text, base);
    let mut notes = Notes::default();
    notes.problems.extend(errors.into_iter().map(|e| Problem::new(ProblemKind::Syntax, e.span, e.message, "here").help("export it again")));
    let mut found = Found::default();
    if let Some(root) = &root {
        hide(root, &mut notes.secrets);
        let mut protocols = Vec::new();
        named(root, "Microsoft_Radius_Protocol", &mut protocols);
        for protocol in protocols {
            one(protocol, &mut found);
        }
    }
    (found, notes)
}

/// Hides what elements hold that are named like a secret.
fn hide(element: &Element<'_>, secrets: &mut Vec<Span>) {
    let name = element.name.to_ascii_lowercase();
    if (name.contains("secret") || name.contains("password")) && !element.text.value.trim().is_empty() {
        secrets.push(element.text.span);
    }
    element.children.iter().for_each(|child| hide(child, secrets));
}

fn named<'e, 't>(element: &'e Element<'t>, name: &str, out: &mut Vec<&'e Element<'t>>) {
    if element.name == name {
        out.push(element);
    } else {
        element.children.iter().for_each(|child| named(child, name, out));
    }
}

fn one(protocol: &Element<'_>, found: &mut Found) {
    if let Some(ports) = protocol.child("Properties").and_then(|p| p.child("Authentication_Port")) {
        // `192.168.1.2:1812,1645`: an address in front binds a port to one card.
        let numbers = ports.text.value.split([',', ';']).filter_map(|part| part.rsplit(':').next()?.trim().parse().ok());
        found.ports.extend(numbers.map(|port| Spanned::new(port, ports.text.span)));
    }
    let Some(clients) = protocol.child("Children").and_then(|c| c.child("Clients")) else { return };
    found.clients.get_or_insert_default();
    clients.child("Children").map_or(&[][..], |c| &c.children).iter().filter_map(client).for_each(|entry| found.entry(entry));
}

/// An entry that is switched on.
fn client(entry: &Element<'_>) -> Option<Spanned<RadiusClient>> {
    let properties = entry.child("Properties")?;
    let text = |name: &str| properties.child(name).map(|e| &e.text).filter(|t| !t.value.trim().is_empty());
    if text("Radius_Client_Enabled").is_some_and(|t| t.value.trim() == "0") {
        return None;
    }
    // The head alone: what stands in the element is long, and holds the secret.
    let head = Span::new(entry.span.start, (entry.span.start + 1 + entry.name.len() as u32).min(entry.span.end));
    let name =
        entry.attributes.iter().find(|(n, _)| n == "name").map_or(Field::Absent, |(_, v)| Field::known_at(v.value.to_string(), v.span));
    let ip = match text("IP_Address") {
        None => Field::opaque_at(head, "a client entry states no address"),
        Some(at) if at.value.contains(':') => return None,
        Some(at) => match Addrs::parse(at.value.trim()) {
            Some(all) => Field::known_at(all, at.span),
            None => Field::opaque_at(at.span, unknowable(at.value.trim()).unwrap_or("a client entry's address is not understood")),
        },
    };
    let secret = match text("Shared_Secret") {
        Some(key) => Field::known_at(Key { secret: Secret::new(key.value.to_string()), origin: KeyOrigin::Profile("nps-xml") }, key.span),
        None => Field::opaque_at(head, "the export holds no secrets: `netsh nps export exportPSK=YES` writes them"),
    };
    Some(Spanned::new(RadiusClient { name, ip, secret }, head))
}
