//! Exports of upstream firewalls and routers, each read into a [`Device`](crate::model::upstream::Device).

pub mod iptables_save;

use crate::source::Span;

/// Something in a file that its reader did not understand. The message never quotes the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub span: Span,
    /// What is wrong, in one line.
    pub message: String,
    /// How bad it is.
    pub kind: ProblemKind,
}

/// How bad a [`Problem`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// The text breaks its format's grammar.
    Syntax,
    /// The grammar is fine, and this reader does not know the word.
    Unknown,
    /// A name that the file should define and does not.
    Dangling,
}
