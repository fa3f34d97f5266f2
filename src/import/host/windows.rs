//! Windows Defender Firewall: what `netsh advfirewall firewall show rule name=all verbose` prints in English, and rules as objects in JSON, with the properties of their
//! address, port and program filters.
//!
//! What no rule admits is dropped, and a rule that blocks goes before those that allow (Microsoft, "Windows Firewall rules"). Which profile is in force is not in an export:
//! a verdict is sure where all three agree.

use super::{Admitted, Asked};
use crate::import::Notes;
use crate::import::meraki::Obj;
use crate::net::{Addrs, Ports, Protocol};
use crate::source::{Problem, ProblemKind, Span};
use crate::tree::{Kind, Node, json};

/// The three profiles.
const PROFILES: [(&str, u8); 3] = [("domain", 1), ("private", 2), ("public", 4)];
const ALL: u8 = 7;

/// Rules of a host.
#[derive(Default)]
pub struct Rules {
    inbound: Vec<Rule>,
    /// The export says nothing of addresses or ports.
    bare: bool,
    /// Profiles in which the firewall is off, so that no rule counts.
    off: u8,
    /// Profiles whose default is to allow.
    open: u8,
}

/// An inbound rule that is switched on.
struct Rule {
    allows: bool,
    profiles: u8,
    protocol: Option<String>,
    ports: Option<String>,
    remote: Option<String>,
    local: Option<String>,
    program: Option<String>,
    /// Another condition, which is not decided.
    other: Option<&'static str>,
    span: Span,
}

/// Whether a text is a listing of rules.
pub fn is_listing(text: &str) -> bool {
    super::head(text).lines().any(|line| line.starts_with("Rule Name:"))
}

/// Whether a JSON text holds rules.
pub fn is_json(text: &str) -> bool {
    let head = super::head(text);
    head.contains("\"Direction\"")
        && head.contains("\"Action\"")
        && head.contains("\"Enabled\"")
        && (head.contains("\"DisplayName\"") || head.contains("\"InstanceID\""))
}

