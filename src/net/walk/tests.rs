use std::net::Ipv4Addr;

use proptest::prelude::*;

use super::*;
use crate::model::upstream::{
    Action, Chain, ChainId, End, Interface, Interfaces, Line, Match, Replies, States, Target, ToPort, Translation,
};
use crate::net::{Ports, Protocol, Protocols};
use crate::source::{Span, Spanned};

const MX: &str = "192.168.1.4";
const WAN: &str = "203.0.113.10";

fn at(n: u32) -> Span {
    Span::new(n, n + 1)
}

fn ip(text: &str) -> Ipv4Addr {
    text.parse().unwrap()
}

fn known<T>(value: T) -> Field<T> {
    Field::known_at(value, Span::default())
}

/// `udp 198.51.100.0/24:500 > 192.168.1.4:500,4500`, where `*` is any and `?` opaque.
fn line(n: u32, action: Action, text: &str) -> Line {
    let part = |text: &str| text.to_string();
    let (protocol, rest) = text.split_once(' ').unwrap_or((text, "* > *"));
    let (from, to) = rest.split_once(" > ").unwrap();
    let split = |side: &str| side.split_once(':').map_or((part(side), "*".to_string()), |(a, p)| (part(a), part(p)));
    let ((source, source_ports), (destination, destination_ports)) = (split(from), split(to));
    let addrs = |text: &str| match text {
        "*" => Field::Absent,
        "?" => Field::opaque_at(at(n), "the set is not in the file"),
        _ => known(Addrs::parse(text).unwrap()),
    };
    let ports = |text: &str| if text == "*" { Field::Absent } else { known(Ports::parse(text).unwrap()) };
    let protocol = if protocol == "*" { Field::Absent } else { known(Protocols::of(&[Protocol::parse(protocol).unwrap()])) };
    let matches = Match {
        protocol,
        source: addrs(&source),
        source_ports: ports(&source_ports),
        destination: addrs(&destination),
        destination_ports: ports(&destination_ports),
        ..Match::default()
    };
    Line::new(at(n), matches, action)
}

fn to_host(host: &str, port: Option<u16>, permits: bool) -> Action {
    let to_port = port.map_or(ToPort::Same, |p| ToPort::Range(Spanned::new((p, p), Span::default())));
    Action::Translate(Translation { to: Target::Host(Spanned::new(ip(host), Span::default())), to_port, permits })
}

fn forward(n: u32, text: &str) -> Line {
    line(n, to_host(MX, None, false), text)
}

fn permit(n: u32, text: &str) -> Line {
    line(n, Action::Permit, text)
}

fn deny(n: u32, text: &str) -> Line {
    line(n, Action::Deny, text)
}

/// A device with forwards, and a filter that ends in deny.
fn device(forwards: Vec<Line>, rules: Vec<Line>) -> Device {
    let mut device = Device { name: Spanned::new("edge".into(), at(900)), wan_ip: known(ip(WAN)), ..Device::default() };
    let mut nat = Chain::new("nat", at(901), Some(End::implicit(true, at(901))));
    nat.lines = forwards;
    let nat = device.add(nat);
    let mut filter = Chain::new("filter", at(902), Some(End::stated(false, at(902))));
    filter.lines = rules;
    let filter = device.add(filter);
    device.nat = Nat::Chains(vec![nat]);
    device.forward = known(vec![filter]);
    device
}

fn path(device: &Device) -> Path<'_> {
    Path::new(vec![device], vec![ip(MX)], None)
}

fn open() -> Vec<Line> {
    vec![permit(20, "udp * > 192.168.1.4:500,4500")]
}

fn both() -> Vec<Line> {
    vec![forward(10, "udp * > *:500,4500")]
}

#[test]
fn forward_and_permit_let_both_ports_arrive() {
    let edge = device(both(), open());
    assert!(path(&edge).arrives(Service::IKE).passes() && path(&edge).arrives(Service::NAT_T).passes());
    assert_eq!(path(&edge).is_translated(), Some(true));
}

