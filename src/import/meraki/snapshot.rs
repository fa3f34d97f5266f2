//! Snapshots of `meraki2tf`: features with the path of the API and its parameters apart. The nested form, told by `organizations`, is laid out like the
//! API, and read as such.
//!
//! Source: `AutomationPlusPlus/meraki2tf`, `README.md` ("Snapshot format", `--sanitize`).

use super::kind::{Body, by_name};
use super::object::fold;
use super::piece::{Piece, Pieces, is_list, name, take};
use crate::source::Span;
use crate::tree::{Kind, Node};

/// What a file gives.
pub struct Read<'t> {
    /// The bodies.
    pub pieces: Vec<Piece<'t>>,
    /// Where it says that it was sanitized: its addresses are made up.
    pub sanitized: Option<Span>,
}

/// Reads a document.
pub fn read(mut root: Node<'_>) -> Read<'_> {
    // `--sanitize` writes `org-0001`; the Dashboard's own ids of organisations are numbers.
    let invented = root.get("organizationId").filter(|e| e.value.text().is_some_and(|id| id.starts_with("org-")));
    let sanitized = invented.map(|e| e.value.span);
    let organization = name(&root, "organizationId");
    let mut out = Pieces::default();
    for (key, body) in [("networks", Body::Networks), ("devices", Body::Devices)] {
        if let Some(node) = take(&mut root, key) {
            out.rows(piece(body, node, organization.as_ref()));
        }
    }
    if let Some(Kind::Seq(features)) = take(&mut root, "features").map(|n| n.kind) {
        for mut feature in features {
            let Some(payload) = take(&mut feature, "payload") else { continue };
            let values = feature.get("pathValues").and_then(|e| e.value.items()).unwrap_or_default();
            let Some(path) = feature.get("apiPath").and_then(|e| e.value.text()) else { continue };
            if let Some(one) = found(path, values, payload, organization.as_ref()) {
                if is_list(one.body) { out.rows(one) } else { out.push(one) }
            }
        }
    }
    Read { pieces: out.finish(), sanitized }
}

fn piece<'t>(body: Body, node: Node<'t>, organization: Option<&String>) -> Piece<'t> {
    Piece { body, node: Ok(node), networks: Vec::new(), serial: None, organization: organization.cloned(), partial: false }
}

/// The body of a feature; `values` fill the path's parameters in order.
fn found<'t>(path: &str, values: &[Node<'_>], payload: Node<'t>, organization: Option<&String>) -> Option<Piece<'t>> {
    let mut values = values.iter().map(|v| match &v.kind {
        Kind::Str(text) => fold(text),
        Kind::Int(n) => n.to_string(),
        _ => String::new(),
    });
    let (mut named, mut of) = (Vec::new(), Vec::new());
    for part in path.split('/').filter(|p| !p.is_empty()) {
        if part.starts_with('{') {
            of.push((named.last().copied().unwrap_or_default(), values.next().unwrap_or_default()));
        } else {
            named.push(part);
        }
    }
    let (last, trail) = named.split_last()?;
    let body = by_name(&trail.join("/"), last)?;
    let value =
        |of: &[(&str, String)], collection: &str| of.iter().find(|(c, v)| *c == collection && !v.is_empty()).map(|(_, v)| v.clone());
    let mut piece = piece(body, payload, organization);
    // Rows of the organisation's lists name themselves.
    if !matches!(body, Body::Networks | Body::Devices) {
        piece.networks.extend(value(&of, "networks"));
        piece.serial = value(&of, "devices");
    }
    piece.organization = value(&of, "organizations").or(piece.organization);
    Some(piece)
}
