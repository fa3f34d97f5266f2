//! Spanned trees: what TOML, YAML, JSON and XML have in common. It knows syntax and places, and no VPN.

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
    /// Base64 text of a plist `<data>`, as written.
    Data(Cow<'a, str>),
    /// A TOML date or date-time, as written.
    Date(Cow<'a, str>),
    /// A list.
    Seq(Vec<Node<'a>>),
    /// A table in document order; a key stands once (a repeated key is a [`SyntaxError`], the first one counts).
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
}
pub mod decode;
pub mod json;
pub mod lines;
pub mod toml;
pub mod xml;
pub mod yaml;
