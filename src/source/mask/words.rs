//! Hides what follows a secret-like word.

use std::ops::Range;
use std::sync::LazyLock;

struct SecretWords {
    /// Found anywhere; all ASCII letters lower case.
    anywhere: Vec<Vec<u8>>,
    /// Found as the last part of a name.
    last_part: Vec<&'static str>,
    /// Whether any of them begins with this byte.
    begin: [bool; 256],
}

static WORDS: LazyLock<SecretWords> = LazyLock::new(|| {
    let lines = include_str!("../../../policies/data/secret-words.txt").lines().map(str::trim);
    let mut words = SecretWords { anywhere: Vec::new(), last_part: Vec::new(), begin: [false; 256] };
    for line in lines.filter(|l| !l.is_empty() && !l.starts_with('#')) {
        words.begin[usize::from(line.trim_start_matches('=').as_bytes()[0].to_ascii_lowercase())] = true;
        match line.strip_prefix('=') {
            Some(short) => words.last_part.push(short),
            None => words.anywhere.push(line.to_ascii_lowercase().into_bytes()),
        }
    }
    words
});

/// What follows the first secret-like word of a line (`policies/data/secret-words.txt`) that anything follows: from behind
/// the name it is part of and the `= : , " ' >` or blanks after it, to the end of the line or the element's closing tag.
///
/// `<key>Name</key>` of a property list is a name and no secret, and a lone bracket behind a word opens a block.
pub fn ranges_after_secret_words(line: &str) -> Option<Range<usize>> {
    let line = line.trim_end_matches(['\n', '\r']);
    let lower = line.to_ascii_lowercase();
    let mut at = 0;
    while at < line.len() {
        if line.is_char_boundary(at)
            && let Some(end) = word_at(line, lower.as_bytes(), at)
            && let Some(range) = value_after(line, end)
        {
            return Some(range);
        }
        at += 1;
    }
    None
}

/// Whether a line holds a secret-like word, whether or not anything follows it.
pub fn names_secret(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    (0..line.len()).any(|at| line.is_char_boundary(at) && word_at(line, lower.as_bytes(), at).is_some())
}

/// The end of the secret-like word that begins at `at`.
fn word_at(line: &str, lower: &[u8], at: usize) -> Option<usize> {
    if !WORDS.begin[usize::from(lower[at])] {
        return None;
    }
    let anywhere = WORDS.anywhere.iter().filter_map(|word| spaced_prefix(&lower[at..], word)).max();
    if let Some(len) = anywhere {
        return Some(at + len);
    }
    let short = WORDS.last_part.iter().find(|w| lower[at..].starts_with(w.as_bytes()))?;
    let end = at + short.len();
    (begins_part(line, at) && ends_name(line, end) && !is_plist_name(line, at, end)).then_some(end)
}

/// Length of the text that spells `word`, where each blank of the word is a separator or nothing.
fn spaced_prefix(text: &[u8], word: &[u8]) -> Option<usize> {
    let mut used = 0;
    for &w in word {
        match text.get(used) {
            Some(b' ' | b'-' | b'_' | b'.') if w == b' ' => used += 1,
            _ if w == b' ' => {}
            Some(&t) if t == w => used += 1,
            _ => return None,
        }
    }
    Some(used)
}

fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-')
}

/// Whether a part of a name begins at `at`: `private-key`, `apiKey`, `WPA2Key`, `IPSECKey`.
fn begins_part(line: &str, at: usize) -> bool {
    let starts_upper = line[at..].starts_with(|c: char| c.is_ascii_uppercase());
    match line[..at].chars().next_back() {
        Some(before) if before.is_ascii_uppercase() => starts_upper && line[at..].chars().nth(1).is_some_and(|c| c.is_ascii_lowercase()),
        Some(before) if before.is_ascii_lowercase() => starts_upper,
        Some(before) => before.is_ascii_digit() || !before.is_alphanumeric(),
        None => true,
    }
}

/// Whether a name ends at `end`, but for a number (`key1`, `wpa_key_2`).
fn ends_name(line: &str, end: usize) -> bool {
    let rest = line[end..].trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '_' | '-'));
    !rest.starts_with(is_name_char)
}

/// Whether the word is the tag in `<key>Name</key>` around letters only.
fn is_plist_name(line: &str, at: usize, end: usize) -> bool {
    if line[..at].ends_with("</") {
        return true;
    }
    let Some(content) = line[end..].strip_prefix('>') else { return false };
    line[..at].ends_with('<') && content.split_once("</key>").is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_alphabetic()))
}

