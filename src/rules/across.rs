//! What rules across sites look at: a few facts of every site, kept when its text is gone.

use ipnet::Ipv4Net;

use crate::model::mx::VpnMode;
use crate::model::{Key, Site};
use crate::source::Spanned;

/// What other sites are compared with.
pub struct SiteFacts {
    /// Number of the site in the run.
    pub index: usize,
    /// Its name.
    pub name: Box<str>,
    /// Its organisation, when stated.
    pub organization: Option<Box<str>>,
    /// The client VPN subnet, when client VPN is on.
    pub pool: Option<Spanned<Ipv4Net>>,
    /// The site's part in Auto VPN.
    pub vpn: Participation,
    /// The client VPN subnet takes part.
    pub pool_takes_part: bool,
    /// VLANs and routes that take part, with what they are called.
    pub local: Vec<(Spanned<Ipv4Net>, Box<str>)>,
    /// The MX's pre-shared key.
    pub key: Option<Spanned<Key>>,
    /// There is such a key, and it is not known.
    pub key_unknown: bool,
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
    /// The facts of a site, which is given up for them.
    pub fn of(index: usize, site: Site) -> Self {
        let mut facts = Self {
            index,
            name: site.name.into(),
            organization: site.info.organization.value().map(|o| o.as_str().into()),
            pool: None,
            vpn: Participation::Unknown,
            pool_takes_part: false,
            local: Vec::new(),
            key: None,
            key_unknown: false,
        };
        if let Some(vpn) = site.client_vpn.known().filter(|c| c.value.enabled.value() != Some(&false)) {
            facts.pool = vpn.value.subnet.known().copied();
            facts.key = vpn.value.shared_secret.known().filter(|k| !k.value.secret.is_empty()).cloned();
            facts.key_unknown = vpn.value.shared_secret.known().is_none();
        }
        if let Some(mx) = site.mx.value()
            && let Some(vpn) = mx.site_to_site_vpn.value()
        {
            facts.vpn = match vpn.mode.value() {
                Some(VpnMode::None) => Participation::None,
                Some(_) => Participation::Member,
                None => Participation::Unknown,
            };
            for subnet in vpn.subnets.items().iter().filter(|s| s.value.use_vpn.value() != Some(&false)) {
                let Some(net) = subnet.value.local_subnet.known() else { continue };
                if facts.pool.is_some_and(|p| p.value.trunc() == net.value.trunc()) {
                    facts.pool_takes_part = true;
                    continue;
                }
                let called = mx.network_called(net.value);
                facts.local.push((*net, called.into()));
            }
        }
        facts
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
