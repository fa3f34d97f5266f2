//! What the values of a script are, as far as its text tells: literals, variables set to literals, sums and tables of these.

use std::collections::HashMap;
use std::rc::Rc;

use zeroize::Zeroizing;

use crate::source::{Span, clip, visible};
use crate::tree::powershell::{Expr, Part, Quote, Text};

/// A longer text is no value of a VPN connection.
const LONGEST: usize = 4096;
/// A longer list neither,
const MOST: usize = 256;
/// nor a deeper one.
const DEEPEST: u8 = 16;

/// What happened to a text between the quotes and the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A variable that the script does not set expands to nothing.
    Unset,
    /// `$$`, `$^` or `$?` expands to what the shell did last.
    Shell,
    /// A back-tick makes a control character.
    Control,
    /// A back-tick before a letter that needs none is dropped.
    Dropped,
    /// The command interpreter drops a percent sign.
    Percent,
}

/// A text that is known.
pub struct Known {
    /// The text.
    pub text: Zeroizing<String>,
    /// Where it stands.
    pub at: Span,
    /// The literals that it is made of.
    pub sources: Vec<Span>,
    /// Whether expansion made another text of it than is written.
    pub changed: Option<Change>,
}

/// A value that only the running script has.
#[derive(Clone)]
pub struct Unknown {
    /// Its place.
    pub at: Span,
    /// Why, as it follows the name of what is not known: `is what `Read-Host` returns`.
    pub why: String,
    /// The variable that holds it.
    pub variable: Option<Box<str>>,
    /// What the quoting does to it, beside.
    pub changed: Option<Change>,
}

/// A value.
pub enum Value {
    /// Text or a number.
    Text(Known),
    /// `$true`, `$false`.
    Bool(bool, Span),
    /// `$null`.
    Null(Span),
    /// A list, and how deep lists nest in it.
    List(Vec<Rc<Value>>, Span, u8),
    /// A hash table, likewise; keys with their places.
    Table(Vec<(String, Span, Rc<Value>)>, Span, u8),
    /// Not known.
    Unknown(Unknown),
}

impl Value {
    /// A value that is not known.
    pub fn unknown(at: Span, why: impl Into<String>) -> Rc<Self> {
        Rc::new(Self::Unknown(Unknown { at, why: why.into(), variable: None, changed: None }))
    }

    /// Its place.
    pub const fn at(&self) -> Span {
        match self {
            Self::Text(known) => known.at,
            Self::Bool(_, at) | Self::Null(at) | Self::List(_, at, _) | Self::Table(_, at, _) => *at,
            Self::Unknown(unknown) => unknown.at,
        }
    }

    /// The text, when it is one.
    pub const fn text(&self) -> Option<&Known> {
        match self {
            Self::Text(known) => Some(known),
            _ => None,
        }
    }

    /// The values of a list in order, or the one value.
    pub fn items(self: &Rc<Self>) -> Vec<Rc<Self>> {
        let mut found = Vec::new();
        let mut open = vec![Rc::clone(self)];
        while let Some(value) = open.pop() {
            match &*value {
                Self::List(items, ..) if found.len() + open.len() + items.len() <= MOST => open.extend(items.iter().rev().map(Rc::clone)),
                _ => found.push(value),
            }
        }
        found
    }

    /// Whether two values are surely the same.
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => *a.text == *b.text,
            (Self::Bool(a, _), Self::Bool(b, _)) => a == b,
            (Self::Null(_), Self::Null(_)) => true,
            (Self::List(a, ..), Self::List(b, ..)) => {
                let flat = |list: &[Rc<Self>]| list.iter().all(|v| v.text().is_some());
                a.len() == b.len() && flat(a) && flat(b) && a.iter().zip(b).all(|(a, b)| a.same(b))
            }
            (Self::Unknown(a), Self::Unknown(b)) => a.variable.is_some() && a.variable == b.variable,
            _ => false,
        }
    }
}

/// The variables that are set at a place of the script.
#[derive(Default)]
pub struct Scope {
    variables: HashMap<String, Rc<Value>>,
    /// The script takes in what is not in this file: variables may be set there.
    pub sourced: bool,
}

/// Variables that the shell sets (`about_Automatic_Variables`).
const AUTOMATIC: &[&str] = &[
    "_",
    "args",
    "error",
    "home",
    "host",
    "input",
    "lastexitcode",
    "matches",
    "myinvocation",
    "pid",
    "profile",
    "psboundparameters",
    "pscmdlet",
    "pscommandpath",
    "psculture",
    "pshome",
    "psitem",
    "psscriptroot",
    "psuiculture",
    "psversiontable",
    "pwd",
    "this",
    "foreach",
    "switch",
];

