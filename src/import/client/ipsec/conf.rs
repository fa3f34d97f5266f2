//! `ipsec.conf` (libreswan, strongSwan, and before them Openswan): sections whose lines are indented; a `#` at the beginning of a line or after a
//! blank begins a comment. Of its connections those for UDP 1701 are L2TP, and the ones that know their server are clients.

use std::collections::{BTreeMap, HashMap};

use super::super::complete::{Completion, Match};
use super::super::{Profile, facts};
use super::FORMAT;
use crate::import::Notes;
use crate::model::{Client, Field, IpsecAuthentication, List, TunnelType};
use crate::source::{Problem, ProblemKind, Span, Spanned};

type Token<'a> = Spanned<&'a str>;

/// A connection, or what stands for all of them (`%default`).
struct Conn<'a> {
    name: Token<'a>,
    /// Of a repeated key the last value.
    pairs: BTreeMap<&'static str, Token<'a>>,
    also: Vec<Token<'a>>,
}

/// The keys that are read; libreswan and strongSwan know many more.
const KEYS: &[&str] = &[
    "left",
    "right",
    "leftprotoport",
    "rightprotoport",
    "type",
    "authby",
    "leftauth",
    "rightauth",
    "auth",
    "keyexchange",
    "ikev2",
    "aggressive",
    "aggrmode",
    "ike",
    "esp",
    "phase2alg",
    "auto",
];

/// How many connections one takes in; longer chains are no one's configuration.
const CHAIN: usize = 64;

struct Conf<'a> {
    conns: Vec<Conn<'a>>,
    by_name: HashMap<&'a str, Vec<usize>>,
    broken: bool,
    /// The first `include`.
    includes: Option<Span>,
}

/// Reads the connections of a file.
pub fn read(text: &str, base: u32) -> (Vec<Profile>, Notes) {
    let mut notes = Notes::default();
    let conf = Conf::lex(text, base, &mut notes);
    if conf.includes.is_some() {
        notes.completions.extend(conf.defaults());
    }
    let profiles = (0..conf.conns.len()).filter_map(|n| conf.profile(n)).map(|client| Profile { client }).collect();
    (profiles, notes)
}

