//! The binary values of phone books: hexadecimal digits over several lines of one key. No document describes them. Their layouts are proved by values of which
//! it is known what they say:
//!
//! - `Routes`: Server Fault 1051424, two answers with entries before and after `Add-VpnConnectionRoute` (four networks, /8 to /24, one and several of them).
//! - `CustomIPSecPolicies`: what `Set-VpnConnectionIPsecConfiguration` with known arguments wrote, in the code of four programs (Brave Browser, Windscribe, an
//!   Always On VPN script, an `IKEv2` client), which fit one order alone. Numbers as `ROUTER_CUSTOM_IKEv2_POLICY0` (`mprapi.h`) has them: `IKEEXT_INTEGRITY_TYPE`,
//!   `IKEEXT_CIPHER_TYPE`, `IKEEXT_DH_GROUP`, `IPSEC_CIPHER_CONFIG`, `IPSEC_AUTH_CONFIG`, `IPSEC_PFS_GROUP`. The same structure is L2TP's, and the cmdlet's page says
//!   that it is for `IKEv2` and L2TP.
//! - `NrptRules`: a real phone book with two rules, whose counts and lengths leave no byte over.
//!
//! What does not fit exactly is not read.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::Token;
use crate::source::{Span, Spanned};

/// `AF_INET` and `AF_INET6` of Windows.
const INET: u32 = 2;
const INET6: u32 = 23;

/// The bytes of a value, and where they stand.
pub struct Blob {
    bytes: Vec<u8>,
    /// For each line the first of its bytes, and its place.
    lines: Vec<(usize, Span)>,
}

