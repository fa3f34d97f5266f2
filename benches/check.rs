//! What a check costs: `cargo bench`. One generated site in memory, then its parts.
#![expect(clippy::disallowed_methods, clippy::format_push_string, reason = "texts built for tests")]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use vpnlint::check::{self, Options, Target};
use vpnlint::model::Day;
use vpnlint::net::{Addrs, Ports};
use vpnlint::policy::Policies;
use vpnlint::secret::{CommonValues, Secret};
use vpnlint::source::Root;
use vpnlint::tree;

/// A site of the size that a branch has: ten VLANs, four routes, twenty rules, three clients.
fn site() -> String {
    let mut text = "version = 1\n[site]\nname = \"bench\"\n[mx]\nprimary_uplink = \"wan1\"\n[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"172.30.1.2\"\npublic_ip = \"203.0.113.10\"\n".to_owned();
    for n in 0..10 {
        text +=
            &format!("[[mx.vlans]]\nvlan_id = {n}\nname = \"vlan-{n}\"\nsubnet = \"10.212.{n}.0/24\"\nappliance_ip = \"10.212.{n}.1\"\n");
    }
    for n in 0..4 {
        text += &format!("[[mx.static_routes]]\nname = \"route-{n}\"\nsubnet = \"172.20.{n}.0/24\"\ngateway_ip = \"10.212.9.{}\"\n", n + 2);
    }
    text += "[client_vpn]\nsubnet = \"10.140.1.0/24\"\nshared_secret = { env = \"VPNLINT_BENCH_PSK\" }\ndns_mode = \"custom\"\ndns_nameservers = [\"10.212.5.10\"]\n";
    text += "[[upstream]]\nname = \"router\"\nwan_ip = \"203.0.113.10\"\nforwards = [{ protocol = \"udp\", port = \"500,4500\", to = \"172.30.1.2\" }]\nrules = [\n";
    for n in 0..18 {
        text += &format!(
            "  {{ action = \"deny\", protocol = \"tcp\", destination = \"172.30.1.{}\", destination_port = {} }},\n",
            20 + n,
            8000 + n
        );
    }
    text += "  { action = \"permit\", protocol = \"udp\", destination = \"172.30.1.2\", destination_port = \"500,4500\" },\n]\n";
    for n in 0..3 {
        text += &format!(
            "[[clients]]\nname = \"client-{n}\"\nos = \"windows\"\nserver = \"203.0.113.10\"\ntunnel_type = \"l2tp\"\npre_shared_key = {{ env = \"VPNLINT_BENCH_PSK\" }}\n"
        );
    }
    text
}

fn environment(name: &str) -> Option<String> {
    (name == "VPNLINT_BENCH_PSK").then(|| "Bench.key-4the+Criterion7runs".to_owned())
}

fn options(root: &Path) -> Options {
    let root = Arc::new(Root::new(root).expect("a folder"));
    Options { digests: true, environment: Some(environment), ..Options::new(root, Policies::default(), Day::since_epoch(20_780)) }
}

fn whole_check(c: &mut Criterion) {
    let options = options(&std::env::temp_dir());
    let text = site();
    let target = [Target::text(options.root.path().join("site.toml"), text.clone().into_bytes())];
    c.bench_function("check one site", |b| b.iter(|| black_box(check::run(&target, &options).report.summary)));
    c.bench_function("parse its TOML into nodes", |b| b.iter(|| black_box(tree::toml::parse(&text, 0)).errors.len()));
}

fn sets(c: &mut Criterion) {
    let many = (0..1000).map(|n| format!("10.{}.{}.0/25", n / 250, n % 250)).collect::<Vec<_>>().join(",");
    c.bench_function("parse 1000 subnets as a set", |b| b.iter(|| black_box(Addrs::parse(&many))));
    c.bench_function("parse ports", |b| b.iter(|| black_box(Ports::parse("500,4500,8000-8010"))));
}

/// A dump of the Dashboard, which should cost as much for each VLAN however many there are.
fn dump(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let options = options(folder.path());
    let site = b"version = 1\n[mx]\nimport = \"vlans.json\"\n[client_vpn]\nsubnet = \"10.255.0.0/24\"\n".to_vec();
    let target = [Target::text(options.root.path().join("site.toml"), site)];
    let mut group = c.benchmark_group("check a site with a dump of VLANs");
    for count in [1_000u32, 4_000, 16_000] {
        let vlan = |n: u32| {
            let subnet = format!("10.{}.{}.0/24", n / 256, n % 256);
            let more = "x".repeat(300);
            format!(r#"{{"id":{n},"networkId":"N_1","name":"v{n}","subnet":"{subnet}","applianceIp":"10.0.0.1","dhcpHandling":"{more}"}}"#)
        };
        let list = format!("[{}]", (0..count).map(vlan).collect::<Vec<_>>().join(","));
        std::fs::write(folder.path().join("vlans.json"), list).expect("a file");
        group.throughput(Throughput::Elements(count.into()));
        group.sample_size(10).bench_function(count.to_string(), |b| b.iter(|| black_box(check::run(&target, &options).report.summary)));
    }
}

/// What it takes to find keys strong or weak: random ones rarely need zxcvbn, those made of words do.
fn strength(c: &mut Criterion) {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const WORDS: [&str; 6] = ["Password", "christopher", "qwertyuiop", "Summer", "administration", "dr4gon"];
    let mut state = 7u64;
    let mut roll = |sides: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % sides
    };
    let mut random = |length: usize| -> String { (0..length).map(|_| char::from(LETTERS[roll(LETTERS.len())])).collect() };
    let mut cases = Vec::new();
    for length in [16, 20, 24] {
        cases.push((format!("100 random keys of {length}"), (0..100).map(|_| random(length)).collect::<Vec<_>>()));
    }
    let words = (0..100).map(|n| format!("{}{}-{n}", WORDS[n % WORDS.len()], WORDS[n / 7 % WORDS.len()])).collect();
    cases.push(("100 keys made of words".to_owned(), words));
    let common = CommonValues::new(["meraki", "changeme"].into_iter());
    for (name, keys) in cases {
        let keys: Vec<_> = keys.into_iter().map(Secret::new).collect();
        let weak = || keys.iter().filter(|k| k.weakness(12, &common, &["osaka"]).is_some()).count();
        c.bench_function(&name, |b| b.iter(|| black_box(weak())));
    }
}

criterion_group!(benches, whole_check, sets, dump, strength);
criterion_main!(benches);
