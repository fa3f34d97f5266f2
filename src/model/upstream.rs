//! A device between the internet and the MX: its destination NAT and its filters, whatever the vendor.
//!
//! A line's parts are [`Field`]s: absent matches everything, known is an exact set, opaque may or may not match.
//! Lists that are found in one export but mean the same are normalised by the importer: it resolves names, groups and
//! negation, sorts by priority, and says through the hooks which lists a packet passes and in which order.

use std::fmt;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::{Field, Opaque};
use crate::net::{Addrs, Ports, Protocols};
use crate::source::{Span, Spanned};

/// One upstream device.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Device {
    /// Its name in the site file; the place of a fault of the device as a whole.
    pub name: Spanned<Box<str>>,
    /// The MX's uplink that it serves; absent: the primary one.
    pub uplink: Field<Box<str>>,
    /// Its address towards the internet.
    pub wan_ip: Field<Ipv4Addr>,
    /// Its interface (or zone) towards the internet.
    pub wan_interface: Field<Box<str>>,
    /// The networks behind it.
    pub lan_subnets: Field<Vec<Spanned<Ipv4Net>>>,
    /// Interfaces that the export describes.
    pub interfaces: Vec<Interface>,
    /// All lists of the device; hooks and jumps name them by [`ChainId`].
    pub chains: Vec<Chain>,
    /// Lists that a packet from the internet meets before translation: they see the public address (raw and mangle tables, an IOS list on the outside interface).
    pub early: Vec<ChainId>,
    /// Destination NAT.
    pub nat: Nat,
    /// Lists for what goes through the device to the MX, after translation. Absent: nothing is known of them; an empty list: everything passes.
    pub forward: Field<Vec<ChainId>>,
    /// Lists for what leaves the device towards the MX, behind `forward`: they are asked even where a forward permits its packets by itself (pf's rules for what goes out).
    pub exits: Vec<ChainId>,
    /// Lists for what ends at the device itself.
    pub input: Field<Vec<ChainId>>,
    /// Lists for what the MX sends, with the MX's own address as source.
    pub outbound: Field<Vec<ChainId>>,
    /// Lists for what the MX sends that see the public source address.
    pub late: Vec<ChainId>,
    /// What lets the answers of a permitted flow pass.
    pub replies: Replies,
    /// Where the device itself ends IPsec: a crypto map, a VPN server. Absent: not known; empty: nowhere.
    pub terminates: Field<Vec<EndPoint>>,
    /// Whether its lists see the MX's own address although it translates nothing: the cloud has put that in place of the public one before.
    pub sees_inner: bool,
    /// Whether an export describes it, rather than the site file alone.
    pub exported: bool,
    /// Names that the export uses and does not define; what is wrong, at the place of use.
    pub dangling: Vec<Spanned<Box<str>>>,
    /// What the reader did not know; taken as opaque.
    pub unknown: Vec<Spanned<Box<str>>>,
}

/// Where a device itself ends IPsec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndPoint {
    /// The line that says so.
    pub span: Span,
    /// The address it listens at; absent: the device's WAN address.
    pub address: Field<Ipv4Addr>,
}

/// The place of a [`Chain`] in [`Device::chains`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChainId(pub u32);

/// An interface of the device.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Interface {
    /// Its name, as lines write it.
    pub name: Box<str>,
    /// Zones, interface lists and aliases that hold it.
    pub groups: Vec<Box<str>>,
    /// Its address and network.
    pub net: Field<Ipv4Net>,
}

/// What a device does with destination addresses.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Nat {
    /// Nothing is said of it.
    #[default]
    Unknown,
    /// By nature it translates nothing (a security group, a filtering bridge): no forward can be missing.
    Never,
    /// Lists of forwards, in the order in which they are asked; the first translation wins. An empty list: no forward.
    Chains(Vec<ChainId>),
}

