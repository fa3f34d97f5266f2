//! What rules look at and compare with: keys, values, maps, and where packets are sent.

use super::super::lex::Token;
use super::super::ruleset::{Key, Kind, MapOf, Named, New, Pairs, Statement, Value, bound};
use super::{Lost, Parser, Read};
use crate::source::Span;

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

impl Parser<'_> {
    pub(super) fn keys(&mut self) -> Read<Vec<Key>> {
        let mut keys = vec![self.key()?];
        while self.eat(".") {
            keys.push(self.key()?);
        }
        Ok(keys)
    }

    pub(super) fn key(&mut self) -> Read<Key> {
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

    pub(super) fn matched(&mut self, out: &mut Vec<(Span, Statement)>) -> Read<()> {
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
    pub(super) fn value(&mut self) -> Read<Value> {
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
    pub(super) fn tuple(&mut self) -> Read<Value> {
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
    pub(super) fn dnat(&mut self) -> Read<Statement> {
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

    pub(super) fn pairs(&mut self) -> Read<Pairs<Value>> {
        let mut named = Named::default();
        self.elements(&mut named)?;
        Ok(named.to_values)
    }
}
