//! The text form, as `nft list ruleset` prints it and as people write it: nested blocks and commands.

use super::lex::{Spanned, Token};
use super::ruleset::Ruleset;
use crate::import::upstream::{Remark, RemarkKind};
use crate::source::Span;

mod declare;
mod rules;
mod values;

const FAMILIES: &[&str] = &["ip", "ip6", "inet", "arp", "bridge", "netdev"];
/// The text does not go on as it should.
struct Lost;

type Read<T> = Result<T, Lost>;

pub(super) struct Parser<'r> {
    pub(super) tokens: Vec<Spanned>,
    pub(super) at: usize,
    /// How deep sets stand within sets.
    pub(super) depth: u8,
    pub(super) ruleset: Ruleset,
    pub(super) remarks: &'r mut Vec<Remark>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn here(&self) -> Span {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(Span::default(), |(_, span)| *span)
    }

    /// The place of the token before.
    fn behind(&self) -> Span {
        self.tokens.get(self.at.saturating_sub(1)).map_or(Span::default(), |(_, span)| *span)
    }

    fn word(&self) -> &str {
        match self.peek() {
            Some(Token::Word(word)) => word,
            _ => "",
        }
    }

    fn is(&self, sign: char) -> bool {
        self.peek() == Some(&Token::Sign(sign))
    }

    fn sign(&mut self, sign: char) -> bool {
        let is = self.is(sign);
        self.at += usize::from(is);
        is
    }

    fn eat(&mut self, word: &str) -> bool {
        let is = self.word() == word;
        self.at += usize::from(is);
        is
    }

    /// A word or a quoted text.
    fn name(&mut self) -> Read<Box<str>> {
        let Some(Token::Word(name) | Token::Quoted(name)) = self.peek() else { return Err(Lost) };
        let name = name.clone();
        self.at += 1;
        Ok(name)
    }

    fn ends(&self) -> bool {
        matches!(self.peek(), None | Some(Token::Sign('\n' | ';' | '}')))
    }

    fn lines(&mut self) {
        while matches!(self.peek(), Some(Token::Sign('\n' | ';'))) {
            self.at += 1;
        }
    }

    fn newlines(&mut self) {
        while self.sign('\n') {}
    }

    /// Skips to the end of the statement, over whole blocks.
    fn skip(&mut self) {
        let mut depth = 0usize;
        while let Some(token) = self.peek() {
            match token {
                Token::Sign('{') => depth += 1,
                Token::Sign('}') if depth == 0 => return,
                Token::Sign('}') => depth -= 1,
                Token::Sign('\n' | ';') if depth == 0 => return,
                _ => {}
            }
            self.at += 1;
        }
    }

    fn remark(&mut self, span: Span, message: &str, kind: RemarkKind) {
        self.remarks.push(Remark { span, message: message.into(), kind });
    }

    /// Reads all of it. Runs of what is not understood are told once.
    pub(super) fn file(&mut self) {
        let mut lost = false;
        loop {
            self.lines();
            if self.peek().is_none() {
                return;
            }
            let start = self.here();
            let read = self.command();
            if read.is_err() && !lost {
                self.remark(start, "this begins no table and no command of nftables", RemarkKind::Syntax);
            }
            lost = read.is_err();
            if read.is_err() {
                self.skip();
                // A brace too many.
                self.sign('}');
            }
        }
    }

    fn family(&mut self) -> Box<str> {
        let family: Box<str> = if FAMILIES.contains(&self.word()) { self.word().into() } else { return "ip".into() };
        self.at += 1;
        family
    }

    fn command(&mut self) -> Read<()> {
        let place = self.here();
        match self.word() {
            "table" => {
                self.at += 1;
                self.table()
            }
            "include" => {
                self.at += 1;
                self.remark(place, "another file is included, which is not read", RemarkKind::Elsewhere);
                self.skip();
                Ok(())
            }
            "flush" => {
                self.at += 1;
                self.flush()
            }
            "add" | "create" | "insert" => {
                let first = self.word() == "insert";
                self.at += 1;
                self.add(first)
            }
            "delete" | "destroy" => {
                self.at += 1;
                let table = self.eat("table");
                let (family, name) = (self.family(), if table { self.name()? } else { "".into() });
                if table {
                    self.ruleset.tables.retain(|t| (&t.family, &t.name) != (&family, &name));
                } else {
                    self.remark(place, "what is deleted here is not followed", RemarkKind::Elsewhere);
                }
                self.skip();
                Ok(())
            }
            "replace" | "rename" | "reset" => {
                self.remark(place, "what is changed here is not followed", RemarkKind::Elsewhere);
                self.skip();
                Ok(())
            }
            "list" | "monitor" | "export" => {
                self.skip();
                Ok(())
            }
            "undefine" => {
                self.skip();
                Ok(())
            }
            _ => Err(Lost),
        }
    }

    fn flush(&mut self) -> Read<()> {
        let what = self.name()?;
        match &*what {
            "ruleset" => self.ruleset.tables.clear(),
            "table" => {
                let (family, name) = (self.family(), self.name()?);
                self.ruleset.table(&family, &name).chains.values_mut().for_each(|chain| chain.rules.clear());
            }
            "chain" => {
                let (family, table, name, place) = (self.family(), self.name()?, self.name()?, self.here());
                self.ruleset.table(&family, &table).chain(&name, place).rules.clear();
            }
            _ => {}
        }
        self.skip();
        Ok(())
    }

    fn add(&mut self, first: bool) -> Read<()> {
        let start = self.here();
        let what = if matches!(self.word(), "table" | "chain" | "rule" | "set" | "map" | "element") { self.name()? } else { "rule".into() };
        if !matches!(self.word(), "") && &*what == "table" {
            return self.table();
        }
        let (family, table) = (self.family(), self.name()?);
        match &*what {
            "chain" => self.chain(&family, &table),
            "set" | "map" => self.set(&family, &table),
            "element" => {
                let name = self.name()?;
                let mut named = std::mem::take(self.ruleset.table(&family, &table).sets.entry(name.clone()).or_default());
                let read = self.elements(&mut named);
                self.ruleset.table(&family, &table).sets.insert(name, named);
                read
            }
            _ => {
                let name = self.name()?;
                if matches!(self.word(), "position" | "index" | "handle") {
                    self.remark(start, "the place that the rule is added at is not followed", RemarkKind::Elsewhere);
                    self.at += 2;
                }
                let rule = self.rule();
                let chain = self.ruleset.table(&family, &table).chain(&name, start);
                let at = if first { 0 } else { chain.rules.len() };
                chain.rules.insert(at, rule);
                Ok(())
            }
        }
    }
}