#[test]
fn forward_that_implies_its_permit_needs_no_filter() {
    let mut edge = device(vec![line(10, to_host(MX, None, true), "udp * > *:500")], vec![]);
    edge.forward = Field::Absent;
    assert!(path(&edge).arrives(Service::IKE).passes());
    assert!(matches!(path(&edge).arrives(Service::NAT_T).fault(), Some(Fault::NoForward { device: 0, opens: None })));
}

#[test]
fn default_deny_drops_and_names_its_line() {
    let edge = device(both(), vec![permit(20, "udp * > *:500")]);
    let answer = path(&edge).arrives(Service::NAT_T);
    assert_eq!(answer.fault().and_then(Fault::span), Some(at(902)));
    let witness = answer.witness().unwrap();
    assert_eq!(witness.packet.to_string(), "udp 198.51.100.7:40112 -> 203.0.113.10:4500");
    let steps: Vec<String> = witness.steps.iter().map(|s| s.by.to_string()).collect();
    assert_eq!(steps, ["forward udp any -> any:500,4500 to 192.168.1.4", "default: deny"]);
}

#[test]
fn deny_line_is_named_with_the_permit_that_it_shadows() {
    let edge = device(both(), vec![deny(19, "udp * > *"), permit(20, "udp * > *:500")]);
    let answer = path(&edge).arrives(Service::IKE);
    let Some(Fault::Dropped { by, shadowed: Some(hidden), .. }) = answer.fault() else { panic!("{answer:?}") };
    assert_eq!((by.span(), hidden.span), (at(19), at(20)));
    assert_eq!(answer.shadowed[0].by[0].span, at(19));
}

#[test]
fn permit_that_takes_packets_is_not_shadowed() {
    let edge = device(both(), vec![deny(19, "udp 198.51.100.0/24 > *"), permit(20, "udp * > *:500")]);
    let answer = path(&edge).arrives(Service::IKE);
    assert!(answer.shadowed.is_empty() && answer.passes(), "{answer:?}");
}

#[test]
fn forward_to_wrong_host_is_elsewhere() {
    let edge = device(vec![line(10, to_host("192.168.1.9", None, false), "udp * > *:500")], open());
    let answer = path(&edge).arrives(Service::IKE);
    assert!(matches!(answer.fault(), Some(Fault::Elsewhere { to: Some(to), .. }) if *to == ip("192.168.1.9")));
}

#[test]
fn forward_to_another_port_is_not_an_arrival() {
    let edge = device(vec![line(10, to_host(MX, Some(501), false), "udp * > *:500")], open());
    assert!(matches!(path(&edge).arrives(Service::IKE).fault(), Some(Fault::PortTranslated { to: 501, .. })));
}

#[test]
fn tcp_only_forward_is_the_wrong_protocol() {
    let edge = device(vec![forward(10, "tcp * > *:500")], open());
    assert!(matches!(path(&edge).arrives(Service::IKE).fault(), Some(Fault::WrongProtocol { line, .. }) if line.span == at(10)));
}

#[test]
fn tcp_only_permit_is_the_wrong_protocol() {
    let edge = device(vec![forward(10, "* * > *:500")], vec![permit(20, "tcp * > *:500")]);
    assert!(matches!(path(&edge).arrives(Service::IKE).fault(), Some(Fault::WrongProtocol { line, .. }) if line.span == at(20)));
}

