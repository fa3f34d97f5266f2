//! TOML, read by the `toml` crate's recovering parser and turned into nodes. It is the hot path of a
//! large run: strings move, nothing is looked up or scanned again unless the text has errors.

mod messages;

use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use self::messages::{EXTENDED, NO_VALUE, UNCLOSED, UNQUOTED, describe};
use super::{BROKEN, Entry, Kind, MAX_ERRORS, Node, Parsed, REPEATED, SyntaxError, first_line, over_limit, tidy};
use crate::source::Span;

/// Reads a document; `base` is the place of its first byte.
///
/// A value on a line with a syntax error is [`Kind::Opaque`]. Of a repeated key the first counts; two
/// headers of one table are merged. A table that stands where another kind of value was is opaque.
pub fn parse(text: &str, base: u32) -> Parsed<'_> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return recover(text, base, table.into_inner(), &errors);
    }
    let mut reader = Reader::new(text, base, None);
    let root = Some(reader.root(table.into_inner()));
    let errors = tidy(text, base, reader.errors);
    Parsed { root, errors }
}

/// What is put into a text before it is read again: all of one length, and the rest of the line becomes a comment.
const FILLER: usize = 3;

fn filler(message: &str) -> Option<&'static str> {
    match describe(message) {
        NO_VALUE => Some("=0#"),
        UNCLOSED if message.ends_with("`]]`") => Some("]]#"),
        UNCLOSED => Some("] #"),
        _ => None,
    }
}

/// The library stops at a key without `=`, and an open header swallows what follows, so such lines are
/// completed and the text is read again.
fn recover<'a>(text: &'a str, base: u32, table: DeTable<'a>, errors: &[toml::de::Error]) -> Parsed<'a> {
    let mut filled: Vec<(usize, &'static str)> = Vec::new();
    let mut found = Vec::new();
    for error in errors {
        if let (Some(filler), Some(span)) = (filler(error.message()), error.span()) {
            filled.push((span.start, filler));
            found.push((span, describe(error.message())));
        }
    }
    filled.sort_unstable();
    filled.dedup_by_key(|(at, _)| *at);
    let repair = Repair { filled, ..Repair::default() };
    if repair.filled.is_empty() {
        return finish(text, text, base, table, errors, found, repair);
    }
    let again = fill(text, &repair.filled);
    let (table, errors) = DeTable::parse_recoverable(&again);
    found.reserve(errors.len());
    let parsed = finish(text, &again, base, table.into_inner(), &errors, found, repair);
    Parsed { root: parsed.root.map(Node::into_owned), errors: parsed.errors }
}

fn finish<'t>(
    text: &str,
    read: &'t str,
    base: u32,
    table: DeTable<'t>,
    errors: &[toml::de::Error],
    mut found: Vec<(Range<usize>, &'static str)>,
    mut repair: Repair,
) -> Parsed<'t> {
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        let span = repair.original(span.start)..repair.original(span.end);
        let message = match describe(error.message()) {
            UNQUOTED if span.is_empty() => "a key has no value after `=`",
            message => message,
        };
        found.push((span, message));
    }
    let mut broken = Vec::new();
    for (span, message) in &found {
        match *message {
            REPEATED => repair.repeated.push(span.start),
            EXTENDED => {}
            _ => broken.push(span.start),
        }
    }
    repair.repeated.sort_unstable();
    repair.lines = lines_of(text, broken);
    let mut reader = Reader::new(read, base, Some(repair));
    let mut root = reader.root(table);
    root.span = Span::new(base, base + text.len() as u32);
    let mut all = reader.errors;
    all.extend(found.into_iter().map(|(range, message)| SyntaxError {
        span: Span::new(base + range.start as u32, base + range.end as u32),
        message: message.into(),
    }));
    Parsed { root: Some(root), errors: tidy(text, base, all) }
}

