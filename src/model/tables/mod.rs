//! Facts about the world, from the data files in `policies/data`, with what a policy changed of them. Each table is read once.

mod table;

use std::net::Ipv4Addr;
use std::sync::{LazyLock, OnceLock};

use ipnet::Ipv4Net;

use crate::secret::CommonValues;
use table::words;
pub use table::{Table, lines};

/// What a policy does to a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which one.
    pub table: Table,
    /// What was in it before goes.
    pub replaces: bool,
    /// Lines that come in; each is one that the table takes.
    pub lines: Vec<String>,
}

/// How one table differs from the shipped one.
#[derive(Default)]
struct Changed {
    replaced: bool,
    lines: Vec<String>,
}

/// The tables.
#[derive(Default)]
pub struct Tables {
    changed: [Changed; Table::ALL.len()],
    common_keys: OnceLock<CommonValues>,
    software: OnceLock<Vec<(bool, String, String)>>,
    home_lans: OnceLock<Vec<Ipv4Net>>,
    file_sharing: OnceLock<Vec<(String, String)>>,
    without_l2tp: OnceLock<Vec<(String, u32)>>,
    resolvers: OnceLock<Vec<Ipv4Addr>>,
}

/// A line of `mx-proposals.txt`.
pub struct MxProposals<'t> {
    /// The site file's `crypto`.
    pub setting: &'t str,
    /// Which list of it.
    pub key: &'t str,
    /// Proposals with commas between.
    pub text: &'t str,
}

