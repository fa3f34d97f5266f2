//! Rules: their statements, and what ends them.

use super::super::lex::Token;
use super::super::ruleset::{Rule, Statement, Verdict};
use super::{Parser, Read};
use crate::import::upstream::RemarkKind;
use crate::source::Span;

impl Parser<'_> {
    pub(super) fn rule(&mut self) -> Rule {
        let start = self.here();
        let mut statements = Vec::new();
        while !self.ends() {
            let (place, before) = (self.here(), self.at);
            match self.statement(&mut statements) {
                Ok(()) if self.at > before => {}
                _ => {
                    self.skip();
                    let span = place.to(self.behind());
                    self.remark(span, "this part of the rule is not understood", RemarkKind::Unknown);
                    statements.push((span, Statement::Anything("the rule has a part that is not understood")));
                    break;
                }
            }
        }
        Rule { span: start.to(self.behind()), statements }
    }

    pub(super) fn statement(&mut self, out: &mut Vec<(Span, Statement)>) -> Read<()> {
        let start = self.here();
        if let Some(verdict) = self.verdict()? {
            // What a verdict brings with it changes nothing.
            self.skip();
            out.push((start.to(self.behind()), Statement::Verdict(verdict)));
            return Ok(());
        }
        let word: Box<str> = self.word().into();
        let one = match &*word {
            "reject" | "masquerade" | "snat" => {
                self.skip();
                if &*word == "reject" { Statement::Verdict(Verdict::Drop) } else { Statement::Nothing }
            }
            "counter" => {
                self.at += 1;
                if self.eat("name") {
                    self.name()?;
                }
                for option in ["packets", "bytes"] {
                    if self.eat(option) {
                        self.at += 1;
                    }
                }
                Statement::Nothing
            }
            "comment" => {
                self.at += 2;
                Statement::Nothing
            }
            "log" => {
                self.at += 1;
                self.log();
                Statement::Nothing
            }
            "limit" | "quota" => {
                self.at += 1;
                while matches!(
                    self.word(),
                    "rate" | "over" | "until" | "used" | "burst" | "packets" | "bytes" | "kbytes" | "mbytes" | "name"
                ) || self.word().starts_with(|c: char| c.is_ascii_digit())
                    || matches!(self.peek(), Some(Token::Quoted(_)))
                {
                    self.at += 1;
                }
                Statement::Condition("the line depends on what came before")
            }
            "notrack" => {
                self.at += 1;
                Statement::Anything("the line takes packets out of connection tracking")
            }
            "dnat" => {
                self.at += 1;
                self.dnat()?
            }
            "redirect" => {
                self.at += 1;
                let port = if self.eat("to") && self.sign(':') { Some(self.tuple()?) } else { None };
                self.skip();
                Statement::Redirect { port }
            }
            "flow" => {
                self.skip_value();
                Statement::Nothing
            }
            "add" | "update" | "delete" | "meter" => {
                let depends = self.braces_hold(&["limit", "quota", "ct"]);
                self.at += 1;
                self.skip_braces();
                if depends { Statement::Condition("the line depends on what came before") } else { Statement::Nothing }
            }
            "xt" => {
                self.skip();
                Statement::Anything("the rule has a part of iptables that nft does not show")
            }
            _ => return self.matched(out),
        };
        out.push((start.to(self.behind()), one));
        Ok(())
    }

    pub(super) fn braces_hold(&self, words: &[&str]) -> bool {
        let rest = self.tokens[self.at..].iter().take_while(|(t, _)| !matches!(t, Token::Sign('}' | '\n')));
        rest.into_iter().any(|(t, _)| matches!(t, Token::Word(w) if words.contains(&&**w)))
    }

    /// To the next statement of the rule.
    pub(super) fn skip_value(&mut self) {
        const STATEMENTS: &[&str] = &[
            "accept",
            "drop",
            "return",
            "continue",
            "queue",
            "jump",
            "goto",
            "reject",
            "counter",
            "log",
            "comment",
            "limit",
            "quota",
            "notrack",
            "dnat",
            "snat",
            "masquerade",
            "redirect",
            "xt",
        ];
        let mut depth = 0usize;
        while let Some(token) = self.peek() {
            match token {
                Token::Sign('{') => depth += 1,
                Token::Sign('}') if depth > 0 => depth -= 1,
                Token::Sign('\n' | ';' | '}') if depth == 0 => return,
                Token::Word(word) if depth == 0 && STATEMENTS.contains(&&**word) => return,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Past the next closing brace of the rule.
    pub(super) fn skip_braces(&mut self) {
        while !matches!(self.peek(), None | Some(Token::Sign('\n' | '}'))) {
            self.at += 1;
        }
        self.sign('}');
    }

    pub(super) fn log(&mut self) {
        loop {
            match self.word() {
                "prefix" | "level" | "group" | "snaplen" | "queue-threshold" => self.at += 2,
                "flags" => {
                    self.at += 1;
                    self.at += usize::from(matches!(self.word(), "tcp" | "ip"));
                    self.at += 1;
                    while self.sign(',') {
                        self.at += 1;
                    }
                }
                _ => return,
            }
        }
    }

    pub(super) fn verdict(&mut self) -> Read<Option<Verdict>> {
        let verdict = match self.word() {
            "accept" => Verdict::Accept,
            "drop" => Verdict::Drop,
            "return" => Verdict::Return,
            "continue" => Verdict::Continue,
            "queue" => Verdict::Queue,
            word @ ("jump" | "goto") => {
                let jump = word == "jump";
                self.at += 1;
                let name = self.name()?;
                return Ok(Some(if jump { Verdict::Jump(name) } else { Verdict::Goto(name) }));
            }
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(verdict))
    }
}
