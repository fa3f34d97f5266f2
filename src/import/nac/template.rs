//! Templates and variables, which the Terraform module fills in for each network before it merges them: the templates that a network (or a device) names, in their order,
//! then what the network says itself.
//!
//! Source: `modules/model/main.tf` of netascode/terraform-meraki-nac-meraki. Of Terraform's template language the names of variables are understood; what calls functions or
//! has conditions is not known.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use super::merge::Merger;
use crate::source::{Span, names_secret};
use crate::tree::{Kind, Node};

/// Which templates: of networks or of devices.
#[derive(Clone, Copy)]
pub enum Of {
    Networks,
    Devices,
}

/// A table as Terraform sees it, and the places where something is missing from it.
pub struct Filled<'t> {
    pub node: Node<'t>,
    pub missing: Vec<(Span, &'static str)>,
}

/// The templates of a merged document.
pub struct Templates<'n, 't> {
    networks: List<'n, 't>,
    devices: List<'n, 't>,
    text: &'n dyn Fn(Span) -> String,
}

/// Templates of one kind.
struct List<'n, 't> {
    all: &'n [Node<'t>],
    by_name: HashMap<&'n str, &'n Node<'t>>,
}

/// Variables by name.
type Variables<'n, 't> = HashMap<&'n str, &'n Node<'t>>;

/// Why a variable is not known.
const NOT_EVALUATED: &str = "the template's expression is not evaluated";

impl<'n, 't> List<'n, 't> {
    fn new(root: &'n Node<'t>, key: &str) -> Self {
        let list = root.get("meraki").and_then(|e| e.value.get("templates")).and_then(|e| e.value.get(key));
        let all = list.and_then(|e| e.value.items()).unwrap_or_default();
        let mut by_name = HashMap::new();
        for template in all {
            if let Some(name) = template.get("name").and_then(|e| e.value.text()) {
                by_name.entry(name).or_insert(template);
            }
        }
        Self { all, by_name }
    }
}

impl<'n, 't> Templates<'n, 't> {
    /// Those of `root`; `text` gives what stands at a place.
    pub fn new(root: &'n Node<'t>, text: &'n dyn Fn(Span) -> String) -> Self {
        Self { networks: List::new(root, "networks"), devices: List::new(root, "devices"), text }
    }

    /// The templates that `node` names, in order: each found one, or the place of the name.
    fn named(&self, of: Of, node: &Node<'_>) -> Vec<Result<&'n Node<'t>, Span>> {
        let list = match of {
            Of::Networks => &self.networks,
            Of::Devices => &self.devices,
        };
        let one = |name: &Node<'_>| name.text().and_then(|n| list.by_name.get(n).copied()).ok_or(name.span);
        node.get("templates").and_then(|e| e.value.items()).unwrap_or_default().iter().map(one).collect()
    }

    /// Whether `node` says something under `key`, itself or through a template; also when a template is not known.
    pub fn says(&self, of: Of, node: &Node<'_>, key: &str) -> bool {
        let in_template =
            |t: Result<&Node<'t>, Span>| t.map_or(true, |t| t.get("configuration").is_none_or(|e| e.value.get(key).is_some()));
        node.get(key).is_some() || self.named(of, node).into_iter().any(in_template)
    }

