//! The text of a FortiOS configuration as blocks: `config … edit … set … next end`, with places.
//!
//! Backups, what `show` prints, scripts and pastes of a terminal have the same form. A value in quotation marks may go on over several lines (keys, certificates,
//! replacement messages). Entries that are edited twice are one entry, as on the device.

use std::borrow::Cow;
use std::collections::HashMap;

use super::super::rows::behind_pager;
use crate::source::{Span, Spanned};

/// A word without its quotation marks and escapes.
pub(super) type Word<'t> = Spanned<Cow<'t, str>>;

/// Blocks nest deeper than this in no configuration.
const DEPTH: usize = 16;

/// What a statement does with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Set,
    Append,
    Unset,
    Unselect,
}

/// One statement of a block.
#[derive(Clone, Debug)]
struct Setting<'t> {
    verb: Verb,
    key: Spanned<&'t str>,
    words: Vec<Word<'t>>,
}

/// A `config` or an `edit` with what stands in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Block<'t> {
    /// The path behind `config`, or the entry's name.
    pub(super) name: Cow<'t, str>,
    /// The first line.
    pub(super) span: Span,
    settings: Vec<Setting<'t>>,
    /// Entries of a `config`, or tables inside an `edit`.
    pub(super) blocks: Vec<Self>,
    /// A statement that moves, renames or deletes entries.
    pub(super) altered: Option<Span>,
}

/// The whole text.
#[derive(Debug, Default)]
pub(super) struct Tree<'t> {
    /// Tables by virtual domain and path; no domain: of the whole device.
    tables: Vec<(Option<Cow<'t, str>>, Block<'t>)>,
    index: HashMap<(Option<Cow<'t, str>>, Cow<'t, str>), usize>,
    /// The version of FortiOS that the header names.
    pub(super) version: Option<(u16, u16, u16)>,
    /// Whether a backup's header stands in front.
    pub(super) has_header: bool,
    /// A command that shows some entries of a table, or some lines.
    pub(super) excerpt: Option<Span>,
    /// Where the text breaks off or does not fit, and what is wrong.
    pub(super) faults: Vec<Spanned<&'static str>>,
    /// Every statement with the table that it stands in and its first words: what may be shown is chosen from these.
    pub(super) statements: Vec<Statement<'t>>,
}

/// One line that was understood.
#[derive(Clone, Debug)]
pub(super) struct Statement<'t> {
    pub(super) span: Span,
    /// The path of the outermost table that is no domain.
    pub(super) table: Cow<'t, str>,
    /// `config`, `edit`, `next`, `end`, or the key that is set.
    pub(super) word: &'t str,
    /// Whether it stands on one line.
    pub(super) whole: bool,
}

