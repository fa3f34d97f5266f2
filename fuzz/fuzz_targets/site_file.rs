//! A whole check of any site file, in the syntax that the first byte chooses: nothing panics, and no bug is reported.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use vpnlint::check::{self, Options, Target};
use vpnlint::model::Day;
use vpnlint::policy::Policies;
use vpnlint::source::Root;

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    // An empty folder: whatever the file imports is not there.
    let folder = std::env::temp_dir().join("vpnlint-fuzz-empty");
    std::fs::create_dir_all(&folder).expect("a folder");
    let root = Arc::new(Root::new(&folder).expect("a root"));
    let name = ["site.toml", "site.yaml", "site.json"][usize::from(*first) % 3];
    let target = Target::text(root.path().join(name), rest.to_vec());
    let options = Options { coverage: true, logical: true, ..Options::new(root, Policies::default(), Day::since_epoch(20_780)) };
    let outcome = check::run(&[target], &options);
    assert!(outcome.report.bugs.is_empty(), "{:?}", outcome.report.bugs);
});
