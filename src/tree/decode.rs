//! From nodes to typed values: every fault of a file in one pass, in document order, with its place and never with its value.
//!
//! A type says what it expects ([`Decode::EXPECTS`]) and how it reads a node; [`record!`](crate::record) writes both for tables, from one list
//! of keys that the JSON Schema is made from, too.

use serde_json::{Value, json};

use super::{Entry, Kind, Node};
use crate::model::Field;
use crate::source::{FileId, Problem, ProblemKind, Session, Span, Spanned, names_secret};

/// What decoding needs beside the node.
pub struct Cx<'a> {
    /// The file being read; for secrets in other files, and for what masks.
    pub session: &'a mut Session,
    /// That file.
    pub file: FileId,
    /// Faults, in the order of the document.
    pub problems: Vec<Problem>,
    /// Places that must never be shown.
    pub secrets: Vec<Span>,
    /// The first value or list item that could not be read: what is absent from the model may stand there.
    pub gap: Option<Span>,
}

/// A value that was not as it should be; the problem is already noted.
pub struct Rejected;

/// A type that can be read from a node.
pub trait Decode: Sized {
    /// What is expected, as in "expected …": `an IPv4 address`.
    const EXPECTS: &'static str;

    /// The value, or a noted problem.
    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected>;

    /// JSON Schema of the value.
    fn schema(defs: &mut Definitions) -> Value;

    /// The value as a field. What is not valid becomes opaque: rules that want it are undecided, not wrong.
    fn field(node: &Node<'_>, cx: &mut Cx<'_>) -> Field<Self> {
        let span = if matches!(node.kind, Kind::Map(_) | Kind::Seq(_)) { node.head } else { node.via.unwrap_or(node.span) };
        match &node.kind {
            Kind::Null => Field::Absent,
            Kind::Opaque(reason) => Field::opaque_at(span, reason.clone()),
            _ => match Self::decode(node, cx) {
                Ok(value) => Field::known_at(value, span),
                Err(Rejected) => Field::opaque_at(span, "the value is not valid"),
            },
        }
    }
}

/// Named parts of a JSON Schema.
pub type Definitions = serde_json::Map<String, Value>;

impl<'a> Cx<'a> {
    /// A context for `file`.
    pub fn new(session: &'a mut Session, file: FileId) -> Self {
        Self { session, file, problems: Vec::new(), secrets: Vec::new(), gap: None }
    }

    /// Notes something that is missing from the model.
    pub fn gap(&mut self, span: Span) {
        self.gap.get_or_insert(span);
    }

    /// Notes that `node` is not what was expected.
    pub fn expected(&mut self, node: &Node<'_>, what: &str) -> Rejected {
        let found = describe(&node.kind);
        // Nothing below it is read, so nothing below it is known not to be a secret.
        self.hide_text(node);
        self.gap(node.via.unwrap_or(node.span));
        self.problems.push(Problem::new(
            ProblemKind::InvalidValue,
            node.via.unwrap_or(node.span),
            format!("expected {what}, found {found}"),
            format!("this is {found}"),
        ));
        Rejected
    }

    /// Notes that `node` has the right type, but is not valid: `message` says why, without the value.
    pub fn invalid(&mut self, node: &Node<'_>, message: impl Into<String>, help: &str) -> Rejected {
        let mut problem = Problem::new(ProblemKind::InvalidValue, node.via.unwrap_or(node.span), message, "not valid");
        if !help.is_empty() {
            problem = problem.help(help);
        }
        self.gap(problem.span);
        self.problems.push(problem);
        Rejected
    }

