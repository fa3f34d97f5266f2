//! Hides secrets by value, in whatever form they turn up.

use std::borrow::Cow;
use std::ops::Range;

use zeroize::Zeroizing;

use super::MASK;
use crate::secret::Secret;

/// The secrets of a site, in every form that [`Secret::mask_needles`] knows, ready to be sought. Wiped when dropped.
pub struct Needles {
    /// Sorted, without repetitions, none shorter than [`HEAD`].
    sorted: Vec<Zeroizing<Vec<u8>>>,
    /// A bit for each hash of a needle's first bytes; none when there are no needles.
    heads: Vec<u64>,
}

/// So many bytes of a needle decide whether a place is worth a look.
const HEAD: usize = 4;
const HEADS: usize = 1 << 16;

fn head_hash(bytes: &[u8]) -> usize {
    let word = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    (word.wrapping_mul(0x9e37_79b1) >> 16) as usize
}

impl Needles {
    /// Collects the needles of all secrets.
    pub fn new<'s>(secrets: impl Iterator<Item = &'s Secret>) -> Self {
        let mut sorted: Vec<Zeroizing<Vec<u8>>> = Vec::new();
        for secret in secrets {
            secret.mask_needles(|needle| {
                if needle.len() >= HEAD {
                    sorted.push(Zeroizing::new(needle.as_bytes().to_vec()));
                }
            });
        }
        sorted.sort_unstable_by(|a, b| a.as_slice().cmp(b));
        sorted.dedup_by(|a, b| a.as_slice() == b.as_slice());
        let mut heads = vec![0; if sorted.is_empty() { 0 } else { HEADS / 64 }];
        for needle in &sorted {
            let hash = head_hash(needle);
            heads[hash / 64] |= 1 << (hash % 64);
        }
        Self { sorted, heads }
    }

    /// Whether there is nothing to seek.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// Length of the longest needle that `bytes` begins with.
    fn longest_at(&self, bytes: &[u8]) -> Option<usize> {
        let hash = head_hash(bytes);
        if self.heads[hash / 64] & (1 << (hash % 64)) == 0 {
            return None;
        }
        let head = &bytes[..HEAD];
        let first = self.sorted.partition_point(|n| &n[..HEAD] < head);
        let same_head = self.sorted[first..].iter().take_while(|n| &n[..HEAD] == head);
        same_head.filter(|n| bytes.starts_with(n)).map(|n| n.len()).max()
    }
}

/// The text with [`MASK`] in place of every needle; needles that overlap or touch become one mask.
///
/// One pass over the text. Borrowed when there is nothing to hide.
pub fn redact_values<'t>(text: &'t str, needles: &Needles) -> Cow<'t, str> {
    if needles.is_empty() {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut out = String::new();
    let mut shown = 0;
    let mut hidden: Option<Range<usize>> = None;
    for at in 0..bytes.len().saturating_sub(HEAD - 1) {
        let Some(len) = needles.longest_at(&bytes[at..]) else { continue };
        match &mut hidden {
            Some(range) if at <= range.end => range.end = range.end.max(at + len),
            _ => {
                if let Some(range) = hidden.replace(at..at + len) {
                    out.push_str(&text[shown..range.start]);
                    out.push_str(MASK);
                    shown = range.end;
                }
            }
        }
    }
    let Some(range) = hidden else { return Cow::Borrowed(text) };
    out.push_str(&text[shown..range.start]);
    out.push_str(MASK);
    out.push_str(&text[range.end..]);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn needles(secrets: &[&str]) -> Needles {
        let secrets: Vec<_> = secrets.iter().map(|&s| Secret::new(s)).collect();
        Needles::new(secrets.iter())
    }

    #[test]
    fn known_values_are_hidden_in_every_form() {
        let needles = needles(&["CANARY-7\"x", "kestrel"]);
        for text in ["CANARY-7\"x", "Q0FOQVJZLTcieA==", "43414e4152592d372278", "CANARY-7&quot;x", "CANARY-7\\\"x", "kestrel"] {
            assert_eq!(redact_values(&format!("<{text}>"), &needles), "<[masked]>", "{text}");
        }
    }

    #[test]
    fn text_without_values_is_borrowed() {
        assert!(matches!(redact_values("nothing here", &needles(&["CANARY"])), Cow::Borrowed(_)));
        assert!(matches!(redact_values("abc", &needles(&["abc"])), Cow::Borrowed(_)));
        assert!(needles(&["abc", ""]).is_empty());
    }

    #[test]
    fn overlapping_values_are_hidden_together() {
        assert_eq!(redact_values("xABABABABx", &needles(&["ABABAB"])), "x[masked]x");
        assert_eq!(redact_values("xABCDEFGHx", &needles(&["ABCDE", "DEFGH", "BCDE"])), "x[masked]x");
        assert_eq!(redact_values("ABCDABCD ABCD", &needles(&["ABCD"])), "[masked] [masked]");
    }

    proptest! {
        #[test]
        fn no_needle_is_left(secrets in prop::collection::vec("[X-Z<é]{4,6}", 1..4), parts in prop::collection::vec("[X-Z<é]{0,9}", 1..6)) {
            let secrets: Vec<_> = secrets.iter().map(Secret::new).collect();
            let mut text = String::new();
            for part in parts {
                text.push_str(&part);
                for secret in &secrets {
                    secret.mask_needles(|n| text.push_str(n));
                }
            }
            let shown = redact_values(&text, &Needles::new(secrets.iter())).into_owned();
            for secret in &secrets {
                let mut left = None;
                secret.mask_needles(|n| left = left.take().or_else(|| shown.contains(n).then(|| n.to_owned())));
                prop_assert_eq!(left, None);
            }
        }
    }
}
