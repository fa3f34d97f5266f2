//! OpenWrt's `/etc/config/firewall`, as `fw4` makes a rule set of it, with `/etc/config/network` where that is in the same text.
//!
//! What comes in at a zone is translated by the redirects of that zone. The chain `forward` then accepts established flows, asks rules for any zone, and the chain of the
//! zone that the packet came in by: that zone's rules, its forwardings, then it accepts whatever was translated, and last comes the zone's own policy for what leaves by the
//! same zone. What is left meets the policy of `defaults`.
//! Source: openwrt/firewall4, `templates/ruleset.uc`, `templates/rule.uc`, `templates/redirect.uc`, `fw4.uc` (`load`, `parse_rule`, `parse_forwarding`, `parse_redirect`).

mod names;
mod rule;
#[cfg(test)]
mod tests;
mod uci;

use super::fragment::leave_undecided;
use super::{Remark, RemarkKind, veil};
use crate::model::upstream::{Action, Chain, ChainId, Device, End, EndPoint, Line, Match, Nat, Replies, States};
use crate::model::{Field, Opaque};
use crate::source::{Span, Spanned};
use names::{Names, Zone};
use uci::{Section, sections};

/// What of the sections may be shown.
const SHOWN: &[(&str, &[&str])] = &[
    ("defaults", &["input", "output", "forward", "drop_invalid", "syn_flood", "synflood_protect", "flow_offloading"]),
    ("zone", &["name", "network", "device", "subnet", "input", "output", "forward", "masq", "family", "enabled", "mtu_fix"]),
    ("forwarding", &["src", "dest", "family", "enabled", "name"]),
    ("rule", rule::SHOWN),
    ("redirect", rule::SHOWN),
    ("nat", rule::SHOWN),
    ("include", &["path", "type", "enabled"]),
    ("interface", &["proto", "device", "ifname", "ipaddr", "netmask", "type"]),
];

/// What is read so far.
struct Reader<'t> {
    device: Device,
    remarks: Vec<Remark>,
    names: Names<'t>,
}

/// The policy of a zone or of all.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Policy {
    Accept,
    Deny,
}

/// Reads a configuration in one text or several, each with the place of its first byte. The device's name is left empty. The spans are places that must never be shown.
pub fn read(parts: &[(&str, u32)]) -> (Device, Vec<Remark>, Vec<Span>) {
    let (mut all, mut odd, mut secrets, mut unended) = (Vec::new(), Vec::new(), Vec::new(), None);
    let (first, base) = parts.first().copied().unwrap_or(("", 0));
    for (text, base) in parts {
        let (sections, lines) = sections(text, *base);
        secrets.extend(veil::all_but(text, *base, &mut sections.iter().flat_map(shown).collect::<Vec<_>>()));
        if !text.ends_with(['\n', '\r']) {
            let end = *base + text.len() as u32;
            unended = Some(sections.last().map_or(Span::new(end, end), Section::span));
        }
        all.extend(sections);
        odd.extend(lines);
    }
    let (names, remarks) = Names::read(&all);
    let mut reader = Reader { device: Device::default(), remarks, names };
    for span in &odd {
        reader.remark(*span, "a line that is none of UCI", RemarkKind::Syntax);
    }
    let start = Span::new(base, base + first.lines().next().map_or(0, str::len) as u32);
    reader.whole(&all, start);
    let has = |kind: &str| all.iter().any(|s| s.kind == kind);
    let doubt = match (odd.first(), unended) {
        (Some(span), _) => Some((*span, "the configuration is not whole")),
        (None, Some(last)) => Some((last, "the last line does not end, so that the configuration may have broken off")),
        _ if !has("defaults") || !has("zone") => {
            Some((start, "the text lacks `defaults` or zones: give vpnlint the whole `/etc/config/firewall`"))
        }
        _ => None,
    };
    if let Some((span, why)) = doubt {
        if odd.is_empty() {
            reader.remark(span, why, RemarkKind::Elsewhere);
        }
        leave_undecided(&mut reader.device, span, why);
    }
    (reader.device, reader.remarks, secrets)
}

/// The places of a section that may be shown: its head, and the options that are read.
fn shown(section: &Section<'_>) -> Vec<Span> {
    let Some((_, names)) = SHOWN.iter().find(|(kind, _)| *kind == section.kind) else { return Vec::new() };
    let options = section.options.iter().filter(|(name, ..)| names.contains(name));
    std::iter::once(section.head).chain(options.map(|(_, value, line)| Span::new(line.start, value.span.end))).collect()
}

fn opaque(span: Span, reason: &str) -> Opaque {
    Opaque { span, reason: reason.into() }
}

/// Lists of one zone.
struct Own {
    forward: Vec<Line>,
    input: Vec<Line>,
    nat: Vec<Line>,
}

impl<'t> Reader<'t> {
    fn remark(&mut self, span: Span, message: &str, kind: RemarkKind) {
        self.remarks.push(Remark { span, message: message.into(), kind });
    }

