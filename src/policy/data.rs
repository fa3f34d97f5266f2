//! `[data]`: what a policy changes of the tables that rules use.
//!
//! The words after which a line holds a secret are not among them, for what is masked must not depend on a file that a change under review brings; nor
//! are the facts counted from zxcvbn's lists.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::load::{Policies, Reader};
use super::{ChangeShown, Origin, Policy};
use crate::model::tables::{Change, Table, Tables, lines};
use crate::source::{FileId, Problem, ProblemKind, Root, Span, Spanned, decode_text, visible};
use crate::tree::decode::{Cx, Decode, Definitions, Rejected};
use crate::tree::{Entry, Node};

/// `[data]`, in the order of the file.
#[derive(Default)]
pub struct DataDecl(pub Vec<Spanned<ChangeDecl>>);

/// `extend` or `replace` of one table.
pub struct ChangeDecl {
    table: Table,
    replaces: bool,
    lines: LinesDecl,
}

enum LinesDecl {
    /// In place.
    Here(Vec<String>),
    /// In a file.
    File(Spanned<String>),
}

/// More lines than this are no table, but a mistake.
const MAX_LINES: usize = 100_000;

impl Decode for DataDecl {
    const EXPECTS: &'static str = "a table of tables";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        let Some(entries) = node.entries() else { return Err(cx.expected(node, "a table, such as [data.public-resolvers]")) };
        let names: Vec<_> = Table::ALL.iter().map(|t| t.name()).collect();
        let mut out = Self::default();
        for entry in entries {
            match Table::find(&entry.key) {
                Some(table) => one(table, entry, cx, &mut out.0),
                None => cx.unknown_key(entry, "[data]", &names),
            }
        }
        Ok(out)
    }

    fn schema(_: &mut Definitions) -> Json {
        let one = |table: Table| {
            let lines = |what: &str| {
                json!({
                    "description": format!("{what}; a line is {}", table.line()),
                    "anyOf": [
                        { "type": "array", "items": { "type": "string", "minLength": 1 } },
                        {
                            "type": "object",
                            "properties": { "file": { "type": "string", "description": "a text file, a line an entry, relative to this policy" } },
                            "required": ["file"],
                            "additionalProperties": false,
                        },
                    ],
                })
            };
            let properties =
                json!({ "extend": lines("lines beside those that are there"), "replace": lines("lines instead of those that are there") });
            let schema = json!({ "type": "object", "description": table.doc(), "properties": properties, "additionalProperties": false });
            (table.name().to_owned(), schema)
        };
        let tables: serde_json::Map<_, _> = Table::ALL.into_iter().map(one).collect();
        json!({ "type": "object", "properties": tables, "additionalProperties": false })
    }
}

fn one(table: Table, entry: &Entry<'_>, cx: &mut Cx<'_>, out: &mut Vec<Spanned<ChangeDecl>>) {
    if table == Table::CommonKeys {
        cx.hide_text(&entry.value);
    }
    let Some(entries) = entry.value.entries() else {
        cx.expected(&entry.value, "a table with `extend` or `replace`");
        return;
    };
    let first = out.len();
    for entry in entries {
        let replaces = match &*entry.key {
            "replace" => true,
            "extend" => false,
            _ => {
                cx.unknown_key(entry, &format!("table `{}`", table.name()), &["extend", "replace"]);
                continue;
            }
        };
        if let Some(lines) = lines_of(table, &entry.value, cx) {
            out.push(Spanned::new(ChangeDecl { table, replaces, lines }, entry.key_span));
        }
    }
    // What replaces comes before what extends, in whichever order they are written.
    out[first..].sort_by_key(|c| !c.value.replaces);
}

fn lines_of(table: Table, node: &Node<'_>, cx: &mut Cx<'_>) -> Option<LinesDecl> {
    if let Some(entries) = node.entries() {
        let mut file = None;
        for entry in entries {
            match (&*entry.key, entry.value.text()) {
                ("file", Some(text)) => file = Some(Spanned::new(text.to_owned(), entry.value.span)),
                ("file", None) => {
                    cx.expected(&entry.value, "a file's name");
                    return None;
                }
                _ => cx.unknown_key(entry, &format!("table `{}`", table.name()), &["file"]),
            }
        }
        if file.is_none() {
            cx.expected(node, "lines, or { file = \"…\" }");
        }
        return file.map(LinesDecl::File);
    }
    let items = Vec::<Spanned<String>>::decode(node, cx).ok()?;
    for item in items.iter().filter(|i| !table.takes(&i.value)) {
        let problem = Problem::new(ProblemKind::InvalidValue, item.span, format!("this is no line of `{}`", table.name()), "not valid");
        cx.problems.push(problem.help(format!("a line is {}", table.line())));
    }
    Some(LinesDecl::Here(items.into_iter().map(|i| i.value).filter(|l| table.takes(l)).collect()))
}

