//! The words of a configuration: quotation marks, braces, lists, comments.

use super::Dialect;
use crate::import::upstream::rows::Row;
use crate::source::Span;

/// One word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word<'t> {
    /// The word without its quotation marks.
    pub(super) text: &'t str,
    /// Where that stands.
    pub(super) span: Span,
    /// The same with its marks.
    pub(super) outer: Span,
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    Word(Word<'t>),
    /// `[ a b ]`
    List(Vec<Word<'t>>),
    Open(Span),
    Close(Span),
    /// `;`
    End,
    Comment(Span),
    /// A sign that says nothing by itself and may be shown.
    Mark(Span),
}

/// What reaches over the end of a line.
#[derive(Clone, Debug)]
enum Inside<'t> {
    Nothing,
    /// A word in quotation marks, from this place on.
    Quoted(usize, u8),
    Comment(usize),
    List(Span, Vec<Word<'t>>),
}

/// Reads one line after the other.
#[derive(Debug)]
pub(super) struct Lexer<'t> {
    text: &'t str,
    base: u32,
    dialect: Dialect,
    inside: Inside<'t>,
}

impl<'t> Lexer<'t> {
    pub(super) const fn new(text: &'t str, base: u32, dialect: Dialect) -> Self {
        Self { text, base, dialect, inside: Inside::Nothing }
    }

    /// Whether a word, a list or a comment goes on in the next line.
    pub(super) const fn is_inside(&self) -> bool {
        !matches!(self.inside, Inside::Nothing)
    }

    /// Where a word, a list or a comment begins that never ends.
    pub(super) fn unclosed(&self) -> Option<Span> {
        let at = |start: usize| self.span(start, start + 1);
        match self.inside {
            Inside::Nothing => None,
            Inside::Quoted(start, _) | Inside::Comment(start) => Some(at(start)),
            Inside::List(span, _) => Some(span),
        }
    }

    const fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.base + start as u32, self.base + end as u32)
    }

    /// The words of a command, without regard to braces; none: a quotation mark has no partner in its line.
    pub(super) fn command(&self, row: Row<'t>) -> Option<Vec<Token<'t>>> {
        let mut lexer = Self { inside: Inside::Nothing, ..Self::new(self.text, self.base, self.dialect) };
        let tokens = lexer.tokens(row, false);
        (!lexer.is_inside()).then_some(tokens)
    }

    /// The parts of the next line.
    pub(super) fn row(&mut self, row: Row<'t>) -> Vec<Token<'t>> {
        self.tokens(row, true)
    }

    fn tokens(&mut self, row: Row<'t>, braces: bool) -> Vec<Token<'t>> {
        let bytes = self.text.as_bytes();
        let (mut at, end) = ((row.span.start - self.base) as usize, (row.span.end - self.base) as usize);
        let mut tokens = Vec::new();
        if bytes[at] == b'#' && matches!(self.inside, Inside::Nothing) {
            return vec![Token::Comment(row.span)];
        }
        while at < end {
            match std::mem::replace(&mut self.inside, Inside::Nothing) {
                Inside::Quoted(start, mark) => {
                    let Some(close) = closing(&bytes[..end], at, mark) else {
                        self.inside = Inside::Quoted(start, mark);
                        return tokens;
                    };
                    at = close + 1;
                    let word = Word { text: &self.text[start + 1..close], span: self.span(start + 1, close), outer: self.span(start, at) };
                    tokens.push(Token::Word(word));
                    continue;
                }
                Inside::Comment(start) => {
                    let Some(close) = self.text[at..end].find("*/") else {
                        self.inside = Inside::Comment(start);
                        return tokens;
                    };
                    at += close + 2;
                    tokens.push(Token::Comment(self.span(start, at)));
                    continue;
                }
                list @ Inside::List(..) => self.inside = list,
                Inside::Nothing => {}
            }
            let (byte, rest) = (bytes[at], &self.text[at..end]);
            match byte {
                b if b.is_ascii_whitespace() => at += 1,
                b'"' | b'\'' => {
                    let Some(close) = closing(&bytes[..end], at + 1, byte) else {
                        tokens.extend(self.begin(Inside::Quoted(at, byte)));
                        return tokens;
                    };
                    let word = Word { text: &self.text[at + 1..close], span: self.span(at + 1, close), outer: self.span(at, close + 1) };
                    self.word(word, &mut tokens);
                    at = close + 1;
                }
                _ if rest.starts_with("/*") => {
                    tokens.extend(self.begin(Inside::Comment(at)));
                    at += 2;
                }
                _ if rest.starts_with("//") && !self.dialect.semicolons && braces => {
                    tokens.push(Token::Comment(self.span(at, end)));
                    return tokens;
                }
                b'#' if self.dialect.semicolons => {
                    tokens.push(Token::Comment(self.span(at, end)));
                    return tokens;
                }
                b'[' if self.dialect.semicolons => {
                    tokens.push(Token::Mark(self.span(at, at + 1)));
                    self.inside = Inside::List(self.span(at, at + 1), Vec::new());
                    at += 1;
                }
                b']' if self.dialect.semicolons => {
                    tokens.push(Token::Mark(self.span(at, at + 1)));
                    if let Inside::List(_, words) = std::mem::replace(&mut self.inside, Inside::Nothing) {
                        tokens.push(Token::List(words));
                    }
                    at += 1;
                }
                b'{' if braces => {
                    tokens.push(Token::Open(self.span(at, at + 1)));
                    at += 1;
                }
                b'}' if braces => {
                    tokens.push(Token::Close(self.span(at, at + 1)));
                    at += 1;
                }
                b';' if self.dialect.semicolons => {
                    tokens.push(Token::Mark(self.span(at, at + 1)));
                    tokens.push(Token::End);
                    at += 1;
                }
                _ => {
                    let stops =
                        |b: &u8| b.is_ascii_whitespace() || self.dialect.semicolons && matches!(b, b';' | b'{' | b'}' | b'[' | b']');
                    // The first byte belongs to the word: a brace is no mark among the words of a command.
                    let stop = bytes[at + 1..end].iter().position(stops).map_or(end, |n| at + 1 + n);
                    let span = self.span(at, stop);
                    self.word(Word { text: &self.text[at..stop], span, outer: span }, &mut tokens);
                    at = stop;
                }
            }
        }
        tokens
    }

    /// Begins something that may reach over the end of the line; a list that was open ends before it.
    fn begin(&mut self, inside: Inside<'t>) -> Option<Token<'t>> {
        match std::mem::replace(&mut self.inside, inside) {
            Inside::List(_, words) => Some(Token::List(words)),
            _ => None,
        }
    }

    fn word(&mut self, word: Word<'t>, tokens: &mut Vec<Token<'t>>) {
        match &mut self.inside {
            Inside::List(_, words) => words.push(word),
            _ => tokens.push(Token::Word(word)),
        }
    }
}

/// The place of the mark that closes a word.
fn closing(bytes: &[u8], from: usize, mark: u8) -> Option<usize> {
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if mark == b'"' => at += 2,
            b if b == mark => return Some(at),
            _ => at += 1,
        }
    }
    None
}
