//! What Cisco's IOS and ASA have in common: statements of words, one a line; access lists, groups and objects; what of a configuration may be shown.
//!
//! Both systems print what belongs to a statement on the lines behind it, with a blank in front; people paste such lines without it, so that words decide, not blanks.

pub mod asa;
mod entry;
pub mod ios;
mod names;
mod options;
#[cfg(test)]
mod tests;
mod words;

use crate::model::Opaque;
use crate::model::upstream::{Action, ChainId, Device, End, Interfaces, Line, Match};
use crate::model::{Field, upstream};
use crate::source::Span;

use super::rows::{self, Row};
use super::{Remark, RemarkKind};
use words::Words;

/// What stands before an incomplete list's end.
const BREAKS_OFF: &str = "the configuration breaks off before its end (`show running-config` prints `end` there)";

/// Whose words are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum System {
    /// Masks of access lists say which bits do not matter.
    Ios,
    /// Masks are those of networks.
    Asa,
}

/// What a reader notes besides the device.
#[derive(Debug, Default)]
struct Log {
    remarks: Vec<Remark>,
    shown: Vec<Span>,
    veiled: Vec<Span>,
}

impl Log {
    fn remark(&mut self, span: Span, message: &str, kind: RemarkKind) {
        self.remarks.push(Remark { span, message: message.into(), kind });
    }

    fn unknown(&mut self, span: Span, message: &str) {
        self.remark(span, message, RemarkKind::Unknown);
    }

    fn dangling(&mut self, span: Span, message: &str) {
        self.remark(span, message, RemarkKind::Dangling);
    }

    /// The words that were taken may be shown, those behind them not.
    fn show(&mut self, words: &Words<'_>) {
        let read = words.read();
        if !read.is_empty() {
            self.shown.push(read);
            self.veiled.extend(words.rest());
        }
    }

    /// Remarks in the order of the text, and what is hidden of it.
    fn finish(mut self, text: &str, base: u32) -> (Vec<Remark>, Vec<Span>) {
        self.shown.sort_unstable();
        self.remarks.sort_by_key(|remark| remark.span);
        self.remarks.dedup();
        let mut hidden = rows::hidden(text, base, &self.shown);
        hidden.extend(self.veiled);
        (self.remarks, hidden)
    }
}

/// The statements of a text, without comments, banners, certificates and what a terminal prints around them.
struct Statements<'t, I> {
    rows: I,
    /// What ends the banner or certificate that is being skipped.
    until: Option<&'t str>,
    /// Banners may be longer than their line.
    banners: bool,
}

fn statements(text: &str, base: u32, system: System) -> Statements<'_, impl Iterator<Item = Row<'_>>> {
    Statements { rows: rows::rows(text, base), until: None, banners: system == System::Ios }
}

impl<'t, I: Iterator<Item = Row<'t>>> Iterator for Statements<'t, I> {
    type Item = Row<'t>;

    fn next(&mut self) -> Option<Row<'t>> {
        loop {
            let row = self.rows.next()?;
            if let Some(end) = self.until {
                let over = if end == "quit" { row.text == "quit" } else { row.text.contains(end) };
                self.until = if over { None } else { self.until };
                continue;
            }
            let row = unprompted(row);
            self.until = opens(row.text, self.banners);
            if self.until.is_none() && !row.text.starts_with('!') && !row.text.is_empty() {
                return Some(row);
            }
        }
    }
}

/// A line without the prompt that a terminal puts in front (`edge(config-if)#`).
fn unprompted(row: Row<'_>) -> Row<'_> {
    let name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'(' | b')' | b'/');
    let length = row.text.bytes().take(80).take_while(|b| name(*b)).count();
    if length == 0 || !row.text[length..].starts_with('#') {
        return row;
    }
    let text = row.text[length + 1..].trim_start();
    Row { text, span: Span::new(row.span.end - text.len() as u32, row.span.end), indent: 0 }
}

