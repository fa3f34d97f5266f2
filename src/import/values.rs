//! How single values are written: addresses, subnets, ports, hosts, keys, words.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::Ipv4Net;
use serde_json::{Value, json};

use crate::model::mx::{DeploymentMode, Firmware, L7Kind, L7Value, PolicySettings, RuleAction, UplinkMode, VpnMode};
use crate::model::{
    AllowFrom, AuthType, Authentication, Crypto, Day, DnsMode, Field, Host, IpsecAuthentication, Key, KeyOrigin, List, Os, ResourceName,
    Service, TunnelType, UsernameFormat,
};
use crate::net::{Addrs, Ports};
use crate::secret::Secret;
use crate::source::Spanned;
use crate::tree::decode::{Cx, Decode, Definitions, Rejected};
use crate::tree::{Kind, Node};
use crate::words;

words!(DeploymentMode, "a deployment mode", { Routed: "routed", Passthrough: "passthrough" });
words!(UplinkMode, "an uplink mode", { Virtual: "virtual", Public: "public" });
words!(VpnMode, "a VPN mode", { None: "none", Spoke: "spoke", Hub: "hub" });
words!(RuleAction, "a rule's action", { Allow: "allow" | "permit" | "accept" | "pass", Deny: "deny" | "drop" | "block" | "reject" });
words!(L7Kind, "a kind of layer 7 rule", {
    Application: "application", ApplicationCategory: "applicationCategory" | "application_category", Host: "host", Port: "port", IpRange: "ipRange" | "ip_range",
    AllowedCountries: "allowedCountries" | "allowed_countries" | "whitelistedCountries",
    BlockedCountries: "blockedCountries" | "blocked_countries" | "blacklistedCountries",
});
words!(PolicySettings, "a group policy's setting", { Custom: "custom", NetworkDefault: "network default" | "network_default", Ignore: "ignore" });
words!(AuthType, "an authentication type", { Meraki: "meraki", Radius: "radius", ActiveDirectory: "active_directory", SystemsManager: "systems_manager" });
words!(DnsMode, "a DNS mode", { GoogleDns: "google_dns", OpenDns: "opendns", Custom: "custom" });
words!(UsernameFormat, "a form of user names", { Email: "email", DownLevel: "down_level", Upn: "upn", Any: "any" });
words!(Os, "an operating system", { Windows: "windows", MacOs: "macos", Ios: "ios" | "ipados", Linux: "linux", Android: "android", ChromeOs: "chromeos" });
words!(TunnelType, "a tunnel type", {
    L2tp: "l2tp", BareL2tp: "l2tp_without_ipsec", Ikev2: "ikev2", Pptp: "pptp", Sstp: "sstp", CiscoIpsec: "cisco_ipsec", Automatic: "automatic",
});
words!(Authentication, "an authentication protocol", {
    Pap: "pap", Chap: "chap", MsChap: "mschap", MsChapV2: "mschapv2" | "mschap_v2", Eap: "eap", MachineCertificate: "machine_certificate" | "machinecertificate",
});
words!(IpsecAuthentication, "a way to authenticate IPsec", { PreSharedKey: "psk", Certificate: "certificate", Kerberos: "kerberos", Hybrid: "hybrid" });

/// The text of a node, or a noted problem.
fn text<'n>(node: &'n Node<'_>, cx: &mut Cx<'_>, what: &str) -> Result<&'n str, Rejected> {
    node.text().ok_or(Rejected).map_err(|_| cx.expected(node, what))
}

impl Decode for Ipv4Addr {
    const EXPECTS: &'static str = "an IPv4 address";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        let text = text(node, cx, Self::EXPECTS)?;
        if let Ok(ip) = text.parse() {
            return Ok(ip);
        }
        let help = match (text.parse::<IpAddr>(), text.contains('/')) {
            (Ok(_), _) => "client VPN is IPv4; leave IPv6 addresses out",
            (_, true) => "write the address alone, without a prefix length",
            _ => "four numbers from 0 to 255 with dots between, such as 192.168.1.2",
        };
        Err(cx.invalid(node, "this is not an IPv4 address", help))
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": "string", "format": "ipv4" })
    }
}

impl Decode for Ipv4Net {
    const EXPECTS: &'static str = "an IPv4 subnet";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        let text = text(node, cx, Self::EXPECTS)?;
        if let Ok(net) = text.parse() {
            return Ok(net);
        }
        let help = if text.parse::<Ipv4Addr>().is_ok() {
            "add the prefix length, such as /24 (or /32 for one address)"
        } else {
            "an address and a prefix length from 0 to 32, such as 192.168.100.0/24"
        };
        Err(cx.invalid(node, "this is not an IPv4 subnet", help))
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": "string", "pattern": "^[0-9.]+/[0-9]+$" })
    }
}

