//! The only door to the file system, the environment and other programs: root, limits, positions, masked text.

mod container;
pub mod git;
mod load;
mod map;
mod mask;
mod masked;
mod problem;
mod session;
mod span;
mod visible;

pub use container::{Container, REGISTRY_POLICY, Sealed};
pub use load::{MAX_DUMP, MAX_FILE, ReadError, Root, decode_text, exists, is_folder, read_bytes, read_stdin, real_path};
pub use map::{FileId, Showing, SourceFile, SourceMap};
pub use mask::{MASK, Needles, names_secret, redact_values};
pub use masked::{MaskedFile, Position};
pub use problem::{Problem, ProblemKind};
pub use session::{Environment, Opened, Session};
pub use span::{Span, Spanned};
pub use visible::{clip, visible};
