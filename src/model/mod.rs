//! The network as it is, whatever file described it: no serde, no formats; every leaf has its place, and is known or opaque with a reason.

mod field;
pub mod upstream;

pub use field::{Field, Opaque};
