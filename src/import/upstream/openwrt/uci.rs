//! UCI: `config type 'name'`, `option name 'value'`, `list name 'value'` (OpenWrt, "The UCI system"), and the same as `uci show` prints it.

use std::collections::BTreeMap;

use super::super::rows::{Row, rows};
use crate::source::{Span, Spanned};

/// A section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Section<'t> {
    /// Its package, where the text says it.
    pub(super) package: &'t str,
    pub(super) kind: &'t str,
    pub(super) name: Option<&'t str>,
    /// Its head.
    pub(super) head: Span,
    /// Its options; a list has one for each item.
    pub(super) options: Vec<(&'t str, Spanned<String>, Span)>,
    /// Whether a blank line follows it.
    pub(super) closed: bool,
}

impl Section<'_> {
    /// From its head to its last option.
    pub(super) fn span(&self) -> Span {
        self.options.iter().fold(self.head, |all, (_, _, line)| all.to(*line))
    }

    /// An option's value, the last one where it stands twice.
    pub(super) fn get(&self, name: &str) -> Option<&Spanned<String>> {
        self.options.iter().rev().find(|(other, ..)| *other == name).map(|(_, value, _)| value)
    }

    /// Every word of an option or list.
    pub(super) fn words(&self, name: &str) -> Vec<Spanned<&str>> {
        let of = self.options.iter().filter(|(other, ..)| *other == name);
        of.flat_map(|(_, value, _)| {
            value.value.split([' ', '\t']).filter(|word| !word.is_empty()).map(|word| Spanned::new(word, value.span))
        })
        .collect()
    }

    /// A switch.
    pub(super) fn switch(&self, name: &str) -> Option<bool> {
        match &*self.get(name)?.value {
            "1" | "on" | "true" | "yes" | "enabled" => Some(true),
            "0" | "off" | "false" | "no" | "disabled" => Some(false),
            _ => None,
        }
    }
}

/// The sections of a text, and lines that are none of UCI.
pub(super) fn sections(text: &str, base: u32) -> (Vec<Section<'_>>, Vec<Span>) {
    let (mut sections, mut odd): (Vec<Section<'_>>, Vec<Span>) = (Vec::new(), Vec::new());
    let mut package = "";
    let mut shown = BTreeMap::new();
    let mut last = base;
    for row in rows(text, base) {
        let between = &text[(last - base) as usize..(row.span.start - base) as usize];
        if between.bytes().filter(|b| *b == b'\n').count() > 1
            && let Some(section) = sections.last_mut()
        {
            section.closed = true;
        }
        last = row.span.end;
        if row.text.starts_with('#') {
            continue;
        }
        let Some(words) = words(&row) else {
            odd.push(row.span);
            continue;
        };
        let text = |n: usize| words.get(n).map(|word| word.0);
        match (text(0), &words[1..]) {
            (Some("package"), [(name, _)]) => package = name,
            (Some("config"), [(kind, _), rest @ ..]) if rest.len() < 2 => {
                let name = rest.first().map(|(name, _)| *name);
                sections.push(Section { package, kind, name, head: row.span, options: Vec::new(), closed: false });
            }
            (Some("option" | "list"), [(name, _), (value, at)]) if !sections.is_empty() => {
                let value = Spanned::new((*value).to_owned(), *at);
                if let Some(section) = sections.last_mut() {
                    section.options.push((name, value, row.span));
                }
            }
            _ => {
                if !shows(&row, &mut sections, &mut shown) {
                    odd.push(row.span);
                }
            }
        }
    }
    if text.ends_with("\n\n")
        && let Some(section) = sections.last_mut()
    {
        section.closed = true;
    }
    (sections, odd)
}

/// A word and its place, marks included.
type Placed<'t> = (&'t str, Span);

/// The words of a line; none when a quotation mark has no partner. What follows `#` outside of marks is a remark.
fn words<'t>(row: &Row<'t>) -> Option<Vec<Placed<'t>>> {
    let (text, bytes) = (row.text, row.text.as_bytes());
    let (mut words, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let start = at;
        let end = match bytes[at] {
            b' ' | b'\t' => {
                at += 1;
                continue;
            }
            b'#' => break,
            mark @ (b'\'' | b'"') => {
                let close = text[at + 1..].find(mark as char)? + at + 1;
                words.push((&text[at + 1..close], close + 1));
                close + 1
            }
            _ => {
                let end = text[at..].find([' ', '\t']).map_or(text.len(), |n| at + n);
                words.push((&text[at..end], end));
                end
            }
        };
        if let Some(last) = words.last_mut() {
            last.1 = start;
        }
        at = end;
        // A word that goes on behind its closing mark is none that is read.
        if at < bytes.len() && !matches!(bytes[at], b' ' | b'\t') {
            return None;
        }
    }
    let place = |(word, start): (&'t str, usize)| {
        let marks = u32::from(matches!(bytes[start], b'\'' | b'"'));
        let start = row.span.start + start as u32;
        (word, Span::new(start, start + word.len() as u32 + 2 * marks))
    };
    Some(words.into_iter().map(place).collect())
}

/// `firewall.@redirect[0]=redirect` and `firewall.@redirect[0].src='wan'`.
fn shows<'t>(row: &Row<'t>, sections: &mut Vec<Section<'t>>, known: &mut BTreeMap<&'t str, usize>) -> bool {
    let Some((left, right)) = row.text.split_once('=') else { return false };
    let mut parts = left.splitn(3, '.');
    let (Some(package), Some(section), option) = (parts.next(), parts.next(), parts.next()) else { return false };
    if left.contains([' ', '\'', '"']) || package.is_empty() || section.is_empty() {
        return false;
    }
    let key = &left[..package.len() + 1 + section.len()];
    let Some(option) = option else {
        let name = (!section.starts_with('@')).then_some(section);
        known.insert(key, sections.len());
        let kind = right.trim_matches('\'');
        sections.push(Section { package, kind, name, head: row.span, options: Vec::new(), closed: true });
        return true;
    };
    let Some(section) = known.get(key).and_then(|n| sections.get_mut(*n)) else { return false };
    let at = row.span.start + (left.len() + 1) as u32;
    let value = Row { text: right, span: Span::new(at, row.span.end), indent: 0 };
    let Some(items) = words(&value) else { return false };
    for (item, span) in items {
        section.options.push((option, Spanned::new(item.to_owned(), span), row.span));
    }
    true
}
