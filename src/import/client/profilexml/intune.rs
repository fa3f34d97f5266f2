//! Policies as Microsoft Graph gives them out: `windows10VpnConfiguration`, which names no key, and `windows10CustomConfiguration`, whose settings may
//! hold a `ProfileXML` (Microsoft Graph, resource types of these names and `omaSettingString`, `omaSettingStringXml`).

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::{Embedding, Found, profile, syncml};
use crate::import::client::json_secrets;
use crate::import::client::offsets::{Offsets, json_text};
use crate::source::{Problem, ProblemKind, Span, Spanned};
use crate::tree::xml::Element;
use crate::tree::{Entry, Kind, Node, Parsed, json};

/// Reads an export: one policy, a list of them, or the body of an answer (`value`).
pub fn read(text: &str, base: u32, found: &mut Found) {
    let Parsed { root, errors } = json::parse(text, base, true);
    for error in &errors {
        let problem = Problem::new(ProblemKind::Syntax, error.span, error.message.clone(), "here");
        found.notes.problems.push(problem.help("export the policy again"));
    }
    json_secrets::hide_comments(text, base, &mut found.notes.secrets);
    if !errors.is_empty() {
        json_secrets::hide_all_but_keys(text, base, &mut found.notes.secrets);
    }
    if let Some(root) = root {
        json_secrets::hide(&root, false, &mut found.notes.secrets);
        let reader = Export { text, base, whole: errors.is_empty() };
        reader.policies(&root, found);
    }
}

struct Export<'t> {
    text: &'t str,
    base: u32,
    whole: bool,
}

