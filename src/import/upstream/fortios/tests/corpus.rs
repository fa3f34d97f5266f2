//! Real files, where they are there.
#![expect(clippy::disallowed_methods, clippy::print_stderr, reason = "the test reads files of its own and says what it leaves out")]

use std::net::Ipv4Addr;

use super::*;
use crate::import::upstream::trial::verdict_at;

fn corpus(name: &str) -> Option<String> {
    let path = format!("{}/../shared/corpus/upstream/fortios/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        eprintln!("skipped: {name} is not there");
    }
    text
}

#[test]
fn article_with_a_name_that_is_not_defined_is_found_out() {
    let Some(text) = corpus("vip-ike-to-internal.conf") else { return };
    assert!(is_fortios(&text));
    let (device, remarks, _) = read(&text, 0);
    let said: Vec<_> = remarks.iter().map(|r| (r.kind, &text[r.span.start as usize..r.span.end as usize])).collect();
    assert_eq!(said, [(RemarkKind::Dangling, "To-internal")]);
    let mx = Ipv4Addr::new(172, 16, 2, 2);
    assert_eq!(verdict_at(&device, mx, Some(Ipv4Addr::new(172, 16, 1, 2)), Service::IKE), "undecided: the address is not in the file");
    // The author meant the virtual IP.
    let mended = text.replace("dstaddr \"To-internal\"", "dstaddr \"To-FW4\"");
    let device = read(&mended, 0).0;
    let told = |service| verdict_at(&device, mx, Some(Ipv4Addr::new(172, 16, 1, 2)), service);
    assert_eq!((told(Service::IKE), told(Service::NAT_T), told(Service::HTTPS)), ("passes".into(), "passes".into(), "no forward".into()));
}

#[test]
fn entries_without_their_table_are_part_of_something_unknown() {
    let Some(text) = corpus("service-custom-factory-ike-l2tp.conf") else { return };
    assert!(is_fortios(&text));
    let (device, remarks, _) = read(&text, 0);
    assert!(remarks.iter().all(|r| r.kind == RemarkKind::Syntax) && !remarks.is_empty());
    assert!(verdict(&device, Service::IKE).starts_with("undecided"));
}

#[test]
fn list_of_policies_of_another_tool_reads_alike() {
    let Some(text) = corpus("batfish-firewall_policy") else { return };
    let (device, remarks, _) = read(&text, 0);
    assert!(remarks.is_empty(), "{remarks:?}");
    let chain = &device.chains[0];
    let told: Vec<_> = chain.lines.iter().map(|line| (line.enabled, line.to_string())).collect();
    let told: Vec<_> = told.iter().map(|(on, line)| (*on, line.as_str())).collect();
    assert_eq!(
        told,
        [
            (false, "deny tcp 10.0.1.0/24 -> 10.0.2.0/24:11"),
            (true, "deny tcp 10.0.1.0/24:11 -> 10.0.2.0/24:12"),
            (true, "permit tcp 10.0.1.0-10.0.2.255 -> 10.0.1.0-10.0.2.255:11"),
            (true, "permit tcp 10.0.1.0-10.0.2.255:11 -> 10.0.1.0-10.0.2.255:12"),
            (true, "permit any any -> any"),
            (true, "permit any any -> any"),
        ]
    );
    let zones = chain.lines[5].matches.out_interface.value().unwrap();
    assert_eq!(zones.names.iter().map(|n| &**n).collect::<Vec<_>>(), ["zone1", "zone3"]);
}
