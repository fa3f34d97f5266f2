//! Many descriptions joined as if one after another, in less than the square of the time: parts of like size are joined first.

use super::{Drifts, Join};
use crate::source::Problem;

/// Descriptions that were not all joined yet, each with how often it was.
pub struct Many<T> {
    parts: Vec<(u32, T)>,
}

impl<T> Default for Many<T> {
    fn default() -> Self {
        Self { parts: Vec::new() }
    }
}

impl<T: Join> Many<T> {
    /// Adds a description; what it contradicts is noted now or in the end.
    pub fn add(&mut self, part: T, problems: &mut Vec<Problem>) {
        let (mut times, mut part) = (0, part);
        while let Some((_, mut earlier)) = self.parts.pop_if(|(other, _)| *other == times) {
            earlier.join(part, "", &mut Drifts { problems, inline: false });
            part = earlier;
            times += 1;
        }
        self.parts.push((times, part));
    }

    /// All in one; `None`: there was none.
    pub fn finish(mut self, problems: &mut Vec<Problem>) -> Option<T> {
        let (_, mut all) = self.parts.pop()?;
        while let Some((_, mut earlier)) = self.parts.pop() {
            earlier.join(all, "", &mut Drifts { problems, inline: false });
            all = earlier;
        }
        Some(all)
    }
}
