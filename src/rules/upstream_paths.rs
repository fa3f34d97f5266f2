//! Where the packets of clients end up: derived once a site, for all rules of the upstream family.

/// Verdicts of the walks.
pub struct Paths;
