//! The tables that a policy may extend or replace: their names, what ships with vpnlint, and what a line of each must be.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::model::proposal::{Phase, Proposal};
use crate::model::{Os, Service};

/// A table in `policies/data`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// `common-keys.txt`
    CommonKeys,
    /// `conflicting-software.txt`
    ConflictingSoftware,
    /// `home-lans.txt`
    HomeLans,
    /// `l7-file-sharing.txt`
    L7FileSharing,
    /// `mx-proposals.txt`
    MxProposals,
    /// `os-without-l2tp.txt`
    OsWithoutL2tp,
    /// `public-resolvers.txt`
    PublicResolvers,
    /// `services.txt`
    Services,
}

impl Table {
    /// Every one, in the order of their names.
    pub const ALL: [Self; 8] = [
        Self::CommonKeys,
        Self::ConflictingSoftware,
        Self::HomeLans,
        Self::L7FileSharing,
        Self::MxProposals,
        Self::OsWithoutL2tp,
        Self::PublicResolvers,
        Self::Services,
    ];

    /// What `[data]` calls it: its file's name without the ending.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CommonKeys => "common-keys",
            Self::ConflictingSoftware => "conflicting-software",
            Self::HomeLans => "home-lans",
            Self::L7FileSharing => "l7-file-sharing",
            Self::MxProposals => "mx-proposals",
            Self::OsWithoutL2tp => "os-without-l2tp",
            Self::PublicResolvers => "public-resolvers",
            Self::Services => "services",
        }
    }

    /// What is in it.
    pub const fn doc(self) -> &'static str {
        match self {
            Self::CommonKeys => "keys that people leave behind or try first; no output shows them",
            Self::ConflictingSoftware => "programs that keep Windows' own VPN from connecting",
            Self::HomeLans => "networks that home routers hand out as they come",
            Self::L7FileSharing => "layer 7 categories and applications that carry file shares",
            Self::MxProposals => "what the MX takes from client VPN peers, by the site file's `crypto`",
            Self::OsWithoutL2tp => "systems without an L2TP/IPsec client, from which version on",
            Self::PublicResolvers => "resolvers that answer for anyone, and know no internal name",
            Self::Services => "services as a resource names them, and the port of each",
        }
    }

    /// What a line must be, for a message.
    pub const fn line(self) -> &'static str {
        match self {
            Self::CommonKeys => "a key",
            Self::ConflictingSoftware => "`conflicts` or `harmless` and a program's name, such as \"conflicts SmartByte\"",
            Self::HomeLans => "an IPv4 network without host bits, such as \"192.168.178.0/24\"",
            Self::L7FileSharing => "`category` or `application` and its name, such as \"category File sharing\"",
            Self::MxProposals => {
                "`default` or `pci`, then `ike`, `ike-firmware` or `esp`, then proposals, such as \"default ike aes256-sha256-modp2048\""
            }
            Self::OsWithoutL2tp => "a system and the first version without L2TP/IPsec, such as \"android 12\"",
            Self::PublicResolvers => "an IPv4 address, such as \"9.9.9.9\"",
            Self::Services => "a name and its port, such as \"smb tcp/445\"",
        }
    }

    /// The table of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.name() == name)
    }

    pub(super) const fn index(self) -> usize {
        self as usize
    }

    /// The table that ships with vpnlint.
    pub(super) const fn shipped(self) -> &'static str {
        match self {
            Self::CommonKeys => include_str!("../../../policies/data/common-keys.txt"),
            Self::ConflictingSoftware => include_str!("../../../policies/data/conflicting-software.txt"),
            Self::HomeLans => include_str!("../../../policies/data/home-lans.txt"),
            Self::L7FileSharing => include_str!("../../../policies/data/l7-file-sharing.txt"),
            Self::MxProposals => include_str!("../../../policies/data/mx-proposals.txt"),
            Self::OsWithoutL2tp => include_str!("../../../policies/data/os-without-l2tp.txt"),
            Self::PublicResolvers => include_str!("../../../policies/data/public-resolvers.txt"),
            Self::Services => include_str!("../../../policies/data/services.txt"),
        }
    }

    /// Whether `line` can stand in it.
    pub fn takes(self, line: &str) -> bool {
        let line = line.trim();
        let (first, rest) = words(line);
        match self {
            Self::CommonKeys => !line.is_empty(),
            Self::ConflictingSoftware => matches!(first, "conflicts" | "harmless") && !rest.is_empty(),
            Self::HomeLans => first.parse::<Ipv4Net>().is_ok_and(|net| net.trunc() == net),
            Self::L7FileSharing => matches!(first, "category" | "application") && !rest.is_empty(),
            Self::MxProposals => {
                let (key, text) = words(rest);
                let phase = if key == "esp" { Phase::Two } else { Phase::One };
                let mut proposals = Proposal::parse_all(text, phase).peekable();
                matches!(first, "default" | "pci")
                    && matches!(key, "ike" | "ike-firmware" | "esp")
                    && proposals.peek().is_some()
                    && proposals.all(|p| p.unknown.is_none())
            }
            Self::OsWithoutL2tp => {
                let known = [Os::Windows, Os::MacOs, Os::Ios, Os::Linux, Os::Android, Os::ChromeOs];
                known.iter().any(|os| os.word() == first) && words(rest).0.parse::<u32>().is_ok()
            }
            Self::PublicResolvers => first.parse::<Ipv4Addr>().is_ok(),
            Self::Services => !first.contains('/') && Service::port(words(rest).0).is_some(),
        }
    }
}

/// The first word of a line, and the rest.
pub(super) fn words(line: &str) -> (&str, &str) {
    line.split_once(char::is_whitespace).map_or((line, ""), |(first, rest)| (first, rest.trim()))
}

/// The lines of a table's file: `#` starts a comment.
pub fn lines(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_line_is_one_that_its_table_takes() {
        for table in Table::ALL {
            assert_eq!(Table::find(table.name()), Some(table));
            assert!(lines(table.shipped()).count() > 0, "{}", table.name());
            for line in lines(table.shipped()) {
                assert!(table.takes(line), "{}: {line}", table.name());
            }
        }
        assert!(Table::ALL.is_sorted_by_key(|t| t.name()) && Table::find("secret-words").is_none());
    }

    #[test]
    fn what_no_table_takes() {
        for (table, line) in [
            (Table::CommonKeys, "  "),
            (Table::ConflictingSoftware, "SmartByte"),
            (Table::ConflictingSoftware, "conflicts"),
            (Table::HomeLans, "192.168.7.1/24"),
            (Table::HomeLans, "192.168.7.0"),
            (Table::L7FileSharing, "file sharing"),
            (Table::MxProposals, "default ike"),
            (Table::MxProposals, "default ike aes129-sha1-modp1024"),
            (Table::MxProposals, "strong ike aes128-sha1-modp2048"),
            (Table::OsWithoutL2tp, "beos 5"),
            (Table::OsWithoutL2tp, "android twelve"),
            (Table::PublicResolvers, "dns.example.com"),
            (Table::PublicResolvers, "2001:db8::1"),
            (Table::Services, "smb"),
            (Table::Services, "tcp/9 tcp/9"),
            (Table::Services, "smb tcp/0"),
        ] {
            assert!(!table.takes(line), "{}: {line}", table.name());
        }
    }
}