/// What lets the answers of a permitted flow pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Replies {
    /// The device remembers flows by itself (pf, ASA, FortiGate, security groups, the hand-written form).
    #[default]
    PassWithFlow,
    /// Answers pass the outbound lists as established packets (iptables, nftables, RouterOS, VyOS).
    AsEstablished,
    /// Answers pass the outbound lists like any packet (router ACL, network ACL).
    AsAnyPacket,
}

/// One list of lines.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    /// Its name in the export.
    pub name: Box<str>,
    /// Its header line, where an implicit end is labelled.
    pub span: Span,
    /// How its lines are chosen.
    pub order: Order,
    /// Its lines in the order of evaluation.
    pub lines: Vec<Line>,
    /// What happens at its end; none: a called list, which returns.
    pub end: Option<End>,
    /// Whether the device uses the list anywhere. Lists that are bound to nothing stand in no hook.
    pub applied: bool,
}

/// What happens at the end of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Whether packets pass (in a NAT list: stay untranslated).
    pub permits: bool,
    /// The line that states it, else the list's header.
    pub span: Span,
    /// Whether the file states it.
    pub stated: bool,
}

/// How the lines of a list are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Order {
    /// The first line that matches decides.
    #[default]
    FirstMatch,
    /// The last line that matches decides (pf without `quick`). A list that mixes both is first match with the quick lines in front and the others behind in reverse.
    LastMatch,
    /// The lowest priority number decides; the importer has sorted the lines.
    Priority,
    /// Lines only permit, and their order does not matter (security groups).
    AllowUnion,
}

/// One line of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The line in the file.
    pub span: Span,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Which packets it is about.
    pub matches: Match,
    /// What it does to them.
    pub action: Action,
}

/// Which packets a line is about: those that match every part.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Match {
    /// The protocol.
    pub protocol: Field<Protocols>,
    /// The source address.
    pub source: Field<Addrs>,
    /// The source port.
    pub source_ports: Field<Ports>,
    /// The destination address, as the list sees it. A forward on "my WAN address" leaves it absent.
    pub destination: Field<Addrs>,
    /// The destination port, as the list sees it.
    pub destination_ports: Field<Ports>,
    /// The interface that the packet came in by.
    pub in_interface: Field<Interfaces>,
    /// The interface that it leaves by.
    pub out_interface: Field<Interfaces>,
    /// Connection tracking.
    pub state: Field<States>,
    /// Whether the flow's destination must have been translated (`ct status dnat`, `connection-nat-state=dstnat`); answers count as their flow.
    pub translated: Field<bool>,
    /// Whether the destination must be an address of the device itself (`-m addrtype --dst-type LOCAL`, `fib daddr type local`), or must not be.
    pub to_itself: Field<bool>,
    /// Whether the packet must have come out of an IPsec tunnel that ends at the device (`-m policy --pol ipsec`), or must not have.
    pub decrypted: Field<bool>,
    /// Whether the packet must be for the device's own WAN address, whatever that is (`wanip`, `(self)` where the address is not in the file), or must not be.
    pub itself: Field<bool>,
    /// Conditions that cannot be decided from the file.
    pub other: Vec<Opaque>,
}

/// A set of interface names.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Interfaces {
    /// Names; one that ends in `*` stands for all that begin so.
    pub names: Vec<Box<str>>,
    /// Whether the line means all others instead.
    pub negated: bool,
}

impl Interfaces {
    /// One interface.
    pub fn one(name: &str) -> Self {
        Self { names: vec![name.into()], negated: false }
    }

    /// Whether an interface with any of these names (its own, its zones) is meant.
    pub fn hold<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> bool {
        let fits = |name: &str| self.names.iter().any(|n| n.strip_suffix('*').map_or(&**n == name, |stem| name.starts_with(stem)));
        names.into_iter().any(fits) != self.negated
    }
}

/// A set of connection states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[expect(clippy::struct_excessive_bools, reason = "a set of four named states")]
pub struct States {
    /// The first packet of a flow.
    pub new: bool,
    /// A packet of a flow that has seen both directions.
    pub established: bool,
    /// A flow that belongs to another one.
    pub related: bool,
    /// What fits no flow, or is not tracked.
    pub invalid: bool,
}

