//! What rules across sites look at: a few facts of every site, kept when its text is gone.

use std::collections::HashSet;
use std::sync::Arc;

use ipnet::Ipv4Net;

use crate::model::mx::VpnMode;
use crate::model::{Mx, Part, Site};
use crate::secret::{Secret, SecretKey};
use crate::source::Spanned;

/// What other sites are compared with.
pub struct SiteFacts {
    /// Number of the site in the run.
    pub index: usize,
    /// Its name.
    pub name: Arc<str>,
    /// Its organisation, when stated.
    pub organization: Option<Arc<str>>,
    /// The client VPN subnet, when client VPN is on.
    pub pool: Option<Spanned<Ipv4Net>>,
    /// The site's part in Auto VPN.
    pub vpn: Participation,
    /// The client VPN subnet takes part.
    pub pool_takes_part: bool,
    /// The client VPN subnet is listed, whether or not it takes part for sure.
    pub pool_listed: bool,
    /// VLANs and routes that take part, with what they are called.
    pub local: Box<[(Spanned<Ipv4Net>, Arc<str>)]>,
    /// Networks of which the file does not say whether they take part.
    pub perhaps: Box<[Ipv4Net]>,
    /// The site may have networks that the file does not name.
    pub networks_unknown: bool,
    /// What stands for the MX's pre-shared key: the key itself goes with the site's text.
    pub key: Option<Spanned<SecretKey>>,
    /// There is such a key, and it is not known.
    pub key_unknown: bool,
    /// The key itself, where names of other sites are shown beside this one's: one of them may hold it.
    pub hide: Option<Secret>,
}

/// A site's part in Auto VPN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Participation {
    /// The file does not say.
    Unknown,
    /// It takes no part.
    None,
    /// It is a spoke or a hub.
    Member,
}

impl SiteFacts {
    /// The facts of a site, which is given up for them. `names_shown`: verdicts that name other sites are wanted.
    pub fn of(index: usize, site: Site, names_shown: bool) -> Self {
        let gap = site.gap(&[Part::Mx, Part::ClientVpn]).is_some();
        let mut facts = Self {
            index,
            name: site.name.into(),
            organization: site.info.organization.value().map(|o| o.as_str().into()),
            pool: None,
            vpn: Participation::Unknown,
            pool_takes_part: false,
            pool_listed: false,
            local: Box::default(),
            perhaps: Box::default(),
            networks_unknown: false,
            key: None,
            key_unknown: false,
            hide: None,
        };
        if let Some(vpn) = site.client_vpn.known().filter(|c| c.value.enabled.value() != Some(&false)) {
            facts.pool = vpn.value.subnet.known().copied();
            let key = vpn.value.shared_secret.known().filter(|k| !k.value.secret.is_empty());
            facts.hide = key.filter(|_| names_shown).map(|k| k.value.secret.clone());
            facts.key = key.map(|k| Spanned::new(k.value.secret.group_key(), k.span));
            facts.key_unknown = vpn.value.shared_secret.known().is_none();
        }
        match site.mx.value() {
            Some(mx) => facts.take_part(mx, gap),
            None => facts.networks_unknown = true,
        }
        // Switched off, the client VPN subnet is in use nowhere, listed or not.
        let off = site.client_vpn.value().filter(|c| c.enabled.value() == Some(&false)).and_then(|c| c.subnet.value());
        if let Some(off) = off {
            facts.local = facts.local.into_iter().filter(|(net, _)| net.value.trunc() != off.trunc()).collect();
            facts.perhaps = facts.perhaps.into_iter().filter(|net| net.trunc() != off.trunc()).collect();
        }
        facts
    }

    /// The same under another name.
    #[must_use]
    pub fn called(mut self, name: &str) -> Self {
        self.name = name.into();
        self
    }

    /// The same with its words taken from `known`, where other sites have them too.
    #[must_use]
    pub fn sharing(mut self, known: &mut HashSet<Arc<str>>) -> Self {
        for word in self.organization.iter_mut().chain(self.local.iter_mut().map(|(_, called)| called)) {
            match known.get(word) {
                Some(same) => *word = same.clone(),
                None => _ = known.insert(word.clone()),
            }
        }
        self
    }

    /// What the MX says of Auto VPN. What is not said may take part; with a gap in the input an absence says nothing.
    fn take_part(&mut self, mx: &Mx, gap: bool) {
        let Some(vpn) = mx.site_to_site_vpn.value() else {
            self.perhaps = mx.local_networks().map(|n| n.net).collect();
            self.networks_unknown = gap || mx.networks_unknown().is_some();
            return;
        };
        self.vpn = match vpn.mode.value() {
            Some(VpnMode::None) => Participation::None,
            Some(_) => Participation::Member,
            None => Participation::Unknown,
        };
        self.networks_unknown = self.vpn != Participation::None
            && (gap || vpn.subnets.known().is_none() || vpn.subnets.items().iter().any(|s| s.value.local_subnet.opaque().is_some()));
        let (mut local, mut perhaps) = (Vec::new(), Vec::new());
        for (net, subnet) in vpn.used() {
            let sure = self.vpn == Participation::Member && subnet.use_vpn.opaque().is_none();
            if self.pool.is_some_and(|p| p.value.trunc() == net.value.trunc()) {
                self.pool_takes_part |= sure;
                self.pool_listed = true;
            } else if sure {
                local.push((*net, mx.network_called(net.value).into()));
            } else {
                perhaps.push(net.value);
            }
        }
        (self.local, self.perhaps) = (local.into(), perhaps.into());
    }

    /// Whether the client VPN subnet takes part in Auto VPN, or may.
    pub const fn pool_may_take_part(&self) -> bool {
        match self.vpn {
            Participation::None => false,
            Participation::Member => self.pool_takes_part || self.pool_listed || self.networks_unknown,
            Participation::Unknown => true,
        }
    }
}

/// Every site of a run.
pub struct Across<'a> {
    /// Their facts, in the order of the run.
    pub sites: &'a [SiteFacts],
}

impl<'a> Across<'a> {
    /// For these sites.
    pub const fn new(sites: &'a [SiteFacts]) -> Self {
        Self { sites }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Field, SiteInfo};
    use crate::source::Span;

    #[test]
    fn sites_of_an_organization_keep_its_name_once() {
        let site = || {
            let organization = Field::known_at("Example".to_owned(), Span::default());
            Site { info: SiteInfo { organization, ..SiteInfo::default() }, ..Site::default() }
        };
        let mut known = HashSet::new();
        let [one, other] = [0, 1].map(|n| SiteFacts::of(n, site(), false).sharing(&mut known));
        assert!(Arc::ptr_eq(&one.organization.unwrap(), &other.organization.unwrap()));
        assert_eq!(known.len(), 1);
    }
}
