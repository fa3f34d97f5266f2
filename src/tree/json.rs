//! JSON, and its relaxed form with comments and trailing commas that ONC files use.
//!
//! The library splits the text into tokens; the tree is built here, so that one error does not cost the rest.

use std::borrow::Cow;
use std::collections::HashSet;

use jsonc_parser::errors::{ParseError, ParseErrorKind as E};
use jsonc_parser::tokens::Token;
use jsonc_parser::{ParseStringErrorKind, Scanner, ScannerOptions};

use super::{
    BROKEN, Entry, Kind, MAX_DUMP_NODES, MAX_ERRORS, MAX_NODES, Node, Parsed, REPEATED, SyntaxError, TOO_DEEP, first_line, over_limit, tidy,
};
use crate::source::Span;

/// Reads a document; `base` is the place of its first byte. `lenient` allows comments, trailing commas,
/// single quotes, unquoted keys and the numbers of JSON5; otherwise the first two are errors that are
/// read over.
pub fn parse(text: &str, base: u32, lenient: bool) -> Parsed<'_> {
    read(text, base, lenient, 0)
}

/// Reads the dump of a whole organisation, which may have [`MAX_DUMP_NODES`] values.
pub fn parse_dump(text: &str, base: u32) -> Parsed<'_> {
    read(text, base, false, MAX_DUMP_NODES - MAX_NODES)
}

fn read(text: &str, base: u32, lenient: bool, spare: usize) -> Parsed<'_> {
    let mut reader = Reader {
        text,
        base,
        lenient,
        offset: 0,
        scanner: scanner(text, lenient),
        token: None,
        span: Span::new(base, base),
        last: Span::new(base, base),
        nodes: 0,
        spare,
        errors: Vec::new(),
    };
    reader.next();
    let root = reader.value(0, None);
    if root.is_none() {
        reader.error(reader.span, "a value is missing");
    } else if reader.token.is_some() {
        reader.error(reader.span, "text follows the value");
    }
    let errors = tidy(text, base, reader.errors);
    Parsed { root, errors }
}

fn scanner(text: &str, lenient: bool) -> Scanner<'_> {
    let options = ScannerOptions {
        allow_single_quoted_strings: lenient,
        allow_hexadecimal_numbers: lenient,
        allow_unary_plus_numbers: lenient,
        allow_bare_decimal_point_numbers: lenient,
        allow_non_finite_numbers: lenient,
        allow_extended_string_escapes: lenient,
    };
    Scanner::new(text, &options)
}

struct Reader<'a> {
    text: &'a str,
    base: u32,
    lenient: bool,
    /// Where the scanner began: anew after each piece that is no token.
    offset: usize,
    scanner: Scanner<'a>,
    token: Option<Read<'a>>,
    span: Span,
    /// The token before.
    last: Span,
    nodes: usize,
    /// Nodes beyond the usual limit.
    spare: usize,
    errors: Vec<SyntaxError>,
}

enum Read<'a> {
    Token(Token<'a>),
    /// A piece that is no token; an error tells of it.
    Broken,
}

impl<'a> Reader<'a> {
    /// Steps to the next token that is no comment.
    fn next(&mut self) {
        self.last = self.span;
        loop {
            let scanned = self.scanner.scan();
            let start = self.offset + self.scanner.token_start();
            match scanned {
                Ok(token) => {
                    let end = self.offset + self.scanner.token_end();
                    self.span = self.range(start, end.max(start));
                    match token {
                        Some(Token::CommentLine(_) | Token::CommentBlock(_)) => {
                            if !self.lenient {
                                self.error(self.span, "JSON has no comments");
                            }
                            continue;
                        }
                        Some(Token::String(_)) if self.text[start..end].contains('\n') => {
                            self.resume(start, "a string is not closed");
                        }
                        token => self.token = token.map(Read::Token),
                    }
                }
                Err(error) if self.errors.len() < MAX_ERRORS => {
                    self.resume(start, describe(&error));
                }
                // The library counts lines for each error, so there must be an end to them.
                Err(_) => {
                    self.offset = self.text.len();
                    self.scanner = scanner("", self.lenient);
                    self.span = self.range(self.offset, self.offset);
                    self.token = None;
                }
            }
            return;
        }
    }

    /// Makes the rest of the line, up to what may be the next member's comma, one broken token.
    fn resume(&mut self, start: usize, message: &'static str) {
        let rest = &self.text[start..];
        let quoted = rest.starts_with(['"', '\'']);
        let end = rest.find(|c: char| c == '\n' || !quoted && ",]}".contains(c));
        let end = start + end.unwrap_or(rest.len());
        let end = end.max(start + rest.chars().next().map_or(0, char::len_utf8));
        self.span = self.range(start, end);
        self.error(self.span, message);
        self.offset = end;
        self.scanner = scanner(&self.text[end..], self.lenient);
        self.token = Some(Read::Broken);
    }

