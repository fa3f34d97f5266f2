//! What rules look at: one site, and what many rules derive from it.

use crate::model::upstream::Device;
use crate::model::{Client, ClientVpn, Mx, Part, Resource, Site};
use crate::policy::Policy;
use crate::source::{Problem, ProblemKind, Spanned};

use super::upstream_lines::Named;
use super::{Finding, Out, Subject};

/// What is missing when nothing is said of the MX's key.
pub const NO_KEY: &str = "the site file states no `shared_secret`";

/// One site as rules see it. Pure: nothing here reads files or the clock.
pub struct Context<'a> {
    /// The site.
    pub site: &'a Site,
    /// Faults of its files.
    pub problems: &'a [Problem],
    /// The day of the check, `YYYY-MM-DD`.
    pub as_of: &'a str,
    /// Where the packets of clients end up, once asked for.
    paths: std::cell::OnceCell<Option<super::upstream_paths::Paths<'a>>>,
    /// What the lines of each upstream device name, once asked for.
    named: std::cell::OnceCell<Vec<Named<'a>>>,
    /// The share of public addresses, from 0 to 1, whose loss upstream is no finding.
    tolerated: f64,
}

impl<'a> Context<'a> {
    /// A context for one site.
    pub const fn new(site: &'a Site, problems: &'a [Problem], as_of: &'a str) -> Self {
        Self { site, problems, as_of, paths: std::cell::OnceCell::new(), named: std::cell::OnceCell::new(), tolerated: 0.01 }
    }

    /// The same under a policy, whose parameters count.
    #[must_use]
    pub fn under(mut self, policy: &Policy) -> Self {
        use super::upstream::upstream_source_restricted::{MAX_PERCENT, RULE};
        self.tolerated = f64::from(policy.of(&RULE).count(&MAX_PERCENT)) / 100.0;
        self
    }

    /// Client VPN settings, when the section is there.
    pub fn client_vpn(&self) -> Option<Spanned<&'a ClientVpn>> {
        self.site.client_vpn.known().map(|c| Spanned::new(&c.value, c.span))
    }

    /// The MX, when the section is there.
    pub fn mx(&self) -> Option<Spanned<&'a Mx>> {
        self.site.mx()
    }

    /// The way from the internet to the MX, when the site describes one.
    pub fn paths(&self) -> Option<&super::upstream_paths::Paths<'a>> {
        self.paths.get_or_init(|| super::upstream_paths::Paths::of(self.site, self.tolerated)).as_ref()
    }

    /// Upstream devices with their subjects and what their lines name.
    pub fn upstream(&self) -> impl Iterator<Item = (Subject, &'a Device, &Named<'a>)> {
        let named = self.named.get_or_init(|| self.site.upstream.iter().map(Named::by).collect());
        self.site.upstream.iter().zip(named).enumerate().map(|(n, (device, named))| (Subject::Upstream(n), device, named))
    }

    /// Clients with their subjects.
    pub fn clients(&self) -> impl Iterator<Item = (Subject, &'a Client)> + use<'a> {
        self.site.clients.iter().enumerate().map(|(n, c)| (Subject::Client(n), c))
    }

    /// Resources with their subjects.
    pub fn resources(&self) -> impl Iterator<Item = (Subject, &'a Resource)> + use<'a> {
        self.site.resources.iter().enumerate().map(|(n, r)| (Subject::Resource(n), r))
    }

    /// For conclusions from absence: writes `violated` when the input is whole, else "undecided" with what is broken.
    pub fn absent(&self, out: &mut Out<'_>, subject: Subject, finding: Finding) {
        self.absent_in(out, &subject.rests_on(), subject, finding);
    }

    /// The same for a conclusion that rests on these parts of the input alone.
    pub fn absent_in(&self, out: &mut Out<'_>, parts: &[Part], subject: Subject, finding: Finding) {
        match self.site.gap(parts) {
            Some(gap) => out.undecided(subject, gap.reason.clone()),
            None => out.violated(subject, finding),
        }
    }
}

impl<'a> Context<'a> {
    /// The MX's pre-shared key; when it is not known, "undecided" is written for `subject`. Empty keys are psk-missing's.
    pub fn mx_key(&self, out: &mut Out<'_>, subject: Subject) -> Option<&'a Spanned<crate::model::Key>> {
        match self.client_vpn().map(|c| &c.value.shared_secret) {
            Some(crate::model::Field::Known(key)) if !key.value.secret.is_empty() => return Some(key),
            Some(crate::model::Field::Known(_)) => {}
            Some(crate::model::Field::Opaque(o)) => out.undecided(subject, o.reason.to_string()),
            _ => out.undecided(subject, NO_KEY),
        }
        None
    }

    /// One finding for each problem of a kind.
    pub fn report_problems(&self, out: &mut Out<'_>, kind: ProblemKind) {
        for problem in self.problems.iter().filter(|p| p.kind == kind) {
            let mut finding = out.finding(problem.message.clone()).label(problem.span, problem.label.clone());
            for (span, label) in &problem.related {
                finding = finding.label(*span, label.clone());
            }
            let usual = match kind {
                ProblemKind::Syntax => "mend the text here; what could be read of the rest was checked all the same",
                _ => "write a value of that kind; `vpnlint schema site` describes every key",
            };
            out.file_fault(finding.help(problem.help.as_deref().unwrap_or(usual)));
        }
    }
}

/// A pre-shared key of the site, and every place where it stands.
pub struct DistinctKey<'a> {
    /// What its first place belongs to.
    pub subject: Subject,
    /// Whose it is, for a message: `the MX`, ``client `laptops` ``.
    pub owner: String,
    /// Its first place: the MX's when the MX has this key.
    pub key: &'a Spanned<crate::model::Key>,
    /// Its other places.
    pub elsewhere: Vec<crate::source::Span>,
}

impl<'a> Context<'a> {
    /// The pre-shared keys of the MX and the clients, each once, the MX's first. "Undecided" is written for those that are not known.
    pub fn distinct_keys(&self, out: &mut Out<'_>) -> Vec<DistinctKey<'a>> {
        let mx = self.client_vpn().map(|c| (Subject::ClientVpn, "the MX".to_owned(), &c.value.shared_secret));
        let clients = self.clients().map(|(subject, c)| (subject, format!("client `{}`", c.name.value), &c.pre_shared_key));
        let mut distinct: Vec<DistinctKey<'a>> = Vec::new();
        // A phone book may hold thousands.
        let mut known = std::collections::HashMap::new();
        let mut seen = std::collections::HashSet::new();
        for (subject, owner, field) in mx.into_iter().chain(clients) {
            match field {
                crate::model::Field::Known(key) if key.value.secret.is_empty() => {}
                // One table's key may serve several profiles.
                crate::model::Field::Known(key) if !seen.insert(key.span) => {}
                crate::model::Field::Known(key) => {
                    let at = *known.entry(key.value.secret.group_key()).or_insert(distinct.len());
                    match distinct.get_mut(at) {
                        Some(same) => same.elsewhere.push(key.span),
                        None => distinct.push(DistinctKey { subject, owner, key, elsewhere: Vec::new() }),
                    }
                }
                crate::model::Field::Opaque(o) => out.undecided(subject, o.reason.to_string()),
                // The MX has a key; a profile may leave it to the user.
                crate::model::Field::Absent if subject == Subject::ClientVpn => out.undecided(subject, NO_KEY),
                crate::model::Field::Absent => {}
            }
        }
        distinct
    }
}
