//! Goes through a script in its order, and gathers what it says of each connection.

use std::collections::HashMap;
use std::rc::Rc;

use super::cmdlets::{self, Bound, Cmdlet};
use super::draft::{Called, Draft, MAY_NOT_RUN};
use super::values::{Scope, Unknown, Value, plain_name};
use crate::source::Span;
use crate::tree::powershell::{Arg, Block, BlockKind, Command, Expr, Script, Statement};

const PARAMETER: &str = "is a parameter, which whoever runs the script gives";
const LOOP: &str = "is set by a loop";

/// A walk through a script.
#[derive(Default)]
pub struct Run<'s, 'a> {
    scope: Scope,
    /// What was found.
    pub drafts: Vec<Draft>,
    /// Arguments that no known parameter takes.
    pub stray: Vec<Span>,
    /// Bare words and lists that hold a secret by the name of their parameter or variable.
    pub secrets: Vec<Span>,
    path: Vec<u32>,
    blocks: u32,
    /// The drafts of each name.
    index: HashMap<Called, Vec<usize>>,
    /// A route of a connection whose name is not known.
    some_route: Option<Span>,
    functions: Vec<&'s Block<'a>>,
    /// How often each variable is set in the whole script.
    counts: HashMap<String, u32>,
}

impl<'s, 'a> Run<'s, 'a> {
    /// Goes through a script.
    pub fn through(script: &'s Script<'a>) -> Self {
        let mut run = Self::default();
        run.count(&script.body);
        run.walk(&script.body);
        // Functions run when all that stands outside is set.
        let often: Vec<String> = run.counts.iter().filter(|(_, n)| **n > 1).map(|(name, _)| name.clone()).collect();
        for name in often {
            run.scope.forget(&name, Span::default(), "is set more than once in the script");
        }
        let mut next = 0;
        while let Some(block) = run.functions.get(next).copied() {
            next += 1;
            run.block(block);
        }
        if let Some(at) = run.some_route {
            for draft in &mut run.drafts {
                draft.routes_open.get_or_insert((at, "a route is added to a connection whose name is not known".to_owned()));
            }
        }
        run
    }

    fn count(&mut self, body: &[Statement<'_>]) {
        assigned(body, &mut |name, _| *self.counts.entry(plain_name(name)).or_default() += 1);
    }

    fn walk(&mut self, body: &'s [Statement<'a>]) {
        for statement in body {
            match statement {
                Statement::Assign { name, at, entry: Some(entry), more, value } => {
                    self.within(value);
                    self.note_secret(entry.0, value);
                    let value = self.scope.value(value);
                    if *more || !self.scope.set_entry(name, *entry, value) {
                        self.scope.forget(name, *at, "is computed when the script runs");
                    }
                }
                Statement::Assign { name, at, entry: None, more, value } => {
                    self.within(value);
                    self.note_secret(name, value);
                    if *more {
                        self.scope.forget(name, *at, "is computed when the script runs");
                    } else {
                        let value = self.scope.value(value);
                        match &*value {
                            Value::Unknown(unknown) => {
                                let variable = Some(plain_name(name).into_boxed_str());
                                let unknown = Unknown { variable, ..unknown.clone() };
                                self.scope.set(name, Rc::new(Value::Unknown(unknown)));
                            }
                            _ => self.scope.set(name, value),
                        }
                    }
                }
                Statement::Run(commands) => self.pipeline(commands),
                Statement::Blocks(blocks) => {
                    for block in blocks {
                        if block.kind == BlockKind::Function {
                            // Its parameters stand in a block of their own.
                            for name in &block.sets {
                                self.scope.forget(name, Span::default(), PARAMETER);
                            }
                            self.functions.push(block);
                        } else {
                            self.block(block);
                        }
                    }
                }
            }
        }
    }

