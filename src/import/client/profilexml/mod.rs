//! Windows VPN profiles of the configuration service provider VPNv2 (Microsoft, "VPNv2 CSP"), in the containers that people keep: a `<VPNProfile>` in a
//! file of its own, escaped in a `SyncML` command, in a here-string of a PowerShell script, in a policy that was exported from Intune; and the
//! connections of Group Policy Preferences (MS-GPPREF 2.2.1.12.2), which say little.

mod intune;
mod profile;
mod script;
mod syncml;

use super::offsets::Offsets;
use super::{Profile, facts};
use crate::import::Notes;
use crate::model::{Client, Field, TunnelType};
use crate::source::{Problem, ProblemKind, Span, Spanned};
use crate::tree::xml::{Element, document};

pub use script::{holds_profile, is_policy};

const FORMAT: &str = "profilexml";

/// Reads a file in any of these containers. `base` is the place of its first byte.
pub fn read(text: &str, base: u32) -> (Vec<Profile>, Notes) {
    let mut found = Found::default();
    let start = text.trim_start_matches('\u{feff}').trim_start();
    // A PowerShell script may begin with a comment.
    if start.starts_with('<') && !start.starts_with("<#") {
        found.xml(text, &Embedding::of(&Offsets::shift(base, text.len())));
    } else if start.starts_with(['{', '[']) {
        intune::read(text, base, &mut found);
    } else {
        script::read(text, base, &mut found);
    }
    (found.profiles, found.notes)
}

/// Whether an XML text holds a profile, commands for VPNv2, or connections of Group Policy Preferences.
pub fn is_profile(text: &str) -> bool {
    text.contains("VPNProfile") || text.contains("<SyncML") || text.contains("VPNv2") || text.contains("<NetworkOptions")
}

/// How a piece of XML lies in its file.
pub struct Embedding<'o> {
    /// From places in the XML to places in the file.
    pub offsets: &'o Offsets<'o>,
    /// The profile's name, where the container says it.
    pub name: Option<Spanned<String>>,
}

/// Stands in an embedded text for what its container puts there when it runs.
pub const UNKNOWN: char = '\u{fffc}';

impl<'o> Embedding<'o> {
    /// XML whose container says nothing.
    pub const fn of(offsets: &'o Offsets<'o>) -> Self {
        Self { offsets, name: None }
    }
}

/// Reads a `ProfileXML` that another format's reader found in its own file.
pub fn read_embedded(text: &str, embedding: &Embedding<'_>) -> (Vec<Profile>, Notes) {
    let mut found = Found::default();
    found.xml(text, embedding);
    (found.profiles, found.notes)
}

/// What was found so far.
#[derive(Default)]
struct Found {
    profiles: Vec<Profile>,
    notes: Notes,
    /// How many texts are open that stand in one another.
    depth: u8,
}

impl Found {
    /// Reads a piece of XML: the profiles in it, or the commands that carry some.
    fn xml(&mut self, text: &str, at: &Embedding<'_>) {
        let place = |span| at.offsets.span(span);
        // XML wants its declaration first; editors and here-strings put white space there.
        let body = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        let skipped = (text.len() - body.len()) as u32;
        if let Some(n) = body.find("<!ENTITY").map(|n| skipped + n as u32) {
            hide_all_but_tags(body, skipped, at.offsets, &mut self.notes.secrets);
            let message = "the XML defines entities of its own, which are not read";
            let problem = Problem::new(ProblemKind::Syntax, place(Span::new(n, n + 8)), message, "an entity");
            self.notes.problems.push(problem.help("write the values out"));
            return;
        }
        let (root, errors) = document(body, skipped);
        for error in &errors {
            let problem = Problem::new(ProblemKind::Syntax, place(error.span), error.message.clone(), "here");
            self.notes.problems.push(problem.help("correct the XML: in a value, `&` is written `&amp;` and `<` is written `&lt;`"));
        }
        hide_comments(body, skipped, at.offsets, &mut self.notes.secrets);
        if !errors.is_empty() {
            hide_all_but_tags(body, skipped, at.offsets, &mut self.notes.secrets);
        }
        if let Some(root) = root {
            let whole = errors.is_empty();
            hide(&root, at.offsets, &mut self.notes.secrets);
            let mut walk = Walk { source: body, skipped, whole, at, found: self, nodes: syncml::Nodes::default() };
            walk.element(&root);
            let nodes = walk.nodes;
            nodes.profiles(at, whole, self);
        }
    }

