//! MikroTik RouterOS: `/export`, a script of `add` commands, or a session that was pasted.
//!
//! A packet from the internet passes `raw` prerouting, then `mangle`, then the chain `dstnat`, then the filter chain `forward`, which sees the translated packet
//! (MikroTik, "Packet Flow in RouterOS"). Rules of a chain are asked from the top; what reaches its end is accepted. An export lists menus alphabetically, after a first
//! part with what others refer to: so one with a menu behind `/ip` is whole, and any other may have broken off.

mod matchers;
mod names;
mod rule;
mod servers;
#[cfg(test)]
mod tests;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use super::fragment::leave_undecided;
use super::{Remark, RemarkKind, veil};
use crate::model::upstream::{Action, Chain, ChainId, Device, End, Line, Match, Nat, Replies};
use crate::model::{Field, Opaque};
use crate::source::Span;
use names::Names;
use words::{Command, Word, commands};

/// Words that are commands; all others before them are menus.
const COMMANDS: &[&str] = &[
    "add",
    "set",
    "remove",
    "move",
    "disable",
    "enable",
    "unset",
    "export",
    "print",
    "edit",
    "find",
    "comment",
    "reset-counters",
    "import",
];

/// Commands of the console that change nothing of the configuration.
const HARMLESS: &[&str] = &["put", "log", "delay", "local", "global", "set", "beep", "environment"];

/// Braces within braces deeper than this are not read.
const DEPTH: u32 = 8;

/// A command with its menu.
#[derive(Clone, Debug)]
struct Statement {
    /// `ip firewall nat`.
    menu: String,
    /// `add`.
    command: String,
    /// What follows.
    args: Vec<Word>,
    span: Span,
    /// Where menu and command stand.
    head: Vec<Span>,
    remark: Option<String>,
}

impl Statement {
    /// The value of an argument; an empty one is none.
    fn get(&self, name: &str) -> Option<&str> {
        self.args.iter().find(|arg| arg.equals.is_some() && arg.name() == name).and_then(Word::value).filter(|value| !value.is_empty())
    }

    fn is_on(&self) -> bool {
        !matches!(self.get("disabled"), Some("yes" | "true"))
    }

    fn is(&self, menu: &str, command: &str) -> bool {
        self.menu == menu && self.command == command
    }
}