    /// A block: what it sets is not sure behind it.
    fn block(&mut self, block: &'s Block<'a>) {
        let why = if block.kind == BlockKind::Loop { LOOP } else { PARAMETER };
        for name in &block.sets {
            self.scope.forget(name, Span::default(), why);
        }
        if block.kind == BlockKind::Once {
            self.walk(&block.body);
            return;
        }
        let mut names = Vec::new();
        assigned(&block.body, &mut |name, at| names.push((name.to_owned(), at)));
        if block.kind == BlockKind::Loop {
            for (name, at) in &names {
                self.scope.forget(name, *at, LOOP);
            }
        }
        self.blocks += 1;
        self.path.push(self.blocks);
        self.walk(&block.body);
        self.path.pop();
        for (name, at) in &names {
            self.scope.forget(name, *at, if block.kind == BlockKind::Loop { LOOP } else { MAY_NOT_RUN });
        }
    }

    /// Goes through what a value runs.
    fn within(&mut self, value: &'s Expr<'a>) {
        match value {
            Expr::List(items, _) | Expr::Sum(items, _) => items.iter().for_each(|item| self.within(item)),
            Expr::Table(entries, _) => {
                for (key, value) in entries {
                    self.note_secret(key.plain().unwrap_or_default(), value);
                    self.within(value);
                }
            }
            Expr::Member(of, ..) => self.within(of),
            Expr::Computed { inner, .. } => self.walk(inner),
            Expr::Block(body, _) => {
                let mut names = Vec::new();
                assigned(body, &mut |name, at| names.push((name.to_owned(), at)));
                self.blocks += 1;
                self.path.push(self.blocks);
                self.walk(body);
                self.path.pop();
                for (name, at) in &names {
                    self.scope.forget(name, *at, MAY_NOT_RUN);
                }
            }
            Expr::Text(_) | Expr::Variable(..) => {}
        }
    }

    /// What is named like a secret is one, quoted or not.
    fn note_secret(&mut self, name: &str, value: &Expr<'_>) {
        if super::super::facts::names_secret(name) && matches!(value, Expr::Text(_) | Expr::List(..) | Expr::Sum(..)) {
            self.secrets.push(value.at());
        }
    }

