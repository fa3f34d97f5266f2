//! A device of which not everything is known: what is missing may be what decides.

use crate::model::upstream::{Action, Chain, Device, End, Line, Match};
use crate::model::{Field, Opaque};
use crate::source::Span;

/// Leaves undecided what becomes of packets. Lists stay, for rules that look at lines alone.
pub(super) fn leave_undecided(device: &mut Device, place: Span, why: &str) {
    let mut doubt = Chain::new("", place, Some(End::implicit(true, place)));
    doubt.lines.push(Line::new(place, Match::default(), Action::Opaque(Opaque { span: place, reason: why.into() })));
    let doubt = device.add(doubt);
    device.early.insert(0, doubt);
    let forward = !device.forward.is_absent();
    leave_filter_undecided(device, place, why);
    if !forward {
        device.forward = Field::Absent;
    }
    device.exits.clear();
    device.late.clear();
    if device.terminates.items().is_empty() {
        device.terminates = Field::opaque_at(place, why);
    }
}

/// Leaves undecided what the device's filter does: it may stand elsewhere.
pub(super) fn leave_filter_undecided(device: &mut Device, place: Span, why: &str) {
    device.forward = Field::opaque_at(place, why);
    device.input = Field::opaque_at(place, why);
    device.outbound = Field::opaque_at(place, why);
}
