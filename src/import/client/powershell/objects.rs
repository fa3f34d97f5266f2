//! Connections as objects: `Get-VpnConnection | ConvertTo-Json`, and `| Export-Clixml` (MS-PSRP, section 2.2.5). Class `VpnConnection` (Microsoft,
//! `vpnclientpsprov`): it never holds the key.

use std::borrow::Cow;

use super::{FORMAT, words};
use crate::import::Notes;
use crate::import::client::{Profile, facts};
use crate::model::{Client, Field, IpsecAuthentication, Key, List, Os};
use crate::source::{Problem, ProblemKind, Span, Spanned};
use crate::tree::xml::Element;
use crate::tree::{Kind, Node, SyntaxError, json as json_tree, xml};

/// Properties that are read, and may be shown.
const READ: &str = "Name ServerAddress TunnelType AuthenticationMethod SplitTunneling L2tpIPsecAuth DnsSuffix Routes DestinationPrefix";

/// Whether a text begins as JSON does, and no script.
pub fn is_json(start: &str) -> bool {
    let second = start.get(1..).unwrap_or_default().trim_start();
    second.starts_with('"') || start.starts_with('[') && second.starts_with(['{', ']'])
}

/// Whether JSON holds VPN connections.
pub fn is_connections(text: &str) -> bool {
    text.contains("\"TunnelType\"") && text.contains("\"ServerAddress\"")
}

/// A value of an object.
enum Item<'a> {
    Text(Cow<'a, str>, Span),
    Bool(bool, Span),
    List(Vec<Item<'a>>, Span),
    Object(Vec<(Cow<'a, str>, Item<'a>)>, Span),
    Nothing,
    /// A number or what else says nothing here.
    Other(Span),
}

/// Reads JSON.
pub fn json(text: &str, base: u32) -> (Vec<Profile>, Notes) {
    let parsed = json_tree::parse(text, base, false);
    let mut notes = Notes::default();
    note_errors(&parsed.errors, text, base, &mut notes);
    let profiles = parsed.root.map_or_else(Vec::new, |root| connections(&node(root, true, &mut notes.secrets)));
    (profiles, notes)
}

/// Reads CLIXML.
pub fn clixml(text: &str, base: u32) -> (Vec<Profile>, Notes) {
    let (root, errors) = xml::document(text, base);
    let mut notes = Notes::default();
    note_errors(&errors, text, base, &mut notes);
    hide_comments(text, base, &mut notes.secrets);
    let profiles = root.map_or_else(Vec::new, |root| connections(&element(root, true, &mut notes.secrets)));
    (profiles, notes)
}

/// A cut file may hold anything anywhere.
fn note_errors(errors: &[SyntaxError], text: &str, base: u32, notes: &mut Notes) {
    for error in errors {
        let problem = Problem::new(ProblemKind::Syntax, error.span, error.message.clone(), "here");
        notes.problems.push(problem.help("write the connections to the file again with Get-VpnConnection"));
    }
    if !errors.is_empty() {
        notes.secrets.push(Span::new(base, base + text.len() as u32));
    }
}

fn hide_comments(text: &str, base: u32, secrets: &mut Vec<Span>) {
    let mut at = 0;
    while let Some(start) = text[at..].find("<!--").map(|n| at + n) {
        at = text[start..].find("-->").map_or(text.len(), |n| start + n + 3);
        secrets.push(Span::new(base + start as u32, base + at as u32));
    }
}

fn is_read(name: &str) -> bool {
    READ.split(' ').any(|word| word == name)
}

fn node<'a>(node: Node<'a>, shown: bool, secrets: &mut Vec<Span>) -> Item<'a> {
    let span = node.span;
    match node.kind {
        Kind::Str(text) => {
            if !shown && !span.is_empty() {
                secrets.push(span);
            }
            Item::Text(text, span)
        }
        Kind::Bool(on) => Item::Bool(on, span),
        Kind::Null => Item::Nothing,
        Kind::Seq(items) => Item::List(items.into_iter().map(|item| self::node(item, shown, secrets)).collect(), span),
        Kind::Map(entries) => {
            let read = |entry: crate::tree::Entry<'a>, secrets: &mut Vec<Span>| {
                let shown = is_read(&entry.key) || matches!(&*entry.key, "value" | "Value") && shown;
                (entry.key, self::node(entry.value, shown, secrets))
            };
            Item::Object(entries.into_iter().map(|entry| read(entry, secrets)).collect(), span)
        }
        _ => {
            if !shown && !span.is_empty() {
                secrets.push(span);
            }
            Item::Other(span)
        }
    }
}

