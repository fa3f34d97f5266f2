//! Files made of lines: `[section]` and `key=value`. It splits and places; a dialect says what the splitting rules are.
//!
//! Nothing is changed on the way: case, quotes and escapes stay as written, and repeated keys and sections keep
//! their order. Decoding is the importer's second step, for which [`unescape_key_file`] is one function.

use std::borrow::Cow;

use crate::source::{Span, Spanned};

/// How a format writes its lines.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// What begins a comment on a line of its own.
    pub comments: &'static [&'static str],
    /// What ends a value early: a comment after it, set off by a blank.
    pub end_comments: &'static [&'static str],
    /// What stands between a key and its value.
    pub separators: &'static [char],
    /// Whether blanks before and after a value are not part of it.
    pub trim: Trim,
    /// Whether a key may stand in double quotes, in which `\"` and separators have no meaning.
    pub quoted_keys: bool,
    /// Whether a backslash at the end of a line joins the next one to the value.
    pub continued: bool,
    /// Whether names compare without regard to ASCII case.
    pub ignore_case: bool,
}

/// Which blanks around a value are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trim {
    /// None.
    Never,
    /// Those before it.
    Start,
    /// All.
    Both,
}

/// The key file of `GLib`, as NetworkManager writes `.nmconnection` files: comments only on lines of their own and only with
/// `#`, blanks around `=` dropped, those at the end of a value kept ([Desktop Entry and `GKeyFile` documentation][1]).
///
/// [1]: https://docs.gtk.org/glib/struct.KeyFile.html
pub const KEY_FILE: Dialect = Dialect {
    comments: &["#"],
    end_comments: &[],
    separators: &['='],
    trim: Trim::Start,
    quoted_keys: false,
    continued: false,
    ignore_case: false,
};

/// The phone book of Windows: no comments, nothing trimmed, keys repeat.
pub const PHONE_BOOK: Dialect = Dialect { comments: &[], trim: Trim::Never, ignore_case: true, ..KEY_FILE };

/// A registry export: names in quotes, long values go on after a backslash.
pub const REGISTRY: Dialect =
    Dialect { comments: &[";"], trim: Trim::Both, quoted_keys: true, continued: true, ignore_case: true, ..KEY_FILE };

/// The configuration of xl2tpd: `;` begins a comment anywhere.
pub const XL2TPD: Dialect = Dialect { comments: &[";", "#"], end_comments: &[";"], trim: Trim::Both, ignore_case: true, ..KEY_FILE };

/// A line, or several that a backslash joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// The whole line without its end.
    pub span: Span,
    /// What it is.
    pub kind: LineKind<'a>,
}

/// The kinds of lines. Names and values are as written, within their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind<'a> {
    /// Blanks only.
    Blank,
    /// A comment on a line of its own.
    Comment,
    /// `[name]`; the place is that of the name.
    Section(Spanned<&'a str>),
    /// `key=value`.
    Pair(Spanned<&'a str>, Spanned<&'a str>),
    /// Anything else, such as a word without a separator.
    Other,
}

/// A section with its pairs; the first may have no header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section<'a> {
    /// The name, empty before the first header.
    pub name: Spanned<&'a str>,
    /// The header's line.
    pub head: Span,
    /// Keys and values in order, repeated ones too.
    pub pairs: Vec<(Spanned<&'a str>, Spanned<&'a str>)>,
    /// Lines that are neither pair, comment nor blank.
    pub others: Vec<Span>,
}

impl<'a> Section<'a> {
    /// The last value of a key: the one that counts in a key file.
    pub fn get(&self, key: &str, dialect: &Dialect) -> Option<Spanned<&'a str>> {
        let found = self.pairs.iter().rfind(|(k, _)| dialect.same(k.value, key));
        found.map(|(_, value)| *value)
    }
}

impl Dialect {
    /// Whether two names are one.
    pub fn same(&self, a: &str, b: &str) -> bool {
        a == b || self.ignore_case && a.eq_ignore_ascii_case(b)
    }
}

/// Splits a text into lines; `base` is the place of its first byte. A byte order mark is passed over.
pub fn lines<'a>(text: &'a str, base: u32, dialect: &'a Dialect) -> impl Iterator<Item = Line<'a>> {
    let mut at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    std::iter::from_fn(move || {
        if at >= text.len() {
            return None;
        }
        let start = at;
        let mut end;
        loop {
            let stop = text[at..].find('\n').map(|n| at + n);
            end = stop.unwrap_or(text.len());
            at = stop.map_or(text.len(), |n| n + 1);
            if stop.is_some() && text[start..end].ends_with('\r') {
                end -= 1;
            }
            let comment = starts_comment(text[start..end].trim_start(), dialect.comments);
            if comment || !dialect.continued || !text[start..end].ends_with('\\') || at >= text.len() {
                break;
            }
        }
        let lexer = Lexer { base, dialect };
        let kind = lexer.kind(&text[start..end], start);
        let span = Span::new(base + start as u32, base + end as u32);
        Some(Line { span, kind })
    })
}

