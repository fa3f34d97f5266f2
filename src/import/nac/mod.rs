//! Network as Code for Meraki: YAML files (`data/*.nac.yaml`) that are merged, filled from templates, and applied by Cisco's Terraform module.
//!
//! They say everything of the MX but client VPN itself, for which neither the module nor the API has a place. Keys are those of the Dashboard API in snake case, so the API's
//! readers read them. Source: nac-yaml 2.1; netascode/terraform-meraki-nac-meraki (`meraki_appliance.tf`, `meraki_organization.tf`, `meraki_networks.tf`).

mod apply;
mod defaults;
mod devices;
pub mod merge;
mod networks;
mod template;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use super::detect::Format;
use super::{Ledger, Notes, guarded};
use crate::model::Mx;
use crate::source::{FileId, Problem, ProblemKind, Session, Span, clip, visible};
use crate::tree::decode::{Cx, join};
use crate::tree::{Kind, Node, Parsed, yaml};
use merge::Merger;
use networks::{Network, Trouble};
use template::{Templates, holds_template, is_secret};

/// What to do about a value that is not valid.
const CORRECT: &str = "correct it in the file that it stands in";

/// Whether a text is such a file: `meraki` or `defaults` is a key of its own and no single value, the latter with `meraki` below. (The schema of such files has `meraki: include(…)`.)
pub fn is_nac(text: &str) -> bool {
    let mut root = None;
    let mut defaults = false;
    for line in text.lines() {
        let key = line.trim();
        // One document a file.
        if root.is_some() && key == "---" {
            break;
        }
        if key.is_empty() || key.starts_with('#') || key.starts_with("---") || key.starts_with('%') {
            continue;
        }
        let depth = line.len() - line.trim_start().len();
        let root = *root.get_or_insert(depth);
        let table = |value: &&str| value.is_empty() || value.starts_with(['{', '[', '&', '#']);
        let name = key.split_once(':').filter(|(_, value)| table(&value.trim())).map(|(name, _)| name.trim().trim_matches(['"', '\'']));
        match name {
            Some("meraki") if depth == root || defaults => return true,
            Some(name) if depth == root => defaults = name == "defaults",
            _ => {}
        }
    }
    false
}

/// A file of the import: its id, and the word of the site file that named it.
pub struct File {
    pub id: FileId,
    pub place: Span,
}

/// What the files say of one network.
pub struct Loaded {
    /// Parts of the MX, none of which speaks of what another does.
    pub parts: Vec<Mx>,
    /// The organisation and the network that were taken.
    pub names: Option<(Option<String>, Option<String>)>,
}

/// Reads the files, which are in the order of their paths. `wanted` holds folded names of the network.
pub fn load(session: &mut Session, files: &[File], wanted: &[String], ledger: &mut Ledger) -> Loaded {
    let nothing = Loaded { parts: Vec::new(), names: None };
    let Some(first) = files.first() else { return nothing };
    // Copies, so that trees may borrow them while values are read.
    let texts: Vec<String> = files.iter().map(|f| session.map.file(f.id).raw().to_owned()).collect();
    let mut roots = Vec::new();
    for (file, text) in files.iter().zip(&texts) {
        let base = session.map.file(file.id).base();
        let Some((root, notes)) = guarded(Format::NacYaml, ledger, || tree(text, base)) else { continue };
        ledger.take(session, file.id, notes);
        roots.extend(root);
    }
    let read = guarded(Format::NacYaml, ledger, || {
        let map = &session.map;
        let text = |span: Span| map.text(span).to_owned();
        let mut merger = Merger::new(&text);
        let root = merged(roots, &mut merger);
        let templates = Templates::new(&root, &text);
        let all = networks::all(&root);
        let mut secrets = Vec::new();
        hide_variables(&all, &templates, &mut secrets);
        let chosen = networks::choose(&all, wanted, &templates);
        let filled = chosen.map(|network| network.map(|network| apply::fill(&root, network, &templates, &mut merger)));
        let names: Vec<String> = all.iter().filter_map(|n| n.name()).map(|n| clip(&visible(n), 60).into_owned()).collect();
        (filled, secrets, merger.stopped, names)
    });
    let Some((filled, secrets, stopped, names)) = read else { return nothing };
    ledger.take(session, first.id, Notes { secrets, ..Notes::default() });
    if let Some(span) = stopped {
        ledger.gap(span, "the files hold too many items to merge");
    }
    let filled = match filled {
        Ok(Some(filled)) => filled,
        Ok(None) => {
            // Defaults or an organisation alone say nothing of a network.
            if !ledger.problems.iter().any(|p| p.kind == ProblemKind::Syntax) {
                let help = "import the folder that holds `meraki.domains[].organizations[].networks`";
                ledger.import_failed(first.place, "its Network as Code holds no network", help);
            }
            return nothing;
        }
        Err(trouble) => {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let there = join(&names);
            match trouble {
                Trouble::Several => {
                    let help = format!("say which in [mx]: network = \"…\", its name, or organisation/name; there are {there}");
                    ledger.import_failed(first.place, "its Network as Code holds several networks", &help);
                }
                Trouble::NotThere => {
                    let why = "its Network as Code holds no network of this name or serial";
                    ledger.import_failed(first.place, why, &format!("write the name as the files do; there are {there}"));
                }
            }
            return nothing;
        }
    };
    for (span, why) in &filled.missing {
        ledger.gap(*span, *why);
    }
    let read = guarded(Format::NacYaml, ledger, || {
        let mut cx = Cx::new(session, first.id);
        let parts = apply::read(&filled, &mut cx);
        let Cx { problems, secrets, gap, .. } = cx;
        (parts, problems, secrets, gap)
    });
    let Some((parts, mut problems, secrets, gap)) = read else { return nothing };
    problems
        .iter_mut()
        .filter(|p| p.help.as_ref().is_some_and(|h| h.contains("Dashboard's API")))
        .for_each(|p| p.help = Some(CORRECT.into()));
    let gap = gap.or_else(|| problems.iter().find(|p| p.kind == ProblemKind::InvalidValue).map(|p| p.span));
    if let Some(span) = gap {
        ledger.gap(span, format!("part of {} could not be read", session.map.file_at(span).path));
    }
    ledger.take(session, first.id, Notes { problems, secrets, ..Notes::default() });
    Loaded { parts, names: Some((filled.organization_name, filled.name)) }
}

