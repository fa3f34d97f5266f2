//! The model as JSON with positions, for `vpnlint inspect`: every leaf as `{ "value", "line", "column" }`, a secret as `{ "set" }` alone, and what
//! cannot be known as `{ "opaque": reason }`. What the input does not say is left out.

mod model;

use serde_json::{Map, Value, json};

use super::Scrubber;
use crate::model::{Field, Key};
use crate::source::{FileId, Problem, ProblemKind, SourceMap, Span, Spanned};

/// What showing needs beside the value.
pub struct Showing<'a> {
    /// Where places lie.
    pub map: &'a SourceMap,
    /// Takes secrets out of every text.
    pub scrubber: &'a Scrubber,
    /// The file that was asked for; places in others name theirs.
    pub file: FileId,
}

/// A part of the model that can be shown.
pub trait Shown {
    /// The value without its place.
    fn shown(&self, cx: &Showing<'_>) -> Value;

    /// The value with its place.
    fn shown_at(&self, span: Span, cx: &Showing<'_>) -> Value {
        let value = self.shown(cx);
        let value = if !value.is_object() && !value.is_array() && cx.hides(span) { json!(crate::source::MASK) } else { value };
        cx.place(json!({ "value": value }), span)
    }
}

impl Showing<'_> {
    /// Text as it may be shown.
    pub fn text(&self, text: &str) -> Value {
        Value::String(self.scrubber.scrub(text))
    }

    /// Adds a place to an object. Columns are those of the masked line.
    pub fn place(&self, mut value: Value, span: Span) -> Value {
        let file = self.map.file_at(span);
        let masked = file.masked();
        let raw = (span.start.saturating_sub(file.base()) as usize).min(file.raw().len());
        let at = masked.position(masked.offset(raw));
        if self.map.id_at(span) != self.file {
            value["path"] = self.text(&file.path);
        }
        value["line"] = at.line.into();
        value["column"] = at.column.into();
        value
    }

    /// Whether a place is hidden, in whole or in part.
    fn hides(&self, span: Span) -> bool {
        let file = self.map.file_at(span);
        let (start, end) = (span.start.saturating_sub(file.base()) as usize, span.end.saturating_sub(file.base()) as usize);
        file.masked().hides(start..end)
    }

    /// Faults, in the order of their places.
    pub fn problems(&self, problems: &[Problem]) -> Value {
        let mut sorted: Vec<&Problem> = problems.iter().filter(|p| p.kind != ProblemKind::DriftUnknown).collect();
        sorted.sort_by_key(|p| p.span);
        let one = |p: &Problem| self.place(json!({ "kind": kind(p.kind), "message": self.text(&p.message) }), p.span);
        sorted.into_iter().map(one).collect()
    }
}

/// The rule that reports a kind of problem.
const fn kind(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Syntax => "syntax-error",
        ProblemKind::UnknownKey => "unknown-key",
        ProblemKind::InvalidValue => "invalid-value",
        ProblemKind::ImportFailed => "import-failed",
        ProblemKind::Drift | ProblemKind::DriftUnknown => "cross-source-drift",
    }
}

/// An object that leaves out what is not said.
#[derive(Default)]
pub struct Object(Map<String, Value>);

impl Object {
    /// Adds a field, unless the input does not speak of it.
    #[must_use]
    pub fn field<T: Shown>(mut self, key: &str, field: &Field<T>, cx: &Showing<'_>) -> Self {
        let value = match field {
            Field::Absent => return self,
            Field::Known(v) => v.value.shown_at(v.span, cx),
            Field::Opaque(o) => cx.place(json!({ "opaque": cx.text(&o.reason) }), o.span),
        };
        self.0.insert(key.to_owned(), value);
        self
    }

    /// Adds a value as it is.
    #[must_use]
    pub fn value(mut self, key: &str, value: Value) -> Self {
        self.0.insert(key.to_owned(), value);
        self
    }

    /// The object.
    pub fn done(self) -> Value {
        Value::Object(self.0)
    }
}

impl<T: Shown> Shown for Vec<Spanned<T>> {
    fn shown(&self, cx: &Showing<'_>) -> Value {
        self.iter().map(|item| item.value.shown_at(item.span, cx)).collect()
    }
}

impl Shown for Key {
    fn shown(&self, _: &Showing<'_>) -> Value {
        json!({ "set": !self.secret.is_empty() })
    }

    fn shown_at(&self, span: Span, cx: &Showing<'_>) -> Value {
        cx.place(self.shown(cx), span)
    }
}
