//! Apple property lists in XML, by `roxmltree`. External entities are never fetched, and a document that defines entities of its own is refused.

use std::borrow::Cow;

use roxmltree::{Document, Error, ParsingOptions};

use super::{Entry, Kind, MAX_DEPTH, MAX_ERRORS, MAX_NODES, Node, Parsed, SyntaxError};
use crate::source::Span;

/// Reads a property list; `base` is the place of its first byte. Nothing is understood of a document that is not well formed.
///
/// A dictionary keeps keys that are repeated. A scalar's place is its text without the tags, an empty element's is the whole element;
/// a container's is the whole element. `head` is the text of the key, or the start tag of an item. A number that is none is opaque.
pub fn plist(text: &str, base: u32) -> Parsed<'_> {
    // XML wants its declaration first; editors put white space there.
    let skipped = text.len() - text.trim_start().len();
    let document = &text[skipped..];
    let place = |from: usize, to: usize| {
        let end = (base as usize + text.len()).max(base as usize + 1);
        Span::new(base + (skipped + from) as u32, (base as usize + skipped + to.max(from + 1)).min(end) as u32)
    };
    let failed = |from: usize, to: usize, message: &'static str| {
        let from = from.min(document.len().saturating_sub(1));
        let from = document.floor_char_boundary(from);
        let to = document.ceil_char_boundary(to.max(from + 1));
        Parsed { root: None, errors: vec![SyntaxError { span: place(from, to), message: message.into() }] }
    };
    if let Some(at) = document.find("<!ENTITY") {
        return failed(at, at + "<!ENTITY".len(), "the document defines entities of its own, which are not read");
    }
    let options = ParsingOptions { allow_dtd: true, nodes_limit: MAX_NODES as u32, ..ParsingOptions::default() };
    let tree = match Document::parse_with_options(document, options) {
        Ok(tree) => tree,
        Err(error) => {
            let at = match error {
                Error::UnclosedRootNode | Error::UnexpectedEndOfStream => document.trim_end().len().saturating_sub(1),
                _ => offset(document, error.pos()),
            };
            return failed(at, at + 1, describe(&error));
        }
    };
    let root = tree.root_element();
    let mut walk = Walk { text: document, base: base + skipped as u32, errors: Vec::new() };
    let top = if root.has_tag_name("plist") { walk.only_child(root) } else { Some(root) };
    let root = top.map(|top| walk.node(top, None, 0));
    let mut errors = walk.errors;
    errors.sort_by_key(|e| e.span);
    errors.truncate(MAX_ERRORS);
    Parsed { root, errors }
}

/// The place where the library stopped, as an offset.
fn offset(text: &str, at: roxmltree::TextPos) -> usize {
    let line = text.split_inclusive('\n').take(at.row.saturating_sub(1) as usize).map(str::len).sum::<usize>();
    let rest = text.get(line..).unwrap_or_default();
    line + rest.char_indices().nth(at.col.saturating_sub(1) as usize).map_or(rest.len(), |(n, _)| n)
}

const fn describe(error: &Error) -> &'static str {
    match error {
        Error::NoRootNode => "there is no element",
        Error::UnclosedRootNode | Error::UnexpectedEndOfStream => "an element is not closed",
        Error::UnexpectedCloseTag(..) => "an element is closed under another name",
        Error::UnknownEntityReference(..) | Error::MalformedEntityReference(_) => "an entity that is not known; a plain & is written &amp;",
        Error::InvalidComment(_) => "a comment holds -- or is not closed",
        Error::NodesLimitReached => "the document has too many values",
        _ => "this is not well-formed XML",
    }
}

struct Walk<'t> {
    text: &'t str,
    base: u32,
    errors: Vec<SyntaxError>,
}

type Element<'d, 't> = roxmltree::Node<'d, 't>;

impl<'t> Walk<'t> {
    fn place(&self, range: std::ops::Range<usize>) -> Span {
        Span::new(self.base + range.start as u32, self.base + range.end as u32)
    }

    fn error(&mut self, range: std::ops::Range<usize>, message: &'static str) {
        let span = self.place(range);
        self.errors.push(SyntaxError { span, message: message.into() });
    }

    /// The start tag.
    fn tag(&self, element: Element<'_, '_>) -> std::ops::Range<usize> {
        let range = element.range();
        let mut quote = None;
        let end = self.text[range.clone()].bytes().position(|b| match (quote, b) {
            (None, b'>') => true,
            (None, b'"' | b'\'') => {
                quote = Some(b);
                false
            }
            (Some(q), b) if q == b => {
                quote = None;
                false
            }
            _ => false,
        });
        range.start..end.map_or(range.end, |n| range.start + n + 1)
    }

