//! One site: the MX with everything that its client VPN depends on.

use std::sync::Arc;

use super::tables::Tables;
use super::upstream::Device;
use super::{Client, ClientVpn, Field, Gap, Host, List, Mx, Resource};
use crate::source::{Span, Spanned};

/// Everything known of one Meraki network and its surroundings.
#[derive(Default)]
pub struct Site {
    /// Its name, from the file or from the folder.
    pub name: String,
    /// The first line of the site file, for what has no line of its own.
    pub file: Span,
    /// What the file says of the site itself.
    pub info: SiteInfo,
    /// The MX.
    pub mx: Field<Mx>,
    /// Client VPN on the MX.
    pub client_vpn: Field<ClientVpn>,
    /// What stands in front, from the internet inwards within each uplink.
    pub upstream: Vec<Device>,
    /// Clients: one a profile.
    pub clients: Vec<Client>,
    /// Resources.
    pub resources: Vec<Resource>,
    /// Facts about the world as the policy has them; none: as they ship.
    pub tables: Option<Arc<Tables>>,
    /// Where an absence proves nothing: a syntax error, a broken value, an import that failed.
    pub gaps: Vec<Gap>,
}

/// The `[site]` section.
#[derive(Default)]
pub struct SiteInfo {
    /// Name.
    pub name: Field<String>,
    /// Sites of one organisation share Auto VPN.
    pub organization: Field<String>,
    /// Domains that only the site's own resolvers know.
    pub internal_domains: List<Host>,
}

impl Site {
    /// Facts about the world.
    pub fn tables(&self) -> &Tables {
        self.tables.as_deref().unwrap_or_else(|| Tables::shipped())
    }

    /// The MX, with the place of its section.
    pub fn mx(&self) -> Option<Spanned<&Mx>> {
        self.mx.known().map(|m| Spanned::new(&m.value, m.span))
    }
}