impl<'t> Block<'t> {
    /// The words of a key, after all statements about it.
    pub(super) fn words(&self, key: &str) -> Vec<&Word<'t>> {
        let mut words: Vec<&Word<'t>> = Vec::new();
        for setting in self.settings.iter().filter(|s| s.key.value == key) {
            match setting.verb {
                Verb::Set => words = setting.words.iter().collect(),
                Verb::Append => words.extend(&setting.words),
                Verb::Unset => words.clear(),
                Verb::Unselect => words.retain(|word| setting.words.iter().all(|gone| gone.value != word.value)),
            }
        }
        words
    }

    /// The first word of a key.
    pub(super) fn word(&self, key: &str) -> Option<&Word<'t>> {
        self.words(key).into_iter().next()
    }

    /// Whether a key's first word is this one.
    pub(super) fn says(&self, key: &str, word: &str) -> bool {
        self.word(key).is_some_and(|said| said.value == word)
    }

    /// The keys that hold something other than `disable`.
    pub(super) fn keys(&self) -> impl Iterator<Item = Spanned<&'t str>> + '_ {
        let set = self.settings.iter().filter(|s| matches!(s.verb, Verb::Set | Verb::Append));
        set.filter(|s| s.words.first().is_some_and(|word| !matches!(&*word.value, "disable" | ""))).map(|s| s.key)
    }

    /// The table of that name inside.
    pub(super) fn table(&self, name: &str) -> Option<&Self> {
        self.blocks.iter().find(|block| block.name == name)
    }

    /// Whether anything stands in it.
    pub(super) const fn is_empty(&self) -> bool {
        self.settings.is_empty() && self.blocks.is_empty()
    }

    /// Takes what a later block of the same name says.
    fn absorb(&mut self, other: Self) {
        self.settings.extend(other.settings);
        self.altered = self.altered.or(other.altered);
        self.blocks.extend(other.blocks);
    }

    /// Joins entries that are edited several times, where the first stands.
    fn join(&mut self) {
        let mut index: HashMap<Cow<'t, str>, usize> = HashMap::new();
        let mut joined: Vec<Self> = Vec::with_capacity(self.blocks.len());
        for block in std::mem::take(&mut self.blocks) {
            match index.get(&block.name) {
                Some(&at) => joined[at].absorb(block),
                None => {
                    index.insert(block.name.clone(), joined.len());
                    joined.push(block);
                }
            }
        }
        self.blocks = joined;
    }
}

impl<'t> Tree<'t> {
    /// Reads a text. `base` is the place of its first byte.
    pub(super) fn read(text: &'t str, base: u32) -> Self {
        let mut reader = Reader { text, base, at: 0, tree: Self::default(), open: Vec::new() };
        while reader.at < text.len() && reader.open.len() <= DEPTH {
            reader.line();
        }
        if let Some((_, block)) = reader.open.last() {
            reader.tree.faults.push(Spanned::new("a `config` or an `edit` is not closed", block.span));
        }
        while !reader.open.is_empty() {
            reader.close();
        }
        for (_, table) in &mut reader.tree.tables {
            table.join();
        }
        reader.tree
    }

    /// A table of a domain, or else of the device.
    pub(super) fn table(&self, domain: Option<&str>, path: &str) -> Option<&Block<'t>> {
        let find = |domain: Option<&str>| {
            let key = (domain.map(|d| Cow::Owned(d.to_owned())), Cow::Owned(path.to_owned()));
            self.index.get(&key).map(|at| &self.tables[*at].1)
        };
        domain.and_then(|domain| find(Some(domain))).or_else(|| find(None))
    }

    /// All tables with their domain.
    pub(super) fn tables(&self) -> impl Iterator<Item = (Option<&str>, &Block<'t>)> {
        self.tables.iter().map(|(domain, block)| (domain.as_deref(), block))
    }
}

/// Whether an open block is a `config` or an `edit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Config,
    Edit,
}

struct Reader<'t> {
    text: &'t str,
    base: u32,
    at: usize,
    tree: Tree<'t>,
    open: Vec<(Kind, Block<'t>)>,
}

