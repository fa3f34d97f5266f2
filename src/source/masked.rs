//! A file as it may be shown: every secret replaced by a mask of fixed width, every line where it was.

use std::sync::OnceLock;

use super::{Showing, SourceFile, mask};

/// A file's text without its secrets, and where its bytes went.
pub struct MaskedFile {
    masked: mask::Masked,
    /// Start of every line in the masked text, once a position is asked for.
    lines: OnceLock<Vec<u32>>,
}

/// A place in lines and columns, both from 1; columns count Unicode scalar values of the masked line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

impl Position {
    /// The beginning of a file.
    pub const START: Self = Self { line: 1, column: 1 };
}

impl MaskedFile {
    /// Masks a file as its [`Showing`] wants.
    pub(super) fn new(file: &SourceFile) -> Self {
        let text = file.raw();
        let mut ranges: Vec<_> = file.secrets().collect();
        match file.showing {
            Showing::Nothing => ranges.push(0..text.len()),
            Showing::LabelledLinesOnly => {
                each_line(text, |at, line| ranges.extend(mask::ranges_after_secret_words(line).map(|r| at + r.start..at + r.end)));
            }
            Showing::WithContext => {
                if !file.path.ends_with(".json") {
                    comments(text, |at, comment| {
                        ranges.extend(mask::ranges_after_secret_words(comment).map(|r| at + r.start..at + r.end));
                    });
                }
                if file.broken {
                    broken_lines(text, &mut ranges);
                }
            }
        }
        Self { masked: mask::apply(text, &ranges), lines: OnceLock::new() }
    }

    fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let ends = self.masked.text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
            [0].into_iter().chain(ends.map(|(n, _)| n as u32 + 1)).collect()
        })
    }

    /// The whole masked text.
    pub fn text(&self) -> &str {
        &self.masked.text
    }

    /// Offset in the masked text of an offset in the file's text.
    pub fn offset(&self, raw: usize) -> usize {
        self.masked.map.to_masked(raw).min(self.masked.text.len())
    }

    /// Line and column of an offset in the masked text.
    pub fn position(&self, offset: usize) -> Position {
        let lines = self.line_starts();
        let line = lines.partition_point(|start| *start as usize <= offset).max(1);
        let start = lines[line - 1] as usize;
        let column = self.masked.text.get(start..offset).map_or(0, |s| s.chars().count());
        Position { line: line as u32, column: column as u32 + 1 }
    }

    /// Bytes of the lines from `first` to `last` (from 1, both included) in the masked text, without the last line's end.
    pub fn lines(&self, first: u32, last: u32) -> std::ops::Range<usize> {
        let lines = self.line_starts();
        let start = lines.get(first.max(1) as usize - 1).map_or(self.masked.text.len(), |s| *s as usize);
        let end = lines.get(last as usize).map_or(self.masked.text.len(), |s| *s as usize - 1);
        start..end.max(start)
    }

    /// How many lines there are.
    pub fn line_count(&self) -> u32 {
        self.line_starts().len() as u32
    }
}

/// Calls `f` with the offset and the text of every line, without its end.
fn each_line(text: &str, mut f: impl FnMut(usize, &str)) {
    let mut at = 0;
    for line in text.split('\n') {
        f(at, line);
        at += line.len() + 1;
    }
}

/// Calls `f` with the offset and the text of what follows the first `#` of every line that has one, without the line's end.
fn comments(text: &str, mut f: impl FnMut(usize, &str)) {
    let mut done = 0;
    while let Some(found) = text[done..].find('#') {
        let at = done + found;
        let end = text[at..].find('\n').map_or(text.len(), |n| at + n);
        f(at, &text[at..end]);
        done = end;
    }
}

/// In a text whose grammar is broken, no tree says where a secret ends: a line that names one is hidden whole, and so is all that follows it until a
/// line that begins a key or a table again.
fn broken_lines(text: &str, ranges: &mut Vec<std::ops::Range<usize>>) {
    let mut hiding = false;
    each_line(text, |at, line| {
        let names_one = mask::names_secret(line);
        let begins = begins_anew(line);
        hiding = names_one || hiding && !begins;
        if hiding {
            ranges.push(at..at + line.len());
        }
    });
}

/// Whether a line looks like the start of a key or a table: `word =`, `word:`, `[table]`, `"word":`, `- word:`.
fn begins_anew(line: &str) -> bool {
    let line = line.trim_start().trim_start_matches("- ").trim_start();
    if line.starts_with('[') {
        return true;
    }
    let word = line.trim_start_matches('"').bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')).count();
    let rest = line.trim_start_matches('"').get(word..).unwrap_or_default().trim_start_matches('"').trim_start();
    word > 0 && rest.starts_with(['=', ':'])
}
