//! The JSON form, `nft -j list ruleset`: libnftables-json(5).

use super::ruleset::{Hook, Key, Kind, MapOf, Named, New, Pairs, Rule, Ruleset, Statement, Value, Verdict, bound};
use crate::import::upstream::{Remark, RemarkKind};
use crate::source::Span;
use crate::tree::{self, Node};

const UNREAD: &str = "the rule has a part that is not understood";

/// Reads a whole document.
pub(super) fn read(text: &str, base: u32, remarks: &mut Vec<Remark>) -> Ruleset {
    let parsed = tree::json::parse(text, base, false);
    let mut remark = |span, message: &str, kind| remarks.push(Remark { span, message: message.into(), kind });
    for error in &parsed.errors {
        remark(error.span, &error.message, RemarkKind::Syntax);
    }
    let mut ruleset = Ruleset::default();
    let Some(root) = &parsed.root else { return ruleset };
    let Some(objects) = root.get("nftables").and_then(|e| e.value.items()) else {
        remark(root.head, "there is no list `nftables`", RemarkKind::Syntax);
        return ruleset;
    };
    for object in objects {
        // Commands wrap an object: `{"add": {"rule": …}}`.
        let added = object.get("add").or_else(|| object.get("create"));
        let object = added.map_or(object, |entry| &entry.value);
        let Some(entry) = object.entries().and_then(<[_]>::first) else { continue };
        let node = &entry.value;
        let (family, table) = (string(node, "family").unwrap_or("ip"), string(node, "table"));
        let name = string(node, "name");
        match (&*entry.key, table, name) {
            ("metainfo", ..) => {}
            ("table", _, Some(name)) => {
                let dormant = node.get("flags").is_some_and(|e| words(&e.value).contains(&"dormant"));
                ruleset.table(family, name).dormant = dormant;
            }
            ("chain", Some(table), Some(name)) => {
                let chain = ruleset.table(family, table).chain(name, entry.key_span);
                chain.span = entry.key_span;
                chain.drops = node.get("policy").filter(|e| e.value.text() == Some("drop")).map(|e| e.key_span.to(e.value.span));
                chain.hook = string(node, "hook").map(|hook| Hook {
                    kind: string(node, "type").unwrap_or("filter").into(),
                    point: hook.into(),
                    device: node.get("dev").map(|e| e.value.text().unwrap_or("*").into()),
                    priority: node.get("prio").and_then(|e| number(&e.value)).and_then(|n| n.try_into().ok()),
                });
            }
            ("rule", Some(table), _) => {
                let Some(chain) = string(node, "chain") else {
                    remark(entry.key_span, "a rule without its chain", RemarkKind::Syntax);
                    continue;
                };
                let rule = rule(node, entry.key_span, &mut remark);
                ruleset.table(family, table).chain(chain, entry.key_span).rules.push(rule);
            }
            ("set" | "map" | "element", Some(table), Some(name)) => {
                let named = ruleset.table(family, table).sets.entry(name.into()).or_default();
                named.changes |= node.get("timeout").is_some();
                if let Some(flags) = node.get("flags") {
                    named.changes |= words(&flags.value).iter().any(|flag| matches!(*flag, "dynamic" | "timeout"));
                }
                if let Some(all) = node.get("elem") {
                    elements(&all.value, named);
                }
            }
            ("flush", ..) if node.get("ruleset").is_some() => ruleset.tables.clear(),
            ("counter" | "quota" | "limit" | "flowtable" | "ct helper" | "ct timeout" | "ct expectation" | "secmark" | "synproxy", ..) => {}
            _ => remark(entry.key_span, "this object is not followed", RemarkKind::Elsewhere),
        }
    }
    ruleset
}

fn string<'n>(node: &'n Node<'_>, key: &str) -> Option<&'n str> {
    node.get(key)?.value.text()
}

fn number(node: &Node<'_>) -> Option<i64> {
    match node.kind {
        tree::Kind::Int(number) => Some(number),
        _ => None,
    }
}

