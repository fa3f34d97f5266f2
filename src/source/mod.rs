//! The only door to the file system and the environment: root, limits, positions, masked text.

mod mask;
mod span;
mod visible;

pub use mask::{MASK, MaskMap, Masked, Needles, apply, ranges_after_secret_words, redact_values};
pub use span::{Span, Spanned};
pub use visible::{clip, visible};
