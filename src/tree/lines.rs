//! Line formats: `[section]` and `key=value`. It knows lines and blanks; what a value means, and its escapes, are the reader's.

use crate::source::Span;

/// A piece of a line with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// The text, as written.
    pub text: &'a str,
    /// Where it stands.
    pub span: Span,
}

/// A line, without its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// What it is.
    pub kind: LineKind<'a>,
    /// The whole line.
    pub span: Span,
}

/// The kinds of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind<'a> {
    /// Nothing but blanks.
    Blank,
    /// A comment.
    Comment,
    /// `[name]`.
    Section(Token<'a>),
    /// `key=value`: the key without the blanks around it, the value without those before it.
    Pair {
        /// What stands before the first `=`.
        key: Token<'a>,
        /// What stands behind it, blanks at the end included.
        value: Token<'a>,
    },
    /// None of these.
    Other,
}

/// The lines of a text whose comments begin with one of `comments`; `base` is the place of its first byte.
pub fn lex<'a>(text: &'a str, base: u32, comments: &'static [char]) -> impl Iterator<Item = Line<'a>> {
    let mut at = 0;
    text.split('\n').map(move |raw| {
        let start = at;
        at += raw.len() + 1;
        let raw = raw.strip_suffix('\r').unwrap_or(raw);
        let token = |from: usize, to: usize| Token {
            text: &raw[from..to],
            span: Span::new(base + (start + from) as u32, base + (start + to) as u32),
        };
        Line { kind: kind(raw, comments, token), span: token(0, raw.len()).span }
    })
}

fn kind<'a>(raw: &'a str, comments: &[char], token: impl Fn(usize, usize) -> Token<'a>) -> LineKind<'a> {
    let blank = |c: char| c.is_ascii_whitespace();
    let first = raw.len() - raw.trim_start_matches(blank).len();
    let last = raw.trim_end_matches(blank).len();
    if first >= last {
        return LineKind::Blank;
    }
    if raw[first..].starts_with(comments) {
        return LineKind::Comment;
    }
    if raw[first..].starts_with('[') {
        return if raw[..last].ends_with(']') && last - first > 2 {
            LineKind::Section(token(first + 1, last - 1))
        } else {
            LineKind::Other
        };
    }
    match raw[first..].find('=').map(|n| first + n) {
        Some(sign) if sign > first => {
            let value = sign + 1 + raw[sign + 1..].len() - raw[sign + 1..].trim_start_matches(blank).len();
            LineKind::Pair { key: token(first, raw[..sign].trim_end_matches(blank).len()), value: token(value, raw.len()) }
        }
        _ => LineKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart_and_tokens_slice_to_their_text() {
        let text = "# c\r\n\r\n[vpn] \r\n user = a=b # not a comment \nnonsense\n=x\n[open\n[]\nempty=";
        let mut seen = Vec::new();
        for line in lex(text, 7, &['#']) {
            let slice = |t: Token<'_>| {
                assert_eq!(&text[t.span.start as usize - 7..t.span.end as usize - 7], t.text);
                t.text.to_owned()
            };
            seen.push(match line.kind {
                LineKind::Blank => "blank".to_owned(),
                LineKind::Comment => "comment".to_owned(),
                LineKind::Section(name) => format!("section {}", slice(name)),
                LineKind::Pair { key, value } => format!("{}→{}", slice(key), slice(value)),
                LineKind::Other => "other".to_owned(),
            });
        }
        assert_eq!(seen, ["comment", "blank", "section vpn", "user→a=b # not a comment ", "other", "other", "other", "other", "empty→"]);
    }
}
