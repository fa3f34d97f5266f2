//! NetworkManager connections: a `GLib` key file (`nm-settings-keyfile`), and the options of its L2TP plugin (`NetworkManager-l2tp`,
//! `nm-l2tp-service.c`), whose own export has `[ip4]` for `[ipv4]` and leaves the key out.

mod blocks;
mod key_file;
mod nmcli;
mod options;
mod shell;

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::{PPPD_DEFAULTS, Profile, facts};
use crate::import::Notes;
use crate::model::{Authentication, Client, Field, IpsecAuthentication, Key, KeyOrigin, List, Remark, RemarkKind, TunnelType};
use crate::source::{Problem, ProblemKind, Span, Spanned};
use crate::tree::lines::unescape_key_file as unescape;
use key_file::{KeyFile, Pair, Token, parts};

const FORMAT: &str = "networkmanager";

/// What stands for a value that a script or a template fills in.
const FILLED_IN: &str = "{{ filled in }}";

/// Whether a text of another kind holds a connection: a script with `nmcli`, or a file in which a key file stands as a block.
pub fn is_within(text: &str) -> bool {
    nmcli::is_one(text) || blocks::is_one(text)
}

/// Reads a connection, or those that a script or a configuration holds. One that is no VPN yields no profile.
pub fn read(text: &str, base: u32) -> (Vec<Profile>, Notes) {
    let mut notes = Notes::default();
    let mut profiles = Vec::new();
    if blocks::is_key_file(text) {
        let file = KeyFile::lex(text, base, KeyOrigin::Profile(FORMAT), &mut notes);
        profiles.extend(file.profile(&mut notes));
        return (profiles, notes);
    }
    for block in blocks::find(text) {
        let file = KeyFile::lex_block(&block, base, &mut notes);
        profiles.extend(file.profile(&mut notes));
    }
    for connection in nmcli::read(text, base, &mut notes) {
        let file = connection.key_file();
        let mut found = file.profile(&mut notes);
        if let Some(profile) = &mut found {
            profile.client.remarks.extend(connection.remarks.iter().cloned());
        }
        profiles.extend(found);
    }
    (profiles, notes)
}

