//! Versions of operating systems, and what a system can do at all.

use std::borrow::Cow;

use super::tables::Tables;
use super::{Client, Field, Os};

/// The leading number of a version as people and inventories write it: `12`, `12.1`, `Android 13`, `14 (UP1A)`. A build number or a code name alone has none.
fn major(os: Os, text: &str) -> Option<u32> {
    let lower = text.to_ascii_lowercase();
    // What stands before the system's name is the maker's own surface (`One UI 5.1 (Android 13)`).
    let version = lower.rfind(os.word()).map_or(&*lower, |at| &lower[at + os.word().len()..]);
    let version = version.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '_' | '/'));
    let version = version.strip_prefix("version").or_else(|| version.strip_prefix("os ")).unwrap_or(version).trim_start();
    let version = version.strip_prefix('v').unwrap_or(version);
    let end = version.find(|c: char| !c.is_ascii_digit()).unwrap_or(version.len());
    let (number, rest) = version.split_at(end);
    // `12L` is a version; `2021-08` and `11QKQ1` are none.
    let ends = rest.strip_prefix('l').unwrap_or(rest).chars().next().is_none_or(|c| !c.is_alphanumeric());
    number.parse().ok().filter(|n| *n > 0 && number.len() <= 3 && ends)
}

/// Whether a client's system can make an L2TP/IPsec connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum L2tpClient {
    /// It can.
    Yes,
    /// It cannot, from this version on.
    No(u32),
    /// The input does not say; what would.
    Unknown(Cow<'static, str>),
}

impl Client {
    /// Whether the client's system can make an L2TP/IPsec connection (`os-without-l2tp.txt`).
    pub fn l2tp_client(&self, tables: &Tables) -> L2tpClient {
        let os = match &self.os {
            Field::Known(os) => os.value,
            Field::Opaque(o) => return L2tpClient::Unknown(o.reason.to_string().into()),
            Field::Absent => return L2tpClient::Unknown("the client states no `os`".into()),
        };
        let Some(first) = tables.without_l2tp_from(os.word()) else { return L2tpClient::Yes };
        match &self.os_version {
            Field::Opaque(o) => L2tpClient::Unknown(o.reason.to_string().into()),
            Field::Absent => L2tpClient::Unknown("the client states no `os_version`".into()),
            Field::Known(version) => match major(os, &version.value) {
                Some(major) if major >= first => L2tpClient::No(first),
                Some(_) => L2tpClient::Yes,
                None => L2tpClient::Unknown("the client's `os_version` does not begin with a version's number".into()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_people_write_them() {
        for (text, number) in [
            ("12", 12),
            ("12.1", 12),
            (" 9 ", 9),
            ("Android 13", 13),
            ("android-14", 14),
            ("14 (UP1A)", 14),
            ("12L", 12),
            ("v11", 11),
            ("Android OS 10", 10),
            ("One UI 5.1 (Android 13)", 13),
            ("13 (API 33)", 13),
            ("Android version 8.1.0", 8),
        ] {
            assert_eq!(major(Os::Android, text), Some(number), "{text}");
        }
    }

    #[test]
    fn builds_and_names_are_no_versions() {
        for text in
            ["", "Tiramisu", "UP1A.231005.007", "One UI 5.1", "2021-08-05", "API 31", "Android API 28", "11QKQ1", "0", "99999999999", "-"]
        {
            assert_eq!(major(Os::Android, text), None, "{text}");
        }
    }
}
