//! Bodies that a converter made of an export which is not laid out like the API: what the finder finds in one that is.

use std::collections::HashMap;

use super::kind::Body;
use super::object::fold;
use crate::source::Span;
use crate::tree::{Entry, Kind, Node};

/// A body with what is known of where it belongs.
pub struct Piece<'t> {
    /// Which body.
    pub body: Body,
    /// Its JSON with API names, or the place of what is missing and why.
    pub node: Result<Node<'t>, (Span, &'static str)>,
    /// Folded names and ids of its network.
    pub networks: Vec<String>,
    /// Folded serial of its device.
    pub serial: Option<String>,
    /// Folded id of its organisation.
    pub organization: Option<String>,
    /// Whether a list may lack items that the network has.
    pub partial: bool,
}

/// Pieces in the order in which they were met; rows of one list become one body.
#[derive(Default)]
pub struct Pieces<'t> {
    all: Vec<Piece<'t>>,
    lists: HashMap<(Body, String), usize>,
}

impl<'t> Pieces<'t> {
    /// Adds a body.
    pub fn push(&mut self, piece: Piece<'t>) {
        self.all.push(piece);
    }

    /// Adds rows of a list: to the body of the same network, if there is one.
    pub fn rows(&mut self, mut piece: Piece<'t>) {
        let Ok(node) = &mut piece.node else { return self.push(piece) };
        if node.items().is_none() {
            let (span, head) = (node.span, node.head);
            let row = std::mem::replace(node, Node { kind: Kind::Null, span, head, via: None });
            node.kind = Kind::Seq(vec![row]);
        }
        let key = (piece.body, piece.networks.first().cloned().unwrap_or_default());
        let Some(first) = self.lists.get(&key).and_then(|n| self.all.get_mut(*n)) else {
            self.lists.insert(key, self.all.len());
            return self.push(piece);
        };
        first.partial &= piece.partial;
        if let (Ok(Node { kind: Kind::Seq(mine), .. }), Ok(Node { kind: Kind::Seq(more), .. })) = (&mut first.node, piece.node) {
            mine.extend(more);
        }
    }

    /// All of them.
    pub fn finish(self) -> Vec<Piece<'t>> {
        self.all
    }
}

/// Whether a body is a list of things that providers and snapshots also write one by one.
pub const fn is_list(body: Body) -> bool {
    matches!(
        body,
        Body::Vlans
            | Body::StaticRoutes
            | Body::GroupPolicies
            | Body::AuthUsers
            | Body::Networks
            | Body::Devices
            | Body::PolicyObjects
            | Body::PolicyGroups
    )
}

/// Takes the value under `key` out of an object.
pub fn take<'t>(node: &mut Node<'t>, key: &str) -> Option<Node<'t>> {
    let Kind::Map(entries) = &mut node.kind else { return None };
    let at = entries.iter().position(|e| e.key == key && e.value.kind != Kind::Null)?;
    Some(entries.swap_remove(at).value)
}

/// The folded text or number under `key`.
pub fn name(node: &Node<'_>, key: &str) -> Option<String> {
    match &node.get(key)?.value.kind {
        Kind::Str(text) if !text.is_empty() => Some(fold(text)),
        Kind::Int(n) => Some(n.to_string()),
        _ => None,
    }
}

/// Puts the entries whose keys begin with `prefix_` into an object `prefix`, unless that is there.
pub fn nest(node: &mut Node<'_>, prefix: &'static str) {
    let (span, head) = (node.span, node.head);
    let Kind::Map(entries) = &mut node.kind else { return };
    if entries.iter().any(|e| e.key == prefix && e.value.kind != Kind::Null) {
        return;
    }
    let inner = |key: &str| key.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')).map(str::to_owned);
    let (mut nested, mut kept) = (Vec::new(), Vec::with_capacity(entries.len()));
    for mut entry in std::mem::take(entries) {
        match inner(&entry.key) {
            Some(key) => {
                entry.key = key.into();
                nested.push(entry);
            }
            None => kept.push(entry),
        }
    }
    if let Some(first) = nested.first() {
        let (key_span, place) = (first.key_span, first.value.head);
        let head = if place == Span::default() { head } else { place };
        let value = Node { kind: Kind::Map(nested), span, head, via: None };
        kept.push(Entry { key: prefix.into(), key_span, value });
    }
    *entries = kept;
}
