//! Sections that become lines: rules, forwardings, redirects.

use std::net::Ipv4Addr;

use super::uci::Section;
use super::{Own, Reader, RemarkKind, opaque};
use crate::model::upstream::{Action, Interfaces, Line, Match, Target, ToPort, Translation};
use crate::model::{Field, Opaque};
use crate::net::{Addrs, Ports, Protocol, Protocols};
use crate::source::{Span, Spanned};

/// Options of rules and redirects that may be shown.
pub(super) const SHOWN: &[&str] = &[
    "name",
    "src",
    "src_ip",
    "src_dip",
    "src_port",
    "src_dport",
    "dest",
    "dest_ip",
    "dest_port",
    "proto",
    "target",
    "family",
    "enabled",
    "reflection",
    "ipset",
    "limit",
    "icmp_type",
    "device",
    "direction",
    "start_time",
    "stop_time",
    "start_date",
    "stop_date",
    "weekdays",
    "mark",
    "snat_ip",
];

/// Options that choose no packets, or are read by name.
const PLAIN: &[&str] = &[
    "name",
    "_name",
    "src",
    "dest",
    "proto",
    "src_ip",
    "src_dip",
    "src_port",
    "src_dport",
    "dest_ip",
    "dest_port",
    "target",
    "family",
    "enabled",
    "reflection",
    "reflection_src",
    "reflection_zone",
    "counter",
    "log",
    "log_limit",
    "limit_burst",
    "icmp_type",
    "set_mark",
    "set_xmark",
    "set_dscp",
    "set_helper",
    "direction",
    "utc_time",
];

/// Options that no file can decide, and why.
const OPAQUE: &[(&str, &str)] = &[
    ("ipset", "the members of the set change while the router runs"),
    ("limit", "the rule depends on what came before"),
    ("start_time", "the rule depends on the time of day"),
    ("stop_time", "the rule depends on the time of day"),
    ("start_date", "the rule depends on the date"),
    ("stop_date", "the rule depends on the date"),
    ("weekdays", "the rule depends on the day"),
    ("monthdays", "the rule depends on the day"),
    ("mark", "the rule depends on a mark that another one sets"),
    ("dscp", "the rule looks at the packet's priority"),
    ("helper", "the rule depends on a helper"),
    ("src_mac", "the rule looks at the sender's hardware address"),
    ("device", "the rule names a device of its own"),
    ("extra", "the rule has conditions of an older firewall"),
];

/// A zone that a section names.
enum Place {
    /// The option is not there.
    None,
    Any,
    Zone(usize),
    /// The section is skipped for it.
    Unknown,
}

impl<'t> Reader<'t> {
    fn place(&mut self, section: &Section<'t>, option: &str) -> Place {
        let Some(name) = section.get(option) else { return Place::None };
        match (&*name.value, self.names.by_name(&name.value)) {
            ("*", _) => Place::Any,
            (_, Some(zone)) => Place::Zone(zone),
            _ => {
                if section.switch("enabled") != Some(false) {
                    self.remark(name.span, "the zone is not in the file", RemarkKind::Dangling);
                }
                Place::Unknown
            }
        }
    }