/// What is read so far.
struct Reader {
    device: Device,
    remarks: Vec<Remark>,
    names: Names,
    chains: BTreeMap<(&'static str, String), ChainId>,
    /// Jumps, with their list and line and the word that names the target.
    jumps: Vec<(ChainId, usize, ChainId, Span)>,
    /// Tables that were emptied once.
    emptied: BTreeSet<&'static str>,
    /// Why what is read cannot be the whole, with its place.
    doubt: Option<(Span, &'static str)>,
}

/// Reads a whole text. The device's name is left empty. The spans are places that must never be shown.
pub fn read(text: &str, base: u32) -> (Device, Vec<Remark>, Vec<Span>) {
    let mut remarks = Vec::new();
    let statements = statements(text, base, &mut remarks);
    let mut shown = statements.iter().flat_map(shown).collect::<Vec<_>>();
    let secrets = veil::all_but(text, base, &mut shown);
    let doubt = remarks.first().map(|remark: &Remark| match remark.kind {
        RemarkKind::Syntax => (remark.span, "the export is not whole"),
        _ => (remark.span, "the text is a script, and what it does is not followed"),
    });
    let reader = Reader {
        device: Device::default(),
        remarks,
        names: Names::read(&statements),
        chains: BTreeMap::new(),
        jumps: Vec::new(),
        emptied: BTreeSet::new(),
        doubt,
    };
    let (device, remarks) = reader.whole(&statements, Span::new(base, base + first_line(text)));
    (device, remarks, secrets)
}

fn first_line(text: &str) -> u32 {
    text.lines().next().map_or(0, str::len) as u32
}

/// Every command of the text with its menu.
fn statements(text: &str, base: u32, remarks: &mut Vec<Remark>) -> Vec<Statement> {
    let mut found = Vec::new();
    let mut open = vec![(0, text.len(), String::new(), 0)];
    while let Some((from, to, menu, depth)) = open.pop() {
        let at = base + from as u32;
        let (commands, broken) = commands(&text[from..to], at);
        if let Some(span) = broken {
            remarks.push(syntax(span, "a quotation mark or bracket without its partner"));
        }
        let mut menu = menu;
        for command in commands {
            let block = command.words.last().filter(|word| word.group && text[(word.span.start - base) as usize..].starts_with('{'));
            let block = block.map(|word| ((word.span.start - base) as usize + 1, (word.span.end - base) as usize));
            match statement(command, &mut menu, remarks) {
                Some(statement) if block.is_none() => found.push(statement),
                _ => {}
            }
            if let Some((start, end)) = block.filter(|(start, end)| depth < DEPTH && text[*start..*end].ends_with('}')) {
                open.push((start, end - 1, menu.clone(), depth + 1));
            }
        }
    }
    found.sort_by_key(|statement: &Statement| statement.span.start);
    remarks.sort_by_key(|remark| remark.span.start);
    found
}

/// One command; the menu that it leaves the console in.
fn statement(command: Command, current: &mut String, remarks: &mut Vec<Remark>) -> Option<Statement> {
    let span = command.span();
    let first = command.words.first()?;
    if let Some(name) = first.text.strip_prefix(':') {
        if !HARMLESS.contains(&name) {
            remarks.push(Remark { span, message: "a script's command that is not followed".into(), kind: RemarkKind::Elsewhere });
        }
        return None;
    }
    let absolute = first.text.starts_with('/');
    let mut menu: Vec<&str> = if absolute { Vec::new() } else { current.split(' ').filter(|part| !part.is_empty()).collect() };
    let mut head = Vec::new();
    let mut said = None;
    let mut used = 0;
    'words: for word in &command.words {
        if word.equals.is_some() || word.group || !word.plain {
            break;
        }
        used += 1;
        head.push(word.span);
        for part in word.text.split('/').filter(|part| !part.is_empty()) {
            match part {
                ".." => drop(menu.pop()),
                _ if COMMANDS.contains(&part) => {
                    said = Some(part.to_owned());
                    break 'words;
                }
                _ => menu.push(part),
            }
        }
    }
    // No menu is that deep.
    if menu.len() > 16 {
        remarks.push(syntax(span, "a line that is no command"));
        return None;
    }
    let menu = menu.join(" ");
    let args = command.words[used..].to_vec();
    let block = args.first().is_some_and(|word| word.group && !word.text.starts_with('['));
    match said {
        Some(said) if said == "import" && menu.is_empty() => {
            remarks.push(Remark { span, message: "another file is read here".into(), kind: RemarkKind::Elsewhere });
            None
        }
        Some(said) if matches!(&*said, "export" | "print") && menu.is_empty() => None,
        Some(_) if menu.is_empty() => {
            remarks.push(syntax(span, "a command outside of any menu"));
            None
        }
        Some(command_word) => Some(Statement { menu, command: command_word, args, span, head, remark: command.remark }),
        // A menu alone, or with a block of commands.
        None if (args.is_empty() || block) && (absolute || is_menu(&menu)) => {
            current.clone_from(&menu);
            (!args.is_empty() || absolute).then_some(Statement { menu, command: String::new(), args, span, head, remark: None })
        }
        // What other menus know as a command is none of ours.
        None if absolute && !is_menu(&menu) => None,
        None => {
            remarks.push(syntax(span, "a line that is no command"));
            None
        }
    }
}

fn syntax(span: Span, message: &str) -> Remark {
    Remark { span, message: message.into(), kind: RemarkKind::Syntax }
}

/// Whether the reader knows the menu, or one beneath it.
fn is_menu(menu: &str) -> bool {
    SHOWN.iter().any(|(known, _)| *known == menu || known.strip_prefix(menu).is_some_and(|rest| rest.starts_with(' ')))
}

/// What of a menu's commands may be shown.
const SHOWN: &[(&str, &[&str])] = &[
    ("ip firewall filter", matchers::SHOWN),
    ("ip firewall nat", matchers::SHOWN),
    ("ip firewall raw", matchers::SHOWN),
    ("ip firewall mangle", matchers::SHOWN),
    ("ip firewall address-list", &["address", "list", "disabled", "timeout"]),
    ("ip firewall connection tracking", &["enabled"]),
    ("ip settings", &["ip-forward"]),
    ("interface list", &["name", "include", "exclude"]),
    ("interface list member", &["list", "interface", "disabled"]),
    ("interface pppoe-client", &["name", "interface", "disabled", "add-default-route"]),
    ("interface bridge filter", &["chain", "action", "disabled"]),
    ("interface bridge nat", &["chain", "action", "disabled"]),
    ("interface ethernet switch rule", &["disabled"]),
    ("interface l2tp-server server", &["enabled", "use-ipsec"]),
    ("ip address", &["address", "interface", "disabled", "network", "netmask"]),
    ("ip dhcp-client", &["interface", "disabled", "add-default-route"]),
    ("ip route", &["dst-address", "gateway", "distance", "disabled"]),
    ("ip ipsec peer", &["address", "local-address", "disabled", "passive", "exchange-mode"]),
    ("ip ipsec policy", &["src-address", "dst-address", "protocol", "disabled", "template", "action"]),
    ("ip ipsec identity", &["generate-policy", "disabled"]),
];

/// The words of a command that may be shown.
fn shown(statement: &Statement) -> Vec<Span> {
    let Some((_, names)) = SHOWN.iter().find(|(menu, _)| *menu == statement.menu) else { return Vec::new() };
    let words = statement.args.iter().filter(|word| word.plain && word.equals.is_some() && names.contains(&word.name()));
    statement.head.iter().copied().chain(words.map(|word| word.span)).collect()
}

impl Reader {
    fn remark(&mut self, span: Span, message: &str, kind: RemarkKind) {
        self.remarks.push(Remark { span, message: message.into(), kind });
    }