/// The networks with an appliance, each with its organisation, of files in the order of their paths.
pub fn names(texts: &[String]) -> Vec<(Option<String>, String)> {
    let roots = texts.iter().filter_map(|text| tree(text, 0).0).collect();
    // Without places of their own, values that are not to be known are told apart by nothing: names are no such values.
    let text = |_: Span| String::new();
    let root = merged(roots, &mut Merger::new(&text));
    let templates = Templates::new(&root, &text);
    let all = networks::all(&root);
    let appliances = all.iter().filter(|n| all.len() == 1 || n.has_appliance(&templates));
    appliances.filter_map(|n| Some((n.organization_name().map(str::to_owned), n.name()?.to_owned()))).collect()
}

/// A file's tree, ready to be merged; its secrets and faults.
pub fn tree(text: &str, base: u32) -> (Option<Node<'_>>, Notes) {
    let Parsed { mut root, errors } = yaml::parse(text, base);
    let problem = |e: crate::tree::SyntaxError| Problem::new(ProblemKind::Syntax, e.span, e.message, "here").help(CORRECT);
    let mut notes = Notes { problems: errors.into_iter().map(problem).collect(), ..Notes::default() };
    if let Some(root) = &mut root {
        hide(root, false, &mut notes.secrets);
        unwrap_placeholders(root, &|span| &text[(span.start - base) as usize..(span.end - base) as usize]);
    }
    (root.filter(|r| r.entries().is_some()), notes)
}

/// All documents as one.
pub fn merged<'t>(roots: Vec<Node<'t>>, merger: &mut Merger<'_, 't>) -> Node<'t> {
    merger.all(Node { kind: Kind::Null, span: Span::default(), head: Span::default(), via: None }, roots)
}

/// Collects the values of keys that sound like a secret's, and what is encrypted.
fn hide(node: &Node<'_>, secret: bool, spans: &mut Vec<Span>) {
    match &node.kind {
        Kind::Seq(items) => items.iter().for_each(|i| hide(i, secret, spans)),
        Kind::Map(entries) => entries.iter().for_each(|e| hide(&e.value, secret || is_secret(&e.key), spans)),
        Kind::Null | Kind::Bool(_) => {}
        Kind::Opaque(why) if secret || why.contains("!vault") => spans.push(node.span),
        _ if secret => spans.push(node.span),
        _ => {}
    }
}

/// Hides the variables that templates put under a key of a secret.
fn hide_variables(all: &[Network<'_, '_>], templates: &Templates<'_, '_>, spans: &mut Vec<Span>) {
    let names = templates.secret_variables();
    let mut one = |node: &Node<'_>| {
        for entry in node.get("variables").and_then(|e| e.value.entries()).unwrap_or_default() {
            if names.contains(&*entry.key) {
                hide(&entry.value, true, spans);
            }
        }
    };
    for network in all {
        one(network.node);
        network.node.get("devices").and_then(|e| e.value.items()).unwrap_or_default().iter().for_each(&mut one);
    }
}

/// What the YAML reader takes for a value that is not filled in is a text until templates are.
fn unwrap_placeholders<'t>(node: &mut Node<'t>, text: &impl Fn(Span) -> &'t str) {
    match &mut node.kind {
        Kind::Seq(items) => items.iter_mut().for_each(|i| unwrap_placeholders(i, text)),
        Kind::Map(entries) => entries.iter_mut().for_each(|e| unwrap_placeholders(&mut e.value, text)),
        Kind::Opaque(why) if &**why == yaml::PLACEHOLDER => {
            let raw = text(node.span);
            if !raw.contains('\n') {
                node.kind = Kind::Str(Cow::Borrowed(raw));
            }
        }
        _ => {}
    }
}

/// The reverse, for what no template filled in.
fn rewrap_placeholders(node: &mut Node<'_>) {
    match &mut node.kind {
        Kind::Seq(items) => items.iter_mut().for_each(rewrap_placeholders),
        Kind::Map(entries) => entries.iter_mut().for_each(|e| rewrap_placeholders(&mut e.value)),
        Kind::Str(text) if holds_template(text) => node.kind = Kind::Opaque(yaml::PLACEHOLDER.into()),
        _ => {}
    }
}
