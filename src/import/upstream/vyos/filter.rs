//! Rule sets, and where they are used.

use super::{Reader, RemarkKind, opaque};
use crate::import::upstream::config_tree::At;
use crate::model::upstream::{Action, Chain, ChainId, End, Interfaces, Line, Match, States};
use crate::model::{Field, Opaque};
use crate::source::{Span, Spanned};

/// What kind of rule set it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Of the filter: what no rule takes is dropped unless `default-action` says otherwise (VyOS, "IPv4 firewall", note on default actions).
    Filter,
    /// For routes and marks, before translation: what no rule takes goes on.
    Policy,
}

impl<'a, 't> Reader<'a, 't> {
    /// The rule sets by name of both generations; they may call each other.
    pub(super) fn named_sets(&mut self) {
        let Some(firewall) = self.root.child("firewall") else { return };
        let sets: Vec<At<'a, 't>> =
            [&["name"][..], &["ipv4", "name"]].into_iter().filter_map(|path| firewall.at(path)).flat_map(At::children).collect();
        for set in &sets {
            let id = self.device.add(Chain::new(set.word().value, set.head(), None));
            self.sets.insert(set.word().value, id);
        }
        for set in sets {
            let lines = self.lines(set, Kind::Filter);
            if let Some(id) = self.sets.get(set.word().value) {
                self.device.chains[id.0 as usize].lines = lines;
            }
        }
    }

    /// The rules of a called set by number, and its default.
    pub(super) fn lines(&mut self, set: At<'a, 't>, kind: Kind) -> Vec<Line> {
        let mut lines = self.rules(set, kind);
        let value = set.value_of("default-action");
        let span = value.map_or_else(|| set.head(), |value| value.span);
        let action = match value.map(|value| value.value) {
            None if kind == Kind::Filter => Some(Action::Deny),
            None | Some("return" | "continue") => None,
            Some("accept") => Some(Action::Permit),
            Some("drop" | "reject") => Some(Action::Deny),
            Some("jump") => Some(self.jump(set.value_of("default-jump-target"), span)),
            Some(_) => Some(Action::Opaque(opaque(span, "the default action is not known"))),
        };
        lines.extend(action.map(|action| Line::new(span, Match::default(), action)));
        lines
    }

    /// The rules of a set in the order of their numbers.
    pub(super) fn rules(&mut self, set: At<'a, 't>, kind: Kind) -> Vec<Line> {
        let numbered = self.numbered(set);
        numbered.into_iter().map(|rule| self.rule(rule, kind)).collect()
    }

    /// `rule N` below a node, in the order of their numbers.
    pub(super) fn numbered(&mut self, set: At<'a, 't>) -> Vec<At<'a, 't>> {
        let mut rules: Vec<(u32, At<'a, 't>)> = Vec::new();
        for rule in set.child("rule").into_iter().flat_map(At::children) {
            match rule.word().value.parse() {
                Ok(number) => rules.push((number, rule)),
                Err(_) => self.remark(rule.word().span, "a rule without a number", RemarkKind::Syntax),
            }
        }
        rules.sort_by_key(|(number, _)| *number);
        rules.into_iter().map(|(_, rule)| rule).collect()
    }

    fn rule(&mut self, rule: At<'a, 't>, kind: Kind) -> Line {
        let matches = self.matches(rule);
        let action = self.action(rule, kind);
        Line { enabled: !rule.has("disable"), ..Line::new(rule.head(), matches, action) }
    }