#[test]
fn tcp_only_forward_behind_a_udp_permit_is_the_wrong_protocol() {
    // A router's list on the outer interface stands before translation, and may be right where the forward is not.
    let mut edge = device(vec![forward(10, "tcp * > *:4500")], open());
    let mut list = Chain::new("outside", at(903), Some(End::implicit(false, at(903))));
    list.lines = vec![permit(30, "udp * > 203.0.113.10:500,4500")];
    let list = edge.add(list);
    edge.early = vec![list];
    assert!(matches!(path(&edge).arrives(Service::NAT_T).fault(), Some(Fault::WrongProtocol { line, .. }) if line.span == at(10)));
    // The list itself permits TCP.
    let mut edge = device(vec![forward(10, "* * > *:4500")], vec![permit(20, "* * > *")]);
    let mut list = Chain::new("outside", at(903), Some(End::implicit(false, at(903))));
    list.lines = vec![permit(30, "udp * > *:500"), permit(31, "tcp * > *:4500")];
    let list = edge.add(list);
    edge.early = vec![list];
    assert!(matches!(path(&edge).arrives(Service::NAT_T).fault(), Some(Fault::WrongProtocol { line, .. }) if line.span == at(31)));
    edge.chains[list.0 as usize].lines.clear();
    assert!(matches!(path(&edge).arrives(Service::NAT_T).fault(), Some(Fault::Dropped { .. })));
}

#[test]
fn a_permit_for_the_answers_of_resolvers_lets_no_client_in() {
    let edge = device(both(), vec![permit(20, "udp *:53 > *"), permit(21, "udp *:123 > *")]);
    assert!(matches!(path(&edge).arrives(Service::IKE).fault(), Some(Fault::Dropped { by: By::End(_), .. })));
    assert!(path(&edge).tolerating(0.0).arrives(Service::IKE).restriction().is_some());
    // Clients without NAT in front do use the service's own port, and some many others.
    for text in ["udp *:500 > *", "udp *:1024-65535 > *"] {
        let edge = device(both(), vec![permit(20, text)]);
        assert!(path(&edge).arrives(Service::IKE).restriction().is_some(), "{text}");
    }
}

#[test]
fn tcp_only_permit_behind_a_udp_forward_is_the_wrong_protocol() {
    let edge = device(both(), vec![permit(20, "udp * > *:500"), permit(21, "tcp * > *:4500")]);
    assert!(matches!(path(&edge).arrives(Service::NAT_T).fault(), Some(Fault::WrongProtocol { line, .. }) if line.span == at(21)));
    let edge = device(both(), vec![permit(21, "tcp * > 192.168.1.9:4500")]);
    assert!(matches!(path(&edge).arrives(Service::NAT_T).fault(), Some(Fault::Dropped { .. })));
}

#[test]
fn tcp_only_forward_of_the_second_device_is_the_wrong_protocol() {
    let outer = device(vec![line(10, to_host("10.0.0.2", None, true), "udp * > *:500,4500")], vec![]);
    let mut inner = device(vec![forward(11, "tcp * > *:500,4500")], open());
    inner.wan_ip = known(ip("10.0.0.2"));
    let path = Path::new(vec![&outer, &inner], vec![ip(MX)], None);
    assert!(matches!(path.arrives(Service::IKE).fault(), Some(Fault::WrongProtocol { device: 1, line }) if line.span == at(11)));
}

#[test]
fn allow_list_restricts_sources_and_is_the_line_to_change() {
    let edge = device(both(), vec![permit(20, "udp 198.51.100.0/24 > *:500")]);
    let answer = path(&edge).arrives(Service::IKE);
    let restriction = answer.restriction().unwrap();
    assert_eq!(restriction.line.map(|l| l.span), Some(at(20)));
    assert!(restriction.share > 0.99 && !restriction.by_port);
    assert!(!Addrs::parse("198.51.100.0/24").unwrap().contains(answer.witness().unwrap().packet.source));
}

#[test]
fn forward_with_a_source_is_a_restriction_not_a_missing_forward() {
    let edge = device(vec![forward(10, "udp 198.51.100.0/24 > *:500")], open());
    let answer = path(&edge).arrives(Service::IKE);
    assert_eq!(answer.restriction().unwrap().line.map(|l| l.span), Some(at(10)));
}

#[test]
fn blocks_of_private_and_single_addresses_are_normal() {
    let edge =
        device(both(), vec![deny(18, "* 10.0.0.0/8,192.168.0.0/16 > *"), deny(19, "* 198.51.100.7 > *"), permit(20, "udp * > *:500")]);
    assert!(path(&edge).arrives(Service::IKE).passes());
    let strict = path(&edge).tolerating(0.0);
    assert_eq!(strict.arrives(Service::IKE).witness().unwrap().packet.source, ip("198.51.100.7"));
}

