//! Which of the files belong to the site, and how the site file names them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use super::render::quote;
use super::survey::Survey;
use crate::import::detect::Format;
use crate::import::meraki::object::fold;
use crate::import::nac;
use crate::source::{Root, Session, clip, visible};
use crate::tree::decode::join;

/// A file or folder that the site file names.
pub struct Import {
    /// Relative to the site file.
    pub path: String,
    /// Why it stands in a comment.
    pub left_out: Option<String>,
}

/// A table of clients.
pub struct Clients {
    /// Its name.
    pub name: String,
    /// Profiles, and files that complete them.
    pub imports: Vec<Import>,
    /// Exports of its machines.
    pub evidence: Vec<Import>,
    /// The system that has such files.
    pub os: Option<&'static str>,
}

/// The site file before it is written.
#[derive(Default)]
pub struct Plan {
    /// The site's name.
    pub site: String,
    /// Its organisation's.
    pub organization: Option<String>,
    /// The network, where the imports hold several.
    pub network: Option<String>,
    /// The other networks.
    pub others: Vec<String>,
    /// Exports of the MX.
    pub mx: Vec<Import>,
    /// Lists of users.
    pub users: Vec<Import>,
    /// Devices in front of the MX: name and export.
    pub upstream: Vec<(String, Import)>,
    /// Which of them stand in front of this MX is not told, so all are comments.
    pub choose_upstream: bool,
    /// Clients.
    pub clients: Vec<Clients>,
    /// Exports of machines of nobody knows which client.
    pub evidence: Vec<Import>,
    remarks: Vec<String>,
}

/// Names files relative to the site file.
struct Paths<'a> {
    root: &'a Root,
    folder: PathBuf,
    remarks: Vec<String>,
}

impl Paths<'_> {
    fn import(&mut self, file: &Path) -> Option<Import> {
        let path = self.relative(file);
        if path.is_none() {
            self.remarks.push(format!(
                "{}: left out, for its path holds characters that mean something else in a site file",
                visible(&self.root.relative(file))
            ));
        }
        path.map(|path| Import { path, left_out: None })
    }

    /// Says which files are left out, without end only where there are few.
    fn leave_out<'p>(&mut self, why: &str, files: impl IntoIterator<Item = &'p PathBuf>) {
        const FEW: usize = 5;
        let mut files = files.into_iter();
        let shown: Vec<&PathBuf> = files.by_ref().take(FEW).collect();
        self.remarks.extend(shown.iter().map(|f| format!("{}: left out, {why}", visible(&self.root.relative(f)))));
        let more = files.count();
        if more > 0 {
            self.remarks.push(format!("{more} more: left out, {why}"));
        }
    }

    fn imports<'p>(&mut self, files: impl IntoIterator<Item = &'p PathBuf>) -> Vec<Import> {
        files.into_iter().filter_map(|f| self.import(f)).collect()
    }

    fn relative(&self, file: &Path) -> Option<String> {
        let shared = file.components().zip(self.folder.components()).take_while(|(a, b)| a == b).count();
        let up = self.folder.components().count() - shared;
        let down = file.components().skip(shared).map(|c| match c {
            Component::Normal(name) => name.to_str(),
            _ => None,
        });
        let parts: Option<Vec<&str>> = std::iter::repeat_n(Some(".."), up).chain(down).collect();
        let path = parts?.join("/");
        let plain = !path.is_empty() && !path.starts_with('\\') && path.as_bytes().get(1) != Some(&b':');
        (plain && !path.contains(['*', '?', '[']) && !path.chars().any(char::is_control)).then_some(path)
    }

    /// One folder for many files, when it is below the site file's and holds nothing `else` that would be read with them.
    fn folder_of(&mut self, files: &[PathBuf], else_: &[&PathBuf]) -> Vec<Import> {
        let common = files
            .iter()
            .map(|f| f.parent().map_or_else(PathBuf::new, Path::to_owned))
            .reduce(|a, b| a.components().zip(b.components()).take_while(|(x, y)| x == y).map(|(x, _)| x).collect());
        if let Some(common) = common.filter(|c| files.len() > 1 && !self.folder.starts_with(c) && !else_.iter().any(|f| f.starts_with(c)))
            && let Some(path) = self.relative(&common)
        {
            return vec![Import { path: format!("{path}/"), left_out: None }];
        }
        let here = files.len() > 1 && files.iter().all(|f| f.parent() == Some(&self.folder) && f.to_string_lossy().ends_with(".nac.yaml"));
        if here { vec![Import { path: "*.nac.yaml".to_owned(), left_out: None }] } else { self.imports(files) }
    }
}

