//! What of a property list must never be shown.

use super::facts;
use crate::source::Span;
use crate::tree::{Kind, Node};

/// Hides data, and every text and number below a key that names a secret.
pub(super) fn hide(node: &Node<'_>, secret: bool, secrets: &mut Vec<Span>) {
    match &node.kind {
        Kind::Map(entries) => entries.iter().for_each(|e| hide(&e.value, secret || facts::names_secret(&e.key), secrets)),
        Kind::Seq(items) => items.iter().for_each(|i| hide(i, secret, secrets)),
        Kind::Data(_) => secrets.push(node.span),
        Kind::Null | Kind::Bool(_) => {}
        _ if secret => secrets.push(node.span),
        _ => {}
    }
}

/// Hides comments: old keys stand in them.
pub(super) fn hide_comments(text: &str, base: u32, secrets: &mut Vec<Span>) {
    let mut at = 0;
    while let Some(start) = text[at..].find("<!--").map(|n| at + n) {
        let end = text[start..].find("-->").map_or(text.len(), |n| start + n + 3);
        secrets.push(Span::new(base + start as u32, base + end as u32));
        at = end;
    }
}

/// Of a text whose grammar is broken: hides everything but the tags of a property list and the words between `<key>` and `</key>`.
pub(super) fn hide_all_but_tags(text: &str, base: u32, secrets: &mut Vec<Span>) {
    const TAGS: [&str; 11] = ["plist", "dict", "array", "key", "string", "data", "integer", "real", "date", "true", "false"];
    let mut shown = Vec::new();
    let mut in_key = None;
    for (start, _) in text.match_indices('<') {
        let Some(end) = text[start..].find('>').map(|n| start + n + 1) else { break };
        let name = text[start + 1..end - 1].trim_start_matches('/').trim_end_matches('/');
        if !TAGS.contains(&name) {
            in_key = None;
            continue;
        }
        if let (Some(from), "</key>") = (in_key, &text[start..end]) {
            let word: &str = &text[from..start];
            if word.len() <= 40 && word.bytes().all(|b| b.is_ascii_alphanumeric()) {
                shown.push(from..start);
            }
        }
        in_key = (&text[start..end] == "<key>").then_some(end);
        shown.push(start..end);
    }
    let mut at = 0;
    for range in shown.into_iter().chain(std::iter::once(text.len()..text.len())) {
        let mut from = at;
        for line in text[at..range.start.max(at)].split_inclusive('\n') {
            let (lead, body) = (line.len() - line.trim_start().len(), line.trim());
            if !body.is_empty() {
                secrets.push(Span::new(base + (from + lead) as u32, base + (from + lead + body.len()) as u32));
            }
            from += line.len();
        }
        at = range.end;
    }
}
