//! `site.toml`, `site.yaml`, `site.json`: the file that describes one site and names its imports.

mod assemble;
mod schema;
mod uplinks;

use std::collections::BTreeSet;

use crate::model::Site;
use crate::source::{FileId, Opened, Problem, ProblemKind, Session, Span};
use crate::tree::decode::{Cx, Decode};
use crate::tree::{self, Parsed};

use super::Ledger;

pub use schema::{Action, Direction, ForwardDecl, ForwardProtocol, RuleDecl, UpstreamDecl, json_schema};

/// The three syntaxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// `site.toml`.
    Toml,
    /// `site.yaml`, `site.yml`.
    Yaml,
    /// `site.json`.
    Json,
}

impl Syntax {
    /// By the file's ending; TOML where it tells nothing.
    pub fn of(path: &str) -> Self {
        match path.rsplit('.').next().map(str::to_ascii_lowercase).as_deref() {
            Some("yaml" | "yml") => Self::Yaml,
            Some("json") => Self::Json,
            _ => Self::Toml,
        }
    }

    /// The format's id in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Toml => "site-toml",
            Self::Yaml => "site-yaml",
            Self::Json => "site-json",
        }
    }

    fn parse(self, text: &str, base: u32) -> Parsed<'_> {
        match self {
            Self::Toml => tree::toml::parse(text, base),
            Self::Yaml => tree::yaml::parse(text, base),
            Self::Json => tree::json::parse(text, base, false),
        }
    }
}

/// A site as far as its files could be understood.
pub struct Loaded {
    /// The site.
    pub site: Site,
    /// Faults of its files, and more.
    pub ledger: Ledger,
    /// The site file itself.
    pub file: FileId,
    /// Whether anything of the site file was understood.
    pub understood: bool,
}

/// Reads a site file and everything that it imports.
pub fn load(session: &mut Session, opened: &Opened, folder_name: &str) -> Loaded {
    let id = opened.id;
    let syntax = Syntax::of(&session.map.file(id).path);
    session.map.file_mut(id).format = syntax.id();
    let mut ledger = Ledger::default();
    // A copy, so that the tree may borrow it while decoding opens other files.
    let text = session.map.file(id).raw().to_owned();
    let base = session.map.file(id).base();
    if let Some(span) = opened.undecodable {
        ledger.problems.push(Problem::new(ProblemKind::Syntax, span, "the text is not UTF-8", "not UTF-8").help("save the file as UTF-8"));
        session.map.file_mut(id).broken = true;
        ledger.gap(span, "the site file is not UTF-8");
    }
    let parsed = syntax.parse(&text, base);
    for error in &parsed.errors {
        ledger.problems.push(Problem::new(ProblemKind::Syntax, error.span, error.message.clone(), "here"));
        session.map.file_mut(id).broken = true;
        ledger.gap(error.span, "the site file has a syntax error");
    }
    let mut decl = schema::SiteDecl::default();
    if parsed.root.as_ref().is_none_or(|r| r.entries().is_none()) {
        session.map.file_mut(id).broken = true;
    }
    if let Some(root) = &parsed.root {
        let mut cx = Cx::new(session, id);
        if let Ok(read) = schema::SiteDecl::decode(root, &mut cx) {
            decl = read;
        }
        if !cx.problems.is_empty() || !parsed.errors.is_empty() {
            cx.hide_what_is_called_secret(root);
        }
        let Cx { problems, secrets, gap, .. } = cx;
        for span in secrets {
            session.map.hide(span);
        }
        if let Some(span) = gap {
            ledger.gap(span, "a value of the site file is not valid");
        }
        // What stands on a line that breaks the grammar is no key to speak of.
        let line_of = |span: Span| text[..(span.start - base) as usize].rfind('\n').map_or(0, |n| n + 1);
        let broken: BTreeSet<usize> = parsed.errors.iter().map(|e| line_of(e.span)).collect();
        let told = |p: &Problem| broken.is_empty() || p.kind != ProblemKind::UnknownKey || !broken.contains(&line_of(p.span));
        ledger.problems.extend(problems.into_iter().filter(told));
    }
    let whole = parsed.errors.is_empty() && parsed.root.as_ref().is_some_and(|r| r.entries().is_some());
    let understood = whole || decl.says_anything();
    if decl.version.is_absent() && parsed.errors.is_empty() {
        let first = session.map.file(id).first_line();
        let problem = Problem::new(ProblemKind::InvalidValue, first, "`version` is missing", "no `version` in this file");
        ledger.problems.push(problem.help("begin the file with `version = 1`"));
    }
    let site = assemble::assemble(session, id, decl, folder_name, &mut ledger);
    Loaded { site, ledger, file: id, understood }
}
