//! IKE and ESP proposals as profiles and the MX write them, and whether two of them meet.

mod accepted;
mod words;

use std::fmt;

pub use accepted::{Accepted, Miss, Outcome, only_elliptic};
pub use words::{Encryption, Group, Integrity};
use words::{Word, read};

/// strongSwan's word for its default proposals (`swanctl.conf`(5)): which they are depends on its version.
pub const DAEMON_DEFAULT: &str = "default";

/// The two negotiations of IKEv1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Main mode: how IKE protects itself.
    One,
    /// Quick mode: how ESP protects the traffic.
    Two,
}

/// How far two things agree: for several alternatives the greatest counts, for several parts the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meets {
    /// They are not the same.
    No,
    /// They may be.
    Unsure,
    /// They are.
    Yes,
}

/// What a proposal is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The cipher.
    Encryption,
    /// The hash.
    Integrity,
    /// The Diffie-Hellman group; of phase 2 the group of PFS.
    Group,
}

/// One proposal: alternatives for each part; a part that it leaves out matches anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal<'t> {
    /// As written.
    pub text: &'t str,
    /// Ciphers.
    pub encryption: Vec<Encryption>,
    /// Hashes.
    pub integrity: Vec<Integrity>,
    /// Groups.
    pub groups: Vec<Group>,
    /// A word that is not known: nothing can be said of the whole.
    pub unknown: Option<&'t str>,
}

impl<'t> Proposal<'t> {
    /// The proposals of a text: one, or several with commas; `!` at an end is strongSwan's "these alone".
    pub fn parse_all(text: &'t str, phase: Phase) -> impl Iterator<Item = Self> {
        let parts = text.split(',').map(|part| part.trim().trim_end_matches('!').trim_end());
        parts.filter(|part| !part.is_empty()).map(move |part| Self::parse(part, phase))
    }

    fn parse(text: &'t str, phase: Phase) -> Self {
        let mut proposal = Self { text, encryption: Vec::new(), integrity: Vec::new(), groups: Vec::new(), unknown: None };
        // libreswan writes `;` before the group and `+` between alternatives.
        let separator = |c: char| matches!(c, '-' | ';' | '+') || c.is_whitespace();
        let mut words = text.split(separator).filter(|w| !w.is_empty()).peekable();
        while let Some(word) = words.next() {
            // `aes-128`, `sha-256`, `group 2`; but `sha-2` may be SHA-2, and SHA-1 with group 2.
            let digits = words.peek().copied().filter(|next| next.bytes().all(|b| b.is_ascii_digit()));
            let whole = digits.filter(|_| word.ends_with(char::is_alphabetic)).map(|next| (next, format!("{word}{next}")));
            let meaning = match whole {
                Some((next, _)) if next == "2" && word.eq_ignore_ascii_case("sha") => None,
                Some((_, whole)) if read(&whole).is_some() => {
                    words.next();
                    read(&whole)
                }
                _ => read(word),
            };
            match meaning {
                Some(Word::Encryption(cipher)) => proposal.encryption.push(cipher),
                Some(Word::Integrity(hash)) => proposal.integrity.push(hash),
                // Phase 1 is an exchange of its own, and cannot do without a group.
                Some(Word::Group(group)) if phase == Phase::Two || matches!(group, Group::Number(_)) => proposal.groups.push(group),
                Some(Word::Nothing) => {}
                _ => proposal.unknown = proposal.unknown.or(Some(word)),
            }
        }
        proposal
    }

    /// How far each part agrees with another proposal's.
    fn compare(&self, other: &Self) -> [(Part, Meets); 3] {
        [
            (Part::Encryption, best(&self.encryption, &other.encryption, Encryption::meets)),
            (Part::Integrity, best(&self.integrity, &other.integrity, Integrity::meets)),
            (Part::Group, best(&self.groups, &other.groups, |a, b| a.meets(*b))),
        ]
    }

    /// Whether the two meet.
    pub fn meets(&self, other: &Self) -> Meets {
        if self.unknown.is_some() || other.unknown.is_some() {
            return Meets::Unsure;
        }
        self.compare(other).into_iter().map(|(_, meets)| meets).min().unwrap_or(Meets::Yes)
    }
}

/// The best agreement between alternatives; a part that one side leaves out agrees.
fn best<T>(ours: &[T], theirs: &[T], meets: impl Fn(&T, &T) -> Meets) -> Meets {
    let meets = &meets;
    ours.iter().flat_map(|a| theirs.iter().map(move |b| meets(a, b))).max().unwrap_or(Meets::Yes)
}

impl Meets {
    const fn known(same: bool) -> Self {
        if same { Self::Yes } else { Self::No }
    }
}

impl Encryption {
    fn meets(&self, other: &Self) -> Meets {
        match (self, other) {
            (Self::Aes(a), Self::Aes(b)) if a != b => match (a, b) {
                // What `aes` alone offers contains 128 bits in every implementation.
                (None, Some(128)) | (Some(128), None) => Meets::Yes,
                (None, _) | (_, None) => Meets::Unsure,
                _ => Meets::No,
            },
            (Self::Other(a), Self::Other(b)) if a != b => Meets::Unsure,
            _ => Meets::known(self == other),
        }
    }
}

impl Integrity {
    fn meets(&self, other: &Self) -> Meets {
        match (self, other) {
            (Self::Other(a), Self::Other(b)) if a != b => Meets::Unsure,
            _ => Meets::known(self == other),
        }
    }
}

impl Group {
    fn meets(self, other: Self) -> Meets {
        match (self, other) {
            (Self::MainMode, Self::Number(_)) | (Self::Number(_), Self::MainMode) => Meets::Unsure,
            _ => Meets::known(self == other),
        }
    }
}

impl Part {
    /// Its name in a message about a phase.
    pub const fn name(self, phase: Phase) -> &'static str {
        match (self, phase) {
            (Self::Encryption, _) => "encryption",
            (Self::Integrity, _) => "integrity",
            (Self::Group, Phase::One) => "DH group",
            (Self::Group, Phase::Two) => "PFS group",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::One => "phase 1",
            Self::Two => "phase 2",
        })
    }
}

#[cfg(test)]
mod tests;