    /// Reads a value, if one begins here; `key` is the place of its key.
    fn value(&mut self, depth: usize, key: Option<Span>) -> Option<Node<'a>> {
        let start = self.span;
        self.nodes += 1;
        if let Some(reason) = over_limit(depth, self.nodes.saturating_sub(self.spare)) {
            self.error(start, reason);
            self.skip();
            return Some(self.node(Kind::Opaque(reason.into()), start, key));
        }
        let kind = match self.token.take()? {
            Read::Broken => Kind::Opaque(BROKEN.into()),
            Read::Token(token) => match token {
                Token::OpenBrace => self.map(start, depth),
                Token::OpenBracket => self.seq(start, depth),
                Token::String(text) => Kind::Str(text),
                Token::Boolean(value) => Kind::Bool(value),
                Token::Null => Kind::Null,
                Token::Number(text) => number(text),
                Token::Word(_) => {
                    self.error(start, "a text is not in quotes");
                    Kind::Opaque(BROKEN.into())
                }
                other => {
                    self.token = Some(Read::Token(other));
                    return None;
                }
            },
        };
        self.next();
        let span = start.to(self.last);
        let mut node = self.node(kind, span, key);
        if !self.at_end() && depth > 0 && !self.on_next_line(span) {
            self.error(self.span, "a comma is missing");
            node.kind = Kind::Opaque(BROKEN.into());
        }
        Some(node)
    }

    fn at_end(&self) -> bool {
        use Token::{CloseBrace, CloseBracket, Comma};
        let token = self.token.as_ref();
        matches!(token, None | Some(Read::Token(CloseBrace | CloseBracket | Comma)))
    }

    fn on_next_line(&self, before: Span) -> bool {
        let range = (before.end - self.base) as usize..(self.span.start - self.base) as usize;
        self.text[range].contains('\n')
    }

    /// Leaves the current token at the closing brace, as all values end on their last token.
    fn map(&mut self, open: Span, depth: usize) -> Kind<'a> {
        let mut entries: Vec<Entry<'a>> = Vec::new();
        let mut seen = HashSet::new();
        self.next();
        loop {
            let key_span = self.span;
            let key = match self.token.take() {
                Some(Read::Token(Token::CloseBrace)) => break,
                None => {
                    self.error(open, "a `{` is not closed");
                    break;
                }
                Some(Read::Token(Token::CloseBracket)) => {
                    // Another collection's end: leave it to that one.
                    self.error(self.span, "a `}` is missing");
                    self.step_back(Token::CloseBracket);
                    break;
                }
                Some(Read::Token(Token::String(text))) => text,
                Some(Read::Token(Token::Comma)) => {
                    self.error(self.span, "there is one comma too many");
                    self.next();
                    continue;
                }
                Some(Read::Token(Token::Word(_) | Token::Number(_) | Token::Boolean(_) | Token::Null)) => {
                    if !self.lenient {
                        self.error(key_span, "a key is not in quotes");
                    }
                    Cow::Borrowed(self.slice(key_span))
                }
                other => {
                    if !matches!(other, Some(Read::Broken)) {
                        self.error(key_span, "a key is missing");
                    }
                    self.token = other;
                    self.skip();
                    self.separator(false);
                    continue;
                }
            };
            self.next();
            let value = if matches!(self.token, Some(Read::Token(Token::Colon))) {
                self.next();
                let value = self.value(depth + 1, Some(key_span));
                if value.is_none() {
                    self.error(self.last, "a key has no value");
                }
                value
            } else {
                self.error(self.span, "a `:` after a key is missing");
                if !self.at_end() && !self.on_next_line(key_span) {
                    self.skip();
                }
                None
            };
            let broken = || Kind::Opaque(BROKEN.into());
            let value = value.unwrap_or_else(|| self.node(broken(), key_span, Some(key_span)));
            if seen.insert(key.clone()) {
                entries.push(Entry { key, key_span, value });
            } else {
                self.error(key_span, REPEATED);
            }
            self.separator(true);
        }
        Kind::Map(entries)
    }

    fn seq(&mut self, open: Span, depth: usize) -> Kind<'a> {
        let mut items = Vec::new();
        self.next();
        loop {
            match &self.token {
                Some(Read::Token(Token::CloseBracket)) => break,
                None => {
                    self.error(open, "a `[` is not closed");
                    break;
                }
                Some(Read::Token(Token::CloseBrace)) => {
                    self.error(self.span, "a `]` is missing");
                    self.step_back(Token::CloseBrace);
                    break;
                }
                Some(Read::Token(Token::Comma)) => {
                    self.error(self.span, "there is one comma too many");
                    self.next();
                }
                Some(Read::Token(Token::Colon)) => {
                    self.error(self.span, "a list holds a key, so perhaps it is not closed");
                    self.next();
                }
                _ => {
                    items.extend(self.value(depth + 1, None));
                    self.separator(true);
                }
            }
        }
        Kind::Seq(items)
    }

    /// Sees to it that the step after a value meets `token` again.
    fn step_back(&mut self, token: Token<'a>) {
        let at = (self.span.start - self.base) as usize;
        self.offset = at;
        self.scanner = scanner(&self.text[at..], self.lenient);
        self.span = self.last;
        self.token = Some(Read::Token(token));
    }

    /// Goes over the comma between two members.
    fn separator(&mut self, wanted: bool) {
        use Token::{CloseBrace, CloseBracket, Comma};
        match &self.token {
            Some(Read::Token(Comma)) => {
                let comma = self.span;
                self.next();
                let closes = matches!(self.token, Some(Read::Token(CloseBrace | CloseBracket)));
                if closes && !self.lenient {
                    self.error(comma, "JSON has no comma before a closing bracket");
                }
            }
            None | Some(Read::Token(CloseBrace | CloseBracket) | Read::Broken) => {}
            Some(Read::Token(_)) if wanted => self.error(self.last, "a comma is missing"),
            Some(Read::Token(_)) => {}
        }
    }

    /// Goes over one value, or one token, without a look at what it holds.
    fn skip(&mut self) {
        let mut open = 0_usize;
        loop {
            match &self.token {
                Some(Read::Token(Token::OpenBrace | Token::OpenBracket)) => open += 1,
                Some(Read::Token(Token::CloseBrace | Token::CloseBracket)) => {
                    open = open.saturating_sub(1);
                }
                None => return,
                _ => {}
            }
            self.next();
            if open == 0 {
                return;
            }
        }
    }

    fn node(&self, kind: Kind<'a>, span: Span, key: Option<Span>) -> Node<'a> {
        Node { kind, span, head: key.unwrap_or_else(|| first_line(self.text, self.base, span)), via: None }
    }

    fn slice(&self, span: Span) -> &'a str {
        &self.text[(span.start - self.base) as usize..(span.end - self.base) as usize]
    }

    fn range(&self, start: usize, end: usize) -> Span {
        Span::new(self.base + start as u32, self.base + end as u32)
    }

    fn error(&mut self, span: Span, message: &'static str) {
        // One too many comes first only when the text is hostile: `tidy` sorts, so keep some more.
        if self.errors.len() < 100 * MAX_ERRORS {
            let message = message.into();
            self.errors.push(SyntaxError { span, message });
        }
    }
}

