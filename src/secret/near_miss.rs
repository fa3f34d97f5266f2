//! How two keys differ when they were meant to be one.

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use super::{Secret, encoding};

/// Which of two keys: the one that was asked ([`Secret::near_miss`]'s `self`) or the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// `self`.
    Mine,
    /// `other`.
    Theirs,
}

/// Where one key has white space that the other lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EdgePlace {
    /// In front.
    Start,
    /// Behind, without a line break.
    End,
    /// Behind, with a line break.
    LineBreak,
    /// At both edges, or each key has its own.
    Both,
}

/// An encoding that one key went through once more than the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Base64, either alphabet.
    Base64,
    /// Hex digits, with or without `0x`.
    Hex,
    /// `%20` and the like.
    Percent,
    /// `&amp;` and the like.
    XmlEntities,
}

/// The one thing in which two keys differ. It tells nothing of their characters or length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NearMiss {
    /// White space, a line break or an invisible mark at an edge.
    EdgeWhitespace {
        /// The key that has it; with [`EdgePlace::Both`], the one that has more.
        side: Side,
        /// Where.
        place: EdgePlace,
    },
    /// Upper and lower case.
    LetterCase,
    /// Composed or decomposed, full-width or half-width.
    UnicodeForm,
    /// `“ ” ‘ ’ – —` for `" ' -`.
    TypographicQuotesOrDashes,
    /// Quotes that belong to the format are part of the key.
    KeptQuotes {
        /// The key with the quotes.
        side: Side,
    },
    /// One key is the encoded other.
    EncodedOnceMore {
        /// The encoded key.
        side: Side,
        /// How.
        encoding: Encoding,
    },
    /// `0s` and base64 of the other, taken literally (strongSwan, `NetworkManager`).
    ZeroSPrefix {
        /// The key with the prefix.
        side: Side,
    },
    /// `O` and `0`, `l`, `1` and `I`, Latin and Cyrillic letters.
    LookAlike,
    /// One key ends early.
    Truncated {
        /// The shorter key.
        side: Side,
    },
    /// Several of the above at once, none of them an encoding.
    Several,
}

impl NearMiss {
    /// The difference in words for a help text, lower case, no full stop.
    pub const fn describe(&self) -> &'static str {
        match self {
            Self::EdgeWhitespace { place: EdgePlace::Start, .. } => "they differ only in white space at the beginning of one of them",
            Self::EdgeWhitespace { place: EdgePlace::End, .. } => "they differ only in white space at the end of one of them",
            Self::EdgeWhitespace { place: EdgePlace::LineBreak, .. } => "they differ only in a line break at the end of one of them",
            Self::EdgeWhitespace { place: EdgePlace::Both, .. } => "they differ only in white space at their edges",
            Self::LetterCase => "they differ only in letter case",
            Self::UnicodeForm => "they differ only in the Unicode form of their characters (composed, decomposed or full-width)",
            Self::TypographicQuotesOrDashes => "they differ only in typographic quotes or dashes",
            Self::KeptQuotes { .. } => "one of them keeps the quotes around it",
            Self::EncodedOnceMore { encoding: Encoding::Base64, .. } => {
                "one of them is the base64 of the other: it was encoded once too often or not decoded"
            }
            Self::EncodedOnceMore { encoding: Encoding::Hex, .. } => "one of them is the other in hexadecimal",
            Self::EncodedOnceMore { encoding: Encoding::Percent, .. } => "one of them is the percent-encoded other",
            Self::EncodedOnceMore { encoding: Encoding::XmlEntities, .. } => "one of them is the other with XML entities",
            Self::ZeroSPrefix { .. } => "one of them is `0s` and the base64 of the other, taken literally",
            Self::LookAlike => "they differ only in characters that look alike, such as O and 0 or l and 1",
            Self::Truncated { .. } => "one of them is cut short",
            Self::Several => "they differ only in small things: letter case, white space at the edges, or the form of characters",
        }
    }

    /// The difference and whose key is the odd one, with a semicolon: for the beginning of a help. `mine` and `theirs` are such as `the MX's`.
    pub fn told(&self, mine: &str, theirs: &str) -> String {
        let whose = match self.side() {
            _ if matches!(self, Self::EdgeWhitespace { place: EdgePlace::Both, .. }) => None,
            Some(Side::Mine) => Some(mine),
            Some(Side::Theirs) => Some(theirs),
            None => None,
        };
        let whose = whose.map_or_else(String::new, |whose| format!(" ({whose})"));
        format!("{}{whose}; ", self.describe())
    }

    /// The key to blame, where the difference has a direction.
    pub const fn side(&self) -> Option<Side> {
        match self {
            Self::EdgeWhitespace { side, .. }
            | Self::KeptQuotes { side }
            | Self::EncodedOnceMore { side, .. }
            | Self::ZeroSPrefix { side }
            | Self::Truncated { side } => Some(*side),
            _ => None,
        }
    }
}

