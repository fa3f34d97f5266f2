//! What makes a server's certificate useless on a day, and what of it is not known.

use super::{Certificate, Day, Field};
use crate::source::{Span, Spanned};

/// Why a client of the server refuses its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateFault<'a> {
    /// There is none; the place that says so.
    None(Span),
    /// Its last day is over.
    Expired(&'a Spanned<Day>),
    /// Its first day is still to come.
    NotYet(&'a Spanned<Day>),
    /// Not made for servers; the place that says so.
    NotForServers(Span),
}

impl CertificateFault<'_> {
    /// Where it shows.
    pub const fn span(&self) -> Span {
        match self {
            Self::None(span) | Self::NotForServers(span) => *span,
            Self::Expired(day) | Self::NotYet(day) => day.span,
        }
    }
}

impl Certificate {
    /// Every fault on a day, `YYYY-MM-DD`. Its first and last day are days on which it is valid.
    pub fn faults(&self, as_of: &str) -> Vec<CertificateFault<'_>> {
        let no = |field: &Field<bool>| field.known().filter(|yes| !yes.value).map(|no| no.span);
        if let Some(span) = no(&self.installed) {
            return vec![CertificateFault::None(span)];
        }
        let expired = self.not_after.known().filter(|d| d.value.is_before(as_of)).map(CertificateFault::Expired);
        let early = self.not_before.known().filter(|d| d.value.is_after(as_of)).map(CertificateFault::NotYet);
        [expired, early, no(&self.server_auth).map(CertificateFault::NotForServers)].into_iter().flatten().collect()
    }

    /// The first fact that proves the certificate and is not known: why, or the key that is not stated.
    pub fn unknown(&self) -> Option<Result<&'static str, &str>> {
        fn of<'a, T>(field: &'a Field<T>, key: &'static str) -> Option<Result<&'static str, &'a str>> {
            match field {
                Field::Known(_) => None,
                Field::Opaque(o) => Some(Err(&o.reason)),
                Field::Absent => Some(Ok(key)),
            }
        }
        let installed = self.installed.opaque().map(|o| Err(&*o.reason));
        let dates = || of(&self.not_after, "not_after").or_else(|| of(&self.not_before, "not_before"));
        installed.or_else(dates).or_else(|| of(&self.server_auth, "server_auth"))
    }
}
