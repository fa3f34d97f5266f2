//! One rule: its matches and its target.

use std::net::Ipv4Addr;

use super::{Reader, Remark, RemarkKind, Word};
use ipnet::Ipv4Net;

use crate::model::upstream::{Action, Interfaces, Line, Match, States, Target, ToPort, Translation};
use crate::model::{Field, Opaque};
use crate::net::{Addrs, Ports, Protocol, Protocols};
use crate::source::{Span, Spanned};

/// Modules whose options are all read, or that only say something about packets without choosing among them.
const KNOWN_MODULES: &[&str] = &[
    "tcp",
    "udp",
    "udplite",
    "multiport",
    "iprange",
    "conntrack",
    "state",
    "comment",
    "dccp",
    "sctp",
    "esp",
    "icmp",
    "addrtype",
    "pkttype",
];

/// The words of one rule, read from front to back.
struct Words<'w> {
    words: &'w [Spanned<Word>],
    next: usize,
}

impl<'w> Words<'w> {
    fn take(&mut self) -> Option<&'w Spanned<Word>> {
        let word = self.words.get(self.next)?;
        self.next += 1;
        Some(word)
    }

    /// The values up to the next option or `!`.
    fn values(&mut self) -> &'w [Spanned<Word>] {
        let start = self.next;
        while self.words.get(self.next).is_some_and(|w| w.value.quoted || !is_option(&w.value.text)) {
            self.next += 1;
        }
        &self.words[start..self.next]
    }
}

fn is_option(text: &str) -> bool {
    text == "!" || (text.len() > 1 && text.starts_with('-') && !text.as_bytes()[1].is_ascii_digit())
}

/// What a rule says besides its matches.
#[derive(Default)]
struct Said<'w> {
    target: Option<(&'w Spanned<Word>, bool)>,
    to: Option<&'w Spanned<Word>>,
    to_ports: Option<&'w Spanned<Word>>,
    policy: Option<Policy>,
    untracked: bool,
    /// Either of the two ports.
    either_port: Option<Field<Ports>>,
    /// Any of these states.
    any_state: Vec<State>,
}

/// One of several states that a rule asks for.
#[derive(Clone, Default)]
struct State {
    states: Field<States>,
    translated: Field<bool>,
    other: Option<Opaque>,
}

/// What `-m policy` asks for.
struct Policy {
    span: Span,
    inbound: Option<bool>,
    ipsec: Option<bool>,
}

impl Policy {
    /// Whether the packet must have been decrypted here. What will be encrypted on its way out cannot be told from the file.
    fn decrypted(&self) -> Field<bool> {
        match (self.inbound, self.ipsec) {
            (Some(true), Some(ipsec)) => Field::known_at(ipsec, self.span),
            _ => Field::opaque_at(self.span, "the line depends on an IPsec policy"),
        }
    }
}

impl Reader {
    /// The rule behind `-A CHAIN`; several lines where it asks for one thing or another.
    pub(super) fn lines(&mut self, words: &[Spanned<Word>], span: Span) -> Vec<Line> {
        let mut words = Words { words, next: 0 };
        let mut matches = Match::default();
        let mut said = Said::default();
        let mut negated = false;
        while let Some(option) = words.take() {
            if &*option.value.text == "!" {
                negated = true;
                continue;
            }
            // The older spelling puts the mark behind the option.
            let late = words.words.get(words.next).is_some_and(|w| &*w.value.text == "!" && !w.value.quoted);
            if late {
                words.next += 1;
                negated = true;
            }
            let values = words.values();
            self.option(option, values, negated, &mut matches, &mut said);
            negated = false;
        }
        if let Some(policy) = &said.policy {
            matches.decrypted = policy.decrypted();
        }
        let action = self.action(&said, &matches);
        let with_port = match said.either_port {
            None => vec![matches],
            Some(ports) => {
                let mut twin = matches.clone();
                narrow(&mut matches.destination_ports, ports.clone(), Ports::intersection, &mut matches.other);
                narrow(&mut twin.source_ports, ports, Ports::intersection, &mut twin.other);
                vec![matches, twin]
            }
        };
        let alternatives = with_port.into_iter().flat_map(|m| {
            let one = |state: &State| {
                let mut m = m.clone();
                narrow(&mut m.state, state.states.clone(), States::both, &mut m.other);
                narrow(&mut m.translated, state.translated.clone(), |a, _| *a, &mut m.other);
                m.other.extend(state.other.clone());
                m
            };
            if said.any_state.is_empty() { vec![m] } else { said.any_state.iter().map(one).collect() }
        });
        alternatives.map(|matches| Line::new(span, matches, action.clone())).collect()
    }