/// A variable's name as scopes and case do not matter to it.
pub fn plain_name(name: &str) -> String {
    let lower = name.to_lowercase();
    for scope in ["script:", "global:", "local:", "private:", "using:", "variable:"] {
        if let Some(rest) = lower.strip_prefix(scope) {
            return rest.to_owned();
        }
    }
    lower
}

impl Scope {
    /// Sets a variable.
    pub fn set(&mut self, name: &str, value: Rc<Value>) {
        self.variables.insert(plain_name(name), value);
    }

    /// Sets an entry of a hash table that a variable holds; whether it holds one.
    pub fn set_entry(&mut self, name: &str, (entry, at): (&str, Span), value: Rc<Value>) -> bool {
        let plain = plain_name(name);
        let Some(Value::Table(entries, place, _)) = self.variables.get(&plain).map(|v| &**v) else { return false };
        let place = *place;
        let others = entries.iter().filter(|(key, ..)| !key.eq_ignore_ascii_case(entry));
        let mut entries: Vec<_> = others.map(|(key, at, value)| (key.clone(), *at, Rc::clone(value))).collect();
        entries.push((entry.to_owned(), at, value));
        let Some(depth) = nests(entries.iter().map(|(.., value)| value)).filter(|_| entries.len() <= MOST) else { return false };
        self.variables.insert(plain, Rc::new(Value::Table(entries, place, depth)));
        true
    }

    /// Makes a variable's value one that is not known.
    pub fn forget(&mut self, name: &str, at: Span, why: &str) {
        let plain = plain_name(name);
        let variable = Some(plain.clone().into_boxed_str());
        self.variables.insert(plain, Rc::new(Value::Unknown(Unknown { at, why: why.to_owned(), variable, changed: None })));
    }

    /// What a variable holds; `None` when nothing sets it.
    fn variable(&self, name: &str, at: Span) -> Option<Rc<Value>> {
        let plain = plain_name(name);
        let unknown = |why: String| Some(Rc::new(Value::Unknown(Unknown { at, why, variable: Some(plain.clone().into()), changed: None })));
        match &*plain {
            "true" => return Some(Rc::new(Value::Bool(true, at))),
            "false" => return Some(Rc::new(Value::Bool(false, at))),
            "null" => return Some(Rc::new(Value::Null(at))),
            "$" | "^" | "?" => return unknown(format!("holds `${plain}`, which is what the shell did last")),
            _ if plain.starts_with("env:") => return unknown("comes from the environment".to_owned()),
            _ if AUTOMATIC.contains(&&*plain) => return unknown(format!("comes from `${plain}`, which the shell sets")),
            _ => {}
        }
        self.variables.get(&plain).map(Rc::clone)
    }

    /// The value of an expression.
    pub fn value(&self, expr: &Expr<'_>) -> Rc<Value> {
        match expr {
            Expr::Text(text) => Rc::new(self.text(text)),
            Expr::Variable(name, at) => match self.variable(name, *at) {
                // What holds it is told for the sake of names.
                Some(value) => value,
                None => {
                    let why = format!("comes from `${}`, which the script does not set", clip(&visible(name), 40));
                    Rc::new(Value::Unknown(Unknown { at: *at, why, variable: Some(plain_name(name).into()), changed: None }))
                }
            },
            Expr::List(items, at) => {
                let items: Vec<_> = items.iter().take(MOST).map(|i| self.value(i)).collect();
                match nests(items.iter()) {
                    Some(depth) => Rc::new(Value::List(items, *at, depth)),
                    None => Value::unknown(*at, "is deeper than what is read"),
                }
            }
            Expr::Table(entries, at) => {
                let entry = |(key, value): &(Text<'_>, Expr<'_>)| Some((key.plain()?.to_owned(), key.at, self.value(value)));
                let entries: Vec<_> = entries.iter().take(MOST).filter_map(entry).collect();
                match nests(entries.iter().map(|(.., value)| value)) {
                    Some(depth) => Rc::new(Value::Table(entries, *at, depth)),
                    None => Value::unknown(*at, "is deeper than what is read"),
                }
            }
            Expr::Sum(items, at) => self.sum(items, *at),
            Expr::Member(of, name, at) => match &*self.value(of) {
                Value::Table(entries, ..) => match entries.iter().rev().find(|(key, ..)| key.eq_ignore_ascii_case(name)) {
                    Some((.., value)) => Rc::clone(value),
                    None => Rc::new(Value::Null(*at)),
                },
                Value::Unknown(unknown) => Value::unknown(*at, unknown.why.clone()),
                _ => Value::unknown(*at, "is computed when the script runs"),
            },
            Expr::Block(_, at) => Value::unknown(*at, "is a block of the script"),
            Expr::Computed { at, by, .. } => Value::unknown(*at, computed(*by)),
        }
    }

