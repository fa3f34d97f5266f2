//! The engine against the Linux kernel: what becomes of real UDP packets under generated and real rule sets, in network
//! namespaces that the test makes itself, must be what the walk says.
//!
//! Needs root and the tools that `tests/kernel/setup.sh` installs; elsewhere it says why it is skipped. With `VPNLINT_KERNEL=required`
//! a skip is a failure.
#![expect(
    clippy::disallowed_methods,
    clippy::format_collect,
    clippy::unwrap_used,
    reason = "a test that runs a program, reads files outside of the crate when they are there, and takes settings from the environment"
)]

mod dice;
mod iptables;
mod nftables;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::path::{Path as FilePath, PathBuf};
use std::process::Command;

use dice::Dice;
use serde_json::{Value, json};
use vpnlint::import::detect::{Format, by_id};
use vpnlint::import::upstream;
use vpnlint::model::Field;
use vpnlint::model::upstream::{Device, Interface};
use vpnlint::net::{Fate, Path, Service};
use vpnlint::source::Span;

/// What rules match sources with.
const SOURCES: &[&str] = &["198.51.100.0/24", "198.51.100.0/25", "192.0.2.7", "8.8.8.8", "10.0.0.0/8", "0.0.0.0/0", "128.0.0.0/1"];
/// What rules match destinations with.
const DESTINATIONS: &[&str] = &["192.168.1.4", "203.0.113.10", "203.0.113.130", "192.168.1.0/24", "192.168.1.5", "203.0.113.0/24"];
/// What rules match ports with.
const PORTS: &[&str] = &["500", "4500", "500:4500", "1701", "1024:65535", "53", "0:499"];
/// Where probes come from, and their ports.
const PEERS: &[&str] = &["198.51.100.7", "198.51.100.200", "192.0.2.7", "192.0.2.8", "8.8.8.8", "10.1.2.3", "100.64.0.1"];
const PEER_PORTS: &[u16] = &[500, 4500, 53, 1024, 40112];
const WAN: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 10);
const INNER: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 4);
const ROUTED: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 130);

type Probe = (Ipv4Addr, u16, u16);

struct Case {
    kind: &'static str,
    text: String,
    /// Whether the MX has a public address behind the router.
    routed: bool,
}

impl Case {
    const fn mx(&self) -> Ipv4Addr {
        if self.routed { ROUTED } else { INNER }
    }
}

fn probes() -> Vec<Probe> {
    let peers = PEERS.iter().map(|text| text.parse().unwrap());
    let ends = peers.flat_map(|peer: Ipv4Addr| PEER_PORTS.iter().map(move |port| (peer, *port)));
    ends.flat_map(|(peer, port)| [500, 4500, 1701].map(|to| (peer, port, to)))
        .filter(|(peer, _, to)| *to != 1701 || peer.octets()[0] == 8)
        .collect()
}

/// Reads a setting; an empty one is none.
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

fn generated(count: u64) -> Vec<Case> {
    (0..count)
        .map(|seed| {
            let mut dice = Dice::new(seed);
            let routed = dice.once_in(4);
            if seed % 2 == 0 {
                Case { kind: "iptables", text: iptables::rule_set(&mut dice), routed }
            } else {
                Case { kind: "nftables", text: nftables::rule_set(&mut dice), routed }
            }
        })
        .collect()
}