    /// Notes a key that `keys` does not list. Its value is hidden, for it may be a secret under a misspelt key.
    pub fn unknown_key(&mut self, entry: &Entry<'_>, table: &str, keys: &[&str]) {
        self.hide_text(&entry.value);
        let shown = crate::source::visible(&entry.key);
        let mut problem = Problem::new(
            ProblemKind::UnknownKey,
            entry.key_span,
            format!("`{}` is not a key of {table}", crate::source::clip(&shown, 60)),
            "not known here",
        );
        problem = match nearest(&entry.key, keys) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help(format!("the keys of {table} are {}", join(keys))),
        };
        self.problems.push(problem);
    }

    /// Hides every text and number below a key that is called like a secret, whoever reads it or does not.
    pub fn hide_what_is_called_secret(&mut self, node: &Node<'_>) {
        match &node.kind {
            Kind::Seq(items) => items.iter().for_each(|i| self.hide_what_is_called_secret(i)),
            Kind::Map(entries) => {
                for entry in entries {
                    // `{ env = … }` and `{ file = … }` name a secret and hold none.
                    if names_secret(&entry.key) && !matches!(entry.value.kind, Kind::Map(_)) {
                        self.hide_text(&entry.value);
                    } else {
                        self.hide_what_is_called_secret(&entry.value);
                    }
                }
            }
            _ => {}
        }
    }

    /// Hides every text and number below `node`.
    pub fn hide_text(&mut self, node: &Node<'_>) {
        match &node.kind {
            Kind::Seq(items) => items.iter().for_each(|i| self.hide_text(i)),
            Kind::Map(entries) => entries.iter().for_each(|e| self.hide_text(&e.value)),
            Kind::Null | Kind::Bool(_) => {}
            _ => self.secrets.push(node.span),
        }
    }
}

/// What a node is, for messages: never its value.
pub fn describe(kind: &Kind<'_>) -> &'static str {
    match kind {
        Kind::Null => "nothing",
        Kind::Bool(_) => "a truth value",
        Kind::Int(_) => "a whole number",
        Kind::Float(_) => "a number",
        Kind::Str(s) if s.is_empty() => "empty text",
        Kind::Str(_) => "text",
        Kind::Data(_) => "data",
        Kind::Date(_) => "a date",
        Kind::Seq(_) => "a list",
        Kind::Map(_) => "a table",
        Kind::Opaque(_) => "a value that is not to be known",
    }
}

/// The one of `keys` that `key` was probably meant to be.
pub fn nearest<'k>(key: &str, keys: &[&'k str]) -> Option<&'k str> {
    let limit = 1 + key.chars().count() / 4;
    let lower = key.to_lowercase();
    let scored = keys.iter().map(|k| (strsim::damerau_levenshtein(&lower, &k.to_lowercase()), *k));
    scored.filter(|(d, _)| *d <= limit).min_by_key(|(d, _)| *d).map(|(_, k)| k)
}

/// `` `a`, `b` and `c` ``, at most twelve of them.
pub fn join(words: &[&str]) -> String {
    let shown: Vec<_> = words.iter().take(12).map(|w| format!("`{w}`")).collect();
    let more = words.len().saturating_sub(12);
    match (shown.split_last(), more) {
        (None, _) => String::new(),
        (_, 1..) => format!("{} and {more} more", shown.join(", ")),
        (Some((last, [])), _) => last.clone(),
        (Some((last, rest)), _) => format!("{} and {last}", rest.join(", ")),
    }
}

impl<T: Decode> Field<T> {
    /// Reads the field from its entry.
    pub fn fill(&mut self, entry: &Entry<'_>, cx: &mut Cx<'_>) {
        *self = T::field(&entry.value, cx);
    }

    /// JSON Schema of the field's value.
    pub fn schema_of<S>(_: impl Fn(&S) -> &Self, defs: &mut Definitions) -> Value {
        T::schema(defs)
    }
}

impl Decode for bool {
    const EXPECTS: &'static str = "true or false";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        if let Kind::Bool(b) = node.kind { Ok(b) } else { Err(cx.expected(node, Self::EXPECTS)) }
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": "boolean" })
    }
}

