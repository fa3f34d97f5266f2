//! The lines of a configuration that people print, export or copy out of a terminal: what every reader of such text shares.

use crate::source::{Span, Spanned};

#[cfg(test)]
mod tests;

/// One line that is not blank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row<'t> {
    /// Its text without white space around it, and without what a pager left in front.
    pub(super) text: &'t str,
    /// Where that stands.
    pub(super) span: Span,
    /// How many blanks stand in front.
    pub(super) indent: usize,
}

/// What pagers ask; what stands before the answer is overwritten on the terminal, not in a pasted text.
const PAGERS: &[&str] = &["<--- More --->", "--More--", "---(more)---", "-- more --"];

/// The lines of `text`, whatever ends them. `base` is the place of the text's first byte.
pub(super) fn rows(text: &str, base: u32) -> impl Iterator<Item = Row<'_>> {
    let mut offset = 0;
    let lines = text.split_inclusive(['\n', '\r']).map(move |line| {
        offset += line.len();
        (offset - line.len(), line)
    });
    lines.filter_map(move |(start, line)| {
        let behind = behind_pager(line);
        let body = &line[behind..];
        let text = body.trim();
        let indent = body.len() - body.trim_start().len();
        let at = base + (start + behind + indent) as u32;
        (!text.is_empty()).then_some(Row { text, span: Span::new(at, at + text.len() as u32), indent })
    })
}

/// Where a line goes on behind a pager's question and what wiped it out.
pub(super) fn behind_pager(line: &str) -> usize {
    let Some(end) = PAGERS.iter().filter_map(|ask| line.find(ask).map(|at| at + ask.len())).max() else {
        return 0;
    };
    let wiped = |c: char| c == '\u{8}' || c == '\u{7f}' || c == ' ';
    let rest = &line[end..];
    // The blanks that wipe the question stand between back-spaces; those behind the last back-space are the line's own.
    let last = rest.char_indices().take_while(|(_, c)| wiped(*c)).filter(|(_, c)| *c != ' ').last();
    end + last.map_or(0, |(at, c)| at + c.len_utf8())
}

impl<'t> Row<'t> {
    /// Its words. A word in double quotation marks is one word, without them and with `\` before a mark taken as it stands; a mark without its partner ends with the line.
    pub(super) fn words(&self) -> Vec<Spanned<&'t str>> {
        let mut words = Vec::new();
        let bytes = self.text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at].is_ascii_whitespace() {
                at += 1;
                continue;
            }
            let (start, end) = if bytes[at] == b'"' {
                let end = closing(bytes, at + 1).unwrap_or(bytes.len());
                (at + 1, end)
            } else {
                let end = bytes[at..].iter().position(u8::is_ascii_whitespace).map_or(bytes.len(), |n| at + n);
                (at, end)
            };
            let span = Span::new(self.span.start + start as u32, self.span.start + end as u32);
            words.push(Spanned::new(&self.text[start..end], span));
            at = if bytes.get(end) == Some(&b'"') && start > 0 && bytes[start - 1] == b'"' { end + 1 } else { end };
        }
        words
    }
}

/// The place of the mark that closes a word in double quotation marks, behind `from`.
pub(super) fn closing(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return Some(at),
            _ => at += 1,
        }
    }
    None
}

/// Everything in `text` but the lines that touch one of `shown`: what a reader did not take for words of a firewall is never shown, since keys and passwords stand
/// among it. `shown` is sorted.
pub(super) fn hidden(text: &str, base: u32, shown: &[Span]) -> Vec<Span> {
    let mut shown = shown.iter().peekable();
    let mut hidden: Vec<Span> = Vec::new();
    for row in rows(text, base) {
        while shown.next_if(|span| span.end <= row.span.start).is_some() {}
        if shown.peek().is_none_or(|span| span.start >= row.span.end) {
            hidden.push(row.span);
        }
    }
    hidden
}
