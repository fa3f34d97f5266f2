//! What the MX takes, from its `crypto` setting and `policies/data/mx-proposals.txt`, and how a profile's proposals stand to it.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::{DAEMON_DEFAULT, Group, Meets, Part, Phase, Proposal};
use crate::model::tables::{Table, Tables};
use crate::model::{ClientVpn, Crypto, Field};

/// The lines of one setting.
struct Setting {
    ike: Vec<Proposal<'static>>,
    ike_firmware: Vec<Proposal<'static>>,
    esp: Vec<Proposal<'static>>,
}

/// The settings as they ship, read once.
static DEFAULT: LazyLock<Setting> = LazyLock::new(|| Setting::read("default"));
static PCI: LazyLock<Setting> = LazyLock::new(|| Setting::read("pci"));

impl Setting {
    fn read(name: &str) -> Self {
        let list = |phase: Phase, key: &str| listed(Tables::shipped(), name, phase, key);
        Self { ike: list(Phase::One, "ike"), ike_firmware: list(Phase::One, "ike-firmware"), esp: list(Phase::Two, "esp") }
    }

    fn accepted<'t>(&'static self, phase: Phase) -> Accepted<'t> {
        match phase {
            Phase::One => Accepted { takes: Cow::Borrowed(&self.ike), by_firmware: Cow::Borrowed(&self.ike_firmware) },
            Phase::Two => Accepted { takes: Cow::Borrowed(&self.esp), by_firmware: Cow::Borrowed(&[]) },
        }
    }
}

/// The proposals of one list of a setting.
fn listed<'t>(tables: &'t Tables, setting: &str, phase: Phase, key: &str) -> Vec<Proposal<'t>> {
    let lines = tables.mx_proposals().filter(|line| line.setting == setting && line.key == key);
    lines.flat_map(|line| Proposal::parse_all(line.text, phase)).collect()
}

/// What the MX takes under a setting of the Dashboard.
fn accepted(tables: &Tables, pci: bool, phase: Phase) -> Accepted<'_> {
    if !tables.is_changed(Table::MxProposals) {
        return if pci { PCI.accepted(phase) } else { DEFAULT.accepted(phase) };
    }
    let list = |key| listed(tables, if pci { "pci" } else { "default" }, phase, key).into();
    match phase {
        Phase::One => Accepted { takes: list("ike"), by_firmware: list("ike-firmware") },
        Phase::Two => Accepted { takes: list("esp"), by_firmware: Cow::Borrowed(&[]) },
    }
}

/// What the MX takes in one phase.
pub struct Accepted<'t> {
    takes: Cow<'t, [Proposal<'t>]>,
    by_firmware: Cow<'t, [Proposal<'t>]>,
}

/// How a profile's proposals stand to what the MX takes.
pub enum Outcome<'o, 't> {
    /// They share one.
    Meets,
    /// They may share one; why that is not known.
    Unsure(String),
    /// They share none.
    Differ(Miss<'o, 't>),
}

/// The nearest of a profile's proposals, none of which the MX takes.
pub struct Miss<'o, 't> {
    /// Its number among those offered.
    pub nearest: usize,
    /// The MX's that it comes nearest to.
    pub taken: &'o Proposal<'t>,
    /// What does not meet.
    pub parts: Vec<Part>,
}