    fn option<'w>(&mut self, option: &Spanned<Word>, values: &'w [Spanned<Word>], not: bool, m: &mut Match, said: &mut Said<'w>) {
        let text = values.first().map_or("", |w| &*w.value.text);
        if let Some(policy) = &mut said.policy {
            match (&*option.value.text, text) {
                ("--dir", way) => policy.inbound = (way == "in" || way == "out").then_some(way == "in"),
                ("--pol", what) => policy.ipsec = (!not && (what == "ipsec" || what == "none")).then_some(what == "ipsec"),
                ("--proto" | "--reqid" | "--spi" | "--mode" | "--tunnel-src" | "--tunnel-dst" | "--strict" | "--next", _) => {}
                _ => return self.plain_option(option, values, not, m, said),
            }
            return;
        }
        self.plain_option(option, values, not, m, said);
    }

    fn plain_option<'w>(&mut self, option: &Spanned<Word>, values: &'w [Spanned<Word>], not: bool, m: &mut Match, said: &mut Said<'w>) {
        let first = values.first();
        let all = first.map_or(option.span, |f| f.span.to(values[values.len() - 1].span));
        let place = option.span.to(all);
        let text = first.map_or("", |w| &*w.value.text);
        match &*option.value.text {
            "-p" | "--protocol" | "--proto" => m.protocol = self.protocols(text, not, place),
            "-s" | "--source" | "--src" | "--src-range" => {
                narrow(&mut m.source, self.addrs(text, not, place), Addrs::intersection, &mut m.other);
            }
            "-d" | "--destination" | "--dst" | "--dst-range" => {
                narrow(&mut m.destination, self.addrs(text, not, place), Addrs::intersection, &mut m.other);
            }
            "--sport" | "--source-port" | "--sports" | "--source-ports" => {
                narrow(&mut m.source_ports, self.ports(text, not, place), Ports::intersection, &mut m.other);
            }
            "--dport" | "--destination-port" | "--dports" | "--destination-ports" => {
                narrow(&mut m.destination_ports, self.ports(text, not, place), Ports::intersection, &mut m.other);
            }
            // Neither port is in the list: that is both ports' matter.
            "--ports" if not => {
                let ports = self.ports(text, not, place);
                narrow(&mut m.source_ports, ports.clone(), Ports::intersection, &mut m.other);
                narrow(&mut m.destination_ports, ports, Ports::intersection, &mut m.other);
            }
            "--ports" => said.either_port = Some(self.ports(text, not, place)),
            "-i" | "--in-interface" => m.in_interface = Field::known_at(interface(text, not), place),
            "-o" | "--out-interface" => m.out_interface = Field::known_at(interface(text, not), place),
            "--ctstate" | "--state" => states(text, not, self.table_name() == "raw", place, m, &mut said.any_state),
            // The first packet of a flow goes its original way, and so does nothing that answers it.
            "--ctdir" if self.table_name() != "raw" && matches!(text, "ORIGINAL" | "REPLY") => {
                let original = (text == "ORIGINAL") != not;
                let way = States { new: original, established: !original, related: original, invalid: false };
                narrow(&mut m.state, Field::known_at(way, place), States::both, &mut m.other);
            }
            // `--limit-iface-in` and -out say which interface must hold the address.
            "--dst-type" if text == "LOCAL" => m.to_itself = Field::known_at(!not, place),
            "--pkt-type" if text == "unicast" => {
                if not {
                    m.protocol = Field::known_at(Protocols::default(), place);
                }
            }
            "-m" | "--match" if text == "policy" => said.policy = Some(Policy { span: place, inbound: None, ipsec: None }),
            "-m" | "--match" => {
                if !KNOWN_MODULES.contains(&text) {
                    m.other.push(opaque(place, &module_reason(text)));
                }
            }
            "-j" | "--jump" => said.target = first.map(|word| (word, false)),
            "-g" | "--goto" => said.target = first.map(|word| (word, true)),
            "--to-destination" | "--to" => said.to = first,
            "--to-ports" | "--to-port" => said.to_ports = first,
            "--random" => {}
            "--notrack" => said.untracked = true,
            "-f" | "--fragment" => {
                // A first packet of these flows is no fragment.
                if !not {
                    m.protocol = Field::known_at(Protocols::default(), place);
                }
            }
            // The first packet of a TCP flow is a SYN.
            "--syn" => {
                if not {
                    m.protocol = Field::known_at(Protocols::default(), place);
                }
            }
            "--comment" | "-c" | "--set-counters" | "--reject-with" | "-4" | "--ipv4" => {}
            name if name.starts_with("--log-") || name.starts_with("--nflog-") || name.starts_with("--ulog-") => {}
            name if is_target_option(name) => {}
            "--ctstatus" if !not && text == "DNAT" => m.translated = Field::known_at(true, place),
            "--match-set" => {}
            name if name.starts_with('-') => m.other.push(opaque(place, "the line has a condition that is not followed")),
            _ => self.problems.push(Remark {
                span: option.span,
                message: "a word where an option should be".into(),
                kind: RemarkKind::Syntax,
            }),
        }
    }

    fn protocols(&mut self, text: &str, not: bool, place: Span) -> Field<Protocols> {
        let set = match text {
            "all" | "0" | "ip" => Some(Protocols::any()),
            _ => Protocol::parse(text).map(|p| Protocols::of(&[p])),
        };
        self.known(set.map(|s| if not { s.complement() } else { s }), place, "the protocol's name is not known")
    }

    fn addrs(&mut self, text: &str, not: bool, place: Span) -> Field<Addrs> {
        let set = Addrs::parse(text).map(|s| if not { s.complement() } else { s });
        self.known(set, place, "the address is a name, or not an address")
    }

    fn ports(&mut self, text: &str, not: bool, place: Span) -> Field<Ports> {
        let set = Ports::parse(text).map(|s| if not { s.complement() } else { s });
        self.known(set, place, "the port's name is not known")
    }

    fn known<T>(&mut self, set: Option<T>, place: Span, reason: &str) -> Field<T> {
        if let Some(set) = set {
            return Field::known_at(set, place);
        }
        self.problems.push(Remark { span: place, message: reason.into(), kind: RemarkKind::Unknown });
        Field::opaque_at(place, reason)
    }

    fn action(&mut self, said: &Said<'_>, m: &Match) -> Action {
        let Some((word, goto)) = said.target else { return Action::Continue };
        let name = &*word.value.text;
        if goto {
            return self.called(name, word.span).map_or_else(|| dangling(word.span), Action::Goto);
        }
        match name {
            "ACCEPT" => Action::Permit,
            "DROP" | "REJECT" | "TARPIT" => Action::Deny,
            "RETURN" => Action::Return,
            "DNAT" if self.table_name() == "nat" => Action::Translate(Translation { to: host(said), to_port: port(said), permits: false }),
            "REDIRECT" if self.table_name() == "nat" => {
                Action::Translate(Translation { to: Target::Device(word.span), to_port: port(said), permits: false })
            }
            "NETMAP" if self.table_name() == "nat" => {
                Action::Translate(Translation { to: mapped(said, m, word.span), to_port: ToPort::Same, permits: false })
            }
            // States of later lines then fit otherwise, and so does the way back.
            "NOTRACK" | "CT" if name == "NOTRACK" || said.untracked => {
                Action::Opaque(opaque(word.span, "the line takes packets out of connection tracking"))
            }
            "LOG" | "NFLOG" | "ULOG" | "MARK" | "CONNMARK" | "TCPMSS" | "TOS" | "DSCP" | "TTL" | "CLASSIFY" | "TRACE" | "CHECKSUM"
            | "SET" | "CT" | "SNAT" | "MASQUERADE" | "AUDIT" | "SECMARK" | "CONNSECMARK" | "LED" | "TEE" | "ECN" | "HMARK" | "NETMAP" => {
                Action::Continue
            }
            _ if self.is_chain(name) => self.called(name, word.span).map_or_else(|| dangling(word.span), Action::Jump),
            _ => {
                // An upper-case name is an extension's target; a chain of the table has a header in front of its use.
                let (reason, kind) = if name.chars().all(|c| c.is_ascii_uppercase() || c == '_') {
                    ("what this target does is not followed", RemarkKind::Unknown)
                } else {
                    ("the chain that is called is not in the table", RemarkKind::Dangling)
                };
                self.problems.push(Remark { span: word.span, message: reason.into(), kind });
                Action::Opaque(opaque(word.span, reason))
            }
        }
    }

    fn is_chain(&self, name: &str) -> bool {
        self.tables.last().is_some_and(|table| table.chains.contains_key(name))
    }

    fn called(&mut self, name: &str, span: Span) -> Option<crate::model::upstream::ChainId> {
        let found = self.tables.last()?.chains.get(name).copied();
        if found.is_none() {
            self.problems.push(Remark { span, message: "the chain that is called is not in the table".into(), kind: RemarkKind::Dangling });
        }
        found
    }
}

