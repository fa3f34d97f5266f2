//! Readers of the MX's configuration: GET bodies of the Dashboard API v1, one a file or many in one.

mod body;
mod find;
mod join;
mod kind;
mod network;
mod object;
#[cfg(test)]
mod tests;
mod uplinks;
mod users;

pub use object::Obj;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::detect::Format;
use super::{Ledger, Notes, guarded, open, resolve};
use crate::model::{Field, List, Mx, User};
use crate::source::{FileId, Problem, ProblemKind, Session, Span, Spanned, is_folder, visible};
use crate::tree::decode::Cx;
use crate::tree::{Kind, Node, Parsed, json};
use find::{Finder, Found};
use join::{Drifts, Join, name_policies};
use kind::Body;
use network::{Choice, Networks, Trouble};
use uplinks::Units;

/// What is said of a file that holds none of the bodies.
const EXPECTED: &str = "expected an answer of the Dashboard API v1, named after its path, such as networks__N_1__appliance__vlans.json";

/// A file to read.
struct File {
    id: FileId,
    /// The word of the site file that named it.
    place: Span,
    /// Below the imported folder, or the name alone.
    path: String,
    /// It was named itself, not through a folder.
    named: bool,
    text: String,
}

/// Reads everything that `[mx] import` names.
pub fn load(
    session: &mut Session,
    file: FileId,
    imports: &[Spanned<String>],
    network: Option<&Spanned<String>>,
    format: Option<&Spanned<String>>,
    ledger: &mut Ledger,
) -> Mx {
    let files = gather(session, file, imports, format, ledger);
    let parsed = parse(session, &files, ledger);
    let finders: Vec<Finder<'_, '_>> = files.iter().zip(&parsed).map(|(file, root)| bodies(file, root.as_ref())).collect();
    let useful = |f: &Found<'_, '_>| !matches!(f.body, Body::Other | Body::AuthUsers);
    unknown(session, &files, &parsed, &finders, &|_| true, ledger);
    let mut networks = Networks::default();
    finders.iter().flat_map(|f| &f.found).filter(|f| useful(f)).for_each(|f| networks.learn(f));
    let (choice, trouble) = networks.choose(network.map(|n| n.value.as_str()));
    let all = files.first().map_or_else(Span::default, |f| f.place);
    match (trouble, network) {
        (Some(Trouble::Several), _) => {
            ledger.import_failed(all, "it holds several networks", "say which in [mx]: network = \"…\", its name, id or serial");
        }
        (Some(Trouble::NotThere), Some(name)) => {
            ledger.import_failed(
                name.span,
                "no network of this name, id or serial is in it",
                "write the name as the Dashboard does, or import its list of networks",
            );
        }
        _ => {}
    }
    let mut reader = Reader {
        mx: Mx::default(),
        units: Units::default(),
        names: BTreeMap::new(),
        drifts: Vec::new(),
        networks: &networks,
        choice: &choice,
    };
    for (file, finder) in files.iter().zip(&finders) {
        let notes = guarded(Format::MerakiApi, ledger, || reader.file(session, file.id, finder));
        if let Some((notes, gaps)) = notes {
            ledger.take(session, file.id, notes);
            for (span, why) in gaps {
                ledger.gap(span, why);
            }
        }
    }
    reader.finish(network.map(|n| n.value.as_str()), ledger)
}

/// Completes `inline` by what was imported; where both speak and differ, the site file's word counts and the drift is noted.
pub fn join(inline: &mut Mx, mut imported: Mx, problems: &mut Vec<Problem>) {
    name_policies(&mut imported, inline);
    inline.join(imported, "", &mut Drifts { problems, inline: true });
}

