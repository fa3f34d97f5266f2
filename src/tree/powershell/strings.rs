//! Strings in both quotes, here-strings, variables, and the parts of bare words.

use super::scan::{Parser, is_double_quote, is_name, is_single_quote};
use super::{Part, Quote, Text};
use crate::source::Span;

impl<'a> Text<'a> {
    /// The text, when it is written as it is.
    pub fn plain(&self) -> Option<&'a str> {
        match self.parts[..] {
            [] => Some(""),
            [Part::Plain(text)] => Some(text),
            _ => None,
        }
    }
}

impl<'a> Parser<'a> {
    /// A string, whose quote stands here.
    pub(super) fn string(&mut self) -> Text<'a> {
        let start = self.at;
        let double = self.peek().is_some_and(is_double_quote);
        self.skip_one();
        let inner = self.at;
        let parts = self.parts(if double { Ending::Double } else { Ending::Single });
        let end = self.at;
        if self.is_done() {
            self.cut(start);
        } else {
            self.skip_one();
        }
        let at = if inner == end { self.span(start) } else { Span::new(inner as u32, end as u32) };
        self.strings.push(at);
        Text { at, quote: if double { Quote::Double } else { Quote::Single }, parts }
    }

    /// `@"`, a line end, text, and `"@` at the beginning of a line.
    pub(super) fn here_string(&mut self) -> Option<Text<'a>> {
        let start = self.at;
        let rest = self.rest().strip_prefix('@')?;
        let quote = rest.chars().next().filter(|c| is_double_quote(*c) || is_single_quote(*c))?;
        let head = &rest[quote.len_utf8()..];
        let blanks = head.len() - head.trim_start_matches([' ', '\t', '\r']).len();
        if !head[blanks..].starts_with('\n') {
            return None;
        }
        self.at += 1 + quote.len_utf8() + blanks + 1;
        let inner = self.at;
        let double = is_double_quote(quote);
        let parts = self.parts(if double { Ending::HereDouble } else { Ending::HereSingle });
        let end = self.at;
        if self.is_done() {
            self.cut(start);
        } else {
            self.take("\r");
            self.take("\n");
            self.skip_one();
            self.take("@");
        }
        let at = if inner >= end { self.span(start) } else { Span::new(inner as u32, end as u32) };
        self.strings.push(at);
        Some(Text { at, quote: if double { Quote::Double } else { Quote::Single }, parts })
    }

    /// The parts up to the end of a text, which is not passed.
    fn parts(&mut self, ending: Ending) -> Vec<Part<'a>> {
        let mut parts = Vec::new();
        let mut plain = self.at;
        // A here-string may end at once.
        let mut fresh = true;
        while let Some(c) = self.peek() {
            if ending.is_here() {
                let close =
                    if fresh { ending.closes(self.rest()) } else { self.line_end().is_some_and(|n| ending.closes(&self.rest()[n..])) };
                if close {
                    break;
                }
                fresh = false;
            }
            let quote = match ending {
                Ending::Double => is_double_quote(c),
                Ending::Single => is_single_quote(c),
                _ => false,
            };
            if quote {
                let again = self.second().is_some_and(if ending == Ending::Double { is_double_quote } else { is_single_quote });
                if !again {
                    break;
                }
                // Two quotes are one: the first of them counts.
                self.skip_one();
                self.plain(&mut parts, plain);
                self.skip_one();
                plain = self.at;
            } else if matches!(ending, Ending::Double | Ending::HereDouble) && matches!(c, '`' | '$') {
                let from = self.at;
                if let Some(part) = self.expands() {
                    let after = self.at;
                    self.at = from;
                    self.plain(&mut parts, plain);
                    self.at = after;
                    parts.push(part);
                    plain = self.at;
                }
            } else {
                self.skip_one();
            }
        }
        self.plain(&mut parts, plain);
        parts
    }

    fn plain(&self, parts: &mut Vec<Part<'a>>, from: usize) {
        if from < self.at {
            parts.push(Part::Plain(&self.text[from..self.at]));
        }
    }

    /// The length of a line end that stands here.
    fn line_end(&self) -> Option<usize> {
        let rest = self.rest();
        if rest.starts_with("\r\n") { Some(2) } else { rest.starts_with('\n').then_some(1) }
    }

    /// A back-tick escape, a variable or an expression in text; passes one character if it is none.
    pub(super) fn expands(&mut self) -> Option<Part<'a>> {
        let start = self.at;
        if self.take("`") {
            let c = self.peek()?;
            self.skip_one();
            return Some(Part::Escape(c));
        }
        if self.rest().starts_with("$(") {
            self.at += 2;
            return Some(Part::Sub(self.group(start, ')')));
        }
        if let Some((name, at)) = self.variable() {
            return Some(Part::Variable(name, at));
        }
        self.skip_one();
        None
    }

    /// `$name`, `$scope:name`, `${name}`, `$$`; passes nothing if it is none.
    pub(super) fn variable(&mut self) -> Option<(&'a str, Span)> {
        let start = self.at;
        let rest = self.rest().strip_prefix('$')?;
        let first = rest.chars().next()?;
        if first == '{' {
            // A longer name is none: the search stays short.
            let end = rest.bytes().take(200).position(|b| b == b'}')?;
            self.at += end + 2;
            return Some((&rest[1..end], self.span(start)));
        }
        if matches!(first, '$' | '^' | '?') {
            self.at += 2;
            return Some((&rest[..1], self.span(start)));
        }
        let name = |text: &str| text.find(|c| !is_name(c)).unwrap_or(text.len());
        let mut end = name(rest);
        if end > 0 && rest[end..].starts_with(':') && rest[end + 1..].starts_with(is_name) {
            end += 1 + name(&rest[end + 1..]);
        }
        if end == 0 {
            return None;
        }
        self.at += 1 + end;
        Some((&rest[..end], self.span(start)))
    }
}

/// How a text ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Double,
    Single,
    HereDouble,
    HereSingle,
}

impl Ending {
    const fn is_here(self) -> bool {
        matches!(self, Self::HereDouble | Self::HereSingle)
    }

    /// Whether this is the line that ends a here-string.
    fn closes(self, line: &str) -> bool {
        let mut chars = line.chars();
        let quote = chars.next().is_some_and(|c| if self == Self::HereDouble { is_double_quote(c) } else { is_single_quote(c) });
        quote && chars.next() == Some('@')
    }
}
