//! Property lists: `dict`, `array` and their leaves as nodes.

use std::borrow::Cow;

use super::{BROKEN, Element, Kind, SyntaxError, document, tidy};
use crate::source::Span;
use crate::tree::{Entry, Node, Parsed, first_line};

/// Reads a property list; `base` is the place of its first byte.
///
/// The root may be a `plist` or its value. Unlike elsewhere, a repeated key of a `dict` keeps all its entries:
/// which of them counts is the reading device's choice. A leaf's place is its raw text without the tags.
pub fn plist(text: &str, base: u32) -> Parsed<'_> {
    let (root, errors) = document(text, base);
    let mut walk = Walk { text, base, errors };
    let root = root.and_then(|root| {
        if root.name != "plist" {
            return walk.value(root, None);
        }
        let span = root.span;
        let mut children = root.children.into_iter();
        let value = children.next().and_then(|value| walk.value(value, None));
        if value.is_none() && walk.errors.is_empty() {
            walk.error(span, "the property list has no value");
        }
        if let Some(more) = children.next() {
            walk.error(more.span, "a second value in the property list is not read");
        }
        value
    });
    let errors = tidy(text, base, walk.errors);
    Parsed { root, errors }
}

struct Walk<'t> {
    text: &'t str,
    base: u32,
    errors: Vec<SyntaxError>,
}

impl Walk<'_> {
    fn error(&mut self, span: Span, message: &'static str) {
        let message = message.into();
        self.errors.push(SyntaxError { span, message });
    }

    fn value<'a>(&mut self, element: Element<'a>, key: Option<Span>) -> Option<Node<'a>> {
        let whole = element.span;
        let mut span = element.text.span;
        let text = element.text.value;
        let kind = match &*element.name {
            "string" | "date" | "data" | "integer" | "real" if element.broken => Kind::Opaque(BROKEN.into()),
            "string" => Kind::Str(text),
            "date" => Kind::Date(text),
            "data" => Kind::Data(text),
            "integer" => self.number(&text, span, integer),
            "real" => self.number(&text, span, |t| t.parse().ok().map(Kind::Float)),
            "true" | "false" => Kind::Bool(element.name == "true"),
            "array" => {
                span = whole;
                let children = element.children.into_iter();
                Kind::Seq(children.filter_map(|c| self.value(c, None)).collect())
            }
            "dict" => {
                span = whole;
                Kind::Map(self.entries(element.children))
            }
            _ => {
                self.error(whole, "property lists have no such element");
                return None;
            }
        };
        let head = key.unwrap_or_else(|| first_line(self.text, self.base, whole));
        Some(Node { kind, span, head, via: None })
    }

    fn entries<'a>(&mut self, children: Vec<Element<'a>>) -> Vec<Entry<'a>> {
        let mut entries = Vec::with_capacity(children.len() / 2);
        let mut children = children.into_iter().peekable();
        while let Some(element) = children.next() {
            if element.name != "key" {
                self.error(element.span, "a value has no key");
                continue;
            }
            let key_span = element.text.span;
            let value = match children.next_if(|next| next.name != "key") {
                Some(value) => self.value(value, Some(key_span)),
                None if element.broken => continue,
                None => {
                    self.error(key_span, "a key has no value");
                    None
                }
            };
            let value = value.unwrap_or_else(|| Node { kind: Kind::Opaque(BROKEN.into()), span: key_span, head: key_span, via: None });
            entries.push(Entry { key: element.text.value, key_span, value });
        }
        entries
    }

    fn number<'a>(&mut self, text: &Cow<'a, str>, span: Span, parse: impl Fn(&str) -> Option<Kind<'a>>) -> Kind<'a> {
        if let Some(kind) = parse(text.trim()) {
            return kind;
        }
        if ["{{", "${", "%{", "$("].iter().any(|mark| text.contains(mark)) {
            return Kind::Opaque("the placeholder is not filled in".into());
        }
        self.error(span, "a number is not valid");
        Kind::Opaque(BROKEN.into())
    }
}

fn integer<'a>(text: &str) -> Option<Kind<'a>> {
    let hex = text.strip_prefix("0x").or(text.strip_prefix("0X"));
    let number = hex.map_or_else(|| text.parse(), |hex| i64::from_str_radix(hex, 16));
    number.ok().map(Kind::Int)
}
