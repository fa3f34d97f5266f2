//! The four files of an L2TP client on Linux: `ipsec.conf` and `ipsec.secrets` of libreswan and strongSwan, `xl2tpd.conf`, and options of pppd.
//!
//! The first yields profiles, the others complete them.

mod conf;
pub(super) use conf::yes;
mod pppd;
mod secrets;
mod xl2tpd;

use super::{Profile, facts};
use crate::import::Notes;
use crate::model::{Field, Key, KeyOrigin};
use crate::source::Span;

pub(super) const FORMAT: &str = "ipsec";

/// Formats whose connections xl2tpd and pppd may run in.
const PPP: &[&str] = &[FORMAT, "swanctl"];

/// Which of the files it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Conf,
    Secrets,
    Xl2tpd,
    Pppd,
}

/// Whether the text is one of the files.
pub fn is_one(text: &str) -> bool {
    kind(text).is_some()
}

/// Reads a file.
pub fn read(text: &str, base: u32) -> (Vec<Profile>, Notes) {
    match kind(text) {
        Some(Kind::Conf) => conf::read(text, base),
        Some(Kind::Xl2tpd) => xl2tpd::read(text, base),
        Some(Kind::Pppd) => pppd::read(text, base),
        // Cut short, it may be any of them: as secrets nothing of it is shown.
        Some(Kind::Secrets) | None => secrets::read(text, base),
    }
}

/// Told by the first lines that say something.
fn kind(text: &str) -> Option<Kind> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = || text.lines().filter(|l| !l.trim_start().is_empty() && !l.trim_start().starts_with(['#', ';'])).take(60);
    let (mut known, mut telling) = (0, 0);
    for line in lines() {
        let words: Vec<&str> = line.split_ascii_whitespace().take(3).collect();
        match words[..] {
            ["conn", _] | ["config", "setup"] if !line.starts_with([' ', '\t']) => return Some(Kind::Conf),
            [section] if section.starts_with("[lac") || section.starts_with("[lns") => return Some(Kind::Xl2tpd),
            ["[lac" | "[lns", ..] => return Some(Kind::Xl2tpd),
            _ if secrets::is_entry(line) => return Some(Kind::Secrets),
            ["include", file] if file.ends_with("secrets") => return Some(Kind::Secrets),
            ["include", file] if file.ends_with("conf") => return Some(Kind::Conf),
            [word, ..] if pppd::knows(word) => {
                known += 1;
                telling += usize::from(pppd::tells(word));
            }
            _ => {}
        }
    }
    // Words such as `name` and `debug` are found everywhere: nearly all must be pppd's, and one of them no one else's.
    (telling > 0 && known * 10 >= lines().count() * 8).then_some(Kind::Pppd)
}

/// A key as these files write it; an empty one is written empty.
pub(super) fn key(text: &str, span: Span) -> Field<Key> {
    let field = match text.get(..2) {
        Some("0s" | "0S") => facts::decoded_key(&text[2..], facts::Digits::Base64, span),
        Some("0x" | "0X") => facts::decoded_key(&text[2..], facts::Digits::Hex, span),
        _ => facts::literal_key(text, span, FORMAT),
    };
    field.map(configuration)
}

/// The same key, as one that stands in a configuration.
fn configuration(key: Key) -> Key {
    Key { origin: KeyOrigin::Configuration, ..key }
}