impl Reader {
    /// The changes that a policy file states, with the lines of the files that it names.
    pub(super) fn changes(&mut self, from: FileId, root: &Root, decl: DataDecl) -> Vec<Spanned<Change>> {
        let mut out = Vec::new();
        for Spanned { value: ChangeDecl { table, replaces, lines }, span } in decl.0 {
            let lines = match lines {
                LinesDecl::Here(lines) => Some(lines),
                LinesDecl::File(spec) => self.lines_in_file(from, root, table, &spec),
            };
            out.extend(lines.map(|lines| Spanned::new(Change { table, replaces, lines }, span)));
        }
        out
    }

    /// Faults are told by the number of their line: the file may be any, so nothing of it is shown.
    fn lines_in_file(&mut self, from: FileId, root: &Root, table: Table, spec: &Spanned<String>) -> Option<Vec<String>> {
        let mut fault = |message: String, help: &str| {
            self.out.problems.push(Problem::new(ProblemKind::InvalidValue, spec.span, message, "named here").help(help.to_owned()));
        };
        let real = &self.session.map.file(from).real;
        let folder = real.parent().unwrap_or(root.path()).to_owned();
        let read = root.expand(&folder, &spec.value).and_then(|paths| {
            let texts = paths.iter().map(|path| Ok((root.relative(path), crate::source::read_bytes(path, crate::source::MAX_FILE)?)));
            texts.collect::<Result<Vec<_>, _>>()
        });
        let files = match read {
            Ok(files) => files,
            Err(why) => {
                fault(format!("the table was not read: {why}"), "name a text file by its path from this policy, inside the root");
                return None;
            }
        };
        let mut out = Vec::new();
        for (path, bytes) in files {
            let Some(text) = decode_text(bytes) else {
                fault(format!("{} is not UTF-8", visible(&path)), "save the file as UTF-8");
                return None;
            };
            let bad = |(_, line): &(usize, &str)| !line.trim().is_empty() && !line.trim().starts_with('#') && !table.takes(line);
            if let Some((n, _)) = text.lines().enumerate().find(bad) {
                fault(
                    format!("line {} of {} is no line of `{}`", n + 1, visible(&path), table.name()),
                    &format!("a line is {}", table.line()),
                );
                return None;
            }
            out.extend(lines(&text).map(str::to_owned));
        }
        if out.len() > MAX_LINES {
            fault(format!("the table has more than {MAX_LINES} lines"), "name a smaller file");
            return None;
        }
        Some(out)
    }
}

impl Policies {
    /// Gives `policy` the tables as the parts that count have them.
    pub(super) fn tabulate(&self, policy: &mut Policy, parts: &[usize], problems: &mut Vec<Problem>) {
        let changes = || parts.iter().flat_map(|p| self.data_of(*p));
        if changes().next().is_none() {
            return;
        }
        let tables = Tables::with(changes().map(|c| &c.value));
        let last = |table: Table| changes().rfind(|c| c.value.table == table).map(|c| c.span);
        for (table, span) in Table::ALL.into_iter().filter_map(|t| Some((t, last(t)?))) {
            if let Some(lacks) = tables.lacks(table) {
                problems.push(lacking(table, span, &lacks));
            }
        }
        let shown = |c: &Spanned<Change>| ChangeShown {
            table: c.value.table,
            replaces: c.value.replaces,
            lines: c.value.lines.len(),
            origin: Origin::File(c.span),
        };
        policy.data = changes().map(shown).collect();
        policy.tables = Some(Arc::new(tables));
    }
}

fn lacking(table: Table, span: Span, lacks: &str) -> Problem {
    let message = format!("table `{}` now lacks {lacks}", table.name());
    Problem::new(ProblemKind::InvalidValue, span, message, "replaced here")
        .help("a table that replaces this one says all of it; or use `extend`")
}
