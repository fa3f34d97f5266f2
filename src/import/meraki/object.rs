//! Reading the objects of an API body: keys in camel or snake case, numbers as text and the reverse, null as absent, unknown keys ignored.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::policy_objects::Objects;
use crate::import::values::key;
use crate::model::{Field, Key, KeyOrigin, List};
use crate::net::{Addrs, Ports};
use crate::secret::Secret;
use crate::source::{Problem, ProblemKind, Span, Spanned};
use crate::tree::decode::{Cx, Decode, describe};
use crate::tree::{Entry, Kind, Node};

/// The entries of an object.
#[derive(Clone, Copy)]
pub struct Obj<'n, 't>(pub &'n [Entry<'t>]);

/// Characters of a name that count; none of the Dashboard's is longer. Names are kept beside each body, so that longer ones would cost the square.
const LONGEST: usize = 256;

/// The letters and digits of a key, a name or an id, in lower case: `applianceIp`, `appliance_ip` and `Appliance IP` are one.
pub fn fold(text: &str) -> String {
    folded(text).take(LONGEST).collect()
}

fn folded(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
}

/// Whether two keys are the same but for case and separators.
pub fn same_key(a: &str, b: &str) -> bool {
    folded(a).eq(folded(b))
}

/// Where a label about `node` stands.
pub fn place(node: &Node<'_>) -> Span {
    if matches!(node.kind, Kind::Map(_) | Kind::Seq(_)) { node.head } else { node.via.unwrap_or(node.span) }
}

/// Notes that `node` is not what the API gives there, and gives the opaque field that stands for it.
pub fn wrong<T>(node: &Node<'_>, what: &str, cx: &mut Cx<'_>) -> Field<T> {
    let place = place(node);
    if let Kind::Opaque(reason) = &node.kind {
        return Field::opaque_at(place, reason.clone());
    }
    let found = describe(&node.kind);
    let problem = Problem::new(ProblemKind::InvalidValue, place, format!("expected {what}, found {found}"), format!("this is {found}"));
    cx.problems.push(problem.help("export this part of the Dashboard's API again"));
    Field::opaque_at(place, "the value is not valid")
}

