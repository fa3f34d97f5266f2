//! Which network of the files is meant.

use super::template::{Of, Templates};
use crate::import::meraki::object::fold;
use crate::tree::Node;

/// A network with what it belongs to.
#[derive(Clone, Copy)]
pub struct Network<'n, 't> {
    pub organization: &'n Node<'t>,
    pub node: &'n Node<'t>,
    domain: Option<&'n str>,
}

/// Why no network could be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Several fit, or several are there and none is asked for.
    Several,
    /// The one asked for is not there.
    NotThere,
}

fn items<'n, 't>(node: &'n Node<'t>, key: &str) -> &'n [Node<'t>] {
    node.get(key).and_then(|e| e.value.items()).unwrap_or_default()
}

fn name<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    node.get("name").and_then(|e| e.value.text())
}

/// All networks of a merged document.
pub fn all<'n, 't>(root: &'n Node<'t>) -> Vec<Network<'n, 't>> {
    let Some(meraki) = root.get("meraki").map(|e| &e.value) else { return Vec::new() };
    let mut out = Vec::new();
    for domain in items(meraki, "domains") {
        for organization in items(domain, "organizations") {
            out.extend(items(organization, "networks").iter().map(|node| Network { organization, node, domain: name(domain) }));
        }
    }
    out
}

impl Network<'_, '_> {
    /// The network's name.
    pub fn name(&self) -> Option<&str> {
        name(self.node)
    }

    /// The name of its organisation.
    pub fn organization_name(&self) -> Option<&str> {
        name(self.organization)
    }

    /// Whether it has an appliance, by its list of products or because something is said of one.
    pub fn has_appliance(&self, templates: &Templates<'_, '_>) -> bool {
        let product = items(self.node, "product_types").iter().any(|p| p.text() == Some("appliance"));
        product || templates.says(Of::Networks, self.node, "appliance")
    }

    /// Whether `wanted` (folded) is its name, alone or behind its organisation's and domain's, or a serial of one of its devices.
    fn is(&self, wanted: &str) -> bool {
        let Some(own) = self.name().map(fold) else { return false };
        // No name is longer than the schema's 127 characters.
        let around = |name: Option<&str>| name.filter(|n| n.len() < 1000).map(fold).unwrap_or_default();
        let inside = format!("{}{own}", around(self.organization_name()));
        let whole = format!("{}{inside}", around(self.domain));
        let serial = |d: &Node<'_>| d.get("serial").and_then(|e| e.value.text()).is_some_and(|s| fold(s) == wanted);
        wanted == own || wanted == inside || wanted == whole || items(self.node, "devices").iter().any(serial)
    }
}

/// The network that one of `wanted` (folded) names; the only one with an appliance when nothing is asked for.
pub fn choose<'n, 't>(
    all: &[Network<'n, 't>],
    wanted: &[String],
    templates: &Templates<'n, 't>,
) -> Result<Option<Network<'n, 't>>, Trouble> {
    let only = |found: Vec<Network<'n, 't>>| match found.as_slice() {
        [one] => Ok(Some(*one)),
        [] => Err(Trouble::NotThere),
        _ => Err(Trouble::Several),
    };
    if !wanted.is_empty() {
        return only(all.iter().copied().filter(|n| wanted.iter().any(|w| n.is(w))).collect());
    }
    if let [] | [_] = all {
        return Ok(all.first().copied());
    }
    match only(all.iter().copied().filter(|n| n.has_appliance(templates)).collect()) {
        Err(Trouble::NotThere) => Err(Trouble::Several),
        found => found,
    }
}
