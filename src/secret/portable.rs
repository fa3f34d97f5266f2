//! Which keys a profile format cannot carry as they are.

use super::Secret;

/// Where a key is written, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Carrier {
    /// The Dashboard's field.
    Dashboard {
        /// The longest key that it takes, in characters; [`Carrier::DASHBOARD`] has the default.
        max_length: usize,
    },
    /// An Apple profile's `<data>`: base64 carries every character.
    Mobileconfig,
    /// A `NetworkManager` key file, literally (no `0s`).
    KeyFile,
    /// A PowerShell string in double quotes.
    PowerShellDouble,
    /// A PowerShell string in single quotes.
    PowerShellSingle,
    /// `ipsec.secrets` in double quotes.
    IpsecSecrets,
    /// The text of an element in a `ProfileXML`.
    ProfileXml,
    /// A JSON string in a `ChromeOS` ONC file.
    Onc,
    /// A Windows phone book.
    Pbk,
}

impl Carrier {
    /// The Dashboard's field with the default limit of 32 characters.
    pub const DASHBOARD: Self = Self::Dashboard { max_length: 32 };
}

/// Why a format loses or changes a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unportable {
    /// Characters outside ASCII: RFC 2409 makes the key a string of bytes and names no encoding, so that each client
    /// picks its own (UTF-8, UTF-16, the system's code page).
    NonAscii,
    /// Longer than the Dashboard's field.
    TooLong,
    /// A line break or another control character: one line per value (`nm-settings-keyfile`, `ipsec.secrets`(5),
    /// MS-RRASM 2.2.2), not a character of XML 1.0 (section 2.2), not allowed bare in JSON (RFC 8259 section 7).
    ControlCharacter,
    /// `0s` in front: the `NetworkManager` plugin takes the rest for base64 (`nm-l2tp-service.c`).
    EncodedPrefix,
    /// A backslash: it begins an escape in a key file (`GLib`'s `GKeyFile`) and in JSON (RFC 8259 section 7).
    Backslash,
    /// A blank in front: a key file drops it unless it is written `\s` (`GLib`'s `GKeyFile`).
    LeadingBlank,
    /// A `$` that names a variable or an expression, or a back-tick: PowerShell expands both in double quotes
    /// (`about_Quoting_Rules`, `about_Special_Characters`).
    Expanded,
    /// The quote that ends the string: PowerShell (`about_Quoting_Rules`), `ipsec.secrets`(5), JSON.
    Quote,
    /// `&` or `<`: markup in XML (XML 1.0 section 2.4), which generators of `ProfileXML` are seen not to escape.
    Markup,
}

impl Unportable {
    /// The reason in words for a help text, lower case, no full stop.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::NonAscii => "it holds characters outside ASCII, which clients encode differently",
            Self::TooLong => "it is longer than the Dashboard's field takes",
            Self::ControlCharacter => "it holds a line break or control character, which the format cannot carry",
            Self::EncodedPrefix => "it begins with `0s`, so the rest is taken for base64",
            Self::Backslash => "it holds a backslash, which begins an escape in this format",
            Self::LeadingBlank => "it begins with a blank, which the format drops",
            Self::Expanded => "it holds characters that PowerShell expands in double quotes; use single quotes",
            Self::Quote => "it holds the quote that ends the string",
            Self::Markup => "it holds characters that are markup in XML and need escaping",
        }
    }
}

impl Secret {
    /// What happens to this text when it stands in `carrier` as it is, without escapes; `None` when it arrives unchanged.
    /// For a key that the file writes with the format's escapes, ask about the text as written.
    pub fn unportable(&self, carrier: Carrier) -> Option<Unportable> {
        let text = self.text();
        let holds = |c: char, why| text.contains(c).then_some(why);
        let control = |why| text.contains(|c: char| c.is_ascii_control()).then_some(why);
        if !text.is_ascii() {
            return Some(Unportable::NonAscii);
        }
        match carrier {
            Carrier::Dashboard { max_length } => (text.len() > max_length).then_some(Unportable::TooLong),
            Carrier::Mobileconfig => None,
            Carrier::KeyFile => (text.starts_with("0s").then_some(Unportable::EncodedPrefix))
                .or_else(|| text.starts_with([' ', '\t']).then_some(Unportable::LeadingBlank))
                .or_else(|| holds('\\', Unportable::Backslash))
                .or_else(|| text.contains(['\n', '\r', '\0']).then_some(Unportable::ControlCharacter)),
            Carrier::PowerShellDouble => powershell_expands(text).then_some(Unportable::Expanded).or_else(|| holds('"', Unportable::Quote)),
            Carrier::PowerShellSingle => holds('\'', Unportable::Quote),
            Carrier::IpsecSecrets => {
                holds('"', Unportable::Quote).or_else(|| text.contains(['\n', '\r', '\0']).then_some(Unportable::ControlCharacter))
            }
            Carrier::ProfileXml => {
                text.contains(['&', '<']).then_some(Unportable::Markup).or_else(|| control(Unportable::ControlCharacter))
            }
            Carrier::Onc => holds('"', Unportable::Quote)
                .or_else(|| holds('\\', Unportable::Backslash))
                .or_else(|| control(Unportable::ControlCharacter)),
            Carrier::Pbk => control(Unportable::ControlCharacter),
        }
    }
}