fn dangling(span: Span) -> Action {
    Action::Opaque(opaque(span, "the chain that is called is not in the table"))
}

fn opaque(span: Span, reason: &str) -> Opaque {
    Opaque { span, reason: reason.into() }
}

fn module_reason(module: &str) -> String {
    match module {
        "set" => "the members of the set are not in the file".into(),
        "geoip" => "which addresses the country has is not in the file".into(),
        "string" | "u32" | "bpf" => "the line looks into the packet".into(),
        "recent" | "limit" | "hashlimit" | "connlimit" | "statistic" | "quota" => "the line depends on what came before".into(),
        "time" => "the line depends on the time of day".into(),
        "mark" | "connmark" => "the line depends on a mark that another one sets".into(),
        _ => "the line has a condition that is not followed".into(),
    }
}

/// Options of targets that change nothing that matters here.
fn is_target_option(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "--to-source",
        "--set-mark",
        "--set-xmark",
        "--save-mark",
        "--restore-mark",
        "--and-mark",
        "--or-mark",
        "--xor-mark",
        "--nfmask",
        "--ctmask",
        "--clamp-mss-to-pmtu",
        "--set-mss",
        "--set-tos",
        "--set-dscp",
        "--set-dscp-class",
        "--ttl-set",
        "--ttl-dec",
        "--ttl-inc",
        "--set-class",
        "--checksum-fill",
        "--add-set",
        "--del-set",
        "--exist",
        "--timeout",
        "--zone",
        "--helper",
        "--ctevents",
        "--gateway",
        "--type",
        "--random-fully",
        "--persistent",
    ];
    NAMES.contains(&name)
}