impl ClientVpn {
    /// What the MX takes in a phase; else what is missing for saying so.
    pub fn accepts<'t>(&'t self, phase: Phase, tables: &'t Tables) -> Result<Accepted<'t>, Cow<'static, str>> {
        match &self.crypto {
            Field::Opaque(o) => Err(o.reason.to_string().into()),
            Field::Absent => Ok(accepted(tables, false, phase)),
            Field::Known(crypto) => match &crypto.value {
                Crypto::Default => Ok(accepted(tables, false, phase)),
                Crypto::Pci => Ok(accepted(tables, true, phase)),
                Crypto::Explicit { ike, esp } => {
                    let (key, list) = if phase == Phase::One { ("ike", ike) } else { ("esp", esp) };
                    let takes: Vec<_> = list.items().iter().flat_map(|text| Proposal::parse_all(&text.value, phase)).collect();
                    match list {
                        Field::Opaque(o) => Err(o.reason.to_string().into()),
                        Field::Absent => Err(format!("`client_vpn.crypto` states no `{key}`").into()),
                        Field::Known(_) if takes.is_empty() => Err(format!("`{key}` of `client_vpn.crypto` lists no proposal").into()),
                        Field::Known(_) => Ok(Accepted { takes: takes.into(), by_firmware: Cow::Borrowed(&[]) }),
                    }
                }
            },
        }
    }
}

impl<'t> Accepted<'t> {
    /// The proposals, in the setting's order; there is one at least.
    pub fn takes(&self) -> &[Proposal<'t>] {
        &self.takes
    }

    /// Whether every proposal is without a group of its own in phase 2.
    pub fn without_pfs(&self) -> bool {
        self.takes.iter().all(|p| p.groups == [Group::None])
    }

    /// Whether the MX takes what it takes by default in phase 1.
    pub fn takes_default(&self, tables: &Tables) -> Meets {
        self.best(&accepted(tables, false, Phase::One).takes)
    }

    fn best(&self, offered: &[Proposal<'_>]) -> Meets {
        offered.iter().flat_map(|o| self.takes.iter().map(|t| o.meets(t))).max().unwrap_or(Meets::No)
    }

    /// How the proposals of a profile (at least one) stand to these.
    pub fn against<'o>(&'o self, offered: &[Proposal<'_>]) -> Outcome<'o, 't> {
        match self.best(offered) {
            Meets::Yes => return Outcome::Meets,
            Meets::Unsure => return Outcome::Unsure(self.doubt(offered)),
            Meets::No => {}
        }
        if offered.iter().any(|o| self.by_firmware.iter().any(|f| o.meets(f) != Meets::No)) {
            let usual = self.takes.iter().map(|p| p.text).collect::<Vec<_>>().join(", ");
            return Outcome::Unsure(format!("it depends on the firmware what the MX takes beside {usual}: state `client_vpn.crypto`"));
        }
        let pairs = offered.iter().enumerate().flat_map(|(n, o)| self.takes.iter().map(move |taken| (n, o, taken)));
        let misses = pairs.map(|(nearest, o, taken)| {
            let parts = o.compare(taken).into_iter().filter(|(_, meets)| *meets == Meets::No).map(|(part, _)| part).collect();
            Miss { nearest, taken, parts }
        });
        // Neither side is empty, or the best would not have been "no".
        misses.min_by_key(|miss| miss.parts.len()).map_or(Outcome::Meets, Outcome::Differ)
    }

    fn doubt(&self, offered: &[Proposal<'_>]) -> String {
        let unknown = |all: &[Proposal<'_>]| all.iter().find_map(|p| p.unknown.map(str::to_owned));
        if let Some(word) = unknown(offered) {
            if word == DAEMON_DEFAULT {
                return "strongSwan offers its default proposals too where no `!` ends the list, and which they are depends on its version"
                    .to_owned();
            }
            return format!("the word `{word}` of the client's proposals is not known");
        }
        if let Some(word) = unknown(&self.takes) {
            return format!("the word `{word}` of `client_vpn.crypto` is not known");
        }
        let unsure = offered.iter().find(|o| self.takes.iter().any(|t| o.meets(t) == Meets::Unsure));
        format!("what `{}` offers depends on the client's system", unsure.map_or("", |o| o.text))
    }
}

/// Whether a profile offers nothing but the groups 19 and 20, which the MX logs as invalid.
pub fn only_elliptic(offered: &[Proposal<'_>]) -> bool {
    let elliptic = |g: &Group| matches!(g, Group::Number(19 | 20));
    offered.iter().all(|o| !o.groups.is_empty() && o.groups.iter().all(elliptic))
}
