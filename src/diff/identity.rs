//! Which site is which, and what a finding is recognised by.

use std::collections::BTreeMap;

use super::Side;
use crate::report::{ReportFinding, SubjectName};
use crate::rules::Level;

/// Which sites of both sides are the same.
pub struct Pairs {
    /// Numbers on the old and on the new side; a pair's own number is its place here.
    pairs: Vec<(Option<usize>, Option<usize>)>,
    /// The pair of each site of the old side.
    by_old: Vec<usize>,
}

impl Pairs {
    /// Pairs sites by the path of their files, then by their names; one site on each side is the same, whatever it is called.
    ///
    /// The pairs of the new side's sites come first, in their order.
    pub fn of(old: &Side, new: &Side) -> Self {
        let mut partners = vec![None; new.sites.len()];
        if let ([_], [_]) = (&old.sites[..], &new.sites[..]) {
            partners[0] = Some(0);
        }
        let mut left: Vec<usize> = (0..old.sites.len()).filter(|o| !partners.contains(&Some(*o))).collect();
        let path = |side: &Side, n: usize| below(&side.base, &side.sites[n].path).map(ToOwned::to_owned);
        let name = |side: &Side, n: usize| Some(side.sites[n].name.clone()).filter(|name| !name.is_empty());
        for identify in [&path as &dyn Fn(&Side, usize) -> Option<String>, &name] {
            let mut known = BTreeMap::<String, (Vec<usize>, Vec<usize>)>::new();
            for o in &left {
                known.entry(identify(old, *o).unwrap_or_default()).or_default().0.push(*o);
            }
            for (n, _) in partners.iter().enumerate().filter(|(_, p)| p.is_none()) {
                known.entry(identify(new, n).unwrap_or_default()).or_default().1.push(n);
            }
            for (what, (o, n)) in known {
                // What is there twice identifies nothing.
                if let (false, [o], [n]) = (what.is_empty(), &o[..], &n[..]) {
                    partners[*n] = Some(*o);
                    left.retain(|l| l != o);
                }
            }
        }
        let mut pairs: Vec<_> = partners.into_iter().enumerate().map(|(n, o)| (o, Some(n))).collect();
        pairs.extend(left.into_iter().map(|o| (Some(o), None)));
        let mut by_old = vec![0; old.sites.len()];
        for (at, (o, _)) in pairs.iter().enumerate() {
            if let Some(o) = o {
                by_old[*o] = at;
            }
        }
        Self { pairs, by_old }
    }

    /// Numbers on the old and on the new side.
    pub fn iter(&self) -> impl Iterator<Item = (Option<usize>, Option<usize>)> + '_ {
        self.pairs.iter().copied()
    }

    /// Sites without a partner.
    pub fn only_new(&self) -> impl Iterator<Item = usize> + '_ {
        self.iter().filter_map(|(o, n)| n.filter(|_| o.is_none()))
    }

    /// Sites without a partner.
    pub fn only_old(&self) -> impl Iterator<Item = usize> + '_ {
        self.iter().filter_map(|(o, n)| o.filter(|_| n.is_none()))
    }

    /// The partner of a site of the old side.
    pub fn new_of(&self, old: usize) -> Option<usize> {
        self.new_number(*self.by_old.get(old)?)
    }

    /// The new side's site of a pair.
    pub fn new_number(&self, pair: usize) -> Option<usize> {
        self.pairs.get(pair)?.1
    }

    fn number(&self, site: usize, is_old: bool) -> Option<usize> {
        if is_old { self.by_old.get(site).copied() } else { self.pairs.get(site)?.1 }
    }
}

/// `path` below `folder`.
fn below<'p>(folder: &str, path: &'p str) -> Option<&'p str> {
    if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix('/') }
}

/// A path as it is on both sides: relative to the site's folder, else to what was named, else to the root.
fn place(path: &str, site: usize, side: &Side) -> String {
    let own = side.sites.get(site).map_or("", |s| s.path.as_str());
    if path == own && !own.is_empty() {
        return "site file".to_owned();
    }
    let folder = own.rsplit_once('/').map_or("", |(folder, _)| folder);
    let near = if own.is_empty() { None } else { below(folder, path) };
    match (near, below(&side.base, path)) {
        (Some(rest), _) => format!("site folder/{rest}"),
        (None, Some(rest)) => format!("folder/{rest}"),
        (None, None) => format!("root/{path}"),
    }
}

/// The pair of a site, and a subject's name as it is on both sides: a site may be named after its folder.
pub fn subject(site: usize, subject: &SubjectName, side: &Side, pairs: &Pairs, is_old: bool) -> Option<(usize, String)> {
    let name = match subject.kind {
        "site" | "mx" | "client_vpn" => String::new(),
        "file" => place(&subject.name, site, side),
        _ => subject.name.clone(),
    };
    Some((pairs.number(site, is_old)?, name))
}

