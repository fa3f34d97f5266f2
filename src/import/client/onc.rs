//! ChromeOS network configurations (Chromium, `components/onc/docs/onc_spec.md`): JSON with comments and trailing commas, whose names count letter by
//! letter. The format has no word for PAP, for routes or for proposals.

use std::net::{IpAddr, Ipv4Addr};

use super::{Profile, facts, json_secrets};
use crate::import::Notes;
use crate::model::{Client, Field, IpsecAuthentication, Key, List, Remark, RemarkKind, TunnelType};
use crate::source::{Problem, ProblemKind, Span, Spanned};
use crate::tree::{Entry, Kind, Node, Parsed, json};

const FORMAT: &str = "onc";

/// Whether a JSON text is an ONC file: by names that no other format read here has together.
pub fn is_onc(text: &str) -> bool {
    // Dumps of the Dashboard are long, and say what they are at once.
    let head = text.get(..1 << 20).unwrap_or(text);
    let has = |word: &str| head.contains(word);
    let top = has("\"NetworkConfigurations\"") || has("\"UnencryptedConfiguration\"") || has("\"EncryptedConfiguration\"");
    top || has("\"VPN\"") && (has("\"L2TP-IPsec\"") || has("\"GUID\"") && has("\"Type\"") && has("\"Host\""))
}

/// Reads a file: a set of configurations, a list of them, or one alone.
pub fn read(text: &str, base: u32) -> (Vec<Profile>, Notes) {
    let mut notes = Notes::default();
    let Parsed { root, errors } = json::parse(text, base, true);
    for error in &errors {
        let problem = Problem::new(ProblemKind::Syntax, error.span, error.message.clone(), "here");
        notes.problems.push(problem.help("correct the JSON, or export the configuration again"));
    }
    json_secrets::hide_comments(text, base, &mut notes.secrets);
    if !errors.is_empty() {
        json_secrets::hide_all_but_keys(text, base, &mut notes.secrets);
    }
    let Some(root) = root else { return (Vec::new(), notes) };
    json_secrets::hide(&root, false, &mut notes.secrets);
    if let Some(kind) = root.get("Type").filter(|e| e.value.text() == Some("EncryptedConfiguration")) {
        let message = "the configuration is encrypted and cannot be read";
        let problem = Problem::new(ProblemKind::ImportFailed, kind.value.span, message, "encrypted");
        notes.problems.push(problem.help("export it without a passphrase, or state the client's facts in the site file"));
        notes.gap = Some(kind.value.span);
        return (Vec::new(), notes);
    }
    let set = root.get("NetworkConfigurations").map(|e| &e.value);
    let networks = set.unwrap_or(&root);
    let networks = networks.items().unwrap_or_else(|| if set.is_some() { &[] } else { std::slice::from_ref(networks) });
    let mut profiles = Vec::new();
    for network in networks {
        if let Some(vpn) = network.get("VPN").filter(|_| network.get("Type").is_none_or(|e| e.value.text() == Some("VPN"))) {
            let reader = Reader { network, vpn: &vpn.value, head: vpn.key_span, whole: errors.is_empty() };
            profiles.push(Profile { client: reader.client(profiles.len() + 1) });
        }
    }
    (profiles, notes)
}

struct Reader<'n, 'a> {
    network: &'n Node<'a>,
    vpn: &'n Node<'a>,
    head: Span,
    /// Nothing of the file is broken: what it leaves out is left out.
    whole: bool,
}