impl Decode for String {
    const EXPECTS: &'static str = "text";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        match &node.kind {
            Kind::Str(s) => Ok(s.clone().into_owned()),
            _ => Err(cx.expected(node, Self::EXPECTS)),
        }
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": "string" })
    }
}

impl Decode for u32 {
    const EXPECTS: &'static str = "a whole number from 0";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        match &node.kind {
            Kind::Int(n) => Self::try_from(*n).map_err(|_| cx.invalid(node, format!("expected {}", Self::EXPECTS), "")),
            // APIs write some numbers as text.
            Kind::Str(s) if !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit()) => {
                s.parse().map_err(|_| cx.expected(node, Self::EXPECTS))
            }
            _ => Err(cx.expected(node, Self::EXPECTS)),
        }
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": "integer", "minimum": 0 })
    }
}

/// A port.
impl Decode for u16 {
    const EXPECTS: &'static str = "a port, 1 to 65535";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        let port = match &node.kind {
            Kind::Int(n) => Self::try_from(*n).ok(),
            // APIs write some numbers as text.
            Kind::Str(s) if s.bytes().all(|b| b.is_ascii_digit()) => s.parse().ok(),
            _ => return Err(cx.expected(node, Self::EXPECTS)),
        };
        port.filter(|port| *port > 0).ok_or_else(|| cx.expected(node, Self::EXPECTS))
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": "integer", "minimum": 1, "maximum": u16::MAX })
    }
}

impl<T: Decode> Decode for Vec<Spanned<T>> {
    const EXPECTS: &'static str = "a list";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        let Kind::Seq(items) = &node.kind else {
            return Err(cx.expected(node, Self::EXPECTS));
        };
        let mut out = Self::with_capacity(items.len());
        for item in items {
            // What a missing item would have said is not known; the rest is still checked.
            match &item.kind {
                Kind::Opaque(_) => cx.gap(item.span),
                Kind::Map(_) | Kind::Seq(_) => match T::decode(item, cx) {
                    Ok(value) => out.push(Spanned::new(value, item.head)),
                    Err(Rejected) => cx.gap(item.span),
                },
                _ => match T::decode(item, cx) {
                    Ok(value) => out.push(Spanned::new(value, item.via.unwrap_or(item.span))),
                    Err(Rejected) => cx.gap(item.span),
                },
            }
        }
        Ok(out)
    }

    fn schema(defs: &mut Definitions) -> Value {
        json!({ "type": "array", "items": T::schema(defs) })
    }
}

/// A value and the first place in it that could not be read, so that each part of a file answers for its own gaps.
pub struct Part<T> {
    /// The value.
    pub value: T,
    /// Where something is missing from it.
    pub gap: Option<Span>,
}

impl<T: Decode> Decode for Part<T> {
    const EXPECTS: &'static str = T::EXPECTS;

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        let outside = cx.gap.take();
        let read = T::decode(node, cx);
        let gap = std::mem::replace(&mut cx.gap, outside);
        match read {
            Ok(value) => Ok(Self { value, gap }),
            Err(Rejected) => {
                // Nothing is left to keep it with.
                cx.gap = cx.gap.or(gap);
                Err(Rejected)
            }
        }
    }

    fn schema(defs: &mut Definitions) -> Value {
        T::schema(defs)
    }
}

