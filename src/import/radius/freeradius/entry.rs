//! What the settings of one section of FreeRADIUS say: a client's entry, or a listener's port.

use crate::import::addrs::unknowable;
use crate::model::{Field, Key, KeyOrigin, RadiusClient};
use crate::net::Addrs;
use crate::secret::Secret;
use crate::source::{Span, Spanned};

/// Its id: the format needs its secrets in clear text.
const FORMAT: &str = "freeradius-clients";

/// What is written behind `=`.
#[derive(Clone)]
pub struct Value {
    /// The text as the server takes it, or why that is not to be told.
    pub text: Result<String, &'static str>,
    pub span: Span,
}

/// `client NAME {` with its settings.
pub struct Entry {
    pub name: Option<Spanned<String>>,
    pub head: Span,
    /// It stands in a list that only some listeners ask.
    pub listed: bool,
    /// It takes settings from a template.
    pub templated: bool,
    pub settings: Vec<(String, Value)>,
}

/// The first setting of a name. One that stands again with another value is not to be told.
fn get<'s>(settings: &'s [(String, Value)], name: &str) -> Option<(&'s Value, bool)> {
    let mut all = settings.iter().filter(|(n, _)| n == name).map(|(_, v)| v);
    let first = all.next()?;
    Some((first, all.all(|other| other.text == first.text)))
}

fn field(found: Option<(&Value, bool)>) -> Field<String> {
    match found {
        None => Field::Absent,
        Some((value, false)) => Field::opaque_at(value.span, "the setting stands twice in the entry, with two values"),
        Some((value, true)) => match &value.text {
            Ok(text) => Field::known_at(text.clone(), value.span),
            Err(why) => Field::opaque_at(value.span, *why),
        },
    }
}

/// The port of a listener for authentication over UDP.
pub fn port(settings: &[(String, Value)]) -> Option<Spanned<u32>> {
    let text = |name| get(settings, name).and_then(|(v, _)| v.text.as_deref().ok());
    if !text("type").is_none_or(|kind| kind.contains("auth")) || text("proto").is_some_and(|p| p != "udp") {
        return None;
    }
    let value = get(settings, "port")?.0;
    Some(Spanned::new(value.text.as_ref().ok()?.parse().ok()?, value.span))
}

impl Entry {
    /// The entry, unless it is for IPv6 or TCP alone.
    pub fn client(self) -> Option<Spanned<RadiusClient>> {
        let tcp = get(&self.settings, "proto").and_then(|(v, _)| v.text.as_deref().ok()).is_some_and(|p| p == "tcp" || p == "tls");
        if tcp {
            return None;
        }
        let ip = self.addresses()?;
        let secret = field(get(&self.settings, "secret"));
        let secret = match (secret, get(&self.settings, "dynamic_clients"), self.templated) {
            (Field::Known(text), None, _) if !text.value.is_empty() => text_key(text),
            (Field::Opaque(o), None, _) => Field::Opaque(o),
            (_, Some(_), _) => Field::opaque_at(self.head, "the client entry is filled in by another source (`dynamic_clients`)"),
            (_, None, true) => Field::opaque_at(self.head, "the client entry takes settings from a template"),
            _ => Field::Absent,
        };
        let ip = if self.listed && ip.opaque().is_none() {
            Field::opaque_at(self.head, "a client entry stands in a list that only listeners which name it ask")
        } else {
            ip
        };
        let name = self.name.map_or(Field::Absent, Field::Known);
        Some(Spanned::new(RadiusClient { name, ip, secret }, self.head))
    }

    /// The addresses; nothing: they are IPv6. Without an address the name is it.
    fn addresses(&self) -> Option<Field<Addrs>> {
        let stated = get(&self.settings, "ipaddr").or_else(|| get(&self.settings, "ipv4addr"));
        if stated.is_none() && get(&self.settings, "ipv6addr").is_some() {
            return None;
        }
        let text = match (field(stated), &self.name) {
            (Field::Absent, _) if self.templated => {
                return Some(Field::opaque_at(self.head, "the client entry takes settings from a template"));
            }
            (Field::Absent, Some(name)) => Field::Known(name.clone()),
            (field, _) => field,
        };
        let Field::Known(text) = text else {
            return Some(text.map(|_| Addrs::none()));
        };
        let whole = match field(get(&self.settings, "netmask")) {
            Field::Known(bits) if !text.value.contains('/') => format!("{}/{}", text.value, bits.value),
            Field::Absent => text.value.clone(),
            _ => return Some(Field::opaque_at(text.span, "a client entry states its `netmask` twice, or not clearly")),
        };
        if whole.contains(':') && whole.split('/').next().is_some_and(|ip| ip.parse::<std::net::Ipv6Addr>().is_ok()) {
            return None;
        }
        Some(match Addrs::parse(&whole).filter(|_| !whole.contains([',', '-'])) {
            Some(all) => Field::known_at(all, text.span),
            None => Field::opaque_at(text.span, unknowable(&whole).unwrap_or("a client entry's address is not understood")),
        })
    }
}

/// The secret; what may be hexadecimal to the server is left open.
fn text_key(text: Spanned<String>) -> Field<Key> {
    let digits = text.value.strip_prefix("0x").filter(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_hexdigit()));
    if digits.is_some() {
        return Field::opaque_at(text.span, "the secret may be hexadecimal to the server");
    }
    Field::known_at(Key { secret: Secret::new(text.value), origin: KeyOrigin::Profile(FORMAT) }, text.span)
}
