//! The texts of policies, for the question whether a key of a site stands in one: reasons and owners of waivers are shown, and people write what they should not.

use crate::secret::Secret;
use crate::source::SourceMap;

/// So many bytes decide whether a text is worth a look.
const HEAD: usize = 4;

/// The texts of policy files.
#[derive(Default)]
pub struct Texts {
    texts: Vec<Box<str>>,
    /// A bit for each hash of four bytes in a row.
    heads: Vec<u64>,
}

impl Texts {
    /// The texts of a run's policies; packs are ours.
    pub fn of(map: &SourceMap) -> Self {
        let own = map.files().iter().filter(|f| !f.path.starts_with("pack "));
        let texts: Vec<Box<str>> = own.map(|f| f.raw().into()).collect();
        let length: usize = texts.iter().map(|t| t.len()).sum();
        let mut heads = vec![0; if length == 0 { 0 } else { (length * 16).next_power_of_two().max(64) / 64 }];
        for window in texts.iter().flat_map(|t| t.as_bytes().windows(HEAD)) {
            let (word, bit) = place(window, heads.len());
            heads[word] |= bit;
        }
        Self { texts, heads }
    }

    /// Whether a key stands in one of them, as it is; with `coded`, in any form that could be turned back.
    pub fn hold(&self, secret: &Secret, coded: bool) -> bool {
        if self.heads.is_empty() {
            return false;
        }
        if !coded {
            return secret.stands_in(|text| self.contain(text));
        }
        let mut found = false;
        secret.mask_needles(|needle| found = found || self.contain(needle));
        found
    }

    fn contain(&self, text: &str) -> bool {
        let Some(head) = text.as_bytes().get(..HEAD) else { return false };
        let (word, bit) = place(head, self.heads.len());
        self.heads[word] & bit != 0 && self.texts.iter().any(|t| t.contains(text))
    }
}

fn place(head: &[u8], words: usize) -> (usize, u64) {
    let head = u64::from(u32::from_le_bytes([head[0], head[1], head[2], head[3]]));
    let hash = head.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    (hash as usize / 64 % words, 1 << (hash % 64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Showing;

    #[test]
    fn keys_are_found_as_they_are_and_coded() {
        let mut map = SourceMap::default();
        assert!(!Texts::of(&map).hold(&Secret::new("CANARY-1"), true));
        map.add(
            "vpnlint.toml".to_owned(),
            "/x/vpnlint.toml".into(),
            "reason = \"CANARY-1 (Q0FOQVJZLTI=)\"\n".to_owned(),
            Showing::WithContext,
        );
        map.add("pack pci".to_owned(), "pack pci".into(), "# Zebra-77\n".to_owned(), Showing::WithContext);
        let texts = Texts::of(&map);
        assert!(texts.hold(&Secret::new("CANARY-1"), false));
        assert!(!texts.hold(&Secret::new("CANARY-2"), false) && texts.hold(&Secret::new("CANARY-2"), true));
        assert!(!texts.hold(&Secret::new("Zebra-77"), true) && !texts.hold(&Secret::new("ANA"), true));
    }
}
