//! Random rule sets as `nft -f` reads them.

use std::fmt::Write as _;

use crate::dice::Dice;
use crate::{DESTINATIONS, PORTS, SOURCES};

const USER_CHAINS: &[&str] = &["alpha", "beta", "gamma"];

/// Where a chain stands.
#[derive(Clone, Copy)]
struct Hook {
    point: &'static str,
    forwards: bool,
    /// In a table for IPv4 only.
    v4: bool,
    maps: bool,
}

/// One to three tables with chains at several hooks and priorities.
pub fn rule_set(dice: &mut Dice) -> String {
    let mut out = String::from("#!/usr/sbin/nft -f\nflush ruleset\n\ndefine mx = 192.168.1.4\ndefine vpn = { 500, 4500 }\n\n");
    for n in 0..=dice.below(3) {
        table(dice, &mut out, n);
    }
    out
}

fn table(dice: &mut Dice, out: &mut String, n: usize) {
    let v4 = dice.once_in(2);
    let maps = dice.once_in(2);
    writeln!(out, "table {} t{n} {{", if v4 { "ip" } else { "inet" }).unwrap();
    out.push_str("\tset near { type ipv4_addr; flags interval; elements = { 198.51.100.0/25, 10.0.0.0/8 }; }\n");
    out.push_str("\tset ike {\n\t\ttype inet_service\n\t\telements = { 500,\n\t\t\t     4500 }\n\t}\n");
    if maps {
        out.push_str("\tmap hosts { type inet_service : ipv4_addr; elements = { 500 : 192.168.1.4, 1701 : 192.168.1.5 }; }\n");
    }
    let users = &USER_CHAINS[..dice.below(USER_CHAINS.len() + 1)];
    // A chain must stand in front of those that call it.
    for (i, user) in users.iter().enumerate().rev() {
        writeln!(out, "\tchain {user} {{").unwrap();
        let hook = Hook { point: "", forwards: false, v4, maps };
        for _ in 0..=dice.below(3) {
            rule(dice, out, hook, &users[i + 1..]);
        }
        out.push_str("\t}\n");
    }
    let mut chains = 0;
    if n == 0 || dice.once_in(3) {
        base(dice, out, &mut chains, "nat", "prerouting", &["dstnat", "-100", "filter", "dstnat - 10", "dstnat + 5"], users, (v4, maps));
    }
    if dice.once_in(4) {
        base(dice, out, &mut chains, "nat", "prerouting", &["dstnat", "dstnat - 10"], users, (v4, maps));
    }
    if dice.once_in(3) {
        base(dice, out, &mut chains, "filter", "prerouting", &["raw", "mangle", "-250", "-50", "filter"], users, (v4, maps));
    }
    for _ in 0..=dice.below(2) {
        base(dice, out, &mut chains, "filter", "forward", &["filter", "0", "mangle", "security", "filter + 10"], users, (v4, maps));
    }
    if dice.once_in(3) {
        base(dice, out, &mut chains, "filter", "input", &["filter"], users, (v4, maps));
    }
    if dice.once_in(4) {
        base(dice, out, &mut chains, "filter", "postrouting", &["filter", "mangle", "srcnat + 10"], users, (v4, maps));
    }
    if dice.once_in(3) {
        out.push_str(
            "\tchain hide {\n\t\ttype nat hook postrouting priority srcnat; policy accept;\n\t\toifname \"wan0\" masquerade\n\t}\n",
        );
    }
    out.push_str("}\n");
}

#[expect(clippy::too_many_arguments, reason = "one call a line above")]
fn base(
    dice: &mut Dice,
    out: &mut String,
    chains: &mut usize,
    kind: &str,
    hook: &'static str,
    priorities: &[&str],
    users: &[&str],
    (v4, maps): (bool, bool),
) {
    *chains += 1;
    writeln!(out, "\tchain c{chains} {{").unwrap();
    write!(out, "\t\ttype {kind} hook {hook} priority {};", dice.of(priorities)).unwrap();
    let drops = kind == "filter" && dice.once_in(if hook == "forward" { 2 } else { 6 });
    writeln!(out, "{}", if drops { " policy drop;" } else { dice.of(&["", " policy accept;"]) }).unwrap();
    let hook = Hook { point: hook, forwards: kind == "nat", v4, maps };
    for _ in 0..=dice.below(5) {
        rule(dice, out, hook, users);
    }
    if hook.forwards && dice.once_in(2) {
        let to = if v4 { "dnat to" } else { "dnat ip to" };
        writeln!(out, "\t\tiifname \"wan0\" udp dport {} {to} $mx", dice.of(&["$vpn", "@ike", "{ 400-600, 4500 }"])).unwrap();
    }
    out.push_str("\t}\n");
}

fn not(dice: &mut Dice) -> &'static str {
    if dice.once_in(5) { "!= " } else { "" }
}

fn port(dice: &mut Dice) -> String {
    dice.of(PORTS).replace(':', "-")
}

