//! One packet's header, as far as a filter looks at it.

use std::fmt;
use std::net::Ipv4Addr;

/// An IP protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Protocol {
    /// 1
    Icmp,
    /// 6
    Tcp,
    /// 17
    Udp,
    /// 47
    Gre,
    /// 50, IPsec's payload when no NAT is on the way
    Esp,
    /// 51
    Ah,
    /// Any other number.
    Other(u8),
}

impl Protocol {
    /// The protocol with this number.
    pub const fn from_number(number: u8) -> Self {
        match number {
            1 => Self::Icmp,
            6 => Self::Tcp,
            17 => Self::Udp,
            47 => Self::Gre,
            50 => Self::Esp,
            51 => Self::Ah,
            n => Self::Other(n),
        }
    }

    /// Its number (IANA "Protocol Numbers").
    pub const fn number(self) -> u8 {
        match self {
            Self::Icmp => 1,
            Self::Tcp => 6,
            Self::Udp => 17,
            Self::Gre => 47,
            Self::Esp => 50,
            Self::Ah => 51,
            Self::Other(n) => n,
        }
    }

    /// Reads a number or a name that routers use. `None`: not understood, and `ip` or `any`, which are sets.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(number) = text.parse() {
            return Some(Self::from_number(number));
        }
        Some(Self::from_number(match text.to_ascii_lowercase().as_str() {
            "icmp" => 1,
            "igmp" => 2,
            "ipip" | "ipencap" => 4,
            "tcp" => 6,
            "egp" => 8,
            "udp" => 17,
            "ipv6" => 41,
            "gre" => 47,
            "esp" | "ipsec-esp" | "ipv6-crypt" => 50,
            "ah" | "ahp" | "ipsec-ah" | "ipv6-auth" => 51,
            "ipv6-icmp" | "icmpv6" => 58,
            "eigrp" => 88,
            "ospf" => 89,
            "pim" => 103,
            "vrrp" => 112,
            "l2tp" => 115,
            "sctp" => 132,
            "udplite" => 136,
            _ => return None,
        }))
    }

    /// Whether its packets carry ports.
    pub const fn has_ports(self) -> bool {
        matches!(self, Self::Tcp | Self::Udp | Self::Other(33 | 132 | 136))
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Icmp => f.write_str("icmp"),
            Self::Tcp => f.write_str("tcp"),
            Self::Udp => f.write_str("udp"),
            Self::Gre => f.write_str("gre"),
            Self::Esp => f.write_str("esp"),
            Self::Ah => f.write_str("ah"),
            Self::Other(n) => write!(f, "protocol {n}"),
        }
    }
}

/// A set of IP protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Protocols([u64; 4]);

impl Protocols {
    /// Every protocol.
    pub const fn any() -> Self {
        Self([u64::MAX; 4])
    }

    /// The given protocols.
    pub fn of(protocols: &[Protocol]) -> Self {
        let mut set = Self::default();
        for protocol in protocols {
            let n = protocol.number();
            set.0[usize::from(n >> 6)] |= 1 << (n & 63);
        }
        set
    }

    /// Whether `protocol` is in the set.
    pub const fn contains(&self, protocol: Protocol) -> bool {
        let n = protocol.number();
        self.0[(n >> 6) as usize] & (1 << (n & 63)) != 0
    }

    /// Every protocol that is not in the set.
    #[must_use]
    pub fn complement(&self) -> Self {
        Self(self.0.map(|word| !word))
    }

    /// The protocols in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|n| self.0[n] | other.0[n]))
    }

    /// The protocols in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|n| self.0[n] & other.0[n]))
    }

    /// Whether it holds every protocol.
    pub fn is_any(&self) -> bool {
        *self == Self::any()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Protocols {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_any() {
            return f.write_str("any");
        }
        let count: u32 = self.0.iter().map(|word| word.count_ones()).sum();
        if count > 8 {
            f.write_str("not ")?;
            return self.complement().fmt(f);
        }
        let mut first = true;
        for n in 0..=255 {
            let protocol = Protocol::from_number(n);
            if self.contains(protocol) {
                let slash = if first { "" } else { "/" };
                write!(f, "{slash}{protocol}")?;
                first = false;
            }
        }
        if first { f.write_str("none") } else { Ok(()) }
    }
}

/// What a query is about: a protocol and, where it has ports, the one that packets go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Service {
    /// The protocol.
    pub protocol: Protocol,
    /// The destination port; none for a protocol without ports.
    pub port: Option<u16>,
}

impl Service {
    /// UDP 500.
    pub const IKE: Self = Self::udp(500);
    /// UDP 4500.
    pub const NAT_T: Self = Self::udp(4500);
    /// UDP 1701, L2TP without IPsec.
    pub const L2TP: Self = Self::udp(1701);
    /// Protocol 50.
    pub const ESP: Self = Self { protocol: Protocol::Esp, port: None };
    /// TCP 443, the Meraki cloud or AnyConnect.
    pub const HTTPS: Self = Self::tcp(443);
    /// UDP 7351, the Meraki cloud.
    pub const MERAKI_CLOUD: Self = Self::udp(7351);

    /// A UDP port.
    pub const fn udp(port: u16) -> Self {
        Self { protocol: Protocol::Udp, port: Some(port) }
    }

    /// A TCP port.
    pub const fn tcp(port: u16) -> Self {
        Self { protocol: Protocol::Tcp, port: Some(port) }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{} {port}", self.protocol),
            None => self.protocol.fmt(f),
        }
    }
}

/// A concrete packet: a finding's witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Packet {
    /// The protocol.
    pub protocol: Protocol,
    /// Where it comes from.
    pub source: Ipv4Addr,
    /// Its source port; none for a protocol without ports.
    pub source_port: Option<u16>,
    /// Where it goes; none when the address is not known.
    pub destination: Option<Ipv4Addr>,
    /// Its destination port; none for a protocol without ports.
    pub destination_port: Option<u16>,
}

impl fmt::Display for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.protocol, self.source)?;
        if let Some(port) = self.source_port {
            write!(f, ":{port}")?;
        }
        match self.destination {
            Some(address) => write!(f, " -> {address}")?,
            None => f.write_str(" -> the WAN address")?,
        }
        self.destination_port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocol_sets_print_briefly() {
        assert_eq!(Protocols::of(&[Protocol::Udp, Protocol::Tcp]).to_string(), "tcp/udp");
        assert_eq!(Protocols::of(&[Protocol::Udp]).complement().to_string(), "not udp");
        assert_eq!(Protocol::parse("50"), Some(Protocol::Esp));
    }

    #[test]
    fn packet_reads_as_an_arrow() {
        let packet = Packet {
            protocol: Protocol::Udp,
            source: Ipv4Addr::new(198, 51, 100, 7),
            source_port: Some(40112),
            destination: None,
            destination_port: Some(500),
        };
        assert_eq!(packet.to_string(), "udp 198.51.100.7:40112 -> the WAN address:500");
    }
}
