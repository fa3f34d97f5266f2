//! Windows phone books (`rasphone.pbk`): MS-RRASM 2.2.2, and what real files hold beyond it. One entry a section; keys repeat and their order counts:
//! `DEVICE=` begins a sub-section, `Device=` is a key of one.

mod blobs;

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use self::blobs::Blob;
use super::{Profile, facts};
use crate::import::Notes;
use crate::model::{Authentication, Client, Field, IpsecAuthentication, Key, List, Remark, RemarkKind, TunnelType};
use crate::source::{Problem, ProblemKind, Span, Spanned};
use crate::tree::lines::{LineKind, PHONE_BOOK, lines};

const FORMAT: &str = "rasphone";

/// Keys that begin a line of a phone book and of no other format that is read.
const MARKS: [&str; 5] = ["PBVersion=", "VpnStrategy=", "PhoneNumber=", "MEDIA=rastapi", "DEVICE=vpn"];

/// Whether a text is a phone book: an entry's head, and soon after it one of its keys.
pub fn is_phone_book(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    let mut lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
    lines.next().is_some_and(|l| l.starts_with('[') && l.ends_with(']')) && lines.take(200).any(|l| MARKS.iter().any(|m| l.starts_with(m)))
}

type Token<'a> = Spanned<&'a str>;

/// Reads the VPN entries; those of another kind, such as PPPoE, are passed over.
pub fn read(text: &str, base: u32) -> (Vec<Profile>, Notes) {
    let (mut profiles, mut notes) = (Vec::new(), Notes::default());
    let mut entry: Option<Entry<'_>> = None;
    for line in lines(text, base, &PHONE_BOOK) {
        match line.kind {
            LineKind::Blank | LineKind::Comment => {}
            LineKind::Section(name) => {
                let done = entry.replace(Entry { name, pairs: Vec::new() });
                profiles.extend(done.and_then(Entry::profile));
            }
            LineKind::Pair(key, value) if !key.value.is_empty() => {
                if hides(key.value, value.value) {
                    notes.secrets.push(value.span);
                }
                match &mut entry {
                    Some(entry) => entry.pairs.push((key, value)),
                    None => fault(line.span, "a key stands before the first entry", &mut notes),
                }
            }
            LineKind::Pair(..) | LineKind::Other => {
                fault(line.span, "the line is neither an entry's head nor a key with a value", &mut notes);
            }
        }
    }
    profiles.extend(entry.and_then(Entry::profile));
    (profiles, notes)
}

fn fault(span: Span, message: &str, notes: &mut Notes) {
    // What stands here may be the rest of a secret.
    notes.secrets.push(span);
    let problem = Problem::new(ProblemKind::Syntax, span, message, "not understood");
    notes.problems.push(problem.help("phone books have no comments, and each value stands on the line of its key"));
}

/// Whether a value may be a secret: a switch such as `UseRasCredentials=1` is none.
fn hides(key: &str, value: &str) -> bool {
    let is_switch = || value.len() == 1 && key.to_ascii_lowercase().ends_with("credentials");
    !value.is_empty() && facts::names_secret(key) && !is_switch()
}

/// One entry: its keys as written, in order, those of its sub-sections too.
struct Entry<'a> {
    name: Token<'a>,
    pairs: Vec<(Token<'a>, Token<'a>)>,
}

