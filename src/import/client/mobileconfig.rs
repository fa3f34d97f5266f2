//! Apple configuration profiles: `com.apple.vpn.managed` payloads (Apple, `device-management`, `mdm/profiles/com.apple.vpn.managed.yaml`), and what macOS
//! itself keeps or exports in the same dictionaries.
//!
//! The format cannot say PAP, routes or proposals. A profile without a key makes the device ask for it. Signed and binary files arrive here as text.

mod hidden;
mod macos;
mod misplaced;
mod secret;

use self::hidden::{hide, hide_all_but_tags, hide_comments};
use super::{Profile, facts};
use crate::import::Notes;
use crate::model::{Authentication, Client, Field, IpsecAuthentication, Key, List, Remark, RemarkKind, TunnelType};
use crate::source::{Problem, ProblemKind, Span, Spanned};
use crate::tree::{Entry, Kind, Node, Parsed, xml};

const FORMAT: &str = "mobileconfig";

/// Reads a profile file; each VPN payload is a profile.
pub fn read(text: &str, base: u32) -> (Vec<Profile>, Notes) {
    let mut notes = Notes::default();
    // XML wants its declaration first; editors put white space there.
    let skipped = text.len() - text.trim_start().len();
    let (text, base) = (&text[skipped..], base + skipped as u32);
    if let Some(at) = text.find("<!ENTITY").map(|n| base + n as u32) {
        // An entity may hold a key, far from the place that uses it.
        hide_all_but_tags(text, base, &mut notes.secrets);
        let message = "the profile defines entities of its own, which are not read";
        let problem = Problem::new(ProblemKind::Syntax, Span::new(at, at + 8), message, "an entity");
        notes.problems.push(problem.help("write the values out; Apple's systems know no such entities"));
        return (Vec::new(), notes);
    }
    let Parsed { root, errors } = xml::plist(text, base);
    for error in &errors {
        notes.problems.push(
            Problem::new(ProblemKind::Syntax, error.span, error.message.clone(), "here")
                .help("export the profile again, or correct it with a property list editor"),
        );
    }
    hide_comments(text, base, &mut notes.secrets);
    if !errors.is_empty() {
        hide_all_but_tags(text, base, &mut notes.secrets);
    }
    let Some(root) = root else { return (Vec::new(), notes) };
    let whole = errors.is_empty();
    hide(&root, false, &mut notes.secrets);
    let payloads = payloads(&root, &mut notes);
    let mut profiles = Vec::new();
    let services = macos::services(&root);
    for (n, (node, kind)) in payloads.into_iter().map(|node| (node, Written::Payload)).chain(services).enumerate() {
        report_repeats(node, &mut notes.problems);
        let payload = Dict { node, kind, whole, problems: &mut notes.problems, remarks: Vec::new() };
        profiles.push(Profile { client: payload.client(n) });
    }
    (profiles, notes)
}

/// The VPN payloads of a profile, of a list of payloads, or of a file that is one payload.
fn payloads<'n, 'a>(root: &'n Node<'a>, notes: &mut Notes) -> Vec<&'n Node<'a>> {
    let is_vpn = |node: &&Node<'_>| {
        let kind = last(node, "PayloadType").and_then(|e| e.value.text());
        matches!(kind, Some("com.apple.vpn.managed" | "com.apple.vpn.managed.applayer"))
    };
    if is_vpn(&root) {
        return vec![root];
    }
    if let Some(items) = root.items() {
        return items.iter().filter(is_vpn).collect();
    }
    let sealed = last(root, "IsEncrypted").filter(|e| truth(&e.value) == Some(true)).or_else(|| last(root, "EncryptedPayloadContent"));
    let content = last(root, "PayloadContent");
    if let Some(entry) = sealed.or_else(|| content.filter(|c| matches!(c.value.kind, Kind::Data(_)))) {
        let problem = Problem::new(ProblemKind::ImportFailed, entry.key_span, "the profile is encrypted and cannot be read", "encrypted");
        notes.problems.push(problem.help("export it without encryption, or state the client's facts in the site file"));
        notes.gap = Some(entry.key_span);
        return Vec::new();
    }
    let Some(content) = content else {
        let is_profile = last(root, "PayloadType").filter(|e| e.value.text() == Some("Configuration"));
        if let Some(entry) = is_profile {
            let problem = Problem::new(
                ProblemKind::ImportFailed,
                entry.key_span,
                "the profile holds no payloads: it is empty or encrypted",
                "no `PayloadContent`",
            );
            notes.problems.push(problem.help("export it again without encryption"));
            notes.gap = Some(entry.key_span);
        }
        return Vec::new();
    };
    report_repeat(root, "PayloadContent", &mut notes.problems);
    content.value.items().unwrap_or(std::slice::from_ref(&content.value)).iter().filter(is_vpn).collect()
}