fn number<'a>(text: &str) -> Kind<'a> {
    if let Ok(number) = text.parse() {
        return Kind::Int(number);
    }
    let (negative, digits) = match text.strip_prefix(['-', '+']) {
        Some(digits) => (text.starts_with('-'), digits),
        None => (false, text),
    };
    if let Some(hex) = digits.strip_prefix("0x").or(digits.strip_prefix("0X")) {
        let number = i64::from_str_radix(hex, 16).map(|n| if negative { -n } else { n });
        return number.map_or_else(|_| Kind::Opaque(BROKEN.into()), Kind::Int);
    }
    text.parse().map_or_else(|_| Kind::Opaque(BROKEN.into()), Kind::Float)
}

/// Payloads are left out: they may hold text of the file.
fn describe(error: &ParseError) -> &'static str {
    match error.kind() {
        E::String(ParseStringErrorKind::UnterminatedStringLiteral) => "a string is not closed",
        E::String(_) => "an escape after `\\` is not known",
        E::SingleQuotedStringsNotAllowed => "JSON has no single quotes",
        E::UnterminatedCommentBlock => "a comment is not closed",
        E::HexadecimalNumbersNotAllowed
        | E::UnaryPlusNumbersNotAllowed
        | E::BareDecimalPointNumbersNotAllowed
        | E::NonFiniteNumbersNotAllowed
        | E::ExpectedDigit
        | E::ExpectedDigitFollowingNegativeSign
        | E::ExpectedPlusMinusOrDigitInNumberLiteral => "a number is not valid",
        E::NestingDepthExceeded => TOO_DEEP,
        _ => "this is not valid JSON here",
    }
}

#[cfg(test)]
mod tests;
