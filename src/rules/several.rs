//! One verdict for a subject that has several things to look at, such as the servers of the client VPN section.

use std::borrow::Cow;

use super::{Context, Finding, Out, Subject};
use crate::model::Field;
use crate::source::Spanned;

/// What is known so far: findings are written at once, the rest when all is seen.
pub struct Several {
    subject: Subject,
    found: bool,
    proved: bool,
    doubt: Option<Cow<'static, str>>,
}

impl Several {
    /// Nothing seen yet.
    pub const fn of(subject: Subject) -> Self {
        Self { subject, found: false, proved: false, doubt: None }
    }

    /// One is at fault.
    pub fn violated(&mut self, out: &mut Out<'_>, finding: Finding) {
        self.found = true;
        out.violated(self.subject, finding);
    }

    /// One is at fault because something is not there, which proves nothing when part of the input is broken.
    pub fn absent(&mut self, cx: &Context<'_>, out: &mut Out<'_>, finding: Finding) {
        match cx.site.gap(&self.subject.rests_on()) {
            Some(gap) => self.undecided(gap.reason.clone()),
            None => self.violated(out, finding),
        }
    }

    /// One is as it should be.
    pub const fn holds(&mut self) {
        self.proved = true;
    }

    /// One cannot be decided, for want of this.
    pub fn undecided(&mut self, reason: impl Into<Cow<'static, str>>) {
        self.doubt.get_or_insert_with(|| reason.into());
    }

    /// A fact that one of them cannot be decided without; `absent` says that it is not stated.
    pub fn known<'f, T>(&mut self, field: &'f Field<T>, absent: impl FnOnce() -> String) -> Option<&'f Spanned<T>> {
        match field {
            Field::Known(fact) => return Some(fact),
            Field::Opaque(o) => self.undecided(o.reason.to_string()),
            Field::Absent => self.undecided(absent()),
        }
        None
    }

    /// Writes what the findings have not said: the first doubt, else a proof, else nothing.
    pub fn finish(self, cx: &Context<'_>, out: &mut Out<'_>) {
        match self.doubt {
            _ if self.found => {}
            Some(reason) => out.undecided(self.subject, reason),
            None if self.proved => cx.holds_whole(out, self.subject),
            None => {}
        }
    }
}
