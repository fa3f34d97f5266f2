//! A real file, where it is there.

use super::*;

#[test]
#[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "a test that reads files outside of the crate when they are there")]
fn real_part_of_a_configuration_proves_nothing() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/upstream/junos/batfish-nat-dest");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: no corpus");
        return;
    };
    assert!(detect(&text));
    let (device, remarks, _) = read(&text, 0);
    assert!(remarks.iter().any(|remark| remark.kind == RemarkKind::Elsewhere));
    // Three names of addresses that stand in no book.
    assert_eq!(remarks.iter().filter(|remark| remark.kind == RemarkKind::Dangling).count(), 3, "{remarks:?}");
    assert!(remarks.iter().all(|remark| matches!(remark.kind, RemarkKind::Elsewhere | RemarkKind::Dangling)), "{remarks:?}");
    assert_eq!(device.forwards().count(), 2);
    assert!(verdict(&device, Service::IKE).starts_with("undecided"));
}