/// Reads `users = { import = … }`.
pub fn users(session: &mut Session, file: FileId, imports: &[Spanned<String>], place: Span, ledger: &mut Ledger) -> List<User> {
    const WHY: &str = "the list of users was not read";
    let failures = ledger.problems.len();
    let files = gather(session, file, imports, None, ledger);
    let parsed = parse(session, &files, ledger);
    let finders: Vec<Finder<'_, '_>> = files.iter().zip(&parsed).map(|(file, root)| bodies(file, root.as_ref())).collect();
    let lists = |f: &Found<'_, '_>| f.body == Body::AuthUsers;
    unknown(session, &files, &parsed, &finders, &lists, ledger);
    let failed = || Box::from("the API answered with an error when the users were exported");
    let (mut all, mut opaque) = (Vec::new(), finders.iter().any(|f| !f.errors.is_empty()).then(failed));
    for (file, finder) in files.iter().zip(&finders) {
        for found in finder.found.iter().filter(|f| lists(f)) {
            let Ok(node) = found.node else {
                opaque.get_or_insert_with(failed);
                continue;
            };
            let read = guarded(Format::MerakiApi, ledger, || {
                let mut cx = Cx::new(session, file.id);
                let list = users::read(node, &mut cx);
                (list, notes(cx))
            });
            match read {
                Some((Field::Known(list), notes)) => {
                    all.extend(list.value);
                    ledger.take(session, file.id, notes);
                }
                Some((_, notes)) => {
                    ledger.take(session, file.id, notes);
                    opaque.get_or_insert(Box::from(WHY));
                }
                None => {
                    opaque.get_or_insert(Box::from(WHY));
                }
            }
        }
    }
    let broken = ledger.problems[failures..].iter().any(|p| matches!(p.kind, ProblemKind::ImportFailed | ProblemKind::Syntax));
    match opaque {
        Some(why) => Field::opaque_at(place, why),
        None if broken => Field::opaque_at(place, WHY),
        None => Field::known_at(all, place),
    }
}

/// The JSON files of the imports, opened; what cannot be opened is noted.
fn gather(
    session: &mut Session,
    from: FileId,
    imports: &[Spanned<String>],
    format: Option<&Spanned<String>>,
    ledger: &mut Ledger,
) -> Vec<File> {
    let mut files: Vec<File> = Vec::new();
    for (place, path) in resolve(session, from, imports, ledger) {
        let folder = is_folder(&path);
        let paths: Vec<PathBuf> = if folder {
            let is_json = |p: &PathBuf| p.extension().is_some_and(|e| e.eq_ignore_ascii_case("json"));
            session.root().files_below(&path).into_iter().filter(is_json).collect()
        } else {
            vec![path.clone()]
        };
        if paths.is_empty() {
            ledger.import_failed(place, "the folder holds no .json file", EXPECTED);
        }
        for real in paths {
            let Some((id, found)) = open(session, place, &real, format, ledger) else { continue };
            if found != Format::MerakiApi {
                let why = format!("{} is a {} file, no export of the MX", visible(&session.map.file(id).path), found.id());
                ledger.import_failed(place, why, EXPECTED);
                continue;
            }
            if files.iter().any(|f| f.id == id) {
                continue;
            }
            let below = if folder { real.strip_prefix(&path).ok() } else { real.file_name().map(Path::new) };
            let parts = below.into_iter().flat_map(Path::components).map(|c| c.as_os_str().to_string_lossy());
            let path = parts.collect::<Vec<_>>().join("/");
            files.push(File { id, place, path, named: !folder, text: session.map.file(id).raw().to_owned() });
        }
    }
    files
}

/// The trees of the files; what secret-like keys hold is hidden whether or not a reader gets there.
fn parse<'t>(session: &mut Session, files: &'t [File], ledger: &mut Ledger) -> Vec<Option<Node<'t>>> {
    let mut roots = Vec::with_capacity(files.len());
    for file in files {
        let base = session.map.file(file.id).base();
        let Parsed { root, errors } = guarded(Format::MerakiApi, ledger, || json::parse(&file.text, base, false))
            .unwrap_or_else(|| Parsed { root: None, errors: Vec::new() });
        let problems = errors
            .into_iter()
            .map(|e| Problem::new(ProblemKind::Syntax, e.span, e.message, "here").help("export the file again"))
            .collect();
        let mut secrets = Vec::new();
        if let Some(root) = &root {
            hide(root, false, &mut secrets);
        }
        ledger.take(session, file.id, Notes { problems, secrets, ..Notes::default() });
        roots.push(root);
    }
    roots
}

