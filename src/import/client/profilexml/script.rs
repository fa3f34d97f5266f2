//! A `ProfileXML` in a PowerShell script that creates the connection through the WMI bridge (`MDM_VPNv2_01`). What simple assignments of
//! literals say is put in its place; anything else that the script fills in is not known.

use std::collections::HashMap;

use super::{Embedding, Found, UNKNOWN};
use crate::import::client::facts;
use crate::import::client::offsets::{Decoded, Offsets};
use crate::model::{Client, Field, KeyOrigin, Remark, RemarkKind};
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

type Variables<'t> = HashMap<String, Option<Literal<'t>>>;

/// A variable that is given a literal, and nothing else.
struct Literal<'t> {
    value: &'t str,
    at: u32,
}

/// Reads the profiles of a script.
pub fn read(text: &str, base: u32, found: &mut Found) {
    let variables = variables(text);
    let mut outside = 0;
    let mut from = 0;
    while let Some(start) = text[from..].find(OPEN).map(|n| from + n) {
        let end = text[start..].find(CLOSE).map_or(text.len(), |n| start + n + CLOSE.len());
        hide_outside(text, outside..start, base, &mut found.notes.secrets);
        let profile = &text[start..end];
        let mut string = Reader {
            text,
            profile: start..end,
            base,
            variables: &variables,
            secrets: Vec::new(),
            changed: Vec::new(),
            secret: false,
            searches: 0,
        };
        let decoded = string.decode(profile, quotes(&text[..start]));
        found.notes.secrets.append(&mut string.secrets);
        let shift = Offsets::shift(base, text.len());
        let offsets = decoded.offsets().within(&shift);
        let before = found.profiles.len();
        let name = variables.get("profilename").and_then(Option::as_ref).filter(|l| before == 0 && !l.value.is_empty());
        let name = name.map(|l| Spanned::new(l.value.to_owned(), shift.span(span_of(l))));
        found.xml(&decoded.text, &Embedding { offsets: &offsets, name });
        for profile in &mut found.profiles[before..] {
            finish(&mut profile.client, &string.changed);
        }
        (outside, from) = (end, end);
    }
    hide_outside(text, outside..text.len(), base, &mut found.notes.secrets);
}

/// What is so because a script says it.
fn finish(client: &mut Client, changed: &[Span]) {
    if let Field::Known(key) = &mut client.pre_shared_key {
        key.value.origin = KeyOrigin::Configuration;
    }
    let place = client.pre_shared_key.span();
    if let Some(span) = changed.iter().find(|c| place.is_some_and(|p| p.holds(**c))) {
        let what = "holds a key that PowerShell changes, for it stands in double quotes";
        let help = "put the profile into single quotes (`@'` … `'@`), or write a back-tick before each `$` and each back-tick of the key";
        client.remarks.push(Remark::new(RemarkKind::QuotingChangesKey, *span, what, "expanded in double quotes", help));
    }
}

const fn span_of(literal: &Literal<'_>) -> Span {
    Span::new(literal.at, literal.at + literal.value.len() as u32)
}

