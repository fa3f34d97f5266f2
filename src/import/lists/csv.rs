//! Values with commas (RFC 4180), semicolons or tabs between them, with a heading; PowerShell's `#TYPE` line in front is passed over.

use crate::source::{Span, Spanned};

/// A table with its heading.
pub struct Table {
    /// The heading's cells.
    pub head: Vec<Spanned<String>>,
    /// Rows that hold anything.
    pub rows: Vec<Vec<Spanned<String>>>,
    /// A quotation mark that no other one closes.
    pub broken: Option<Span>,
}

/// What parts the heading's cells: the mark that stands there most often; nothing when there is none.
fn separator(line: &str) -> char {
    let count = |mark: char| line.matches(mark).count();
    [';', '\t'].into_iter().filter(|mark| count(*mark) > count(',')).max_by_key(|mark| count(*mark)).unwrap_or(',')
}

/// The heading's line, and where it begins.
fn heading(text: &str) -> (usize, &str) {
    let mut at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    for raw in text[at..].split_inclusive('\n') {
        let line = raw.trim_end();
        if !line.is_empty() && !line.starts_with("#TYPE") {
            return (at, line);
        }
        at += raw.len();
    }
    (text.len(), "")
}

/// The cells of the heading alone.
pub fn head(text: &str) -> Vec<String> {
    let (_, line) = heading(text);
    let line = if line.len() > 4096 { "" } else { line };
    read(line, 0).head.into_iter().map(|cell| cell.value).collect()
}

/// Reads a table.
pub fn read(text: &str, base: u32) -> Table {
    let (start, line) = heading(text);
    let mark = separator(line);
    let mut table = Table { head: Vec::new(), rows: Vec::new(), broken: None };
    let mut row = Vec::new();
    let mut at = start;
    while at < text.len() {
        let rest = &text[at..];
        let (value, from, to, next) = if rest.starts_with('"') {
            match quoted(rest) {
                Some((value, length)) => {
                    let after = rest[length..].find([mark, '\n']).map_or(rest.len(), |n| length + n);
                    (value, at + 1, at + length - 1, at + after)
                }
                None => {
                    let end = rest.find('\n').unwrap_or(rest.len());
                    table.broken.get_or_insert(Span::new(base + at as u32, base + (at + end) as u32));
                    (String::new(), at, at + end, at + end)
                }
            }
        } else {
            let end = rest.find([mark, '\n']).unwrap_or(rest.len());
            let value = rest[..end].trim_end_matches('\r');
            (value.to_owned(), at, at + value.len(), at + end)
        };
        row.push(Spanned::new(value, Span::new(base + from as u32, base + to as u32)));
        at = next;
        let ends = !text[at..].starts_with(mark);
        at = (at + 1).min(text.len());
        if ends {
            table.end(std::mem::take(&mut row));
        }
    }
    table.end(row);
    table
}

impl Table {
    fn end(&mut self, row: Vec<Spanned<String>>) {
        if self.head.is_empty() {
            self.head = row;
        } else if row.iter().any(|cell| !cell.value.trim().is_empty()) {
            self.rows.push(row);
        }
    }
}

/// A value in quotes at the beginning, and how long it is with them. It may hold line ends, but not more than this many bytes.
fn quoted(text: &str) -> Option<(String, usize)> {
    const LONG: usize = 1 << 16;
    let mut value = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((n, c)) = chars.next() {
        match c {
            '"' if chars.peek().is_some_and(|(_, next)| *next == '"') => {
                value.push('"');
                chars.next();
            }
            '"' => return Some((value, n + 1)),
            _ if n > LONG => return None,
            c => value.push(c),
        }
    }
    None
}
