//! Hostile text made visible: nothing that a terminal obeys or a reader cannot see.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with controls, escapes, line breaks, bidirectional marks and invisible characters written as `\n`, `\t`, `\r`
/// or `\u{202e}`. All else stays, a backslash too: the result is for people to read, not to be decoded.
pub fn visible(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find(is_hidden) else { return Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str(&text[..first]);
    for c in text[first..].chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_hidden(c) => write!(out, "\\u{{{:x}}}", u32::from(c)).expect("writing to a String cannot fail"),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// At most `max_chars` characters of the text, the last of them `…` when it was cut.
pub fn clip(text: &str, max_chars: usize) -> Cow<'_, str> {
    // No text has more characters than bytes.
    if text.len() <= max_chars || text.chars().nth(max_chars).is_none() {
        return Cow::Borrowed(text);
    }
    let Some(kept) = max_chars.checked_sub(1) else { return Cow::Borrowed("") };
    let end = text.char_indices().nth(kept).map_or(text.len(), |(at, _)| at);
    Cow::Owned(format!("{}…", &text[..end]))
}

fn is_hidden(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    matches!(
        c,
        '\u{80}'..='\u{9f}'
            | '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_text_is_borrowed() {
        for text in ["", "osaka-branch", "大阪 支店 — é", "C:\\Users"] {
            assert!(matches!(visible(text), Cow::Borrowed(t) if t == text));
        }
    }

    #[test]
    fn line_breaks_and_tabs_have_short_names() {
        assert_eq!(visible("a\r\n\tb"), "a\\r\\n\\tb");
    }

    #[test]
    fn terminal_escapes_are_shown() {
        assert_eq!(visible("\u{1b}[31mred\u{9b}0m\u{7}\u{7f}"), "\\u{1b}[31mred\\u{9b}0m\\u{7}\\u{7f}");
    }

    #[test]
    fn bidirectional_marks_are_shown() {
        for c in "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{200e}\u{200f}\u{61c}".chars() {
            assert_eq!(visible(&format!("a{c}b")), format!("a\\u{{{:x}}}b", u32::from(c)));
        }
    }

    #[test]
    fn invisible_characters_are_shown() {
        assert_eq!(visible("a\u{200b}b\u{feff}\u{2028}\u{2029}\u{e0041}"), "a\\u{200b}b\\u{feff}\\u{2028}\\u{2029}\\u{e0041}");
    }

    #[test]
    fn short_text_is_not_clipped() {
        assert!(matches!(clip("大阪支店", 4), Cow::Borrowed("大阪支店")));
        assert_eq!(clip("", 0), "");
    }

    #[test]
    fn long_text_ends_in_an_ellipsis() {
        assert_eq!(clip("大阪支店", 3), "大阪…");
        assert_eq!(clip("abc", 1), "…");
        assert_eq!(clip("abc", 0), "");
    }

    proptest! {
        #[test]
        fn nothing_hidden_remains(text in any::<String>()) {
            prop_assert!(!visible(&text).contains(|c: char| c.is_control() || is_hidden(c)));
        }

        #[test]
        fn clipping_keeps_the_limit(text in any::<String>(), max in 0usize..20) {
            prop_assert!(clip(&text, max).chars().count() <= max);
        }
    }
}
