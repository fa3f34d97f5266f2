//! The hand-written form of an upstream device.

use crate::import::site_file::UpstreamDecl;
use crate::model::upstream::Device;
use crate::source::{Span, Spanned};

/// One device from what the table says and what its export says.
pub fn device(decl: UpstreamDecl, imported: Option<Device>, _names_import: bool, place: Span, n: usize) -> Device {
    let mut device = imported.unwrap_or_default();
    let name = decl
        .name
        .known()
        .map_or_else(|| Spanned::new(format!("upstream {}", n + 1).into(), place), |n| Spanned::new(n.value.as_str().into(), n.span));
    device.name = name;
    device
}
