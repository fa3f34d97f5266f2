//! What it costs to prove what a firewall does, from 100 rules to 100,000: `cargo bench --bench walk`. Ends with 1 when a bound is missed.
//!
//! Each row is one export: read, and asked for all verdicts that the rules ask (requests and answers of UDP 500 and 4500 and of ESP, TCP 443, the cloud's ports).
//! The verdicts of 10,000 rules may cost 100 ms, and ten times the rules may not cost more than 15 times as much. Rules that cut each other up without end are another thing: there a
//! walk spends its budget, gives up and says so, which is counted here, and all verdicts together may cost a second.
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a bench that shows what it measures")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::time::Instant;

use vpnlint::import::detect::Format;
use vpnlint::import::upstream;
use vpnlint::model::upstream::Device;
use vpnlint::net::{Addrs, Path, Service, Verdict};

/// A shape of rule sets: its name, and the lines of `FORWARD`.
struct Shape {
    name: &'static str,
    format: Format,
    text: fn(usize) -> String,
    /// Meant to cost as much as can be.
    hostile: bool,
}

fn iptables(rules: &str) -> String {
    format!(
        "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -i eth0 -p udp -m multiport --dports 500,4500 -j DNAT --to-destination 192.168.1.4\nCOMMIT\n\
         *filter\n:FORWARD DROP [0:0]\n-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n{rules}-A FORWARD -d 192.168.1.4 -p udp -m multiport --dports 500,4500 -j ACCEPT\nCOMMIT\n"
    )
}

/// Numbers that look random and are the same in every run.
fn dice(n: usize) -> u32 {
    let mut x = (n as u32).wrapping_mul(0x9e37_79b1) ^ 0x85eb_ca6b;
    x ^= x >> 13;
    x = x.wrapping_mul(0xc2b2_ae35);
    x ^ x >> 16
}

const SHAPES: &[Shape] = &[
    Shape {
        name: "other ports",
        hostile: false,
        format: Format::IptablesSave,
        text: |n| {
            iptables(&(0..n).fold(String::new(), |mut text, i| {
                let _ = writeln!(
                    text,
                    "-A FORWARD -d 192.168.{}.{}/32 -p tcp -m tcp --dport {} -j ACCEPT",
                    i / 250 % 250,
                    i % 250,
                    1024 + i % 60_000
                );
                text
            }))
        },
    },
    Shape {
        name: "blocked addresses",
        hostile: false,
        format: Format::IptablesSave,
        text: |n| {
            iptables(&(0..n).fold(String::new(), |mut text, i| {
                let _ = writeln!(text, "-A FORWARD -s {}/32 -j DROP", Ipv4Addr::from(dice(i)));
                text
            }))
        },
    },
    Shape {
        name: "overlapping ranges",
        hostile: true,
        format: Format::IptablesSave,
        text: |n| {
            iptables(&(0..n).fold(String::new(), |mut text, i| {
                let (from, len) = (dice(2 * i), dice(2 * i + 1) >> (4 + i % 20));
                let (from, to) = (Ipv4Addr::from(from), Ipv4Addr::from(from.saturating_add(len)));
                let port = dice(3 * i) & 0xffff;
                let verb = if i % 3 == 0 { "ACCEPT" } else { "DROP" };
                let _ =
                    writeln!(text, "-A FORWARD -p udp -m iprange --src-range {from}-{to} -m udp --sport {}:{} -j {verb}", port / 2, port);
                text
            }))
        },
    },
    Shape {
        name: "in chains of ten",
        hostile: false,
        format: Format::IptablesSave,
        text: |n| {
            let mut heads = String::new();
            let mut rules = String::new();
            for i in 0..n / 10 {
                let _ = writeln!(heads, ":c{i} - [0:0]");
                let _ = writeln!(rules, "-A FORWARD -s {}/12 -j c{i}", Ipv4Addr::from(dice(i) & 0xfff0_0000));
                for j in 0..9 {
                    let _ = writeln!(rules, "-A c{i} -s {}/24 -p udp -j DROP", Ipv4Addr::from(dice(i * 10 + j) & 0xffff_ff00));
                }
            }
            iptables(&rules).replace(":FORWARD DROP [0:0]\n", &format!(":FORWARD DROP [0:0]\n{heads}"))
        },
    },
    Shape {
        name: "sets of five",
        hostile: false,
        format: Format::Nftables,
        text: |n| {
            let mut text = "table inet f {\n\tchain n {\n\t\ttype nat hook prerouting priority dstnat;\n\t\tiifname \"eth0\" udp dport { 500, 4500 } dnat ip to 192.168.1.4\n\t}\n\tchain f {\n\t\ttype filter hook forward priority filter; policy drop;\n".to_owned();
            for i in 0..n {
                let set: Vec<_> = (0..5).map(|j| Ipv4Addr::from(dice(i * 5 + j)).to_string()).collect();
                let _ = writeln!(text, "\t\tip saddr {{ {} }} udp dport {{ 500, 4500, {} }} drop", set.join(", "), 5000 + i % 100);
            }
            text + "\t\tip daddr 192.168.1.4 udp dport { 500, 4500 } accept\n\t}\n}\n"
        },
    },
];

