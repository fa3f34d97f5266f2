//! `iptables-save`: tables of chains of lines, first match, user chains called by `-j` and `-g`.
//!
//! The tables `raw` and `mangle` can drop packets too. Their chains are kept as further filters, before and after
//! translation, so that a drop there is never overlooked. `-m` modules that this reader does not know make a line opaque.

mod line;
mod words;

use std::collections::BTreeMap;

use super::{Remark, RemarkKind, fragment};
use crate::model::Field;
use crate::model::upstream::{Action, Chain, ChainId, Device, End, Nat, Replies};
use crate::source::{Span, Spanned};
use words::Word;

#[cfg(test)]
mod tests;

/// One table while it is read.
#[derive(Debug)]
struct Table {
    name: Box<str>,
    chains: BTreeMap<Box<str>, ChainId>,
}

/// What is read so far.
#[derive(Debug, Default)]
struct Reader {
    device: Device,
    tables: Vec<Table>,
    problems: Vec<Remark>,
    base: u32,
}

/// Reads a whole export. Positions in `text` become spans behind `base`. The device's name is left empty.
pub fn read(text: &str, base: u32) -> (Device, Vec<Remark>) {
    let mut reader = Reader { base, ..Reader::default() };
    let mut offset = 0;
    let mut committed = true;
    let mut last = Span::new(base, base);
    for raw in text.split_inclusive('\n') {
        let start = offset;
        offset += raw.len();
        let trimmed = raw.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let indent = raw.len() - raw.trim_start().len();
        let span = Span::new(base + (start + indent) as u32, base + (start + indent + trimmed.len()) as u32);
        last = span;
        if let Some(name) = trimmed.strip_prefix('*') {
            reader.table(name.trim());
            committed = false;
        } else if trimmed == "COMMIT" {
            committed = true;
        } else if committed {
            reader.problem(span, "a line outside of any table", RemarkKind::Syntax);
        } else if trimmed.starts_with(':') {
            reader.header(trimmed, span);
        } else {
            let words = words::split(trimmed, span.start);
            match words {
                Some(words) => reader.command(&words, span),
                None => reader.problem(span, "a quotation mark without its partner", RemarkKind::Syntax),
            }
        }
    }
    if !committed {
        reader.problem(last, "the table ends without `COMMIT`, so that nothing of it counts, or the text breaks off", RemarkKind::Syntax);
    }
    reader.finish(last)
}

impl Reader {
    fn problem(&mut self, span: Span, message: &str, kind: RemarkKind) {
        self.problems.push(Remark { span, message: message.into(), kind });
    }

    fn table(&mut self, name: &str) {
        // A table that comes twice goes on where it was.
        if let Some(at) = self.tables.iter().position(|t| &*t.name == name) {
            let again = self.tables.remove(at);
            self.tables.push(again);
        } else {
            self.tables.push(Table { name: name.into(), chains: BTreeMap::new() });
        }
    }

    /// `:FORWARD DROP [0:0]`, or `:mine - [0:0]` for a list that is only called.
    fn header(&mut self, text: &str, span: Span) {
        let mut words = text[1..].split_whitespace();
        let (Some(name), policy) = (words.next(), words.next()) else {
            self.problem(span, "a chain without a name", RemarkKind::Syntax);
            return;
        };
        let end = match policy {
            Some("ACCEPT") => Some(End::stated(true, span)),
            Some("DROP" | "REJECT") => Some(End::stated(false, span)),
            Some("-") => None,
            _ => {
                self.problem(span, "a chain without a policy", RemarkKind::Syntax);
                None
            }
        };
        let id = self.chain(name, span);
        let chain = &mut self.device.chains[id.0 as usize];
        chain.span = span;
        chain.end = end.or(if is_built_in(name) { Some(End::implicit(true, span)) } else { None });
    }

    /// The chain of the current table, made when it is first named.
    fn chain(&mut self, name: &str, span: Span) -> ChainId {
        let table = self.tables.last_mut().expect("lines outside of a table are refused");
        if let Some(id) = table.chains.get(name) {
            return *id;
        }
        let end = is_built_in(name).then(|| End::implicit(true, span));
        let id = self.device.add(Chain::new(name, span, end));
        table.chains.insert(name.into(), id);
        id
    }

    fn table_name(&self) -> &str {
        self.tables.last().map_or("", |table| &*table.name)
    }

