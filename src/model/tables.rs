//! Facts about the world, from the data files in `policies/data`: each is read once.

use std::net::Ipv4Addr;
use std::sync::OnceLock;

use ipnet::Ipv4Net;

/// The lines of a data file: a first word and the rest. `#` starts a comment.
fn lines(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')).filter_map(|l| {
        let (first, rest) = l.split_once(char::is_whitespace)?;
        Some((first, rest.trim()))
    })
}

/// Networks that home routers hand out as they come (`home-lans.txt`).
pub fn home_lans() -> &'static [Ipv4Net] {
    static TABLE: OnceLock<Vec<Ipv4Net>> = OnceLock::new();
    TABLE.get_or_init(|| lines(include_str!("../../policies/data/home-lans.txt")).filter_map(|(net, _)| net.parse().ok()).collect())
}

/// Whether `ip` is a resolver for everyone (`public-resolvers.txt`).
pub fn is_public_resolver(ip: Ipv4Addr) -> bool {
    static TABLE: OnceLock<Vec<Ipv4Addr>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let mut all: Vec<_> =
            lines(include_str!("../../policies/data/public-resolvers.txt")).filter_map(|(ip, _)| ip.parse().ok()).collect();
        all.sort_unstable();
        all
    });
    table.binary_search(&ip).is_ok()
}

/// Whether a layer 7 category of this name carries file shares (`l7-file-sharing.txt`).
pub fn is_file_sharing_category(name: &str) -> bool {
    file_sharing().any(|(kind, n)| *kind == "category" && n.eq_ignore_ascii_case(name.trim()))
}

/// Whether a layer 7 application of this name carries file shares (`l7-file-sharing.txt`).
pub fn is_file_sharing_application(name: &str) -> bool {
    file_sharing().any(|(kind, n)| *kind == "application" && n.eq_ignore_ascii_case(name.trim()))
}

/// A line of `mx-proposals.txt`.
pub struct MxProposals {
    /// The site file's `crypto`.
    pub setting: &'static str,
    /// Which list of it.
    pub key: &'static str,
    /// Proposals with commas between.
    pub text: &'static str,
}

/// What the MX takes, by setting (`mx-proposals.txt`).
pub fn mx_proposals() -> impl Iterator<Item = MxProposals> {
    lines(include_str!("../../policies/data/mx-proposals.txt")).filter_map(|(setting, rest)| {
        let (key, text) = rest.split_once(char::is_whitespace)?;
        Some(MxProposals { setting, key, text: text.trim() })
    })
}

/// Systems that cannot make an L2TP/IPsec connection: each with its first version without it (`os-without-l2tp.txt`).
pub fn os_without_l2tp() -> &'static [(&'static str, u32)] {
    static TABLE: OnceLock<Vec<(&str, u32)>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let rows = lines(include_str!("../../policies/data/os-without-l2tp.txt"));
        rows.filter_map(|(os, rest)| Some((os, rest.split_whitespace().next()?.parse().ok()?))).collect()
    })
}

/// What is known to keep Windows' own VPN from working, when an installed program is it (`conflicting-software.txt`).
///
/// A name counts where it stands as whole words, without regard to case: "SmartByte Drivers and Services" is SmartByte.
pub fn conflicting_software(program: &str) -> Option<&'static str> {
    let program = program.to_ascii_lowercase();
    let holds = |name: &str| {
        let name = name.to_ascii_lowercase();
        program.match_indices(&name).any(|(at, _)| {
            let beside = [program[..at].chars().next_back(), program[at + name.len()..].chars().next()];
            !beside.into_iter().flatten().any(char::is_alphanumeric)
        })
    };
    let table = || lines(include_str!("../../policies/data/conflicting-software.txt"));
    if table().any(|(kind, name)| kind == "harmless" && holds(name)) {
        return None;
    }
    table().find(|(kind, name)| *kind == "conflicts" && holds(name)).map(|(_, name)| name)
}

fn file_sharing() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    static TABLE: OnceLock<Vec<(&str, &str)>> = OnceLock::new();
    TABLE.get_or_init(|| lines(include_str!("../../policies/data/l7-file-sharing.txt")).collect()).iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of a table, comments left out.
    fn count(text: &'static str) -> usize {
        text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#')).count()
    }

    #[test]
    fn every_line_of_the_tables_is_read() {
        assert_eq!(home_lans().len(), count(include_str!("../../policies/data/home-lans.txt")));
        assert!(home_lans().iter().all(|n| n.trunc() == *n));
        let resolvers = include_str!("../../policies/data/public-resolvers.txt");
        assert!(lines(resolvers).all(|(ip, _)| is_public_resolver(ip.parse().unwrap())));
        assert_eq!(lines(resolvers).count(), count(resolvers));
        assert_eq!(mx_proposals().count(), count(include_str!("../../policies/data/mx-proposals.txt")));
        assert_eq!(os_without_l2tp().len(), count(include_str!("../../policies/data/os-without-l2tp.txt")));
    }

    #[test]
    fn conflicting_programs_are_known_by_whole_words() {
        assert_eq!(conflicting_software("SmartByte Drivers and Services"), Some("SmartByte"));
        assert_eq!(conflicting_software("Rivet SMARTBYTE (64-bit)"), Some("SmartByte"));
        assert_eq!(conflicting_software("softether vpn server"), Some("SoftEther VPN Server"));
        for other in [
            "SmartBytes Backup",
            "MySmartByte",
            "Smart Byte",
            "SoftEther VPN Client",
            "SoftEther VPN Server Manager (Tools Only)",
            "Übersmartbyte",
            "",
        ] {
            assert_eq!(conflicting_software(other), None, "{other}");
        }
        let table = include_str!("../../policies/data/conflicting-software.txt");
        assert!(lines(table).all(|(kind, name)| matches!(kind, "conflicts" | "harmless") && !name.is_empty()));
        assert_eq!(lines(table).count(), count(table));
    }

    #[test]
    fn web_file_sharing_is_not_file_sharing() {
        assert!(is_file_sharing_category("file SHARING") && !is_file_sharing_category("Web file sharing"));
        assert!(is_file_sharing_application("Windows file sharing") && !is_file_sharing_application("File sharing"));
        assert!(!is_public_resolver(Ipv4Addr::new(192, 168, 1, 1)));
    }
}