/// An element of CLIXML: `S`, `B`, `Nil`, numbers, and `Obj` with its list, table or properties.
fn element<'a>(mut element: Element<'a>, shown: bool, secrets: &mut Vec<Span>) -> Item<'a> {
    let span = element.text.span;
    match &*element.name {
        "S" => {
            if !shown && !span.is_empty() {
                secrets.push(span);
            }
            Item::Text(Cow::Owned(unescape(&element.text.value)), span)
        }
        "B" => match element.text.value.trim() {
            "true" => Item::Bool(true, span),
            "false" => Item::Bool(false, span),
            _ => Item::Other(span),
        },
        "Nil" => Item::Nothing,
        "Objs" | "LST" | "IE" | "STK" | "QUE" => {
            Item::List(std::mem::take(&mut element.children).into_iter().map(|c| self::element(c, shown, secrets)).collect(), element.span)
        }
        "Obj" => {
            let whole = element.span;
            let mut entries = Vec::new();
            for child in element.children {
                match &*child.name {
                    "MS" | "Props" => {
                        for property in child.children {
                            let name =
                                property.attributes.iter().find(|(n, _)| n == "N").map_or(Cow::Borrowed(""), |(_, v)| v.value.clone());
                            let shown = is_read(&name);
                            entries.push((name, self::element(property, shown, secrets)));
                        }
                    }
                    "LST" | "IE" => return self::element(child, shown, secrets),
                    // What the object is called as a text, and what else it holds.
                    _ => hide(&child, secrets),
                }
            }
            Item::Object(entries, whole)
        }
        _ => {
            hide(&element, secrets);
            Item::Other(element.span)
        }
    }
}

fn hide(element: &Element<'_>, secrets: &mut Vec<Span>) {
    // Names of types are no secret.
    if element.name != "TN" && element.name != "TNRef" && !element.text.value.trim().is_empty() {
        secrets.push(element.text.span);
    }
    if element.name != "TN" {
        element.children.iter().for_each(|child| hide(child, secrets));
    }
}

/// `_x000A_` is a line end, and so on (MS-PSRP, section 2.2.5.3.2).
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(n) = rest.find("_x") {
        let code = rest.get(n + 2..n + 6).filter(|_| rest[n + 6..].starts_with('_')).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        out.push_str(&rest[..n]);
        if let Some(c) = code.and_then(char::from_u32) {
            out.push(c);
            rest = &rest[n + 7..];
        } else {
            out.push_str("_x");
            rest = &rest[n + 2..];
        }
    }
    out.push_str(rest);
    out
}

/// The connections, however deep lists and objects nest.
fn connections(item: &Item<'_>) -> Vec<Profile> {
    match item {
        Item::List(items, _) => items.iter().flat_map(connections).collect(),
        Item::Object(entries, span) => {
            let has = |name| entries.iter().any(|(key, _)| key == name);
            if has("TunnelType") && has("ServerAddress") {
                return vec![connection(&Object { entries, span: *span })];
            }
            entries.iter().flat_map(|(_, item)| connections(item)).collect()
        }
        _ => Vec::new(),
    }
}

struct Object<'o, 'a> {
    entries: &'o [(Cow<'a, str>, Item<'a>)],
    span: Span,
}

impl Object<'_, '_> {
    fn get(&self, name: &str) -> &Item<'_> {
        self.entries.iter().find(|(key, _)| key == name).map_or(&Item::Nothing, |(_, item)| item)
    }

    /// A property that is one word.
    fn word<T>(&self, name: &str, read: impl Fn(&str) -> Option<T>) -> Field<T> {
        match self.get(name) {
            Item::Text(text, span) if !text.trim().is_empty() => read(text)
                .map_or_else(|| Field::opaque_at(*span, format!("`{name}` is none that Windows knows")), |v| Field::known_at(v, *span)),
            Item::Other(span) => Field::opaque_at(*span, format!("`{name}` is written as a number")),
            _ => Field::Absent,
        }
    }

    /// The parts of a property that is a list, a single value, or PowerShell's `{ "value": […], "Count": n }`.
    fn list(&self, name: &str) -> Vec<&Item<'_>> {
        match self.get(name) {
            Item::List(items, _) => items.iter().collect(),
            Item::Object(entries, _) => match entries.iter().find(|(key, _)| key.eq_ignore_ascii_case("value")) {
                Some((_, Item::List(items, _))) => items.iter().collect(),
                _ => vec![self.get(name)],
            },
            Item::Nothing => Vec::new(),
            one => vec![one],
        }
    }
}