#[test]
fn source_port_match_is_told_from_an_address_match() {
    let edge = device(both(), vec![permit(20, "udp *:500 > *:500")]);
    let answer = path(&edge).arrives(Service::IKE);
    let restriction = answer.restriction().unwrap();
    assert!(restriction.by_port && restriction.line.map(|l| l.span) == Some(at(20)));
    assert_eq!(answer.witness().unwrap().packet.source_port, Some(40112));
}

#[test]
fn open_input_without_forward_opens_the_device_itself() {
    let mut edge = device(vec![], vec![]);
    let mut input = Chain::new("input", at(903), Some(End::stated(false, at(903))));
    input.lines = vec![permit(30, "udp * > *:500,4500")];
    let input = edge.add(input);
    edge.input = known(vec![input]);
    let answer = path(&edge).arrives(Service::IKE);
    assert!(matches!(answer.fault(), Some(Fault::NoForward { opens: Some(line), .. }) if line.span == at(30)));
}

#[test]
fn opaque_line_that_could_change_the_verdict_leaves_it_undecided() {
    let edge = device(both(), vec![permit(20, "udp ? > *:500")]);
    let answer = path(&edge).arrives(Service::IKE);
    assert_eq!(answer.doubt().unwrap().reason, "the set is not in the file");
    assert_eq!(answer.doubt().unwrap().line, at(20));
}

#[test]
fn opaque_line_that_cannot_change_the_verdict_does_not_matter() {
    let edge = device(both(), vec![permit(19, "udp ? > *:500"), permit(20, "udp * > *:500")]);
    assert!(path(&edge).arrives(Service::IKE).passes());
    let edge = device(both(), vec![deny(19, "udp ? > *:500"), deny(20, "udp * > *:500")]);
    assert!(path(&edge).arrives(Service::IKE).fault().is_some());
}

#[test]
fn opaque_jump_that_always_returns_changes_nothing() {
    let mut edge = device(both(), vec![line(19, Action::Jump(ChainId(2)), "udp ? > *"), permit(20, "udp * > *:500")]);
    edge.add(Chain::new("empty", at(903), None));
    assert!(path(&edge).arrives(Service::IKE).passes());
}

#[test]
fn lists_that_call_each_other_are_undecided() {
    let mut edge = device(both(), vec![line(19, Action::Jump(ChainId(1)), "udp * > *"), permit(20, "udp * > *:500")]);
    assert!(path(&edge).arrives(Service::IKE).doubt().is_some());
    edge.chains[1].lines[0].action = Action::Jump(ChainId(77));
    assert!(path(&edge).arrives(Service::IKE).doubt().is_some());
}

#[test]
fn unstated_forwards_or_rules_are_undecided() {
    let mut edge = device(both(), open());
    edge.forward = Field::Absent;
    assert_eq!(path(&edge).arrives(Service::IKE).doubt().unwrap().line, at(900));
    edge.nat = Nat::Unknown;
    assert!(path(&edge).arrives(Service::IKE).doubt().is_some());
}

#[test]
fn public_mx_behind_a_filter_needs_no_forward() {
    let edge = device(vec![], vec![permit(20, "udp * > 203.0.113.20:500")]);
    let path = Path::new(vec![&edge], vec![ip("203.0.113.20")], Some(ip("203.0.113.20")));
    assert_eq!(path.is_translated(), Some(false));
    assert!(path.arrives(Service::IKE).passes());
    assert!(matches!(path.arrives(Service::ESP).fault(), Some(Fault::Dropped { .. })));
}

#[test]
fn unknown_wan_address_still_decides_forwards_without_a_destination() {
    let mut edge = device(both(), open());
    edge.wan_ip = Field::Absent;
    assert!(path(&edge).arrives(Service::IKE).passes());
    edge.chains[0].lines[0].matches.destination = known(Addrs::one(ip(WAN)));
    assert!(path(&edge).arrives(Service::IKE).doubt().is_some());
}

