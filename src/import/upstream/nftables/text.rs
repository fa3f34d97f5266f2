//! The text form, as `nft list ruleset` prints it and as people write it: nested blocks and commands.

use super::lex::{Spanned, Token};
use super::ruleset::{Hook, Key, Kind, MapOf, Named, New, Pairs, Rule, Ruleset, Statement, Value, Verdict, priority};
use crate::import::upstream::{Remark, RemarkKind};
use crate::source::Span;

const FAMILIES: &[&str] = &["ip", "ip6", "inet", "arp", "bridge", "netdev"];
/// Beginnings of what a rule looks at, with how many words follow.
const KEYS: &[(&str, usize)] = &[
    ("ip", 1),
    ("ip6", 1),
    ("tcp", 1),
    ("udp", 1),
    ("udplite", 1),
    ("sctp", 1),
    ("dccp", 1),
    ("th", 1),
    ("icmp", 1),
    ("icmpv6", 1),
    ("igmp", 1),
    ("esp", 1),
    ("ah", 1),
    ("comp", 1),
    ("ether", 1),
    ("vlan", 1),
    ("arp", 1),
    ("ct", 1),
    ("meta", 1),
    ("rt", 1),
    ("socket", 1),
    ("fib", 1),
    ("iifname", 0),
    ("oifname", 0),
    ("iif", 0),
    ("oif", 0),
    ("iifgroup", 0),
    ("oifgroup", 0),
    ("iiftype", 0),
    ("oiftype", 0),
    ("mark", 0),
    ("pkttype", 0),
    ("skuid", 0),
    ("skgid", 0),
    ("l4proto", 0),
    ("protocol", 0),
    ("nfproto", 0),
    ("length", 0),
    ("cpu", 0),
    ("nftrace", 0),
    ("cgroup", 0),
    ("ibrname", 0),
    ("obrname", 0),
    ("rtclassid", 0),
];

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

    fn table(&mut self) -> Read<()> {
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

    fn chain(&mut self, family: &str, table: &str) -> Read<()> {
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
    fn hook(&mut self) -> Option<Hook> {
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

    fn set(&mut self, family: &str, table: &str) -> Read<()> {
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

    fn elements(&mut self, named: &mut Named) -> Read<()> {
        if self.depth > 8 || !self.sign('{') {
            return Err(Lost);
        }
        self.depth += 1;
        let read = self.all_elements(named);
        self.depth -= 1;
        read
    }

    /// What stands behind the opening brace, and the closing one.
    fn all_elements(&mut self, named: &mut Named) -> Read<()> {
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
    fn element_options(&mut self) {
        while matches!(self.peek(), Some(Token::Word(_) | Token::Quoted(_))) {
            self.at += 1;
        }
    }

    fn rule(&mut self) -> Rule {
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

    fn statement(&mut self, out: &mut Vec<(Span, Statement)>) -> Read<()> {
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

    fn braces_hold(&self, words: &[&str]) -> bool {
        let rest = self.tokens[self.at..].iter().take_while(|(t, _)| !matches!(t, Token::Sign('}' | '\n')));
        rest.into_iter().any(|(t, _)| matches!(t, Token::Word(w) if words.contains(&&**w)))
    }

    /// To the next statement of the rule.
    fn skip_value(&mut self) {
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
    fn skip_braces(&mut self) {
        while !matches!(self.peek(), None | Some(Token::Sign('\n' | '}'))) {
            self.at += 1;
        }
        self.sign('}');
    }

    fn log(&mut self) {
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

    fn verdict(&mut self) -> Read<Option<Verdict>> {
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

    fn keys(&mut self) -> Read<Vec<Key>> {
        let mut keys = vec![self.key()?];
        while self.eat(".") {
            keys.push(self.key()?);
        }
        Ok(keys)
    }

    fn key(&mut self) -> Read<Key> {
        let start = self.here();
        let word = self.name()?;
        let Some((_, more)) = KEYS.iter().find(|(name, _)| **name == *word) else { return Err(Lost) };
        let mut words = vec![word];
        if &*words[0] == "fib" {
            // `fib saddr . iif oif`, `fib daddr type`
            loop {
                let next = self.name()?;
                let last = matches!(&*next, "oif" | "oifname" | "type") && &**words.last().unwrap_or(&next) != ".";
                words.push(next);
                if last {
                    break;
                }
            }
        } else {
            for _ in 0..*more {
                words.push(self.name()?);
            }
            if &*words[0] == "ct" && matches!(words.last().map(|w| &**w), Some("original" | "reply")) {
                words.push(self.name()?);
                if matches!(self.word(), "saddr" | "daddr") {
                    words.push(self.name()?);
                }
            }
            // `meta` may be left out.
            if &*words[0] == "meta" {
                words.remove(0);
            }
        }
        Ok(Key { span: start.to(self.behind()), words })
    }

    fn matched(&mut self, out: &mut Vec<(Span, Statement)>) -> Read<()> {
        let start = self.here();
        let keys = self.keys()?;
        if self.eat("vmap") {
            let map = if self.sign('@') {
                MapOf::Named(self.name()?)
            } else {
                let mut named = Named::default();
                self.elements(&mut named)?;
                MapOf::Here(named.to_verdicts)
            };
            out.push((start.to(self.behind()), Statement::Vmap(keys, map)));
            return Ok(());
        }
        if self.eat("set") {
            // A new mark or class matters nothing; a new address does.
            let harmless = !matches!(&*keys[0].words[0], "ip" | "udp" | "tcp" | "th")
                || keys[0].words.get(1).is_some_and(|w| matches!(&**w, "dscp" | "ttl" | "ecn" | "option"));
            self.skip_value();
            let what = if harmless { Statement::Nothing } else { Statement::Anything("the line rewrites a part of the packet") };
            out.push((start.to(self.behind()), what));
            return Ok(());
        }
        let negated = (self.is('!') || self.word() == "ne") && {
            self.at += 1;
            self.sign('=');
            true
        };
        if !negated {
            while self.sign('=') {}
            self.eat("eq");
        }
        let compared = if self.sign('<') { Some('<') } else { self.sign('>').then_some('>') };
        let or_equal = compared.is_some() && self.sign('=');
        let mut value = self.value();
        if let (Some(sign), Ok(Value { kind: Kind::Item(text), .. })) = (compared, &mut value) {
            *text = bound(text, sign, or_equal).ok_or(Lost)?.into();
        }
        let follows =
            value.is_ok() && matches!(self.peek(), Some(Token::Word(w)) if matches!(&**w, "&" | "|" | "and" | "or" | "^" | "/" | "set"));
        match value {
            Ok(value) if !follows => {
                out.push((start.to(self.behind()), Statement::Match { keys, negated, value }));
                Ok(())
            }
            _ => {
                let span = start.to(self.behind());
                let value = Value { span, kind: Kind::Opaque("the line has a condition that is not followed") };
                out.push((span, Statement::Match { keys, negated: false, value }));
                Err(Lost)
            }
        }
    }

    /// A set in braces, `@name`, or a list of values.
    fn value(&mut self) -> Read<Value> {
        let start = self.here();
        if self.is('{') {
            let mut named = Named::default();
            self.elements(&mut named)?;
            return Ok(Value { span: start.to(self.behind()), kind: Kind::Set(named.members) });
        }
        if self.sign('@') {
            let name = self.name()?;
            return Ok(Value { span: start.to(self.behind()), kind: Kind::Named(name) });
        }
        let first = self.tuple()?;
        if !self.is(',') {
            return Ok(first);
        }
        let mut all = vec![first];
        while self.sign(',') {
            all.push(self.tuple()?);
        }
        Ok(Value { span: start.to(self.behind()), kind: Kind::Set(all) })
    }

    /// `a`, or `a . b`. Words may stand apart from the sign of a range.
    fn tuple(&mut self) -> Read<Value> {
        let start = self.here();
        // A set within a set, from a `define`d name.
        if self.is('{') {
            return self.value();
        }
        if self.sign('@') {
            let name = self.name()?;
            return Ok(Value { span: start.to(self.behind()), kind: Kind::Named(name) });
        }
        let mut parts = Vec::new();
        loop {
            let place = self.here();
            let mut text = String::from(self.name()?);
            if text == "$" {
                return Ok(Value { span: place, kind: Kind::Opaque("the name is not defined in the file") });
            }
            if self.eat("-") {
                text.push('-');
                text.push_str(&self.name()?);
            }
            parts.push(Value::item(place.to(self.behind()), &text));
            if !self.eat(".") {
                break;
            }
        }
        if parts.len() == 1 {
            return parts.pop().ok_or(Lost);
        }
        Ok(Value { span: start.to(self.behind()), kind: Kind::Tuple(parts) })
    }

    /// `dnat ip to 192.168.1.4:500`, `dnat to udp dport map { 500 : 192.168.1.4 }`.
    fn dnat(&mut self) -> Read<Statement> {
        self.family();
        while matches!(self.word(), "addr" | "." | "port") {
            self.at += 1;
        }
        if !self.eat("to") {
            return Err(Lost);
        }
        let statement = if self.sign(':') {
            Statement::Dnat { address: None, port: Some(self.tuple()?) }
        } else if KEYS.iter().any(|(name, _)| *name == self.word()) {
            let keys = self.keys()?;
            if !self.eat("map") {
                return Err(Lost);
            }
            let map = if self.sign('@') { MapOf::Named(self.name()?) } else { MapOf::Here(self.pairs()?) };
            let port = if self.sign(':') { Some(self.tuple()?) } else { None };
            Statement::Dnat { address: Some(New::Map(keys, map)), port }
        } else {
            let address = self.value()?;
            let port = if self.sign(':') { Some(self.tuple()?) } else { None };
            Statement::Dnat { address: Some(New::Value(address)), port }
        };
        // `random` chooses among ports where a range is given; one port or none leaves no choice.
        self.skip();
        Ok(statement)
    }

    fn pairs(&mut self) -> Read<Pairs<Value>> {
        let mut named = Named::default();
        self.elements(&mut named)?;
        Ok(named.to_values)
    }
}

/// The range that `< 1024` or `>= 500` means, for ports.
pub(super) fn bound(text: &str, sign: char, or_equal: bool) -> Option<String> {
    let number = crate::net::Ports::number(text)?;
    Some(match (sign, or_equal) {
        ('<', true) => format!("0-{number}"),
        ('<', false) => format!("0-{}", number.checked_sub(1)?),
        (_, true) => format!("{number}-65535"),
        (_, false) => format!("{}-65535", number.checked_add(1)?),
    })
}
