//! Exact sets of IPv4 addresses.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::ranges;

/// A set of IPv4 addresses as sorted, disjoint ranges.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Addrs(Vec<(u32, u32)>);

/// What is not public unicast. The documentation and benchmark ranges count as public, so that examples can be written.
const NOT_PUBLIC: &[(u32, u8)] = &[
    (0x0000_0000, 8),
    (0x0a00_0000, 8),
    (0x6440_0000, 10),
    (0x7f00_0000, 8),
    (0xa9fe_0000, 16),
    (0xac10_0000, 12),
    (0xc000_0000, 24),
    (0xc0a8_0000, 16),
    (0xe000_0000, 3),
];

impl Addrs {
    /// Every address.
    pub fn any() -> Self {
        Self(vec![(0, u32::MAX)])
    }

    /// No address.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// One address.
    pub fn one(address: Ipv4Addr) -> Self {
        Self(vec![(address.into(), address.into())])
    }

    /// All addresses from `first` to `last`, both included; empty when they are the wrong way round.
    pub fn range(first: Ipv4Addr, last: Ipv4Addr) -> Self {
        Self(ranges::normal(vec![(first.into(), last.into())]))
    }

    /// A network's addresses, whatever its host bits say.
    pub fn net(net: Ipv4Net) -> Self {
        Self::range(net.network(), net.broadcast())
    }

    /// The addresses that a roaming client can come from (RFC 6890 without its special ranges; documentation ranges count).
    pub fn public() -> Self {
        Self(ranges::complement(&NOT_PUBLIC.iter().map(|&(base, bits)| (base, base | (u32::MAX >> bits))).collect::<Vec<_>>(), u32::MAX))
    }

    /// From ranges in any order, both ends included.
    pub fn from_ranges(all: Vec<(u32, u32)>) -> Self {
        Self(ranges::normal(all))
    }

    /// Reads `any`, an address, a network `a/bits` or `a/mask`, a range `a-b`, or a list of these with commas. `None`: not understood.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("any") || text == "*" {
            return Some(Self::any());
        }
        if !text.as_bytes().contains(&b',') {
            return Self::item(text).map(|item| Self(vec![item]));
        }
        let all: Option<Vec<_>> = text.split(',').map(|item| Self::item(item.trim())).collect();
        Some(Self(ranges::normal(all?)))
    }

    fn item(text: &str) -> Option<(u32, u32)> {
        let Some(at) = text.bytes().position(|b| matches!(b, b'-' | b'/')) else {
            let address: u32 = text.parse::<Ipv4Addr>().ok()?.into();
            return Some((address, address));
        };
        let (first, rest) = (&text[..at], &text[at + 1..]);
        if text.as_bytes()[at] == b'-' {
            let (first, last) = (first.trim().parse::<Ipv4Addr>().ok()?, rest.trim().parse::<Ipv4Addr>().ok()?);
            return (first <= last).then(|| (first.into(), last.into()));
        }
        let first = first.parse::<Ipv4Addr>().ok()?;
        let net = match rest.parse::<u8>() {
            Ok(bits) => Ipv4Net::new(first, bits).ok()?,
            Err(_) => Ipv4Net::with_netmask(first, rest.parse().ok()?).ok()?,
        };
        Some((net.network().into(), net.broadcast().into()))
    }

    /// Whether it holds every address.
    pub fn is_any(&self) -> bool {
        self.0 == [(0, u32::MAX)]
    }

    /// Whether it holds no address.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `address` is in the set.
    pub fn contains(&self, address: Ipv4Addr) -> bool {
        ranges::contains(&self.0, address.into())
    }

    /// How many addresses it holds.
    pub fn size(&self) -> u64 {
        ranges::count(&self.0)
    }

    /// The lowest address.
    pub fn first(&self) -> Option<Ipv4Addr> {
        self.0.first().map(|r| r.0.into())
    }

    /// Every address that is not in the set.
    #[must_use]
    pub fn complement(&self) -> Self {
        Self(ranges::complement(&self.0, u32::MAX))
    }

    /// The addresses in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self(ranges::intersection(&self.0, &other.0))
    }

    /// The addresses in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(ranges::normal([&self.0[..], &other.0[..]].concat()))
    }

    /// The addresses of this set that are not in `other`.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        self.intersection(&other.complement())
    }

    /// Whether some address is in both.
    pub fn meets(&self, other: &Self) -> bool {
        ranges::meet(&self.0, &other.0)
    }

    /// The ranges, lowest first, both ends included.
    pub fn ranges(&self) -> &[(u32, u32)] {
        &self.0
    }
}

impl std::fmt::Display for Addrs {
    /// At most three ranges, so that a line stays readable.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_any() {
            return f.write_str("any");
        }
        if self.is_empty() {
            return f.write_str("none");
        }
        for (i, &(first, last)) in self.0.iter().take(3).enumerate() {
            let comma = if i == 0 { "" } else { "," };
            let (first_ip, size) = (Ipv4Addr::from(first), u64::from(last - first) + 1);
            if size == 1 {
                write!(f, "{comma}{first_ip}")?;
            } else if size.is_power_of_two() && u64::from(first) % size == 0 {
                write!(f, "{comma}{first_ip}/{}", 32 - size.trailing_zeros())?;
            } else {
                write!(f, "{comma}{first_ip}-{}", Ipv4Addr::from(last))?;
            }
        }
        if self.0.len() > 3 { f.write_str(",…") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> Addrs {
        Addrs::parse(text).unwrap()
    }

    #[test]
    fn every_spelling_is_read() {
        assert_eq!(set("10.0.0.7/8"), set("10.0.0.0-10.255.255.255"));
        assert_eq!(set("10.0.0.0/255.0.0.0"), set("10.0.0.0/8"));
        assert_eq!(set("10.0.0.1,10.0.0.2"), set("10.0.0.1-10.0.0.2"));
        assert!(set("any").is_any() && set("0.0.0.0/0").is_any());
        for text in ["", "10.0.0", "10.0.0.0/33", "10.0.0.0/255.0.255.0", "10.0.0.2-10.0.0.1", "a.example"] {
            assert!(Addrs::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn complement_is_exact() {
        assert_eq!(set("10.0.0.0/8").complement().size(), (1 << 32) - (1 << 24));
        assert!(Addrs::any().complement().is_empty() && Addrs::none().complement().is_any());
        assert_eq!(set("10.0.0.0/24").minus(&set("10.0.0.128/25")), set("10.0.0.0/25"));
        assert_eq!(set("255.255.255.255").complement().size(), u64::from(u32::MAX));
    }

    #[test]
    fn documentation_ranges_count_as_public_and_private_ones_do_not() {
        let public = Addrs::public();
        for text in ["192.0.2.1", "198.51.100.7", "203.0.113.10", "198.18.0.1", "8.8.8.8"] {
            assert!(public.contains(text.parse().unwrap()), "{text}");
        }
        for text in
            ["10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.1.1", "172.31.0.1", "192.168.1.1", "224.0.0.1", "0.0.0.0", "255.255.255.255"]
        {
            assert!(!public.contains(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn display_is_short() {
        assert_eq!(set("10.0.0.0/8,192.168.1.4,1.1.1.1-1.1.1.3").to_string(), "1.1.1.1-1.1.1.3,10.0.0.0/8,192.168.1.4");
        assert_eq!(Addrs::public().to_string().matches(',').count(), 3);
    }
}
