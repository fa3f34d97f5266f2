//! A translation rule of an ASA, as it is written.

use super::Reader;
use super::nat::as_net;
use crate::import::upstream::cisco::entry::{NOT_UNDERSTOOD, Own};
use crate::import::upstream::cisco::names::{Service, Stands};
use crate::import::upstream::cisco::words::{Words, port, protocols};
use crate::model::Opaque;
use crate::net::{Addrs, Ports, Protocols};
use crate::source::{Span, Spanned};
use ipnet::Ipv4Net;

/// Addresses as one side of a rule names them.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum End {
    Any,
    Set(Spanned<Addrs>),
    /// The device's address towards the internet, which the file does not hold.
    Itself(Span),
    Opaque(Opaque),
}

/// A rule with everything resolved. What is written first is how packets look at the real side, what is second how they look at the mapped one.
#[derive(Clone, Debug)]
pub(super) struct Rule<'t> {
    pub(super) span: Span,
    /// The real and the mapped interface; none: any.
    pub(super) interfaces: [Option<Spanned<&'t str>>; 2],
    pub(super) is_static: bool,
    pub(super) source: [End; 2],
    /// None: destinations stay as they are.
    pub(super) destination: Option<[End; 2]>,
    pub(super) service: Option<[Spanned<Service>; 2]>,
    pub(super) unidirectional: bool,
    pub(super) off: bool,
    pub(super) after_auto: bool,
    /// The place in its section that a script gives it.
    pub(super) at: Option<usize>,
    pub(super) doubt: Option<Opaque>,
}

