//! Scripts that make connections with `nmcli connection add` and `modify`: `vpn.data` and `vpn.secrets` are lists of `key = value` with commas
//! between, in which a backslash makes a comma part of a value (`nmcli`(1)).

use std::collections::HashMap;

use super::shell::{Word, command};
use super::{KeyFile, Pair, Token, facts};
use crate::import::Notes;
use crate::model::{KeyOrigin, Remark, RemarkKind};
use crate::source::{Span, Spanned};

/// A connection as the commands of a script leave it.
pub struct Connection {
    head: Span,
    items: Vec<Item>,
    /// What `nmcli` would refuse.
    pub remarks: Vec<Remark>,
}

/// A key with its value, decoded, as a key file would have them.
struct Item {
    section: &'static str,
    /// Empty, without a value: what the section holds so far is gone.
    key: Spanned<String>,
    /// `None`: the key is gone.
    value: Option<Spanned<String>>,
}

/// How many settings a connection may get; a script that goes on and on is none that people write.
const MOST: usize = 4096;

/// Whether a text makes VPN connections.
pub fn is_one(text: &str) -> bool {
    text.contains("nmcli") && (text.contains("vpn.data") || text.contains("vpn-type")) && starts(text).next().is_some()
}

/// Where `nmcli` stands as a command.
fn starts(text: &str) -> impl Iterator<Item = usize> {
    let mut at = 0;
    let lines = text.split_inclusive('\n').map(move |line| {
        at += line.len();
        (at - line.len(), line)
    });
    lines.filter(|(_, line)| !line.trim_start().starts_with('#')).flat_map(|(start, line)| {
        line.match_indices("nmcli").filter_map(move |(at, _)| {
            let set_off = line[..at].chars().next_back().is_none_or(|c| c.is_whitespace() || "/(;&|`\"'".contains(c));
            (set_off && line[at + 5..].starts_with([' ', '\t', '\\'])).then_some(start + at)
        })
    })
}

/// The connections of a script.
pub fn read(text: &str, base: u32, notes: &mut Notes) -> Vec<Connection> {
    let mut made: Vec<Connection> = Vec::new();
    let mut by_name: HashMap<String, usize> = HashMap::new();
    let mut done = 0;
    for at in starts(text) {
        if at < done {
            continue;
        }
        let (words, end) = command(text, at, base);
        done = end.max(at + 1);
        hide(&words, notes);
        if let Some(call) = Call::of(&words) {
            call.run(&mut made, &mut by_name);
        }
    }
    made.retain(|c| c.items.iter().any(|i| i.section == "vpn"));
    made
}

/// Arguments that may hold a secret.
fn hide(words: &[Word], notes: &mut Notes) {
    let mut secret = false;
    for word in words {
        let names = facts::names_secret(&word.text);
        if secret || names {
            notes.secrets.push(word.span());
        }
        // `vpn.secrets` is a name; its value follows. `vpn.data` may hold a key under any name.
        secret = names || word.text.ends_with("vpn.data");
    }
}

/// One call of `nmcli connection`.
struct Call<'w> {
    adds: bool,
    first: &'w Word,
    arguments: &'w [Word],
}

impl<'w> Call<'w> {
    fn of(words: &'w [Word]) -> Option<Self> {
        let mut rest = words.iter().enumerate().skip(1).skip_while(|(_, w)| w.text.starts_with('-'));
        let (_, object) = rest.next()?;
        let (at, verb) = rest.next()?;
        let is = |word: &Word, whole: &str| !word.text.is_empty() && whole.starts_with(&word.text);
        let adds = is(verb, "add");
        (is(object, "connection") && (adds || is(verb, "modify"))).then(|| Self { adds, first: verb, arguments: &words[at + 1..] })
    }

    fn run(&self, made: &mut Vec<Connection>, by_name: &mut HashMap<String, usize>) {
        let mut arguments = self.arguments;
        let mut name = None;
        if !self.adds {
            if arguments.first().is_some_and(|w| matches!(w.text.as_str(), "id" | "uuid" | "path")) {
                arguments = &arguments[1..];
            }
            name = arguments.first();
            arguments = arguments.get(1..).unwrap_or_default();
        }
        let mut connection = Connection { head: self.first.span(), items: Vec::new(), remarks: Vec::new() };
        let mut words = arguments.iter().filter(|w| w.text != "--");
        while let (Some(key), Some(value)) = (words.next(), words.next()) {
            if matches!(key.text.as_str(), "con-name" | "connection.id") && self.adds {
                name = Some(value);
            }
            connection.set(key, value);
        }
        let Some(name) = name else {
            made.push(connection);
            return;
        };
        if let Some(n) = by_name.get(&name.text).filter(|_| !self.adds).copied() {
            if made[n].items.len() > MOST {
                return;
            }
            made[n].items.append(&mut connection.items);
            made[n].remarks.append(&mut connection.remarks);
            return;
        }
        connection.push("connection", Spanned::new("id".to_owned(), name.span()), Spanned::new(name.text.clone(), name.span()));
        by_name.insert(name.text.clone(), made.len());
        made.push(connection);
    }
}

