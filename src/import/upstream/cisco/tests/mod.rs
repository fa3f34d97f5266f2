#![expect(clippy::format_push_string, reason = "texts built for tests")]

use super::*;
use crate::import::upstream::trial::{answers, verdict};
use crate::net::Service;

mod asa_lists;
mod asa_nat;
mod asa_whole;
mod ios_lists;
mod ios_nat;
mod ios_whole;
mod ios_zones;

/// A text with what is hidden of it blotted out.
fn shown(text: &str, secrets: &[Span]) -> String {
    let mut shown: Vec<u8> = text.bytes().collect();
    for span in secrets {
        shown[span.start as usize..span.end as usize].fill(b'*');
    }
    String::from_utf8(shown).unwrap()
}

/// The words that remarks of a kind are about.
fn told<'t>(text: &'t str, remarks: &[Remark], kind: RemarkKind) -> Vec<&'t str> {
    remarks.iter().filter(|r| r.kind == kind).map(|r| &text[r.span.start as usize..r.span.end as usize]).collect()
}
