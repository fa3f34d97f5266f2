//! What of a `config.xml` may be shown: only the words of a firewall rule. Everything else, certificates and keys and what packages store, is hidden.
//!
//! It looks at tags and not at the tree, so that a file that breaks off gives away as little as a whole one.

use crate::import::client::names_secret;
use crate::source::Span;

/// Sections whose words are shown.
const SECTIONS: &[&str] = &["interfaces", "nat", "filter", "aliases", "ifgroups", "virtualip", "schedules", "ipsec", "OPNsense"];

/// Elements whose text is shown, in those sections.
const WORDS: &[&str] = &[
    "action",
    "address",
    "any",
    "associated-rule-id",
    "blockbogons",
    "blockpriv",
    "content",
    "descr",
    "description",
    "destination",
    "destination_net",
    "destination_not",
    "destination_port",
    "direction",
    "disabled",
    "enable",
    "enabled",
    "external",
    "floating",
    "gateway",
    "if",
    "ifname",
    "interface",
    "interfacenot",
    "ipaddr",
    "ipprotocol",
    "local-port",
    "local_addrs",
    "members",
    "mode",
    "name",
    "nordr",
    "not",
    "pass",
    "port",
    "protocol",
    "quick",
    "remote-gateway",
    "sched",
    "sequence",
    "source",
    "source_net",
    "source_not",
    "source_port",
    "statetype",
    "subnet",
    "subnet_bits",
    "tag",
    "tagged",
    "target",
    "type",
];

/// Every place of a text that is hidden.
pub(super) fn hidden(text: &str, base: u32) -> Vec<Span> {
    let mut found = Vec::new();
    let mut open = Open::default();
    let mut at = 0;
    while let Some(start) = text[at..].find('<').map(|n| at + n) {
        hide(text, at..start, base, open.may_be_shown(), &mut found);
        let rest = &text[start..];
        let close = match rest {
            _ if rest.starts_with("<!--") => "-->",
            _ if rest.starts_with("<![CDATA[") => "]]>",
            _ if rest.starts_with("<?") => "?>",
            _ => ">",
        };
        let Some(end) = rest.find(close).map(|n| start + n + close.len()) else {
            // A tag or a comment that breaks off.
            hide(text, start..text.len(), base, false, &mut found);
            return found;
        };
        let tag = &text[start + 1..end - 1];
        if rest.starts_with("<![CDATA[") {
            hide(text, start + 9..end - 3, base, open.may_be_shown(), &mut found);
        } else if rest.starts_with("<!") {
            hide(text, start..end, base, false, &mut found);
        } else if let Some(name) = tag.strip_prefix('/') {
            open.close(name.trim_end());
        } else if !rest.starts_with("<?") {
            let name = tag.split(|c: char| c.is_ascii_whitespace() || c == '/').next().unwrap_or("");
            attributes(text, start + 1 + name.len()..end - 1, base, &mut found);
            if !tag.ends_with('/') {
                open.open(name);
            }
        }
        at = end;
    }
    hide(text, at..text.len(), base, open.may_be_shown(), &mut found);
    found
}

/// The open elements.
#[derive(Default)]
struct Open<'t> {
    names: Vec<&'t str>,
    /// How many of them name a secret.
    secret: usize,
}

impl<'t> Open<'t> {
    fn open(&mut self, name: &'t str) {
        self.secret += usize::from(names_secret(name));
        self.names.push(name);
    }

    /// What closes another element than the last one is not trusted to close anything.
    fn close(&mut self, name: &str) {
        if self.names.last() == Some(&name) {
            self.names.pop();
            self.secret -= usize::from(names_secret(name));
        }
    }

    /// Whether the text of the innermost element may be shown.
    fn may_be_shown(&self) -> bool {
        let (Some(section), Some(name)) = (self.names.get(1), self.names.last()) else { return false };
        // Under this name, OPNsense keeps everything that is newer, plugins as well.
        let read = *section != "OPNsense" || self.names.get(2).is_some_and(|part| matches!(*part, "Firewall" | "Swanctl" | "IPsec"));
        self.secret == 0 && read && SECTIONS.contains(section) && WORDS.contains(name)
    }
}

/// Attributes are shown when they are ids or versions.
fn attributes(text: &str, range: std::ops::Range<usize>, base: u32, found: &mut Vec<Span>) {
    let words = text[range.clone()].trim_matches(|c: char| c == '/' || c.is_ascii_whitespace());
    let plain = |word: &str| word.starts_with("uuid=") || word.starts_with("version=");
    if !words.split_ascii_whitespace().all(plain) {
        hide(text, range, base, false, found);
    }
}

/// Line by line, so that lines stay where they are.
fn hide(text: &str, range: std::ops::Range<usize>, base: u32, shown: bool, found: &mut Vec<Span>) {
    if shown {
        return;
    }
    let mut at = range.start;
    for line in text[range].split_inclusive('\n') {
        let (lead, body) = (line.len() - line.trim_start().len(), line.trim());
        if !body.is_empty() {
            let start = base + (at + lead) as u32;
            found.push(Span::new(start, start + body.len() as u32));
        }
        at += line.len();
    }
}
