//! Interfaces of IOS.

use ipnet::Ipv4Net;

use super::Reader;
use crate::import::upstream::cisco::words::{Words, abbreviates, address, interface_key, prefix};
use crate::source::{Span, Spanned};

/// Which side of a translation an interface is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Inside,
    Outside,
    /// `ip nat enable`: either.
    Either,
}

/// Of more interfaces than this, abbreviated names are not looked up.
const FEW: usize = 256;

/// A group of all interfaces on the inside of translations.
pub(super) const INSIDE: &str = "ip nat inside";

/// An interface as it is described.
#[derive(Clone, Debug, Default)]
pub(super) struct Port<'t> {
    /// Its name without blanks.
    pub(super) name: String,
    pub(super) key: String,
    pub(super) span: Span,
    pub(super) net: Option<Spanned<Ipv4Net>>,
    /// Secondary addresses.
    pub(super) more: Vec<Spanned<Ipv4Net>>,
    /// It gets its address from elsewhere.
    pub(super) dynamic: bool,
    pub(super) nat: Option<Side>,
    /// Lists for what comes in, and for what goes out.
    pub(super) lists: [Option<Spanned<&'t str>>; 2],
    pub(super) zone: Option<Spanned<&'t str>>,
    pub(super) down: bool,
    pub(super) vrf: bool,
    /// `ip inspect NAME in`: the name, and whether of what comes in.
    pub(super) inspect: Vec<(Spanned<&'t str>, bool)>,
    pub(super) crypto: Option<Spanned<&'t str>>,
    pub(super) protection: Option<Span>,
    pub(super) source: Option<Spanned<String>>,
}

impl Port<'_> {
    /// Whether it may lead to a host: neither a loop-back nor a tunnel.
    pub(super) fn is_plain(&self) -> bool {
        !["loopback", "tunnel", "null", "virtual-template", "nvi"].iter().any(|kind| self.key.starts_with(kind)) && !self.vrf
    }
}

impl<'t> Reader<'t> {
    /// `interface GigabitEthernet0/0`, also with a blank before the number.
    pub(super) fn interface(&mut self, words: &mut Words<'t>) -> Option<usize> {
        let name = Self::interface_name(words)?;
        let key = name.to_ascii_lowercase();
        let next = self.ports.len();
        let index = *self.port_of.entry(key.clone()).or_insert(next);
        if index == next {
            self.ports.push(Port { name, key, span: words.read(), ..Port::default() });
        }
        Some(index)
    }

    pub(super) fn interface_name(words: &mut Words<'t>) -> Option<String> {
        let first = words.take()?;
        let whole = first.value.bytes().last().is_some_and(|b| b.is_ascii_digit());
        let number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
        let more = words.peek().is_some_and(|word| !whole && number(word)).then(|| words.take()).flatten();
        Some(more.map_or(first.value.to_owned(), |more| [first.value, more.value].concat()))
    }

    /// The interface of a statement elsewhere.
    pub(super) fn port(&self, key: &str) -> Option<usize> {
        let key = key.to_ascii_lowercase();
        self.port_of.get(&key).copied().or_else(|| {
            if self.ports.len() > FEW {
                return None;
            }
            let mut all = self.ports.iter().enumerate().filter(|(_, port)| abbreviates(&key, &port.key));
            let found = all.next()?.0;
            all.next().is_none().then_some(found)
        })
    }

