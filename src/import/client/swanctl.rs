//! strongSwan's `swanctl.conf`: `connections` whose children carry UDP 1701 in transport mode are L2TP; `secrets` complete them (`swanctl.conf`(5)).

mod settings;

use super::complete::{Completion, Match};
use super::{Profile, facts, ipsec};
use crate::import::Notes;
use crate::model::{Client, Field, Host, IpsecAuthentication, Key, KeyOrigin, List, TunnelType};
use crate::source::{Span, Spanned};
use settings::{Section, Setting};

const FORMAT: &str = "swanctl";

/// Whether the text is one: a section of its own at the top, opened by a brace.
pub fn is_one(text: &str) -> bool {
    let mut lines = text.trim_start_matches('\u{feff}').lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
    let top = |word: &str| matches!(word, "connections" | "secrets" | "authorities" | "pools");
    let include = |line: &str| line.starts_with("include ");
    let Some(first) = lines.by_ref().find(|l| !include(l)) else { return false };
    match first.split_once('{') {
        Some((name, _)) => top(name.trim()),
        None => top(first) && lines.next().is_some_and(|l| l.starts_with('{')),
    }
}

/// Reads connections and secrets.
pub fn read(text: &str, base: u32) -> (Vec<Profile>, Notes) {
    let mut notes = Notes::default();
    let file = settings::parse(text, base, &mut notes);
    let broken = !notes.problems.is_empty();
    let mut profiles = Vec::new();
    for connection in file.sections("connections").flat_map(|s| &s.children) {
        profiles.extend(client(connection, broken).map(|client| Profile { client }));
    }
    for secret in file.sections("secrets").flat_map(|s| &s.children) {
        notes.completions.extend(completion(secret));
    }
    (profiles, notes)
}

/// The client of a connection; `None` where no child is L2TP, and for servers.
fn client(connection: &Section<'_>, broken: bool) -> Option<Client> {
    let head = connection.name.span;
    let (child, place) = connection.sections("children").flat_map(|s| &s.children).find_map(|c| Some((c, l2tp(c)?)))?;
    let remote = connection.get("remote_addrs").filter(|v| !v.value.is_empty() && v.value != "%any")?;
    let first = remote.value.split(',').next().unwrap_or_default().trim();
    let aggressive = connection.get("aggressive").map_or(Field::Absent, |v| match ipsec::yes(&v.value) {
        Some(on) => Field::known_at(on, v.span),
        None => Field::opaque_at(v.span, "`aggressive` is neither `yes` nor `no`"),
    });
    let aggressive = match aggressive {
        Field::Absent if broken => Field::opaque_at(head, "the profile has a syntax error"),
        Field::Absent => Field::known_at(false, head),
        other => other,
    };
    Some(Client {
        name: Spanned::new(connection.name.value.to_owned(), head),
        format: Some(FORMAT),
        profile: Some(head),
        server: facts::server(first, remote.span),
        tunnel_type: tunnel_type(connection, child, place, broken),
        ipsec_authentication: authentication(connection, broken),
        aggressive_mode: aggressive,
        ike: proposals(connection.get("proposals")),
        esp: proposals(child.get("esp_proposals")),
        remarks: facts::server_form(first, remote.span).into_iter().collect(),
        ..Client::default()
    })
}

/// Where a child says that it carries L2TP.
fn l2tp(child: &Section<'_>) -> Option<Span> {
    ["remote_ts", "local_ts"].into_iter().find_map(|key| {
        let value = child.get(key)?;
        let selects = |ts: &str| {
            let inner = ts.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
            inner.is_some_and(|(inner, _)| matches!(inner.trim(), "udp/1701" | "17/1701" | "udp/l2tp" | "17/l2tp" | "udp/l2f" | "17/l2f"))
        };
        value.value.split(',').any(|ts| selects(ts.trim())).then_some(value.span)
    })
}

fn tunnel_type(connection: &Section<'_>, child: &Section<'_>, place: Span, broken: bool) -> Field<TunnelType> {
    let version = connection.get("version");
    if let Some(version) = version.filter(|v| v.value == "2") {
        return Field::known_at(TunnelType::Ikev2, version.span);
    }
    match (version, child.get("mode")) {
        (_, Some(mode)) if mode.value.eq_ignore_ascii_case("transport") => match version {
            Some(one) if one.value == "1" => Field::known_at(TunnelType::L2tp, place),
            // 0, the default, begins with IKEv2 (`swanctl.conf`(5)).
            Some(zero) if zero.value == "0" => Field::known_at(TunnelType::Ikev2, zero.span),
            Some(other) => Field::opaque_at(other.span, "`version` is neither 1 nor 2"),
            None if broken => Field::opaque_at(connection.name.span, "the profile has a syntax error"),
            None => Field::known_at(TunnelType::Ikev2, connection.name.span),
        },
        (_, Some(mode)) => Field::opaque_at(mode.span, "`mode` is not `transport`, and L2TP needs transport mode"),
        (_, None) => Field::opaque_at(child.name.span, "the child states no `mode = transport`, and L2TP needs transport mode"),
    }
}

fn authentication(connection: &Section<'_>, broken: bool) -> Field<IpsecAuthentication> {
    let mut rounds = connection.children.iter().filter(|c| c.name.value.starts_with("local"));
    let Some(auth) = rounds.find_map(|round| round.get("auth")) else {
        // Without a word it is a public key.
        let head = connection.name.span;
        return if broken {
            Field::opaque_at(head, "the profile has a syntax error")
        } else {
            Field::known_at(IpsecAuthentication::Certificate, head)
        };
    };
    match auth.value.as_ref() {
        "psk" => Field::known_at(IpsecAuthentication::PreSharedKey, auth.span),
        "pubkey" | "rsa" | "ecdsa" => Field::known_at(IpsecAuthentication::Certificate, auth.span),
        _ => Field::opaque_at(auth.span, "`auth` is neither `psk` nor `pubkey`"),
    }
}

fn proposals(setting: Option<&Setting<'_>>) -> List<String> {
    setting.map_or(Field::Absent, |v| facts::proposals(&v.value, v.span))
}

/// The key of a section `ike…`; others hold other secrets.
fn completion(secret: &Section<'_>) -> Option<Completion> {
    secret.name.value.starts_with("ike").then_some(())?;
    let text = secret.get("secret")?;
    let key: Field<Key> = match text.value.get(..2) {
        _ if text.open => Field::opaque_at(text.span, "the key's quotes do not end"),
        Some("0s" | "0S") => facts::decoded_key(&text.value[2..], facts::Digits::Base64, text.span),
        Some("0x" | "0X") => facts::decoded_key(&text.value[2..], facts::Digits::Hex, text.span),
        _ => facts::literal_key(&text.value, text.span, FORMAT).map(|k| Key { origin: KeyOrigin::Configuration, ..k }),
    };
    let ids = secret.settings.iter().filter(|(key, _)| key.value.starts_with("id"));
    let ids = ids.map(|(_, id)| id.value.trim().trim_start_matches('@')).filter(|id| !id.is_empty() && *id != "%any");
    let hosts: Vec<Host> = ids.map(|id| Host::parse(id).unwrap_or_else(|| Host::Name(id.to_owned()))).collect();
    let name = Spanned::new(secret.name.value.to_owned(), secret.name.span);
    let client = Client { name, format: Some(FORMAT), pre_shared_key: key, ..Client::default() };
    Some(Completion {
        client,
        of: if hosts.is_empty() { Match::Every } else { Match::Servers(hosts) },
        formats: &[FORMAT],
        passes_to: None,
    })
}
