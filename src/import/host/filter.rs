//! Whom `iptables-save` of a host admits to one of its own ports: the lists for what ends at the host, walked with the set of all sources at once.

use super::{Admitted, Asked};
use crate::model::Field;
use crate::model::upstream::{Action, Chain, Device, Line};
use crate::net::{Addrs, Ports};
use crate::source::Span;

/// Lines that one question may ask, over all lists: lists that call lists could else be asked without end.
const LINES: usize = 100_000;
/// Lists that call lists.
const DEPTH: usize = 32;

/// What became of the sources that entered a list.
struct Fate {
    accepted: Addrs,
    /// Neither accepted nor dropped for sure.
    open: Addrs,
    returned: Addrs,
}

struct Walk<'d> {
    device: &'d Device,
    asked: Asked,
    budget: usize,
    why: Option<Box<str>>,
    at: Option<Span>,
}

enum Fit {
    No,
    Yes,
    Maybe(Box<str>),
}

/// Who gets through. An export without the host's own list may be of other tables alone.
pub fn admits(device: &Device, asked: Asked) -> Result<Admitted, &'static str> {
    if device.input.items().is_empty() {
        return Err("the export of the resource's firewall holds no chain INPUT");
    }
    let mut walk = Walk { device, asked, budget: LINES, why: None, at: None };
    let (mut surely, mut open) = (Addrs::any(), Addrs::none());
    let input = device.input.items();
    for id in device.early.iter().chain(input) {
        let Some(chain) = device.chain(*id) else { continue };
        let possible = surely.union(&open);
        let fate = walk.list(chain, possible.clone(), 0);
        // What a list of the host itself returns has met its policy.
        let through = fate.accepted.union(&fate.returned);
        let passed = surely.intersection(&through);
        open = open.intersection(&through.union(&fate.open)).union(&surely.intersection(&fate.open));
        surely = passed;
    }
    let possibly = surely.union(&open);
    Ok(Admitted { surely, possibly, why: walk.why.unwrap_or_default(), local: false, at: walk.at })
}

