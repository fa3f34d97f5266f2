//! Options of pppd, as a file that `pppoptfile` names: words, some with an argument; quotes and backslashes as in `pppd`(8).

use super::super::complete::{Completion, Match};
use super::super::{PPPD_DEFAULTS, Profile, facts};
use super::FORMAT;
use crate::import::Notes;
use crate::model::{Authentication, Client, Field};
use crate::source::{Span, Spanned};

/// Options with an argument that this reader passes over or reads.
const WITH_ARGUMENT: &str = "name user password remotename mtu mru idle connect-delay connect disconnect lcp-echo-interval lcp-echo-failure \
    ms-dns ms-wins domain ipparam linkname logfile unit holdoff maxfail active-filter pass-filter plugin lcp-max-configure lcp-restart \
    ipcp-max-configure pap-max-authreq pap-restart chap-interval file call ifname mppe metric defaultroute-metric endpoint hostname";

/// Options without one.
const ALONE: &str = "ipcp-accept-local ipcp-accept-remote refuse-pap refuse-chap refuse-mschap refuse-mschap-v2 refuse-eap require-pap \
    require-chap require-mschap require-mschap-v2 require-eap require-mppe require-mppe-40 require-mppe-128 nomppe nomppe-40 nomppe-128 noccp \
    noauth auth debug dump lock nolock local modem crtscts nocrtscts xonxoff proxyarp noproxyarp defaultroute nodefaultroute replacedefaultroute \
    noreplacedefaultroute usepeerdns nodeflate nobsdcomp novj novjccomp nopcomp noaccomp persist nopersist nodetach updetach hide-password \
    noipdefault noipv6 nomultilink mppe-stateful nomppe-stateful logfd default-asyncmap lcp-echo-adaptive noipx noip";

/// Whether pppd knows an option.
pub fn knows(word: &str) -> bool {
    WITH_ARGUMENT.split_ascii_whitespace().chain(ALONE.split_ascii_whitespace()).any(|w| w == word)
}

/// Whether an option is found in no other kind of file.
pub fn tells(word: &str) -> bool {
    [
        "refuse-",
        "require-",
        "ipcp-",
        "lcp-",
        "noauth",
        "noccp",
        "usepeerdns",
        "defaultroute",
        "nodefaultroute",
        "replacedefaultroute",
        "nomppe",
    ]
    .iter()
    .any(|start| word.starts_with(start))
}

/// A word without its quotes.
struct Word {
    text: String,
    span: Span,
}

/// Reads options, which complete the profiles of those that name the file, or of the whole import.
pub fn read(text: &str, base: u32) -> (Vec<Profile>, Notes) {
    let mut notes = Notes::default();
    let head = Span::new(base, base + text.lines().next().unwrap_or_default().len() as u32);
    let mut client = Client { name: Spanned::new("pppd".to_owned(), head), format: Some(FORMAT), ..Client::default() };
    let (mut user, mut name) = (Field::Absent, Field::Absent);
    let mut refused: Vec<(Authentication, Span)> = Vec::new();
    let mut words = words(text, base, &mut notes).into_iter();
    while let Some(word) = words.next() {
        let refuse = |protocol| (protocol, word.span);
        match word.text.as_str() {
            "refuse-pap" | "-pap" => refused.push(refuse(Authentication::Pap)),
            "refuse-chap" | "-chap" => refused.push(refuse(Authentication::Chap)),
            "refuse-mschap" | "-mschap" => refused.push(refuse(Authentication::MsChap)),
            "refuse-mschap-v2" | "-mschap-v2" => refused.push(refuse(Authentication::MsChapV2)),
            "refuse-eap" => refused.push(refuse(Authentication::Eap)),
            "require-mppe" | "require-mppe-40" | "require-mppe-128" => client.require_mppe = Field::known_at(true, word.span),
            "nomppe" if client.require_mppe.is_absent() => client.require_mppe = Field::known_at(false, word.span),
            "defaultroute" | "replacedefaultroute" => client.split_tunnel = Field::known_at(false, word.span),
            "nodefaultroute" => client.split_tunnel = Field::known_at(true, word.span),
            option if WITH_ARGUMENT.split_ascii_whitespace().any(|w| w == option) => {
                let Some(value) = words.next() else { break };
                match option {
                    "user" => user = facts::text(&value.text, value.span, "user"),
                    "name" => name = facts::text(&value.text, value.span, "user"),
                    _ if facts::names_secret(option) => notes.secrets.push(value.span),
                    "file" => notes.includes.push(Spanned::new(value.text, value.span)),
                    "call" => notes.includes.push(Spanned::new(format!("/etc/ppp/peers/{}", value.text), value.span)),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    // `user` is who this end is to the other; without it, `name` is.
    client.user = if user.is_absent() { name } else { user };
    if client.require_mppe.is_absent() {
        client.require_mppe = Field::known_at(false, head);
    }
    let place = refused.iter().min_by_key(|(p, _)| *p != Authentication::Pap).map_or(head, |(_, span)| *span);
    let allowed = PPPD_DEFAULTS.into_iter().filter(|p| refused.iter().all(|(r, _)| r != p)).map(|p| Spanned::new(p, head));
    client.authentication = match notes.includes.first() {
        // PAP may be refused there.
        Some(other) if refused.iter().all(|(p, _)| *p != Authentication::Pap) => {
            Field::opaque_at(other.span, "the options name another file, which may refuse PAP")
        }
        _ => Field::known_at(allowed.collect(), place),
    };
    notes.completions.push(Completion { client, of: Match::Every, formats: super::PPP, passes_to: None });
    (Vec::new(), notes)
}

/// The words of a file; comments are hidden.
fn words(text: &str, base: u32, notes: &mut Notes) -> Vec<Word> {
    let mut found: Vec<Word> = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some(&(start, c)) = chars.peek() {
        if c.is_whitespace() || c == '\u{feff}' {
            chars.next();
            continue;
        }
        if c == '#' {
            let end = text[start..].find('\n').map_or(text.len(), |n| start + n);
            notes.secrets.push(Span::new(base + start as u32, base + end as u32));
            while chars.peek().is_some_and(|(at, _)| *at < end) {
                chars.next();
            }
            continue;
        }
        let (mut word, mut quote) = (String::new(), None);
        while let Some(&(_, c)) = chars.peek() {
            match (quote, c) {
                (None, c) if c.is_whitespace() => break,
                (None, '"' | '\'') => quote = Some(c),
                (Some(q), c) if q == c => quote = None,
                (_, '\\') => {
                    chars.next();
                    // A line that a backslash ends goes on.
                    if let Some(&(_, next)) = chars.peek().filter(|(_, n)| *n != '\n') {
                        word.push(next);
                    }
                }
                (_, c) => word.push(c),
            }
            chars.next();
        }
        let end = chars.peek().map_or(text.len(), |(at, _)| *at);
        found.push(Word { text: word, span: Span::new(base + start as u32, base + end as u32) });
    }
    found
}