impl<'t> Reader<'t> {
    fn line(&mut self) {
        let rest = &self.text[self.at..];
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let line = &rest[..end];
        let behind = behind_pager(line);
        let body = without_prompt(line[behind..].trim_start());
        let start = self.at + (line.len() - body.len());
        self.at += end + 1;
        let body = body.trim_end();
        if body.is_empty() {
            return;
        }
        if let Some(header) = body.strip_prefix("#config-version=") {
            self.tree.has_header = true;
            self.tree.version = self.tree.version.or_else(|| version(header));
        }
        if body.starts_with('#') {
            return;
        }
        let verb = body.split_ascii_whitespace().next().unwrap_or("");
        let inside = !self.open.is_empty();
        let span = self.span(start, start + body.len());
        match verb {
            "config" => {
                let (words, whole) = self.words(start);
                let path: Vec<_> = words.iter().skip(1).map(|word| &*word.value).collect();
                let block = Block { name: path.join(" ").into(), span, ..Block::default() };
                self.open.push((Kind::Config, block));
                self.note(span, verb, whole);
            }
            "edit" => {
                let (words, whole) = self.words(start);
                match self.open.last() {
                    Some((Kind::Config, _)) => {
                        let name = words.into_iter().nth(1).map(|word| word.value).unwrap_or_default();
                        self.open.push((Kind::Edit, Block { name, span, ..Block::default() }));
                        self.note(span, verb, whole);
                    }
                    _ => self.fault(span, "an `edit` outside of a `config`"),
                }
            }
            "set" | "append" | "unset" | "select" | "unselect" if inside => {
                let (words, whole) = self.words(start);
                self.setting(verb, words, span, whole);
            }
            "next" if matches!(self.open.last(), Some((Kind::Edit, _))) => {
                self.note(span, verb, true);
                self.close();
            }
            "end" if inside => {
                self.note(span, verb, true);
                // It closes the entry that is still open, and the table around it.
                if matches!(self.open.last(), Some((Kind::Edit, _))) {
                    self.close();
                }
                self.close();
            }
            "move" | "delete" | "purge" | "rename" | "clone" | "abort" if inside => {
                self.words(start);
                if let Some((_, block)) = self.open.last_mut() {
                    block.altered.get_or_insert(span);
                }
            }
            "show" if is_excerpt(body) => {
                self.tree.excerpt.get_or_insert(span);
            }
            "show" | "get" | "diagnose" | "execute" | "exit" | "quit" | "fnsysctl" => {}
            "set" | "unset" | "append" | "next" | "end" => self.fault(span, "the table that this line belongs to is not in the file"),
            _ if inside => self.fault(span, "a line that is no statement"),
            // What people write around a configuration.
            _ => {}
        }
    }

    fn setting(&mut self, verb: &str, words: Vec<Word<'t>>, span: Span, whole: bool) {
        let mut words = words.into_iter().skip(1);
        let Some(Spanned { value: Cow::Borrowed(key), span: place }) = words.next() else {
            self.fault(span, "a statement without a name");
            return;
        };
        let verb = match verb {
            "append" => Verb::Append,
            "unset" => Verb::Unset,
            "unselect" => Verb::Unselect,
            _ => Verb::Set,
        };
        let words = words.collect();
        self.note(span, key, whole);
        if let Some((_, block)) = self.open.last_mut() {
            block.settings.push(Setting { verb, key: Spanned::new(key, place), words });
        }
    }

    /// Closes the innermost block.
    fn close(&mut self) {
        let Some((kind, block)) = self.open.pop() else { return };
        let domain = match &self.open[..] {
            [] => Some(None),
            [(_, outer)] if outer.name == "global" && kind == Kind::Config => Some(None),
            [(_, outer), (_, domain)] if outer.name == "vdom" && kind == Kind::Config => Some(Some(domain.name.clone())),
            _ => None,
        };
        match (domain, self.open.last_mut()) {
            (Some(domain), _) if !matches!(&*block.name, "vdom" | "global") || domain.is_some() => {
                let key = (domain.clone(), block.name.clone());
                match self.tree.index.get(&key) {
                    Some(&at) => self.tree.tables[at].1.absorb(block),
                    None => {
                        self.tree.index.insert(key, self.tree.tables.len());
                        self.tree.tables.push((domain, block));
                    }
                }
            }
            (None, Some((_, outer))) => outer.blocks.push(block),
            _ => {}
        }
    }

    /// Notes a line that was understood.
    fn note(&mut self, span: Span, word: &'t str, whole: bool) {
        let inner = self.open.iter().find(|(kind, block)| *kind == Kind::Config && !matches!(&*block.name, "vdom" | "global"));
        let table = inner.map(|(_, block)| block.name.clone()).unwrap_or_default();
        self.tree.statements.push(Statement { span, table, word, whole });
    }

