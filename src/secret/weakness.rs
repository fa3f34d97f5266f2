//! Whether a key is too easy to guess.

use zeroize::Zeroizing;
use zxcvbn::{Score, zxcvbn};

use super::{Secret, strength};

/// Why a key is weak. It tells nothing of its characters or length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Weakness {
    /// Shorter than the policy's minimum.
    TooShort,
    /// In the list of common and left-over test values, perhaps with digits or marks behind.
    CommonValue,
    /// The site's or organisation's name, and little else.
    ContainsName,
    /// zxcvbn's score is below 3.
    Guessable,
}

impl Weakness {
    /// The reason in words for a help text, lower case, no full stop.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::TooShort => "it is shorter than the policy's minimum",
            Self::CommonValue => "it is a common or left-over test value",
            Self::ContainsName => "it is made of the name of the site or organization",
            Self::Guessable => "it is made of words or patterns that guessing programs try first",
        }
    }
}

/// zxcvbn looks at this many characters. A keyboard walk of more overflows its arithmetic (`5^turns` in a `u64`), and its
/// time grows with the cube of the length; the Dashboard takes 32.
const MAX_LOOKED_AT: usize = 28;
/// A shorter name stands in random keys by chance.
const MIN_NAME: usize = 4;

/// Values that many people use as keys, ready to be compared with.
pub struct CommonValues {
    /// As written, sorted.
    whole: Vec<String>,
    /// Their letters and digits in lower case, sorted; none empty.
    plain: Vec<String>,
}

impl CommonValues {
    /// Takes whole values.
    pub fn new<'v>(values: impl Iterator<Item = &'v str>) -> Self {
        let mut whole: Vec<_> = values.map(str::to_owned).collect();
        whole.sort_unstable();
        let mut plain: Vec<_> = whole.iter().map(|v| letters_and_digits(v).to_string()).filter(|v| !v.is_empty()).collect();
        plain.sort_unstable();
        Self { whole, plain }
    }

    /// Whether `text` is one of them, in any case, and with any marks in it and digits behind it; `plain` are its letters and digits.
    fn hold(&self, text: &str, plain: &str) -> bool {
        let has = |plain: &str| self.plain.binary_search_by(|v| (**v).cmp(plain)).is_ok();
        self.whole.binary_search_by(|v| (**v).cmp(text)).is_ok() || has(plain) || has(plain.trim_end_matches(|c: char| c.is_ascii_digit()))
    }
}

impl Secret {
    /// The first weakness found, cheapest test first. `min_length` is in characters; `context` holds the names that an
    /// attacker knows. zxcvbn runs only for a key that `strength::surely_strong` cannot decide; it keeps copies of the key
    /// that are not wiped.
    pub fn weakness(&self, min_length: usize, common: &CommonValues, context: &[&str]) -> Option<Weakness> {
        let text = self.text();
        let plain = letters_and_digits(text);
        if text.chars().count() < min_length {
            Some(Weakness::TooShort)
        } else if common.hold(text, &plain) {
            Some(Weakness::CommonValue)
        } else if context.iter().any(|name| is_name(&plain, name, min_length)) {
            Some(Weakness::ContainsName)
        } else if is_guessable(text) {
            Some(Weakness::Guessable)
        } else {
            None
        }
    }
}

fn letters_and_digits(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect())
}

fn is_name(plain: &str, name: &str, min_length: usize) -> bool {
    let name = letters_and_digits(name);
    name.chars().count() >= MIN_NAME && plain.contains(name.as_str()) && plain.chars().count() - name.chars().count() < min_length
}

fn is_guessable(text: &str) -> bool {
    let end = text.char_indices().nth(MAX_LOOKED_AT).map_or(text.len(), |(at, _)| at);
    let text = &text[..end];
    !strength::surely_strong(text.as_bytes()) && zxcvbn(text, &[]).score() < Score::Three
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weakness(text: &str) -> Option<Weakness> {
        let common = CommonValues::new(["Meraki", "!!!!!!!!!!!!"].into_iter());
        Secret::new(text).weakness(12, &common, &["osaka-branch", "io"])
    }

    #[test]
    fn short_keys_are_weak() {
        assert_eq!(weakness("k9.Tq2vXw7L"), Some(Weakness::TooShort));
        assert_eq!(weakness(""), Some(Weakness::TooShort));
    }

    #[test]
    fn common_values_are_weak_in_any_case_and_with_digits_behind() {
        assert_eq!(weakness("MERAKI-123456"), Some(Weakness::CommonValue));
        assert_eq!(weakness("M.e.r.a.k.i.!"), Some(Weakness::CommonValue));
        assert_eq!(weakness("!!!!!!!!!!!!"), Some(Weakness::CommonValue));
    }

    #[test]
    fn the_sites_name_with_little_else_is_weak() {
        assert_eq!(weakness("OsakaBranch2026!"), Some(Weakness::ContainsName));
        assert_eq!(weakness("osaka-branch.k9Tq2vXw7LpR"), None);
    }

    #[test]
    fn words_and_walks_are_guessable() {
        for text in ["password1234", "qwertyuiop[]", "aaaaaaaaaaaaaaaaaaaa", "abcdefghijklmnop"] {
            assert_eq!(weakness(text), Some(Weakness::Guessable), "{text}");
        }
    }

    #[test]
    fn random_keys_are_strong() {
        assert_eq!(weakness("a7Kq2VxW9.mL-pR4sZtY"), None);
        assert_eq!(weakness("correct horse battery staple"), None);
    }

    #[test]
    fn hostile_keys_do_not_overflow_the_estimate() {
        for text in ["12".repeat(50), "qaz".repeat(60), "a4@8({[<3691!|70$5+%2".repeat(3), "é\u{130}".repeat(80)] {
            let _ = weakness(&text);
        }
        let walk: String = "1212323254565658789".repeat(4);
        assert_eq!(Secret::new(walk.as_str()).weakness(12, &CommonValues::new(std::iter::empty()), &[]), weakness(&walk));
    }
}
