//! Routing tables as programs print them. A row is told by its shape, for headings are in the system's language.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::{Hop, Row, Rows};
use crate::source::{Span, Spanned};

/// More than one table decides.
pub const POLICY: &str = "the host has several routing tables, and which one its answers meet is not known";
/// `blackhole` and the like.
pub const REFUSED: &str = "a route of the resource refuses what it is about";
/// A route with several ways.
pub const SEVERAL: &str = "a route of the resource has several gateways, which take turns";

type Word<'t> = Spanned<&'t str>;

/// The kinds of tables.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `Destination Gateway Genmask Flags Metric Ref Use Iface` or `… MSS Window irtt Iface`.
    Linux { metric: bool },
    /// `Destination Gateway Flags Netif`.
    Bsd,
    /// Windows, and `ip route`: rows tell themselves apart.
    Free,
}

/// Whether a text is a routing table.
pub fn is_table(text: &str) -> bool {
    let head = crate::import::host::head(text);
    let lines = || head.lines().map(str::trim).filter(|line| !line.is_empty()).take(200);
    if lines().any(|line| header(line).is_some()) {
        return true;
    }
    let mut rows = 0;
    for line in lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let windows = windows_shape(&words);
        let linux = words.first().is_some_and(|w| destination(w).is_some()) && words.contains(&"dev") && !line.contains("-A ");
        rows += usize::from(windows || linux);
    }
    rows > 0
}

/// The kind of table that a line is the heading of.
fn header(line: &str) -> Option<Kind> {
    let mut words = line.split_whitespace();
    let start = (words.next()?, words.next()?, words.next()?);
    match start {
        ("Destination", "Gateway", "Genmask") => Some(Kind::Linux { metric: line.contains("Metric") }),
        ("Destination", "Gateway", "Flags") => Some(Kind::Bsd),
        _ => None,
    }
}

/// Address, mask, something, address, number: a row of `route print`.
fn windows_shape(words: &[&str]) -> bool {
    let n = words.len();
    n >= 5
        && words[0].parse::<Ipv4Addr>().is_ok()
        && words[1].parse::<Ipv4Addr>().is_ok()
        && words[n - 2].parse::<Ipv4Addr>().is_ok()
        && words[n - 1].bytes().all(|b| b.is_ascii_digit())
}

/// `default`, an address, or a prefix, which BSD shortens: `10.8/16`, `192.168.10`.
pub fn destination(text: &str) -> Option<Ipv4Net> {
    if text == "default" {
        return Some(Ipv4Net::default());
    }
    let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
    let octets: Vec<u8> = address.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
    if octets.len() > 4 || octets.is_empty() || (octets.len() == 1 && bits.is_none() && octets[0] == 0) {
        return None;
    }
    let mut whole = [0; 4];
    whole[..octets.len()].copy_from_slice(&octets);
    let bits = match bits {
        Some(bits) => bits.parse().ok()?,
        None => octets.len() as u8 * 8,
    };
    Some(Ipv4Net::new(whole.into(), bits).ok()?.trunc())
}

/// Reads a table.
pub fn rows(text: &str, base: u32) -> Rows {
    let (mut rows, mut kind, mut at) = (Rows::default(), Kind::Free, base);
    for raw in text.split_inclusive('\n') {
        let line = raw.trim_end();
        let words = split(line, at);
        let span = Span::new(at + (line.len() - line.trim_start().len()) as u32, at + line.len() as u32);
        at += raw.len() as u32;
        if let Some(found) = header(line) {
            kind = found;
            continue;
        }
        // A heading of IPv6's part, or an empty line, ends a table of macOS.
        if matches!(line.trim(), "Internet6:" | "Internet:") {
            kind = Kind::Free;
            continue;
        }
        let texts: Vec<&str> = words.iter().map(|w| w.value).collect();
        if windows_shape(&texts) && kind == Kind::Free {
            windows(&words, span, &mut rows);
        } else {
            match kind {
                Kind::Linux { metric } => linux(&words, metric, span, &mut rows),
                Kind::Bsd => bsd(&words, span, &mut rows),
                Kind::Free => ip(&words, span, &mut rows),
            }
        }
    }
    rows
}

fn split(line: &str, base: u32) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut at = 0;
    // More words than a row of any program has are no row.
    for word in line.split_whitespace().take(64) {
        let start = at + line[at..].find(word).unwrap_or(0);
        at = start + word.len();
        words.push(Spanned::new(word, Span::new(base + start as u32, base + at as u32)));
    }
    words
}

fn masked(address: &str, mask: &str) -> Option<Ipv4Net> {
    Some(Ipv4Net::with_netmask(address.parse().ok()?, mask.parse().ok()?).ok()?.trunc())
}

