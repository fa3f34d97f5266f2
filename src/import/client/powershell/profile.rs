//! What a script says of a connection, as a client's profile.

use std::net::Ipv4Addr;
use std::rc::Rc;

use ipnet::{Ipv4Net, Ipv6Net};

use super::draft::Draft;
use super::values::{Change, Known, Unknown, Value};
use super::{FORMAT, Places, words};
use crate::import::client::{Profile, facts};
use crate::model::{Authentication, Client, Field, IpsecAuthentication, Key, KeyOrigin, List, Os, Remark, RemarkKind, TunnelType};
use crate::source::{Span, Spanned};

/// Turns drafts into profiles.
pub struct Writer<'p> {
    /// Where the script's text stands.
    pub places: &'p Places,
    /// Literals that hold a key.
    pub secret: Vec<Span>,
    /// Literals that may be shown.
    pub shown: Vec<Span>,
}

impl Writer<'_> {
    /// The profile of one connection.
    pub fn profile(&mut self, draft: &Draft) -> Profile {
        let head = self.places.span(draft.head);
        let mut remarks: Vec<Remark> = Vec::new();
        for refusal in &draft.refused {
            let at = self.places.span(refusal.at);
            remarks.push(Remark::new(RemarkKind::Refused, at, refusal.what.clone(), refusal.label, refusal.help.clone()));
        }
        let server = self.text(draft, "ServerAddress", &mut remarks, |text, at, remarks| {
            remarks.extend(facts::server_form(text, at));
            facts::server(text, at)
        });
        let dns_suffix = self.text(draft, "DnsSuffix", &mut remarks, |text, at, _| facts::text(text, at, "DNS suffix"));
        let dns_suffix = if dns_suffix.is_absent() { self.search_suffix(draft) } else { dns_suffix };
        let tunnel_type = self.tunnel_type(draft, head);
        let pre_shared_key = self.key(draft, &mut remarks);
        let split_tunnel = self.split_tunnel(draft, head);
        let (ike, esp) = self.proposals(draft);
        Profile {
            client: Client {
                name: self.name(draft, head),
                format: Some(FORMAT),
                profile: Some(head),
                os: Field::known_at(Os::Windows, head),
                ipsec_authentication: self.ipsec_authentication(draft, head),
                routes: self.routes(draft, &split_tunnel, head),
                authentication: self.authentication(draft, head),
                dns_nameservers: self.dns_nameservers(draft),
                server,
                tunnel_type,
                pre_shared_key,
                split_tunnel,
                dns_suffix,
                ike,
                esp,
                remarks,
                ..Client::default()
            },
        }
    }

    /// Text that is no secret.
    fn show(&mut self, known: &Known) {
        self.shown.extend(&known.sources);
    }

    fn name(&mut self, draft: &Draft, head: Span) -> Spanned<String> {
        match draft.name.as_deref() {
            Some(Value::Text(known)) if !known.text.trim().is_empty() => {
                self.show(known);
                Spanned::new(known.text.to_string(), self.places.span(known.at))
            }
            _ => Spanned::new("VPN".to_owned(), head),
        }
    }

    fn opaque<T>(&self, param: &str, unknown: &Unknown) -> Field<T> {
        Field::opaque_at(self.places.span(unknown.at), format!("the script's `-{param}` {}", unknown.why))
    }

    /// What is not given: opaque where it may be given all the same.
    fn not_given<T>(&self, draft: &Draft, param: &str) -> Field<T> {
        let why = |(at, why): &(Span, String)| Field::opaque_at(self.places.span(*at), format!("the script's `-{param}` {why}"));
        match &draft.open {
            // What a command changes no further is not said.
            Some(_) if !draft.made && draft.get(param).is_none() => Field::Absent,
            Some(open) => why(open),
            None => Field::Absent,
        }
    }

    /// A text parameter.
    fn text<T>(
        &mut self,
        draft: &Draft,
        param: &'static str,
        remarks: &mut Vec<Remark>,
        read: impl FnOnce(&str, Span, &mut Vec<Remark>) -> Field<T>,
    ) -> Field<T> {
        match draft.get(param).map(|v| &**v) {
            None => self.not_given(draft, param),
            Some(Value::Text(known)) => {
                self.show(known);
                let at = self.places.span(known.at);
                if known.changed == Some(Change::Unset) {
                    return Field::opaque_at(at, format!("the script's `-{param}` holds a variable that the script does not set"));
                }
                read(&known.text, at, remarks)
            }
            Some(Value::Unknown(unknown)) => self.opaque(param, unknown),
            Some(Value::Null(_)) => Field::Absent,
            Some(other) => Field::opaque_at(self.places.span(other.at()), format!("the script's `-{param}` is no text")),
        }
    }

    fn tunnel_type(&mut self, draft: &Draft, head: Span) -> Field<TunnelType> {
        match draft.get("TunnelType").map(|v| &**v) {
            Some(Value::Text(known)) => {
                self.show(known);
                let at = self.places.span(known.at);
                let read = words::tunnel_type(&known.text);
                read.map_or_else(
                    || Field::opaque_at(at, "the script's `-TunnelType` is none that Windows knows"),
                    |t| Field::known_at(t, at),
                )
            }
            Some(Value::Unknown(unknown)) => self.opaque("TunnelType", unknown),
            Some(other) => Field::opaque_at(self.places.span(other.at()), "the script's `-TunnelType` is none that Windows knows"),
            // `Add-VpnConnection`, example 1.
            None => self.default(draft, "TunnelType", TunnelType::Automatic, head),
        }
    }

    /// What a connection that is made has where nothing is given.
    fn default<T>(&self, draft: &Draft, param: &str, value: T, head: Span) -> Field<T> {
        match self.not_given(draft, param) {
            Field::Absent if draft.made => Field::known_at(value, head),
            other => other,
        }
    }

    fn key(&mut self, draft: &Draft, remarks: &mut Vec<Remark>) -> Field<Key> {
        let (field, changed, at) = match draft.get("L2tpPsk").map(|v| &**v) {
            None => return self.not_given(draft, "L2tpPsk"),
            Some(Value::Text(known)) => {
                self.secret.extend(&known.sources);
                self.secret.push(known.at);
                let at = self.places.span(known.at);
                let key = facts::literal_key(&known.text, at, FORMAT);
                let dropped = known.sources.iter().any(|s| self.places.drops(*s)).then_some(Change::Percent);
                (key.map(|key| Key { origin: KeyOrigin::Configuration, ..key }), known.changed.or(dropped), at)
            }
            Some(Value::Unknown(unknown)) => {
                self.secret.push(unknown.at);
                (self.opaque("L2tpPsk", unknown), unknown.changed, self.places.span(unknown.at))
            }
            Some(Value::Null(_)) => return Field::Absent,
            Some(other) => {
                self.secret.push(other.at());
                (Field::opaque_at(self.places.span(other.at()), "the script's `-L2tpPsk` is no text"), None, self.places.span(other.at()))
            }
        };
        if let Some(change) = changed {
            remarks.push(quoting(change, at));
        }
        field
    }

    /// Without a key, Windows uses a certificate (`Add-VpnConnection`, `-L2tpPsk`).
    fn ipsec_authentication(&self, draft: &Draft, head: Span) -> Field<IpsecAuthentication> {
        match draft.get("L2tpPsk").map(|v| &**v) {
            Some(Value::Null(at)) => Field::known_at(IpsecAuthentication::Certificate, self.places.span(*at)),
            Some(given) => {
                let at = draft.place("L2tpPsk").unwrap_or(given.at());
                Field::known_at(IpsecAuthentication::PreSharedKey, self.places.span(at))
            }
            None => self.default(draft, "L2tpPsk", IpsecAuthentication::Certificate, head),
        }
    }

    fn authentication(&mut self, draft: &Draft, head: Span) -> List<Authentication> {
        let Some(value) = draft.get("AuthenticationMethod") else {
            // `Add-VpnConnection`, example 1.
            let usual = vec![Spanned::new(Authentication::MsChapV2, head)];
            return self.default(draft, "AuthenticationMethod", usual, head);
        };
        let mut found = Vec::new();
        for item in value.items() {
            match &*item {
                Value::Text(known) => {
                    self.show(known);
                    let at = self.places.span(known.at);
                    match words::authentication(&known.text) {
                        Some(method) => found.push(Spanned::new(method, at)),
                        None => return Field::opaque_at(at, "the script's `-AuthenticationMethod` is none that Windows knows"),
                    }
                }
                Value::Unknown(unknown) => return self.opaque("AuthenticationMethod", unknown),
                other => {
                    let at = self.places.span(other.at());
                    return Field::opaque_at(at, "the script's `-AuthenticationMethod` is none that Windows knows");
                }
            }
        }
        let at = if let [one] = &found[..] { one.span } else { self.places.span(value.at()) };
        Field::known_at(found, at)
    }

    fn split_tunnel(&self, draft: &Draft, head: Span) -> Field<bool> {
        match draft.get("SplitTunneling").map(|v| &**v) {
            Some(Value::Bool(on, at)) => Field::known_at(*on, self.places.span(*at)),
            Some(Value::Text(known)) if *known.text == "1" || *known.text == "0" => {
                Field::known_at(*known.text == "1", self.places.span(known.at))
            }
            Some(Value::Unknown(unknown)) => self.opaque("SplitTunneling", unknown),
            Some(other) => Field::opaque_at(self.places.span(other.at()), "the script's `-SplitTunneling` is neither `$true` nor `$false`"),
            None => self.default(draft, "SplitTunneling", false, head),
        }
    }

    fn routes(&mut self, draft: &Draft, split: &Field<bool>, head: Span) -> List<Ipv4Net> {
        let mut found = Vec::new();
        let mut why = draft.routes_open.as_ref().map(|(at, why)| (self.places.span(*at), why.clone()));
        let mut place: Option<Span> = None;
        for value in &draft.routes {
            let at = self.places.span(value.at());
            match &**value {
                Value::Text(known) => {
                    self.show(known);
                    match words::ipv4_net(&known.text) {
                        Some(net) => {
                            place.get_or_insert(at);
                            found.push(Spanned::new(net, at));
                        }
                        None if known.text.trim().parse::<Ipv6Net>().is_ok() => {}
                        None => {
                            why.get_or_insert_with(|| (at, "one of the profile's routes is no subnet".to_owned()));
                        }
                    }
                }
                Value::Unknown(unknown) => {
                    why.get_or_insert_with(|| (at, format!("the script's `-DestinationPrefix` {}", unknown.why)));
                }
                _ => {
                    why.get_or_insert_with(|| (at, "one of the profile's routes is no subnet".to_owned()));
                }
            }
        }
        if let Some((at, why)) = why {
            return Field::opaque_at(at, why);
        }
        match (place, split.known()) {
            (Some(_), _) if !draft.made => Field::opaque_at(head, "the script adds routes to a connection that was there before"),
            (Some(at), _) => Field::known_at(found, at),
            (None, Some(split)) if split.value && draft.made => Field::known_at(Vec::new(), split.span),
            _ => Field::Absent,
        }
    }

    fn search_suffix(&mut self, draft: &Draft) -> Field<String> {
        let Some((_, value)) = draft.dns.iter().rev().find(|(name, _)| *name == "DnsSuffixSearchList") else { return Field::Absent };
        match value.items().first().map(|v| &**v) {
            Some(Value::Text(known)) => {
                self.show(known);
                facts::text(&known.text, self.places.span(known.at), "DNS suffix")
            }
            Some(Value::Unknown(unknown)) => self.opaque("DnsSuffixSearchList", unknown),
            _ => Field::Absent,
        }
    }

    fn dns_nameservers(&mut self, draft: &Draft) -> List<Ipv4Addr> {
        let mut found = Vec::new();
        let items: Vec<Rc<Value>> = draft.dns.iter().filter(|(name, _)| *name == "DnsIPAddress").flat_map(|(_, v)| v.items()).collect();
        for item in items {
            match &*item {
                Value::Text(known) => {
                    self.show(known);
                    let at = self.places.span(known.at);
                    // An empty text asks for nothing; servers are IPv6 too.
                    if let Ok(ip) = known.text.trim().parse() {
                        found.push(Spanned::new(ip, at));
                    } else if !known.text.trim().is_empty() && known.text.trim().parse::<std::net::Ipv6Addr>().is_err() {
                        return Field::opaque_at(at, "one of the profile's DNS servers is no address");
                    }
                }
                Value::Unknown(unknown) => return self.opaque("DnsIPAddress", unknown),
                _ => {}
            }
        }
        let place = found.first().map(|first| first.span);
        place.map_or(Field::Absent, |at| Field::known_at(found, at))
    }

    /// The one proposal of each phase that `Set-VpnConnectionIPsecConfiguration` pins.
    fn proposals(&mut self, draft: &Draft) -> (List<String>, List<String>) {
        let Some((head, given)) = &draft.ipsec else { return (Field::Absent, Field::Absent) };
        let head = self.places.span(*head);
        let get = |name: &str| given.iter().find(|(n, _)| *n == name).map(|(_, v)| &**v);
        if get("RevertToDefault").is_some() {
            return (Field::Absent, Field::Absent);
        }
        let mut part = |names: &[&'static str], drop_none: bool| -> Field<Vec<Spanned<String>>> {
            let mut said = Vec::new();
            let mut place: Option<Span> = None;
            for name in names {
                match get(name) {
                    Some(Value::Text(known)) => {
                        self.shown.extend(&known.sources);
                        let at = self.places.span(known.at);
                        place.get_or_insert(at);
                        let none = drop_none && known.text.eq_ignore_ascii_case("None");
                        if !none && !said.contains(&*known.text) {
                            said.push(known.text.to_string());
                        }
                    }
                    Some(Value::Unknown(unknown)) => return self.opaque(name, unknown),
                    Some(other) => return Field::opaque_at(self.places.span(other.at()), format!("the script's `-{name}` is no text")),
                    None => return Field::opaque_at(head, format!("the script gives no `-{name}`, which the cmdlet asks for")),
                }
            }
            let at = place.unwrap_or(head);
            Field::known_at(vec![Spanned::new(said.join("-"), at)], at)
        };
        let ike = part(&["EncryptionMethod", "IntegrityCheckMethod", "DHGroup"], false);
        let esp = part(&["CipherTransformConstants", "AuthenticationTransformConstants", "PfsGroup"], true);
        (ike, esp)
    }
}

/// What quoting does to a key.
fn quoting(change: Change, at: Span) -> Remark {
    let (what, label, help) = match change {
        Change::Unset => (
            "holds `$` in a double-quoted key: it begins a variable that the script does not set, and Windows gets the key without it",
            "`$` begins a variable here",
            "put the key in single quotes, in which PowerShell expands nothing",
        ),
        Change::Shell => (
            "holds `$$`, `$^` or `$?` in a double-quoted key, which PowerShell replaces by what it did last",
            "PowerShell replaces this variable",
            "put the key in single quotes, in which PowerShell expands nothing",
        ),
        Change::Control => (
            "holds a back-tick in a double-quoted key: with the letter behind it, it makes a control character",
            "an escape makes a control character",
            "put the key in single quotes, in which a back-tick is a back-tick",
        ),
        Change::Dropped => (
            "holds a back-tick in its key, which PowerShell drops",
            "PowerShell drops the back-tick",
            "put the key in single quotes, in which a back-tick is a back-tick",
        ),
        Change::Percent => (
            "holds a percent sign in its key, which the command interpreter drops",
            "a batch file drops `%`",
            "write it twice in a batch file: `%%`",
        ),
    };
    Remark::new(RemarkKind::QuotingChangesKey, at, what, label, help)
}