impl<'a> KeyFile<'a> {
    fn vpn(&self, key: &str) -> Option<Pair<'a>> {
        self.get("vpn", key)
    }

    /// A pair of `[ipv4]`, or of `[ip4]` in the plugin's export.
    fn ipv4(&self, key: &str) -> Option<Pair<'a>> {
        self.get("ipv4", key).or_else(|| self.get("ip4", key))
    }

    fn name(&self, vpn: Span) -> Spanned<String> {
        let id = self.get("connection", "id").and_then(|p| Some(Spanned::new(unescape(p.value.value)?.into_owned(), p.value.span)));
        id.filter(|id| !id.value.trim().is_empty()).unwrap_or_else(|| Spanned::new("VPN".to_owned(), vpn))
    }

    /// A connection of another plugin: its kind and its server.
    fn other(&self, vpn: Span, tunnel: TunnelType, service: Pair<'_>, server: &str) -> Profile {
        let server = self.vpn(server).map_or(Field::Absent, |p| facts::server(p.value.value, p.value.span));
        Profile {
            client: Client {
                name: self.name(vpn),
                format: Some(FORMAT),
                profile: Some(vpn),
                tunnel_type: Field::known_at(tunnel, service.value.span),
                server,
                ..Client::default()
            },
        }
    }

    /// The profile of a connection that is a VPN.
    fn profile(&self, notes: &mut Notes) -> Option<Profile> {
        let vpn = self.section("vpn")?;
        let Some(service) = self.get("vpn", "service-type") else { return Some(self.l2tp(vpn, Field::Absent, notes)) };
        match service.value.value.trim().strip_prefix("org.freedesktop.NetworkManager.") {
            Some("l2tp") => Some(self.l2tp(vpn, Field::known_at(TunnelType::L2tp, service.value.span), notes)),
            Some("pptp") => Some(self.other(vpn, TunnelType::Pptp, service, "gateway")),
            Some("sstp") => Some(self.other(vpn, TunnelType::Sstp, service, "gateway")),
            Some("strongswan") => Some(self.other(vpn, TunnelType::Ikev2, service, "address")),
            _ => {
                let problem = Problem::new(
                    ProblemKind::ImportFailed,
                    service.value.span,
                    "the connection is no L2TP connection",
                    "another kind of VPN",
                );
                notes.problems.push(problem.help("import the connections that use the MX's client VPN, and leave the others out"));
                None
            }
        }
    }

    fn l2tp(&self, vpn: Span, service: Field<TunnelType>, notes: &mut Notes) -> Profile {
        let mut remarks: Vec<Remark> =
            self.vpn("gateway").and_then(|p| facts::server_form(p.value.value, p.value.span)).into_iter().collect();
        options::check(&self.pairs, &mut remarks, notes);
        let pre_shared_key = self.key(&mut remarks, notes);
        let (never_default, routes) = (self.never_default(), self.routes());
        let routes = match (&routes, never_default.known()) {
            (Field::Absent, Some(split)) if split.value && !self.broken => Field::known_at(Vec::new(), split.span),
            _ => routes,
        };
        Profile {
            client: Client {
                name: self.name(vpn),
                format: Some(FORMAT),
                profile: Some(vpn),
                user: self.user(),
                server: self.vpn("gateway").map_or(Field::Absent, |p| facts::server(p.value.value, p.value.span)),
                ipsec_authentication: self.ipsec_authentication(&pre_shared_key, service.span()),
                tunnel_type: self.tunnel_type(service),
                pre_shared_key,
                aggressive_mode: self.aggressive_mode(vpn),
                authentication: self.authentication(vpn),
                require_mppe: self.require_mppe(vpn),
                split_tunnel: never_default,
                routes,
                dns_suffix: self.dns_suffix(),
                dns_nameservers: self.dns_nameservers(),
                ike: self.proposals("ipsec-ike"),
                esp: self.proposals("ipsec-esp"),
                remarks,
                ..Client::default()
            },
        }
    }

    fn switch(&self, key: &str) -> Field<bool> {
        let Some(pair) = self.vpn(key) else { return Field::Absent };
        match unescape(pair.value.value).as_deref() {
            Some("yes") => Field::known_at(true, pair.value.span),
            Some("no") => Field::known_at(false, pair.value.span),
            _ if facts::has_template(pair.value.value) => {
                Field::opaque_at(pair.value.span, format!("the profile is a template: its `{key}` is not filled in"))
            }
            _ => Field::opaque_at(pair.value.span, format!("`{key}` is neither `yes` nor `no`")),
        }
    }

    fn tunnel_type(&self, service: Field<TunnelType>) -> Field<TunnelType> {
        let Some(span) = service.span() else { return Field::Absent };
        let ikev2 = self.switch("ipsec-ikev2");
        match self.switch("ipsec-enabled") {
            Field::Known(on) if on.value => match ikev2 {
                Field::Known(on) if on.value => Field::known_at(TunnelType::Ikev2, on.span),
                Field::Opaque(o) => Field::Opaque(o),
                _ => service,
            },
            Field::Known(off) => Field::known_at(TunnelType::BareL2tp, off.span),
            Field::Opaque(o) => Field::Opaque(o),
            Field::Absent if self.broken => Field::opaque_at(span, "the profile has a syntax error"),
            Field::Absent => Field::known_at(TunnelType::BareL2tp, span),
        }
    }

    /// The plugin asks the secrets first, then the place of old versions.
    fn key_pair(&self) -> Option<Pair<'a>> {
        self.get("vpn-secrets", "ipsec-psk").or_else(|| self.vpn("ipsec-psk"))
    }

    fn key(&self, remarks: &mut Vec<Remark>, notes: &mut Notes) -> Field<Key> {
        let Some(pair) = self.key_pair() else { return Field::Absent };
        let span = pair.value.span;
        let Some(text) = unescape(pair.value.value) else {
            let problem = Problem::new(
                ProblemKind::InvalidValue,
                span,
                "the pre-shared key holds an escape that key files do not know",
                "not a known escape",
            );
            notes.problems.push(problem.help(r"write a backslash as \\"));
            return Field::opaque_at(span, "the key holds an escape that key files do not know");
        };
        let key = match text.strip_prefix("0s") {
            Some(encoded) => facts::decoded_key(encoded, facts::Digits::Base64, span),
            None => facts::literal_key(&text, span, FORMAT),
        };
        // A literal key that begins with `0s` is taken for base64 all the same.
        if text.starts_with("0s") && key.value().is_none() && !facts::has_template(&text) {
            let help = "write `0s` and the whole key in base64: the plugin takes what follows `0s` for base64, whatever it is";
            let what = "begins its key with `0s`, and what follows is not the base64 of a text";
            remarks.push(Remark::new(RemarkKind::Refused, span, what, "no base64 behind `0s`", help));
        }
        key.map(|k| Key { origin: self.origin, ..k })
    }

    fn ipsec_authentication(&self, key: &Field<Key>, service: Option<Span>) -> Field<IpsecAuthentication> {
        let Some(pair) = self.vpn("machine-auth-type") else {
            // Without the option the plugin uses the pre-shared key; the key's name says so, or the plugin's.
            return match (self.key_pair(), service) {
                (Some(pair), _) if !key.is_absent() => Field::known_at(IpsecAuthentication::PreSharedKey, pair.key.span),
                (_, Some(service)) if self.broken => Field::opaque_at(service, "the profile has a syntax error"),
                (_, Some(service)) => Field::known_at(IpsecAuthentication::PreSharedKey, service),
                _ => Field::Absent,
            };
        };
        match pair.value.value.trim() {
            "tls" => Field::known_at(IpsecAuthentication::Certificate, pair.value.span),
            "psk" => Field::known_at(IpsecAuthentication::PreSharedKey, pair.value.span),
            text if facts::has_template(text) => {
                Field::opaque_at(pair.value.span, "the profile is a template: its `machine-auth-type` is not filled in")
            }
            _ => Field::opaque_at(pair.value.span, "`machine-auth-type` is neither `psk` nor `tls`"),
        }
    }

    fn user(&self) -> Field<String> {
        let named = |key| self.vpn(key).filter(|p| !p.value.value.is_empty());
        let Some(pair) = named("user").or_else(|| named("user-name")) else { return Field::Absent };
        // The plugin sends `domain\\user`.
        let domain = self.vpn("domain").and_then(|p| unescape(p.value.value)).filter(|d| !d.is_empty());
        match unescape(pair.value.value) {
            Some(text) => match domain.filter(|_| !text.is_empty()) {
                Some(domain) => facts::text(&format!("{domain}\\{text}"), pair.value.span, "user"),
                None => facts::text(&text, pair.value.span, "user"),
            },
            None => Field::opaque_at(pair.value.span, "the user's name holds an escape that key files do not know"),
        }
    }

    /// What pppd allows: everything that is not refused.
    fn authentication(&self, vpn: Span) -> List<Authentication> {
        if let Some(tls) = self.vpn("user-auth-type").filter(|p| p.value.value.trim() == "tls") {
            return Field::known_at(vec![Spanned::new(Authentication::Eap, tls.value.span)], tls.value.span);
        }
        let refusals = PPPD_DEFAULTS.map(|protocol| (protocol, self.switch(refusal(protocol))));
        if let Some(o) = refusals.iter().find_map(|(_, switch)| switch.opaque()) {
            return Field::Opaque(o.clone());
        }
        if self.broken {
            return Field::opaque_at(vpn, "the profile has a syntax error");
        }
        let refused = |switch: &Field<bool>| switch.value() == Some(&true);
        // Where a protocol is missing, the line that refuses it is what to change; PAP's comes first.
        let place = refusals.iter().find(|(_, s)| refused(s)).and_then(|(_, s)| s.span()).unwrap_or(vpn);
        let allowed = refusals.iter().filter(|(_, s)| !refused(s)).map(|(p, s)| Spanned::new(*p, s.span().unwrap_or(vpn)));
        Field::known_at(allowed.collect(), place)
    }

    /// The plugin has main mode alone: its group name is an identity in main mode (NetworkManager-l2tp, issue 247).
    fn aggressive_mode(&self, vpn: Span) -> Field<bool> {
        if self.broken { Field::opaque_at(vpn, "the profile has a syntax error") } else { Field::known_at(false, vpn) }
    }

    fn require_mppe(&self, vpn: Span) -> Field<bool> {
        let mut found = Field::Absent;
        for key in ["require-mppe", "require-mppe-40", "require-mppe-128"] {
            match self.switch(key) {
                Field::Absent => {}
                known if known.value() == Some(&true) => return known,
                other if found.is_absent() || other.opaque().is_some() => found = other,
                _ => {}
            }
        }
        match found {
            Field::Absent if self.broken => Field::opaque_at(vpn, "the profile has a syntax error"),
            Field::Absent => Field::known_at(false, vpn),
            found => found,
        }
    }

    fn proposals(&self, key: &str) -> List<String> {
        match self.vpn(key) {
            Some(pair) if facts::has_template(pair.value.value) => {
                Field::opaque_at(pair.value.span, format!("the profile is a template: its `{key}` is not filled in"))
            }
            Some(pair) => facts::open_proposals(pair.value.value, pair.value.span),
            None => Field::Absent,
        }
    }

    fn never_default(&self) -> Field<bool> {
        let Some(pair) = self.ipv4("never-default") else { return Field::Absent };
        match pair.value.value.trim() {
            "true" | "1" | "yes" => Field::known_at(true, pair.value.span),
            "false" | "0" | "no" => Field::known_at(false, pair.value.span),
            _ => Field::opaque_at(pair.value.span, "`never-default` is neither `true` nor `false`"),
        }
    }

    /// `route1=10.0.0.0/8,gateway,metric`, and `routes=10.0.0.0/8 via gateway metric 1;…` of the plugin's export.
    fn routes(&self) -> List<Ipv4Net> {
        let mut found = Vec::new();
        let mut place: Option<Span> = None;
        for pair in self.pairs.iter().filter(|p| matches!(p.section, "ipv4" | "ip4")) {
            let Some(number) = pair.key.value.strip_prefix("routes").or_else(|| pair.key.value.strip_prefix("route")) else { continue };
            if !number.bytes().all(|b| b.is_ascii_digit()) {
                continue;
            }
            for route in parts(pair.value, &[';']) {
                let Some(destination) = parts(route, &[',', ' ']).next() else { continue };
                let parsed = destination.value.parse().ok().or_else(|| destination.value.parse::<Ipv4Addr>().ok().map(Ipv4Net::from));
                let Some(net) = parsed else {
                    return Field::opaque_at(destination.span, "one of the profile's routes is not an IPv4 subnet");
                };
                found.push(Spanned::new(net, destination.span));
            }
            place.get_or_insert(pair.value.span);
        }
        place.filter(|_| !found.is_empty()).map_or(Field::Absent, |span| Field::known_at(found, span))
    }

    fn dns_nameservers(&self) -> List<Ipv4Addr> {
        let Some(pair) = self.ipv4("dns") else { return Field::Absent };
        let mut found = Vec::new();
        for server in parts(pair.value, &[';', ',', ' ']) {
            // `1.1.1.1#name` asks over TLS.
            match server.value.split('#').next().map(str::parse) {
                Some(Ok(ip)) => found.push(Spanned::new(ip, server.span)),
                _ => return Field::opaque_at(server.span, "one of the profile's DNS servers is not an IPv4 address"),
            }
        }
        if found.is_empty() { Field::Absent } else { Field::known_at(found, pair.value.span) }
    }

    fn dns_suffix(&self) -> Field<String> {
        let Some(pair) = self.ipv4("dns-search") else { return Field::Absent };
        // `~domain` routes queries and completes no name.
        let first = parts(pair.value, &[';', ',']).find(|t| !t.value.starts_with('~'));
        first.map_or(Field::Absent, |t| facts::text(t.value, t.span, "DNS suffix"))
    }
}

const fn refusal(protocol: Authentication) -> &'static str {
    match protocol {
        Authentication::Pap => "refuse-pap",
        Authentication::Chap => "refuse-chap",
        Authentication::MsChap => "refuse-mschap",
        Authentication::MsChapV2 => "refuse-mschapv2",
        Authentication::Eap | Authentication::MachineCertificate => "refuse-eap",
    }
}
