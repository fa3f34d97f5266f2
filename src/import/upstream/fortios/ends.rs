//! The parts of a policy: addresses, services and interfaces, before they are put together to lines.

use super::names::Stands;
use super::services::Item;
use super::tree::Block;
use super::vips::Landing;
use super::{Reader, opaque};
use crate::import::upstream::RemarkKind;
use crate::model::upstream::Interfaces;
use crate::model::{Field, Opaque};
use crate::net::{Addrs, Ports, Protocols};
use crate::source::Span;

pub(super) const TOO_LARGE: &str = "the lists hold too many addresses to follow";

/// A part of a policy's services.
#[derive(Clone, Debug)]
pub(super) struct Served {
    pub(super) protocols: Protocols,
    pub(super) ports: Field<Ports>,
    pub(super) source_ports: Field<Ports>,
    pub(super) span: Span,
}

impl<'t> Reader<'t> {
    /// The addresses of one end: what is known of them, and what is not, apart. Absent: any.
    pub(super) fn side(&mut self, block: &'t Block<'t>, key: &str) -> Vec<Field<Addrs>> {
        let words = block.words(key);
        let mut known: Vec<(u32, u32)> = Vec::new();
        let mut unknown: Option<Opaque> = None;
        let Some(first) = words.first() else {
            let service = if key == "srcaddr" { "internet-service-src" } else { "internet-service" };
            let place = block.word(service).map_or(block.span, |w| w.span);
            let why = if block.says(service, "enable") {
                "which addresses a service of the internet has is not in the file"
            } else {
                "the policy names no address"
            };
            return vec![Field::opaque_at(place, why)];
        };
        let span = words.iter().fold(first.span, |all, word| all.to(word.span));
        for word in &words {
            if key == "dstaddr" && self.names.vips_of(&word.value).is_some() {
                continue;
            }
            let stands = self.names.addrs(&word.value);
            match &*stands {
                Stands::For(set) if self.names.afford(set.ranges().len()) => known.extend_from_slice(set.ranges()),
                Stands::For(_) => unknown = Some(opaque(word.span, TOO_LARGE)),
                Stands::Opaque(why) => unknown = Some(opaque(word.span, why)),
                Stands::Nothing => {
                    if self.defines_addresses(key) {
                        self.remark(word.span, "the address is not in the file", RemarkKind::Dangling);
                    }
                    unknown = Some(opaque(word.span, "the address is not in the file"));
                }
            }
        }
        let set = Addrs::from_ranges(known);
        if block.says(&format!("{key}-negate"), "enable") {
            return vec![unknown.map_or_else(|| Field::known_at(set.complement(), span), Field::Opaque)];
        }
        if set.is_any() {
            return vec![Field::Absent];
        }
        let exact = (!set.is_empty() || unknown.is_none()).then(|| Field::known_at(set, span));
        exact.into_iter().chain(unknown.map(Field::Opaque)).collect()
    }

    /// Whether the file has the sections that define such names.
    fn defines_addresses(&self, key: &str) -> bool {
        let has = |path: &str| self.tree.table(self.domain, path).is_some();
        self.tree.has_header || has("firewall address") || has("firewall addrgrp") || key == "dstaddr" && has("firewall vip")
    }

    pub(super) fn services(&mut self, block: &'t Block<'t>) -> Vec<Served> {
        let words = block.words("service");
        let Some(first) = words.first() else {
            // With `internet-service`, ports are the service's.
            let any = Served { protocols: Protocols::any(), ports: Field::Absent, source_ports: Field::Absent, span: block.span };
            return vec![any];
        };
        let span = words.iter().fold(first.span, |all, word| all.to(word.span));
        let defines = self.tree.has_header || self.tree.table(self.domain, "firewall service custom").is_some();
        for word in &words {
            if defines && self.names.service(&word.value, 0).missing {
                self.remark(word.span, "the service is not in the file", RemarkKind::Dangling);
            }
        }
        let service = self.names.service_of(&words);
        let open = |why| Served { protocols: Protocols::any(), ports: Field::opaque_at(span, why), source_ports: Field::Absent, span };
        if block.says("service-negate", "enable") {
            let Some(rest) = service.complement() else { return vec![open("what is left without the services is not known")] };
            return rest.into_iter().map(|item| Served::of(item, span)).collect();
        }
        let mut all: Vec<Served> = service.joined().into_iter().map(|item| Served::of(item, span)).collect();
        all.extend(service.opaque.map(open));
        all
    }

    pub(super) fn interfaces(&mut self, block: &'t Block<'t>, key: &str) -> Field<Interfaces> {
        let words = block.words(key);
        let Some(first) = words.first().filter(|_| words.iter().all(|w| w.value != "any")) else { return Field::Absent };
        for word in &words {
            if self.names.lacks_interface(&word.value) {
                self.remark(word.span, "the interface or zone is not in the file", RemarkKind::Dangling);
            }
        }
        let span = words.iter().fold(first.span, |all, word| all.to(word.span));
        let negated = block.says(&format!("{key}-negate"), "enable");
        Field::known_at(Interfaces { names: words.iter().map(|w| (&*w.value).into()).collect(), negated }, span)
    }
}

impl Served {
    fn of(item: Item, span: Span) -> Self {
        let known = |ports: Ports| if ports.is_any() { Field::Absent } else { Field::known_at(ports, span) };
        Self { protocols: item.protocols, ports: known(item.ports), source_ports: known(item.sources), span }
    }

    /// What of it may come from a virtual IP; none: nothing.
    pub(super) fn landed(&self, landing: &Landing) -> Option<Self> {
        let protocols = self.protocols.intersection(&landing.protocols);
        let ports = match (&self.ports, &landing.ports) {
            (Field::Absent, landed) => landed.clone(),
            (Field::Known(ports), Field::Known(landed)) => Field::known_at(ports.value.intersection(&landed.value), ports.span),
            (ports, _) => ports.clone(),
        };
        let none = protocols.is_empty() || ports.value().is_some_and(Ports::is_empty);
        (!none).then(|| Self { protocols, ports, ..self.clone() })
    }
}
