//! Programs that are installed on a machine: what `winget list` prints, and tables or JSON with `DisplayName`, as the registry's uninstall keys are exported.
//!
//! Sources: Microsoft, "winget list"; Microsoft, "Uninstall Registry Key" (`DisplayName`).

use super::{cell, csv};
use crate::import::Notes;
use crate::import::meraki::Obj;
use crate::source::{Problem, ProblemKind, Span, Spanned};
use crate::tree::json;

const NAME: &[&str] = &["displayname", "name", "program", "software", "productname", "applicationname", "application"];
const BESIDE: &[&str] = &["version", "displayversion", "publisher", "vendor", "uninstallstring", "installdate", "softwareversion"];

/// Whether a text is such a list.
pub fn is_software(text: &str) -> bool {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with(['[', '{']) {
        let head = crate::import::host::head(start);
        return head.contains("\"DisplayName\"")
            && ["\"DisplayVersion\"", "\"Publisher\"", "\"UninstallString\""].iter().any(|k| head.contains(k));
    }
    if winget(text).is_some() {
        return true;
    }
    let head: Vec<String> = csv::head(text).iter().map(|cell| super::fold(cell)).collect();
    let has = |names: &[&str]| head.iter().any(|cell| names.contains(&cell.as_str()));
    has(&NAME[..1]) || has(NAME) && has(BESIDE) && head.len() > 1
}

/// Reads a list.
pub fn read(text: &str, base: u32) -> (Vec<Spanned<String>>, Notes) {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with(['[', '{']) {
        return objects(text, base);
    }
    if let Some(listing) = winget(text) {
        return listing.read(text, base);
    }
    let table = csv::read(text, base);
    let mut notes = Notes::default();
    if let Some(span) = table.broken {
        notes.problems.push(Problem::new(ProblemKind::Syntax, span, "a quotation mark without its partner", "not closed"));
    }
    let name = table.column(NAME);
    let programs = table.rows.iter().filter_map(|row| cell(row, name).map(|c| Spanned::new(c.value.trim().to_owned(), c.span)));
    (programs.collect(), notes)
}

fn objects(text: &str, base: u32) -> (Vec<Spanned<String>>, Notes) {
    let parsed = json::parse(text, base, false);
    let mut notes = Notes::default();
    notes
        .problems
        .extend(parsed.errors.into_iter().map(|e| Problem::new(ProblemKind::Syntax, e.span, e.message, "here").help("export it again")));
    let mut programs = Vec::new();
    if let Some(root) = &parsed.root {
        for entries in root.items().unwrap_or(std::slice::from_ref(root)).iter().filter_map(|n| n.entries()) {
            if let Some(node) = Obj(entries).get("DisplayName") {
                programs.extend(node.text().filter(|t| !t.trim().is_empty()).map(|t| Spanned::new(t.trim().to_owned(), node.span)));
            }
        }
    }
    (programs, notes)
}

/// Where the rows of `winget list` begin, and how many characters wide the column of names is.
struct Winget {
    rows: usize,
    width: usize,
}

/// The heading, which a line of dashes follows. Progress marks may stand in front of it on its line.
fn winget(text: &str) -> Option<Winget> {
    let (mut at, mut before) = (0, "");
    for raw in text.split_inclusive('\n').take(50) {
        at += raw.len();
        let line = raw.trim_end();
        if line.len() >= 20 && line.bytes().all(|b| b == b'-') {
            let head = before.rsplit('\r').next().unwrap_or(before);
            let words: Vec<&str> = head.split_whitespace().collect();
            let id = words.iter().position(|w| w.eq_ignore_ascii_case("id"))?;
            words.get(id + 1)?;
            let place = head.find(&format!(" {} ", words[id]))? + 1;
            return Some(Winget { rows: at, width: head[..place].chars().count() });
        }
        if !line.is_empty() {
            before = line;
        }
    }
    None
}

impl Winget {
    fn read(&self, text: &str, base: u32) -> (Vec<Spanned<String>>, Notes) {
        let (mut programs, mut notes, mut at) = (Vec::new(), Notes::default(), self.rows);
        for raw in text[self.rows..].split_inclusive('\n') {
            let line = raw.trim_end();
            // Wide characters take two columns, so that rows with them are parted at their blanks.
            let column = line.char_indices().nth(self.width).map_or(line.len(), |(n, _)| n);
            let blanks = line.find("  ").unwrap_or(line.len());
            let end = if line.is_ascii() { column } else { blanks };
            let name = line[..end].trim_end();
            if !name.is_empty() && !name.starts_with(' ') && line.len() > end {
                let span = Span::new(base + at as u32, base + (at + name.len()) as u32);
                if name.ends_with('\u{2026}') {
                    // A name that is cut short may be any.
                    notes.gap.get_or_insert(span);
                }
                programs.push(Spanned::new(name.trim_end_matches('\u{2026}').to_owned(), span));
            }
            at += raw.len();
        }
        (programs, notes)
    }
}