#[test]
fn way_in_is_the_interface_that_the_forwards_name() {
    let mut edge = device(both(), open());
    edge.chains[1].lines[0].matches.in_interface = known(Interfaces::one("eth0"));
    assert!(path(&edge).arrives(Service::IKE).doubt().is_some());
    edge.chains[0].lines[0].matches.in_interface = known(Interfaces::one("eth0"));
    assert!(path(&edge).arrives(Service::IKE).passes());
    edge.wan_interface = known("eth1".into());
    assert!(path(&edge).arrives(Service::IKE).fault().is_some());
}

#[test]
fn zones_hold_their_interfaces() {
    let mut edge = device(both(), open());
    edge.interfaces = vec![Interface { name: "eth0".into(), groups: vec!["wan".into()], net: known("203.0.113.10/24".parse().unwrap()) }];
    edge.chains[1].lines[0].matches.in_interface = known(Interfaces::one("wan"));
    assert!(path(&edge).arrives(Service::IKE).passes());
}

#[test]
fn second_device_is_walked_with_the_translated_address() {
    let outer = device(vec![line(10, to_host("10.0.0.2", None, true), "udp * > *:500,4500")], vec![]);
    let mut inner = device(vec![forward(11, "udp * > 10.0.0.2:500")], open());
    inner.wan_ip = known(ip("10.0.0.2"));
    let path = Path::new(vec![&outer, &inner], vec![ip(MX)], None);
    assert!(path.arrives(Service::IKE).passes());
    assert!(matches!(path.arrives(Service::NAT_T).fault(), Some(Fault::NoForward { device: 1, .. })));
    inner.wan_ip = known(ip("10.0.0.3"));
    let path = Path::new(vec![&outer, &inner], vec![ip(MX)], None);
    assert!(matches!(path.arrives(Service::IKE).fault(), Some(Fault::Elsewhere { device: 0, .. })));
}

#[test]
fn answers_pass_stateful_devices_and_not_silent_stateless_ones() {
    let mut edge = device(both(), open());
    assert!(path(&edge).answers(Service::IKE).passes());
    edge.replies = Replies::AsEstablished;
    edge.outbound = known(vec![ChainId(1)]);
    assert!(matches!(path(&edge).answers(Service::IKE).fault(), Some(Fault::Dropped { .. })));
    let mut established = line(30, Action::Permit, "* * > *");
    established.matches.state = known(States { established: true, related: true, ..States::default() });
    edge.chains[1].lines.push(established);
    assert!(path(&edge).answers(Service::IKE).passes());
    edge.replies = Replies::AsAnyPacket;
    assert!(path(&edge).answers(Service::IKE).fault().is_some());
    edge.chains[1].lines.push(permit(31, "udp 192.168.1.4:500 > *"));
    assert!(path(&edge).answers(Service::IKE).passes());
}

#[test]
fn outbound_is_undecided_without_rules() {
    let mut edge = device(both(), open());
    assert!(path(&edge).leaves(Service::HTTPS, &Addrs::public()).doubt().is_some());
    edge.outbound = known(vec![ChainId(1)]);
    assert!(path(&edge).leaves(Service::HTTPS, &Addrs::public()).fault().is_some());
}

#[test]
fn lists_for_what_leaves_are_asked_even_where_the_forward_permits() {
    let mut edge = device(vec![line(10, to_host(MX, None, true), "udp * > *:500")], vec![]);
    let mut exit = Chain::new("out", at(903), Some(End::implicit(true, at(903))));
    exit.lines = vec![deny(30, "udp * > 192.168.1.4:500")];
    let exit = edge.add(exit);
    assert!(path(&edge).arrives(Service::IKE).passes());
    edge.exits = vec![exit];
    assert_eq!(path(&edge).arrives(Service::IKE).fault().and_then(Fault::span), Some(at(30)));
}

