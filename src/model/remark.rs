//! What a client would refuse in its profile, or take otherwise than it was meant: told by the reader of the format, reported by the rules of `profiles`.

use std::borrow::Cow;

use crate::source::Span;

/// What is wrong; each is a rule of the family `profiles`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RemarkKind {
    /// A value, or a key, that the client refuses, and with it the profile or that setting.
    Refused,
    /// A secret under a key that the client does not read.
    SecretMisplaced,
    /// A secret in the wrong type, such as text where the client wants data.
    SecretType,
    /// A secret that was encoded once too often.
    DoubleEncoded,
    /// Quoting or expansion makes another key of what is written.
    QuotingChangesKey,
    /// A server that is written as a URL, or with a port or path.
    ServerForm,
    /// A comment that became part of a value.
    CommentInValue,
}

impl RemarkKind {
    /// The rule that reports it.
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Refused => "profile-value-refused",
            Self::SecretMisplaced => "profile-secret-misplaced",
            Self::SecretType => "profile-secret-type",
            Self::DoubleEncoded => "profile-secret-double-encoded",
            Self::QuotingChangesKey => "profile-key-changed-by-quoting",
            Self::ServerForm => "profile-server-form",
            Self::CommentInValue => "profile-comment-in-value",
        }
    }
}

/// A remark about a profile.
#[derive(Clone, Debug)]
pub struct Remark {
    /// What kind.
    pub kind: RemarkKind,
    /// Where it stands.
    pub span: Span,
    /// What is wrong, as it follows "the profile of client `x` "; never a value: `names its server as a URL`.
    pub what: Cow<'static, str>,
    /// What is at the place, in at most six words.
    pub label: &'static str,
    /// What to do.
    pub help: Cow<'static, str>,
}

impl Remark {
    /// A remark.
    pub fn new(
        kind: RemarkKind,
        span: Span,
        what: impl Into<Cow<'static, str>>,
        label: &'static str,
        help: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { kind, span, what: what.into(), label, help: help.into() }
    }
}