/// What a finding is recognised by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pair: Option<usize>,
    rule: &'static str,
    kind: &'static str,
    subject: String,
    paths: Vec<String>,
    /// Level, and the message where paths are blurred.
    more: (Option<Level>, Option<&'static str>, String),
}

impl Key {
    /// Of a finding of `side`.
    pub fn of(f: &ReportFinding, side: &Side, pairs: &Pairs, is_old: bool) -> Self {
        let found = subject(f.site_index, &f.subject, side, pairs, is_old);
        let paths = f.places.iter().enumerate().map(|(n, at)| {
            let keys = f.logical.get(n).and_then(|l| l.strip_prefix(&*at.path)).unwrap_or_default();
            place(&at.path, f.site_index, side) + keys
        });
        Self {
            pair: found.as_ref().map(|(pair, _)| *pair),
            rule: f.rule.id,
            kind: f.subject.kind,
            subject: found.map_or_else(|| f.subject.name.clone(), |(_, name)| name),
            paths: paths.collect(),
            more: (None, None, String::new()),
        }
    }

    /// Rule and subject, as verdicts have them.
    pub fn row(&self) -> super::Row {
        (self.pair.unwrap_or(usize::MAX), self.rule, self.kind, self.subject.clone())
    }

    /// The same place, level and stage.
    pub fn exact(&self, f: &ReportFinding) -> Self {
        Self { more: (Some(f.level), f.stage.map(crate::rules::Stage::word), String::new()), ..self.clone() }
    }

    /// The same message about other members of the same lists: a line was put in above.
    pub fn moved(&self, f: &ReportFinding) -> Self {
        let paths = self.paths.iter().map(|p| blur(p)).collect();
        Self { paths, more: (Some(f.level), f.stage.map(crate::rules::Stage::word), f.message.clone()), ..self.clone() }
    }

    /// The same place at whatever level.
    pub fn graded(&self, _: &ReportFinding) -> Self {
        self.clone()
    }
}

/// A path of keys without the numbers of members that have no name.
fn blur(path: &str) -> String {
    let Some((file, keys)) = path.split_once('#') else { return path.to_owned() };
    let mut out = format!("{file}#");
    for (n, part) in keys.split('[').enumerate() {
        let number = part.bytes().take_while(u8::is_ascii_digit).count();
        if n > 0 {
            out.push('[');
        }
        out.push_str(if n > 0 && part[number..].starts_with(']') { &part[number..] } else { part });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Roster;
    use crate::report::Report;

    fn side(base: &str, sites: &[(&str, &str)]) -> Side {
        let sites = sites.iter().map(|(path, name)| Roster { path: (*path).to_owned(), name: (*name).to_owned(), ..Roster::default() });
        Side { shown: String::new(), base: base.to_owned(), sites: sites.collect(), report: Report::default() }
    }

    #[test]
    fn sites_are_paired_by_path_then_by_name() {
        let old = side("old", &[("old/a/site.toml", "a"), ("old/b/site.toml", "b"), ("old/c/site.toml", "c")]);
        let new = side("new", &[("new/a/site.toml", "renamed"), ("new/d/site.toml", "b"), ("new/e/site.toml", "e")]);
        let pairs: Vec<_> = Pairs::of(&old, &new).iter().collect();
        assert_eq!(pairs, [(Some(0), Some(0)), (Some(1), Some(1)), (None, Some(2)), (Some(2), None)]);
    }

    #[test]
    fn one_site_on_each_side_is_the_same() {
        let pairs = Pairs::of(&side("", &[("x.site.toml", "x")]), &side("", &[("y.site.toml", "y")]));
        assert_eq!(pairs.iter().collect::<Vec<_>>(), [(Some(0), Some(0))]);
    }

    #[test]
    fn a_name_that_is_there_twice_pairs_nothing() {
        let pairs = Pairs::of(&side("", &[("a/site.toml", "x"), ("b/site.toml", "x")]), &side("", &[("c/site.toml", "x")]));
        assert_eq!(pairs.only_old().count(), 2);
        assert_eq!(pairs.only_new().count(), 1);
    }

    #[test]
    fn a_place_is_the_same_wherever_the_side_lies() {
        let old = side("old", &[("old/a/site.toml", "a")]);
        assert_eq!(place("old/a/site.toml", 0, &old), "site file");
        assert_eq!(place("old/a/clients/x.xml", 0, &old), "site folder/clients/x.xml");
        assert_eq!(place("old/common/x.xml", 0, &old), "folder/common/x.xml");
        assert_eq!(place("older/x.xml", 0, &old), "root/older/x.xml");
    }

    #[test]
    fn numbers_of_members_are_blurred_and_names_are_not() {
        assert_eq!(blur("site file#mx.l3[3].policy"), "site file#mx.l3[].policy");
        assert_eq!(blur("a[1].toml#x[12][3a][b]"), "a[1].toml#x[][3a][b]");
        assert_eq!(blur("edge/router.rules"), "edge/router.rules");
    }
}
