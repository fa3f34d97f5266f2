//! Puts the tree together from events: collections, keys, anchors, aliases and merges.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use granit_parser::{ScalarStyle, StructureStyle, Tag};

use super::scalar;
use crate::source::Span;
use crate::tree::{BROKEN, Entry, Kind, MAX_ALIAS_NODES, MAX_DEPTH, MAX_NODES, Node, REPEATED, SyntaxError, TOO_DEEP, first_line, floor};

/// A collection whose end was not seen yet.
struct Frame<'a> {
    open: Open<'a>,
    flow: bool,
    anchor: usize,
    start: usize,
    /// The end of the last child: a block collection's own end event comes late.
    end: usize,
    nodes_before: usize,
    height: usize,
}

pub(super) enum Open<'a> {
    Seq(Vec<Node<'a>>),
    Map(Map<'a>),
    /// A collection that is not built, for this reason.
    Skipped(Box<str>),
}

#[derive(Default)]
pub(super) struct Map<'a> {
    entries: Vec<Entry<'a>>,
    /// The keys, once there are so many that a look through the entries is slow.
    seen: HashSet<Cow<'a, str>>,
    key: Option<Key<'a>>,
    merges: Vec<Node<'a>>,
}

struct Key<'a> {
    text: Cow<'a, str>,
    span: Span,
    role: Role,
}

#[derive(Clone, Copy, PartialEq)]
enum Role {
    Own,
    Merge,
    /// Repeated, or no text: the value is read and dropped.
    Dropped,
}

struct Anchored<'a> {
    node: Node<'a>,
    nodes: usize,
    height: usize,
}

