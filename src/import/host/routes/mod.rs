//! A host's routing table: `route print` of Windows, `netstat -nr` and `route -n` of macOS, BSD and Linux, `ip route` as text and JSON, `Get-NetRoute` as JSON.
//!
//! Of several routes to one destination the one with the lowest metric counts, where the table states metrics. IPv6 is passed over. Sources: the programs' own manuals
//! (route(8), netstat(1), netstat(8), ip-route(8)), Microsoft's pages of `route` and `Get-NetRoute`.

mod text;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::import::Notes;
use crate::import::meraki::Obj;
use crate::model::{Field, Interface, Route};
use crate::source::{Problem, ProblemKind, Span, Spanned};
use crate::tree::{Kind, Node, json};

pub use text::is_table;

/// Where a route leads.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Hop {
    Gateway(Ipv4Addr),
    /// The link itself.
    Link,
    /// Not to be told, for this reason.
    Unknown(&'static str),
}

/// One route as the table shows it.
struct Row {
    destination: Ipv4Net,
    hop: Hop,
    metric: Option<u64>,
    /// What the table calls the interface: a name, or Windows' own address of it.
    interface: Option<String>,
    /// The host's own address on it.
    address: Option<Ipv4Addr>,
    span: Span,
    gateway_span: Span,
}

/// What a table says.
#[derive(Default)]
pub struct Table {
    /// Routes that count.
    pub routes: Vec<Spanned<Route>>,
    /// Cards with an address, where the table names these.
    pub interfaces: Vec<Spanned<Interface>>,
    /// Why the table does not decide alone.
    pub doubt: Option<(Span, &'static str)>,
}

/// What readers collect.
#[derive(Default)]
struct Rows {
    rows: Vec<Row>,
    doubt: Option<(Span, &'static str)>,
}

/// Whether a JSON text holds routes.
pub fn is_json(text: &str) -> bool {
    let head = crate::import::host::head(text);
    head.contains("\"DestinationPrefix\"") && head.contains("\"NextHop\"")
        || head.contains("\"dst\"") && head.contains("\"dev\"") && head.contains("\"flags\"")
}

/// Reads a table.
pub fn read(text: &str, base: u32) -> (Table, Notes) {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let mut notes = Notes::default();
    let rows = if start.starts_with(['[', '{']) {
        let parsed = json::parse(text, base, false);
        notes.problems.extend(
            parsed.errors.into_iter().map(|e| Problem::new(ProblemKind::Syntax, e.span, e.message, "here").help("export it again")),
        );
        parsed.root.as_ref().map_or_else(Rows::default, objects)
    } else {
        text::rows(text, base)
    };
    (rows.table(), notes)
}

fn objects(root: &Node<'_>) -> Rows {
    let mut rows = Rows::default();
    let list = root.get("value").map_or(root, |e| &e.value);
    for node in list.items().unwrap_or(std::slice::from_ref(list)) {
        let Some(entries) = node.entries() else { continue };
        let o = Obj(entries);
        if o.has("DestinationPrefix") {
            net_route(o, node, &mut rows);
        } else if o.has("dst") {
            ip_route(o, node, &mut rows);
        }
    }
    rows
}

fn number(o: Obj<'_, '_>, name: &str) -> Option<u64> {
    match &o.get(name)?.kind {
        Kind::Int(n) => u64::try_from(*n).ok(),
        Kind::Str(s) => s.trim().parse().ok(),
        _ => None,
    }
}

/// One of `Get-NetRoute`; the metric that counts is the sum of the route's and the interface's.
fn net_route(o: Obj<'_, '_>, node: &Node<'_>, rows: &mut Rows) {
    let Some(destination) = o.peek("DestinationPrefix").and_then(|d| d.parse::<Ipv4Net>().ok()) else { return };
    let hop = match o.peek("NextHop").map(str::parse::<Ipv4Addr>) {
        Some(Ok(ip)) if ip.is_unspecified() => Hop::Link,
        Some(Ok(ip)) => Hop::Gateway(ip),
        _ => Hop::Unknown("a route's next hop is not understood"),
    };
    let metric = number(o, "RouteMetric").zip(number(o, "InterfaceMetric")).map(|(a, b)| a + b);
    let interface = o.peek("InterfaceAlias").map(str::to_owned).or_else(|| number(o, "ifIndex|InterfaceIndex").map(|n| n.to_string()));
    let place = |name: &str| o.get(name).map_or(node.head, |n| n.span);
    // A host's own address is a route of 32 bits to the link, as its broadcast is: not told apart here.
    rows.rows.push(Row {
        destination,
        hop,
        metric,
        interface,
        address: None,
        span: place("DestinationPrefix"),
        gateway_span: place("NextHop"),
    });
}

/// One of `ip -j route`.
fn ip_route(o: Obj<'_, '_>, node: &Node<'_>, rows: &mut Rows) {
    let place = |name: &str| o.get(name).map_or(node.head, |n| n.span);
    let span = place("dst");
    if o.peek("table").is_some_and(|table| !matches!(table, "main" | "local" | "default")) {
        rows.doubt.get_or_insert((span, text::POLICY));
        return;
    }
    let kind = o.peek("type").unwrap_or("unicast");
    if matches!(kind, "local" | "broadcast" | "multicast" | "anycast") || o.peek("table") == Some("local") {
        return;
    }
    let Some(destination) = o.peek("dst").and_then(text::destination) else { return };
    let gateway = o.peek("gateway").or_else(|| o.object("via").and_then(|v| v.peek("host")));
    let hop = match gateway.map(str::parse::<Ipv4Addr>) {
        _ if kind != "unicast" => Hop::Unknown(text::REFUSED),
        _ if o.get("nexthops").is_some() => Hop::Unknown(text::SEVERAL),
        Some(Ok(ip)) => Hop::Gateway(ip),
        Some(Err(_)) => Hop::Unknown("a route's gateway is no IPv4 address"),
        None => Hop::Link,
    };
    let (interface, address) = (o.peek("dev").map(str::to_owned), o.peek("prefsrc").and_then(|ip| ip.parse().ok()));
    rows.rows.push(Row {
        destination,
        hop,
        metric: Some(number(o, "metric").unwrap_or(0)),
        interface,
        address,
        span,
        gateway_span: place("gateway"),
    });
}

impl Rows {
    fn table(self) -> Table {
        let interfaces = self.interfaces();
        let mut best: BTreeMap<Ipv4Net, Option<u64>> = BTreeMap::new();
        for row in &self.rows {
            let lowest = best.entry(row.destination).or_insert(row.metric);
            *lowest = lowest.zip(row.metric).map(|(a, b)| a.min(b));
        }
        let counts = |row: &Row| best.get(&row.destination).copied().flatten().is_none_or(|lowest| row.metric == Some(lowest));
        let routes = self.rows.iter().filter(|row| counts(row)).map(|row| {
            let gateway = match &row.hop {
                Hop::Gateway(ip) => Field::known_at(*ip, row.gateway_span),
                Hop::Link => Field::opaque_at(row.gateway_span, "a route of the resource leads to a link, without a gateway"),
                Hop::Unknown(why) => Field::opaque_at(row.gateway_span, *why),
            };
            Spanned::new(Route { destination: Field::known_at(row.destination, row.span), gateway }, row.span)
        });
        Table { routes: routes.collect(), interfaces, doubt: self.doubt }
    }