    fn push(&mut self, client: Client) {
        self.profiles.push(Profile { client });
    }

    /// The name of the next profile that has none.
    fn nameless(&self, head: Span) -> Spanned<String> {
        Spanned::new(format!("profile {}", self.profiles.len() + 1), head)
    }
}

/// A way through a document.
struct Walk<'w, 'e, 'o> {
    source: &'w str,
    skipped: u32,
    whole: bool,
    at: &'w Embedding<'o>,
    found: &'w mut Found,
    nodes: syncml::Nodes<'e>,
}

impl<'e> Walk<'_, 'e, '_> {
    fn element(&mut self, element: &'e Element<'_>) {
        match &*element.name {
            "VPNProfile" => self.profile(element, self.at.name.clone()),
            "VPN" if element.children.iter().any(|c| c.name == "Properties") => self.preference(element),
            "Item" => self.item(element),
            _ => element.children.iter().for_each(|child| self.element(child)),
        }
    }

    fn profile(&mut self, element: &Element<'_>, name: Option<Spanned<String>>) {
        let head = self.at.offsets.span(head(element));
        let name = name.unwrap_or_else(|| self.found.nameless(head));
        let reader = profile::Reader { offsets: self.at.offsets, whole: self.whole };
        let client = reader.client(element, name, head);
        self.found.push(client);
    }

    /// An item of a `SyncML` command: where it goes, and what.
    fn item(&mut self, element: &'e Element<'_>) {
        let Some(data) = element.child("Data") else { return };
        let target = element.child("Target").and_then(|t| t.child("LocURI"));
        let node = target.and_then(|uri| syncml::Node::parse(&uri.text.value, uri.text.span, self.at.offsets));
        // The data of other providers may hold secrets of theirs.
        if node.as_ref().is_none_or(syncml::Node::is_secret) {
            self.found.notes.secrets.push(self.at.offsets.span(data.text.span));
        }
        let Some(node) = node else { return };
        if !node.is_whole_profile() {
            self.nodes.add(node, data);
            return;
        }
        let name = Some(node.name);
        // Commands that were written by hand forget to escape the profile.
        if let Some(profile) = data.child("VPNProfile") {
            self.profile(profile, name);
            return;
        }
        let raw = &self.source[(data.span.start - self.skipped) as usize..(data.span.end - self.skipped) as usize];
        let (Some(open), Some(close)) = (raw.find('>'), raw.rfind("</")) else { return };
        let decoded = super::offsets::xml_text(&raw[(open + 1).min(close)..close], data.span.start + open as u32 + 1);
        let offsets = decoded.offsets().within(self.at.offsets);
        // A command within a command is none that Windows knows.
        if self.found.depth == 0 {
            self.found.depth += 1;
            self.found.xml(&decoded.text, &Embedding { offsets: &offsets, name });
            self.found.depth -= 1;
        } else {
            self.found.notes.secrets.push(self.at.offsets.span(data.text.span));
        }
    }

    /// A connection of Group Policy Preferences.
    fn preference(&mut self, element: &Element<'_>) {
        let Some(properties) = element.child("Properties") else { return };
        let get = |of: &Element<'_>, key: &str| {
            let (_, value) = of.attributes.iter().find(|(name, _)| name == key)?;
            Some(Spanned::new(value.value.trim().to_owned(), self.at.offsets.span(value.span)))
        };
        // An item that deletes a connection, or is switched off, gives nobody one.
        let deletes = get(properties, "action").is_some_and(|a| a.value.eq_ignore_ascii_case("D"));
        if deletes || get(element, "disabled").is_some_and(|d| d.value == "1") {
            return;
        }
        let head = self.at.offsets.span(head(element));
        let name = get(properties, "name").or_else(|| get(element, "name")).filter(|n| !n.value.is_empty());
        let address = get(properties, "ipAddress");
        let client = Client {
            name: name.unwrap_or_else(|| self.found.nameless(head)),
            format: Some(FORMAT),
            profile: Some(head),
            server: address.as_ref().map_or(Field::Absent, |a| facts::server(&a.value, a.span)),
            tunnel_type: get(properties, "vpnStrategy").map_or(Field::Absent, |s| strategy(&s)),
            // They may refuse PAP; which protocols they leave, no source says.
            authentication: ["securePassword", "customSettings"]
                .into_iter()
                .filter_map(|key| get(properties, key))
                .find(|s| s.value == "1")
                .map_or(Field::Absent, |s| {
                    Field::opaque_at(s.span, "the preference chooses the user's authentication in a way that is not read")
                }),
            remarks: address.and_then(|a| facts::server_form(&a.value, a.span)).into_iter().collect(),
            ..Client::default()
        };
        self.found.push(client);
    }
}