/// The entry that counts: of a key that is repeated, devices take the last.
fn last<'n, 'a>(node: &'n Node<'a>, key: &str) -> Option<&'n Entry<'a>> {
    node.entries()?.iter().rev().find(|e| e.key == key)
}

/// A truth value in any of the types that are seen for it.
fn truth(node: &Node<'_>) -> Option<bool> {
    match node.kind {
        Kind::Bool(b) => Some(b),
        Kind::Int(n) => Some(n != 0),
        Kind::Float(f) => Some(f != 0.0),
        _ => None,
    }
}

/// Notes the keys that a payload or a dictionary in it gives more than once.
fn report_repeats(node: &Node<'_>, problems: &mut Vec<Problem>) {
    for (n, entry) in node.entries().unwrap_or_default().iter().enumerate() {
        let first = node.entries().unwrap_or_default().iter().position(|e| e.key == entry.key) == Some(n);
        if first {
            report_repeat(node, &entry.key, problems);
        }
        report_repeats(&entry.value, problems);
    }
    node.items().unwrap_or_default().iter().for_each(|item| report_repeats(item, problems));
}

fn report_repeat(node: &Node<'_>, key: &str, problems: &mut Vec<Problem>) {
    let mut places = node.entries().unwrap_or_default().iter().filter(|e| e.key == key).map(|e| e.key_span);
    if let (Some(first), Some(again)) = (places.next(), places.next_back()) {
        let shown = crate::source::visible(key);
        let message = format!("`{}` stands in this dictionary more than once, and the last one counts", crate::source::clip(&shown, 60));
        let problem = Problem::new(ProblemKind::InvalidValue, again, message, "given again").related(first, "first given here");
        problems.push(problem.help("keep one of them"));
    }
}

/// Who wrote a dictionary, and for whom.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    /// A payload of a configuration profile.
    Payload,
    /// macOS, into its own settings.
    Settings,
    /// macOS, into an export of a connection; the kind of tunnel is the key that holds it.
    Export(TunnelType, Span, Option<bool>),
}

/// A dictionary of a payload.
struct Dict<'n, 'a, 'p> {
    node: &'n Node<'a>,
    kind: Written,
    /// Nothing of the file is broken: what it leaves out is left out.
    whole: bool,
    problems: &'p mut Vec<Problem>,
    remarks: Vec<Remark>,
}