/// Sorts what was found; fails when the network that is wanted is not there.
pub fn plan(root: &Root, target: &Path, found: &Survey, wanted: Option<&str>) -> Result<Plan, String> {
    let folder = target.parent().map_or_else(|| root.path().to_owned(), Path::to_owned);
    let folder_name = folder.file_name().map_or_else(|| "site".to_owned(), |n| n.to_string_lossy().into_owned());
    let mut paths = Paths { root, folder, remarks: Vec::new() };
    let mut plan = Plan::default();
    networks(&mut plan, root, found, wanted, &fold(&root.relative(&paths.folder)))?;
    plan.site = slug(plan.network.as_deref().map_or(folder_name.as_str(), last));
    let chosen = plan.network.as_deref().map(|n| fold(last(n)));
    let others: Vec<String> = plan.others.iter().map(|n| fold(last(n))).filter(|n| n.len() > 2).collect();
    let says = |file: &Path, name: &str| fold(&root.relative(file)).contains(name);
    // A file that bears the name of another network belongs to that one.
    let foreign = |file: &Path| {
        let path = fold(&root.relative(file));
        !chosen.as_deref().is_some_and(|c| path.contains(c)) && others.iter().any(|o| path.contains(o.as_str()))
    };

    let json = |f: &&PathBuf| f.extension().is_some_and(|e| e.eq_ignore_ascii_case("json"));
    let profiles = found.clients.iter().map(|(f, _)| f);
    let elsewhere: Vec<&PathBuf> = profiles.chain(&found.upstream).chain(&found.evidence).filter(json).collect();
    plan.mx = paths.folder_of(&found.code, &[]);
    plan.mx.extend(paths.folder_of(&found.mx, &elsewhere));
    plan.mx.dedup_by(|a, b| a.path == b.path);
    plan.users = paths.imports(found.users.iter().filter(|f| !foreign(f)));

    let mut devices: Vec<&PathBuf> = found.upstream.iter().filter(|f| !foreign(f)).collect();
    if let Some(chosen) = chosen.as_deref().filter(|c| devices.len() > 1 && devices.iter().any(|f| says(f, c))) {
        let (own, others): (Vec<&PathBuf>, Vec<&PathBuf>) = devices.into_iter().partition(|f| says(f, chosen));
        paths.leave_out("for others bear the network's name", others);
        devices = own;
    }
    plan.choose_upstream = devices.len() > 1;
    let mut names = BTreeSet::new();
    for file in devices {
        if let Some(import) = paths.import(file) {
            plan.upstream.push((unique(&mut names, file), import));
        }
    }

    let mut tables: BTreeMap<PathBuf, Vec<&(PathBuf, Format)>> = BTreeMap::new();
    for entry in found.clients.iter().filter(|(f, _)| !foreign(f)) {
        // The files of a Linux client complete one another.
        let key = if entry.1 == Format::Ipsec { entry.0.parent().unwrap_or(&entry.0).to_owned() } else { entry.0.clone() };
        tables.entry(key).or_default().push(entry);
    }
    let mut names = BTreeSet::new();
    for (key, files) in &tables {
        let imports = paths.imports(files.iter().map(|(f, _)| f));
        if !imports.is_empty() {
            plan.clients.push(Clients {
                name: unique(&mut names, key),
                imports,
                evidence: Vec::new(),
                os: files.first().and_then(|(_, f)| os(*f)),
            });
        }
    }
    let evidence = paths.imports(found.evidence.iter().filter(|f| !foreign(f)));
    let mut windows: Vec<&mut Clients> = plan.clients.iter_mut().filter(|c| c.os == Some("windows")).collect();
    match windows.as_mut_slice() {
        [one] => one.evidence = evidence,
        _ => plan.evidence = evidence,
    }
    paths.leave_out("for its path bears the name of another network", all_of(found).filter(|f| foreign(f)));
    paths.remarks.extend(found.unread.iter().map(|(f, why)| format!("{}: not read: {why}", visible(&root.relative(f)))));
    plan.remarks = paths.remarks;
    Ok(plan)
}

fn all_of(found: &Survey) -> impl Iterator<Item = &PathBuf> {
    found.clients.iter().map(|(f, _)| f).chain(&found.upstream).chain(&found.users).chain(&found.evidence)
}

