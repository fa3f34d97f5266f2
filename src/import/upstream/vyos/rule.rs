//! What a rule of a filter or of NAT is about.

use super::groups::Why;
use super::{Reader, RemarkKind};
use crate::import::upstream::config_tree::At;
use crate::model::upstream::{Interfaces, Match, States};
use crate::model::{Field, Opaque};
use crate::net::{Addrs, Ports, Protocol, Protocols};
use crate::source::{Span, Spanned};

/// A set as it is put together from several words, all of which must hold.
struct Joined<T> {
    known: Option<Spanned<T>>,
    doubts: Vec<Opaque>,
}

impl<T> Joined<T> {
    const fn new() -> Self {
        Self { known: None, doubts: Vec::new() }
    }

    fn doubt(&mut self, span: Span, reason: &str) {
        self.doubts.push(Opaque { span, reason: reason.into() });
    }

    fn join(&mut self, span: Span, set: T, both: impl Fn(&T, &T) -> T) {
        let set = match &self.known {
            Some(old) => both(&old.value, &set),
            None => set,
        };
        self.known = Some(Spanned::new(set, span));
    }

    /// The set; what is in doubt beside it is a further condition.
    fn field(self, other: &mut Vec<Opaque>) -> Field<T> {
        let mut doubts = self.doubts;
        match self.known {
            Some(set) => {
                other.append(&mut doubts);
                Field::Known(set)
            }
            None if doubts.is_empty() => Field::Absent,
            None => {
                let first = doubts.remove(0);
                other.append(&mut doubts);
                Field::Opaque(first)
            }
        }
    }
}

