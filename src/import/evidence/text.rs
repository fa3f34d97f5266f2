//! Text that tells of a machine: what `reg query`, `sc qc` and `Get-Service` print, and lines of scripts with `reg add`, `New-ItemProperty`, `Set-ItemProperty`, `sc config` and
//! `Set-Service`. Only literal values are taken; of variables only those that the script sets to a literal.

use std::collections::HashMap;

use super::{Data, Evidence, IKEEXT, Key};
use crate::source::{Span, Spanned};

type Token<'a> = Spanned<&'a str>;

const COMPUTED: &str = "the script computes the value of the registry";

/// Whether a text begins as `reg query` or `sc qc` prints.
pub fn is_listing(text: &str) -> bool {
    let first = text.lines().map(str::trim_end).find(|l| !l.is_empty()).unwrap_or_default();
    first.starts_with(r"HKEY_LOCAL_MACHINE\") || first.starts_with("[SC] QueryServiceConfig")
}

/// Reads a text.
pub fn read(text: &str, base: u32) -> Evidence {
    let mut reader = Reader::default();
    let mut rest = text;
    let mut at = base;
    while !rest.is_empty() {
        let end = logical_end(rest);
        reader.line(&rest[..end], at);
        at += end as u32;
        rest = &rest[end..];
    }
    reader.close();
    reader.evidence
}

/// Where a line ends, with those that a back-tick (PowerShell) or `^` (batch files) joins to it.
fn logical_end(text: &str) -> usize {
    let mut end = 0;
    loop {
        let line = text[end..].split_inclusive('\n').next().unwrap_or_default();
        end += line.len();
        if line.is_empty() || end >= text.len() || !line.trim_end().ends_with(['`', '^']) {
            return end;
        }
    }
}

#[derive(Default)]
struct Reader<'a> {
    evidence: Evidence,
    /// The key that `reg query` lists, the place of its head, and how many values it listed.
    listed: Option<(Key, Span, usize)>,
    /// The service that `sc qc` or `Get-Service` speaks of.
    service: Option<&'a str>,
    /// A table of `Get-Service` has a column with start types.
    start_types: bool,
    /// Variables of the script that are literals, by their names in lower case.
    variables: HashMap<String, &'a str>,
}

impl<'a> Reader<'a> {
    fn line(&mut self, line: &'a str, at: u32) {
        let text = line.trim_start();
        let first = text.split_whitespace().next().unwrap_or_default();
        if text.starts_with(['#', ':']) || first.trim_start_matches('@').eq_ignore_ascii_case("rem") {
            return;
        }
        if line.starts_with("HKEY_") {
            self.close();
            let path = line.trim_end();
            let span = Span::new(at, at + path.len() as u32);
            self.listed = Some((Key::parse(path), span, 0));
            return;
        }
        let tokens = tokens(line, at);
        let Some(first) = tokens.first() else { return };
        if line.starts_with([' ', '\t']) && self.listing(&tokens) {
            return;
        }
        self.assignment(&tokens);
        self.service(&tokens, first.span);
        for (n, token) in tokens.iter().enumerate() {
            let rest = &tokens[n + 1..];
            match command(token.value).as_str() {
                "reg" => self.reg(rest, token.span),
                "new-itemproperty" | "set-itemproperty" => self.item_property(rest, token.span, false),
                "remove-itemproperty" => self.item_property(rest, token.span, true),
                "sc" if is(rest.first(), "config") && is(rest.get(1), IKEEXT) => self.sc_config(&rest[2..], token.span),
                "set-service" => self.set_service(rest, token.span),
                _ => {}
            }
        }
    }

    /// A key that `reg query` listed whole holds more than the one value that was asked for.
    fn close(&mut self) {
        if let Some((key, span, count)) = self.listed.take()
            && count > 1
        {
            self.evidence.keys.push((key, span));
        }
    }

