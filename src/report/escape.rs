//! What makes a text harmless in another's syntax. The texts are visible already: no control characters are in them but those of masked lines.

use std::borrow::Cow;
use std::fmt::Write as _;

/// For XML text and attributes: the five characters, and none that XML 1.0 forbids.
pub fn xml(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
        out
    })
}

/// For prose in Markdown: nothing in it is markup, HTML, a mention or a link.
pub fn markdown(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' => out.push_str("&#64;"),
            ':' => out.push_str("&#58;"),
            '\n' | '\r' => out.push(' '),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '-' | '!' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
        out
    })
}

/// A fence longer than any run of back-ticks in `text`.
pub fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    "`".repeat(longest.max(2) + 1)
}

/// The message of a GitHub workflow command.
pub fn command_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a GitHub workflow command.
pub fn command_property(text: &str) -> String {
    command_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A path as a relative URI reference (RFC 3986): every byte that is not unreserved or `/` in per cent.
pub fn uri(path: &str) -> Cow<'_, str> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~' | b'/');
    if path.bytes().all(plain) {
        return Cow::Borrowed(path);
    }
    Cow::Owned(path.bytes().fold(String::with_capacity(path.len() + 16), |mut out, b| {
        if plain(b) {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
        out
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn commands_and_uris_are_closed_in() {
        assert_eq!(command_data("a\n::error::b%"), "a%0A::error::b%25");
        assert_eq!(command_property("a:b,c\r"), "a%3Ab%2Cc%0D");
        assert_eq!(uri("a b/ü#.toml"), "a%20b/%C3%BC%23.toml");
        assert_eq!(fence("a ```` b"), "`````");
        assert_eq!(xml("<a b='\"&\u{1}'>"), "&lt;a b=&#39;&quot;&amp;\u{fffd}&#39;&gt;");
    }

    proptest! {
        #[test]
        fn nothing_is_left_of_markup(text in any::<String>()) {
            let shown = markdown(&text);
            prop_assert!(!shown.contains(['<', '>', '@', '\n', '\r']));
            for (at, _) in shown.match_indices(['`', '*', '_', '[', ']', '|']) {
                prop_assert!(shown[..at].ends_with('\\'));
            }
            prop_assert!(!xml(&text).contains(['<', '>', '"', '\'']));
            let document = format!("<a b=\"{0}\">{0}</a>", xml(&text));
            prop_assert!(roxmltree::Document::parse(&document).is_ok());
            prop_assert!(!command_data(&text).contains(['\n', '\r']));
        }
    }
}