/// A second match on the same part narrows the first.
fn narrow<T>(to: &mut Field<T>, new: Field<T>, both: impl Fn(&T, &T) -> T, other: &mut Vec<Opaque>) {
    *to = match (std::mem::take(to), new) {
        (Field::Absent, new) => new,
        (Field::Known(a), Field::Known(b)) => Field::known_at(both(&a.value, &b.value), a.span.to(b.span)),
        (Field::Opaque(o), known) | (known, Field::Opaque(o)) => {
            other.push(o);
            known
        }
        (known, Field::Absent) => known,
    };
}

fn interface(text: &str, negated: bool) -> Interfaces {
    let name = text.strip_suffix('+').map_or_else(|| text.into(), |stem| format!("{stem}*"));
    Interfaces { names: vec![name.into()], negated }
}

/// `NEW,ESTABLISHED`; `DNAT` and `SNAT` among the states mean a translated flow. The table `raw` stands before connection tracking: there every
/// packet is `INVALID`.
fn states(text: &str, not: bool, raw: bool, place: Span, m: &mut Match, any: &mut Vec<State>) {
    let (mut set, mut dnat, mut snat, mut invalid) = (States::default(), false, false, false);
    for name in text.split(',') {
        match name {
            "NEW" => set.new = true,
            "ESTABLISHED" => set.established = true,
            "RELATED" => set.related = true,
            "INVALID" => (set.invalid, invalid) = (true, true),
            "UNTRACKED" => set.invalid = true,
            "DNAT" => dnat = true,
            "SNAT" => snat = true,
            _ => {
                m.state = Field::opaque_at(place, "the line has a connection state that is not followed");
                return;
            }
        }
    }
    if raw {
        if invalid == not {
            m.protocol = Field::known_at(Protocols::default(), place);
        }
        return;
    }
    let unknown = || opaque(place, "whether the source was translated is not followed");
    if not {
        set = States { new: !set.new, established: !set.established, related: !set.related, invalid: !set.invalid };
    }
    let known = Field::known_at(set, place);
    match (dnat || snat, not) {
        (false, _) => narrow(&mut m.state, known, States::both, &mut m.other),
        (true, true) => {
            narrow(&mut m.state, known, States::both, &mut m.other);
            if dnat {
                m.translated = Field::known_at(false, place);
            }
            if snat {
                m.other.push(unknown());
            }
        }
        (true, false) => {
            if set != States::default() {
                any.push(State { states: known, ..State::default() });
            }
            if dnat {
                any.push(State { translated: Field::known_at(true, place), ..State::default() });
            }
            // A first packet's source is translated behind all lists.
            if snat {
                let established = States { established: true, ..States::default() };
                any.push(State { states: Field::known_at(established, place), other: Some(unknown()), ..State::default() });
            }
        }
    }
}

