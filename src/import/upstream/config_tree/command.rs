//! Commands: `set`, and what changes what was set before.

use super::words::{Lexer, Token, Word};
use super::{Builder, ROOT};
use crate::import::upstream::rows::Row;
use crate::source::Span;

/// Commands that change nothing.
const IDLE: &[&str] = &[
    "configure",
    "commit",
    "commit-confirm",
    "confirm",
    "save",
    "begin",
    "end",
    "show",
    "run",
    "annotate",
    "comment",
    "status",
    "load",
    "discard",
];
/// What sets from a script.
const WRAPPER: &str = "vyatta-cfg-cmd-wrapper";
/// More moves than this are not followed: each looks at all of its neighbours.
const INSERTS: u32 = 1000;

impl<'t> Builder<'t> {
    /// Follows a command; false: the line is none.
    pub(super) fn command(&mut self, row: Row<'t>) -> bool {
        let first = row.text.split_ascii_whitespace().next().unwrap_or("");
        let prompt = first.contains('@') && first.ends_with(['#', '>', '$']);
        if row.text.starts_with("[edit") {
            return true;
        }
        let behind = if prompt || first.ends_with(WRAPPER) { row.text[first.len()..].trim_start() } else { row.text };
        let start = row.span.end - behind.len() as u32;
        let verb = behind.split_ascii_whitespace().next().unwrap_or("");
        let known = matches!(
            verb,
            "set"
                | "delete"
                | "deactivate"
                | "activate"
                | "insert"
                | "edit"
                | "top"
                | "up"
                | "exit"
                | "rename"
                | "copy"
                | "replace"
                | "protect"
        );
        if !known {
            return prompt || behind.len() < row.text.len() || IDLE.contains(&verb) && !behind.ends_with(['{', ';']);
        }
        let row = Row { text: behind, span: Span::new(start, row.span.end), indent: row.indent };
        let Some(tokens) = Lexer::new(self.text, self.base, self.dialect).command(row) else {
            self.fault(row.span, "a quotation mark without its partner");
            return true;
        };
        let (mut words, mut list) = (Vec::new(), None);
        for token in tokens {
            match token {
                Token::Word(word) if list.is_none() => words.push(word),
                Token::List(values) => list = Some(values),
                Token::Mark(span) => self.shown.push(span),
                _ => {}
            }
        }
        let Some((verb, words)) = words.split_first() else { return true };
        self.shown.push(verb.outer);
        self.follow(*verb, words, list);
        true
    }

    fn follow(&mut self, verb: Word<'t>, words: &[Word<'t>], list: Option<Vec<Word<'t>>>) {
        let full: Vec<Word<'t>> = self.edited.iter().chain(words).copied().collect();
        match verb.text {
            "set" => {
                for value in list.map_or_else(|| vec![None], |values| values.into_iter().map(Some).collect()) {
                    let statement: Vec<_> = full.iter().copied().chain(value).collect();
                    self.set(verb, &statement);
                }
            }
            "delete" => self.find(&full, |builder, parent, id| {
                builder.tree.nodes[id].gone = true;
                let word = builder.tree.nodes[id].word.value;
                builder.tree.index.remove(&(parent, word));
            }),
            "deactivate" => self.find(&full, |builder, _, id| builder.tree.nodes[id].off = true),
            "activate" => self.find(&full, |builder, _, id| builder.tree.nodes[id].off = false),
            "insert" => self.insert_beside(verb.span, &full),
            "edit" => self.edited = full,
            "top" if words.is_empty() => self.edited.clear(),
            "top" => {
                self.edited.clear();
                self.follow(words[0], &words[1..], list);
            }
            "up" => {
                let count = words.first().and_then(|n| n.text.parse().ok()).unwrap_or(1);
                self.edited.truncate(self.edited.len().saturating_sub(count));
            }
            "exit" => self.edited.clear(),
            "protect" => {}
            _ => self.fault(verb.span, "a command that is not followed"),
        }
    }

    fn set(&mut self, verb: Word<'t>, words: &[Word<'t>]) {
        if words.is_empty() {
            self.fault(verb.span, "a command without words");
            return;
        }
        let (mut node, mut shown, mut path) = (ROOT, true, Vec::with_capacity(words.len()));
        self.tree.stamp += 1;
        for word in words {
            path.push(word.text);
            shown = shown && (self.dialect.shows)(&path);
            if shown {
                self.shown.push(word.outer);
            }
            node = self.tree.child(node, word, verb.span.start);
        }
        self.tree.last = path;
    }

    /// Does something to the node that the words name, if it is there.
    fn find(&mut self, words: &[Word<'t>], act: impl FnOnce(&mut Self, usize, usize)) {
        let (mut parent, mut node) = (ROOT, ROOT);
        for word in words {
            let Some(id) = self.tree.index.get(&(node, word.text)) else { return };
            (parent, node) = (node, *id);
        }
        if node != ROOT {
            act(self, parent, node);
        }
    }

    /// `insert … policy A before policy B`.
    fn insert_beside(&mut self, span: Span, words: &[Word<'t>]) {
        let place = words.iter().rposition(|word| matches!(word.text, "before" | "after"));
        self.inserts += 1;
        let (Some(place), Some(other)) = (place.filter(|_| self.inserts <= INSERTS), words.last()) else {
            self.fault(span, "a command that is not followed");
            return;
        };
        let behind = usize::from(words[place].text == "after");
        let mut moved = None;
        self.find(&words[..place], |builder, parent, id| {
            let sibling = builder.tree.index.get(&(parent, other.text)).copied();
            let children = &mut builder.tree.nodes[parent].children;
            children.retain(|child| *child != id);
            let at = sibling.and_then(|sibling| children.iter().position(|child| *child == sibling));
            children.insert(at.map_or(children.len(), |at| at + behind), id);
            moved = at;
        });
        if moved.is_none() {
            self.fault(span, "a command that is not followed");
        }
    }
}
