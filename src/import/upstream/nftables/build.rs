//! A ruleset brought into the model: which lists packets pass, in which order, and what their lines say.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::key::{Place, narrow};
use super::ruleset::{Chain, Hook, Kind, MapOf, New, Rule, Ruleset, Statement, Table, Value, Verdict};
use crate::import::upstream::{Remark, RemarkKind};
use crate::model::upstream::{
    self as model, Action, ChainId, Device, End, Interfaces, Line, Match, Nat, Replies, Target, ToPort, Translation,
};
use crate::model::{Field, Opaque};
use crate::net::Ports;
use crate::source::{Span, Spanned};

/// Connection tracking and translation stand at these priorities (linux/netfilter_ipv4.h).
const TRACKING: i32 = -200;
const DESTINATION: i32 = -100;
const SOURCE: i32 = 100;
/// Lines beyond this many, from values side by side, are not told apart.
const MOST: usize = 200_000;

const PLAIN: Place = Place { tracked: true, routed: true, other_source: false, other_destination: false };

struct Builder<'r> {
    device: Device,
    remarks: &'r mut Vec<Remark>,
    /// Lists made from called chains; a chain is made anew for each place from which its rules see other things.
    called: BTreeMap<(usize, &'r str, Place), ChainId>,
    /// Called chains whose lines are still to be made.
    open: Vec<(usize, &'r str, Place, ChainId)>,
    reached: BTreeSet<(usize, &'r str)>,
    tables: &'r [Table],
    lines: usize,
}

/// A list bound to a hook.
struct Bound<'r> {
    table: usize,
    name: &'r str,
    chain: &'r Chain,
    hook: &'r Hook,
    priority: i32,
}

pub(super) fn device<'r>(ruleset: &'r Ruleset, place: Span, remarks: &'r mut Vec<Remark>) -> Device {
    let tables = &ruleset.tables;
    let mut bound = Vec::new();
    for (n, table) in tables.iter().enumerate().filter(|(_, table)| table.concerns_us()) {
        for name in &table.order {
            let chain = &table.chains[name];
            let Some(hook) = &chain.hook else { continue };
            if hook.priority.is_none() {
                remarks.push(Remark { span: chain.span, message: "the chain's priority is not known".into(), kind: RemarkKind::Elsewhere });
            }
            bound.push(Bound { table: n, name, chain, hook, priority: hook.priority.unwrap_or(0) });
        }
    }
    // Among translations of one priority the kernel asks the youngest first (`nf_hook_entries_grow`); for filters that makes no difference.
    bound.reverse();
    bound.sort_by_key(|one| one.priority);
    let mut builder = Builder {
        device: Device::default(),
        remarks,
        called: BTreeMap::new(),
        open: Vec::new(),
        reached: BTreeSet::new(),
        tables,
        lines: 0,
    };
    builder.hooks(&bound, place);
    builder.unreached();
    builder.device
}

impl Table {
    /// Whether packets of IPv4 that are routed meet its chains.
    fn concerns_us(&self) -> bool {
        matches!(&*self.family, "ip" | "inet" | "netdev") && !self.dormant
    }
}