impl<'a> Conf<'a> {
    fn lex(text: &'a str, base: u32, notes: &mut Notes) -> Self {
        let mut conf = Self { conns: Vec::new(), by_name: HashMap::new(), broken: false, includes: None };
        let (mut at, mut inside) = (0, false);
        for raw in text.split_inclusive('\n') {
            let start = at;
            at += raw.len();
            let line = raw.trim_end_matches(['\n', '\r']);
            let (line, start) = match line.strip_prefix('\u{feff}') {
                Some(rest) => (rest, start + 3),
                None => (line, start),
            };
            let place = |from: usize, text: &'a str| {
                let from = base + (start + from) as u32;
                Spanned::new(text, Span::new(from, from + text.len() as u32))
            };
            let end = comment(line);
            if end < line.len() {
                notes.secrets.push(place(end, &line[end..]).span);
            }
            let said = line[..end].trim_end();
            let text = said.trim_start();
            if text.is_empty() {
                continue;
            }
            let indent = said.len() - text.len();
            let mut words = text.splitn(2, char::is_whitespace);
            let (first, rest) = (words.next().unwrap_or_default(), words.next().unwrap_or_default().trim());
            let rest_at = said.len() - rest.len();
            match first {
                "conn" if indent == 0 => {
                    let name = place(rest_at, rest);
                    conf.by_name.entry(rest).or_default().push(conf.conns.len());
                    conf.conns.push(Conn { name, pairs: BTreeMap::new(), also: Vec::new() });
                    inside = true;
                }
                "config" | "ca" | "version" if indent == 0 && !text.contains('=') => inside = false,
                "include" if !text.contains('=') => {
                    let file = place(rest_at, rest);
                    conf.includes = conf.includes.or(Some(file.span));
                    notes.includes.push(file.map(|r| unquoted(r).to_owned()));
                }
                _ => match text.split_once('=') {
                    Some((key, value)) => {
                        let value_at = said.len() - value.trim_start().len();
                        let (key, value) = (place(indent, key.trim_end()), place(value_at, value.trim_start()));
                        if facts::names_secret(key.value) {
                            notes.secrets.push(value.span);
                        }
                        if let Some(conn) = conf.conns.last_mut().filter(|_| inside) {
                            conn.set(key.value, unquote(value));
                        }
                    }
                    None => {
                        conf.broken = true;
                        let span = place(indent, text).span;
                        notes.secrets.push(span);
                        let problem = Problem::new(
                            ProblemKind::Syntax,
                            span,
                            "the line is neither a section nor a key with a value",
                            "not understood",
                        );
                        notes.problems.push(problem.help("lines of a section are `key=value`, and a comment begins with #"));
                    }
                },
            }
        }
        conf
    }

    /// The pairs that count for a connection: its own, then those of `also`, then `%default`'s; and an `also` that names nothing here.
    fn gather(&self, n: usize) -> (BTreeMap<&'static str, Token<'a>>, Option<Token<'a>>) {
        let mut found = BTreeMap::new();
        let mut missing = None;
        let mut chain = vec![n];
        let mut at = 0;
        while let Some(conn) = chain.get(at).map(|n| &self.conns[*n]) {
            at += 1;
            for (key, value) in &conn.pairs {
                found.entry(*key).or_insert(*value);
            }
            for also in conn.also.iter().take(CHAIN) {
                for other in also.value.split([' ', ',', '\t']).filter(|o| !o.is_empty()).take(CHAIN) {
                    match self.by_name.get(other) {
                        Some(list) => {
                            let new: Vec<usize> = list.iter().take(CHAIN).filter(|m| !chain.contains(m)).copied().collect();
                            chain.extend(new.into_iter().take(CHAIN.saturating_sub(chain.len())));
                        }
                        None => missing = missing.or(Some(*also)),
                    }
                }
            }
        }
        for conn in self.by_name.get("%default").into_iter().flatten().take(CHAIN) {
            for (key, value) in &self.conns[*conn].pairs {
                found.entry(*key).or_insert(*value);
            }
        }
        (found, missing)
    }

    /// What `%default` says to the connections of the files that this one includes.
    fn defaults(&self) -> Option<Completion> {
        let n = *self.by_name.get("%default")?.first()?;
        let name = self.conns[n].name;
        let (pairs, missing) = self.gather(n);
        let all = Whole { head: name.span, pairs, missing, broken: self.broken, includes: None };
        let said = |keys: &[&str]| keys.iter().any(|k| all.get(k).is_some());
        let client = Client {
            name: Spanned::new(name.value.to_owned(), name.span),
            format: Some(FORMAT),
            ipsec_authentication: if said(AUTHENTICATION) { all.authentication() } else { Field::Absent },
            aggressive_mode: if said(AGGRESSIVE) { all.aggressive_mode() } else { Field::Absent },
            ike: if said(&["ike"]) { all.proposals(&["ike"]) } else { Field::Absent },
            esp: if said(&["esp", "phase2alg"]) { all.proposals(&["esp", "phase2alg"]) } else { Field::Absent },
            ..Client::default()
        };
        Some(Completion { client, of: Match::Every, formats: &[FORMAT], passes_to: None })
    }

    /// The client that a connection is for; `None` for servers and for what is not L2TP.
    fn profile(&self, n: usize) -> Option<Client> {
        let conn = &self.conns[n];
        if conn.name.value == "%default" || conn.name.value.is_empty() {
            return None;
        }
        let (pairs, missing) = self.gather(n);
        let get = |key: &str| pairs.get(key).copied();
        let protocol = ["rightprotoport", "leftprotoport"].into_iter().find_map(|k| get(k).filter(|v| is_l2tp(v.value)))?;
        // With the other end any address, this machine is a server.
        let from_anywhere = get("right").is_some_and(|v| v.value.starts_with('%') && v.value != "%defaultroute");
        if from_anywhere {
            return None;
        }
        if get("auto").is_some_and(|a| a.value == "ignore") {
            return None;
        }
        let server = [get("right"), get("left")].into_iter().flatten().find(|v| !v.value.starts_with('%') && !v.value.is_empty())?;
        let read = Whole { head: conn.name.span, pairs, missing, broken: self.broken, includes: self.includes };
        Some(Client {
            name: Spanned::new(conn.name.value.to_owned(), conn.name.span),
            format: Some(FORMAT),
            profile: Some(conn.name.span),
            server: facts::server(server.value, server.span),
            tunnel_type: read.tunnel_type(protocol.span),
            ipsec_authentication: read.authentication(),
            aggressive_mode: read.aggressive_mode(),
            ike: read.proposals(&["ike"]),
            esp: read.proposals(&["esp", "phase2alg"]),
            remarks: facts::server_form(server.value, server.span).into_iter().collect(),
            ..Client::default()
        })
    }
}

/// A connection with all that it takes in.
struct Whole<'a> {
    head: Span,
    pairs: BTreeMap<&'static str, Token<'a>>,
    /// An `also` that names nothing here.
    missing: Option<Token<'a>>,
    broken: bool,
    includes: Option<Span>,
}

const AUTHENTICATION: &[&str] = &["authby", "rightauth", "leftauth", "auth"];
const AGGRESSIVE: &[&str] = &["aggressive", "aggrmode"];