/// A shorter text is a prefix of another by chance too easily.
const MIN_TRUNCATED: usize = 8;

impl Secret {
    /// The single difference between two keys that were meant to be equal; `None` for equal or unrelated keys.
    pub fn near_miss(&self, other: &Self) -> Option<NearMiss> {
        let (a, b) = (self.text(), other.text());
        if a == b || a.is_empty() || b.is_empty() {
            return None;
        }
        edge_whitespace(a, b)
            .or_else(|| same_after(a, b, lower_case).then_some(NearMiss::LetterCase))
            .or_else(|| same_after(a, b, |t| t.nfkc().collect()).then_some(NearMiss::UnicodeForm))
            .or_else(|| same_after(a, b, plain_quotes).then_some(NearMiss::TypographicQuotesOrDashes))
            .or_else(|| directed(a, b, kept_quotes).map(|(side, ())| NearMiss::KeptQuotes { side }))
            .or_else(|| directed(a, b, zero_s).map(|(side, ())| NearMiss::ZeroSPrefix { side }))
            .or_else(|| directed(a, b, encoded).map(|(side, encoding)| NearMiss::EncodedOnceMore { side, encoding }))
            .or_else(|| same_after(a, b, skeleton).then_some(NearMiss::LookAlike))
            .or_else(|| directed(a, b, cut_short).map(|(side, ())| NearMiss::Truncated { side }))
            .or_else(|| same_after(a, b, folded).then_some(NearMiss::Several))
    }
}

impl Secret {
    /// Whether this may be what a format made of `meant`: a near miss, or the letters and digits of one are in the other, in order, and at least half of them.
    pub fn may_come_from(&self, meant: &Self) -> bool {
        let plain = |t: &str| Zeroizing::new(t.chars().filter(|c| c.is_alphanumeric()).collect::<String>());
        let (mine, theirs) = (plain(self.text()), plain(meant.text()));
        let (short, long) = if mine.len() <= theirs.len() { (mine, theirs) } else { (theirs, mine) };
        let mut rest = long.chars();
        let within = !short.is_empty() && short.chars().all(|c| rest.any(|r| r == c));
        (within && 2 * short.len() >= long.len()) || self.near_miss(meant).is_some()
    }
}

fn same_after(a: &str, b: &str, fold: impl Fn(&str) -> String) -> bool {
    let (a, b) = (Zeroizing::new(fold(a)), Zeroizing::new(fold(b)));
    !a.is_empty() && *a == *b
}

fn directed<T>(a: &str, b: &str, test: impl Fn(&str, &str) -> Option<T>) -> Option<(Side, T)> {
    test(a, b).map(|t| (Side::Mine, t)).or_else(|| test(b, a).map(|t| (Side::Theirs, t)))
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}')
}

fn edge_whitespace(a: &str, b: &str) -> Option<NearMiss> {
    let core = a.trim_matches(is_blank);
    if core.is_empty() || core != b.trim_matches(is_blank) {
        return None;
    }
    let edges = |t: &str| {
        let start = t.len() - t.trim_start_matches(is_blank).len();
        (t[..start].to_owned(), t[start + core.len()..].to_owned())
    };
    let ((a_start, a_end), (b_start, b_end)) = (edges(a), edges(b));
    let place = match (a_start == b_start, a_end == b_end) {
        (false, true) => EdgePlace::Start,
        (true, false) if a_end.contains(['\n', '\r']) != b_end.contains(['\n', '\r']) => EdgePlace::LineBreak,
        (true, false) => EdgePlace::End,
        _ => EdgePlace::Both,
    };
    let side = if a.len() >= b.len() { Side::Mine } else { Side::Theirs };
    Some(NearMiss::EdgeWhitespace { side, place })
}

fn lower_case(text: &str) -> String {
    text.to_lowercase()
}