/// `NETMAP --to 192.168.1.0/24` keeps the host's part: it can be told where the rule names a network of the same size.
fn mapped(said: &Said<'_>, m: &Match, span: Span) -> Target {
    let net = said.to.and_then(|word| word.value.text.parse::<Ipv4Net>().ok());
    let from = net.and_then(|net| {
        let &[(first, last)] = m.destination.value()?.ranges() else { return None };
        let from = Ipv4Net::new(first.into(), net.prefix_len()).ok()?;
        (from.network() == Ipv4Addr::from(first) && from.broadcast() >= Ipv4Addr::from(last)).then_some(from)
    });
    match (from, net) {
        (Some(from), Some(to)) => Target::Net(Spanned::new((from, to), span)),
        _ => Target::Opaque(opaque(span, "the mapping between networks is not followed")),
    }
}

/// `192.168.1.4`, `192.168.1.4:500`, `192.168.1.4-192.168.1.9:500-600`.
fn host(said: &Said<'_>) -> Target {
    let Some(word) = said.to else {
        return Target::Opaque(opaque(said.target.map_or(Span::default(), |t| t.0.span), "the forward names no address"));
    };
    let addresses = word.value.text.split(':').next().unwrap_or("");
    let parse = |text: &str| text.parse::<Ipv4Addr>().ok();
    let (first, last) = addresses.split_once('-').unwrap_or((addresses, addresses));
    match (parse(first), parse(last)) {
        (Some(first), Some(last)) if first == last => Target::Host(Spanned::new(first, word.span)),
        (Some(first), Some(last)) => Target::OneOf(Spanned::new((first, last), word.span)),
        // `--to-destination :501` keeps the address.
        _ if addresses.is_empty() => Target::Net(Spanned::new((Ipv4Net::default(), Ipv4Net::default()), word.span)),
        _ => Target::Opaque(opaque(word.span, "the forward's address is not an address")),
    }
}

fn port(said: &Said<'_>) -> ToPort {
    let word = match (said.to_ports, said.to) {
        (Some(ports), _) => Some((&*ports.value.text, ports.span)),
        (None, Some(to)) => to.value.text.split_once(':').map(|(_, ports)| (ports, to.span)),
        (None, None) => None,
    };
    let Some((text, span)) = word else {
        // `--random` has nothing to choose from.
        return ToPort::Same;
    };
    // `500-600/500` moves ports by an offset.
    if let Some((range, _)) = text.split_once('/') {
        let reason = if range.is_empty() { "the forward's port is not a port" } else { "the forward moves ports by an offset" };
        return ToPort::Opaque(opaque(span, reason));
    }
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (Ports::number(first), Ports::number(last)) {
        (Some(first), Some(last)) if first <= last => ToPort::Range(Spanned::new((first, last), span)),
        _ => ToPort::Opaque(opaque(span, "the forward's port is not a port")),
    }
}
