//! A `<VPNProfile>` as a client. The format has no word for PAP: its user methods are EAP and MS-CHAPv2.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::Ipv4Net;

use super::FORMAT;
use crate::import::client::facts;
use crate::import::client::offsets::Offsets;
use crate::model::{Authentication, Client, Field, Host, IpsecAuthentication, Key, List, Remark, RemarkKind, TunnelType};
use crate::net::Addrs;
use crate::source::{Span, Spanned};
use crate::tree::xml::Element;

/// Reads elements of a profile.
pub struct Reader<'o> {
    pub offsets: &'o Offsets<'o>,
    /// Nothing of the text is broken: what it leaves out is left out.
    pub whole: bool,
}

/// A text, or why there is none.
enum Text<'e> {
    Absent,
    /// Not to be known.
    Not(Span, &'static str),
    Is(&'e str, Span),
}

impl Reader<'_> {
    pub fn client(&self, profile: &Element<'_>, name: Spanned<String>, head: Span) -> Client {
        let native = profile.child("NativeProfile");
        let mut remarks = Vec::new();
        let tunnel_type = self.tunnel_type(profile, native, head, &mut remarks);
        let pre_shared_key = self.key(native);
        self.misplaced(profile, native, &pre_shared_key, &mut remarks);
        let split_tunnel = self.split_tunnel(native, &mut remarks);
        let suite = native.and_then(|n| n.child("CryptographySuite"));
        let name = match self.text(Some(profile), "ProfileName") {
            Text::Is(text, span) if name.span == head && !text.is_empty() => Spanned::new(text.to_owned(), span),
            _ => name,
        };
        Client {
            name,
            format: Some(FORMAT),
            profile: Some(head),
            server: self.server(native, &mut remarks),
            ipsec_authentication: self.ipsec_authentication(native, &pre_shared_key),
            pre_shared_key,
            authentication: self.authentication(native),
            routes: self.routes(profile, &split_tunnel),
            split_tunnel,
            dns_suffix: self.dns_suffix(profile),
            dns_nameservers: self.dns_nameservers(profile),
            ike: self.proposal(suite, ["EncryptionMethod", "IntegrityCheckMethod", "DHGroup"]),
            esp: self.proposal(suite, ["CipherTransformConstants", "AuthenticationTransformConstants", "PfsGroup"]),
            tunnel_type,
            remarks,
            ..Client::default()
        }
    }

    /// The only child of that name: its text without the white space around it.
    fn text<'e>(&self, parent: Option<&'e Element<'_>>, name: &str) -> Text<'e> {
        let Some(parent) = parent else { return Text::Absent };
        let mut found = parent.children.iter().filter(|c| c.name == name);
        match (found.next(), found.next()) {
            (None, _) => Text::Absent,
            (Some(element), None) => self.text_of(element),
            (Some(_), Some(again)) => Text::Not(self.offsets.span(super::head(again)), "the profile says it twice"),
        }
    }

    fn text_of<'e>(&self, element: &'e Element<'_>) -> Text<'e> {
        let Spanned { value: text, span } = &element.text;
        let place = self.offsets.span(trimmed(text, *span));
        let text = text.trim();
        if element.broken || !element.children.is_empty() {
            Text::Not(place, "the text is broken here")
        } else if text.contains(super::UNKNOWN) {
            Text::Not(place, "the script fills it in when it runs")
        } else {
            Text::Is(text, place)
        }
    }

    fn tunnel_type(&self, profile: &Element<'_>, native: Option<&Element<'_>>, head: Span, remarks: &mut Vec<Remark>) -> Field<TunnelType> {
        let (text, span) = match self.text(native, "NativeProtocolType") {
            Text::Is(text, span) => (text, span),
            Text::Not(span, why) => return Field::opaque_at(span, why),
            Text::Absent if profile.child("PluginProfile").is_some() => {
                return Field::opaque_at(head, "an app makes the tunnel, and the profile does not say which kind");
            }
            Text::Absent => return Field::Absent,
        };
        let kind = match &*text.to_ascii_lowercase() {
            "l2tp" => TunnelType::L2tp,
            "ikev2" => TunnelType::Ikev2,
            "pptp" => TunnelType::Pptp,
            "sstp" => TunnelType::Sstp,
            "automatic" => TunnelType::Automatic,
            "protocollist" => return Field::opaque_at(span, "the profile gives a list of protocols, which is not read"),
            _ if template(text) => return Field::opaque_at(span, "the profile is a template: its protocol is not filled in"),
            _ => {
                let what = "names a protocol that Windows does not know";
                let help = "write `L2TP` as the `NativeProtocolType`: it is what the MX speaks";
                remarks.push(Remark::new(RemarkKind::Refused, span, what, "no protocol of Windows", help));
                return Field::opaque_at(span, "the profile's `NativeProtocolType` is not known");
            }
        };
        Field::known_at(kind, span)
    }

    /// `host;friendly name`, several with commas.
    fn server(&self, native: Option<&Element<'_>>, remarks: &mut Vec<Remark>) -> Field<Host> {
        let (text, span) = match self.text(native, "Servers") {
            Text::Is(text, span) => (text, span),
            Text::Not(span, why) => return Field::opaque_at(span, format!("the server is not known: {why}")),
            Text::Absent => return Field::Absent,
        };
        let mut hosts: Vec<Field<Host>> = Vec::new();
        for (item, place) in items(text, span, ',') {
            let (host, place) = items(item, place, ';').next().unwrap_or((item, place));
            remarks.extend(facts::server_form(host, place));
            hosts.push(facts::server(host, place));
        }
        hosts.retain(|h| !h.is_absent());
        let mut hosts = hosts.into_iter();
        let Some(first) = hosts.next() else { return Field::Absent };
        let same = |other: &Field<Host>| matches!((first.value(), other.value()), (Some(a), Some(b)) if a.same_as(b));
        if hosts.all(|other| same(&other)) {
            first
        } else {
            Field::opaque_at(span, "the profile lists several servers, and which one the user chooses is not known")
        }
    }

    /// The key as Windows takes it: with every blank.
    fn key(&self, native: Option<&Element<'_>>) -> Field<Key> {
        match self.text(native, "L2tpPsk") {
            Text::Absent => Field::Absent,
            Text::Not(span, why) => Field::opaque_at(span, format!("the pre-shared key is not known: {why}")),
            Text::Is(..) => match native.and_then(|n| n.child("L2tpPsk")) {
                Some(element) => facts::literal_key(&element.text.value, self.offsets.span(element.text.span), FORMAT),
                None => Field::Absent,
            },
        }
    }

    /// A key under a name, or at a place, where Windows does not look for it.
    fn misplaced(&self, profile: &Element<'_>, native: Option<&Element<'_>>, key: &Field<Key>, remarks: &mut Vec<Remark>) {
        let strays = |parent: &Element<'_>, inside: bool| {
            let is_stray = |c: &&Element<'_>| {
                let named = ["L2tpPsk", "PreSharedKey", "SharedSecret", "Psk"].iter().any(|n| c.name.eq_ignore_ascii_case(n));
                named && !(inside && c.name == "L2tpPsk")
            };
            parent.children.iter().filter(is_stray).map(super::head).collect::<Vec<_>>()
        };
        if !key.is_absent() {
            return;
        }
        let found = native.map(|n| strays(n, true)).unwrap_or_default().into_iter().chain(strays(profile, false));
        for head in found {
            let help = "write it as `L2tpPsk` in `NativeProfile`: names of elements count letter by letter";
            let what = "holds a key where Windows does not look for it";
            remarks.push(Remark::new(RemarkKind::SecretMisplaced, self.offsets.span(head), what, "not read here", help));
        }
    }

    fn ipsec_authentication(&self, native: Option<&Element<'_>>, key: &Field<Key>) -> Field<IpsecAuthentication> {
        if !key.is_absent() {
            let place = native.and_then(|n| n.child("L2tpPsk")).map(|e| self.offsets.span(super::head(e)));
            return place.map_or(Field::Absent, |place| Field::known_at(IpsecAuthentication::PreSharedKey, place));
        }
        match self.text(native.and_then(|n| n.child("Authentication")), "MachineMethod") {
            Text::Is(text, span) if text.eq_ignore_ascii_case("Certificate") => Field::known_at(IpsecAuthentication::Certificate, span),
            Text::Is(_, span) => Field::opaque_at(span, "the profile's `MachineMethod` is not known"),
            Text::Not(span, why) => Field::opaque_at(span, why),
            Text::Absent => Field::Absent,
        }
    }

    /// What the profile forces; one that leaves it out says nothing about PAP.
    fn authentication(&self, native: Option<&Element<'_>>) -> List<Authentication> {
        let (text, span) = match self.text(native.and_then(|n| n.child("Authentication")), "UserMethod") {
            Text::Is(text, span) => (text, span),
            Text::Not(span, why) => return Field::opaque_at(span, format!("the user's authentication is not known: {why}")),
            Text::Absent => return Field::Absent,
        };
        let one = |method| Field::known_at(vec![Spanned::new(method, span)], span);
        match &*text.to_ascii_lowercase() {
            "eap" => one(Authentication::Eap),
            "mschapv2" => one(Authentication::MsChapV2),
            "" => Field::Absent,
            _ => Field::opaque_at(span, "the profile's `UserMethod` is not known"),
        }
    }

    fn split_tunnel(&self, native: Option<&Element<'_>>, remarks: &mut Vec<Remark>) -> Field<bool> {
        let (text, span) = match self.text(native, "RoutingPolicyType") {
            Text::Is(text, span) => (text, span),
            Text::Not(span, why) => return Field::opaque_at(span, format!("the profile's routing is not known: {why}")),
            Text::Absent => return Field::Absent,
        };
        match &*text.to_ascii_lowercase() {
            "splittunnel" => Field::known_at(true, span),
            "forcetunnel" => Field::known_at(false, span),
            "" => Field::Absent,
            _ => {
                if !template(text) {
                    let what = "names a routing policy that Windows does not know";
                    let help = "write `SplitTunnel` or `ForceTunnel` as the `RoutingPolicyType`";
                    remarks.push(Remark::new(RemarkKind::Refused, span, what, "neither split nor force", help));
                }
                Field::opaque_at(span, "the profile's `RoutingPolicyType` is neither `SplitTunnel` nor `ForceTunnel`")
            }
        }
    }

    fn routes(&self, profile: &Element<'_>, split: &Field<bool>) -> List<Ipv4Net> {
        let mut routes: Vec<Spanned<Ipv4Net>> = Vec::new();
        let mut spared: Vec<Spanned<Ipv4Net>> = Vec::new();
        for route in profile.children.iter().filter(|c| c.name == "Route") {
            let place = self.offsets.span(super::head(route));
            let (Text::Is(address, span), Text::Is(size, _)) = (self.text(Some(route), "Address"), self.text(Some(route), "PrefixSize"))
            else {
                return Field::opaque_at(place, "a route of the profile has no address or prefix length that is known");
            };
            let net = match (address.parse(), size.parse()) {
                // Client VPN is IPv4.
                (Ok(IpAddr::V6(_)), _) => continue,
                (Ok(IpAddr::V4(ip)), Ok(size)) => Ipv4Net::new(ip, size).ok(),
                _ => None,
            };
            let Some(net) = net else { return Field::opaque_at(span, "a route of the profile is no network") };
            match self.text(Some(route), "ExclusionRoute") {
                Text::Absent => routes.push(Spanned::new(net.trunc(), span)),
                Text::Is(text, _) if matches!(text, "" | "0") || text.eq_ignore_ascii_case("false") => {
                    routes.push(Spanned::new(net.trunc(), span));
                }
                Text::Is(text, _) if text == "1" || text.eq_ignore_ascii_case("true") => spared.push(Spanned::new(net.trunc(), span)),
                Text::Is(_, span) | Text::Not(span, _) => {
                    return Field::opaque_at(span, "whether a route of the profile is an exclusion is not known");
                }
            }
        }
        let carried = Addrs::from_ranges(routes.iter().map(|r| bounds(r.value)).collect());
        let cuts = |net: Ipv4Net| {
            let (first, last) = bounds(net);
            let n = carried.ranges().partition_point(|r| r.1 < first);
            carried.ranges().get(n).is_some_and(|r| r.0 <= last)
        };
        let cut = spared.iter().find(|s| cuts(s.value));
        if let Some(cut) = cut {
            return Field::opaque_at(cut.span, "an exclusion takes part of another route of the profile away");
        }
        match (routes.first().map(|r| r.span), split.known()) {
            (Some(first), _) => Field::known_at(routes, first),
            (None, Some(split)) if split.value && self.whole => Field::known_at(Vec::new(), split.span),
            _ => Field::Absent,
        }
    }

    /// The first of the suffixes is that of the connection.
    fn dns_suffix(&self, profile: &Element<'_>) -> Field<String> {
        match self.text(Some(profile), "DnsSuffix") {
            Text::Is(text, span) => items(text, span, ',').next().map_or(Field::Absent, |(t, s)| facts::text(t, s, "DNS suffix")),
            Text::Not(span, why) => Field::opaque_at(span, format!("the DNS suffix is not known: {why}")),
            Text::Absent => Field::Absent,
        }
    }

    /// The resolvers that the profile's rules name. A rule whose name has no dot in front is for that one name.
    fn dns_nameservers(&self, profile: &Element<'_>) -> List<Ipv4Addr> {
        let (mut found, mut single): (Vec<Spanned<Ipv4Addr>>, Option<Span>) = (Vec::new(), None);
        for rule in profile.children.iter().filter(|c| c.name == "DomainNameInformation") {
            let (text, span) = match self.text(Some(rule), "DnsServers") {
                Text::Is("", _) | Text::Absent => continue,
                Text::Is(text, span) => (text, span),
                Text::Not(span, why) => return Field::opaque_at(span, format!("the profile's DNS servers are not known: {why}")),
            };
            if let Text::Is(name, place) = self.text(Some(rule), "DomainName")
                && !name.starts_with('.')
            {
                single = single.or(Some(place));
                continue;
            }
            for (server, place) in items(text, span, ',') {
                match server.parse() {
                    Ok(IpAddr::V4(ip)) => found.push(Spanned::new(ip, place)),
                    Ok(IpAddr::V6(_)) => {}
                    Err(_) => return Field::opaque_at(place, "one of the profile's DNS servers is not an address"),
                }
            }
        }
        match (found.first().map(|f| f.span), single) {
            (Some(first), _) => Field::known_at(found, first),
            (None, Some(place)) => {
                Field::opaque_at(place, "the profile's DNS servers are for one name alone, for its `DomainName` has no dot in front")
            }
            (None, None) => Field::Absent,
        }
    }

    /// One proposal from the words of a phase: cipher, hash, group.
    fn proposal(&self, suite: Option<&Element<'_>>, names: [&str; 3]) -> List<String> {
        let (mut words, mut place) = (Vec::new(), None);
        for name in names {
            match self.text(suite, name) {
                Text::Is("", _) | Text::Absent => {}
                Text::Is(word, span) => {
                    place = place.or(Some(span));
                    // A combined cipher stands in both places.
                    if !words.contains(&word) {
                        words.push(word);
                    }
                }
                Text::Not(span, why) => return Field::opaque_at(span, format!("the profile's proposals are not known: {why}")),
            }
        }
        place.map_or(Field::Absent, |place| Field::known_at(vec![Spanned::new(words.join("-"), place)], place))
    }
}

/// The first and the last address of a network.
fn bounds(net: Ipv4Net) -> (u32, u32) {
    (net.network().into(), net.broadcast().into())
}

/// The parts of a text between separators, without the white space around them; of a text with escapes, each at the place of the whole.
fn items(text: &str, span: Span, separator: char) -> impl Iterator<Item = (&str, Span)> {
    let same = text.len() as u32 == span.len();
    let mut from = 0;
    text.split(separator).map(move |part| {
        let (lead, item) = (part.len() - part.trim_start().len(), part.trim());
        let start = span.start + (from + lead) as u32;
        from += part.len() + separator.len_utf8();
        (item, if same { Span::new(start, start + item.len() as u32) } else { span })
    })
}

/// The place of a text without the white space around it, when it has the bytes that it was written with.
fn trimmed(text: &str, span: Span) -> Span {
    if text.trim().is_empty() || text.len() as u32 != span.len() {
        return span;
    }
    let start = span.start + (text.len() - text.trim_start().len()) as u32;
    Span::new(start, start + text.trim().len() as u32)
}

fn template(text: &str) -> bool {
    facts::text(text, Span::default(), "value").opaque().is_some()
}
