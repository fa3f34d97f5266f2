//! Names that only the site's own resolvers know: DNS zones (RFC 1035, section 5, and what Windows' DNS server exports) and hosts files.
//!
//! A name whose address is private is internal; a zone in which every address is private is internal as a whole.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use crate::import::detect::Format;
use crate::import::{Ledger, Notes, guarded, open, resolve};
use crate::model::{Field, Host, List, is_private};
use crate::source::{FileId, Problem, ProblemKind, Session, Span, Spanned};

/// Names of one file; more are a gap.
const MANY: usize = 20_000;

/// Whether a text is a zone: a directive or a start of authority stands among its first lines.
pub fn is_zone(text: &str) -> bool {
    let lines = super::head(text).lines().map(|l| l.split(';').next().unwrap_or_default()).filter(|l| !l.trim().is_empty());
    lines.take(10).any(|line| {
        let mut words = line.split_whitespace();
        let first = words.next().unwrap_or_default();
        matches!(first, "$ORIGIN" | "$TTL") || words.take(3).any(|w| w.eq_ignore_ascii_case("SOA")) && !line.contains('{')
    })
}

/// Whether a text is a hosts file: its first lines are addresses with names.
pub fn is_hosts(text: &str) -> bool {
    let mut lines =
        super::head(text).lines().map(|l| l.split('#').next().unwrap_or_default()).filter(|l| !l.trim().is_empty()).take(20).peekable();
    lines.peek().is_some()
        && lines.all(|line| {
            let mut words = line.split_whitespace();
            let address = words.next().is_some_and(|w| w.split('%').next().is_some_and(|w| w.parse::<std::net::IpAddr>().is_ok()));
            let mut names = words.peekable();
            address && names.peek().is_some() && names.all(|w| w.parse::<std::net::IpAddr>().is_err() && Host::parse(w).is_some())
        })
}

/// Reads a file's internal names. `None`: the format is none of names.
pub fn read(format: Format, text: &str, base: u32) -> Option<(Vec<Spanned<Host>>, Notes)> {
    let mut names = Names::default();
    match format {
        Format::DnsZone => zone(text, base, &mut names),
        Format::Hosts => hosts(text, base, &mut names),
        _ => return None,
    }
    Some((names.all, names.notes))
}

/// What is found, each name once.
#[derive(Default)]
struct Names {
    all: Vec<Spanned<Host>>,
    seen: BTreeSet<String>,
    notes: Notes,
}

impl Names {
    fn push(&mut self, name: &str, span: Span) {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        if self.all.len() >= MANY {
            self.notes.gap.get_or_insert(span);
        } else if let Some(host @ Host::Name(_)) = Host::parse(&name).filter(|_| name.contains('.'))
            && self.seen.insert(name)
        {
            self.all.push(Spanned::new(host, span));
        }
    }
}

fn lines(text: &str, base: u32, mark: char) -> impl Iterator<Item = (&str, &str, Span)> {
    let mut at = base;
    text.split_inclusive('\n').map(move |raw| {
        let line = raw.trim_end();
        let span = Span::new(at + (line.len() - line.trim_start().len()) as u32, at + line.len() as u32);
        at += raw.len() as u32;
        (line, line.split(mark).next().unwrap_or_default(), span)
    })
}

fn hosts(text: &str, base: u32, names: &mut Names) {
    for (_, line, span) in lines(text, base, '#') {
        let mut words = line.split_whitespace();
        if words.next().and_then(|w| w.parse::<Ipv4Addr>().ok()).is_some_and(is_private) {
            words.for_each(|name| names.push(name, span));
        }
    }
}

/// A name in full, below the origin where it does not end with a dot.
fn full(name: &str, origin: &str) -> String {
    match name {
        "@" => origin.to_owned(),
        name if name.ends_with('.') => name.to_owned(),
        name => format!("{name}.{origin}"),
    }
}