impl<'t> Reader<'t> {
    /// `nat (inside,outside) …`, of an object or by itself.
    pub(super) fn rule(&mut self, words: &mut Words<'t>, object: Option<&'t str>) -> Option<Rule<'t>> {
        let span = words.span;
        words.take();
        let pair = words.take()?;
        // `(inside, outside)` may be two words.
        let second = if pair.value.ends_with(')') { None } else { words.take() };
        let (a, b) = pair.value.trim_start_matches('(').trim_end_matches(')').split_once(',')?;
        let b = if b.is_empty() { second?.value.trim_end_matches(')') } else { b };
        let named = |name: &'t str| (name != "any").then(|| Spanned::new(name, pair.span));
        let mut rule = Rule {
            span,
            interfaces: [named(a), named(b)],
            is_static: false,
            source: [End::Any, End::Any],
            destination: None,
            service: None,
            unidirectional: false,
            off: false,
            after_auto: words.eat("after-auto"),
            at: words.peek().and_then(|word| word.parse().ok()),
            doubt: None,
        };
        if rule.at.is_some() {
            words.take();
        }
        match object {
            Some(name) => self.of_object(words, name, &mut rule)?,
            None => self.of_both_ends(words, &mut rule)?,
        }
        self.options(words, &mut rule);
        Some(rule)
    }

    fn of_object(&mut self, words: &mut Words<'t>, name: &'t str, rule: &mut Rule<'t>) -> Option<()> {
        let place = rule.span;
        rule.source[0] = self.named_end(Spanned::new(name, place));
        rule.is_static = words.eat("static");
        if !rule.is_static && !words.eat("dynamic") {
            return None;
        }
        let inline = words.peek().filter(|word| !self.names.defs.contains_key(word)).and_then(|word| self.names.host(word));
        rule.source[1] = self.end(words, 1, rule)?;
        // An address for a whole network is the first of as many.
        if let [End::Set(real), End::Set(mapped)] = &mut rule.source
            && let Some(first) = inline.filter(|_| rule.is_static)
            && let Some(net) = as_net(&real.value).and_then(|net| Ipv4Net::new(first, net.prefix_len()).ok())
        {
            mapped.value = Addrs::net(net);
        }
        if words.eat("service") {
            let set = words.peek().and_then(protocols)?;
            words.take();
            let mut sides = [Ports::any(), Ports::any()];
            let place = words.here();
            for side in &mut sides {
                *side = Ports::one(words.peek().and_then(port)?);
                words.take();
            }
            let place = Span::new(place.start, words.read().end);
            rule.service = Some(sides.map(|source| Spanned::new(Service { protocols: set, source, destination: Ports::any() }, place)));
        }
        Some(())
    }

    fn of_both_ends(&mut self, words: &mut Words<'t>, rule: &mut Rule<'t>) -> Option<()> {
        if !words.eat("source") {
            return None;
        }
        rule.is_static = words.eat("static");
        if !rule.is_static && !words.eat("dynamic") {
            return None;
        }
        rule.source = [self.end(words, 0, rule)?, self.end(words, 1, rule)?];
        if words.eat("destination static") {
            // The mapped destination comes first: it is what packets from the real side are for.
            rule.destination = Some([self.end(words, 0, rule)?, self.end(words, 1, rule)?]);
        }
        if words.eat("service") {
            let (one, two) = (self.named_service(words, rule)?, self.named_service(words, rule)?);
            rule.service = Some([one, two]);
        }
        Some(())
    }

    /// What one side of a rule names.
    fn end(&mut self, words: &mut Words<'t>, side: usize, rule: &Rule<'t>) -> Option<End> {
        if words.eat("any") || words.eat("any4") {
            return Some(End::Any);
        }
        if words.eat("pat-pool") {
            return self.end(words, side, rule);
        }
        let place = words.here();
        if words.eat("interface") {
            let _ = words.eat("ipv6");
            let own = rule.interfaces[side].and_then(|name| self.own.get(&name.value.to_ascii_lowercase()));
            return Some(match own {
                Some(Own::At(ip)) => End::Set(Spanned::new(Addrs::one(*ip), place)),
                Some(Own::Itself) => End::Itself(place),
                _ => End::Opaque(Opaque { span: place, reason: "the address of the interface is not in the file".into() }),
            });
        }
        let name = words.take()?;
        if self.names.defs.contains_key(name.value) {
            return Some(self.named_end(name));
        }
        if let Some(ip) = self.names.host(name.value) {
            return Some(End::Set(Spanned::new(Addrs::one(ip), name.span)));
        }
        Some(self.named_end(name))
    }

    fn named_end(&mut self, name: Spanned<&'t str>) -> End {
        match self.names.addrs(name.value, &mut self.log) {
            Stands::For(set) if set.is_any() => End::Any,
            Stands::For(set) if self.names.afford(set.ranges().len()) => End::Set(Spanned::new((*set).clone(), name.span)),
            Stands::For(_) => End::Opaque(Opaque { span: name.span, reason: "the groups are too large to follow".into() }),
            Stands::Opaque(why) => End::Opaque(Opaque { span: name.span, reason: why.into() }),
            Stands::Nothing => {
                if self.ended {
                    self.log.dangling(name.span, "the object is not in the file");
                }
                End::Opaque(Opaque { span: name.span, reason: "the object is not in the file".into() })
            }
        }
    }

    fn named_service(&mut self, words: &mut Words<'t>, rule: &mut Rule<'t>) -> Option<Spanned<Service>> {
        let name = words.take()?;
        let all = Service { protocols: Protocols::any(), source: Ports::any(), destination: Ports::any() };
        if name.value == "any" {
            return Some(Spanned::new(all, name.span));
        }
        let why: Box<str> = match self.names.services(name.value, &mut self.log) {
            Stands::For(set) => match &set[..] {
                [one] => return Some(Spanned::new(one.clone(), name.span)),
                _ => "the rule's services are not followed".into(),
            },
            Stands::Opaque(why) => why.into(),
            Stands::Nothing => {
                if self.ended {
                    self.log.dangling(name.span, "the service is not in the file");
                }
                "the service is not in the file".into()
            }
        };
        rule.doubt = Some(Opaque { span: name.span, reason: why });
        Some(Spanned::new(all, name.span))
    }

    /// What stands behind a rule.
    fn options(&mut self, words: &mut Words<'t>, rule: &mut Rule<'t>) {
        while let Some(word) = words.peek() {
            let place = words.here();
            match word {
                "unidirectional" => rule.unidirectional = true,
                "inactive" => rule.off = true,
                "no-proxy-arp" | "route-lookup" | "dns" | "net-to-net" | "round-robin" | "extended" | "flat" | "include-reserve"
                | "block-allocation" | "interface" | "ipv6" => {}
                "pat-pool" => {
                    words.take();
                }
                // The owner's words, which are not shown.
                "description" => return,
                _ => {
                    self.log.unknown(place, "a part of a translation that is not understood");
                    rule.doubt = Some(Opaque { span: place, reason: NOT_UNDERSTOOD.into() });
                    return;
                }
            }
            words.take();
        }
    }
}