    /// `config rule`. Without `dest` it is about what ends at the router; without `src`, about what the router sends.
    pub(super) fn rule(&mut self, s: &Section<'t>, own: &mut [Own], forward: &mut Vec<Line>, input: &mut Vec<Line>, raw: &mut Vec<Line>) {
        if is_six(s) {
            return;
        }
        let (from, to) = (self.place(s, "src"), self.place(s, "dest"));
        let skipped = matches!(from, Place::Unknown) || matches!(to, Place::Unknown);
        let target = s.get("target").map(|target| target.value.to_ascii_lowercase());
        let action = match target.as_deref() {
            Some("accept") => Action::Permit,
            Some("reject" | "drop") => Action::Deny,
            Some("notrack") => Action::Opaque(opaque(s.head, "the rule takes packets out of connection tracking")),
            // Marks and helpers decide nothing, and neither does a rule without a target.
            Some("mark" | "dscp" | "helper") | None => return,
            Some(_) => {
                self.remark(s.head, "what this target does is not followed", RemarkKind::Unknown);
                Action::Opaque(opaque(s.head, "what this target does is not followed"))
            }
        };
        let mut lines = self.lines(s, ("src_ip", "src_port"), ("dest_ip", "dest_port"), &action);
        for line in &mut lines {
            line.enabled &= !skipped;
            if let Place::Zone(zone) = to {
                let at = s.get("dest").map_or(s.head, |dest| dest.span);
                line.matches.out_interface = Field::known_at(Interfaces::one(&self.names.zones[zone].name), at);
            }
        }
        let list = match (from, to, target.as_deref()) {
            (Place::Zone(zone), _, Some("notrack")) => {
                for line in &mut lines {
                    line.matches.in_interface = Field::known_at(Interfaces::one(&self.names.zones[zone].name), s.head);
                    line.matches.out_interface = Field::Absent;
                }
                raw
            }
            (_, _, Some("notrack")) | (Place::None, ..) => return,
            (Place::Zone(zone), Place::None, _) => &mut own[zone].input,
            (Place::Zone(zone), ..) => &mut own[zone].forward,
            (_, Place::None, _) => input,
            _ => forward,
        };
        list.extend(lines);
    }

    /// `config forwarding`: everything from one zone to another.
    pub(super) fn forwarding(&mut self, s: &Section<'t>, own: &mut [Own], forward: &mut Vec<Line>) {
        if is_six(s) {
            return;
        }
        let (from, to) = (self.place(s, "src"), self.place(s, "dest"));
        let matches = match to {
            Place::Zone(zone) => self.names.zones[zone].leaves(s.get("dest").map_or(s.head, |dest| dest.span)),
            Place::Any => Match::default(),
            _ => return,
        };
        let line = Line { enabled: s.switch("enabled") != Some(false), ..Line::new(s.span(), matches, Action::Permit) };
        match from {
            Place::Zone(zone) => own[zone].forward.push(line),
            Place::Any => forward.push(line),
            _ => {}
        }
    }

    /// `config redirect`: a forward, unless it translates the source.
    pub(super) fn redirect(&mut self, s: &Section<'t>, own: &mut [Own]) {
        let target = s.get("target").map(|target| target.value.to_ascii_lowercase());
        if is_six(s) || target.as_deref() == Some("snat") {
            return;
        }
        self.place(s, "dest");
        let Place::Zone(zone) = self.place(s, "src") else {
            if s.get("src").is_none_or(|src| src.value == "*") {
                self.remark(s.head, "a redirect that names no zone to come from is skipped", RemarkKind::Unknown);
            }
            return;
        };
        let to = new_host(s);
        let action = Action::Translate(Translation { to, to_port: ToPort::Same, permits: false });
        let mut lines = self.lines(s, ("src_ip", "src_port"), ("src_dip", "src_dport"), &action);
        let to_port = s.get("dest_port").or_else(|| s.get("src_dport")).map(|port| match range(&port.value) {
            Some(ports) => ToPort::Range(Spanned::new(ports, port.span)),
            None => ToPort::Opaque(opaque(port.span, "the port is not one port or range")),
        });
        // A redirect takes one port or range; fw4 leaves out a section with more.
        let several = ["src_dport", "dest_port", "src_port"].into_iter().filter_map(|option| s.get(option));
        let several = several.into_iter().find(|port| range(port.value.trim_start_matches('!')).is_none()).map(|port| port.span);
        if let Some(span) = several {
            self.remark(span, "the redirect is skipped, for it names more than one port or range", RemarkKind::Unknown);
        }
        for line in &mut lines {
            line.enabled &= several.is_none();
            line.matches.in_interface =
                Field::known_at(Interfaces::one(&self.names.zones[zone].name), s.get("src").map_or(s.head, |src| src.span));
            line.matches.other.extend(self.names.zones[zone].enters(s.head).other);
            if let (Action::Translate(to), Some(port), true) = (&mut line.action, &to_port, has_ports(&line.matches)) {
                to.to_port = port.clone();
            }
        }
        own[zone].nat.extend(lines);
    }

