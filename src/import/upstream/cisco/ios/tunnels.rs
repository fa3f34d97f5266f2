//! Where a router itself ends IPsec.

use super::Reader;
use super::interfaces::Port;
use crate::import::upstream::cisco::words::address;
use crate::model::Field;
use crate::model::upstream::EndPoint;
use crate::source::{Span, Spanned};

impl Reader<'_> {
    /// Crypto maps on interfaces, and tunnels that are protected. IKE listens on the address of either, whoever the peer is.
    pub(super) fn tunnels(&self) -> Vec<EndPoint> {
        let up = self.ports.iter().enumerate().filter(|(_, port)| !port.down);
        let mut ends = Vec::new();
        for (n, port) in up {
            if let Some(map) = port.crypto {
                let elsewhere = self.local.get(map.value).map(|key| self.port(key));
                let address = match elsewhere {
                    Some(Some(other)) => self.listens(other, map.span),
                    Some(None) => Field::opaque_at(map.span, "the interface is not in the file"),
                    None => self.listens(n, map.span),
                };
                ends.push(EndPoint { span: map.span, address });
            }
            if let Some(span) = port.protection {
                ends.push(EndPoint { span, address: self.begins(port, span) });
            }
        }
        ends
    }

    /// The address of an interface; absent: the WAN address.
    fn listens(&self, n: usize, span: Span) -> Field<std::net::Ipv4Addr> {
        match self.ports[n].net {
            Some(Spanned { value, span }) => Field::known_at(value.addr(), span),
            None if self.way == Some(n) => Field::Absent,
            None => Field::opaque_at(span, "the address of the interface is not in the file"),
        }
    }

    /// The address that a tunnel begins at.
    fn begins(&self, port: &Port<'_>, span: Span) -> Field<std::net::Ipv4Addr> {
        let Some(source) = &port.source else { return Field::opaque_at(span, "the address of the tunnel is not in the file") };
        if let Some(ip) = address(&source.value) {
            return Field::known_at(ip, source.span);
        }
        match self.port(&source.value) {
            Some(n) => self.listens(n, source.span),
            None => Field::opaque_at(source.span, "the interface is not in the file"),
        }
    }
}