    fn pipeline(&mut self, commands: &'s [Command<'a>]) {
        // `Get-VpnConnection -Name x | Set-VpnConnection …` hands the name on.
        let mut piped: Option<Rc<Value>> = None;
        for command in commands {
            let mut last: Option<&str> = None;
            for arg in &command.args {
                match arg {
                    Arg::Value(value) => {
                        if let Some(name) = last.take() {
                            self.note_secret(name, value);
                        }
                        self.within(value);
                    }
                    Arg::Parameter { name, value, .. } => {
                        last = Some(name);
                        if let Some(value) = value {
                            self.note_secret(name, value);
                            self.within(value);
                        }
                    }
                    Arg::Splat(..) => {}
                }
            }
            let name = command.name.as_ref().and_then(crate::tree::powershell::Text::plain);
            self.scope.sourced |= command.dotted
                || name.is_some_and(|n| ["import-module", "invoke-expression", "iex"].iter().any(|word| n.eq_ignore_ascii_case(word)));
            let Some(name) = name else { continue };
            if let Some(cmdlet) = cmdlets::find(name) {
                let head = command.name.as_ref().map_or(command.at, |n| n.at);
                piped = self.apply(cmdlet, head, &command.args, piped).or_else(|| Some(Value::unknown(head, "is not given")));
            } else if name.eq_ignore_ascii_case("Get-VpnConnection") {
                let bound = cmdlets::ADD_ROUTE.bind(&command.args, &self.scope);
                piped = bound.get("ConnectionName").map(|g| Rc::clone(&g.value));
            }
        }
    }

    /// Takes a command in; what its connection is called.
    fn apply(&mut self, cmdlet: &'static Cmdlet, head: Span, args: &[Arg<'a>], piped: Option<Rc<Value>>) -> Option<Rc<Value>> {
        let mut bound = cmdlet.bind(args, &self.scope);
        self.stray.append(&mut bound.stray);
        let name = bound.get("Name").or_else(|| bound.get("ConnectionName")).map(|g| Rc::clone(&g.value)).or(piped);
        let called = Called::by(name.as_deref());
        if cmdlet.name == cmdlets::ADD.name {
            self.add(head, bound, name.clone(), called);
            return name;
        }
        // Where one name is given often, the last ones count.
        let mut known: Vec<usize> = match self.index.get(&called) {
            Some(all) if called != Called::Unknown => all[all.len().saturating_sub(16)..].to_vec(),
            _ => Vec::new(),
        };
        if known.is_empty() {
            let alone = self.drafts.len() == 1 && (called == Called::Unknown || self.drafts[0].called == Called::Unknown);
            if alone {
                known.push(0);
            } else if cmdlet.name == cmdlets::SET.name && !bound.given.is_empty() {
                let mut draft = Draft::new(head, false, name.clone(), called.clone(), &self.path);
                draft.open = Some((head, "is not set by the script, which changes a connection that was there before".to_owned()));
                self.index.entry(called).or_default().push(self.drafts.len());
                known.push(self.drafts.len());
                self.drafts.push(draft);
            } else {
                if cmdlet.name.ends_with("Route") && !matches!(called, Called::Text(_)) {
                    self.some_route.get_or_insert(head);
                }
                return name;
            }
        }
        let mut bound = Some(bound);
        let last = known.last().copied();
        for n in known {
            let Some(given) = &mut bound else { break };
            let draft = &mut self.drafts[n];
            let sure = draft.is_within(&self.path);
            if Some(n) == last {
                draft.refused.append(&mut given.refused);
            }
            draft.take(cmdlet, head, given, sure);
            if Some(n) == last {
                bound = None;
            }
        }
        name
    }

    fn add(&mut self, head: Span, bound: Bound, name: Option<Rc<Value>>, called: Called) {
        let mut draft = Draft::new(head, true, name, called, &self.path);
        draft.given = bound.given;
        draft.open = bound.open;
        draft.refused = bound.refused;
        // `if (it is there) { Set … } else { Add … }` with the same values is one connection.
        let same_name = self.index.entry(draft.called.clone()).or_default();
        let before = same_name.iter().rev().take(16).copied().find(|n| {
            let d = &self.drafts[*n];
            let agrees = d.given.iter().all(|a| draft.given.iter().any(|b| a.name == b.name && a.value.same(&b.value)));
            !d.made && d.called != Called::Unknown && agrees && d.routes.is_empty() && d.ipsec.is_none()
        });
        match before {
            Some(n) => self.drafts[n] = draft,
            None => {
                same_name.push(self.drafts.len());
                self.drafts.push(draft);
            }
        }
    }
}

/// Tells of each variable that is set in a script or in blocks of it.
fn assigned<'s>(body: &'s [Statement<'_>], tell: &mut impl FnMut(&'s str, Span)) {
    for statement in body {
        match statement {
            Statement::Assign { name, at, value, .. } => {
                tell(name, *at);
                assigned_within(value, tell);
            }
            Statement::Run(commands) => {
                for arg in commands.iter().flat_map(|c| &c.args) {
                    match arg {
                        Arg::Value(value) | Arg::Parameter { value: Some(value), .. } => assigned_within(value, tell),
                        Arg::Parameter { .. } | Arg::Splat(..) => {}
                    }
                }
            }
            Statement::Blocks(blocks) => blocks.iter().for_each(|block| assigned(&block.body, tell)),
        }
    }
}

fn assigned_within<'s>(value: &'s Expr<'_>, tell: &mut impl FnMut(&'s str, Span)) {
    match value {
        Expr::List(items, _) | Expr::Sum(items, _) => items.iter().for_each(|item| assigned_within(item, tell)),
        Expr::Table(entries, _) => entries.iter().for_each(|(_, value)| assigned_within(value, tell)),
        Expr::Member(of, ..) => assigned_within(of, tell),
        Expr::Computed { inner, .. } | Expr::Block(inner, _) => assigned(inner, tell),
        Expr::Text(_) | Expr::Variable(..) => {}
    }
}
