//! Hides secrets in text that is about to be shown: by place, by the word in front of them, and by value.
//!
//! Pure functions on text; which places hold secrets is for the readers to say.

use std::ops::Range;

mod values;
mod words;

pub use values::{Needles, redact_values};
pub use words::{names_secret, ranges_after_secret_words};

/// What stands for a secret, whatever its length.
pub const MASK: &str = "[masked]";

/// A text with its secrets hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masked {
    /// The text to show.
    pub text: String,
    /// Where its bytes come from.
    pub map: MaskMap,
}

/// The way between byte offsets of a text and of its masked form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MaskMap {
    /// What was hidden, in order, none empty, and where its mask begins.
    pieces: Vec<(Range<usize>, usize)>,
}

#[cfg_attr(not(test), expect(dead_code, reason = "the way back is for editors"))]
impl MaskMap {
    /// The offset in the masked text. Within a hidden part: the beginning of its mask.
    pub fn to_masked(&self, offset: usize) -> usize {
        let after = self.pieces.partition_point(|(from, _)| from.start < offset);
        match self.pieces[..after].last() {
            None => offset,
            Some((from, at)) if offset < from.end => *at,
            Some((from, at)) => at + MASK.len() + (offset - from.end),
        }
    }

    /// The range in the masked text; a range that begins or ends within a hidden part takes in the whole mask.
    pub fn range_to_masked(&self, range: Range<usize>) -> Range<usize> {
        let start = self.to_masked(range.start);
        let after = self.pieces.partition_point(|(from, _)| from.start < range.end);
        let end = match self.pieces[..after].last() {
            Some((from, at)) if range.end <= from.end && range.start < range.end => at + MASK.len(),
            _ => self.to_masked(range.end),
        };
        start..end.max(start)
    }

    /// The offset in the original text. Within a mask: the beginning of the hidden part.
    pub fn to_original(&self, offset: usize) -> usize {
        let after = self.pieces.partition_point(|(_, at)| *at < offset);
        match self.pieces[..after].last() {
            None => offset,
            Some((from, at)) if offset < at + MASK.len() => from.start,
            Some((from, at)) => from.end + (offset - at - MASK.len()),
        }
    }
}

/// Puts [`MASK`] in place of every range. Ranges may overlap, touch, come in any order, cut a character or reach beyond the
/// text; line breaks within them stay, so that every line keeps its number.
pub fn apply(text: &str, masks: &[Range<usize>]) -> Masked {
    let mut masked = Masked { text: String::with_capacity(text.len()), map: MaskMap::default() };
    let mut shown = 0;
    for range in merged(text, masks) {
        let mut start = range.start;
        for line in text[range].split_inclusive('\n') {
            let end = start + line.trim_end_matches('\n').trim_end_matches('\r').len();
            if start < end {
                masked.text.push_str(&text[shown..start]);
                masked.map.pieces.push((start..end, masked.text.len()));
                masked.text.push_str(MASK);
                shown = end;
            }
            start += line.len();
        }
    }
    masked.text.push_str(&text[shown..]);
    masked
}

/// The ranges in order, on character boundaries, without overlaps and neighbours.
pub(super) fn merged(text: &str, masks: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut all: Vec<_> = masks
        .iter()
        .filter(|r| r.start < r.end && r.start < text.len())
        .map(|r| {
            let start = (0..=r.start).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
            let end = (r.end..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
            start..end
        })
        .collect();
    all.sort_unstable_by_key(|r| r.start);
    let mut out: Vec<Range<usize>> = Vec::with_capacity(all.len());
    for range in all {
        match out.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => out.push(range),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ranges(start: usize, end: usize) -> Vec<Range<usize>> {
        Vec::from([Range { start, end }])
    }

    #[test]
    fn a_mask_does_not_tell_the_length() {
        assert_eq!(apply("psk = a!", &ranges(6, 7)).text, "psk = [masked]!");
        assert_eq!(apply("psk = CANARY!", &ranges(6, 12)).text, "psk = [masked]!");
    }

    #[test]
    fn overlapping_and_touching_ranges_become_one_mask() {
        assert_eq!(apply("abcdefgh", &[4..6, 1..3, 2..4, 9..12, 5..5]).text, "a[masked]gh");
    }

    #[test]
    fn cut_characters_are_hidden_whole() {
        assert_eq!(apply("aéb大c", &[2..3, 5..99]).text, "a[masked]b[masked]");
    }

    #[test]
    fn a_secret_over_several_lines_keeps_their_number() {
        let masked = apply("a = CAN\r\n  ARY\n\nend", &ranges(4, 15));
        assert_eq!(masked.text, "a = [masked]\r\n[masked]\n\nend");
        assert_eq!(masked.map.to_masked(16), 24);
    }

    #[test]
    fn offsets_within_a_mask_go_to_its_edges() {
        let map = apply("ab CANARY cd", &ranges(3, 9)).map;
        assert_eq!((map.to_masked(3), map.to_masked(5), map.to_masked(9)), (3, 3, 11));
        assert_eq!((map.to_original(3), map.to_original(7), map.to_original(11)), (3, 3, 9));
        assert_eq!(map.range_to_masked(3..9), 3..11);
        assert_eq!(map.range_to_masked(4..5), 3..11);
        assert_eq!(map.range_to_masked(1..4), 1..11);
        assert_eq!(map.range_to_masked(5..5), 3..3);
        assert_eq!(map.range_to_masked(0..3), 0..3);
    }

    proptest! {
        #[test]
        fn offsets_outside_masks_come_back(text in "[a-cé\n]{0,40}", masks in prop::collection::vec((0usize..50, 0usize..12), 0..6)) {
            let masks: Vec<_> = masks.into_iter().map(|(start, len)| start..start + len).collect();
            let masked = apply(&text, &masks);
            for at in (0..=text.len()).filter(|&at| text.is_char_boundary(at)) {
                let to = masked.map.to_masked(at);
                prop_assert!(to <= masked.text.len());
                let inside = masked.map.pieces.iter().any(|(from, _)| from.start < at && at < from.end);
                if !inside {
                    prop_assert_eq!(masked.map.to_original(to), at);
                    if text.as_bytes().get(at) == Some(&b'\n') {
                        prop_assert_eq!(masked.text.as_bytes().get(to), Some(&b'\n'));
                    }
                }
                let range = masked.map.range_to_masked(at..text.len());
                prop_assert!(masked.text.get(range).is_some());
            }
        }

        #[test]
        fn lines_keep_their_number(text in "[a-c\r\n]{0,40}", start in 0usize..40, len in 0usize..40) {
            prop_assert_eq!(apply(&text, &ranges(start, start + len)).text.matches('\n').count(), text.matches('\n').count());
        }

        #[test]
        fn a_masked_text_never_holds_the_secret(secret in "[X-Z]{4,6}", parts in prop::collection::vec("[X-Z]{0,3}", 1..6)) {
            let text = parts.join(&secret);
            let masks: Vec<_> = (0..text.len()).filter(|&i| text[i..].starts_with(&secret)).map(|i| i..i + secret.len()).collect();
            prop_assert!(!apply(&text, &masks).text.contains(&secret));
        }
    }
}
