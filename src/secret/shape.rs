//! The look of a key: its edges, and whether it is a placeholder or an encoded text.

use super::{Secret, encoding};

/// What stands at one edge of a key, from harmless to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EdgeClass {
    /// An ASCII letter or digit.
    AlphaNumeric,
    /// Any other visible character.
    Special,
    /// A blank, a tab or a line break, Unicode's too.
    WhiteSpace,
    /// A control or zero-width character, a byte order mark.
    Control,
}

/// Both edges of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Edges {
    /// The first character's.
    pub first: EdgeClass,
    /// The last character's.
    pub last: EdgeClass,
}

impl EdgeClass {
    fn of(c: char) -> Self {
        match c {
            c if c.is_ascii_alphanumeric() => Self::AlphaNumeric,
            c if c.is_whitespace() => Self::WhiteSpace,
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}' => Self::Control,
            c if c.is_control() => Self::Control,
            _ => Self::Special,
        }
    }
}

impl Edges {
    /// The worse of the two.
    pub fn worst(self) -> EdgeClass {
        self.first.max(self.last)
    }
}

impl Secret {
    /// The classes of the first and last character. An empty key has nothing to blame: both are [`EdgeClass::AlphaNumeric`].
    ///
    /// "The shared secret should not contain any special characters at the beginning or end" (Meraki, Client VPN
    /// Overview, Encryption method).
    pub fn edge(&self) -> Edges {
        let class = |c: Option<char>| c.map_or(EdgeClass::AlphaNumeric, EdgeClass::of);
        Edges { first: class(self.text().chars().next()), last: class(self.text().chars().next_back()) }
    }

    /// Whether it is base64 of readable text of at least six bytes, as in Apple's own example of a mobileconfig, which
    /// is encoded twice (developer.apple.com, `DeviceManagement` VPN). The line break that `base64` writes behind it does not matter.
    pub fn looks_base64_encoded(&self) -> bool {
        let text = self.text().trim_end_matches(['\r', '\n']);
        text.len().is_multiple_of(4)
            && encoding::from_base64(text).is_some_and(|decoded| {
                let decoded = decoded.trim_end_matches(['\r', '\n']);
                decoded.len() >= 6 && decoded.bytes().all(|b| (b' '..=b'~').contains(&b))
            })
    }

    /// Whether it is a placeholder that some tool or person was to fill in: `{{ psk }}`, `${PSK}`, `%PSK%`, `%(psk)s`,
    /// `__PSK__`, `<psk>`, `CHANGE_ME`, `XXXXX`.
    pub fn looks_templated(&self) -> bool {
        let text = self.text().trim();
        let between = |open: &str, close: &str| {
            text.find(open).is_some_and(|at| {
                let rest = &text[at + open.len()..];
                rest.find(close).is_some_and(|end| end > 0)
            })
        };
        let name_between = |open: &str, close: &str| {
            let inner = text.strip_prefix(open).and_then(|t| t.strip_suffix(close)).unwrap_or_default();
            inner.starts_with(|c: char| c.is_ascii_alphabetic())
                && inner.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ' '))
        };
        let letters: String = text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        between("{{", "}}")
            || between("${", "}")
            || between("%(", ")s")
            || name_between("%", "%")
            || name_between("__", "__")
            || name_between("<", ">")
            || matches!(letters.as_str(), "changeme" | "replaceme" | "placeholder" | "todo" | "fixme")
            || (text.len() >= 4 && text.chars().all(|c| c.eq_ignore_ascii_case(&'x') || c == '*'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worst(text: &str) -> EdgeClass {
        Secret::new(text).edge().worst()
    }

    #[test]
    fn edges_are_told_apart() {
        let edges = Secret::new("aCANARY!").edge();
        assert_eq!((edges.first, edges.last), (EdgeClass::AlphaNumeric, EdgeClass::Special));
    }

    #[test]
    fn only_ascii_letters_and_digits_are_plain() {
        assert_eq!(worst("CANARY1"), EdgeClass::AlphaNumeric);
        assert_eq!(worst("éCANARY"), EdgeClass::Special);
        assert_eq!(worst("１CANARY"), EdgeClass::Special);
        assert_eq!(worst("-CANARY"), EdgeClass::Special);
    }

    #[test]
    fn blanks_and_line_breaks_are_white_space() {
        for text in [" CANARY", "CANARY\n", "CANARY\t", "\u{3000}CANARY", "CANARY\u{a0}"] {
            assert_eq!(worst(text), EdgeClass::WhiteSpace);
        }
    }

    #[test]
    fn invisible_characters_are_control() {
        for text in ["\u{feff}CANARY", "CANARY\0", "CANARY\u{200b}", "\u{202e}CANARY!"] {
            assert_eq!(worst(text), EdgeClass::Control);
        }
    }

    #[test]
    fn an_empty_key_has_no_bad_edge() {
        assert_eq!(worst(""), EdgeClass::AlphaNumeric);
    }

    #[test]
    fn twice_encoded_text_is_seen() {
        assert!(Secret::new("QXBwbGUxMjMh").looks_base64_encoded());
        assert!(Secret::new("MTIzNDU2Nzg5Cg==").looks_base64_encoded());
    }

    #[test]
    fn plain_keys_are_not_taken_for_base64() {
        for text in ["Passw0rdPassw0rd", "abcd", "kT9vQ2mXw7LpR4sZ", "QXBwbGUxMjM"] {
            assert!(!Secret::new(text).looks_base64_encoded(), "{text}");
        }
    }

    #[test]
    fn placeholders_are_seen() {
        for text in
            ["{{ psk }}", "x{{psk}}", "${PSK}", "%PSK%", "%(psk)s", "__PSK__", "<your key>", "CHANGE_ME", "changeme", "XXXXXX", "********"]
        {
            assert!(Secret::new(text).looks_templated(), "{text}");
        }
    }

    #[test]
    fn real_keys_are_no_placeholders() {
        for text in ["CANARY%20%", "{CANARY}", "$CANARY{", "__", "xxX1", "<>", "", "a__CANARY__b", "${}"] {
            assert!(!Secret::new(text).looks_templated(), "{text}");
        }
    }
}
