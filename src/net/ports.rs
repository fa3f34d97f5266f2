//! Exact sets of TCP or UDP ports, with the names that routers print for them.

use super::ranges;

/// A set of ports as sorted, disjoint ranges. Sets that hold the same ports are equal, however they were written.
#[derive(Clone, Debug, Default)]
pub struct Ports {
    ranges: Vec<(u32, u32)>,
    /// Ports that stood by themselves where the set was read: in a list, neighbours melt into ranges.
    singles: Option<Box<[u16]>>,
}

impl PartialEq for Ports {
    fn eq(&self, other: &Self) -> bool {
        self.ranges == other.ranges
    }
}

impl Eq for Ports {}

impl std::hash::Hash for Ports {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.ranges.hash(state);
    }
}

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
    const fn of(ranges: Vec<(u32, u32)>) -> Self {
        Self { ranges, singles: None }
    }

    /// Every port.
    pub fn any() -> Self {
        Self::of(vec![(0, MAX)])
    }

    /// No port.
    pub const fn none() -> Self {
        Self::of(Vec::new())
    }

    /// One port.
    pub fn one(port: u16) -> Self {
        Self { ranges: vec![(port.into(), port.into())], singles: Some([port].into()) }
    }

    /// All ports from `first` to `last`, both included; empty when they are the wrong way round.
    pub fn range(first: u16, last: u16) -> Self {
        Self::of(ranges::normal(vec![(first.into(), last.into())]))
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
        let (mut all, mut singles) = (Vec::new(), Vec::new());
        for item in text.split(',') {
            let item = item.trim();
            if let Some(port) = Self::number(item) {
                all.push((port.into(), port.into()));
                singles.push(port);
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
        Some(Self { ranges: ranges::normal(all), singles: (!singles.is_empty()).then(|| singles.into()) })
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
        self.ranges == [(0, MAX)]
    }

    /// Whether it holds no port.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether `port` is in the set.
    pub fn contains(&self, port: u16) -> bool {
        ranges::contains(&self.ranges, port.into())
    }

    /// Whether `port` stood by itself, alone or in a list, where the set was read.
    pub fn names(&self, port: u16) -> bool {
        self.singles.as_ref().is_some_and(|singles| singles.contains(&port))
    }

    /// How many ports it holds.
    pub fn count(&self) -> u32 {
        ranges::count(&self.ranges) as u32
    }

    /// The lowest port.
    pub fn first(&self) -> Option<u16> {
        self.ranges.first().map(|r| r.0 as u16)
    }

    /// Every port that is not in the set.
    #[must_use]
    pub fn complement(&self) -> Self {
        Self::of(ranges::complement(&self.ranges, MAX))
    }

    /// The ports in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self::of(ranges::intersection(&self.ranges, &other.ranges))
    }

    /// The ports in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let singles = match (&self.singles, &other.singles) {
            (Some(a), Some(b)) => Some([&a[..], &b[..]].concat().into()),
            (one, None) | (None, one) => one.clone(),
        };
        Self { ranges: ranges::normal([&self.ranges[..], &other.ranges[..]].concat()), singles }
    }

    /// The ports of this set that are not in `other`.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        self.intersection(&other.complement())
    }

    /// Whether some port is in both.
    pub fn meets(&self, other: &Self) -> bool {
        ranges::meet(&self.ranges, &other.ranges)
    }

    /// The ranges, lowest first, both ends included.
    pub fn ranges(&self) -> impl Iterator<Item = (u16, u16)> + '_ {
        self.ranges.iter().map(|r| (r.0 as u16, r.1 as u16))
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
    fn a_list_remembers_what_it_names() {
        let ports = Ports::parse("49,50, 60-70,isakmp").unwrap();
        assert!([49, 50, 500].iter().all(|port| ports.names(*port)) && ![60, 65, 51].iter().any(|port| ports.names(*port)));
        assert!(!Ports::parse("40-60").unwrap().names(50) && Ports::parse("50-51").unwrap() == Ports::parse("50,51").unwrap());
        let both = Ports::parse("50").unwrap().union(&Ports::parse("51").unwrap()).union(&Ports::range(500, 510));
        assert!(both.names(50) && both.names(51) && !both.names(500));
        // What is left out is not named.
        assert!(!ports.complement().names(50));
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
