//! Network as Code, in files that a NUL byte parts: merging, templates and reading panic on nothing.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use vpnlint::import::{Ledger, nac};
use vpnlint::source::{Root, Session};

fuzz_target!(|data: &[u8]| {
    let folder = std::env::temp_dir().join("vpnlint-fuzz-empty");
    std::fs::create_dir_all(&folder).expect("a folder");
    let root = Arc::new(Root::new(&folder).expect("a root"));
    let mut session = Session::new(root.clone());
    let mut files = Vec::new();
    for (n, text) in data.split(|b| *b == 0).take(4).enumerate() {
        let Ok(opened) = session.add_site(&root.path().join(format!("{n}.nac.yaml")), text.to_vec()) else { return };
        files.push(nac::File { id: opened.id, place: session.map.file(opened.id).first_line() });
    }
    let mut ledger = Ledger::default();
    nac::load(&mut session, &files, &[], &mut ledger);
    assert!(ledger.panics.is_empty(), "{:?}", ledger.panics);
});
