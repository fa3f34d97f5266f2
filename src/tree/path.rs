//! Where in a tree a place is: `clients[sales].pre_shared_key`. Items of lists are named where they name themselves, so that a path outlives a new order.

use super::{Kind, Node};
use crate::source::Span;

/// Keys by which an item of a list names itself.
const NAMES: &[&str] =
    &["name", "interface", "email", "vlan_id", "host", "id", "site", "local_subnet", "localSubnet", "public_ip", "publicIp"];

/// The path of the smallest value, or key, that holds `span`; empty when none does.
pub fn path_of(root: &Node<'_>, span: Span) -> String {
    let mut best = (u32::MAX, String::new());
    visit(root, span, "", &mut best);
    best.1
}

fn offer(place: Span, span: Span, path: &str, best: &mut (u32, String)) {
    if place.holds(span) && place.len() <= best.0 {
        *best = (place.len(), path.to_owned());
    }
}

fn visit(node: &Node<'_>, span: Span, path: &str, best: &mut (u32, String)) {
    match &node.kind {
        Kind::Map(entries) => {
            for entry in entries {
                let path = if path.is_empty() { entry.key.to_string() } else { format!("{path}.{}", entry.key) };
                offer(entry.key_span, span, &path, best);
                offer(entry.value.span, span, &path, best);
                visit(&entry.value, span, &path, best);
            }
        }
        Kind::Seq(items) => {
            for (n, item) in items.iter().enumerate() {
                let path = format!("{path}[{}]", name(item).unwrap_or_else(|| n.to_string()));
                offer(item.span, span, &path, best);
                offer(item.head, span, &path, best);
                visit(item, span, &path, best);
            }
        }
        _ => {}
    }
}

fn name(item: &Node<'_>) -> Option<String> {
    NAMES.iter().find_map(|key| match &item.get(key)?.value.kind {
        Kind::Str(text) => Some(text.to_string()),
        Kind::Int(n) => Some(n.to_string()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_called_by_their_names() {
        let text = "a = 1\n[[clients]]\nname = \"x\"\npre_shared_key = { env = \"V\" }\n[[clients]]\nports = [1, 22]\n";
        let parsed = super::super::toml::parse(text, 0);
        let root = parsed.root.expect("a tree");
        let path = |part: &str| {
            let at = text.find(part).expect("the part") as u32;
            path_of(&root, Span::new(at, at + part.len() as u32))
        };
        assert_eq!(path("1\n"), "");
        assert_eq!(path("\"x\""), "clients[x].name");
        assert_eq!(path("pre_shared_key"), "clients[x].pre_shared_key");
        assert_eq!(path("\"V\""), "clients[x].pre_shared_key.env");
        assert_eq!(path("22"), "clients[1].ports[1]");
    }
}
