//! FreeRADIUS: `clients.conf`, and `listen` sections of `radiusd.conf` or of a virtual server. Sections nest in braces; a setting ends with its line, at a comma or at a brace.
//!
//! Sources: `clients.conf`(5), `raddb/clients.conf` and `raddb/sites-available/default` with their comments; `conffile.c` and `token.c` of version 3 for words, quotes and comments.

mod entry;

use entry::{Entry, Value, port};

use super::Found;
use crate::import::Notes;
use crate::import::client::facts;
use crate::source::{Problem, ProblemKind, Span, Spanned};

/// Sections within sections; deeper ones are counted and not read.
const DEPTH: usize = 32;

/// Whether a text holds client entries or listeners of FreeRADIUS.
pub fn is_freeradius(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).take(40);
    lines.any(|line| {
        let (head, rest) = line.split_once('{').map_or((line, None), |(head, rest)| (head, Some(rest)));
        let mut words = head.split_whitespace();
        match (words.next(), words.next(), words.next()) {
            (Some("client" | "clients"), Some(_), None) => rest.is_some(),
            (Some("listen"), None, None) => rest.is_some() && text.contains("ipaddr"),
            (Some("$INCLUDE"), Some(_), None) => text.contains("client") || text.contains("confdir"),
            _ => false,
        }
    })
}

/// A section that is open.
enum Section {
    /// `client NAME {`, with its settings.
    Client(Box<Entry>),
    /// `listen {`.
    Listen(Vec<(String, Value)>),
    /// `clients NAME {`: entries for listeners that name it.
    List,
    Other,
}

struct Reader<'t> {
    text: &'t str,
    base: u32,
    at: usize,
    open: Vec<Section>,
    /// Sections beyond [`DEPTH`].
    deeper: usize,
    found: Found,
    notes: Notes,
}

/// Reads a file.
pub fn read(text: &str, base: u32) -> (Found, Notes) {
    let mut reader = Reader { text, base, at: 0, open: Vec::new(), deeper: 0, found: Found::default(), notes: Notes::default() };
    if text.starts_with('\u{feff}') {
        reader.at = 3;
    }
    while reader.statement() {}
    let cut = !reader.open.is_empty();
    while !reader.open.is_empty() {
        reader.close();
    }
    if cut {
        let end = text.trim_end().len();
        let span = reader.span(end.saturating_sub(1), end);
        reader.problem(span, "a section is not closed", "the file ends here");
    }
    (reader.found, reader.notes)
}

