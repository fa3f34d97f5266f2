//! Exports of several devices in one text: read as one, they would prove things that hold for neither.

use super::rows::{Row, rows};
use crate::import::detect::Format;
use crate::source::Span;

#[cfg(test)]
mod tests;

/// Where the export of a second device begins.
pub(super) fn second(format: Format, text: &str, base: u32) -> Option<Span> {
    let mut seen: Vec<&str> = Vec::new();
    for row in rows(text, base) {
        let Some(head) = head(format, &row) else { continue };
        if seen.contains(&head) {
            return Some(row.span);
        }
        seen.push(head);
    }
    None
}

/// What a line says of a device as a whole, and stands once in its export.
fn head<'t>(format: Format, row: &Row<'t>) -> Option<&'t str> {
    let begins = |words: &[&'static str]| words.iter().copied().find(|word| row.text.starts_with(word));
    match format {
        Format::CiscoIos if row.indent == 0 => begins(&["hostname ", "Building configuration"]),
        Format::CiscoAsa if row.indent == 0 => begins(&["hostname ", "ASA Version "]),
        Format::Fortios => begins(&["#config-version="]),
        Format::Routeros => (row.text.starts_with('#') && row.text.contains(" by RouterOS ")).then_some("RouterOS"),
        // Nodes of a cluster have names in groups, deeper in the braces.
        Format::Junos if row.indent == 0 => begins(&["set system host-name ", "set version ", "version "]),
        Format::Vyos | Format::Edgeos => {
            let version = row.text.contains("vyatta-config-version") || row.text.starts_with("// vyos-config-version");
            // Deeper in the braces it is what an interface tells a DHCP server.
            let name = begins(&["set system host-name ", "host-name "]).filter(|_| row.indent <= 4);
            name.or(version.then_some("version"))
        }
        Format::Openwrt => begins(&["config defaults", "package firewall"]),
        // `iptables-save` prints each table once; its own remark stands in front of each.
        Format::IptablesSave => row.text.strip_prefix('*'),
        _ => None,
    }
}