impl Tables {
    /// The tables as they ship.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Tables> = LazyLock::new(Tables::default);
        &SHIPPED
    }

    /// The shipped tables with changes, later ones after earlier ones.
    pub fn with<'c>(changes: impl Iterator<Item = &'c Change>) -> Self {
        let mut tables = Self::default();
        for change in changes {
            let one = &mut tables.changed[change.table.index()];
            if change.replaces {
                one.replaced = true;
                one.lines.clear();
            }
            one.lines.extend(change.lines.iter().cloned());
        }
        tables
    }

    /// The lines of a table, what a policy added last.
    pub fn lines(&self, table: Table) -> impl DoubleEndedIterator<Item = &str> {
        let changed = &self.changed[table.index()];
        let shipped = if changed.replaced { "" } else { table.shipped() };
        lines(shipped).chain(changed.lines.iter().map(|l| l.trim()))
    }

    /// Whether a policy changed a table.
    pub fn is_changed(&self, table: Table) -> bool {
        let changed = &self.changed[table.index()];
        changed.replaced || !changed.lines.is_empty()
    }

    /// What a table must hold and does not.
    pub fn lacks(&self, table: Table) -> Option<String> {
        if table != Table::MxProposals {
            return None;
        }
        let needed = [("default", "ike"), ("default", "esp"), ("pci", "ike"), ("pci", "esp")];
        let has = |setting: &str, key: &str| self.mx_proposals().any(|line| line.setting == setting && line.key == key);
        needed.into_iter().find(|(setting, key)| !has(setting, key)).map(|(setting, key)| format!("a line `{setting} {key}`"))
    }

    /// Keys that people leave behind or try first (`common-keys.txt`).
    pub fn common_keys(&self) -> &CommonValues {
        self.common_keys.get_or_init(|| CommonValues::new(self.lines(Table::CommonKeys)))
    }

    /// Networks that home routers hand out as they come (`home-lans.txt`).
    pub fn home_lans(&self) -> &[Ipv4Net] {
        self.home_lans.get_or_init(|| self.lines(Table::HomeLans).filter_map(|l| words(l).0.parse().ok()).collect())
    }

    /// Whether `ip` is a resolver for everyone (`public-resolvers.txt`).
    pub fn is_public_resolver(&self, ip: Ipv4Addr) -> bool {
        let table = self.resolvers.get_or_init(|| {
            let mut all: Vec<_> = self.lines(Table::PublicResolvers).filter_map(|l| words(l).0.parse().ok()).collect();
            all.sort_unstable();
            all
        });
        table.binary_search(&ip).is_ok()
    }

    /// Whether a layer 7 category of this name carries file shares (`l7-file-sharing.txt`).
    pub fn is_file_sharing_category(&self, name: &str) -> bool {
        self.shares_files("category", name)
    }

    /// Whether a layer 7 application of this name carries file shares (`l7-file-sharing.txt`).
    pub fn is_file_sharing_application(&self, name: &str) -> bool {
        self.shares_files("application", name)
    }

    fn shares_files(&self, kind: &str, name: &str) -> bool {
        let read = |l| {
            let (kind, name) = words(l);
            (kind.to_owned(), name.to_owned())
        };
        let table = self.file_sharing.get_or_init(|| self.lines(Table::L7FileSharing).map(read).collect());
        table.iter().any(|(k, n)| k == kind && n.eq_ignore_ascii_case(name.trim()))
    }

    /// What the MX takes, by setting (`mx-proposals.txt`).
    pub fn mx_proposals(&self) -> impl Iterator<Item = MxProposals<'_>> {
        self.lines(Table::MxProposals).map(|line| {
            let (setting, rest) = words(line);
            let (key, text) = words(rest);
            MxProposals { setting, key, text }
        })
    }

    /// The first version of a system that cannot make an L2TP/IPsec connection (`os-without-l2tp.txt`); what was said last counts.
    pub fn without_l2tp_from(&self, os: &str) -> Option<u32> {
        let read = |l| {
            let (os, rest) = words(l);
            Some((os.to_owned(), words(rest).0.parse().ok()?))
        };
        let table = self.without_l2tp.get_or_init(|| self.lines(Table::OsWithoutL2tp).filter_map(read).collect());
        table.iter().rev().find(|(name, _)| name == os).map(|(_, first)| *first)
    }

    /// The port of a service (`services.txt`), as it is written there; what was said last counts.
    pub fn service(&self, name: &str) -> Option<&str> {
        self.lines(Table::Services).rev().map(words).find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, rest)| words(rest).0)
    }

    /// What is known to keep Windows' own VPN from working, when an installed program is it (`conflicting-software.txt`).
    ///
    /// A name counts where it stands as whole words, without regard to case: "SmartByte Drivers and Services" is SmartByte.
    pub fn conflicting_software(&self, program: &str) -> Option<&str> {
        let read = |l| {
            let (kind, name) = words(l);
            (kind == "harmless", name.to_ascii_lowercase(), name.to_owned())
        };
        let table = self.software.get_or_init(|| self.lines(Table::ConflictingSoftware).map(read).collect());
        let program = program.to_ascii_lowercase();
        let holds = |name: &str| {
            program.match_indices(name).any(|(at, _)| {
                let beside = [program[..at].chars().next_back(), program[at + name.len()..].chars().next()];
                !beside.into_iter().flatten().any(char::is_alphanumeric)
            })
        };
        if table.iter().any(|(harmless, name, _)| *harmless && holds(name)) {
            return None;
        }
        table.iter().find(|(harmless, name, _)| !harmless && holds(name)).map(|(.., name)| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conflicting_programs_are_known_by_whole_words() {
        let tables = Tables::shipped();
        assert_eq!(tables.conflicting_software("SmartByte Drivers and Services"), Some("SmartByte"));
        assert_eq!(tables.conflicting_software("Rivet SMARTBYTE (64-bit)"), Some("SmartByte"));
        assert_eq!(tables.conflicting_software("softether vpn server"), Some("SoftEther VPN Server"));
        for other in [
            "SmartBytes Backup",
            "MySmartByte",
            "Smart Byte",
            "SoftEther VPN Client",
            "SoftEther VPN Server Manager (Tools Only)",
            "Übersmartbyte",
            "",
        ] {
            assert_eq!(tables.conflicting_software(other), None, "{other}");
        }
    }

    #[test]
    fn web_file_sharing_is_not_file_sharing() {
        let tables = Tables::shipped();
        assert!(tables.is_file_sharing_category("file SHARING") && !tables.is_file_sharing_category("Web file sharing"));
        assert!(tables.is_file_sharing_application("Windows file sharing") && !tables.is_file_sharing_application("File sharing"));
        assert!(!tables.is_public_resolver(Ipv4Addr::new(192, 168, 1, 1)));
    }

    #[test]
    fn later_changes_come_after_earlier_ones() {
        let change = |replaces, line: &str| Change { table: Table::OsWithoutL2tp, replaces, lines: vec![line.to_owned()] };
        let os = |changes: &[Change]| {
            let tables = Tables::with(changes.iter());
            (tables.without_l2tp_from("android"), tables.without_l2tp_from("chromeos"))
        };
        assert_eq!(os(&[]), (Some(12), None));
        assert_eq!(os(&[change(false, "chromeos 130")]), (Some(12), Some(130)));
        assert_eq!(os(&[change(false, "android 11")]), (Some(11), None));
        assert_eq!(os(&[change(true, "chromeos 130")]), (None, Some(130)));
        assert_eq!(os(&[change(false, "android 11"), change(true, "chromeos 130"), change(false, "chromeos 9")]), (None, Some(9)));
    }

    #[test]
    fn proposals_that_replace_must_be_whole() {
        let lines =
            |lines: &[&str]| Change { table: Table::MxProposals, replaces: true, lines: lines.iter().map(|l| (*l).to_owned()).collect() };
        let lacks = |change: &Change| Tables::with(std::iter::once(change)).lacks(Table::MxProposals);
        assert_eq!(Tables::shipped().lacks(Table::MxProposals), None);
        assert_eq!(lacks(&lines(&["default ike aes256-sha256-modp2048"])).as_deref(), Some("a line `default esp`"));
        let whole = ["default ike aes256-sha1", "default esp aes256-sha1", "pci ike aes256-sha1", "pci esp aes256-sha1"];
        assert_eq!(lacks(&lines(&whole)), None);
    }
}