fn rule(dice: &mut Dice, out: &mut String, hook: Hook, users: &[&str]) {
    out.push_str("\t\t");
    if !hook.v4 && dice.once_in(15) {
        out.push_str(dice.of(&["ip6 saddr fe80::/10 accept\n", "meta nfproto ipv6 counter return\n", "icmpv6 type { 135, 136 } accept\n"]));
        return;
    }
    if dice.once_in(3) {
        let source = dice.of(&[SOURCES, &["@near", "{ 192.0.2.7, 8.8.8.0/24 }", "8.0.0.0-9.0.0.0"]].concat());
        if !source.ends_with("/0") {
            write!(out, "ip saddr {}{source} ", not(dice)).unwrap();
        }
    }
    if dice.once_in(4) {
        write!(out, "ip daddr {}{} ", not(dice), dice.of(&[DESTINATIONS, &["$mx", "{ 192.168.1.4, 203.0.113.130 }"]].concat())).unwrap();
    }
    if hook.point != "postrouting" && dice.once_in(3) {
        write!(
            out,
            "{} {}{} ",
            dice.of(&["iifname", "meta iifname"]),
            not(dice),
            dice.of(&["\"wan0\"", "\"lan0\"", "\"wan*\"", "{ \"wan0\", \"lan0\" }", "eth7"])
        )
        .unwrap();
    }
    if matches!(hook.point, "forward" | "postrouting") && dice.once_in(4) {
        write!(out, "oifname {}{} ", not(dice), dice.of(&["\"lan0\"", "\"wan0\"", "\"l*\""])).unwrap();
    }
    let udp = hook.forwards || dice.once_in(2);
    if udp {
        match dice.below(7) {
            0 => write!(out, "udp dport {}{} ", not(dice), port(dice)),
            1 => write!(out, "udp sport {}{} ", not(dice), port(dice)),
            2 => write!(out, "udp dport {}{} ", not(dice), dice.of(&["$vpn", "@ike", "{ 1-499, 501-65535 }"])),
            3 => write!(out, "meta l4proto udp th dport {} ", dice.of(&["{ 500, 4500 }", ">= 501", "< 1000", "4500"])),
            4 => write!(out, "udp sport {{ 500, 4500 }} udp dport {} ", port(dice)),
            5 => write!(out, "ip protocol udp udp dport {} ", port(dice)),
            _ => {
                write!(out, "ip saddr . udp dport {{ 198.51.100.7 . 500, 8.8.8.8 . 4500, {} . 500 }} ", dice.of(&["192.0.2.7", "10.1.2.3"]))
            }
        }
        .unwrap();
    }
    let other = !udp && dice.once_in(3);
    if other {
        write!(out, "meta l4proto {}{} ", not(dice), dice.of(&["udp", "tcp", "esp", "50", "{ tcp, udp }"])).unwrap();
    }
    if dice.once_in(3) {
        out.push_str(dice.of(&[
            "ct state new ",
            "ct state established,related ",
            "ct state invalid ",
            "ct state { new, established } ",
            "ct state != new ",
            "ct status dnat ",
            "ct direction original ",
            if hook.v4 { "meta protocol ip " } else { "meta nfproto ipv4 " },
            "meta pkttype host ",
            "fib daddr type local ",
            "meta mark 0x00000007 ",
            "ct state != invalid ",
        ]));
    }
    if dice.once_in(4) {
        out.push_str(dice.of(&["counter ", "counter packets 1 bytes 2 ", "limit rate 1000/second ", "log prefix \"x; drop \" "]));
    }
    target(dice, out, hook, users, udp, other);
    if dice.once_in(8) {
        out.push_str(" comment \"# accept; or not\"");
    }
    out.push('\n');
}

fn target(dice: &mut Dice, out: &mut String, hook: Hook, users: &[&str], udp: bool, other: bool) {
    if !users.is_empty() && dice.once_in(3) {
        write!(out, "{} {}", if dice.once_in(3) { "goto" } else { "jump" }, dice.of(users)).unwrap();
        return;
    }
    if dice.once_in(6) {
        let first = users.first().map_or_else(|| "return".into(), |user| format!("jump {user}"));
        let denied = if hook.forwards { "return" } else { "drop" };
        match dice.below(3) {
            0 if !other => write!(out, "udp dport vmap {{ 500 : accept, 4500 : {first}, 0-499 : {denied} }}"),
            1 => write!(out, "ct state vmap {{ established : accept, related : accept, new : {first} }}"),
            _ => write!(out, "iifname vmap {{ \"wan0\" : {first}, \"lan0\" : accept }}"),
        }
        .unwrap();
        return;
    }
    if hook.forwards && udp && dice.below(4) != 0 {
        let ip = if hook.v4 { "" } else { "ip " };
        if hook.maps && dice.once_in(4) {
            write!(out, "dnat {ip}to udp dport map @hosts").unwrap();
            return;
        }
        let chosen = dice.of(&[
            "$mx",
            "$mx random",
            "192.168.1.5",
            "192.168.1.4:500",
            "$mx:4500",
            "192.168.1.4:400-5000",
            "192.168.1.5-192.168.1.8",
            "192.168.1.4-192.168.1.5",
            "udp dport map { 500 : 192.168.1.4, 4500 : 192.168.1.5 }",
            ":500",
            "redirect",
            "redirect to :500",
        ]);
        match chosen.strip_prefix("redirect") {
            Some(_) => out.push_str(chosen),
            None if chosen.starts_with(':') => write!(out, "dnat to {chosen}").unwrap(),
            None => write!(out, "dnat {ip}to {chosen}").unwrap(),
        }
        return;
    }
    out.push_str(match dice.below(9) {
        0..=3 => "accept",
        4 | 5 if !hook.forwards => dice.of(&["drop", "drop", if matches!(hook.point, "forward" | "input") { "reject" } else { "drop" }]),
        6 => "return",
        7 if hook.point == "prerouting" && !hook.forwards => "notrack",
        7 => "continue",
        _ => "counter",
    });
}
