//! Which network of the imports is meant, when they hold several.

use std::collections::{BTreeMap, BTreeSet};

use super::find::Found;
use super::kind::Body;
use super::object::{Obj, fold};
use crate::tree::Node;

/// Names, ids and serials of one network are one group.
#[derive(Default)]
pub struct Networks {
    group_of: BTreeMap<String, usize>,
    /// Above each group the one that it was united with; itself: none.
    parents: Vec<usize>,
    /// How many names each has.
    sizes: Vec<usize>,
    /// The id of each name, and names that several networks have.
    id_of: BTreeMap<String, String>,
    ambiguous: BTreeSet<String>,
    /// The organisation of each network, by any of its names.
    organizations: BTreeMap<String, String>,
    /// Organisations with bodies that are no network's own.
    wide: BTreeSet<String>,
    /// Networks with bodies of their own.
    used: BTreeSet<String>,
    /// Networks with rows in bodies of the organisation.
    listed: BTreeSet<String>,
    /// Whether a device is an appliance, by serial.
    appliances: BTreeMap<String, bool>,
    tags: BTreeMap<String, Vec<String>>,
}

/// Why no network could be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Several, and none is asked for.
    Several,
    /// The one asked for is not there.
    NotThere,
    /// The name that is asked for is that of several.
    Ambiguous,
}

/// The network that was chosen.
pub struct Choice {
    /// Its group; `None`: everything.
    group: Option<usize>,
    /// Nothing that names a network is taken.
    nothing: bool,
    /// The network's organisation, where it is known.
    organization: Option<String>,
    /// The network's id is known.
    has_id: bool,
}

impl Networks {
    /// Learns from one body.
    pub fn learn(&mut self, found: &Found<'_, '_>) {
        let mut own: Vec<String> = found.networks.clone();
        own.extend(found.serial.clone());
        if let (Body::WarmSpare, Ok(node)) = (found.body, found.node) {
            let pair = node.entries().map(Obj).map(|o| [o.peek("primarySerial"), o.peek("spareSerial")]);
            own.extend(pair.into_iter().flatten().flatten().map(fold));
        }
        self.unite(&own);
        if let (Some(organization), Some(first)) = (&found.organization, own.first()) {
            self.organizations.entry(first.clone()).or_insert_with(|| organization.clone());
        }
        if own.is_empty() {
            self.wide.extend(found.organization.clone());
        }
        let Ok(node) = found.node else { return };
        match found.body {
            Body::Networks => self.rows(node, |o| (o.peek("id"), o.peek("name")), &[]),
            Body::Devices => self.rows(node, |o| (o.peek("serial"), o.peek("networkId")), &found.networks),
            Body::UplinkStatuses | Body::UplinkAddresses => self.rows(node, |o| (o.peek("serial"), o.peek("networkId")), &own),
            Body::Categories | Body::Other | Body::AuthUsers | Body::PolicyObjects | Body::PolicyGroups => {}
            _ => self.used.extend(found.networks.first().cloned()),
        }
    }