impl<'r> Builder<'r> {
    fn hooks(&mut self, bound: &[Bound<'r>], place: Span) {
        let nat_at = |hook: &str| bound.iter().any(|one| &*one.hook.kind == "nat" && &*one.hook.point == hook);
        let (translates, hides) = (nat_at("prerouting"), nat_at("postrouting"));
        let (mut early, mut nat, mut before, mut through) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (mut behind, mut hidden, mut input, mut late) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for one in bound {
            let arriving = Place { routed: false, tracked: one.priority > TRACKING, ..PLAIN };
            match (&*one.hook.kind, &*one.hook.point) {
                ("nat", "prerouting") => nat.push(self.base(one, Place { tracked: true, ..arriving })),
                ("filter", "ingress") => early.insert(0, self.base(one, Place { tracked: false, ..arriving })),
                ("filter", "prerouting") if one.priority < DESTINATION => early.push(self.base(one, arriving)),
                // At the very priority of translation, the order is that of loading.
                ("filter", "prerouting") => {
                    let unsure = translates && one.priority == DESTINATION;
                    before.push(self.base(one, Place { other_destination: unsure, ..arriving }));
                }
                ("filter", "forward") => through.push(self.base(one, PLAIN)),
                ("filter", "input") => input.push(self.base(one, Place { routed: false, ..PLAIN })),
                ("filter", "postrouting") if one.priority < SOURCE => behind.push(self.base(one, PLAIN)),
                ("filter", "postrouting") => {
                    hidden.push(self.base(one, Place { other_source: hides, ..PLAIN }));
                    late.push(self.base(one, PLAIN));
                }
                ("filter", "egress") => {
                    let mut chain = model::Chain::new(one.name, one.chain.span, Some(End::implicit(true, one.chain.span)));
                    let why = opaque(one.chain.span, "chains at the hook egress are not followed");
                    chain.lines.push(Line::new(one.chain.span, Match::default(), Action::Opaque(why)));
                    behind.push(self.device.add(chain));
                }
                // What the device itself sends, and what hides sources.
                _ => {
                    self.base(one, PLAIN);
                }
            }
        }
        self.finish_calls();
        let known = |list: Vec<ChainId>| Field::known_at(list, place);
        self.device.outbound = known([&early[..], &before, &through, &behind].concat());
        self.device.forward = known([&before[..], &through, &behind, &hidden].concat());
        self.device.input = known([before, input].concat());
        self.device.early = early;
        self.device.late = late;
        self.device.nat = Nat::Chains(nat);
        self.device.replies = Replies::AsEstablished;
    }

    /// The list of a chain that is bound to a hook.
    fn base(&mut self, bound: &Bound<'r>, place: Place) -> ChainId {
        self.reached.insert((bound.table, bound.name));
        let end = match bound.chain.drops {
            Some(span) => End::stated(false, span),
            None => End::implicit(true, bound.chain.span),
        };
        let mut chain = model::Chain::new(bound.name, bound.chain.span, Some(end));
        chain.lines = self.rules(bound.table, bound.chain, place);
        if let (Some(device), "ingress") = (&bound.hook.device, &*bound.hook.point) {
            // The chain is asked at one interface only.
            let here = || match &**device {
                "*" => Field::opaque_at(bound.chain.span, "the chain is bound to several interfaces"),
                name => Field::known_at(Interfaces::one(name), bound.chain.span),
            };
            if !end.permits {
                chain.lines.push(Line::new(end.span, Match::default(), Action::Deny));
                chain.end = Some(End::implicit(true, bound.chain.span));
            }
            for line in &mut chain.lines {
                line.matches.in_interface = here();
            }
        }
        self.device.add(chain)
    }

    fn finish_calls(&mut self) {
        while let Some((table, name, place, id)) = self.open.pop() {
            let Some(chain) = self.tables[table].chains.get(name) else { continue };
            self.device.chains[id.0 as usize].lines = self.rules(table, chain, place);
        }
    }

    /// Chains that no hook leads to.
    fn unreached(&mut self) {
        for (n, table) in self.tables.iter().enumerate().filter(|(_, table)| table.concerns_us()) {
            for name in &table.order {
                if self.reached.contains(&(n, &**name)) {
                    continue;
                }
                let chain = &table.chains[name];
                let mut list = model::Chain::new(name, chain.span, None);
                list.applied = false;
                list.lines = self.rules(n, chain, PLAIN);
                self.device.add(list);
            }
        }
        // What these call is made too, and as little applied.
        let reached = self.device.chains.len();
        self.finish_calls();
        for chain in &mut self.device.chains[reached..] {
            chain.applied = false;
        }
    }

    fn call(&mut self, table: usize, name: &str, place: Place, span: Span) -> Result<ChainId, Opaque> {
        let Some((name, chain)) = self.tables[table].chains.get_key_value(name) else {
            let why = "the chain that is called is not in the table";
            self.remarks.push(Remark { span, message: why.into(), kind: RemarkKind::Dangling });
            return Err(opaque(span, why));
        };
        self.reached.insert((table, name));
        if let Some(id) = self.called.get(&(table, &**name, place)) {
            return Ok(*id);
        }
        let id = self.device.add(model::Chain::new(name, chain.span, None));
        self.called.insert((table, name, place), id);
        self.open.push((table, name, place, id));
        Ok(id)
    }

    fn rules(&mut self, table: usize, chain: &'r Chain, place: Place) -> Vec<Line> {
        let mut lines = Vec::new();
        for rule in &chain.rules {
            self.rule(table, rule, place, &mut lines);
        }
        lines
    }

    fn rule(&mut self, table: usize, rule: &'r Rule, place: Place, out: &mut Vec<Line>) {
        let named = &self.tables[table];
        let mut parts = vec![Match::default()];
        let mut action = Action::Continue;
        for (span, statement) in &rule.statements {
            match statement {
                Statement::Nothing => {}
                Statement::Condition(why) => parts.iter_mut().for_each(|m| m.other.push(opaque(*span, why))),
                Statement::Match { keys, negated, value } => {
                    let remarks = &mut *self.remarks;
                    parts = parts.iter().flat_map(|m| narrow(named, place, m, keys, *negated, value, remarks)).collect();
                    self.lines += parts.len();
                    if parts.len() > 1 && self.lines > MOST {
                        parts = vec![Match { other: vec![opaque(*span, "the sets have too many values to follow")], ..Match::default() }];
                    }
                }
                Statement::Verdict(Verdict::Continue) => {}
                Statement::Verdict(verdict) => {
                    action = self.verdict(table, verdict, place, *span);
                    break;
                }
                Statement::Vmap(keys, map) => {
                    let pairs = match map {
                        MapOf::Here(pairs) => Ok(pairs),
                        MapOf::Named(name) => match named.sets.get(name) {
                            Some(set) if !set.changes => Ok(&set.to_verdicts),
                            Some(_) => Err(opaque(*span, "the members of the set come and go")),
                            None => Err(self.missing(*span)),
                        },
                    };
                    let pairs = match pairs {
                        Ok(pairs) => pairs,
                        Err(why) => {
                            action = Action::Opaque(why);
                            break;
                        }
                    };
                    for (value, verdict) in pairs {
                        let action = self.verdict(table, verdict, place, value.span);
                        self.mapped(named, place, &parts, keys, value, rule.span, &action, out);
                    }
                    return;
                }
                Statement::Dnat { address: Some(New::Map(keys, map)), port } => {
                    let pairs = match map {
                        MapOf::Here(pairs) => Ok(pairs),
                        MapOf::Named(name) => match named.sets.get(name) {
                            Some(set) if !set.changes => Ok(&set.to_values),
                            Some(_) => Err(opaque(*span, "the members of the set come and go")),
                            None => Err(self.missing(*span)),
                        },
                    };
                    match pairs {
                        Err(why) => action = Action::Opaque(why),
                        Ok(pairs) => {
                            for (value, to) in pairs {
                                let action = translate(Some(to), port.as_ref(), value.span);
                                self.mapped(named, place, &parts, keys, value, rule.span, &action, out);
                            }
                            return;
                        }
                    }
                    break;
                }
                Statement::Dnat { address, port } => {
                    let to = match address {
                        Some(New::Value(to)) => Some(to),
                        _ => None,
                    };
                    action = translate(to, port.as_ref(), *span);
                    break;
                }
                Statement::Redirect { port } => {
                    action = Action::Translate(Translation { to: Target::Device(*span), to_port: to_port(port.as_ref()), permits: false });
                    break;
                }
                Statement::Anything(why) => {
                    action = Action::Opaque(opaque(*span, why));
                    break;
                }
            }
        }
        out.extend(parts.into_iter().map(|m| Line::new(rule.span, m, action.clone())));
    }

    #[expect(clippy::too_many_arguments, reason = "the inner step of the two kinds of maps above")]
    fn mapped(
        &mut self,
        named: &Table,
        place: Place,
        parts: &[Match],
        keys: &[super::ruleset::Key],
        value: &Value,
        span: Span,
        action: &Action,
        out: &mut Vec<Line>,
    ) {
        self.lines += parts.len();
        for m in parts {
            // The value for all others comes last.
            let all = matches!(&value.kind, Kind::Item(text) if &**text == "*");
            let fitting = if all { vec![m.clone()] } else { narrow(named, place, m, keys, false, value, self.remarks) };
            out.extend(fitting.into_iter().map(|m| Line::new(span, m, action.clone())));
        }
    }

    fn missing(&mut self, span: Span) -> Opaque {
        let why = "the set is not in the table";
        self.remarks.push(Remark { span, message: why.into(), kind: RemarkKind::Dangling });
        opaque(span, why)
    }

    fn verdict(&mut self, table: usize, verdict: &Verdict, place: Place, span: Span) -> Action {
        match verdict {
            Verdict::Accept => Action::Permit,
            Verdict::Drop => Action::Deny,
            Verdict::Return => Action::Return,
            Verdict::Continue => Action::Continue,
            Verdict::Queue => Action::Opaque(opaque(span, "a program decides what happens to the packet")),
            Verdict::Jump(name) => self.call(table, name, place, span).map_or_else(Action::Opaque, Action::Jump),
            Verdict::Goto(name) => self.call(table, name, place, span).map_or_else(Action::Opaque, Action::Goto),
        }
    }
}

fn opaque(span: Span, why: &str) -> Opaque {
    Opaque { span, reason: why.into() }
}

/// `192.168.1.4`, a range, an address and a port side by side; without an address the packet keeps its own.
fn translate(to: Option<&Value>, port: Option<&Value>, span: Span) -> Action {
    let (address, beside) = match to.map(|value| &value.kind) {
        Some(Kind::Tuple(parts)) => (parts.first(), parts.get(1)),
        _ => (to, None),
    };
    let to = match address {
        None => Target::Net(Spanned::new((Ipv4Net::default(), Ipv4Net::default()), span)),
        Some(value) => host(value),
    };
    Action::Translate(Translation { to, to_port: to_port(port.or(beside)), permits: false })
}

fn host(value: &Value) -> Target {
    let unknown = |why| Target::Opaque(opaque(value.span, why));
    let text = match &value.kind {
        Kind::Item(text) => text,
        Kind::Opaque(why) => return unknown(why),
        _ => return unknown("the forward's address is not an address"),
    };
    let parse = |text: &str| text.trim().parse::<Ipv4Addr>().ok();
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (parse(first), parse(last)) {
        (Some(first), Some(last)) if first == last => Target::Host(Spanned::new(first, value.span)),
        (Some(first), Some(last)) => Target::OneOf(Spanned::new((first, last), value.span)),
        _ => match text.parse::<Ipv4Net>() {
            Ok(net) => Target::OneOf(Spanned::new((net.network(), net.broadcast()), value.span)),
            Err(_) => unknown("the forward's address is not an address"),
        },
    }
}

fn to_port(value: Option<&Value>) -> ToPort {
    let Some(value) = value else { return ToPort::Same };
    let unknown = |why| ToPort::Opaque(opaque(value.span, why));
    let text = match &value.kind {
        Kind::Item(text) => text,
        Kind::Opaque(why) => return unknown(why),
        _ => return unknown("the forward's port is not a port"),
    };
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (Ports::number(first), Ports::number(last)) {
        (Some(first), Some(last)) if first <= last => ToPort::Range(Spanned::new((first, last), value.span)),
        _ => unknown("the forward's port is not a port"),
    }
}