impl States {
    /// The states in both sets.
    #[must_use]
    pub const fn both(&self, other: &Self) -> Self {
        Self {
            new: self.new && other.new,
            established: self.established && other.established,
            related: self.related && other.related,
            invalid: self.invalid && other.invalid,
        }
    }

    /// Whether all of `other` are in the set.
    pub const fn hold(self, other: Self) -> bool {
        (self.new || !other.new)
            && (self.established || !other.established)
            && (self.related || !other.related)
            && (self.invalid || !other.invalid)
    }
}

/// What a line does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Lets the packet pass this list; in a NAT list it stays untranslated.
    Permit,
    /// Drops or rejects it.
    Deny,
    /// Nothing that matters here (log, count, mark).
    Continue,
    /// Asks another list, and goes on behind this line when that returns.
    Jump(ChainId),
    /// Asks another list in place of the rest of this one.
    Goto(ChainId),
    /// Leaves this list.
    Return,
    /// Changes the destination.
    Translate(Translation),
    /// Something that may permit, drop, or do nothing.
    Opaque(Opaque),
}

/// A new destination.
#[derive(Clone, Debug, PartialEq)]
pub struct Translation {
    /// The new address.
    pub to: Target,
    /// The new port.
    pub to_port: ToPort,
    /// Whether the forward also permits its packets, so that no filter is asked.
    pub permits: bool,
}

/// A new destination address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// One host.
    Host(Spanned<Ipv4Addr>),
    /// One of several, as the device likes.
    OneOf(Spanned<(Ipv4Addr, Ipv4Addr)>),
    /// The device itself.
    Device(Span),
    /// The same host of another network.
    Net(Spanned<(Ipv4Net, Ipv4Net)>),
    /// Not to be known from the file.
    Opaque(Opaque),
}

/// A new destination port.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum ToPort {
    /// As it was.
    #[default]
    Same,
    /// Some port from the first to the last; one that lies between is kept.
    Range(Spanned<(u16, u16)>),
    /// Moved by as much as the first port is from the second.
    Shift(Spanned<(u16, u16)>),
    /// Not to be known from the file.
    Opaque(Opaque),
}

impl Device {
    /// The list with this id.
    pub fn chain(&self, id: ChainId) -> Option<&Chain> {
        self.chains.get(id.0 as usize)
    }

    /// Adds a list, and gives its id.
    pub fn add(&mut self, chain: Chain) -> ChainId {
        self.chains.push(chain);
        ChainId(self.chains.len() as u32 - 1)
    }

    /// Every line of every list, applied or not, with its list.
    pub fn lines(&self) -> impl Iterator<Item = (&Chain, &Line)> {
        self.chains.iter().flat_map(|chain| chain.lines.iter().map(move |line| (chain, line)))
    }

    /// Every forward, on or off.
    pub fn forwards(&self) -> impl Iterator<Item = (&Line, &Translation)> {
        self.lines().filter_map(|(_, line)| match &line.action {
            Action::Translate(to) => Some((line, to)),
            _ => None,
        })
    }
}

impl Chain {
    /// An applied first-match list without lines.
    pub fn new(name: &str, span: Span, end: Option<End>) -> Self {
        Self { name: name.into(), span, order: Order::FirstMatch, lines: Vec::new(), end, applied: true }
    }
}

impl End {
    /// A default that the line at `span` states.
    pub const fn stated(permits: bool, span: Span) -> Self {
        Self { permits, span, stated: true }
    }

    /// The silent end of the list whose header is at `span`.
    pub const fn implicit(permits: bool, span: Span) -> Self {
        Self { permits, span, stated: false }
    }
}

impl Line {
    /// A line that is switched on.
    pub const fn new(span: Span, matches: Match, action: Action) -> Self {
        Self { span, enabled: true, matches, action }
    }