impl<'t> Reader<'_, 't> {
    /// The match of a rule.
    pub(super) fn matches(&mut self, rule: At<'_, 't>) -> Match {
        let mut m = Match::default();
        for part in rule.children() {
            let word = part.word();
            let value = part.value();
            let why = match word.value {
                "action"
                | "description"
                | "disable"
                | "log"
                | "log-options"
                | "jump-target"
                | "queue"
                | "queue-options"
                | "offload-target"
                | "add-address-to-group"
                | "set"
                | "modify"
                | "type"
                | "translation"
                | "inside-address"
                | "outside-address"
                | "exclude"
                | "load-balance"
                | "enable-default-log" => continue,
                "protocol" => {
                    m.protocol = self.protocol(value);
                    continue;
                }
                "source" => {
                    let (addrs, ports, itself) = self.side(part, &mut m.other);
                    (m.source, m.source_ports) = (addrs, ports);
                    if let Some(span) = itself.span() {
                        m.source = Field::opaque_at(span, "the address of the interface is not in the file");
                    }
                    continue;
                }
                "destination" => {
                    (m.destination, m.destination_ports, m.itself) = self.side(part, &mut m.other);
                    continue;
                }
                "state" => {
                    m.state = states(part);
                    continue;
                }
                "inbound-interface" => {
                    m.in_interface = self.interfaces(part);
                    continue;
                }
                "outbound-interface" => {
                    m.out_interface = self.interfaces(part);
                    continue;
                }
                "connection-status" => match part.value_of("nat") {
                    Some(nat) if nat.value == "destination" => {
                        m.translated = Field::known_at(true, nat.span);
                        continue;
                    }
                    _ => "whether the source of the flow was translated is not followed",
                },
                "ipsec" => match value.map(|v| v.value) {
                    Some("match-ipsec" | "match-ipsec-in") => {
                        m.decrypted = Field::known_at(true, word.span);
                        continue;
                    }
                    Some("match-none" | "match-non-ipsec" | "match-none-in") => {
                        m.decrypted = Field::known_at(false, word.span);
                        continue;
                    }
                    _ => "whether the packet goes into a tunnel is not followed",
                },
                "fragment" if value.is_some_and(|v| v.value == "match-non-frag") => continue,
                "packet-type" if value.is_some_and(|v| matches!(v.value, "host" | "unicast")) => continue,
                "fragment" => "the rule is about fragments",
                "packet-type" => "the rule looks at the kind of frame",
                "tcp" => "the rule looks at flags of TCP",
                "icmp" | "icmpv6" => "the rule looks at the type of ICMP",
                "time" => "the rule depends on the time of day",
                "recent" | "limit" | "statistic" => "the rule depends on how many packets there are",
                "mark" | "connection-mark" | "vrf" => "the rule looks at a mark that others set",
                "dscp" | "dscp-exclude" | "ttl" | "packet-length" | "packet-length-exclude" | "gre" => {
                    "the rule looks at other parts of the packet"
                }
                "p2p" | "application" | "conntrack-helper" | "synproxy" => "the rule looks at what is inside the packet",
                _ => {
                    self.remark(word.span, "a part of a rule that is not known", RemarkKind::Unknown);
                    "the rule has a part that is not followed"
                }
            };
            m.other.push(Opaque { span: word.span, reason: why.into() });
        }
        m
    }

    /// `udp`, `tcp_udp`, `all`, a number, and `!` in front.
    pub(super) fn protocol(&mut self, value: Option<Spanned<&'t str>>) -> Field<Protocols> {
        let Some(word) = value else { return Field::Absent };
        let (not, name) = negated(word.value);
        let set = match name {
            "all" | "any" | "ip" => return Field::Absent,
            "tcp_udp" | "tcp-udp" => Some(Protocols::of(&[Protocol::Tcp, Protocol::Udp])),
            name => Protocol::parse(name).or_else(|| other_protocol(name)).map(|p| Protocols::of(&[p])),
        };
        match set {
            Some(set) => Field::known_at(if not { set.complement() } else { set }, word.span),
            None => {
                self.remark(word.span, "the protocol's name is not known", RemarkKind::Unknown);
                Field::opaque_at(word.span, "the protocol's name is not known")
            }
        }
    }

    /// Addresses, ports, and whether the device's own address is meant that is not in the file.
    fn side(&mut self, side: At<'_, 't>, other: &mut Vec<Opaque>) -> (Field<Addrs>, Field<Ports>, Field<bool>) {
        let (mut addrs, mut ports, mut itself) = (Joined::new(), Joined::new(), Field::Absent);
        for part in side.children() {
            let (word, value) = (part.word(), part.value());
            match (word.value, value) {
                ("address", Some(value)) => {
                    let (not, text) = negated(value.value);
                    match Addrs::parse(text) {
                        Some(set) if set.is_any() && !not => {}
                        Some(set) => addrs.join(value.span, turned(not, set, Addrs::complement), Addrs::intersection),
                        None => addrs.doubt(value.span, "the address is not understood"),
                    }
                }
                ("port", Some(_)) => {
                    for value in part.children().map(At::word) {
                        self.port(value, &mut ports);
                    }
                }
                ("group", Some(_)) => {
                    for kind in part.children() {
                        self.group(kind, &mut addrs, &mut ports, &mut itself);
                    }
                }
                ("fqdn", _) => addrs.doubt(word.span, "what a name stands for is not in the file"),
                ("geoip", _) => addrs.doubt(word.span, "which addresses belong to a country is not in the file"),
                ("mac-address", _) => addrs.doubt(word.span, "the rule looks at the hardware address"),
                ("address-mask", _) => addrs.doubt(word.span, "masks of addresses are not followed"),
                ("address" | "port" | "group", None) => addrs.doubt(word.span, "the value is missing"),
                _ => {
                    self.remark(word.span, "a part of a rule that is not known", RemarkKind::Unknown);
                    addrs.doubt(word.span, "the rule has a part that is not followed");
                }
            }
        }
        // A mask changes what the address beside it means.
        if side.has("address-mask") {
            addrs.known = None;
        }
        (addrs.field(other), ports.field(other), itself)
    }

    /// `500`, `500-510`, `500,4500`, names, and `!` in front.
    fn port(&mut self, value: Spanned<&'t str>, ports: &mut Joined<Ports>) {
        let (not, text) = negated(value.value);
        match Ports::parse(text) {
            Some(set) => ports.join(value.span, turned(not, set, Ports::complement), Ports::intersection),
            None => {
                self.remark(value.span, "the port is not understood", RemarkKind::Unknown);
                ports.doubt(value.span, "the port is not understood");
            }
        }
    }

    fn group(&mut self, kind: At<'_, 't>, addrs: &mut Joined<Addrs>, ports: &mut Joined<Ports>, itself: &mut Field<bool>) {
        let Some(name) = kind.value() else { return };
        let (not, text) = negated(name.value);
        let span = name.span;
        let held = match kind.word().value {
            "address-group" if text.starts_with("ADDRv4_") => {
                match self.own_address(&text[7..]) {
                    Some(set) => addrs.join(span, turned(not, set, Addrs::complement), Addrs::intersection),
                    None => *itself = Field::known_at(!not, span),
                }
                return;
            }
            "address-group" | "network-group" if text.starts_with("NETv4_") => {
                match self.own_network(&text[6..]) {
                    Some(set) => addrs.join(span, turned(not, set, Addrs::complement), Addrs::intersection),
                    None => addrs.doubt(span, "the network of the interface is not in the file"),
                }
                return;
            }
            "address-group" => self.groups.addrs("address-group", text),
            "network-group" => self.groups.addrs("network-group", text),
            "port-group" => {
                match self.groups.ports("port-group", text) {
                    Ok(set) => ports.join(span, turned(not, set, Ports::complement), Ports::intersection),
                    Err(why) => {
                        let why = self.why(span, why);
                        ports.doubt(span, why);
                    }
                }
                return;
            }
            "domain-group" | "remote-group" | "dynamic-address-group" => {
                addrs.doubt(span, "the members of the group are not in the file");
                return;
            }
            "mac-group" => {
                addrs.doubt(span, "the rule looks at the hardware address");
                return;
            }
            _ => Err(Why::Opaque("the kind of group is not known")),
        };
        match held {
            Ok(set) => addrs.join(span, turned(not, set, Addrs::complement), Addrs::intersection),
            Err(why) => {
                let why = self.why(span, why);
                addrs.doubt(span, why);
            }
        }
    }

    /// Remarks a group that is not there.
    fn why(&mut self, span: Span, why: Why) -> &'static str {
        match why {
            Why::Missing => {
                self.remark(span, "the group is not in the file", RemarkKind::Dangling);
                "the group is not in the file"
            }
            Why::Opaque(reason) => reason,
        }
    }

    /// `name eth0`, `group WAN`, the older `interface-name` and `interface-group`, or the name itself (VyOS 1.3, EdgeOS).
    pub(super) fn interfaces(&mut self, part: At<'_, 't>) -> Field<Interfaces> {
        for (kind, is_group) in [("name", false), ("group", true), ("interface-name", false), ("interface-group", true)] {
            // An interface may be called so too, but then nothing stands behind it.
            if let Some(name) = part.value_of(kind) {
                return if is_group { self.interface_group(name) } else { interface(name) };
            }
        }
        part.value().map_or(Field::Absent, interface)
    }

    fn interface_group(&mut self, name: Spanned<&'t str>) -> Field<Interfaces> {
        let (not, text) = negated(name.value);
        match self.groups.interfaces("interface-group", text) {
            Ok(names) => Field::known_at(Interfaces { names: names.iter().map(|n| pattern(n)).collect(), negated: not }, name.span),
            Err(why) => {
                let why = self.why(name.span, why);
                Field::opaque_at(name.span, why)
            }
        }
    }
}