    fn whole(mut self, statements: &[Statement], start: Span) -> (Device, Vec<Remark>) {
        for statement in statements {
            let table = match &*statement.menu {
                "ip firewall filter" => "filter",
                "ip firewall nat" => "nat",
                "ip firewall raw" => "raw",
                _ => {
                    self.other(statement);
                    continue;
                }
            };
            match &*statement.command {
                "add" => self.rule(table, statement),
                "" | "export" | "print" | "comment" | "reset-counters" | "find" => {}
                // All rules go, and those that follow come in their place.
                "remove"
                    if matches!(&statement.args[..], [all] if matches!(&*all.text, "[find]" | "[ find ]" | "[find dynamic=no]"))
                        && self.emptied.insert(table) =>
                {
                    let ids: BTreeSet<ChainId> = self.chains.iter().filter(|((of, _), _)| *of == table).map(|(_, id)| *id).collect();
                    self.jumps.retain(|(list, ..)| !ids.contains(list));
                    for id in ids {
                        self.device.chains[id.0 as usize].lines.clear();
                    }
                }
                _ => self.is_changed(statement.span),
            }
        }
        self.jumps_into_nothing();
        self.mark_unused();
        let known = whole_since(statements);
        self.names.describe(&mut self.device, known.is_ok());
        self.device.terminates = servers::ends(statements, start);
        self.bind(start);
        if let (None, Err(place)) = (self.doubt, known) {
            const WHY: &str = "the text is a part of an export, or broke off: give vpnlint the whole `/export`";
            let place = place.unwrap_or(start);
            self.remark(place, WHY, RemarkKind::Elsewhere);
            self.doubt = Some((place, WHY));
        }
        if let Some((place, why)) = self.doubt {
            leave_undecided(&mut self.device, place, why);
        }
        (self.device, self.remarks)
    }

    fn is_changed(&mut self, span: Span) {
        self.remark(span, "rules are changed by a command that is not followed", RemarkKind::Elsewhere);
        self.doubt.get_or_insert((span, "rules are changed by a command that is not followed"));
    }