    fn fault(&mut self, span: Span, what: &'static str) {
        if self.tree.faults.len() < 100 {
            self.tree.faults.push(Spanned::new(what, span));
        }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.base + start as u32, self.base + end as u32)
    }

    /// The words from `start` to the end of the line, or of the line that closes the last quotation mark; and whether that is one line.
    fn words(&mut self, start: usize) -> (Vec<Word<'t>>, bool) {
        let text = self.text;
        let bytes = text.as_bytes();
        let mut words = Vec::new();
        let mut at = start;
        let mut whole = true;
        loop {
            while matches!(bytes.get(at), Some(b' ' | b'\t')) {
                at += 1;
            }
            match bytes.get(at) {
                None | Some(b'\n' | b'\r') => break,
                _ => {}
            }
            let first = at;
            let mut owned: Option<String> = None;
            let mut quoted = false;
            let (mut from, mut to) = (at, at);
            while let Some(&byte) = bytes.get(at) {
                match byte {
                    b'"' => {
                        if owned.is_none() && at > first {
                            owned = Some(text[from..at].to_owned());
                        }
                        quoted = !quoted;
                        at += 1;
                        if at == first + 1 {
                            (from, to) = (at, at);
                        }
                        continue;
                    }
                    b'\\' if at + 1 < bytes.len() && !matches!(bytes[at + 1], b'\n' | b'\r') => {
                        owned.get_or_insert_with(|| text[from..at].to_owned());
                        at += 1;
                    }
                    b'\n' | b'\r' if quoted => whole = false,
                    b' ' | b'\t' | b'\n' | b'\r' if !quoted => break,
                    _ => {}
                }
                let len = text[at..].chars().next().map_or(1, char::len_utf8);
                if let Some(owned) = &mut owned {
                    owned.push_str(&text[at..at + len]);
                }
                at += len;
                to = at;
            }
            if quoted {
                let line = text[first..].find(['\n', '\r']).map_or(text.len(), |n| first + n);
                self.fault(self.span(first, line), "a quotation mark is not closed");
            }
            let value = owned.map_or_else(|| Cow::Borrowed(&text[from..to.max(from)]), |owned| tidy(owned, &text[from..to.max(from)]));
            words.push(Spanned::new(value, self.span(from, to.max(from))));
        }
        if at > self.at {
            self.at = at;
        }
        (words, whole)
    }
}

/// A borrowed word where that is the same.
fn tidy(owned: String, written: &str) -> Cow<'_, str> {
    if owned == written { Cow::Borrowed(written) } else { Cow::Owned(owned) }
}

/// A line without the prompt of a terminal: `FGT # `, `FGT (policy) # `.
fn without_prompt(line: &str) -> &str {
    let split = line.split_once(" # ").or_else(|| line.split_once(" $ "));
    let Some((prompt, rest)) = split.or_else(|| Some((line.trim_end().strip_suffix(" #")?, ""))) else { return line };
    let name = prompt.split_once(" (").map_or(Some(prompt), |(name, path)| path.ends_with(')').then_some(name));
    let is_prompt = |name: &str| !name.is_empty() && !name.contains([' ', '"', '#']) && !matches!(name, "config" | "edit" | "next" | "end");
    if name.is_some_and(is_prompt) { rest.trim_start() } else { line }
}

/// Whether a `show` is about some entries or lines only: `show firewall policy 3`, `show firewall vip | grep -f MX`.
fn is_excerpt(command: &str) -> bool {
    let words: Vec<&str> = command.split_ascii_whitespace().filter(|word| *word != "full-configuration").collect();
    command.contains('|') || matches!(&words[..], [_, "firewall", "policy" | "vip" | "local-in-policy", _, ..])
}

/// `FGT60F-7.2.8-FW-build1639-240313:opmode=0:…`
fn version(header: &str) -> Option<(u16, u16, u16)> {
    let numbers = header.split('-').find(|part| part.split('.').count() == 3)?;
    let mut parts = numbers.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?))
}
