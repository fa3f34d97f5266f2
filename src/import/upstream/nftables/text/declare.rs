//! Tables, chains, sets and their elements.

use super::super::lex::Token;
use super::super::ruleset::{Hook, Named, priority};
use super::{Lost, Parser, Read};
use crate::import::upstream::RemarkKind;

impl Parser<'_> {
    pub(super) fn table(&mut self) -> Read<()> {
        let family = self.family();
        let name = self.name()?;
        self.ruleset.table(&family, &name);
        if !self.sign('{') {
            return if self.ends() { Ok(()) } else { Err(Lost) };
        }
        loop {
            self.lines();
            let place = self.here();
            if self.peek().is_none() {
                self.remark(self.behind(), "the table does not end", RemarkKind::Syntax);
                return Ok(());
            }
            if self.sign('}') {
                return Ok(());
            }
            let what = self.name().unwrap_or_default();
            let read = match &*what {
                "chain" => self.chain(&family, &name),
                "set" | "map" => self.set(&family, &name),
                "flags" => {
                    let dormant = self.word() == "dormant";
                    self.ruleset.table(&family, &name).dormant |= dormant;
                    self.skip();
                    Ok(())
                }
                "comment" | "flowtable" | "counter" | "quota" | "ct" | "limit" | "secmark" | "synproxy" | "meter" | "tunnel" => {
                    self.skip();
                    Ok(())
                }
                _ => Err(Lost),
            };
            if read.is_err() {
                self.remark(place, "this is nothing that a table holds", RemarkKind::Syntax);
                self.at += usize::from(what.is_empty() && !self.is('{'));
                self.skip();
            }
        }
    }

    pub(super) fn chain(&mut self, family: &str, table: &str) -> Read<()> {
        let name = self.name()?;
        let place = self.here().to(self.behind());
        self.ruleset.table(family, table).chain(&name, place);
        if !self.sign('{') {
            return if self.ends() { Ok(()) } else { Err(Lost) };
        }
        loop {
            self.lines();
            if self.sign('}') {
                return Ok(());
            }
            let place = self.here();
            match self.word() {
                "type" => {
                    let hook = self.hook();
                    let end = self.behind();
                    if hook.is_none() {
                        self.remark(place, "where the chain is bound is not understood", RemarkKind::Syntax);
                        self.skip();
                    }
                    let chain = self.ruleset.table(family, table).chain(&name, place);
                    chain.span = place.to(end);
                    chain.hook = hook;
                }
                "policy" => {
                    self.at += 1;
                    let drops = self.word() == "drop";
                    self.at += usize::from(!self.ends());
                    let span = place.to(self.behind());
                    self.ruleset.table(family, table).chain(&name, place).drops = drops.then_some(span);
                }
                "flags" | "comment" => self.skip(),
                _ if self.peek().is_none() => {
                    self.remark(self.behind(), "the chain does not end", RemarkKind::Syntax);
                    return Ok(());
                }
                _ => {
                    let rule = self.rule();
                    self.ruleset.table(family, table).chain(&name, place).rules.push(rule);
                }
            }
        }
    }

    /// `type filter hook forward device "eth0" priority filter - 1`.
    pub(super) fn hook(&mut self) -> Option<Hook> {
        self.at += 1;
        let kind = self.name().ok()?;
        let point = if self.eat("hook") { self.name().ok()? } else { return None };
        let mut device = None;
        if self.eat("device") {
            device = Some(self.name().ok()?);
        } else if self.eat("devices") {
            self.sign('=');
            self.value().ok()?;
            device = Some("*".into());
        }
        if !self.eat("priority") {
            return None;
        }
        let base = self.name().ok()?;
        let spaced = match self.word() {
            sign @ ("+" | "-") => Some(if sign == "-" { -1 } else { 1 }),
            _ => None,
        };
        let found = match spaced {
            Some(sign) => {
                self.at += 1;
                let offset = self.name().ok()?.parse::<i32>().ok()?;
                priority(&base, sign * offset)
            }
            None => priority(&base, 0).or_else(|| {
                let (name, offset) = base.split_at(base.rfind(['+', '-'])?);
                priority(name, offset.parse().ok()?)
            }),
        };
        Some(Hook { kind, point, device, priority: found })
    }

    pub(super) fn set(&mut self, family: &str, table: &str) -> Read<()> {
        let name = self.name()?;
        let mut named = Named::default();
        if !self.sign('{') {
            return Err(Lost);
        }
        loop {
            self.lines();
            if self.sign('}') {
                break;
            }
            match self.word() {
                "elements" => {
                    self.at += 1;
                    self.sign('=');
                    self.newlines();
                    self.elements(&mut named)?;
                }
                "flags" => {
                    while !self.ends() {
                        named.changes |= matches!(self.word(), "dynamic" | "timeout");
                        self.at += 1;
                    }
                }
                "timeout" => {
                    named.changes = true;
                    self.skip();
                }
                _ if self.peek().is_none() => {
                    self.remark(self.behind(), "the set does not end", RemarkKind::Syntax);
                    break;
                }
                _ => {
                    self.at += usize::from(!self.ends());
                    self.skip();
                }
            }
        }
        self.ruleset.table(family, table).sets.insert(name, named);
        Ok(())
    }

    pub(super) fn elements(&mut self, named: &mut Named) -> Read<()> {
        if self.depth > 8 || !self.sign('{') {
            return Err(Lost);
        }
        self.depth += 1;
        let read = self.all_elements(named);
        self.depth -= 1;
        read
    }

    /// What stands behind the opening brace, and the closing one.
    pub(super) fn all_elements(&mut self, named: &mut Named) -> Read<()> {
        loop {
            self.newlines();
            if self.sign('}') {
                return Ok(());
            }
            let key = self.tuple()?;
            self.element_options();
            if self.sign(':') {
                match self.verdict()? {
                    Some(verdict) => named.to_verdicts.push((key, verdict)),
                    None => {
                        let to = self.tuple()?;
                        named.to_values.push((key, to));
                    }
                }
                self.element_options();
            } else {
                named.members.push(key);
            }
            self.newlines();
            if !self.sign(',') && !self.is('}') {
                return Err(Lost);
            }
        }
    }

    /// Time-outs, counters and comments of an element.
    pub(super) fn element_options(&mut self) {
        while matches!(self.peek(), Some(Token::Word(_) | Token::Quoted(_))) {
            self.at += 1;
        }
    }
}
