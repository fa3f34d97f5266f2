//! A configuration as a tree of words, in the two forms that VyOS, EdgeOS and Junos print: commands (`set a b c`) and braces (`a { b c; }`).
//!
//! Both forms give the same tree, so that readers know one. Commands that change the tree (`delete`, `deactivate`, `insert`, `edit`) are followed. A word is
//! shown only where its dialect says so: what stands behind a word that is not shown is not shown either.

use std::collections::BTreeMap;

use crate::source::{Span, Spanned};

mod command;
#[cfg(test)]
mod tests;
mod words;

use super::rows::{Row, rows};
use super::veil;
use super::{Remark, RemarkKind};
use words::{Lexer, Token, Word};

/// How a system writes its configuration.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dialect {
    /// Whether statements end with semicolons rather than with their line, and `#` begins a comment anywhere.
    pub(super) semicolons: bool,
    /// Whether the last word of a statement's beginning may be shown; the words in front of it are.
    pub(super) shows: fn(&[&str]) -> bool,
}

/// One word with what stands behind it.
#[derive(Debug)]
struct Node<'t> {
    word: Spanned<&'t str>,
    /// From the beginning of the statement that first named it to the end of the word.
    head: Span,
    children: Vec<usize>,
    /// When it was last set: of several values of a single one, the last counts.
    stamp: u32,
    off: bool,
    gone: bool,
}

/// The whole configuration.
#[derive(Debug)]
pub(super) struct Tree<'t> {
    nodes: Vec<Node<'t>>,
    index: BTreeMap<(usize, &'t str), usize>,
    stamp: u32,
    /// What is not shown.
    pub(super) hidden: Vec<Span>,
    /// Faults of the text.
    pub(super) remarks: Vec<Remark>,
    /// Whether the text may break off inside of a statement.
    pub(super) breaks_off: Option<Span>,
    /// The words of the last statement, from the top.
    pub(super) last: Vec<&'t str>,
    /// Whether statements stand in braces.
    pub(super) braces: bool,
    /// Whether a comment names the version of the format, as it does at the end of a saved file.
    pub(super) signed: bool,
}

/// A place in the tree.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<'a, 't> {
    tree: &'a Tree<'t>,
    id: usize,
}

/// The root's place among the nodes.
const ROOT: usize = 0;
/// More faults than this say nothing new.
const FAULTS: usize = 50;
/// A comment that holds this ends a file that VyOS or EdgeOS saved.
const SIGNATURES: [&str; 2] = ["vyatta-config-version", "vyos-config-version"];

/// Reads a whole text. `base` is the place of its first byte.
pub(super) fn read(text: &str, base: u32, dialect: Dialect) -> Tree<'_> {
    let place = Span::new(base, base);
    let root = Node { word: Spanned::new("", place), head: place, children: Vec::new(), stamp: 0, off: false, gone: false };
    let tree = Tree {
        nodes: vec![root],
        index: BTreeMap::new(),
        stamp: 0,
        hidden: Vec::new(),
        remarks: Vec::new(),
        breaks_off: None,
        last: Vec::new(),
        braces: false,
        signed: false,
    };
    let mut builder =
        Builder { tree, text, base, dialect, open: Vec::new(), pending: Vec::new(), edited: Vec::new(), shown: Vec::new(), inserts: 0 };
    let mut lexer = Lexer::new(text, base, dialect);
    for row in rows(text, base) {
        builder.row(row, &mut lexer);
    }
    builder.finish(&lexer)
}

/// What is being read.
struct Builder<'t> {
    tree: Tree<'t>,
    text: &'t str,
    base: u32,
    dialect: Dialect,
    /// The open braces: their node, the words that led there, and whether all of them are shown.
    open: Vec<Level<'t>>,
    /// Words of a statement that has not ended.
    pending: Vec<Word<'t>>,
    /// The level that `edit` chose.
    edited: Vec<Word<'t>>,
    shown: Vec<Span>,
    inserts: u32,
}

struct Level<'t> {
    node: usize,
    words: Vec<&'t str>,
    shown: bool,
    span: Span,
}

impl<'t> Builder<'t> {
    fn fault(&mut self, span: Span, message: &str) {
        if self.tree.remarks.len() < FAULTS {
            self.tree.remarks.push(Remark { span, message: message.into(), kind: RemarkKind::Syntax });
        }
    }

    fn row(&mut self, row: Row<'t>, lexer: &mut Lexer<'t>) {
        if self.open.is_empty() && self.pending.is_empty() && !lexer.is_inside() && self.command(row) {
            return;
        }
        let tokens = lexer.row(row);
        for token in tokens {
            match token {
                Token::Word(word) => self.pending.push(word),
                Token::List(words) => self.list(words),
                Token::Open(span) => self.enter(span),
                Token::Close(span) => self.leave(span),
                Token::End => self.end(),
                Token::Comment(span) => self.comment(span),
                Token::Mark(span) => self.shown.push(span),
            }
        }
        if !self.dialect.semicolons && !lexer.is_inside() {
            self.end();
        }
    }

    fn comment(&mut self, span: Span) {
        let text = &self.text[(span.start - self.base) as usize..(span.end - self.base) as usize];
        self.tree.signed |= SIGNATURES.iter().any(|word| text.contains(word));
    }

    fn enter(&mut self, span: Span) {
        self.tree.braces = true;
        self.shown.push(span);
        let words = std::mem::take(&mut self.pending);
        if words.is_empty() {
            self.fault(span, "a brace that opens nothing");
        }
        let (node, shown) = self.insert(&words);
        let mut path = self.path().to_vec();
        path.extend(words.iter().map(|word| word.text));
        self.open.push(Level { node, words: path, shown, span });
    }

