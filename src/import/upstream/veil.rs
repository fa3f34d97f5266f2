//! What of a text must never be shown, where only some of its words may be.

use std::ops::Range;

use crate::source::Span;

/// Everything in `text` but the places in `shown`, line by line so that lines stay where they are. The places come in any order.
pub(super) fn all_but(text: &str, base: u32, shown: &mut [Span]) -> Vec<Span> {
    shown.sort_unstable_by_key(|span| span.start);
    let mut found = Vec::new();
    let mut at = 0;
    for span in shown.iter() {
        let (start, end) = ((span.start - base) as usize, (span.end - base) as usize);
        if start > at {
            hide(text, at..start, base, &mut found);
        }
        at = at.max(end);
    }
    hide(text, at..text.len(), base, &mut found);
    found
}

fn hide(text: &str, range: Range<usize>, base: u32, found: &mut Vec<Span>) {
    let mut at = range.start;
    for line in text[range].split_inclusive(['\n', '\r']) {
        let (lead, body) = (line.len() - line.trim_start().len(), line.trim());
        if !body.is_empty() && body != "\\" {
            let start = base + (at + lead) as u32;
            found.push(Span::new(start, start + body.len() as u32));
        }
        at += line.len();
    }
}