    fn sum(&self, items: &[Expr<'_>], at: Span) -> Rc<Value> {
        let mut sum = Known { text: Zeroizing::default(), at, sources: Vec::new(), changed: None };
        for item in items {
            match &*self.value(item) {
                Value::Text(known) if sum.text.len() + known.text.len() <= LONGEST && sum.sources.len() < MOST => {
                    sum.text.push_str(&known.text);
                    sum.sources.extend(&known.sources);
                    sum.changed = sum.changed.or(known.changed);
                }
                Value::Unknown(unknown) => return Rc::new(Value::Unknown(Unknown { at, variable: None, ..unknown.clone() })),
                _ => return Value::unknown(at, "is computed when the script runs"),
            }
        }
        Rc::new(Value::Text(sum))
    }

    /// A text with what expands in it.
    fn text(&self, text: &Text<'_>) -> Value {
        let mut known = Known { text: Zeroizing::new(String::new()), at: text.at, sources: vec![text.at], changed: None };
        let mut unknown: Option<Unknown> = None;
        let mut lost = |why: String, changed: Option<Change>| {
            let first = unknown.get_or_insert(Unknown { at: text.at, why, variable: None, changed });
            first.changed = first.changed.or(changed);
        };
        for part in &text.parts {
            match part {
                Part::Plain(plain) => {
                    if plain.contains(super::batch::VARIABLE) {
                        lost("comes from a variable of the batch file".to_owned(), None);
                    }
                    known.text.push_str(plain);
                }
                Part::Escape(c) => match escape(*c, text.quote) {
                    (made, Some(change)) => {
                        known.changed = known.changed.or(Some(change));
                        known.text.push(made);
                    }
                    (made, None) => known.text.push(made),
                },
                Part::Variable(name, at) => match self.variable(name, *at).as_deref() {
                    Some(Value::Text(inner)) => {
                        known.text.push_str(&inner.text);
                        known.sources.extend(inner.sources.iter().take(MOST));
                        known.changed = known.changed.or(inner.changed);
                    }
                    Some(Value::Bool(on, _)) => known.text.push_str(if *on { "True" } else { "False" }),
                    Some(Value::Null(_)) => {}
                    Some(Value::Unknown(inner)) => {
                        let shell = matches!(*name, "$" | "^" | "?").then_some(Change::Shell);
                        lost(inner.why.clone(), shell.or(inner.changed));
                    }
                    Some(_) => lost("is computed when the script runs".to_owned(), None),
                    None if self.sourced => {
                        lost(format!("comes from `${}`, which the script does not set", clip(&visible(name), 40)), None);
                    }
                    None => known.changed = Some(Change::Unset),
                },
                Part::Sub(_) => lost("is computed when the script runs".to_owned(), None),
            }
            if known.text.len() > LONGEST || known.sources.len() > MOST {
                lost("is longer than what is read".to_owned(), None);
                break;
            }
        }
        unknown.map_or(Value::Text(known), Value::Unknown)
    }
}

/// How deep a list of these values nests; `None` beyond what is read.
fn nests<'v>(values: impl Iterator<Item = &'v Rc<Value>>) -> Option<u8> {
    let depth = |value: &Rc<Value>| match &**value {
        Value::List(_, _, depth) | Value::Table(_, _, depth) => *depth,
        _ => 0,
    };
    let deepest = values.map(depth).max().unwrap_or(0);
    (deepest < DEEPEST).then_some(deepest + 1)
}

/// Why a computed value is not known.
fn computed(by: Option<&str>) -> String {
    let named = by.filter(|name| name.len() <= 48 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    named.map_or_else(|| "is computed when the script runs".to_owned(), |name| format!("is what `{name}` returns"))
}

/// What a back-tick makes of a character (`about_Special_Characters`; Windows PowerShell 5.1 knows neither `` `e `` nor `` `u{} ``).
fn escape(c: char, quote: Quote) -> (char, Option<Change>) {
    match c {
        '0' => ('\0', Some(Change::Control)),
        'a' => ('\u{7}', Some(Change::Control)),
        'b' => ('\u{8}', Some(Change::Control)),
        'f' => ('\u{c}', Some(Change::Control)),
        'n' => ('\n', Some(Change::Control)),
        'r' => ('\r', Some(Change::Control)),
        't' => ('\t', Some(Change::Control)),
        'v' => ('\u{b}', Some(Change::Control)),
        // What needs one is meant.
        '`' | '$' | '"' | '\'' => (c, None),
        _ if matches!(quote, Quote::Bare) && !c.is_alphanumeric() => (c, None),
        _ => (c, Some(Change::Dropped)),
    }
}
