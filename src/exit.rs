//! Exit codes: the same in every format.

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Clean at the chosen level.
    Clean,
    /// Findings at or above `--fail-on`.
    Findings,
    /// A wrong option or policy.
    Usage,
    /// An input could not be read or parsed at all.
    Unreadable,
    /// Nothing was checked, or a rule that must be decided was not.
    Undecided,
    /// A bug of vpnlint.
    Bug,
}

impl Exit {
    /// The process's exit code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Unreadable => 3,
            Self::Undecided => 4,
            Self::Bug => 70,
        }
    }

    /// The one of several that a run ends with: 70 > 2 > 3 > 1 > 4 > 0.
    pub fn gravest(all: impl IntoIterator<Item = Self>) -> Self {
        let order = [Self::Bug, Self::Usage, Self::Unreadable, Self::Findings, Self::Undecided];
        let all: Vec<_> = all.into_iter().collect();
        order.into_iter().find(|e| all.contains(e)).unwrap_or(Self::Clean)
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn a_bug_outweighs_everything_and_undecided_only_clean() {
        assert_eq!(Exit::gravest([Exit::Findings, Exit::Bug]), Exit::Bug);
        assert_eq!(Exit::gravest([Exit::Findings, Exit::Unreadable]), Exit::Unreadable);
        assert_eq!(Exit::gravest([Exit::Undecided, Exit::Findings]), Exit::Findings);
        assert_eq!(Exit::gravest([Exit::Undecided]), Exit::Undecided);
        assert_eq!(Exit::gravest([]), Exit::Clean);
    }
}