    fn action(&mut self, rule: At<'a, 't>, kind: Kind) -> Action {
        let Some(action) = rule.value_of("action") else {
            return match kind {
                Kind::Filter => Action::Opaque(opaque(rule.head(), "the rule states no action")),
                Kind::Policy => Action::Continue,
            };
        };
        match action.value {
            "accept" => Action::Permit,
            "drop" | "reject" => Action::Deny,
            "return" => Action::Return,
            "continue" | "offload" => Action::Continue,
            "modify" if kind == Kind::Policy => Action::Continue,
            "jump" => self.jump(rule.value_of("jump-target"), action.span),
            "notrack" => Action::Opaque(opaque(action.span, "packets that are not tracked are not translated")),
            "queue" | "inspect" => Action::Opaque(opaque(action.span, "the rule hands its packets to a program")),
            "synproxy" => Action::Opaque(opaque(action.span, "the rule answers in the server's place")),
            _ => {
                self.remark(action.span, "an action that is not known", RemarkKind::Unknown);
                Action::Opaque(opaque(action.span, "the action is not known"))
            }
        }
    }

    /// The call of a rule set.
    pub(super) fn jump(&mut self, target: Option<Spanned<&'t str>>, span: Span) -> Action {
        let Some(target) = target else { return Action::Opaque(opaque(span, "the rule names no rule set")) };
        if let Some(id) = self.sets.get(target.value) {
            return Action::Jump(*id);
        }
        self.remark(target.span, "the rule set is not in the file", RemarkKind::Dangling);
        Action::Opaque(opaque(target.span, "the rule set is not in the file"))
    }

    /// A base chain of VyOS since 1.4.
    pub(super) fn base(&mut self, path: &[&str], name: &str) -> Option<ChainId> {
        let set = self.root.child("firewall")?.child("ipv4")?.at(path)?;
        let raw = path.contains(&"raw");
        let end = match set.value_of("default-action") {
            Some(value) if value.value == "accept" => End::stated(true, value.span),
            Some(value) if value.value == "drop" || value.value == "reject" => End::stated(false, value.span),
            // Released versions accept; the documentation says so too.
            _ => End::implicit(true, set.head()),
        };
        let mut chain = Chain::new(name, set.head(), Some(end));
        if !raw {
            chain.lines = self.state_policy();
        }
        chain.lines.extend(self.rules(set, Kind::Filter));
        if raw {
            // Connection tracking comes later.
            for line in chain.lines.iter_mut().filter(|line| !line.matches.state.is_absent()) {
                line.matches.other.push(opaque(line.span, "connection tracking comes behind this list"));
            }
        }
        if let Some(value) = set.value_of("default-action").filter(|value| value.value == "jump") {
            let action = self.jump(set.value_of("default-jump-target"), value.span);
            chain.lines.push(Line::new(value.span, Match::default(), action));
        }
        Some(self.device.add(chain))
    }

    /// What is done to packets by their state before all rules: `firewall state-policy` (VyOS up to 1.3, EdgeOS), `global-options state-policy`.
    pub(super) fn state_policy(&self) -> Vec<Line> {
        let Some(firewall) = self.root.child("firewall") else { return Vec::new() };
        let policy = firewall.child("state-policy").or_else(|| firewall.at(&["global-options", "state-policy"]));
        let mut lines = Vec::new();
        for state in policy.into_iter().flat_map(At::children) {
            let word = state.word();
            let mut states = States::default();
            match word.value {
                "established" => states.established = true,
                "related" => states.related = true,
                "invalid" => states.invalid = true,
                _ => continue,
            }
            let action = match state.value_of("action").map(|action| action.value) {
                Some("accept") => Action::Permit,
                Some("drop" | "reject") => Action::Deny,
                _ => continue,
            };
            let matches = Match { state: Field::known_at(states, word.span), ..Match::default() };
            lines.push(Line::new(state.head(), matches, action));
        }
        lines
    }

    /// Where rule sets are bound to interfaces: `interfaces … firewall in name X`, and `firewall interface eth0 in name X` of 1.4's first builds.
    pub(super) fn bindings(&self, direction: &str, kind: &str) -> Vec<(Box<str>, Spanned<&'t str>)> {
        let own = self.ports.iter().filter_map(|port| {
            let bound = port.at.child("firewall")?.child(direction)?.value_of(kind)?;
            Some((port.name.clone(), bound))
        });
        let listed = self.root.at(&["firewall", "interface"]).into_iter().flat_map(At::children).filter_map(|interface| {
            let bound = interface.child(direction)?.value_of(kind)?;
            Some((interface.word().value.into(), bound))
        });
        own.chain(listed).collect()
    }

