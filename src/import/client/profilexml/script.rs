//! A `ProfileXML` in a PowerShell script that creates the connection through the WMI bridge (`MDM_VPNv2_01`). What simple assignments of
//! literals say is put in its place; anything else that the script fills in is not known.

use std::collections::HashMap;

use super::{Embedding, Found, UNKNOWN};
use crate::import::client::facts;
use crate::import::client::offsets::{Decoded, Offsets};
use crate::source::{Span, Spanned};

const OPEN: &str = "<VPNProfile";
const CLOSE: &str = "</VPNProfile>";

/// Whether a script carries a `ProfileXML` and uses none of the cmdlets for connections.
pub fn holds_profile(text: &str) -> bool {
    let cmdlet = |at: usize| text.get(at..at + 14).is_some_and(|word| word.eq_ignore_ascii_case("-VpnConnection"));
    text.contains(OPEN) && text.contains('$') && !text.match_indices('-').any(|(at, _)| cmdlet(at))
}

/// Whether a JSON text is a policy of Intune's that may hold a VPN profile.
pub fn is_policy(text: &str) -> bool {
    text.contains("#microsoft.graph.windows10VpnConfiguration") || text.contains("#microsoft.graph.windows10CustomConfiguration")
}

/// How the string around a profile is quoted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    /// A here-string in single quotes: as it stands.
    Here,
    /// A here-string in double quotes.
    HereDouble,
    Single,
    Double,
}

/// A variable that is given a literal, and nothing else.
struct Literal<'t> {
    value: &'t str,
    at: u32,
}

/// Reads the profiles of a script.
pub fn read(text: &str, base: u32, found: &mut Found) {
    let literals = literals(text);
    let mut outside = 0;
    let mut from = 0;
    while let Some(start) = text[from..].find(OPEN).map(|n| from + n) {
        let end = text[start..].find(CLOSE).map_or(text.len(), |n| start + n + CLOSE.len());
        hide_outside(text, outside..start, base, &mut found.notes.secrets);
        let decoded = decode(&text[start..end], start, quotes(&text[..start]), &literals, base, &mut found.notes.secrets);
        let shift = Offsets::shift(base, text.len());
        let offsets = decoded.offsets().within(&shift);
        let name = literals.get("profilename").map(|l| Spanned::new(l.value.to_owned(), shift.span(span_of(l))));
        let before = found.profiles.len();
        found.xml(&decoded.text, &Embedding { offsets: &offsets, name: name.filter(|n| before == 0 && !n.value.is_empty()) });
        (outside, from) = (end, end);
    }
    hide_outside(text, outside..text.len(), base, &mut found.notes.secrets);
}

const fn span_of(literal: &Literal<'_>) -> Span {
    Span::new(literal.at, literal.at + literal.value.len() as u32)
}

fn quotes(before: &str) -> Quotes {
    let mut lead = before.trim_end();
    if lead.ends_with("?>") {
        lead = lead.rfind("<?xml").map_or(lead, |n| lead[..n].trim_end());
    }
    if lead.ends_with("@\"") {
        Quotes::HereDouble
    } else if lead.ends_with('"') {
        Quotes::Double
    } else if lead.ends_with('\'') && !lead.ends_with("@'") {
        Quotes::Single
    } else {
        Quotes::Here
    }
}

/// Variables, in lower case, that the script gives one literal: `$Name = 'text'`, with or without a type in front.
fn literals(text: &str) -> HashMap<String, Literal<'_>> {
    let mut found: HashMap<String, Option<Literal<'_>>> = HashMap::new();
    let mut from = 0;
    for line in text.split_inclusive('\n') {
        let start = from;
        from += line.len();
        let rest = line.trim_start();
        let rest = if rest.starts_with('[') { rest.split_once(']').map_or(rest, |(_, rest)| rest.trim_start()) } else { rest };
        let Some((name, value)) = rest.strip_prefix('$').and_then(|rest| rest.split_once('=')) else { continue };
        let name = name.trim_end_matches('+').trim().to_ascii_lowercase();
        if !is_name(&name) {
            continue;
        }
        let literal = literal(value.trim()).map(|value| {
            // Where a slice of the line begins.
            let at = start + (value.as_ptr() as usize - line.as_ptr() as usize);
            Literal { value, at: at as u32 }
        });
        // A second assignment makes it depend on the way of the script.
        found.entry(name).and_modify(|known| *known = None).or_insert(literal);
    }
    found.into_iter().filter_map(|(name, literal)| Some((name, literal?))).collect()
}