fn powershell_expands(text: &str) -> bool {
    let begins_a_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'{' | b'(' | b'$' | b'^' | b'?' | b':');
    text.contains('`') || text.as_bytes().windows(2).any(|w| w[0] == b'$' && begins_a_name(&w[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Carrier; 9] = [
        Carrier::DASHBOARD,
        Carrier::Mobileconfig,
        Carrier::KeyFile,
        Carrier::PowerShellDouble,
        Carrier::PowerShellSingle,
        Carrier::IpsecSecrets,
        Carrier::ProfileXml,
        Carrier::Onc,
        Carrier::Pbk,
    ];

    fn why(text: &str, carrier: Carrier) -> Option<Unportable> {
        Secret::new(text).unportable(carrier)
    }

    #[test]
    fn plain_keys_travel_everywhere() {
        for carrier in ALL {
            assert_eq!(why("CANARY.kestrel-9_x #;=%", carrier), None, "{carrier:?}");
        }
    }

    #[test]
    fn non_ascii_travels_nowhere() {
        for carrier in ALL {
            assert_eq!(why("CANARYé", carrier), Some(Unportable::NonAscii), "{carrier:?}");
        }
    }

    #[test]
    fn the_dashboard_takes_thirty_two_characters() {
        assert_eq!(why(&"a".repeat(32), Carrier::DASHBOARD), None);
        assert_eq!(why(&"a".repeat(33), Carrier::DASHBOARD), Some(Unportable::TooLong));
        assert_eq!(why(&"a".repeat(33), Carrier::Dashboard { max_length: 64 }), None);
    }

    #[test]
    fn a_key_file_changes_what_it_reads_as_syntax() {
        assert_eq!(why("0sCANARY", Carrier::KeyFile), Some(Unportable::EncodedPrefix));
        assert_eq!(why(" CANARY", Carrier::KeyFile), Some(Unportable::LeadingBlank));
        assert_eq!(why("CAN\\ARY", Carrier::KeyFile), Some(Unportable::Backslash));
        assert_eq!(why("CANARY\n", Carrier::KeyFile), Some(Unportable::ControlCharacter));
        assert_eq!(why("CAN;ARY # no comment", Carrier::KeyFile), None);
    }

    #[test]
    fn powershell_expands_in_double_quotes_only() {
        for text in ["CAN$ARY", "CAN`ARY", "$(CANARY)", "${CANARY}", "CANARY$$"] {
            assert_eq!(why(text, Carrier::PowerShellDouble), Some(Unportable::Expanded), "{text}");
            assert_eq!(why(text, Carrier::PowerShellSingle), None, "{text}");
        }
        assert_eq!(why("CANARY$", Carrier::PowerShellDouble), None);
        assert_eq!(why("CAN$-ARY", Carrier::PowerShellDouble), None);
        assert_eq!(why("CAN\"ARY", Carrier::PowerShellDouble), Some(Unportable::Quote));
        assert_eq!(why("CAN'ARY", Carrier::PowerShellSingle), Some(Unportable::Quote));
    }

    #[test]
    fn ipsec_secrets_cannot_hold_its_quote() {
        assert_eq!(why("CAN\"ARY", Carrier::IpsecSecrets), Some(Unportable::Quote));
        assert_eq!(why("CAN\nARY", Carrier::IpsecSecrets), Some(Unportable::ControlCharacter));
        assert_eq!(why("0sCANARY\\", Carrier::IpsecSecrets), None);
    }

    #[test]
    fn xml_and_json_have_their_own_syntax() {
        assert_eq!(why("CAN&ARY", Carrier::ProfileXml), Some(Unportable::Markup));
        assert_eq!(why("CAN>ARY\"", Carrier::ProfileXml), None);
        assert_eq!(why("CAN\"ARY", Carrier::Onc), Some(Unportable::Quote));
        assert_eq!(why("CAN\\ARY", Carrier::Onc), Some(Unportable::Backslash));
        assert_eq!(why("CANARY\n", Carrier::Pbk), Some(Unportable::ControlCharacter));
        assert_eq!(why("CANARY\n", Carrier::Mobileconfig), None);
    }
}