fn value_after(line: &str, word_end: usize) -> Option<Range<usize>> {
    let mut rest = line[word_end..].trim_start_matches(is_name_char);
    loop {
        let before = rest.len();
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '=' | ':' | ',' | '"' | '\'' | '>'));
        if let Some((tag, after)) = rest.strip_prefix('<').and_then(|t| t.split_once('>'))
            && tag.trim_start_matches('/').trim_end_matches('/').chars().all(is_name_char)
        {
            rest = after;
        }
        if rest.len() == before {
            break;
        }
    }
    let start = line.len() - rest.len();
    let end = start + without_closing_tag(line, rest).trim_end().len();
    let value = &line[start..end];
    (!value.is_empty() && !matches!(value, "{" | "[" | "(" | "|" | "|-" | ";" | "{}" | "[]")).then_some(start..end)
}

/// The value without the closing tag of an element that was opened on the same line.
fn without_closing_tag<'l>(line: &str, value: &'l str) -> &'l str {
    let closed = value.trim_end().strip_suffix('>').and_then(|v| v.rsplit_once("</"));
    match closed {
        Some((content, name)) if !name.is_empty() && name.chars().all(is_name_char) => {
            let opened = line[..line.len() - value.len()].contains(&format!("<{name}"));
            if opened { content } else { value }
        }
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::mask::apply;

    fn shown_after_words(line: &str) -> String {
        let ranges: Vec<_> = ranges_after_secret_words(line).into_iter().collect();
        apply(line, &ranges).text
    }

    #[test]
    fn what_follows_a_secret_word_is_hidden() {
        for (line, shown) in [
            ("shared_secret = \"CANARY\"", "shared_secret = \"[masked]"),
            ("  -L2tpPsk 'CANARY' -Force", "  -L2tpPsk '[masked]"),
            ("ipsec-psk=0sQ0FOQVJZ", "ipsec-psk=[masked]"),
            ("PreSharedKey=CANARY", "PreSharedKey=[masked]"),
            (": PSK \"CANARY\"", ": PSK \"[masked]"),
            ("crypto isakmp key CANARY address 0.0.0.0", "crypto isakmp key [masked]"),
            ("snmp-server community CANARY RO", "snmp-server community [masked]"),
            ("    <L2tpPsk>CANARY</L2tpPsk>", "    <L2tpPsk>[masked]</L2tpPsk>"),
            ("<key>SharedSecret</key><data>Q0FOQVJZ</data>", "<key>SharedSecret</key><data>[masked]</data>"),
            ("\"password\": \"CANARY\",", "\"password\": \"[masked]"),
            ("privateKey: CANARY", "privateKey: [masked]"),
            ("option key1 'CANARY'", "option key1 '[masked]"),
            ("set psksecret ENC CANARY", "set psksecret [masked]"),
            ("事前共有キー：CANARY", "事前共有キー[masked]"),
            ("パスワード CANARY", "パスワード [masked]"),
            ("Mot de passe : CANARY", "Mot de passe : [masked]"),
            ("SCHLÜSSEL Kennwort=CANARY\r\n", "SCHLÜSSEL Kennwort=[masked]\r\n"),
        ] {
            assert_eq!(shown_after_words(line), shown);
        }
    }

    #[test]
    fn names_of_other_things_are_not_hidden() {
        for line in [
            "keyexchange=ikev1",
            "keyboard = us",
            "monkey = 1",
            "key_span = 3",
            "spinning = yes",
            "<key>UserDefinedName</key>",
            "authby=secret",
            "secrets {",
            "<key>SharedSecret</key>",
            "psk:",
            "",
        ] {
            assert_eq!(shown_after_words(line), line);
        }
    }

    #[test]
    fn a_closing_tag_stays_only_when_it_was_opened_here() {
        assert_eq!(shown_after_words("psk = CAN</ARY>"), "psk = [masked]");
        assert_eq!(shown_after_words("<key>CANARY1</key>"), "<key>[masked]</key>");
    }

    proptest! {
        #[test]
        fn any_line_is_taken(line in any::<String>()) {
            if let Some(range) = ranges_after_secret_words(&line) {
                prop_assert!(line.get(range).is_some_and(|value| !value.is_empty()));
            }
        }
    }
}