    /// The lines of a section: one for protocols with ports, one for those without, on which ports do not count.
    fn lines(&mut self, s: &Section<'t>, source: (&str, &str), destination: (&str, &str), action: &Action) -> Vec<Line> {
        let mut base = Match { source: self.addrs(s, source.0), destination: self.addrs(s, destination.0), ..Match::default() };
        if only_six(s, source.0) || only_six(s, destination.0) {
            return Vec::new();
        }
        self.conditions(s, &mut base);
        let enabled = s.switch("enabled") != Some(false);
        let line = |m: Match| Line { enabled, ..Line::new(s.span(), m, action.clone()) };
        let (protocols, place) = self.protocols(s);
        let (source_ports, destination_ports) = (self.ports(s, source.1), self.ports(s, destination.1));
        let with_ports =
            |m: &Match| Match { source_ports: source_ports.clone(), destination_ports: destination_ports.clone(), ..m.clone() };
        let Some(set) = protocols else {
            return vec![line(Match { protocol: Field::opaque_at(place, "the protocol's name is not known"), ..with_ports(&base) })];
        };
        let tcp_udp = Protocols::of(&[Protocol::Tcp, Protocol::Udp]);
        if set.is_any() {
            if source_ports.is_absent() && destination_ports.is_absent() {
                return vec![line(base)];
            }
            // With `all`, fw4 leaves the ports out.
            base.protocol = Field::Absent;
            return vec![line(base)];
        }
        let part = |set: Protocols| Field::known_at(set, place);
        let (ported, others): (Vec<Protocol>, Vec<Protocol>) =
            (0..=255).map(Protocol::from_number).filter(|p| set.contains(*p)).partition(|p| tcp_udp.contains(*p));
        let mut lines = Vec::new();
        if !ported.is_empty() {
            lines.push(line(Match { protocol: part(Protocols::of(&ported)), ..with_ports(&base) }));
        }
        if !others.is_empty() {
            lines.push(line(Match { protocol: part(Protocols::of(&others)), ..base }));
        }
        lines
    }

    /// The protocols of a section: TCP and UDP unless it says otherwise. None: one is not known.
    fn protocols(&mut self, s: &Section<'t>) -> (Option<Protocols>, Span) {
        let words = s.words("proto");
        let place = words.first().map_or(s.head, |word| word.span);
        if words.is_empty() {
            return (Some(Protocols::of(&[Protocol::Tcp, Protocol::Udp])), place);
        }
        let mut all = Vec::new();
        for word in words {
            match &*word.value.to_ascii_lowercase() {
                "all" | "any" | "*" => return (Some(Protocols::any()), place),
                "tcpudp" => all.extend([Protocol::Tcp, Protocol::Udp]),
                name => match Protocol::parse(name) {
                    Some(protocol) => all.push(protocol),
                    None => {
                        self.remark(word.span, "the protocol's name is not known", RemarkKind::Unknown);
                        return (None, place);
                    }
                },
            }
        }
        (Some(Protocols::of(&all)), place)
    }

    /// Addresses: what is listed, without what is listed with `!`. Names stand for networks.
    fn addrs(&mut self, s: &Section<'t>, option: &str) -> Field<Addrs> {
        let words = s.words(option);
        let Some(first) = words.first() else { return Field::Absent };
        let (mut with, mut without, mut any) = (Vec::new(), Vec::new(), true);
        for word in &words {
            let (not, text) = word.value.strip_prefix('!').map_or((false, word.value), |rest| (true, rest.trim_start()));
            if text.contains(':') || text.is_empty() {
                continue;
            }
            let Some(set) = Addrs::parse(text).or_else(|| self.names.addresses(text)) else {
                return Field::opaque_at(word.span, "the address is a name that the file does not define");
            };
            if not {
                without.extend_from_slice(set.ranges());
            } else {
                any = false;
                with.extend_from_slice(set.ranges());
            }
        }
        let with = if any { Addrs::any() } else { Addrs::from_ranges(with) };
        Field::known_at(with.minus(&Addrs::from_ranges(without)), first.span)
    }