/// The items of a list with each item's place; what is no object is noted.
pub fn rows<'n, 't, T>(
    node: &'n Node<'t>,
    what: &str,
    cx: &mut Cx<'_>,
    mut one: impl FnMut(Obj<'n, 't>, &mut Cx<'_>) -> Option<T>,
) -> List<T> {
    let Some(items) = node.items() else {
        return wrong(node, what, cx);
    };
    let mut out = Vec::with_capacity(items.len());
    // The API's own samples show a list of rules in a list.
    let items = items.iter().flat_map(|i| i.items().unwrap_or(std::slice::from_ref(i)));
    for item in items {
        if let Some(entries) = item.entries() {
            out.extend(one(Obj(entries), cx).map(|v| Spanned::new(v, item.head)));
        } else {
            cx.gap(item.span);
            wrong::<T>(item, "an object", cx);
        }
    }
    Field::known_at(out, place(node))
}

/// Whether it is an IPv6 address or prefix, of which client VPN knows nothing.
fn is_v6(text: &str) -> bool {
    text.split('/').next().is_some_and(|ip| ip.trim().parse::<Ipv6Addr>().is_ok())
}

impl<'n, 't> Obj<'n, 't> {
    /// The value of the first of `names` (`a|b`) that is there and not null.
    pub fn get(self, names: &str) -> Option<&'n Node<'t>> {
        names
            .split('|')
            .find_map(|name| self.0.iter().map(|e| (&e.key, &e.value)).find(|(k, v)| v.kind != Kind::Null && same_key(k, name)))
            .map(|(_, v)| v)
    }

    /// Whether one of `names` is there, null or not.
    pub fn has(self, names: &str) -> bool {
        names.split('|').any(|name| self.0.iter().any(|e| same_key(&e.key, name)))
    }

    /// The text of one of `names`, for looking only.
    pub fn peek(self, names: &str) -> Option<&'n str> {
        self.get(names)?.text()
    }

    /// The object under one of `names`.
    pub fn object(self, names: &str) -> Option<Self> {
        self.get(names)?.entries().map(Obj)
    }

    /// The value, unless it is empty text.
    fn said(self, names: &str) -> Option<&'n Node<'t>> {
        self.get(names).filter(|n| n.text().is_none_or(|t| !t.trim().is_empty()))
    }

    /// A value of a type that the site file has, too.
    pub fn read<T: Decode>(self, names: &str, cx: &mut Cx<'_>) -> Field<T> {
        match self.said(names) {
            None => Field::Absent,
            Some(node) if matches!(node.kind, Kind::Map(_) | Kind::Seq(_)) => wrong(node, T::EXPECTS, cx),
            Some(node) => T::field(node, cx),
        }
    }

    /// The same, where IPv6 counts as absent.
    pub fn v4<T: Decode>(self, names: &str, cx: &mut Cx<'_>) -> Field<T> {
        if self.peek(names).is_some_and(is_v6) { Field::Absent } else { self.read(names, cx) }
    }

    /// One of the API's words; one that this version does not know is opaque.
    pub fn word<T: Decode>(self, names: &str, cx: &mut Cx<'_>) -> Field<T> {
        let noted = cx.problems.len();
        let field = self.read(names, cx);
        match (field, self.peek(names)) {
            (Field::Opaque(o), Some(_)) => {
                cx.problems.truncate(noted);
                Field::opaque_at(o.span, "the API's word is not known to this version")
            }
            (field, _) => field,
        }
    }

    /// A text; a number or truth value counts as its spelling.
    pub fn text(self, names: &str, cx: &mut Cx<'_>) -> Field<String> {
        let Some(node) = self.get(names) else { return Field::Absent };
        match &node.kind {
            Kind::Str(s) => Field::known_at(s.to_string(), place(node)),
            Kind::Int(_) | Kind::Float(_) | Kind::Bool(_) => Field::known_at(cx.session.map.text(node.span).to_owned(), place(node)),
            _ => wrong(node, "text", cx),
        }
    }

    /// The same in lower case.
    pub fn lower(self, names: &str, cx: &mut Cx<'_>) -> Field<String> {
        self.text(names, cx).map(|t| t.to_lowercase())
    }

    /// A truth value, also spelt in quotes.
    pub fn flag(self, names: &str, cx: &mut Cx<'_>) -> Field<bool> {
        match self.get(names) {
            Some(node) if node.text().is_some_and(|t| t.eq_ignore_ascii_case("true")) => Field::known_at(true, place(node)),
            Some(node) if node.text().is_some_and(|t| t.eq_ignore_ascii_case("false")) => Field::known_at(false, place(node)),
            _ => self.read(names, cx),
        }
    }

    /// A list of single values without those of IPv6.
    pub fn values<T: Decode>(self, names: &str, cx: &mut Cx<'_>) -> List<T> {
        let Some(node) = self.get(names) else { return Field::Absent };
        let Some(items) = node.items() else { return wrong(node, "a list", cx) };
        let mut out = Vec::with_capacity(items.len());
        for item in items.iter().filter(|i| !i.text().is_some_and(is_v6)) {
            match if matches!(item.kind, Kind::Map(_) | Kind::Seq(_)) { wrong(item, T::EXPECTS, cx) } else { T::field(item, cx) } {
                Field::Known(value) => out.push(value),
                Field::Opaque(o) => cx.gap(o.span),
                Field::Absent => {}
            }
        }
        Field::known_at(out, place(node))
    }

    /// A list of objects.
    pub fn rows<T>(self, names: &str, cx: &mut Cx<'_>, mut one: impl FnMut(Obj<'n, 't>, &mut Cx<'_>) -> T) -> List<T> {
        self.get(names).map_or(Field::Absent, |node| rows(node, "a list", cx, |o, cx| Some(one(o, cx))))
    }

    /// A key; hidden first.
    pub fn secret(self, names: &str, cx: &mut Cx<'_>) -> Field<Key> {
        let Some(node) = self.get(names) else { return Field::Absent };
        match &node.kind {
            Kind::Str(text) if text.is_empty() => Field::Absent,
            Kind::Str(text) if is_redacted(text) => {
                cx.secrets.push(node.span);
                Field::opaque_at(place(node), "the export leaves the key out")
            }
            Kind::Str(_) => key(node, cx),
            Kind::Opaque(reason) => {
                cx.secrets.push(node.span);
                Field::opaque_at(place(node), reason.clone())
            }
            Kind::Int(_) | Kind::Float(_) => {
                cx.secrets.push(node.span);
                let secret = Secret::new(cx.session.map.text(node.span));
                Field::known_at(Key { secret, origin: KeyOrigin::Configuration }, node.span)
            }
            _ => {
                cx.hide_text(node);
                wrong(node, "a secret", cx)
            }
        }
    }

    /// Ports as a number, a text, or a list of either.
    pub fn ports(self, names: &str, cx: &mut Cx<'_>) -> Field<Ports> {
        self.read(names, cx)
    }

    /// Addresses of a layer 3 rule: `any`, a list with commas; opaque where it names what no import holds. IPv6 adds nothing.
    pub fn addrs(self, names: &str, objects: &Objects, cx: &mut Cx<'_>) -> Field<Addrs> {
        let Some(node) = self.said(names) else { return Field::Absent };
        let place = place(node);
        let Some(text) = node.text() else { return wrong(node, Addrs::EXPECTS, cx) };
        let mut all = Addrs::none();
        for part in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
            if let Some(more) = Addrs::parse(part) {
                all = all.union(&more);
            } else if let Some(found) = objects.find(part) {
                match found {
                    Ok(more) => all = all.union(&more),
                    Err(why) => return Field::opaque_at(place, why),
                }
            } else if let Some(why) = crate::import::addrs::unknowable(part) {
                return Field::opaque_at(place, why);
            } else if !is_v6(part) {
                return Addrs::field(node, cx);
            }
        }
        Field::known_at(all, place)
    }
}

/// Whether a tool wrote this in place of a secret: `**REDACTED**`, `(sensitive value)`, stars alone.
fn is_redacted(text: &str) -> bool {
    let stars = text.chars().all(|c| matches!(c, '*' | '•'));
    let word = text.trim_matches(|c: char| !c.is_alphanumeric());
    stars || ["redacted", "sensitive value"].iter().any(|w| word.eq_ignore_ascii_case(w)) && word.len() < text.len()
}

/// The network of an address under a netmask.
pub fn network(ip: &Field<Ipv4Addr>, mask: &Field<Ipv4Addr>) -> Field<ipnet::Ipv4Net> {
    match (ip, mask) {
        (Field::Known(ip), Field::Known(mask)) => match ipnet::Ipv4Net::with_netmask(ip.value, mask.value) {
            Ok(net) => Field::known_at(net.trunc(), mask.span),
            Err(_) => Field::opaque_at(mask.span, "the netmask is not valid"),
        },
        _ => Field::Absent,
    }
}