/// Everything that the rules ask of the way to one MX; how much of it was given up.
fn verdicts(device: &Device) -> usize {
    let path = Path::new(vec![device], vec![Ipv4Addr::new(192, 168, 1, 4)], Some(Ipv4Addr::new(203, 0, 113, 10)));
    let mut given_up = 0;
    let mut ask =
        |verdict: &Verdict<'_>| given_up += usize::from(matches!(verdict, Verdict::Undecided(doubt) if doubt.reason.contains("too many")));
    for service in [Service::IKE, Service::NAT_T, Service::ESP, Service::HTTPS] {
        ask(&path.arrives(service).verdict);
        ask(&path.first_stop(service).verdict);
        ask(&path.answers(service).verdict);
    }
    for service in [Service::HTTPS, Service::udp(7351), Service::udp(53)] {
        ask(&path.leaves(service, &Addrs::public()).verdict);
    }
    given_up
}

/// The most memory that this process has had so far, in bytes (Linux).
fn peak() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kib| kib * 1024.0)
}

fn main() -> ExitCode {
    let mut missed = 0;
    println!("{:<20} {:>7} {:>9} {:>9} {:>9} {:>8} {:>9}", "rules", "number", "read", "verdicts", "per rule", "given up", "peak/text");
    for shape in SHAPES {
        let mut before: Option<f64> = None;
        for n in [100, 1_000, 10_000, 100_000] {
            let text = (shape.text)(n);
            let mut best = (f64::INFINITY, f64::INFINITY);
            let mut given_up = 0;
            for _ in 0..if n < 100_000 { 5 } else { 2 } {
                let start = Instant::now();
                let (device, _) = upstream::read(shape.format, &text, 0).expect("a firewall's format");
                let read = start.elapsed().as_secs_f64();
                let start = Instant::now();
                given_up = black_box(verdicts(&device));
                best = (best.0.min(read), best.1.min(start.elapsed().as_secs_f64()));
            }
            let total = best.0 + best.1;
            let slow = n == 10_000 && best.1 > 0.1 || before.is_some_and(|before| total > 15.0 * before);
            let bad = if shape.hostile { best.1 > 1.0 } else { slow };
            missed += usize::from(bad);
            // A process does not give memory back: only the largest text of all tells.
            let memory =
                peak().map_or("-".to_owned(), |peak| format!("{:.1}", peak / f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX))));
            let per_rule = total * 1e9 / f64::from(u32::try_from(n).unwrap_or(u32::MAX));
            println!(
                "{:<20} {n:>7} {:>6.2} ms {:>6.2} ms {per_rule:>6.0} ns {given_up:>8} {memory:>9}{}",
                shape.name,
                best.0 * 1e3,
                best.1 * 1e3,
                if bad { "  missed" } else { "" }
            );
            before = Some(total);
        }
    }
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