    fn ports(&mut self, s: &Section<'t>, option: &str) -> Field<Ports> {
        let words = s.words(option);
        let Some(first) = words.first() else { return Field::Absent };
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for word in &words {
            let (not, text) = word.value.strip_prefix('!').map_or((false, word.value), |rest| (true, rest));
            if range(text).is_none() {
                self.remark(word.span, "the port is not a port", RemarkKind::Unknown);
                return Field::opaque_at(word.span, "the port is not a port");
            }
            if not {
                without.push(text);
            } else {
                with.push(text);
            }
        }
        let set = |words: &[&str]| Ports::parse(&words.join(",")).unwrap_or_else(Ports::none);
        let with = if with.is_empty() { Ports::any() } else { set(&with) };
        Field::known_at(if without.is_empty() { with } else { with.minus(&set(&without)) }, first.span)
    }

    fn conditions(&mut self, s: &Section<'t>, m: &mut Match) {
        for (name, value, line) in &s.options {
            let known = OPAQUE.iter().find(|(option, _)| option == name);
            if *name == "ipset" {
                let set = value.value.trim_start_matches('!').split([' ', '\t']).find(|word| !word.is_empty()).unwrap_or_default();
                if !self.names.sets.contains(set) && s.switch("enabled") != Some(false) {
                    self.remark(value.span, "the set is not in the file", RemarkKind::Dangling);
                }
            }
            let other: Option<Opaque> = match known {
                _ if PLAIN.contains(name) => None,
                Some((_, why)) => Some(opaque(value.span, why)),
                None => {
                    self.remark(*line, "a part of a rule that is not known", RemarkKind::Unknown);
                    Some(opaque(*line, "the rule has a part that is not followed"))
                }
            };
            m.other.extend(other);
        }
    }
}

/// Whether a section is about IPv6 only.
fn is_six(s: &Section<'_>) -> bool {
    s.get("family").is_some_and(|family| family.value.contains('6') && !family.value.contains('4'))
}

/// Whether all addresses of an option are of IPv6.
fn only_six(s: &Section<'_>, option: &str) -> bool {
    let words = s.words(option);
    !words.is_empty() && words.iter().all(|word| word.value.contains(':'))
}

fn has_ports(m: &Match) -> bool {
    m.protocol.value().is_some_and(|set| set.contains(Protocol::Udp) || set.contains(Protocol::Tcp))
}

/// `500`, `500-4500` or `500:4500`.
fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once(['-', ':']).unwrap_or((text, text));
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u16>().ok()).flatten();
    let (first, last) = (number(first)?, number(last)?);
    (first <= last).then_some((first, last))
}

/// Where a redirect sends packets.
fn new_host(s: &Section<'_>) -> Target {
    let Some(to) = s.get("dest_ip") else {
        if s.closed {
            return Target::Device(s.head);
        }
        // The section may have broken off here.
        return Target::Opaque(opaque(s.head, "the redirect names no address, and no blank line ends it"));
    };
    let text = to.value.strip_suffix("/32").unwrap_or(&to.value);
    match (text.parse::<Ipv4Addr>(), Addrs::parse(text)) {
        (Ok(host), _) => Target::Host(Spanned::new(host, to.span)),
        (_, Some(set)) if text.contains('-') && set.ranges().len() == 1 => {
            let (first, last) = set.ranges()[0];
            Target::OneOf(Spanned::new((first.into(), last.into()), to.span))
        }
        _ => Target::Opaque(opaque(to.span, "the forward's address is not an address")),
    }
}