fn plain_quotes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{2018}'..='\u{201b}' | '\u{2032}' | '\u{b4}' | '`' | '\u{2039}' | '\u{203a}' => out.push('\''),
            '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{ab}' | '\u{bb}' | '\u{300c}'..='\u{300f}' => out.push('"'),
            // Word processors make one dash of two hyphens.
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '-' => {
                if !out.ends_with('-') {
                    out.push('-');
                }
            }
            '\u{2026}' => out.push_str("..."),
            c => out.push(c),
        }
    }
    out
}

fn kept_quotes(quoted: &str, plain: &str) -> Option<()> {
    [("\"", "\""), ("'", "'"), ("`", "`"), ("\u{201c}", "\u{201d}"), ("\u{2018}", "\u{2019}")]
        .iter()
        .any(|(open, close)| quoted.strip_prefix(open).and_then(|t| t.strip_suffix(close)) == Some(plain))
        .then_some(())
}

/// `echo` puts a line break into what it hands to an encoder.
fn decodes_to(decoded: Option<Zeroizing<String>>, plain: &str) -> bool {
    decoded.is_some_and(|d| *d == plain || d.trim_end_matches(['\r', '\n']) == plain)
}

fn zero_s(prefixed: &str, plain: &str) -> Option<()> {
    decodes_to(encoding::from_base64(prefixed.strip_prefix("0s")?), plain).then_some(())
}

fn encoded(text: &str, plain: &str) -> Option<Encoding> {
    let compact: Zeroizing<String> = Zeroizing::new(text.split_whitespace().collect());
    if decodes_to(encoding::from_base64(&compact), plain) {
        Some(Encoding::Base64)
    } else if decodes_to(encoding::from_hex(&compact), plain) {
        Some(Encoding::Hex)
    } else if decodes_to(encoding::from_percent(text), plain) {
        Some(Encoding::Percent)
    } else if decodes_to(encoding::from_xml(text), plain) {
        Some(Encoding::XmlEntities)
    } else {
        None
    }
}

/// One stand-in for each group of characters that people mix up when they read a key aloud or from paper.
fn skeleton(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            'O' | 'o' | '0' | 'Q' | '\u{41e}' | '\u{43e}' | '\u{39f}' | '\u{3bf}' => '0',
            'l' | '1' | 'I' | '|' | 'i' | '!' | '\u{406}' | '\u{456}' | '\u{399}' => '1',
            'S' | 's' | '5' | '$' | '\u{405}' | '\u{455}' => '5',
            'B' | '8' | '\u{412}' | '\u{392}' => '8',
            'Z' | 'z' | '2' | '\u{396}' => '2',
            'G' | '6' => '6',
            'u' | 'v' => 'v',
            'U' | 'V' => 'V',
            '\u{430}' => 'a',
            '\u{410}' | '\u{391}' => 'A',
            '\u{435}' => 'e',
            '\u{415}' | '\u{395}' => 'E',
            '\u{440}' => 'p',
            '\u{420}' | '\u{3a1}' => 'P',
            '\u{441}' => 'c',
            '\u{421}' => 'C',
            '\u{445}' => 'x',
            '\u{425}' | '\u{3a7}' => 'X',
            '\u{443}' => 'y',
            '\u{41c}' | '\u{39c}' => 'M',
            '\u{41d}' | '\u{397}' => 'H',
            '\u{422}' | '\u{3a4}' => 'T',
            '\u{41a}' | '\u{39a}' => 'K',
            c => c,
        })
        .collect()
}

fn cut_short(short: &str, long: &str) -> Option<()> {
    (long.starts_with(short) && short.chars().nth(MIN_TRUNCATED - 1).is_some()).then_some(())
}

fn folded(text: &str) -> String {
    let form = Zeroizing::new(text.trim_matches(is_blank).nfkc().collect::<String>());
    let plain = Zeroizing::new(plain_quotes(&form));
    lower_case(plain.trim_matches(is_blank))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn miss(a: &str, b: &str) -> Option<NearMiss> {
        Secret::new(a).near_miss(&Secret::new(b))
    }

    #[test]
    fn equal_empty_and_unrelated_keys_are_no_near_miss() {
        assert_eq!(miss("CANARY-1", "CANARY-1"), None);
        assert_eq!(miss("", "CANARY-1"), None);
        assert_eq!(miss(" ", "\n"), None);
        assert_eq!(miss("CANARY-1", "kestrel-9"), None);
    }

    #[test]
    fn white_space_at_an_edge_is_told_with_side_and_place() {
        let edge = |side, place| Some(NearMiss::EdgeWhitespace { side, place });
        assert_eq!(miss(" CANARY", "CANARY"), edge(Side::Mine, EdgePlace::Start));
        assert_eq!(miss("CANARY", "CANARY\t"), edge(Side::Theirs, EdgePlace::End));
        assert_eq!(miss("CANARY\n", "CANARY"), edge(Side::Mine, EdgePlace::LineBreak));
        assert_eq!(miss(" CANARY\r\n", "CANARY"), edge(Side::Mine, EdgePlace::Both));
        assert_eq!(miss("\u{feff}CANARY", "CANARY"), edge(Side::Mine, EdgePlace::Start));
        assert_eq!(miss(" CANARY", "CANARY "), edge(Side::Mine, EdgePlace::Both));
    }

    #[test]
    fn letter_case_is_told() {
        assert_eq!(miss("Canary", "CANARY"), Some(NearMiss::LetterCase));
        assert_eq!(miss("ÉCANARY", "éCANARY"), Some(NearMiss::LetterCase));
    }

    #[test]
    fn unicode_forms_are_told() {
        assert_eq!(miss("caf\u{e9}CANARY", "cafe\u{301}CANARY"), Some(NearMiss::UnicodeForm));
        assert_eq!(miss("ＣＡＮＡＲＹ１", "CANARY1"), Some(NearMiss::UnicodeForm));
    }

    #[test]
    fn typographic_marks_are_told() {
        for (typed, set) in [("CAN-ARY", "CAN–ARY"), ("CAN'ARY", "CAN’ARY"), ("C\"ANARY", "C“ANARY"), ("C--A", "C—A")] {
            assert_eq!(miss(typed, set), Some(NearMiss::TypographicQuotesOrDashes), "{typed}");
        }
    }

    #[test]
    fn kept_quotes_are_told_with_their_side() {
        assert_eq!(miss("\"CANARY\"", "CANARY"), Some(NearMiss::KeptQuotes { side: Side::Mine }));
        assert_eq!(miss("CANARY", "'CANARY'"), Some(NearMiss::KeptQuotes { side: Side::Theirs }));
        assert_eq!(miss("\"CANARY'", "CANARY"), None);
    }

    #[test]
    fn one_encoding_too_many_is_told() {
        let more = |encoding| Some(NearMiss::EncodedOnceMore { side: Side::Mine, encoding });
        assert_eq!(miss("QXBwbGUxMjMh", "Apple123!"), more(Encoding::Base64));
        assert_eq!(miss("MTIzNDU2Nzg5Cg==", "123456789"), more(Encoding::Base64));
        assert_eq!(miss("MTIzNDU2Nzg5Cg", "123456789\n"), more(Encoding::Base64));
        assert_eq!(miss("43414e415259", "CANARY"), more(Encoding::Hex));
        assert_eq!(miss("0x43414E415259", "CANARY"), more(Encoding::Hex));
        assert_eq!(miss("CAN%26ARY", "CAN&ARY"), more(Encoding::Percent));
        assert_eq!(miss("CAN&amp;ARY", "CAN&ARY"), more(Encoding::XmlEntities));
        let theirs = NearMiss::EncodedOnceMore { side: Side::Theirs, encoding: Encoding::Base64 };
        assert_eq!(miss("Apple123!", "QXBwbGUxMjMh"), Some(theirs));
    }

    #[test]
    fn a_literal_0s_is_told() {
        assert_eq!(miss("0sMTIzNDU2Nzg5", "123456789"), Some(NearMiss::ZeroSPrefix { side: Side::Mine }));
        assert_eq!(miss("123456789", "0sMTIzNDU2Nzg5Cg=="), Some(NearMiss::ZeroSPrefix { side: Side::Theirs }));
    }

    #[test]
    fn look_alikes_are_told() {
        for (a, b) in [("CANARY0", "CANARYO"), ("fi1ter", "filter"), ("Ilex", "llex"), ("CАNARY", "CANARY")] {
            assert_eq!(miss(a, b), Some(NearMiss::LookAlike), "{a}");
        }
    }

    #[test]
    fn a_cut_key_is_told_from_eight_characters() {
        assert_eq!(miss("CANARY-1", "CANARY-123"), Some(NearMiss::Truncated { side: Side::Mine }));
        assert_eq!(miss("CANARY-123", "CANARY-1"), Some(NearMiss::Truncated { side: Side::Theirs }));
        assert_eq!(miss("CANARY-", "CANARY-123"), None);
    }

    #[test]
    fn small_differences_together_are_several() {
        assert_eq!(miss(" canary", "CANARY"), Some(NearMiss::Several));
    }

    #[test]
    fn what_a_format_made_of_a_key_is_told_from_another_key() {
        let from = |a: &str, b: &str| Secret::new(a).may_come_from(&Secret::new(b));
        assert!(from("CANARY key", "CANARY\\skey") && from("CANARY", " CANARY") && from("Apple123!", "0sQXBwbGUxMjMh"));
        assert!(from("CANARY-9", "CANARY-$x9") && from("CAN&amp;ARY", "CAN&ARY"));
        assert!(!from("kestrel-9", "CANARY\\skey") && !from("CA", "CANARY-123") && !from("!!", "CANARY"));
    }

    #[test]
    fn only_directed_differences_have_a_side() {
        assert_eq!(miss("CANARY\n", "CANARY").unwrap().side(), Some(Side::Mine));
        assert_eq!(miss("canary", "CANARY").unwrap().side(), None);
    }

    proptest! {
        #[test]
        fn a_near_miss_is_mutual_and_never_panics(a in "\\PC{0,12}", b in "\\PC{0,12}") {
            prop_assert_eq!(miss(&a, &b).is_some(), miss(&b, &a).is_some());
        }
    }
}
