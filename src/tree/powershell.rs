//! PowerShell scripts: statements, commands with their arguments, and the literals in them (`about_Parsing`, `about_Quoting_Rules`,
//! `about_Special_Characters`, `about_Splatting`).
//!
//! Nothing is run: a value is literal text with places, or it says by what it is computed. Reading goes forward only, so that its cost is linear, and every text
//! yields a script; what ends too early is noted in [`Script::cut`].

mod arguments;
mod expressions;
mod scan;
mod statements;
mod strings;
#[cfg(test)]
mod tests;

pub use scan::is_dash;

use crate::source::Span;

/// A script. All places are offsets into its text.
#[derive(Default)]
pub struct Script<'a> {
    /// What it does, in order.
    pub body: Vec<Statement<'a>>,
    /// Comments.
    pub comments: Vec<Span>,
    /// What stands between quotes.
    pub strings: Vec<Span>,
    /// Where something begins whose end is missing: a string, a group, a block.
    pub cut: Option<Span>,
}

/// A step of a script.
pub enum Statement<'a> {
    /// `$name = value`.
    Assign {
        /// The variable's name with its scope, as written.
        name: &'a str,
        /// The place of the name.
        at: Span,
        /// The entry that is set, when it is one of a hash table: `$name.entry = value`.
        entry: Option<(&'a str, Span)>,
        /// Whether the value is added to the one before (`+=` and its kin).
        more: bool,
        /// The value.
        value: Expr<'a>,
    },
    /// Commands in a pipeline.
    Run(Vec<Command<'a>>),
    /// `if`, `foreach`, `function`, `try`, …: the parts in order.
    Blocks(Vec<Block<'a>>),
}

/// A part of a compound statement.
pub struct Block<'a> {
    /// When it runs.
    pub kind: BlockKind,
    /// Variables that whoever runs the block sets: a loop's, or parameters.
    pub sets: Vec<&'a str>,
    /// What it does.
    pub body: Vec<Statement<'a>>,
}

/// When a block runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// Once, such as a condition.
    Once,
    /// Perhaps.
    Branch,
    /// Any number of times.
    Loop,
    /// When it is called.
    Function,
}

/// A command, or an expression that stands in a pipeline.
pub struct Command<'a> {
    /// Its name; `None` for an expression, which is the only argument then.
    pub name: Option<Text<'a>>,
    /// Whether it stands behind a dot: what it sets stays set here.
    pub dotted: bool,
    /// All of it.
    pub at: Span,
    /// Its arguments.
    pub args: Vec<Arg<'a>>,
}

/// An argument of a command.
pub enum Arg<'a> {
    /// `-Name`, or `-Name:value`.
    Parameter {
        /// The name without dash.
        name: &'a str,
        /// Its place, with the dash.
        at: Span,
        /// The value behind a colon.
        value: Option<Expr<'a>>,
    },
    /// A value.
    Value(Expr<'a>),
    /// `@name`.
    Splat(&'a str, Span),
}

/// A value.
pub enum Expr<'a> {
    /// Text, quoted or bare.
    Text(Text<'a>),
    /// A variable.
    Variable(&'a str, Span),
    /// A list.
    List(Vec<Expr<'a>>, Span),
    /// A hash table.
    Table(Vec<(Text<'a>, Expr<'a>)>, Span),
    /// `a + b + …`.
    Sum(Vec<Expr<'a>>, Span),
    /// `value.name`.
    Member(Box<Expr<'a>>, &'a str, Span),
    /// `{ … }` as a value.
    Block(Vec<Statement<'a>>, Span),
    /// Anything else.
    Computed {
        /// Its place.
        at: Span,
        /// The command that computes it, when it is one.
        by: Option<&'a str>,
        /// What it runs.
        inner: Vec<Statement<'a>>,
    },
}

impl Expr<'_> {
    /// Its place.
    pub const fn at(&self) -> Span {
        match self {
            Self::Text(text) => text.at,
            Self::Variable(_, at)
            | Self::List(_, at)
            | Self::Table(_, at)
            | Self::Sum(_, at)
            | Self::Member(_, _, at)
            | Self::Block(_, at)
            | Self::Computed { at, .. } => *at,
        }
    }
}

/// Text as written.
pub struct Text<'a> {
    /// Its place, without quotes unless it is empty.
    pub at: Span,
    /// Its quotes.
    pub quote: Quote,
    /// What it is made of.
    pub parts: Vec<Part<'a>>,
}

/// Quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quote {
    /// None.
    Bare,
    /// Single: nothing expands.
    Single,
    /// Double: variables, expressions and back-tick escapes expand.
    Double,
}

/// A part of a text.
pub enum Part<'a> {
    /// As it is.
    Plain(&'a str),
    /// A back-tick with this character.
    Escape(char),
    /// A variable; for `$$`, `$^` and `$?` that character.
    Variable(&'a str, Span),
    /// `$( … )`.
    Sub(Vec<Statement<'a>>),
}

/// Reads a script.
pub fn parse(text: &str) -> Script<'_> {
    let mut parser = scan::Parser::new(text);
    let mut body = Vec::new();
    while !parser.is_done() {
        body.append(&mut parser.statements());
        // A bracket that closes nothing.
        parser.skip_one();
    }
    parser.finish(body)
}
