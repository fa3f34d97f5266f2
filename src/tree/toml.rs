//! TOML, by `toml`'s recovering parser. Its own messages are never shown: they would quote the file.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Entry, Kind, MAX_ERRORS, Node, Parsed, SyntaxError};
use crate::source::Span;

/// Reads a document; `base` is the place of its first byte.
pub fn parse(text: &str, base: u32) -> Parsed<'_> {
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut errors: Vec<_> = errors
        .iter()
        .map(|e| {
            let range = e.span().unwrap_or(0..text.len().min(1));
            SyntaxError {
                span: Span::new(base + range.start as u32, base + range.end.max(range.start + 1).min(text.len().max(1)) as u32),
                message: "this is not valid TOML".into(),
            }
        })
        .collect();
    errors.sort_by_key(|e| e.span);
    errors.truncate(MAX_ERRORS);
    let span = place(root.span(), base);
    let kind = table(root.into_inner(), base);
    Parsed { root: Some(Node { kind, span, head: Span::new(span.start, span.start), via: None }), errors }
}

fn place(range: std::ops::Range<usize>, base: u32) -> Span {
    Span::new(base + range.start as u32, base + range.end as u32)
}

fn table(table: DeTable<'_>, base: u32) -> Kind<'_> {
    let mut entries: Vec<_> = table
        .into_iter()
        .map(|(key, value)| {
            let key_span = place(key.span(), base);
            Entry { key: key.into_inner(), key_span, value: node(value, base, Some(key_span)) }
        })
        .collect();
    entries.sort_by_key(|e| e.key_span);
    Kind::Map(entries)
}

fn node(value: Spanned<DeValue<'_>>, base: u32, key: Option<Span>) -> Node<'_> {
    let span = place(value.span(), base);
    let kind = match value.into_inner() {
        DeValue::String(s) => Kind::Str(s),
        DeValue::Integer(i) => i64::from_str_radix(i.as_str(), i.radix()).map_or(Kind::Float(f64::INFINITY), Kind::Int),
        DeValue::Float(f) => Kind::Float(f.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(b) => Kind::Bool(b),
        DeValue::Datetime(d) => Kind::Date(d.to_string().into()),
        DeValue::Array(items) => Kind::Seq(items.into_iter().map(|i| node(i, base, None)).collect()),
        DeValue::Table(t) => table(t, base),
    };
    let head = if matches!(kind, Kind::Map(_)) { span } else { key.unwrap_or(span) };
    Node { kind, span, head, via: None }
}