    fn leave(&mut self, span: Span) {
        self.shown.push(span);
        self.end();
        if self.open.pop().is_none() {
            self.fault(span, "a brace that closes nothing");
        }
    }

    /// `a [ b c ];` is two statements with the same beginning.
    fn list(&mut self, values: Vec<Word<'t>>) {
        let words = std::mem::take(&mut self.pending);
        for value in values {
            let mut statement = words.clone();
            statement.push(value);
            self.insert(&statement);
        }
    }

    fn end(&mut self) {
        let words = std::mem::take(&mut self.pending);
        if words.is_empty() {
            return;
        }
        if self.open.is_empty() && !self.dialect.semicolons {
            self.fault(words[0].outer, "a line outside of any section");
            return;
        }
        self.insert(&words);
    }

    fn path(&self) -> &[&'t str] {
        self.open.last().map_or(&[], |level| &level.words)
    }

    /// Adds a statement below the open braces, or at the level that `edit` chose; the node of its last word, and whether all of it is shown.
    fn insert(&mut self, words: &[Word<'t>]) -> (usize, bool) {
        let (mut node, mut path, mut shown) = match self.open.last() {
            Some(level) => (level.node, level.words.clone(), level.shown),
            None => (ROOT, Vec::new(), true),
        };
        let start = words.first().map_or(0, |word| word.outer.start);
        let mut off = false;
        self.tree.stamp += 1;
        for word in words {
            if matches!(word.text, "inactive:" | "protect:" | "replace:") && self.dialect.semicolons {
                off |= word.text == "inactive:";
                self.shown.push(word.outer);
                continue;
            }
            path.push(word.text);
            shown = shown && (self.dialect.shows)(&path);
            if shown {
                self.shown.push(word.outer);
            }
            node = self.tree.child(node, word, start);
        }
        if off {
            self.tree.nodes[node].off = true;
        }
        self.tree.last = path;
        (node, shown)
    }

    fn finish(mut self, lexer: &Lexer<'t>) -> Tree<'t> {
        let end = self.base + self.text.len() as u32;
        if let Some(level) = self.open.last() {
            let span = level.span;
            self.fault(span, "a brace that is never closed");
        }
        if let Some(span) = lexer.unclosed() {
            self.fault(span, "a quotation mark or a comment without its partner");
        } else if !self.pending.is_empty() {
            self.fault(self.pending[0].outer, "a statement without its end");
        }
        // A command without a line end may lack its last letters, unless a quotation mark or a brace closes it.
        if !self.text.ends_with(['\n', '\r', '\'', '"', '}', ';', '/']) && !self.text.trim_end().is_empty() {
            self.tree.breaks_off = Some(Span::new(end - 1, end));
        }
        self.tree.hidden = veil::all_but(self.text, self.base, &mut self.shown);
        self.tree
    }
}

impl<'t> Tree<'t> {
    /// The top.
    pub(super) const fn root(&self) -> At<'_, 't> {
        At { tree: self, id: ROOT }
    }

    /// Every place of a word, but for those that are switched off.
    pub(super) fn places(&self, word: &str) -> Vec<At<'_, 't>> {
        let nodes = self.nodes.iter().enumerate().filter(|(_, node)| node.word.value == word && !node.off && !node.gone);
        nodes.map(|(id, _)| At { tree: self, id }).collect()
    }

    fn child(&mut self, parent: usize, word: &Word<'t>, start: u32) -> usize {
        let stamp = self.stamp;
        if let Some(id) = self.index.get(&(parent, word.text)) {
            self.nodes[*id].stamp = stamp;
            return *id;
        }
        let id = self.nodes.len();
        let head = Span::new(start.min(word.span.start), word.span.end);
        let word = Spanned::new(word.text, word.span);
        self.nodes.push(Node { word, head, children: Vec::new(), stamp, off: false, gone: false });
        self.nodes[parent].children.push(id);
        self.index.insert((parent, word.value), id);
        id
    }
}

impl<'a, 't> At<'a, 't> {
    fn node(self) -> &'a Node<'t> {
        &self.tree.nodes[self.id]
    }

    /// The word.
    pub(super) fn word(self) -> Spanned<&'t str> {
        self.node().word
    }

    /// From the beginning of the statement that first named it to the word.
    pub(super) fn head(self) -> Span {
        self.node().head
    }

    /// Whether it is switched off (`deactivate`, `inactive:`).
    pub(super) fn is_off(self) -> bool {
        self.node().off
    }

    /// What stands behind it, in the order of the text, without what is switched off.
    pub(super) fn children(self) -> impl Iterator<Item = Self> {
        self.all().filter(|child| !child.is_off())
    }

    /// What stands behind it, with what is switched off.
    pub(super) fn all(self) -> impl Iterator<Item = Self> {
        self.node().children.iter().map(move |id| At { tree: self.tree, id: *id }).filter(|child| !child.node().gone)
    }

    /// What stands behind it under this word.
    pub(super) fn child(self, word: &str) -> Option<Self> {
        let id = *self.tree.index.get(&(self.id, word))?;
        let child = At { tree: self.tree, id };
        (!child.is_off()).then_some(child)
    }

    /// What stands there.
    pub(super) fn at(self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(self, |at, word| at.child(word))
    }

    /// Whether the word stands behind it.
    pub(super) fn has(self, word: &str) -> bool {
        self.child(word).is_some()
    }

    /// The word that was last set behind it: its value, where it has one.
    pub(super) fn value(self) -> Option<Spanned<&'t str>> {
        self.children().max_by_key(|child| child.node().stamp).map(At::word)
    }

    /// The value of a child.
    pub(super) fn value_of(self, word: &str) -> Option<Spanned<&'t str>> {
        self.child(word)?.value()
    }
}
