//! stub
use std::borrow::Cow;
use std::ops::Range;
pub const MASK: &str = "[masked]";
pub struct Masked {
    pub text: String,
}
impl Masked {
    pub fn to_masked(&self, o: usize) -> usize {
        o
    }
}
pub fn apply(text: &str, _m: &[Range<usize>]) -> Masked {
    Masked { text: text.to_owned() }
}
pub fn ranges_after_secret_words(_l: &str) -> Option<Range<usize>> {
    None
}
pub fn names_secret(_l: &str) -> bool {
    false
}
pub struct Needles;
impl Needles {
    pub fn new<'s>(_: impl Iterator<Item = &'s crate::secret::Secret>) -> Self {
        Self
    }
}
pub fn redact_values<'t>(t: &'t str, _: &Needles) -> Cow<'t, str> {
    Cow::Borrowed(t)
}
