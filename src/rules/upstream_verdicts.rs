//! What the rules that ask for a packet's way have in common: whom a verdict is about, and how a doubt is worded.

use super::upstream_paths::Paths;
use super::{Context, Finding, Out, Subject};
use crate::model::upstream::Device;
use crate::model::{Mx, Part};
use crate::net::{Answer, By, Doubt, Fault};
use crate::source::Span;

impl<'a> Paths<'a> {
    /// The device `n` of the path.
    pub fn device(&self, n: usize) -> &'a Device {
        self.path.devices()[n]
    }

    /// What a verdict on the device `n` of the path is about.
    pub fn subject(&self, n: usize) -> Subject {
        Subject::Upstream(self.devices[n])
    }

    /// Proved for every device of the path; undecided when the input is broken.
    pub fn all_hold(&self, cx: &Context<'_>, out: &mut Out<'_>) {
        for n in &self.devices {
            cx.holds_whole(out, Subject::Upstream(*n));
        }
    }

    /// What stops packets, the device that does, and the place to label. Where nothing stops them, or it is not known, the verdict is written.
    pub fn stopped<'n>(&self, cx: &Context<'_>, out: &mut Out<'_>, answer: &'n Answer<'a>) -> Option<(&'n Fault<'a>, &'a Device, Span)> {
        match (answer.doubt(), answer.stop()) {
            (Some(doubt), _) => self.undecided(out, doubt),
            (None, None) => self.all_hold(cx, out),
            (None, Some(fault)) => {
                let device = self.device(fault.device());
                return Some((fault, device, answer.place().unwrap_or(device.name.span)));
            }
        }
        None
    }

    /// Undecided for the device that the doubt is about.
    pub fn undecided(&self, out: &mut Out<'_>, doubt: &Doubt<'_>) {
        out.undecided(self.subject(doubt.device), format!("upstream `{}`: {}", self.device(doubt.device).name.value, doubt.reason));
    }
}

/// The way to the MX. Where it is not described, yet must exist, "undecided" is written with what is missing.
pub fn paths<'c, 'a>(cx: &'c Context<'a>, out: &mut Out<'_>) -> Option<&'c Paths<'a>> {
    let Some(mx) = cx.mx() else {
        let reason = cx.site.mx.opaque().map_or("the site file describes no `mx`", |o| &o.reason);
        for n in 0..cx.site.upstream.len() {
            out.undecided(Subject::Upstream(n), reason.to_owned());
        }
        return None;
    };
    let found = cx.paths();
    if found.is_none() && mx.value.is_behind_nat() {
        let reason = format!("no `[[upstream]]` device is described in front of {}", mx.value.primary_uplink_name());
        out.undecided(Subject::Mx, cx.site.gap(&[Part::Upstreams]).map_or(reason, |gap| gap.reason.clone()));
    }
    found
}

/// Whether the site describes no MX at all: then "undecided" is written for these devices.
pub fn lacks_mx(cx: &Context<'_>, out: &mut Out<'_>, concerns: impl Fn(&Device) -> bool) -> bool {
    if cx.mx().is_none() {
        let reason = cx.site.mx.opaque().map_or("the site file describes no `mx`", |o| &o.reason);
        for (n, _) in cx.site.upstream.iter().enumerate().filter(|(_, device)| concerns(device)) {
            out.undecided(Subject::Upstream(n), reason.to_owned());
        }
    }
    cx.mx().is_none()
}

/// What is missing when it is not known where packets for the MX must arrive.
pub fn target_missing(mx: &Mx) -> String {
    mx.target_unknown().unwrap_or_else(|| format!("the site file states no `ip` for {} under `mx.uplinks`", mx.primary_uplink_name()))
}

/// Whether a fault rests on what is missing, rather than on what is written: a default, a forward that is not there, an address that is none of
/// those behind the device.
pub const fn is_by_absence(fault: &Fault<'_>) -> bool {
    match fault {
        Fault::Dropped { by, .. } => matches!(by, By::End(_)),
        Fault::PortTranslated { .. } => false,
        Fault::Elsewhere { .. } | Fault::NoForward { .. } | Fault::WrongProtocol { .. } => true,
    }
}

/// The word for a proof.
pub const fn word(fault: &Fault<'_>) -> &'static str {
    match fault {
        Fault::Dropped { .. } => "dropped",
        Fault::Elsewhere { .. } => "elsewhere",
        Fault::PortTranslated { .. } => "port-translated",
        Fault::NoForward { .. } => "not-forwarded",
        Fault::WrongProtocol { .. } => "wrong-protocol",
    }
}

impl Context<'_> {
    /// Violated; but a fault that rests on an absence is undecided when the input is broken.
    pub fn by_fault(&self, out: &mut Out<'_>, subject: Subject, fault: &Fault<'_>, finding: Finding) {
        if is_by_absence(fault) {
            self.absent(out, subject, finding);
        } else {
            out.violated(subject, finding);
        }
    }
}
