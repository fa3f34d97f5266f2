//! What a policy may set of a rule beside its level: declared beside the rule, listed by `vpnlint rules`, read through [`Out`](super::Out).

use super::Level;

/// A whole number.
#[derive(Debug)]
pub struct Count {
    /// Its key in `[rules]`.
    pub name: &'static str,
    /// What it is, with its unit.
    pub doc: &'static str,
    /// What counts without a policy.
    pub default: u32,
    /// Smallest and largest value that a policy may set.
    pub range: (u32, u32),
}

/// A level of its own for some of the rule's findings.
#[derive(Debug)]
pub struct Grade {
    /// Its key in `[rules]`.
    pub name: &'static str,
    /// Which findings.
    pub doc: &'static str,
    /// What counts without a policy.
    pub default: Level,
}

/// A parameter of a rule.
#[derive(Clone, Copy, Debug)]
pub enum Param {
    /// A number.
    Count(&'static Count),
    /// A level.
    Grade(&'static Grade),
}

impl Param {
    /// Its key in `[rules]`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Count(c) => c.name,
            Self::Grade(g) => g.name,
        }
    }

    /// What it is.
    pub const fn doc(self) -> &'static str {
        match self {
            Self::Count(c) => c.doc,
            Self::Grade(g) => g.doc,
        }
    }

    /// What counts without a policy.
    pub fn default(self) -> Value {
        match self {
            Self::Count(c) => Value::Count(c.default),
            Self::Grade(g) => Value::Level(g.default),
        }
    }
}

/// A parameter's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number.
    Count(u32),
    /// A level.
    Level(Level),
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Count(n) => write!(f, "{n}"),
            Self::Level(level) => write!(f, "{level}"),
        }
    }
}
