//! Finds the bodies in a file: one, or many in one object with API names.

use super::kind::{Body, by_name, by_shape};
use super::object::{Obj, fold, same_key};
use super::piece::Piece;
use crate::source::Span;
use crate::tree::{Entry, Kind, Node};

/// A body with what is known of where it belongs.
pub struct Found<'n, 't> {
    /// Which body.
    pub body: Body,
    /// Its JSON, or the place of what stands for it and why.
    pub node: Result<&'n Node<'t>, (Span, &'static str)>,
    /// Folded names and ids of its network, outermost first.
    pub networks: Vec<String>,
    /// Serial of its device.
    pub serial: Option<String>,
    /// Folded id of its organisation.
    pub organization: Option<String>,
    /// Whether a list may lack items that the network has.
    pub partial: bool,
}

/// What is said of an error that a backup stored in place of an answer.
pub const FAILED: &str = "the API answered with an error when this part was exported";

/// Keys that only hold other things together.
const CONTAINERS: &[&str] = &[
    "appliance",
    "firewall",
    "vpn",
    "network",
    "networks",
    "organization",
    "organizations",
    "device",
    "devices",
    "uplinks",
    "data",
    "response",
    "merakiresponse",
    "payload",
    "body",
    "result",
    "results",
    "items",
    "info",
    "config",
    "configuration",
    "mx",
];

/// Keys that wrap the answer itself.
const ENVELOPES: &[&str] = &["data", "response", "merakiresponse", "payload", "body", "result", "results", "items"];

/// Deepest nesting of containers.
const DEPTH: usize = 10;

/// Walks through a file.
#[derive(Default)]
pub struct Finder<'n, 't> {
    /// What was found, in document order.
    pub found: Vec<Found<'n, 't>>,
    /// Errors instead of bodies whose name is not known.
    pub errors: Vec<Span>,
    networks: Vec<String>,
    serials: Vec<String>,
    organizations: Vec<String>,
}

impl<'n, 't> Finder<'n, 't> {
    /// The bodies that a converter made.
    pub fn pieces(pieces: &'n [Piece<'t>]) -> Self {
        let one = |piece: &'n Piece<'t>| Found {
            body: piece.body,
            node: piece.node.as_ref().map_err(|missing| *missing),
            networks: piece.networks.clone(),
            serial: piece.serial.clone(),
            organization: piece.organization.clone(),
            partial: piece.partial,
        };
        Self { found: pieces.iter().map(one).collect(), ..Self::default() }
    }

    /// All bodies below `root`, the JSON of the file `path` (below the imported folder, or the name alone).
    pub fn file(path: &str, root: &'n Node<'t>) -> Self {
        let mut finder = Self::default();
        let stem = path.strip_suffix(".json").unwrap_or(path);
        let parts: Vec<&str> = stem.split('/').flat_map(|p| p.split("__")).filter(|p| !p.is_empty()).collect();
        for pair in parts.windows(2) {
            finder.enter(pair[0], pair[1]);
        }
        let (last, trail) = parts.split_last().map_or(("", &[][..]), |(last, trail)| (*last, trail));
        finder.walk(root, by_name(&trail.join("/"), last), &trail.join("/"), 0);
        finder
    }

    /// Notes the network or device that a step of a path names.
    fn enter(&mut self, collection: &str, name: &str) {
        let placeholder = name.starts_with([':', '{', '<', '$']) || ["networkid", "serial", "id"].contains(&&*fold(name));
        if placeholder || by_name("", name).is_some() {
            return;
        }
        match fold(collection).as_str() {
            "networks" | "network" => self.networks.push(fold(name)),
            "devices" | "device" => self.serials.push(fold(name)),
            "organizations" | "organization" => self.organizations.push(fold(name)),
            _ => {}
        }
    }

    fn walk(&mut self, node: &'n Node<'t>, hint: Option<Body>, trail: &str, depth: usize) {
        if depth > DEPTH || node.kind == Kind::Null {
            return;
        }
        if let Some(span) = error_in(node) {
            match hint {
                Some(body) => self.push(body, Err((span, FAILED))),
                None => self.errors.push(span),
            }
            return;
        }
        let inner = hint.and_then(|body| wrapped(node, body));
        if let Some(inner) = inner {
            return self.walk(inner, hint, trail, depth + 1);
        }
        // `networks` and `devices` hold lists of names, or whole networks with their bodies.
        if hint == Some(Body::Devices) && !listing(node) && has_serials(node) {
            self.push(Body::Devices, Ok(node));
        }
        let hint = hint.filter(|body| !matches!(body, Body::Networks | Body::Devices) || listing(node));
        if let Some(body) = hint.or_else(|| by_shape(node).filter(|b| !matches!(b, Body::Networks | Body::Devices) || listing(node))) {
            return self.push(body, Ok(node));
        }
        let before = self.depths();
        match &node.kind {
            Kind::Seq(items) => {
                for item in items.iter().filter(|i| i.entries().is_some()) {
                    self.walk(item, None, trail, depth + 1);
                }
            }
            Kind::Map(entries) => {
                self.identify(entries);
                for entry in entries {
                    self.entry(entry, trail, depth);
                }
            }
            _ => {}
        }
        self.leave(before);
    }

