//! The only door to the file system and the environment: root, limits, positions, masked text.

mod span;

pub use span::{Span, Spanned};
