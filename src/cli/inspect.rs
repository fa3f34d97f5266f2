//! `vpnlint inspect`.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use super::args::Inspect;
use super::{Failure, Io};
use crate::exit::Exit;
use crate::import::detect::{self, Format};
use crate::import::site_file::{self, Syntax};
use crate::import::{Ledger, client, guarded, meraki, upstream};
use crate::model::Site;
use crate::report::Scrubber;
use crate::report::inspect::{Showing, Shown};
use crate::secret::Secret;
use crate::source::{FileId, Opened, Problem, ProblemKind, Root, Session, Spanned, clip, visible};

/// Runs the command: one JSON document a file.
pub fn run(args: &Inspect, io: &mut Io<'_>) -> Result<Exit, Failure> {
    if let Some(id) = &args.format_id
        && detect::by_id(id).is_none()
        && syntax(id).is_none()
    {
        let known = detect::ids().join(", ");
        let message = format!(
            "--format-id: `{}` is no format that is read; there are site-toml, site-yaml, site-json, {known}",
            clip(&visible(id), 40)
        );
        return Err(Failure::Usage(message));
    }
    let here = std::path::absolute(".").map_err(|e| Failure::Unreadable(format!("the current folder cannot be read ({})", e.kind())))?;
    let root = Arc::new(super::check::root(args.root.as_deref(), &args.files, &here)?);
    let mut exits = Vec::new();
    for path in &args.files {
        match one(path, args.format_id.as_deref(), &root) {
            Ok((shown, exit)) => {
                exits.push(exit);
                serde_json::to_writer_pretty(&mut *io.out, &shown).map_err(|e| Failure::Io(e.into(), Exit::Clean))?;
                writeln!(io.out)?;
            }
            Err(why) => {
                exits.push(Exit::Unreadable);
                writeln!(io.err, "error: {}: {why}", visible(&path.to_string_lossy()))?;
            }
        }
    }
    io.out.flush()?;
    Ok(Exit::gravest(exits))
}

fn syntax(id: &str) -> Option<Syntax> {
    [Syntax::Toml, Syntax::Yaml, Syntax::Json].into_iter().find(|s| s.id() == id)
}

/// What is understood of one file, and how the command ends for it.
fn one(path: &Path, forced: Option<&str>, root: &Arc<Root>) -> Result<(Value, Exit), String> {
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let real = root.confine(&crate::source::real_path(&full)).map_err(|why| why.to_string())?;
    let mut session = Session::new(root.clone());
    if forced.map_or_else(|| is_site(&real), |id| syntax(id).is_some()) {
        return site(&mut session, &real);
    }
    let opened = session.open_import(&real).map_err(|why| why.to_string())?;
    let file = session.map.file(opened.id);
    let format = match forced {
        Some(id) => detect::by_id(id),
        None => detect::detect(&file.path, file.raw()),
    };
    match format {
        Some(format) => import(&mut session, &opened, format, &real),
        // What people write in TOML or YAML is a site file, whatever its name.
        None if !opened.binary && has_ending(&real, &["toml", "yaml", "yml"]) && !has_name(&real, "vpnlint.toml") => {
            site(&mut Session::new(root.clone()), &real)
        }
        None if opened.binary => Err(format!("it is binary, of no format that is known; formats read here: {}", detect::ids().join(", "))),
        None => Err(format!("it is of no format that is known; formats read here: {}", detect::ids().join(", "))),
    }
}

fn is_site(path: &Path) -> bool {
    crate::check::is_site_file(path)
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|e| endings.iter().any(|known| e.eq_ignore_ascii_case(known)))
}

fn has_name(path: &Path, name: &str) -> bool {
    path.file_name().is_some_and(|n| n == name)
}

fn site(session: &mut Session, path: &Path) -> Result<(Value, Exit), String> {
    let opened = session.open_site(path).map_err(|why| why.to_string())?;
    let folder = path.parent().and_then(Path::file_name).map_or_else(|| "site".to_owned(), |n| n.to_string_lossy().into_owned());
    let loaded = site_file::load(session, &opened, &folder);
    let scrubber = Scrubber::new(crate::check::secrets(&loaded.site).into_iter());
    let exit = if loaded.understood { Exit::Clean } else { Exit::Unreadable };
    Ok(document(session, opened.id, &loaded.ledger, &scrubber, exit, |cx| loaded.site.shown(cx)))
}

fn import(session: &mut Session, opened: &Opened, format: Format, real: &Path) -> Result<(Value, Exit), String> {
    let id = opened.id;
    session.map.file_mut(id).format = format.id();
    let mut ledger = Ledger::default();
    if let Some(span) = opened.undecodable {
        session.map.file_mut(id).broken = true;
        ledger.problems.push(Problem::new(ProblemKind::Syntax, span, "the text is not UTF-8", "not UTF-8"));
    }
    let mut found = Site::default();
    let mut device = None;
    if format == Format::MerakiApi {
        // The reader wants a file that names it: it names itself.
        let name = real.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let first = session.map.file(id).first_line();
        let spec = [Spanned::new(name, first)];
        if let Some(mx) = guarded(format, &mut Ledger::default(), || ()).map(|()| meraki::load(session, id, &spec, None, None, &mut ledger))
        {
            found.mx = crate::model::Field::known_at(mx, first);
        }
    } else {
        let source = session.map.file(id);
        let (text, base) = (source.raw(), source.base());
        let notes = match guarded(format, &mut ledger, || (client::read(format, text, base), upstream::read(format, text, base))) {
            Some((Some((profiles, notes)), _)) => {
                found.clients.extend(profiles.into_iter().map(|p| p.client));
                Some(notes)
            }
            Some((None, Some((read, notes)))) => {
                device = Some(read);
                Some(notes)
            }
            _ => None,
        };
        if let Some(notes) = notes {
            ledger.take(session, id, notes);
        }
    }
    let secrets: Vec<&Secret> = crate::check::secrets(&found);
    let scrubber = Scrubber::new(secrets.into_iter());
    Ok(document(session, id, &ledger, &scrubber, Exit::Clean, |cx| match (&device, &found.mx) {
        (Some(device), _) => json!({ "device": device.shown(cx) }),
        (None, crate::model::Field::Known(mx)) => json!({ "mx": mx.value.shown(cx) }),
        _ => json!({ "clients": found.clients.iter().map(|c| c.shown(cx)).collect::<Vec<_>>() }),
    }))
}

fn document(
    session: &Session,
    file: FileId,
    ledger: &Ledger,
    scrubber: &Scrubber,
    exit: Exit,
    model: impl FnOnce(&Showing<'_>) -> Value,
) -> (Value, Exit) {
    let cx = Showing { map: &session.map, scrubber, file };
    let source = session.map.file(file);
    let shown = json!({
        "path": cx.text(&source.path),
        "format": source.format,
        "problems": cx.problems(&ledger.problems),
        "model": model(&cx),
    });
    (shown, if ledger.panics.is_empty() { exit } else { Exit::Bug })
}
