//! Waivers in comments of any text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vpnlint::policy::waivers::inline;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    for trailing in [false, true] {
        for comment in inline::comments(&text, trailing) {
            assert!(text[comment.bytes.clone()].starts_with("vpnlint:"));
        }
    }
});