impl<'a> Conn<'a> {
    fn set(&mut self, key: &str, value: Token<'a>) {
        if key.eq_ignore_ascii_case("also") {
            self.also.push(value);
            return;
        }
        if let Some(known) = KEYS.iter().find(|k| k.eq_ignore_ascii_case(key)) {
            self.pairs.insert(known, value);
        }
    }
}

impl Whole<'_> {
    fn get(&self, key: &str) -> Option<Token<'_>> {
        self.pairs.get(key).copied()
    }

    /// What holds for a key that is not written.
    fn default<T>(&self, value: T) -> Field<T> {
        match self.missing {
            Some(also) => Field::opaque_at(also.span, "`also` names a connection that is not in the file"),
            None if self.broken => Field::opaque_at(self.head, "the profile has a syntax error"),
            None => match self.includes {
                Some(include) => Field::opaque_at(include, "a file that this one includes may state it"),
                None => Field::known_at(value, self.head),
            },
        }
    }

    fn tunnel_type(&self, l2tp: Span) -> Field<TunnelType> {
        let ikev2 = [("keyexchange", &["ikev2"][..]), ("ikev2", &["insist", "propose"])];
        for (key, words) in ikev2 {
            if let Some(value) = self.get(key).filter(|v| words.contains(&v.value)) {
                return Field::known_at(TunnelType::Ikev2, value.span);
            }
        }
        match self.get("type") {
            Some(mode) if mode.value == "transport" => Field::known_at(TunnelType::L2tp, l2tp),
            Some(mode) => Field::opaque_at(mode.span, "`type` is not `transport`, and L2TP needs transport mode"),
            None => match self.default(()) {
                Field::Opaque(o) => Field::Opaque(o),
                _ => Field::opaque_at(self.head, "the connection states no `type = transport`, and L2TP needs transport mode"),
            },
        }
    }

    fn authentication(&self) -> Field<IpsecAuthentication> {
        let known = AUTHENTICATION.iter().find_map(|k| self.get(k).filter(|v| !v.value.is_empty()));
        // Both programs take public keys where nothing is said (`ipsec.conf`(5)).
        let Some(value) = known else { return self.default(IpsecAuthentication::Certificate) };
        match value.value {
            "secret" | "psk" => Field::known_at(IpsecAuthentication::PreSharedKey, value.span),
            "rsasig" | "pubkey" | "ecdsa" | "ecdsasig" | "rsa" => Field::known_at(IpsecAuthentication::Certificate, value.span),
            _ => Field::opaque_at(value.span, "the connection's authentication is neither a pre-shared key nor a public key alone"),
        }
    }

    fn aggressive_mode(&self) -> Field<bool> {
        match AGGRESSIVE.iter().find_map(|k| self.get(k)) {
            Some(value) => match yes(value.value) {
                Some(on) => Field::known_at(on, value.span),
                None => Field::opaque_at(value.span, "`aggressive` is neither `yes` nor `no`"),
            },
            None => self.default(false),
        }
    }

    fn proposals(&self, keys: &[&str]) -> List<String> {
        let Some(value) = keys.iter().find_map(|k| self.get(k)).filter(|v| !v.value.is_empty()) else {
            return match self.default(()) {
                Field::Opaque(o) => Field::Opaque(o),
                _ => Field::Absent,
            };
        };
        // Keys that libreswan alone has.
        if self.get("phase2alg").is_some() || self.get("ikev2").is_some() {
            return facts::proposals(value.value, value.span);
        }
        facts::open_proposals(value.value, value.span)
    }
}

/// Whether a protocol and port are those of L2TP: `17/1701`, `udp/l2tp`.
fn is_l2tp(text: &str) -> bool {
    text.split_once('/')
        .is_some_and(|(protocol, port)| matches!(protocol.trim(), "17" | "udp" | "UDP") && matches!(port.trim(), "1701" | "l2tp" | "l2f"))
}

/// `yes` and `no` in all the words that the programs take.
pub fn yes(word: &str) -> Option<bool> {
    match word {
        "yes" | "true" | "on" | "1" => Some(true),
        "no" | "false" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// Where a comment begins.
fn comment(line: &str) -> usize {
    let mut quoted = false;
    let mut blank = true;
    for (at, c) in line.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '#' if blank && !quoted => return at,
            _ => {}
        }
        blank = c == ' ' || c == '\t';
    }
    line.len()
}

fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text)
}

fn unquote(token: Token<'_>) -> Token<'_> {
    let inner = unquoted(token.value);
    let cut = u32::from(inner.len() != token.value.len());
    Spanned::new(inner, Span::new(token.span.start + cut, token.span.end - cut))
}
