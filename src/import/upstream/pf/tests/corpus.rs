//! Real files, where they are there.

use std::path::Path as FilePath;

use super::*;

#[test]
#[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "a test that reads files outside of the crate when they are there")]
fn real_files_are_read_and_nothing_of_them_is_unknown() {
    for (flavour, file) in [(Pfsense, "pfsense/pfsense_nat_port_forward_config.xml"), (Opnsense, "opnsense/config.xml.sample")] {
        let path = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/upstream").join(file);
        let Ok(text) = std::fs::read_to_string(&path) else {
            eprintln!("skipped: no corpus");
            continue;
        };
        let (device, remarks, secrets) = read(flavour, &text, 0);
        let told: Vec<_> = remarks.iter().map(|r| (&*r.message, &text[r.span.start as usize..r.span.end as usize])).collect();
        assert!(remarks.iter().all(|r| r.kind == RemarkKind::Dangling), "{told:?}");
        assert!(device.lines().count() > 0);
        for service in [Service::IKE, Service::NAT_T, Service::ESP] {
            assert_eq!(verdict(&device, service), "no forward", "{file}");
        }
        for secret in ["$2y$", "FAKE-"] {
            let mut rest = text.clone().into_bytes();
            for span in &secrets {
                rest[span.start as usize..span.end as usize].fill(b'*');
            }
            assert!(!String::from_utf8(rest).unwrap().contains(secret), "{secret}");
        }
    }
}
