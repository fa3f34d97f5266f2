//! Terraform's states and plans as JSON: `terraform show -json`, and the state file itself. Resources of `CiscoDevNet/meraki` and `cisco-open/meraki`
//! become bodies with API names.
//!
//! Sources: HashiCorp, "JSON Output Format" (values, modules, marks of what is sensitive or not yet known); `docs/resources/*.md` of both providers
//! (names of types and attributes, which attributes are sets).

mod marks;
mod types;

use std::collections::HashMap;

use super::kind::Body;
use super::piece::{Piece, Pieces, is_list, name, nest, take};
use crate::source::Span;
use crate::tree::{Entry, Kind, Node};
use marks::{mark, mark_paths};

/// What may not be said of a value.
const SENSITIVE: &str = "Terraform marks the value as sensitive";
const UNKNOWN: &str = "Terraform knows the value only when the plan has been applied";
const UNPLACED: &str = "which network it belongs to is known only when the plan has been applied";
const UNORDERED: &str = "this provider keeps the rules as a set, so that their order is lost";

/// What a file gives.
pub struct Read<'t> {
    /// The bodies.
    pub pieces: Vec<Piece<'t>>,
    /// Values that are marked as sensitive.
    pub secrets: Vec<Span>,
}

/// One resource.
struct Resource<'t> {
    kind: String,
    data: bool,
    values: Node<'t>,
}

/// Reads a document.
pub fn read(mut root: Node<'_>) -> Read<'_> {
    let mut reader = Reader::default();
    // Terraform writes one line, and what stands beside a label is shown with it: what no label is ever about is hidden.
    for key in ["variables", "configuration", "outputs", "output_changes", "resource_drift"] {
        if let Some(node) = take(&mut root, key) {
            hide(&node, &mut reader.secrets);
        }
    }
    if let Some(changes) = take(&mut root, "resource_changes") {
        reader.unknown(changes);
    }
    let planned = take(&mut root, "planned_values");
    let prior = take(&mut root, "prior_state").and_then(|mut state| take(&mut state, "values"));
    let whole = planned.is_some();
    for values in [planned, take(&mut root, "values")].into_iter().flatten() {
        reader.values(values, &|_| true);
    }
    // What a plan leaves as it is stands in its planned values too; only what it read stands in the state alone.
    if let Some(values) = prior {
        reader.values(values, &|data| data || !whole);
    }
    if let Some(Kind::Seq(resources)) = take(&mut root, "resources").map(|n| n.kind) {
        for resource in resources {
            reader.state(resource);
        }
    }
    Read { pieces: pieces(reader.resources), secrets: reader.secrets }
}

#[derive(Default)]
struct Reader<'t> {
    resources: Vec<Resource<'t>>,
    secrets: Vec<Span>,
    unknown: HashMap<String, Node<'t>>,
}

impl<'t> Reader<'t> {
    /// Keeps what each resource does not know yet.
    fn unknown(&mut self, changes: Node<'t>) {
        let Kind::Seq(changes) = changes.kind else { return };
        for mut change in changes {
            let address = change.get("address").and_then(|e| e.value.text()).map(str::to_owned);
            let Some(mut inner) = take(&mut change, "change") else { continue };
            for values in ["before", "after"] {
                if let Some(values) = take(&mut inner, values) {
                    hide(&values, &mut self.secrets);
                }
            }
            if let (Some(address), Some(unknown)) = (address, take(&mut inner, "after_unknown")) {
                self.unknown.insert(address, unknown);
            }
        }
    }

    /// Reads a values representation: a module and those below it.
    fn values(&mut self, mut values: Node<'t>, wanted: &dyn Fn(bool) -> bool) {
        if let Some(outputs) = take(&mut values, "outputs") {
            hide(&outputs, &mut self.secrets);
        }
        if let Some(module) = take(&mut values, "root_module") {
            self.module(module, wanted);
        }
    }

