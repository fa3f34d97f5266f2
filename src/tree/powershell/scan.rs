//! Moving forward in the text: blanks, comments, brackets, and how deep the reading is.

use super::{Script, Statement};
use crate::source::Span;

/// Deeper nesting is not read as such: it would be a file made to break readers.
const DEPTH: usize = 80;

/// Where the reading stands.
pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    depth: usize,
    comments: Vec<Span>,
    pub(super) strings: Vec<Span>,
    cut: Option<Span>,
}

/// Whether a character counts as a dash (`about_Parsing`: en dash, em dash and horizontal bar too).
pub const fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2013}' | '\u{2014}' | '\u{2015}')
}

pub(super) const fn is_single_quote(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}')
}

pub(super) const fn is_double_quote(c: char) -> bool {
    matches!(c, '"' | '\u{201c}' | '\u{201d}' | '\u{201e}')
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() && c != '\n' && c != '\r' || c == '\u{feff}'
}

pub(super) fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

impl<'a> Parser<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0, comments: Vec::new(), strings: Vec::new(), cut: None }
    }

    pub(super) fn finish(self, body: Vec<Statement<'a>>) -> Script<'a> {
        Script { body, comments: self.comments, strings: self.strings, cut: self.cut }
    }

    pub(super) const fn is_done(&self) -> bool {
        self.at >= self.text.len()
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    pub(super) fn skip_one(&mut self) {
        self.at += self.peek().map_or(0, char::len_utf8);
    }

    /// Steps over this text, if it stands here.
    pub(super) fn take(&mut self, text: &str) -> bool {
        let here = self.rest().starts_with(text);
        self.at += if here { text.len() } else { 0 };
        here
    }

    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    pub(super) const fn span(&self, start: usize) -> Span {
        Span::new(start as u32, self.at as u32)
    }

    /// Notes that what began here has no end.
    pub(super) fn cut(&mut self, start: usize) {
        let end = start + self.text[start..].chars().next().map_or(0, char::len_utf8);
        self.cut.get_or_insert(Span::new(start as u32, end as u32));
    }

    /// Passes over blanks, comments and continued lines; over line ends too if `lines`.
    pub(super) fn space(&mut self, lines: bool) {
        loop {
            let start = self.at;
            match self.peek() {
                Some(c) if is_blank(c) => {
                    self.take_while(is_blank);
                }
                Some('\n' | '\r') if lines => self.skip_one(),
                Some('`') if self.rest().starts_with("`\n") => self.at += 2,
                Some('`') if self.rest().starts_with("`\r") => {
                    self.at += 2;
                    self.take("\n");
                }
                Some('#') => {
                    self.take_while(|c| c != '\n' && c != '\r');
                    self.comments.push(self.span(start));
                }
                Some('<') if self.rest().starts_with("<#") => {
                    match self.rest().find("#>") {
                        Some(n) => self.at += n + 2,
                        None => {
                            self.cut(start);
                            self.at = self.text.len();
                        }
                    }
                    self.comments.push(self.span(start));
                }
                _ => return,
            }
        }
    }

    /// Runs a reader one level deeper; too deep, the rest is passed over.
    pub(super) fn deeper<T: Default>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        if self.depth >= DEPTH {
            let start = self.at;
            self.cut(start);
            self.at = self.text.len();
            // What is not read may hold a key.
            self.strings.push(self.span(start));
            return T::default();
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    /// `[ … ]`, which is passed over.
    pub(super) fn brackets(&mut self) {
        let (mut depth, mut parens) = (0_u32, 0_u32);
        while let Some(c) = self.peek() {
            if is_double_quote(c) || is_single_quote(c) {
                self.string();
                continue;
            }
            if matches!(c, '\n' | ';') && parens == 0 {
                return;
            }
            self.skip_one();
            match c {
                '[' => depth += 1,
                ']' => depth -= 1,
                '(' => parens += 1,
                ')' => parens = parens.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// Whether a statement ends here.
    pub(super) fn at_end(&self) -> bool {
        matches!(self.peek(), None | Some('\n' | '\r' | ';' | '|' | '&' | ')' | '}'))
    }
}
