//! Readers of the MX's configuration.

use super::Ledger;
use crate::model::{Field, List, Mx, User};
use crate::source::{FileId, Problem, Session, Span, Spanned};

/// Reads everything that `[mx] import` names.
pub fn load(
    _session: &mut Session,
    _file: FileId,
    _imports: &[Spanned<String>],
    _network: Option<&Spanned<String>>,
    _format: Option<&Spanned<String>>,
    _ledger: &mut Ledger,
) -> Mx {
    Mx::default()
}

/// Completes `inline` by what was imported; where both speak and differ, the site file's word counts and the drift is noted.
pub fn join(_inline: &mut Mx, _imported: Mx, _problems: &mut Vec<Problem>) {}

/// Reads `users = { import = … }`.
pub fn users(_session: &mut Session, _file: FileId, _imports: &[Spanned<String>], place: Span, _ledger: &mut Ledger) -> List<User> {
    Field::opaque_at(place, "not read")
}
