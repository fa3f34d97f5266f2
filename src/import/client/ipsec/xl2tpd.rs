//! `xl2tpd.conf`: each `[lac NAME]` dials one server; `;` begins a comment (`xl2tpd.conf`(5)). `[lns …]` is the server's side.

use super::super::complete::{Completion, Match};
use super::super::{PPPD_DEFAULTS, Profile, facts};
use super::FORMAT;
use super::conf::yes;
use crate::import::Notes;
use crate::model::{Authentication, Client, Field, List};
use crate::source::{Problem, ProblemKind, Span, Spanned};
use crate::tree::lines::{LineKind, Section, XL2TPD, lines, sections};

/// Reads the callers, each of which completes the profile with its server.
pub fn read(text: &str, base: u32) -> (Vec<Profile>, Notes) {
    let mut notes = Notes::default();
    hide(text, base, &mut notes);
    let all = sections(text, base, &XL2TPD);
    let name = |s: &Section<'_>| s.name.value.strip_prefix("lac").filter(|n| n.starts_with([' ', '\t'])).map(|n| n.trim().to_owned());
    let default = all.iter().find(|s| name(s).as_deref() == Some("default"));
    let default: Vec<_> = READ.iter().map(|key| default.and_then(|d| d.get(key, &XL2TPD))).collect();
    for section in &all {
        for line in &section.others {
            let problem =
                Problem::new(ProblemKind::Syntax, *line, "the line is neither a section nor a key with a value", "not understood");
            notes.problems.push(problem.help("xl2tpd reads `key = value`, and a comment begins with ;"));
        }
        let Some(lac) = name(section).filter(|n| n != "default") else { continue };
        notes.completions.push(completion(lac, section, &default));
    }
    (Vec::new(), notes)
}

/// Comments and what names a secret.
fn hide(text: &str, base: u32, notes: &mut Notes) {
    for line in lines(text, base, &XL2TPD) {
        match line.kind {
            LineKind::Comment | LineKind::Other => notes.secrets.push(line.span),
            LineKind::Pair(key, value) => {
                // A comment behind the value may be anything.
                if value.span.end < line.span.end {
                    notes.secrets.push(Span::new(value.span.end, line.span.end));
                }
                if facts::names_secret(key.value) {
                    notes.secrets.push(value.span);
                }
            }
            LineKind::Blank | LineKind::Section(_) => {}
        }
    }
}

/// The keys that are read.
const READ: &[&str] = &["lns", "name", "pppoptfile", "refuse pap", "refuse chap", "refuse authentication"];

/// `default`: what `[lac default]` says, in the order of [`READ`].
fn completion<'a>(lac: String, section: &Section<'a>, default: &[Option<Spanned<&'a str>>]) -> Completion {
    let get = |key: &str| {
        let other = || READ.iter().position(|k| *k == key).and_then(|n| default[n]);
        section.get(key, &XL2TPD).or_else(other).filter(|v| !v.value.is_empty())
    };
    let server = get("lns").map_or(Field::Absent, |lns| server(lns.value, lns.span));
    let of = match server.value() {
        Some(host) => Match::Servers(vec![host.clone()]),
        None => Match::Named(vec![lac.clone()]),
    };
    let user = get("name").map_or(Field::Absent, |v| facts::text(v.value, v.span, "user"));
    let authentication = authentication(section.name.span, &get);
    let name = Spanned::new(lac, section.name.span);
    let client = Client { name, format: Some(FORMAT), server, user, authentication, ..Client::default() };
    Completion { client, of, formats: super::PPP, passes_to: get("pppoptfile").map(|v| v.value.to_owned()) }
}

/// The first host, without the port that xl2tpd takes.
fn server(text: &str, span: Span) -> Field<crate::model::Host> {
    let first = text.split([',', ';', ' ']).next().unwrap_or_default();
    let host = match first.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') && port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => first,
    };
    facts::server(host, Span::new(span.start, span.start + host.len() as u32))
}

/// What the caller refuses; nothing where it leaves that to pppd's options.
fn authentication<'a>(head: Span, get: &impl Fn(&str) -> Option<Spanned<&'a str>>) -> List<Authentication> {
    let refusals = [(Authentication::Pap, "refuse pap"), (Authentication::Chap, "refuse chap")];
    let refused: Vec<_> =
        refusals.iter().filter_map(|(p, key)| Some((*p, get(key).filter(|v| yes(v.value) == Some(true))?.span))).collect();
    let eap = get("refuse authentication").filter(|v| yes(v.value) == Some(true));
    match (refused.first(), eap) {
        (_, Some(all)) => Field::known_at(Vec::new(), all.span),
        (Some((_, place)), None) => {
            let allowed = PPPD_DEFAULTS.into_iter().filter(|p| refused.iter().all(|(r, _)| r != p));
            Field::known_at(allowed.map(|p| Spanned::new(p, head)).collect(), *place)
        }
        (None, None) => Field::Absent,
    }
}
