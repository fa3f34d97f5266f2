//! The state of a WAN port, in the words of the Dashboard API's uplink statuses.

/// State of a WAN port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UplinkState {
    /// In use.
    Active,
    /// Works, and is not in use.
    Ready,
    /// On its way.
    Connecting,
    /// No link.
    NotConnected,
    /// A link, and no way to the internet.
    Failed,
}

impl UplinkState {
    /// The state of a word, whatever its case and separators.
    pub fn parse(word: &str) -> Option<Self> {
        let folded: String = word.chars().filter(|c| !matches!(c, ' ' | '_' | '-')).flat_map(char::to_lowercase).collect();
        let all = [Self::Active, Self::Ready, Self::Connecting, Self::NotConnected, Self::Failed];
        all.into_iter().find(|state| state.word().replace(' ', "") == folded)
    }

    /// The API's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ready => "ready",
            Self::Connecting => "connecting",
            Self::NotConnected => "not connected",
            Self::Failed => "failed",
        }
    }
}
