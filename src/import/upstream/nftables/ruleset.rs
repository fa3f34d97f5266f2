//! What both forms of a ruleset say, before it is brought into the model.

use std::collections::BTreeMap;

use crate::source::Span;

/// A value: one or more of addresses, ports, names, with its place.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) span: Span,
    pub(super) kind: Kind,
}

/// Items are kept as words, in the spelling that the sets of [`crate::net`] read: `a-b`, `a/bits`.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Item(Box<str>),
    /// Values side by side, `a . b`.
    Tuple(Vec<Value>),
    Set(Vec<Value>),
    /// `@name`: a set of the table.
    Named(Box<str>),
    /// Not to be known from the file.
    Opaque(&'static str),
}

/// The elements of a map: from values to values or verdicts.
pub(super) type Pairs<T> = Vec<(Value, T)>;

/// A map, in the place where it is used or by name.
#[derive(Clone, Debug)]
pub(super) enum MapOf<T> {
    Here(Pairs<T>),
    Named(Box<str>),
}

/// What a rule looks at: words as the text form has them, such as `udp dport` or `ct state`.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) span: Span,
    pub(super) words: Vec<Box<str>>,
}

/// What a packet meets at the end of a rule.
#[derive(Clone, Debug)]
pub(super) enum Verdict {
    Accept,
    Drop,
    Return,
    Continue,
    Queue,
    Jump(Box<str>),
    Goto(Box<str>),
}

/// A new address or port: a value, or a map from keys.
#[derive(Clone, Debug)]
pub(super) enum New {
    Value(Value),
    Map(Vec<Key>, MapOf<Value>),
}

/// One statement.
#[derive(Clone, Debug)]
pub(super) enum Statement {
    Match {
        keys: Vec<Key>,
        negated: bool,
        value: Value,
    },
    Verdict(Verdict),
    Vmap(Vec<Key>, MapOf<Verdict>),
    Dnat {
        address: Option<New>,
        port: Option<Value>,
    },
    Redirect {
        port: Option<Value>,
    },
    /// A condition that is not followed.
    Condition(&'static str),
    /// Something that may do anything.
    Anything(&'static str),
    /// Nothing that matters here.
    Nothing,
}

/// A rule.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) span: Span,
    pub(super) statements: Vec<(Span, Statement)>,
}

/// Where a chain is bound.
#[derive(Clone, Debug)]
pub(super) struct Hook {
    pub(super) kind: Box<str>,
    pub(super) point: Box<str>,
    pub(super) device: Option<Box<str>>,
    /// None: not understood.
    pub(super) priority: Option<i32>,
}

/// A chain.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    pub(super) span: Span,
    pub(super) hook: Option<Hook>,
    pub(super) drops: Option<Span>,
    pub(super) rules: Vec<Rule>,
}

/// A named set or map.
#[derive(Clone, Debug, Default)]
pub(super) struct Named {
    /// Members come and go while the device runs.
    pub(super) changes: bool,
    pub(super) members: Vec<Value>,
    pub(super) to_values: Pairs<Value>,
    pub(super) to_verdicts: Pairs<Verdict>,
}

/// A table.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) family: Box<str>,
    pub(super) name: Box<str>,
    pub(super) dormant: bool,
    /// In the order of the file, which the kernel keeps among equal priorities.
    pub(super) order: Vec<Box<str>>,
    pub(super) chains: BTreeMap<Box<str>, Chain>,
    pub(super) sets: BTreeMap<Box<str>, Named>,
}

/// A ruleset.
#[derive(Clone, Debug, Default)]
pub(super) struct Ruleset {
    pub(super) tables: Vec<Table>,
}

impl Ruleset {
    /// The table, made when it is first named.
    pub(super) fn table(&mut self, family: &str, name: &str) -> &mut Table {
        let at = self.tables.iter().position(|t| &*t.family == family && &*t.name == name).unwrap_or_else(|| {
            self.tables.push(Table { family: family.into(), name: name.into(), ..Table::default() });
            self.tables.len() - 1
        });
        &mut self.tables[at]
    }
}

impl Table {
    /// The chain, made when it is first named.
    pub(super) fn chain(&mut self, name: &str, span: Span) -> &mut Chain {
        if !self.chains.contains_key(name) {
            self.order.push(name.into());
        }
        self.chains.entry(name.into()).or_insert_with(|| Chain { span, hook: None, drops: None, rules: Vec::new() })
    }
}

impl Value {
    pub(super) fn item(span: Span, text: &str) -> Self {
        Self { span, kind: Kind::Item(text.into()) }
    }
}

/// A priority by number or by the name that nft prints: nftables' man page, "Standard priority names".
pub(super) fn priority(base: &str, offset: i32) -> Option<i32> {
    let base = match base {
        "raw" => -300,
        "mangle" => -150,
        "dstnat" => -100,
        "filter" => 0,
        "security" => 50,
        "srcnat" => 100,
        number => number.parse().ok()?,
    };
    Some(base + offset)
}

/// The range that `< 1024` or `>= 500` means, for ports.
pub(super) fn bound(text: &str, sign: char, or_equal: bool) -> Option<String> {
    let number = crate::net::Ports::number(text)?;
    Some(match (sign, or_equal) {
        ('<', true) => format!("0-{number}"),
        ('<', false) => format!("0-{}", number.checked_sub(1)?),
        (_, true) => format!("{number}-65535"),
        (_, false) => format!("{}-65535", number.checked_add(1)?),
    })
}
