//! Spanned trees: what TOML, YAML, JSON and XML have in common. It knows syntax and places, and no VPN.

pub mod decode;
pub mod json;
pub mod lines;
pub mod path;
pub mod powershell;
pub mod toml;
pub mod xml;
pub mod yaml;

use std::borrow::Cow;

use crate::source::Span;

/// A value with its place. Spans are in the source map's byte space (the reader adds the file's base).
#[derive(Clone, Debug, PartialEq)]
pub struct Node<'a> {
    /// What it is.
    pub kind: Kind<'a>,
    /// The whole token (a quoted scalar with its quotes) or block; for a TOML table with a header, the header.
    pub span: Span,
    /// Where a label about the block as a whole stands: the TOML header, else the key that names it, else the first line of the item.
    pub head: Span,
    /// When the node was reached through a YAML alias: the place of use (`*name`), while `span` is the definition.
    pub via: Option<Span>,
}

/// The kinds of values.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind<'a> {
    /// `null`, `~`, or nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text, after the syntax's own escapes.
    Str(Cow<'a, str>),
    /// A TOML date or date-time, or a plist `<date>`, as written.
    Date(Cow<'a, str>),
    /// A plist `<data>`: base64 as written, white space included.
    Data(Cow<'a, str>),
    /// A list.
    Seq(Vec<Node<'a>>),
    /// A table in document order; a key stands once (a repeated key is a [`SyntaxError`], the first one counts).
    /// Only a property list keeps all entries of a repeated key: see [`xml::plist`].
    Map(Vec<Entry<'a>>),
    /// A value that is not to be known from the file: a `!env`, a `!vault`, or one that a syntax error touched. The text says why.
    Opaque(Box<str>),
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry<'a> {
    /// The key, unquoted.
    pub key: Cow<'a, str>,
    /// The key's token.
    pub key_span: Span,
    /// The value.
    pub value: Node<'a>,
}

/// A place where the text breaks its grammar. The message is ours, never a library's, and holds no text of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where; at least one byte wide when the file is not empty.
    pub span: Span,
    /// One line, lower case, no full stop: `a string is not closed`.
    pub message: Cow<'static, str>,
}

/// What a reader made of a text: as much as could be read, and every error it can tell apart, in document order.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed<'a> {
    /// The root; `None` when nothing was understood.
    pub root: Option<Node<'a>>,
    /// At most [`MAX_ERRORS`], sorted, one a line.
    pub errors: Vec<SyntaxError>,
}

/// Syntax errors reported of one file.
pub const MAX_ERRORS: usize = 100;
/// How deep a document may nest.
pub const MAX_DEPTH: usize = 64;
/// How many nodes a document may have (aliases count each time they are used).
pub const MAX_NODES: usize = 1_000_000;
/// How many nodes a dump of the Dashboard may have: 10,000 networks with a few hundred values each.
pub const MAX_DUMP_NODES: usize = 5_000_000;
/// How many nodes the aliases of a YAML document may add.
pub const MAX_ALIAS_NODES: usize = 100_000;

impl<'a> Node<'a> {
    /// The entries of a table.
    pub fn entries(&self) -> Option<&[Entry<'a>]> {
        match &self.kind {
            Kind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The entry of `key` in a table.
    pub fn get(&self, key: &str) -> Option<&Entry<'a>> {
        self.entries()?.iter().find(|e| e.key == key)
    }

    /// The items of a list.
    pub fn items(&self) -> Option<&[Node<'a>]> {
        match &self.kind {
            Kind::Seq(items) => Some(items),
            _ => None,
        }
    }

    /// The text of a string.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Str(s) => Some(s),
            _ => None,
        }
    }

    /// The same node without a tie to the text.
    #[must_use]
    pub fn into_owned(self) -> Node<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        let kind = match self.kind {
            Kind::Null => Kind::Null,
            Kind::Bool(b) => Kind::Bool(b),
            Kind::Int(i) => Kind::Int(i),
            Kind::Float(f) => Kind::Float(f),
            Kind::Str(s) => Kind::Str(owned(s)),
            Kind::Date(s) => Kind::Date(owned(s)),
            Kind::Data(s) => Kind::Data(owned(s)),
            Kind::Seq(items) => Kind::Seq(items.into_iter().map(Node::into_owned).collect()),
            Kind::Map(entries) => Kind::Map(
                entries.into_iter().map(|e| Entry { key: owned(e.key), key_span: e.key_span, value: e.value.into_owned() }).collect(),
            ),
            Kind::Opaque(reason) => Kind::Opaque(reason),
        };
        Node { kind, span: self.span, head: self.head, via: self.via }
    }
}

/// Why a value that a syntax error touched is opaque.
pub(crate) const BROKEN: &str = "the text is broken here";
const REPEATED: &str = "the key stands here for the second time";
const TOO_DEEP: &str = "the document nests too deep";
const TOO_MANY: &str = "the document has too many values";

/// What a reader says of a node that it does not build.
fn over_limit(depth: usize, nodes: usize) -> Option<&'static str> {
    if depth > MAX_DEPTH {
        Some(TOO_DEEP)
    } else if nodes > MAX_NODES {
        Some(TOO_MANY)
    } else {
        None
    }
}

/// Brings errors into the shape that [`Parsed`] promises: sorted, within the text, not empty, one a line.
fn tidy(text: &str, base: u32, mut errors: Vec<SyntaxError>) -> Vec<SyntaxError> {
    if errors.is_empty() {
        return errors;
    }
    errors.sort_by_key(|e| (e.span.start, e.span.end));
    let mut kept: Vec<SyntaxError> = Vec::new();
    let mut line_end = None;
    for mut error in errors {
        let start = floor(text, (error.span.start - base) as usize);
        if line_end.is_some_and(|end| start <= end) {
            continue;
        }
        if kept.len() == MAX_ERRORS {
            break;
        }
        let end = text[start..].find('\n').map_or(text.len(), |n| start + n);
        line_end = Some(end);
        // An empty place takes the character after it, at the end of a line the one before.
        let (mut from, mut to) = (start, ceil(text, (error.span.end - base) as usize).min(end));
        if to <= from {
            match text[from..end].chars().next().filter(|&c| c != '\r') {
                Some(c) => to = from + c.len_utf8(),
                None => match text[..from].chars().next_back() {
                    Some(c) => (from, to) = (from - c.len_utf8(), from),
                    None => to = text.len().min(1),
                },
            }
        }
        error.span = Span::new(base + from as u32, base + to as u32);
        kept.push(error);
    }
    kept
}

/// The first line of a block, for a label that stands for the whole.
fn first_line(text: &str, base: u32, span: Span) -> Span {
    let block = &text[(span.start - base) as usize..(span.end - base) as usize];
    let line = block.find('\n').map_or(block, |n| &block[..n]);
    let line = line.strip_suffix('\r').unwrap_or(line);
    Span::new(span.start, span.start + line.len() as u32)
}

fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0)
}

fn ceil(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (at..=text.len()).find(|&i| text.is_char_boundary(i)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests;
