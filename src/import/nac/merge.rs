//! Many documents merged into one, as Cisco's `nac-yaml` does before Terraform sees them.
//!
//! - Tables merge key by key. What is not null replaces what is no table or list; a table or list never replaces what is something else.
//! - Lists are joined. An item that is a table merges into the first table that agrees with it: they share at least one key with a single value, and all such keys have equal
//!   values. A list in which two items of one side agree already is only appended to.
//!
//! Source: `load_yaml_files` of nac-yaml 2.1 (PyPI); `tests/doors/test_nac.py` compares the two. One thing differs on purpose: a table that stands in two places through an alias
//! is two tables here, as it is for Terraform.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::source::Span;
use crate::tree::{Entry, Kind, Node};

/// Single values that are looked at, at most: a bound on time for files made to be slow.
const BUDGET: usize = 8_000_000;

/// Merges documents one after the other.
pub struct Merger<'s, 't> {
    /// What stands at a place: the identity of a value that is not to be known (`!env NAME`).
    text: &'s dyn Fn(Span) -> String,
    pub(super) budget: usize,
    /// Where the bound was met, after which lists are only appended to.
    pub stopped: Option<Span>,
    keys: HashMap<Cow<'t, str>, usize>,
    /// Numbers of the places in the outcomes: by the number of the place around, and a key or the place of an item in a list.
    places: HashMap<(usize, Step<'t>), usize>,
    /// The lists that were merged into, by the numbers of their places; those in which two items agree have no index. So each document costs what it holds itself.
    lists: HashMap<usize, Option<Index<'t>>>,
    roots: usize,
}

/// A step into a table or list.
#[derive(PartialEq, Eq, Hash)]
enum Step<'t> {
    Key(Cow<'t, str>),
    Item(usize),
}

/// A single value, for comparisons.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Single<'t> {
    Null,
    /// Truth values too, which Python takes for 0 and 1.
    Int(i64),
    Float(u64),
    Text(Cow<'t, str>),
    Unknown(String),
}

/// The single values of a table by the numbers of their keys, sorted.
type Singles<'t> = Vec<(usize, Single<'t>)>;

impl<'s, 't> Merger<'s, 't> {
    /// A merger; `text` gives what stands at a place.
    pub fn new(text: &'s dyn Fn(Span) -> String) -> Self {
        Self { text, budget: BUDGET, stopped: None, keys: HashMap::new(), places: HashMap::new(), lists: HashMap::new(), roots: 0 }
    }

