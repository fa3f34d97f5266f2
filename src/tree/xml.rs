//! XML with places, and Apple property lists on top of it.
//!
//! External entities are never read. A text with an error is read up to that error, as far as elements are whole.

use std::borrow::Cow;

use roxmltree::{Document, Error, NodeType, ParsingOptions, StringStorage, TextPos};

use super::{BROKEN, Kind, MAX_DEPTH, MAX_NODES, SyntaxError, TOO_DEEP, TOO_MANY, tidy};
use crate::source::{Span, Spanned};

mod plist;

pub use self::plist::plist;

/// An element with what stands in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Element<'a> {
    /// The local name.
    pub name: Cow<'a, str>,
    /// The namespace, if it has one.
    pub namespace: Option<Box<str>>,
    /// From `<` of the start tag to `>` of the end tag.
    pub span: Span,
    /// The attributes, entities decoded, with the places of the values.
    pub attributes: Vec<(Cow<'a, str>, Spanned<Cow<'a, str>>)>,
    /// The text directly in it, entities decoded; its place is the raw text, or the element when there is none.
    pub text: Spanned<Cow<'a, str>>,
    /// The elements in it.
    pub children: Vec<Element<'a>>,
    /// Whether a syntax error cut it short.
    pub broken: bool,
}

impl<'a> Element<'a> {
    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Element<'a>> {
        self.children.iter().find(|c| c.name == name)
    }

    /// The same element without a tie to the text.
    #[must_use]
    pub fn into_owned(self) -> Element<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Element {
            name: owned(self.name),
            namespace: self.namespace,
            span: self.span,
            attributes: self.attributes.into_iter().map(|(name, value)| (owned(name), value.map(owned))).collect(),
            text: self.text.map(owned),
            children: self.children.into_iter().map(Self::into_owned).collect(),
            broken: self.broken,
        }
    }
}

/// Reads a document; `base` is the place of its first byte.
pub fn document(text: &str, base: u32) -> (Option<Element<'_>>, Vec<SyntaxError>) {
    let (body, base) = match text.strip_prefix('\u{feff}') {
        Some(body) => (body, base + 3),
        None => (text, base),
    };
    match tree(body) {
        Ok(document) => {
            let mut builder = Builder::new(body, base);
            let root = builder.element(document.root_element(), 1);
            let errors = tidy(body, base, builder.errors);
            (Some(root), errors)
        }
        Err(error) => {
            let at = offset(body, error.pos(), &error);
            let (root, mut errors) = prefix(body, base, at);
            let at = base + at as u32;
            errors.push(SyntaxError { span: Span::new(at, at), message: describe(&error).into() });
            (root, tidy(body, base, errors))
        }
    }
}

fn tree(text: &str) -> Result<Document<'_>, Error> {
    let options = ParsingOptions { allow_dtd: true, nodes_limit: MAX_NODES as u32, entity_resolver: None };
    Document::parse_with_options(text, options)
}

/// Reads what stands before an error: cut where the last whole tag ends, and closed again.
fn prefix(text: &str, base: u32, at: usize) -> (Option<Element<'static>>, Vec<SyntaxError>) {
    let (cut, open) = open_tags(text, at);
    if open.is_empty() {
        return (None, Vec::new());
    }
    let mut whole = text[..cut].to_owned();
    for name in open.iter().rev() {
        whole.push_str("</");
        whole.push_str(name);
        whole.push('>');
    }
    let Ok(document) = tree(&whole) else {
        return (None, Vec::new());
    };
    let mut builder = Builder::new(&whole, base);
    builder.end = cut;
    let root = builder.element(document.root_element(), 1);
    (Some(root.into_owned()), builder.errors)
}

/// Where the last whole tag before `at` ends, and the elements that are open there.
fn open_tags(text: &str, at: usize) -> (usize, Vec<&str>) {
    let text = &text[..super::floor(text, at)];
    let mut open = Vec::new();
    let mut cut = 0;
    let mut from = 0;
    while let Some(start) = text[from..].find('<').map(|n| from + n) {
        let rest = &text[start..];
        let close = match rest.as_bytes().get(1) {
            _ if rest.starts_with("<!--") => "-->",
            _ if rest.starts_with("<![CDATA[") => "]]>",
            Some(b'!') if rest.split('>').next().is_some_and(|t| t.contains('[')) => "]>",
            Some(b'?') => "?>",
            _ => ">",
        };
        let Some(end) = rest.find(close).map(|n| start + n + close.len()) else {
            break;
        };
        let tag = &text[start + 1..end - 1];
        match tag.as_bytes().first() {
            Some(b'!' | b'?') => {}
            Some(b'/') => {
                if open.pop() != Some(tag[1..].trim_end()) {
                    break;
                }
            }
            _ if tag.ends_with('/') => {}
            _ => {
                if open.len() >= MAX_DEPTH {
                    break;
                }
                open.push(tag.split_ascii_whitespace().next().unwrap_or(""));
            }
        }
        (cut, from) = (end, end);
    }
    (cut, open)
}

