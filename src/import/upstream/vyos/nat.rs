//! Destination NAT: `nat destination` and `nat static` (VyOS), `service nat` (EdgeOS).

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::{Reader, RemarkKind, opaque};
use crate::import::upstream::config_tree::At;
use crate::model::Field;
use crate::model::upstream::{Action, Chain, ChainId, End, Line, Match, Target, ToPort, Translation};
use crate::net::Addrs;
use crate::source::{Span, Spanned};

impl<'a, 't> Reader<'a, 't> {
    /// The lists of forwards but those of `port-forward`.
    pub(super) fn forwards(&mut self) -> Vec<ChainId> {
        let mut lists = Vec::new();
        if let Some(set) = self.root.at(&["nat", "static"]) {
            let lines = self.numbered(set).into_iter().map(|rule| self.static_rule(rule)).collect();
            lists.push(self.nat_list("nat static", set.head(), lines));
        }
        if let Some(set) = self.root.at(&["nat", "destination"]) {
            let lines = self.numbered(set).into_iter().map(|rule| self.forward(rule)).collect();
            lists.push(self.nat_list("nat destination", set.head(), lines));
        }
        if let Some(set) = self.root.at(&["service", "nat"]) {
            let mut lines = Vec::new();
            for rule in self.numbered(set) {
                match rule.value_of("type").map(|kind| kind.value) {
                    Some("destination") => lines.push(self.forward(rule)),
                    Some(_) => {}
                    None => {
                        let why = opaque(rule.head(), "the rule states no type");
                        lines.push(Line::new(rule.head(), self.matches(rule), Action::Opaque(why)));
                    }
                }
            }
            lists.push(self.nat_list("service nat", set.head(), lines));
        }
        lists
    }

    pub(super) fn nat_list(&mut self, name: &str, span: Span, lines: Vec<Line>) -> ChainId {
        self.device.add(Chain { lines, ..Chain::new(name, span, Some(End::implicit(true, span))) })
    }

    fn forward(&mut self, rule: At<'a, 't>) -> Line {
        let matches = self.matches(rule);
        let enabled = !rule.has("disable");
        let line = |matches, action| Line { enabled, ..Line::new(rule.head(), matches, action) };
        if rule.has("exclude") {
            return line(matches, Action::Permit);
        }
        let action = match self.translation(rule, &matches) {
            Some(translation) => Action::Translate(translation),
            None => Action::Opaque(opaque(rule.head(), "the rule states no translation")),
        };
        line(matches, action)
    }

    fn translation(&mut self, rule: At<'a, 't>, matches: &Match) -> Option<Translation> {
        let span = rule.head();
        if rule.has("load-balance") {
            let to = Target::Opaque(opaque(span, "the forward goes to one of several hosts"));
            return Some(Translation { to, to_port: ToPort::Same, permits: false });
        }
        let new = rule.child("translation").or_else(|| rule.child("inside-address"))?;
        if let Some(redirect) = new.child("redirect") {
            let to_port = redirect.value_of("port").map_or(ToPort::Same, |port| self.new_port(port));
            return Some(Translation { to: Target::Device(redirect.word().span), to_port, permits: false });
        }
        let (address, port) = (new.value_of("address"), new.value_of("port"));
        let to = match address {
            Some(address) => target(address, &matches.destination),
            // A port alone keeps the address.
            None => {
                let everything = Ipv4Net::default();
                Target::Net(Spanned::new((everything, everything), port?.span))
            }
        };
        Some(Translation { to, to_port: port.map_or(ToPort::Same, |port| self.new_port(port)), permits: false })
    }

    /// `500` or `500-510`.
    pub(super) fn new_port(&mut self, port: Spanned<&'t str>) -> ToPort {
        let range = port.value.split_once('-').unwrap_or((port.value, port.value));
        if let (Some(first), Some(last)) = (crate::net::Ports::number(range.0), crate::net::Ports::number(range.1))
            && first <= last
        {
            return ToPort::Range(Spanned::new((first, last), port.span));
        }
        self.remark(port.span, "the port is not understood", RemarkKind::Unknown);
        ToPort::Opaque(opaque(port.span, "the port is not understood"))
    }

    /// One to one: the destination address becomes the translation address.
    fn static_rule(&mut self, rule: At<'a, 't>) -> Line {
        let mut line = self.forward(rule);
        // Here the interface stands for itself, in both directions.
        line.matches.out_interface = Field::Absent;
        line
    }
}

/// Where a forward sends packets: a host, a range, or the same host of another network.
fn target(address: Spanned<&str>, destination: &Field<Addrs>) -> Target {
    let span = address.span;
    if let Ok(host) = address.value.parse::<Ipv4Addr>() {
        return if host.is_loopback() { Target::Device(span) } else { Target::Host(Spanned::new(host, span)) };
    }
    if let Some((first, last)) = address.value.split_once('-')
        && let (Ok(first), Ok(last)) = (first.parse::<Ipv4Addr>(), last.parse::<Ipv4Addr>())
        && first <= last
    {
        return Target::OneOf(Spanned::new((first, last), span));
    }
    let Ok(new) = address.value.parse::<Ipv4Net>() else {
        return Target::Opaque(opaque(span, "the address is not understood"));
    };
    if new.prefix_len() == 32 {
        return Target::Host(Spanned::new(new.addr(), span));
    }
    match destination.value().map(Addrs::ranges) {
        Some(&[(first, last)]) => match Ipv4Net::new(first.into(), new.prefix_len()) {
            Ok(old) if u32::from(old.network()) == first && u32::from(old.broadcast()) == last => {
                Target::Net(Spanned::new((old, new.trunc()), span))
            }
            _ => Target::Opaque(opaque(span, "the two networks differ in size")),
        },
        _ => Target::Opaque(opaque(span, "the forward goes to one of several hosts")),
    }
}