    /// A value that `reg query` lists: name, type, data.
    fn listing(&mut self, tokens: &[Token<'a>]) -> bool {
        let Some((key, _, count)) = &mut self.listed else { return false };
        let Some(n) = tokens.iter().position(|t| t.value.starts_with("REG_")).filter(|n| *n > 0) else { return false };
        *count += 1;
        let value = tokens.get(n + 1).copied().unwrap_or(tokens[n]);
        let data = typed(tokens[n].value, Some(value.value).filter(|_| tokens.len() > n + 1));
        let (key, span) = (key.clone(), tokens[0].span.to(value.span));
        self.evidence.push(tokens[0].value, &key, data, span);
        true
    }

    fn assignment(&mut self, tokens: &[Token<'a>]) {
        if let [name, equals, value] = tokens
            && equals.value == "="
            && let Some(name) = name.value.strip_prefix('$')
        {
            self.variables.insert(name.to_ascii_lowercase(), value.value);
        }
    }

    /// A word, or the literal that its variable stands for; none where it is computed.
    fn literal(&self, word: &'a str) -> Option<&'a str> {
        match word.strip_prefix('$') {
            Some(name) => self.variables.get(&name.to_ascii_lowercase()).copied().filter(|v| !v.contains('$')),
            None => Some(word).filter(|w| !w.contains(['$', '%', '(']) || w.starts_with("HK")),
        }
    }

    fn reg(&mut self, tokens: &[Token<'a>], at: Span) {
        let deletes = is(tokens.first(), "delete");
        let (true, Some(path)) = (deletes || is(tokens.first(), "add"), tokens.get(1)) else { return };
        let option = |name: &str| tokens.iter().position(|t| t.value.eq_ignore_ascii_case(name)).and_then(|n| tokens.get(n + 1));
        let (Some(name), key) = (option("/v"), Key::parse(path.value)) else { return };
        let end = tokens.last().map_or(at, |t| t.span);
        let data = if deletes {
            Data::Deleted
        } else {
            let value = option("/d").map(|d| self.literal(d.value).unwrap_or("%"));
            typed(option("/t").map_or("REG_SZ", |t| t.value), value)
        };
        self.evidence.push(name.value, &key, data, at.to(end));
    }

    fn item_property(&mut self, tokens: &[Token<'a>], at: Span, deletes: bool) {
        let call = Call::of(tokens, &["path", "literalpath", "name", "value", "propertytype", "type"]);
        let (Some(path), Some(name)) =
            (call.named("path").or(call.named("literalpath")).or(call.positional(0)), call.named("name").or(call.positional(1)))
        else {
            return;
        };
        let end = call.end.unwrap_or(at);
        let (Some(name), span) = (self.literal(name.value), at.to(end)) else { return };
        let Some(path) = self.literal(path.value) else {
            // Which key it is decides; the one that Windows reads may be meant.
            if let Some(name) = super::Name::ALL.into_iter().find(|n| *n != super::Name::Start && n.word().eq_ignore_ascii_case(name)) {
                let key = Key { under: name.key(false).to_ascii_lowercase(), current: true, shown: String::new() };
                self.evidence.push(name.word(), &key, Data::Unclear("the script computes the key of the registry"), span);
            }
            return;
        };
        let data = if deletes {
            Data::Deleted
        } else {
            let value = call.named("value").or(call.positional(2)).or(call.positional(1).filter(|_| call.named("name").is_some()));
            let quoted = value.is_some_and(|v| v.value.len() as u32 != v.span.len());
            let number = value.and_then(|v| self.literal(v.value));
            match call.named("propertytype").or(call.named("type")).map(|t| t.value.to_ascii_lowercase()).as_deref() {
                Some("dword") => typed("REG_DWORD", number),
                Some("string") => Data::Other("REG_SZ"),
                Some("expandstring") => Data::Other("REG_EXPAND_SZ"),
                Some("qword") => Data::Other("REG_QWORD"),
                Some("binary") => Data::Other("REG_BINARY"),
                Some("multistring") => Data::Other("REG_MULTI_SZ"),
                // A number makes a DWORD.
                None if !quoted => typed("REG_DWORD", number),
                _ => Data::Unclear("the script states no type of the registry's value"),
            }
        };
        self.evidence.push(name, &Key::parse(path), data, span);
    }

    fn sc_config(&mut self, tokens: &[Token<'a>], at: Span) {
        let mut words = tokens.iter();
        while let Some(token) = words.next() {
            let lower = token.value.to_ascii_lowercase();
            let Some(inline) = lower.strip_prefix("start=") else { continue };
            let next = words.next();
            let word = if inline.is_empty() { next.map(|t| t.value) } else { Some(inline) };
            self.start(word.and_then(start_type), at.to(next.unwrap_or(token).span));
            return;
        }
    }

    fn set_service(&mut self, tokens: &[Token<'a>], at: Span) {
        let call = Call::of(tokens, &["name", "startuptype", "starttype"]);
        if is(call.named("name").or(call.positional(0)).as_ref(), IKEEXT)
            && let Some(word) = call.named("startuptype").or(call.named("starttype"))
        {
            self.start(start_type(word.value), at.to(call.end.unwrap_or(at)));
        }
    }

    /// `SERVICE_NAME: IKEEXT` and `START_TYPE : 4 DISABLED`; `Name : IKEEXT` and `StartType : Disabled`; a row of a table.
    fn service(&mut self, tokens: &[Token<'a>], at: Span) {
        let words: Vec<&str> = tokens.iter().flat_map(|t| t.value.split(':')).filter(|w| !w.is_empty()).collect();
        let [head, rest @ ..] = &words[..] else { return };
        let list = tokens.iter().any(|t| t.value.contains(':'));
        let span = at.to(tokens.last().map_or(at, |t| t.span));
        match (head.to_ascii_uppercase().as_str(), rest) {
            ("SERVICE_NAME" | "NAME", [name]) if list => self.service = Some(name),
            ("START_TYPE" | "STARTTYPE" | "STARTUPTYPE", [word, ..]) if self.service.is_some_and(|s| s.eq_ignore_ascii_case(IKEEXT)) => {
                let number = word.parse().ok();
                self.start(number.or_else(|| start_type(word)), span);
            }
            _ if words.iter().any(|w| w.eq_ignore_ascii_case("StartType")) => self.start_types = true,
            _ if self.start_types && words.iter().any(|w| w.eq_ignore_ascii_case(IKEEXT)) => {
                if let Some(start) = words.iter().find_map(|w| start_type(w)) {
                    self.start(Some(start), span);
                }
            }
            _ => {}
        }
    }

    fn start(&mut self, number: Option<u32>, span: Span) {
        let key = Key { under: IKEEXT.to_owned(), current: true, shown: "IKEEXT".to_owned() };
        let data = number.map_or(Data::Unclear("the start type of IKEEXT is a word that is not known"), Data::Dword);
        self.evidence.push("Start", &key, data, span);
    }
}

fn is(token: Option<&Token<'_>>, word: &str) -> bool {
    token.is_some_and(|t| t.value.eq_ignore_ascii_case(word))
}

/// The command that a word names: without its folder, its ending, and what stands before it.
fn command(word: &str) -> String {
    let name = word.rsplit(['\\', '/']).next().unwrap_or(word).trim_start_matches(['@', '&', '(']).to_ascii_lowercase();
    name.strip_suffix(".exe").map_or(name.clone(), str::to_owned)
}

/// The words of services' start types, as `Get-Service`, `Set-Service`, `sc config` and translations of none write them.
fn start_type(word: &str) -> Option<u32> {
    match word.to_ascii_lowercase().as_str() {
        "automatic" | "automaticdelayedstart" | "auto" | "delayed-auto" => Some(2),
        "manual" | "demand" => Some(3),
        "disabled" => Some(4),
        _ => None,
    }
}

/// Data with the type's name; what is no literal number is not to be told.
fn typed(kind: &str, value: Option<&str>) -> Data {
    const KINDS: [&str; 7] = ["REG_SZ", "REG_EXPAND_SZ", "REG_BINARY", "REG_MULTI_SZ", "REG_QWORD", "REG_NONE", "REG_DWORD_BIG_ENDIAN"];
    let kind = kind.to_ascii_uppercase();
    if !matches!(&*kind, "REG_DWORD" | "REG_DWORD_LITTLE_ENDIAN") {
        return Data::Other(KINDS.into_iter().find(|k| *k == kind).unwrap_or("another type"));
    }
    let number = value.and_then(|v| match v.get(..2) {
        Some("0x" | "0X") => u32::from_str_radix(&v[2..], 16).ok(),
        _ => v.parse().ok(),
    });
    number.map_or(Data::Unclear(COMPUTED), Data::Dword)
}

/// The arguments of a command of PowerShell.
struct Call<'a> {
    named: Vec<(String, Token<'a>)>,
    positional: Vec<Token<'a>>,
    end: Option<Span>,
}

impl<'a> Call<'a> {
    /// Parameters may be cut short as long as they are plain, and begin with an en dash as well.
    fn of(tokens: &[Token<'a>], parameters: &[&str]) -> Self {
        let mut call = Self { named: Vec::new(), positional: Vec::new(), end: None };
        let mut words = tokens.iter().take_while(|t| !matches!(t.value, "|" | ";" | "}" | "&&")).peekable();
        while let Some(token) = words.next() {
            call.end = Some(token.span);
            let Some(name) = token.value.strip_prefix(['-', '\u{2013}']).filter(|n| n.starts_with(|c: char| c.is_ascii_alphabetic()))
            else {
                call.positional.push(*token);
                continue;
            };
            let name = name.trim_end_matches(':').to_ascii_lowercase();
            let mut fitting = parameters.iter().filter(|p| p.starts_with(&*name));
            let full = parameters.iter().find(|p| **p == name).or_else(|| fitting.next().filter(|_| fitting.next().is_none()));
            if let Some(full) = full
                && let Some(value) = words.next()
            {
                call.end = Some(value.span);
                call.named.push(((*full).to_owned(), *value));
            }
        }
        call
    }

    fn named(&self, name: &str) -> Option<Token<'a>> {
        self.named.iter().find(|(n, _)| n == name).map(|(_, v)| *v)
    }

    fn positional(&self, n: usize) -> Option<Token<'a>> {
        self.positional.get(n).copied()
    }
}

/// The words of a line; quotes keep blanks together, and are in the place but not in the word. A back-tick or `^` at a line's end is none.
fn tokens(line: &str, at: u32) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut chars = line.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if c.is_whitespace() {
            continue;
        }
        if c == '#' {
            // A comment of PowerShell; up to the line's end.
            while chars.next_if(|(_, c)| *c != '\n').is_some() {}
            continue;
        }
        let place = |from: usize, to: usize| Span::new(at + from as u32, at + to as u32);
        if matches!(c, '"' | '\'') {
            let close = chars.by_ref().find(|(_, other)| *other == c).map_or(line.len(), |(n, _)| n);
            let inner = &line[start + 1..close.max(start + 1)];
            tokens.push(Spanned::new(inner, place(start, (close + 1).min(line.len()))));
            continue;
        }
        if matches!(c, ';' | '|' | '}' | '{') {
            tokens.push(Spanned::new(&line[start..=start], place(start, start + 1)));
            continue;
        }
        let mut end = start + c.len_utf8();
        while let Some((n, next)) = chars.next_if(|(_, c)| !c.is_whitespace() && !matches!(c, '"' | '\'' | ';' | '|' | '}' | '{')) {
            end = n + next.len_utf8();
            if next == '=' && line.starts_with('$') {
                break;
            }
        }
        let word = &line[start..end];
        if !matches!(word, "`" | "^") {
            tokens.push(Spanned::new(word, place(start, end)));
        }
    }
    tokens
}