/// Writes [`Decode`] for an enum of words. The first word of a variant is the one that messages use.
#[macro_export]
macro_rules! words {
    ($type:ty, $what:literal, { $($variant:ident: $first:literal $(| $other:literal)*),+ $(,)? }) => {
        impl $crate::tree::decode::Decode for $type {
            const EXPECTS: &'static str = $what;

            fn decode(node: &$crate::tree::Node<'_>, cx: &mut $crate::tree::decode::Cx<'_>) -> Result<Self, $crate::tree::decode::Rejected> {
                const WORDS: &[&str] = &[$($first),+];
                let Some(text) = node.text() else {
                    return Err(cx.expected(node, $what));
                };
                $(if text.eq_ignore_ascii_case($first) $(|| text.eq_ignore_ascii_case($other))* { return Ok(Self::$variant); })+
                let help = match $crate::tree::decode::nearest(text, WORDS) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("one of {}", $crate::tree::decode::join(WORDS)),
                };
                Err(cx.invalid(node, concat!("this is not ", $what), &help))
            }

            fn schema(_: &mut $crate::tree::decode::Definitions) -> serde_json::Value {
                serde_json::json!({ "type": "string", "enum": [$($first),+] })
            }
        }

        impl $type {
            /// The word that stands for it in a site file.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $first),+ }
            }
        }
    };
}

/// Writes [`Decode`] for a table: `"key" | "alias" => field.path: "what it is"`. The field's type says what the value must be.
#[macro_export]
macro_rules! record {
    ($type:ident, $what:literal, { $($key:literal $(| $alias:literal)* => $($path:ident).+ : $doc:literal),* $(,)? }) => {
        impl $crate::tree::decode::Decode for $type {
            const EXPECTS: &'static str = "a table";

            fn decode(node: &$crate::tree::Node<'_>, cx: &mut $crate::tree::decode::Cx<'_>) -> Result<Self, $crate::tree::decode::Rejected> {
                const KEYS: &[&str] = &[$($key),*];
                let Some(entries) = node.entries() else {
                    return Err(cx.expected(node, concat!("a table for ", $what)));
                };
                let mut out = Self::default();
                for (n, entry) in entries.iter().enumerate() {
                    match &*entry.key {
                        $($key $(| $alias)* => {
                            if const { false $(|| !$alias.is_empty())* }
                                && let Some(first) = entries[..n].iter().find(|e| matches!(&*e.key, $key $(| $alias)*))
                            {
                                cx.given_twice(entry, $key, first.key_span);
                                continue;
                            }
                            out.$($path).+.fill(entry, cx);
                        })*
                        _ => cx.unknown_key(entry, $what, KEYS),
                    }
                }
                Ok(out)
            }

            fn schema(defs: &mut $crate::tree::decode::Definitions) -> serde_json::Value {
                let name = stringify!($type);
                if !defs.contains_key(name) {
                    defs.insert(name.to_owned(), serde_json::Value::Null);
                    let mut properties = serde_json::Map::new();
                    $(
                        let mut value = $crate::model::Field::schema_of(|s: &$type| &s.$($path).+, defs);
                        $crate::tree::decode::document(&mut value, $doc);
                        properties.insert($key.to_owned(), value);
                        $(properties.insert($alias.to_owned(), serde_json::json!({ "$ref": format!("#/$defs/{name}/properties/{}", $key), "deprecated": false, "description": concat!("the same as `", $key, "`") }));)*
                    )*
                    defs.insert(name.to_owned(), serde_json::json!({ "type": "object", "description": $what, "properties": properties, "additionalProperties": false }));
                }
                serde_json::json!({ "$ref": format!("#/$defs/{name}") })
            }
        }
    };
}

/// Adds a description to a schema; beside a reference too, as draft 2020-12 allows.
pub fn document(schema: &mut Value, text: &str) {
    if let (Some(object), false) = (schema.as_object_mut(), text.is_empty()) {
        object.insert("description".to_owned(), Value::String(text.to_owned()));
    }
}

impl Cx<'_> {
    /// Notes a key that says again what its other name said before.
    pub fn given_twice(&mut self, entry: &Entry<'_>, key: &str, first: Span) {
        self.hide_text(&entry.value);
        let problem =
            Problem::new(ProblemKind::InvalidValue, entry.key_span, format!("`{key}` is given twice, under two names"), "given again");
        self.gap(entry.key_span);
        self.problems.push(problem.related(first, "first given here").help("keep one of the two"));
    }
}