#[test]
fn own_address_is_met_before_translation_and_not_behind_it() {
    let itself = |mut line: Line, wanted| {
        line.matches.itself = known(wanted);
        line
    };
    for (wan, wanted, arrives) in [(Some(WAN), true, true), (None, true, true), (Some(WAN), false, false), (None, false, false)] {
        let mut edge = device(vec![itself(forward(10, "udp * > *:500"), wanted)], open());
        edge.wan_ip = wan.map_or(Field::Absent, |wan| known(ip(wan)));
        assert_eq!(path(&edge).arrives(Service::IKE).passes(), arrives, "{wan:?} {wanted}");
    }
    for (wanted, arrives) in [(true, false), (false, true)] {
        let edge = device(both(), vec![itself(permit(20, "udp * > *"), wanted)]);
        assert_eq!(path(&edge).arrives(Service::IKE).passes(), arrives);
    }
    // Clients aim at another address of the device than its WAN's.
    let edge = device(vec![itself(forward(10, "udp * > *:500"), true)], open());
    let other = Path::new(vec![&edge], vec![ip(MX)], None).aiming_at(ip("203.0.113.11"));
    assert!(matches!(other.arrives(Service::IKE).fault(), Some(Fault::NoForward { .. })));
}

#[test]
fn last_match_lets_the_later_line_win() {
    let mut edge = device(both(), vec![permit(20, "udp * > *:500"), deny(21, "udp * > *")]);
    edge.chains[1].order = crate::model::upstream::Order::LastMatch;
    assert!(matches!(path(&edge).arrives(Service::IKE).fault(), Some(Fault::Dropped { by, .. }) if by.span() == at(21)));
}

#[test]
fn ten_thousand_lines_are_walked_quickly() {
    let mut rules: Vec<Line> = (0..5000u32).map(|i| deny(i, &format!("* {} > *", Ipv4Addr::from(0x0101_0101 + i * 7)))).collect();
    rules.extend((0..5000u32).map(|i| permit(i, &format!("udp {}:{} > *:500", Ipv4Addr::from(0x1101_0101 + i * 7), 1000 + i))));
    let edge = device(both(), rules);
    let start = std::time::Instant::now();
    let answer = path(&edge).arrives(Service::IKE);
    assert!(!answer.passes());
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}

const PEERS: [&str; 4] = ["198.51.100.4", "198.51.100.5", "198.51.100.6", "198.51.100.7"];
const PORTS: [u16; 5] = [7, 100, 500, 501, 40112];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End2 {
    Arrived,
    Dropped,
    Elsewhere,
    Port,
    NoForward,
}

/// The same semantics, one packet and one reading at a time.
struct Brute<'a> {
    device: &'a Device,
    source: Ipv4Addr,
    port: u16,
    reading: u32,
}

enum Fate<'a> {
    Permit,
    Deny,
    To(&'a Translation),
    Out,
}

impl<'a> Brute<'a> {
    fn matches(&self, line: &Line) -> bool {
        let m = &line.matches;
        let read = |opaque: bool| !opaque || self.reading >> line.span.start & 1 == 1;
        m.protocol.value().is_none_or(|p| p.contains(Protocol::Udp))
            && m.source.value().is_none_or(|s| s.contains(self.source))
            && m.source_ports.value().is_none_or(|s| s.contains(self.port))
            && m.destination_ports.value().is_none_or(|s| s.contains(500))
            && read(m.first_opaque().is_some())
    }