    fn module(&mut self, mut module: Node<'t>, wanted: &dyn Fn(bool) -> bool) {
        if let Some(Kind::Seq(resources)) = take(&mut module, "resources").map(|n| n.kind) {
            for resource in resources {
                self.resource(resource, wanted);
            }
        }
        if let Some(Kind::Seq(modules)) = take(&mut module, "child_modules").map(|n| n.kind) {
            for module in modules {
                self.module(module, wanted);
            }
        }
    }

    fn resource(&mut self, mut resource: Node<'t>, wanted: &dyn Fn(bool) -> bool) {
        let text = |key: &str| resource.get(key).and_then(|e| e.value.text()).unwrap_or_default().to_owned();
        let (kind, data, address) = (text("type"), text("mode") == "data", text("address"));
        let Some(mut values) = take(&mut resource, "values") else { return };
        if let Some(marks) = take(&mut resource, "sensitive_values") {
            mark(&mut values, &marks, SENSITIVE, Some(&mut self.secrets));
        }
        if !wanted(data) || types::body(&kind).is_none() {
            hide(&values, &mut self.secrets);
            return;
        }
        if let Some(marks) = self.unknown.get(&address) {
            mark(&mut values, marks, UNKNOWN, None);
        }
        self.resources.push(Resource { kind, data, values });
    }

    /// Reads a resource of a state file, with its instances.
    fn state(&mut self, mut resource: Node<'t>) {
        let text = |key: &str| resource.get(key).and_then(|e| e.value.text()).unwrap_or_default().to_owned();
        let (kind, data) = (text("type"), text("mode") == "data");
        let Some(Kind::Seq(instances)) = take(&mut resource, "instances").map(|n| n.kind) else { return };
        for mut instance in instances {
            let Some(mut values) = take(&mut instance, "attributes") else { continue };
            if let Some(paths) = take(&mut instance, "sensitive_attributes") {
                mark_paths(&mut values, &paths, SENSITIVE, &mut self.secrets);
            }
            if types::body(&kind).is_some() {
                self.resources.push(Resource { kind: kind.clone(), data, values });
            } else {
                hide(&values, &mut self.secrets);
            }
        }
    }
}

/// Hides every text and number below a node.
fn hide(node: &Node<'_>, secrets: &mut Vec<Span>) {
    match &node.kind {
        Kind::Map(entries) => entries.iter().for_each(|e| hide(&e.value, secrets)),
        Kind::Seq(items) => items.iter().for_each(|i| hide(i, secrets)),
        Kind::Null | Kind::Bool(_) => {}
        _ => secrets.push(node.span),
    }
}

/// The bodies that the resources hold.
fn pieces(resources: Vec<Resource<'_>>) -> Vec<Piece<'_>> {
    let mut networks: Vec<String> = Vec::new();
    let mut fresh = Vec::new();
    for resource in &resources {
        let own = types::body(&resource.kind) == Some(Body::Networks);
        match name(&resource.values, if own { "id" } else { "network_id" }) {
            Some(id) => networks.push(id),
            None if own && !resource.data => fresh.extend(name(&resource.values, "name")),
            None => {}
        }
    }
    networks.sort_unstable();
    networks.dedup();
    // Where there is one network, it is whose the rest is.
    let alone = (networks.len() + fresh.len() <= 1).then(|| networks.first().or(fresh.first()).cloned());
    let mut out = Pieces::default();
    for resource in resources {
        piece(resource, alone.as_ref(), &mut out);
    }
    out.finish()
}

fn piece<'t>(resource: Resource<'t>, alone: Option<&Option<String>>, out: &mut Pieces<'t>) {
    let Resource { kind, data, mut values } = resource;
    let Some(body) = types::body(&kind) else { return };
    let head = values.head;
    let unplaced = values.get("network_id").is_some_and(|e| matches!(e.value.kind, Kind::Opaque(_)));
    let mut networks: Vec<String> = name(&values, "network_id").into_iter().collect();
    let mut missing = None;
    if unplaced {
        match alone {
            Some(own) => networks.extend(own.clone()),
            None => missing = Some((head, UNPLACED)),
        }
    }
    let serial = name(&values, "serial").filter(|_| body == Body::ManagementInterface);
    let organization = name(&values, "organization_id");
    // Data sources of both providers, and resources for many objects at once, keep the answer below one key.
    let bulk = take(&mut values, "items");
    let complete = bulk.is_some() && data;
    let mut node = bulk.or_else(|| take(&mut values, "item")).unwrap_or(values);
    let unordered = types::has_sets(&kind);
    match &mut node.kind {
        Kind::Seq(rows) => rows.iter_mut().for_each(|row| tidy(body, row, unordered)),
        _ => tidy(body, &mut node, unordered),
    }
    let partial = !complete && matches!(body, Body::Vlans | Body::StaticRoutes | Body::AuthUsers);
    let piece = Piece { body, node: missing.map_or(Ok(node), Err), networks, serial, organization, partial };
    if is_list(body) { out.rows(piece) } else { out.push(piece) }
}