/// The text of a literal that means what it says.
fn literal(value: &str) -> Option<&str> {
    let quote = value.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let (text, rest) = value[1..].split_once(quote)?;
    let rest = rest.trim_start();
    let ends = rest.is_empty() || rest.starts_with(['#', ';', ',']);
    (ends && (quote == '\'' || !text.contains(['$', '`']))).then_some(text)
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// What Windows gets to read; `at` is the place of the text in the script.
fn decode(
    text: &str,
    at: usize,
    quotes: Quotes,
    literals: &HashMap<String, Literal<'_>>,
    base: u32,
    secrets: &mut Vec<Span>,
) -> Decoded {
    let mut out = Decoded::default();
    let mut from = 0;
    let special: &[char] = match quotes {
        Quotes::Here => &[],
        Quotes::Single => &['\''],
        Quotes::HereDouble => &['$', '`'],
        Quotes::Double => &['$', '`', '"'],
    };
    while let Some(next) = text[from..].find(special).map(|n| from + n) {
        out.push(&text[from..next], (at + from) as u32);
        let rest = &text[next..];
        let place = |len: usize| Span::new((at + next) as u32, (at + next + len) as u32);
        let (name, len) = variable(rest);
        let len = if rest.starts_with('$') {
            match literals.get(&name.to_ascii_lowercase()) {
                _ if len == 0 => {
                    out.push("$", (at + next) as u32);
                    1
                }
                Some(literal) => {
                    // Of the text's own tag it shows where the key really stands.
                    if out.text.rsplit_once('<').is_some_and(|(_, tag)| facts::names_secret(tag)) {
                        let span = span_of(literal);
                        secrets.push(Span::new(base + span.start, base + span.end));
                        secrets.push(Span::new(base + place(len).start, base + place(len).end));
                    }
                    out.push(literal.value, literal.at);
                    len
                }
                None => {
                    out.push_for(UNKNOWN.encode_utf8(&mut [0; 4]), place(len));
                    len
                }
            }
        } else if rest.starts_with('`') {
            let c = rest[1..].chars().next();
            let len = 1 + c.map_or(0, char::len_utf8);
            let meant = match c {
                Some('n') => "\n".to_owned(),
                Some('r') => "\r".to_owned(),
                Some('t') => "\t".to_owned(),
                Some('\n' | '\r') | None => String::new(),
                Some(c) => c.to_string(),
            };
            out.push_for(&meant, place(len));
            len
        } else {
            // A quote that is doubled; a single one would end the string.
            let len = if rest[1..].starts_with(&rest[..1]) { 2 } else { 1 };
            out.push_for(&rest[..1], place(len));
            len
        };
        from = next + len;
    }
    out.push(&text[from..], (at + from) as u32);
    out
}

/// The variable or expression that a `$` begins: its name, when it is a plain one, and its length. Length 0: a dollar sign.
fn variable(text: &str) -> (&str, usize) {
    let Some(rest) = text.strip_prefix('$') else { return ("", 0) };
    if let Some(inner) = rest.strip_prefix('(') {
        let mut depth = 1;
        for (n, c) in inner.char_indices().take(1000) {
            depth += i32::from(c == '(') - i32::from(c == ')');
            if depth == 0 {
                let name = inner[..n].trim().trim_start_matches('$');
                return (if is_name(name) { name } else { "" }, n + 3);
            }
        }
        return ("", 2);
    }
    if let Some(inner) = rest.strip_prefix('{') {
        return inner.split_once('}').map_or(("", 2), |(name, _)| (name, name.len() + 3));
    }
    let len = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':')).count();
    // `$env:X` and `$script:X` are plain names to nobody.
    if len > 0 { (&rest[..len], len + 1) } else { ("", 0) }
}

/// Hides what stands around the profiles: comments, and what follows a word for a secret.
fn hide_outside(text: &str, range: std::ops::Range<usize>, base: u32, secrets: &mut Vec<Span>) {
    let mut from = range.start;
    let mut block = false;
    for line in text[range].split_inclusive('\n') {
        let end = from + line.trim_end().len();
        let comment = if block { Some(0) } else { line.find('#').map(|n| n - usize::from(line[..n].ends_with('<'))) };
        block = (block || line.contains("<#")) && !line.contains("#>");
        let value = if facts::names_secret(line) { line.find(['=', '"', '\'']).map(|n| n + 1) } else { None };
        if let Some(n) = [comment, value].into_iter().flatten().min().filter(|n| from + n < end) {
            secrets.push(Span::new(base + (from + n) as u32, base + end as u32));
        }
        from += line.len();
    }
}
