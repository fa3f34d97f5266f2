//! Holes in what is known of a site: which part of the input could not be read, so that what is absent there proves nothing.

use std::fmt;

use super::Site;
use crate::source::Span;

/// A part of a site, as the site file divides it. Imports belong to the table that names them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// Everything: the site file itself is broken.
    #[default]
    Whole,
    /// `[site]`.
    Info,
    /// `[mx]`.
    Mx,
    /// `[client_vpn]`.
    ClientVpn,
    /// `site.upstream[n]`.
    Upstream(usize),
    /// All of `[[upstream]]`; as a gap: a table is missing from it.
    Upstreams,
    /// `site.clients[n]`.
    Client(usize),
    /// All of `[[clients]]`; as a gap: a table is missing from it.
    Clients,
    /// `site.resources[n]`.
    Resource(usize),
    /// All of `[[resources]]`; as a gap: a table is missing from it.
    Resources,
}

/// Something of the input that could not be read.
#[derive(Clone, Debug)]
pub struct Gap {
    /// What may be missing.
    pub part: Part,
    /// Where.
    pub span: Span,
    /// As in "undecided: …".
    pub reason: String,
}

/// The tables of the site file that it means.
impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => f.write_str("site file"),
            Self::Info => f.write_str("site"),
            Self::Mx => f.write_str("mx"),
            Self::ClientVpn => f.write_str("client_vpn"),
            Self::Upstream(n) => write!(f, "upstream {}", n + 1),
            Self::Upstreams => f.write_str("upstream"),
            Self::Client(n) => write!(f, "client {}", n + 1),
            Self::Clients => f.write_str("clients"),
            Self::Resource(n) => write!(f, "resource {}", n + 1),
            Self::Resources => f.write_str("resources"),
        }
    }
}

impl Part {
    /// Whether a gap here weakens what rests on `other`: the same part, the whole, or one table of all.
    pub fn touches(self, other: Self) -> bool {
        match (self, other) {
            (Self::Whole, _) | (_, Self::Whole) => true,
            (Self::Upstream(_), Self::Upstreams) | (Self::Client(_), Self::Clients) | (Self::Resource(_), Self::Resources) => true,
            _ => self == other,
        }
    }
}

impl Site {
    /// The first gap that weakens a conclusion which rests on absences in `parts`.
    pub fn gap(&self, parts: &[Part]) -> Option<&Gap> {
        self.gaps.iter().find(|gap| parts.iter().any(|part| gap.part.touches(*part)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_weakens_its_own_part() {
        let gap = |part| Gap { part, span: Span::default(), reason: String::new() };
        let touched = |part, on: &[Part]| Site { gaps: vec![gap(part)], ..Site::default() }.gap(on).is_some();
        for part in [Part::Info, Part::Mx, Part::ClientVpn, Part::Upstream(1), Part::Client(1), Part::Resource(1), Part::Upstreams] {
            assert!(touched(part, &[part]) && touched(Part::Whole, &[part]) && touched(part, &[Part::Whole]), "{part:?}");
            let others = [Part::Info, Part::Mx, Part::ClientVpn, Part::Upstream(0), Part::Client(0), Part::Resource(0)];
            let others: Vec<Part> = others.into_iter().filter(|other| *other != part).collect();
            assert!(!touched(part, &others), "{part:?}");
        }
        assert!(touched(Part::Client(3), &[Part::Mx, Part::Clients]) && touched(Part::Clients, &[Part::Clients]));
        // A table that is missing says nothing against those that are there.
        assert!(!touched(Part::Clients, &[Part::Client(3)]) && !touched(Part::Clients, &[Part::Upstreams]));
        assert!(Site::default().gap(&[Part::Whole]).is_none());
    }
}
