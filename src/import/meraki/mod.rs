//! Readers of the MX's configuration: GET bodies of the Dashboard API v1, one a file or many in one, and the exports of tools that work with them.

pub(super) mod body;
mod client_vpn;
mod find;
mod join;
pub(super) mod kind;
mod lan_clients;
mod network;
pub(crate) mod object;
mod piece;
pub(super) mod policy_objects;
mod reader;
mod snapshot;
mod terraform;
#[cfg(test)]
mod tests;
mod uplinks;
mod users;

pub use object::Obj;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use super::detect::Format;
use super::{Ledger, Notes, guarded, nac, open, resolve};
use crate::model::{ClientVpn, Field, List, Mx, Part, User};
use crate::source::{FileId, Problem, ProblemKind, Session, Span, Spanned, is_folder, names_secret, visible};
use crate::tree::decode::Cx;
use crate::tree::{Kind, Node, Parsed, json};
use find::{Finder, Found};
use join::{Drifts, Join, name_policies};
use kind::Body;
use network::{Networks, Trouble};
use piece::Piece;
use policy_objects::Objects;
use reader::Reader;

/// What is said of a file that holds none of the bodies.
const EXPECTED: &str = "expected an answer of the Dashboard API v1, named after its path, such as networks__N_1__appliance__vlans.json";

/// The same for Terraform.
const TERRAFORM: &str =
    "expected what `terraform show -json` writes of a state or plan with resources of CiscoDevNet/meraki or cisco-open/meraki";

/// A file to read.
struct File {
    id: FileId,
    /// The word of the site file that named it.
    place: Span,
    /// Below the imported folder, or the name alone.
    path: String,
    /// It was named itself, not through a folder.
    named: bool,
    format: Format,
    text: String,
}

/// What a file holds.
enum Content<'t> {
    /// Nothing that could be read.
    Nothing,
    /// Bodies laid out like the API, or many in one object.
    Tree(Node<'t>),
    /// Bodies that a converter made.
    Pieces(Vec<Piece<'t>>),
}

/// Which of these formats a JSON text is in, by words that no other has.
pub fn export_of(text: &str) -> Format {
    let has = |words: &[&str]| words.iter().all(|word| text.contains(word));
    if has(&["\"terraform_version\"", "\"format_version\""]) || has(&["\"terraform_version\"", "\"lineage\""]) {
        Format::TerraformJson
    } else if has(&["\"apiPath\"", "\"pathValues\""]) {
        Format::Meraki2tf
    } else if has(&["\"vpnClientIpsec\""]) || has(&["\"vpnClientAnyconnect\""]) || has(&["\"orgId\"", "\"devices\"", "\"serial\""]) {
        Format::MigrateDevices
    } else if ["\"client_vpn_enabled\"", "\"client_vpn_secret\"", "\"client_vpn_subnet\""].iter().any(|word| text.contains(word)) {
        Format::DashboardWdc
    } else {
        Format::MerakiApi
    }
}

/// What the imports say.
#[derive(Default)]
pub struct Imported {
    /// Of the MX.
    pub mx: Mx,
    /// Of client VPN, where an export holds its settings.
    pub client_vpn: Field<ClientVpn>,
    /// Ids of the group policies that machines of the LAN have, by address.
    pub policies: Vec<(Ipv4Addr, Spanned<String>)>,
}

/// Reads everything that `[mx] import` names.
pub fn load(
    session: &mut Session,
    file: FileId,
    imports: &[Spanned<String>],
    network: Option<&Spanned<String>>,
    format: Option<&Spanned<String>>,
    ledger: &mut Ledger,
) -> Imported {
    let (files, code): (Vec<File>, Vec<File>) =
        gather(session, file, imports, format, true, ledger).into_iter().partition(|f| f.format != Format::NacYaml);
    let parsed = parse(session, &files, ledger);
    let finders: Vec<Finder<'_, '_>> = files.iter().zip(&parsed).map(|(file, root)| bodies(file, root)).collect();
    let useful = |f: &Found<'_, '_>| !matches!(f.body, Body::Other | Body::AuthUsers);
    let elsewhere = |place: Span| code.iter().any(|f| f.place == place);
    unknown(session, &files, &parsed, &finders, &|_| true, &elsewhere, ledger);
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
        (Some(Trouble::Ambiguous), Some(name)) => {
            ledger.import_failed(name.span, "several networks in it have this name", "write the network's id, such as N_1234");
        }
        _ => {}
    }
    let mut objects = Objects::default();
    for found in finders.iter().flat_map(|f| &f.found).filter(|f| matches!(f.body, Body::PolicyObjects | Body::PolicyGroups)) {
        if let Ok(node) = found.node {
            objects.learn(found.body, node);
        }
    }
    objects.finish();
    let mut reader = Reader::new(&networks, &choice, &objects);
    for (file, finder) in files.iter().zip(&finders) {
        let notes = guarded(Format::MerakiApi, ledger, || reader.file(session, file.id, finder));
        if let Some((notes, vpn_notes, gaps)) = notes {
            ledger.take(session, file.id, notes);
            let part = std::mem::replace(&mut ledger.part, Part::ClientVpn);
            ledger.take(session, file.id, vpn_notes);
            ledger.part = part;
            for (part, span, why) in gaps {
                let outer = ledger.part;
                ledger.part = part.unwrap_or(outer);
                ledger.gap(span, why);
                ledger.part = outer;
            }
        }
    }
    let code: Vec<nac::File> = code.iter().map(|f| nac::File { id: f.id, place: f.place }).collect();
    let mut wanted: Vec<String> = network.iter().map(|n| object::fold(&n.value)).collect();
    wanted.extend(networks.called(&choice));
    for part in nac::load(session, &code, &wanted, ledger).parts {
        reader.add(part);
    }
    reader.finish(network.map(|n| n.value.as_str()), ledger)
}

