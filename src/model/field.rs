//! A leaf of the model: absent, known, or there but opaque.

use crate::source::{Span, Spanned};

/// Why a value cannot be known from the input. It reads well after "undecided: ", and never holds a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opaque {
    /// The value's place.
    pub span: Span,
    /// What would have to be known, such as ``the environment variable `VPNLINT_PSK` is not set``.
    pub reason: Box<str>,
}

/// One fact of the model. Absent means "not said", never "the default".
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Field<T> {
    /// The input does not speak of it.
    #[default]
    Absent,
    /// Said, and understood.
    Known(Spanned<T>),
    /// Said, but not to be known from the files (`!vault`, an unset `{ env }`, a value that is not valid).
    Opaque(Opaque),
}

impl<T> Field<T> {
    /// A known value.
    pub const fn known_at(value: T, span: Span) -> Self {
        Self::Known(Spanned::new(value, span))
    }

    /// An opaque value.
    pub fn opaque_at(span: Span, reason: impl Into<Box<str>>) -> Self {
        Self::Opaque(Opaque { span, reason: reason.into() })
    }

    /// The value with its place, when it is known.
    pub const fn known(&self) -> Option<&Spanned<T>> {
        match self {
            Self::Known(v) => Some(v),
            _ => None,
        }
    }

    /// The value, when it is known.
    pub fn value(&self) -> Option<&T> {
        self.known().map(|v| &v.value)
    }

    /// The value without its place, when it is known.
    pub fn known_value(self) -> Option<T> {
        match self {
            Self::Known(v) => Some(v.value),
            _ => None,
        }
    }

    /// Why it is opaque, when it is.
    pub const fn opaque(&self) -> Option<&Opaque> {
        match self {
            Self::Opaque(o) => Some(o),
            _ => None,
        }
    }

    /// The place, unless absent.
    pub const fn span(&self) -> Option<Span> {
        match self {
            Self::Absent => None,
            Self::Known(v) => Some(v.span),
            Self::Opaque(o) => Some(o.span),
        }
    }

    /// Whether the input does not speak of it.
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Another known value from the same place; absent and opaque stay what they are.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Field<U> {
        match self {
            Self::Absent => Field::Absent,
            Self::Known(v) => Field::Known(v.map(f)),
            Self::Opaque(o) => Field::Opaque(o),
        }
    }
}

impl<T> Field<Vec<T>> {
    /// The known items; none when absent or opaque.
    pub fn items(&self) -> &[T] {
        self.value().map_or(&[], Vec::as_slice)
    }
}

/// A list of spanned items that may be absent (not said) or empty (said to be none).
pub type List<T> = Field<Vec<Spanned<T>>>;
