//! Names and addresses.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

/// An address, or a name that resolves to one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Host {
    /// An address.
    Ip(IpAddr),
    /// A DNS name, as written, without a final dot.
    Name(String),
}

impl Host {
    /// A name or an address; `None` for anything else (a URL, a port, blanks).
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(ip) = text.parse() {
            return Some(Self::Ip(ip));
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        let label = |l: &str| {
            !l.is_empty()
                && l.len() <= 63
                && l.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
                && !l.starts_with('-')
                && !l.ends_with('-')
        };
        // All digits and dots, yet no address: a mistyped address, not a name.
        let numeric = name.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        (!numeric && name.len() <= 253 && name.split('.').all(label)).then(|| Self::Name(name.to_owned()))
    }

    /// The IPv4 address.
    pub const fn v4(&self) -> Option<Ipv4Addr> {
        match self {
            Self::Ip(IpAddr::V4(ip)) => Some(*ip),
            _ => None,
        }
    }

    /// The name.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Ip(_) => None,
        }
    }

    /// Whether both are the same: names without regard to case or a final dot.
    pub fn same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Ip(a), Self::Ip(b)) => a == b,
            (Self::Name(a), Self::Name(b)) => a.eq_ignore_ascii_case(b),
            _ => false,
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(ip) => ip.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// RFC 1918.
pub const fn is_private(ip: Ipv4Addr) -> bool {
    ip.is_private()
}

/// RFC 6598, 100.64.0.0/10: behind a carrier's NAT.
pub const fn is_cgnat(ip: Ipv4Addr) -> bool {
    let [a, b, ..] = ip.octets();
    a == 100 && b & 0xC0 == 64
}