/// What a text holds of the API: something of the MX, users, and the networks that it names, by name or (folded) by id.
#[derive(Default)]
pub struct Holds {
    /// Something of the MX.
    pub mx: bool,
    /// Users.
    pub users: bool,
    /// Networks with an appliance, of a list of networks.
    pub listed: Vec<String>,
    /// Networks that bodies belong to, by their paths or objects.
    pub belongs: Vec<String>,
}

/// Looks at a JSON text; `path` is the file's below the folder that is looked through.
pub fn holds(path: &str, text: &str) -> Holds {
    let Parsed { root, .. } = json::parse(text, 0, false);
    let Some(root) = root else { return Holds::default() };
    let mut holds = Holds::default();
    for found in Finder::file(path, &root).found {
        holds.users |= found.body == Body::AuthUsers;
        if matches!(found.body, Body::Other | Body::AuthUsers) || found.node.is_err() {
            continue;
        }
        holds.mx = true;
        holds.belongs.extend(found.networks.first().cloned());
        if let (Body::Networks, Ok(node)) = (found.body, found.node) {
            let rows = node.items().unwrap_or_default().iter().filter_map(Node::entries).map(Obj);
            let has = |o: &Obj<'_, '_>| {
                o.get("productTypes").and_then(Node::items).is_none_or(|p| p.iter().any(|p| p.text() == Some("appliance")))
            };
            holds.listed.extend(rows.filter(has).filter_map(|o| o.peek("name")).map(str::to_owned));
        }
    }
    holds
}

/// Completes `inline` by what was imported; where both speak and differ, the site file's word counts and the drift is noted.
pub fn join(inline: &mut Mx, mut imported: Mx, problems: &mut Vec<Problem>) {
    name_policies(&mut imported, inline);
    inline.join(imported, "", &mut Drifts { problems, inline: true });
}

/// The names of machines' group policies, by address.
pub fn policies(mx: &Mx, ids: Vec<(Ipv4Addr, Spanned<String>)>) -> BTreeMap<Ipv4Addr, Field<String>> {
    let policies = mx.group_policies.items().iter().filter_map(|p| Some((p.value.group_policy_id.value()?, p.value.name.value()?)));
    let names: BTreeMap<&String, &String> = policies.collect();
    let one = |(ip, id): (Ipv4Addr, Spanned<String>)| {
        let name = names.get(&id.value).map(|name| (*name).clone());
        (ip, name.map_or_else(|| Field::opaque_at(id.span, join::NAMELESS), |name| Field::known_at(name, id.span)))
    };
    ids.into_iter().map(one).collect()
}