impl Decode for Host {
    const EXPECTS: &'static str = "a host name or an address";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        let text = text(node, cx, Self::EXPECTS)?;
        Self::parse(text).ok_or(()).map_err(|()| {
            let help = if text.contains("://") {
                "write the name alone, not a URL"
            } else if text.contains(':') {
                "write the name alone, without a port"
            } else {
                "a DNS name such as vpn.example.com, or an address"
            };
            cx.invalid(node, "this is neither a host name nor an address", help)
        })
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": "string", "minLength": 1 })
    }
}

impl Decode for Firmware {
    const EXPECTS: &'static str = "a firmware version";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        let text = text(node, cx, "a firmware version in quotes, such as \"18.211\"")?;
        // The API writes `wired-18-211-2`, people write `MX 18.211` or `MX85 18.211`: a number that hangs on letters is a model's, unless there is no other.
        let begins = |(at, c): &(usize, char)| {
            c.is_ascii_digit() && text[..*at].chars().next_back().is_none_or(|b| b.is_whitespace() || matches!(b, '-' | '_' | '/'))
        };
        let start = text.char_indices().find(begins).map_or(0, |(at, _)| at);
        let mut numbers = text[start..].split(|c: char| !c.is_ascii_digit()).filter(|n| !n.is_empty()).map(str::parse);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(major)), Some(Ok(minor))) => Ok(Self { major, minor }),
            (Some(Ok(major)), None) => Ok(Self { major, minor: 0 }),
            _ => Err(cx.invalid(node, "this is not a firmware version", "such as 18.211")),
        }
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": "string", "pattern": "[0-9]" })
    }
}

impl Decode for L7Value {
    const EXPECTS: &'static str = "a layer 7 rule's value";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        match &node.kind {
            Kind::Str(s) if s.starts_with("meraki:") => Ok(Self::Named { id: Some(s.to_string()), name: None }),
            Kind::Str(s) => Ok(Self::Text(s.to_string())),
            Kind::Int(n) => Ok(Self::Text(n.to_string())),
            Kind::Seq(_) => Ok(Self::Countries),
            Kind::Map(entries) => {
                let part = |key: &str| entries.iter().find(|e| e.key == key).and_then(|e| e.value.text()).map(str::to_owned);
                for entry in entries.iter().filter(|e| !matches!(&*e.key, "id" | "name")) {
                    cx.unknown_key(entry, "a layer 7 rule's value", &["id", "name"]);
                }
                Ok(Self::Named { id: part("id"), name: part("name") })
            }
            _ => Err(cx.expected(node, Self::EXPECTS)),
        }
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "anyOf": [
            { "type": "string" },
            { "type": "integer" },
            { "type": "array", "items": { "type": "string" } },
            { "type": "object", "properties": { "id": { "type": "string" }, "name": { "type": "string" } }, "additionalProperties": false },
        ] })
    }
}

impl Decode for Crypto {
    const EXPECTS: &'static str = "`default`, `pci` or a table of proposals";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        match &node.kind {
            Kind::Str(s) if s == "default" => Ok(Self::Default),
            Kind::Str(s) if s == "pci" => Ok(Self::Pci),
            Kind::Map(entries) => {
                let (mut ike, mut esp) = (List::Absent, List::Absent);
                for entry in entries {
                    match &*entry.key {
                        "ike" => ike.fill(entry, cx),
                        "esp" => esp.fill(entry, cx),
                        _ => cx.unknown_key(entry, "crypto", &["ike", "esp"]),
                    }
                }
                Ok(Self::Explicit { ike, esp })
            }
            Kind::Str(_) => Err(cx.invalid(node, "this is not a crypto setting", "`default`, `pci`, or { ike = […], esp = […] }")),
            _ => Err(cx.expected(node, Self::EXPECTS)),
        }
    }

    fn schema(_: &mut Definitions) -> Value {
        let proposals = json!({ "type": "array", "items": { "type": "string" } });
        json!({ "anyOf": [
            { "enum": ["default", "pci"] },
            { "type": "object", "properties": { "ike": proposals, "esp": proposals }, "additionalProperties": false },
        ] })
    }
}

