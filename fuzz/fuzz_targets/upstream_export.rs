//! Every reader of firewall exports on any text: the first byte chooses the format.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vpnlint::import::{detect, upstream};

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    let ids = detect::ids();
    let format = detect::by_id(ids[usize::from(*first) % ids.len()]).expect("a listed id");
    let _ = upstream::read(format, &text, 7);
});
