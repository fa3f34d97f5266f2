//! 1:1 NAT: pf's `binat`, which is asked behind the forwards.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::filter::{list, opaque};
use super::names::Stands;
use super::rule::{About, Side};
use super::{Reader, RemarkKind, xml};
use crate::model::Field;
use crate::model::upstream::{Action, Chain, End, Line, Target, ToPort, Translation};
use crate::net::Addrs;
use crate::source::Spanned;
use crate::tree::xml::Element;

impl<'e> Reader<'e> {
    /// The list of 1:1 mappings.
    pub(super) fn one_to_one(&mut self, root: &'e Element<'e>) -> Chain {
        let head = root.child("nat").unwrap_or(root).head();
        let mut chain = Chain::new("binat", head, Some(End::implicit(true, head)));
        for element in xml::all(root, &["nat", "onetoone"]) {
            let inner = self.end(element, "source").unwrap_or_default();
            let peers = self.end(element, "destination").unwrap_or_default();
            chain.lines.extend(self.mapping(element, &inner, peers, !self.has(element, "disabled")));
        }
        let mut newer = xml::all(root, &["OPNsense", "Firewall", "Filter", "onetoone", "rule"]);
        newer.sort_by_key(|rule| xml::text(rule, "sequence").and_then(|n| n.value.parse::<u32>().ok()).unwrap_or(1));
        for element in newer {
            let side = |which: &str| Side {
                names: list(element, &format!("{which}_net")),
                not: self.has(element, &format!("{which}_not")),
                ..Side::default()
            };
            let (inner, peers) = (side("source"), side("destination"));
            let enabled = element.child("enabled").is_none_or(|e| self.on(e));
            chain.lines.extend(self.mapping(element, &inner, peers, enabled));
        }
        chain
    }

    /// What comes from outside for the external address goes to the internal one.
    fn mapping(&mut self, element: &'e Element<'e>, inner: &Side<'e>, peers: Side<'e>, enabled: bool) -> Option<Line> {
        let external = xml::text(element, "external")?;
        if external.value.contains(':') {
            return None;
        }
        let mut interfaces = list(element, "interface");
        if interfaces.is_empty() {
            interfaces.push(Spanned::new("wan", element.head()));
        }
        let about = About { span: xml::place(element), source: peers, interfaces, ..About::default() };
        let mut matches = self.matches(&about);
        matches.in_interface = self.interfaces(&about);
        if self.has(element, "nobinat") {
            return Some(Line { enabled, ..Line::new(xml::place(element), matches, Action::Permit) });
        }
        let bits = inner.names.first().map(|name| self.names.addrs(name.value)).and_then(|stands| match stands {
            Stands::For(set) => as_net(&set),
            _ => None,
        });
        let outer = external.value.split('/').next().and_then(|text| text.parse::<Ipv4Addr>().ok());
        let to = match (bits, outer) {
            _ if xml::text(element, "type").is_some_and(|kind| kind.value == "nat") => {
                Target::Opaque(opaque(element.head(), "the mapping is not one to one"))
            }
            (Some(inner), Some(outer)) if inner.prefix_len() == 32 => {
                matches.destination = Field::known_at(Addrs::one(outer), external.span);
                Target::Host(Spanned::new(inner.addr(), element.child("source").map_or(external.span, |e| e.span)))
            }
            (Some(inner), Some(outer)) => {
                let outer = Ipv4Net::new(outer, inner.prefix_len()).ok()?.trunc();
                matches.destination = Field::known_at(Addrs::net(outer), external.span);
                Target::Net(Spanned::new((outer, inner), external.span))
            }
            (_, outer) => {
                match self.names.addrs(external.value) {
                    _ if outer.is_some() => {}
                    Stands::For(set) => matches.destination = Field::known_at(set, external.span),
                    Stands::Itself => matches.itself = Field::known_at(true, external.span),
                    Stands::Opaque(why) => matches.destination = Field::opaque_at(external.span, why),
                    Stands::Nothing => {
                        self.remark(external.span, "the alias is not in the file", RemarkKind::Dangling);
                        matches.destination = Field::opaque_at(external.span, "the alias is not in the file");
                    }
                }
                if let Some(outer) = outer {
                    matches.destination = Field::known_at(Addrs::one(outer), external.span);
                }
                match bits.filter(|net| net.prefix_len() == 32) {
                    Some(inner) => Target::Host(Spanned::new(inner.addr(), external.span)),
                    None => Target::Opaque(opaque(element.head(), "what the mapping stands for is not in the file")),
                }
            }
        };
        let to = Translation { to, to_port: ToPort::Same, permits: false };
        Some(Line { enabled, ..Line::new(xml::place(element), matches, Action::Translate(to)) })
    }
}

/// A set that is one network.
fn as_net(set: &Addrs) -> Option<Ipv4Net> {
    let [(first, last)] = set.ranges() else { return None };
    let size = u64::from(last - first) + 1;
    let bits = 32 - u8::try_from(size.trailing_zeros()).ok()?;
    let net = Ipv4Net::new((*first).into(), bits).ok()?;
    (size.is_power_of_two() && net.network() == net.addr()).then_some(net)
}
