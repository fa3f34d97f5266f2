//! What profile formats share: servers, keys, templates, and words that name a secret.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use crate::model::proposal::DAEMON_DEFAULT;
use crate::model::{Field, Host, Key, KeyOrigin, List, Remark, RemarkKind};
use crate::secret::Secret;
use crate::source::{Problem, ProblemKind, Span, Spanned};

/// As clients decode it: padding may be left out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true),
);

/// The server that a profile names. What is neither a name nor an address is opaque with what it is instead; empty text names nothing.
pub fn server(text: &str, span: Span) -> Field<Host> {
    let text = text.trim();
    if text.is_empty() {
        return Field::Absent;
    }
    let why = if has_template(text) {
        "the profile is a template: its server is not filled in"
    } else if let Some(host) = Host::parse(text) {
        return Field::known_at(host, span);
    } else if text.contains("://") {
        "the server is written as a URL"
    } else if text.contains('/') {
        "the server is written with a path"
    } else if text.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())) {
        "the server is written with a port"
    } else {
        "the server is neither a name nor an address"
    };
    Field::opaque_at(span, why)
}

/// What is wrong with a server that is written as a URL, or with a port or path.
pub fn server_form(text: &str, span: Span) -> Option<Remark> {
    let text = text.trim();
    if !text.contains(['/', ':']) || has_template(text) || Host::parse(text).is_some() {
        return None;
    }
    let form = match text {
        t if t.contains("://") => "as a URL",
        t if t.contains('/') => "with a path",
        t if t.rsplit_once(':').is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit())) => "with a port",
        _ => return None,
    };
    let help = "write the server's name or address alone, as Security & SD-WAN > Monitor > Appliance status shows it";
    Some(Remark::new(RemarkKind::ServerForm, span, format!("writes its server {form}"), "more than a host", help))
}

/// A text fact; empty text says nothing.
pub fn text(text: &str, span: Span, what: &str) -> Field<String> {
    if text.is_empty() {
        Field::Absent
    } else if has_template(text) {
        Field::opaque_at(span, format!("the profile is a template: its {what} is not filled in"))
    } else {
        Field::known_at(text.to_owned(), span)
    }
}

/// A key that stands in the file as it is.
pub fn literal_key(text: &str, span: Span, format: &'static str) -> Field<Key> {
    if is_template(text) {
        return Field::opaque_at(span, "the profile is a template: its key is not filled in");
    }
    Field::known_at(Key { secret: Secret::new(text), origin: KeyOrigin::Profile(format) }, span)
}

/// A key in base64, with or without white space between.
pub fn base64_key(text: &str, span: Span, format: &'static str, problems: &mut Vec<Problem>) -> Field<Key> {
    if has_template(text) {
        return Field::opaque_at(span, "the profile is a template: its key is not filled in");
    }
    let packed: Zeroizing<Vec<u8>> = Zeroizing::new(text.bytes().filter(|b| !b.is_ascii_whitespace()).collect());
    let Ok(bytes) = BASE64.decode(&*packed) else {
        let problem = Problem::new(ProblemKind::InvalidValue, span, "the pre-shared key is not valid base64", "not base64");
        problems.push(problem.help("encode the key again; a key in plain text must not stand where base64 is expected"));
        return Field::opaque_at(span, "the key is not valid base64");
    };
    match String::from_utf8(bytes) {
        Ok(text) => Field::known_at(Key { secret: Secret::new(text), origin: KeyOrigin::Profile(format) }, span),
        Err(error) => {
            drop(Zeroizing::new(error.into_bytes()));
            Field::opaque_at(span, "the key's bytes are no text")
        }
    }
}

/// How the bytes of a key are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Digits {
    /// Base64, padded or not.
    Base64,
    /// Two hexadecimal digits a byte.
    Hex,
}

/// A key that stands in a configuration as digits; `_` and blanks between them count for nothing.
pub fn decoded_key(text: &str, digits: Digits, span: Span) -> Field<Key> {
    if has_template(text) {
        return Field::opaque_at(span, "the profile is a template: its key is not filled in");
    }
    let packed: Zeroizing<Vec<u8>> = Zeroizing::new(text.bytes().filter(|b| !b.is_ascii_whitespace() && *b != b'_').collect());
    let bytes = match digits {
        Digits::Base64 => BASE64.decode(&*packed).ok(),
        Digits::Hex => packed.len().is_multiple_of(2).then(|| packed.chunks_exact(2).map(byte).collect()).flatten(),
    };
    let Some(bytes) = bytes else {
        return Field::opaque_at(
            span,
            if digits == Digits::Hex { "the key is not valid hexadecimal" } else { "the key is not valid base64" },
        );
    };
    match String::from_utf8(bytes) {
        Ok(text) => Field::known_at(Key { secret: Secret::new(text), origin: KeyOrigin::Configuration }, span),
        Err(error) => {
            drop(Zeroizing::new(error.into_bytes()));
            Field::opaque_at(span, "the key's bytes are no text")
        }
    }
}

