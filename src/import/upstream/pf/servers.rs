//! Where the device itself ends IPsec.

use std::net::Ipv4Addr;

use super::{Flavour, Reader, xml};
use crate::model::Field;
use crate::model::upstream::EndPoint;
use crate::source::Spanned;
use crate::tree::xml::Element;

impl<'e> Reader<'e> {
    /// Tunnels and servers that are on. Their daemon takes UDP 500 and 4500 at its address, whoever the peer is.
    pub(super) fn servers(&self, root: &'e Element<'e>) -> Field<Vec<EndPoint>> {
        let mut ends: Vec<EndPoint> = Vec::new();
        let phases = xml::all(root, &["ipsec", "phase1"]).into_iter().filter(|phase| !self.has(phase, "disabled"));
        ends.extend(phases.map(|phase| EndPoint { span: phase.head(), address: self.listens(xml::text(phase, "interface")) }));
        for connection in xml::all(root, &["OPNsense", "Swanctl", "Connections", "Connection"]) {
            if connection.child("enabled").is_none_or(|e| self.on(e)) {
                let local = xml::text(connection, "local_addrs");
                let address = match local.map(|l| l.map(str::parse::<Ipv4Addr>)) {
                    Some(Spanned { value: Ok(address), span }) if !address.is_unspecified() => Field::known_at(address, span),
                    _ => Field::Absent,
                };
                ends.push(EndPoint { span: connection.head(), address });
            }
        }
        let place = root.child("ipsec").unwrap_or(root).head();
        if self.flavour == Flavour::Opnsense && !ends.is_empty() {
            // Tunnels are written down while the whole of IPsec is off.
            let older = xml::at(root, &["ipsec", "enable"]);
            let newer = xml::at(root, &["OPNsense", "IPsec", "general", "enabled"]);
            match (older, newer) {
                (_, Some(switch)) | (Some(switch), None) if self.on(switch) => {}
                (None, None) => return Field::opaque_at(place, "whether IPsec is on is not in the file"),
                _ => ends.clear(),
            }
        }
        Field::known_at(ends, place)
    }

    /// The address that a tunnel's interface stands for; absent: the WAN address.
    fn listens(&self, interface: Option<Spanned<&str>>) -> Field<Ipv4Addr> {
        let Some(name) = interface else { return Field::Absent };
        if let Some(address) = self.names.virtual_address(name.value) {
            return Field::known_at(address, name.span);
        }
        match self.names.ports.get(name.value) {
            Some(port) => match port.net {
                Some(net) => Field::known_at(net.value.addr(), net.span),
                None if port.outer => Field::Absent,
                None => Field::opaque_at(name.span, "the address of the interface is not in the file"),
            },
            None => Field::opaque_at(name.span, "the interface is not in the file"),
        }
    }
}