    /// Whether `place` is in the line: in a part of it, where the line's own place is only a word of a longer rule.
    pub fn has(&self, place: Span) -> bool {
        let m = &self.matches;
        let to = match &self.action {
            Action::Translate(Translation { to: Target::Opaque(to), .. }) => Some(to.span),
            _ => None,
        };
        let port = match &self.action {
            Action::Translate(Translation { to_port: ToPort::Opaque(port), .. }) => Some(port.span),
            _ => None,
        };
        let ends = [m.source.span(), m.source_ports.span(), m.destination.span(), m.destination_ports.span(), m.in_interface.span()];
        let parts = ends.into_iter().chain([to, port, Some(self.span)]).flatten();
        let other = m.other.iter().map(|opaque| opaque.span);
        parts.chain(other).any(|span| span.holds(place))
    }

    /// Whether it names `port` as destination, alone, in a list or in a range, rather than leaving ports open.
    pub fn names_port(&self, port: u16) -> bool {
        self.matches.destination_ports.value().is_some_and(|ports| !ports.is_any() && ports.contains(port))
    }
}

impl Match {
    /// Whether every part can be decided.
    pub fn is_exact(&self) -> bool {
        self.first_opaque().is_none()
    }

    /// The first part that cannot be decided.
    pub fn first_opaque(&self) -> Option<&Opaque> {
        (self.protocol.opaque())
            .or_else(|| self.source.opaque())
            .or_else(|| self.source_ports.opaque())
            .or_else(|| self.destination.opaque())
            .or_else(|| self.destination_ports.opaque())
            .or_else(|| self.in_interface.opaque())
            .or_else(|| self.out_interface.opaque())
            .or_else(|| self.state.opaque())
            .or_else(|| self.translated.opaque())
            .or_else(|| self.to_itself.opaque())
            .or_else(|| self.decrypted.opaque())
            .or_else(|| self.itself.opaque())
            .or_else(|| self.other.first())
    }
}

/// `any` for an absent part, `?` for an opaque one.
struct Part<'a, T>(&'a Field<T>);

impl<T: fmt::Display> fmt::Display for Part<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Field::Absent => f.write_str("any"),
            Field::Known(v) => v.value.fmt(f),
            Field::Opaque(_) => f.write_str("?"),
        }
    }
}

/// The line in neutral words for a trace, such as `permit udp any -> 192.168.1.4:500`.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let m = &self.matches;
        write!(f, "{} {} {}", self.action.word(), Part(&m.protocol), Part(&m.source))?;
        if !m.source_ports.is_absent() {
            write!(f, ":{}", Part(&m.source_ports))?;
        }
        match (&m.destination, m.itself.value()) {
            (Field::Absent, Some(true)) => write!(f, " -> itself")?,
            (destination, _) => write!(f, " -> {}", Part(destination))?,
        }
        if !m.destination_ports.is_absent() {
            write!(f, ":{}", Part(&m.destination_ports))?;
        }
        match &self.action {
            Action::Translate(to) => write!(f, " to {to}"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Translation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.to {
            Target::Host(host) => host.value.fmt(f)?,
            Target::OneOf(range) => write!(f, "{}-{}", range.value.0, range.value.1)?,
            Target::Device(_) => f.write_str("itself")?,
            Target::Net(nets) => nets.value.1.fmt(f)?,
            Target::Opaque(_) => f.write_str("?")?,
        }
        match &self.to_port {
            ToPort::Same => Ok(()),
            ToPort::Range(ports) if ports.value.0 == ports.value.1 => {
                write!(f, ":{}", ports.value.0)
            }
            ToPort::Range(ports) => write!(f, ":{}-{}", ports.value.0, ports.value.1),
            ToPort::Shift(ports) => write!(f, ":{}-…", ports.value.1),
            ToPort::Opaque(_) => f.write_str(":?"),
        }
    }
}

impl Action {
    /// One word for it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Permit => "permit",
            Self::Deny => "deny",
            Self::Continue => "pass over",
            Self::Jump(_) | Self::Goto(_) => "ask",
            Self::Return => "return",
            Self::Translate(_) => "forward",
            Self::Opaque(_) => "may take",
        }
    }
}
