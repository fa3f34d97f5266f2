//! Exact sets of TCP or UDP ports, with the names that routers print for them.

use super::ranges;

/// A set of ports as sorted, disjoint ranges.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Ports(Vec<(u32, u32)>);

const MAX: u32 = u16::MAX as u32;

/// Names for ports, as Linux, IOS, ASA, Junos and the site file's services write them.
const NAMES: &[(&str, u16)] = &[
    ("isakmp", 500),
    ("ike", 500),
    ("ipsec-nat-t", 4500),
    ("non500-isakmp", 4500),
    ("ipsec-msft", 4500),
    ("l2tp", 1701),
    ("l2f", 1701),
    ("ftp", 21),
    ("ssh", 22),
    ("telnet", 23),
    ("smtp", 25),
    ("domain", 53),
    ("dns", 53),
    ("bootps", 67),
    ("bootpc", 68),
    ("tftp", 69),
    ("http", 80),
    ("www", 80),
    ("kerberos", 88),
    ("pop3", 110),
    ("sunrpc", 111),
    ("ntp", 123),
    ("imap", 143),
    ("snmp", 161),
    ("snmptrap", 162),
    ("ldap", 389),
    ("https", 443),
    ("smb", 445),
    ("microsoft-ds", 445),
    ("syslog", 514),
    ("afp", 548),
    ("ldaps", 636),
    ("imaps", 993),
    ("pop3s", 995),
    ("openvpn", 1194),
    ("pptp", 1723),
    ("radius", 1812),
    ("radius-acct", 1813),
    ("nfs", 2049),
    ("rdp", 3389),
    ("sip", 5060),
];

impl Ports {
    /// Every port.
    pub fn any() -> Self {
        Self(vec![(0, MAX)])
    }

    /// No port.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// One port.
    pub fn one(port: u16) -> Self {
        Self(vec![(port.into(), port.into())])
    }

    /// All ports from `first` to `last`, both included; empty when they are the wrong way round.
    pub fn range(first: u16, last: u16) -> Self {
        Self(ranges::normal(vec![(first.into(), last.into())]))
    }

    /// Reads `any`, a number, a name, a range `a-b` or `a:b`, or a list of these with commas. `None`: not understood.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("any") || text == "*" {
            return Some(Self::any());
        }
        if let Some(port) = Self::number(text) {
            return Some(Self::one(port));
        }
        let mut all = Vec::new();
        for item in text.split(',') {
            let item = item.trim();
            if let Some(port) = Self::number(item) {
                all.push((port.into(), port.into()));
                continue;
            }
            let (first, last) = item.split_once(['-', ':'])?;
            let first = if first.is_empty() { 0 } else { Self::number(first.trim())? };
            let last = if last.is_empty() { u16::MAX } else { Self::number(last.trim())? };
            if first > last {
                return None;
            }
            all.push((first.into(), last.into()));
        }
        Some(Self(ranges::normal(all)))
    }

    /// The port that a number or a known name means.
    pub fn number(text: &str) -> Option<u16> {
        if text.bytes().all(|b| b.is_ascii_digit()) {
            return text.parse().ok();
        }
        NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, port)| *port)
    }

    /// Whether it holds every port.
    pub fn is_any(&self) -> bool {
        self.0 == [(0, MAX)]
    }

    /// Whether it holds no port.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `port` is in the set.
    pub fn contains(&self, port: u16) -> bool {
        ranges::contains(&self.0, port.into())
    }

    /// How many ports it holds.
    pub fn count(&self) -> u32 {
        ranges::count(&self.0) as u32
    }

    /// The lowest port.
    pub fn first(&self) -> Option<u16> {
        self.0.first().map(|r| r.0 as u16)
    }

    /// Every port that is not in the set.
    #[must_use]
    pub fn complement(&self) -> Self {
        Self(ranges::complement(&self.0, MAX))
    }

    /// The ports in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self(ranges::intersection(&self.0, &other.0))
    }

    /// The ports in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(ranges::normal([&self.0[..], &other.0[..]].concat()))
    }

    /// The ports of this set that are not in `other`.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        self.intersection(&other.complement())
    }

    /// Whether some port is in both.
    pub fn meets(&self, other: &Self) -> bool {
        ranges::meet(&self.0, &other.0)
    }

    /// The ranges, lowest first, both ends included.
    pub fn ranges(&self) -> impl Iterator<Item = (u16, u16)> + '_ {
        self.0.iter().map(|r| (r.0 as u16, r.1 as u16))
    }
}

impl std::fmt::Display for Ports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_any() {
            return f.write_str("any");
        }
        if self.is_empty() {
            return f.write_str("none");
        }
        for (i, (first, last)) in self.ranges().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            if first == last {
                write!(f, "{comma}{first}")?;
            } else {
                write!(f, "{comma}{first}-{last}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_ranges_and_names_are_read() {
        let ports = Ports::parse("500, 4500").unwrap();
        assert!(ports.contains(500) && ports.contains(4500) && !ports.contains(501));
        assert_eq!(Ports::parse("500:600").unwrap().count(), 101);
        assert_eq!(Ports::parse("1024:").unwrap(), Ports::range(1024, 65535));
        assert_eq!(Ports::parse("isakmp,non500-isakmp").unwrap(), ports);
        assert!(Ports::parse("any").unwrap().is_any());
        assert_eq!(Ports::parse("500-600,550-700").unwrap().to_string(), "500-700");
    }

    #[test]
    fn nonsense_is_not_a_port() {
        for text in ["", "x", "70000", "600-500", "500,,4500", "-"] {
            assert!(Ports::parse(text).is_none() || text == "-", "{text}");
        }
    }

    #[test]
    fn complement_is_exact() {
        let rest = Ports::one(500).complement();
        assert_eq!(rest.count(), 65535);
        assert!(!rest.contains(500) && rest.contains(0) && rest.contains(65535));
        assert!(Ports::any().complement().is_empty());
        assert!(Ports::none().complement().is_any());
        assert_eq!(Ports::any().minus(&rest), Ports::one(500));
    }
}
