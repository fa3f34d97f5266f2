//! The hand-written form of an upstream device, and what a table adds to an export.
//!
//! Filter rules see the translated address. A forward implies its permit when neither `rules` nor `default_action` is written; with `rules` and no
//! `default_action` the rest is denied. `direction = "out"` marks rules for what the MX sends.

use crate::import::site_file::{Action as Verb, Direction, ForwardDecl, ForwardProtocol, RuleDecl, UpstreamDecl};
use crate::model::upstream::{Action, Chain, Device, End, EndPoint, Line, Match, Nat, Target, ToPort, Translation};
use crate::model::{Field, Opaque};
use crate::net::{Ports, Protocol, Protocols};
use crate::source::{Problem, ProblemKind, Span, Spanned};

/// One device from what the table says and what its export says. `place` is the table's header; `n` counts the tables.
pub fn device(decl: UpstreamDecl, imported: Option<Device>, place: Span, n: usize, problems: &mut Vec<Problem>) -> Device {
    let by_hand = imported.is_none();
    let mut device = imported.unwrap_or_default();
    device.name = match &decl.name {
        Field::Known(name) => Spanned::new(name.value.as_str().into(), name.span),
        _ => Spanned::new(format!("upstream {}", n + 1).into(), place),
    };
    device.exported = !by_hand;
    if let Some(ends) = ends_ipsec(&decl.terminates_ike) {
        device.terminates = ends;
    }
    complete(&mut device.wan_ip, decl.wan_ip, "the WAN address", problems);
    complete(&mut device.uplink, decl.uplink.map(Into::into), "the uplink", problems);
    complete(&mut device.wan_interface, decl.wan_interface.map(Into::into), "the WAN interface", problems);
    complete(&mut device.lan_subnets, decl.lan_subnets, "the inner subnets", problems);
    let implied = decl.rules.is_absent() && decl.default_action.is_absent();
    if !by_hand {
        let both = [decl.forwards.span(), decl.rules.span(), decl.default_action.span()].into_iter().flatten();
        problems.extend(both.map(|span| {
            let problem = Problem::new(
                ProblemKind::InvalidValue,
                span,
                "the device's export states its forwards and rules already",
                "beside an `import`",
            );
            problem.help("leave out either the `import` or what is written by hand")
        }));
        return device;
    }
    match &decl.forwards {
        Field::Known(forwards) => {
            let mut chain = Chain::new("forwards", forwards.span, Some(End::implicit(true, forwards.span)));
            chain.lines = forwards.value.iter().flat_map(|f| forward(f, implied)).collect();
            let id = device.add(chain);
            device.nat = Nat::Chains(vec![id]);
        }
        Field::Opaque(_) | Field::Absent => {}
    }
    let end = match &decl.default_action {
        Field::Known(action) => End::stated(action.value == Verb::Permit, action.span),
        _ => End::implicit(false, decl.rules.span().unwrap_or(place)),
    };
    match &decl.rules {
        Field::Known(rules) => {
            for (direction, field) in [(Direction::In, &mut device.forward), (Direction::Out, &mut device.outbound)] {
                let fits = |r: &&Spanned<RuleDecl>| r.value.direction.value().copied().unwrap_or(Direction::In) == direction;
                let lines: Vec<_> = rules.value.iter().filter(fits).map(rule).collect();
                // Rules for one way only say nothing of the other; for what comes in, an empty list or a default does.
                let said = direction == Direction::In && (rules.value.is_empty() || !decl.default_action.is_absent());
                if said || !lines.is_empty() {
                    let mut chain = Chain::new("rules", rules.span, Some(end));
                    chain.lines = lines;
                    device.chains.push(chain);
                    *field = Field::known_at(vec![crate::model::upstream::ChainId(device.chains.len() as u32 - 1)], rules.span);
                }
            }
        }
        Field::Opaque(o) => {
            device.forward = Field::Opaque(o.clone());
            device.outbound = Field::Opaque(o.clone());
        }
        Field::Absent if !decl.default_action.is_absent() => {
            let chain = Chain::new("default_action", end.span, Some(end));
            let id = device.add(chain);
            device.forward = Field::known_at(vec![id], end.span);
        }
        Field::Absent => {}
    }
    device
}

/// `terminates_ike`; none: not said.
fn ends_ipsec(said: &Field<bool>) -> Option<Field<Vec<EndPoint>>> {
    match said {
        Field::Known(yes) => {
            let here = yes.value.then_some(EndPoint { span: yes.span, address: Field::Absent });
            Some(Field::known_at(here.into_iter().collect(), yes.span))
        }
        Field::Opaque(o) => Some(Field::Opaque(o.clone())),
        Field::Absent => None,
    }
}