pub(super) struct Builder<'a> {
    text: &'a str,
    base: u32,
    stack: Vec<Frame<'a>>,
    anchors: HashMap<usize, Anchored<'a>>,
    pub(super) root: Option<Node<'a>>,
    pub(super) nodes: usize,
    alias_nodes: usize,
    /// The end of the last token, from which an empty value's place is found.
    last: usize,
    pub(super) errors: Vec<SyntaxError>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(text: &'a str, base: u32) -> Self {
        Self { text, base, stack: Vec::new(), anchors: HashMap::new(), root: None, nodes: 0, alias_nodes: 0, last: 0, errors: Vec::new() }
    }

    fn skipping(&self) -> bool {
        let top = self.stack.last();
        top.is_some_and(|f| matches!(f.open, Open::Skipped(_)))
    }

    pub(super) fn scalar(
        &mut self,
        value: Cow<'a, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        (start, end): (usize, usize),
        tag_at: Option<usize>,
    ) {
        let mut range = (start, end.max(start));
        if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            range.0 = self.block_header(tag_at.unwrap_or(self.last), start);
        }
        if !matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted) {
            // The parser's range runs over the indentation of the next line.
            range.1 = range.0 + self.text[range.0..range.1].trim_end().len();
        }
        if range.0 == range.1 {
            let at = self.empty_value();
            range = (at, at);
        }
        self.last = range.1;
        let plain = style == ScalarStyle::Plain;
        let kind = match tag.filter(|t| !t.original().is_empty()) {
            Some(tag) => {
                range.0 = tag_at.unwrap_or(range.0).min(range.0);
                range.1 = range.1.max(range.0);
                scalar::tagged(tag, value.clone())
            }
            None if plain => scalar::plain(value.clone()),
            None => Kind::Str(value.clone()),
        };
        if self.wants_key() {
            let role = if plain && value == "<<" { Role::Merge } else { Role::Own };
            self.key(value, range, role);
            if anchor != 0 {
                self.define(anchor, &self.node(kind, range), 1, 1);
            }
            return;
        }
        let node = self.node(kind, range);
        self.place(node, anchor, 1, 1);
    }

    /// The place of the `|` or `>` of a block scalar: the parser's range begins with the text below it.
    fn block_header(&self, from: usize, start: usize) -> usize {
        let between = &self.text[from.min(start)..start];
        let mark = between
            .match_indices(['|', '>'])
            .find(|(at, _)| between[..*at].is_empty() || between[..*at].ends_with([' ', '\t', '\n', '\r']));
        mark.map_or(start, |(at, _)| from.min(start) + at)
    }

    /// Where a value that is not written would stand: after the `:` or `-`.
    fn empty_value(&self) -> usize {
        let rest = &self.text[self.last..];
        let blank = rest.len() - rest.trim_start().len();
        let mark = rest[blank..].starts_with([':', '-']);
        self.last + if mark { blank + 1 } else { 0 }
    }

    pub(super) fn alias(&mut self, anchor: usize, range: (usize, usize)) {
        self.last = range.1;
        let via = self.span(range);
        let reason = match self.anchors.get(&anchor) {
            Some(a) if self.alias_nodes + a.nodes > MAX_ALIAS_NODES => Err("the aliases expand to too many values"),
            Some(a) if a.height + self.stack.len() > MAX_DEPTH => Err(TOO_DEEP),
            Some(a) => Ok((a.nodes, a.height)),
            None if self.stack.iter().any(|f| f.anchor == anchor) => Err("an alias stands within its own anchor"),
            None => Err(BROKEN),
        };
        match reason {
            Ok((nodes, height)) => {
                self.alias_nodes += nodes;
                self.nodes += nodes;
                let mut node = self.anchors[&anchor].node.clone();
                node.via = Some(via);
                if self.wants_key() {
                    let (role, text) = match node.kind {
                        Kind::Str(text) => (Role::Own, text),
                        _ => (Role::Dropped, Cow::Borrowed("")),
                    };
                    if role == Role::Dropped {
                        self.error(range, "a key is not a text");
                    }
                    return self.key(text, range, role);
                }
                self.place(node, 0, nodes, height);
            }
            Err(reason) => {
                if reason != BROKEN && !self.skipping() {
                    self.error(range, reason);
                }
                if self.wants_key() {
                    return self.key(Cow::Borrowed(""), range, Role::Dropped);
                }
                let node = self.node(Kind::Opaque(reason.into()), range);
                self.place(node, 0, 1, 1);
            }
        }
    }

    pub(super) fn open(
        &mut self,
        mut open: Open<'a>,
        style: StructureStyle,
        anchor: usize,
        tag: Option<&Tag>,
        range: (usize, usize),
        tag_at: Option<usize>,
    ) {
        let mut start = range.0;
        if let Some(reason) = tag.and_then(scalar::unresolved) {
            start = tag_at.unwrap_or(start).min(start);
            open = Open::Skipped(reason);
        }
        if self.wants_key() {
            self.error(range, "a key is not a text");
            open = Open::Skipped(BROKEN.into());
        } else if self.skipping() {
            open = Open::Skipped(BROKEN.into());
        } else if self.stack.len() >= MAX_DEPTH {
            self.error(range, TOO_DEEP);
            open = Open::Skipped(TOO_DEEP.into());
        }
        self.last = range.1;
        self.stack.push(Frame {
            open,
            flow: style == StructureStyle::Flow,
            anchor,
            start,
            end: range.1,
            nodes_before: self.nodes,
            height: 0,
        });
    }

    pub(super) fn close(&mut self, event_end: usize) {
        let Some(mut frame) = self.stack.pop() else {
            return;
        };
        if frame.flow {
            frame.end = event_end;
            self.last = event_end;
        }
        self.finish(frame);
    }

    fn finish(&mut self, frame: Frame<'a>) {
        let kind = match frame.open {
            Open::Seq(items) => Kind::Seq(items),
            Open::Map(map) => merge(map),
            Open::Skipped(reason) => Kind::Opaque(reason),
        };
        if self.wants_key() {
            return self.key(Cow::Borrowed(""), (frame.start, frame.end), Role::Dropped);
        }
        let node = self.node(kind, (frame.start, frame.end));
        let nodes = self.nodes - frame.nodes_before + 1;
        self.place(node, frame.anchor, nodes, frame.height + 1);
    }

    fn wants_key(&self) -> bool {
        let top = self.stack.last();
        top.is_some_and(|f| matches!(&f.open, Open::Map(m) if m.key.is_none()))
    }

    fn key(&mut self, text: Cow<'a, str>, range: (usize, usize), mut role: Role) {
        let span = self.span(range);
        let Some(Frame { open: Open::Map(map), end, .. }) = self.stack.last_mut() else {
            return;
        };
        *end = range.1.max(*end);
        let mut repeated = false;
        if role != Role::Dropped {
            const FEW: usize = 16;
            if map.entries.len() == FEW && map.seen.is_empty() {
                map.seen.extend(map.entries.iter().map(|e| e.key.clone()));
            }
            repeated = match role {
                Role::Merge => !map.merges.is_empty(),
                _ if map.entries.len() < FEW => map.entries.iter().any(|e| e.key == text),
                _ => !map.seen.insert(text.clone()),
            };
        }
        if repeated {
            role = Role::Dropped;
        }
        map.key = Some(Key { text, span, role });
        if repeated {
            self.error(range, REPEATED);
        }
    }

    fn define(&mut self, anchor: usize, node: &Node<'a>, nodes: usize, height: usize) {
        let node = node.clone();
        let anchored = Anchored { node, nodes, height };
        self.anchors.insert(anchor, anchored);
    }

    /// Puts a finished node where it belongs.
    fn place(&mut self, mut node: Node<'a>, anchor: usize, nodes: usize, height: usize) {
        self.nodes += 1;
        let used = node.via.unwrap_or(node.span);
        if anchor != 0 {
            self.define(anchor, &node, nodes, height);
        }
        let base = self.base;
        let line = first_line(self.text, base, node.span);
        let Some(frame) = self.stack.last_mut() else {
            node.head = line;
            self.root = Some(node);
            return;
        };
        frame.end = frame.end.max((used.end - base) as usize);
        frame.height = frame.height.max(height);
        match &mut frame.open {
            Open::Seq(items) => {
                node.head = line;
                items.push(node);
            }
            Open::Map(map) => {
                let Some(key) = map.key.take() else {
                    return;
                };
                node.head = key.span;
                match (key.role, merged(&node)) {
                    (Role::Dropped, _) => {}
                    (Role::Merge, Some(sources)) => map.merges = sources,
                    (Role::Merge | Role::Own, _) => map.entries.push(Entry { key: key.text, key_span: key.span, value: node }),
                }
            }
            Open::Skipped(_) => {}
        }
    }

    /// Ends the reading at an error: what it touched becomes opaque.
    pub(super) fn abandon(&mut self, at: usize, message: &'static str) {
        self.error((at, at), message);
        let text = self.text;
        let at = floor(text, at);
        let line = text[..at].rfind('\n').map_or(0, |n| n + 1);
        let broken = self.stack.iter().position(|f| f.flow);
        while let Some(mut frame) = self.stack.pop() {
            if broken.is_some_and(|b| self.stack.len() >= b) {
                frame.open = Open::Skipped(BROKEN.into());
            }
            if let Open::Map(Map { key: Some(key), .. }) = &frame.open {
                let end = (key.span.end - self.base) as usize;
                self.stack.push(frame);
                let node = self.node(Kind::Opaque(BROKEN.into()), (end, end));
                self.place(node, 0, 1, 1);
                continue;
            }
            self.finish(frame);
        }
        let line = self.base + line as u32;
        let mut last = self.root.as_mut();
        while let Some(node) = last {
            last = match &mut node.kind {
                Kind::Map(entries) => entries.last_mut().map(|e| &mut e.value),
                Kind::Seq(items) => items.last_mut(),
                kind => {
                    if node.via.unwrap_or(node.span).end > line {
                        *kind = Kind::Opaque(BROKEN.into());
                    }
                    None
                }
            };
        }
    }

    fn node(&self, kind: Kind<'a>, range: (usize, usize)) -> Node<'a> {
        let span = self.span(range);
        Node { kind, span, head: span, via: None }
    }

    fn span(&self, (start, end): (usize, usize)) -> Span {
        Span::new(self.base + start as u32, self.base + end as u32)
    }

    pub(super) fn error(&mut self, range: (usize, usize), message: &'static str) {
        // `tidy` keeps fewer; the bound holds memory on hostile input.
        if self.errors.len() < MAX_NODES / 10 {
            let span = self.span(range);
            let message = message.into();
            self.errors.push(SyntaxError { span, message });
        }
    }
}

/// Adds what `<<` brings: own keys win, then the earlier source.
fn merge(map: Map<'_>) -> Kind<'_> {
    let mut entries = map.entries;
    if map.merges.is_empty() {
        return Kind::Map(entries);
    }
    let mut seen: HashSet<_> = entries.iter().map(|e| e.key.clone()).collect();
    for source in map.merges {
        let via = source.via;
        let Kind::Map(more) = source.kind else {
            continue;
        };
        for mut entry in more {
            if seen.insert(entry.key.clone()) {
                entry.value.via = entry.value.via.or(via);
                entries.push(entry);
            }
        }
    }
    Kind::Map(entries)
}

/// The tables that a `<<` names: one, or a list of them.
fn merged<'a>(node: &Node<'a>) -> Option<Vec<Node<'a>>> {
    let sources = match &node.kind {
        Kind::Map(_) => return Some(vec![node.clone()]),
        Kind::Seq(items) => items,
        _ => return None,
    };
    let all = sources.iter().all(|s| matches!(s.kind, Kind::Map(_)));
    all.then(|| {
        let with_via = |s: &Node<'a>| {
            let mut source = s.clone();
            source.via = source.via.or(node.via);
            source
        };
        sources.iter().map(with_via).collect()
    })
}
