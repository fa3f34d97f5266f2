//! Moving forward in the text: blanks, comments, names, and statements.

use super::{Arg, Block, BlockKind, Command, Expr, Script, Statement};
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

    /// Whether a statement ends here.
    pub(super) fn at_end(&self) -> bool {
        matches!(self.peek(), None | Some('\n' | '\r' | ';' | '|' | '&' | ')' | '}'))
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
