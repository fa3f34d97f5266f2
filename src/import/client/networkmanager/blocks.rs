//! Key files that stand as a block in another text: Nix `''…''`, heredocs of Terraform and shells, and YAML's `|` as Ansible writes them.

use crate::source::Span;

/// A block with a key file.
#[derive(Clone, Copy)]
pub struct Block<'t> {
    /// Its lines, indented as they are.
    pub text: &'t str,
    /// Where they begin.
    pub at: u32,
    /// What fills in its values.
    pub language: Language,
}

/// What the text around a block changes in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Nothing: a quoted heredoc.
    Literal,
    /// `${…}`, and escapes that begin with `''`.
    Nix,
    /// `${…}` and `%{…}`.
    Terraform,
    /// `{{ … }}` and `{% … %}`.
    Jinja,
    /// A heredoc whose word is not quoted: `$`, back-ticks and backslashes.
    Shell,
}

impl Language {
    /// Whether a value is not what stands there.
    pub fn fills_in(self, value: &str) -> bool {
        let holds = |mark: &str| value.contains(mark);
        match self {
            Self::Literal => false,
            Self::Nix => holds("${") || holds("''"),
            Self::Terraform => holds("${") || holds("%{"),
            Self::Jinja => holds("{{") || holds("{%"),
            Self::Shell => {
                let expands = |w: &[u8]| w[0] == b'$' && (w[1].is_ascii_alphanumeric() || b"_{(@*#?$!-".contains(&w[1]));
                holds("`") || value.as_bytes().windows(2).any(|w| expands(w) || w[0] == b'\\' && b"$`\\".contains(&w[1]))
            }
        }
    }
}

/// Whether a text is a key file by itself: what it begins with is a section, or a key before the first one.
pub fn is_key_file(text: &str) -> bool {
    let mut lines = text.trim_start_matches('\u{feff}').lines().map(str::trim_start).filter(|l| !l.is_empty() && !l.starts_with('#'));
    let section = |l: &str| l.starts_with('[') && l.trim_end().ends_with(']');
    match lines.next() {
        Some(first) if section(first) => true,
        _ => !text.lines().any(|l| opener(l).is_some()) && !super::nmcli::is_one(text),
    }
}

/// Whether some block holds an L2TP connection.
pub fn is_one(text: &str) -> bool {
    text.contains("NetworkManager.l2tp") && text.contains("[vpn]") && !find(text).is_empty()
}

/// Whether a line is a statement of a template.
pub fn is_statement(text: &str, line: Span, base: u32) -> bool {
    let line = text.get((line.start - base) as usize..(line.end - base) as usize).unwrap_or_default().trim_start();
    line.starts_with("{%") || line.starts_with("%{") || line.starts_with("{#")
}

/// The blocks that hold a `[vpn]` section, in order.
pub fn find(text: &str) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    within(text, 0, 0, &mut found);
    found
}

/// How many blocks may lie in one another: a heredoc in a script in a YAML file.
const DEPTH: u32 = 3;

fn within<'t>(text: &'t str, base: usize, depth: u32, found: &mut Vec<Block<'t>>) {
    let mut at = 0;
    while at < text.len() {
        let end = text[at..].find('\n').map_or(text.len(), |n| at + n + 1);
        let Some(opener) = opener(&text[at..end]) else {
            at = end;
            continue;
        };
        let stop = end + opener.end(&text[end..]);
        let inner = &text[end..stop];
        if is_connection(inner) {
            found.push(Block { text: inner, at: (base + end) as u32, language: opener.language });
        } else if depth < DEPTH {
            within(inner, base + end, depth + 1, found);
        }
        at = stop.max(end);
    }
}

/// Whether a block is a key file with a `[vpn]` section: its first line that says something is a section.
fn is_connection(text: &str) -> bool {
    let mut lines =
        text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#') && !l.starts_with("{%") && !l.starts_with("%{"));
    lines.next().is_some_and(|l| l.starts_with('[') && l.ends_with(']')) && text.lines().any(|l| l.trim() == "[vpn]")
}

struct Opener<'t> {
    language: Language,
    ends: Ends<'t>,
}

enum Ends<'t> {
    /// A line with this word alone.
    Word(&'t str),
    /// `''` that begins no escape.
    Quotes,
    /// A line that is less indented than the first.
    Indent,
}

/// The block that a line opens.
fn opener(line: &str) -> Option<Opener<'_>> {
    let line = line.trim_end();
    if let Some((before, after)) = line.split_once("<<").filter(|(_, after)| !after.starts_with('<')) {
        let after = after.trim_start_matches(['-', '~']).trim_start();
        let quoted = after.starts_with(['\'', '"', '\\']);
        let word = after.trim_start_matches(['\'', '"', '\\']);
        let word = &word[..word.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(word.len())];
        if word.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            let terraform = before.trim_end().ends_with(['=', '(', ',', ':', '?']);
            let language = if quoted {
                Language::Literal
            } else if terraform {
                Language::Terraform
            } else {
                Language::Shell
            };
            return Some(Opener { language, ends: Ends::Word(word) });
        }
    }
    if line.ends_with("''") && line.matches("''").count() % 2 == 1 {
        return Some(Opener { language: Language::Nix, ends: Ends::Quotes });
    }
    let head = line.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+'));
    // Not `>`, which joins the lines.
    let block = head.strip_suffix('|')?.trim_end();
    block.ends_with(':').then_some(Opener { language: Language::Jinja, ends: Ends::Indent })
}

impl Opener<'_> {
    /// Where the block ends in what follows its first line.
    fn end(&self, text: &str) -> usize {
        let mut at = 0;
        let mut indent = None;
        for line in text.split_inclusive('\n') {
            let said = line.trim();
            let ends = match self.ends {
                Ends::Word(word) => said == word,
                Ends::Quotes => match closing(line) {
                    Some(column) if said.starts_with("''") => return at + line.len().min(column),
                    Some(column) => return at + column,
                    None => false,
                },
                Ends::Indent if said.is_empty() => false,
                Ends::Indent => {
                    let own = line.len() - line.trim_start().len();
                    own < *indent.get_or_insert(own) || own == 0
                }
            };
            if ends {
                return at;
            }
            at += line.len();
        }
        at
    }
}

/// Where `''` stands that ends a Nix text: not `''$`, `'''` or `''\`.
fn closing(line: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = line[at..].find("''") {
        let end = at + found + 2;
        match line[end..].chars().next() {
            Some('$' | '\\') => at = end + 1,
            Some('\'') => at = end + 1,
            _ => return Some(at + found),
        }
    }
    None
}
