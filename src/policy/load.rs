//! Finds and reads the policy files of a run, and says which of them count for which site.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::decl::{CheckDecl, OverrideDecl, PolicyDecl, RuleDecl, WaiverDecl};
use super::texts::Texts;
use super::{ByPath, Origin, Pack, Policy, Stated};
use crate::import::values::Imports;
use crate::model::tables::Change;
use crate::model::{Field, List};
use crate::secret::Secret;
use crate::source::{FileId, Problem, ProblemKind, ReadError, Root, Session, SourceMap, Spanned, visible};
use crate::tree::decode::{Cx, Decode, nearest};
use crate::tree::{self, Parsed};

/// The file that holds the policy of a folder.
pub const FILE: &str = "vpnlint.toml";

/// The policies of a run.
#[derive(Default)]
pub struct Policies {
    /// The texts of policy files and packs; origins are places in it.
    pub map: SourceMap,
    /// Faults of the files: with any of them nothing is checked.
    pub problems: Vec<Problem>,
    parts: Vec<Part>,
    layers: Vec<Layer>,
    texts: Texts,
    by_site: Vec<Arc<Policy>>,
    everywhere: Arc<Policy>,
}

/// One policy file or pack.
struct Part {
    file: FileId,
    rules: Vec<RuleDecl>,
    require_decided: Vec<Spanned<super::RulePattern>>,
    overrides: Vec<Override>,
    data: Vec<Spanned<Change>>,
    waivers: List<WaiverDecl>,
    check: Option<CheckDecl>,
    /// Patterns of paths are relative to it; relative to the root itself.
    folder: PathBuf,
}

struct Override {
    patterns: GlobSet,
    rules: Vec<RuleDecl>,
}

/// Parts that count together: one file with all that it extends.
struct Layer {
    /// Below this folder; none: everywhere.
    scope: Option<PathBuf>,
    parts: Vec<usize>,
    /// The file itself.
    shown: String,
}

/// A layer, as `vpnlint policy list` shows it.
pub struct LayerShown<'a> {
    /// The file.
    pub file: &'a str,
    /// Below which folder it counts, relative to the root; none: everywhere.
    pub scope: Option<String>,
    /// What it extends, in their order, and itself.
    pub parts: Vec<&'a str>,
}

impl Policies {
    /// Reads every policy that counts for the site files `sites`: those of their folders up to the root, and those that the command line names.
    ///
    /// Errors are wrong names on the command line; faults of files are in [`Policies::problems`].
    pub fn load(root: &Arc<Root>, named: &[String], select: &[String], ignore: &[String], sites: &[&Path]) -> Result<Self, String> {
        super::known(select)?;
        super::known(ignore)?;
        let mut reader = Reader { session: Session::new(root.clone()), out: Self::default(), read: HashMap::new() };
        for folder in folders(root, sites) {
            let path = folder.join(FILE);
            // A link of that name leads nowhere outside the root.
            let read = root.confine(&root.path().join(&path)).and_then(|real| reader.file(root, &real, &mut Vec::new()));
            match read {
                Ok(parts) => {
                    let shown = root.relative(&path);
                    reader.out.layers.push(Layer { scope: Some(folder), parts, shown });
                }
                Err(ReadError::Missing) => {}
                Err(why) => return Err(format!("{}: {why}", visible(&root.relative(&path)))),
            }
        }
        for name in named {
            let parts = reader.named(root, name)?;
            reader.out.layers.push(Layer { scope: None, parts, shown: name.clone() });
        }
        let Reader { session, mut out, .. } = reader;
        out.map = session.map;
        out.texts = Texts::of(&out.map);
        out.build(root, select, ignore, sites);
        for problem in &mut out.problems {
            let usual = match problem.kind {
                ProblemKind::Syntax => "mend the text here; nothing is checked under a policy that cannot be read whole",
                _ => "write a value of that kind; `vpnlint schema policy` describes every key",
            };
            problem.help.get_or_insert_with(|| usual.into());
        }
        out.problems.sort_by_key(|p| p.span);
        out.problems.dedup_by(|a, b| a.span == b.span && a.message == b.message);
        Ok(out)
    }

