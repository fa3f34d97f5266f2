//! What pfSense and OPNsense have in common: `config.xml`, and pf, which it is turned into.
//!
//! pf translates first (`rdr` in the order of the file, then `binat`), and filters the translated packet: on the way in at the WAN interface, on the
//! way out at the inner one. A rule with `quick` decides at once; without it, the last one that matches decides. So each of the two lists is first match
//! with the quick rules in front, and the others behind in reverse. What comes in is denied unless a rule passes it, what goes out is passed unless a
//! rule blocks it. States let answers pass.

mod filter;
mod forwards;
mod hidden;
mod names;
mod onetoone;
mod opnsense;
mod rule;
mod servers;
#[cfg(test)]
mod tests;
mod xml;

use std::collections::BTreeSet;

use super::{Remark, RemarkKind};
use crate::model::Field;
use crate::model::upstream::{Chain, Device, End, Nat, Replies};
use crate::source::Span;
use crate::tree::xml::{Element, document};
use names::Names;

/// Whose `config.xml` it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// pfSense: a switch is on when its element is there.
    Pfsense,
    /// OPNsense: a switch is on when its element is there and does not say `0`.
    Opnsense,
}

/// What is gathered besides the device.
struct Reader<'e> {
    flavour: Flavour,
    device: Device,
    remarks: Vec<Remark>,
    told: BTreeSet<(u32, u32)>,
    names: Names<'e>,
}

/// Reads a whole `config.xml`. The device's name is left empty. The spans are places that must never be shown.
pub fn read(flavour: Flavour, text: &str, base: u32) -> (Device, Vec<Remark>, Vec<Span>) {
    let secrets = hidden::hidden(text, base);
    let skipped = text.len() - text.trim_start().len();
    let (body, at) = (&text[skipped..], base + skipped as u32);
    let mut remarks = Vec::new();
    if let Some(entity) = text.find("<!ENTITY").map(|n| base + n as u32) {
        remarks.push(syntax(Span::new(entity, entity + 8), "the file defines entities of its own, which are not read"));
        return (broken(Device::default(), Span::new(entity, entity + 8)), remarks, secrets);
    }
    let (root, errors) = document(body, at);
    let first = errors.first().map(|error| error.span);
    remarks.extend(errors.into_iter().map(|error| syntax(error.span, &error.message)));
    let Some(root) = root else {
        let place = first.unwrap_or(Span::new(at, at));
        return (broken(Device::default(), place), remarks, secrets);
    };
    let reader = Reader { flavour, device: Device::default(), remarks, told: BTreeSet::new(), names: Names::read(flavour, &root) };
    let (device, remarks) = reader.whole(&root);
    let device = match first {
        Some(place) => broken(device, place),
        None => device,
    };
    (device, remarks, secrets)
}

fn syntax(span: Span, message: &str) -> Remark {
    Remark { span, message: message.into(), kind: RemarkKind::Syntax }
}

/// Of a file that is not whole, what is missing may be what decides.
fn broken(mut device: Device, place: Span) -> Device {
    const WHY: &str = "the export is not whole";
    device.nat = Nat::Unknown;
    device.forward = Field::opaque_at(place, WHY);
    device.input = Field::opaque_at(place, WHY);
    device.outbound = Field::opaque_at(place, WHY);
    device.terminates = Field::opaque_at(place, WHY);
    device.exits.clear();
    device.late.clear();
    device
}

impl<'e> Reader<'e> {
    fn remark(&mut self, span: Span, message: &str, kind: RemarkKind) {
        // A rule's parts may be read twice.
        if self.told.insert((span.start, span.end)) {
            self.remarks.push(Remark { span, message: message.into(), kind });
        }
    }

    fn whole(mut self, root: &'e Element<'e>) -> (Device, Vec<Remark>) {
        self.sections(root);
        for name in self.names.unknown_in_aliases(root) {
            self.remark(name.span, "the alias names one that is not in the file", RemarkKind::Dangling);
        }
        self.names.describe(&mut self.device);
        let off = xml::at(root, &["system", "disablefilter"]).filter(|e| self.on(e));
        let (inward, outward, nat) = match off {
            Some(off) => {
                // Then the device only routes: nothing is filtered, nothing translated.
                let pass = |name: &str| Chain::new(name, off.span, Some(End::stated(true, off.span)));
                (pass("in"), pass("out"), Vec::new())
            }
            None => {
                let (inward, outward) = self.filter(root);
                (inward, outward, vec![self.forwards(root), self.one_to_one(root)])
            }
        };
        let inward = self.device.add(inward);
        let outward = self.device.add(outward);
        let nat = nat.into_iter().map(|chain| self.device.add(chain)).collect();
        let known = |ids| Field::known_at(ids, root.span);
        self.device.nat = Nat::Chains(nat);
        self.device.forward = known(vec![inward]);
        self.device.exits = vec![outward];
        self.device.input = known(vec![inward]);
        self.device.outbound = known(vec![inward]);
        self.device.late = vec![outward];
        self.device.replies = Replies::PassWithFlow;
        self.device.terminates = self.servers(root);
        (self.device, self.remarks)
    }

    /// Whether a switch is on.
    fn on(&self, element: &Element<'_>) -> bool {
        self.flavour == Flavour::Pfsense || element.text.value.trim() != "0"
    }

    /// Whether the switch of that name is there and on.
    fn has(&self, element: &Element<'_>, name: &str) -> bool {
        element.child(name).is_some_and(|child| self.on(child))
    }

    /// Notes sections that stand in no known `config.xml`: what they do is not followed.
    fn sections(&mut self, root: &Element<'_>) {
        for section in &root.children {
            if !xml::SECTIONS.contains(&&*section.name) {
                self.remark(section.head(), "a section that is not known", RemarkKind::Unknown);
            }
        }
    }
}
