//! What the rules that ask for a packet's way have in common: whom a verdict is about, and how a doubt is worded.

use super::upstream_paths::Paths;
use super::{Context, Finding, Out, Subject};
use crate::model::mx::UplinkMode;
use crate::model::upstream::Device;
use crate::model::{Mx, is_cgnat, is_private};
use crate::net::{By, Doubt, Fault};
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
            cx.nothing_found(out, Subject::Upstream(*n));
        }
    }

    /// Undecided for the device that the doubt is about.
    pub fn undecided(&self, out: &mut Out<'_>, doubt: &Doubt<'_>) {
        out.undecided(self.subject(doubt.device), format!("{} (upstream device `{}`)", doubt.reason, self.device(doubt.device).name.value));
    }
}

/// The way to the MX. Without a described device, "undecided" is written when the MX is known to be behind one.
pub fn paths<'c, 'a>(cx: &'c Context<'a>, out: &mut Out<'_>) -> Option<&'c Paths<'a>> {
    let found = cx.paths();
    if found.is_none() && is_behind_something(cx) {
        out.undecided(Subject::Mx, "the MX is behind NAT, and the site file describes no upstream device of its primary uplink");
    }
    found
}

fn is_behind_something(cx: &Context<'_>) -> bool {
    cx.mx().is_some_and(|mx| is_behind_nat(mx.value))
}

/// Whether the primary uplink's own addresses show that there is a NAT in front.
pub fn is_behind_nat(mx: &Mx) -> bool {
    let Some(uplink) = mx.primary_uplink() else { return false };
    let inner = uplink.value.ip.value().is_some_and(|ip| is_private(*ip) || is_cgnat(*ip));
    let public = uplink.value.public_ip.value();
    let own: Vec<_> = mx.target_addresses().into_iter().chain(uplink.value.ip.value().copied()).collect();
    inner || public.is_some_and(|public| !own.is_empty() && !own.contains(public))
}

/// What is missing when it is not known where packets for the MX must arrive.
pub fn target_missing(mx: &Mx) -> String {
    let opaque = mx.uplinks.opaque().or_else(|| mx.warm_spare.opaque()).or_else(|| mx.primary_uplink()?.value.ip.opaque());
    match opaque {
        Some(o) => o.reason.to_string(),
        None => format!("the site file does not state the address of the MX's primary uplink ({})", mx.primary_uplink_name()),
    }
}

/// Where the MX's address stands that packets must arrive at.
pub fn mx_address(mx: &Mx) -> Option<Span> {
    let pair = mx.warm_spare.value().filter(|w| w.enabled.value() != Some(&false) && w.uplink_mode.value() != Some(&UplinkMode::Public));
    match pair {
        Some(w) if mx.primary_uplink_name().eq_ignore_ascii_case("wan2") => w.virtual_ip2.span(),
        Some(w) => w.virtual_ip1.span(),
        None => mx.primary_uplink().and_then(|u| u.value.ip.span()),
    }
}

/// Whether a fault rests on the absence of a line: a default, or a forward that is not there.
pub const fn is_by_absence(fault: &Fault<'_>) -> bool {
    matches!(fault, Fault::NoForward { .. } | Fault::Dropped { by: By::End(_), .. })
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

    /// Holds because nothing speaks against it: undecided when the input is broken.
    pub fn nothing_found(&self, out: &mut Out<'_>, subject: Subject) {
        match &self.site.gap {
            Some(gap) => out.undecided(subject, gap.reason.clone()),
            None => out.holds(subject),
        }
    }
}