/// Gathers the lines of a text under their headers.
pub fn sections<'a>(text: &'a str, base: u32, dialect: &'a Dialect) -> Vec<Section<'a>> {
    let start = Span::new(base, base);
    let section = |name, head| Section { name, head, pairs: Vec::new(), others: Vec::new() };
    let mut sections = vec![section(Spanned::new("", start), start)];
    for line in lines(text, base, dialect) {
        let last = sections.last_mut().expect("it begins with one");
        match line.kind {
            LineKind::Blank | LineKind::Comment => {}
            LineKind::Section(name) => sections.push(section(name, line.span)),
            LineKind::Pair(key, value) => last.pairs.push((key, value)),
            LineKind::Other => last.others.push(line.span),
        }
    }
    if sections[0].pairs.is_empty() && sections[0].others.is_empty() {
        sections.remove(0);
    }
    sections
}

fn starts_comment(text: &str, marks: &[&str]) -> bool {
    marks.iter().any(|mark| text.starts_with(mark))
}

struct Lexer<'d> {
    base: u32,
    dialect: &'d Dialect,
}

impl Lexer<'_> {
    fn kind<'a>(&self, line: &'a str, start: usize) -> LineKind<'a> {
        let text = line.trim_start();
        let at = start + line.len() - text.len();
        if text.is_empty() {
            return LineKind::Blank;
        }
        if starts_comment(text, self.dialect.comments) {
            return LineKind::Comment;
        }
        if let Some(rest) = text.strip_prefix('[') {
            // A registry path may hold brackets, so the last one closes.
            let rest = &rest[..self.end(rest)];
            return match rest.trim_end().strip_suffix(']') {
                Some(name) => LineKind::Section(self.place(name, at + 1)),
                None => LineKind::Other,
            };
        }
        let Some(split) = self.separator(text) else {
            return LineKind::Other;
        };
        let key = text[..split].trim_end();
        let quoted = key.strip_prefix('"').and_then(|k| k.strip_suffix('"'));
        let key = match quoted.filter(|_| self.dialect.quoted_keys) {
            Some(inner) => self.place(inner, at + 1),
            None => self.place(key, at),
        };
        let value = &text[split + 1..];
        let value = &value[..self.end(value)];
        let mut from = at + split + 1;
        let value = match self.dialect.trim {
            Trim::Never => value,
            Trim::Start | Trim::Both => {
                // A wide or no-break blank is part of the value: `g_ascii_isspace` is what GLib drops.
                let kept = value.trim_ascii_start();
                from += value.len() - kept.len();
                kept
            }
        };
        let value = match self.dialect.trim {
            Trim::Both => value.trim_end(),
            Trim::Never | Trim::Start => value,
        };
        LineKind::Pair(key, self.place(value, from))
    }

    /// Where a comment after a value begins, with the blanks before it.
    fn end(&self, text: &str) -> usize {
        let starts = self.dialect.end_comments.iter().filter_map(|mark| {
            let mut found = text.match_indices(mark).map(|(at, _)| at);
            found.find(|&at| at == 0 || text[..at].ends_with([' ', '\t']))
        });
        let end = starts.min().unwrap_or(text.len());
        if end < text.len() { text[..end].trim_end().len() } else { end }
    }

    fn separator(&self, text: &str) -> Option<usize> {
        let mut from = 0;
        if self.dialect.quoted_keys && text.starts_with('"') {
            let mut escaped = false;
            let close = text.char_indices().skip(1).find(|&(_, c)| {
                let end = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                end
            });
            from = close?.0 + 1;
        }
        let split = text[from..].find(self.dialect.separators)?;
        Some(from + split)
    }

    fn place<'a>(&self, text: &'a str, at: usize) -> Spanned<&'a str> {
        let start = self.base + at as u32;
        Spanned::new(text, Span::new(start, start + text.len() as u32))
    }
}

/// Decodes the escapes of a value in a key file of `GLib`: `\s`, `\n`, `\t`, `\r` and `\\`. `None` when there is another one,
/// for which `GLib` refuses the value.
pub fn unescape_key_file(value: &str) -> Option<Cow<'_, str>> {
    if !value.contains('\\') {
        return Some(Cow::Borrowed(value));
    }
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '\\' => match chars.next()? {
                's' => ' ',
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '\\' => '\\',
                _ => return None,
            },
            other => other,
        });
    }
    Some(Cow::Owned(out))
}

#[cfg(test)]
mod tests;