fn corpus() -> Vec<Case> {
    let root = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/upstream");
    let mut files: Vec<(&'static str, PathBuf)> = Vec::new();
    for (kind, folder) in [("iptables", "iptables"), ("nftables", "nftables")] {
        let entries = std::fs::read_dir(root.join(folder)).into_iter().flatten();
        files.extend(entries.map(|entry| (kind, entry.unwrap().path())));
    }
    files.sort();
    let texts = files.into_iter().map(|(kind, file)| (kind, std::fs::read_to_string(file).unwrap()));
    texts.flat_map(|(kind, text)| [false, true].map(|routed| Case { kind, text: text.clone(), routed })).collect()
}

/// What the kernel did; none: why it was not asked.
fn drive(cases: &[&Case], patience: &str) -> Result<Vec<Value>, String> {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("cases"), folder.path().join("results"));
    let packets: Vec<Value> = probes().iter().map(|(peer, port, to)| json!([peer.to_string(), port, to])).collect();
    let line = |case: &&Case| {
        let aim = if case.routed { ROUTED } else { WAN };
        json!({ "kind": case.kind, "text": case.text, "aim": aim.to_string(), "packets": packets }).to_string() + "\n"
    };
    std::fs::write(&input, cases.iter().map(line).collect::<String>()).unwrap();
    let script = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("tests/kernel/drive.py");
    let run =
        Command::new("python3").arg(script).args([&input, &output]).arg(patience).output().map_err(|why| format!("python3: {why}"))?;
    let said = String::from_utf8_lossy(&run.stderr);
    match run.status.code() {
        Some(0) => {}
        Some(77) => return Err(said.trim().into()),
        _ => panic!("the driver failed: {said}"),
    }
    let results = std::fs::read_to_string(output).unwrap();
    Ok(results.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn read(format: Format, text: &str) -> Device {
    let (mut device, notes) = upstream::read(format, text, 0).unwrap();
    assert!(notes.problems.is_empty(), "{:?}\n{text}", notes.problems);
    device.exported = true;
    let here = Span::default();
    device.wan_ip = Field::known_at(WAN, here);
    device.wan_interface = Field::known_at("wan0".into(), here);
    let interface =
        |name: &str, net: &str| Interface { name: name.into(), groups: Vec::new(), net: Field::known_at(net.parse().unwrap(), here) };
    device.interfaces =
        vec![interface("wan0", "203.0.113.10/25"), interface("lan0", "192.168.1.1/24"), interface("lan0", "203.0.113.129/25")];
    device
}

/// What the comparison counted.
#[derive(Default)]
struct Tally {
    sets: usize,
    decided: usize,
    undecided: usize,
    arrived: usize,
    answered: usize,
    differences: Vec<(usize, String)>,
}

impl Tally {
    fn compare(&mut self, n: usize, case: &Case, reading: &str, device: &Device, result: &Value) {
        let path = Path::new(vec![device], vec![case.mx()], None);
        let probes = probes();
        let mut worst = String::new();
        for (i, (peer, port, to)) in probes.iter().enumerate() {
            let fates = path.fates(Service::udp(*to), *peer, *port);
            let landed =
                result["arrived"][i].as_array().map(|at| (at[0].as_str().unwrap().parse().unwrap(), at[1].as_u64().unwrap() as u16));
            // nft does not show all that iptables says.
            let foreign = case.kind == "iptables" && reading != "iptables-save";
            let undecided = fates.contains(&Fate::Unknown) || fates.len() > 1;
            let arrived = landed == Some((case.mx(), *to));
            if !foreign {
                self.undecided += usize::from(undecided);
                self.decided += usize::from(!undecided);
                self.arrived += usize::from(arrived);
            }
            if !fates.iter().any(|fate| agrees(*fate, landed, case.mx(), *to)) {
                writeln!(worst, "  {peer}:{port} -> {to}: walk {fates:?}, kernel {landed:?}").unwrap();
            }
            if !arrived {
                continue;
            }
            let back = path.fates_of_answer(Service::udp(*to), *peer, *port);
            let answered = result["answered"][i].as_bool().unwrap();
            self.answered += usize::from(answered);
            let wanted = if answered { Fate::Arrives } else { Fate::Dropped };
            if !back.iter().any(|fate| *fate == wanted || *fate == Fate::Unknown) {
                writeln!(worst, "  the answer to {peer}:{port} from {to}: walk {back:?}, kernel {answered}").unwrap();
            }
        }
        if !worst.is_empty() {
            self.differences.push((n, format!("case {n}, read as {reading}, MX {}\n{worst}", case.mx())));
        }
    }
}

/// Whether a packet that should meet `fate` may land there.
fn agrees(fate: Fate, landed: Option<(Ipv4Addr, u16)>, mx: Ipv4Addr, port: u16) -> bool {
    match fate {
        Fate::Unknown => true,
        Fate::Arrives => landed == Some((mx, port)),
        Fate::Dropped | Fate::NoForward => landed.is_none(),
        Fate::Elsewhere(Some(host)) => landed.is_none_or(|(at, _)| at == host),
        Fate::Elsewhere(None) => landed.is_none_or(|(at, _)| at != mx),
        Fate::OtherPort(other) => landed.is_none_or(|at| at == (mx, other)),
    }
}

/// nft 1.0.6 prints `--ctstate NEW,DNAT` of iptables without its first state, and `! --ports` without its negation.
fn is_listed_wrongly(text: &str) -> bool {
    text.contains(",DNAT") || text.contains("! --ports")
}

fn compare(cases: &[&Case], numbers: &[usize], results: &[Value]) -> Tally {
    let mut tally = Tally::default();
    for ((case, n), result) in cases.iter().zip(numbers).zip(results) {
        if !result["loaded"].as_bool().unwrap() {
            continue;
        }
        tally.sets += 1;
        let listings = [("saved", "iptables-save"), ("listing", "nftables"), ("json", "nftables-json")];
        let own = if case.kind == "iptables" { "iptables-save" } else { "nftables" };
        let texts =
            std::iter::once((own, &*case.text)).chain(listings.iter().filter_map(|(key, format)| Some((*format, result[*key].as_str()?))));
        for (reading, text) in texts {
            if case.kind == "iptables" && reading == "nftables" && is_listed_wrongly(&case.text) {
                continue;
            }
            let format = by_id(reading).unwrap();
            tally.compare(*n, case, reading, &read(format, text), result);
        }
    }
    tally
}

#[test]
fn packets_fare_in_the_kernel_as_the_walk_says() {
    let count = setting("VPNLINT_KERNEL_SETS").map_or(600, |text| text.parse().unwrap());
    let mut cases = generated(count);
    cases.extend(corpus());
    let all: Vec<&Case> = cases.iter().collect();
    let numbers: Vec<usize> = (0..all.len()).collect();
    let mut err = std::io::stderr();
    let began = std::time::Instant::now();
    let results = match drive(&all, "0.002") {
        Ok(results) => results,
        Err(why) => {
            assert!(setting("VPNLINT_KERNEL").as_deref() != Some("required"), "the comparison with the kernel did not run: {why}");
            writeln!(err, "skipped: the comparison with the Linux kernel: {why}").unwrap();
            return;
        }
    };
    let asked = began.elapsed().as_millis();
    let mut tally = compare(&all, &numbers, &results);
    writeln!(err, "the kernel took {asked} ms, the walks {} ms", began.elapsed().as_millis().saturating_sub(asked)).unwrap();
    let mut refused: BTreeMap<&str, usize> = BTreeMap::new();
    for (n, result) in results.iter().enumerate().filter(|(n, result)| (*n as u64) < count && !result["loaded"].as_bool().unwrap()) {
        *refused.entry(result["error"].as_str().unwrap()).or_default() += 1;
        assert!(refused.len() < 20, "case {n}: {:.600}\n{}", refused.keys().next().unwrap(), cases[n].text);
    }
    // A busy machine may deliver late: what differed is asked once more, with patience.
    if !tally.differences.is_empty() {
        let mut again: Vec<usize> = tally.differences.iter().map(|(n, _)| *n).collect();
        again.dedup();
        let twice: Vec<&Case> = again.iter().map(|n| &cases[*n]).collect();
        let results = drive(&twice, "0.1").unwrap();
        tally.differences = compare(&twice, &again, &results).differences;
    }
    writeln!(
        err,
        "{} rule sets: {} packets decided ({} arrived, {} answered), {} undecided; {} rule sets refused by the kernel's tools",
        tally.sets,
        tally.decided,
        tally.arrived,
        tally.answered,
        tally.undecided,
        refused.values().sum::<usize>()
    )
    .unwrap();
    let first: String = tally.differences.iter().take(6).map(|(n, told)| format!("{told}{}\n", cases[*n].text)).collect();
    assert!(tally.differences.is_empty(), "{} differences\n{refused:?}\n{first}", tally.differences.len());
    assert!(tally.sets as u64 * 10 >= count * 9, "{refused:?}");
    assert!(tally.decided > 10 * tally.undecided, "too much is undecided");
}