struct Builder<'a> {
    text: &'a str,
    base: u32,
    /// The end of the text as it was; what lies beyond closes broken elements.
    end: usize,
    errors: Vec<SyntaxError>,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str, base: u32) -> Self {
        Self { text, base, end: text.len(), errors: Vec::new() }
    }

    fn element(&mut self, node: roxmltree::Node<'_, 'a>, depth: usize) -> Element<'a> {
        let range = node.range();
        let span = self.span(&range);
        let mut children = Vec::new();
        let mut text: Option<Spanned<Cow<'a, str>>> = None;
        for child in node.children() {
            match child.node_type() {
                NodeType::Element if depth >= MAX_DEPTH => {
                    let span = self.span(&child.range());
                    let message = TOO_DEEP.into();
                    self.errors.push(SyntaxError { span, message });
                    break;
                }
                NodeType::Element => children.push(self.element(child, depth + 1)),
                NodeType::Text => {
                    let span = self.span(&child.range());
                    let piece = match child.text_storage() {
                        Some(StringStorage::Borrowed(text)) => Cow::Borrowed(*text),
                        _ => Cow::Owned(child.text().unwrap_or_default().to_owned()),
                    };
                    text = Some(match text.take() {
                        None => Spanned::new(piece, span),
                        Some(before) => {
                            let whole = before.span.to(span);
                            Spanned::new(before.value + piece, whole)
                        }
                    });
                }
                _ => {}
            }
        }
        let attributes = node.attributes().map(|a| {
            let span = self.span(&a.range_value());
            let name = Cow::Owned(a.name().to_owned());
            (name, Spanned::new(Cow::Owned(a.value().to_owned()), span))
        });
        Element {
            name: Cow::Owned(node.tag_name().name().to_owned()),
            namespace: node.tag_name().namespace().map(Into::into),
            span,
            attributes: attributes.collect(),
            text: text.unwrap_or_else(|| Spanned::new(Cow::Borrowed(""), span)),
            children,
            broken: range.end > self.end,
        }
    }

    fn span(&self, range: &std::ops::Range<usize>) -> Span {
        let (start, end) = (range.start.min(self.end), range.end.min(self.end));
        debug_assert!(end <= self.text.len(), "a node lies within the text");
        Span::new(self.base + start as u32, self.base + end as u32)
    }
}

fn offset(text: &str, pos: TextPos, error: &Error) -> usize {
    if matches!(error, Error::UnclosedRootNode | Error::UnexpectedEndOfStream) {
        return text.len();
    }
    let row = pos.row.saturating_sub(1) as usize;
    let start: usize = text.split_inclusive('\n').take(row).map(str::len).sum();
    let column = pos.col.saturating_sub(1) as usize;
    let rest = text[start..].char_indices().nth(column);
    rest.map_or(text.len(), |(n, _)| start + n)
}

/// Payloads are left out: they hold text of the file.
fn describe(error: &Error) -> &'static str {
    match error {
        Error::UnexpectedCloseTag(..) | Error::UnexpectedEntityCloseTag(_) => "an end tag does not fit its start tag",
        Error::UnknownEntityReference(..) | Error::MalformedEntityReference(_) => "a `&` does not begin a known entity, so write `&amp;`",
        Error::EntityReferenceLoop(_) => "an entity refers to itself or grows too large",
        Error::DuplicatedAttribute(..) => "an attribute stands here for the second time",
        Error::InvalidAttributeValue(_) => "an attribute holds a `<`",
        Error::NoRootNode => "the file has no element",
        Error::UnclosedRootNode | Error::UnexpectedEndOfStream => "an element is not closed",
        Error::UnknownNamespace(..) => "a prefix names no namespace",
        Error::NonXmlChar(..) => "a character is not allowed in XML",
        Error::NodesLimitReached => TOO_MANY,
        _ => "this is not valid XML here",
    }
}

#[cfg(test)]
mod tests;
