//! Statements: commands in pipelines, assignments, and what holds blocks of them.

use super::scan::{Parser, is_dash, is_name};
use super::{Arg, Block, BlockKind, Command, Expr, Statement};
use crate::source::Span;

impl<'a> Parser<'a> {
    /// Statements up to a bracket that closes, or the end.
    pub(super) fn statements(&mut self) -> Vec<Statement<'a>> {
        self.deeper(|this| {
            let mut body = Vec::new();
            loop {
                this.space(true);
                match this.peek() {
                    None | Some(')' | '}') => return body,
                    Some(';' | ',' | '|' | ']') => this.skip_one(),
                    Some('&') if this.second() == Some('&') => this.skip_one(),
                    Some(_) => {
                        let start = this.at;
                        body.extend(this.statement());
                        if this.at == start {
                            this.skip_one();
                        }
                    }
                }
            }
        })
    }

    /// Statements between an opening bracket, which is passed already, and `close`.
    pub(super) fn group(&mut self, start: usize, close: char) -> Vec<Statement<'a>> {
        let mut body = self.statements();
        // A bracket of another kind closes nothing here.
        while self.peek().is_some_and(|c| c != close) {
            self.skip_one();
            body.append(&mut self.statements());
        }
        if self.peek() == Some(close) {
            self.skip_one();
        } else {
            self.cut(start);
        }
        body
    }

    /// A word of letters that stands here, in lower case; nothing is passed.
    fn keyword(&self) -> String {
        let rest = self.rest();
        let end = rest.bytes().position(|b| !b.is_ascii_alphabetic()).unwrap_or(rest.len());
        // `If-Command` and `if.exe` are commands.
        let goes_on = rest[end..].starts_with(|c: char| is_name(c) || is_dash(c) || matches!(c, '.' | '\\' | '/' | ':'));
        if end > 12 || goes_on { String::new() } else { rest[..end].to_ascii_lowercase() }
    }

    pub(super) fn statement(&mut self) -> Option<Statement<'a>> {
        let keyword = self.keyword();
        let kind = match &*keyword {
            "if" | "elseif" | "else" | "switch" | "try" | "catch" | "finally" | "trap" => BlockKind::Branch,
            "foreach" | "for" | "while" | "do" => BlockKind::Loop,
            "function" | "filter" | "workflow" | "configuration" | "class" | "enum" => BlockKind::Function,
            "begin" | "process" | "end" | "dynamicparam" => BlockKind::Once,
            "param" => {
                self.at += keyword.len();
                self.space(true);
                let (sets, body) = self.parameters();
                return Some(Statement::Blocks(vec![Block { kind: BlockKind::Once, sets, body }]));
            }
            "return" | "throw" | "exit" | "break" | "continue" => {
                self.at += keyword.len();
                self.space(false);
                return if self.at_end() { None } else { self.deeper(Self::statement) };
            }
            _ => return self.pipeline(),
        };
        self.at += keyword.len();
        Some(Statement::Blocks(self.compound(kind)))
    }

    /// The parts of a compound statement behind its word.
    fn compound(&mut self, kind: BlockKind) -> Vec<Block<'a>> {
        let mut blocks = Vec::new();
        // Whether a block is still to come.
        let mut open = true;
        loop {
            let before = self.at;
            self.space(false);
            let start = self.at;
            match self.peek() {
                Some('(') if kind == BlockKind::Function => {
                    let (sets, body) = self.parameters();
                    blocks.push(Block { kind, sets, body });
                }
                Some('(') => {
                    self.skip_one();
                    self.space(true);
                    let mut sets = Vec::new();
                    if self.peek() == Some('$') {
                        // `foreach ($x in …)`
                        let name = self.at;
                        self.skip_one();
                        let variable = self.take_while(is_name);
                        self.space(true);
                        if self.keyword() == "in" && kind == BlockKind::Loop {
                            self.at += 2;
                            sets.push(variable);
                        } else {
                            self.at = name;
                        }
                    }
                    let body = self.group(start, ')');
                    blocks.push(Block { kind: if kind == BlockKind::Loop { kind } else { BlockKind::Once }, sets, body });
                }
                Some('{') => {
                    self.skip_one();
                    let body = self.group(start, '}');
                    blocks.push(Block { kind, sets: Vec::new(), body });
                    open = false;
                }
                Some('\n' | '\r') => {
                    self.space(true);
                    let goes_on = open && matches!(self.peek(), Some('{' | '('));
                    if !goes_on && !self.follows() {
                        self.at = before;
                        return blocks;
                    }
                }
                None | Some(';' | ')' | '}' | '|' | '&' | ',') => return blocks,
                Some(_) if !open && !self.follows() => return blocks,
                Some('[') => self.brackets(),
                // A function's name, a flag of `switch`, `else`.
                Some(_) => {
                    open = true;
                    self.take_while(|c| !c.is_whitespace() && !matches!(c, '(' | '{' | ';' | '[' | ')' | '}' | '#' | '"' | '\''));
                    if self.at == start {
                        self.argument_or_skip();
                    }
                }
            }
        }
    }

    /// Whether a word stands here that goes on with a compound statement.
    fn follows(&self) -> bool {
        matches!(&*self.keyword(), "else" | "elseif" | "catch" | "finally" | "while" | "until")
    }

    fn argument_or_skip(&mut self) {
        let start = self.at;
        self.primary();
        if self.at == start {
            self.skip_one();
        }
    }

    /// `( [type]$name = default, … )`: the names, and what the defaults run.
    fn parameters(&mut self) -> (Vec<&'a str>, Vec<Statement<'a>>) {
        let start = self.at;
        let (mut names, mut body) = (Vec::new(), Vec::new());
        if !self.take("(") {
            return (names, body);
        }
        loop {
            self.space(true);
            match self.peek() {
                None => {
                    self.cut(start);
                    return (names, body);
                }
                Some(')') => {
                    self.skip_one();
                    return (names, body);
                }
                Some('$') => {
                    self.skip_one();
                    names.push(self.take_while(|c| is_name(c) || c == ':'));
                }
                Some('[') => self.brackets(),
                Some('=') => {
                    self.skip_one();
                    self.space(true);
                    let from = self.at;
                    let value = self.operand();
                    body.push(Statement::Run(vec![Command {
                        name: None,
                        dotted: false,
                        at: self.span(from),
                        args: vec![Arg::Value(value)],
                    }]));
                    if self.at == from {
                        self.skip_one();
                    }
                }
                Some(_) => self.skip_one(),
            }
        }
    }

    /// An assignment, or commands in a row.
    fn pipeline(&mut self) -> Option<Statement<'a>> {
        let mut commands = Vec::new();
        loop {
            let start = self.at;
            let dotted = self.peek() == Some('.') && self.second().is_none_or(char::is_whitespace);
            let call = dotted || self.peek() == Some('&');
            if call {
                self.skip_one();
                self.space(false);
            }
            if call || self.peek().is_some_and(|c| c.is_alphabetic() || matches!(c, '\\' | '.' | '%' | '?' | '_' | '/' | '*')) {
                commands.push(Command { dotted, ..self.command() });
            } else {
                let value = self.expression();
                self.space(false);
                if commands.is_empty()
                    && let Some(more) = self.assigns()
                {
                    return Some(self.assignment(start, value, more));
                }
                commands.push(Command { name: None, dotted: false, at: self.span(start), args: vec![Arg::Value(value)] });
            }
            self.space(false);
            if self.rest().starts_with("||") || !self.take("|") {
                return Some(Statement::Run(commands));
            }
            self.space(true);
            if matches!(self.peek(), None | Some(')' | '}')) {
                return Some(Statement::Run(commands));
            }
        }
    }

    /// Passes an assignment's sign; whether it adds.
    fn assigns(&mut self) -> Option<bool> {
        for (sign, more) in [("+=", true), ("-=", true), ("*=", true), ("/=", true), ("%=", true), ("??=", true), ("=", false)] {
            if self.take(sign) {
                return Some(more);
            }
        }
        None
    }

    fn assignment(&mut self, start: usize, target: Expr<'a>, more: bool) -> Statement<'a> {
        self.space(true);
        let at = self.at;
        let value = self.deeper(Self::statement);
        let value = self.as_value(value, at);
        match target {
            Expr::Variable(name, at) => Statement::Assign { name, at, entry: None, more, value },
            Expr::Member(table, entry, place) if matches!(*table, Expr::Variable(..)) => {
                let Expr::Variable(name, at) = *table else { return Statement::Run(Vec::new()) };
                Statement::Assign { name, at, entry: Some((entry, Span::new(at.end + 1, place.end))), more, value }
            }
            // `[type]$name = …`, `$a, $b = …`: each is set to something.
            other => {
                let mut body = Vec::new();
                targets(&other, &mut body);
                body.push(Statement::Run(vec![Command { name: None, dotted: false, at: self.span(start), args: vec![Arg::Value(value)] }]));
                Statement::Blocks(vec![Block { kind: BlockKind::Once, sets: Vec::new(), body }])
            }
        }
    }

    /// What a statement yields, taken as a value.
    pub(super) fn as_value(&self, statement: Option<Statement<'a>>, start: usize) -> Expr<'a> {
        let at = self.span(start);
        match statement {
            Some(Statement::Run(mut commands)) if commands.len() == 1 && commands[0].name.is_none() && commands[0].args.len() == 1 => {
                match commands.remove(0).args.remove(0) {
                    Arg::Value(value) => value,
                    Arg::Parameter { at, .. } | Arg::Splat(_, at) => Expr::Computed { at, by: None, inner: Vec::new() },
                }
            }
            // `$a = $b = 'x'`
            Some(assign @ Statement::Assign { .. }) => Expr::Computed { at, by: None, inner: vec![assign] },
            Some(statement) => {
                let by = match &statement {
                    Statement::Run(commands) => commands.first().and_then(|c| c.name.as_ref()).and_then(super::Text::plain),
                    _ => None,
                };
                Expr::Computed { at, by, inner: vec![statement] }
            }
            None => Expr::Computed { at, by: None, inner: Vec::new() },
        }
    }
}

/// The variables of an assignment's left side, as set to what is not known.
fn targets<'a>(target: &Expr<'a>, found: &mut Vec<Statement<'a>>) {
    match target {
        Expr::Variable(name, at) => {
            let value = Expr::Computed { at: *at, by: None, inner: Vec::new() };
            found.push(Statement::Assign { name, at: *at, entry: None, more: true, value });
        }
        Expr::List(items, _) => items.iter().for_each(|item| targets(item, found)),
        Expr::Computed { inner, .. } => {
            for statement in inner {
                if let Statement::Run(commands) = statement
                    && let [Command { name: None, args, .. }] = &commands[..]
                    && let [Arg::Value(value)] = &args[..]
                {
                    targets(value, found);
                }
            }
        }
        _ => {}
    }
}