/// The name of a network without its organisation's.
fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Chooses the network: the one that is wanted, else that of several whose name the site file's (folded) folder bears, else the first.
fn networks(plan: &mut Plan, root: &Root, found: &Survey, wanted: Option<&str>, folder: &str) -> Result<(), String> {
    let session = Session::new(std::sync::Arc::new(root.clone()));
    let texts: Vec<String> = found.code.iter().filter_map(|f| session.look(f)).collect();
    let code = nac::names(&texts);
    let twice = |name: &str| code.iter().filter(|(_, n)| fold(n) == fold(name)).count() > 1;
    let whole = |(organization, name): &(Option<String>, String)| match organization {
        Some(organization) if twice(name) => format!("{organization}/{name}"),
        _ => name.clone(),
    };
    let names: Vec<String> = if code.is_empty() { found.networks.clone() } else { code.iter().map(whole).collect() };
    let is = |name: &String, wanted: &str| fold(name) == fold(wanted) || fold(last(name)) == fold(wanted);
    plan.network = match wanted {
        Some(wanted) => match names.iter().find(|n| is(n, wanted)) {
            Some(name) => Some(name.clone()),
            // Of exports an id may be meant, or a serial.
            None if names.is_empty() || code.is_empty() => Some(wanted.to_owned()),
            None => {
                let names: Vec<String> = names.iter().map(|n| clip(&visible(n), 60).into_owned()).collect();
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                return Err(format!("--network: the files hold no network of this name; there are {}", join(&names)));
            }
        },
        None if names.len() > 1 => {
            names.iter().find(|n| fold(last(n)).len() > 2 && folder.contains(&fold(last(n)))).or(names.first()).cloned()
        }
        None => None,
    };
    let own = plan.network.clone().or_else(|| names.first().cloned());
    plan.organization =
        own.as_deref().and_then(|own| code.iter().find(|c| whole(c) == own)).and_then(|(organization, _)| organization.clone());
    plan.others = names.into_iter().filter(|n| plan.network.as_ref() != Some(n)).collect();
    if plan.network.is_none() {
        plan.others.clear();
    }
    Ok(())
}

impl Plan {
    /// Leaves out the import that is written as `quoted`.
    pub fn leave_out(&mut self, quoted: &str, why: String) {
        let fits = |i: &&mut Import| i.left_out.is_none() && quote(&i.path) == quoted;
        if let Some(import) = self.all().find(fits) {
            import.left_out = Some(why);
        }
    }

    /// Forgets every name and path that `holds_key`.
    pub fn forget(&mut self, holds_key: &dyn Fn(&str) -> bool) {
        for import in self.all().filter(|i| holds_key(&i.path)) {
            "a file whose path holds a key".clone_into(&mut import.path);
            import.left_out = Some("a key does not belong into a path".to_owned());
        }
        self.others.retain(|n| !holds_key(n));
        self.organization = self.organization.take().filter(|n| !holds_key(n));
        self.network = self.network.take().filter(|n| !holds_key(n));
        for name in self.clients.iter_mut().map(|c| &mut c.name).chain(self.upstream.iter_mut().map(|(n, _)| n)).chain([&mut self.site]) {
            if holds_key(name) {
                "unnamed".clone_into(name);
            }
        }
        self.remarks.retain(|r| !holds_key(r));
    }

    fn all(&mut self) -> impl Iterator<Item = &mut Import> {
        let clients = self.clients.iter_mut().flat_map(|c| c.imports.iter_mut().chain(&mut c.evidence));
        self.mx.iter_mut().chain(&mut self.users).chain(self.upstream.iter_mut().map(|(_, i)| i)).chain(clients).chain(&mut self.evidence)
    }

    /// What there is to say, one line each.
    pub fn remarks(mut self) -> Vec<String> {
        let left_out: Vec<String> =
            self.all().filter_map(|i| Some(format!("{}: in a comment only: {}", i.path, i.left_out.as_deref()?))).collect();
        self.remarks.extend(left_out);
        if self.choose_upstream {
            self.remarks.push(format!("{} exports of firewalls stand in comments: take those in front of this MX", self.upstream.len()));
        }
        if let (Some(network), [_, ..]) = (&self.network, self.others.as_slice()) {
            self.remarks.push(format!(
                "the site is `{}`, one of {} networks: `--network` takes another",
                visible(network),
                self.others.len() + 1
            ));
        }
        self.remarks
    }
}

/// The system whose clients have such files.
fn os(format: Format) -> Option<&'static str> {
    match format {
        Format::PowerShell | Format::Rasphone | Format::ProfileXml => Some("windows"),
        Format::NetworkManager | Format::Ipsec | Format::Swanctl => Some("linux"),
        Format::Onc => Some("chromeos"),
        _ => None,
    }
}

/// A name from a path that none of `names` is yet.
fn unique(names: &mut BTreeSet<String>, path: &Path) -> String {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = slug(name.split('.').find(|p| !p.is_empty()).unwrap_or("unnamed"));
    let nth = |n: usize| if n == 1 { stem.clone() } else { format!("{stem}-{n}") };
    let free = (1..=names.len() + 1).map(nth).find(|n| !names.contains(n)).unwrap_or_else(|| stem.clone());
    names.insert(free.clone());
    free
}

/// Letters and digits in lower case with `-` between.
fn slug(text: &str) -> String {
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    if words.is_empty() { "site".to_owned() } else { words.join("-").to_lowercase() }
}
