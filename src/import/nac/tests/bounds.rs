//! Broken, large and real files.
#![expect(clippy::print_stderr, reason = "says what is skipped")]

use std::time::Instant;

use super::*;

#[test]
fn every_beginning_of_a_file_is_read_without_a_panic() {
    let branch = lab(BRANCH);
    for text in [branch.as_str(), TEMPLATES, DEFAULTS, ORGANIZATION] {
        for end in (0..text.len()).filter(|n| text.is_char_boundary(*n)) {
            let (root, _) = tree(&text[..end], 0);
            let raw = |span: Span| text[span.start as usize..span.end as usize].to_owned();
            let mut merger = Merger::new(&raw);
            let root = merged(root.into_iter().collect(), &mut merger);
            let templates = Templates::new(&root, &raw);
            for network in networks::all(&root) {
                let _ = apply::fill(&root, network, &templates, &mut merger);
            }
        }
    }
    for junk in [
        "meraki: 1\ndefaults:\n  meraki: {}\n",
        "meraki: [1]",
        "meraki: {domains: {organizations: 1}}",
        "defaults: {meraki: 1}",
        "meraki:\n\t- x",
        "meraki: &a [*a]",
    ] {
        read(&[("a.yaml", junk)], None);
    }
}

#[test]
fn large_repositories_take_linear_time() {
    let time = |networks: usize| {
        let one = |n: usize| {
            format!(
                "- name: net-{n}\n  time_zone: UTC\n  appliance:\n    vlans:\n      - vlan_id: 10\n        name: Data\n        subnet: 10.9.10.0/24\n"
            )
        };
        let text = lab(&(0..networks).map(one).collect::<String>());
        let start = Instant::now();
        let r = read(&[("a.yaml", &text), ("b.yaml", &text)], Some("net-7"));
        assert!(r.ledger.gaps.is_empty() && r.mx.vlans.items().len() == 1);
        start.elapsed()
    };
    let (few, many) = (time(500), time(4_000));
    assert!(many < few * 40, "{few:?} for 500, {many:?} for 4,000");
}

/// Real files, where they are at hand.
#[test]
fn the_corpus_is_read() {
    let folder = std::path::Path::new("../shared/corpus/meraki/nac");
    if !folder.is_dir() {
        eprintln!("skipped: the real files of Network as Code are not at hand");
        return;
    }
    let mut files: Vec<(String, String)> = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        files.push((entry.file_name().into_string().unwrap(), std::fs::read_to_string(entry.path()).unwrap()));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    let r = read(&files, Some("Rome-Network-1"));
    assert_eq!(r.failures(), Vec::<&str>::new());
    assert_eq!(r.mx.vlans.items().len(), 5);
    assert!(r.mx.vlans.items().iter().all(|vlan| vlan.value.subnet.known().is_some() && vlan.value.appliance_ip.known().is_some()));
    let firewall = &r.mx.firewall.known().unwrap().value;
    assert_eq!((firewall.l3_firewall_rules.items().len(), firewall.l7_firewall_rules.items().len()), (2, 6));
    let r = read(&files, Some("Demo Organization/Branch-Office-Demo")).clean();
    assert_eq!(r.mx.vlans.items().len(), 2);
}
