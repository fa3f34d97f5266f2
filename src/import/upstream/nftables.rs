//! nftables, as text and as JSON: tables of chains that are bound to hooks by priority, sets, maps and verdict maps.
//!
//! Both forms are read into one small ruleset, which is then brought into the model. Lists of a hook are asked in the order of
//! their priorities, and each may drop; acceptance ends only the list that states it. Chains of the type `nat` are asked
//! when translation takes place, whatever their own priority (`nf_nat_core`): it only orders them among themselves.

mod build;
mod json;
mod key;
mod lex;
mod ruleset;
#[cfg(test)]
mod tests;
mod text;

use super::Remark;
use crate::model::upstream::Device;
use crate::source::Span;

/// Reads the text form. Positions in `text` become spans behind `base`. The device's name is left empty.
pub fn read_text(text: &str, base: u32) -> (Device, Vec<Remark>) {
    let mut remarks = Vec::new();
    let tokens = lex::tokens(text, base, &mut remarks);
    let mut parser = text::Parser { tokens, at: 0, depth: 0, ruleset: ruleset::Ruleset::default(), remarks: &mut remarks };
    parser.file();
    let ruleset = std::mem::take(&mut parser.ruleset);
    let device = build::device(&ruleset, Span::new(base, base), &mut remarks);
    (device, remarks)
}

/// Reads the JSON form.
pub fn read_json(text: &str, base: u32) -> (Device, Vec<Remark>) {
    let mut remarks = Vec::new();
    let ruleset = json::read(text, base, &mut remarks);
    let device = build::device(&ruleset, Span::new(base, base), &mut remarks);
    (device, remarks)
}