/// What was done to a broken text before it was read again.
#[derive(Default)]
struct Repair {
    /// What was put where, as offsets of the original text, ascending.
    filled: Vec<(usize, &'static str)>,
    /// The lines with errors, as offsets of the original text, ascending and apart.
    lines: Vec<Range<usize>>,
    /// Where a key stands for the second time.
    repeated: Vec<usize>,
}

impl Repair {
    /// The offset in the text as it was, of one in the text as it was read.
    fn original(&self, at: usize) -> usize {
        let mut before = 0;
        let mut end = self.filled.len();
        // Filler `i` begins at `filled[i] + i * len` of the text that was read.
        while before < end {
            let middle = before.midpoint(end);
            if self.filled[middle].0 + middle * FILLER <= at {
                before = middle + 1;
            } else {
                end = middle;
            }
        }
        match before.checked_sub(1) {
            None => at,
            Some(last) => at.saturating_sub(before * FILLER).max(self.filled[last].0),
        }
    }
}

/// Reads one table; `text` is what the library read, all places are those of the original.
struct Reader<'t> {
    text: &'t str,
    base: u32,
    nodes: usize,
    repair: Option<Repair>,
    errors: Vec<SyntaxError>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, base: u32, repair: Option<Repair>) -> Self {
        Self { text, base, nodes: 0, repair, errors: Vec::new() }
    }

    fn root(&mut self, table: DeTable<'a>) -> Node<'a> {
        let len = self.text.len();
        Node { kind: self.table(table, 0), span: Span::new(self.base, self.base + len as u32), head: self.first_line(0..len), via: None }
    }

    fn table(&mut self, table: DeTable<'a>, depth: usize) -> Kind<'a> {
        let mut entries = Vec::with_capacity(table.len());
        for (key, value) in table {
            let key_span = self.span(key.span());
            let value = self.entry(key_span, value, depth + 1);
            let key = key.into_inner();
            entries.push(Entry { key, key_span, value });
        }
        entries.sort_unstable_by_key(|e| e.key_span.start);
        Kind::Map(entries)
    }

    fn entry(&mut self, key: Span, value: Spanned<DeValue<'a>>, depth: usize) -> Node<'a> {
        let at = value.span();
        let span = self.span(at.clone());
        if self.repair.is_some() && at.end == 0 {
            // The library's stand-in for a missing value has no place.
            return opaque(BROKEN, key, key);
        }
        // A header holds its key, an implied table is its key, and any other value comes after it.
        let written = span.start >= key.end;
        let head = if written { key } else { span };
        if let Some(repair) = &self.repair {
            let local = |s: u32| (s - self.base) as usize;
            if written && touches(&repair.lines, local(key.start)..local(span.end)) {
                return opaque(BROKEN, span, head);
            }
            if repair.repeated.binary_search(&local(key.start)).is_ok() && !is_merged(value.get_ref(), at.start) {
                return opaque(BROKEN, span, head);
            }
        }
        self.node(value, span, head, depth)
    }

    fn node(&mut self, value: Spanned<DeValue<'a>>, span: Span, head: Span, depth: usize) -> Node<'a> {
        self.nodes += 1;
        if let Some(message) = over_limit(depth, self.nodes) {
            if self.errors.len() < MAX_ERRORS {
                let message = message.into();
                self.errors.push(SyntaxError { span, message });
            }
            return opaque(message, span, head);
        }
        let range = value.span();
        let kind = match value.into_inner() {
            DeValue::String(s) => Kind::Str(s),
            DeValue::Integer(i) => match i64::from_str_radix(i.as_str(), i.radix()) {
                Ok(i) => Kind::Int(i),
                Err(_) => self.bad_number(span),
            },
            DeValue::Float(f) => match f.as_str().parse() {
                Ok(f) => Kind::Float(f),
                Err(_) => self.bad_number(span),
            },
            DeValue::Boolean(b) => Kind::Bool(b),
            DeValue::Datetime(_) => Kind::Date(Cow::Borrowed(&self.text[range])),
            DeValue::Array(items) => Kind::Seq(self.items(items, depth + 1)),
            DeValue::Table(table) => self.table(table, depth),
        };
        Node { kind, span, head, via: None }
    }

    fn items(&mut self, items: DeArray<'a>, depth: usize) -> Vec<Node<'a>> {
        let mut nodes = Vec::with_capacity(items.len());
        for item in items {
            let span = self.span(item.span());
            let head = match item.get_ref() {
                DeValue::Table(_) | DeValue::Array(_) => self.first_line(item.span()),
                _ => span,
            };
            nodes.push(self.node(item, span, head, depth));
        }
        nodes
    }

    fn bad_number(&mut self, span: Span) -> Kind<'a> {
        let message = "the number does not fit in 64 bits".into();
        self.errors.push(SyntaxError { span, message });
        Kind::Opaque(BROKEN.into())
    }

    fn first_line(&self, range: Range<usize>) -> Span {
        let read = Span::new(range.start as u32, range.end as u32);
        let line = first_line(self.text, 0, read);
        self.span(line.start as usize..line.end as usize)
    }

    fn span(&self, range: Range<usize>) -> Span {
        let (start, end) = match &self.repair {
            Some(repair) => (repair.original(range.start), repair.original(range.end)),
            None => (range.start, range.end),
        };
        Span::new(self.base + start as u32, self.base + end as u32)
    }
}

fn opaque<'a>(reason: &str, span: Span, head: Span) -> Node<'a> {
    Node { kind: Kind::Opaque(reason.into()), span, head, via: None }
}

/// Whether a repeated table holds anything from before its second header at `start`.
fn is_merged(value: &DeValue<'_>, start: usize) -> bool {
    match value {
        DeValue::Table(t) => t.iter().any(|(k, _)| k.span().start < start),
        // A repeated key of another kind was not inserted; an array of tables goes on.
        _ => true,
    }
}

fn touches(lines: &[Range<usize>], range: Range<usize>) -> bool {
    let next = lines.partition_point(|l| l.end < range.start);
    lines.get(next).is_some_and(|l| l.start <= range.end)
}

fn lines_of(text: &str, mut at: Vec<usize>) -> Vec<Range<usize>> {
    at.sort_unstable();
    let mut lines: Vec<Range<usize>> = Vec::new();
    let bytes = text.as_bytes();
    for at in at {
        if lines.last().is_some_and(|l| at <= l.end) {
            continue;
        }
        let at = at.min(bytes.len());
        let start = bytes[..at].iter().rposition(|&b| b == b'\n');
        let end = bytes[at..].iter().position(|&b| b == b'\n');
        lines.push(start.map_or(0, |n| n + 1)..end.map_or(bytes.len(), |n| at + n));
    }
    lines
}

fn fill(text: &str, filled: &[(usize, &str)]) -> String {
    let mut out = String::with_capacity(text.len() + filled.len() * FILLER);
    let mut done = 0;
    for &(at, filler) in filled {
        out.push_str(&text[done..at]);
        out.push_str(filler);
        done = at;
    }
    out.push_str(&text[done..]);
    out
}

#[cfg(test)]
mod tests;