/// Gives a resource's values the API's shape.
fn tidy(body: Body, node: &mut Node<'_>, unordered: bool) {
    match body {
        Body::Settings => nest(node, "dynamic_dns"),
        Body::ManagementInterface => ["wan1", "wan2"].into_iter().for_each(|prefix| nest(node, prefix)),
        Body::GroupPolicies => group_policy(node),
        _ => {}
    }
    let Kind::Map(entries) = &mut node.kind else { return };
    let ordered_wrongly = unordered && matches!(body, Body::L3Rules | Body::VpnRules | Body::GroupPolicies);
    if !entries.iter().any(|e| e.key == "rules" && e.value.kind != Kind::Null)
        && let Some(answer) = entries.iter().position(|e| e.key == "rules_response")
    {
        entries[answer].key = "rules".into();
        entries.retain(|e| e.key != "rules" || e.value.kind != Kind::Null);
    }
    if ordered_wrongly {
        for entry in entries {
            forget_order(entry);
        }
    }
}

/// Rules of which some allow and some deny mean nothing without their order.
fn forget_order(entry: &mut Entry<'_>) {
    match &mut entry.value.kind {
        Kind::Map(inner) => inner.iter_mut().for_each(forget_order),
        Kind::Seq(rules) if matches!(&*entry.key, "rules" | "l3_firewall_rules") => {
            let policy = |rule: &Node<'_>| rule.get("policy").and_then(|e| e.value.text()).map(str::to_lowercase);
            let first = rules.first().and_then(policy);
            if rules.len() > 1 && (first.is_none() || rules.iter().any(|rule| policy(rule) != first)) {
                entry.value.kind = Kind::Opaque(UNORDERED.into());
            }
        }
        _ => {}
    }
}

/// `CiscoDevNet` writes a policy's rules and their setting side by side with the rest, and its id as `id`.
fn group_policy(node: &mut Node<'_>) {
    const OUTER: &str = "firewall_and_traffic_shaping";
    let (span, head) = (node.span, node.head);
    nest(node, OUTER);
    let Kind::Map(entries) = &mut node.kind else { return };
    let moved: Vec<Entry<'_>> = ["l3_firewall_rules", "l7_firewall_rules"]
        .into_iter()
        .filter_map(|key| entries.iter().position(|e| e.key == key).map(|at| entries.swap_remove(at)))
        .collect();
    if !moved.is_empty() && !entries.iter().any(|e| e.key == OUTER) {
        let value = Node { kind: Kind::Map(Vec::new()), span, head, via: None };
        entries.push(Entry { key: OUTER.into(), key_span: head, value });
    }
    if let Some(Kind::Map(inner)) = entries.iter_mut().find(|e| e.key == OUTER).map(|e| &mut e.value.kind) {
        inner.extend(moved);
    }
    if !entries.iter().any(|e| e.key == "group_policy_id")
        && let Some(id) = entries.iter_mut().find(|e| e.key == "id")
    {
        id.key = "group_policy_id".into();
    }
}