impl<'a> Entry<'a> {
    /// The first value of a key. Case counts.
    fn get(&self, key: &str) -> Option<Token<'a>> {
        self.pairs.iter().find(|(k, _)| k.value == key).map(|(_, v)| *v)
    }

    /// The values of a key that repeats.
    fn all(&self, key: &'static str) -> impl Iterator<Item = Token<'a>> {
        self.pairs.iter().filter(move |(k, _)| k.value == key).map(|(_, v)| *v)
    }

    fn number(&self, key: &str) -> Field<u32> {
        let Some(value) = self.get(key) else { return Field::Absent };
        match value.value.trim().parse() {
            Ok(number) => Field::known_at(number, value.span),
            Err(_) => Field::opaque_at(value.span, format!("`{key}` of the phone book's entry is no number")),
        }
    }

    /// Whether it is a VPN: `Type` 2; entries that programs write leave it out and say `DEVICE=vpn`.
    fn is_vpn(&self) -> bool {
        match self.number("Type") {
            Field::Known(kind) => kind.value == 2,
            _ => self.all("DEVICE").any(|d| d.value.trim().eq_ignore_ascii_case("vpn")),
        }
    }

    fn profile(self) -> Option<Profile> {
        if !self.is_vpn() {
            return None;
        }
        let name = if self.name.value.trim().is_empty() { "VPN" } else { self.name.value };
        let tunnel_type = self.tunnel_type();
        let (ike, esp) = self.proposals();
        let client = Client {
            name: Spanned::new(name.to_owned(), self.name.span),
            format: Some(FORMAT),
            profile: Some(self.name.span),
            server: self.server().map_or(Field::Absent, |s| facts::server(s.value, s.span)),
            authentication: self.authentication(),
            split_tunnel: self.split_tunnel(),
            routes: self.routes(),
            dns_suffix: self.dns_suffix(),
            dns_nameservers: self.dns_nameservers(),
            ike,
            esp,
            remarks: self.remarks(),
            tunnel_type,
            ..Client::default()
        };
        // Of another tunnel's authentication nobody asks.
        let (pre_shared_key, ipsec_authentication) =
            if client.may_use_l2tp() { (self.key(), self.ipsec_authentication()) } else { (Field::Absent, Field::Absent) };
        Some(Profile { client: Client { pre_shared_key, ipsec_authentication, ..client } })
    }

    /// MS-RRASM 2.2.2.2.11, and the numbers above 8 of `RASENTRY` (`ras.h`).
    fn tunnel_type(&self) -> Field<TunnelType> {
        let Field::Known(strategy) = self.number("VpnStrategy") else { return self.number("VpnStrategy").map(|_| TunnelType::Automatic) };
        let tunnel = match strategy.value {
            1 | 12 => TunnelType::Pptp,
            3 => TunnelType::L2tp,
            5 => TunnelType::Sstp,
            7 | 14 => TunnelType::Ikev2,
            0 | 2 | 4 | 6 | 8 | 13 => TunnelType::Automatic,
            15 => return Field::opaque_at(strategy.span, "`VpnStrategy` 15 means a list of protocols, which is not read"),
            _ => return Field::opaque_at(strategy.span, "`VpnStrategy` has a value that names no kind of tunnel"),
        };
        Field::known_at(tunnel, strategy.span)
    }

    /// The first number to dial; entries without one may hold a list of servers.
    fn server(&self) -> Option<Token<'a>> {
        let mut all = self.all("PhoneNumber").chain(self.all("ServerListServerName"));
        all.find(|s| !s.value.trim().is_empty())
    }

    /// What Windows itself writes is empty: the key is kept elsewhere.
    fn key(&self) -> Field<Key> {
        match self.get("PreSharedKey") {
            Some(key) if !key.value.is_empty() => facts::literal_key(key.value, key.span, FORMAT),
            stated => {
                let other = self.pairs.iter().find(|(k, v)| k.value.eq_ignore_ascii_case("PreSharedKey") && !v.value.is_empty());
                if let Some((_, value)) = other {
                    return Field::opaque_at(
                        value.span,
                        "the phone book writes `PreSharedKey` in another case, which Windows may not read",
                    );
                }
                let place = stated.map_or(self.name.span, |k| k.span);
                Field::opaque_at(place, "the phone book does not hold the key, which Windows keeps elsewhere")
            }
        }
    }

    fn ipsec_authentication(&self) -> Field<IpsecAuthentication> {
        match self.number("IpSecFlags") {
            Field::Known(flags) if flags.value & 1 == 1 => Field::known_at(IpsecAuthentication::PreSharedKey, flags.span),
            Field::Known(flags) => {
                Field::opaque_at(flags.span, "`IpSecFlags` of the phone book's entry does not say that IPsec takes a pre-shared key")
            }
            other => other.map(|_| IpsecAuthentication::PreSharedKey),
        }
    }

    /// MS-RRASM 2.2.2.2.58; SPAP (16) and the first MS-CHAP of Windows 95 (1024) are of no use to anyone here.
    fn authentication(&self) -> List<Authentication> {
        const BITS: [(u32, Authentication); 6] = [
            (8, Authentication::Pap),
            (32, Authentication::Chap),
            (64, Authentication::MsChap),
            (128, Authentication::Eap),
            (512, Authentication::MsChapV2),
            (2048, Authentication::MachineCertificate),
        ];
        let bits = match self.number("AuthRestrictions") {
            Field::Known(bits) if bits.value == 0 => {
                return Field::opaque_at(bits.span, "`AuthRestrictions` of the phone book's entry is 0, which names no protocol");
            }
            Field::Known(bits) => bits,
            other => return other.map(|_| Vec::new()),
        };
        let allowed = BITS.iter().filter(|(bit, _)| bits.value & bit != 0).map(|(_, protocol)| Spanned::new(*protocol, bits.span));
        Field::known_at(allowed.collect(), bits.span)
    }

    fn split_tunnel(&self) -> Field<bool> {
        match self.number("IpPrioritizeRemote") {
            Field::Known(all) if all.value > 1 => Field::opaque_at(all.span, "`IpPrioritizeRemote` is neither 0 nor 1"),
            other => other.map(|all| all == 0),
        }
    }

    /// `RouteVersion` is 1 in every phone book seen; what another would mean for `Routes` is not known.
    fn routes(&self) -> List<Ipv4Net> {
        let count = match self.number("NumRoutes") {
            Field::Known(count) if count.value == 0 => return Field::known_at(Vec::new(), count.span),
            Field::Known(count) => count,
            other => return other.map(|_| Vec::new()),
        };
        let same = matches!(self.number("RouteVersion"), Field::Absent | Field::Known(Spanned { value: 1, .. }));
        match Blob::read(self.all("Routes")).and_then(|b| b.routes(count.value)).filter(|_| same) {
            Some(routes) => Field::known_at(routes, self.get("Routes").map_or(count.span, |r| r.span)),
            None => {
                let place = self.get("Routes").map_or(count.span, |r| r.span);
                Field::opaque_at(place, "the phone book's `Routes` are not in the form that is known")
            }
        }
    }

    /// `IpNameAssign` 2: the entry's own; else the server gives them, but for the names of NRPT rules.
    fn dns_nameservers(&self) -> List<Ipv4Addr> {
        let own = [self.get("IpDnsAddress"), self.get("IpDns2Address")]
            .into_iter()
            .flatten()
            .filter(|a| !matches!(a.value.trim(), "" | "0.0.0.0"));
        let mut found = Vec::new();
        for server in own {
            match server.value.trim().parse() {
                Ok(ip) => found.push(Spanned::new(ip, server.span)),
                Err(_) => return Field::opaque_at(server.span, "one of the profile's DNS servers is not an IPv4 address"),
            }
        }
        match self.number("IpNameAssign") {
            Field::Known(assign) if assign.value == 2 && !found.is_empty() => Field::known_at(found, assign.span),
            Field::Opaque(o) if !found.is_empty() => Field::Opaque(o),
            Field::Absent if !found.is_empty() => {
                Field::opaque_at(found[0].span, "the phone book's entry states no `IpNameAssign`, so that its DNS servers may not count")
            }
            _ => match self.number("NumNrptRules") {
                Field::Known(rules) if rules.value > 0 => self.name_rules(rules),
                Field::Opaque(o) => Field::Opaque(o),
                _ => Field::Absent,
            },
        }
    }

    /// The resolvers of NRPT rules: those for all names of a domain count, as in a VPNv2 profile.
    fn name_rules(&self, count: Spanned<u32>) -> List<Ipv4Addr> {
        let Some(rules) = Blob::read(self.all("NrptRules")).and_then(|b| b.name_rules(count.value)) else {
            return Field::opaque_at(
                count.span,
                "the profile's NRPT rules, which give other resolvers for some names, are not in the form that is known",
            );
        };
        let single = rules.iter().find(|r| !r.suffix && !r.servers.is_empty()).map(|r| r.place);
        let found: Vec<_> = rules.into_iter().filter(|r| r.suffix).flat_map(|r| r.servers).collect();
        match (found.first().map(|f| f.span), single) {
            (Some(first), _) => Field::known_at(found, first),
            (None, Some(place)) => Field::opaque_at(place, "the profile's NRPT rules give resolvers for one name alone"),
            (None, None) => Field::Absent,
        }
    }

    fn dns_suffix(&self) -> Field<String> {
        match self.get("IpDnsSuffix").filter(|s| !s.value.trim().is_empty()) {
            Some(suffix) => facts::text(suffix.value.trim(), suffix.span, "DNS suffix"),
            None => self.search_list(),
        }
    }

    /// UTF-16 in hexadecimal digits, over many lines with one key; the suffixes are padded with NUL.
    fn search_list(&self) -> Field<String> {
        let Some(first) = self.get("DnsSuffixSearchList") else { return Field::Absent };
        let Some(list) = Blob::read(self.all("DnsSuffixSearchList")) else {
            return Field::opaque_at(first.span, "the phone book's `DnsSuffixSearchList` is not hexadecimal");
        };
        let units = list.bytes().chunks_exact(2).map(|u| u16::from_le_bytes([u[0], u[1]])).take_while(|u| *u != 0);
        match char::decode_utf16(units).collect::<Result<String, _>>() {
            Ok(suffix) => facts::text(&suffix, first.span, "DNS suffix"),
            Err(_) => Field::opaque_at(first.span, "the phone book's `DnsSuffixSearchList` is not text"),
        }
    }

    /// Phase 1 and phase 2.
    fn proposals(&self) -> (List<String>, List<String>) {
        let count = match self.number("NumCustomPolicy") {
            Field::Known(count) if count.value == 0 => return (Field::Absent, Field::Absent),
            Field::Known(count) => count,
            other => return (other.clone().map(|_| Vec::new()), other.map(|_| Vec::new())),
        };
        let place = self.get("CustomIPSecPolicies").map_or(count.span, |p| p.span);
        match Blob::read(self.all("CustomIPSecPolicies")).and_then(|b| b.policies(count.value)) {
            Some((ike, esp)) => (Field::known_at(ike, place), Field::known_at(esp, place)),
            None => {
                let unknown = || Field::opaque_at(place, "the phone book's entry pins proposals in a form that is not known");
                (unknown(), unknown())
            }
        }
    }

    fn remarks(&self) -> Vec<Remark> {
        let mut remarks: Vec<_> = self.server().and_then(|s| facts::server_form(s.value, s.span)).into_iter().collect();
        // Names that generators of phone books made up.
        let invented = |key: &str| ["IPSecSharedKey", "SharedSecret", "L2tpPsk", "PSK"].iter().any(|name| key.eq_ignore_ascii_case(name));
        for (key, _) in self.pairs.iter().filter(|(k, v)| invented(k.value) && !v.value.is_empty()) {
            let help = "write the key as `PreSharedKey`, or set it with `Set-VpnConnection -L2tpPsk`, and remove this line";
            remarks.push(Remark::new(
                RemarkKind::SecretMisplaced,
                key.span,
                "holds a secret under a key that Windows does not write or read",
                "not `PreSharedKey`",
                help,
            ));
        }
        remarks
    }
}