impl Connection {
    fn push(&mut self, section: &'static str, key: Spanned<String>, value: Spanned<String>) {
        // The reader of key files takes escapes out.
        let value = value.map(|v| v.replace('\\', r"\\").replace('\n', r"\n").replace('\r', r"\r"));
        self.items.push(Item { section, key, value: Some(value) });
    }

    fn set(&mut self, key: &Word, value: &Word) {
        let named = |name: &str| Spanned::new(name.to_owned(), key.span());
        let whole = || Spanned::new(value.text.trim().to_owned(), value.part(0, value.text.len()));
        let property = key.text.trim_start_matches(['+', '-']);
        match property {
            "vpn.data" | "vpn.secrets" => {
                let section = if property == "vpn.data" { "vpn" } else { "vpn-secrets" };
                if key.text.starts_with('-') {
                    return self.items.push(Item { section, key: whole(), value: None });
                }
                if !key.text.starts_with('+') {
                    self.items.push(Item { section, key: named(""), value: None });
                }
                self.list(section, value);
            }
            "vpn-type" | "vpn.service-type" => {
                let text = value.text.trim();
                let service = if text.contains('.') { text.to_owned() } else { format!("org.freedesktop.NetworkManager.{text}") };
                self.push("vpn", named("service-type"), Spanned::new(service, value.part(0, value.text.len())));
            }
            "user" | "vpn.user-name" => self.push("vpn", named("user-name"), whole()),
            "ipv4.routes" => {
                for (from, to) in pieces(&value.text, ',') {
                    self.push("ipv4", named("route1"), Spanned::new(value.text[from..to].to_owned(), value.part(from, to)));
                }
            }
            _ => {
                if let Some(name) = property.strip_prefix("ipv4.") {
                    self.push("ipv4", named(name), whole());
                }
            }
        }
    }

    /// `key = value, key = value`.
    fn list(&mut self, section: &'static str, word: &Word) {
        for (from, to) in pieces(&word.text, ',') {
            let piece = &word.text[from..to];
            if piece.trim().is_empty() {
                continue;
            }
            let Some((name, value)) = piece.split_once('=') else {
                let help = r"write a comma that is part of a value as `\,`";
                let what =
                    "has a part without `=` in its list of options, as an unescaped comma in a value makes it: nmcli refuses the list";
                self.remarks.push(Remark::new(RemarkKind::Refused, word.part(from, to), what, "no `key = value`", help));
                continue;
            };
            let start = from + name.len() - name.trim_start().len();
            let key = Spanned::new(name.trim().to_owned(), word.part(start, start + name.trim().len()));
            let value_at = to - value.trim_start().len();
            let value_end = value_at + value.trim().len();
            let place = if value_at < value_end { word.part(value_at, value_end) } else { word.span() };
            self.push(section, key, Spanned::new(unescape(value.trim()), place));
        }
    }

    /// The same as a key file.
    pub fn key_file(&self) -> KeyFile<'_> {
        let mut gone: HashMap<(&str, &str), usize> = HashMap::new();
        for (n, item) in self.items.iter().enumerate().filter(|(_, i)| i.value.is_none()) {
            gone.insert((item.section, &item.key.value), n);
        }
        // What `vpn.data` replaces is the plugin's options, not which plugin it is.
        let is_gone = |n: usize, item: &Item| {
            let after = |key: &str| gone.get(&(item.section, key)).is_some_and(|at| *at > n);
            after(&item.key.value) || item.key.value != "service-type" && after("")
        };
        let said =
            self.items.iter().enumerate().filter(|(n, item)| !is_gone(*n, item)).filter_map(|(_, item)| Some((item, item.value.as_ref()?)));
        let pairs = said.map(|(item, value)| Pair { section: item.section, key: token(&item.key), value: token(value) }).collect();
        KeyFile { sections: vec![Spanned::new("vpn", self.head)], pairs, broken: false, origin: KeyOrigin::Configuration }
    }
}

fn token(text: &Spanned<String>) -> Token<'_> {
    Spanned::new(text.value.as_str(), text.span)
}

/// Parts between separators that no backslash precedes.
fn pieces(text: &str, separator: char) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let (mut from, mut escaped) = (0, false);
    for (at, c) in text.char_indices() {
        if c == separator && !escaped {
            found.push((from, at));
            from = at + c.len_utf8();
        }
        escaped = c == '\\' && !escaped;
    }
    found.push((from, text.len()));
    found
}

/// A value without the backslashes that keep commas, blanks and themselves.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(next @ (',' | '\\' | ' ' | '\t' | '=')) if c == '\\' => {
                out.push(*next);
                chars.next();
            }
            _ => out.push(c),
        }
    }
    out
}
