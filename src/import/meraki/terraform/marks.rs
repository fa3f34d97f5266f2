//! Marks on values: which are sensitive, which are not known yet. Marks have the shape of the values, with `true` where a mark is.

use std::collections::HashMap;

use crate::source::Span;
use crate::tree::{Entry, Kind, Node};

/// Makes opaque what `marks` marks; `hidden` takes the places of what must not be shown. A marked value that is not there is put there.
pub fn mark(node: &mut Node<'_>, marks: &Node<'_>, why: &str, mut hidden: Option<&mut Vec<Span>>) {
    let head = node.head;
    match (&mut node.kind, &marks.kind) {
        (_, Kind::Bool(true)) => {
            if let Some(hidden) = hidden {
                hidden.push(node.span);
            }
            node.kind = Kind::Opaque(why.into());
        }
        (Kind::Seq(items), Kind::Seq(marks)) => {
            for (item, marks) in items.iter_mut().zip(marks) {
                mark(item, marks, why, hidden.as_deref_mut());
            }
        }
        (Kind::Map(entries), Kind::Map(marks)) => {
            let places: HashMap<String, usize> = entries.iter().enumerate().map(|(n, e)| (e.key.to_string(), n)).collect();
            for one in marks {
                match places.get(&*one.key) {
                    Some(n) => mark(&mut entries[*n].value, &one.value, why, hidden.as_deref_mut()),
                    None if one.value.kind == Kind::Bool(true) => {
                        let value = Node { kind: Kind::Opaque(why.into()), span: head, head, via: None };
                        entries.push(Entry { key: one.key.to_string().into(), key_span: head, value });
                    }
                    None => {}
                }
            }
        }
        _ => {}
    }
}

/// The same for a state file, which lists the paths of what is sensitive.
pub fn mark_paths(node: &mut Node<'_>, paths: &Node<'_>, why: &str, hidden: &mut Vec<Span>) {
    let paths = paths.items().unwrap_or_default();
    // Each step looks through what is there.
    if paths.len().saturating_mul(size(node)) > MAX_STEPS {
        hidden.push(node.span);
        node.kind = Kind::Opaque(why.into());
        return;
    }
    for path in paths {
        let mut at = Some(&mut *node);
        for step in path.items().unwrap_or_default() {
            at = at.and_then(|node| below(node, step));
        }
        if let Some(node) = at {
            hidden.push(node.span);
            node.kind = Kind::Opaque(why.into());
        }
    }
}

/// Values that paths may look through; beyond, all of an instance counts as marked.
const MAX_STEPS: usize = 10_000_000;

/// How many values there are.
fn size(node: &Node<'_>) -> usize {
    match &node.kind {
        Kind::Map(entries) => entries.iter().map(|e| size(&e.value)).sum::<usize>() + 1,
        Kind::Seq(items) => items.iter().map(size).sum::<usize>() + 1,
        _ => 1,
    }
}

/// What a step of a path leads to: `{"type": "get_attr", "value": "secret"}`, `{"type": "index", "value": {"value": 0, …}}`.
fn below<'n, 't>(node: &'n mut Node<'t>, step: &Node<'_>) -> Option<&'n mut Node<'t>> {
    let value = &step.get("value")?.value;
    let value = value.get("value").map_or(value, |inner| &inner.value);
    match (&mut node.kind, &value.kind) {
        (Kind::Map(entries), Kind::Str(key)) => entries.iter_mut().find(|e| e.key == *key).map(|e| &mut e.value),
        (Kind::Seq(items), Kind::Int(n)) => items.get_mut(usize::try_from(*n).ok()?),
        _ => None,
    }
}