    fn whole(&mut self, sections: &[Section<'t>], start: Span) {
        let defaults = sections.iter().find(|s| s.kind == "defaults");
        let head = defaults.map_or(start, |s| s.head);
        let mut own: Vec<Own> = self.names.zones.iter().map(|_| Own { forward: Vec::new(), input: Vec::new(), nat: Vec::new() }).collect();
        let (mut forward, mut input, mut raw) = (beginning(defaults, head), beginning(defaults, head), Vec::new());
        for section in sections.iter().filter(|s| s.kind == "rule") {
            self.rule(section, &mut own, &mut forward, &mut input, &mut raw);
        }
        for section in sections.iter().filter(|s| s.kind == "forwarding") {
            self.forwarding(section, &mut own, &mut forward);
        }
        for section in sections.iter().filter(|s| s.kind == "redirect") {
            self.redirect(section, &mut own);
        }
        for section in sections {
            match section.kind {
                "include" if section.switch("enabled") != Some(false) => {
                    self.remark(section.head, "rules of another file are included", RemarkKind::Elsewhere);
                }
                "defaults" | "zone" | "rule" | "forwarding" | "redirect" | "nat" | "ipset" | "include" => {}
                _ if section.package == "firewall" => self.remark(section.head, "a section that is not known", RemarkKind::Unknown),
                _ => {}
            }
        }
        let zones = std::mem::take(&mut self.names.zones);
        let mut nat = Vec::new();
        for (zone, lists) in zones.iter().zip(own) {
            self.zone(zone, lists, &mut forward, &mut input, &mut nat);
        }
        self.names.zones = zones;
        let end = |name: &str| {
            let stated = defaults.and_then(|s| s.get(name));
            let permits = stated.is_some_and(|policy| names::policy(&policy.value) == Some(Policy::Accept));
            stated.map_or(End::implicit(false, head), |policy| End::stated(permits, policy.span))
        };
        let forward = Chain { lines: forward, ..Chain::new("forward", head, Some(end("forward"))) };
        let input = Chain { lines: input, ..Chain::new("input", head, Some(end("input"))) };
        let (forward, input) = (self.device.add(forward), self.device.add(input));
        let nat = self.device.add(Chain { lines: nat, ..Chain::new("dstnat", head, Some(End::implicit(true, head))) });
        let early: Vec<ChainId> = if raw.is_empty() {
            Vec::new()
        } else {
            vec![self.device.add(Chain { lines: raw, ..Chain::new("raw_prerouting", head, Some(End::implicit(true, head))) })]
        };
        let known = |list| Field::known_at(list, head);
        self.device.nat = Nat::Chains(vec![nat]);
        self.device.outbound = known(early.iter().copied().chain([forward]).collect());
        self.device.early = early;
        self.device.forward = known(vec![forward]);
        self.device.input = known(vec![input]);
        self.device.replies = Replies::AsEstablished;
        self.device.terminates = ends(sections);
        self.names.describe(&mut self.device);
    }

    /// The lists of a zone, and the lines that lead there.
    fn zone(&mut self, zone: &Zone, mut own: Own, forward: &mut Vec<Line>, input: &mut Vec<Line>, nat: &mut Vec<Line>) {
        if !own.nat.is_empty() {
            let translated = Match { translated: Field::known_at(true, zone.head), ..Match::default() };
            own.forward.push(Line::new(zone.head, translated.clone(), Action::Permit));
            own.input.push(Line::new(zone.head, translated, Action::Permit));
        }
        let verdict = |policy: &Spanned<Policy>| if policy.value == Policy::Accept { Action::Permit } else { Action::Deny };
        own.forward.push(Line::new(zone.forward.span, zone.leaves(zone.forward.span), verdict(&zone.forward)));
        own.input.push(Line::new(zone.input.span, Match::default(), verdict(&zone.input)));
        for (name, lines, into) in [("forward", own.forward, forward), ("input", own.input, input)] {
            let chain = Chain { lines, ..Chain::new(&format!("{name}_{}", zone.name), zone.head, None) };
            let id = self.device.add(chain);
            into.push(Line::new(zone.head, zone.enters(zone.head), Action::Jump(id)));
        }
        nat.extend(own.nat);
    }
}

/// Where the router itself ends IPsec: only its own packages would say so.
fn ends(sections: &[Section<'_>]) -> Field<Vec<EndPoint>> {
    let of = |s: &&Section<'_>| matches!(s.package, "ipsec" | "swanctl");
    let Some(first) = sections.iter().find(of) else { return Field::Absent };
    let on = |s: &&Section<'_>| s.kind == "remote" && s.switch("enabled").unwrap_or(s.package == "swanctl");
    let ends = sections.iter().filter(of).filter(on).map(|s| EndPoint { span: s.head, address: Field::Absent });
    Field::known_at(ends.collect(), first.head)
}

/// What every chain of the filter begins with.
fn beginning(defaults: Option<&Section<'_>>, head: Span) -> Vec<Line> {
    let states = |set| Match { state: Field::known_at(set, head), ..Match::default() };
    let mut lines = vec![Line::new(head, states(States { established: true, related: true, ..States::default() }), Action::Permit)];
    if defaults.is_some_and(|s| s.switch("drop_invalid") == Some(true)) {
        lines.push(Line::new(head, states(States { invalid: true, ..States::default() }), Action::Deny));
    }
    lines
}