/// Completes the site file's `[client_vpn]`, or stands for it.
pub fn join_client_vpn(inline: Field<ClientVpn>, imported: Field<ClientVpn>, problems: &mut Vec<Problem>) -> Field<ClientVpn> {
    let Field::Known(imported) = imported else { return inline };
    let place = imported.span;
    let mut joined = match inline {
        Field::Known(mut inline) => {
            inline.value.join(imported.value, "", &mut Drifts { problems, inline: true });
            inline
        }
        Field::Absent => imported,
        Field::Opaque(o) => return Field::Opaque(o),
    };
    client_vpn::unsaid(&mut joined.value, place);
    Field::Known(joined)
}

/// Reads `users = { import = … }`.
pub fn users(session: &mut Session, file: FileId, imports: &[Spanned<String>], place: Span, ledger: &mut Ledger) -> List<User> {
    const WHY: &str = "the list of users was not read";
    let failures = ledger.problems.len();
    let files = gather(session, file, imports, None, false, ledger);
    let parsed = parse(session, &files, ledger);
    let finders: Vec<Finder<'_, '_>> = files.iter().zip(&parsed).map(|(file, root)| bodies(file, root)).collect();
    let lists = |f: &Found<'_, '_>| f.body == Body::AuthUsers;
    unknown(session, &files, &parsed, &finders, &lists, &|_| false, ledger);
    let mut owners: Vec<&String> = finders.iter().flat_map(|f| &f.found).filter(|f| lists(f)).filter_map(|f| f.networks.first()).collect();
    owners.sort_unstable();
    owners.dedup();
    if owners.len() > 1 {
        const SEVERAL: &str = "it holds the users of several networks";
        ledger.import_failed(place, SEVERAL, "import the list of one network alone");
        return Field::opaque_at(place, SEVERAL);
    }
    if finders.iter().flat_map(|f| &f.found).any(|f| lists(f) && f.partial) {
        ledger.gap(place, "Terraform may manage only some of the users; import the API's list of them");
    }
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

/// The files of the imports, opened; what cannot be opened is noted. Of a folder, those that end in `.json`, and Network as Code in YAML where `code` allows it.
fn gather(
    session: &mut Session,
    from: FileId,
    imports: &[Spanned<String>],
    format: Option<&Spanned<String>>,
    code: bool,
    ledger: &mut Ledger,
) -> Vec<File> {
    let mut files: Vec<File> = Vec::new();
    for (place, path) in resolve(session, from, imports, ledger) {
        let folder = is_folder(&path);
        let paths: Vec<PathBuf> = if folder {
            let forced = format.and_then(|f| super::detect::by_id(&f.value));
            let ends = |p: &PathBuf, of: &[&str]| p.extension().is_some_and(|e| of.iter().any(|end| e.eq_ignore_ascii_case(end)));
            let is_code = |p: &PathBuf| {
                code && ends(p, &["yaml", "yml"])
                    && (forced == Some(Format::NacYaml) || forced.is_none() && session.look(p).is_some_and(|text| nac::is_nac(&text)))
            };
            let is_json = |p: &PathBuf| forced != Some(Format::NacYaml) && ends(p, &["json"]);
            session.root().files_below(&path).into_iter().filter(|p| is_json(p) || is_code(p)).collect()
        } else {
            vec![path.clone()]
        };
        if paths.is_empty() {
            ledger.import_failed(place, "the folder holds no .json file and no Network as Code", EXPECTED);
        }
        for real in paths {
            let Some((id, found)) = open(session, place, &real, format, ledger) else { continue };
            if !(found.is_meraki() || code && found == Format::NacYaml) {
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
            files.push(File { id, place, path, named: !folder, format: found, text: session.map.file(id).raw().to_owned() });
        }
    }
    files
}

/// The trees of the files; what secret-like keys hold is hidden whether or not a reader gets there.
fn parse<'t>(session: &mut Session, files: &'t [File], ledger: &mut Ledger) -> Vec<Content<'t>> {
    let mut roots = Vec::with_capacity(files.len());
    for file in files {
        let base = session.map.file(file.id).base();
        let Parsed { root, errors } = guarded(Format::MerakiApi, ledger, || json::parse_dump(&file.text, base))
            .unwrap_or_else(|| Parsed { root: None, errors: Vec::new() });
        let problems = errors
            .into_iter()
            .map(|e| Problem::new(ProblemKind::Syntax, e.span, e.message, "here").help("export the file again"))
            .collect();
        let mut secrets = Vec::new();
        if let Some(root) = &root {
            hide(root, false, &mut secrets);
        }
        let content = guarded(file.format, ledger, || content(file, root, &mut secrets)).unwrap_or((Content::Nothing, None));
        ledger.take(session, file.id, Notes { problems, secrets, ..Notes::default() });
        if let Some(span) = content.1 {
            let help = "write the snapshot without `--sanitize`";
            ledger.import_failed(file.place, "the snapshot was sanitized, so its addresses are made up", help);
            ledger.gap(span, "the snapshot was sanitized");
        }
        roots.push(content.0);
    }
    roots
}