/// The table's word completes the export's, and counts where both speak.
fn complete<T: PartialEq>(field: &mut Field<T>, inline: Field<T>, what: &str, problems: &mut Vec<Problem>) {
    if let (Some(a), Some(b)) = (inline.known(), field.known())
        && a.value != b.value
    {
        let problem = Problem::new(
            ProblemKind::Drift,
            a.span,
            format!("the site file and an import disagree about {what} of an upstream device"),
            "in the site file",
        );
        problems.push(problem.related(b.span, "in the import").help("find out which of the two is true, and leave the other out"));
    }
    if let (Field::Known(_), Field::Opaque(o)) | (Field::Opaque(o), Field::Known(_)) = (&inline, &*field) {
        problems.push(Problem::drift_unknown(o.span, &o.reason));
    }
    if !inline.is_absent() {
        *field = inline;
    }
}

fn protocol(field: &Field<ForwardProtocol>) -> Field<Protocols> {
    match field {
        Field::Absent => Field::Absent,
        Field::Opaque(o) => Field::Opaque(o.clone()),
        Field::Known(p) => match p.value {
            ForwardProtocol::Any => Field::Absent,
            ForwardProtocol::Udp => Field::known_at(Protocols::of(&[Protocol::Udp]), p.span),
            ForwardProtocol::Tcp => Field::known_at(Protocols::of(&[Protocol::Tcp]), p.span),
            ForwardProtocol::TcpUdp => Field::known_at(Protocols::of(&[Protocol::Tcp, Protocol::Udp]), p.span),
            ForwardProtocol::Icmp => Field::known_at(Protocols::of(&[Protocol::Icmp]), p.span),
            ForwardProtocol::Esp => Field::known_at(Protocols::of(&[Protocol::Esp]), p.span),
        },
    }
}

fn line(span: Span, mut matches: Match, action: Action, enabled: &Field<bool>) -> Line {
    if let Field::Opaque(o) = enabled {
        matches.other.push(o.clone());
    }
    Line { enabled: enabled.value() != Some(&false), ..Line::new(span, matches, action) }
}

/// The lines of a forward: one, or one for each of its ports when a list of them goes to a list of others.
fn forward(decl: &Spanned<ForwardDecl>, permits: bool) -> Vec<Line> {
    let f = &decl.value;
    let to = match &f.to {
        Field::Known(to) => Target::Host(*to),
        Field::Opaque(o) => Target::Opaque(o.clone()),
        Field::Absent => Target::Opaque(Opaque { span: decl.span, reason: "the forward does not say to which host".into() }),
    };
    let one = |destination_ports: Field<Ports>, to_port: ToPort| {
        let matches = Match { protocol: protocol(&f.protocol), destination_ports, source: f.source.clone(), ..Match::default() };
        line(decl.span, matches, Action::Translate(Translation { to: to.clone(), to_port, permits }), &f.enabled)
    };
    let inner = match &f.to_port {
        Field::Known(inner) => inner,
        Field::Absent => return vec![one(f.port.clone(), ToPort::Same)],
        Field::Opaque(o) => return vec![one(f.port.clone(), ToPort::Opaque(o.clone()))],
    };
    let at = inner.span;
    let outer: Vec<_> = f.port.value().map(|ports| ports.ranges().collect()).unwrap_or_default();
    let new: Vec<_> = inner.value.ranges().collect();
    match (&outer[..], &new[..]) {
        (_, [(first, last)]) if first == last => vec![one(f.port.clone(), ToPort::Range(Spanned::new((*first, *last), at)))],
        _ if outer == new => vec![one(f.port.clone(), ToPort::Same)],
        _ if outer.len() == new.len() && outer.iter().zip(&new).all(|(a, b)| a.1 - a.0 == b.1 - b.0) => {
            let place = f.port.span().unwrap_or(decl.span);
            let shift = |(a, b): (&(u16, u16), &(u16, u16))| {
                one(Field::known_at(Ports::range(a.0, a.1), place), ToPort::Shift(Spanned::new((a.0, b.0), at)))
            };
            outer.iter().zip(&new).map(shift).collect()
        }
        _ => {
            let reason = "the forward does not say which inner port belongs to which outer one";
            vec![one(f.port.clone(), ToPort::Opaque(Opaque { span: at, reason: reason.into() }))]
        }
    }
}

fn rule(decl: &Spanned<RuleDecl>) -> Line {
    let r = &decl.value;
    let matches = Match {
        protocol: protocol(&r.protocol),
        source: r.source.clone(),
        source_ports: r.source_port.clone(),
        destination: r.destination.clone(),
        destination_ports: r.destination_port.clone(),
        ..Match::default()
    };
    let action = match &r.action {
        Field::Known(a) if a.value == Verb::Permit => Action::Permit,
        Field::Known(_) => Action::Deny,
        Field::Opaque(o) => Action::Opaque(o.clone()),
        Field::Absent => Action::Opaque(Opaque { span: decl.span, reason: "the rule does not say what it does".into() }),
    };
    line(decl.span, matches, action, &r.enabled)
}