    fn chain(&self, chain: &'a Chain) -> Fate<'a> {
        let mut lines: Vec<&Line> = chain.lines.iter().collect();
        if chain.order == crate::model::upstream::Order::LastMatch {
            lines.reverse();
        }
        for line in lines {
            if !self.matches(line) {
                continue;
            }
            match &line.action {
                Action::Permit => return Fate::Permit,
                Action::Deny => return Fate::Deny,
                Action::Translate(to) => return Fate::To(to),
                Action::Return => return Fate::Out,
                Action::Goto(id) => return self.chain(self.device.chain(*id).unwrap()),
                Action::Jump(id) => match self.chain(self.device.chain(*id).unwrap()) {
                    Fate::Out => {}
                    fate => return fate,
                },
                Action::Continue | Action::Opaque(_) => {}
            }
        }
        Fate::Out
    }

    fn run(&self) -> End2 {
        match self.chain(&self.device.chains[0]) {
            Fate::To(to) => {
                if !matches!(to.to, Target::Host(host) if host.value == ip(MX)) {
                    return End2::Elsewhere;
                }
                if to.to_port != ToPort::Same {
                    return End2::Port;
                }
                if to.permits {
                    return End2::Arrived;
                }
            }
            _ => return End2::NoForward,
        }
        match self.chain(&self.device.chains[1]) {
            Fate::Permit => End2::Arrived,
            Fate::Deny => End2::Dropped,
            _ if self.device.chains[1].end.unwrap().permits => End2::Arrived,
            _ => End2::Dropped,
        }
    }
}

fn any_line(actions: Vec<Action>) -> impl Strategy<Value = Line> {
    let sources =
        prop::sample::select(vec!["*", "*", "198.51.100.4", "198.51.100.4-198.51.100.6", "198.51.100.6/31", "?", "0.0.0.0-198.51.100.5"]);
    let ports = prop::sample::select(vec!["*", "*", "*", "500", "0-500", "501-65535", "100,501"]);
    let to = prop::sample::select(vec!["*", "500", "500,4500", "400-600", "4500"]);
    let protocol = prop::sample::select(vec!["*", "udp", "udp", "tcp"]);
    (prop::sample::select(actions), sources, ports, to, protocol)
        .prop_map(|(action, source, from, to, protocol)| line(0, action, &format!("{protocol} {source}:{from} > *:{to}")))
}

fn any_device() -> impl Strategy<Value = Device> {
    let forwards = vec![
        to_host(MX, None, false),
        to_host(MX, None, true),
        to_host("192.168.1.9", None, false),
        to_host(MX, Some(501), false),
        Action::Permit,
    ];
    let flat = vec![Action::Permit, Action::Permit, Action::Deny, Action::Return];
    let call = vec![Action::Jump(ChainId(2)), Action::Goto(ChainId(2))];
    (
        prop::collection::vec(any_line(forwards), 0..4),
        prop::collection::vec(any_line(flat.clone()), 0..5),
        prop::option::of((any_line(call), 0usize..5)),
        prop::collection::vec(any_line(flat), 0..4),
        (any::<bool>(), any::<bool>(), any::<bool>()),
    )
        .prop_map(|(mut nat, mut rules, call, sub, (permits, last, catch_all))| {
            if let Some((line, place)) = call {
                rules.insert(place.min(rules.len()), line);
            }
            if catch_all {
                nat.push(forward(0, "udp * > *:500"));
            }
            let mut edge = device(nat, rules);
            edge.chains[1].end = Some(End::stated(permits, at(902)));
            edge.add(Chain::new("called", at(903), None));
            edge.chains[2].lines = sub;
            if last && !edge.chains[1].lines.iter().any(|l| matches!(l.action, Action::Jump(_) | Action::Goto(_))) {
                edge.chains[1].order = crate::model::upstream::Order::LastMatch;
            }
            // Each line in doubt has a bit of the reading of its own.
            let mut bit = 0;
            for line in edge.chains.iter_mut().flat_map(|c| &mut c.lines) {
                let bits = if line.matches.first_opaque().is_some() {
                    bit += 1;
                    bit - 1
                } else {
                    31
                };
                line.span = Span::new(bits, bits + 1);
            }
            edge
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]
    #[test]
    fn walk_agrees_with_brute_force_over_all_readings(edge in any_device()) {
        let doubts = edge.lines().filter(|(_, l)| l.matches.first_opaque().is_some()).count();
        prop_assume!(doubts <= 6);
        let mut ends: Vec<Vec<End2>> = Vec::new();
        for source in PEERS {
            for port in PORTS {
                let mut all: Vec<End2> = (0..1u32 << doubts).map(|reading| Brute { device: &edge, source: ip(source), port, reading }.run()).collect();
                all.sort_unstable();
                all.dedup();
                ends.push(all);
            }
        }
        let class = |bad: &dyn Fn(&Vec<End2>) -> bool| match ends.iter().filter(|e| bad(e)).count() {
            0 => 0,
            n if n == ends.len() => 2,
            _ => 1,
        };
        let least = class(&|e| !e.contains(&End2::Arrived));
        let most = class(&|e| *e != [End2::Arrived]);
        let peers = Addrs::range(ip(PEERS[0]), ip(PEERS[3]));
        let answer = path(&edge).tolerating(0.0).arrives_from(Service::IKE, &peers);
        let mixed = ends.iter().any(|e| e.len() > 1);
        match &answer.verdict {
            Verdict::Passes => prop_assert_eq!((least, most), (0, 0)),
            Verdict::Undecided(_) => prop_assert!(least != most || (least == 2 && mixed), "{:?} {:?}", answer, ends),
            Verdict::Restricted(restriction, witness) => {
                prop_assert_eq!((least, most), (1, 1), "{:?}", answer);
                let seen = Brute { device: &edge, source: witness.packet.source, port: witness.packet.source_port.unwrap(), reading: 0 }.run();
                prop_assert!(agrees(&restriction.fault, seen), "{:?} {:?}", answer, seen);
                for (i, source) in PEERS.iter().enumerate() {
                    let fails = ends[i * PORTS.len()..(i + 1) * PORTS.len()].iter().any(|e| !e.contains(&End2::Arrived));
                    prop_assert_eq!(restriction.denied.contains(ip(source)), fails);
                }
            }
            Verdict::Fails(fault, witness) => {
                prop_assert_eq!((least, most), (2, 2), "{:?}", answer);
                prop_assert!(!mixed, "{:?} {:?}", answer, ends);
                let seen = Brute { device: &edge, source: witness.packet.source, port: witness.packet.source_port.unwrap(), reading: 0 }.run();
                prop_assert!(agrees(fault, seen), "{:?} {:?}", answer, seen);
            }
        }
        for shadowed in &answer.shadowed {
            let place = edge.lines().position(|(_, line)| std::ptr::eq(line, shadowed.line)).unwrap();
            let mut without = edge.clone();
            without.chains.iter_mut().flat_map(|chain| &mut chain.lines).nth(place).unwrap().enabled = false;
            let again = path(&without).tolerating(0.0).arrives_from(Service::IKE, &peers);
            prop_assert_eq!(std::mem::discriminant(&again.verdict), std::mem::discriminant(&answer.verdict));
        }
    }
}

fn agrees(fault: &Fault<'_>, seen: End2) -> bool {
    match fault {
        Fault::Dropped { .. } => seen == End2::Dropped,
        Fault::Elsewhere { .. } => seen == End2::Elsewhere,
        Fault::PortTranslated { .. } => seen == End2::Port,
        Fault::NoForward { .. } => seen == End2::NoForward,
        Fault::WrongProtocol { .. } => matches!(seen, End2::NoForward | End2::Dropped),
    }
}

#[test]
fn filter_behind_the_clouds_own_translation_sees_the_inner_address() {
    let device = |sees_inner| {
        let mut device = Device { sees_inner, nat: Nat::Never, ..Device::default() };
        let mut chain = Chain::new("inbound", at(1), Some(End::implicit(false, at(1))));
        chain.lines.push(line(2, Action::Permit, "udp * > 192.168.1.4:500"));
        let id = device.add(chain);
        device.forward = known(vec![id]);
        device
    };
    let passes = |device: &Device| Path::new(vec![device], vec![ip(MX)], Some(ip(WAN))).arrives(Service::IKE).passes();
    assert!(passes(&device(true)));
    assert!(!passes(&device(false)));
}