fn connection(object: &Object<'_, '_>) -> Profile {
    let head = match object.get("Name") {
        Item::Text(_, span) => *span,
        _ => Span::new(object.span.start, (object.span.start + 1).min(object.span.end)),
    };
    let name = match object.get("Name") {
        Item::Text(text, span) if !text.trim().is_empty() => Spanned::new(text.to_string(), *span),
        _ => Spanned::new("VPN".to_owned(), head),
    };
    let (server, remarks) = match object.get("ServerAddress") {
        Item::Text(text, span) => (facts::server(text, *span), facts::server_form(text, *span)),
        _ => (Field::Absent, None),
    };
    let split_tunnel = match object.get("SplitTunneling") {
        Item::Bool(on, span) => Field::known_at(*on, *span),
        Item::Other(span) => Field::opaque_at(*span, "`SplitTunneling` is neither true nor false"),
        _ => Field::Absent,
    };
    let ipsec_authentication = object.word("L2tpIPsecAuth", words::ipsec_authentication);
    let pre_shared_key: Field<Key> = match ipsec_authentication.known() {
        Some(by) if by.value == IpsecAuthentication::PreSharedKey => {
            Field::opaque_at(by.span, "`Get-VpnConnection` never shows the pre-shared key")
        }
        _ => Field::Absent,
    };
    Profile {
        client: Client {
            name,
            format: Some(FORMAT),
            profile: Some(head),
            os: Field::known_at(Os::Windows, head),
            server,
            tunnel_type: object.word("TunnelType", words::tunnel_type),
            authentication: authentication(object),
            routes: routes(object, &split_tunnel),
            dns_suffix: match object.get("DnsSuffix") {
                Item::Text(text, span) => facts::text(text, *span, "DNS suffix"),
                _ => Field::Absent,
            },
            pre_shared_key,
            ipsec_authentication,
            split_tunnel,
            remarks: remarks.into_iter().collect(),
            ..Client::default()
        },
    }
}

fn authentication(object: &Object<'_, '_>) -> List<crate::model::Authentication> {
    let mut found = Vec::new();
    for item in object.list("AuthenticationMethod") {
        match item {
            Item::Text(text, span) => match words::authentication(text) {
                Some(method) => found.push(Spanned::new(method, *span)),
                None => return Field::opaque_at(*span, "`AuthenticationMethod` is none that Windows knows"),
            },
            Item::Other(span) => return Field::opaque_at(*span, "`AuthenticationMethod` is written as a number"),
            _ => {}
        }
    }
    let place = found.first().map(|f| f.span);
    place.map_or(Field::Absent, |span| Field::known_at(found, span))
}

fn routes(object: &Object<'_, '_>, split: &Field<bool>) -> List<ipnet::Ipv4Net> {
    let mut found = Vec::new();
    for item in object.list("Routes") {
        let (text, span) = match item {
            Item::Text(text, span) => (text, span),
            Item::Object(entries, span) => match entries.iter().find(|(key, _)| key == "DestinationPrefix") {
                Some((_, Item::Text(text, span))) => (text, span),
                _ => return Field::opaque_at(*span, "one of the profile's routes has no `DestinationPrefix`"),
            },
            Item::Bool(_, span) | Item::List(_, span) | Item::Other(span) => {
                return Field::opaque_at(*span, "one of the profile's routes is no subnet");
            }
            Item::Nothing => continue,
        };
        match words::ipv4_net(text) {
            Some(net) => found.push(Spanned::new(net, *span)),
            None if text.trim().parse::<ipnet::Ipv6Net>().is_ok() => {}
            None => return Field::opaque_at(*span, "one of the profile's routes is no subnet"),
        }
    }
    match (found.first().map(|f| f.span), split.known(), object.entries.iter().any(|(key, _)| key == "Routes")) {
        (Some(span), ..) => Field::known_at(found, span),
        (None, Some(split), true) if split.value => Field::known_at(Vec::new(), split.span),
        _ => Field::Absent,
    }
}
