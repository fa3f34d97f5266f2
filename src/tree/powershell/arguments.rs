//! Commands: a name, and arguments that are bare words, parameters or values (`about_Parsing`, argument mode).

use super::scan::{Parser, is_dash, is_double_quote, is_single_quote};
use super::{Arg, Command, Expr, Part, Quote, Text};
use crate::source::Span;

/// Whether a bare word ends here.
fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '{' | '}' | '(' | ')' | ';' | ',' | '|' | '&' | '<' | '>')
}

impl<'a> Parser<'a> {
    /// A command with its arguments.
    pub(super) fn command(&mut self) -> Command<'a> {
        let start = self.at;
        let name = match self.peek() {
            Some(c) if is_double_quote(c) || is_single_quote(c) => Some(self.string()),
            Some('$' | '(' | '{' | '@') => {
                // `& $command`: which one is not known.
                let value = self.primary();
                let args = [Arg::Value(value)].into_iter().chain(self.arguments()).collect();
                let name = Some(Text { at: self.span(start), quote: Quote::Bare, parts: Vec::new() });
                return Command { name, dotted: false, at: self.span(start), args };
            }
            _ => Some(self.word()),
        };
        let args = self.arguments();
        Command { name, dotted: false, at: self.span(start), args }
    }

    fn arguments(&mut self) -> Vec<Arg<'a>> {
        let mut args: Vec<Arg<'a>> = Vec::new();
        loop {
            self.space(false);
            let start = self.at;
            match self.peek() {
                _ if self.at_end() => return args,
                None => return args,
                Some('<' | '>') => self.redirection(&mut args),
                Some(',') => {
                    self.skip_one();
                    self.space(true);
                    if self.at_end() {
                        continue;
                    }
                    let next = self.argument();
                    match args.last_mut() {
                        Some(Arg::Value(first) | Arg::Parameter { value: Some(first), .. }) => append(first, next),
                        _ => args.push(Arg::Value(next)),
                    }
                }
                Some('@') if self.second().is_some_and(|c| c.is_alphabetic() || c == '_') => {
                    self.skip_one();
                    let name = self.take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':'));
                    args.push(Arg::Splat(name, self.span(start)));
                }
                Some(c) if is_dash(c) && self.second().is_some_and(|c| c.is_alphabetic() || c == '_' || c == '?') => {
                    let arg = self.parameter();
                    args.push(arg);
                }
                Some(_) => {
                    let value = self.argument();
                    args.push(Arg::Value(value));
                }
            }
            if self.at == start {
                self.skip_one();
            }
        }
    }

    /// `> file`, `2>&1`: neither is an argument.
    fn redirection(&mut self, args: &mut Vec<Arg<'a>>) {
        let stream = |arg: &Arg<'_>| match arg {
            Arg::Value(Expr::Text(text)) => {
                text.at.end as usize == self.at && text.plain().is_some_and(|t| matches!(t, "1" | "2" | "3" | "4" | "5" | "6" | "*"))
            }
            _ => false,
        };
        if args.last().is_some_and(stream) {
            args.pop();
        }
        self.take_while(|c| matches!(c, '<' | '>'));
        if self.take("&") {
            self.take_while(|c| c.is_ascii_digit());
            return;
        }
        self.space(false);
        if !self.at_end() {
            self.argument();
        }
    }

    /// `-Name`, `-Name:value`; a quote in it makes it a word.
    fn parameter(&mut self) -> Arg<'a> {
        let start = self.at;
        self.skip_one();
        let name =
            self.take_while(|c| !ends_word(c) && !matches!(c, ':' | '.' | '[' | '=' | '`') && !is_double_quote(c) && !is_single_quote(c));
        let at = self.span(start);
        if self.peek().is_some_and(|c| is_double_quote(c) || is_single_quote(c)) {
            self.at = start;
            return Arg::Value(Expr::Text(self.word()));
        }
        if !self.take(":") {
            return Arg::Parameter { name, at, value: None };
        }
        self.space(false);
        let value = if self.at_end() { None } else { Some(self.argument()) };
        Arg::Parameter { name, at, value }
    }

    /// A value in a command.
    fn argument(&mut self) -> Expr<'a> {
        match self.peek() {
            Some(c) if is_double_quote(c) || is_single_quote(c) => self.primary(),
            Some('$' | '(' | '{' | '@') => {
                let start = self.at;
                let value = self.primary();
                // `$a/b` is one word.
                if let (Expr::Variable(name, at), Some(c)) = (&value, self.peek())
                    && !ends_word(c)
                {
                    let first = Part::Variable(name, *at);
                    return Expr::Text(self.word_from(start, vec![first]));
                }
                value
            }
            _ => Expr::Text(self.word()),
        }
    }

    /// A bare word, with the quoted pieces in it.
    pub(super) fn word(&mut self) -> Text<'a> {
        self.word_from(self.at, Vec::new())
    }

    fn word_from(&mut self, start: usize, mut parts: Vec<Part<'a>>) -> Text<'a> {
        let mut plain = self.at;
        while let Some(c) = self.peek() {
            if ends_word(c) {
                break;
            }
            if !(is_double_quote(c) || is_single_quote(c) || matches!(c, '`' | '$')) {
                self.skip_one();
                continue;
            }
            if plain < self.at {
                parts.push(Part::Plain(&self.text[plain..self.at]));
            }
            plain = self.at;
            if is_double_quote(c) || is_single_quote(c) {
                parts.append(&mut self.string().parts);
                plain = self.at;
            } else if self.rest().starts_with("`\n") || self.rest().starts_with("`\r") {
                break;
            } else if let Some(part) = self.expands() {
                parts.push(part);
                plain = self.at;
            }
        }
        if plain < self.at {
            parts.push(Part::Plain(&self.text[plain..self.at]));
        }
        Text { at: self.span(start), quote: Quote::Bare, parts }
    }
}

/// Makes a list of two values.
pub(super) fn append<'a>(first: &mut Expr<'a>, next: Expr<'a>) {
    let at = Span::new(first.at().start, next.at().end);
    match first {
        Expr::List(items, place) => {
            items.push(next);
            *place = at;
        }
        _ => {
            let one = std::mem::replace(first, Expr::Computed { at, by: None, inner: Vec::new() });
            *first = Expr::List(vec![one, next], at);
        }
    }
}