    /// What a pack sets, and nothing else.
    pub fn of_pack(root: &Arc<Root>, pack: &'static Pack) -> Self {
        let mut reader = Reader { session: Session::new(root.clone()), out: Self::default(), read: HashMap::new() };
        let parts = reader.pack(pack);
        reader.out.layers.push(Layer { scope: None, parts, shown: format!("pack {}", pack.name) });
        let Reader { session, mut out, .. } = reader;
        out.map = session.map;
        out.build(root, &[], &[], &[]);
        out
    }

    /// Whether a key of a site stands in a policy; with `coded`, in any form that could be turned back.
    pub fn tell(&self, secret: &Secret, coded: bool) -> bool {
        self.texts.hold(secret, coded)
    }

    /// What counts for the site file number `n` of [`Policies::load`].
    pub fn site(&self, n: usize) -> &Policy {
        self.by_site.get(n).unwrap_or(&self.everywhere)
    }

    /// What counts at the root.
    pub fn everywhere(&self) -> &Policy {
        &self.everywhere
    }

    /// Defaults for the command's options: the last file's that states them, with the folder that its paths are relative to.
    pub fn check_defaults(&self) -> impl Iterator<Item = (&CheckDecl, &Path)> {
        let layers = self.layers.iter().filter(|l| l.scope.as_ref().is_none_or(|s| s.as_os_str().is_empty())).rev();
        layers.flat_map(|l| l.parts.iter().rev()).filter_map(|p| Some((self.parts[*p].check.as_ref()?, self.parts[*p].folder.as_path())))
    }

    /// Every waiver, each once, with the folder that its paths are relative to, and the folder below which it counts.
    pub fn waivers(&self) -> impl Iterator<Item = (&Spanned<WaiverDecl>, &Path, Option<&Path>)> {
        let mut seen = BTreeSet::new();
        let parts = self.layers.iter().flat_map(|l| l.parts.iter().map(move |p| (*p, l.scope.as_deref())));
        let once = parts.filter(move |(p, _)| seen.insert(*p));
        once.flat_map(move |(p, scope)| self.parts[p].waivers.items().iter().map(move |w| (w, self.parts[p].folder.as_path(), scope)))
    }