fn quotes(before: &str) -> Quotes {
    let mut lead = before.trim_end();
    if lead.ends_with("?>") {
        // A declaration is short.
        let near = lead.char_indices().rev().take(200).last().map_or(0, |(n, _)| n);
        lead = lead[near..].rfind("<?xml").map_or(lead, |n| lead[..near + n].trim_end());
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

/// Variables, in lower case, with what the script gives them when that is one literal: `$Name = 'text'`, with or without a type in front.
fn variables(text: &str) -> Variables<'_> {
    let mut found = Variables::new();
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
    found
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

/// Reads the string that holds a profile.
struct Reader<'t> {
    text: &'t str,
    /// Where the profile stands.
    profile: std::ops::Range<usize>,
    base: u32,
    variables: &'t Variables<'t>,
    secrets: Vec<Span>,
    /// Where PowerShell makes something of a secret that nobody meant.
    changed: Vec<Span>,
    /// The element that the text is in holds a secret.
    secret: bool,
    /// Variables that were looked for in the whole script.
    searches: u8,
}

/// So many at most, for a key has few.
const MAX_SEARCHES: u8 = 16;

/// Variables that PowerShell sets.
const AUTOMATIC: [&str; 8] = ["home", "pid", "host", "true", "false", "null", "profile", "args"];

impl Reader<'_> {
    /// What Windows gets to read.
    fn decode(&mut self, text: &str, quotes: Quotes) -> Decoded {
        let at = self.profile.start;
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
            self.pass(&text[from..next]);
            let rest = &text[next..];
            from = next
                + match rest.as_bytes()[0] {
                    b'$' => self.expand(rest, at + next, &mut out),
                    b'`' => self.escape(rest, at + next, &mut out),
                    _ => {
                        // A quote that is doubled; a single one would end the string.
                        let len = if rest[1..].starts_with(&rest[..1]) { 2 } else { 1 };
                        out.push_for(&rest[..1], Span::new((at + next) as u32, (at + next + len) as u32));
                        len
                    }
                };
        }
        out.push(&text[from..], (at + from) as u32);
        out
    }

    /// Puts in what a `$` stands for; the length of it.
    fn expand(&mut self, rest: &str, at: usize, out: &mut Decoded) -> usize {
        let (name, len) = variable(rest);
        if len == 0 {
            out.push("$", at as u32);
            return 1;
        }
        let place = Span::new(at as u32, (at + len) as u32);
        match self.variables.get(&name.to_ascii_lowercase()) {
            Some(Some(literal)) => {
                if self.secret {
                    self.secrets.extend([self.shifted(span_of(literal)), self.shifted(place)]);
                }
                out.push_named(literal.value, place, literal.at);
            }
            known => {
                if known.is_none() && self.secret && self.is_nobodys(name) {
                    self.changed.push(self.shifted(place));
                }
                out.push_for(UNKNOWN.encode_utf8(&mut [0; 4]), place);
            }
        }
        len
    }

    /// Puts in what a back-tick and the character after it stand for; their length.
    fn escape(&mut self, rest: &str, at: usize, out: &mut Decoded) -> usize {
        let c = rest.chars().nth(1);
        let len = 1 + c.map_or(0, char::len_utf8);
        let meant = match c {
            Some('n') => "\n".to_owned(),
            Some('r') => "\r".to_owned(),
            Some('t') => "\t".to_owned(),
            Some('\n' | '\r') | None => String::new(),
            Some(c) => c.to_string(),
        };
        let place = Span::new(at as u32, (at + len) as u32);
        if self.secret && !matches!(c, Some('$' | '`' | '"')) {
            self.changed.push(self.shifted(place));
        }
        out.push_for(&meant, place);
        len
    }

    /// Goes over plain text, and knows the element that it ends in.
    fn pass(&mut self, text: &str) {
        if let Some((_, tag)) = text.rsplit_once('<') {
            let name = tag.split('>').next().unwrap_or(tag);
            self.secret = !name.starts_with('/') && facts::names_secret(name);
        }
    }

    const fn shifted(&self, span: Span) -> Span {
        Span::new(span.start + self.base, span.end + self.base)
    }

    /// Whether the script knows no such variable outside the profile, and PowerShell neither.
    fn is_nobodys(&mut self, name: &str) -> bool {
        if self.searches == MAX_SEARCHES {
            return false;
        }
        self.searches += 1;
        let is_it = |at: usize| {
            let word = self.text.get(at..at + name.len());
            !self.profile.contains(&at) && word.is_some_and(|word| word.eq_ignore_ascii_case(name))
        };
        is_name(name) && !AUTOMATIC.iter().any(|a| name.eq_ignore_ascii_case(a)) && !self.text.match_indices('$').any(|(n, _)| is_it(n + 1))
    }
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
        let end = inner.bytes().take(200).position(|b| b == b'}');
        return end.map_or(("", 2), |end| (&inner[..end], end + 3));
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