    /// Merges documents into one table, which stands where `out` says.
    pub fn all(&mut self, mut out: Node<'t>, documents: impl IntoIterator<Item = Node<'t>>) -> Node<'t> {
        let root = self.place(usize::MAX, Step::Item(self.roots));
        self.roots += 1;
        out.kind = Kind::Map(Vec::new());
        for document in documents {
            self.merge(root, &mut out, document);
        }
        out
    }

    fn place(&mut self, around: usize, step: Step<'t>) -> usize {
        let next = self.places.len();
        *self.places.entry((around, step)).or_insert(next)
    }

    fn merge(&mut self, place: usize, into: &mut Node<'t>, source: Node<'t>) {
        if let (Kind::Map(into), Kind::Map(source)) = (&mut into.kind, source.kind) {
            self.tables(place, into, source);
        }
    }

    fn tables(&mut self, place: usize, into: &mut Vec<Entry<'t>>, source: Vec<Entry<'t>>) {
        const FEW: usize = 16;
        let mut places: HashMap<Cow<'t, str>, usize> = HashMap::new();
        if into.len() > FEW && source.len() > FEW {
            places.extend(into.iter().enumerate().map(|(n, e)| (e.key.clone(), n)));
        }
        // A document's keys differ, so what is added here is not looked for again.
        let before = into.len();
        for entry in source {
            let found =
                if places.is_empty() { into[..before].iter().position(|e| e.key == entry.key) } else { places.get(&entry.key).copied() };
            let Some(n) = found else {
                into.push(entry);
                continue;
            };
            let old = &mut into[n];
            match (&mut old.value.kind, entry.value.kind) {
                (Kind::Map(old), Kind::Map(new)) => {
                    let inner = self.place(place, Step::Key(entry.key));
                    self.tables(inner, old, new);
                }
                (Kind::Seq(old), Kind::Seq(new)) => {
                    let inner = self.place(place, Step::Key(entry.key));
                    self.list(inner, old, new, entry.value.span);
                }
                (Kind::Null, kind) => *old = Entry { value: Node { kind, ..entry.value }, ..entry },
                (_, Kind::Map(_) | Kind::Seq(_) | Kind::Null) => {}
                (_, kind) => *old = Entry { value: Node { kind, ..entry.value }, ..entry },
            }
        }
    }

    fn list(&mut self, place: usize, into: &mut Vec<Node<'t>>, source: Vec<Node<'t>>, at: Span) {
        if source.is_empty() {
            return;
        }
        if self.stopped.is_some() || into.is_empty() {
            self.lists.remove(&place);
            into.extend(source);
            return;
        }
        let old = match self.lists.remove(&place) {
            Some(index) => index,
            None => self.index(into),
        };
        let new = self.index(&source);
        let (Some(mut index), true) = (old, new.is_some()) else {
            self.lists.insert(place, None);
            into.extend(source);
            return self.halt(at);
        };
        let mut repeats = false;
        for item in source {
            let singles = self.singles(&item);
            let found = if singles.is_empty() { None } else { index.find(&singles, None, &mut self.budget) };
            match found {
                Some(n) => {
                    let inner = self.place(place, Step::Item(n));
                    self.merge(inner, &mut into[n], item);
                    let now = self.singles(&into[n]);
                    repeats |= index.find(&now, Some(n), &mut self.budget).is_some();
                    index.replace(n, now);
                }
                None => {
                    into.push(item);
                    index.add(into.len() - 1, singles);
                }
            }
        }
        self.halt(at);
        self.lists.insert(place, (!repeats).then_some(index));
    }

    fn halt(&mut self, at: Span) {
        if self.budget == 0 {
            self.stopped.get_or_insert(at);
        }
    }

    /// The tables of a list by their single values; none when two of them agree.
    fn index(&mut self, items: &[Node<'t>]) -> Option<Index<'t>> {
        let mut index = Index::default();
        for (n, item) in items.iter().enumerate() {
            let singles = self.singles(item);
            if !singles.is_empty() && index.find(&singles, None, &mut self.budget).is_some() || self.budget == 0 {
                return None;
            }
            index.add(n, singles);
        }
        Some(index)
    }

    fn singles(&mut self, item: &Node<'t>) -> Singles<'t> {
        let Some(entries) = item.entries() else { return Vec::new() };
        let mut out = Vec::with_capacity(entries.len());
        for entry in entries {
            let value = match &entry.value.kind {
                Kind::Map(_) | Kind::Seq(_) => continue,
                Kind::Null => Single::Null,
                Kind::Bool(b) => Single::Int(i64::from(*b)),
                Kind::Int(n) => Single::Int(*n),
                Kind::Float(f) => float(*f),
                Kind::Str(s) | Kind::Date(s) | Kind::Data(s) => Single::Text(s.clone()),
                Kind::Opaque(_) => Single::Unknown((self.text)(entry.value.span)),
            };
            let next = self.keys.len();
            out.push((*self.keys.entry(entry.key.clone()).or_insert(next), value));
        }
        self.budget = self.budget.saturating_sub(out.len());
        out.sort_by_key(|(key, _)| *key);
        out
    }
}

/// A whole number in disguise is one.
#[expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "compared after the way back, so that only exact ones count")]
fn float<'t>(f: f64) -> Single<'t> {
    let whole = f as i64;
    if whole as f64 == f && whole.unsigned_abs() < 1 << 53 { Single::Int(whole) } else { Single::Float(f.to_bits()) }
}

/// Finds the table that agrees with another: by the keys that both have. Tables with the same keys are looked at together, so the cost grows with the kinds of tables, not their number.
#[derive(Default)]
struct Index<'t> {
    /// By place in the list: the kind of table, and its values.
    items: HashMap<usize, (usize, Singles<'t>)>,
    kinds: Vec<Same<'t>>,
    kind_of: HashMap<Vec<usize>, usize>,
}

/// Tables with the same keys.
struct Same<'t> {
    keys: Vec<usize>,
    /// Their places in the list.
    members: BTreeSet<usize>,
    /// For some of the keys: the members by their values.
    views: BTreeMap<Vec<usize>, HashMap<Vec<Single<'t>>, BTreeSet<usize>>>,
}

impl<'t> Index<'t> {
    fn add(&mut self, n: usize, singles: Singles<'t>) {
        if singles.is_empty() {
            return;
        }
        let keys: Vec<usize> = singles.iter().map(|(key, _)| *key).collect();
        let next = self.kinds.len();
        let kind = *self.kind_of.entry(keys.clone()).or_insert(next);
        if kind == next {
            self.kinds.push(Same { keys, members: BTreeSet::new(), views: BTreeMap::new() });
        }
        let same = &mut self.kinds[kind];
        same.views.iter_mut().for_each(|(shared, view)| {
            view.entry(project(&singles, shared)).or_default().insert(n);
        });
        same.members.insert(n);
        self.items.insert(n, (kind, singles));
    }

    fn replace(&mut self, n: usize, singles: Singles<'t>) {
        if let Some((kind, old)) = self.items.get(&n) {
            if *old == singles {
                return;
            }
            let same = &mut self.kinds[*kind];
            same.members.remove(&n);
            for (shared, view) in &mut same.views {
                if let Some(places) = view.get_mut(&project(old, shared)) {
                    places.remove(&n);
                }
            }
            self.items.remove(&n);
        }
        self.add(n, singles);
    }

    /// The first table in the list that agrees with these values, but for the one at `but`.
    fn find(&mut self, singles: &Singles<'t>, but: Option<usize>, budget: &mut usize) -> Option<usize> {
        let mut first: Option<usize> = None;
        for same in &mut self.kinds {
            let shared: Vec<usize> = singles.iter().map(|(key, _)| *key).filter(|key| same.keys.binary_search(key).is_ok()).collect();
            *budget = budget.saturating_sub(singles.len());
            if shared.is_empty() || *budget == 0 {
                continue;
            }
            let wanted = project(singles, &shared);
            let view = same.views.entry(shared).or_insert_with_key(|shared| {
                let mut view: HashMap<Vec<Single<'t>>, BTreeSet<usize>> = HashMap::new();
                *budget = budget.saturating_sub(same.members.len() * shared.len());
                for n in &same.members {
                    view.entry(project(&self.items[n].1, shared)).or_default().insert(*n);
                }
                view
            });
            let found = view.get(&wanted).and_then(|places| places.iter().copied().find(|n| Some(*n) != but));
            first = [first, found].into_iter().flatten().min();
        }
        first
    }
}

/// The values of these keys; all of them are there, and both are sorted.
fn project<'t>(singles: &Singles<'t>, keys: &[usize]) -> Vec<Single<'t>> {
    let of = |key: &usize| singles.binary_search_by_key(key, |(k, _)| *k).ok().map(|n| singles[n].1.clone());
    keys.iter().filter_map(of).collect()
}
