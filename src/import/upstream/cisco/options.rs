//! What may stand behind the addresses of an access list's entry.

use super::entry::{Entries, Entry, established};
use super::opaque;
use super::words::Words;
use crate::model::upstream::{Action, Match};
use crate::net::Protocol;

/// Kinds of ICMP messages that are shown; of no concern here.
const ICMP: &[&str] = &[
    "administratively-prohibited",
    "echo",
    "echo-reply",
    "host-unreachable",
    "information-reply",
    "information-request",
    "mask-reply",
    "mask-request",
    "net-unreachable",
    "packet-too-big",
    "parameter-problem",
    "port-unreachable",
    "redirect",
    "source-quench",
    "time-exceeded",
    "timestamp-reply",
    "timestamp-request",
    "traceroute",
    "ttl-exceeded",
    "unreachable",
];

impl<'t> Entries<'_, 't> {
    /// The options; none: one is not known.
    pub(super) fn options(&mut self, words: &mut Words<'t>, entry: &mut Entry) -> Option<()> {
        while let Some(word) = words.peek() {
            let place = words.here();
            match word.to_ascii_lowercase().as_str() {
                "log" | "log-input" => {
                    words.take();
                    if self.is_asa() {
                        logging(words);
                    }
                }
                "inactive" if self.is_asa() => {
                    words.take();
                    entry.off = true;
                }
                "time-range" => {
                    words.take();
                    words.take()?;
                    entry.matches.other.push(opaque(place, "the line depends on the time of day"));
                }
                "established" => {
                    // TCP packets that do not begin a connection.
                    words.take();
                    entry.matches.state = established(place);
                }
                "fragments" => {
                    // All but the first part of a packet, which has no ports (Cisco, "Access Control Lists and IP Fragments").
                    words.take();
                    entry.action = entry.action.take().map(|_| Action::Continue);
                }
                "reflect" => {
                    words.take();
                    words.take()?;
                    if words.eat("timeout") {
                        words.take()?;
                    }
                }
                "dscp" | "precedence" | "tos" | "option" => {
                    words.take();
                    words.take()?;
                    entry.matches.other.push(opaque(place, "the line looks at the packet's priority or options"));
                }
                "ttl" => {
                    words.take();
                    let range = words.eat("range");
                    words.take()?;
                    if range || words.peek().is_some_and(|word| word.bytes().all(|b| b.is_ascii_digit())) {
                        words.take()?;
                    }
                    entry.matches.other.push(opaque(place, "the line looks at how far the packet has come"));
                }
                flag if is_tcp_only(&entry.matches) && is_flag(flag) => {
                    words.take();
                    entry.matches.other.push(opaque(place, "the line looks at TCP's flags"));
                }
                kind if has_no_ports(&entry.matches) && (ICMP.contains(&kind) || kind.bytes().all(|b| b.is_ascii_digit())) => {
                    words.take();
                }
                "object-group" if has_no_ports(&entry.matches) => {
                    words.take();
                    words.take()?;
                }
                // What follows ICMP and routing protocols is about them alone.
                _ if has_no_ports(&entry.matches) => return Some(()),
                _ => return None,
            }
        }
        Some(())
    }
}

/// An ASA's `log [level] [interval seconds]`, `log disable`, `log default`.
fn logging(words: &mut Words<'_>) {
    const LEVELS: &[&str] =
        &["alerts", "critical", "debugging", "emergencies", "errors", "informational", "notifications", "warnings", "disable", "default"];
    if words.peek().is_some_and(|word| LEVELS.contains(&word) || word.len() == 1 && word.as_bytes()[0].is_ascii_digit()) {
        words.take();
    }
    if words.eat("interval") {
        words.take();
    }
}

fn is_flag(word: &str) -> bool {
    let name = word.trim_start_matches(['+', '-']);
    matches!(name, "ack" | "fin" | "psh" | "rst" | "syn" | "urg" | "match-all" | "match-any")
}

fn is_tcp_only(matches: &Match) -> bool {
    matches.protocol.value() == Some(&crate::net::Protocols::of(&[Protocol::Tcp]))
}

/// Whether the line is about protocols alone that are of no concern here.
fn has_no_ports(matches: &Match) -> bool {
    let concerned = [Protocol::Tcp, Protocol::Udp, Protocol::Esp];
    matches.protocol.value().is_some_and(|set| !concerned.iter().any(|protocol| set.contains(*protocol)))
}
