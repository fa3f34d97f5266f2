//! Every reader of firewall exports on any text: the first byte chooses the format, or leaves it to the text. Nothing panics, every place lies within the text, and
//! what the device does is decided or in doubt, but never for longer than the budget allows.
#![no_main]

use std::net::Ipv4Addr;

use libfuzzer_sys::fuzz_target;
use vpnlint::import::{detect, upstream};
use vpnlint::net::{Path, Service};

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    let ids = detect::ids();
    let told = detect::detect("export", &text);
    let chosen = usize::from(*first).checked_sub(1).and_then(|n| detect::by_id(ids[n % ids.len()]));
    let Some(format) = chosen.or(told) else { return };
    let base = 7;
    if let Some((device, notes)) = upstream::read(format, &text, base) {
        let end = base + text.len() as u32;
        assert!(notes.secrets.iter().all(|s| base <= s.start && s.end <= end), "a secret outside of the text");
        assert!(notes.problems.iter().all(|p| base <= p.span.start && p.span.end <= end), "a problem outside of the text");
        assert!(device.lines().all(|(_, line)| base <= line.span.start && line.span.end <= end), "a line outside of the text");
        let path = Path::new(vec![&device], vec![Ipv4Addr::new(192, 168, 1, 4)], None);
        for service in [Service::IKE, Service::NAT_T, Service::ESP] {
            let _ = (path.arrives(service), path.answers(service));
        }
    }
});