impl Export<'_> {
    fn policies(&self, node: &Node<'_>, found: &mut Found) {
        for item in node.items().unwrap_or_default() {
            self.policies(item, found);
        }
        match node.get("@odata.type").and_then(|e| e.value.text()) {
            Some("#microsoft.graph.windows10VpnConfiguration") => self.vpn(node, found),
            Some("#microsoft.graph.windows10CustomConfiguration") => self.custom(node, found),
            _ => {
                if let Some(entry) = node.get("value") {
                    self.policies(&entry.value, found);
                }
            }
        }
    }

    /// Settings of a custom policy; those of other providers are passed over, and hidden.
    fn custom(&self, policy: &Node<'_>, found: &mut Found) {
        for setting in policy.get("omaSettings").and_then(|e| e.value.items()).unwrap_or_default() {
            let Some(value) = setting.get("value") else { continue };
            let uri = setting.get("omaUri").and_then(|e| Some((e.value.text()?, e.value.span)));
            let node = uri.and_then(|(uri, span)| syncml::Node::parse(uri, span, &Offsets::none()));
            let Some(node) = node.filter(syncml::Node::is_whole_profile) else {
                found.notes.secrets.push(value.value.span);
                continue;
            };
            let sealed = setting.get("isEncrypted").is_some_and(|e| e.value.kind == Kind::Bool(true));
            self.setting(setting, value, sealed, node.name, found);
        }
    }

    fn setting(&self, setting: &Node<'_>, value: &Entry<'_>, sealed: bool, name: Spanned<String>, found: &mut Found) {
        let span = value.value.span;
        let xml = setting.get("@odata.type").and_then(|e| e.value.text()) == Some("#microsoft.graph.omaSettingStringXml");
        let text = value.value.text().unwrap_or_default();
        let raw = &self.text[(span.start - self.base) as usize..(span.end - self.base) as usize];
        if !sealed && text.trim_start().starts_with('<') {
            let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
            let decoded = json_text(inner, span.start + 1);
            found.xml(&decoded.text, &Embedding { offsets: &decoded.offsets(), name: Some(name) });
            return;
        }
        found.notes.secrets.push(span);
        let bytes = STANDARD.decode(text.trim()).map(Zeroizing::new).ok().filter(|_| xml && !sealed);
        match bytes.as_ref().and_then(|bytes| std::str::from_utf8(bytes).ok()) {
            Some(decoded) => found.xml(decoded, &Embedding { offsets: &Offsets::whole(span), name: Some(name) }),
            None => {
                let message = "the policy's profile is encrypted and cannot be read";
                let problem = Problem::new(ProblemKind::ImportFailed, value.key_span, message, "not readable");
                let help =
                    "export it with its value in plain text (`getOmaSettingPlainTextValue`), or state the client's facts in the site file";
                found.notes.problems.push(problem.help(help));
                found.notes.gap = Some(value.key_span);
            }
        }
    }

    /// A VPN policy, in the shape of the `ProfileXML` that Intune makes of it.
    fn vpn(&self, policy: &Node<'_>, found: &mut Found) {
        let text = |node: &Node<'_>, key: &str| {
            let entry = node.get(key)?;
            let text = match &entry.value.kind {
                Kind::Str(text) => text.to_string(),
                Kind::Int(number) => number.to_string(),
                _ => return None,
            };
            Some(Spanned::new(text, inner(&entry.value)))
        };
        let list = |node: &Node<'_>, key: &str| {
            let items = node.get(key).and_then(|e| e.value.items()).unwrap_or_default();
            let texts: Vec<_> = items.iter().filter_map(|i| Some((i.text()?.to_owned(), inner(i)))).collect();
            let place = texts.iter().map(|(_, span)| *span).reduce(Span::to)?;
            Some(Spanned::new(texts.into_iter().map(|(text, _)| text).collect::<Vec<_>>().join(","), place))
        };
        let mut native = folder("NativeProfile", policy.head);
        let servers = policy.get("servers").and_then(|e| e.value.items()).unwrap_or_default();
        let addresses: Vec<_> = servers.iter().filter_map(|s| text(s, "address")).collect();
        if let Some(place) = addresses.iter().map(|a| a.span).reduce(Span::to) {
            let joined = addresses.into_iter().map(|a| a.value).collect::<Vec<_>>().join(",");
            native.children.push(leaf("Servers", Spanned::new(joined, place)));
        }
        let kind = text(policy, "connectionType");
        let native_kind = kind.filter(|k| ["l2tp", "pptp", "ikEv2", "automatic"].iter().any(|n| k.value.eq_ignore_ascii_case(n)));
        let plugin = native_kind.is_none() && policy.get("connectionType").is_some();
        native.children.extend(native_kind.map(|k| leaf("NativeProtocolType", k)));
        if let Some(split) = policy.get("enableSplitTunneling")
            && let Kind::Bool(on) = split.value.kind
        {
            let word = if on { "SplitTunnel" } else { "ForceTunnel" };
            native.children.push(leaf("RoutingPolicyType", Spanned::new(word.to_owned(), split.value.span)));
        }
        if let Some(method) = text(policy, "authenticationMethod").filter(|m| m.value == "customEapXml") {
            let mut folder = folder("Authentication", policy.head);
            folder.children.push(leaf("UserMethod", Spanned::new("EAP".to_owned(), method.span)));
            native.children.push(folder);
        }
        if let Some(suite) = policy.get("cryptographySuite") {
            let mut folder = folder("CryptographySuite", policy.head);
            for (key, name) in [
                ("encryptionMethod", "EncryptionMethod"),
                ("integrityCheckMethod", "IntegrityCheckMethod"),
                ("dhGroup", "DHGroup"),
                ("cipherTransformConstants", "CipherTransformConstants"),
                ("authenticationTransformConstants", "AuthenticationTransformConstants"),
                ("pfsGroup", "PfsGroup"),
            ] {
                folder.children.extend(text(&suite.value, key).map(|t| leaf(name, t)));
            }
            native.children.push(folder);
        }
        let mut profile = folder("VPNProfile", policy.head);
        profile.children.push(if plugin { folder("PluginProfile", policy.head) } else { native });
        for route in policy.get("routes").and_then(|e| e.value.items()).unwrap_or_default() {
            let mut element = folder("Route", route.head);
            element.children.extend(text(route, "destinationPrefix").map(|t| leaf("Address", t)));
            element.children.extend(text(route, "prefixSize").map(|t| leaf("PrefixSize", t)));
            profile.children.push(element);
        }
        profile.children.extend(list(policy, "dnsSuffixes").map(|t| leaf("DnsSuffix", t)));
        for rule in policy.get("dnsRules").and_then(|e| e.value.items()).unwrap_or_default() {
            let mut element = folder("DomainNameInformation", rule.head);
            element.children.extend(text(rule, "name").map(|t| leaf("DomainName", t)));
            element.children.extend(list(rule, "servers").map(|t| leaf("DnsServers", t)));
            profile.children.push(element);
        }
        let name = text(policy, "connectionName").or_else(|| text(policy, "displayName")).filter(|n| !n.value.is_empty());
        let name = name.unwrap_or_else(|| found.nameless(policy.head));
        let reader = profile::Reader { offsets: &Offsets::none(), whole: self.whole };
        let client = reader.client(&profile, name, policy.head);
        found.push(client);
    }
}

/// The place of a text without its quotes.
fn inner(node: &Node<'_>) -> Span {
    let quoted = matches!(node.kind, Kind::Str(_)) && node.span.len() >= 2;
    if quoted { Span::new(node.span.start + 1, node.span.end - 1) } else { node.span }
}

fn leaf(name: &'static str, text: Spanned<String>) -> Element<'static> {
    let span = text.span;
    Element { text: text.map(Cow::Owned), ..folder(name, span) }
}

fn folder(name: &'static str, span: Span) -> Element<'static> {
    Element {
        name: Cow::Borrowed(name),
        namespace: None,
        span,
        attributes: Vec::new(),
        text: Spanned::new(Cow::Borrowed(""), span),
        children: Vec::new(),
        broken: false,
    }
}
