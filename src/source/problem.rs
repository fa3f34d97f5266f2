//! What a reader could not make sense of. Problems become findings of the rules about the files themselves.

use super::Span;

/// Which rule about the files speaks of a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// The text breaks its format's grammar.
    Syntax,
    /// A key that the schema does not know.
    UnknownKey,
    /// A value of the wrong type or form.
    InvalidValue,
    /// A named file could not be read, or is of no known format.
    ImportFailed,
    /// Two inputs give the same fact differently.
    Drift,
    /// Two inputs give the same fact, and one of them is not known: no fault; the message is what is missing.
    DriftUnknown,
}

/// One fault of the input with its place. No text here may hold a value that could be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The rule that reports it.
    pub kind: ProblemKind,
    /// The place.
    pub span: Span,
    /// One line, lower case, no full stop.
    pub message: String,
    /// What stands at the place, in at most six words.
    pub label: String,
    /// What to do next.
    pub help: Option<String>,
    /// Other places that take part.
    pub related: Vec<(Span, String)>,
}

impl Problem {
    /// A problem at `span`; `label` says what is there.
    pub fn new(kind: ProblemKind, span: Span, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self { kind, span, message: message.into(), label: label.into(), help: None, related: Vec::new() }
    }

    /// One side of a fact that another input gives, too, is not known, for want of `reason`.
    pub fn drift_unknown(span: Span, reason: &str) -> Self {
        Self::new(ProblemKind::DriftUnknown, span, reason, "")
    }

    /// The same with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with another place that takes part.
    #[must_use]
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }
}