    /// What stands between the tags; the element itself when that is nothing.
    fn content(&self, element: Element<'_, '_>) -> std::ops::Range<usize> {
        let (range, tag) = (element.range(), self.tag(element));
        match self.text[range.clone()].rfind("</").map(|n| range.start + n) {
            Some(end) if end > tag.end => tag.end..end,
            _ => range,
        }
    }

    /// The text of an element that holds no elements.
    fn string(&mut self, element: Element<'_, '_>) -> Option<Cow<'t, str>> {
        if let Some(inner) = element.children().find(Element::is_element) {
            let tag = self.tag(inner);
            self.error(tag, "an element stands where text should be");
            return None;
        }
        let content = self.content(element);
        let raw = &self.text[content.clone()];
        if content != element.range() && !raw.contains(['&', '<', '\r']) {
            return Some(Cow::Borrowed(raw));
        }
        Some(Cow::Owned(element.children().filter(Element::is_text).filter_map(|t| t.text()).collect()))
    }

    /// Text that stands loose in a container.
    fn loose_text(&mut self, element: Element<'_, '_>) {
        for text in element.children().filter(Element::is_text) {
            let Some(raw) = self.text.get(text.range()).filter(|t| !t.trim().is_empty()) else { continue };
            let start = text.range().start + raw.len() - raw.trim_start().len();
            self.error(start..start + raw.trim().len(), "text stands where an element should be");
        }
    }

    fn only_child<'d, 'i>(&mut self, root: Element<'d, 'i>) -> Option<Element<'d, 'i>> {
        self.loose_text(root);
        let mut elements = root.children().filter(Element::is_element);
        let first = elements.next();
        if first.is_none() {
            let tag = self.tag(root);
            self.error(tag, "the property list is empty");
        }
        if let Some(second) = elements.next() {
            let tag = self.tag(second);
            self.error(tag, "a property list holds one value");
        }
        first
    }

    fn node(&mut self, element: Element<'_, '_>, key: Option<Span>, depth: usize) -> Node<'t> {
        let content = self.content(element);
        let whole = element.range();
        let (mut span, head) = (self.place(content), key.unwrap_or_else(|| self.place(self.tag(element))));
        if depth > MAX_DEPTH {
            return Node { kind: Kind::Opaque("the document nests too deep".into()), span, head, via: None };
        }
        let no_number = || Kind::Opaque("this is not a number".into());
        let kind = match element.tag_name().name() {
            "dict" => {
                span = self.place(whole);
                self.dict(element, depth)
            }
            "array" => {
                span = self.place(whole);
                self.loose_text(element);
                Kind::Seq(element.children().filter(Element::is_element).map(|e| self.node(e, None, depth + 1)).collect())
            }
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            "string" => self.string(element).map_or_else(broken, Kind::Str),
            "data" => self.string(element).map_or_else(broken, Kind::Data),
            "date" => self.string(element).map_or_else(broken, Kind::Date),
            "integer" => self.string(element).and_then(|s| integer(s.trim())).map_or_else(no_number, Kind::Int),
            "real" => self.string(element).and_then(|s| s.trim().parse().ok()).map_or_else(no_number, Kind::Float),
            _ => {
                let tag = self.tag(element);
                self.error(tag, "this element is no part of a property list");
                broken()
            }
        };
        Node { kind, span, head, via: None }
    }

    fn dict(&mut self, element: Element<'_, '_>, depth: usize) -> Kind<'t> {
        self.loose_text(element);
        let mut entries = Vec::new();
        let mut key: Option<(Cow<'t, str>, Span)> = None;
        for child in element.children().filter(Element::is_element) {
            if child.has_tag_name("key") {
                if key.is_some() {
                    let tag = self.tag(child);
                    self.error(tag, "the key before this one has no value");
                }
                let span = self.place(self.content(child));
                key = self.string(child).map(|name| (name, span));
                continue;
            }
            match key.take() {
                Some((name, span)) => entries.push(Entry { key: name, key_span: span, value: self.node(child, Some(span), depth + 1) }),
                None => {
                    let tag = self.tag(child);
                    self.error(tag, "this value has no key");
                }
            }
        }
        if key.is_some() {
            let end = element.range().end;
            self.error(end - 1..end, "the last key has no value");
        }
        Kind::Map(entries)
    }
}