impl Walk<'_> {
    fn doubt(&mut self, why: &str) {
        self.why.get_or_insert_with(|| why.into());
    }

    fn list(&mut self, chain: &Chain, entered: Addrs, depth: usize) -> Fate {
        let mut fate = Fate { accepted: Addrs::none(), open: Addrs::none(), returned: Addrs::none() };
        let mut rest = entered;
        for line in chain.lines.iter().filter(|line| line.enabled) {
            if rest.is_empty() {
                break;
            }
            if self.budget == 0 || depth > DEPTH {
                self.doubt("the firewall's lists are too long to be followed");
                fate.open = fate.open.union(&rest);
                return fate;
            }
            self.budget -= 1;
            let fit = self.fit(line);
            let hit = match (&fit, &line.matches.source) {
                (Fit::No, _) => continue,
                (_, Field::Known(set)) => rest.intersection(&set.value),
                _ => rest.clone(),
            };
            if hit.is_empty() || matches!(line.action, Action::Continue) {
                continue;
            }
            if let Fit::Maybe(why) = fit {
                // A line that drops changes nothing where all that follows drops; that is not looked ahead for.
                self.doubt(&why);
                fate.open = fate.open.union(&hit);
                rest = rest.minus(&hit);
                continue;
            }
            match &line.action {
                Action::Permit => {
                    self.at.get_or_insert(line.span);
                    fate.accepted = fate.accepted.union(&hit);
                    rest = rest.minus(&hit);
                }
                Action::Deny => rest = rest.minus(&hit),
                Action::Return => {
                    fate.returned = fate.returned.union(&hit);
                    rest = rest.minus(&hit);
                }
                Action::Jump(id) | Action::Goto(id) => {
                    let Some(called) = self.device.chain(*id) else { continue };
                    let inner = self.list(called, hit.clone(), depth + 1);
                    fate.accepted = fate.accepted.union(&inner.accepted);
                    fate.open = fate.open.union(&inner.open);
                    rest = rest.minus(&hit);
                    if matches!(line.action, Action::Goto(_)) {
                        fate.returned = fate.returned.union(&inner.returned);
                    } else {
                        rest = rest.union(&inner.returned);
                    }
                }
                Action::Opaque(o) => {
                    self.doubt(&o.reason);
                    fate.open = fate.open.union(&hit);
                    rest = rest.minus(&hit);
                }
                Action::Continue | Action::Translate(_) => {}
            }
        }
        match chain.end {
            Some(end) => {
                // A built-in list: what its lines return meets the policy, too.
                let left = rest.union(&fate.returned);
                fate.returned = Addrs::none();
                if end.permits {
                    fate.accepted = fate.accepted.union(&left);
                } else if !left.is_empty() && self.at.is_none() {
                    self.at = Some(end.span);
                }
            }
            None => fate.returned = fate.returned.union(&rest),
        }
        fate
    }

    /// Whether a line is about the first packet for the service, the source's address aside.
    fn fit(&self, line: &Line) -> Fit {
        let (m, service) = (&line.matches, self.asked.service);
        let mut maybe: Option<Box<str>> = m.other.first().map(|o| o.reason.clone());
        let mut judge = |fits: Option<bool>, why: Option<&str>| -> bool {
            match fits {
                Some(false) => return true,
                Some(true) => {}
                None => {
                    maybe.get_or_insert_with(|| why.unwrap_or("a rule of the host's firewall cannot be decided").into());
                }
            }
            false
        };
        let client_ports = Ports::range(1024, u16::MAX);
        let sources =
            |ports: &Ports| if ports.meets(&client_ports) { client_ports.minus(ports).is_empty().then_some(true) } else { Some(false) };
        let no = judge(answer(&m.protocol, |p| Some(p.contains(service.protocol))), reason(&m.protocol))
            || judge(
                answer(&m.destination_ports, |p| Some(service.port.is_some_and(|port| p.contains(port)))),
                reason(&m.destination_ports),
            )
            || judge(answer(&m.state, |s| Some(s.new)), reason(&m.state))
            || judge(answer(&m.source_ports, sources), Some("a rule of the host's firewall is about some of the clients' ports"))
            || judge(
                answer(&m.destination, |d| self.asked.ip.map(|ip| d.contains(ip))),
                Some("the resource states no `ip`, which a rule of its firewall is about"),
            )
            || judge(
                answer(&m.in_interface, |i| incoming(&i.names, i.negated)),
                Some("by which card clients reach the host is not known, and a rule of its firewall is about one"),
            )
            || judge(answer(&m.to_itself, |yes| Some(*yes)), reason(&m.to_itself))
            || judge(answer(&m.itself, |yes| Some(*yes)), reason(&m.itself))
            || judge(answer(&m.translated, |yes| Some(!*yes)), reason(&m.translated))
            || judge(answer(&m.decrypted, |yes| Some(!*yes)), reason(&m.decrypted))
            || judge(answer(&m.out_interface, |_| None), None)
            || judge(answer(&m.source, |_| Some(true)), reason(&m.source));
        match maybe {
            _ if no => Fit::No,
            Some(why) => Fit::Maybe(why),
            None => Fit::Yes,
        }
    }
}

fn answer<T>(field: &Field<T>, known: impl FnOnce(&T) -> Option<bool>) -> Option<bool> {
    match field {
        Field::Absent => Some(true),
        Field::Known(value) => known(&value.value),
        Field::Opaque(_) => None,
    }
}

fn reason<T>(field: &Field<T>) -> Option<&str> {
    field.opaque().map(|o| &*o.reason)
}

/// Whether packets of clients come in by one of these: by the loopback they never do, by others they may.
fn incoming(names: &[Box<str>], negated: bool) -> Option<bool> {
    names.iter().all(|name| &**name == "lo").then_some(negated)
}
