//! The key file of `GLib` with its places: sections and pairs, repeated ones too.

use super::{FILLED_IN, blocks, facts};
use crate::import::Notes;
use crate::model::KeyOrigin;
use crate::source::{Problem, ProblemKind, Span, Spanned};
use crate::tree::lines::{KEY_FILE, LineKind, lines};

/// A name or value with its place.
pub type Token<'a> = Spanned<&'a str>;

/// A key with its value, as written.
#[derive(Clone, Copy)]
pub struct Pair<'a> {
    /// Its section's name.
    pub section: &'a str,
    /// The key.
    pub key: Token<'a>,
    /// The value, escapes and all.
    pub value: Token<'a>,
}

/// The sections and pairs of a file.
pub struct KeyFile<'a> {
    /// Names in order.
    pub sections: Vec<Token<'a>>,
    /// Pairs in order.
    pub pairs: Vec<Pair<'a>>,
    /// Something could not be read, and may be what seems to be absent.
    pub broken: bool,
    /// Where its keys come from.
    pub origin: KeyOrigin,
}

impl<'a> KeyFile<'a> {
    /// A key file that stands in another text, whose language fills in some of it.
    pub fn lex_block(block: &blocks::Block<'a>, base: u32, notes: &mut Notes) -> Self {
        let mut file = Self::lex(block.text, base + block.at, KeyOrigin::Configuration, notes);
        for pair in file.pairs.iter_mut().filter(|p| p.section != "connection") {
            if block.language.fills_in(pair.value.value) {
                pair.value.value = FILLED_IN;
            }
        }
        file
    }

    /// Splits a text.
    pub fn lex(text: &'a str, base: u32, origin: KeyOrigin, notes: &mut Notes) -> Self {
        let mut file = Self { sections: Vec::new(), pairs: Vec::new(), broken: false, origin };
        for line in lines(text, base, &KEY_FILE) {
            match line.kind {
                LineKind::Blank => {}
                LineKind::Comment => notes.secrets.push(line.span),
                // A statement of a template: what it leaves in is not known.
                LineKind::Other | LineKind::Pair(..)
                    if origin == KeyOrigin::Configuration && blocks::is_statement(text, line.span, base) =>
                {
                    notes.secrets.push(line.span);
                    file.broken = true;
                }
                LineKind::Section(name) if !name.value.is_empty() => file.sections.push(name),
                LineKind::Pair(key, value) if !key.value.is_empty() => {
                    let section = file.sections.last().map_or("", |s| s.value);
                    if section.is_empty() {
                        file.fault(line.span, "a key stands before the first section", notes);
                        notes.secrets.push(value.span);
                        continue;
                    }
                    let wallet = section.contains("secret") || facts::names_secret(key.value);
                    // A flag says how a secret is kept.
                    if wallet && !key.value.ends_with("-flags") && !value.span.is_empty() {
                        notes.secrets.push(value.span);
                    }
                    file.pairs.push(Pair { section, key, value });
                }
                LineKind::Section(_) | LineKind::Pair(..) | LineKind::Other => {
                    // What stands here may be the rest of a secret.
                    notes.secrets.push(line.span);
                    file.fault(line.span, "the line is neither a section, nor a key with a value, nor a comment", notes);
                }
            }
        }
        file
    }

    fn fault(&mut self, span: Span, message: &str, notes: &mut Notes) {
        self.broken = true;
        let problem = Problem::new(ProblemKind::Syntax, span, message, "not understood");
        notes.problems.push(problem.help("NetworkManager refuses the whole file; a comment begins with # on a line of its own"));
    }

    /// A section's head.
    pub fn section(&self, name: &str) -> Option<Span> {
        self.sections.iter().find(|s| s.value == name).map(|s| s.span)
    }

    /// The pair that counts: groups merge, and of a repeated key the last one counts.
    pub fn get(&self, section: &str, key: &str) -> Option<Pair<'a>> {
        self.pairs.iter().rev().find(|p| p.section == section && p.key.value == key).copied()
    }
}

/// The parts of a value that are not empty, without blanks around them.
pub fn parts<'a>(value: Token<'a>, separators: &'static [char]) -> impl Iterator<Item = Token<'a>> {
    let mut at = 0;
    value.value.split(separators).filter_map(move |raw| {
        let start = at + raw.len() - raw.trim_start().len();
        at += raw.len() + 1;
        let text = raw.trim();
        let from = value.span.start + start as u32;
        (!text.is_empty()).then(|| Spanned::new(text, Span::new(from, from + text.len() as u32)))
    })
}