/// Collects the values of keys that sound like a secret's.
fn hide(node: &Node<'_>, secret: bool, spans: &mut Vec<Span>) {
    match &node.kind {
        Kind::Seq(items) => items.iter().for_each(|i| hide(i, secret, spans)),
        Kind::Map(entries) => {
            for entry in entries {
                let key = object::fold(&entry.key);
                let word = ["secret", "password", "passphrase", "psk", "presharedkey", "apikey", "communitystring", "token"]
                    .iter()
                    .any(|w| key.ends_with(w));
                hide(&entry.value, secret || word, spans);
            }
        }
        Kind::Null | Kind::Bool(_) => {}
        _ if secret => spans.push(node.span),
        _ => {}
    }
}

fn bodies<'n, 't>(file: &File, root: Option<&'n Node<'t>>) -> Finder<'n, 't> {
    root.map_or_else(Finder::default, |root| Finder::file(&file.path, root))
}

/// Notes files that were named and hold nothing known, and folders of such files.
fn unknown(
    session: &Session,
    files: &[File],
    roots: &[Option<Node<'_>>],
    finders: &[Finder<'_, '_>],
    useful: &dyn Fn(&Found<'_, '_>) -> bool,
    ledger: &mut Ledger,
) {
    let mut folders: Vec<(Span, bool)> = Vec::new();
    for ((file, finder), root) in files.iter().zip(finders).zip(roots) {
        let found = finder.found.iter().any(useful);
        for span in &finder.errors {
            ledger.gap(*span, "the API answered with an error when this part was exported");
        }
        if !file.named {
            match folders.iter_mut().find(|(place, _)| *place == file.place) {
                Some((_, any)) => *any |= found,
                None => folders.push((file.place, found)),
            }
        } else if !found && root.is_some() && finder.errors.is_empty() {
            let name = visible(&session.map.file(file.id).path).into_owned();
            let why = if finder.found.is_empty() {
                "holds nothing of the Dashboard API that is known"
            } else {
                "holds nothing that is read here"
            };
            ledger.import_failed(file.place, format!("{name} {why}"), EXPECTED);
        }
    }
    for (place, _) in folders.into_iter().filter(|(_, any)| !any) {
        ledger.import_failed(place, "no file in the folder holds what is read here", EXPECTED);
    }
}

/// What a context noted.
fn notes(cx: Cx<'_>) -> Notes {
    let Cx { problems, secrets, gap, .. } = cx;
    let gap = gap.or_else(|| problems.iter().find(|p| p.kind == ProblemKind::InvalidValue).map(|p| p.span));
    Notes { problems, secrets, gap, ..Notes::default() }
}

/// Puts the parts of one network together.
struct Reader<'a> {
    mx: Mx,
    units: Units,
    names: BTreeMap<String, String>,
    drifts: Vec<Problem>,
    networks: &'a Networks,
    choice: &'a Choice,
}