    /// `node` with its templates.
    pub fn fill(&self, of: Of, node: &Node<'t>, merger: &mut Merger<'_, 't>) -> Filled<'t> {
        let mut missing = Vec::new();
        let variables = node.get("variables").and_then(|e| e.value.entries()).unwrap_or_default();
        let variables: Variables<'_, 't> = variables.iter().map(|e| (&*e.key, &e.value)).collect();
        let mut documents = Vec::new();
        for template in self.named(of, node) {
            match template.map(|t| (t, t.get("configuration").map(|e| &e.value))) {
                Ok((_, Some(configuration))) => documents.push(self.substitute(configuration, &variables)),
                Ok((t, None)) => missing.push((t.head, "a template that is a file of its own is not read")),
                Err(place) => missing.push((place, "a template of this name is in no import")),
            }
        }
        if let Some(entry) = node.get("templates").filter(|e| !matches!(e.value.kind, Kind::Seq(_) | Kind::Null)) {
            missing.push((entry.key_span, "which templates are used is not known"));
        }
        documents.push(node.clone());
        Filled { node: merger.all(frame(node), documents), missing }
    }

    fn substitute(&self, node: &Node<'t>, variables: &Variables<'_, 't>) -> Node<'t> {
        let kind = match &node.kind {
            Kind::Map(entries) => {
                let mut entries = entries.clone();
                for entry in &mut entries {
                    entry.value = self.substitute(&entry.value, variables);
                }
                Kind::Map(entries)
            }
            Kind::Seq(items) => Kind::Seq(items.iter().map(|i| self.substitute(i, variables)).collect()),
            Kind::Str(text) if holds_template(text) => return self.value(text, node, variables),
            kind => kind.clone(),
        };
        Node { kind, ..frame(node) }
    }

    /// What a text with placeholders becomes.
    fn value(&self, text: &str, node: &Node<'t>, variables: &Variables<'_, 't>) -> Node<'t> {
        let opaque = |why: Box<str>| Node { kind: Kind::Opaque(why), ..frame(node) };
        let Some(parts) = parts(text) else { return opaque(NOT_EVALUATED.into()) };
        let mut out = String::new();
        for part in &parts {
            let name = match part {
                Part::Text(text) => {
                    out.push_str(text);
                    continue;
                }
                Part::Variable(name) => *name,
            };
            let Some(variable) = variables.get(name).copied() else {
                return opaque(format!("the variable `{}` of a template is not given", crate::source::clip(name, 40)).into());
            };
            match &variable.kind {
                Kind::Map(_) | Kind::Seq(_) | Kind::Null => return opaque("a variable of a template is no single value".into()),
                // The label stands where the value is: a template serves many networks.
                _ if parts.len() == 1 => return Node { head: node.head, ..variable.clone() },
                Kind::Opaque(why) => return opaque(why.clone()),
                Kind::Str(s) => out.push_str(s),
                _ => out.push_str(&(self.text)(variable.span)),
            }
        }
        Node { kind: Kind::Str(Cow::Owned(out)), ..frame(node) }
    }

    /// The variables whose values stand under a key of a secret in some template.
    pub fn secret_variables(&self) -> BTreeSet<&'n str> {
        let mut names = BTreeSet::new();
        for template in self.networks.all.iter().chain(self.devices.all) {
            collect(template, false, &mut names);
        }
        names
    }
}

fn collect<'n>(node: &'n Node<'_>, secret: bool, names: &mut BTreeSet<&'n str>) {
    match &node.kind {
        Kind::Map(entries) => entries.iter().for_each(|e| collect(&e.value, secret || is_secret(&e.key), names)),
        Kind::Seq(items) => items.iter().for_each(|i| collect(i, secret, names)),
        Kind::Str(text) if secret && holds_template(text) => {
            // Whatever word stands in a placeholder may be the variable, expressions included.
            for inside in text.split('{').skip(1).filter_map(|t| t.split('}').next()) {
                names.extend(inside.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').filter(|w| !w.is_empty()));
            }
        }
        _ => {}
    }
}

/// Whether a key names a secret.
pub fn is_secret(key: &str) -> bool {
    names_secret(key) || key.to_ascii_lowercase().ends_with("pass")
}

/// Whether Terraform would fill something in.
pub fn holds_template(text: &str) -> bool {
    text.contains("${") || text.contains("%{")
}

/// A part of a text with placeholders.
enum Part<'a> {
    Text(&'a str),
    Variable(&'a str),
}

/// The parts of a text; none when it holds more than names of variables.
fn parts(text: &str) -> Option<Vec<Part<'_>>> {
    let mut parts = Vec::new();
    let mut rest = text;
    if text.contains("%{") || text.contains("$${") {
        return None;
    }
    while let Some(start) = rest.find("${") {
        let (before, inside) = (&rest[..start], &rest[start + 2..]);
        let end = inside.find('}')?;
        let name = inside[..end].trim();
        if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') {
            return None;
        }
        if !before.is_empty() {
            parts.push(Part::Text(before));
        }
        parts.push(Part::Variable(name));
        rest = &inside[end + 1..];
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    Some(parts)
}

/// A node's places without its value.
const fn frame<'t>(node: &Node<'_>) -> Node<'t> {
    Node { kind: Kind::Null, span: node.span, head: node.head, via: node.via }
}