/// `!` in front of a value.
pub(super) fn negated(text: &str) -> (bool, &str) {
    text.strip_prefix('!').map_or((false, text), |rest| (true, rest.trim_start()))
}

fn turned<T>(not: bool, set: T, complement: impl Fn(&T) -> T) -> T {
    if not { complement(&set) } else { set }
}

fn interface(name: Spanned<&str>) -> Field<Interfaces> {
    let (not, text) = negated(name.value);
    if text == "any" || text == "*" {
        return Field::Absent;
    }
    let names = text.split(',').map(pattern).collect();
    Field::known_at(Interfaces { names, negated: not }, name.span)
}

/// iptables writes `+` for what nftables writes `*` for.
fn pattern(name: &str) -> Box<str> {
    name.strip_suffix('+').map_or_else(|| name.into(), |stem| format!("{stem}*").into())
}

/// Connection states: `state established enable` (EdgeOS, VyOS up to 1.3) or `state established` (VyOS since 1.4).
fn states(part: At<'_, '_>) -> Field<States> {
    let mut set = States::default();
    for state in part.children() {
        if state.value().is_some_and(|value| value.value == "disable") {
            continue;
        }
        match state.word().value {
            "new" => set.new = true,
            "established" => set.established = true,
            "related" => set.related = true,
            "invalid" | "untracked" => set.invalid = true,
            _ => return Field::opaque_at(state.word().span, "the state is not known"),
        }
    }
    if set == States::default() { Field::Absent } else { Field::known_at(set, part.word().span) }
}

/// Names of `/etc/protocols` that are of no concern here.
fn other_protocol(name: &str) -> Option<Protocol> {
    Some(Protocol::from_number(match name {
        "hopopt" | "ip" => 0,
        "ggp" => 3,
        "st" => 5,
        "igp" => 9,
        "pup" => 12,
        "hmp" => 20,
        "xns-idp" => 22,
        "rdp" => 27,
        "iso-tp4" => 29,
        "dccp" => 33,
        "xtp" => 36,
        "ddp" => 37,
        "idpr-cmtp" => 38,
        "ipv6-route" => 43,
        "ipv6-frag" => 44,
        "idrp" => 45,
        "rsvp" => 46,
        "skip" => 57,
        "ipv6-nonxt" => 59,
        "ipv6-opts" => 60,
        "rspf" => 73,
        "vmtp" => 81,
        "ospfigp" => 89,
        "ax.25" => 93,
        "etherip" => 97,
        "encap" => 98,
        "ipcomp" => 108,
        "l2tpv3" => 115,
        "isis" => 124,
        "fc" => 133,
        "mobility-header" => 135,
        "mpls-in-ip" => 137,
        "manet" => 138,
        "hip" => 139,
        "shim6" => 140,
        "wesp" => 141,
        "rohc" => 142,
        _ => return None,
    }))
}