fn zone(text: &str, base: u32, names: &mut Names) {
    let (mut origin, mut owner, mut apex) = (None::<String>, String::new(), None);
    let (mut inside, mut outside, mut unplaced, mut depth) = (Vec::new(), false, None, 0_usize);
    for (whole, line, span) in lines(text, base, ';') {
        // `;  Database file corp.example.com.dns for corp.example.com zone.`
        if let (None, Some(name)) =
            (&origin, whole.trim().strip_suffix(" zone.").and_then(|l| l.rsplit_once(" for ")).map(|(_, name)| name))
        {
            origin = Some(format!("{name}."));
        }
        let nested = depth > 0;
        depth = (depth + line.matches('(').count()).saturating_sub(line.matches(')').count());
        if nested || line.trim().is_empty() {
            continue;
        }
        let mut words = line.split_whitespace().peekable();
        if words.peek() == Some(&"$ORIGIN") {
            origin =
                words.nth(1).map(|name| if name.ends_with('.') { name.to_owned() } else { full(name, origin.as_deref().unwrap_or(".")) });
            continue;
        }
        if words.peek().is_some_and(|w| w.starts_with('$')) {
            if line.trim_start().starts_with("$INCLUDE") || line.trim_start().starts_with("$GENERATE") {
                names.notes.gap.get_or_insert(span);
                outside = true;
            }
            continue;
        }
        if !line.starts_with([' ', '\t']) {
            words.next().unwrap_or_default().clone_into(&mut owner);
        }
        let rest: Vec<&str> = words.take(5).collect();
        let Some(kind) = rest.iter().position(|w| ["A", "AAAA", "SOA", "CNAME", "NS"].iter().any(|k| w.eq_ignore_ascii_case(k))) else {
            continue;
        };
        let name = match &origin {
            Some(origin) => full(&owner, origin),
            None if owner.ends_with('.') => owner.clone(),
            None => {
                unplaced.get_or_insert(span);
                continue;
            }
        };
        if rest[kind].eq_ignore_ascii_case("SOA") {
            apex = Some((name, span));
        } else if rest[kind].eq_ignore_ascii_case("A") {
            match rest.get(kind + 1).and_then(|ip| ip.parse::<Ipv4Addr>().ok()) {
                Some(ip) if is_private(ip) => inside.push((name, span)),
                _ => outside = true,
            }
        } else if rest[kind].eq_ignore_ascii_case("AAAA") {
            outside |= rest
                .get(kind + 1)
                .and_then(|ip| ip.parse::<std::net::Ipv6Addr>().ok())
                .is_none_or(|ip| ip.segments()[0] & 0xE000 == 0x2000);
        }
    }
    if let Some(span) = unplaced {
        let problem =
            Problem::new(ProblemKind::InvalidValue, span, "the zone does not say what its names are below", "a name without its zone");
        names.notes.problems.push(problem.help("write `$ORIGIN` with the zone's name at its head"));
        names.notes.gap.get_or_insert(span);
    }
    match apex {
        Some((apex, span)) if !outside && !inside.is_empty() && !apex.ends_with(".arpa.") => names.push(&apex, span),
        _ => {}
    }
    let below = |name: &str| names.all.first().and_then(|d| d.value.name()).is_some_and(|d| crate::model::is_below(name, d));
    let more: Vec<_> = inside.into_iter().filter(|(name, _)| !below(name)).collect();
    for (name, span) in more {
        names.push(&name, span);
    }
}

/// Reads `internal_domains = { import = … }`.
pub fn load(session: &mut Session, file: FileId, imports: &[Spanned<String>], place: Span, ledger: &mut Ledger) -> List<Host> {
    let (mut all, mut failed) = (Vec::new(), imports.is_empty());
    for import in imports {
        let paths = resolve(session, file, std::slice::from_ref(import), ledger);
        failed |= paths.is_empty();
        for (spot, path) in paths {
            let Some((id, format)) = open(session, spot, &path, None, ledger) else {
                failed = true;
                continue;
            };
            let source = session.map.file(id);
            match guarded(format, ledger, || read(format, source.raw(), source.base())) {
                Some(Some((names, notes))) => {
                    ledger.take(session, id, notes);
                    all.extend(names);
                }
                Some(None) => {
                    let why = format!("{} is a {} file, and holds no names", session.map.file(id).path, format.id());
                    ledger.import_failed(spot, why, "name a DNS zone or a hosts file");
                    failed = true;
                }
                None => failed = true,
            }
        }
    }
    if failed { Field::opaque_at(place, "the file of internal names was not read") } else { Field::known_at(all, place) }
}