fn byte(pair: &[u8]) -> Option<u8> {
    let digit = |b: &u8| char::from(*b).to_digit(16).map(|d| d as u8);
    Some(digit(pair.first()?)? << 4 | digit(pair.get(1)?)?)
}

/// Proposals in the words of strongSwan and libreswan: `,` between them, `!` at the end for "nothing else", `;` before libreswan's group.
pub fn proposals(text: &str, span: Span) -> List<String> {
    let mut at = 0;
    let mut found = Vec::new();
    for raw in text.split(',') {
        let from = at + raw.len() - raw.trim_start().len();
        at += raw.len() + 1;
        let part = raw.trim();
        if !part.is_empty() {
            let start = span.start + from as u32;
            let words = part.trim_end_matches('!').trim_end().replace(';', "-");
            found.push(Spanned::new(words, Span::new(start, start + part.len() as u32)));
        }
    }
    if found.is_empty() { Field::Absent } else { Field::known_at(found, span) }
}

/// Whether a text has a sign with which place-holders begin: most have none.
fn has_sign(text: &str) -> bool {
    text.bytes().any(|b| matches!(b, b'{' | b'%' | b'_' | b'$'))
}

/// Proposals of a program that may be strongSwan or libreswan: strongSwan adds its default ones to a list without `!` (`ipsec.conf`(5), "ike" and "esp"), libreswan does not. Its words
/// alone have `;` and `+`.
pub fn open_proposals(text: &str, span: Span) -> List<String> {
    let mut list = proposals(text, span);
    if let Field::Known(list) = &mut list
        && !text.contains(['!', ';', '+'])
    {
        list.value.push(Spanned::new(DAEMON_DEFAULT.to_owned(), span));
    }
    list
}

/// Whether a text is a place-holder as a whole, or holds one that no key would: what `{{ }}` and `${ }` enclose.
fn is_template(text: &str) -> bool {
    let text = text.trim();
    if !has_sign(text) {
        return false;
    }
    enclosed(text, "{{", "}}").is_some()
        || enclosed(text, "${", "}").is_some()
        || enclosed(text, "<%", "%>").is_some()
        || text.strip_prefix('{').and_then(|t| t.strip_suffix('}')).is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
        || [("__", "__"), ("%(", ")s"), ("%", "%"), ("$", "")].iter().any(|(open, close)| {
            let name = text.strip_prefix(open).and_then(|t| t.strip_suffix(close));
            name.is_some_and(|n| is_name(n) && n.bytes().all(|b| !b.is_ascii_lowercase() || *open != "$"))
        })
}

/// Whether a text that is no key holds a place-holder anywhere.
pub fn has_template(text: &str) -> bool {
    if !has_sign(text) {
        return is_blank_form(text);
    }
    let named = |open, close| enclosed(text, open, close).is_some_and(is_name);
    is_template(text) || is_blank_form(text) || named("__", "__") || named("%", "%") || text.trim().strip_prefix('$').is_some_and(is_name)
}

/// `xxx.xxx.xxx.xxx`, `XXXXX`.
fn is_blank_form(text: &str) -> bool {
    let text = text.trim();
    text.len() >= 3 && text.bytes().all(|b| matches!(b, b'x' | b'X' | b'.')) && text.to_ascii_lowercase().contains('x')
}

fn enclosed<'t>(text: &'t str, open: &str, close: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(open)?;
    rest.split_once(close).map(|(inner, _)| inner).filter(|inner| !inner.is_empty())
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Words that name a secret anywhere in a key's name and begin with this letter, in lower case and without what separates words.
const fn secret_words(first: u8) -> &'static [&'static str] {
    match first.to_ascii_lowercase() {
        b'a' => &["apikey"],
        b'c' => &["credential", "challenge", "certpass"],
        b'e' => &["encryptionkey"],
        b'p' => &["password", "passphrase", "passwd", "psk", "privatekey"],
        b's' => &["secret", "sharedkey"],
        b't' => &["token"],
        _ => &[],
    }
}

/// Words that name a secret when they are the whole name.
const SECRET_NAMES: &[&str] = &["pin", "key", "pass", "pwd"];