fn broken<'t>() -> Kind<'t> {
    Kind::Opaque("the text is broken here".into())
}

fn integer(text: &str) -> Option<i64> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => i64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(text: &str) -> Node<'_> {
        let parsed = plist(text, 100);
        assert_eq!(parsed.errors, []);
        parsed.root.unwrap()
    }

    fn slice(text: &str, span: Span) -> &str {
        &text[span.start as usize - 100..span.end as usize - 100]
    }

    fn message(text: &str) -> String {
        let parsed = plist(text, 100);
        assert_eq!(parsed.errors.len(), 1, "{text}: {:?}", parsed.errors);
        let span = parsed.errors[0].span;
        format!("{}: {}", slice(text, span), parsed.errors[0].message)
    }

    #[test]
    fn every_type_has_its_kind_and_place() {
        let text = "\n<?xml version=\"1.0\"?><!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://x/y.dtd\">\n<plist version=\"1.0\"><dict>\
            <key>s</key><!-- c --><string>é &amp; b</string><key>d</key><data>\n QUJD\n</data><key>i</key><integer> 0x10 </integer>\
            <key>r</key><real>1</real><key>t</key><true/><key>day</key><date>2026-11-23T00:00:00Z</date><key>e</key><string/>\
            <key>l</key><array><string><![CDATA[<x>]]></string><dict/></array></dict></plist>";
        let root = root(text);
        let entries = root.entries().unwrap();
        let seen: Vec<_> = entries.iter().map(|e| (&*e.key, slice(text, e.value.span), e.value.kind.clone())).collect();
        assert_eq!(seen[0], ("s", "é &amp; b", Kind::Str("é & b".into())));
        assert_eq!(seen[1], ("d", "\n QUJD\n", Kind::Data("\n QUJD\n".into())));
        assert_eq!(seen[2], ("i", " 0x10 ", Kind::Int(16)));
        assert_eq!(seen[3], ("r", "1", Kind::Float(1.0)));
        assert_eq!(seen[4], ("t", "<true/>", Kind::Bool(true)));
        assert_eq!(seen[5], ("day", "2026-11-23T00:00:00Z", Kind::Date("2026-11-23T00:00:00Z".into())));
        assert_eq!(seen[6], ("e", "<string/>", Kind::Str("".into())));
        let items = entries[7].value.items().unwrap();
        assert_eq!(items[0].text(), Some("<x>"));
        assert_eq!(slice(text, items[1].head), "<dict/>");
        assert!(entries.iter().all(|e| slice(text, e.key_span) == e.key && e.value.head == e.key_span));
    }

    #[test]
    fn repeated_keys_are_kept() {
        let root = root("<plist><dict><key>a</key><true/><key>a</key><false/></dict></plist>");
        assert_eq!(root.entries().unwrap().len(), 2);
    }

    #[test]
    fn a_comment_within_text_splits_nothing() {
        let root = root("<plist><string>CAN<!-- x -->ARY</string></plist>");
        assert_eq!(root.text(), Some("CANARY"));
    }

    #[test]
    fn faults_have_places_and_words_of_our_own() {
        assert_eq!(message("<plist><dict></array></plist>"), "<: an element is closed under another name");
        assert_eq!(message("<plist><dict>"), ">: an element is not closed");
        assert_eq!(
            message("<plist><string>&CANARY;</string></plist>").split_once(": ").unwrap().1,
            describe(&Error::MalformedEntityReference(roxmltree::TextPos::new(1, 1)))
        );
        assert_eq!(message("<plist><dict><string>CANARY</string></dict></plist>"), "<string>: this value has no key");
        assert_eq!(message("<plist><dict><key>a</key></dict></plist>"), ">: the last key has no value");
        assert_eq!(message("<plist><dict>{% if x %}</dict></plist>"), "{% if x %}: text stands where an element should be");
        assert_eq!(message("<plist><blob/></plist>"), "<blob/>: this element is no part of a property list");
        assert_eq!(
            message("<!DOCTYPE p [<!ENTITY a \"b\">]><plist/>"),
            "<!ENTITY: the document defines entities of its own, which are not read"
        );
    }

    #[test]
    fn hostile_depth_is_opaque_not_a_crash() {
        let deep = format!("<plist>{}{}</plist>", "<array>".repeat(5000), "</array>".repeat(5000));
        assert!(plist(&deep, 0).root.is_some());
    }
}