fn words<'n>(node: &'n Node<'_>) -> Vec<&'n str> {
    match node.text() {
        Some(one) => vec![one],
        None => node.items().unwrap_or_default().iter().filter_map(Node::text).collect(),
    }
}

fn rule(node: &Node<'_>, key: Span, remark: &mut impl FnMut(Span, &str, RemarkKind)) -> Rule {
    let all = node.get("expr").map(|e| &e.value);
    let mut statements = Vec::new();
    for one in all.and_then(|all| all.items()).unwrap_or_default() {
        let read = one.entries().and_then(<[_]>::first).and_then(|entry| statement(&entry.key, &entry.value));
        let statement = read.unwrap_or_else(|| {
            remark(one.head, "this part of the rule is not understood", RemarkKind::Unknown);
            Statement::Anything(UNREAD)
        });
        statements.push((one.span, statement));
    }
    Rule { span: all.map_or(key, |all| all.span), statements }
}

fn statement(name: &str, node: &Node<'_>) -> Option<Statement> {
    let verdict = verdict(name, node);
    if let Some(verdict) = verdict {
        return Some(Statement::Verdict(verdict));
    }
    Some(match name {
        "match" => {
            let left = &node.get("left")?.value;
            let op = string(node, "op")?;
            let right = &node.get("right")?.value;
            let mut read = value(right);
            let keys = match keys(left) {
                Some(keys) => keys,
                // A part of a field behind a mask.
                None => {
                    let masked = left.get("&").and_then(|e| e.value.items()).and_then(<[_]>::first).and_then(keys);
                    read.kind = Kind::Opaque("the line has a condition that is not followed");
                    masked?
                }
            };
            let compared = match op {
                "<" | "<=" => Some('<'),
                ">" | ">=" => Some('>'),
                "==" | "!=" | "in" => None,
                _ => return None,
            };
            if let (Some(sign), Kind::Item(text)) = (compared, &mut read.kind) {
                *text = bound(text, sign, op.len() == 2)?.into();
            }
            Statement::Match { keys, negated: op == "!=", value: read }
        }
        "vmap" => {
            let data = &node.get("data")?.value;
            Statement::Vmap(keys(&node.get("key")?.value)?, map(data, |named| named.to_verdicts)?)
        }
        "reject" => Statement::Verdict(Verdict::Drop),
        "dnat" => {
            let port = node.get("port").map(|e| value(&e.value));
            let address = match node.get("addr").map(|e| &e.value) {
                None => None,
                Some(from) => match from.get("map") {
                    None => Some(New::Value(value(from))),
                    Some(used) => {
                        let data = &used.value.get("data")?.value;
                        Some(New::Map(keys(&used.value.get("key")?.value)?, map(data, |named| named.to_values)?))
                    }
                },
            };
            Statement::Dnat { address, port }
        }
        "redirect" => Statement::Redirect { port: node.get("port").map(|e| value(&e.value)) },
        "limit" | "quota" | "meter" | "ct count" => Statement::Condition("the line depends on what came before"),
        "set" | "map" => {
            let depends = node.get("stmt").is_some();
            if depends { Statement::Condition("the line depends on what came before") } else { Statement::Nothing }
        }
        "mangle" => {
            let harmless = node.get("key").is_some_and(|key| key.value.get("payload").is_none());
            if harmless { Statement::Nothing } else { Statement::Anything("the line rewrites a part of the packet") }
        }
        "notrack" => Statement::Anything("the line takes packets out of connection tracking"),
        "xt" => Statement::Anything("the rule has a part of iptables that nft does not show"),
        "counter" | "log" | "comment" | "snat" | "masquerade" | "ct helper" | "ct timeout" | "ct expectation" | "flow" | "secmark" => {
            Statement::Nothing
        }
        _ => return None,
    })
}