impl<'n, 'a> Dict<'n, 'a, '_> {
    fn entry(&self, path: &[&str]) -> Option<&'n Entry<'a>> {
        let (key, folders) = path.split_last()?;
        let mut node = self.node;
        for folder in folders {
            node = &last(node, folder)?.value;
        }
        last(node, key)
    }

    /// A text; another type is a noted problem.
    fn text(&mut self, path: &[&str]) -> Option<(&'n str, Span)> {
        let entry = self.entry(path)?;
        match &entry.value.kind {
            Kind::Str(text) => Some((text, entry.value.span)),
            Kind::Opaque(_) => None,
            _ => {
                self.wrong(entry, "text");
                None
            }
        }
    }

    fn wrong(&mut self, entry: &Entry<'_>, wanted: &str) {
        let what = format!("has something else than {wanted} under `{}`", entry.key);
        self.remarks.push(Remark::new(RemarkKind::Refused, entry.key_span, what, "of another type", "correct the value's type"));
    }

    fn client(mut self, n: usize) -> Client {
        let head = self.node.head;
        let tunnel_type = self.tunnel_type();
        let kind = tunnel_type.value().copied();
        let names: [&[&str]; 4] = [&["UserDefinedName"], &["PPP", "UserDefinedName"], &["PayloadDisplayName"], &["PayloadIdentifier"]];
        let name = names.iter().find_map(|path| {
            let (text, span) = self.text(path)?;
            (!text.trim().is_empty()).then(|| Spanned::new(text.to_owned(), span))
        });
        let pre_shared_key = self.key(kind);
        self.misplaced(kind);
        if let Some((text, span)) = self.text(server_path(kind)) {
            self.remarks.extend(facts::server_form(text, span));
        }
        let split_tunnel = self.split_tunnel();
        Client {
            name: name.unwrap_or_else(|| Spanned::new(format!("profile {}", n + 1), head)),
            format: Some(FORMAT),
            profile: Some(head),
            user: self.user(kind),
            server: self.text(server_path(kind)).map_or(Field::Absent, |(text, span)| facts::server(text, span)),
            ipsec_authentication: self.ipsec_authentication(&tunnel_type, &pre_shared_key),
            pre_shared_key,
            aggressive_mode: self.aggressive_mode(&tunnel_type),
            authentication: self.authentication(),
            // The format has no routes: what does not go through the tunnel as a whole goes to the tunnel's own subnet alone.
            routes: split_tunnel.known().filter(|s| s.value).map_or(Field::Absent, |s| Field::known_at(Vec::new(), s.span)),
            split_tunnel,
            dns_suffix: self.dns_suffix(),
            dns_nameservers: self.dns_nameservers(),
            tunnel_type,
            remarks: self.remarks,
            ..Client::default()
        }
    }

    fn tunnel_type(&mut self) -> Field<TunnelType> {
        match self.kind {
            Written::Payload => {}
            Written::Settings => return macos::tunnel_type(self.node),
            Written::Export(kind, span, _) => return Field::known_at(kind, span),
        }
        let Some((text, span)) = self.text(&["VPNType"]) else {
            return self.entry(&["VPNType"]).map_or(Field::Absent, |e| Field::opaque_at(e.value.span, "`VPNType` is not text"));
        };
        match text {
            "L2TP" => Field::known_at(TunnelType::L2tp, span),
            "IPSec" => Field::known_at(TunnelType::CiscoIpsec, span),
            "IKEv2" | "AlwaysOn" => Field::known_at(TunnelType::Ikev2, span),
            "PPTP" => Field::known_at(TunnelType::Pptp, span),
            "VPN" | "TransparentProxy" => Field::opaque_at(span, "an app makes the tunnel, and the profile does not say which kind"),
            _ => {
                let what = "has a `VPNType` that Apple's systems do not know";
                self.remarks.push(Remark::new(RemarkKind::Refused, span, what, "not known", "for the MX it is `L2TP`"));
                Field::opaque_at(span, "the profile's `VPNType` is not known")
            }
        }
    }

    fn user(&mut self, kind: Option<TunnelType>) -> Field<String> {
        let path: &[&str] = match kind {
            Some(TunnelType::L2tp | TunnelType::Pptp) => &["PPP", "AuthName"],
            Some(TunnelType::CiscoIpsec) => &["IPSec", "XAuthName"],
            Some(TunnelType::Ikev2) => &["IKEv2", "AuthName"],
            _ => &["VPN", "AuthName"],
        };
        self.text(path).map_or(Field::Absent, |(text, span)| facts::text(text, span, "user"))
    }

    /// The dictionary that holds what is about IPsec.
    const fn ipsec(kind: Option<TunnelType>) -> Option<&'static str> {
        match kind {
            Some(TunnelType::L2tp | TunnelType::CiscoIpsec) => Some("IPSec"),
            Some(TunnelType::Ikev2) => Some("IKEv2"),
            _ => None,
        }
    }

    fn ipsec_authentication(&mut self, tunnel: &Field<TunnelType>, key: &Field<Key>) -> Field<IpsecAuthentication> {
        let Some(dict) = Self::ipsec(tunnel.value().copied()) else { return Field::Absent };
        match self.text(&[dict, "AuthenticationMethod"]) {
            Some(("SharedSecret", span)) => Field::known_at(IpsecAuthentication::PreSharedKey, span),
            Some(("Certificate", span)) => Field::known_at(IpsecAuthentication::Certificate, span),
            Some(("Hybrid", span)) => Field::known_at(IpsecAuthentication::Hybrid, span),
            Some((_, span)) => Field::opaque_at(span, "the profile's `AuthenticationMethod` is not known"),
            // A shared secret is what Apple's systems take without the key.
            None => match (self.entry(&[dict, "AuthenticationMethod"]), self.entry(&[dict, "SharedSecret"])) {
                (Some(entry), _) => Field::opaque_at(entry.value.span, "the profile's `AuthenticationMethod` is not text"),
                (None, Some(entry)) if !key.is_absent() => Field::known_at(IpsecAuthentication::PreSharedKey, entry.key_span),
                (None, _) if self.whole && dict == "IPSec" => {
                    tunnel.span().map_or(Field::Absent, |span| Field::known_at(IpsecAuthentication::PreSharedKey, span))
                }
                (None, _) => Field::Absent,
            },
        }
    }

    /// A local identifier forces it; without one an L2TP payload gives main mode.
    fn aggressive_mode(&mut self, tunnel: &Field<TunnelType>) -> Field<bool> {
        let Some(kind @ (TunnelType::L2tp | TunnelType::CiscoIpsec)) = tunnel.value() else { return Field::Absent };
        match (self.text(&["IPSec", "LocalIdentifier"]), self.entry(&["IPSec", "LocalIdentifier"])) {
            (Some((text, span)), _) => Field::known_at(!text.trim().is_empty(), span),
            (None, Some(entry)) => Field::opaque_at(entry.value.span, "the profile's `LocalIdentifier` is not text"),
            (None, None) if self.whole && *kind == TunnelType::L2tp => {
                tunnel.span().map_or(Field::Absent, |span| Field::known_at(false, span))
            }
            (None, None) => Field::Absent,
        }
    }

    /// The format can name EAP and nothing else; without it the system tries what it likes.
    fn authentication(&mut self) -> List<Authentication> {
        let Some(entry) = self.entry(&["PPP", "AuthProtocol"]) else { return Field::Absent };
        let span = entry.value.head;
        match entry.value.items() {
            Some([item]) if item.text() == Some("EAP") => Field::known_at(vec![Spanned::new(Authentication::Eap, item.span)], span),
            Some(_) => Field::Absent,
            None => Field::opaque_at(span, "the profile's `AuthProtocol` is not a list"),
        }
    }

    fn split_tunnel(&mut self) -> Field<bool> {
        // Today it stands in `IPv4`, in old profiles in the payload itself.
        let (inner, outer) = (self.entry(&["IPv4", "OverridePrimary"]), self.entry(&["OverridePrimary"]));
        if let (Some(inner), Some(outer)) = (inner, outer)
            && let (Some(a), Some(b)) = (truth(&inner.value), truth(&outer.value))
            && a != b
        {
            let message = "`OverridePrimary` is said twice, and not alike; the one in `IPv4` counts";
            let problem = Problem::new(ProblemKind::InvalidValue, outer.value.span, message, "says otherwise");
            self.problems.push(problem.related(inner.value.span, "this one counts").help("keep the one in `IPv4`"));
        }
        let Some(entry) = inner.or(outer) else {
            return match self.kind {
                Written::Export(_, span, Some(all)) => Field::known_at(!all, span),
                _ => Field::Absent,
            };
        };
        if let Some(all) = truth(&entry.value) {
            return Field::known_at(!all, entry.value.span);
        }
        self.wrong(entry, "0 or 1");
        Field::opaque_at(entry.value.span, "the profile's `OverridePrimary` is neither 0 nor 1")
    }

    fn dns_nameservers(&mut self) -> List<std::net::Ipv4Addr> {
        let Some(entry) = self.entry(&["DNS", "ServerAddresses"]) else { return Field::Absent };
        let span = entry.value.head;
        let Some(items) = entry.value.items() else {
            self.wrong(entry, "a list of addresses");
            return Field::opaque_at(span, "the profile's DNS servers are no list");
        };
        let mut found = Vec::new();
        for item in items {
            match item.text().map(|t| t.trim().parse()) {
                Some(Ok(std::net::IpAddr::V4(ip))) => found.push(Spanned::new(ip, item.span)),
                // Client VPN is IPv4: these are never asked.
                Some(Ok(std::net::IpAddr::V6(_))) => {}
                _ => return Field::opaque_at(item.span, "one of the profile's DNS servers is not an address"),
            }
        }
        if found.is_empty() && !items.is_empty() { Field::Absent } else { Field::known_at(found, span) }
    }

    fn dns_suffix(&mut self) -> Field<String> {
        if let Some((text, span)) = self.text(&["DNS", "DomainName"]).filter(|(text, _)| !text.is_empty()) {
            return facts::text(text, span, "DNS suffix");
        }
        let first = self.entry(&["DNS", "SearchDomains"]).and_then(|e| e.value.items()?.first());
        first.and_then(|item| Some(facts::text(item.text()?, item.span, "DNS suffix"))).unwrap_or_default()
    }
}

/// Where a kind of tunnel names its server.
const fn server_path(kind: Option<TunnelType>) -> &'static [&'static str] {
    match kind {
        Some(TunnelType::L2tp | TunnelType::Pptp) => &["PPP", "CommRemoteAddress"],
        Some(TunnelType::CiscoIpsec) => &["IPSec", "RemoteAddress"],
        Some(TunnelType::Ikev2) => &["IKEv2", "RemoteAddress"],
        _ => &["VPN", "RemoteAddress"],
    }
}
