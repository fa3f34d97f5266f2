//! `ipsec.secrets`: entries that begin at the left margin, `ids : PSK "key"`, and go on in indented lines. Quoted text is the key itself;
//! without quotes `0s` is base64 and `0x` hexadecimal (`ipsec.secrets`(5) of strongSwan and libreswan).

use super::super::complete::{Completion, Match};
use super::super::{Profile, facts};
use super::FORMAT;
use crate::import::Notes;
use crate::model::{Client, Field, Host};
use crate::source::{Span, Spanned};

/// Whether a line begins an entry.
pub fn is_entry(line: &str) -> bool {
    let Some((ids, rest)) = colon(line) else { return false };
    let kind = rest.split_ascii_whitespace().next().unwrap_or_default().to_ascii_uppercase();
    matches!(&*kind, "PSK" | "RSA" | "ECDSA" | "XAUTH" | "EAP" | "NTLM" | "PIN" | "P12" | "PKCS8" | "BLISS") && ids.len() < 200
}

/// Reads the pre-shared keys, which complete the profiles of the same import.
pub fn read(text: &str, base: u32) -> (Vec<Profile>, Notes) {
    let mut notes = Notes::default();
    for (start, entry) in entries(text) {
        let span = |from: usize, to: usize| Span::new(base + (start + from) as u32, base + (start + to) as u32);
        if let Some(file) = entry.strip_prefix("include").filter(|f| f.starts_with([' ', '\t'])) {
            let (name, end) = (file.trim(), entry.trim_end().len());
            notes.includes.push(Spanned::new(name.to_owned(), span(end - name.len(), end)));
            continue;
        }
        let Some((ids, rest)) = colon(entry) else {
            notes.secrets.push(span(0, entry.len()));
            continue;
        };
        let at = entry.len() - rest.len();
        let kind = rest.trim_start();
        let word = kind.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        if !word.eq_ignore_ascii_case("psk") {
            notes.secrets.push(span(at, entry.len()));
            continue;
        }
        let value = kind[word.len()..].trim_start();
        let from = entry.len() - value.len();
        notes.secrets.push(span(from, entry.len()));
        let (key, used, open) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let inner = &value[1..];
                let end = inner.find([quote, '\n']).filter(|end| inner[*end..].starts_with(quote));
                (&inner[..end.unwrap_or(inner.trim_end().len())], 1, end.is_none())
            }
            _ => (value.split_ascii_whitespace().next().unwrap_or_default(), 0, false),
        };
        // An empty key has its quotes for a place.
        let place = match (key.len(), used) {
            (0, 0) => span(at, entry.trim_end().len()),
            (0, _) => span(from, entry.len().min(from + 2)),
            _ => span(from + used, from + used + key.len()),
        };
        let field = match used {
            _ if open => Field::opaque_at(place, "the key's quotes do not end"),
            1 => facts::literal_key(key, place, FORMAT).map(super::configuration),
            _ => super::key(key, place),
        };
        let head = span(0, ids.len() + 1);
        let client = Client {
            name: Spanned::new("ipsec.secrets".to_owned(), head),
            format: Some(FORMAT),
            pre_shared_key: field,
            ..Client::default()
        };
        notes.completions.push(Completion { client, of: of(ids), formats: &[FORMAT], passes_to: None });
    }
    (Vec::new(), notes)
}

/// Whose an entry is: its ids but for those that stand for any.
fn of(ids: &str) -> Match {
    let hosts: Vec<Host> = ids
        .split([' ', '\t', ','])
        .filter(|id| !id.is_empty() && !matches!(*id, "%any" | "%any4" | "%any6" | "0.0.0.0" | "::" | "0::0" | "*"))
        .map(|id| {
            let id = id.trim_start_matches('@').trim_matches('"');
            Host::parse(id).unwrap_or_else(|| Host::Name(id.to_owned()))
        })
        .collect();
    if hosts.is_empty() { Match::Every } else { Match::Servers(hosts) }
}

/// Entries with their places; comments are blanked out of none: they begin with `#` on lines of their own.
fn entries(text: &str) -> Vec<(usize, &str)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let (start, end) = (at, at + line.len());
        at = end;
        let said = line.trim_start_matches('\u{feff}');
        let start = start + line.len() - said.len();
        match found.last_mut() {
            Some((_, last)) if said.starts_with([' ', '\t']) && !said.trim_start().starts_with(['#', ':']) && *last == start => *last = end,
            _ if said.trim().is_empty() => {}
            _ => found.push((start, end)),
        }
    }
    found.into_iter().map(|(start, end)| (start, text[start..end].trim_end_matches(['\n', '\r']))).collect()
}

/// What stands before and behind the colon, which has blanks around it.
fn colon(entry: &str) -> Option<(&str, &str)> {
    let at = entry.char_indices().find(|(at, c)| {
        let before = entry[..*at].chars().next_back().is_none_or(char::is_whitespace);
        *c == ':' && before && entry[at + 1..].chars().next().is_none_or(char::is_whitespace)
    })?;
    (!entry.starts_with('#')).then(|| (&entry[..at.0], &entry[at.0 + 1..]))
}
