//! What tests of the readers ask of a device.

use std::net::Ipv4Addr;

use crate::model::upstream::Device;
use crate::net::{Fault, Path, Service, Verdict};

/// What becomes of packets for a service, in a few words, when the MX stands behind the device at 192.168.1.4.
pub(super) fn verdict(device: &Device, service: Service) -> String {
    verdict_at(device, Ipv4Addr::new(192, 168, 1, 4), None, service)
}

/// The same for an MX with another address, and perhaps another public one.
pub(super) fn verdict_at(device: &Device, mx: Ipv4Addr, public: Option<Ipv4Addr>, service: Service) -> String {
    told(&Path::new(vec![device], vec![mx], public).arrives(service).verdict)
}

/// What becomes of the MX's answers.
pub(super) fn answers(device: &Device, service: Service) -> String {
    told(&Path::new(vec![device], vec![Ipv4Addr::new(192, 168, 1, 4)], None).answers(service).verdict)
}

fn told(verdict: &Verdict<'_>) -> String {
    match verdict {
        Verdict::Passes => "passes".into(),
        Verdict::Restricted(r, _) => format!("restricted by {}", r.line.map_or("?".into(), ToString::to_string)),
        Verdict::Fails(Fault::Dropped { by, shadowed, .. }, _) => {
            format!("dropped by {by}{}", shadowed.map_or(String::new(), |line| format!(", hides {line}")))
        }
        Verdict::Fails(Fault::Elsewhere { to, .. }, _) => format!("goes to {}", to.map_or("itself or several".into(), |ip| ip.to_string())),
        Verdict::Fails(Fault::PortTranslated { to, .. }, _) => format!("port {to}"),
        Verdict::Fails(Fault::NoForward { opens: None, .. }, _) => "no forward".into(),
        Verdict::Fails(Fault::NoForward { opens: Some(line), .. }, _) => format!("opens itself by {line}"),
        Verdict::Fails(Fault::WrongProtocol { line, .. }, _) => format!("wrong protocol in {line}"),
        Verdict::Undecided(doubt) => format!("undecided: {}", doubt.reason),
    }
}
