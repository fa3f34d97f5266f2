//! Where the device itself ends IPsec: tunnels between sites, servers for remote users, L2TP.

use std::net::Ipv4Addr;

use super::Reader;
use crate::import::upstream::config_tree::At;
use crate::model::Field;
use crate::model::upstream::EndPoint;

impl Reader<'_, '_> {
    /// Tunnels and servers that are on. Their daemon takes UDP 500 and 4500 at its address, whoever the peer is.
    pub(super) fn ends(&self) -> Vec<EndPoint> {
        let Some(vpn) = self.root.child("vpn") else { return Vec::new() };
        let lists = [&["ipsec", "site-to-site", "peer"][..], &["ipsec", "remote-access", "connection"], &["ipsec", "profile"]];
        let tunnels = lists.into_iter().filter_map(|path| vpn.at(path)).flat_map(At::children).filter(|tunnel| !tunnel.has("disable"));
        let mut ends: Vec<EndPoint> = tunnels.map(|tunnel| end(tunnel, "local-address")).collect();
        if let Some(server) = vpn.at(&["l2tp", "remote-access"]) {
            ends.push(end(server, "outside-address"));
        }
        ends
    }
}

fn end(tunnel: At<'_, '_>, key: &str) -> EndPoint {
    let stated = tunnel.value_of(key);
    let address = match stated.and_then(|word| word.value.parse::<Ipv4Addr>().ok().map(|address| (address, word.span))) {
        Some((address, span)) if !address.is_unspecified() => Field::known_at(address, span),
        // `any`, `dhcp-interface`, or nothing.
        _ => Field::Absent,
    };
    EndPoint { span: tunnel.head(), address }
}
