//! What a check costs: `cargo bench`. One generated site in memory, then its parts.
#![allow(clippy::format_push_string, clippy::format_collect, clippy::unwrap_used, reason = "texts built for tests")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use vpnlint::check::{self, Options, Target};
use vpnlint::model::Day;
use vpnlint::net::{Addrs, Ports};
use vpnlint::policy::Policies;
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

fn whole_check(c: &mut Criterion) {
    let folder = std::env::temp_dir();
    let options = Options {
        root: Arc::new(Root::new(&folder).expect("the temporary folder")),
        policies: Policies::default(),
        coverage: false,
        show_coverage: false,
        show_waived: false,
        logical: false,
        baseline: None,
        whole: Vec::new(),
        digests: true,
        as_of: Day::since_epoch(20_780),
        environment: Some(environment),
    };
    let text = site();
    let target = [Target::Text(options.root.path().join("site.toml"), text.clone().into_bytes())];
    c.bench_function("check one site", |b| b.iter(|| black_box(check::run(&target, &options).report.summary)));
    c.bench_function("parse its TOML into nodes", |b| b.iter(|| black_box(tree::toml::parse(&text, 0)).errors.len()));
}

fn sets(c: &mut Criterion) {
    let many = (0..1000).map(|n| format!("10.{}.{}.0/25", n / 250, n % 250)).collect::<Vec<_>>().join(",");
    c.bench_function("parse 1000 subnets as a set", |b| b.iter(|| black_box(Addrs::parse(&many))));
    c.bench_function("parse ports", |b| b.iter(|| black_box(Ports::parse("500,4500,8000-8010"))));
}

criterion_group!(benches, whole_check, sets);
criterion_main!(benches);