/// What a document holds, and where it says that its values are made up.
fn content<'t>(file: &File, root: Option<Node<'t>>, secrets: &mut Vec<Span>) -> (Content<'t>, Option<Span>) {
    let Some(root) = root else { return (Content::Nothing, None) };
    match file.format {
        Format::TerraformJson => {
            let mut read = terraform::read(root);
            secrets.append(&mut read.secrets);
            (Content::Pieces(read.pieces), None)
        }
        Format::Meraki2tf if root.get("features").is_some() => {
            let read = snapshot::read(root);
            if read.sanitized.is_some() { (Content::Nothing, read.sanitized) } else { (Content::Pieces(read.pieces), None) }
        }
        _ => (Content::Tree(root), None),
    }
}

/// Collects the values of keys that sound like a secret's.
fn hide(node: &Node<'_>, secret: bool, spans: &mut Vec<Span>) {
    match &node.kind {
        Kind::Seq(items) => items.iter().for_each(|i| hide(i, secret, spans)),
        Kind::Map(entries) => {
            for entry in entries {
                let key = object::fold(&entry.key);
                let word = ["apikey", "presharedkey"].iter().any(|w| key.ends_with(w)) || names_secret(&entry.key);
                hide(&entry.value, secret || word, spans);
            }
        }
        Kind::Null | Kind::Bool(_) => {}
        _ if secret => spans.push(node.span),
        _ => {}
    }
}

fn bodies<'n, 't>(file: &File, content: &'n Content<'t>) -> Finder<'n, 't> {
    match content {
        Content::Nothing => Finder::default(),
        Content::Tree(root) => Finder::file(&file.path, root),
        Content::Pieces(pieces) => Finder::pieces(pieces),
    }
}

/// Notes files that were named and hold nothing known, and folders of such files; `elsewhere` says of a folder that other readers know its files.
fn unknown(
    session: &Session,
    files: &[File],
    roots: &[Content<'_>],
    finders: &[Finder<'_, '_>],
    useful: &dyn Fn(&Found<'_, '_>) -> bool,
    elsewhere: &dyn Fn(Span) -> bool,
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
        } else if !found && !matches!(root, Content::Nothing) && finder.errors.is_empty() {
            let name = visible(&session.map.file(file.id).path).into_owned();
            let (why, help) = match (file.format, finder.found.is_empty()) {
                (Format::TerraformJson, true) => ("holds no resource of an MX", TERRAFORM),
                (_, true) => ("holds nothing of the Dashboard API that is known", EXPECTED),
                (_, false) => ("holds nothing that is read here", EXPECTED),
            };
            ledger.import_failed(file.place, format!("{name} {why}"), help);
        }
    }
    for (place, _) in folders.into_iter().filter(|(place, any)| !any && !elsewhere(*place)) {
        ledger.import_failed(place, "no file in the folder holds what is read here", EXPECTED);
    }
}

/// What a context noted.
fn notes(cx: Cx<'_>) -> Notes {
    let Cx { problems, secrets, gap, .. } = cx;
    let gap = gap.or_else(|| problems.iter().find(|p| p.kind == ProblemKind::InvalidValue).map(|p| p.span));
    Notes { problems, secrets, gap, ..Notes::default() }
}
