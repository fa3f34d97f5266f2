//! The rules: each a file and a page of its own, and one word in the list below.

mod across;
mod context;
mod out;
mod page;
mod rule;
mod run;
pub mod upstream_paths;

pub use across::{Across, SiteFacts};
pub use context::Context;
pub use out::{Finding, Label, Out, Proof, ProofStep, Row, Subject, Verdicts};
pub use page::{Example, Page};
pub use rule::{Level, Rule, Stage};
pub use run::{across_sites, one_site};

/// What a rule's file begins with: `use crate::rules::prelude::*;`.
pub mod prelude {
    pub use super::{Across, Context, Finding, Level, Out, Proof, Rule, Stage, Subject};
    pub use crate::model::{Client, ClientVpn, Field, Host, Mx, Resource, Site};
    pub use crate::source::{Span, Spanned};
}

macro_rules! rules {
    ($($family:ident { $($rule:ident)* })*) => {
        $(
            #[doc = concat!("Rules of the family `", stringify!($family), "`.")]
            pub mod $family {
                $(pub mod $rule;)*
            }
        )*

        /// Every rule, in the order of the catalogue.
        pub static RULES: &[&Rule] = &[$($(&$family::$rule::RULE,)*)*];
    };
}

rules! {
    psk { psk_mismatch }
    files { syntax_error unknown_key invalid_value import_failed cross_source_drift }
}

/// The rule with this id.
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|r| r.id == id)
}