impl<'n, 'a> Reader<'n, 'a> {
    fn client(&self, n: usize) -> Client {
        let mut remarks = Vec::new();
        let tunnel_type = self.tunnel_type(&mut remarks);
        let is_l2tp = tunnel_type.value() == Some(&TunnelType::L2tp);
        let name = text_of(self.network.get("Name")).filter(|name| !name.value.trim().is_empty());
        let host = text_of(self.vpn.get("Host"));
        let server = match (&host, self.vpn.get("Host")) {
            (Some(host), _) => facts::server(host.value, host.span),
            (None, Some(entry)) => Field::opaque_at(entry.value.span, "the profile's `Host` is not text"),
            (None, None) => Field::Absent,
        };
        remarks.extend(host.and_then(|host| facts::server_form(host.value, host.span)));
        let pre_shared_key = self.key();
        if is_l2tp {
            self.refused(&mut remarks);
        }
        if pre_shared_key.is_absent() {
            self.misplaced(&mut remarks);
        }
        Client {
            name: name.map_or_else(|| Spanned::new(format!("profile {n}"), self.head), |name| name.map(str::to_owned)),
            format: Some(FORMAT),
            profile: Some(self.head),
            user: text_of(self.get("L2TP", "Username")).map_or(Field::Absent, |user| facts::text(user.value, user.span, "user")),
            server,
            ipsec_authentication: self.ipsec_authentication(),
            pre_shared_key,
            aggressive_mode: self.aggressive_mode(&tunnel_type),
            dns_nameservers: self.dns_nameservers(),
            tunnel_type,
            remarks,
            ..Client::default()
        }
    }

    /// A field of one of the VPN's dictionaries.
    fn get(&self, folder: &str, key: &str) -> Option<&'n Entry<'a>> {
        self.vpn.get(folder)?.value.get(key)
    }

    fn tunnel_type(&self, remarks: &mut Vec<Remark>) -> Field<TunnelType> {
        let Some(entry) = self.vpn.get("Type") else { return Field::Absent };
        let Some(text) = text_of(Some(entry)) else { return Field::opaque_at(entry.value.span, "the profile's `Type` is not text") };
        match text.value {
            "L2TP-IPsec" => Field::known_at(TunnelType::L2tp, text.span),
            "IPsec" => match self.get("IPsec", "IKEVersion").map(|e| &e.value.kind) {
                Some(Kind::Int(1)) => Field::known_at(TunnelType::CiscoIpsec, text.span),
                Some(Kind::Int(2)) => Field::known_at(TunnelType::Ikev2, text.span),
                _ => Field::opaque_at(text.span, "the profile does not say which version of IKE it speaks"),
            },
            "OpenVPN" | "WireGuard" | "ARCVPN" | "ThirdPartyVPN" => {
                Field::opaque_at(text.span, "the profile's `Type` is neither L2TP nor IPsec")
            }
            _ => {
                let help = "write `L2TP-IPsec` as the VPN's `Type`, letter by letter";
                remarks.push(Remark::new(
                    RemarkKind::Refused,
                    text.span,
                    "names a type of VPN that ChromeOS does not know",
                    "no type of ChromeOS",
                    help,
                ));
                Field::opaque_at(text.span, "the profile's `Type` is none that ChromeOS knows")
            }
        }
    }

    fn key(&self) -> Field<Key> {
        let Some(entry) = self.get("IPsec", "PSK") else { return Field::Absent };
        match text_of(Some(entry)) {
            // The specification: the key is saved on the device, and not known to whoever exported the file.
            Some(text) if text.value.is_empty() => {
                Field::opaque_at(entry.value.span, "the profile's `PSK` is empty: the device has a key of its own, which is not known")
            }
            Some(text) if has_expansion(text.value) => Field::opaque_at(text.span, "ChromeOS fills the profile's key in"),
            Some(text) => facts::literal_key(text.value, text.span, FORMAT),
            None => Field::opaque_at(entry.value.span, "the profile's `PSK` is not text"),
        }
    }

    fn ipsec_authentication(&self) -> Field<IpsecAuthentication> {
        let Some(entry) = self.get("IPsec", "AuthenticationType") else { return Field::Absent };
        let span = entry.value.span;
        match entry.value.text() {
            Some("PSK") => Field::known_at(IpsecAuthentication::PreSharedKey, span),
            Some("Cert") => Field::known_at(IpsecAuthentication::Certificate, span),
            Some("EAP") => Field::opaque_at(span, "the profile authenticates by EAP, which L2TP over IPsec cannot"),
            _ => Field::opaque_at(span, "the profile's `AuthenticationType` is not known"),
        }
    }

    /// A group name makes the client speak aggressive mode; without one an L2TP profile speaks main mode.
    fn aggressive_mode(&self, tunnel: &Field<TunnelType>) -> Field<bool> {
        if !matches!(tunnel.value(), Some(TunnelType::L2tp | TunnelType::CiscoIpsec)) {
            return Field::Absent;
        }
        match self.get("IPsec", "Group") {
            Some(entry) => match entry.value.text() {
                Some(text) => Field::known_at(!text.trim().is_empty(), entry.value.span),
                None => Field::opaque_at(entry.value.span, "the profile's `Group` is not text"),
            },
            None if self.whole && tunnel.value() == Some(&TunnelType::L2tp) => {
                tunnel.span().map_or(Field::Absent, |span| Field::known_at(false, span))
            }
            None => Field::Absent,
        }
    }

