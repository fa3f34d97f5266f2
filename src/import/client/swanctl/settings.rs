//! strongSwan's settings: `name { … }` and `key = value` to the end of the line, a comment or a brace; `"…"` with `\n`, `\t`, `\r`, `\"` and `\\`.

use std::borrow::Cow;

use super::facts;
use crate::import::Notes;
use crate::source::{Problem, ProblemKind, Span, Spanned};

/// A section.
pub struct Section<'a> {
    /// Its name.
    pub name: Spanned<&'a str>,
    /// Its keys in order.
    pub settings: Vec<(Spanned<&'a str>, Setting<'a>)>,
    /// Sections within it.
    pub children: Vec<Section<'a>>,
}

/// A value.
pub struct Setting<'a> {
    /// Without quotes and escapes.
    pub value: Cow<'a, str>,
    /// Its place, without quotes.
    pub span: Span,
    /// Its quotes do not end.
    pub open: bool,
}

/// How deep sections may lie; deeper ones are a fault.
const DEPTH: usize = 32;

impl<'a> Section<'a> {
    fn new(name: Spanned<&'a str>) -> Self {
        Self { name, settings: Vec::new(), children: Vec::new() }
    }

    /// Sections of a name: they add up.
    pub fn sections<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Section<'a>> {
        self.children.iter().filter(move |c| c.name.value == name)
    }

    /// The value of a key: the last one counts.
    pub fn get(&self, key: &str) -> Option<&Setting<'a>> {
        self.settings.iter().rfind(|(k, _)| k.value == key).map(|(_, v)| v)
    }
}

/// Reads a text; the result stands for the whole file.
pub fn parse<'a>(text: &'a str, base: u32, notes: &mut Notes) -> Section<'a> {
    let mut parser = Parser { text, base, at: if text.starts_with('\u{feff}') { 3 } else { 0 }, notes };
    let mut open = vec![Section::new(Spanned::new("", Span::new(base, base)))];
    while let Some(c) = parser.next_byte() {
        match c {
            b'}' => {
                parser.at += 1;
                if open.len() > 1 {
                    close(&mut open);
                } else {
                    parser.fault(parser.at - 1, parser.at, "a brace closes nothing");
                }
            }
            b'{' if open.len() <= DEPTH => {
                parser.fault(parser.at, parser.at + 1, "a section has no name");
                let at = parser.place(parser.at, parser.at);
                parser.at += 1;
                open.push(Section::new(at));
            }
            _ => parser.statement(&mut open),
        }
    }
    if let Some(last) = open.last().filter(|_| open.len() > 1) {
        let span = last.name.span;
        let problem = Problem::new(ProblemKind::Syntax, span, "the section does not end", "opened here");
        parser.notes.problems.push(problem.help("close it with }"));
    }
    while open.len() > 1 {
        close(&mut open);
    }
    open.pop().unwrap_or_else(|| Section::new(Spanned::new("", Span::new(base, base))))
}

fn close(open: &mut Vec<Section<'_>>) {
    if let Some(section) = open.pop()
        && let Some(parent) = open.last_mut()
    {
        parent.children.push(section);
    }
}

struct Parser<'a, 'n> {
    text: &'a str,
    base: u32,
    at: usize,
    notes: &'n mut Notes,
}

impl<'a> Parser<'a, '_> {
    fn place(&self, from: usize, to: usize) -> Spanned<&'a str> {
        Spanned::new(&self.text[from..to], Span::new(self.base + from as u32, self.base + to as u32))
    }

    fn fault(&mut self, from: usize, to: usize, message: &str) {
        let span = self.place(from, to).span;
        self.notes.secrets.push(span);
        let problem = Problem::new(ProblemKind::Syntax, span, message, "not understood");
        self.notes.problems.push(problem.help("swanctl reads `key = value` lines and `name { … }` sections"));
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn line_end(&self) -> usize {
        self.rest().find('\n').map_or(self.text.len(), |n| self.at + n)
    }

    /// The next byte that is no blank and no comment.
    fn next_byte(&mut self) -> Option<u8> {
        loop {
            self.at = self.text.len() - self.rest().trim_start().len();
            match self.rest().as_bytes().first() {
                Some(b'#') => {
                    let end = self.line_end();
                    self.notes.secrets.push(self.place(self.at, end).span);
                    self.at = end;
                }
                other => return other.copied(),
            }
        }
    }

    /// `key = value`, `name {`, `name : other {`, or `include file`.
    fn statement(&mut self, open: &mut Vec<Section<'a>>) {
        let start = self.at;
        let end = self.rest().find(['=', '{', '}', '\n', '#']).map_or(self.text.len(), |n| start + n);
        let name = self.text[start..end].trim_end();
        let name = self.place(start, start + name.len());
        if let Some(file) = name.value.strip_prefix("include").filter(|f| f.starts_with([' ', '\t'])) {
            // A pattern may hold `#` and braces.
            let end = self.line_end();
            let file = file.trim();
            let from = start + name.value.len() - file.len();
            self.notes.includes.push(self.place(from, from + file.len()).map(|f| f.trim_matches('"').to_owned()));
            self.at = end;
            return;
        }
        self.at = end;
        match self.text.as_bytes().get(end) {
            Some(b'=') => {
                self.at += 1;
                let value = self.value();
                if facts::names_secret(name.value) || open.iter().any(|s| s.name.value == "secrets") {
                    self.notes.secrets.push(value.span);
                }
                if let Some(section) = open.last_mut() {
                    section.settings.push((name, value));
                }
            }
            // A brace may open the section on a line of its own.
            _ if self.next_byte() == Some(b'{') && open.len() <= DEPTH => {
                self.at += 1;
                let own = name.value.split(':').next().unwrap_or_default().trim_end();
                open.push(Section::new(self.place(start, start + own.len())));
            }
            _ => {
                self.at = end.max(start + 1);
                while !self.text.is_char_boundary(self.at) {
                    self.at += 1;
                }
                self.fault(start, self.at, "the line is neither a section nor a key with a value");
            }
        }
    }

    fn value(&mut self) -> Setting<'a> {
        let blanks = self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\r']).len();
        self.at += blanks;
        let start = self.at;
        if !self.rest().starts_with('"') {
            let end = self.rest().find(['\n', '#', '}']).map_or(self.text.len(), |n| start + n);
            let value = self.text[start..end].trim_end();
            self.at = end;
            return Setting { value: Cow::Borrowed(value), span: self.place(start, start + value.len()).span, open: false };
        }
        let mut value = String::new();
        let mut chars = self.text[start + 1..].char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.at = start + 1 + at + 1;
                    // An empty value has its quotes for a place.
                    let inner = if at == 0 { self.place(start, start + 2) } else { self.place(start + 1, start + 1 + at) };
                    return Setting { value: Cow::Owned(value), span: inner.span, open: false };
                }
                '\\' => match chars.next().map(|(_, c)| c) {
                    Some('n') => value.push('\n'),
                    Some('t') => value.push('\t'),
                    Some('r') => value.push('\r'),
                    Some('\n') | None => {}
                    Some(other) => value.push(other),
                },
                other => value.push(other),
            }
        }
        let span = self.place(start, self.text.len()).span;
        self.at = self.text.len();
        Setting { value: Cow::Owned(value), span, open: true }
    }
}