    /// The layers, in the order in which they count.
    pub fn layers(&self) -> impl Iterator<Item = LayerShown<'_>> {
        self.layers.iter().map(|layer| LayerShown {
            file: &layer.shown,
            scope: layer.scope.as_ref().map(|s| s.to_string_lossy().replace('\\', "/")),
            parts: layer.parts.iter().map(|p| self.map.file(self.parts[*p].file).path.as_str()).collect(),
        })
    }

    /// `vpnlint.toml:12`, `pack strict:7` or `command line`.
    pub fn shown(&self, origin: Origin) -> String {
        match origin {
            Origin::CommandLine => "command line".to_owned(),
            Origin::File(span) => {
                let file = self.map.file_at(span);
                let masked = file.masked();
                let line = masked.position(masked.offset((span.start - file.base()) as usize)).line;
                format!("{}:{line}", visible(&file.path))
            }
        }
    }

    /// What a part changes of the tables.
    pub(super) fn data_of(&self, part: usize) -> &[Spanned<Change>] {
        &self.parts[part].data
    }

    fn build(&mut self, root: &Root, select: &[String], ignore: &[String], sites: &[&Path]) {
        // By the parts that count, and the overrides among them that fit.
        type Counting = (Vec<usize>, Vec<(usize, usize)>);
        let mut known = HashMap::<Counting, Arc<Policy>>::new();
        let mut problems = Vec::new();
        let mut one = |site: Option<&Path>| {
            let relative = site.map(|s| root.inside(s));
            let covers = |layer: &&Layer| match (&layer.scope, &relative) {
                (None, _) => true,
                (Some(scope), None) => scope.as_os_str().is_empty(),
                (Some(scope), Some(site)) => site.starts_with(scope),
            };
            let parts: Vec<usize> = self.layers.iter().filter(covers).flat_map(|l| l.parts.iter().copied()).collect();
            let matched: Vec<(usize, usize)> = parts
                .iter()
                .flat_map(|p| self.parts[*p].overrides.iter().enumerate().map(move |(n, o)| (*p, n, o)))
                .filter(|(p, _, o)| {
                    relative.as_ref().is_some_and(|s| s.strip_prefix(&self.parts[*p].folder).is_ok_and(|s| o.patterns.is_match(s)))
                })
                .map(|(p, n, _)| (p, n))
                .collect();
            known
                .entry((parts, matched))
                .or_insert_with_key(|(parts, matched)| {
                    let mut policy = self.effective(parts, matched, &mut problems);
                    policy.choose(select, ignore);
                    Arc::new(policy)
                })
                .clone()
        };
        let everywhere = one(None);
        let by_site = sites.iter().map(|s| one(Some(s))).collect();
        self.everywhere = everywhere;
        self.by_site = by_site;
        self.problems.extend(problems);
    }

    fn effective(&self, parts: &[usize], matched: &[(usize, usize)], problems: &mut Vec<Problem>) -> Policy {
        let mut policy = Policy::default();
        for (layer, &p) in parts.iter().enumerate() {
            let part = &self.parts[p];
            for pattern in &part.require_decided {
                policy.require_decided.push(Stated { value: pattern.value.clone(), origin: Origin::File(pattern.span), layer });
            }
            apply(&mut policy, &part.rules, layer, problems);
            for (n, one) in part.overrides.iter().enumerate() {
                if matched.contains(&(p, n)) {
                    apply(&mut policy, &one.rules, layer, problems);
                    continue;
                }
                let levels = one.rules.iter().filter_map(|r| {
                    let level = r.level?;
                    Some((Policy::index(r.rule)?, Stated { value: level.value, origin: Origin::File(level.span), layer }))
                });
                policy.by_path.push(ByPath { folder: part.folder.clone(), patterns: one.patterns.clone(), levels: levels.collect() });
            }
        }
        self.tabulate(&mut policy, parts, problems);
        policy
    }
}

/// Sets what a part says of rules. What was locked before stays as it was, and the attempt is told.
fn apply(policy: &mut Policy, rules: &[RuleDecl], layer: usize, problems: &mut Vec<Problem>) {
    for decl in rules {
        let Some(settings) = Policy::index(decl.rule).and_then(|n| policy.settings.get_mut(n)) else { continue };
        if let Some(locked) = settings.locked {
            let message = format!("rule `{}` is locked, and cannot be set again", decl.rule.id);
            let problem = Problem::new(ProblemKind::InvalidValue, decl.key, message, "set again here").related(locked, "locked here");
            problems.push(problem.help("leave it out here, or take `locked` out there"));
            continue;
        }
        if decl.plain {
            settings.values.retain(|(_, v)| !matches!(v.value, crate::rules::Value::Level(_)));
        }
        if let Some(level) = decl.level {
            settings.level = Some(Stated { value: level.value, origin: Origin::File(level.span), layer });
        }
        for (param, value) in &decl.values {
            settings.set(param.name(), Stated { value: value.value, origin: Origin::File(value.span), layer });
        }
        if let Some(locked) = decl.locked.filter(|l| l.value) {
            settings.locked = Some(locked.span);
        }
    }
}

/// The folders from the root down to every site file, outer ones first, relative to the root.
fn folders(root: &Root, sites: &[&Path]) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::from([PathBuf::new()]);
    for site in sites {
        let Some(folder) = site.parent().and_then(|f| f.strip_prefix(root.path()).ok()) else { continue };
        for folder in folder.ancestors() {
            if !found.insert(folder.to_owned()) {
                break; // its ancestors are there already
            }
        }
    }
    found
}

pub(super) struct Reader {
    pub(super) session: Session,
    pub(super) out: Policies,
    /// What was read before, by the file's real path or the pack's name.
    read: HashMap<PathBuf, Vec<usize>>,
}