impl Decode for ResourceName {
    const EXPECTS: &'static str = "a resource's name";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        let text = text(node, cx, Self::EXPECTS)?;
        // In front of a share stands a host of any kind; only a single label is asked for by NetBIOS.
        let unc = text.strip_prefix(r"\\").map(|path| path.split('\\').next().unwrap_or_default());
        // NetBIOS names may have characters that host names have not.
        let netbios = unc.filter(|name| !name.is_empty() && !name.contains(['.', '/', ':', '*', '?', '"', '<', '>', '|']));
        match (Host::parse(unc.unwrap_or(text)), netbios) {
            (Some(Host::Ip(IpAddr::V4(ip))), _) => Ok(Self::Address(ip)),
            (Some(Host::Name(name)), _) if name.contains('.') => Ok(Self::Fqdn(name)),
            (_, Some(name)) => Ok(Self::NetBios(name.to_owned())),
            (Some(Host::Name(name)), None) => Ok(Self::Short(name)),
            _ if unc == Some("") => Err(cx.invalid(node, "this names no host", r"such as \\FILESERVER")),
            _ => Err(cx.invalid(
                node,
                "this is neither a name nor an IPv4 address",
                r"as users type it: files.example.com, FILES, \\FILES or an address",
            )),
        }
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": "string", "minLength": 1 })
    }
}

impl Decode for Service {
    const EXPECTS: &'static str = "a service";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        let text = text(node, cx, Self::EXPECTS)?;
        Self::parse(text, cx.session.tables()).ok_or(()).map_err(|()| {
            cx.invalid(
                node,
                "this is not a service that is known here",
                "a name such as smb, rdp or https, or a protocol and port such as tcp/8443",
            )
        })
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": "string", "minLength": 1 })
    }
}

impl Decode for AllowFrom {
    const EXPECTS: &'static str = "a subnet, an address or `LocalSubnet`";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        let text = text(node, cx, Self::EXPECTS)?;
        if text.eq_ignore_ascii_case("LocalSubnet") { Ok(Self::LocalSubnet) } else { Addrs::decode(node, cx).map(Self::Addresses) }
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": "string", "minLength": 1 })
    }
}

impl Decode for Ports {
    const EXPECTS: &'static str = "ports";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        let help = "`any`, a number from 1 to 65535, a range such as 8000-8010, or several with commas";
        match &node.kind {
            Kind::Int(n) => u16::try_from(*n)
                .ok()
                .filter(|n| *n > 0)
                .map(Self::one)
                .ok_or(())
                .map_err(|()| cx.invalid(node, "this is not a port", help)),
            Kind::Str(s) => Self::parse(s).ok_or(()).map_err(|()| cx.invalid(node, "these are not ports", help)),
            _ => Err(cx.expected(node, Self::EXPECTS)),
        }
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": ["string", "integer"], "minimum": 1, "maximum": 65535 })
    }
}

impl Decode for Key {
    const EXPECTS: &'static str = "a key";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        match key(node, cx) {
            Field::Known(key) => Ok(key.value),
            _ => Err(Rejected),
        }
    }

    fn field(node: &Node<'_>, cx: &mut Cx<'_>) -> Field<Self> {
        key(node, cx)
    }

    fn schema(defs: &mut Definitions) -> Value {
        if !defs.contains_key("Secret") {
            let one = |key: &str, what: &str| json!({ "type": "object", "properties": { key: { "type": "string", "description": what } }, "required": [key], "additionalProperties": false });
            let forms = json!({ "description": "a secret", "anyOf": [
                { "type": "string", "description": "the secret itself" },
                one("env", "a variable of the environment whose name begins with VPNLINT_"),
                one("file", "a file inside the root that holds nothing else"),
            ] });
            defs.insert("Secret".to_owned(), forms);
        }
        json!({ "$ref": "#/$defs/Secret" })
    }
}

/// Reads a secret in any of its forms. Whatever stands there is hidden first.
pub fn key(node: &Node<'_>, cx: &mut Cx<'_>) -> Field<Key> {
    let span = node.via.unwrap_or(node.span);
    let at = |secret: String, origin| Field::known_at(Key { secret: Secret::new(secret), origin }, span);
    match &node.kind {
        Kind::Null => Field::Absent,
        Kind::Opaque(reason) => {
            cx.secrets.push(node.span);
            Field::opaque_at(span, reason.clone())
        }
        Kind::Str(s) => {
            cx.secrets.push(node.span);
            at(s.to_string(), KeyOrigin::Configuration)
        }
        // A number without quotes: the digits as written are the key.
        Kind::Int(_) | Kind::Float(_) | Kind::Date(_) => {
            cx.secrets.push(node.span);
            let raw = cx.session.map.text(node.span).to_owned();
            let help = "write it in quotes; it is compared as it stands";
            let _ = cx.invalid(node, "a key without quotes", help);
            at(raw, KeyOrigin::Configuration)
        }
        Kind::Map(entries) => match entries.as_slice() {
            [entry] if entry.key == "env" => from_environment(entry.value.text(), node, cx),
            [entry] if entry.key == "file" => from_file(entry.value.text(), node, cx),
            [entry] if entry.key == "commitment" => {
                cx.hide_text(&entry.value);
                Field::opaque_at(span, "commitments are not supported by this version")
            }
            _ => {
                cx.hide_text(node);
                cx.invalid(node, "this is no form of a secret", "a text, { env = \"VPNLINT_…\" } or { file = \"…\" }");
                Field::opaque_at(span, "the secret is not valid")
            }
        },
        _ => {
            cx.hide_text(node);
            cx.expected(node, "a secret");
            Field::opaque_at(span, "the secret is not valid")
        }
    }
}