fn windows(words: &[Word<'_>], span: Span, rows: &mut Rows) {
    let Some(destination) = masked(words[0].value, words[1].value) else { return };
    let n = words.len();
    let gateway = &words[2..n - 2];
    let (Some(first), Some(last)) = (gateway.first(), gateway.last()) else { return };
    // `On-link` in any language.
    let hop = first.value.parse().map_or(Hop::Link, Hop::Gateway);
    let own: Option<Ipv4Addr> = words[n - 2].value.parse().ok();
    let interface = own.map(|ip| ip.to_string());
    rows.rows.push(Row {
        destination,
        hop,
        metric: words[n - 1].value.parse().ok(),
        interface,
        address: own,
        span,
        gateway_span: first.span.to(last.span),
    });
}

fn linux(words: &[Word<'_>], metric: bool, span: Span, rows: &mut Rows) {
    let [to, gateway, mask, flags, rest @ ..] = words else { return };
    let address = if to.value == "default" { "0.0.0.0" } else { to.value };
    let Some(destination) = masked(address, mask.value) else {
        // A name in place of an address: `route` without `-n`.
        if mask.value.parse::<Ipv4Addr>().is_ok() {
            rows.doubt.get_or_insert((to.span, "a route's destination is shown as a name: print the table with `-n`"));
        }
        return;
    };
    let hop = match gateway.value.parse::<Ipv4Addr>() {
        _ if flags.value.contains('!') => Hop::Unknown(REFUSED),
        Ok(ip) if ip.is_unspecified() => Hop::Link,
        Ok(ip) => Hop::Gateway(ip),
        Err(_) if gateway.value == "*" => Hop::Link,
        Err(_) => Hop::Unknown("a route's gateway is shown as a name: print the table with `-n`"),
    };
    let metric = rest.first().filter(|_| metric).and_then(|w| w.value.parse().ok());
    let interface = rest.last().map(|w| w.value.to_owned());
    rows.rows.push(Row { destination, hop, metric, interface, address: None, span, gateway_span: gateway.span });
}

/// A row of macOS or BSD. Routes that only packets of one card's sockets take (`I`) are passed over.
fn bsd(words: &[Word<'_>], span: Span, rows: &mut Rows) {
    let [to, gateway, flags, rest @ ..] = words else { return };
    if flags.value.contains('I') || !flags.value.contains('U') {
        return;
    }
    let host = flags.value.contains('H') && !to.value.contains('/');
    let Some(destination) = destination(to.value).filter(|_| !host || to.value.matches('.').count() == 3) else { return };
    let hop = match gateway.value.parse::<Ipv4Addr>() {
        _ if flags.value.contains(['R', 'B']) => Hop::Unknown(REFUSED),
        Ok(ip) if flags.value.contains('G') => Hop::Gateway(ip),
        Ok(_) => Hop::Link,
        Err(_) if flags.value.contains('G') => Hop::Unknown("a route's gateway is no IPv4 address: print the table with `-n`"),
        Err(_) => Hop::Link,
    };
    let interface = rest.iter().map(|w| w.value).find(|w| w.bytes().any(|b| b.is_ascii_alphabetic())).map(str::to_owned);
    rows.rows.push(Row { destination, hop, metric: None, interface, address: None, span, gateway_span: gateway.span });
}

/// A row of `ip route`.
fn ip(words: &[Word<'_>], span: Span, rows: &mut Rows) {
    let Some(first) = words.first() else { return };
    if first.value == "nexthop" {
        if let Some(last) = rows.rows.last_mut() {
            last.hop = Hop::Unknown(SEVERAL);
        }
        return;
    }
    let refused = matches!(first.value, "blackhole" | "unreachable" | "prohibit" | "throw");
    if matches!(first.value, "local" | "broadcast" | "multicast" | "anycast" | "nat") {
        return;
    }
    let (to, rest) = if refused || first.value == "unicast" {
        let Some((to, rest)) = words[1..].split_first() else { return };
        (to, rest)
    } else {
        (first, &words[1..])
    };
    let Some(destination) = destination(to.value) else { return };
    let after = |name: &str| rest.iter().position(|w| w.value == name).and_then(|n| rest.get(n + 1));
    if !refused && after("dev").is_none() && after("via").is_none() && !rest.is_empty() {
        return;
    }
    if after("table").is_some_and(|table| !matches!(table.value, "main" | "default" | "local")) {
        rows.doubt.get_or_insert((span, POLICY));
        return;
    }
    if rest.iter().any(|w| w.value == "dead") {
        return;
    }
    let via = after("via");
    let hop = match via.map(|w| w.value.parse::<Ipv4Addr>()) {
        _ if refused => Hop::Unknown(REFUSED),
        None if rest.is_empty() => Hop::Unknown(SEVERAL),
        None => Hop::Link,
        Some(Ok(ip)) => Hop::Gateway(ip),
        Some(Err(_)) => Hop::Unknown("a route's gateway is no IPv4 address"),
    };
    let metric = after("metric").map_or(Some(0), |w| w.value.parse().ok());
    let (interface, address) = (after("dev").map(|w| w.value.to_owned()), after("src").and_then(|w| w.value.parse().ok()));
    let gateway_span = via.map_or(to.span, |w| w.span);
    rows.rows.push(Row { destination, hop, metric, interface, address, span, gateway_span });
}