    /// The cards that have an address in the table, each with the gateway of its default route.
    fn interfaces(&self) -> Vec<Spanned<Interface>> {
        let mut all: Vec<(&str, Interface, Span)> = Vec::new();
        let mut known: BTreeMap<&str, usize> = BTreeMap::new();
        for row in &self.rows {
            let (Some(name), Some(ip)) = (row.interface.as_deref(), row.address) else { continue };
            if ip.is_loopback() || ip.is_link_local() || ip.is_unspecified() || known.contains_key(name) {
                continue;
            }
            known.insert(name, all.len());
            let card = Interface { name: Field::Absent, ip: Field::known_at(ip, row.span), gateway: Field::Absent };
            all.push((name, card, row.span));
        }
        for row in self.rows.iter().filter(|row| row.destination.prefix_len() == 0) {
            let Some(n) = row.interface.as_deref().and_then(|name| known.get(name)) else { continue };
            if let (Hop::Gateway(ip), true) = (&row.hop, all[*n].1.gateway.is_absent()) {
                all[*n].1.gateway = Field::known_at(*ip, row.gateway_span);
            }
        }
        all.into_iter()
            .map(|(name, mut card, span)| {
                if name.parse::<Ipv4Addr>().is_err() {
                    card.name = Field::known_at(name.to_owned(), span);
                }
                Spanned::new(card, span)
            })
            .collect()
    }
}
