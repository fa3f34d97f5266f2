//! Files that only complete profiles (keys, PPP options, facts about a machine), and how they find the profiles of the same import.

use std::collections::HashMap;

use super::{Client, Host, Join, Problem, Profile};
use crate::source::Spanned;

/// What a file has to add to profiles that stand in other files.
pub struct Completion {
    /// What it says; the rest is absent. Its name's place is where it begins.
    pub client: Client,
    /// Whose it is.
    pub of: Match,
    /// Formats of the profiles that it may belong to; none: all.
    pub formats: &'static [&'static str],
    /// A file whose completions belong to the same profiles (`pppoptfile`).
    pub passes_to: Option<String>,
}

/// Which profiles a completion belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// Every profile of the import. It gives way to completions that name their profiles.
    Every,
    /// Those with one of these servers.
    Servers(Vec<Host>),
    /// Those of one of these names.
    Named(Vec<String>),
}

/// The profiles of one import, with what completes them.
#[derive(Default)]
pub struct Pool {
    profiles: Vec<Profile>,
    /// Each with the file that it came from, by number.
    completions: Vec<(usize, Completion)>,
    /// Last parts of the files' paths.
    files: Vec<String>,
}

/// What came of a pool.
pub enum Completed {
    /// Profiles, each with all that completes it.
    Profiles(Vec<Profile>),
    /// Files that complete profiles, and none of a profile: all that they say.
    Additions(Box<Client>),
}

impl Pool {
    /// Takes what a file holds.
    pub fn add(&mut self, path: &str, profiles: Vec<Profile>, completions: Vec<Completion>) {
        let file = self.files.len();
        self.files.push(last_part(path).to_owned());
        self.profiles.extend(profiles);
        self.completions.extend(completions.into_iter().map(|c| (file, c)));
    }

    /// Whether nothing was read.
    pub fn is_empty(&self) -> bool {
        self.profiles.is_empty() && self.completions.is_empty()
    }

    /// Gives every completion to its profiles. What a profile states itself counts; what differs is drift.
    pub fn complete(mut self, problems: &mut Vec<Problem>) -> Completed {
        self.pass_on();
        if self.profiles.is_empty() {
            let first = self.completions.first().map(|(_, c)| (c.client.name.clone(), c.client.format));
            let (name, format) = first.unwrap_or_default();
            let client = layer(&name, self.completions.iter().map(|(_, c)| c), problems);
            return Completed::Additions(Box::new(Client { name, format, ..client }));
        }
        let named = self.named();
        let completions = self.completions;
        // What is for every profile of a format is put together once.
        let mut every: HashMap<Option<&str>, Client> = HashMap::new();
        let one = |(profile, named): (Profile, Vec<usize>)| {
            let name = profile.client.name.clone();
            let format = profile.client.format;
            let every = every.entry(format).or_insert_with(|| {
                let all = completions.iter().map(|(_, c)| c).filter(|c| c.of == Match::Every && c.may_complete(&profile));
                layer(&name, all, problems)
            });
            let exact = layer(&name, named.into_iter().map(|n| &completions[n].1), problems);
            let additions = Join::silent(&name.value).both(&exact, copy(every), name.clone());
            let client = Join::files(&name.value, problems).both(&profile.client, additions, name);
            Profile { client: Client { format: format.or(client.format), ..client } }
        };
        Completed::Profiles(self.profiles.into_iter().zip(named).map(one).collect())
    }

    /// A file that others name belongs to their profiles.
    fn pass_on(&mut self) {
        let mut named: HashMap<String, Match> = HashMap::new();
        for (_, completion) in &self.completions {
            let Some(file) = completion.passes_to.as_deref().map(last_part) else { continue };
            let of = completion.of.clone();
            let of = named.remove(file).map_or(of.clone(), |before| before.or(of));
            named.insert(file.to_owned(), of);
        }
        for (file, completion) in &mut self.completions {
            if let (Match::Every, Some(of)) = (&completion.of, named.get(&self.files[*file])) {
                completion.of = of.clone();
            }
        }
    }

    /// For each profile the completions that name it. One that names none is meant for the only profile, if it is the only one of its file.
    fn named(&self) -> Vec<Vec<usize>> {
        let mut of: Vec<Vec<usize>> = self.profiles.iter().map(|_| Vec::new()).collect();
        let mut servers: HashMap<String, Vec<usize>> = HashMap::new();
        let mut names: HashMap<&str, Vec<usize>> = HashMap::new();
        for (n, profile) in self.profiles.iter().enumerate() {
            names.entry(&profile.client.name.value).or_default().push(n);
            if let Some(host) = profile.client.server.value() {
                servers.entry(host.to_string().to_ascii_lowercase()).or_default().push(n);
            }
        }
        let mut exact = vec![0_usize; self.files.len()];
        let mut strays = Vec::new();
        for (n, (file, completion)) in self.completions.iter().enumerate() {
            let mut mine: Vec<usize> = match &completion.of {
                Match::Every => continue,
                Match::Servers(hosts) => {
                    hosts.iter().filter_map(|h| servers.get(&h.to_string().to_ascii_lowercase())).flatten().copied().collect()
                }
                Match::Named(list) => list.iter().filter_map(|name| names.get(name.as_str())).flatten().copied().collect(),
            };
            mine.sort_unstable();
            mine.dedup();
            mine.retain(|p| completion.may_complete(&self.profiles[*p]));
            exact[*file] += 1;
            if mine.is_empty() {
                strays.push((n, *file));
            }
            for p in mine {
                of[p].push(n);
            }
        }
        for (n, _) in strays.into_iter().filter(|(_, file)| exact[*file] == 1) {
            let mut could = (0..self.profiles.len()).filter(|p| self.completions[n].1.may_complete(&self.profiles[*p]));
            if let (Some(only), None) = (could.next(), could.next()) {
                of[only].push(n);
            }
        }
        of
    }
}

impl Completion {
    fn may_complete(&self, profile: &Profile) -> bool {
        self.formats.is_empty() || profile.client.format.is_some_and(|f| self.formats.contains(&f))
    }
}

/// What several completions say together.
fn layer<'c>(name: &Spanned<String>, completions: impl Iterator<Item = &'c Completion>, problems: &mut Vec<Problem>) -> Client {
    completions.fold(Client::default(), |sum, c| Join::files(&name.value, problems).both(&sum, copy(&c.client), name.clone()))
}

fn copy(client: &Client) -> Client {
    Join::silent("").both(client, Client::default(), client.name.clone())
}

impl Match {
    /// Either of them.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Servers(mut a), Self::Servers(b)) => {
                a.extend(b);
                Self::Servers(a)
            }
            (Self::Named(mut a), Self::Named(b)) => {
                a.extend(b);
                Self::Named(a)
            }
            _ => Self::Every,
        }
    }
}

fn last_part(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