impl Blob {
    /// The bytes of all lines of a key. `None`: they are no pairs of digits.
    pub fn read<'a>(lines: impl Iterator<Item = Token<'a>>) -> Option<Self> {
        let (mut digits, mut places) = (String::new(), Vec::new());
        for line in lines {
            let lead = line.value.len() - line.value.trim_start().len();
            let text = line.value.trim();
            let start = line.span.start + lead as u32;
            places.push((digits.len() / 2, Span::new(start, start + text.len() as u32)));
            digits.push_str(text);
        }
        let value = |b: u8| char::from(b).to_digit(16).map(|d| d as u8);
        let bytes: Option<Vec<u8>> =
            digits.as_bytes().chunks(2).map(|pair| Some(value(*pair.first()?)? << 4 | value(*pair.get(1)?)?)).collect();
        Some(Self { bytes: bytes?, lines: places })
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The digits of some bytes, as far as they stand on the first of their lines.
    fn place(&self, from: usize, len: usize) -> Span {
        let n = self.lines.partition_point(|(first, _)| *first <= from).saturating_sub(1);
        let Some((first, line)) = self.lines.get(n) else { return Span::default() };
        let start = (line.start + 2 * (from - first) as u32).min(line.end);
        Span::new(start, (start + 2 * len as u32).min(line.end))
    }

    /// The networks of `Routes`; those of IPv6 are left out.
    pub fn routes(&self, count: u32) -> Option<Vec<Spanned<Ipv4Net>>> {
        const LEN: usize = 36;
        let mut nets = Vec::new();
        for (n, route) in self.records(LEN, count)?.enumerate() {
            let mut reader = Reader { rest: route };
            // The first number is the metric: 1 by default.
            let (metric, family, bits) = (reader.number()?, reader.number()?, reader.number()?);
            let address = reader.take(16)?;
            if metric > 9999 || reader.rest.iter().any(|b| *b != 0) {
                return None;
            }
            match family {
                INET => {
                    let net = Ipv4Net::new(v4(address)?, u8::try_from(bits).ok()?).ok()?;
                    nets.push(Spanned::new(net.trunc(), self.place(n * LEN, LEN)));
                }
                INET6 if bits <= 128 => {}
                _ => return None,
            }
        }
        Some(nets)
    }

    /// The proposals of `CustomIPSecPolicies`, for phase 1 and phase 2, in the words of the cmdlet.
    pub fn policies(&self, count: u32) -> Option<(Proposals, Proposals)> {
        const LEN: usize = 24;
        let (mut ike, mut esp) = (Vec::new(), Vec::new());
        for (n, policy) in self.records(LEN, count)?.enumerate() {
            let mut reader = Reader { rest: policy };
            let mut word = |words: &[&'static str]| words.get(reader.number()? as usize).copied().filter(|w| !w.is_empty());
            let integrity = word(&["MD5", "SHA1", "SHA256", "SHA384"])?;
            let encryption = word(&["DES", "DES3", "AES128", "AES192", "AES256", "GCMAES128", "GCMAES256"])?;
            let group = word(&["None", "Group1", "Group2", "Group14", "ECP256", "ECP384", "Group24"])?;
            let cipher = word(&["", "DES", "DES3", "AES128", "AES192", "AES256", "GCMAES128", "GCMAES192", "GCMAES256"])?;
            let authentication = word(&["MD596", "SHA196", "SHA256128", "GCMAES128", "GCMAES192", "GCMAES256"])?;
            let pfs = word(&["None", "PFS1", "PFS2", "PFS2048", "ECP256", "ECP384", "PFSMM", "PFS24"])?;
            // A combined cipher stands in both places.
            let second = if cipher == authentication { format!("{cipher}-{pfs}") } else { format!("{cipher}-{authentication}-{pfs}") };
            let place = self.place(n * LEN, LEN);
            ike.push(Spanned::new(format!("{encryption}-{integrity}-{group}"), place));
            esp.push(Spanned::new(second, place));
        }
        Some((ike, esp))
    }

    /// The rules of `NrptRules`.
    pub fn name_rules(&self, count: u32) -> Option<Vec<NameRule>> {
        let mut reader = Reader { rest: &self.bytes };
        let mut rules = Vec::new();
        for _ in 0..count {
            let (kind, servers, units) = (reader.number()?, reader.number()?, reader.number()?);
            if kind != 2 || reader.take(12)?.iter().any(|b| *b != 0) {
                return None;
            }
            let mut found = Vec::new();
            for _ in 0..servers {
                let at = self.bytes.len() - reader.rest.len();
                let (family, address) = (reader.number()?, reader.take(16)?);
                match family {
                    INET => found.push(Spanned::new(v4(address)?, self.place(at, 20))),
                    INET6 => {}
                    _ => return None,
                }
            }
            let at = self.bytes.len() - reader.rest.len();
            let name = reader.take((units as usize).checked_mul(2)?)?;
            let units = name.chunks_exact(2).map(|u| u16::from_le_bytes([u[0], u[1]]));
            let name: String = char::decode_utf16(units).collect::<Result<_, _>>().ok()?;
            let name = name.strip_suffix('\0').filter(|n| !n.is_empty() && !n.contains('\0'))?;
            rules.push(NameRule { suffix: name.starts_with('.'), place: self.place(at, 2 * name.len()), servers: found });
        }
        reader.rest.is_empty().then_some(rules)
    }

    /// Records of one length that fill the value.
    fn records(&self, len: usize, count: u32) -> Option<std::slice::ChunksExact<'_, u8>> {
        (self.bytes.len() == len.checked_mul(count as usize)?).then(|| self.bytes.chunks_exact(len))
    }
}

/// Proposals in words, each at its place.
pub type Proposals = Vec<Spanned<String>>;

/// A rule of the name resolution policy table.
pub struct NameRule {
    /// Its name begins with a dot: all names below it.
    pub suffix: bool,
    /// Where the name stands.
    pub place: Span,
    /// The resolvers for them, those of IPv6 left out.
    pub servers: Vec<Spanned<Ipv4Addr>>,
}

/// A way through bytes.
struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    fn take(&mut self, len: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }
}

/// An address of IPv4 in a field for both kinds.
fn v4(field: &[u8]) -> Option<Ipv4Addr> {
    let (address, rest) = field.split_first_chunk::<4>()?;
    rest.iter().all(|b| *b == 0).then(|| Ipv4Addr::from(*address))
}
