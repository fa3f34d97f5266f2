//! The encodings in which a key travels, both ways. Everything they make is wiped after use.

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::{alphabet, engine::DecodePaddingMode};
use zeroize::Zeroizing;

const DECODE: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, DECODE);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, DECODE);

/// Base64 with padding; without, cut the `=`.
pub(super) fn to_base64(bytes: &[u8], url_safe: bool) -> Zeroizing<String> {
    Zeroizing::new(if url_safe { URL_SAFE.encode(bytes) } else { STANDARD.encode(bytes) })
}

/// The text of a base64 text in either alphabet, padded or not.
pub(super) fn from_base64(text: &str) -> Option<Zeroizing<String>> {
    if text.is_empty() {
        return None;
    }
    let bytes = STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()?;
    as_text(bytes)
}

/// Two hex digits a byte.
pub(super) fn to_hex(bytes: &[u8], upper: bool) -> Zeroizing<String> {
    let digits = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
    let mut out = Zeroizing::new(String::with_capacity(bytes.len() * 2));
    for b in bytes {
        out.push(char::from(digits[usize::from(b >> 4)]));
        out.push(char::from(digits[usize::from(b & 15)]));
    }
    out
}

/// The text of a hex text, with or without `0x`.
pub(super) fn from_hex(text: &str) -> Option<Zeroizing<String>> {
    let digits = text.strip_prefix("0x").unwrap_or(text).as_bytes();
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return None;
    }
    let value = |b: u8| char::from(b).to_digit(16).map(|d| d as u8);
    let bytes: Option<Vec<u8>> = digits.chunks_exact(2).map(|p| Some(value(p[0])? << 4 | value(p[1])?)).collect();
    as_text(bytes?)
}

/// Percent encoding of all but RFC 3986's unreserved characters.
pub(super) fn to_percent(text: &str, upper: bool) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(text.len() * 3));
    for b in text.bytes() {
        if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(b));
        } else {
            out.push('%');
            out.push_str(&to_hex(&[b], upper));
        }
    }
    out
}

/// The text of a percent-encoded text; `None` when it has no `%XX` at all.
pub(super) fn from_percent(text: &str) -> Option<Zeroizing<String>> {
    let mut rest = text.as_bytes();
    let mut bytes = Vec::with_capacity(rest.len());
    let mut seen = false;
    while let Some((&b, tail)) = rest.split_first() {
        rest = tail;
        let hex = |b: &u8| char::from(*b).to_digit(16).map(|d| d as u8);
        if let (b'%', Some(high), Some(low)) = (b, tail.first().and_then(hex), tail.get(1).and_then(hex)) {
            bytes.push(high << 4 | low);
            rest = &tail[2..];
            seen = true;
        } else {
            bytes.push(b);
        }
    }
    let text = as_text(bytes)?;
    seen.then_some(text)
}

/// XML's five entities, by name or by number.
pub(super) fn to_xml(text: &str, numeric: bool) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(text.len() * 6));
    for c in text.chars() {
        let entity = match (c, numeric) {
            ('&', false) => "&amp;",
            ('<', false) => "&lt;",
            ('>', false) => "&gt;",
            ('"', false) => "&quot;",
            ('\'', false) => "&apos;",
            ('&', true) => "&#38;",
            ('<', true) => "&#60;",
            ('>', true) => "&#62;",
            ('"', true) => "&#34;",
            ('\'', true) => "&#39;",
            (c, _) => {
                out.push(c);
                continue;
            }
        };
        out.push_str(entity);
    }
    out
}

/// The text of a text with XML entities; `None` when it has none.
pub(super) fn from_xml(text: &str) -> Option<Zeroizing<String>> {
    let mut out = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    let mut seen = false;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = rest.find(';').and_then(|end| Some((entity(&rest[1..end])?, end + 1)));
        let (c, used) = known.unwrap_or(('&', 1));
        seen |= known.is_some();
        out.push(c);
        rest = &rest[used..];
    }
    out.push_str(rest);
    seen.then_some(out)
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

/// JSON's escapes, without the quotes; `ascii` writes all else as `\uXXXX`.
pub(super) fn to_json(text: &str, ascii: bool) -> Zeroizing<String> {
    use std::fmt::Write as _;
    let mut out = Zeroizing::new(String::with_capacity(text.len() * 6));
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' || (ascii && !c.is_ascii()) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}").expect("writing to a String cannot fail");
                }
            }
            c => out.push(c),
        }
    }
    out
}

fn as_text(bytes: Vec<u8>) -> Option<Zeroizing<String>> {
    match String::from_utf8(bytes) {
        Ok(text) => Some(Zeroizing::new(text)),
        Err(e) => {
            drop(Zeroizing::new(e.into_bytes()));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_encoding_decodes_to_what_went_in(text in "\\PC{1,20}") {
            let bytes = text.as_bytes();
            for url_safe in [false, true] {
                let padded = to_base64(bytes, url_safe);
                prop_assert_eq!(&*from_base64(&padded).unwrap(), &text);
                prop_assert_eq!(&*from_base64(padded.trim_end_matches('=')).unwrap(), &text);
            }
            for upper in [false, true] {
                prop_assert_eq!(&*from_hex(&to_hex(bytes, upper)).unwrap(), &text);
                if let Some(decoded) = from_percent(&to_percent(&text, upper)) {
                    prop_assert_eq!(&*decoded, &text);
                }
            }
            for numeric in [false, true] {
                if let Some(decoded) = from_xml(&to_xml(&text, numeric)) {
                    prop_assert_eq!(&*decoded, &text);
                }
            }
            for ascii in [false, true] {
                let quoted = format!("\"{}\"", *to_json(&text, ascii));
                prop_assert_eq!(serde_json::from_str::<String>(&quoted).unwrap(), text.clone());
            }
        }

        #[test]
        fn decoders_take_any_text(text in "\\PC*") {
            let _ = (from_base64(&text), from_hex(&text), from_percent(&text), from_xml(&text));
        }
    }

    #[test]
    fn text_without_entities_or_percents_is_not_encoded() {
        assert!(from_xml("CANARY").is_none() && from_percent("CANARY%").is_none());
        assert!(from_xml("CANARY & more").is_none());
    }
}