    /// A statement below `interface`; false: it is none.
    pub(super) fn of_interface(&mut self, index: usize, words: &mut Words<'t>, no: bool) -> bool {
        let Some(port) = self.ports.get_mut(index) else { return false };
        // Statements of their own that begin alike: `ip nat inside source …`, `ip inspect name …`, `crypto map X 10 …`.
        let alone = match (words.ahead(0), words.ahead(1)) {
            (Some("ip"), Some("nat")) => words.ahead(3).is_none(),
            (Some("ip"), Some("inspect")) => matches!(words.ahead(3), Some("in" | "out")) && words.ahead(4).is_none(),
            (Some("crypto"), Some("map")) => matches!(words.ahead(3), None | Some("redundancy")),
            _ => true,
        };
        if !alone {
            return false;
        }
        if words.eat("shutdown") {
            port.down = !no;
        } else if words.eat("ip address") {
            if no {
                (port.net, port.dynamic) = (None, false);
                port.more.clear();
            } else if words.eat("dhcp") || words.eat("negotiated") || words.eat("pool") {
                (port.net, port.dynamic) = (None, true);
            } else {
                let net = words.peek().and_then(address).zip(words.ahead(1).and_then(address).and_then(prefix));
                let Some(net) = net.and_then(|(ip, bits)| Ipv4Net::new(ip, bits).ok()) else {
                    self.log.unknown(words.here(), "an address that is not understood");
                    return true;
                };
                let place = words.here();
                words.take();
                let place = place.to(words.here());
                words.take();
                let net = Spanned::new(net, place);
                if words.eat("secondary") {
                    port.more.push(net);
                } else {
                    (port.net, port.dynamic) = (Some(net), false);
                }
            }
        } else if words.eat("ip unnumbered") {
            port.dynamic = !no;
        } else if words.eat("ip nat inside") {
            port.nat = (!no).then_some(Side::Inside);
        } else if words.eat("ip nat outside") {
            port.nat = (!no).then_some(Side::Outside);
        } else if words.eat("ip nat enable") {
            port.nat = (!no).then_some(Side::Either);
        } else if words.eat("ip access-group") {
            let Some(name) = words.take() else { return true };
            let way = usize::from(!words.eat("in"));
            if way == 1 && !words.eat("out") {
                self.log.unknown(words.here(), "a list without its direction");
                return true;
            }
            port.lists[way] = (!no).then_some(name);
        } else if words.eat("ip inspect") {
            let Some(name) = words.take() else { return true };
            let inward = words.eat("in");
            let _ = inward || words.eat("out");
            port.inspect.retain(|(other, way)| (other.value, *way) != (name.value, inward));
            if !no {
                port.inspect.push((name, inward));
            }
        } else if words.eat("zone-member security") {
            port.zone = words.take().filter(|_| !no);
        } else if words.eat("vrf forwarding") || words.eat("ip vrf forwarding") {
            words.take();
            port.vrf = !no;
        } else if words.eat("crypto map") {
            port.crypto = if no { None } else { words.take() };
        } else if words.eat("tunnel protection ipsec") {
            port.protection = (!no).then_some(words.span);
            let _ = words.eat("profile") && words.take().is_some();
        } else if words.eat("tunnel source") {
            let all: Vec<_> = words.all()[2..].to_vec();
            port.source = all.first().map(|first| Spanned::new(interface_key(&all), first.span)).filter(|_| !no);
            while words.take().is_some() {}
        } else {
            return false;
        }
        self.log.show(words);
        true
    }

    /// The way to the internet: where translation has its outside, or the default route leads; none: several may be.
    pub(super) fn wan(&self) -> Option<usize> {
        let up = |n: &usize| !self.ports[*n].down;
        let all: Vec<usize> = (0..self.ports.len()).filter(up).collect();
        let outside =
            |vrf: bool| all.iter().copied().filter(move |n| self.ports[*n].nat == Some(Side::Outside) && (vrf || !self.ports[*n].vrf));
        let plain: Vec<usize> = outside(false).collect();
        let outer: Vec<usize> = if plain.is_empty() { outside(true).collect() } else { plain };
        if let [one] = outer[..] {
            return Some(one);
        }
        let among = if outer.is_empty() { all } else { outer };
        let mut led: Vec<usize> = self.routes.iter().take(FEW).filter_map(|to| self.leads_to(to)).filter(|n| among.contains(n)).collect();
        led.sort_unstable();
        led.dedup();
        let dynamic: Vec<usize> = among.iter().copied().filter(|n| self.ports[*n].dynamic && self.ports[*n].is_plain()).collect();
        match (&led[..], &dynamic[..]) {
            ([one], _) => Some(*one),
            ([], [one]) => Some(*one),
            _ => None,
        }
    }

    fn leads_to(&self, to: &str) -> Option<usize> {
        let Some(ip) = address(to) else { return self.port(to) };
        let holds = |port: &Port<'_>| !port.down && port.net.iter().chain(&port.more).any(|net| net.value.contains(&ip));
        self.ports.iter().position(holds)
    }
}
