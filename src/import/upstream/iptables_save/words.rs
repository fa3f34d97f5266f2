//! A line's words, with quotation marks as `iptables-save` writes them around comments.

use crate::source::{Span, Spanned};

/// One word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: Box<str>,
    /// Quoted words are values, never options.
    pub(super) quoted: bool,
}

/// The words of a line that begins at `base`; none when a quotation mark has no partner.
pub(super) fn split(line: &str, base: u32) -> Option<Vec<Spanned<Word>>> {
    let mut words = Vec::new();
    let mut chars = line.char_indices().peekable();
    while let Some(&(start, first)) = chars.peek() {
        if first.is_whitespace() {
            chars.next();
            continue;
        }
        let (mut text, mut quoted, mut open, mut end) = (String::new(), false, None, start);
        while let Some(&(at, c)) = chars.peek() {
            if open.is_none() && c.is_whitespace() {
                break;
            }
            chars.next();
            end = at + c.len_utf8();
            match (open, c) {
                (None, '"' | '\'') => (open, quoted) = (Some(c), true),
                (Some(mark), c) if mark == c => open = None,
                (Some('"'), '\\') => {
                    let (at, c) = chars.next()?;
                    end = at + c.len_utf8();
                    text.push(c);
                }
                (_, c) => text.push(c),
            }
        }
        if open.is_some() {
            return None;
        }
        let span = Span::new(base + start as u32, base + end as u32);
        words.push(Spanned::new(Word { text: text.into(), quoted }, span));
    }
    Some(words)
}