fn verdict(name: &str, node: &Node<'_>) -> Option<Verdict> {
    Some(match name {
        "accept" => Verdict::Accept,
        "drop" => Verdict::Drop,
        "return" => Verdict::Return,
        "continue" => Verdict::Continue,
        "queue" => Verdict::Queue,
        "jump" => Verdict::Jump(string(node, "target")?.into()),
        "goto" => Verdict::Goto(string(node, "target")?.into()),
        _ => return None,
    })
}

fn keys(node: &Node<'_>) -> Option<Vec<Key>> {
    match node.get("concat") {
        Some(parts) => parts.value.items()?.iter().map(key).collect(),
        None => Some(vec![key(node)?]),
    }
}

fn key(node: &Node<'_>) -> Option<Key> {
    let entry = node.entries()?.first()?;
    let of = |name: &str| entry.value.get(name).and_then(|e| e.value.text());
    let said: Vec<&str> = match &*entry.key {
        "payload" => vec![of("protocol")?, of("field")?],
        "meta" => vec![of("key")?],
        "ct" => std::iter::once("ct").chain(of("dir")).chain(of("key")).collect(),
        "fib" => {
            let flags = entry.value.get("flags").map(|e| words(&e.value)).unwrap_or_default();
            std::iter::once("fib").chain(flags).chain(of("result")).collect()
        }
        "tcp option" | "ip option" | "exthdr" | "rt" | "socket" | "osf" | "ipsec" | "sctp chunk" => {
            vec![entry.key.split(' ').next()?, "option"]
        }
        _ => return None,
    };
    Some(Key { span: node.span, words: said.into_iter().map(Into::into).collect() })
}

/// The text of a leaf, as the text form writes it.
fn leaf(node: &Node<'_>) -> Option<String> {
    if let Some(text) = node.text() {
        return Some(text.into());
    }
    if let Some(number) = number(node) {
        return Some(number.to_string());
    }
    if let Some(range) = node.get("range") {
        let [first, last] = range.value.items()? else { return None };
        return Some(format!("{}-{}", leaf(first)?, leaf(last)?));
    }
    let prefix = &node.get("prefix")?.value;
    Some(format!("{}/{}", leaf(&prefix.get("addr")?.value)?, number(&prefix.get("len")?.value)?))
}

fn value(node: &Node<'_>) -> Value {
    let opaque = Kind::Opaque("the line has a condition that is not followed");
    let kind = if let Some(text) = leaf(node) {
        match text.strip_prefix('@') {
            Some(name) => Kind::Named(name.into()),
            None => Kind::Item(text.into()),
        }
    } else if let Some(all) = node.items().or_else(|| node.get("set")?.value.items()) {
        Kind::Set(all.iter().map(value).collect())
    } else if let Some(parts) = node.get("concat").and_then(|e| e.value.items()) {
        Kind::Tuple(parts.iter().map(value).collect())
    } else if let Some(inner) = node.get("elem") {
        return inner.value.get("val").map_or(Value { span: node.span, kind: opaque }, |val| value(&val.value));
    } else if let Some(one) = node.get("set") {
        return value(&one.value);
    } else {
        opaque
    };
    Value { span: node.span, kind }
}

fn elements(all: &Node<'_>, named: &mut Named) {
    for one in all.items().unwrap_or_default() {
        match one.items() {
            Some([from, to]) => {
                let said = to.entries().and_then(<[_]>::first).and_then(|entry| verdict(&entry.key, &entry.value));
                match said {
                    Some(verdict) => named.to_verdicts.push((value(from), verdict)),
                    None => named.to_values.push((value(from), value(to))),
                }
            }
            _ => named.members.push(value(one)),
        }
    }
}

fn map<T>(data: &Node<'_>, pick: impl FnOnce(Named) -> Pairs<T>) -> Option<MapOf<T>> {
    if let Some(name) = data.text() {
        return Some(MapOf::Named(name.strip_prefix('@')?.into()));
    }
    let mut named = Named::default();
    elements(&data.get("set")?.value, &mut named);
    Some(MapOf::Here(pick(named)))
}
