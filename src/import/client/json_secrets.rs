//! What must not be shown of a JSON file: values of secret keys, comments, and of a broken text nearly everything.

use super::facts;
use crate::source::Span;
use crate::tree::{Kind, Node};

/// Hides every text and number below a key that names a secret.
pub fn hide(node: &Node<'_>, secret: bool, secrets: &mut Vec<Span>) {
    match &node.kind {
        Kind::Map(entries) => {
            for entry in entries {
                // A PKCS #12 container holds a private key.
                hide(&entry.value, secret || facts::names_secret(&entry.key) || entry.key.eq_ignore_ascii_case("PKCS12"), secrets);
            }
        }
        Kind::Seq(items) => items.iter().for_each(|item| hide(item, secret, secrets)),
        Kind::Null | Kind::Bool(_) => {}
        _ if secret => secrets.push(node.span),
        _ => {}
    }
}

/// Hides comments: old keys stand in them.
pub fn hide_comments(text: &str, base: u32, secrets: &mut Vec<Span>) {
    if !text.contains("//") && !text.contains("/*") {
        return;
    }
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let end = match (bytes[at], bytes.get(at + 1)) {
            (quote @ (b'"' | b'\''), _) => {
                at = after_string(bytes, at, quote);
                continue;
            }
            (b'/', Some(b'/')) => text[at..].find('\n').map_or(text.len(), |n| at + n),
            (b'/', Some(b'*')) => text[at + 2..].find("*/").map_or(text.len(), |n| at + 2 + n + 2),
            _ => {
                at += 1;
                continue;
            }
        };
        secrets.push(Span::new(base + at as u32, base + end as u32));
        at = end;
    }
}

/// One past a string's closing quote, or the end of its line.
fn after_string(bytes: &[u8], open: usize, quote: u8) -> usize {
    let mut at = open + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'\n' => return at,
            b if b == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Of a text whose grammar is broken: hides all but brackets, and the key that a line begins with.
pub fn hide_all_but_keys(text: &str, base: u32, secrets: &mut Vec<Span>) {
    let mut from = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim();
        let start = from + (line.len() - line.trim_start().len()) + key_len(body);
        let end = from + line.trim_end().len();
        if start < end && text[start..end].chars().any(|c| !matches!(c, '{' | '}' | '[' | ']' | ',' | ':' | ' ' | '\t')) {
            secrets.push(Span::new(base + start as u32, base + end as u32));
        }
        from += line.len();
    }
}

/// The length of `"Word":` in front of a line.
fn key_len(line: &str) -> usize {
    let word = line.strip_prefix('"').and_then(|rest| rest.split_once('"'));
    let is_word = |w: &str| w.len() <= 40 && w.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'@' | b'_'));
    word.filter(|(word, rest)| is_word(word) && rest.trim_start().starts_with(':')).map_or(0, |(word, _)| word.len() + 2)
}
