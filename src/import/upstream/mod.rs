//! Readers of the exports of firewalls and routers, and the hand-written form.

pub mod by_hand;

use super::Notes;
use super::detect::Format;
use crate::model::upstream::Device;

/// Reads a firewall's export. `None`: the format is none of firewalls. `base` is the place of the text's first byte.
pub fn read(_format: Format, _text: &str, _base: u32) -> Option<(Device, Notes)> {
    None
}
