//! Values outside commands (`about_Parsing`, expression mode): literals, lists, tables, sums, and what is computed.

use super::arguments::append;
use super::scan::{Parser, is_dash, is_double_quote, is_name, is_single_quote};
use super::{Expr, Part, Quote, Statement, Text};

impl<'a> Parser<'a> {
    /// A value, or several with commas between.
    pub(super) fn expression(&mut self) -> Expr<'a> {
        let mut value = self.operand();
        loop {
            self.space(false);
            if !self.take(",") {
                return value;
            }
            self.space(true);
            if self.at_end() {
                return value;
            }
            let start = self.at;
            let next = self.operand();
            append(&mut value, next);
            if self.at == start {
                return value;
            }
        }
    }

    /// A value with the operators that follow it.
    pub(super) fn operand(&mut self) -> Expr<'a> {
        let start = self.at;
        let mut value = self.primary();
        loop {
            self.space(false);
            let Some(operator) = self.operator() else { return value };
            self.space(true);
            let next = if self.at_end() { None } else { Some(self.primary()) };
            let at = self.span(start);
            value = match (operator, value, next) {
                (Operator::Plus, Expr::Sum(mut items, _), Some(next)) => {
                    items.push(next);
                    Expr::Sum(items, at)
                }
                (Operator::Plus, first, Some(next)) => Expr::Sum(vec![first, next], at),
                (_, first, next) => {
                    let mut inner = absorbed(first);
                    inner.append(&mut run(next));
                    Expr::Computed { at, by: None, inner }
                }
            };
        }
    }

    /// Passes a binary operator.
    fn operator(&mut self) -> Option<Operator> {
        let c = self.peek()?;
        let second = self.second();
        if second == Some('=') {
            return None;
        }
        if c == '+' && second != Some('+') {
            self.skip_one();
            return Some(Operator::Plus);
        }
        if is_dash(c) && second.is_some_and(char::is_alphabetic) {
            self.skip_one();
            self.take_while(char::is_alphanumeric);
            return Some(Operator::Other);
        }
        if c == '.' && second == Some('.') {
            self.at += 2;
            return Some(Operator::Other);
        }
        if (is_dash(c) && second != Some('-')) || matches!(c, '*' | '/' | '%' | '?') {
            self.skip_one();
            return Some(Operator::Other);
        }
        None
    }

    /// A value without operators between.
    pub(super) fn primary(&mut self) -> Expr<'a> {
        self.deeper(|this| {
            let start = this.at;
            let value = this.atom();
            Some(this.postfix(start, value))
        })
        .unwrap_or_else(|| Expr::Computed { at: self.span(self.at), by: None, inner: Vec::new() })
    }

    fn atom(&mut self) -> Expr<'a> {
        let start = self.at;
        let Some(c) = self.peek() else { return self.computed(start, None) };
        if is_double_quote(c) || is_single_quote(c) {
            return Expr::Text(self.string());
        }
        match c {
            '@' => self.at_sign(),
            '$' => {
                if self.take("$(") {
                    let inner = self.group(start, ')');
                    return Expr::Computed { at: self.span(start), by: None, inner };
                }
                if let Some((name, at)) = self.variable() {
                    return Expr::Variable(name, at);
                }
                self.skip_one();
                self.computed(start, None)
            }
            '(' => {
                self.skip_one();
                let mut inner = self.group(start, ')');
                if inner.len() == 1 {
                    return self.as_value(inner.pop(), start);
                }
                Expr::Computed { at: self.span(start), by: None, inner }
            }
            '{' => {
                self.skip_one();
                let body = self.group(start, '}');
                Expr::Block(body, self.span(start))
            }
            '[' => self.cast(),
            '!' | '+' | ',' => {
                self.skip_one();
                self.computed_from(start)
            }
            c if is_dash(c) => {
                self.skip_one();
                self.take_while(char::is_alphanumeric);
                self.space(false);
                self.computed_from(start)
            }
            _ => {
                // A number, or a word where none belongs.
                let word = self.take_while(|c| is_name(c) || c == '.');
                let parts = if word.is_empty() { Vec::new() } else { vec![Part::Plain(word)] };
                if word.is_empty() || !word.starts_with(|c: char| c.is_ascii_digit()) {
                    return self.computed(start, None);
                }
                Expr::Text(Text { at: self.span(start), quote: Quote::Bare, parts })
            }
        }
    }

    fn computed(&self, start: usize, inner: Option<Expr<'a>>) -> Expr<'a> {
        Expr::Computed { at: self.span(start), by: None, inner: run(inner) }
    }

    fn computed_from(&mut self, start: usize) -> Expr<'a> {
        if self.at_end() {
            return self.computed(start, None);
        }
        let inner = self.primary();
        self.computed(start, Some(inner))
    }

    /// `@( … )`, `@{ … }`, a here-string.
    fn at_sign(&mut self) -> Expr<'a> {
        let start = self.at;
        if self.take("@(") {
            let inner = self.group(start, ')');
            let mut items = Vec::new();
            for statement in inner {
                match self.as_value(Some(statement), start) {
                    Expr::List(mut several, _) => items.append(&mut several),
                    one => items.push(one),
                }
            }
            return Expr::List(items, self.span(start));
        }
        if self.take("@{") {
            return self.table(start);
        }
        if let Some(text) = self.here_string() {
            return Expr::Text(text);
        }
        self.skip_one();
        self.computed(start, None)
    }

    /// `key = value` by line or semicolon, up to `}`.
    fn table(&mut self, start: usize) -> Expr<'a> {
        let mut entries = Vec::new();
        loop {
            self.space(true);
            let at = self.at;
            match self.peek() {
                None => {
                    self.cut(start);
                    break;
                }
                Some('}') => {
                    self.skip_one();
                    break;
                }
                Some(';') => self.skip_one(),
                Some(_) => {
                    let key = self.key();
                    self.space(false);
                    if self.take("=") {
                        self.space(true);
                        let from = self.at;
                        let value = if matches!(self.peek(), None | Some('}' | ';')) { None } else { self.deeper(Self::statement) };
                        let value = self.as_value(value, from);
                        entries.push((key, value));
                    }
                }
            }
            if self.at == at {
                self.skip_one();
            }
        }
        Expr::Table(entries, self.span(start))
    }

    fn key(&mut self) -> Text<'a> {
        let start = self.at;
        if self.peek().is_some_and(|c| is_double_quote(c) || is_single_quote(c)) {
            return self.string();
        }
        let word = self.take_while(|c| is_name(c) || is_dash(c) || c == '.');
        let parts = if word.is_empty() { Vec::new() } else { vec![Part::Plain(word)] };
        Text { at: self.span(start), quote: Quote::Bare, parts }
    }

    /// `[type]value`, `[type]::Member`.
    fn cast(&mut self) -> Expr<'a> {
        let start = self.at;
        self.brackets();
        let name: String = self.text[start..self.at].trim_matches(['[', ']', ' ']).to_ascii_lowercase();
        if self.rest().starts_with("::") {
            return self.computed(start, None);
        }
        self.space(false);
        if self.at_end() || self.peek() == Some('=') {
            return self.computed(start, None);
        }
        let value = self.primary();
        let plain = matches!(
            &*name,
            "string" | "system.string" | "string[]" | "array" | "object[]" | "ordered" | "hashtable" | "bool" | "switch" | "pscustomobject"
        );
        if plain { value } else { self.computed(start, Some(value)) }
    }

    /// Members, calls and indices behind a value.
    fn postfix(&mut self, start: usize, mut value: Expr<'a>) -> Expr<'a> {
        let mut members = 0;
        loop {
            let second = self.second();
            match self.peek() {
                Some('.')
                    if second.is_some_and(|c| c.is_alphabetic() || c == '_')
                        && !matches!(&value, Expr::Text(t) if t.quote == Quote::Bare) =>
                {
                    self.skip_one();
                    let name = self.take_while(is_name);
                    members += 1;
                    let at = self.span(start);
                    value = match value {
                        Expr::Computed { inner, .. } => Expr::Computed { at, by: None, inner },
                        // A longer way leads to nothing that a script writes out.
                        Expr::Member(..) if members > 16 => Expr::Computed { at, by: None, inner: Vec::new() },
                        other => Expr::Member(Box::new(other), name, at),
                    };
                }
                Some(':') if second == Some(':') => {
                    self.at += 2;
                    self.take_while(is_name);
                    value = Expr::Computed { at: self.span(start), by: None, inner: absorbed(value) };
                }
                Some('(') if matches!(&value, Expr::Member(..) | Expr::Computed { .. }) && self.at > start => {
                    let open = self.at;
                    self.skip_one();
                    let mut inner = self.group(open, ')');
                    if let Expr::Member(of, name, at) = &value
                        && let Expr::Variable(variable, _) = **of
                        && ["Add", "Remove", "Clear", "Set_Item"].iter().any(|n| n.eq_ignore_ascii_case(name))
                    {
                        // It changes what the variable holds.
                        let value = Expr::Computed { at: *at, by: None, inner: Vec::new() };
                        inner.push(Statement::Assign { name: variable, at: *at, entry: None, more: true, value });
                    }
                    inner.append(&mut absorbed(value));
                    value = Expr::Computed { at: self.span(start), by: None, inner };
                }
                Some('[') if !matches!(&value, Expr::Text(t) if t.quote == Quote::Bare) => {
                    self.brackets();
                    value = Expr::Computed { at: self.span(start), by: None, inner: absorbed(value) };
                }
                Some('+') if second == Some('+') => {
                    self.at += 2;
                    value = Expr::Computed { at: self.span(start), by: None, inner: absorbed(value) };
                }
                _ => return value,
            }
        }
    }
}

enum Operator {
    Plus,
    Other,
}

/// What a value runs, without a level for each operator: a long row of them nests no deeper than a short one.
fn absorbed(value: Expr<'_>) -> Vec<Statement<'_>> {
    match value {
        Expr::Computed { inner, .. } => inner,
        Expr::Sum(mut items, _) => {
            let rest = items.split_off(1.min(items.len()));
            let mut inner = items.pop().map_or_else(Vec::new, absorbed);
            inner.append(&mut run(rest));
            inner
        }
        other => run(Some(other)),
    }
}

/// Values as statements, so that what they run is found.
fn run<'a>(values: impl IntoIterator<Item = Expr<'a>>) -> Vec<Statement<'a>> {
    let command = |value: Expr<'a>| super::Command { name: None, dotted: false, at: value.at(), args: vec![super::Arg::Value(value)] };
    values.into_iter().map(|value| Statement::Run(vec![command(value)])).collect()
}
