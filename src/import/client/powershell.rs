//! Windows profiles made by PowerShell: scripts with the cmdlets of the module `VpnClient`, batch files that call them, and what
//! `Get-VpnConnection` shows as JSON or CLIXML.

mod batch;
mod cmdlets;
mod draft;
mod objects;
mod profile;
mod run;
mod values;
mod words;

use super::Profile;
use crate::import::Notes;
use crate::source::{Problem, ProblemKind, Span};
use crate::tree::powershell::parse;

const FORMAT: &str = "powershell";

/// Reads a script, a batch file, or objects that were written to a file.
pub fn read(text: &str, base: u32) -> (Vec<Profile>, Notes) {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with(['{', '[']) && objects::is_json(start) {
        return objects::json(text, base);
    }
    if start.starts_with('<') && !start.starts_with("<#") {
        return objects::clixml(text, base);
    }
    let mut notes = Notes::default();
    if batch::is_batch(text) {
        let extract = batch::extract(text, base, &mut notes.secrets);
        let profiles = script(&extract.text, &extract.places, &mut notes);
        return (profiles, notes);
    }
    let profiles = script(text, &Places::shift(base), &mut notes);
    (profiles, notes)
}

/// Whether a text holds such a profile.
pub fn detect(text: &str) -> bool {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with(['{', '[']) && objects::is_json(start) {
        return objects::is_connections(start);
    }
    if start.starts_with('<') && !start.starts_with("<#") {
        return start.contains("schemas.microsoft.com/powershell") && start.contains("TunnelType");
    }
    // `Add-VpnConnection`, with any dash.
    let mut rest = text;
    while let Some(n) = find_ignoring_case(rest, "vpnconnection") {
        let before = rest[..n].trim_end_matches(crate::tree::powershell::is_dash);
        let verb = before.len() < n
            && before.get(before.len().wrapping_sub(3)..).is_some_and(|v| v.eq_ignore_ascii_case("add") || v.eq_ignore_ascii_case("set"));
        if verb {
            return true;
        }
        rest = &rest[n + "vpnconnection".len()..];
    }
    false
}

fn find_ignoring_case(text: &str, word: &str) -> Option<usize> {
    text.as_bytes().windows(word.len()).position(|w| w.eq_ignore_ascii_case(word.as_bytes()))
}

/// Reads the text of a script.
fn script(text: &str, places: &Places, notes: &mut Notes) -> Vec<Profile> {
    let script = parse(text);
    let run = run::Run::through(&script);
    let mut writer = profile::Writer { places, secret: Vec::new(), shown: Vec::new() };
    let profiles: Vec<Profile> = run.drafts.iter().map(|draft| writer.profile(draft)).collect();
    if let Some(at) = script.cut {
        let problem = Problem::new(ProblemKind::Syntax, places.span(at), "the script ends before this does", "no end");
        notes.problems.push(problem.help("close the quote or bracket; PowerShell runs no part of such a script"));
    }
    // A literal is shown where it says something that is no key; any other may be one.
    let mut shown = writer.shown;
    shown.sort_unstable_by_key(|s| (s.start, s.end));
    let hidden = script.strings.iter().filter(|s| shown.binary_search_by_key(&(s.start, s.end), |p| (p.start, p.end)).is_err());
    let all = hidden.chain(&script.comments).chain(&writer.secret).chain(&run.stray).chain(&run.secrets);
    notes.secrets.extend(all.map(|s| places.span(*s)).filter(|s| !s.is_empty()));
    profiles
}

/// Where a script's text stands in its file.
pub struct Places {
    base: u32,
    /// One past the file's last byte, for texts that are not the file's own.
    end: u32,
    /// For texts that are not the file's own: offsets of characters, and where they stand.
    pieces: Option<Vec<(u32, u32)>>,
    /// Offsets at which a character of the file was dropped.
    dropped: Vec<u32>,
}

impl Places {
    const fn shift(base: u32) -> Self {
        Self { base, end: u32::MAX, pieces: None, dropped: Vec::new() }
    }

    const fn pieces(base: u32, end: u32) -> Self {
        Self { base, end, pieces: Some(Vec::new()), dropped: Vec::new() }
    }

    /// The character at this offset of the text stands there.
    fn piece(&mut self, offset: usize, at: u32) {
        let offset = offset as u32;
        let pieces = self.pieces.get_or_insert_with(Vec::new);
        // Only where the distance changes.
        if pieces.last().is_none_or(|(o, a)| at.wrapping_sub(*a) != offset - o) {
            pieces.push((offset, at));
        }
    }

    fn drop_at(&mut self, offset: usize) {
        self.dropped.push(offset as u32);
    }

    /// Whether the file has a character in this part of the text that the text has not.
    fn drops(&self, span: Span) -> bool {
        let first = self.dropped.partition_point(|d| *d < span.start);
        self.dropped.get(first).is_some_and(|d| *d <= span.end)
    }

    /// A place in the file.
    pub fn span(&self, span: Span) -> Span {
        let Some(pieces) = &self.pieces else { return Span::new(self.base + span.start, self.base + span.end) };
        let place = |offset: u32| {
            let after = pieces.partition_point(|(o, _)| *o <= offset);
            pieces[..after].last().map_or(self.base, |(o, at)| at + (offset - o)).min(self.end)
        };
        if span.start >= span.end {
            let at = place(span.start);
            return Span::new(at, at);
        }
        // The last character's own place: what follows it may stand elsewhere.
        Span::new(place(span.start), (place(span.end - 1) + 1).min(self.end))
    }
}