/// Places of what is missing, and why.
type Gaps = Vec<(Span, &'static str)>;

impl Reader<'_> {
    fn add(&mut self, part: Mx) {
        self.mx.join(part, "", &mut Drifts { problems: &mut self.drifts, inline: false });
    }

    /// Reads the bodies of one file that belong to the chosen network.
    fn file(&mut self, session: &mut Session, file: FileId, finder: &Finder<'_, '_>) -> (Notes, Gaps) {
        let mut cx = Cx::new(session, file);
        let mut gaps = Vec::new();
        let (networks, choice) = (self.networks, self.choice);
        for found in &finder.found {
            let names = found.networks.iter().chain(&found.serial).map(String::as_str);
            if !networks.accepts(choice, names) {
                if let (Some(serial), Ok(node), []) = (&found.serial, found.node, found.networks.as_slice())
                    && !networks.placed(serial)
                {
                    gaps.push((object::place(node), "which network a device belongs to is in no import"));
                }
                continue;
            }
            match found.node {
                Ok(node) if found.body == Body::ManagementInterface && !self.is_appliance(node, found.serial.as_deref()) => {}
                Ok(node) => {
                    let accepts = |o: Obj<'_, '_>| {
                        let names = network::names_of(o);
                        networks.accepts(choice, names.iter().map(String::as_str))
                    };
                    self.units.read(found.body, node, found.serial.as_deref(), &accepts, &mut cx);
                    match found.body {
                        Body::Categories => body::categories(node, &mut self.names),
                        Body::Devices => self.device(node, &accepts, &mut cx),
                        _ => {
                            let part = body::read(found.body, node, networks.tags(choice), &mut cx);
                            self.add(part);
                        }
                    }
                }
                Err(span) => {
                    // The API has no answer for VLANs where there is a single LAN, nor the reverse.
                    let other = match found.body {
                        Body::Vlans => self.mx.single_lan.known().is_some(),
                        Body::SingleLan => self.mx.vlans.known().is_some(),
                        _ => false,
                    };
                    if !other && !matches!(found.body, Body::Other | Body::AuthUsers) {
                        gaps.push((span, "the API answered with an error when this part was exported"));
                        self.add(body::missing(found.body, span));
                    }
                }
            }
        }
        (notes(cx), gaps)
    }

    /// Whether a management interface is an appliance's: all products have one, and only the appliance's speaks of two ports and dynamic DNS.
    fn is_appliance(&self, node: &Node<'_>, serial: Option<&str>) -> bool {
        let Some(o) = node.entries().map(Obj) else { return true };
        let listed = o.peek("serial").map(object::fold).as_deref().or(serial).and_then(|s| self.networks.appliance(s));
        let looks = || o.get("ddnsHostnames|wan2").is_some() || o.object("wan1").is_some_and(|w| w.get("wanEnabled").is_some());
        listed.unwrap_or_else(looks)
    }

    /// Model and firmware of the appliance.
    fn device(&mut self, node: &Node<'_>, accepts: &dyn Fn(Obj<'_, '_>) -> bool, cx: &mut Cx<'_>) {
        let rows = node.items().unwrap_or_default().iter().filter_map(Node::entries).map(Obj);
        // Both units of a pair are alike; several networks without a choice say nothing.
        let mut found: Vec<_> = rows.filter(|o| network::is_appliance(*o) == Some(true) && accepts(*o)).collect();
        found.dedup_by_key(|o| o.peek("networkId"));
        if let [o] = found.as_slice() {
            let digits = o.peek("firmware").is_some_and(|f| f.bytes().any(|b| b.is_ascii_digit()));
            let firmware = if digits { o.read("firmware", cx) } else { Field::Absent };
            let part = Mx { model: o.text("model", cx), firmware, ..Mx::default() };
            self.add(part);
        }
    }

    fn finish(mut self, wanted: Option<&str>, ledger: &mut Ledger) -> Mx {
        let wanted = wanted.map(object::fold);
        let (parts, trouble) = std::mem::take(&mut self.units).finish(wanted.as_deref());
        for part in parts {
            self.add(part);
        }
        if let Some((span, why)) = trouble {
            ledger.gap(span, why);
        }
        if self.mx.single_lan.known().is_some() && self.mx.vlans.opaque().is_some() {
            self.mx.vlans = Field::Absent;
        }
        body::name_ids(&mut self.mx, &self.names);
        ledger.problems.append(&mut self.drifts);
        self.mx
    }
}
