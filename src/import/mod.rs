//! Readers: one format a module. Each returns what it understood and a list of problems, and never fails on content.

pub mod addrs;
pub mod certificate;
pub mod client;
pub mod detect;
pub mod evidence;
pub mod host;
pub mod lists;
pub mod meraki;
pub mod nac;
pub mod radius;
pub mod site_file;
pub mod upstream;
pub mod values;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use crate::model::{Gap, Part};
use crate::source::{FileId, Problem, ProblemKind, Session, Showing, Span, Spanned};
use detect::Format;

/// What a reader of one file returns beside the facts.
#[derive(Default)]
pub struct Notes {
    /// What could not be understood.
    pub problems: Vec<Problem>,
    /// Places that must never be shown.
    pub secrets: Vec<Span>,
    /// Part of the file could not be read: what is absent may stand there.
    pub gap: Option<Span>,
    /// What completes profiles of other files of the same import.
    pub completions: Vec<client::Completion>,
    /// Files that this one includes, as written.
    pub includes: Vec<Spanned<String>>,
}

/// What the readers of one site have to say beside the facts.
#[derive(Default)]
pub struct Ledger {
    /// Faults of all files.
    pub problems: Vec<Problem>,
    /// Where absence proves nothing: at most one a part.
    pub gaps: Vec<Gap>,
    /// The part of the site that is being read.
    pub part: Part,
    /// Readers that panicked (bugs of ours), by format id.
    pub panics: Vec<&'static str>,
}

impl Ledger {
    /// Notes that something of the part being read could not be read.
    pub fn gap(&mut self, span: Span, reason: impl Into<String>) {
        if !self.gaps.iter().any(|gap| gap.part == self.part) {
            self.gaps.push(Gap { part: self.part, span, reason: reason.into() });
        }
    }

    /// Reads `part`, and notes what of its table was not valid.
    pub fn begin(&mut self, part: Part, not_valid: Option<Span>) {
        self.part = part;
        if let Some(span) = not_valid {
            self.gap(span, "a value of the site file is not valid");
        }
    }

    /// Takes what a reader noted.
    pub fn take(&mut self, session: &mut Session, file: FileId, notes: Notes) {
        for span in notes.secrets {
            session.map.hide(span);
        }
        let broken = notes.problems.iter().any(|p| p.kind == ProblemKind::Syntax);
        if broken {
            session.map.file_mut(file).broken = true;
        }
        if let Some(span) = notes.gap {
            self.gap(span, format!("part of {} could not be read", session.map.file(file).path));
        } else if broken {
            self.gap(session.map.file(file).span(), format!("{} has a syntax error", session.map.file(file).path));
        }
        self.problems.extend(notes.problems);
    }

    /// Notes that an import failed.
    pub fn import_failed(&mut self, place: Span, why: impl std::fmt::Display, help: &str) {
        let help = if help.is_empty() {
            "name a file that this table can be read from; `vpnlint inspect FILE` says what a file is taken for"
        } else {
            help
        };
        let problem = Problem::new(ProblemKind::ImportFailed, place, format!("the import was not read: {why}"), "named here");
        self.problems.push(problem.help(help));
        self.gap(place, "an import was not read");
    }
}

/// The files that an `import` names; what cannot be found is noted.
pub fn resolve(session: &Session, from: FileId, imports: &[Spanned<String>], ledger: &mut Ledger) -> Vec<(Span, PathBuf)> {
    let mut found = Vec::new();
    for spec in imports {
        match session.expand(from, &spec.value) {
            Ok(paths) => found.extend(paths.into_iter().map(|p| (spec.span, p))),
            Err(why) => ledger.import_failed(spec.span, why, "paths are relative to the file that names them, and stay inside the root"),
        }
    }
    found
}

/// A phone book in the system's code page.
pub fn not_utf8(span: Span) -> Problem {
    let message = "the phone book is not UTF-8, and was read as Windows-1252";
    let problem = Problem::new(ProblemKind::InvalidValue, span, message, "not UTF-8");
    problem.help("save it as UTF-8 without a byte order mark: Windows takes the names in it for UTF-8")
}

/// Opens an import and tells its format; what fails is noted.
pub fn open(
    session: &mut Session,
    place: Span,
    path: &std::path::Path,
    forced: Option<&Spanned<String>>,
    ledger: &mut Ledger,
) -> Option<(FileId, Format)> {
    let opened = match session.open_import(path) {
        Ok(opened) => opened,
        Err(why) => {
            ledger.import_failed(place, why, "");
            return None;
        }
    };
    let id = opened.id;
    if let Some(sealed) = session.map.file(id).sealed {
        let name = crate::source::visible(&session.map.file(id).path).into_owned();
        ledger.import_failed(place, format!("{name} is {}", sealed.what), sealed.help);
        return None;
    }
    if let Some(span) = opened.undecodable.filter(|_| !opened.binary) {
        ledger
            .problems
            .push(Problem::new(ProblemKind::Syntax, span, "the text is not UTF-8", "not UTF-8").help("save the file as UTF-8 or UTF-16"));
        session.map.file_mut(id).broken = true;
        ledger.gap(span, format!("{} is not UTF-8", session.map.file(id).path));
    }
    if let Some(span) = opened.ansi {
        ledger.problems.push(not_utf8(span));
    }
    let format = match forced {
        Some(word) => detect::by_id(&word.value),
        None => detect::detect(&session.map.file(id).path, session.map.file(id).raw()),
    };
    let Some(format) = format else {
        let name = crate::source::visible(&session.map.file(id).path).into_owned();
        let (place, why) = match forced {
            Some(word) => (word.span, format!("`format` names no format that is known, for {name}")),
            None if session.map.file(id).raw().trim().is_empty() => (place, format!("{name} is empty")),
            None if opened.binary => (place, format!("{name} is binary, of no format that is known")),
            None => (place, format!("{name} is of no format that is known")),
        };
        session.map.file_mut(id).showing = Showing::Nothing;
        ledger.import_failed(place, why, &format!("formats read here: {}", detect::ids().join(", ")));
        return None;
    };
    session.map.file_mut(id).format = format.id();
    Some((id, format))
}

/// Runs a reader; when it panics, that is noted as a bug of the format, and the run goes on.
pub fn guarded<T>(format: Format, ledger: &mut Ledger, read: impl FnOnce() -> T) -> Option<T> {
    let read = catch_unwind(AssertUnwindSafe(read));
    if read.is_err() {
        ledger.panics.push(format.id());
        ledger.gap(Span::default(), "an import was not read");
    }
    read.ok()
}
