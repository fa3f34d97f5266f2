//! The names of WAN ports in a site file: one spelling for what people and the API write, and nothing said twice.

use std::collections::BTreeMap;

use crate::import::Ledger;
use crate::model::{Field, Mx};
use crate::source::{Problem, ProblemKind, Span};

/// `wan1` for `WAN 1`, `internet1` and the like; `None`: no port of an MX.
fn port(name: &str) -> Option<String> {
    let folded: String = name.chars().filter(|c| !matches!(c, ' ' | '-' | '_')).flat_map(char::to_lowercase).collect();
    let number = folded.strip_prefix("wan").or_else(|| folded.strip_prefix("internet"));
    match number {
        Some("1" | "2" | "3" | "4") => number.map(|n| format!("wan{n}")),
        _ => (folded == "cellular").then_some(folded),
    }
}

/// Gives the name of a WAN port its usual spelling; another name is an invalid value.
pub fn name(field: &mut Field<String>, ledger: &mut Ledger) {
    let Field::Known(stated) = field else { return };
    if let Some(port) = port(&stated.value) {
        stated.value = port;
        return;
    }
    let span = stated.span;
    let problem = Problem::new(ProblemKind::InvalidValue, span, "this names no uplink of an MX", "no uplink's name");
    invalid(problem.help("`wan1`, `wan2` or `cellular`"), ledger);
    *field = Field::opaque_at(span, "the name of an uplink is not valid");
}

/// Gives every port of the MX its usual name, and tells what is described twice.
pub fn of(mx: &mut Mx, ledger: &mut Ledger) {
    name(&mut mx.primary_uplink, ledger);
    if let Field::Known(uplinks) = &mut mx.uplinks {
        uplinks.value.iter_mut().for_each(|u| name(&mut u.value.interface, ledger));
    }
    if let Field::Known(pair) = &mut mx.warm_spare
        && let Field::Known(spares) = &mut pair.value.spare_uplinks
    {
        spares.value.iter_mut().for_each(|u| name(&mut u.value.interface, ledger));
        once(spares.value.iter().map(|u| &u.value.interface), "the spare's uplink", ledger);
    }
    once(mx.group_policies.items().iter().map(|p| &p.value.name), "the group policy", ledger);
}

/// Two descriptions of one thing contradict each other, or are one too many.
fn once<'a>(names: impl Iterator<Item = &'a Field<String>>, what: &str, ledger: &mut Ledger) {
    let mut first: BTreeMap<&str, Span> = BTreeMap::new();
    for name in names.filter_map(|n| n.known()) {
        match first.get(name.value.as_str()) {
            None => {
                first.insert(&name.value, name.span);
            }
            Some(earlier) => {
                let shown = crate::source::clip(&name.value, 60).into_owned();
                let problem =
                    Problem::new(ProblemKind::InvalidValue, name.span, format!("{what} `{shown}` is described twice"), "here again");
                invalid(problem.related(*earlier, "first here").help("keep one of the two, with what is true of both"), ledger);
            }
        }
    }
}

fn invalid(problem: Problem, ledger: &mut Ledger) {
    ledger.gap(problem.span, "a value of the site file is not valid");
    ledger.problems.push(problem);
}

#[cfg(test)]
mod tests {
    use super::port;

    #[test]
    fn every_spelling_of_a_port_is_one_name() {
        for text in ["wan1", "WAN1", "WAN 1", "wan-1", "internet1", "Internet 1"] {
            assert_eq!(port(text).as_deref(), Some("wan1"), "{text}");
        }
        assert_eq!(port("Cellular").as_deref(), Some("cellular"));
        for text in ["", "wan", "wan0", "wan11", "lan1", "port 1", "both"] {
            assert_eq!(port(text), None, "{text}");
        }
    }
}