    fn command(&mut self, words: &[Spanned<Word>], span: Span) {
        // Counters may stand in front: `[12:34] -A …`.
        let words = if words.first().is_some_and(|w| w.value.text.starts_with('[')) { &words[1..] } else { words };
        let Some(command) = words.first() else { return };
        match (&*command.value.text, &words[1..]) {
            ("-A" | "--append", [name, rest @ ..]) => {
                let name = name.value.text.clone();
                let id = self.chain(&name, span);
                let lines = self.lines(rest, span);
                self.device.chains[id.0 as usize].lines.extend(lines);
            }
            ("-I" | "--insert", [name, rest @ ..]) => {
                let name = name.value.text.clone();
                let id = self.chain(&name, span);
                let place = rest.first().and_then(|w| w.value.text.parse::<usize>().ok());
                let rest = if place.is_some() { &rest[1..] } else { rest };
                let new = self.lines(rest, span);
                let lines = &mut self.device.chains[id.0 as usize].lines;
                let at = place.unwrap_or(1).saturating_sub(1).min(lines.len());
                lines.splice(at..at, new);
            }
            ("-P" | "--policy", [name, policy, ..]) => {
                let (name, permits) = (name.value.text.clone(), &*policy.value.text == "ACCEPT");
                let id = self.chain(&name, span);
                self.device.chains[id.0 as usize].end = Some(End::stated(permits, span));
            }
            ("-N" | "--new-chain", [name]) => {
                let name = name.value.text.clone();
                self.chain(&name, span);
            }
            ("-F" | "-X" | "-Z" | "--flush" | "--delete-chain" | "--zero", _) => {}
            ("-A" | "-I" | "-P" | "-N", _) => self.problem(span, "a command without its chain", RemarkKind::Syntax),
            _ => self.problem(command.span, "a word that begins no rule", RemarkKind::Syntax),
        }
    }

    /// Binds the built-in chains to the hooks, in the order in which the kernel asks them.
    fn finish(mut self, last: Span) -> (Device, Vec<Remark>) {
        let hook = |table: &str, chain: &str| {
            self.tables.iter().filter(|t| &*t.name == table).find_map(|t| t.chains.get(chain)).copied().into_iter()
        };
        let listed = |names: &[(&str, &str)]| names.iter().flat_map(|(table, chain)| hook(table, chain)).collect::<Vec<ChainId>>();
        let early = listed(&[("raw", "PREROUTING"), ("mangle", "PREROUTING")]);
        // Both ways: `mangle` POSTROUTING stands in front of the source translation, and sees inner addresses too.
        let forward = listed(&[("mangle", "FORWARD"), ("filter", "FORWARD"), ("security", "FORWARD"), ("mangle", "POSTROUTING")]);
        let input = listed(&[("mangle", "INPUT"), ("filter", "INPUT"), ("security", "INPUT")]);
        let nat = listed(&[("nat", "PREROUTING")]);
        let known = |list: Vec<ChainId>| Field::known_at(list, Span::new(self.base, self.base));
        // What the MX sends passes the same lists as what comes in, early ones with its own address as source.
        self.device.outbound = known(early.iter().chain(&forward).copied().collect());
        self.device.forward = known(forward);
        self.device.input = known(input);
        // `iptables-save -t nat` prints one table: the filter may be in another file.
        if let [alone] = &self.tables[..]
            && &*alone.name == "nat"
        {
            let why = "the file has the table `nat` alone: give vpnlint all that `iptables-save` prints (a device that filters nothing has `*filter` with `:FORWARD ACCEPT`)";
            fragment::leave_filter_undecided(&mut self.device, last, why);
        }
        self.device.early = early;
        self.device.nat = Nat::Chains(nat);
        self.device.replies = Replies::AsEstablished;
        self.mark_unused();
        (self.device, self.problems)
    }

    /// A user chain that no built-in chain leads to is not applied.
    fn mark_unused(&mut self) {
        let chains = &mut self.device.chains;
        let mut open: Vec<usize> = (0..chains.len()).filter(|n| is_built_in(&chains[*n].name)).collect();
        for chain in chains.iter_mut() {
            chain.applied = false;
        }
        while let Some(n) = open.pop() {
            if !std::mem::replace(&mut chains[n].applied, true) {
                open.extend(chains[n].lines.iter().filter_map(|line| match line.action {
                    Action::Jump(id) | Action::Goto(id) => Some(id.0 as usize),
                    _ => None,
                }));
            }
        }
    }
}

fn is_built_in(name: &str) -> bool {
    matches!(name, "PREROUTING" | "INPUT" | "FORWARD" | "OUTPUT" | "POSTROUTING")
}
