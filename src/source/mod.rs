//! The only door to the file system and the environment: root, limits, positions, masked text.

mod span;
mod visible;

pub use span::{Span, Spanned};
pub use visible::{clip, visible};
