//! Which format a file is in, told from its content.

/// Formats that are read as imports. Ids are those of the site file's `format` key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Apple configuration profile, XML.
    Mobileconfig,
    /// NetworkManager key file.
    NetworkManager,
    /// `iptables-save`.
    IptablesSave,
    /// `nft list ruleset`, and files for `nft -f`.
    Nftables,
    /// `nft -j list ruleset`.
    NftablesJson,
    /// A GET body of the Dashboard API v1.
    MerakiApi,
}

const FORMATS: &[(Format, &str)] = &[
    (Format::Mobileconfig, "mobileconfig"),
    (Format::NetworkManager, "networkmanager"),
    (Format::IptablesSave, "iptables-save"),
    (Format::Nftables, "nftables"),
    (Format::NftablesJson, "nftables-json"),
    (Format::MerakiApi, "meraki-api"),
];

impl Format {
    /// The format's id.
    pub fn id(self) -> &'static str {
        FORMATS.iter().find(|(f, _)| *f == self).map_or("", |(_, id)| id)
    }
}

/// The format with this id.
pub fn by_id(id: &str) -> Option<Format> {
    FORMATS.iter().find(|(_, i)| *i == id).map(|(f, _)| *f)
}

/// All ids.
pub fn ids() -> Vec<&'static str> {
    FORMATS.iter().map(|(_, id)| *id).collect()
}

/// The format of a text; the path's ending decides only where the content fits several.
pub fn detect(path: &str, text: &str) -> Option<Format> {
    let start = text.trim_start();
    let lines = || text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')).take(40);
    if start.starts_with('<') {
        let head = start
            .get(..4096)
            .unwrap_or_else(|| &start[..start.char_indices().map(|(n, _)| n).take_while(|n| *n <= 4096).last().unwrap_or(0)]);
        return (head.contains("<plist") || head.contains("<!DOCTYPE plist") || head.starts_with("<dict")).then_some(Format::Mobileconfig);
    }
    if start.starts_with('{') && start[1..].trim_start().starts_with("\"nftables\"") {
        return Some(Format::NftablesJson);
    }
    if start.starts_with(['{', '['])
        && !start.starts_with("[connection]")
        && (path.to_ascii_lowercase().ends_with(".json") || serde_like(start))
    {
        return Some(Format::MerakiApi);
    }
    if lines().next().is_some_and(|l| l.starts_with('*') && l[1..].bytes().all(|b| b.is_ascii_alphanumeric())) {
        return Some(Format::IptablesSave);
    }
    if lines().any(is_nftables) {
        return Some(Format::Nftables);
    }
    if lines().any(|l| matches!(l, "[connection]" | "[vpn]")) {
        return Some(Format::NetworkManager);
    }
    None
}

/// What a text is that cannot be read as it stands, though what it holds could be: a name for it, and what to do.
pub fn sealed(text: &str) -> Option<(&'static str, &'static str)> {
    if text.starts_with("bplist00") {
        return Some(("a binary property list", "turn it into XML first: `plutil -convert xml1 -o OUT.mobileconfig FILE` on a Mac"));
    }
    // A CMS message (RFC 5652) begins with a SEQUENCE, which is the byte `0`.
    (text.starts_with('0') && (text.contains("<plist") || text.contains("bplist00"))).then_some((
        "a signed configuration profile",
        "take the profile out of its signature first: `openssl cms -verify -noverify -inform DER -in FILE -out OUT.mobileconfig`",
    ))
}

/// Whether a line begins a table of nftables, in a ruleset or as a command.
fn is_nftables(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let first = words.next();
    let table = if matches!(first, Some("add" | "create" | "flush")) { words.next() } else { first };
    match table {
        Some("table") => matches!(words.next(), Some("ip" | "ip6" | "inet" | "arp" | "bridge" | "netdev")),
        Some("ruleset") => first == Some("flush"),
        Some("rule" | "chain") if first == Some("add") => matches!(words.next(), Some("ip" | "ip6" | "inet")),
        _ => false,
    }
}

/// Whether it looks like JSON rather than a section of an INI file.
fn serde_like(start: &str) -> bool {
    let second = start[1..].trim_start();
    second.starts_with(['"', '{', '[', ']', '}'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_told_by_their_content() {
        for (text, format) in [
            ("\n<?xml version=\"1.0\"?>\n<plist><dict/></plist>", Some(Format::Mobileconfig)),
            ("<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"x\"><plist/>", Some(Format::Mobileconfig)),
            ("<html><body/></html>", None),
            ("# by hand\n\n[connection]\nid=a\n", Some(Format::NetworkManager)),
            ("[vpn]\r\ngateway=a\r\n[ip4]\r\n", Some(Format::NetworkManager)),
            ("*nat\n:PREROUTING ACCEPT [0:0]\n", Some(Format::IptablesSave)),
            ("#!/usr/sbin/nft -f\nflush ruleset\ntable inet a {\n}\n", Some(Format::Nftables)),
            ("router # nft list ruleset\ntable ip nat {\n", Some(Format::Nftables)),
            ("{\n \"nftables\": []}", Some(Format::NftablesJson)),
            ("[interface]\nname=a\n", None),
            ("", None),
        ] {
            assert_eq!(detect("file", text), format, "{text}");
        }
    }

    #[test]
    fn sealed_profiles_are_named_for_what_they_are() {
        assert_eq!(sealed("bplist00\u{0}\u{1}").map(|s| s.0), Some("a binary property list"));
        assert_eq!(sealed("0\u{fffd}\u{0}<?xml?><plist>").map(|s| s.0), Some("a signed configuration profile"));
        assert_eq!(sealed("0.0.0.0/0"), None);
    }
}