fn from_environment(name: Option<&str>, node: &Node<'_>, cx: &mut Cx<'_>) -> Field<Key> {
    let valid = name.filter(|n| {
        n.strip_prefix("VPNLINT_").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
    });
    let Some(name) = valid else {
        cx.hide_text(node);
        cx.invalid(
            node,
            "only variables whose names begin with `VPNLINT_` are read",
            "name the variable VPNLINT_…, in capitals, digits and _",
        );
        return Field::opaque_at(node.span, "the variable's name does not begin with `VPNLINT_`");
    };
    match cx.session.environment(name) {
        // What a CI hands over for a secret that the run may not see, such as a fork's.
        Some(value) if value.is_empty() => Field::opaque_at(node.span, format!("the environment variable `{name}` is empty")),
        Some(value) => Field::known_at(Key { secret: Secret::new(value), origin: KeyOrigin::Elsewhere }, node.span),
        None => Field::opaque_at(node.span, format!("the environment variable `{name}` is not set")),
    }
}

fn from_file(path: Option<&str>, node: &Node<'_>, cx: &mut Cx<'_>) -> Field<Key> {
    let Some(path) = path else {
        cx.hide_text(node);
        cx.expected(node, "a path");
        return Field::opaque_at(node.span, "the secret's file is not valid");
    };
    match cx.session.secret_file(cx.file, path) {
        Ok(value) => Field::known_at(Key { secret: Secret::new(value), origin: KeyOrigin::Elsewhere }, node.span),
        Err(why) => {
            let problem = crate::source::Problem::new(
                crate::source::ProblemKind::ImportFailed,
                node.span,
                format!("the file of a secret was not read: {why}"),
                "named here",
            );
            cx.problems.push(problem.help("paths are relative to the file that names them, and stay inside the root"));
            Field::opaque_at(node.span, "the file of the secret was not read")
        }
    }
}

/// Paths to import: one, or a list.
#[derive(Default)]
pub struct Imports(pub Vec<Spanned<String>>);

impl Decode for Imports {
    const EXPECTS: &'static str = "a path, a pattern or a list of them";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        match &node.kind {
            Kind::Str(s) => Ok(Self(vec![Spanned::new(s.to_string(), node.span)])),
            Kind::Seq(_) => Vec::<Spanned<String>>::decode(node, cx).map(Self),
            _ => Err(cx.expected(node, Self::EXPECTS)),
        }
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] })
    }
}

/// A list in place, or `{ import = … }`.
pub enum ListOrImport<T> {
    /// In place.
    List(Vec<Spanned<T>>),
    /// In other files.
    Import(Field<Imports>),
}

impl<T: Decode> Decode for ListOrImport<T> {
    const EXPECTS: &'static str = "a list, or { import = … }";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        match &node.kind {
            Kind::Seq(_) => Vec::decode(node, cx).map(Self::List),
            Kind::Map(entries) => {
                let mut import = Field::Absent;
                for entry in entries {
                    match &*entry.key {
                        "import" => import.fill(entry, cx),
                        _ => cx.unknown_key(entry, "an import", &["import"]),
                    }
                }
                Ok(Self::Import(import))
            }
            _ => Err(cx.expected(node, Self::EXPECTS)),
        }
    }

    fn schema(defs: &mut Definitions) -> Value {
        let import = json!({ "type": "object", "properties": { "import": Imports::schema(defs) }, "required": ["import"], "additionalProperties": false });
        json!({ "anyOf": [Vec::<Spanned<T>>::schema(defs), import] })
    }
}

impl Decode for Day {
    const EXPECTS: &'static str = "a date";

    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Result<Self, Rejected> {
        let (Kind::Date(text) | Kind::Str(text)) = &node.kind else {
            return Err(cx.expected(node, Self::EXPECTS));
        };
        Self::parse(text).ok_or(()).map_err(|()| cx.invalid(node, "this is not a date", "year, month and day, such as 2027-03-31"))
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}" })
    }
}
