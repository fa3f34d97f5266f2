//! Readers of the exports of firewalls and routers, each into a [`Device`], and the hand-written form.

pub mod aws;
pub mod azure;
pub mod by_hand;
pub mod cisco;
mod cloud;
mod config_tree;
pub mod fortios;
mod fragment;
pub mod iptables_save;
pub mod junos;
pub mod nftables;
pub mod openwrt;
pub mod pf;
pub mod routeros;
mod rows;
mod several;
#[cfg(test)]
mod trial;
pub mod unifi;
mod veil;
pub mod vyos;

use super::Notes;
use super::detect::Format;
use crate::model::upstream::Device;
use crate::source::{Problem, ProblemKind, Span, Spanned};

/// Something in an export that its reader did not understand. The message never quotes the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Where.
    pub span: Span,
    /// What is wrong, in one line.
    pub message: String,
    /// How bad it is.
    pub kind: RemarkKind,
}

/// How bad a [`Remark`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemarkKind {
    /// The text breaks its format's grammar.
    Syntax,
    /// The grammar is fine, and this reader does not know the word.
    Unknown,
    /// A name that the file should define and does not.
    Dangling,
    /// The rest stands in a place that is not read: what is absent here may stand there.
    Elsewhere,
}

/// Whether several files of the format tell of one device together.
pub fn joins(format: Format) -> bool {
    matches!(format, Format::Openwrt | Format::Unifi)
}

/// Reads a firewall's export. `None`: the format is none of firewalls. `base` is the place of the text's first byte.
pub fn read(format: Format, text: &str, base: u32) -> Option<(Device, Notes)> {
    read_together(format, &[(text, base)])
}

/// The same for an export in several texts, each with the place of its first byte. Formats that do not join take the first.
pub fn read_together(format: Format, parts: &[(&str, u32)]) -> Option<(Device, Notes)> {
    let (text, base) = *parts.first()?;
    // Rule sets hold no keys; whole configurations do.
    let open = |(device, remarks)| (device, remarks, Vec::new());
    let (mut device, remarks, secrets) = match format {
        Format::IptablesSave => open(iptables_save::read(text, base)),
        Format::Pfsense => pf::read(pf::Flavour::Pfsense, text, base),
        Format::Opnsense => pf::read(pf::Flavour::Opnsense, text, base),
        Format::Unifi => unifi::read(parts),
        Format::Openwrt => openwrt::read(parts),
        Format::Routeros => routeros::read(text, base),
        Format::Aws => aws::read(text, base),
        Format::Azure => azure::read(text, base),
        Format::Fortios => fortios::read(text, base),
        Format::Nftables => open(nftables::read_text(text, base)),
        Format::CiscoAsa => cisco::asa::read(text, base),
        Format::CiscoIos => cisco::ios::read(text, base),
        Format::NftablesJson => open(nftables::read_json(text, base)),
        Format::Junos => junos::read(text, base),
        Format::Vyos | Format::Edgeos => vyos::read(text, base),
        _ => return None,
    };
    let mut notes = Notes { secrets, ..Notes::default() };
    for remark in remarks {
        match remark.kind {
            RemarkKind::Syntax => notes.problems.push(Problem::new(ProblemKind::Syntax, remark.span, remark.message, "not understood")),
            RemarkKind::Unknown => device.unknown.push(Spanned::new(remark.message.into(), remark.span)),
            RemarkKind::Elsewhere => {
                notes.gap.get_or_insert(remark.span);
                device.unknown.push(Spanned::new(remark.message.into(), remark.span));
            }
            RemarkKind::Dangling => device.dangling.push(Spanned::new(remark.message.into(), remark.span)),
        }
    }
    if let Some(second) = parts.iter().find_map(|(text, base)| several::second(format, text, *base)) {
        let why = "the file holds the exports of several devices";
        let problem = Problem::new(ProblemKind::Syntax, second, why, "another one begins here");
        notes.problems.push(problem.help("give each device a file and an [[upstream]] table of its own, from the internet inwards"));
        // Lists of one name are mixed: even what is wrong in them may be right in each device.
        device = Device { unknown: device.unknown, ..Device::default() };
        fragment::leave_undecided(&mut device, second, why);
    }
    Some((device, notes))
}
