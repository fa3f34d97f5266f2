//! A statement as words, and what the two systems call ports, protocols and interfaces.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::import::upstream::rows::Row;
use crate::net::{Ports, Protocol, Protocols};
use crate::source::{Span, Spanned};

/// The words of one statement, read from front to back.
#[derive(Clone, Debug)]
pub(super) struct Words<'t> {
    /// The whole statement.
    pub(super) span: Span,
    all: Vec<Spanned<&'t str>>,
    next: usize,
}

impl<'t> Words<'t> {
    pub(super) fn of(row: &Row<'t>) -> Self {
        Self { span: row.span, all: row.words(), next: 0 }
    }

    /// The next word.
    pub(super) fn peek(&self) -> Option<&'t str> {
        self.ahead(0)
    }

    /// The word `n` places behind the next one.
    pub(super) fn ahead(&self, n: usize) -> Option<&'t str> {
        self.all.get(self.next + n).map(|word| word.value)
    }

    pub(super) fn take(&mut self) -> Option<Spanned<&'t str>> {
        let word = self.all.get(self.next).copied();
        self.next += usize::from(word.is_some());
        word
    }

    /// Takes the next words where they are these.
    pub(super) fn eat(&mut self, words: &str) -> bool {
        let wanted = words.split(' ');
        let count = wanted.clone().count();
        let fits = wanted.enumerate().all(|(n, word)| self.ahead(n).is_some_and(|is| is.eq_ignore_ascii_case(word)));
        self.next += if fits { count } else { 0 };
        fits
    }

    /// The place of the next word; behind the last one, of the statement.
    pub(super) fn here(&self) -> Span {
        self.all.get(self.next).map_or(self.span, |word| word.span)
    }

    pub(super) fn is_over(&self) -> bool {
        self.next >= self.all.len()
    }

    /// The statement up to the last word that was taken.
    pub(super) fn read(&self) -> Span {
        let end = self.next.checked_sub(1).and_then(|last| self.all.get(last)).map_or(self.span.start, |word| word.span.end);
        if self.is_over() { self.span } else { Span::new(self.span.start, end) }
    }

    /// What stands behind the last word that was taken.
    pub(super) fn rest(&self) -> Option<Span> {
        self.all.get(self.next).map(|word| Span::new(word.span.start, self.span.end))
    }

    /// All words, taken or not.
    pub(super) fn all(&self) -> &[Spanned<&'t str>] {
        &self.all
    }

    /// With as many words taken.
    pub(super) fn without_front(mut self, count: usize) -> Self {
        self.next = (self.next + count).min(self.all.len());
        self
    }

    /// The words that are not taken yet: what `no` in front of a statement takes back.
    pub(super) fn key(&self) -> Vec<&'t str> {
        self.all[self.next..].iter().map(|word| word.value).collect()
    }
}

/// Statements that were taken back, with the place where.
#[derive(Debug, Default)]
pub(super) struct Gone<'t>(BTreeMap<Vec<&'t str>, u32>);

impl<'t> Gone<'t> {
    /// `no` in front of these words.
    pub(super) fn note(&mut self, words: &Words<'t>) {
        self.0.insert(words.key(), words.span.start);
    }

    /// Whether what stood there before was taken back later.
    pub(super) fn holds(&self, words: &Words<'t>) -> bool {
        !self.0.is_empty() && self.0.get(&words.key()).is_some_and(|place| *place > words.span.start)
    }
}

/// Names of ports that differ from what other systems print, or that only these two know (IOS "Security Command Reference", `access-list`;
/// ASA "CLI Configuration Guide", "TCP and UDP Ports").
const PORTS: &[(&str, u16)] = &[
    ("aol", 5190),
    ("bgp", 179),
    ("biff", 512),
    ("chargen", 19),
    ("cifs", 3020),
    ("citrix-ica", 1494),
    ("cmd", 514),
    ("ctiqbe", 2748),
    ("daytime", 13),
    ("discard", 9),
    ("dnsix", 195),
    ("drip", 3949),
    ("echo", 7),
    ("exec", 512),
    ("finger", 79),
    ("ftp-data", 20),
    ("gopher", 70),
    ("h323", 1720),
    ("hostname", 101),
    ("ident", 113),
    ("imap4", 143),
    ("irc", 194),
    ("kerberos", 750),
    ("klogin", 543),
    ("kshell", 544),
    ("login", 513),
    ("lotusnotes", 1352),
    ("lpd", 515),
    ("mobile-ip", 434),
    ("msrpc", 135),
    ("nameserver", 42),
    ("netbios-dgm", 138),
    ("netbios-ns", 137),
    ("netbios-ss", 139),
    ("netbios-ssn", 139),
    ("nntp", 119),
    ("onep-plain", 15001),
    ("onep-tls", 15002),
    ("pcanywhere-data", 5631),
    ("pcanywhere-status", 5632),
    ("pim-auto-rp", 496),
    ("pop2", 109),
    ("radius", 1645),
    ("radius-acct", 1646),
    ("rip", 520),
    ("ripv6", 521),
    ("rsh", 514),
    ("rtsp", 554),
    ("secureid-udp", 5510),
    ("tacacs", 49),
    ("tacacs-ds", 65),
    ("talk", 517),
    ("time", 37),
    ("uucp", 540),
    ("vxlan", 4789),
    ("who", 513),
    ("whois", 43),
    ("xdmcp", 177),
];

/// The port that a number or a name means. Names of services that neither system stores with a number of its own stay unknown.
pub(super) fn port(word: &str) -> Option<u16> {
    let own = PORTS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, port)| *port);
    // SQL*Net's number was changed between versions of the ASA.
    own.or_else(|| Ports::number(word))
}

/// The protocols that a name or number means; `ip` is all of them.
pub(super) fn protocols(word: &str) -> Option<Protocols> {
    let number = match word.to_ascii_lowercase().as_str() {
        "ip" => return Some(Protocols::any()),
        "tcp-udp" => return Some(Protocols::of(&[Protocol::Tcp, Protocol::Udp])),
        "ipinip" => 4,
        "igrp" => 9,
        "pptp" => 47,
        "ipsec" => 50,
        "icmp6" => 58,
        "nos" => 94,
        "pcp" => 108,
        "snp" => 109,
        _ => return Protocol::parse(word).map(|protocol| Protocols::of(&[protocol])),
    };
    Some(Protocols::of(&[Protocol::from_number(number)]))
}

/// A dotted address, if the word is one.
pub(super) fn address(word: &str) -> Option<Ipv4Addr> {
    word.parse().ok()
}

/// The length of a prefix with this mask.
pub(super) fn prefix(mask: Ipv4Addr) -> Option<u8> {
    ipnet::ipv4_mask_to_prefix(mask).ok()
}

/// An interface's name in one spelling: lower case, without blanks.
pub(super) fn interface_key(words: &[Spanned<&str>]) -> String {
    words.iter().map(|word| word.value.to_ascii_lowercase()).collect()
}

/// Whether `short` may stand for the interface `full` (`gi0/0` for `gigabitethernet0/0`); both are keys.
pub(super) fn abbreviates(short: &str, full: &str) -> bool {
    let split = |key: &str| key.find(|c: char| c.is_ascii_digit()).unwrap_or(key.len());
    let (a, b) = (split(short), split(full));
    a > 0 && a <= b && full.starts_with(&short[..a]) && short[a..] == full[b..]
}