/// Whether a key's name says that its value is a secret. Every key of every file is asked, so nothing is copied.
pub fn names_secret(key: &str) -> bool {
    let key = key.as_bytes();
    key.iter().enumerate().any(|(at, first)| secret_words(*first).iter().any(|word| spells(&key[at..], word).is_some()))
        || SECRET_NAMES.iter().any(|word| spells(key, word).is_some_and(|rest| rest.iter().all(|b| is_separator(*b))))
}

const fn is_separator(byte: u8) -> bool {
    matches!(byte, b'-' | b'_' | b' ')
}

/// What stands behind `word`, which `key` begins with in any case and with separators anywhere.
fn spells<'k>(key: &'k [u8], word: &str) -> Option<&'k [u8]> {
    let mut wanted = word.bytes();
    let mut next = wanted.next();
    for (n, byte) in key.iter().enumerate() {
        match next {
            None => return Some(&key[n..]),
            Some(letter) if byte.eq_ignore_ascii_case(&letter) => next = wanted.next(),
            Some(_) if is_separator(*byte) => {}
            Some(_) => return None,
        }
    }
    next.is_none().then_some(&[])
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Span = Span::new(3, 9);

    #[test]
    fn servers_that_are_no_host_say_what_they_are() {
        for (text, why) in [
            ("https://vpn.example.com/x", "the server is written as a URL"),
            ("vpn.example.com:1701", "the server is written with a port"),
            ("vpn.example.com/", "the server is written with a path"),
            ("vpn example", "the server is neither a name nor an address"),
            ("999.1.1.1", "the server is neither a name nor an address"),
            ("__HOST__", "the profile is a template: its server is not filled in"),
            ("{0}", "the profile is a template: its server is not filled in"),
            ("$FirewallIp", "the profile is a template: its server is not filled in"),
            ("xxx.xxx.xxx.xxx", "the profile is a template: its server is not filled in"),
            ("vpn.{{ domain }}", "the profile is a template: its server is not filled in"),
        ] {
            assert_eq!(server(text, AT).opaque().map(|o| &*o.reason), Some(why), "{text}");
        }
        assert_eq!(server(" vpn.example.com. ", AT), Field::known_at(Host::Name("vpn.example.com".into()), AT));
        assert_eq!(server("2001:db8::1", AT), Field::known_at(Host::Ip("2001:db8::1".parse().unwrap()), AT));
        assert!(server("", AT).is_absent());
    }

    #[test]
    fn place_holders_are_no_keys_and_keys_are_no_place_holders() {
        for text in ["{{ psk }}", "${var.psk}", "__PSK__", "%ID%", "%(psk)s", "$PSK", "x{{psk}}"] {
            assert!(literal_key(text, AT, "f").opaque().is_some(), "{text}");
        }
        for text in ["CANARY", "CAN__ARY__9", "50%CANARY%9", "$CANARY-9", "$canary", "{CANARY}", "%%", "__", "$", "${}", "100%"] {
            assert!(literal_key(text, AT, "f").value().is_some(), "{text}");
        }
    }

    #[test]
    fn base64_is_decoded_to_the_last_byte() {
        let key = |text| base64_key(text, AT, "f", &mut Vec::new());
        let is = |field: Field<Key>, text: &str| field.value().is_some_and(|k| k.secret.same_as(&Secret::new(text)));
        assert!(is(key("Q0FOQVJZ"), "CANARY"));
        assert!(is(key("\n\t\tQ0FO\n\t\tQVJZCg==\n\t"), "CANARY\n"));
        assert!(is(key("Q0FOQVJZCg"), "CANARY\n"));
        assert!(is(key(""), ""));
        assert_eq!(key("CANARY!").opaque().map(|o| &*o.reason), Some("the key is not valid base64"));
        assert_eq!(key("/////w==").opaque().map(|o| &*o.reason), Some("the key's bytes are no text"));
        assert_eq!(key("__PSK__").opaque().map(|o| &*o.reason), Some("the profile is a template: its key is not filled in"));
    }

    #[test]
    fn secrets_are_known_by_their_keys_names() {
        for key in [
            "SharedSecret",
            "AuthPassword",
            "XAuthPassword",
            "ipsec-psk",
            "password",
            "ExportedSharedSecret",
            "Password",
            "machine-certpass",
            "-P_in ",
            "x p-s_k y",
            "api KEY",
        ] {
            assert!(names_secret(key), "{key}");
        }
        for key in ["user", "gateway", "AuthName", "CommRemoteAddress", "UserDefinedName", "keyid", "pi", "-", "", "ps", "passkey"] {
            assert!(!names_secret(key), "{key}");
        }
    }
}
