//! The commands of a RouterOS export or script, and their words.
//!
//! A command ends with its line or with `;`. A backslash at the end of a line joins the next one, whose indentation is dropped, in the middle of a word too. A word is bare
//! or holds `"…"` with escapes; what stands in brackets or braces is part of one word.

use crate::source::Span;

/// A word of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Its text, without quotation marks and after escapes.
    pub(super) text: String,
    /// Where it stands, marks included.
    pub(super) span: Span,
    /// Where its name ends and its value begins: the first `=` outside of marks.
    pub(super) equals: Option<usize>,
    /// Whether brackets or braces stand in it.
    pub(super) group: bool,
    /// Whether it is a name and a value that is bare or in marks as a whole, without line ends of its own: then what is seen is what is meant.
    pub(super) plain: bool,
}

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Command {
    pub(super) words: Vec<Word>,
    /// The remark right above it, where there is one.
    pub(super) remark: Option<String>,
}

impl Command {
    /// From its first word to its last.
    pub(super) fn span(&self) -> Span {
        let first = self.words.first().map_or(Span::default(), |word| word.span);
        self.words.last().map_or(first, |word| first.to(word.span))
    }
}

impl Word {
    /// The name of `name=value`, else the whole word.
    pub(super) fn name(&self) -> &str {
        &self.text[..self.equals.unwrap_or(self.text.len())]
    }

    /// The value of `name=value`.
    pub(super) fn value(&self) -> Option<&str> {
        self.equals.map(|at| &self.text[at + 1..])
    }
}

/// All commands of a text, and where a mark or bracket stands that has no partner.
pub(super) fn commands(text: &str, base: u32) -> (Vec<Command>, Option<Span>) {
    let mut lexer = Lexer { text, bytes: text.as_bytes(), at: 0, base };
    let mut commands = Vec::new();
    let (mut words, mut remark): (Vec<Word>, Option<String>) = (Vec::new(), None);
    while lexer.at < text.len() {
        let fresh = words.is_empty();
        match lexer.bytes[lexer.at] {
            b'\n' | b'\r' | b';' => {
                if !fresh {
                    commands.push(Command { words: std::mem::take(&mut words), remark: remark.take() });
                }
                lexer.at += 1;
            }
            b' ' | b'\t' => lexer.at += 1,
            _ if lexer.joins().is_some() => lexer.at = lexer.joins().unwrap_or(text.len()),
            b'#' if fresh => remark = Some(lexer.line().to_owned()),
            b'-' if fresh && text[lexer.at..].starts_with("-- [") => {
                lexer.line();
            }
            b'[' if fresh && lexer.prompt().is_some() => {
                let (path, end) = lexer.prompt().unwrap_or((lexer.at..lexer.at, text.len()));
                // A prompt that names its menu leads there; a bare one leads to the top.
                let path = if path.is_empty() { lexer.at..lexer.at } else { path };
                let top = if path.is_empty() { "/".to_owned() } else { text[path.clone()].to_owned() };
                let span = lexer.span(path);
                let word = Word { text: top, span, equals: None, group: false, plain: true };
                commands.push(Command { words: vec![word], remark: None });
                lexer.at = end;
            }
            _ => match lexer.word() {
                Ok(word) => words.push(word),
                Err(broken) => {
                    if !words.is_empty() {
                        commands.push(Command { words, remark });
                    }
                    return (commands, Some(broken));
                }
            },
        }
    }
    if !words.is_empty() {
        commands.push(Command { words, remark });
    }
    (commands, None)
}

struct Lexer<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    base: u32,
}

impl<'t> Lexer<'t> {
    fn span(&self, range: std::ops::Range<usize>) -> Span {
        Span::new(self.base + range.start as u32, self.base + range.end as u32)
    }

    /// The rest of the line.
    fn line(&mut self) -> &'t str {
        let rest = &self.text[self.at..];
        let line = &rest[..rest.find(['\n', '\r']).unwrap_or(rest.len())];
        self.at += line.len();
        line
    }

    /// Where the text goes on behind a backslash that ends its line.
    fn joins(&self) -> Option<usize> {
        let rest = self.bytes[self.at..].strip_prefix(b"\\")?;
        let end = if rest.starts_with(b"\r\n") { 2 } else { usize::from(matches!(rest.first(), Some(b'\n' | b'\r'))) };
        let blanks = rest[end..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        (end > 0).then(|| self.at + 1 + end + blanks)
    }

    /// `[admin@router] /ip firewall nat>`: the menu, and where the command begins.
    fn prompt(&self) -> Option<(std::ops::Range<usize>, usize)> {
        let rest = &self.bytes[self.at..];
        let line = &rest[..rest.iter().take(200).position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(rest.len().min(200))];
        let close = line.iter().position(|b| *b == b']')?;
        let end = close + line[close..].iter().position(|b| *b == b'>')?;
        let mut menu = self.at + close + 1..self.at + end;
        while menu.start < menu.end && self.bytes[menu.start] == b' ' {
            menu.start += 1;
        }
        while menu.end > menu.start && self.bytes[menu.end - 1] == b' ' {
            menu.end -= 1;
        }
        let plain = self.bytes[menu.clone()].iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'/' | b'-'));
        (line[..close].contains(&b'@') && plain).then_some((menu, self.at + end + 1))
    }

    fn word(&mut self) -> Result<Word, Span> {
        let start = self.at;
        let (mut text, mut equals, mut group, mut depth) = (String::new(), None, false, 0u32);
        // Marks and line ends that make a word other than it looks.
        let (mut marks, mut odd) = (0, false);
        while self.at < self.bytes.len() {
            if let Some(next) = self.joins() {
                self.at = next;
                continue;
            }
            match self.bytes[self.at] {
                b' ' | b'\t' | b'\r' | b'\n' | b';' if depth == 0 => break,
                b'"' => {
                    // The value as a whole, or a part of a word.
                    odd |= marks > 0 || !(text.is_empty() || equals.is_some_and(|at| at + 1 == text.len()));
                    marks += 1;
                    odd |= self.quoted(&mut text).ok_or_else(|| self.span(start..start + 1))?;
                    continue;
                }
                b'[' | b'(' | b'{' => (depth, group) = (depth + 1, true),
                b']' | b')' | b'}' => depth = depth.saturating_sub(1),
                b'=' if equals.is_none() && marks == 0 && depth == 0 => equals = Some(text.len()),
                _ => {}
            }
            odd |= marks > 0;
            let c = self.text[self.at..].chars().next().unwrap_or(' ');
            text.push(c);
            self.at += c.len_utf8();
        }
        if depth > 0 {
            return Err(self.span(start..start + 1));
        }
        Ok(Word { text, span: self.span(start..self.at), equals, group, plain: !odd && !group })
    }

    /// Reads `"…"` into `text`; whether a line end of its own stands in it. None: it is not closed.
    fn quoted(&mut self, text: &mut String) -> Option<bool> {
        let mut lines = false;
        self.at += 1;
        loop {
            if let Some(next) = self.joins() {
                self.at = next;
                continue;
            }
            let c = self.text[self.at..].chars().next()?;
            self.at += c.len_utf8();
            match c {
                '"' => return Some(lines),
                '\\' => {
                    let escaped = self.text[self.at..].chars().next()?;
                    self.at += escaped.len_utf8();
                    text.push(match escaped {
                        '_' => ' ',
                        'n' | 'r' | 't' => ' ',
                        other => other,
                    });
                }
                '\n' | '\r' => {
                    lines = true;
                    text.push(' ');
                }
                other => text.push(other),
            }
        }
    }
}