    /// How many names are noted so far.
    fn depths(&self) -> [usize; 3] {
        [self.networks.len(), self.serials.len(), self.organizations.len()]
    }

    fn leave(&mut self, before: [usize; 3]) {
        self.networks.truncate(before[0]);
        self.serials.truncate(before[1]);
        self.organizations.truncate(before[2]);
    }

    fn entry(&mut self, entry: &'n Entry<'t>, trail: &str, depth: usize) {
        if !matches!(entry.value.kind, Kind::Map(_) | Kind::Seq(_) | Kind::Opaque(_)) {
            return;
        }
        // No name of a body is so long, and each key below folds it again.
        let key = if entry.key.len() <= 200 { &*entry.key } else { "-" };
        let below = if trail.is_empty() { key.to_owned() } else { format!("{trail}/{key}") };
        if let Some(body) = by_name(trail, key) {
            return self.walk(&entry.value, Some(body), &below, depth + 1);
        }
        let parent = trail.rsplit('/').next().unwrap_or_default();
        let named = ["networks", "network", "devices", "organizations"].iter().any(|c| same_key(parent, c));
        if named || is_network_id(&entry.key) || CONTAINERS.contains(&&*fold(&entry.key)) {
            let before = self.depths();
            if is_network_id(&entry.key) {
                self.networks.push(fold(&entry.key));
            } else if named && !CONTAINERS.contains(&&*fold(&entry.key)) {
                self.enter(parent, &entry.key);
            }
            self.walk(&entry.value, None, &below, depth + 1);
            self.leave(before);
        }
    }

    /// Takes the ids of an object that holds bodies.
    fn identify(&mut self, entries: &[Entry<'t>]) {
        let object = Obj(entries);
        let info = object.object("info").unwrap_or(object);
        for o in [object, info] {
            let id = o.peek("networkId").or_else(|| o.peek("id").filter(|id| is_network_id(id)));
            if let Some(id) = id {
                self.networks.push(fold(id));
                self.networks.extend(o.peek("networkName").or_else(|| o.peek("id").and_then(|_| o.peek("name"))).map(fold));
            }
            self.serials.extend(o.peek("serial").map(fold));
            self.organizations.extend(o.peek("organizationId|orgId").map(fold));
        }
    }

    fn push(&mut self, body: Body, node: Result<&'n Node<'t>, (Span, &'static str)>) {
        let mut networks = self.networks.clone();
        let per_row = matches!(body, Body::Networks | Body::Devices | Body::UplinkStatuses | Body::UplinkAddresses);
        if let Ok(node) = node
            && !per_row
        {
            let first = node.items().and_then(<[_]>::first).unwrap_or(node);
            networks.extend(first.entries().and_then(|e| Obj(e).peek("networkId")).map(fold));
        }
        let (serial, organization) = (self.serials.last().cloned(), self.organizations.last().cloned());
        self.found.push(Found { body, node, networks, serial, organization, partial: false });
    }
}

/// Whether it is the Dashboard's id of a network.
pub fn is_network_id(text: &str) -> bool {
    text.strip_prefix("N_").or_else(|| text.strip_prefix("L_")).is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// The error that a backup stored in place of an answer.
fn error_in(node: &Node<'_>) -> Option<Span> {
    let entries = node.entries().filter(|e| e.len() <= 4)?;
    let error = entries.iter().find(|e| matches!(&*e.key, "error" | "errors") && e.value.kind != Kind::Null)?;
    let empty = error.value.items().is_some_and(<[_]>::is_empty);
    let rest = entries.iter().all(|e| !matches!(e.value.kind, Kind::Map(_)) || e.key.starts_with("error"));
    (!empty && rest && by_shape(node).is_none()).then_some(error.key_span)
}

/// The body inside an object that only wraps it: `{ "vlans": […] }`, `{ "response": … }`.
fn wrapped<'n, 't>(node: &'n Node<'t>, body: Body) -> Option<&'n Node<'t>> {
    let entries = node.entries()?;
    if by_shape(node) == Some(body) {
        return None;
    }
    let nested = |e: &&Entry<'_>| matches!(e.value.kind, Kind::Map(_) | Kind::Seq(_));
    entries.iter().filter(nested).find(|e| ENVELOPES.contains(&&*fold(&e.key)) || by_name("", &e.key) == Some(body)).map(|e| &e.value)
}

/// Whether every item is a device.
fn has_serials(node: &Node<'_>) -> bool {
    node.items().is_some_and(|items| !items.is_empty() && items.iter().all(|i| i.get("serial").is_some()))
}

/// Whether the items are rows of a list, without bodies of their own.
fn listing(node: &Node<'_>) -> bool {
    let plain =
        |e: &Entry<'_>| !(matches!(e.value.kind, Kind::Map(_)) || by_name("", &e.key).is_some() || CONTAINERS.contains(&&*fold(&e.key)));
    let items = node.items();
    items.is_some_and(|items| items.iter().all(|i| i.entries().is_some_and(|e| e.iter().all(|e| matches!(&*e.key, "details") || plain(e)))))
}
