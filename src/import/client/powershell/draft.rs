//! What a script says of one connection, command by command.

use std::rc::Rc;

use super::cmdlets::{Bound, Cmdlet, Given, Refusal};
use super::values::{Known, Unknown, Value};
use crate::source::Span;

/// Why a value is not known that only some runs of the script set.
pub const MAY_NOT_RUN: &str = "is set in a part of the script that may not run";

/// What a connection is called.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Called {
    /// By a text, in lower case.
    Text(String),
    /// By a variable whose value is not known.
    Variable(Box<str>),
    /// Otherwise.
    Unknown,
}

/// Parameters by name.
pub type Parameters = Vec<(&'static str, Rc<Value>)>;

/// What a script says of a connection.
pub struct Draft {
    /// The name.
    pub called: Called,
    /// The name's value.
    pub name: Option<Rc<Value>>,
    /// The command that speaks of it first.
    pub head: Span,
    /// Whether that command makes it; else it was there before.
    pub made: bool,
    /// Parameters that are given, with their places.
    pub given: Vec<Given>,
    /// Why parameters that are not given may be.
    pub open: Option<(Span, String)>,
    /// Destinations of routes.
    pub routes: Vec<Rc<Value>>,
    /// Why the routes may be others.
    pub routes_open: Option<(Span, String)>,
    /// What pins the proposals; given and empty: the defaults again.
    pub ipsec: Option<(Span, Parameters)>,
    /// Resolvers, and suffixes that are added to short names.
    pub dns: Parameters,
    /// What the shell refuses.
    pub refused: Vec<Refusal>,
    /// The blocks around it.
    path: Vec<u32>,
}

impl Called {
    /// What a name calls.
    pub fn by(name: Option<&Value>) -> Self {
        match name {
            Some(Value::Text(Known { text, changed: None, .. })) => Self::Text(text.to_lowercase()),
            Some(Value::Unknown(Unknown { variable: Some(variable), .. })) => Self::Variable(variable.clone()),
            _ => Self::Unknown,
        }
    }
}

impl Draft {
    /// A connection that nothing is said of yet, within these blocks.
    pub fn new(head: Span, made: bool, name: Option<Rc<Value>>, called: Called, path: &[u32]) -> Self {
        Self {
            called,
            name,
            head,
            made,
            given: Vec::new(),
            open: None,
            routes: Vec::new(),
            routes_open: None,
            ipsec: None,
            dns: Vec::new(),
            refused: Vec::new(),
            path: path.to_vec(),
        }
    }

    /// Whether it is made within these blocks: what stands in them runs when it does.
    pub fn is_within(&self, path: &[u32]) -> bool {
        self.path.starts_with(path)
    }

    /// Takes a command in that speaks of this connection; `sure` when it runs whenever the connection is made.
    pub fn take(&mut self, cmdlet: &'static Cmdlet, head: Span, bound: &Bound, sure: bool) {
        let unsure = || (head, "is not known: a command that may not run changes it".to_owned());
        match cmdlet.name {
            "Set-VpnConnection" => {
                for given in &bound.given {
                    let known = self.given.iter().position(|g| g.name == given.name);
                    let agrees = known.is_some_and(|n| self.given[n].value.same(&given.value));
                    let value = if sure || agrees { Rc::clone(&given.value) } else { Value::unknown(given.at, MAY_NOT_RUN) };
                    let given = Given { name: given.name, value, at: given.at };
                    match known {
                        Some(n) => self.given[n] = given,
                        None => self.given.push(given),
                    }
                }
                if self.open.is_none() {
                    self.open.clone_from(&bound.open);
                }
            }
            "Add-VpnConnectionRoute" => match bound.get("DestinationPrefix") {
                Some(given) if sure => {
                    self.routes.extend(given.value.items());
                }
                _ => {
                    self.routes_open.get_or_insert_with(|| {
                        (head, "one of the profile's routes is added by a part of the script that may not run".to_owned())
                    });
                }
            },
            "Remove-VpnConnectionRoute" => {
                self.routes_open.get_or_insert((head, "the script removes a route".to_owned()));
            }
            "Set-VpnConnectionIPsecConfiguration" => {
                let given: Vec<_> = bound
                    .given
                    .iter()
                    .map(|g| (g.name, if sure { Rc::clone(&g.value) } else { Value::unknown(g.at, MAY_NOT_RUN) }))
                    .collect();
                self.ipsec = Some((head, given));
            }
            _ => {
                for given in &bound.given {
                    let value = if sure { Rc::clone(&given.value) } else { Value::unknown(given.at, unsure().1) };
                    if matches!(given.name, "DnsIPAddress" | "DnsSuffixSearchList") {
                        self.dns.push((given.name, value));
                    }
                }
            }
        }
    }

    /// What a parameter of `Add-VpnConnection` or `Set-VpnConnection` is given.
    pub fn get(&self, name: &str) -> Option<&Rc<Value>> {
        self.given.iter().find(|g| g.name == name).map(|g| &g.value)
    }

    /// Where it is given.
    pub fn place(&self, name: &str) -> Option<Span> {
        self.given.iter().find(|g| g.name == name).map(|g| g.at)
    }
}
