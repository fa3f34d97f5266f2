//! `vpnlint inspect`.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use super::args::Inspect;
use super::{Failure, Io};
use crate::exit::Exit;
use crate::import::detect::{self, Format};
use crate::import::site_file::{self, Syntax};
use crate::import::{Ledger, Notes, certificate, client, evidence, guarded, host, lists, meraki, not_utf8, radius, upstream};
use crate::model::upstream::Device;
use crate::model::{AllowFrom, ClientVpn, Field, List, Registry, Resource, Service, Site, User};
use crate::report::Scrubber;
use crate::report::inspect::{Object, Showing, Shown};
use crate::secret::Secret;
use crate::source::{FileId, Opened, Problem, ProblemKind, Root, Session, Spanned, clip, is_folder, visible};

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
        match one(path, args, &root) {
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
fn one(path: &Path, args: &Inspect, root: &Arc<Root>) -> Result<(Value, Exit), String> {
    let forced = args.format_id.as_deref();
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let real = root.confine(&crate::source::real_path(&full)).map_err(|why| why.to_string())?;
    let mut session = Session::new(root.clone());
    if is_folder(&real) {
        return folder(&mut session, &real, args);
    }
    if forced.map_or_else(|| crate::check::is_site_file(&real), |id| syntax(id).is_some()) {
        return site(&mut session, &real);
    }
    let opened = session.open_import(&real).map_err(|why| why.to_string())?;
    let file = session.map.file(opened.id);
    if let Some(sealed) = file.sealed {
        return Err(format!("it is {}; {}", sealed.what, sealed.help));
    }
    let format = match forced {
        Some(id) => detect::by_id(id),
        None => detect::detect(&file.path, file.raw()),
    };
    match format {
        Some(format) => Ok(import(&mut session, &opened, format, &real, args)),
        None if !opened.binary && may_be_site(&real) => site(&mut Session::new(root.clone()), &real),
        None if opened.binary => Err(format!("it is binary, of no format that is known; formats read here: {}", detect::ids().join(", "))),
        None => Err(format!("it is of no format that is known; formats read here: {}", detect::ids().join(", "))),
    }
}

/// What people write in TOML or YAML is a site file, whatever its name, but for the policy.
fn may_be_site(path: &Path) -> bool {
    let ending = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
    matches!(ending.as_deref(), Some("toml" | "yaml" | "yml")) && path.file_name().is_none_or(|n| n != "vpnlint.toml")
}

fn site(session: &mut Session, path: &Path) -> Result<(Value, Exit), String> {
    let opened = session.open_site(path).map_err(|why| why.to_string())?;
    let folder = path.parent().and_then(Path::file_name).map_or_else(|| "site".to_owned(), |n| n.to_string_lossy().into_owned());
    let loaded = site_file::load(session, &opened, &folder);
    let scrubber = Scrubber::new(crate::check::secrets(&loaded.site).into_iter());
    let exit = if loaded.understood { Exit::Clean } else { Exit::Unreadable };
    Ok(document(session, opened.id, &loaded.ledger, &scrubber, exit, |cx| loaded.site.shown(cx)))
}

/// What `[mx] import` would read of a folder. The reader wants a file that names it: one without text stands for it.
fn folder(session: &mut Session, real: &Path, args: &Inspect) -> Result<(Value, Exit), String> {
    let stand_in = session.add_site(&real.join("*"), Vec::new()).map_err(|why| why.to_string())?.id;
    let mut ledger = Ledger::default();
    let found = api(session, stand_in, ".", args, &mut ledger);
    let mut formats: Vec<&'static str> = session.map.files().iter().map(|f| f.format).filter(|f| !f.is_empty()).collect();
    formats.dedup();
    session.map.file_mut(stand_in).format = if let [one] = formats.as_slice() { one } else { "folder" };
    Ok(finish(session, stand_in, &ledger, &found))
}

fn import(session: &mut Session, opened: &Opened, format: Format, real: &Path, args: &Inspect) -> (Value, Exit) {
    let id = opened.id;
    session.map.file_mut(id).format = format.id();
    let mut ledger = Ledger::default();
    if let Some(span) = opened.undecodable {
        session.map.file_mut(id).broken = true;
        ledger.problems.push(Problem::new(ProblemKind::Syntax, span, "the text is not UTF-8", "not UTF-8"));
    }
    if let Some(span) = opened.ansi {
        ledger.problems.push(not_utf8(span));
    }
    let found = match format {
        format if format.is_meraki() || format == Format::NacYaml => {
            let name = real.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            api(session, id, &name, args, &mut ledger)
        }
        Format::Reg => machine(session, id, real, &mut ledger),
        _ => match surroundings(session, id, format, &mut ledger) {
            Read::Nothing => export(session, id, format, &mut ledger),
            read => read,
        },
    };
    finish(session, id, &ledger, &found)
}

fn finish(session: &Session, id: FileId, ledger: &Ledger, found: &Read) -> (Value, Exit) {
    let scrubber = Scrubber::new(found.secrets().into_iter());
    // A file that is sealed, or of which nothing came, was not read.
    let failed = ledger.problems.iter().any(|p| p.kind == ProblemKind::ImportFailed);
    let exit = if failed || found.is_nothing() && !ledger.problems.is_empty() { Exit::Unreadable } else { Exit::Clean };
    document(session, id, ledger, &scrubber, exit, |cx| match found {
        Read::Nothing => Value::Null,
        Read::Mx(site) => {
            let mut shown = json!({ "mx": site.mx.value().map(|mx| mx.shown(cx)) });
            if let Some(vpn) = site.client_vpn.known() {
                shown["client_vpn"] = vpn.value.shown(cx);
            }
            shown
        }
        Read::Clients(site) => json!({ "clients": site.clients.iter().map(|c| c.shown(cx)).collect::<Value>() }),
        Read::Device(device) => json!({ "device": device.shown(cx) }),
        Read::Machine(registry) => json!({ "registry": registry.shown(cx) }),
        Read::Radius(site) => {
            let server = site.client_vpn.value().and_then(|vpn| vpn.radius_servers.items().first());
            json!({ "radius_server": server.map(|s| s.value.shown(cx)) })
        }
        Read::Certificates(all) => {
            let one = |c: &certificate::Found| json!({ "names": c.names.iter().map(|n| cx.text(n)).collect::<Value>(), "facts": c.facts.shown(cx) });
            json!({ "certificates": all.iter().map(one).collect::<Value>() })
        }
        Read::Table(table) => json!({
            "routes": table.routes.iter().map(|r| r.value.shown(cx)).collect::<Value>(),
            "interfaces": table.interfaces.iter().map(|i| i.value.shown(cx)).collect::<Value>(),
            "doubt": table.doubt.map(|(_, why)| why),
        }),
        Read::Firewall(services) => {
            let rows = services.iter().map(|(name, list)| ((*name).to_owned(), Object::default().field("allow_from", list, cx).done()));
            json!({ "services": rows.collect::<serde_json::Map<_, _>>() })
        }
        Read::Users(users) => json!({ "users": users.iter().map(|u| u.value.shown(cx)).collect::<Value>() }),
        Read::Texts(key, texts) => {
            json!({ *key: texts.iter().map(|t| cx.place(json!({ "value": cx.text(&t.value) }), t.span)).collect::<Value>() })
        }
    })
}

/// What an import holds. Clients and the MX stand in a site, which knows its secrets.
enum Read {
    Nothing,
    Mx(Box<Site>),
    Clients(Box<Site>),
    Device(Box<Device>),
    Machine(Box<Registry>),
    /// A RADIUS server stands in a site, too.
    Radius(Box<Site>),
    Certificates(Vec<certificate::Found>),
    Table(host::routes::Table),
    /// Whom a firewall admits to common services.
    Firewall(Vec<(&'static str, List<AllowFrom>)>),
    Users(Vec<Spanned<User>>),
    /// Programs, or names.
    Texts(&'static str, Vec<Spanned<String>>),
}

impl Read {
    fn secrets(&self) -> Vec<&Secret> {
        match self {
            Self::Mx(site) | Self::Clients(site) | Self::Radius(site) => crate::check::secrets(site),
            _ => Vec::new(),
        }
    }

    fn is_nothing(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::Clients(site) => site.clients.is_empty(),
            Self::Certificates(all) => all.is_empty(),
            Self::Table(table) => table.routes.is_empty(),
            Self::Users(users) => users.is_empty(),
            Self::Texts(_, texts) => texts.is_empty(),
            Self::Mx(_) | Self::Device(_) | Self::Machine(_) | Self::Radius(_) | Self::Firewall(_) => false,
        }
    }
}

/// What `name` holds of the MX, which stands beside the file `id`. The reader wants a file that names it: a file names itself.
fn api(session: &mut Session, id: FileId, name: &str, args: &Inspect, ledger: &mut Ledger) -> Read {
    let first = session.map.file(id).first_line();
    let mut bugs = Ledger::default();
    let word = |text: &str| Spanned::new(text.to_owned(), first);
    let (network, format) = (args.network.as_deref().map(word), args.format_id.as_deref().map(word));
    let load = || meraki::load(session, id, &[word(name)], network.as_ref(), format.as_ref(), ledger);
    let mx = guarded(Format::MerakiApi, &mut bugs, load);
    ledger.panics.extend(bugs.panics);
    mx.map_or(Read::Nothing, |read| {
        let client_vpn = meraki::join_client_vpn(Field::Absent, read.client_vpn, &mut ledger.problems);
        Read::Mx(Box::new(Site { mx: Field::known_at(read.mx, first), client_vpn, ..Site::default() }))
    })
}

/// An export of a machine's registry.
fn machine(session: &mut Session, id: FileId, real: &Path, ledger: &mut Ledger) -> Read {
    let source = session.map.file(id);
    let (first, path) = (source.first_line(), source.path.clone());
    let read = guarded(Format::Reg, ledger, || evidence::read(Format::Reg, source.raw(), source.base()));
    let Some(Some((mut evidence, notes))) = read else { return Read::Nothing };
    ledger.take(session, id, notes);
    evidence.belongs(&real.to_string_lossy());
    Read::Machine(Box::new(evidence.registry(&path, first)))
}

/// What tells of a site's surroundings: servers, hosts, users, names.
fn surroundings(session: &mut Session, id: FileId, format: Format, ledger: &mut Ledger) -> Read {
    let source = session.map.file(id);
    let (text, base, first) = (source.raw(), source.base(), source.first_line());
    let read = guarded(format, ledger, || -> Option<(Read, Notes)> {
        if let Some((found, notes)) = radius::read(format, text, base) {
            let server = found.server(first, crate::model::radius::RADIUS_PORT);
            let servers = Field::known_at(vec![Spanned::new(server, first)], first);
            let vpn = ClientVpn { radius_servers: servers, ..ClientVpn::default() };
            return Some((Read::Radius(Box::new(Site { client_vpn: Field::known_at(vpn, first), ..Site::default() })), notes));
        }
        if let Some((found, notes)) = certificate::read(format, text, base) {
            return Some((Read::Certificates(found), notes));
        }
        // A rule set of Linux is shown as the device that it makes of a machine.
        if let Some((firewall, notes)) = host::firewall(format, text, base).filter(|_| format != Format::IptablesSave) {
            let services = ["smb", "rdp", "http", "https", "ssh", "dns"].into_iter().filter_map(|name| {
                let service = Service::parse(name, session.tables())?;
                let services = Field::known_at(vec![Spanned::new(service, first)], first);
                Some((name, host::allow_from(&firewall, &Resource { services, ..Resource::default() }, first)))
            });
            return Some((Read::Firewall(services.collect()), notes));
        }
        if let Some((names, notes)) = host::names::read(format, text, base) {
            let texts = names.into_iter().map(|n| Spanned::new(n.value.to_string(), n.span)).collect();
            return Some((Read::Texts("internal_domains", texts), notes));
        }
        Some(match format {
            Format::RouteTable => {
                let (table, notes) = host::routes::read(text, base);
                (Read::Table(table), notes)
            }
            Format::AuthUsers => {
                let (users, notes) = lists::users::read(text, base);
                (Read::Users(users), notes)
            }
            Format::Software => {
                let (programs, notes) = lists::software::read(text, base);
                (Read::Texts("software", programs), notes)
            }
            _ => return None,
        })
    });
    let Some(Some((read, notes))) = read else { return Read::Nothing };
    ledger.take(session, id, notes);
    read
}

/// A client's profile or a firewall's export.
fn export(session: &mut Session, id: FileId, format: Format, ledger: &mut Ledger) -> Read {
    let source = session.map.file(id);
    let (text, base) = (source.raw(), source.base());
    let (read, notes) = match guarded(format, ledger, || (client::read(format, text, base), upstream::read(format, text, base))) {
        Some((Some((profiles, mut notes)), _)) => {
            let mut pool = client::Pool::default();
            pool.add(&source.path, profiles, std::mem::take(&mut notes.completions));
            let empty = pool.is_empty();
            let clients = match pool.complete(&mut notes.problems) {
                client::Completed::Profiles(profiles) => profiles.into_iter().map(|p| p.client).collect(),
                client::Completed::Additions(_) if empty => Vec::new(),
                client::Completed::Additions(client) => vec![*client],
            };
            (Read::Clients(Box::new(Site { clients, ..Site::default() })), notes)
        }
        Some((None, Some((device, notes)))) => (Read::Device(Box::new(device)), notes),
        _ => return Read::Nothing,
    };
    ledger.take(session, id, notes);
    read
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
    let mut shown = json!({
        "path": cx.text(&source.path),
        "format": source.format,
        "problems": cx.problems(&ledger.problems),
        "model": model(&cx),
    });
    if let Some(container) = source.container {
        shown["container"] = container.word.into();
    }
    (shown, if ledger.panics.is_empty() { exit } else { Exit::Bug })
}
