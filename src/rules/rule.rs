//! What a rule is: plain data and one function.

use std::fmt;

use super::{Across, Context, Out, Param};

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Not checked.
    Off,
    /// Good practice.
    Advice,
    /// Works today, breaks on a foreseeable event, or is weak.
    Warning,
    /// A user will be cut off, or a secret is exposed.
    Error,
}

impl Level {
    /// The word in policies and reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Advice => "advice",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The level of a word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Off, Self::Advice, Self::Warning, Self::Error].into_iter().find(|l| l.word() == word)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// The stages of a client's connection, in the order in which they happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The server name gives the address of this MX.
    Resolve,
    /// UDP 500 arrives, and its answer comes back.
    ReachIke,
    /// IKEv1 main mode: proposals meet.
    IkeProposal,
    /// UDP 4500 arrives.
    ReachNatt,
    /// The first message under the pre-shared key.
    IkePsk,
    /// IKE phase 2 and ESP, both ways.
    Esp,
    /// PPP with PAP.
    PppAuth,
    /// The pool has a free address.
    Address,
    /// Traffic for the resource enters the tunnel, and its answer comes back.
    Route,
    /// The resource's name resolves.
    Name,
    /// Firewalls admit the service.
    Access,
}

impl Stage {
    /// All stages, first to last.
    pub const ALL: [Self; 11] = [
        Self::Resolve,
        Self::ReachIke,
        Self::IkeProposal,
        Self::ReachNatt,
        Self::IkePsk,
        Self::Esp,
        Self::PppAuth,
        Self::Address,
        Self::Route,
        Self::Name,
        Self::Access,
    ];

    /// The word in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::ReachIke => "reach-ike",
            Self::IkeProposal => "ike-proposal",
            Self::ReachNatt => "reach-natt",
            Self::IkePsk => "ike-psk",
            Self::Esp => "esp",
            Self::PppAuth => "ppp-auth",
            Self::Address => "address",
            Self::Route => "route",
            Self::Name => "name",
            Self::Access => "access",
        }
    }

    /// What has to happen at this stage, as a clause.
    pub const fn happens(self) -> &'static str {
        match self {
            Self::Resolve => "the server name gives the address of this MX",
            Self::ReachIke => "UDP 500 arrives at the MX's primary address, and its answer comes back",
            Self::IkeProposal => "IKE phase 1: client and MX find a proposal that both accept",
            Self::ReachNatt => "UDP 4500 arrives: with NAT on the way, IKE goes on there",
            Self::IkePsk => "both sides prove the pre-shared key",
            Self::Esp => "IKE phase 2, then ESP in both directions",
            Self::PppAuth => "PPP with PAP: the user is accepted",
            Self::Address => "the client VPN subnet has a free address",
            Self::Route => "traffic for the resource enters the tunnel, and its answer comes back",
            Self::Name => "the resource's name resolves",
            Self::Access => "firewalls and the resource admit the service",
        }
    }

    /// What is seen when this stage fails: ids of [`super::SYMPTOMS`] (the stage table of the rule catalogue, from the article's error codes and capture tips).
    pub const fn symptoms(self) -> &'static [&'static str] {
        match self {
            Self::Resolve => &["cannot-resolve-server", "windows-809", "windows-789", "no-event-log", "no-isakmp-in-capture"],
            Self::ReachIke => &["windows-809", "windows-789", "no-event-log", "no-isakmp-in-capture", "security-association-repeats"],
            Self::IkeProposal => &["windows-789", "invalid-dh-group"],
            Self::ReachNatt => &["windows-809", "windows-789", "key-exchange-repeats"],
            Self::IkePsk => &["windows-789", "key-exchange-repeats"],
            Self::Esp => &["phase-2-repeats"],
            Self::PppAuth => &["windows-691", "isakmp-sa-established", "not-matched"],
            Self::Address => &["authenticated-then-fails"],
            Self::Route => &["connected-ping-fails"],
            Self::Name => &["ping-works-name-fails"],
            Self::Access => &["ping-works-share-fails"],
        }
    }

    /// The stage of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }

    /// Its number in the connection, from 1.
    pub const fn number(self) -> usize {
        self as usize + 1
    }
}

/// A rule: what it is called, how grave, where in the connection, its page, and how it decides.
pub struct Rule {
    /// Permanent id; names the fault.
    pub id: &'static str,
    /// Level without a policy; a finding may state a lower or higher one where the catalogue says so.
    pub level: Level,
    /// The first stage that a violation breaks; `None`: none. A finding may state another one.
    pub stage: Option<Stage>,
    /// The stages that its findings state instead where they fit better.
    pub other_stages: &'static [Stage],
    /// What the user sees; empty: the stage's own.
    pub symptoms: &'static [&'static str],
    /// What a policy may set of it beside its level.
    pub params: &'static [Param],
    /// The page beside the rule.
    pub docs: &'static str,
    /// Decides within one site.
    pub check: fn(&Context<'_>, &mut Out<'_>),
    /// Decides across the sites of a run.
    pub across: Option<fn(&Across<'_>, &mut Out<'_>)>,
    /// Runs although client VPN is switched off.
    pub even_when_off: bool,
}

impl Rule {
    /// The usual rest of a rule: a catalogue rule within one site.
    pub const USUAL: Self = Self {
        id: "",
        level: Level::Error,
        stage: None,
        other_stages: &[],
        symptoms: &[],
        params: &[],
        docs: "",
        check: |_, _| {},
        across: None,
        even_when_off: false,
    };

    /// Every stage that a violation may break.
    pub fn stages(&self) -> impl Iterator<Item = Stage> {
        self.stage.into_iter().chain(self.other_stages.iter().copied())
    }

    /// What the user sees when `stage` (the rule's or the finding's) is where it breaks.
    pub fn symptoms_at(&self, stage: Option<Stage>) -> &'static [&'static str] {
        match (self.symptoms, stage) {
            ([], Some(stage)) => stage.symptoms(),
            (own, _) => own,
        }
    }
}