impl Reader<'_> {
    fn span(&self, from: usize, to: usize) -> Span {
        Span::new(self.base + from as u32, self.base + to as u32)
    }

    fn problem(&mut self, span: Span, message: &str, label: &str) {
        self.notes.problems.push(Problem::new(ProblemKind::Syntax, span, message, label));
    }

    /// The end of the line, or its `\n`.
    fn line_end(&self) -> usize {
        self.text[self.at..].find('\n').map_or(self.text.len(), |n| self.at + n)
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Passes over blanks within the line; whether anything but a comment follows on it.
    fn more(&mut self) -> bool {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\r' | 0x0B | 0x0C)) {
            self.at += 1;
        }
        !matches!(self.byte(), None | Some(b'\n' | b'#'))
    }

    fn statement(&mut self) -> bool {
        let rest = self.text[self.at..].trim_start();
        self.at = self.text.len() - rest.len();
        match self.byte() {
            None => return false,
            Some(b'#') => self.at = self.line_end(),
            Some(b',' | b';') => self.at += 1,
            Some(b'}') => {
                self.at += 1;
                self.close();
            }
            Some(_) => self.item(),
        }
        true
    }

    /// A setting, a section's head, or anything else that ends with its line.
    fn item(&mut self) {
        let start = self.at;
        let Some(name) = self.word() else {
            self.other(start);
            return;
        };
        if matches!(&*name.value, "$INCLUDE" | "$-INCLUDE") {
            self.include();
            return;
        }
        if name.value.eq_ignore_ascii_case("$template") {
            if let Some(Section::Client(entry)) = self.open.last_mut() {
                entry.templated = true;
            }
            self.at = self.line_end();
            return;
        }
        if !self.more() {
            return;
        }
        if self.byte() == Some(b'{') {
            self.at += 1;
            self.push(&name.value, None, name.span);
            return;
        }
        if let Some(length) = self.operator() {
            self.at += length;
            self.setting(&name);
            return;
        }
        let second = self.word();
        if second.is_some() && self.more() && self.byte() == Some(b'{') {
            let head = self.span(start, self.at);
            self.at += 1;
            self.push(&name.value, second, head);
            return;
        }
        self.other(start);
    }

    /// The length of an operator that a value follows.
    fn operator(&self) -> Option<usize> {
        match &self.text.as_bytes()[self.at..] {
            [b'=', b'~' | b'*', ..] => None,
            [b'=' | b':' | b'+' | b'-', b'=', ..] => Some(2),
            [b'=', ..] => Some(1),
            _ => None,
        }
    }

    /// A line of another kind, such as a condition: it may open a section.
    fn other(&mut self, start: usize) {
        let end = self.line_end();
        let line = self.text[start..end].trim_end();
        self.at = end;
        let span = self.span(start, start + line.len());
        if line.ends_with('{') {
            self.push("", None, span);
        } else if matches!(self.open.last(), Some(Section::Client(_) | Section::Listen(_))) {
            self.problem(span, "this is no setting and no section", "not understood");
            self.notes.secrets.push(span);
        }
    }

    /// A word in quotes, or as far as a blank or a mark.
    fn word(&mut self) -> Option<Spanned<String>> {
        if matches!(self.byte(), Some(b'"' | b'\'')) {
            let value = self.quoted();
            return value.text.ok().map(|text| Spanned::new(text, value.span));
        }
        let start = self.at;
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            let two = matches!((byte, bytes.get(self.at + 1)), (b':' | b'+' | b'-' | b'!', Some(b'=')));
            if two || byte.is_ascii_whitespace() || matches!(byte, b'{' | b'}' | b'(' | b')' | b',' | b'=' | b'#' | b';' | b'<' | b'>') {
                break;
            }
            self.at += 1;
        }
        (self.at > start).then(|| Spanned::new(self.text[start..self.at].to_owned(), self.span(start, self.at)))
    }

    /// A value in quotes, which ends on its line. A backslash has one meaning in front of the quote only: others depend on the server's `correct_escapes`.
    fn quoted(&mut self) -> Value {
        let (start, end) = (self.at, self.line_end());
        let quote = char::from(self.text.as_bytes()[start]);
        let (mut out, mut backslash) = (String::new(), false);
        let mut chars = self.text[start + 1..end].char_indices().peekable();
        while let Some((n, c)) = chars.next() {
            match c {
                c if c == quote => {
                    self.at = start + 1 + n + c.len_utf8();
                    let text = match quote {
                        _ if backslash => Err("the value holds a backslash, and what it means depends on the server's `correct_escapes`"),
                        '"' => expanded(&out).map_or(Ok(out), Err),
                        _ => Ok(out),
                    };
                    return Value { text, span: self.span(start, self.at) };
                }
                '\\' if chars.peek().is_some_and(|(_, next)| *next == quote) => {
                    out.push(quote);
                    chars.next();
                }
                '\\' => {
                    backslash = true;
                    chars.next();
                }
                c => out.push(c),
            }
        }
        self.at = end;
        let span = self.span(start, start + self.text[start..end].trim_end().len());
        self.problem(span, "a quotation mark without its partner", "not closed on this line");
        self.notes.secrets.push(span);
        Value { text: Err("the value's quotation mark is not closed"), span }
    }

    /// A value: quoted, or to the next blank or comma. A `#` within it is part of it, and so is a brace.
    fn value(&mut self) -> Option<Value> {
        if !self.more() {
            return None;
        }
        if matches!(self.byte(), Some(b'"' | b'\'')) {
            return Some(self.quoted());
        }
        let start = self.at;
        let rest = &self.text[start..self.line_end()];
        let length = rest.find(|c: char| c == ',' || c.is_ascii_whitespace() || c == '\u{b}').unwrap_or(rest.len());
        self.at += length;
        let text = &rest[..length];
        let last = rest[length..].trim().is_empty();
        let text = match expanded(text) {
            Some(why) => Err(why),
            None if text.starts_with('`') => Err("the value is what a program says"),
            None if text.ends_with('\\') && last => Err("the value goes on in the next line"),
            None if text.ends_with('}') && text.len() > 1 => Err("a brace touches the value, and is part of it to the server"),
            None => Ok(text.to_owned()),
        };
        Some(Value { text, span: self.span(start, self.at) })
    }

    fn setting(&mut self, name: &Spanned<String>) {
        let Some(value) = self.value() else { return };
        if facts::names_secret(&name.value) {
            self.notes.secrets.push(value.span);
        }
        let settings = match self.open.last_mut() {
            Some(Section::Client(entry)) => &mut entry.settings,
            Some(Section::Listen(settings)) => settings,
            _ => return,
        };
        settings.push((name.value.to_ascii_lowercase(), value));
        if self.more() && !matches!(self.byte(), Some(b',' | b'}' | b'#')) {
            let (from, end) = (self.at, self.line_end());
            let span = self.span(from, from + self.text[from..end].trim_end().len());
            self.notes.secrets.push(span);
            self.problem(span, "something follows a value that has ended", "what has blanks wants quotes");
            self.at = end;
        }
    }

    fn include(&mut self) {
        let Some(value) = self.value() else { return };
        let mut path = value
            .text
            .unwrap_or_else(|_| self.text[(value.span.start - self.base) as usize..(value.span.end - self.base) as usize].to_owned());
        if path.ends_with('/') {
            path.push('*');
        }
        self.notes.includes.push(Spanned::new(path, value.span));
        self.at = self.line_end();
    }

    fn push(&mut self, kind: &str, name: Option<Spanned<String>>, head: Span) {
        if self.open.len() >= DEPTH {
            self.deeper += 1;
            return;
        }
        let listed = self.open.iter().any(|s| matches!(s, Section::List));
        self.open.push(match kind {
            "client" if !matches!(self.open.last(), Some(Section::Client(_) | Section::Listen(_))) => {
                Section::Client(Box::new(Entry { name, head, listed, templated: false, settings: Vec::new() }))
            }
            "listen" => Section::Listen(Vec::new()),
            "clients" => Section::List,
            _ => Section::Other,
        });
    }

    fn close(&mut self) {
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        match self.open.pop() {
            Some(Section::Client(entry)) => {
                self.found.clients.get_or_insert_default();
                if let Some(client) = entry.client() {
                    self.found.entry(client);
                }
            }
            Some(Section::Listen(settings)) => self.found.ports.extend(port(&settings)),
            Some(_) => {}
            None => {
                let span = self.span(self.at - 1, self.at);
                self.problem(span, "a brace closes no section", "nothing is open here");
            }
        }
    }
}

/// Why a text is another one to the server, when it is.
fn expanded(text: &str) -> Option<&'static str> {
    (text.contains("${") || text.contains("$ENV{")).then_some("the value is a variable of the server's configuration")
}