    fn rows<'n>(&mut self, node: &'n Node<'_>, pair: impl Fn(Obj<'n, '_>) -> (Option<&'n str>, Option<&'n str>), outer: &[String]) {
        let rows = node.items().unwrap_or(std::slice::from_ref(node));
        let uplinks = rows.first().and_then(Node::entries).is_some_and(|e| Obj(e).has("uplinks"));
        for row in rows.iter().filter_map(Node::entries) {
            let o = Obj(row);
            let (a, b) = pair(o);
            let network = o.object("network");
            let inner = network.map(|n| (n.peek("id"), n.peek("name"))).unwrap_or_default();
            let mut names: Vec<String> = [a, b, inner.0, inner.1, o.peek("networkName")].into_iter().flatten().map(fold).collect();
            names.extend_from_slice(outer);
            self.unite(&names);
            if let (Some(organization), Some(first)) = (o.peek("organizationId"), names.first()) {
                self.organizations.insert(first.clone(), fold(organization));
            }
            if let (Some(serial), Some(yes)) = (o.peek("serial"), is_appliance(o)) {
                self.appliances.insert(fold(serial), yes);
            }
            let appliance = o.peek("productType").is_none_or(|p| p.eq_ignore_ascii_case("appliance"));
            if let (true, true, Some(first)) = (uplinks, appliance, names.first()) {
                self.listed.insert(first.clone());
            }
            if let (Some(id), Some(tags)) = (a, o.get("tags").and_then(Node::items)) {
                self.tags.insert(fold(id), tags.iter().filter_map(Node::text).map(str::to_owned).collect());
            }
        }
    }

    fn unite(&mut self, names: &[String]) {
        let id = names.iter().find(|n| is_id(n)).cloned();
        let mut first = None;
        for name in names {
            // Networks of several organisations may have one name.
            if let Some(id) = id.as_ref().filter(|_| !is_id(name) && !is_serial(name)) {
                let known = self.id_of.entry(name.clone()).or_insert_with(|| id.clone());
                if known != id {
                    self.ambiguous.insert(name.clone());
                    continue;
                }
            }
            let next = self.parents.len();
            let group = *self.group_of.entry(name.clone()).or_insert(next);
            if group == next {
                self.parents.push(next);
                self.sizes.push(1);
            }
            let group = self.root(group);
            first = Some(first.map_or(group, |first| self.merge(first, group)));
        }
    }

    /// Makes two groups one; the smaller goes below the larger, so that the way up stays short.
    fn merge(&mut self, a: usize, b: usize) -> usize {
        if a == b {
            return a;
        }
        let (large, small) = if self.sizes[a] < self.sizes[b] { (b, a) } else { (a, b) };
        self.parents[small] = large;
        self.sizes[large] += self.sizes[small];
        large
    }

    fn root(&self, mut group: usize) -> usize {
        while self.parents[group] != group {
            group = self.parents[group];
        }
        group
    }

    fn group(&self, name: &str) -> Option<usize> {
        self.group_of.get(name).map(|g| self.root(*g))
    }

    /// Chooses the network that `wanted` names.
    pub fn choose(&self, wanted: Option<&str>) -> (Choice, Option<Trouble>) {
        let groups = |names: &BTreeSet<String>| names.iter().filter_map(|n| self.group(n)).collect::<BTreeSet<usize>>();
        let (own, mut used) = (groups(&self.used), groups(&self.listed));
        used.extend(&own);
        let id = |group| self.group_of.iter().any(|(name, g)| is_id(name) && Some(self.root(*g)) == group);
        let one = |group| Choice { group, nothing: false, organization: self.organization(group), has_id: id(group) };
        let none = |trouble| (Choice { group: None, nothing: true, organization: None, has_id: false }, Some(trouble));
        match wanted.map(fold) {
            Some(wanted) if self.ambiguous.contains(&wanted) => none(Trouble::Ambiguous),
            Some(wanted) => match self.group(&wanted) {
                Some(group) => (one(Some(group)), None),
                // A lone network whose name no import tells may be the one.
                None if used.len() <= 1 && !used.iter().any(|g| self.has_name(*g)) => (one(None), None),
                None => none(Trouble::NotThere),
            },
            None if used.len() <= 1 => (one(None), None),
            // One network's own answers beside lists of the whole organisation.
            None if own.len() == 1 => (one(own.first().copied()), None),
            None => none(Trouble::Several),
        }
    }

    /// The organisation of a group, or of all networks.
    fn organization(&self, group: Option<usize>) -> Option<String> {
        let mut found = self.organizations.iter().filter(|(name, _)| group.is_none() || self.group(name) == group).map(|(_, o)| o);
        let first = found.next()?;
        found.all(|other| other == first).then(|| first.clone())
    }

    /// Whether something other than an id or a serial is known of a group.
    fn has_name(&self, group: usize) -> bool {
        self.group_of.iter().any(|(name, g)| self.root(*g) == group && !is_id(name) && !is_serial(name))
    }

    /// The chosen network's names, folded; without ids and serials.
    pub fn called(&self, choice: &Choice) -> Vec<String> {
        let own = |name: &&String| choice.group.is_some() && self.group(name) == choice.group && !is_id(name) && !is_serial(name);
        self.group_of.keys().filter(own).cloned().collect()
    }

    /// Whether a body of the network or device with these names belongs to the choice.
    pub fn accepts<'s>(&self, choice: &Choice, names: impl IntoIterator<Item = &'s str>) -> bool {
        // A name that several networks have tells nothing beside an id.
        let mut groups = names.into_iter().filter(|n| !self.ambiguous.contains(*n)).filter_map(|n| self.group(n)).peekable();
        match (choice.nothing, choice.group) {
            (true, _) => groups.peek().is_none(),
            (false, Some(group)) => groups.all(|g| g == group),
            (false, None) => true,
        }
    }

    /// Whether an id is that of the chosen network, where the imports tell: they know both, or one of the two is no id.
    pub fn is_own(&self, choice: &Choice, id: &str) -> Option<bool> {
        match (choice.group, self.group(&fold(id))) {
            (Some(own), Some(other)) => Some(own == other),
            // The network's own id is known, and is another.
            (Some(_), None) if choice.has_id => Some(false),
            _ => None,
        }
    }

    /// Whether a body of this organisation is the chosen network's; `None`: there are several, and the network's is not known.
    pub fn shares(&self, choice: &Choice, organization: Option<&str>) -> Option<bool> {
        match (choice.organization.as_deref(), organization) {
            (Some(own), Some(other)) => Some(own == other),
            (None, Some(_)) if self.wide.len() > 1 => None,
            _ => Some(true),
        }
    }

    /// Whether a device is an appliance, where a list tells.
    pub fn appliance(&self, serial: &str) -> Option<bool> {
        self.appliances.get(serial).copied()
    }

    /// Whether a device's network is known.
    pub fn placed(&self, serial: &str) -> bool {
        self.group(serial).is_some_and(|group| self.sizes[group] > 1)
    }

    /// The chosen network's tags.
    pub fn tags(&self, choice: &Choice) -> Option<&[String]> {
        let mut lists = self.tags.iter().filter(|(name, _)| self.accepts(choice, [name.as_str()]));
        match (lists.next(), lists.next()) {
            (Some((_, tags)), None) => Some(tags),
            _ => None,
        }
    }
}

/// Whether a folded name is the Dashboard's id of a network.
fn is_id(name: &str) -> bool {
    name.strip_prefix(['n', 'l']).is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether a folded name has the form of a serial: `q2abcdefghij`.
fn is_serial(name: &str) -> bool {
    name.len() == 12 && name.starts_with('q') && name.bytes().any(|b| b.is_ascii_digit())
}

/// Whether a row of a list of devices is an appliance, if it tells.
pub fn is_appliance(o: Obj<'_, '_>) -> Option<bool> {
    let by_model = |m: &str| ["MX", "Z", "vMX"].iter().any(|p| m.starts_with(p));
    o.peek("productType").map(|p| p.eq_ignore_ascii_case("appliance")).or_else(|| o.peek("model").map(by_model))
}

/// Names of a row, for [`Networks::accepts`].
pub fn names_of(o: Obj<'_, '_>) -> Vec<String> {
    let network = o.object("network").and_then(|n| n.peek("id"));
    [o.peek("networkId"), network, o.peek("serial")].into_iter().flatten().map(fold).collect()
}