    /// They count when they are said to be static.
    fn dns_nameservers(&self) -> List<Ipv4Addr> {
        let fixed = self.network.get("NameServersConfigType").is_some_and(|e| e.value.text() == Some("Static"));
        let servers = self.network.get("StaticIPConfig").and_then(|e| e.value.get("NameServers")).filter(|_| fixed);
        let Some(entry) = servers else { return Field::Absent };
        let Some(items) = entry.value.items() else {
            return Field::opaque_at(entry.value.head, "the profile's DNS servers are no list");
        };
        let mut found = Vec::new();
        for item in items {
            match item.text().map(|t| t.trim().parse()) {
                Some(Ok(IpAddr::V4(ip))) => found.push(Spanned::new(ip, inner(item))),
                // Client VPN is IPv4: these are never asked.
                Some(Ok(IpAddr::V6(_))) => {}
                _ => return Field::opaque_at(item.span, "one of the profile's DNS servers is not an address"),
            }
        }
        if found.is_empty() && !items.is_empty() { Field::Absent } else { Field::known_at(found, entry.key_span) }
    }

    /// What the specification forbids beside L2TP.
    fn refused(&self, remarks: &mut Vec<Remark>) {
        if let Some(entry) = self.get("IPsec", "IKEVersion")
            && entry.value.kind != Kind::Int(1)
        {
            let help = "write `\"IKEVersion\": 1`: L2TP over IPsec has no other";
            let what = "asks for another version of IKE than 1, which ChromeOS refuses beside L2TP";
            remarks.push(Remark::new(RemarkKind::Refused, entry.value.span, what, "not 1", help));
        }
        if let Some(entry) = self.get("IPsec", "XAUTH") {
            let help = "take `XAUTH` out, and write the user into `L2TP` as `Username`";
            let what = "holds `XAUTH`, which must not be set beside L2TP";
            remarks.push(Remark::new(RemarkKind::Refused, entry.key_span, what, "not with L2TP", help));
        }
    }

    /// A key under a name, or at a place, where ChromeOS does not look for it.
    fn misplaced(&self, remarks: &mut Vec<Remark>) {
        let folders = [Some(self.vpn), self.vpn.get("IPsec").map(|e| &e.value), self.vpn.get("L2TP").map(|e| &e.value), Some(self.network)];
        for entry in folders.into_iter().flatten().flat_map(|f| f.entries().unwrap_or_default()) {
            if ["PSK", "PreSharedKey", "SharedSecret"].iter().any(|name| entry.key.eq_ignore_ascii_case(name)) {
                let help = "write it as `PSK` in `IPsec`: names count letter by letter";
                let what = "holds a key where ChromeOS does not look for it";
                remarks.push(Remark::new(RemarkKind::SecretMisplaced, entry.key_span, what, "not read here", help));
            }
        }
    }
}

/// A text with its place between the quotes.
fn text_of<'n>(entry: Option<&'n Entry<'_>>) -> Option<Spanned<&'n str>> {
    let value = &entry?.value;
    Some(Spanned::new(value.text()?, inner(value)))
}

/// The place of a text without its quotes.
fn inner(node: &Node<'_>) -> Span {
    let quoted = matches!(node.kind, Kind::Str(_)) && node.span.len() > 2;
    if quoted { Span::new(node.span.start + 1, node.span.end - 1) } else { node.span }
}

/// Whether ChromeOS puts something of the user, the device or a certificate in its place (`onc_spec.md`, "String Expansions").
fn has_expansion(text: &str) -> bool {
    ["${LOGIN_ID}", "${LOGIN_EMAIL}", "${CERT_SAN_EMAIL}", "${CERT_SAN_UPN}", "${CERT_SUBJECT_COMMON_NAME}", "${PASSWORD}", "${DEVICE_"]
        .iter()
        .any(|word| text.contains(word))
}
