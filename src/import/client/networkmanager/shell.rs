//! The words of a shell command, each with the place that every byte of it came from.

use crate::source::Span;

/// A word without its quotes.
#[derive(Default)]
pub struct Word {
    /// What the command gets; [`FILLED_IN`](super::FILLED_IN) where something is filled in.
    pub text: String,
    /// For each byte of the text where it stands, as offsets of the source.
    places: Vec<(u32, u32)>,
    start: u32,
    end: u32,
}

impl Word {
    /// The whole word, quotes included.
    pub fn span(&self) -> Span {
        Span::new(self.start, self.end)
    }

    /// The place of a part of its text.
    pub fn part(&self, from: usize, to: usize) -> Span {
        match (self.places.get(from), to.checked_sub(1).and_then(|last| self.places.get(last))) {
            (Some((start, _)), Some((_, end))) if from < to => Span::new(*start, *end),
            (Some((start, _)), _) => Span::new(*start, *start),
            _ => Span::new(self.end, self.end),
        }
    }

    fn push(&mut self, c: char, from: u32, to: u32) {
        self.text.push(c);
        self.places.extend(std::iter::repeat_n((from, to), c.len_utf8()));
    }

    fn fill_in(&mut self, from: u32, to: u32) {
        for c in super::FILLED_IN.chars() {
            self.push(c, from, to);
        }
    }
}

/// The words of the command that begins at `at`, and where it ends: at a line's end, `;`, `|`, `&`, `)` or a comment.
pub fn command(text: &str, at: usize, base: u32) -> (Vec<Word>, usize) {
    let mut reader = Reader { text, at, base };
    let mut words = Vec::new();
    loop {
        match reader.peek() {
            Some(' ' | '\t' | '\r') => reader.at += 1,
            Some('\\') if reader.rest().starts_with("\\\n") => reader.at += 2,
            Some('\\') if reader.rest().starts_with("\\\r\n") => reader.at += 3,
            None | Some('\n' | ';' | '|' | '&' | ')' | '#') => return (words, reader.at),
            Some('<' | '>') => reader.at += 1,
            Some(_) => words.push(reader.word()),
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    base: u32,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn place(&self) -> u32 {
        self.base + self.at as u32
    }

    fn take(&mut self) -> Option<(char, u32, u32)> {
        let (c, from) = (self.peek()?, self.place());
        self.at += c.len_utf8();
        Some((c, from, self.place()))
    }

    fn word(&mut self) -> Word {
        let mut word = Word { start: self.place(), ..Word::default() };
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | '\r' | '\n' | ';' | '|' | '&' | ')' | '<' | '>' => break,
                '\'' => {
                    self.at += 1;
                    while let Some((c, from, to)) = self.take().filter(|(c, ..)| *c != '\'') {
                        word.push(c, from, to);
                    }
                }
                '"' => {
                    self.at += 1;
                    self.double(&mut word);
                }
                '\\' => self.escaped(&mut word, None),
                '$' | '`' => self.expansion(&mut word),
                _ => self.literal(&mut word),
            }
        }
        word.end = self.place();
        word
    }

    fn literal(&mut self, word: &mut Word) {
        if let Some((c, from, to)) = self.take() {
            word.push(c, from, to);
        }
    }

    fn double(&mut self, word: &mut Word) {
        while let Some(c) = self.peek() {
            match c {
                '"' => {
                    self.at += 1;
                    return;
                }
                '\\' => self.escaped(word, Some("$`\"\\")),
                '$' | '`' => self.expansion(word),
                _ => self.literal(word),
            }
        }
    }

    /// A backslash; within double quotes it stays before all but a few characters.
    fn escaped(&mut self, word: &mut Word, only: Option<&str>) {
        let from = self.place();
        self.at += 1;
        match self.peek() {
            Some('\n') => self.at += 1,
            Some('\r') if self.rest().starts_with("\r\n") => self.at += 2,
            Some(c) if only.is_none_or(|set| set.contains(c)) => {
                self.at += c.len_utf8();
                word.push(c, from, self.place());
            }
            _ => word.push('\\', from, self.place()),
        }
    }

    /// `$name`, `${…}`, `$(…)`, `` `…` ``, `$'…'`: what it becomes is not known. A lone `$` stays.
    fn expansion(&mut self, word: &mut Word) {
        let from = self.place();
        let rest = self.rest();
        let next = rest[1..].chars().next();
        let length = match (rest.as_bytes()[0], next) {
            (b'`', _) => rest[1..].find('`').map_or(rest.len(), |n| n + 2),
            (_, Some('(')) => balanced(rest, '(', ')'),
            (_, Some('{')) => balanced(rest, '{', '}'),
            (_, Some('\'')) => rest[2..].find('\'').map_or(rest.len(), |n| n + 3),
            (_, Some(c)) if c.is_ascii_alphabetic() || c == '_' => {
                1 + rest[1..].find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len() - 1)
            }
            (_, Some(c)) if c.is_ascii_digit() || "@*#?$!-".contains(c) => 2,
            _ => {
                self.literal(word);
                return;
            }
        };
        self.at += length;
        word.fill_in(from, self.place());
    }
}

/// The length of what a bracket closes.
fn balanced(text: &str, open: char, close: char) -> usize {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return at + 1;
            }
        }
    }
    text.len()
}
