//! Real files, where they are there.

use std::path::Path;

use super::*;

#[test]
#[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "a test that reads files outside of the crate when they are there")]
fn real_parts_of_configurations_prove_nothing() {
    for (file, edge, wanted) in [
        // The forward's target is the router's own LAN address.
        ("edgeos/edgerouter-port-forward-500-4500-50-51.boot", true, "goes to 172.1.0.1"),
        ("vyos/old-docs-port-50-for-esp.set", false, "undecided: the export is only a part of the configuration"),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/upstream").join(file);
        let Ok(text) = std::fs::read_to_string(&path) else {
            eprintln!("skipped: no corpus");
            continue;
        };
        assert_eq!(detect(&text), Some(edge), "{file}");
        let (device, remarks, _) = read(&text, 0);
        assert_eq!(remarks.iter().map(|remark| remark.kind).collect::<Vec<_>>(), [RemarkKind::Elsewhere], "{file}");
        assert_eq!(verdict(&device, Service::IKE), wanted, "{file}");
    }
}
