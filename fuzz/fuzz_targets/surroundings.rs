//! Every reader of what stands around a site on any text: the first byte chooses the format, or leaves it to the text. Nothing panics, and every place lies within the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vpnlint::import::detect::{self, Format};
use vpnlint::import::{Notes, certificate, host, lists, radius};

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    let ids = detect::ids();
    let told = detect::detect("export", &text);
    let chosen = usize::from(*first).checked_sub(1).and_then(|n| detect::by_id(ids[n % ids.len()]));
    let Some(format) = chosen.or(told) else { return };
    let base = 7;
    let end = base + text.len() as u32;
    let within = |notes: Notes| {
        assert!(notes.secrets.iter().all(|s| base <= s.start && s.end <= end), "a secret outside of the text");
        assert!(notes.problems.iter().all(|p| base <= p.span.start && p.span.end <= end), "a problem outside of the text");
    };
    let all = [
        radius::read(format, &text, base).map(|(_, notes)| notes),
        certificate::read(format, &text, base).map(|(_, notes)| notes),
        host::firewall(format, &text, base).map(|(_, notes)| notes),
        host::names::read(format, &text, base).map(|(_, notes)| notes),
        (format == Format::RouteTable).then(|| host::routes::read(&text, base).1),
        (format == Format::AuthUsers).then(|| lists::users::read(&text, base).1),
        (format == Format::Software).then(|| lists::software::read(&text, base).1),
    ];
    all.into_iter().flatten().for_each(within);
});