impl Reader {
    /// What the command line names: a pack, else a file.
    fn named(&mut self, root: &Arc<Root>, name: &str) -> Result<Vec<usize>, String> {
        if let Some(pack) = Pack::find(name) {
            return Ok(self.pack(pack));
        }
        let path = crate::source::real_path(&std::path::absolute(name).unwrap_or_else(|_| PathBuf::from(name)));
        // A policy from elsewhere may extend its neighbours, and nothing of ours.
        let own = match path.parent() {
            Some(folder) if !path.starts_with(root.path()) => Root::new(folder).map_or_else(|_| root.clone(), Arc::new),
            _ => root.clone(),
        };
        match self.file(&own, &path, &mut Vec::new()) {
            Ok(parts) => Ok(parts),
            Err(ReadError::Missing) => {
                let packs: Vec<_> = super::PACKS.iter().map(|p| p.name).collect();
                let near = nearest(name, &packs);
                let hint = near.map_or_else(|| format!("the packs are {}", packs.join(", ")), |n| format!("did you mean the pack `{n}`?"));
                Err(format!("--policy: `{}` is no pack and no file; {hint}", visible(name)))
            }
            Err(why) => Err(format!("--policy: {}: {why}", visible(name))),
        }
    }

    fn pack(&mut self, pack: &'static Pack) -> Vec<usize> {
        let key = PathBuf::from(format!("pack {}", pack.name));
        if let Some(parts) = self.read.get(&key) {
            return parts.clone();
        }
        let bytes = pack.text.as_bytes().to_vec();
        let Ok(opened) = self.session.add_site(&key, bytes) else { return Vec::new() };
        let root = Arc::new(self.session.root().clone());
        let parts = self.part(opened.id, &root, Path::new(""), &mut Vec::new());
        self.read.insert(key, parts.clone());
        parts
    }

    /// A policy file and what it extends, in the order in which they count.
    fn file(&mut self, root: &Arc<Root>, path: &Path, within: &mut Vec<PathBuf>) -> Result<Vec<usize>, ReadError> {
        let full = root.path().join(path);
        if let Some(parts) = self.read.get(&full) {
            return Ok(parts.clone());
        }
        let opened = self.session.open_site(&full)?;
        if let Some(span) = opened.undecodable {
            self.out
                .problems
                .push(Problem::new(ProblemKind::Syntax, span, "the text is not UTF-8", "not UTF-8").help("save the file as UTF-8"));
        }
        let folder = full.parent().and_then(|f| f.strip_prefix(self.session.root().path()).ok()).map(Path::to_owned).unwrap_or_default();
        within.push(full.clone());
        let parts = self.part(opened.id, root, &folder, within);
        within.pop();
        self.read.insert(full, parts.clone());
        Ok(parts)
    }

    fn part(&mut self, id: FileId, root: &Arc<Root>, folder: &Path, within: &mut Vec<PathBuf>) -> Vec<usize> {
        let number = self.out.parts.len();
        self.out.parts.push(Part {
            file: id,
            rules: Vec::new(),
            require_decided: Vec::new(),
            overrides: Vec::new(),
            data: Vec::new(),
            waivers: Field::Absent,
            check: None,
            folder: folder.to_owned(),
        });
        let decl = self.decode(id);
        let mut parts = Vec::new();
        if let Field::Known(Spanned { value: Imports(extends), .. }) = decl.extends {
            for one in extends {
                parts.extend(self.extend(id, root, &one, within));
            }
        }
        if let Some(required) = decl.required_version.known() {
            let own = semver::Version::parse(env!("CARGO_PKG_VERSION")).expect("Cargo's own version is one");
            if !required.value.0.matches(&own) {
                let message = format!("this policy is made for another version: {}, and this is {own}", required.value.0);
                let problem = Problem::new(ProblemKind::InvalidValue, required.span, message, "another version");
                self.out.problems.push(problem.help("install a version that fits, or change `required_version`"));
            }
        }
        let overrides = match decl.overrides {
            Field::Known(list) => list.value.into_iter().filter_map(|o| self.patterns(o)).collect(),
            _ => Vec::new(),
        };
        let data = decl.data.known_value().map(|d| self.changes(id, root, d)).unwrap_or_default();
        let part = &mut self.out.parts[number];
        part.rules = decl.rules.known_value().map(|r| r.0).unwrap_or_default();
        part.require_decided = decl.require_decided.known_value().unwrap_or_default();
        part.overrides = overrides;
        part.data = data;
        part.waivers = decl.waivers;
        part.check = decl.check.known_value();
        parts.push(number);
        parts
    }

