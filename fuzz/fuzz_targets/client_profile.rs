//! Every reader of client profiles, and of what tells of their machines, on any text: the first byte chooses the format, or leaves it to the text. Nothing panics, and
//! every place lies within the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vpnlint::import::{client, detect, evidence};

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    let ids = detect::ids();
    let told = detect::detect("profile", &text);
    let chosen = usize::from(*first).checked_sub(1).and_then(|n| detect::by_id(ids[n % ids.len()]));
    let Some(format) = chosen.or(told) else { return };
    let base = 7;
    let told = evidence::read(format, &text, base).map(|(_, notes)| notes);
    for notes in client::read(format, &text, base).map(|(_, notes)| notes).into_iter().chain(told) {
        let end = base + text.len() as u32;
        assert!(notes.secrets.iter().all(|s| base <= s.start && s.end <= end), "a secret outside of the text");
        assert!(notes.problems.iter().all(|p| base <= p.span.start && p.span.end <= end), "a problem outside of the text");
    }
});
