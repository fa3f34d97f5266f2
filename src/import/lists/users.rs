//! Users of client VPN as a table: one row a user, with a heading that names at least the column of e-mail addresses.
//!
//! The Dashboard's own words head the columns (`Email`, `Authorized`, `Expires`), as do the API's (`expiresAt`). A column that is not there says nothing.

use super::{Table, cell, csv};
use crate::import::detect::Format;
use crate::import::{Ledger, Notes, guarded, meraki, open, resolve};
use crate::model::{Day, Field, List, User};
use crate::source::{FileId, Problem, ProblemKind, Session, Span, Spanned, is_folder};

const EMAIL: &[&str] = &["email", "emailaddress", "useremail", "mail", "username", "user"];
const AUTHORIZED: &[&str] = &["authorized", "authorised", "isauthorized", "authorizedforclientvpn", "clientvpnauthorized", "clientvpn"];
const EXPIRES: &[&str] = &["expires", "expiresat", "expiry", "expiration", "expirationdate", "authorizationexpires"];
const DEVICES: &[&str] = &["devicecount", "devices"];

/// Whether a text is such a table.
pub fn is_users(text: &str) -> bool {
    let head: Vec<String> = csv::head(text).iter().map(|cell| super::fold(cell)).collect();
    let has = |names: &[&str]| head.iter().any(|cell| names.contains(&cell.as_str()));
    has(&EMAIL[..4]) || has(EMAIL) && (has(AUTHORIZED) || has(EXPIRES))
}

/// Reads a table.
pub fn read(text: &str, base: u32) -> (Vec<Spanned<User>>, Notes) {
    let table = csv::read(text, base);
    let mut notes = Notes::default();
    if let Some(span) = table.broken {
        notes.problems.push(Problem::new(ProblemKind::Syntax, span, "a quotation mark without its partner", "not closed"));
    }
    hide(&table, &mut notes.secrets);
    let (email, authorized, expires, devices) =
        (table.column(EMAIL), table.column(AUTHORIZED), table.column(EXPIRES), table.column(DEVICES));
    let users = table.rows.iter().filter_map(|row| {
        let first = row.first()?.span.to(row.last()?.span);
        let known = |cell: &Spanned<String>| Field::known_at(cell.value.trim().to_owned(), cell.span);
        let user = User {
            email: cell(row, email).map_or_else(|| Field::opaque_at(first, "a row of the list of users names no one"), known),
            authorized: cell(row, authorized).map_or(Field::Absent, flag),
            expires_at: cell(row, expires).map_or(Field::Absent, day),
            device_count: cell(row, devices).map_or(Field::Absent, |cell| match cell.value.trim().parse() {
                Ok(count) => Field::known_at(count, cell.span),
                Err(_) => Field::opaque_at(cell.span, "the number of a user's devices is not understood"),
            }),
        };
        Some(Spanned::new(user, cell(row, email).map_or(first, |cell| cell.span)))
    });
    (users.collect(), notes)
}

/// Hides columns of passwords.
fn hide(table: &Table, secrets: &mut Vec<Span>) {
    for (column, _) in table.head.iter().enumerate().filter(|(_, cell)| crate::import::client::names_secret(&cell.value)) {
        secrets.extend(table.rows.iter().filter_map(|row| Some(cell(row, Some(column))?.span)));
    }
}

fn flag(cell: &Spanned<String>) -> Field<bool> {
    let text = cell.value.trim().to_lowercase();
    match text.as_str() {
        "yes" | "true" | "1" | "y" | "x" | "authorized" | "authorised" | "enabled" => Field::known_at(true, cell.span),
        "no" | "false" | "0" | "n" | "unauthorized" | "not authorized" | "disabled" | "revoked" => Field::known_at(false, cell.span),
        _ => Field::opaque_at(cell.span, "whether a user is authorised is not understood"),
    }
}

fn day(cell: &Spanned<String>) -> Field<Day> {
    let text = cell.value.trim();
    if ["never", "none", "-", "n/a"].iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return Field::Absent;
    }
    match Day::parse(text) {
        Some(day) => Field::known_at(day, cell.span),
        None => Field::opaque_at(cell.span, "the day on which an authorization ends is not understood: write it as year-month-day"),
    }
}

/// Reads `users = { import = … }`: tables here, bodies of the Dashboard API by their own reader.
pub fn load(session: &mut Session, file: FileId, imports: &[Spanned<String>], place: Span, ledger: &mut Ledger) -> List<User> {
    let (mut all, mut bodies, mut failed) = (Vec::new(), Vec::new(), false);
    for import in imports {
        // What cannot be found is told once, by the reader of bodies.
        let paths = session.expand(file, &import.value).unwrap_or_default();
        let mut tables = Vec::new();
        let mut quiet = Ledger::default();
        for path in paths.iter().filter(|path| !is_folder(path)) {
            tables.extend(open(session, import.span, path, None, &mut quiet).filter(|(_, format)| *format == Format::AuthUsers));
        }
        if tables.is_empty() || tables.len() < paths.len() {
            bodies.push(import.clone());
            continue;
        }
        for (spot, path) in resolve(session, file, std::slice::from_ref(import), ledger) {
            let Some((id, format)) = open(session, spot, &path, None, ledger) else {
                failed = true;
                continue;
            };
            let source = session.map.file(id);
            match guarded(format, ledger, || read(source.raw(), source.base())) {
                Some((users, notes)) => {
                    failed |= notes.problems.iter().any(|p| p.kind == ProblemKind::Syntax);
                    ledger.take(session, id, notes);
                    all.extend(users);
                }
                None => failed = true,
            }
        }
    }
    let rest = if bodies.is_empty() { Field::Absent } else { meraki::users(session, file, &bodies, place, ledger) };
    match rest {
        _ if failed => Field::opaque_at(place, "the list of users was not read"),
        Field::Opaque(o) => Field::Opaque(o),
        Field::Known(more) => {
            all.extend(more.value);
            Field::known_at(all, more.span)
        }
        Field::Absent => Field::known_at(all, place),
    }
}