    fn decode(&mut self, id: FileId) -> PolicyDecl {
        let file = self.session.map.file_mut(id);
        file.format = "policy";
        let yaml = file.path.ends_with(".yaml") || file.path.ends_with(".yml");
        let (text, base) = (file.raw().to_owned(), file.base());
        let parsed: Parsed<'_> = if yaml { tree::yaml::parse(&text, base) } else { tree::toml::parse(&text, base) };
        self.out.problems.extend(parsed.errors.iter().map(|e| Problem::new(ProblemKind::Syntax, e.span, e.message.clone(), "here")));
        let Some(root) = &parsed.root else { return PolicyDecl::default() };
        let mut cx = Cx::new(&mut self.session, id);
        let decl = PolicyDecl::decode(root, &mut cx).unwrap_or_default();
        let Cx { problems, secrets, .. } = cx;
        for span in secrets {
            self.session.map.hide(span);
        }
        self.out.problems.extend(problems);
        decl
    }

    fn extend(&mut self, from: FileId, root: &Arc<Root>, spec: &Spanned<String>, within: &mut Vec<PathBuf>) -> Vec<usize> {
        if let Some(pack) = Pack::find(&spec.value) {
            return self.pack(pack);
        }
        let folder = self.session.map.file(from).real.parent().map_or_else(|| root.path().to_owned(), Path::to_owned);
        let paths = match root.expand(&folder, &spec.value) {
            Ok(paths) => paths,
            Err(why) => {
                self.not_extended(spec, &why);
                return Vec::new();
            }
        };
        let mut parts = Vec::new();
        for path in paths {
            if within.contains(&path) {
                let message = "this policy extends itself, in a circle";
                self.out.problems.push(
                    Problem::new(ProblemKind::InvalidValue, spec.span, message, "back to itself").help("take one of the `extends` out"),
                );
                continue;
            }
            match self.file(root, &path, within) {
                Ok(more) => parts.extend(more),
                Err(why) => self.not_extended(spec, &why),
            }
        }
        parts
    }

    fn not_extended(&mut self, spec: &Spanned<String>, why: &ReadError) {
        let packs: Vec<_> = super::PACKS.iter().map(|p| p.name).collect();
        let help = nearest(&spec.value, &packs).map_or_else(
            || format!("name a pack ({}), or a policy file by its path from this file, inside the root", packs.join(", ")),
            |near| format!("did you mean the pack `{near}`?"),
        );
        let message = format!("what this policy extends was not read: {why}");
        self.out.problems.push(Problem::new(ProblemKind::InvalidValue, spec.span, message, "named here").help(help));
    }

    fn patterns(&mut self, decl: Spanned<OverrideDecl>) -> Option<Override> {
        let mut set = GlobSetBuilder::new();
        for pattern in decl.value.paths.items() {
            let text = pattern.value.trim_end_matches('/');
            for text in [text.to_owned(), format!("{text}/**")] {
                match GlobBuilder::new(&text).literal_separator(true).build() {
                    Ok(glob) => {
                        set.add(glob);
                    }
                    Err(_) => {
                        let problem =
                            Problem::new(ProblemKind::InvalidValue, pattern.span, "this is not a valid pattern of paths", "not valid");
                        self.out.problems.push(problem.help("`*` and `?` fit within a folder's name, `**` fits folders"));
                        return None;
                    }
                }
            }
        }
        let rules = decl.value.rules.known_value().map(|r| r.0).unwrap_or_default();
        Some(Override { patterns: set.build().ok()?, rules })
    }
}
