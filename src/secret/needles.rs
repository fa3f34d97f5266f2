//! The forms in which a key may turn up in a text.

use zeroize::Zeroizing;

use super::{Secret, encoding};
use crate::source::visible;

/// A key of fewer characters has no needles: they would hide half of every message and protect nothing.
const MIN_CHARS: usize = 4;
/// What is left of a key's base64 inside that of a longer text must have this many characters to be a needle.
const MIN_CORE: usize = 8;

impl Secret {
    /// Whether `find` finds the key's own text; a key without needles is not sought.
    pub fn stands_in(&self, find: impl FnOnce(&str) -> bool) -> bool {
        self.text().chars().nth(MIN_CHARS - 1).is_some() && find(self.text())
    }

    /// Hands every form that must not appear in a shown text to `take`: the text itself, base64 (both alphabets, with and
    /// without padding, and as part of a longer encoded text), hex, percent, XML, JSON, doubled quotes, and as
    /// [`visible`] writes it. None for a key of less than four characters. A form may come twice; each is wiped afterwards.
    pub fn mask_needles(&self, mut take: impl FnMut(&str)) {
        let text = self.text();
        if text.chars().nth(MIN_CHARS - 1).is_none() {
            return;
        }
        let bytes = text.as_bytes();
        take(text);
        for flag in [false, true] {
            let base64 = encoding::to_base64(bytes, flag);
            take(&base64);
            take(base64.trim_end_matches('='));
            base64_cores(bytes, flag, &mut take);
            take(&encoding::to_hex(bytes, flag));
            take(&encoding::to_percent(text, flag));
            take(&encoding::to_xml(text, flag));
            take(&encoding::to_json(text, flag));
        }
        for quote in ["'", "\""] {
            if text.contains(quote) {
                take(&Zeroizing::new(text.replace(quote, &quote.repeat(2))));
            }
        }
        let shown = Zeroizing::new(visible(text).into_owned());
        take(&shown);
    }
}

/// The characters of base64 that depend on the key alone when it stands 0, 1 or 2 bytes after a group's beginning and is
/// followed by other text.
fn base64_cores(bytes: &[u8], url_safe: bool, take: &mut impl FnMut(&str)) {
    for shift in 0..3usize {
        let mut padded = Zeroizing::new(vec![0; shift]);
        padded.extend_from_slice(bytes);
        let base64 = encoding::to_base64(&padded, url_safe);
        let first = (shift * 8).div_ceil(6);
        let last = padded.len() * 8 / 6;
        if last >= first + MIN_CORE {
            take(&base64[first..last]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needles(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        Secret::new(text).mask_needles(|n| all.push(n.to_owned()));
        all
    }

    #[test]
    fn every_form_is_there() {
        let all = needles("a&\"é?CANARY~>");
        for form in [
            "a&\"é?CANARY~>",
            "YSYiw6k/Q0FOQVJZfj4=",
            "YSYiw6k/Q0FOQVJZfj4",
            "YSYiw6k_Q0FOQVJZfj4=",
            "612622c3a93f43414e4152597e3e",
            "612622C3A93F43414E4152597E3E",
            "a%26%22%c3%a9%3fCANARY~%3e",
            "a%26%22%C3%A9%3FCANARY~%3E",
            "a&amp;&quot;é?CANARY~&gt;",
            "a&#38;&#34;é?CANARY~&#62;",
            "a&\\\"é?CANARY~>",
            "a&\\\"\\u00e9?CANARY~>",
            "a&\"\"é?CANARY~>",
        ] {
            assert!(all.iter().any(|n| n == form), "{form}");
        }
    }

    #[test]
    fn part_of_a_longer_base64_is_found() {
        for before in ["", "x", "xy", "xyz"] {
            let whole = encoding::to_base64(format!("{before}CANARY-CANARY\n").as_bytes(), false);
            assert!(needles("CANARY-CANARY").iter().any(|n| whole.contains(n)), "{before}");
        }
    }

    #[test]
    fn short_keys_have_none() {
        assert!(needles("abc").is_empty() && needles("").is_empty());
        assert!(!needles("äöüß").is_empty());
    }

    #[test]
    fn control_characters_are_also_sought_as_they_are_shown() {
        assert!(needles("CANARY\u{1b}x").iter().any(|n| n == "CANARY\\u{1b}x"));
    }

    #[test]
    fn no_needle_is_shorter_than_four_bytes() {
        for text in ["abcd", "1234567", "&&&&"] {
            assert!(needles(text).iter().all(|n| n.len() >= 4));
        }
    }
}