/// The kind of tunnel of a preference, by the names of `ras.h`.
fn strategy(word: &Spanned<String>) -> Field<TunnelType> {
    let tunnel = match &*word.value.to_ascii_lowercase() {
        "" => return Field::Absent,
        "vs_l2tponly" => TunnelType::L2tp,
        "vs_pptponly" => TunnelType::Pptp,
        "vs_sstponly" => TunnelType::Sstp,
        "vs_ikev2only" => TunnelType::Ikev2,
        "vs_default" | "vs_pptpfirst" | "vs_l2tpfirst" | "vs_sstpfirst" | "vs_ikev2first" => TunnelType::Automatic,
        _ => return Field::opaque_at(word.span, "the preference's `vpnStrategy` names no kind of tunnel that is known"),
    };
    Field::known_at(tunnel, word.span)
}

/// The start of an element's tag.
fn head(element: &Element<'_>) -> Span {
    let end = element.span.start + element.name.len() as u32 + 1;
    Span::new(element.span.start, end.min(element.span.end))
}

/// Hides texts and attributes whose name says that they are secret.
fn hide(element: &Element<'_>, offsets: &Offsets<'_>, secrets: &mut Vec<Span>) {
    if facts::names_secret(&element.name) && element.text.span != element.span {
        secrets.push(offsets.span(element.text.span));
    }
    for (name, value) in &element.attributes {
        if facts::names_secret(name) && !value.span.is_empty() {
            secrets.push(offsets.span(value.span));
        }
    }
    element.children.iter().for_each(|child| hide(child, offsets, secrets));
}

/// Hides comments: old keys stand in them.
fn hide_comments(text: &str, base: u32, offsets: &Offsets<'_>, secrets: &mut Vec<Span>) {
    let mut at = 0;
    while let Some(start) = text[at..].find("<!--").map(|n| at + n) {
        let end = text[start..].find("-->").map_or(text.len(), |n| start + n + 3);
        secrets.push(offsets.span(Span::new(base + start as u32, base + end as u32)));
        at = end;
    }
}

/// Elements whose names are shown of a text whose grammar is broken.
const TAGS: &str = "VPNProfile NativeProfile Servers NativeProtocolType L2tpPsk RoutingPolicyType Authentication UserMethod MachineMethod \
    CryptographySuite AuthenticationTransformConstants CipherTransformConstants EncryptionMethod IntegrityCheckMethod DHGroup PfsGroup \
    DisableClassBasedDefaultRoute RememberCredentials AlwaysOn DnsSuffix TrustedNetworkDetection DomainNameInformation DomainName \
    DnsServers Route Address PrefixSize ExclusionRoute ProfileName SyncML SyncBody Atomic Add Replace CmdID Item Target LocURI Meta Format Data \
    NetworkOptions VPN Properties";

/// Of a text whose grammar is broken: hides everything but plain tags that are known.
fn hide_all_but_tags(text: &str, base: u32, offsets: &Offsets<'_>, secrets: &mut Vec<Span>) {
    let mut at = 0;
    for (start, _) in text.match_indices('<') {
        // No tag that is shown is longer, so that the look for its end is short.
        let window = text.as_bytes()[start + 1..].iter().take(48);
        let Some(end) = window.take_while(|b| **b != b'<').position(|b| *b == b'>').map(|n| start + 1 + n + 1) else { continue };
        let name = text[start + 1..end - 1].trim_start_matches('/').trim_end_matches('/');
        if start >= at && TAGS.split_whitespace().any(|tag| tag == name) {
            hide_lines(text, at..start, base, offsets, secrets);
            at = end;
        }
    }
    hide_lines(text, at..text.len(), base, offsets, secrets);
}

fn hide_lines(text: &str, range: std::ops::Range<usize>, base: u32, offsets: &Offsets<'_>, secrets: &mut Vec<Span>) {
    let mut from = range.start;
    for line in text[range].split_inclusive('\n') {
        let (lead, body) = (line.len() - line.trim_start().len(), line.trim());
        if !body.is_empty() {
            let start = base + (from + lead) as u32;
            secrets.push(offsets.span(Span::new(start, start + body.len() as u32)));
        }
        from += line.len();
    }
}