    /// Whether any interface has a rule set of its own.
    pub(super) fn has_bindings(&self) -> bool {
        ["in", "out", "local"].iter().any(|direction| !self.bindings(direction, "name").is_empty())
    }

    /// The list of bindings for one direction.
    pub(super) fn bound(&mut self, direction: &str) -> Option<ChainId> {
        let bindings = self.bindings(direction, "name");
        let policy = self.state_policy();
        let first = bindings.first().map(|(_, name)| name.span).or_else(|| policy.first().map(|line| line.span))?;
        let mut chain = Chain::new(direction, first, Some(End::implicit(true, first)));
        chain.lines = policy;
        for (interface, name) in bindings {
            let set = Field::known_at(Interfaces::one(&interface), name.span);
            let matches = if direction == "out" {
                Match { out_interface: set, ..Match::default() }
            } else {
                Match { in_interface: set, ..Match::default() }
            };
            let action = self.jump(Some(name), name.span);
            chain.lines.push(Line::new(name.span, matches, action));
        }
        Some(self.device.add(chain))
    }

    /// Lists for routes and marks: `firewall modify`, `policy route`. They may drop, and stand before translation.
    pub(super) fn policies(&mut self) -> Option<ChainId> {
        let mut lines = Vec::new();
        let mut bound: Vec<(Interfaces, Span, At<'a, 't>)> = Vec::new();
        let modify = self.root.at(&["firewall", "modify"]);
        for (interface, name) in self.bindings("in", "modify") {
            bound.extend(modify.and_then(|sets| sets.child(name.value)).map(|set| (Interfaces::one(&interface), name.span, set)));
        }
        let routes = self.root.at(&["policy", "route"]);
        for port in &self.ports {
            let name = port.at.child("policy").and_then(|policy| policy.value_of("route"));
            let set = name.and_then(|name| routes.and_then(|sets| sets.child(name.value)).map(|set| (name.span, set)));
            bound.extend(set.map(|(span, set)| (Interfaces::one(&port.name), span, set)));
        }
        for set in routes.into_iter().flat_map(At::children) {
            for interface in set.child("interface").into_iter().flat_map(At::children).map(At::word) {
                bound.push((Interfaces::one(interface.value), interface.span, set));
            }
        }
        for (interfaces, span, set) in bound {
            let called = self.lines(set, Kind::Policy);
            if called.iter().any(|line| line.enabled && !matches!(line.action, Action::Continue | Action::Permit)) {
                let chain = Chain { lines: called, ..Chain::new(set.word().value, set.head(), None) };
                let id = self.device.add(chain);
                let matches = Match { in_interface: Field::known_at(interfaces, span), ..Match::default() };
                lines.push(Line::new(span, matches, Action::Jump(id)));
            }
        }
        let span = lines.first()?.span;
        let chain = Chain { lines, ..Chain::new("policy", span, Some(End::implicit(true, span))) };
        Some(self.device.add(chain))
    }

    /// Packets that connection tracking leaves out are not translated either.
    pub(super) fn untracked(&mut self) -> Option<ChainId> {
        let ignored = self.root.at(&["system", "conntrack", "ignore"])?;
        let set = ignored.child("ipv4").unwrap_or(ignored);
        let span = set.head();
        let mut lines = Vec::new();
        for rule in self.numbered(set) {
            let matches = self.matches(rule);
            let why: Opaque = opaque(rule.head(), "packets that are not tracked are not translated");
            lines.push(Line { enabled: !rule.has("disable"), ..Line::new(rule.head(), matches, Action::Opaque(why)) });
        }
        let chain = Chain { lines, ..Chain::new("conntrack ignore", span, Some(End::implicit(true, span))) };
        Some(self.device.add(chain))
    }
}