/// Reads a listing.
pub fn read_listing(text: &str, base: u32) -> (Rules, Notes) {
    let mut rules = Rules::default();
    let (mut fields, mut head): (Vec<(String, String)>, Option<Span>) = (Vec::new(), None);
    let (mut at, mut profile) = (base, 0_u8);
    for raw in text.split_inclusive('\n') {
        let (line, start) = (raw.trim_end(), at);
        at += raw.len() as u32;
        if let Some(name) = line.trim().strip_suffix(" Profile Settings:") {
            profile = PROFILES.iter().find(|(p, _)| name.eq_ignore_ascii_case(p)).map_or(0, |(_, bit)| *bit);
        }
        let Some((key, value)) = line.split_once(':') else {
            // `netsh advfirewall show allprofiles` in front of the rules.
            let mut words = line.split_whitespace();
            match (words.next(), words.next(), words.next()) {
                (Some("State"), Some("OFF"), None) => rules.off |= profile,
                (Some("Firewall"), Some("Policy"), Some(policy)) if policy.starts_with("AllowInbound") => rules.open |= profile,
                _ => {}
            }
            continue;
        };
        if key == "Rule Name" {
            rules.end(&mut fields, head.take());
            head = Some(Span::new(start, start + line.len() as u32));
        } else if head.is_some() {
            fields.push((key.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    rules.end(&mut fields, head);
    (rules, Notes::default())
}

/// Reads objects.
pub fn read_json(text: &str, base: u32) -> (Rules, Notes) {
    let parsed = json::parse(text, base, false);
    let mut notes = Notes::default();
    notes
        .problems
        .extend(parsed.errors.into_iter().map(|e| Problem::new(ProblemKind::Syntax, e.span, e.message, "here").help("export it again")));
    let mut rules = Rules::default();
    let Some(root) = &parsed.root else { return (rules, notes) };
    let list = root.items().unwrap_or(std::slice::from_ref(root));
    rules.bare = true;
    for node in list {
        let Some(entries) = node.entries() else { continue };
        let o = Obj(entries);
        rules.bare &= !o.has("RemoteAddress|RemoteIP") || !o.has("LocalPort");
        let names = [
            ("enabled", "Enabled"),
            ("direction", "Direction"),
            ("action", "Action"),
            ("profiles", "Profile|Profiles"),
            ("protocol", "Protocol"),
            ("localport", "LocalPort"),
            ("remoteport", "RemotePort"),
            ("remoteip", "RemoteAddress|RemoteIP"),
            ("localip", "LocalAddress|LocalIP"),
            ("program", "Program"),
        ];
        let mut fields: Vec<_> = names.iter().filter_map(|(key, name)| Some(((*key).to_owned(), words(o.get(name)?)))).collect();
        let place = o.get("DisplayName|Name").map_or(node.head, |n| n.span);
        rules.end(&mut fields, Some(place));
    }
    (rules, notes)
}

/// A value as one text: lists with commas, and what PowerShell wraps in an object.
fn words(node: &Node<'_>) -> String {
    match &node.kind {
        Kind::Str(text) => text.trim().to_owned(),
        Kind::Int(number) => number.to_string(),
        Kind::Bool(yes) => yes.to_string(),
        Kind::Seq(items) => items.iter().map(words).collect::<Vec<_>>().join(","),
        Kind::Map(entries) => Obj(entries).get("value").map(words).unwrap_or_default(),
        _ => String::new(),
    }
}

impl Rules {
    /// Takes the rule whose settings were collected, when it counts.
    fn end(&mut self, fields: &mut Vec<(String, String)>, head: Option<Span>) {
        let fields = std::mem::take(fields);
        let Some(span) = head else { return };
        let get =
            |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.to_ascii_lowercase()).filter(|v| !v.is_empty());
        let enabled = get("enabled").is_none_or(|v| matches!(&*v, "yes" | "true" | "1"));
        let inbound = get("direction").is_none_or(|v| matches!(&*v, "in" | "inbound" | "1"));
        if !enabled || !inbound {
            return;
        }
        let allows = match get("action").as_deref() {
            Some("allow" | "2" | "bypass") => Some(true),
            Some("block" | "4") => Some(false),
            _ => None,
        };
        let any = |name: &str, usual: &[&str]| get(name).is_none_or(|v| usual.iter().any(|u| v.split(',').any(|part| part.trim() == *u)));
        let other = if allows.is_none() {
            Some("what a rule of the resource's firewall does is not in the export")
        } else if get("action").as_deref() == Some("bypass") || !any("security", &["notrequired"]) {
            Some("a rule of the resource's firewall admits only who authenticates by IPsec")
        } else if !any("remoteport", &["any"]) {
            Some("a rule of the resource's firewall is about some of the clients' ports")
        } else if !any("interfacetypes", &["any", "lan"]) {
            Some("a rule of the resource's firewall is about one kind of network card")
        } else {
            None
        };
        // A rule that breaks off may be of either kind.
        for allows in allows.map_or(vec![true, false], |allows| vec![allows]) {
            let rule = Rule {
                allows,
                profiles: get("profiles").map_or(ALL, |v| profiles(&v)),
                protocol: get("protocol"),
                ports: get("localport"),
                remote: get("remoteip"),
                local: get("localip"),
                program: get("program"),
                other,
                span,
            };
            self.inbound.push(rule);
        }
    }

    /// Who gets through to a service.
    pub fn admits(&self, asked: Asked) -> Result<Admitted, &'static str> {
        if self.bare {
            return Err("the export of the resource's firewall states neither addresses nor ports");
        }
        let fitting: Vec<(&Rule, Fit)> =
            self.inbound.iter().map(|rule| (rule, rule.fits(asked))).filter(|(_, fit)| !matches!(fit, Fit::No)).collect();
        let (mut surely, mut possibly, mut why, mut local) = (Addrs::any(), Addrs::none(), None, true);
        for (_, bit) in PROFILES {
            let (mut allowed, mut perhaps, mut blocked, mut perhaps_blocked) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            let mut near = false;
            if self.off & bit != 0 {
                (possibly, local) = (Addrs::any(), false);
                continue;
            }
            if self.open & bit != 0 {
                allowed.extend_from_slice(Addrs::any().ranges());
            }
            for (rule, fit) in fitting.iter().filter(|(rule, _)| rule.profiles & bit != 0) {
                let from = Remote::of(rule.remote.as_deref());
                near |= from.local && rule.allows && matches!(fit, Fit::Yes);
                let (sure, unsure) = if rule.allows { (&mut allowed, &mut perhaps) } else { (&mut blocked, &mut perhaps_blocked) };
                match fit {
                    Fit::No => {}
                    Fit::Yes => sure.extend_from_slice(from.addresses.ranges()),
                    Fit::Maybe(reason) => {
                        unsure.extend_from_slice(from.addresses.ranges());
                        why.get_or_insert_with(|| reason.clone());
                    }
                }
                if let Some(reason) = from.unknown {
                    unsure.extend_from_slice(Addrs::any().ranges());
                    why.get_or_insert_with(|| reason.into());
                }
            }
            let [allowed, perhaps, blocked, perhaps_blocked] = [allowed, perhaps, blocked, perhaps_blocked].map(Addrs::from_ranges);
            let through = allowed.minus(&blocked);
            surely = surely.intersection(&through.minus(&perhaps_blocked));
            possibly = possibly.union(&allowed.union(&perhaps).minus(&blocked));
            local &= near;
        }
        let why = why.unwrap_or_else(|| "which profile of the resource's firewall is in force is not known, and they differ".into());
        Ok(Admitted { surely, possibly, why, local, at: fitting.first().map(|(rule, _)| rule.span) })
    }
}

fn profiles(text: &str) -> u8 {
    if let Ok(bits) = text.parse::<u32>() {
        return if bits == 0 || bits >= 0x7FFF { ALL } else { (bits & 7) as u8 };
    }
    if text.split(',').any(|p| p.trim() == "any") {
        return ALL;
    }
    PROFILES.iter().filter(|(name, _)| text.split(',').any(|p| p.trim() == *name)).fold(0, |all, (_, bit)| all | bit)
}

/// Whether a rule is about a service.
enum Fit {
    No,
    Yes,
    Maybe(Box<str>),
}

/// The far side of a rule.
struct Remote {
    addresses: Addrs,
    local: bool,
    unknown: Option<&'static str>,
}

impl Remote {
    fn of(text: Option<&str>) -> Self {
        let (mut ranges, mut local, mut unknown) = (Vec::new(), false, None);
        for part in text.unwrap_or("any").split(',').map(str::trim).filter(|p| !p.is_empty()) {
            match part {
                "localsubnet" | "localsubnet4" => local = true,
                "localsubnet6" => {}
                part if part.contains(':') => {}
                part => match Addrs::parse(part) {
                    Some(set) => ranges.extend_from_slice(set.ranges()),
                    None => unknown = Some("a rule of the resource's firewall names a group of addresses that only Windows knows"),
                },
            }
        }
        Self { addresses: Addrs::from_ranges(ranges), local, unknown }
    }
}

impl Rule {
    fn fits(&self, asked: Asked) -> Fit {
        let service = asked.service;
        let mut doubt = self.other.map(Box::from);
        let mut maybe = |why: &str| {
            doubt.get_or_insert_with(|| why.into());
        };
        match self.protocol.as_deref() {
            None | Some("any" | "256") => {}
            Some(text) if text.starts_with("icmp") => return Fit::No,
            Some(text) => match Protocol::parse(text) {
                Some(protocol) if protocol == service.protocol => {}
                Some(_) => return Fit::No,
                None => maybe("a rule of the resource's firewall is about a protocol that is not known"),
            },
        }
        let Some(port) = service.port else { return Fit::No };
        let all_ports = self.ports.as_deref().is_none_or(|p| p == "any");
        if !all_ports {
            let text = self.ports.as_deref().unwrap_or_default();
            let mut fits = false;
            for part in text.split(',').map(str::trim) {
                match Ports::parse(part) {
                    Some(ports) => fits |= ports.contains(port),
                    // Names of Windows' own services, whose ports it hands out above, but for the endpoint mapper.
                    None => fits |= port == 135 && matches!(part, "rpcepmap" | "rpc-epmap"),
                }
            }
            if !fits {
                if port < 49_152 || !text.contains("rpc") {
                    return Fit::No;
                }
                maybe("a rule of the resource's firewall names ports that Windows hands out");
            }
        }
        match self.program.as_deref().map(|path| path.rsplit(['\\', '/']).next().unwrap_or(path)) {
            Some("any" | "system") => {}
            Some(program) => match serves(port, program) {
                Some(true) => {}
                Some(false) => return Fit::No,
                None => maybe("which program serves the port is not known, and a rule of the resource's firewall is about one"),
            },
            // Without `verbose` the listing names no program; a rule for every port is a program's.
            None if all_ports && self.protocol.as_deref().is_some_and(|p| p != "any") => {
                maybe("the export names no programs: print it with `verbose`");
            }
            None => {}
        }
        match (self.local.as_deref(), asked.ip) {
            (None | Some("any"), _) => {}
            (Some(text), Some(ip)) => match Addrs::parse(text) {
                Some(set) if !set.contains(ip) => return Fit::No,
                Some(_) => {}
                None => maybe("a rule of the resource's firewall is about some of its own addresses"),
            },
            (Some(_), None) => maybe("the resource states no `ip`, which a rule of its firewall is about"),
        }
        doubt.map_or(Fit::Yes, Fit::Maybe)
    }
}

/// Whether a program is the one behind a port, where Windows itself serves it: SMB and NetBIOS in the kernel, RDP in `svchost.exe`.
fn serves(port: u16, program: &str) -> Option<bool> {
    match port {
        137..=139 | 445 => Some(false),
        3389 => Some(program == "svchost.exe"),
        _ => None,
    }
}
