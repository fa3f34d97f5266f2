//! Keys and passwords: a type that answers questions and never shows what it holds.
//!
//! It knows nothing of files or rules. The masker gets the forms to hide through [`Secret::mask_needles`].

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, LazyLock};

use zeroize::Zeroizing;

mod encoding;
mod near_miss;
mod needles;
mod portable;
mod shape;
mod strength;
mod weakness;

pub use near_miss::{EdgePlace, Encoding, NearMiss, Side};
pub use portable::{Carrier, Unportable};
pub use shape::{EdgeClass, Edges};
pub use weakness::{CommonValues, Weakness};

/// The text of a pre-shared key, a RADIUS secret or a password; wiped from memory with its last clone.
///
/// It cannot be shown, written out, taken apart or compared by accident:
///
/// ```compile_fail,E0277
/// println!("{:?}", vpnlint::secret::Secret::new("CANARY"));
/// ```
/// ```compile_fail,E0277
/// println!("{}", vpnlint::secret::Secret::new("CANARY"));
/// ```
/// ```compile_fail,E0277
/// serde_json::to_string(&vpnlint::secret::Secret::new("CANARY"));
/// ```
/// ```compile_fail,E0614
/// let text = *vpnlint::secret::Secret::new("CANARY");
/// ```
/// ```compile_fail,E0308
/// let text: &str = &vpnlint::secret::Secret::new("CANARY");
/// ```
/// ```compile_fail,E0369
/// let equal = vpnlint::secret::Secret::new("CANARY") == vpnlint::secret::Secret::new("CANARY");
/// ```
///
/// Its group key cannot be shown either:
///
/// ```compile_fail,E0277
/// println!("{:?}", vpnlint::secret::Secret::new("CANARY").group_key());
/// ```
///
/// What it does do:
///
/// ```
/// use vpnlint::secret::Secret;
/// assert!(Secret::new("CANARY").same_as(&Secret::new("CANARY")));
/// ```
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

/// Stands for a secret that is no longer there: equal texts have equal keys within this process, and only there.
///
/// Two hashes of 64 bits, each keyed with what this process drew at random: different texts never share both but by a chance
/// of one in 2¹²⁸.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecretKey([u64; 2]);

impl Secret {
    /// Takes the text as its format decodes it, with every blank and line break.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Arc::new(Zeroizing::new(text.into())))
    }

    /// Whether both hold the same text, byte for byte.
    pub fn same_as(&self, other: &Self) -> bool {
        self.text() == other.text()
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.text().is_empty()
    }

    /// A value to group equal secrets by, which tells nothing of their text.
    pub fn group_key(&self) -> SecretKey {
        static KEYS: LazyLock<[RandomState; 2]> = LazyLock::new(|| [RandomState::new(), RandomState::new()]);
        SecretKey([&KEYS[0], &KEYS[1]].map(|key| key.hash_one(self.text())))
    }

    fn text(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_the_same_and_share_a_group() {
        let (a, b) = (Secret::new("CANARY-1"), Secret::new(String::from("CANARY-1")));
        assert!(a.same_as(&b) && a.group_key() == b.group_key());
        assert!(a.clone().same_as(&a));
    }

    #[test]
    fn different_texts_differ_even_in_a_blank() {
        let (a, b) = (Secret::new("CANARY-1"), Secret::new("CANARY-1 "));
        assert!(!a.same_as(&b) && a.group_key() != b.group_key());
    }

    #[test]
    fn only_no_text_is_empty() {
        assert!(Secret::new("").is_empty());
        assert!(!Secret::new(" ").is_empty());
    }
}
