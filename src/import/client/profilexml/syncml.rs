//! `SyncML` commands: which profile an item goes to, and profiles that are set node by node.

use std::borrow::Cow;
use std::collections::HashMap;

use super::{Embedding, Found, profile};
use crate::import::client::facts;
use crate::import::client::offsets::Offsets;
use crate::source::{Span, Spanned};
use crate::tree::xml::Element;

/// A node of the configuration service provider: `…/Vendor/MSFT/VPNv2/<profile>/…`.
pub struct Node {
    /// The profile's name, unescaped.
    pub name: Spanned<String>,
    /// What stands behind the name.
    path: Vec<String>,
}

impl Node {
    /// A node of VPNv2; `None` for one of another provider.
    pub fn parse(uri: &str, span: Span, offsets: &Offsets<'_>) -> Option<Self> {
        let mut parts = uri.trim().split('/').filter(|p| !p.is_empty()).skip_while(|p| !p.eq_ignore_ascii_case("VPNv2"));
        parts.next()?;
        let name = parts.next()?;
        let path = parts.map(str::to_owned).collect();
        Some(Self { name: Spanned::new(unescape(name), offsets.span(span)), path })
    }

    /// Whether it holds a profile in one piece.
    pub fn is_whole_profile(&self) -> bool {
        matches!(&*self.path, [last] if last.eq_ignore_ascii_case("ProfileXML"))
    }

    /// Whether it holds a secret and nothing else.
    pub fn is_secret(&self) -> bool {
        self.path.last().is_some_and(|last| facts::names_secret(last))
    }
}

/// A name as it is shown: `%20` is a blank.
fn unescape(name: &str) -> String {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some(n) = rest.find('%') {
        bytes.extend_from_slice(&rest.as_bytes()[..n]);
        let code = rest.get(n + 1..n + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(code.unwrap_or(b'%'));
        rest = &rest[n + if code.is_some() { 3 } else { 1 }..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).unwrap_or_else(|_| name.to_owned())
}

/// Single nodes of profiles, in the order in which they were set.
#[derive(Default)]
pub struct Nodes<'e> {
    profiles: Vec<(Spanned<String>, Element<'e>)>,
    /// Where the elements stand among their siblings, by the way to them.
    index: HashMap<String, usize>,
}

/// Nodes of VPNv2 are not deeper.
const MAX_STEPS: usize = 8;

impl<'e> Nodes<'e> {
    /// Puts a node's text where a `ProfileXML` has it.
    pub fn add(&mut self, node: Node, data: &'e Element<'_>) {
        let Node { name, path } = node;
        if path.is_empty() || path.len() > MAX_STEPS {
            return;
        }
        let mut way = name.value.clone();
        let at = *self.index.entry(way.clone()).or_insert_with(|| {
            self.profiles.push((name, element("VPNProfile", data)));
            self.profiles.len() - 1
        });
        let mut parent = &mut self.profiles[at].1;
        let mut path = path.iter().map(String::as_str);
        while let Some(step) = path.next() {
            // A list has rows in the tree of nodes, and repeated elements in a `ProfileXML`.
            let name = match step {
                "RouteList" => "Route",
                "DomainNameInformationList" => "DomainNameInformation",
                _ => step,
            };
            let row = if name == step { "" } else { path.next().unwrap_or("") };
            way.extend(["/", name, "/", row]);
            let n = *self.index.entry(way.clone()).or_insert_with(|| {
                parent.children.push(element(name, data));
                parent.children.len() - 1
            });
            parent = &mut parent.children[n];
        }
        parent.text = Spanned::new(Cow::Owned(data.text.value.clone().into_owned()), data.text.span);
        parent.span = data.span;
        parent.broken = data.broken;
    }

    /// The profiles that the nodes make.
    pub fn profiles(self, at: &Embedding<'_>, whole: bool, found: &mut Found) {
        for (name, element) in self.profiles {
            let reader = profile::Reader { offsets: at.offsets, whole };
            let head = name.span;
            let client = reader.client(&element, name, head);
            found.push(client);
        }
    }
}

/// An element without content, at the place of a node's data.
fn element<'e>(name: &str, data: &Element<'_>) -> Element<'e> {
    Element {
        name: Cow::Owned(name.to_owned()),
        namespace: None,
        span: Span::new(data.span.start, data.span.start + 5),
        attributes: Vec::new(),
        text: Spanned::new(Cow::Borrowed(""), data.span),
        children: Vec::new(),
        broken: false,
    }
}