    /// Menus that are not about rules of the firewall, and yet decide what becomes of packets.
    fn other(&mut self, statement: &Statement) {
        let off = |name: &str| matches!(statement.get(name), Some("no" | "false"));
        let why = match (&*statement.menu, &*statement.command) {
            ("ip firewall connection tracking", "set") if off("enabled") => "connection tracking is off, so that nothing is translated",
            ("ip settings", "set") if off("ip-forward") => "the router does not forward (`ip-forward`)",
            ("interface bridge filter" | "interface bridge nat" | "interface ethernet switch rule", "add")
                if statement.is_on() && statement.get("action") != Some("accept") =>
            {
                "what bridges and switch chips filter is not followed"
            }
            _ => return,
        };
        let id = self.chain("", why, statement.span);
        let other = vec![Opaque { span: statement.span, reason: why.into() }];
        self.device.chains[id.0 as usize].lines.push(Line::new(statement.span, Match { other, ..Match::default() }, Action::Deny));
    }

    /// The chain of a table, made when it is first named.
    fn chain(&mut self, table: &'static str, name: &str, span: Span) -> ChainId {
        if let Some(id) = self.chains.get(&(table, name.to_owned())) {
            return *id;
        }
        let end = is_built_in(table, name).then(|| End::implicit(true, span));
        let id = self.device.add(Chain::new(name, span, end));
        self.chains.insert((table, name.to_owned()), id);
        id
    }

    /// Jumps to chains that no rule is in.
    fn jumps_into_nothing(&mut self) {
        for (list, line, target, span) in std::mem::take(&mut self.jumps) {
            if self.device.chain(target).is_some_and(|chain| chain.lines.is_empty()) {
                const WHY: &str = "no rule is in the chain that is called";
                self.remark(span, WHY, RemarkKind::Dangling);
                self.device.chains[list.0 as usize].lines[line].action = Action::Opaque(Opaque { span, reason: WHY.into() });
            }
        }
    }

    /// A chain that no built-in one leads to is not applied.
    fn mark_unused(&mut self) {
        let mut open: Vec<ChainId> = self.chains.iter().filter(|((table, name), _)| is_built_in(table, name)).map(|(_, id)| *id).collect();
        for chain in &mut self.device.chains {
            chain.applied = false;
        }
        while let Some(id) = open.pop() {
            let chain = &mut self.device.chains[id.0 as usize];
            if !std::mem::replace(&mut chain.applied, true) {
                open.extend(chain.lines.iter().filter_map(|line| match line.action {
                    Action::Jump(id) => Some(id),
                    _ => None,
                }));
            }
        }
    }

    fn bind(&mut self, start: Span) {
        let hook = |table: &'static str, name: &str| self.chains.get(&(table, name.to_owned())).copied();
        let doubts = self.chains.iter().filter(|((table, _), _)| table.is_empty()).map(|(_, id)| *id);
        let early: Vec<ChainId> = doubts.chain(hook("raw", "prerouting")).collect();
        let forward: Vec<ChainId> = hook("filter", "forward").into_iter().collect();
        let known = |list: Vec<ChainId>| Field::known_at(list, start);
        self.device.nat = Nat::Chains(hook("nat", "dstnat").into_iter().collect());
        self.device.input = known(hook("filter", "input").into_iter().collect());
        // What the MX sends passes the same chains, with its own address as source.
        self.device.outbound = known(early.iter().chain(&forward).copied().collect());
        self.device.forward = known(forward);
        self.device.early = early;
        self.device.replies = Replies::AsEstablished;
    }
}

fn is_built_in(table: &str, name: &str) -> bool {
    match table {
        "filter" => matches!(name, "input" | "forward" | "output"),
        "nat" => matches!(name, "srcnat" | "dstnat" | "input" | "output"),
        "raw" => matches!(name, "prerouting" | "output"),
        _ => table.is_empty(),
    }
}

/// Whether the text is a whole export: it says how the router gets its addresses, and behind that and the firewall comes a menu that sorts behind `/ip`.
/// Else the place where it stops.
fn whole_since(statements: &[Statement]) -> Result<(), Option<Span>> {
    let addresses = |menu: &str| matches!(menu, "ip address" | "ip dhcp-client");
    let last = statements.iter().rposition(|s| addresses(&s.menu) || s.menu.starts_with("ip firewall "));
    let behind = last.map_or(&[][..], |n| &statements[n..]);
    let goes_on = behind.iter().any(|s| s.menu.split(' ').next().is_some_and(|root| root > "ip"));
    if goes_on && statements.iter().any(|s| addresses(&s.menu)) { Ok(()) } else { Err(statements.last().map(|s| s.span)) }
}
