//! The words of the text form, with `define`d names put in their places.

use std::collections::BTreeMap;

use crate::import::upstream::{Remark, RemarkKind};
use crate::source::Span;

/// Texts that names stand for may not make the whole longer than this many words.
const MOST: usize = 1_000_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Word(Box<str>),
    Quoted(Box<str>),
    /// One of `{}(),;:=!<>@[]` or the ends of lines.
    Sign(char),
}

pub(super) type Spanned = (Token, Span);

/// The words of a whole file.
pub(super) fn tokens(text: &str, base: u32, remarks: &mut Vec<Remark>) -> Vec<Spanned> {
    let raw = scan(text, base, remarks);
    if raw.iter().any(|(token, _)| matches!(token, Token::Word(w) if &**w == "define" || &**w == "redefine" || w.starts_with('$'))) {
        replaced(raw, remarks)
    } else {
        raw
    }
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '/' | '*' | '-' | '$' | '\\' | '+' | '%' | '&' | '|' | '^' | '~')
}

fn scan(text: &str, base: u32, remarks: &mut Vec<Remark>) -> Vec<Spanned> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let start = at;
        let span = |from: usize, to: usize| Span::new(base + from as u32, base + to as u32);
        at += c.len_utf8();
        match c {
            '\n' => out.push((Token::Sign('\n'), span(start, at))),
            c if c.is_whitespace() => {}
            // Older versions print what they cannot show as a remark.
            '#' if text[at..].starts_with(" xt_") => {
                out.push((Token::Word("xt".into()), span(start, at)));
                at = text[at..].find('\n').map_or(text.len(), |n| at + n);
            }
            '#' => at = text[at..].find('\n').map_or(text.len(), |n| at + n),
            '\\' if text[at..].trim_start_matches([' ', '\t', '\r']).starts_with('\n') => {
                at += text[at..].find('\n').map_or(0, |n| n + 1);
            }
            '"' => match text[at..].find(['"', '\n']) {
                Some(n) if text[at + n..].starts_with('"') => {
                    out.push((Token::Quoted(text[at..at + n].into()), span(start, at + n + 1)));
                    at += n + 1;
                }
                _ => {
                    at = text[at..].find('\n').map_or(text.len(), |n| at + n);
                    remarks.push(Remark {
                        span: span(start, at),
                        message: "a quotation mark without its partner".into(),
                        kind: RemarkKind::Syntax,
                    });
                }
            },
            c if is_part(c) || c == ':' => {
                let run = text[start..].find(|c: char| !is_part(c) && c != ':').map_or(text.len(), |n| start + n);
                let word = &text[start..run];
                // Two colons are an address of IPv6 or of Ethernet; one alone stands between two words.
                if word.matches(':').count() > 1 {
                    at = run;
                } else if c != ':' {
                    at = word.find(':').map_or(run, |n| start + n);
                }
                let word = &text[start..at];
                out.push((if word == ":" { Token::Sign(':') } else { Token::Word(word.into()) }, span(start, at)));
            }
            c => out.push((Token::Sign(c), span(start, at))),
        }
    }
    out
}

/// Puts what `define NAME = …` says in the place of each `$NAME`; its own place is that of the use.
fn replaced(raw: Vec<Spanned>, remarks: &mut Vec<Remark>) -> Vec<Spanned> {
    let mut names: BTreeMap<Box<str>, Vec<Token>> = BTreeMap::new();
    let mut out: Vec<Spanned> = Vec::with_capacity(raw.len());
    let mut left = MOST;
    let mut raw = raw.into_iter().peekable();
    while let Some((token, span)) = raw.next() {
        let Token::Word(word) = &token else {
            out.push((token, span));
            continue;
        };
        if matches!(&**word, "define" | "redefine") && out.last().is_none_or(|(t, _)| matches!(t, Token::Sign('\n' | ';' | '{'))) {
            let Some((Token::Word(name), _)) = raw.next() else { continue };
            let mut depth = 0;
            let mut value = Vec::new();
            raw.next_if(|(t, _)| *t == Token::Sign('='));
            while let Some((token, span)) = raw.next_if(|(t, _)| depth > 0 || !matches!(t, Token::Sign('\n' | ';'))) {
                match &token {
                    Token::Sign('{') => depth += 1,
                    Token::Sign('}') => depth -= 1,
                    _ => {}
                }
                match &token {
                    Token::Word(word) if word.starts_with('$') => put(&names, word, span, &mut value, &mut left, remarks),
                    _ => value.push((token, span)),
                }
            }
            names.insert(name, value.into_iter().map(|(token, _)| token).collect());
        } else if word.starts_with('$') {
            put(&names, word, span, &mut out, &mut left, remarks);
        } else {
            out.push((token, span));
        }
    }
    out
}

fn put(
    names: &BTreeMap<Box<str>, Vec<Token>>,
    word: &str,
    span: Span,
    out: &mut Vec<Spanned>,
    left: &mut usize,
    remarks: &mut Vec<Remark>,
) {
    let (message, kind) = match names.get(&word[1..]) {
        Some(value) if value.len() < *left => {
            *left -= value.len();
            out.extend(value.iter().map(|token| (token.clone(), span)));
            return;
        }
        Some(_) => ("the names stand for too long a text", RemarkKind::Syntax),
        None => ("the name is not defined in the file", RemarkKind::Dangling),
    };
    remarks.push(Remark { span, message: message.into(), kind });
    out.push((Token::Word("$".into()), span));
}