/// Whether a text is a configuration of IOS: a statement that no other system has, or the head that `show running-config` prints.
pub fn is_ios(text: &str) -> bool {
    statements(text, 0, System::Ios).any(|row| {
        let words: Vec<&str> = row.text.split_ascii_whitespace().take(4).collect();
        match words[..] {
            ["ip", "nat", "inside" | "outside" | "source", ..] => true,
            ["ip", "access-list", "standard" | "extended", ..] | ["ip", "access-group", _, "in" | "out"] => true,
            ["access-list", number, "permit" | "deny" | "remark" | "dynamic", ..] => number.bytes().all(|b| b.is_ascii_digit()),
            ["zone-pair", "security", ..] | ["zone-member", "security", _] | ["crypto", "isakmp", "policy" | "key", ..] => true,
            ["Current", "configuration", ":", ..] | ["service", "timestamps", "debug" | "log", ..] => true,
            _ => false,
        }
    })
}

/// Whether a text is a configuration of an ASA (or of what came before and after it).
pub fn is_asa(text: &str) -> bool {
    statements(text, 0, System::Asa).any(|row| {
        let words: Vec<&str> = row.text.split_ascii_whitespace().take(4).collect();
        match words[..] {
            ["ASA" | "PIX" | "NGFW", "Version", ..] | [":", "Saved"] | ["same-security-traffic", "permit", ..] => true,
            ["access-list", _, "extended", "permit" | "deny"] | ["object", "network" | "service", _] => true,
            ["access-group", _, "in" | "out" | "global", ..] | ["security-level", _] => true,
            ["nat" | "static", interfaces, ..] => interfaces.starts_with('(') && interfaces.contains(','),
            _ => false,
        }
    })
}

/// What ends the free text that a line begins, if it does and does not end it itself. `banner motd ^C…^C` has a mark of its own (IOS "Configuration
/// Fundamentals Command Reference"); an ASA's banners are whole on each line.
fn opens(line: &str, banners: bool) -> Option<&str> {
    let mut words = line.split_ascii_whitespace();
    let first = words.next()?;
    if first == "banner" {
        if !banners {
            return None;
        }
        let kind = words.next()?;
        let body = line[line.find(kind)? + kind.len()..].trim_start();
        let mark = if body.starts_with('^') { body.get(..2)? } else { body.get(..body.chars().next()?.len_utf8())? };
        let is_mark = body.starts_with('^') || !mark.starts_with(char::is_alphanumeric);
        return (is_mark && !body[mark.len()..].contains(mark)).then_some(mark);
    }
    // `certificate self-signed 01 nvram:…` names a file instead.
    let certificate = first == "certificate" && line.split_ascii_whitespace().count() > 1 && !line.contains("nvram:");
    certificate.then_some("quit")
}

fn opaque(span: Span, reason: &str) -> Opaque {
    Opaque { span, reason: reason.into() }
}

/// A line that is about packets by one interface.
fn by(span: Span, interface: &str, inward: bool, action: Action) -> Line {
    let set = Field::known_at(Interfaces::one(interface), span);
    let mut matches = Match::default();
    if inward {
        matches.in_interface = set;
    } else {
        matches.out_interface = set;
    }
    Line::new(span, matches, action)
}

/// A line that lets through what does not come in (or go out) by the interface.
fn not_by(span: Span, interface: &str, inward: bool) -> Line {
    let mut line = by(span, interface, inward, Action::Permit);
    let field = if inward { &mut line.matches.in_interface } else { &mut line.matches.out_interface };
    *field = Field::known_at(Interfaces { names: vec![interface.into()], negated: true }, span);
    line
}

/// An applied list with these lines.
fn list(name: &str, span: Span, lines: Vec<Line>, end: Option<End>) -> upstream::Chain {
    upstream::Chain { lines, ..upstream::Chain::new(name, span, end) }
}

/// Of a file that is not whole, what is missing may be what decides; what is written stays.
fn breaks_off(device: &mut Device, place: Span, why: &str) {
    let doubt = || Line::new(place, Match::default(), Action::Opaque(opaque(place, why)));
    let applied: Vec<ChainId> = match &device.nat {
        upstream::Nat::Chains(lists) => lists.iter().chain(&device.early).copied().collect(),
        _ => device.early.clone(),
    };
    for id in applied {
        if let Some(chain) = device.chains.get_mut(id.0 as usize) {
            chain.lines.push(doubt());
        }
    }
    // What another list may drop does not arrive either; what would arrive is in doubt here.
    device.forward = Field::opaque_at(place, why);
    device.input = Field::opaque_at(place, why);
    device.outbound = Field::opaque_at(place, why);
    if device.terminates.items().is_empty() {
        device.terminates = Field::opaque_at(place, why);
    }
}
